"""What a forecast is asked: a profile, how far ahead, in which money, and how far each scenario goes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from paylens.contract.errors import InputError, shown
from paylens.contract.profile import FIELDS, Profile, parse_profile
from paylens.contract.vocabulary import nearest_names

__all__ = ["MOST_YEARS", "SLIDERS", "Asked", "Slider", "parse"]

MOST_YEARS: Final = 5
_LONGEST = 200


@dataclass(frozen=True)
class Slider:
    """A scenario: the least and the most its shift may be, what one means, and the size shown where none is given."""

    low: float
    high: float
    unit: str
    example: float


SLIDERS: Final[Mapping[str, Slider]] = {
    "demand": Slider(-0.9, 2.0, "change of postings by the end: -0.2 is a fifth fewer", -0.2),
    "technology": Slider(-0.2, 0.5, "change of the share of postings that name AI: 0.1 is ten points more", 0.1),
    "globalisation": Slider(0.0, 1.0, "share of the gap to the mean of the countries compared that closes in ten years", 0.5),
}  # fmt: skip
_ALSO = {"globalization": "globalisation", "years": "horizon", "ai": "technology", "postings": "demand"}


@dataclass(frozen=True)
class Asked:
    """A forecast's question, checked; `shifts` by scenario, 0 where none is given."""

    profile: Profile
    horizon: int
    real: bool
    shifts: Mapping[str, float]


def parse(fields: Mapping[str, Any]) -> Asked:
    """The question that a mapping describes; InputError names what is wrong and the nearest known."""
    own = ("horizon", "real", *SLIDERS)
    for name in fields:
        if name not in (*own, *FIELDS):
            short = name[:_LONGEST]
            near = [_ALSO[name]] if name in _ALSO else nearest_names(short, (*own, *FIELDS))
            raise InputError(short, None, f"'{shown(short)}' is not a known field here", near)
    profile = parse_profile({k: v for k, v in fields.items() if k not in own})
    if profile.as_reported_in is not None:
        raise InputError(
            "as_reported_in", profile.as_reported_in, "does not go with a forecast: it is of the market"
        )
    real = fields.get("real")
    if not isinstance(real, bool | None):
        raise InputError("real", real, f"must be true or false, not {shown(real)}")
    shifts = {name: _shift(name, fields.get(name)) for name in SLIDERS}
    return Asked(profile, _horizon(fields.get("horizon")), bool(real), shifts)


def _number(field: str, value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise InputError(field, value, f"must be a number, not {shown(value)}") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(field, None, f"must be a number, not {shown(value)}")
    return float(value)


def _horizon(value: object) -> int:
    if value is None:
        return MOST_YEARS
    years = _number("horizon", value)
    if years != int(years) or not 1 <= years <= MOST_YEARS:
        raise InputError(
            "horizon",
            None,
            f"must be 1 to {MOST_YEARS} whole years, not {years:g}: nothing further was ever back-tested",
        )
    return int(years)


def _shift(name: str, value: object) -> float:
    if value is None:
        return 0.0
    shift, slider = _number(name, value), SLIDERS[name]
    if not slider.low <= shift <= slider.high:
        raise InputError(
            name, None, f"must be from {slider.low:g} to {slider.high:g} ({slider.unit}), not {shift:g}"
        )
    return shift
