"""What would move the path: each scenario's shift times how pay went with it, by the end of the horizon, evenly on the way.

    demand          effect = b log(1 + shift)              b: measured within countries over time
    technology      effect = b shift                       b: measured likewise
    globalisation   effect = shift (mean - own) years / 10 own, mean: log pay of this profile here and in the countries
                                                           compared, in US dollars; an assumption, 0 to twice that

A measured b whose 90 % interval holds 0 has no clear sign: its middle is taken as 0 and its interval stands on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference, distribution
from paylens.advice.forecast.asked import SLIDERS
from paylens.contract.profile import Profile
from paylens.model.predict.reference import MIDDLE
from paylens.places import geography

__all__ = ["Shift", "as_json", "shifts"]

TEN_YEARS: Final = 10.0
_NINETY = 1.6449


@dataclass(frozen=True)
class Shift:
    """One scenario: the shift (given, or an example's size), and its log effect by the end with a 90 % half-width."""

    name: str
    shift: float
    example: bool
    effect: float
    half: float
    elasticity: Mapping[str, Any]
    note: str

    @property
    def error(self) -> float:
        """One standard error of the effect."""
        return self.half / _NINETY


def shifts(
    ref: Reference, profile: Profile, given: Mapping[str, float], drivers: Sequence[Mapping[str, Any]], horizon: int, as_of: str
) -> list[Shift]:  # fmt: skip
    """Each scenario at the size given, or at an example's where none is."""
    slopes = {r["scenario"]: r for r in drivers if r["what"] == "elasticity"}
    out = []
    for name, slider in SLIDERS.items():
        shift = given[name] or slider.example
        if name == "globalisation":
            out.append(_closing(ref, profile, shift, not given[name], slopes.get(name), horizon, as_of))
        else:
            out.append(_measured(name, shift, not given[name], slopes.get(name)))
    return out


def _measured(name: str, shift: float, example: bool, slope: Mapping[str, Any] | None) -> Shift:
    x = math.log1p(shift) if name == "demand" else shift
    if slope is None:
        elasticity = _elasticity(0.0, 0.0, 0.0, "assumption", None)
        return Shift(
            name, shift, example, 0.0, 0.0, elasticity, "no elasticity could be measured: nothing is shifted"
        )
    clear = slope["low"] > 0 or slope["high"] < 0
    value = slope["value"] if clear else 0.0
    half = (slope["high"] - slope["low"]) / 2 if clear else max(abs(slope["low"]), abs(slope["high"]))
    said = "a clear difference" if clear else "no clear difference: the middle stays, the range widens"
    span = f"{slope['groups']} years of {slope['countries']} countries"
    elasticity = _elasticity(slope["value"], slope["low"], slope["high"], "measured", slope)
    return Shift(
        name, shift, example, value * x, half * abs(x), elasticity, f"{slope['variable']}, {span}; {said}"
    )


def _elasticity(
    value: float, low: float, high: float, status: str, slope: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "value": value, "low": low, "high": high, "status": status, "clear": bool(low > 0 or high < 0),
        **{k: None if slope is None else slope[k] for k in ("rows", "groups", "countries", "source")},
    }  # fmt: skip


def _closing(
    ref: Reference, profile: Profile, shift: float, example: bool, slope: Mapping[str, Any] | None, horizon: int, as_of: str
) -> Shift:  # fmt: skip
    """Pay drawing near to the mean of the countries that posted wages exist for."""
    gap = _gap(ref, profile, as_of)
    effect = shift * gap * horizon / TEN_YEARS
    measured = ""
    if slope is not None:
        way = (
            "no clear way"
            if slope["low"] <= 0 <= slope["high"]
            else "apart"
            if slope["value"] > 0
            else "together"
        )
        measured = (
            f"; what was measured: across {slope['countries']} countries posted wages went {way} "
            f"({100 * slope['value']:+.1f} % a year for each unit of log pay, {100 * slope['low']:+.1f} to {100 * slope['high']:+.1f})"
        )
    elasticity = _elasticity(1.0, 0.0, 2.0, "assumption", None)
    note = f"an assumption: pay here is {100 * math.expm1(-gap):+.0f} % against the mean compared{measured}"
    return Shift("globalisation", shift, example, effect, abs(effect), elasticity, note)


def _gap(ref: Reference, profile: Profile, as_of: str) -> float:
    """Log pay in US dollars: the mean of the countries compared less this place's."""
    countries = [r for r in _COMPARED if r in ref.index.at["areas"]]
    places = [ask.place_of(profile), *(geography.resolve(c) for c in countries)]
    asked = [
        replace(profile, location=p.id if i else profile.location, currency="USD", pay="cash")
        for i, p in enumerate(places)
    ]
    when = [ref.today(p, place, as_of) for p, place in zip(asked, places, strict=True)]
    _, pay = distribution(ref, asked, places, when)
    logs = np.log(pay[:, MIDDLE])
    return float(logs[1:].mean() - logs[0])


# Countries with a series of posted wages; where pay would draw near to if it drew near to theirs.
_COMPARED: Final = ("CA", "DE", "ES", "FR", "GB", "IE", "IT", "JP", "NL", "US")


def as_json(shift: Shift) -> dict[str, Any]:
    """The answer's row of a scenario; effects are shares of pay."""
    return {
        "scenario": shift.name, "shift": shift.shift, "example": shift.example, "unit": SLIDERS[shift.name].unit,
        "elasticity": dict(shift.elasticity),
        "effect": {
            "p50": math.expm1(shift.effect), "low": math.expm1(shift.effect - shift.half), "high": math.expm1(shift.effect + shift.half),
        },
        "note": shift.note,
    }  # fmt: skip
