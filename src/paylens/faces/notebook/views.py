"""What each kind of answer shows: a first line in words, a chart, tables, notes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paylens.advice.negotiate.figures import plainly
from paylens.answers import Answer, Benchmark, Career, Comparison, Estimate, Forecast, Negotiation
from paylens.charts import benchmark as ranges
from paylens.charts import estimate as density
from paylens.charts import fan, gains, heat
from paylens.charts import forecast as outlook
from paylens.charts_offers import comparison as years_stacked
from paylens.charts_offers import negotiation as one_axis

__all__ = ["Table", "View", "view"]

_MOST_ROWS: Final = 60
_NONE: Final = "–"


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names the row."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class View:
    """An answer as a reader sees it. `chart` makes a Vega-Lite spec, or raises PaylensError where there is nothing to draw."""

    first_line: str
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    chart: Callable[[], dict[str, Any]] | None = None

    def text(self) -> str:
        """Where only text can be shown: the first line and the notes."""
        return "\n".join((self.first_line, *self.notes))


@functools.singledispatch
def view(answer: Mapping[str, Any]) -> View:
    """What an answer of any kind shows: where no better view is made for it, its single values."""
    said = {name: value for name, value in answer.items() if isinstance(value, str | int | float)}
    rows = [(name.replace("_", " "), str(value)) for name, value in said.items()]
    return View("An answer of paylens", [Table("", ("field", "value"), rows)], _notes(answer))


@view.register
def _(answer: Estimate) -> View:
    if "percentiles" not in answer:
        problem = answer["error"]
        return View(f"Row {answer['row']} can't be answered: {problem['field']}: {problem['message']}", [])
    p, money = answer["percentiles"], _money(answer["currency"])
    place = _where(answer)
    first = f"Half of people like you in {place} earn {money(p['p25'])} to {money(p['p75'])}; the middle is {money(p['p50'])}."
    levels = Table(
        f"{answer['pay']} a {answer['period']} before tax, {answer['as_of']}", ("", *p), [("pay", *map(money, p.values()))]
    )  # fmt: skip
    factors = [("the market", answer["baseline"]["what"], money(answer["baseline"]["p50"]), "")] + [
        (f["factor"], f["given"], f"× {f['multiplier']:.2f}", f"{f['low']:.2f}–{f['high']:.2f}")
        for f in answer["factors"]
    ]
    evidence = [
        (e["source"], e["cohort"], _count(e["n"]), *(money(e[q]) for q in ("p25", "p50", "p75")), e["vintage"],
         "measured" if e["measured"] else "modelled")
        for e in answer["evidence"]
    ]  # fmt: skip
    tables = [
        levels,
        Table("What makes it", ("factor", "given", "effect", "90 % interval"), factors),
        Table("What each source says", ("source", "of whom", "n", "p25", "p50", "p75", "vintage", ""), evidence),
    ]  # fmt: skip
    sure = f"Confidence: {answer['confidence']['label']} ({'; '.join(answer['confidence']['why'])})."
    return View(
        first,
        tables,
        (sure, *_notes(answer)),
        lambda: density(answer, f"{answer['role']['label']}, {place}"),
    )


@view.register
def _(answer: Benchmark) -> View:
    what = " and ".join(name.replace("_", " ") for name in answer["by"])
    places = answer["place"] if isinstance(answer["place"], list) else [answer["place"]]
    where = ", ".join("the world" if place["kind"] == "world" else place["label"] for place in places)
    first = f"{answer['role']['label']}: pay in {where}" + (f" by {what}" if what else "")
    rows = [
        (" · ".join(str(v["label"]) for v in row["by"].values()) or row["cohort"], row["source"], row["kind"], row["pay"],
         _count(row["n"]), *(_money(row["currency"])(row[q]) for q in ("p10", "p25", "p50", "p75", "p90")), row["vintage"] or "",
         _range(row) or row["reason"] or row["warning"] or "")
        for row in answer["rows"][:_MOST_ROWS]
    ]  # fmt: skip
    head = ("", "source", "kind", "pay", "n", "p10", "p25", "p50", "p75", "p90", "vintage", "")
    more = len(answer["rows"]) - len(rows)
    notes = [f"{more} more rows: to_frame() has them all."] if more > 0 else []
    draw = heat if answer["grid"] else ranges
    return View(
        first, [Table("Each source in its own measure of pay", head, rows)], (*notes, *_notes(answer)), lambda: draw(answer, first)
    )  # fmt: skip


@view.register
def _(answer: Comparison) -> View:
    money = _money(answer["currency"])
    if answer["comparisons"]:
        best = answer["comparisons"][0]
        first = (
            f"{best['a']} is worth more than {best['b']} in {_futures(best['chance'])}, by "
            f"{money(best['difference']['p50'])} over {_years(answer['years'])} in the middle one."
        )
    else:
        only = answer["offers"][0]
        first = f"{only['name']} is worth {money(only['present']['p50'])} over {_years(answer['years'])} in the middle one of 100 futures."
    worth = [
        (o["name"], o["location"] or _NONE, *(money(o["present"][q]) for q in ("cash", "sure", "paper", "p10", "p50", "p90")))
        for o in answer["offers"]
    ]  # fmt: skip
    pairs = [
        (f"{c['a']} ahead of {c['b']}", _futures(c["chance"]), *(money(c["difference"][q]) for q in ("p10", "p50", "p90")))
        for c in answer["comparisons"]
    ]  # fmt: skip
    taxed = "after tax" if answer["basis"] == "net" else "before tax"
    tables = [
        Table(
            f"Worth now over {_years(answer['years'])}: the parts before tax, the whole {taxed}",
            ("offer", "place", "cash", "sure", "paper", "1 in 10 below", "middle", "1 in 10 above"), worth,
        ),
        Table("Which is worth more", ("", "in", "1 in 10 below", "middle", "1 in 10 above"), pairs),
    ]  # fmt: skip
    return View(first, tables, _notes(answer), lambda: years_stacked(answer, "Each year of each offer"))


@view.register
def _(answer: Negotiation) -> View:
    money = _money(answer["currency"])
    first = answer["texts"]["first_line"]
    standing = [
        (row["what"], plainly(row["base"], answer["currency"], True),
         _NONE if row["percentile"] is None else f"{100 * row['percentile']:.0f} of 100 below")
        for row in answer.records()
    ]  # fmt: skip
    packages = [
        (
            p["kind"].replace("_", " "),
            money(p["base"]),
            money(p["sign_on"]),
            money(p["grant"]),
            p["level"] or _NONE,
        )
        for p in answer["packages"]
    ]
    evidence = [
        (e["title"], e["cohort"], _count(e["n"]), money(e["p50"]), "above the offer" if e["supports"] else "")
        for e in answer["evidence"]
    ]
    tables = [
        Table("Base a year", ("", "base", "where it stands"), standing),
        Table("Ways to the same worth", ("", "base", "sign-on", "grant", "level"), packages),
        Table("Evidence, strongest first", ("source", "of whom", "n", "middle", ""), evidence),
    ]
    return View(first, tables, _notes(answer), lambda: one_axis(answer, "What to ask"))


@view.register
def _(answer: Career) -> View:
    money = _money(answer["currency"])
    kept = "kept" if answer["basis"] == "kept" else "gross"
    moves = [
        (m["label"], _percent(m["effect"]["multiplier"]) if m["clear"] else "no clear difference", _between(m["effect"]),
         _NONE if m[kept] is None else money(m[kept]["middle"]), f"{m['effort']['months']:.0f}", m["headline"])
        for m in answer["moves"]
    ]  # fmt: skip
    degrees = [
        (m["label"], money(m["degree"]["tuition"]), money(m["degree"]["forgone"]), _back(m["degree"]["payback"]["middle"]),
         money(m["degree"]["value"]["p50"]), f"{100 * m['degree']['value']['chance']:.0f} of 100 futures")
        for m in answer["moves"] if m["degree"] is not None
    ]  # fmt: skip
    years = [
        (str(y["year"]), y["month"], *(money(y[q]) for q in ("p10", "p50", "p90", "p50_today", "kept_today")))
        for y in answer["path"]["years"]
    ]
    by = "kept a year" if kept == "kept" else "before tax a year"
    tables = [
        Table("Moves, best first", ("", "pay", "90 % interval", by, "months", "figure of"), moves),
        Table("Degrees", ("", "tuition", "pay forgone", "paid back after", "worth now", "worth it in"), degrees),
        Table(
            f"The years ahead: {answer['path']['plan']['label']}",
            ("year", "month", "1 in 10 below", "middle", "1 in 10 above", "in today's wages", "kept of that"), years,
        ),
        *_plans(answer, money),
    ]  # fmt: skip
    draw, said = (fan, "the years ahead") if answer["comparison"] else (gains, "what moves are worth")
    title = f"{answer['role']['label']}, {_where(answer)}: {said}"
    return View(
        answer["headline"], tables, (*answer["reasons"], *_notes(answer)), lambda: draw(answer, title)
    )  # fmt: skip


def _plans(answer: Career, money: Callable[[float | None], str]) -> list[Table]:
    """One plan against another, year by year."""
    pair = answer["comparison"]
    if pair is None:
        return []
    rows = [
        (str(y["year"]), money(y["a"]["kept"]), money(y["b"]["kept"]), *(money(y["so_far"][q]) for q in ("p10", "p50", "p90")))
        for y in pair["years"]
    ]  # fmt: skip
    head = ("year", pair["a_label"], pair["b_label"], "lead: 1 in 10 below", "middle", "1 in 10 above")
    title = f"{pair['a_label']} against {pair['b_label']}: ahead in {_futures(pair['chance'])}"
    return [Table(title, head, rows)]


@view.register
def _(answer: Forecast) -> View:
    money = _money(answer["currency"])
    years = [
        (y["month"], y["status"], *(money(y["amount"][q]) for q in ("q10", "p50", "q90")), f"{y['index']['p50']:.1f}",
         _NONE if y["tested"] is None else str(y["tested"]["independent"]))
        for y in answer["shifted"] or answer["years"]
    ]  # fmt: skip
    scenarios = [
        (s["scenario"], f"{s['shift']:g}", _percent(1 + s["effect"]["p50"]), f"{_percent(1 + s['effect']['low'])} to {_percent(1 + s['effect']['high'])}",
         "an example's size" if s["example"] else "as given", s["note"])
        for s in answer["scenarios"]
    ]  # fmt: skip
    tested = [
        (str(t["years"]), str(t["windows"]), str(t["independent"]), f"{t['mase']:.2f}", _NONE if t["cover80"] is None else f"{100 * t['cover80']:.0f} of 100")
        for t in answer["backtest"] if t["model"] == "shown"
    ]  # fmt: skip
    given = ", with the scenarios" if answer["shifted"] else ""
    tables = [
        Table(
            f"{answer['level']['what']}{given}",
            ("month", "", "1 in 10 below", "middle", "1 in 10 above", "now = 100", "stretches tested"), years,
        ),
        Table("Scenarios", ("", "change", "pay by the end", "90 % interval", "", "how it is known"), scenarios),
        Table("Back-test", ("years ahead", "windows", "stretches", "error over drift's", "held by 80 % interval"), tested),
    ]  # fmt: skip
    return View(
        answer["first_line"],
        tables,
        (answer["basis"]["why"], *_notes(answer)),
        lambda: outlook(answer, f"{answer['role']['label']}, {_where(answer)}"),
    )


def _money(currency: str) -> Callable[[float | None], str]:
    return lambda amount: _NONE if amount is None else plainly(amount, currency, False)


def _where(answer: Mapping[str, Any]) -> str:
    return "the world" if answer["place"]["kind"] == "world" else str(answer["place"]["label"])


def _range(row: Mapping[str, Any]) -> str:
    if not row["range"]:
        return ""
    low, high = map(_money(row["currency"]), row["range"])
    return f"{low} to {high}" if high != _NONE else f"{low} and more"


def _count(n: int | None) -> str:
    return _NONE if n is None else f"{n:,}"


def _futures(chance: float) -> str:
    n = round(100 * chance)
    if chance >= 1.0:
        return "every future simulated"
    return "more than 99 of 100 futures" if n >= 100 else f"{n} of 100 futures"


def _percent(multiplier: float) -> str:
    return f"{100 * (multiplier - 1):+.1f} %"


def _between(effect: Mapping[str, float]) -> str:
    return f"{_percent(effect['low'])} to {_percent(effect['high'])}"


def _back(years: float | None) -> str:
    return "not within the years counted" if years is None else f"{years:.1f} years"


def _years(n: int) -> str:
    return f"{n} year{'' if n == 1 else 's'}"


def _notes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(str(note) for note in answer.get("notes", ())), f"Release {answer.get('release', 'unknown')}")


# An answer of a kind that has no view of its own yet.
view.register(Answer, view.dispatch(Mapping))
