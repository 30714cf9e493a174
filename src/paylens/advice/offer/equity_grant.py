"""Shares as pay: when a grant vests, how its price may move, and what it is worth, in closed form and on paths.

A share's price follows geometric Brownian motion: with growth g and volatility s a year, both of one share,

    log S(t) = log S(0) + (log(1 + g) - s^2 / 2) t + s W(t),   so that   E[S(t)] = S(0) (1 + g)^t.

Two companies' W share the market's part: W = c M + sqrt(1 - c^2) own, with c their correlation with the market.
"""

from __future__ import annotations

import csv
import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from paylens.contract.equity import VESTING_MONTHS, Equity

__all__ = [
    "Company",
    "company",
    "expected_option",
    "expected_rsu",
    "marketability_discount",
    "multiples",
    "normal_cdf",
    "per_share_growth",
    "protective_put",
    "refresh_schedule",
    "vesting_schedule",
    "volatility_of",
]

Floats = npt.NDArray[np.float64]
TABLE: Final = Path(__file__).parent / "share_prices.csv"


@dataclass(frozen=True, slots=True)
class Company:
    """How a share of this kind of company moves: volatility a year, correlation with the market; `basis` of the first."""

    volatility: float
    market_correlation: float
    basis: str
    source: str


@functools.cache
def _companies() -> dict[str, Company]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["company"]: Company(
                float(row["volatility"]), float(row["market_correlation"]), row["basis"], row["source"]
            )
            for row in csv.DictReader(file)
        }


def company(kind: str) -> Company:
    """The figures of a kind of company ('listed', 'late', 'early'); their sources are in share_prices.origin.json."""
    return _companies()[kind]


def volatility_of(e: Equity) -> float:
    """The yearly volatility of a share: the one given, else its kind of company's."""
    return company(e.company).volatility if e.volatility is None else e.volatility


def per_share_growth(e: Equity) -> float:
    """Expected growth of one share's price a year, after dilution: (1 + growth)(1 - dilution) - 1."""
    return (1.0 + e.growth) * (1.0 - e.dilution) - 1.0


def vesting_schedule(vesting: tuple[float, ...], every: str, cliff_months: float = 0.0) -> Floats:
    """The share of a grant that vests at the end of each month, (12 x years,); it sums to the grant.

    Inside a year it vests evenly, every month, quarter or year; what accrues before the cliff comes at the cliff.
    """
    step = VESTING_MONTHS[every]
    out = np.zeros(12 * len(vesting))
    for year, part in enumerate(vesting):
        out[12 * year + step - 1 : 12 * (year + 1) : step] = part * step / 12
    cliff = math.ceil(cliff_months)
    if cliff > 1:
        out[cliff - 1] += out[: cliff - 1].sum()
        out[: cliff - 1] = 0.0
    return out


def refresh_schedule(e: Equity, months: int) -> Floats:
    """What vests of refreshers, as a share of one: by anniversary (row k: granted after k + 1 years) and month.

    Shape (grants, months). Each has its own schedule and no cliff.
    """
    grants = max(0, (months - 1) // 12) if e.refresh_per_year > 0 else 0
    out = np.zeros((grants, months))
    each = vesting_schedule(e.refresh_vesting, e.vesting_every)
    for k in range(grants):
        start = 12 * (k + 1)
        n = min(len(each), months - start)
        out[k, start : start + n] = each[:n]
    return out


def normal_cdf(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def expected_rsu(price: float, growth: float, years: Floats, shares: Floats) -> float:
    """Expected worth of shares when they vest, not discounted: sum of shares(t) S(0) (1 + g)^t."""
    return float(np.sum(shares * price * (1.0 + growth) ** years))


def expected_option(price: float, strike: float, growth: float, volatility: float, years: float) -> float:
    """Expected pay-off of an option held to expiry, not discounted (Black and Scholes 1973, with growth g for the rate).

    E[max(S(T) - K, 0)] = S(0) (1 + g)^T N(d1) - K N(d2);   d1 = (log(S(0) (1 + g)^T / K) + s^2 T / 2) / (s sqrt(T)),
    d2 = d1 - s sqrt(T). Discounted at the rate g it is the Black-Scholes price.
    """
    forward = price * math.exp(math.log1p(growth) * years)
    spread = volatility * math.sqrt(years)
    if strike <= 0.0 or forward <= 0.0 or spread <= 0.0:
        return max(forward - strike, 0.0)
    d1 = math.log(forward / strike) / spread + spread / 2
    return forward * normal_cdf(d1) - strike * normal_cdf(d1 - spread)


def marketability_discount(volatility: float, years: float) -> float:
    """What the lack of a market takes from a share's price: an average-strike put (Finnerty 2012), from 0 to 0.32.

    D = N(v / 2) - N(-v / 2),   v^2 = s^2 T + log(2 (exp(s^2 T) - s^2 T - 1)) - 2 log(exp(s^2 T) - 1).
    """
    x = volatility**2 * years
    if x < 1e-4:  # the limit of v^2 is x / 3, which the difference of large logs would lose
        v = math.sqrt(x / 3.0)
    elif x > 500.0:  # exp would overflow; v^2 tends to log 2
        v = math.sqrt(math.log(2.0))
    else:
        v = math.sqrt(max(x + math.log(2.0 * (math.expm1(x) - x)) - 2.0 * math.log(math.expm1(x)), 0.0))
    return normal_cdf(v / 2) - normal_cdf(-v / 2)


def protective_put(volatility: float, years: float, rate: float) -> float:
    """The same by a put at today's price (Chaffe 1993), as a share of the price: a figure to stand beside Finnerty's."""
    spread = volatility * math.sqrt(years)
    if spread <= 0.0:
        return 0.0
    fall = math.exp(-math.log1p(rate) * years)
    d1 = -math.log(fall) / spread + spread / 2
    return fall * normal_cdf(spread - d1) - normal_cdf(-d1)


def multiples(market: Floats, own: Floats, correlation: float, volatility: float, growth: float) -> Floats:
    """The price at the end of each month over today's, (months, paths).

    `market` and `own` are standard normal steps, (months, paths / 2): each path has a twin whose steps are its own with the
    other sign, so that what is odd in them cancels out of a mean (antithetic variates).
    """
    walk = correlation * market
    walk += math.sqrt(1.0 - correlation**2) * own
    walk *= volatility / math.sqrt(12)
    np.cumsum(walk, axis=0, out=walk)
    drift = (math.log1p(growth) - volatility**2 / 2) / 12 * np.arange(1, len(walk) + 1)[:, None]
    half = walk.shape[1]
    out = np.empty((len(walk), 2 * half))
    np.add(drift, walk, out=out[:, :half])
    np.subtract(drift, walk, out=out[:, half:])
    return np.asarray(np.exp(out, out=out))
