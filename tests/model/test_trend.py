"""The trend's parts: code changes as terms, models beside drift, what is chosen from what was known, and how wide."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("statsforecast", reason="statsforecast is not here: pip install 'paylens[build]'")

from paylens.model.fit.trend import borrowed, drivers
from paylens.model.fit.trend import windows as trend_windows
from paylens.model.fit.trend.candidates import DRIFT, HORIZONS, MODELS, NAMES, REAL, ahead
from paylens.model.fit.trend.chains import chains
from paylens.model.fit.trend.choose import backtest, choose, multiplier
from paylens.model.fit.trend.fit import fit_trend
from paylens.model.fit.trend.surveys import huber
from paylens.model.fit.trend.windows import Window, independent, known_by, official, posted, posted_levels
from paylens.places import prices
from paylens.release.read import open_release

LOGS = st.lists(st.floats(-0.1, 0.2), min_size=3, max_size=12).map(lambda steps: np.cumsum([0.0, *steps]))


def published(**medians: dict[int, float]) -> dict[int, dict[str, tuple[float, float]]]:
    out: dict[int, dict[str, tuple[float, float]]] = {}
    for code, years in medians.items():
        for year, pay in years.items():
            out.setdefault(year, {})[f"{code[1:3]}-{code[3:]}"] = (1000.0, pay)
    return out


# Codes ------------------------------------------------------------------------------------------------------------


def test_a_new_number_for_the_same_content_is_no_break() -> None:
    found = chains(published(c151111={2017: 100.0, 2018: 110.0}, c151221={2019: 121.0}))["research"]
    assert found.years.tolist() == [2017, 2018, 2019]
    np.testing.assert_allclose(found.logs, [0.0, math.log(1.1), math.log(1.21)])
    assert found.breaks == ()


def test_where_no_code_is_comparable_the_group_stands_for_that_step_and_is_named() -> None:
    found = chains(
        published(
            c151132={2018: 100.0},
            c151133={2018: 100.0},
            c151256={2019: 300.0},
            c150000={2018: 100.0, 2019: 104.0},
        )
    )["software"]
    # The level trebles with the code; the step is the group's 4 %.
    np.testing.assert_allclose(found.logs, [0.0, math.log(1.04)])
    ((year, said),) = found.breaks
    assert year == 2019
    assert "15-1256" in said and "15-0000" in said


def test_old_codes_are_compared_with_their_parts_by_employment() -> None:
    table = published(c151256={2020: 100.0}, c151252={2022: 130.0}, c151253={2022: 90.0})
    table[2022]["15-1252"] = (3000.0, 130.0)
    found = chains(table)["software"]
    assert found.logs[-1] == pytest.approx(0.75 * math.log(1.3) + 0.25 * math.log(0.9))


def test_a_year_that_was_not_published_is_between_its_neighbours_and_no_later_year_is_seen() -> None:
    found = chains(published(c152011={2013: 100.0, 2015: 121.0, 2016: 500.0}))["actuaries"]
    np.testing.assert_allclose(found.upto(2015), [0.0, math.log(1.1), math.log(1.21)])


# Models -----------------------------------------------------------------------------------------------------------


@settings(max_examples=10)
@given(LOGS, st.floats(-3, 3))
def test_growth_ahead_does_not_depend_on_the_level(y: Any, shift: float) -> None:
    a, b = ahead(y[:6], "US", "2024-05"), ahead(y[:6] + shift, "US", "2024-05")
    for name in ("no change", DRIFT, "mean drift", "half-way", REAL):
        np.testing.assert_allclose(a[name], b[name], atol=1e-9)


@settings(max_examples=10)
@given(LOGS)
def test_drift_is_a_straight_line(y: Any) -> None:
    y = y[:6]
    found = ahead(y, "US", "2024-05")
    years = np.arange(1, HORIZONS + 1)
    np.testing.assert_allclose(found[DRIFT], years * (y[-1] - y[-2]), atol=1e-12)
    np.testing.assert_allclose(found["half-way"], (found[DRIFT] + found["mean drift"]) / 2, atol=1e-12)


def test_a_steady_series_is_carried_on_by_every_model_but_no_change() -> None:
    found = ahead(0.03 * np.arange(13), "US", "2024-05")
    for name in set(NAMES) - {"no change", "theta", REAL}:
        np.testing.assert_allclose(found[name], 0.03 * np.arange(1, HORIZONS + 1), atol=2e-3, err_msg=name)


def test_where_no_prices_are_published_real_drift_is_mean_drift() -> None:
    found = ahead(np.array([0.0, 0.01, 0.05, 0.06]), "CU", "2024-05")
    np.testing.assert_array_equal(found[REAL], found["mean drift"])


def test_what_is_said_then_does_not_change_with_prices_published_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = np.array([0.0, 0.02, 0.05, 0.06])
    before = ahead(y, "DE", "2020-05")[REAL]
    table = {c: dict(v) for c, v in prices._table("cpi").items()}
    table["DE"] |= {2021: 40.0, 2022: 40.0, 2023: 40.0}
    monkeypatch.setattr(prices, "_table", lambda name: table)
    prices.expected_inflation.cache_clear()
    try:
        np.testing.assert_allclose(ahead(y, "DE", "2020-05")[REAL], before)
        assert abs(ahead(y, "DE", "2024-05")[REAL] - before).max() > 0.01
    finally:
        prices.expected_inflation.cache_clear()


# Back-test --------------------------------------------------------------------------------------------------------


def test_windows_of_posted_wages_add_up_exactly() -> None:
    rates = {12 * 2019 + k: 0.02 + 0.001 * (k // 12) for k in range(60)}
    np.testing.assert_allclose(np.diff(posted_levels(rates, 12 * 2023)), [0.02, 0.021, 0.022, 0.023, 0.024])
    found = [w for w in posted({"DE": rates}) if w.origin == 12 * 2021 and w.years == 2]
    assert [w.missed["no change"] for w in found] == [pytest.approx(0.023 + 0.024)]


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 5)), min_size=1, max_size=40))
def test_independent_windows_do_not_overlap_and_are_as_many_as_fit(spans: list[tuple[int, int]]) -> None:
    windows = [Window("p", "s", origin, years, {DRIFT: 0.0}) for origin, years in spans]
    n = independent(windows)
    assert 1 <= n <= len(set(spans))
    assert n * min(12 * y for _, y in spans) <= max(o + 12 * y for o, y in spans) - min(o for o, _ in spans)
    assert independent(windows * 3) == n  # more series at the same time are no more stretches of time


def test_choosing_sees_only_what_was_known() -> None:
    early = Window("p", "a", 0, 1, {"last drift": 0.01, "mean drift": 0.02})
    late = Window("p", "a", 24, 1, {"last drift": 9.0, "mean drift": 0.0})
    assert known_by([early, late], 12) == [early]
    assert choose({"p": known_by([early, late], 12)}, ("last drift", "mean drift")).model == "last drift"  # type: ignore[union-attr]
    assert choose({"p": [early, late]}, ("last drift", "mean drift")).model == "mean drift"  # type: ignore[union-attr]


def test_where_none_beats_drift_drift_is_shown() -> None:
    windows = [
        Window("p", "a", 12 * k, 1, {"last drift": 0.01, "mean drift": 0.01, "no change": 0.2})
        for k in range(6)
    ]
    found = choose({"p": windows}, ("no change", "mean drift", "last drift"))
    assert found is not None and found.model == "last drift"
    (row,) = [
        r
        for r in backtest({"p": windows}, ("no change", "mean drift", "last drift"))
        if r["model"] == "shown"
    ]
    assert row["mase"] == 1.0


def test_intervals_nest_and_widen_with_few_years() -> None:
    assert multiplier(0.5, 5) < multiplier(0.8, 5) < multiplier(0.95, 5)
    assert multiplier(0.8, 2) > multiplier(0.8, 20) > 1.28


# Tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(figures: Any) -> dict[str, Any]:
    return made(figures)


def made(figures: Any) -> dict[str, Any]:
    texts = ("source", "month", "role", "seniority", "country", "education", "currency", "pay_flag", "remote")
    numbers = ("years_lo", "years_coding_lo", "pay_lo", "pay_hi")
    nobody = pa.table(
        {**{t: pa.array([], pa.string()) for t in texts}, "vintage": pa.array([], pa.int16()),
         **{n: pa.array([], pa.float64()) for n in numbers}}
    )  # fmt: skip
    found = fit_trend(figures, open_release().table("official.parquet"), nobody)
    return {name: table.to_pylist() for name, table in found.items()}


def test_a_short_series_is_never_fitted_it_borrows_and_says_so(tables: dict[str, Any]) -> None:
    by = {(r["country"], r["family"]): r for r in tables["forecast"] if r["years"] == 1}
    assert by["US", "machine-learning"]["basis"] == "own"
    assert by["US", "machine-learning"]["points"] == 10
    short = by["US", "data-science"]
    assert (short["basis"], short["points"]) == ("borrowed", 5)
    assert short["wages"] == "Computing and mathematical occupations"
    # Borrowing adds what occupations differ by.
    assert short["error"] > by["US", "machine-learning"]["error"]
    assert by["DE", None]["basis"] == "borrowed"


def test_the_interval_grows_with_the_years_and_holds_its_middle(tables: dict[str, Any]) -> None:
    for row in tables["forecast"]:
        middle = row["median"] or 0.0
        assert row["q025"] < row["q10"] < row["q25"] < middle < row["q75"] < row["q90"] < row["q975"]
        one = next(r for r in tables["forecast"] if r["series"] == row["series"] and r["years"] == 1)
        half = row["q90"] - middle
        assert half == pytest.approx(row["years"] * (one["q90"] - (one["median"] or 0.0)))


def test_every_break_of_codes_is_in_the_table(tables: dict[str, Any]) -> None:
    broken = {
        r["month"]: r["broken"]
        for r in tables["trend"]
        if r["series"] == "US|machine-learning|us_oews" and r["broken"]
    }
    assert set(broken) == {"2019-05", "2022-05"}
    assert "Data scientists join" in broken["2019-05"]


def test_the_same_figures_give_the_same_tables(figures: Any) -> None:
    few = figures.filter(pa.compute.equal(figures["country"], "DE"))
    assert made(few) == made(few)


def test_without_any_series_there_is_a_table_and_no_claim() -> None:
    names = ("kind", "country", "group", "month", "value", "n")
    kinds = (pa.string(), pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64())
    found = made(pa.table({n: pa.array([], k) for n, k in zip(names, kinds, strict=True)}))
    assert found["backtest"] == []
    assert not [r for r in found["drivers"] if r["what"] == "elasticity"]
    assert not [r for r in found["forecast"] if r["country"] is not None]


# What moves pay ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("true", [0.0, 0.2])
def test_a_known_elasticity_lies_in_its_interval(true: float) -> None:
    held = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        levels: dict[str, dict[int, float]] = {}
        growth: dict[str, dict[int, float]] = {}
        for country in "ABCDE":
            logs = np.cumsum(0.03 * draw.standard_normal(96))
            levels[country] = {k: math.exp(v) for k, v in enumerate(logs)}
            growth[country] = {
                k: 0.02 + true * (logs[k] - logs[k - 12]) + 0.01 * draw.standard_normal()
                for k in range(12, 96)
            }
        found = drivers.within(growth, levels, logs=True)
        assert found is not None and found.groups == 7
        held += found.low <= true <= found.high
    assert held >= 16


def test_too_few_years_have_no_elasticity() -> None:
    levels = {c: {k: 1.0 + k for k in range(30)} for c in "AB"}
    growth = {c: dict.fromkeys(range(30), 0.02) for c in "AB"}
    assert drivers.within(growth, levels, logs=True) is None


def test_prices_stand_for_a_country_left_out_of_its_own_mean(simulated: Callable[..., Any]) -> None:
    rates = {c: {12 * 2019 + k: 0.03 + 0.01 * i for k in range(84)} for i, c in enumerate(("DE", "FR", "US"))}
    real = borrowed.real_growth(rates)
    assert set(real) == {"DE", "FR", "US"}
    assert max(max(years) for years in real.values()) <= 2024  # prices are published to then
    window = next(w for w in borrowed.windows(rates) if w.series == "DE" and w.years == 1)
    without = borrowed.windows(
        {"DE": rates["DE"], "FR": rates["FR"], "US": {m: g + 0.05 for m, g in rates["US"].items()}}
    )
    other = next(w for w in without if w.series == "DE" and w.years == 1)
    assert other.missed["no change"] == window.missed["no change"]
    assert other.missed[borrowed.PRICES] != window.missed[borrowed.PRICES]


def test_a_robust_fit_recovers_a_period_among_typos() -> None:
    draw = np.random.default_rng(3)
    x = np.column_stack([np.ones(2000), draw.integers(0, 2, 2000), draw.integers(0, 2, 2000)]).astype(float)
    y = 10 + 0.5 * x[:, 1] + 0.05 * x[:, 2] + 0.3 * draw.standard_normal(2000)
    y[::50] += 12.0  # a few with too many zeros
    beta, error = huber(x, y)
    assert abs(beta[2] - 0.05) < 3 * error[2] < 0.06


def test_official_windows_skip_years_that_were_not_published(
    figures: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trend_windows, "ahead", lambda y, *_: {DRIFT: MODELS[DRIFT](y)})
    table: dict[int, dict[str, tuple[float, float]]] = {}
    for r in figures.to_pylist():
        if r["kind"] == "official wages":
            table.setdefault(int(r["month"][:4]), {})[r["group"]] = (r["n"], r["value"])
    found = official(list(chains(table).values()))
    assert {w.target // 12 for w in found} <= {2017, 2018, 2019, 2020, 2022, 2024, 2025}
