"""Take-home pay of offers compared: each place's own tax law, in the offer's currency, for all of the futures at once.

    net = cash + paper - deductions(cash, paper)       what vests is taxed as income in the year it vests

The law of the month asked for is kept for all years. Not tax advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice.offer.cases import Case
from paylens.advice.take_home import DISCLAIMER, Taxes, take_home, taxes_for
from paylens.contract.offer import Offer
from paylens.places import money

__all__ = ["Taxation", "taxation"]

Floats = npt.NDArray[np.float64]
NO_PLACE = "No place is given, and tax is a place's: name a location."


@dataclass(frozen=True, slots=True)
class Taxation:
    """The taxes of each offer by its name, with the rate that turns its currency into the law's; None where not known."""

    filing: str
    by_name: dict[str, tuple[Taxes, float] | None]
    reasons: dict[str, str]

    def net_of(self, cash: Floats, paper: Floats, offer: Offer) -> Floats | None:
        """Take-home pay of `cash` (years,) and `paper` (paths, years) in the offer's currency; None where it is not known."""
        found = self.by_name[offer.name]
        if found is None:
            return None
        taxes, rate = found
        return np.asarray(taxes.net_of(cash * rate, paper * rate) / rate)

    def as_dict(self, listed: Sequence[Case], *, applied: bool) -> dict[str, Any]:
        """What the answer says of tax: whose law was used, or why there is none."""
        rows = []
        for c in listed:
            found = self.by_name[c.offer.name]
            rows.append({
                "name": c.offer.name, "place": c.place.label if c.place else None, "available": found is not None,
                "tax_year": found[0].law.tax_year if found else None, "notes": found[0].notes() if found else [],
                "reason": self.reasons.get(c.offer.name),
            })  # fmt: skip
        return {"applied": applied, "filing": self.filing, "offers": rows, "disclaimer": DISCLAIMER}


def taxation(listed: Sequence[Case], filing: str, as_of: str) -> Taxation:
    """The taxes of every offer's place in a month, for someone who files as `filing` and is a citizen there."""
    by_name: dict[str, tuple[Taxes, float] | None] = {}
    reasons: dict[str, str] = {}
    for c in listed:
        name = c.offer.name
        taxes = taxes_for(c.place, as_of=as_of, filing=filing) if c.place is not None else None
        if taxes is None:
            by_name[name] = None
            reasons[name] = NO_PLACE if c.place is None else _reason(c, filing, as_of)
            continue
        own = taxes.law.currency
        by_name[name] = (taxes, 1.0 if own == c.currency else money.convert(1.0, c.currency, own, as_of))
    return Taxation(filing, by_name, reasons)


def _reason(c: Case, filing: str, as_of: str) -> str:
    assert c.place is not None
    return take_home(c.offer.base, c.place, as_of=as_of, filing=filing).reason or ""
