"""What each kind of answer shows: a first line in words, a chart, tables, notes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paylens.advice.negotiate.figures import plainly
from paylens.answers import Answer, Benchmark, Comparison, Estimate, Negotiation
from paylens.charts import benchmark as ranges
from paylens.charts import estimate as density
from paylens.charts import heat
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
    place = "the world" if answer["place"]["kind"] == "world" else answer["place"]["label"]
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


def _money(currency: str) -> Callable[[float | None], str]:
    return lambda amount: _NONE if amount is None else plainly(amount, currency, False)


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


def _years(n: int) -> str:
    return f"{n} year{'' if n == 1 else 's'}"


def _notes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    return (*(str(note) for note in answer.get("notes", ())), f"Release {answer.get('release', 'unknown')}")


# An answer of a kind that has no view of its own yet.
view.register(Answer, view.dispatch(Mapping))
