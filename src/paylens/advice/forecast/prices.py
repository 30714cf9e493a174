"""Consumer prices between two months for a place: published as far as they go, carried on by a stated rule after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from paylens.contract.errors import InputError
from paylens.places.prices import expected_inflation, inflation, price_rise

__all__ = ["RULE", "assumed", "rise"]

RULE: Final = (
    "after the last published year inflation draws near to midway between 2 % and the median of the country's last ten "
    "years; what parts them shrinks by 0.7 a year"
)
Weights = Sequence[tuple[str, float]]


def rise(countries: Weights, first: str, last: str) -> float:
    """Log rise of prices from one month to another, the weighted mean of the countries'; InputError where none are published."""
    total = sum(w for _, w in countries)
    return sum(w * _known(c, price_rise(c, first, last)) for c, w in countries) / total


def _known(country: str, value: float | None) -> float:
    if value is None:
        raise InputError("real", None, f"no consumer prices are published for {country}: ask without real")
    return value


def assumed(countries: Weights, first: int, last: int) -> dict[str, Any]:
    """What was assumed: rule, source, last published year, and the log change of each year from `first` to `last`."""
    total = sum(w for _, w in countries)
    known = [f for c, _ in countries if (f := inflation(c)) is not None]
    rates = [
        {"year": y, "change": sum(w * _known(c, expected_inflation(c, y)) for c, w in countries) / total}
        for y in range(first, last + 1)
    ]
    return {
        "rule": RULE, "source": known[0].source if known else None, "known_to": min(f.year for f in known) if known else None,
        "years": rates,
    }  # fmt: skip
