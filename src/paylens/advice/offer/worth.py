"""What an offer is worth year by year: cash, what comes in kind, and paper on simulated prices. In the offer's currency.

Cash is money paid (base, bonus, sign-on, less costs); what is sure comes whatever the share price does (matched saving,
health, meals, the discount of a purchase plan); paper is shares and options. Present value discounts each at the moment
it comes: (1 + r)^-t, t in years from the start; base and benefits at the middle of their year, bonuses at its end.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice.offer import equity_grant as grants
from paylens.contract.equity import Equity
from paylens.contract.offer import Offer

__all__ = [
    "Draws",
    "Terms",
    "Worth",
    "cash_parts",
    "draw",
    "exits",
    "expected_paper",
    "illiquidity",
    "leaving",
    "path_of",
    "worth",
]

Floats = npt.NDArray[np.float64]
WORKING_DAYS = 260
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Terms:
    """How an offer is looked at: whole years, the yearly rate of discount, and for how many months one stays.

    `fewest_days_off` is the least of the offers compared: only days beyond it are worth something, since base pays for
    all of them. `price_factor` multiplies today's share price.
    """

    years: int
    rate: float
    stay_months: int
    fewest_days_off: float | None = None
    price_factor: float = 1.0

    @property
    def staying(self) -> Floats:
        """The share of each year that one stays."""
        return np.clip((self.stay_months - 12.0 * np.arange(self.years)) / 12.0, 0.0, 1.0)

    def discount(self, at: float | npt.NDArray[np.floating[Any]]) -> Floats:
        """Discount factors at times in years."""
        return np.asarray((1.0 + self.rate) ** -np.asarray(at, dtype=float))


@dataclass(frozen=True, slots=True)
class Draws:
    """Random futures of one company: price multiples by month (months, paths), at an option's expiry, and which way out.

    `exit` is a position in `exits`; -1 is the end with nothing.
    """

    price: Floats
    expiry: Floats
    exit: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Worth:
    """An offer by year. Arrays are (years,), `paper` (paths, years), where one path stands for all if nothing is random.

    `grant` is what vests at today's price; `paper` less `grant` comes of price and discounts. `present` holds present
    values: one amount for each part, (paths,) for paper.
    """

    base: Floats
    bonus: Floats
    sign_on: Floats
    costs: Floats
    sure: Floats
    grant: Floats
    paper: Floats
    present: Mapping[str, Floats]

    @property
    def cash(self) -> Floats:
        """Money paid less costs, (years,)."""
        return self.base + self.bonus + self.sign_on - self.costs

    @property
    def paid(self) -> Floats:
        """Money paid before costs, which are not deducted from tax: base, bonus and sign-on, (years,)."""
        return self.cash + self.costs

    @property
    def total(self) -> Floats:
        """Everything, (paths, years)."""
        return np.asarray(self.cash + self.sure + self.paper)

    @property
    def total_present(self) -> Floats:
        """The present value of everything, (paths,)."""
        return np.asarray(self.present["cash"] + self.present["sure"] + self.present["paper"])


def draw(offers: Sequence[Offer], years: int, paths: int, seed: int) -> list[Draws]:
    """Futures for each offer: the market's part is the same for all of them, a company's own follows from its name.

    Two offers of one employer share its prices; the order of offers changes nothing.
    """
    months, half = 12 * years, (paths + 1) // 2
    if all(o.equity.kind == "none" for o in offers):
        return [_still(months) for _ in offers]
    common = np.random.default_rng(np.random.SeedSequence([seed, 0]))
    market = common.standard_normal((months, half))
    later = common.standard_normal(half)
    out = []
    for o in offers:
        own = np.random.default_rng(
            np.random.SeedSequence([seed, 1, zlib.crc32((o.employer or o.name).casefold().encode())])
        )
        out.append(_still(months) if o.equity.kind == "none" else _futures(o.equity, market, later, own))
    return out


def _still(months: int) -> Draws:
    return Draws(np.ones((months, 1)), np.ones(1), np.full(1, -1))


def _futures(e: Equity, market: Floats, later: Floats, own: np.random.Generator) -> Draws:
    months, half = market.shape
    volatility, growth = grants.volatility_of(e), grants.per_share_growth(e)
    c = grants.company(e.company).market_correlation
    rest = math.sqrt(1.0 - c**2)
    still = _still(months)
    if e.scenarios:
        # The market of all months, and this company's luck, rank the ways out from worst to best.
        rank = c * market.sum(axis=0) / math.sqrt(months) + rest * own.standard_normal(half)
        return replace(still, exit=_ranked(e, np.concatenate([rank, -rank])))
    price = grants.multiples(market, own.standard_normal((months, half)), c, volatility, growth)
    if e.kind != "options":
        return replace(still, price=price)
    whole = round(12 * e.expiry_years)
    if whole <= months:
        return replace(still, price=price, expiry=price[whole - 1])
    left = (whole - months) / 12
    step = volatility * math.sqrt(left) * (c * later + rest * own.standard_normal(half))
    drift = (math.log1p(growth) - volatility**2 / 2) * left
    return replace(still, price=price, expiry=price[-1] * np.exp(drift + np.concatenate([step, -step])))


def _ranked(e: Equity, rank: Floats) -> npt.NDArray[np.int64]:
    """Which way out each path takes, in the stated shares: nothing for the lowest, then by what a share brings."""
    pays, _, odds = exits(e)
    order = np.argsort(pays, kind="stable")
    share = np.empty(len(rank))
    share[np.argsort(rank, kind="stable")] = (np.arange(len(rank)) + 0.5) / len(rank)
    starts = (1.0 - odds.sum()) + np.concatenate([[0.0], np.cumsum(odds[order])[:-1]])
    at = np.searchsorted(starts, share, side="right") - 1
    return np.where(at >= 0, order[np.maximum(at, 0)], -1)


def exits(e: Equity) -> tuple[Floats, Floats, Floats]:
    """For each way out: what one share or option pays, when (years), and its odds.

    Of an exit value the liquidation preference is taken first and all shares have the rest alike, after dilution.
    """
    pays = np.array(
        [max(_exit_price(e, s.exit_value, s.price, s.years) - _strike(e), 0.0) for s in e.scenarios]
    )
    return pays, np.array([s.years for s in e.scenarios]), np.array([s.odds for s in e.scenarios])


def _exit_price(e: Equity, value: float | None, price: float | None, years: float) -> float:
    if price is not None:
        return price
    left = max((value or 0.0) - e.preference, 0.0)
    return left / (e.shares_outstanding or math.inf) * math.exp(math.log1p(-e.dilution) * years)


def _strike(e: Equity) -> float:
    return (e.strike or 0.0) if e.kind == "options" else 0.0


def illiquidity(e: Equity, years: float) -> float:
    """What is taken off because the shares can't be sold for `years`: as given, else Finnerty's; none when listed."""
    if e.illiquidity_discount is not None:
        return e.illiquidity_discount
    return 0.0 if e.company == "listed" else grants.marketability_discount(grants.volatility_of(e), years)


def worth(o: Offer, draws: Draws, terms: Terms) -> Worth:
    """An offer's worth on given futures."""
    parts = cash_parts(o, terms)
    middle, end = terms.discount(np.arange(terms.years) + 0.5), terms.discount(np.arange(terms.years) + 1.0)
    upfront = parts["sign_on"].sum() - parts["relocation"].sum()
    cash = (parts["base"] - parts["commute"]) @ middle + parts["bonus"] @ end + upfront
    sure = _sure(o, parts["base"], terms)
    grant, paper, present = path_of(o.equity, draws, terms)
    return Worth(
        base=parts["base"], bonus=parts["bonus"], sign_on=parts["sign_on"],
        costs=parts["relocation"] + parts["commute"], sure=sure, grant=grant, paper=paper,
        present={"cash": np.asarray(cash), "sure": np.asarray(sure @ middle), "paper": present},
    )  # fmt: skip


