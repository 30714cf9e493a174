"""Offers drawn in letters: years as stacked bars, and what would change the answer as a tornado."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paylens.faces.cli.output import WIDTH, cut, money, wide, wrap

__all__ = ["stacked_years", "tornado"]

_COLUMNS = 46
_LABEL = 29
_FEWEST = 8
_CHANGES = 8
Answer = Mapping[str, Any]


def stacked_years(a: Answer) -> list[str]:
    """One bar a year and offer on one scale: cash, sure, paper in its middle future; the middle of the year at its end."""
    signs = ("█", "▓", "░") if wide() else ("#", "=", ".")
    most = max(_parts_total(y) for o in a["offers"] for y in o["years"]) or 1.0
    out = [f"Each year: {signs[0]} cash  {signs[1]} sure  {signs[2]} paper (its middle)"]
    if a["basis"] == "net":
        out[0] += "; all before tax, amounts after"
    for o in a["offers"]:
        where = f", {o['location']}" if o["location"] else ""
        out.append(f"{cut(o['name'] + where, WIDTH)}")
        for y in o["years"]:
            bar = _bar([y["cash"], y["sure"], y["paper"]["p50"]], most, signs)
            out.append(f"  {y['year']:>2} {bar} {money(y['total']['p50'], a['currency'])}")
    return out


def _parts_total(y: Answer) -> float:
    return float(max(y["cash"], 0.0) + max(y["sure"], 0.0) + max(y["paper"]["p50"], 0.0))


def _bar(parts: list[float], most: float, signs: tuple[str, ...]) -> str:
    """Parts end where their running sum does, so that rounding never adds up."""
    out, so_far = "", 0.0
    for part, sign in zip(parts, signs, strict=True):
        so_far += max(part, 0.0)
        out += sign * (round(_COLUMNS * so_far / most) - len(out))
    return out


def tornado(a: Answer) -> list[str]:
    """The widest changes, each as the middle difference at its low and its high value; a dotted line where both are worth the same."""
    found = a["changes"]
    if not found or not found["rows"]:
        return []
    c = a["currency"]
    rows = found["rows"][:_CHANGES]
    middle = a["comparisons"][0]["difference"]["p50"]
    ends = [cell["difference"] for row in rows for cell in (row["low"], row["high"]) if cell] + [middle]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    amounts = max(len(money(end, c)) for end in ends)
    columns = max(_FEWEST, WIDTH - _LABEL - 2 * (amounts + 1))
    line, mark, zero = ("━", "┃", "┆") if wide() else ("=", "|", ":")

    def at(value: float) -> int:
        return round(float((columns - 1) * (value - low) / span))

    out = wrap(f"What would change it: {found['a']} less {found['b']}, now {money(middle, c)}", hang="")
    for row in rows:
        cells = sorted((x for x in (row["low"], row["high"]) if x), key=lambda x: float(x["difference"]))
        values = sorted([cell["difference"] for cell in cells] + ([middle] if len(cells) == 1 else []))
        drawn = [" "] * columns
        for k in range(at(values[0]), at(values[-1]) + 1):
            drawn[k] = line
        if low < 0 < high:
            drawn[at(0.0)] = zero
        drawn[at(middle)] = mark
        shown = [money(cell["difference"], c) for cell in cells]
        left, right = (shown[0], shown[-1]) if len(shown) > 1 else _aside(shown[0], values[0] < middle)
        out.append(f"{cut(row['what'], _LABEL - 1):<{_LABEL}}{left:>{amounts}} {''.join(drawn)} {right}")
        out.append(f"  {cut(_given(row, cells, found), WIDTH - 2)}")
    return out


def _aside(text: str, left: bool) -> tuple[str, str]:
    return (text, "") if left else ("", text)


def _given(row: Answer, cells: list[Any], found: Answer) -> str:
    """Of what, from which value to which, and whether the other offer would lead."""
    given = " to ".join(cell["given"] for cell in cells)
    said = given if row["of"] is None else f"{row['of']}: {given}"
    return f"{said} ({found['b']} would lead)" if row["turns"] else said
