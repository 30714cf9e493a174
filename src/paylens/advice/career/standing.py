"""What pay comes to where someone stands: after tax, and at home's prices, in the answer's currency.

    kept = net(gross) x what a unit buys there / what it buys at home

Price levels are a country's (World Bank), and a US metro's besides (BEA): no city elsewhere has a published one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice.offer.cases import purchasing_power
from paylens.advice.take_home import Taxes, take_home, taxes_for
from paylens.places import money
from paylens.places.geography import Place

__all__ = ["Standing", "standing"]

Floats = npt.NDArray[np.float64]
# Of many pays the law is asked at these multiples of one, and a straight line taken between: the laws are such lines, and
# a step of half a per cent over a bend is off by less than a ten-thousandth.
_MULTIPLES: Final = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 2800)])
_MANY: Final = 4096


@dataclass(frozen=True, slots=True)
class Standing:
    """A place's taxes and prices. `to_law` turns the answer's currency into the law's; `prices` is what a unit of money
    buys here over what it buys at home (None where one of the two has no published level)."""

    place: Place
    currency: str
    taxes: Taxes | None
    to_law: float
    prices: float | None
    reason: str | None
    line: tuple[Floats, Floats] | None = None

    @property
    def known(self) -> bool:
        """Whether take-home pay at home's prices can be told."""
        return self.taxes is not None and self.prices is not None

    def net(self, gross: Floats | float) -> Floats:
        """Take-home pay of `gross`, both in the answer's currency; the law must be known."""
        assert self.taxes is not None
        cash = np.maximum(np.asarray(gross, dtype=float), 0.0)
        if self.line is not None and cash.size > _MANY:
            return np.asarray(np.interp(cash, *self.line))
        return np.asarray(self.taxes.net_of(cash * self.to_law) / self.to_law)

    def kept(self, gross: Floats | float) -> Floats:
        """Take-home pay at home's prices; where the law is not known, `gross` at home's prices."""
        after = self.net(gross) if self.taxes is not None else np.asarray(gross, dtype=float)
        return np.asarray(after * (1.0 if self.prices is None else self.prices))

    def as_dict(self) -> dict[str, Any]:
        """What the answer says of it."""
        return {
            "place": self.place.label,
            "tax_year": None if self.taxes is None else self.taxes.law.tax_year,
            "reason": self.reason,
            "prices": self.prices,
        }


def standing(
    place: Place, currency: str, as_of: str, *, pay: float, filing: str, home: Place, before_tax: bool = False
) -> Standing:
    """The taxes and prices of a place, its prices over those of `home`; all amounts in `currency`, `pay` one of them."""
    prices: float | None = 1.0
    if place.id != home.id:
        here, there = purchasing_power(place, currency, as_of), purchasing_power(home, currency, as_of)
        prices = here["per_unit"] / there["per_unit"] if here and there else None
    if before_tax:
        return Standing(place, currency, None, 1.0, prices, "tax is left out, as asked")
    taxes = taxes_for(place, as_of=as_of, filing=filing)
    if taxes is None:
        reason = take_home(1.0, place, as_of=as_of, filing=filing).reason
        return Standing(place, currency, None, 1.0, prices, reason)
    law = taxes.law.currency
    to_law = 1.0 if law == currency else money.convert(1.0, currency, law, as_of)
    found = Standing(place, currency, taxes, to_law, prices, None)
    grid = _MULTIPLES * pay
    return replace(found, line=(grid, found.net(grid)))