def cash_parts(o: Offer, terms: Terms) -> dict[str, Floats]:
    """Base, bonus, sign-on, relocation and commute by year, (years,) each; a bonus needs a whole year, a claw-back none."""
    stay = terms.staying
    full = o.base * (1.0 + o.raise_share) ** np.arange(terms.years)
    bonus = (full * o.bonus if o.bonus <= 2 else np.full(terms.years, o.bonus)) * o.bonus_payout
    bonus[0] = max(bonus[0], o.bonus_guaranteed)
    first = np.zeros(terms.years)
    first[0] = 1.0
    kept = terms.stay_months >= o.sign_on_clawback_months
    return {
        "base": full * stay,
        "bonus": np.where(stay >= 1.0, bonus, 0.0),
        "sign_on": o.sign_on * kept * first,
        "relocation": o.costs.relocation * first,
        "commute": o.costs.commute * stay,
    }


def _sure(o: Offer, base: Floats, terms: Terms) -> Floats:
    """What comes in kind by year: matched saving when it is vested, health, learning, meals, days off, a plan's discount."""
    b, plan = o.benefits, o.espp
    out = (b.health + b.learning + b.meals) * terms.staying
    if b.paid_days_off is not None and terms.fewest_days_off is not None:
        out = out + (b.paid_days_off - terms.fewest_days_off) * base / WORKING_DAYS
    out = out + base * plan.contribution * plan.discount / (1.0 - plan.discount)
    matched = base * b.retirement_match * b.retirement_cap
    vests = math.ceil(b.retirement_vesting_years)
    if vests:
        reached = terms.stay_months >= 12 * b.retirement_vesting_years and vests <= terms.years
        held = matched[:vests].sum()
        matched = np.where(np.arange(terms.years) < vests, 0.0, matched * reached)
        if reached:
            matched[vests - 1] = held
    return np.asarray(out + matched)


