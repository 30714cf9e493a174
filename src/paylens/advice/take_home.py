"""What is left of a pay after tax: the deductions line by line, for one pay or for arrays of simulated ones.

    net = cash + equity - sum of the deductions        equity at vest is taxed as income

Not tax advice: one earner's ordinary year, with what the law gives everyone and nothing that must be claimed.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict, cast

import numpy as np

from paylens.contract.errors import InputError, shown
from paylens.places.geography import Place, resolve
from paylens.places.money import checked_month
from paylens.places.taxes.law import Amounts, Filing, Law, Line, Pay
from paylens.places.taxes.region import region_of
from paylens.places.taxes.registry import Unavailable, deductions, law_at, law_notes

__all__ = ["DISCLAIMER", "Deduction", "TakeHome", "Taxes", "take_home", "taxes_for"]

DISCLAIMER: Final = "This is an estimate, not tax advice."
FILINGS: Final = ("single", "married")
# The marginal rate is what is taken of the next hundredth of pay: of one unit the law's own steps would make noise.
_NEXT: Final = 0.01
_MOST: Final = 1e12


class Deduction(TypedDict):
    """One line: what is taken, how much a year, what it is ('tax', 'social', 'savings'), and where that comes from."""

    name: str
    amount: float
    kind: str
    reference: str


@dataclass(frozen=True)
class TakeHome:
    """A year's pay after tax, amounts in `currency`; without law for the place, `available` is False and `reason` says why.

    `gross` is cash, `equity` what vests, `net` what is left of both; `effective_rate` the share of both that is taken,
    `marginal_rate` that of the next hundredth of cash (where there is no cash, of equity). Lines of kind 'savings' are
    taken from pay but stay the employee's own.
    """

    available: bool
    place: str
    as_of: str
    filing: str
    gross: float
    equity: float
    currency: str | None = None
    tax_year: str | None = None
    net: float | None = None
    deductions: list[Deduction] = field(default_factory=list)
    effective_rate: float | None = None
    marginal_rate: float | None = None
    notes: list[str] = field(default_factory=list)
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, every field by its name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Taxes:
    """The taxes of a place, month and person, to apply to many pays; made by `taxes_for`."""

    law: Law
    filing: Filing = "single"
    citizen: bool = True

    def net_of(self, cash: Amounts, equity: Amounts | float = 0.0) -> Amounts:
        """What is left of each pay a year: `cash` and `equity` broadcast, in the law's currency, both at least 0."""
        pay = self._pay(cash, equity)
        taken = sum((line.amount for line in deductions(self.law, pay)), np.zeros_like(pay.cash))
        result: Amounts = pay.total - taken
        return result

    def lines(self, cash: Amounts, equity: Amounts | float = 0.0) -> list[Line]:
        """The deductions from each pay, line by line."""
        return deductions(self.law, self._pay(cash, equity))

    def notes(self) -> list[str]:
        """What a reader should know of these taxes."""
        return law_notes(self.law, self._pay(np.zeros(1), 0.0))

    def _pay(self, cash: Amounts, equity: Amounts | float) -> Pay:
        both = np.broadcast_arrays(np.asarray(cash, dtype=float), np.asarray(equity, dtype=float))
        return Pay(both[0], both[1], self.filing == "married", self.citizen)


def taxes_for(
    place: str | Place, *, as_of: str, filing: str = "single", citizen: bool = True
) -> Taxes | None:
    """The taxes of a place in a month ('YYYY-MM'); None where they are not known here (`take_home` says why).

    `filing` is single or married (a spouse without income); `citizen` includes permanent residents (Singapore's CPF).
    InputError for an unknown place, month or filing.
    """
    try:
        return _taxes(_resolved(place), as_of, filing, citizen)
    except Unavailable:
        return None


def take_home(
    gross: float,
    place: str | Place,
    *,
    as_of: str,
    filing: str = "single",
    equity: float = 0.0,
    citizen: bool = True,
) -> TakeHome:
    """A year's `gross` cash and `equity` at vest after tax, in the place's currency.

    InputError for an amount that is negative or no number, an unknown place, month or filing.
    """
    cash, vested = _amount("gross", gross), _amount("equity", equity)
    where = _resolved(place)
    try:
        taxes = _taxes(where, as_of, filing, citizen)
    except Unavailable as error:
        return TakeHome(
            available=False,
            place=where.label,
            as_of=as_of,
            filing=filing,
            gross=cash,
            equity=vested,
            currency=where.currency,
            notes=[*where.notes, DISCLAIMER],
            reason=error.reason[0].upper() + error.reason[1:] + ".",
        )
    lines = taxes.lines(np.array([cash]), vested)
    net = cash + vested - sum(float(line.amount[0]) for line in lines)
    return TakeHome(
        available=True,
        place=where.label,
        as_of=as_of,
        filing=filing,
        gross=cash,
        equity=vested,
        currency=taxes.law.currency,
        tax_year=taxes.law.tax_year,
        net=net,
        deductions=[
            {"name": k.name, "amount": float(k.amount[0]), "kind": k.kind, "reference": k.reference}
            for k in lines
        ],
        effective_rate=1.0 - net / (cash + vested) if cash + vested else 0.0,
        marginal_rate=_marginal(taxes, cash, vested, net),
        notes=[*where.notes, *taxes.notes(), DISCLAIMER],
    )


def _marginal(taxes: Taxes, cash: float, equity: float, net: float) -> float:
    """The share taken of the next hundredth of cash, or of equity where there is no cash."""
    if cash:
        more, then = _NEXT * cash, taxes.net_of(np.array([cash * (1 + _NEXT)]), equity)
    elif equity:
        more, then = _NEXT * equity, taxes.net_of(np.array([cash]), equity * (1 + _NEXT))
    else:
        return 0.0
    return 1.0 - (float(then[0]) - net) / more


def _taxes(place: Place, as_of: str, filing: str, citizen: bool) -> Taxes:
    if filing not in FILINGS:
        near = difflib.get_close_matches(str(filing), FILINGS, n=2, cutoff=0.0)
        raise InputError("filing", filing, f"{shown(filing)} is not known: single or married", near)
    law = law_at(region_of(place), checked_month(as_of))
    return Taxes(law, cast("Filing", filing), citizen)


def _resolved(place: str | Place) -> Place:
    return place if isinstance(place, Place) else resolve(place)


def _amount(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(name, value, f"{shown(value)} is not an amount")
    if not 0 <= value <= _MOST:
        raise InputError(name, value, f"{shown(value)} is not an amount a year from 0 to {_MOST:.0e}")
    return float(value)
