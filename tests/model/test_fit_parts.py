"""The parts of the fit that can be held against something known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from paylens.contract.vocabularies import sizes
from paylens.model.fit import pay
from paylens.model.fit.design import KNOTS, hats
from paylens.model.fit.linked import _pull, _scales
from paylens.model.fit.measures import fit_measures
from paylens.model.fit.pay import names_of
from paylens.model.fit.reference import _isotonic
from paylens.model.fit.rows import Rows, prepare
from paylens.model.predict.measures import ratios
from paylens.observations.schema import SCHEMA
from paylens.places import money


@given(hnp.arrays(float, st.integers(1, 20), elements=st.floats(0, 70)))
def test_the_years_basis_sums_to_one_and_gives_the_years_back(years: np.ndarray) -> None:  # type: ignore[type-arg]
    basis = hats(years)
    np.testing.assert_allclose(basis.sum(1), 1.0)
    np.testing.assert_allclose(basis @ KNOTS, np.minimum(years, KNOTS[-1]), atol=1e-9)


@given(hnp.arrays(float, (4, 5), elements=st.floats(-2, 2)))
def test_levels_become_rising_and_rising_ones_stay(levels: np.ndarray) -> None:  # type: ignore[type-arg]
    out = _isotonic(levels)
    assert (np.diff(out, axis=-1) >= -1e-12).all()
    np.testing.assert_allclose(out.mean(-1), levels.mean(-1), atol=1e-9)
    np.testing.assert_allclose(_isotonic(np.sort(levels, axis=-1)), np.sort(levels, axis=-1), atol=1e-12)


def simulated(n: int, seed: int) -> pa.Table:
    """Invented reports with a known law: country, role, years and company size move log pay by known amounts."""
    rng = np.random.default_rng(seed)
    country = rng.choice(["US", "DE"], n)
    role = rng.choice(["data-scientist", "data-analyst"], n)
    size = rng.choice(list(sizes().ids), n)
    years = rng.integers(0, 21, n).astype(float)
    effect = np.where(country == "US", np.log(150e3), np.log(80e3)) + np.where(
        role == "data-scientist", 0.1, -0.1
    )
    effect += 0.02 * np.minimum(years, 10) + 0.03 * np.array([sizes().ids.index(s) for s in size])
    usd = np.exp(effect + rng.logistic(size=n) * 0.12)
    columns = {name: pa.nulls(n, field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)}
    columns |= {
        "source": pa.array(["stackoverflow"] * n), "vintage": pa.array([2024] * n, pa.int16()), "month": pa.array(["2024-05"] * n),
        "row": pa.array(range(1, n + 1), pa.int32()), "respondent": pa.array([f"s:{i}" for i in range(n)]), "role": pa.array(role),
        "role_asked": pa.array(role), "country": pa.array(country), "years_lo": pa.array(years), "years_hi": pa.array(years),
        "company_size": pa.array(size), "employment": pa.array(["full-time"] * n), "skills": pa.array([[]] * n, pa.list_(pa.string())),
        "pay_lo": pa.array(usd), "pay_hi": pa.array(usd), "currency": pa.array(["USD"] * n),
        "pay_definition": pa.array(["yearly as asked"] * n),
    }  # fmt: skip
    return pa.table(columns, schema=SCHEMA)


@pytest.mark.statistical
def test_the_linked_model_finds_a_known_law() -> None:
    rows = prepare(simulated(6_000, 5))
    linked = pay.fit_linked(rows, rounds=3)
    m, names = linked.model, linked.names
    us, de = names.areas.index("US"), names.areas.index("DE")
    ds, da = names.roles.index("data-scientist"), names.roles.index("data-analyst")
    assert m.baseline[ds, us] - m.baseline[da, us] == pytest.approx(0.2, abs=0.04)
    at = linked.model
    size = at.company_size[us]
    assert size[-1] - size[0] == pytest.approx(0.18, abs=0.04)
    curve = at.years_family[at.role_family[ds]] + at.years_area[us]
    assert curve[6] - curve[0] == pytest.approx(0.2, abs=0.05)
    gap = m.baseline[ds, us] - m.baseline[ds, de]
    growth = np.log(150 / 80)
    rate = np.log(money.rate("EUR", "2024-05").per_usd / money.rate("EUR", "2025-06").per_usd)
    assert gap == pytest.approx(growth - rate, abs=0.08)


def test_an_interval_pulls_towards_itself() -> None:
    rows = prepare(simulated(50, 1))
    one = Rows(**{**rows.__dict__, "lo": np.full(len(rows), 1.0), "hi": np.full(len(rows), 2.0)})
    s = np.full(len(rows), 0.3)
    assert (_pull(one, np.full(len(rows), 0.0), s) > 0.9).all()
    assert (_pull(one, np.full(len(rows), 3.0), s) < -0.9).all()
    np.testing.assert_allclose(_pull(one, np.full(len(rows), 1.5), s), 0.0, atol=1e-12)
    open_top = Rows(**{**one.__dict__, "hi": np.full(len(rows), np.inf)})
    assert (_pull(open_top, np.full(len(rows), 9.0), s) > -1e-3).all()


def test_without_a_source_that_splits_pay_no_ratio_is_known() -> None:
    """As in a build of open licences alone."""
    table = simulated(300, seed=4)
    found = fit_measures(table, names_of(prepare(table)))
    assert not found.reports.any()
    bonus, equity, usual = ratios(found, 0, 1, 0, -1)
    assert not usual
    np.testing.assert_array_equal(np.concatenate([bonus, equity]), 0.0)


def test_a_communitys_reports_weigh_no_more_than_the_references_however_alike_they_are() -> None:
    draw = np.random.default_rng(5)
    group = np.array(
        ["stackoverflow-reference"] * 400 + ["community:ml"] * 400 + ["us_lca"] * 400, dtype=object
    )
    residual = np.concatenate([draw.normal(0, 0.4, 400), draw.normal(0, 0.02, 400), draw.normal(0, 0.1, 400)])
    scale, each = _scales(group, residual, np.ones(1200))
    assert scale["community:ml"] == scale["stackoverflow-reference"] > 0.2
    assert scale["us_lca"] < scale["community:ml"]
    assert np.array_equal(each, [scale[name] for name in group])
