"""Consumer prices between two months, published as far as they go and carried on by a stated rule after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from paylens.contract.errors import InputError
from paylens.places.prices import expected_inflation, inflation

__all__ = ["RULE", "assumed", "rise"]

RULE: Final = (
    "after the last published year inflation draws near to midway between 2 % and the median of the country's last ten "
    "years; what parts them shrinks by 0.7 a year"
)
_JULY = 7
Weights = Sequence[tuple[str, float]]


def _log_level(country: str, month: str, start: int) -> float:
    """Log prices against July of `start`: a year's mean price stands in its July, evenly from July to July."""
    year, part = int(month[:4]), (int(month[5:]) - _JULY) / 12
    if part < 0:
        year, part = year - 1, part + 1
    whole = sum(_rate(country, y) for y in range(start + 1, year + 1)) - sum(_rate(country, y) for y in range(year + 1, start + 1))
    return whole + part * _rate(country, year + 1)


def _rate(country: str, year: int) -> float:
    found = expected_inflation(country, year)
    if found is None:
        # Before the first published year the first one stands.
        found = next((r for y in range(year, year + 60) if (r := expected_inflation(country, y)) is not None), None)
    if found is None:
        raise InputError("real", None, f"no consumer prices are published for {country}: ask without real")
    return found


def rise(countries: Weights, first: str, last: str) -> float:
    """Log rise of prices from one month to another, the weighted mean of the countries'; InputError where none are published."""
    total = sum(w for _, w in countries)
    start = int(first[:4])
    return sum(w * (_log_level(c, last, start) - _log_level(c, first, start)) for c, w in countries) / total


def assumed(countries: Weights, first: int, last: int) -> dict[str, Any]:
    """What was assumed: rule, source, last published year, and the log change of each year."""
    total = sum(w for _, w in countries)
    known = [f for c, _ in countries if (f := inflation(c)) is not None]
    return {
        "rule": RULE, "source": known[0].source if known else None, "known_to": min(f.year for f in known) if known else None,
        "years": [{"year": y, "change": sum(w * _rate(c, y) for c, w in countries) / total} for y in range(first, last + 1)],
    }  # fmt: skip
