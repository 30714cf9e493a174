"""Percentiles of interval pay: against plain quantiles where pay is exact, against known truths elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats.mstats import hdquantiles

from paylens.cohorts import quantiles as q

LEVELS = np.array(q.LEVELS)


def one(
    lo: NDArray[np.float64], hi: NDArray[np.float64], weight: NDArray[np.int64] | None = None
) -> q.Pieces:
    weight = np.ones(len(lo), dtype=np.int64) if weight is None else weight
    return q.pieces(np.zeros(len(lo), dtype=np.int64), lo, hi, weight, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(1e3, 1e6), st.integers(1, 7)), min_size=1, max_size=60)
)
def test_exact_pay_gives_plain_weighted_quantiles(rows: list[tuple[int, float, int]]) -> None:
    cohort, pay, weight = (np.array(column) for column in zip(*rows, strict=True))
    found = q.quantiles(q.pieces(cohort, pay, pay, weight, 5))
    for c in range(5):
        mine = cohort == c
        if mine.any():
            expected = np.exp(np.quantile(np.repeat(np.log(pay[mine]), weight[mine]), LEVELS))
            np.testing.assert_allclose(found[c], expected, rtol=1e-9)
        else:
            assert np.isnan(found[c]).all()


def test_general_estimate_agrees_with_the_fast_path_for_exact_pay() -> None:
    random = np.random.default_rng(1)
    pay = np.exp(random.normal(11, 0.5, 500)).round(-2)
    log = np.log(pay)
    slow = q._turnbull(np.zeros(500, dtype=np.int64), log, log, np.ones(500), 1)
    np.testing.assert_allclose(q.quantiles(slow), q.quantiles(one(pay, pay)), rtol=1e-9)


def test_brackets_recover_a_known_truth() -> None:
    random = np.random.default_rng(2)
    pay = np.exp(random.normal(11, 0.6, 20_000))
    edges = (
        np.array([0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 125, 150, 200, 250, 300, 500, 1000]) * 1e3
    )
    at = np.searchsorted(edges, pay, side="right") - 1
    hi = np.append(edges[1:], np.nan)[at]
    found = q.quantiles(one(edges[at], hi))[0]
    # Within a bracket the spread of pay is a convention: a bracket from 20 to 30 thousand costs 3 % at p10.
    np.testing.assert_allclose(found, np.exp(norm.ppf(LEVELS, 11, 0.6)), rtol=0.035)
    np.testing.assert_allclose(q.smoothed(one(edges[at], hi))[0], found, rtol=0.01)


def test_mixed_exact_and_overlapping_intervals_recover_a_known_truth() -> None:
    random = np.random.default_rng(3)
    pay = np.exp(random.normal(11, 0.5, 6_000))
    # Interval censoring that does not depend on pay: endpoints from a grid moved at random.
    width = random.choice([0.0, 0.1, 0.3], 6_000)
    moved = random.uniform(0, 1, 6_000)
    step = np.where(width > 0, width, 1.0)
    low = (np.floor(np.log(pay) / step - moved) + moved) * step
    lo = np.where(width > 0, np.exp(low), pay)
    hi = np.where(width > 0, np.exp(low + width), pay)
    found = q.quantiles(one(lo, hi))[0]
    np.testing.assert_allclose(found, np.exp(norm.ppf(LEVELS, 11, 0.5)), rtol=0.03)


def test_turnbull_reaches_the_likelihood_of_a_direct_search() -> None:
    # [1, 3), [2, 4) and [3.5, 5) leave mass on [2, 3) and [3.5, 4) only. With p on the first the likelihood
    # is p * 1 * (1 - p), largest at one half.
    lo, hi = np.array([1.0, 2.0, 3.5]), np.array([3.0, 4.0, 5.0])
    found = one(lo, hi)
    np.testing.assert_allclose(np.exp(found.low), [2.0, 3.5])
    np.testing.assert_allclose(np.exp(found.high), [3.0, 4.0])
    np.testing.assert_allclose(found.mass, [1.5, 1.5], atol=1e-3)
    assert found.totals == pytest.approx(3.0)


def test_touching_brackets_do_not_put_mass_on_their_common_end() -> None:
    found = one(np.array([10.0, 15.0]), np.array([15.0, 20.0]))
    np.testing.assert_allclose(np.exp(found.low), [10.0, 15.0])
    np.testing.assert_allclose(np.exp(found.high), [15.0, 20.0])


def test_a_percentile_inside_an_or_more_is_not_known() -> None:
    lo = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 50.0, 50.0, 50.0])
    hi = np.array([10.0, 20.0, 30.0, 40.0, np.nan, np.nan, np.nan, np.nan])
    for found in (q.quantiles(one(lo, hi))[0], q.smoothed(one(lo, hi))[0]):
        assert np.isfinite(found[:2]).all() and np.isnan(found[3:]).all()
    n, mean, squares = q.moments(one(lo, hi))
    assert n[0] == 8 and np.isfinite(mean[0]) and squares[0] > 0


def test_cohorts_do_not_touch_each_other() -> None:
    random = np.random.default_rng(4)
    cohort = random.integers(0, 30, 3_000)
    lo = np.exp(random.normal(11, 0.5, 3_000)).round(-3) + 1_000
    hi = np.where(random.random(3_000) < 0.5, lo, lo + random.choice([5e3, 1e4], 3_000))
    weight = random.integers(1, 4, 3_000)
    together = q.quantiles(q.pieces(cohort, lo, hi, weight, 30))
    for c in (0, 7, 29):
        mine = cohort == c
        np.testing.assert_allclose(
            together[c], q.quantiles(one(lo[mine], hi[mine], weight[mine]))[0], rtol=1e-3
        )


@pytest.mark.parametrize("n", [10, 11, 30, 200])
def test_smoothed_percentiles_are_harrell_and_davis(n: int) -> None:
    pay = np.exp(np.random.default_rng(n).normal(11, 0.5, n))
    expected = np.exp(np.asarray(hdquantiles(np.log(pay), LEVELS)))
    np.testing.assert_allclose(q.smoothed(one(pay, pay))[0], expected, rtol=1e-6)
    assert (np.diff(q.smoothed(one(pay, pay))[0]) > 0).all()


def test_weights_stand_for_repeated_reports() -> None:
    pay = np.array([50e3, 60e3, 80e3])
    weight = np.array([3, 5, 4])
    again = np.repeat(pay, weight)
    for of in (q.quantiles, q.smoothed):
        np.testing.assert_allclose(of(one(pay, pay, weight)), of(one(again, again)), rtol=1e-12)


def test_intervals_that_make_no_sense_are_refused() -> None:
    for lo, hi in ((2.0, 1.0), (0.0, 0.0), (0.0, np.nan)):
        with pytest.raises(ValueError, match="intervals"):
            one(np.array([lo]), np.array([hi]))
    assert np.isnan(q.quantiles(one(np.empty(0), np.empty(0)))).all()
