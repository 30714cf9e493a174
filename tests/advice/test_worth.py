"""An offer by year: each part where it belongs, and what leaving keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.advice.offer.worth import Terms, Worth, cash_parts, draw, leaving, worth
from paylens.contract.equity import Equity
from paylens.contract.offer import Benefits, Costs, Espp, Offer

STAY = Terms(4, 0.05, 48)


def of(offer: Offer, terms: Terms = STAY) -> Worth:
    return worth(offer, draw([offer], terms.years, 200, 1)[0], terms)


def test_base_rises_and_what_is_paid_once_is_paid_once() -> None:
    offer = Offer(
        name="x", base=100_000.0, raise_share=0.10, bonus=0.2, bonus_payout=0.5, bonus_guaranteed=15_000.0, sign_on=7_000.0,
        costs=Costs(relocation=2_000.0, commute=1_000.0),
    )  # fmt: skip
    found = of(offer)
    assert found.base == pytest.approx([100_000, 110_000, 121_000, 133_100])
    assert found.bonus == pytest.approx([15_000, 11_000, 12_100, 13_310])
    assert found.sign_on.tolist() == [7_000, 0, 0, 0]
    assert found.costs.tolist() == [3_000, 1_000, 1_000, 1_000]
    assert found.cash[0] == 100_000 + 15_000 + 7_000 - 3_000
    assert not found.paper.any()


def test_present_value_by_hand() -> None:
    offer = Offer(name="x", base=1000.0, raise_share=0.0, bonus=100.0, sign_on=50.0)
    found = of(offer, Terms(2, 0.10, 24))
    by_hand = 1000 * (1.1**-0.5 + 1.1**-1.5) + 100 * (1.1**-1 + 1.1**-2) + 50
    assert float(found.present["cash"]) == pytest.approx(by_hand)


def test_benefits() -> None:
    offer = Offer(
        name="x", base=100_000.0, raise_share=0.0, espp=Espp(discount=0.15, contribution=0.10),
        benefits=Benefits(retirement_match=0.5, retirement_cap=0.06, retirement_vesting_years=3.0, health=5_000.0,
                          learning=1_000.0, meals=500.0, paid_days_off=30.0),
    )  # fmt: skip
    plain = 6_500 + 10_000 * 0.15 / 0.85
    assert of(offer).sure == pytest.approx([plain, plain, plain + 9_000, plain + 3_000])
    counted = of(offer, Terms(4, 0.05, 48, fewest_days_off=25.0)).sure[0]
    assert counted == pytest.approx(plain + 5 * 100_000 / 260)
    # Leaving before the match is yours loses it; leaving at its day does not.
    assert of(offer, Terms(4, 0.05, 30)).sure.sum() == pytest.approx(2.5 * plain)
    assert of(offer, Terms(4, 0.05, 36)).sure.sum() == pytest.approx(3 * plain + 9_000)


def test_leaving_early() -> None:
    offer = Offer(
        name="x", base=120_000.0, raise_share=0.0, bonus=0.1, sign_on=30_000.0, sign_on_clawback_months=12.0,
        equity=Equity(kind="rsu", grant_value=160_000.0, refresh_per_year=16_000.0),
    )  # fmt: skip
    early, year, later = (leaving(offer, month) for month in (6, 12, 18))
    assert early["cash"] == 60_000
    assert early["paid_back"] == 30_000
    assert (early["vested_value"], early["lost_value"]) == (0.0, 160_000.0)
    assert year["cash"] == 120_000 + 12_000 + 30_000
    assert (year["paid_back"], year["vested_value"]) == (0.0, 40_000.0)
    assert later["vested_value"] == pytest.approx(60_000 + 2 * 1_000)
    assert later["cash"] == 180_000 + 12_000 + 30_000
    assert later["exercise_cost"] is None


def test_leaving_with_options_costs_their_strike() -> None:
    equity = Equity(kind="options", shares=1000.0, strike=4.0, fair_value=10.0, exercise_window_months=3.0)
    found = leaving(Offer(name="x", base=1.0, equity=equity), 18)
    assert found["vested_share"] == pytest.approx(0.375)
    assert found["vested_value"] == pytest.approx(375 * 6)
    assert (found["exercise_cost"], found["exercise_window_months"]) == (pytest.approx(375 * 4), 3.0)


@given(
    base=st.floats(1, 1e7), growth=st.floats(-0.5, 1), bonus=st.floats(0, 2), stay=st.integers(0, 48),
    more=st.integers(0, 48), sign_on=st.floats(0, 1e6), clawback=st.floats(0, 48),
)  # fmt: skip
def test_staying_longer_never_pays_less(
    base: float, growth: float, bonus: float, stay: int, more: int, sign_on: float, clawback: float
) -> None:
    offer = Offer(
        name="x",
        base=base,
        raise_share=growth,
        bonus=bonus,
        sign_on=sign_on,
        sign_on_clawback_months=clawback,
    )
    parts = [cash_parts(offer, Terms(4, 0.05, min(month, 48))) for month in (stay, stay + more)]
    for name in ("base", "bonus", "sign_on"):
        assert parts[0][name].sum() <= parts[1][name].sum() + 1e-9 * base


@given(price=st.floats(0.1, 5), strike=st.floats(0, 10))
def test_a_higher_price_never_makes_paper_worth_less(price: float, strike: float) -> None:
    offer = Offer(
        name="x",
        base=1.0,
        equity=Equity(kind="options", shares=10.0, strike=strike, fair_value=3.0, refresh_per_year=5.0),
    )
    futures = draw([offer], 2, 200, 1)[0]
    low, high = (
        worth(offer, futures, Terms(2, 0.05, 24, price_factor=f)).present["paper"]
        for f in (price, price * 1.5)
    )
    assert np.all(low <= high + 1e-9)
