"""Vesting adds up, and what is simulated agrees with what is known in closed form."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.advice.offer import equity_grant as grants
from paylens.advice.offer.worth import Draws, Terms, draw, exits, expected_paper, path_of, worth
from paylens.contract.equity import Equity, Scenario
from paylens.contract.offer import Offer

schedules = st.lists(st.integers(0, 100), min_size=1, max_size=10).filter(lambda parts: sum(parts) > 0)


@given(parts=schedules, every=st.sampled_from(["month", "quarter", "year"]), cliff=st.floats(0, 1))
def test_whatever_the_schedule_the_whole_grant_vests_and_nothing_before_the_cliff(
    parts: list[int], every: str, cliff: float
) -> None:
    vesting = tuple(part / sum(parts) for part in parts)
    months = cliff * 12 * len(vesting)
    found = grants.vesting_schedule(vesting, every, months)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found >= 0).all()
    assert not found[: max(math.ceil(months) - 1, 0)].any()
    by_year = found.reshape(-1, 12).sum(axis=1)
    assert (by_year.cumsum() <= np.cumsum(vesting) + 1e-12).all()  # a cliff only makes it later


def test_a_back_loaded_grant_by_year() -> None:
    found = grants.vesting_schedule((0.05, 0.15, 0.40, 0.40), "quarter", 12)
    assert found.reshape(4, 12).sum(axis=1) == pytest.approx([0.05, 0.15, 0.40, 0.40])
    assert np.flatnonzero(found)[:3].tolist() == [11, 14, 17]


def test_refreshers_come_at_anniversaries_on_their_own_schedule() -> None:
    e = Equity(
        kind="rsu", grant_value=1.0, refresh_per_year=1.0, refresh_vesting=(0.5, 0.5), vesting_every="year"
    )
    found = grants.refresh_schedule(e, 48)
    assert found.shape == (3, 48)
    assert [np.flatnonzero(row).tolist() for row in found] == [[23, 35], [35, 47], [47]]


def test_black_scholes_as_in_the_textbook() -> None:
    # Hull, Options, Futures and Other Derivatives: S 42, K 40, r 10 % continuous, s 20 %, half a year: a call is worth 4.76.
    growth = math.exp(0.10) - 1
    found = grants.expected_option(42, 40, growth, 0.2, 0.5) * math.exp(-0.05)
    assert found == pytest.approx(4.76, abs=0.005)


@given(
    price=st.floats(0.01, 1e4), strike=st.floats(0, 1e4), growth=st.floats(-0.5, 0.5), volatility=st.floats(0, 2),
    years=st.floats(0.1, 15),
)  # fmt: skip
def test_an_option_is_worth_less_than_its_share_and_no_less_than_the_forward_over_strike(
    price: float, strike: float, growth: float, volatility: float, years: float
) -> None:
    found = grants.expected_option(price, strike, growth, volatility, years)
    forward = price * (1 + growth) ** years
    assert max(forward - strike, 0.0) <= found + 1e-6 * forward
    assert found <= forward * (1 + 1e-6)


def test_marketability_discount_is_a_put_on_the_mean_price() -> None:
    random = np.random.default_rng(7)
    for volatility, years in ((0.3, 1.0), (0.5679, 1.0)):
        steps = volatility * math.sqrt(years / 250) * random.standard_normal((250, 20_000))
        price = np.exp(np.cumsum(steps - volatility**2 * years / 500, axis=0))
        put = np.maximum(price.mean(axis=0) - price[-1], 0.0)
        found = grants.marketability_discount(volatility, years)
        assert found == pytest.approx(put.mean(), abs=3 * put.std() / math.sqrt(put.size) + 0.02 * put.mean())


@given(volatility=st.floats(0, 3), years=st.floats(0, 30))
def test_marketability_discount_grows_with_risk_and_time_and_is_bounded(
    volatility: float, years: float
) -> None:
    found = grants.marketability_discount(volatility, years)
    assert 0 <= found <= 0.3228
    assert grants.marketability_discount(volatility, years + 1) >= found - 1e-6
    assert grants.marketability_discount(volatility + 0.1, years) >= found - 1e-6


def test_figures_of_each_kind_of_company_have_an_origin() -> None:
    origin = json.loads(grants.TABLE.with_suffix(".origin.json").read_text(encoding="utf-8"))
    known = {row["id"]: row for row in origin}
    for kind in ("listed", "late", "early"):
        figures = grants.company(kind)
        assert f"'{kind}': {100 * figures.volatility:.4g} %" in known[figures.source]["figures"]
        assert (figures.basis == "assumed") == (known[figures.source]["publisher"] == "paylens")
        assert 0 < figures.market_correlation < 1
    late = grants.company("late").volatility
    middle = math.sqrt(grants.company("listed").volatility * grants.company("early").volatility)
    assert late == pytest.approx(middle, abs=5e-4)


GRANTS = {
    "shares": Equity(kind="rsu", grant_value=240_000.0, growth=0.06),
    "monthly, refreshed": Equity(
        kind="rsu", shares=1000.0, price=50.0, vesting_every="month", refresh_per_year=40_000.0, growth=0.1
    ),
    "late, diluted": Equity(kind="rsu", grant_value=1e5, company="late", dilution=0.06, refresh_per_year=5e3),
    "options": Equity(kind="options", shares=1e4, strike=10.0, fair_value=11.0, growth=0.04, volatility=0.45),
    "options, refreshed": Equity(kind="options", shares=1e4, strike=3.0, expiry_years=7.0, volatility=0.6, company="late",
                                 refresh_per_year=9e3),
    "options that expire early": Equity(kind="options", shares=1e4, strike=3.0, fair_value=3.5, expiry_years=2.5, volatility=0.5),
    "ways out": Equity(kind="options", shares=1e4, strike=1.0, company="early", refresh_per_year=3e3, scenarios=(
        Scenario(odds=0.3, years=3.0, price=2.0), Scenario(odds=0.1, years=6.0, price=40.0))),
    "an exit value": Equity(kind="rsu", shares=1e4, price=2.0, company="late", shares_outstanding=1e7, preference=2e7, dilution=0.05,
                            scenarios=(Scenario(odds=0.5, years=4.0, exit_value=9e7),)),
}  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("name", GRANTS)
def test_closed_form_and_simulation_agree_to_three_standard_errors(name: str) -> None:
    e, terms = GRANTS[name], Terms(4, 0.05, 48)
    paths = 100_000
    (futures,) = draw([Offer(name="x", base=1.0, equity=e)], 4, paths, seed=11)
    found = path_of(e, futures, terms)[2]
    twins = (found[: paths // 2] + found[paths // 2 :]) / 2  # each path and its opposite are one draw
    error = twins.std() / math.sqrt(len(twins))
    assert abs(found.mean() - expected_paper(e, terms)) <= 3 * error + 1e-9 * abs(found.mean())


@pytest.mark.statistical
def test_prices_are_lognormal_with_the_growth_and_volatility_asked_and_correlate_as_said() -> None:
    offers = [Offer(name=n, base=1.0, equity=replace(GRANTS["shares"], grant_value=1.0)) for n in "ab"]
    a, b = draw(offers, 4, 100_000, seed=5)
    logs = np.log(a.price[-1])
    figures = grants.company("listed")
    assert logs.std() == pytest.approx(figures.volatility * 2, rel=0.01)
    assert logs.mean() == pytest.approx(
        4 * (math.log(1.06) - figures.volatility**2 / 2), abs=1e-9
    )  # exact: opposite pairs
    found = np.corrcoef(logs, np.log(b.price[-1]))[0, 1]
    assert found == pytest.approx(figures.market_correlation**2, abs=3 / math.sqrt(50_000))


def test_ways_out_come_in_the_odds_given_whatever_the_market_does() -> None:
    e = GRANTS["ways out"]
    (futures,) = draw([Offer(name="x", base=1.0, equity=e)], 4, 20_000, seed=2)
    _, _, odds = exits(e)
    shares = [float((futures.exit == k).mean()) for k in (-1, 0, 1)]
    assert shares == pytest.approx([1 - odds.sum(), *odds], abs=1e-4)


def test_one_employer_has_one_price_and_order_changes_nothing() -> None:
    one = Offer(name="a", employer="Kestrel", base=1.0, equity=GRANTS["shares"])
    two, other = replace(one, name="b"), replace(one, name="c", employer="Other")
    first = draw([one, two, other], 2, 1000, seed=3)
    again = draw([other, one], 2, 1000, seed=3)
    assert np.array_equal(first[0].price, first[1].price)
    assert np.array_equal(first[0].price, again[1].price)
    assert np.array_equal(first[2].price, again[0].price)
    assert not np.array_equal(first[0].price, first[2].price)
    assert not np.array_equal(first[0].price, draw([one], 2, 1000, seed=4)[0].price)


def test_a_refresher_moves_only_with_what_the_price_does_after_it() -> None:
    e = Equity(
        kind="rsu", grant_value=0.0, refresh_per_year=100.0, refresh_vesting=(1.0,), vesting_every="year"
    )
    price = np.ones((24, 1))
    price[:12] = 5.0  # before the grant
    price[11] = 4.0
    price[23] = 6.0
    found = worth(
        Offer(name="x", base=1.0, equity=e), Draws(price, np.ones(1), np.full(1, -1)), Terms(2, 0.0, 24)
    )
    assert found.paper[0].tolist() == [0.0, pytest.approx(150.0)]
