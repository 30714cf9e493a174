"""A forecast's first line, and why it rests on what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paylens.advice.forecast.drift import Drift

__all__ = ["beat", "first_line", "why"]


def beat(answer: Mapping[str, Any]) -> float | None:
    """The most that what is shown beat drift by, the better of last and mean drift, over the horizons asked; None untested."""
    tested = [r["tested"] for r in answer["years"] if r["tested"] is not None]
    if not tested:
        return None
    return max(0.0, *(1.0 - max(float(t["mase"]), float(t["against_mean"] or 0.0)) for t in tested))


def first_line(answer: Mapping[str, Any], who: str, where: str) -> str:
    """'Pay for ML engineers in Germany: +2 % to +5 % a year until 2030; ...' with what kind of answer it is."""
    a, until = answer["a_year"], answer["years"][-1]["month"][:4]
    money = " above prices" if answer["real"] else ""
    label = who[0].lower() + who[1:] if who[:2] != who[:2].upper() else who
    text = f"Pay for {label} in {where}: {_percent(a['low'])} to {_percent(a['high'])} a year{money} until {until}"
    won = beat(answer)
    if won is None:
        return f"{text}; an assumption, never back-tested."
    share = round(100 * won)
    tail = (
        f"we could not beat simple drift by more than {share} %"
        if share
        else "we could not beat simple drift"
    )
    if answer["years"][-1]["status"] == "scenario":
        first = next(r["month"] for r in answer["years"] if r["status"] == "scenario")
        tail += f", and from {first} on it is a scenario"
    return f"{text}; {tail}."


def _percent(share: float) -> str:
    # Minus as a sign of its own; half a per cent is said.
    value = round(200 * share) / 2
    sign = "−" if value < 0 else "+"
    return f"{sign}{abs(value):g} %"


def why(drift: Drift, family: str) -> str:
    """What stands behind the drift, in a sentence."""
    name = family.replace("-", " ")
    if drift.kind == "own":
        return (
            f"official wages of {name} occupations over {drift.points} published years, carried on by {drift.model}, which did "
            "best in the back-test"
        )
    if drift.kind == "borrowed" and drift.country == "US":
        return f"fewer than 8 comparable years of {name} ({drift.points}): the drift of {drift.wages.lower()} is borrowed"
    if drift.kind == "borrowed":
        return f"no official wages of {name} over time in {drift.country}: the drift of {drift.wages} is borrowed"
    if drift.kind == "prices":
        return f"fewer than 8 comparable years of wages in {drift.country}: {drift.wages} is borrowed"
    return f"no series of wages or prices for {drift.country}: an assumption"
