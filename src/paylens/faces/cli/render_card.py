"""The score card for people: every score, its n, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paylens.faces.cli.output import WIDTH, cut, print_lines, wrap

__all__ = ["lines", "render"]

_PARTS = {"all": "all roles", "ml": "ML roles"}
_CELL = 9
# What the losses are held against: each ratio where so many rows were held, and their means.
_SCORED, _BOOSTER, _BOOSTER_MEAN, _COHORT_MEAN = 500, 1.0, 0.98, 0.85
# Cohorts of fewer reports must gain by pooling; the pooled 80 % range of every size holds this share of people.
_POOLED_BELOW, _INSIDE = 100, (0.78, 0.82)
# The share of placebos that 90 % intervals must let through.
_PLACEBOS = (0.85, 0.95)
Card = Mapping[str, Any]


def render(card: Card) -> None:
    """Print the card."""
    print_lines(lines(card))


def lines(card: Card) -> list[str]:
    """The card (`Engine.score`) at most 78 columns wide; a score that does not hold is RED."""
    out = [*_headline(card)]
    for part in (_reported, _answer, _forward, _left_out, _truths, _guide, _perturbed, _pooled, _privacy):
        out += ["", *part(card)]
    if "premiums" in card:
        out += ["", *_premiums(card["premiums"])]
    return out


def _mark(ok: bool | None) -> str:
    return "" if ok is None else "ok" if ok else "RED"


def _row(name: str, *cells: str, ok: bool | None = None) -> str:
    """A name, figures under their headings, and the mark in the last column."""
    figures = "".join(f"{cell:>{_CELL}}" for cell in cells)
    left = WIDTH - 6 - len(figures)
    return f"{cut(f'  {name}', left):<{left}}{figures}{_mark(ok):>6}".rstrip()


def _title(title: str, *headings: str) -> list[str]:
    """A part's title with the headings of its figures, on a line of their own where they do not fit."""
    if len(title) > WIDTH - 6 - _CELL * len(headings):
        return [title, _row("", *headings)]
    return [title + _row("", *headings)[len(title) :]]


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _held_row(name: str, s: Mapping[str, Any], *more: str, ok: bool | None = None) -> str:
    """n, bias and coverage, as most parts of the card say them."""
    figures = (f"{s['n']:,}", _number(s.get("median_log_bias", s.get("median_bias")), "+.3f"))
    return _row(name, *figures, f"{s['coverage']:.3f}", *more, ok=ok)


def _headline(c: Card) -> list[str]:
    held = c["held"]["patterns"]["role and place"]
    return wrap(
        f"Our 80 % range held {100 * held['coverage']:.1f} % of {held['n']:,} people we had not seen, "
        f"knowing their role and place alone ({100 * c['held_share']:.0f} % of people held out, "
        f"{c['n_fitted']:,} reports fitted, seed {c['seed']}).",
        hang="",
    )


def _reported(c: Card) -> Iterator[str]:
    yield from _title("1 As reported, held rows: loss against peers'", "n", "/booster", "/cohort", "coverage")
    for source, s in sorted(c.get("as_reported", {}).items()):
        for part, label in _PARTS.items():
            v = s.get(part)
            if v and v.get("n"):
                ratios = (_number(v.get("ratio"), ".3f"), _number(v.get("ratio_cohort"), ".3f"))
                ok = v["ratio"] <= _BOOSTER if v["n"] >= _SCORED and "ratio" in v else None
                yield _row(
                    f"{source}, {label}", f"{v['n']:,}", *ratios, _number(v.get("coverage"), ".3f"), ok=ok
                )
        if s.get("groups"):
            yield _outside(s)
    yield from _mean(c)


def _mean(c: Card) -> Iterator[str]:
    """The mean ratio over all sources and parts that have enough held rows."""
    parts = [
        v
        for s in c.get("as_reported", {}).values()
        for v in (s.get(p) for p in _PARTS)
        if v and v["n"] >= _SCORED and "ratio" in v
    ]
    if parts:
        booster, cohort = (sum(v[k] for v in parts) / len(parts) for k in ("ratio", "ratio_cohort"))
        ok = booster <= _BOOSTER_MEAN and cohort <= _COHORT_MEAN
        yield _row(
            f"mean of the {len(parts)} with {_SCORED} held", "", f"{booster:.3f}", f"{cohort:.3f}", "", ok=ok
        )


def _outside(s: Mapping[str, Any]) -> str:
    """How many groups the 80 % range does not serve as well as the others."""
    outside = s["groups_outside"]
    return _row(f"groups of 200 and more outside 75-85 %: {outside} of {len(s['groups'])}", ok=outside == 0)


