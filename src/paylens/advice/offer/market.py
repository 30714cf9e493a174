"""Where an offer stands in the market for this profile: base, cash and total, each against its own measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from paylens.advice.estimate import Reference, answers
from paylens.advice.offer.worth import Terms, expected_paper
from paylens.contract.offer import Offer

__all__ = ["MEASURES", "market", "measures_of", "percentile", "standing"]

MEASURES = ("base", "cash", "total")
_LOWEST, _HIGHEST = 0.05, 0.95


def market(
    ref: Reference, offers: Sequence[Offer], currencies: Sequence[str], as_of: str, rate: float
) -> list[dict[str, Any] | None]:
    """For each offer its place in the market by measure; None where no role is known.

    Total pay is held against total pay only: reports of cash say nothing about shares.
    """
    asked = [
        replace(o.profile, pay=measure, currency=currency, as_of=as_of)
        for o, currency in zip(offers, currencies, strict=True)
        if o.profile is not None
        for measure in MEASURES
    ]
    found = iter(answers(ref, asked))
    out: list[dict[str, Any] | None] = []
    for o in offers:
        if o.profile is None:
            out.append(None)
            continue
        amounts = measures_of(o, rate)
        estimates = [next(found) for _ in MEASURES]
        out.append({
            "role": estimates[0]["role"]["label"], "place": estimates[0]["place"]["label"],
            "confidence": estimates[0]["confidence"],
            **{m: standing(amounts[m], e) for m, e in zip(MEASURES, estimates, strict=True)},
        })  # fmt: skip
    return out


def measures_of(o: Offer, rate: float) -> dict[str, float]:
    """Base, cash and total of a usual year: bonus as expected, the grant spread over its years, nothing that is paid once.

    Shares count at today's price, options at their mean worth (present value at `rate`), refreshers not at all.
    """
    e = o.equity
    cash = o.base + o.bonus_target * o.bonus_payout
    years = len(e.vesting)
    alone = replace(e, refresh_per_year=0.0)
    grant = expected_paper(alone, Terms(years, rate, 12 * years)) if e.kind == "options" else e.value_today
    return {"base": o.base, "cash": cash, "total": cash + grant / years}


def standing(amount: float, estimate: Mapping[str, Any]) -> dict[str, Any]:
    """An amount's percentile in an estimate, with the 90 % interval that the error of the market's middle gives."""
    levels = np.array([float(k) for k in estimate["quantiles"]])
    pay = np.array(list(estimate["quantiles"].values()))
    error = _error(estimate)
    low, high = (percentile(amount * math.exp(sign * error), levels, pay) for sign in (-1, 1))
    p = estimate["percentiles"]
    return {
        "amount": amount, "percentile": percentile(amount, levels, pay), "low": low, "high": high,
        "p25": p["p25"], "p50": p["p50"], "p75": p["p75"],
    }  # fmt: skip


def _error(estimate: Mapping[str, Any]) -> float:
    """Half of the 90 % interval of where the market's middle lies, in logs: its factors and its ageing, as independent."""
    rows = [*estimate["factors"], *([estimate["ageing"]] if estimate["ageing"] else [])]
    return math.sqrt(math.fsum((math.log(r["high"] / r["low"]) / 2) ** 2 for r in rows))


def percentile(amount: float, levels: np.ndarray[Any, Any], pay: np.ndarray[Any, Any]) -> float:
    """The share of people who earn less, straight between known levels in log pay; 0.05 and 0.95 stand for 'or beyond'."""
    if amount <= pay[0]:
        return _LOWEST
    if amount >= pay[-1]:
        return _HIGHEST
    return float(np.interp(math.log(amount), np.log(pay), levels))
