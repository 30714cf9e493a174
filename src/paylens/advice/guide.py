"""The nine cells of a published guide to machine-learning engineers' pay, beside ours: a check, never an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paylens.advice.estimate import Reference, answers
from paylens.contract.profile import parse_profile

__all__ = ["GUIDE", "nine_cells"]

# Yearly gross pay in thousands of the place's currency, as a guide prints it without a source, a count or a year.
GUIDE: Mapping[tuple[str, str], tuple[int, int]] = {
    ("United States", "entry"): (80, 120), ("United States", "mid"): (120, 180), ("United States", "senior"): (180, 250),
    ("Europe", "entry"): (40, 60), ("Europe", "mid"): (60, 90), ("Europe", "senior"): (90, 150),
    ("Singapore", "entry"): (48, 72), ("Singapore", "mid"): (72, 108), ("Singapore", "senior"): (108, 180),
}  # fmt: skip
CURRENCY = {"United States": "USD", "Europe": "EUR", "Singapore": "SGD"}
# The middle of each band of years that the guide names: 0-2, 3-5, 5 and more.
YEARS = {"entry": 1, "mid": 4, "senior": 8}
_ROLE = "machine learning engineer"


def nine_cells(ref: Reference, month: str) -> list[dict[str, Any]]:
    """Each cell: the guide's range, our percentiles by years and our median by title, in a month's money, and why they differ.

    `position` is where our median lies: 'inside', 'below' or 'above' the guide's range.
    """
    asked = [
        {"role": _ROLE, "location": place, "currency": CURRENCY[place], "as_of": month} | by
        for place, level in GUIDE
        for by in ({"years_experience": YEARS[level]}, {"seniority": level})
    ]
    found = answers(ref, [parse_profile(fields) for fields in asked])
    return [_cell(place, level, found[2 * i], found[2 * i + 1]) for i, (place, level) in enumerate(GUIDE)]


def _cell(place: str, level: str, by_years: dict[str, Any], by_title: dict[str, Any]) -> dict[str, Any]:
    low, high = (1000 * v for v in GUIDE[place, level])
    ours = by_years["percentiles"]
    position = "below" if ours["p50"] < low else "above" if ours["p50"] > high else "inside"
    modelled = by_years["evidence"][-1]
    return {
        "place": place, "level": level, "years": YEARS[level], "currency": CURRENCY[place], "as_of": by_years["as_of"],
        "guide": [low, high], "p25": ours["p25"], "p50": ours["p50"], "p75": ours["p75"],
        "p50_by_title": by_title["percentiles"]["p50"], "n": modelled["n"], "position": position,
        "why": _why(position, by_years),
    }  # fmt: skip


def _why(position: str, answer: dict[str, Any]) -> str:
    """What stands behind our figure where the guide names nothing: reports, the closest cohort, confidence."""
    reports = ", ".join(answer["confidence"]["why"][:2])
    closest = next((e for e in answer["evidence"] if _comparable(e)), None)
    said = {"inside": "agrees", "below": "the guide asks for more", "above": "the guide asks for less"}[
        position
    ]
    if closest is None:
        return f"{said}; ours rests on {reports}, and no cohort of this place may be shown"
    half = f"{closest['p25'] / 1000:,.0f}-{closest['p75'] / 1000:,.0f} k"
    return f"{said}; ours rests on {reports}; {closest['source']} {closest['vintage']}, {closest['cohort']}: half report {half}"


def _comparable(row: dict[str, Any]) -> bool:
    """A published cohort of a place, of pay that holds no equity."""
    return bool(
        row["measured"] and row["p25"] is not None and " · " in row["cohort"] and row.get("pay") != "total"
    )
