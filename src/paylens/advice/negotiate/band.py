"""Where an offer may move: the market of the person, the band of the job, and amounts of one measure as a base.

The person's market is the estimate for the whole profile. The employer's likely band is p25 to p75 of the same model for
the job alone: role, level, place, industry, size, employer. Both are modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference, answers
from paylens.advice.offer.market import MEASURES, measures_of, percentile, standing
from paylens.contract.offer import Offer
from paylens.contract.profile import Profile

__all__ = ["BAND", "Market", "market_of", "next_level", "quantile", "the_job"]

BAND: Final = (0.25, 0.75)
_LEAST_BASE = 0.01


@dataclass(frozen=True)
class Market:
    """The market around an offer, in its currency: estimates by measure for the person, the job and the next level."""

    offer: Offer
    measure: str
    amounts: Mapping[str, float]
    person: Mapping[str, dict[str, Any]]
    job: dict[str, Any]
    above: dict[str, Any] | None
    level_above: str | None

    @property
    def per_base(self) -> float:
        """What one more of base adds to the measure: itself, and the bonus that is a share of it."""
        o = self.offer
        return 1.0 + (o.bonus * o.bonus_payout if o.bonus <= 2 and self.measure != "base" else 0.0)

    def base_of(self, amount: float) -> float:
        """The base at which the offer, with all else as it is, comes to `amount` of its measure; at least next to nothing."""
        base = self.offer.base + (amount - self.amounts[self.measure]) / self.per_base
        return max(base, _LEAST_BASE * self.offer.base)

    def amount_of(self, base: float) -> float:
        """The amount of the measure with another base."""
        return self.amounts[self.measure] + (base - self.offer.base) * self.per_base

    def at(self, level: float, measure: str | None = None) -> float:
        """The person's amount at a percentile from 0.05 to 0.95."""
        return quantile(self.person[measure or self.measure], level)

    def level_of(self, amount: float) -> float:
        """The percentile of an amount of the measure among people like this."""
        levels, pay = _levels(self.person[self.measure])
        return percentile(amount, levels, pay)

    def band_above(self) -> tuple[float, float] | None:
        """The likely band of the next level, as bases; None where there is none."""
        if self.above is None:
            return None
        low, high = (self.base_of(quantile(self.above, level)) for level in BAND)
        return low, high

    def position(self) -> dict[str, Any]:
        """Base, cash and total, each against its own distribution."""
        found = {m: standing(self.amounts[m], self.person[m]) for m in MEASURES}
        return {"confidence": self.person["base"]["confidence"], **found}


def market_of(ref: Reference, o: Offer, profile: Profile, currency: str, as_of: str, rate: float) -> Market:
    """Everything the model says around an offer, in one pass."""
    amounts = measures_of(o, rate)
    measure = (
        "total" if amounts["total"] > amounts["cash"] else "cash" if amounts["cash"] > o.base else "base"
    )
    mine = replace(profile, currency=currency, as_of=as_of)
    above = next_level(mine)
    job = the_job(mine)
    asked = [replace(mine, pay=m) for m in MEASURES] + [replace(job, pay=measure)]
    if above is not None:
        asked.append(replace(the_job(replace(mine, seniority=above)), pay=measure))
    found = answers(ref, asked)
    n = len(MEASURES)
    person = dict(zip(MEASURES, found[:n], strict=True))
    return Market(o, measure, amounts, person, found[n], found[n + 1] if above else None, above)


def the_job(p: Profile) -> Profile:
    """What an employer pays for whoever fills the job: without skills and education, with years only where no level is given."""
    years = None if p.seniority is not None else p.years_experience
    return replace(p, skills=(), education=None, years_experience=years, years_coding=None, years_ml=None)


def next_level(p: Profile) -> str | None:
    """The level above, on the ladder of those who lead nobody; None at its top, off it, or where no level is given."""
    if p.seniority not in ask.LADDER[:-1]:
        return None
    return ask.LADDER[ask.LADDER.index(p.seniority) + 1]


def quantile(estimate: Mapping[str, Any], level: float) -> float:
    """An amount between the 19 known levels, straight in log pay."""
    levels, pay = _levels(estimate)
    return float(np.exp(np.interp(level, levels, np.log(pay))))


def _levels(estimate: Mapping[str, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return (
        np.array([float(k) for k in estimate["quantiles"]]),
        np.array(list(estimate["quantiles"].values())),
    )
