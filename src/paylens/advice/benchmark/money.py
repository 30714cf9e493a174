"""A benchmark's money: one currency at the month's rate, and on request one year's prices or one place's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from paylens.contract.errors import InputError, shown
from paylens.contract.vocabulary import normalise
from paylens.places import geography, money, prices

__all__ = ["ADJUSTMENTS", "Money", "checked_adjustment"]

ADJUSTMENTS = ("none", "inflation", "ppp", "rpp")
INTERNATIONAL = "international dollars"


def checked_adjustment(adjust: str) -> str:
    """One of none, inflation, ppp, rpp; InputError for another."""
    word = normalise(adjust)
    if word not in ADJUSTMENTS:
        raise InputError(
            "adjust", adjust, f"must be none, inflation, ppp or rpp, not '{shown(adjust)}'", ADJUSTMENTS
        )
    return word


@dataclass(frozen=True)
class Money:
    """`currency` at the rates of `as_of`; `adjust` is one of `ADJUSTMENTS`."""

    currency: str
    as_of: str
    adjust: str

    @property
    def unit(self) -> str:
        """What an amount is in: a currency's code, or international dollars."""
        return INTERNATIONAL if self.adjust == "ppp" else self.currency

    def factor(
        self, own: str, country: str | None, area: str | None, years: tuple[int, int] | None
    ) -> tuple[float | None, str | None]:
        """What an amount in currency `own`, of a country, perhaps one of its metros or states, and of `years` (first, last), is multiplied by.

        None where it can't be adjusted as asked, with the reason. `years` None: money of `as_of`, whatever its rate.
        """
        rate = money.rate(self.currency, self.as_of).per_usd / money.rate(own, self.as_of).per_usd
        if self.adjust == "inflation" and years is not None:
            return self._inflated(rate, country, years)
        last = int(self.as_of[:4]) if years is None else years[1]
        if self.adjust == "ppp":
            return self._ppp(own, country, last)
        if self.adjust == "rpp":
            return self._rpp(rate, country, area, last)
        return rate, None

    def _inflated(self, rate: float, country: str | None, years: tuple[int, int]) -> tuple[float, str | None]:
        index = prices.price_index(country) if country else {}
        known = [y for y in index if y <= int(self.as_of[:4])]
        if not known or years[0] not in index:
            return rate, "not adjusted: no consumer prices of one country"
        end, middle = max(known), min((years[0] + years[1]) / 2, max(known))
        low = index[math.floor(middle)]
        level = low * (index[math.ceil(middle)] / low) ** (middle - math.floor(middle))
        return rate * index[
            end
        ] / level, f"consumer prices of {middle:g} brought to {end}: × {index[end] / level:.3f}"

    def _ppp(self, own: str, country: str | None, year: int) -> tuple[float | None, str | None]:
        figure = prices.ppp(country, year) if country else None
        if figure is None:
            return None, "no purchasing power of one country is published for it"
        local = geography.of_id("country", str(country)).currency
        if local is None or local not in money.currencies():
            return None, "no exchange rate of its country's money is published"
        rate = money.rate(local, self.as_of).per_usd / money.rate(own, self.as_of).per_usd
        return rate / figure.value, f"{figure.value:.4g} {local} an international dollar ({figure.year})"

    def _rpp(
        self, rate: float, country: str | None, area: str | None, year: int
    ) -> tuple[float | None, str | None]:
        if country != "US":
            return None, "regional price parities are of the United States alone"
        if area is None:
            return rate, None
        figure = prices.rpp(area, year)
        if figure is None:
            return None, "no regional price parity is published for it"
        return rate * 100 / figure.value, f"prices {figure.value:.1f}, US = 100 ({figure.year})"