def path_of(e: Equity, draws: Draws, terms: Terms) -> tuple[Floats, Floats, Floats]:
    """What vests at today's price (years,), its worth on each path (paths, years), and its present value (paths,)."""
    months = 12 * terms.years
    if e.kind == "none":
        return np.zeros(terms.years), np.zeros((1, terms.years)), np.zeros(1)
    vests = _within(
        e.count * grants.vesting_schedule(e.vesting, e.vesting_every, e.cliff_months), months, terms
    )
    refresh = grants.refresh_schedule(e, months) * e.refresh_per_year
    refresh[:, terms.stay_months :] = 0.0
    into = _into_years(terms)
    at_today = (vests * _today(e, terms) + refresh.sum(axis=0)) @ into[:, :-1]
    if e.scenarios:
        columns = _on_exits(e, vests, refresh.sum(axis=0), into, draws.exit, terms)
    else:
        columns = _on_prices(e, vests, refresh, into, draws, terms)
    return np.asarray(at_today), columns[:-1].T, columns[-1]


def _within(schedule: Floats, months: int, terms: Terms) -> Floats:
    out = np.zeros(months)
    n = min(len(schedule), months, terms.stay_months)
    out[:n] = schedule[:n]
    return out


def _into_years(terms: Terms) -> Floats:
    """(months, years + 1): which year a month is in, and last its discount factor."""
    months = np.arange(12 * terms.years)
    out = np.zeros((len(months), terms.years + 1))
    out[months, months // 12] = 1.0
    out[:, -1] = terms.discount((months + 1.0) / 12)
    return out


def _today(e: Equity, terms: Terms) -> float:
    price = e.price_today * terms.price_factor
    return max(price - _strike(e), 0.0)


def _on_prices(e: Equity, vests: Floats, refresh: Floats, into: Floats, draws: Draws, terms: Terms) -> Floats:
    """Shares at the price of their month; options at their pay-off at expiry, taken back to the month they vest."""
    kept = 1.0 - illiquidity(e, float(terms.years))
    price = e.price_today * terms.price_factor
    if e.kind == "options":
        pays = np.maximum(price * draws.expiry - _strike(e), 0.0)
        out = np.outer((vests * _wait(e.expiry_years, terms)) @ into, pays)
    else:
        out = _weighed(draws.price, vests * price, into)
    for k, grant in enumerate(refresh):
        # A refresher is granted at the price of its day: only what the price does from then on counts.
        out += _weighed(draws.price, grant, into) / draws.price[12 * (k + 1) - 1]
    return np.asarray(out * kept)


def _weighed(price: Floats, shares: Floats, into: Floats) -> Floats:
    """Shares by month times the price of the month, summed into years: (years + 1, paths)."""
    used = np.flatnonzero(shares)
    return (shares[used, None] * into[used]).T @ price[used]


def _wait(expiry: float, terms: Terms) -> Floats:
    """From the month of vesting to expiry, discounted; nothing vests after it."""
    at = (np.arange(12 * terms.years) + 1.0) / 12
    return np.where(at <= expiry, terms.discount(np.maximum(expiry - at, 0.0)), 0.0)


def _on_exits(
    e: Equity, vests: Floats, refresh: Floats, into: Floats, exit: npt.NDArray[np.int64], terms: Terms
) -> Floats:
    """Shares at what the path's way out pays, taken back to the month they vest; refreshers move with it."""
    return np.asarray(_exit_table(e, vests, refresh, into, terms)[exit].T)


def _exit_table(e: Equity, vests: Floats, refresh: Floats, into: Floats, terms: Terms) -> Floats:
    """(ways out + 1, years + 1): worth by way out; the last row is the end with nothing."""
    pays, when, odds = exits(e if terms.price_factor == 1.0 else _moved(e, terms.price_factor))
    usual = float(odds @ pays)
    out = np.zeros((len(pays) + 1, into.shape[1]))
    at = (np.arange(12 * terms.years) + 1.0) / 12
    for k, (pay, year) in enumerate(zip(pays, when, strict=True)):
        wait = terms.discount(np.maximum(year - at, 0.0))
        kept = 1.0 - illiquidity(e, float(year))
        out[k] = kept * ((vests * pay * wait) @ into + (refresh * (pay / usual if usual else 0.0)) @ into)
    return out


def _moved(e: Equity, factor: float) -> Equity:
    """The same ways out at prices that are all so many times as high."""
    ways = [
        replace(s, price=s.price * factor) if s.price is not None else replace(s, exit_value=(s.exit_value or 0.0) * factor)
        for s in e.scenarios
    ]  # fmt: skip
    return replace(e, scenarios=tuple(ways))


def expected_paper(e: Equity, terms: Terms) -> float:
    """The mean present value of a grant and its refreshers in closed form: what the paths must come to."""
    months = 12 * terms.years
    if e.kind == "none":
        return 0.0
    if e.scenarios:
        _, _, odds = exits(e)
        vests = _within(
            e.count * grants.vesting_schedule(e.vesting, e.vesting_every, e.cliff_months), months, terms
        )
        refresh = grants.refresh_schedule(e, months).sum(axis=0) * e.refresh_per_year
        table = _exit_table(e, vests, refresh, _into_years(terms), terms)
        return float(odds @ table[:-1, -1])
    g, s = grants.per_share_growth(e), grants.volatility_of(e)
    at = (np.arange(months) + 1.0) / 12
    mean = Draws(((1.0 + g) ** at)[:, None], np.ones(1), np.full(1, -1))
    if e.kind == "options":
        pay = grants.expected_option(e.price_today * terms.price_factor, _strike(e), g, s, e.expiry_years)
        # One option that pays its mean: the price multiple that brings just that.
        level = (pay + _strike(e)) / (e.price_today * terms.price_factor or 1.0)
        mean = replace(mean, expiry=np.array([level]))
    return float(path_of(e, mean, terms)[2][0])


def leaving(o: Offer, month: int) -> dict[str, float | None]:
    """What leaving at the end of a month keeps, at today's share price, not discounted, before tax."""
    years = math.ceil(month / 12)
    parts = cash_parts(o, Terms(years, 0.0, month))
    e = o.equity
    schedule = grants.vesting_schedule(e.vesting, e.vesting_every, e.cliff_months)
    vested = float(schedule[:month].sum()) if e.kind != "none" else 0.0
    refresh = grants.refresh_schedule(e, max(month, 1)) * e.refresh_per_year
    kept = vested * e.value_today + float(refresh.sum())
    cash = float(parts["base"].sum() + parts["bonus"].sum() + parts["sign_on"].sum())
    options = e.kind == "options"
    return {
        "months": month,
        "cash": cash,
        "paid_back": o.sign_on if month < o.sign_on_clawback_months else 0.0,
        "vested_share": vested,
        "vested_value": kept,
        "lost_value": e.value_today * (1.0 - vested),
        "exercise_cost": vested * e.count * _strike(e) if options else None,
        "exercise_window_months": e.exercise_window_months if options else None,
    }