def _answer(c: Card) -> Iterator[str]:
    yield from _title("2 The answer a person gets, held reports", "n", "bias", "coverage", "loss")
    for name, p in c["held"]["patterns"].items():
        yield _held_row(name, p, f"{p['pinball']:.4f}")
    yield _outside(c["held"])
    for g in c["held"]["groups"]:
        if not g["ok"]:
            yield _row(
                f"  {g['pattern']}; {g['kind']} {g['group']}", f"{g['n']:,}", "", f"{g['coverage']:.3f}", ""
            )
    m = c["medians"]
    yield _row(f"role × country within 5 % of the held median: {m['within']} of {m['n_cells']}", ok=m["ok"])


def _forward(c: Card) -> Iterator[str]:
    f = c["forward"]
    yield from _title(f"3 Forward: fitted without {f['fitted_without']}", "n", "bias", "coverage")
    yield _held_row("all", f)
    for g in f["countries"]:
        yield _held_row(g["country"], g, ok=g["ok"])


def _left_out(c: Card) -> Iterator[str]:
    yield from _title("4 A source left out, its offset learnt from the others", "n", "bias", "coverage")
    for s in c["left_out"]:
        if s["ok"] is None:
            yield from wrap(f"{s['source']}: {s['note']}", indent="  ")
        else:
            yield _held_row(s["source"], s, ok=s["ok"])


def _truths(c: Card) -> Iterator[str]:
    yield from _title("5 Known truths", "ours", "from-to")
    for t in c["truths"]:
        value = f"{t['value']:.3f}" if isinstance(t["value"], float) else ""
        bounds = f"{t['low']:g}-{t['high']:g}" if "low" in t else ""
        figures = (value, bounds) if value else ()
        yield _row(t["what"], *figures, ok=t["ok"])


def _guide(c: Card) -> Iterator[str]:
    if "guide" not in c:
        return
    yield from _title("  ML engineers beside the published guide, thousands", "by years", "by title", "guide")
    for g in c["guide"]:
        figures = (
            f"{g['p50'] / 1000:,.0f}",
            f"{g['p50_by_title'] / 1000:,.0f}",
            "-".join(f"{v / 1000:.0f}" for v in g["guide"]),
        )
        yield _row(f"  {g['place']}, {g['level']} ({g['currency']}): {g['position']}", *figures)
        yield from wrap(g["why"], indent="      ")


def _perturbed(c: Card) -> Iterator[str]:
    yield from _title("6 What must not move it: largest change of a median", "")
    for name, p in c["perturbed"].items():
        yield _row(name, f"{100 * p['largest']:.1f} %", ok=p["ok"])


def _privacy(c: Card) -> Iterator[str]:
    """What communities have spent of their privacy budgets."""
    if c.get("privacy"):
        yield from _title("8 Differential privacy: epsilon", "this one", "spent", "budget")
    for p in c.get("privacy", ()):
        spent = [f"{p[name]:g}" for name in ("epsilon", "spent_epsilon", "budget_epsilon")]
        yield _row(p["source"], *spent)


def _pooled(c: Card) -> Iterator[str]:
    if "pooled" not in c:
        return
    title = "7 Cohorts, held reports: mean log likelihood, pooled p10-p90"
    yield from _title(title, "n", "pooled", "raw", "inside")
    for size in c["pooled"]:
        reports = f"{size['from']}-{size['to']}" if size["to"] else f"{size['from']} and more"
        gains = size["pooled"] > size["raw"] or size["from"] >= _POOLED_BELOW
        ok = gains and _INSIDE[0] <= size["inside"] <= _INSIDE[1]
        figures = (f"{size['n']:,}", f"{size['pooled']:.3f}", f"{size['raw']:.3f}", f"{size['inside']:.3f}")
        yield _row(f"of {reports} reports", *figures, ok=ok)


def _premiums(p: Card) -> Iterator[str]:
    yield from _title("8 Premiums: moves told of, and moves that nobody made", "n", "share")
    clear = p["clear"] / max(p["moves"], 1)
    yield _row("with a clear difference", f"{p['moves']:,}", f"{clear:.3f}")
    told = p["sources_disagree"] / max(p["pooled"], 1)
    yield _row("of several sources, which disagree (5 %)", f"{p['pooled']:,}", f"{told:.3f}")
    passed = p["placebo_passed"]
    ok = None if passed is None else _PLACEBOS[0] <= passed <= _PLACEBOS[1]
    yield _row("placebos whose 90 % interval holds 0", f"{p['placebos']:,}", _number(passed, ".3f"), ok=ok)
