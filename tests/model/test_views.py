"""A source's view as it ships predicts what was fitted, and its parts do what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from paylens.model.fit import boosting, network
from paylens.model.fit.views import View, facts_of, fit_view
from paylens.model.predict import network as networks
from paylens.model.predict import views
from paylens.observations.schema import SCHEMA
from paylens.release.files import arrays_from, arrays_to, json_from, json_to


def advertised(n: int, seed: int) -> pa.Table:
    """Invented postings: levels and words of a title move log pay by known amounts."""
    rng = np.random.default_rng(seed)
    level = rng.choice(["entry", "mid", "senior"], n)
    title = rng.choice(["data engineer", "big data engineer", "data engineer lead"], n)
    middle = (
        11.3 + 0.2 * (level == "senior") - 0.2 * (level == "entry") + 0.3 * (title == "data engineer lead")
    )
    usd = np.exp(middle + rng.normal(size=n) * 0.15)
    columns = {name: pa.nulls(n, field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)}
    columns |= {
        "source": pa.array(["aijobs"] * n), "vintage": pa.array([2025] * n, pa.int16()), "month": pa.array(["2025-06"] * n),
        "row": pa.array(range(1, n + 1), pa.int32()), "respondent": pa.array([f"a:{i}" for i in range(n)]), "role": pa.array(["data-engineer"] * n),
        "role_asked": pa.array(title), "seniority": pa.array(level), "country": pa.array(rng.choice(["US", "GB"], n)),
        "employment": pa.array(["full-time"] * n), "skills": pa.array([[]] * n, pa.list_(pa.string())),
        "pay_lo": pa.array(usd * 0.8), "pay_hi": pa.array(usd / 0.8), "currency": pa.array(["USD"] * n),
        "pay_definition": pa.array(["advertised range"] * n),
    }  # fmt: skip
    return pa.table(columns, schema=SCHEMA)


@pytest.fixture(scope="module")
def fitted() -> tuple[View, list[boosting.Fitted]]:
    """A view, and the boosters that it was flattened from: without the calibrating fifth, then with all."""
    made: list[boosting.Fitted] = []
    fit = boosting.fit

    def kept(*arguments: Any) -> boosting.Fitted:
        made.append(fit(*arguments))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosting, "SIZES", {})
        patch.setattr(boosting, "ROUNDS", {"location": 30, "scale": 10, "refine": 10, "direct": 30})
        patch.setattr(boosting, "fit", kept)
        patch.setattr(network, "SIZES", {"aijobs": network.Size(members=2, passes=4)})
        return fit_view("aijobs", advertised(900, 3), seed=5), made


def test_the_arrays_give_what_the_libraries_gave(fitted: tuple[View, list[boosting.Fitted]]) -> None:
    view, made = fitted
    model = views.load(view.meta, view.arrays)
    found = views.predict(model, facts_of(advertised(200, 4)))
    assert model.networks is not None
    q = views.mixed(made[-1].quantiles(found.x), networks.evaluate(model.networks, found.x), model.share)
    expected = views.recalibrated(q, model.levels[views.facts_known(found.x)])
    np.testing.assert_allclose(found.quantiles, expected, atol=1e-9)
    assert found.locations.shape == (200, boosting.FOLDS)
    assert (np.diff(found.quantiles, axis=1) >= 0).all()


def test_a_release_s_32_bits_change_nothing_that_shows(fitted: tuple[View, list[boosting.Fitted]]) -> None:
    view, _ = fitted
    facts = facts_of(advertised(200, 4))
    kept = arrays_from(arrays_to(view.arrays, single=True), "view")
    back = views.load(json_from(json_to(view.meta), "meta"), kept)
    np.testing.assert_allclose(views.quantiles(back, facts), views.quantiles(views.load(view.meta, view.arrays), facts), atol=2e-3)  # fmt: skip


def test_words_that_few_titles_hold_or_lack_are_not_told_apart(
    fitted: tuple[View, list[boosting.Fitted]],
) -> None:
    assert fitted[0].meta["titles"] == ["big", "lead"]  # every title holds 'data' and 'engineer'


def test_a_view_from_before_the_networks_is_read(fitted: tuple[View, list[boosting.Fitted]]) -> None:
    view, made = fitted
    arrays = {k: v for k, v in view.arrays.items() if not k.startswith("network.")}
    meta = {k: v for k, v in view.meta.items() if k != "share"}
    model = views.load(meta, arrays)
    found = views.predict(model, facts_of(advertised(50, 4)))
    expected = views.recalibrated(made[-1].quantiles(found.x), model.levels[views.facts_known(found.x)])
    np.testing.assert_allclose(found.quantiles, expected, atol=1e-9)


def test_words_of_a_title() -> None:
    assert views.words_of("data data engineer") == ["data", "engineer"]
    assert views.words_of(None) is None


def test_the_view_of_submitted_reports_holds_nothing_of_a_few_people() -> None:
    """No network, no mean of a cell, no quantile of a leaf; every leaf rests on 15 people and more."""
    source = "community:meetup"
    rng = np.random.default_rng(8)
    n = 400
    years = rng.integers(0, 16, n).astype(float)
    usd = np.exp(11.3 + 0.03 * years + rng.normal(size=n) * 0.25)
    columns = {name: pa.nulls(n, field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)}
    columns |= {
        "source": pa.array([source] * n), "vintage": pa.array([2026] * n, pa.int16()), "month": pa.array(["2026-10"] * n),
        "row": pa.array(range(1, n + 1), pa.int32()), "respondent": pa.array([f"c:{i}" for i in range(n)]),
        "role": pa.array(["data-scientist"] * n), "role_asked": pa.array(["data scientist"] * n), "country": pa.array(["DE"] * n),
        "years_lo": pa.array(years), "years_hi": pa.array(years), "employment": pa.array(["unknown"] * n),
        "skills": pa.array([[]] * n, pa.list_(pa.string())), "pay_lo": pa.array(usd), "pay_hi": pa.array(usd),
        "currency": pa.array(["USD"] * n), "pay_definition": pa.array(["cash"] * n),
    }  # fmt: skip
    table = pa.table(columns, schema=SCHEMA)
    view = fit_view(source, table.slice(2), seed=1)
    assert not [name for name in view.arrays if name.startswith(("network", "direct", "refine"))]
    assert all(cells == {} for cells in view.meta["cells"]) and view.meta["n"] == 395
    for name in ("location", "scale"):
        settings = boosting.SIZES["community:"][name]
        assert settings["min_data_in_leaf"] >= 30
    loaded = views.load(view.meta, view.arrays)
    q = views.quantiles(loaded, facts_of(table))
    assert (np.diff(q, axis=1) >= 0).all()
    # It has learnt what there is to learn: years, and the spread.
    young, old = (np.median(q[(years >= a) & (years <= b), 9]) for a, b in ((0, 3), (12, 15)))
    assert 0.2 < old - young < 0.5
    inside = (np.log(usd) >= q[:, 1]) & (np.log(usd) <= q[:, 17])
    assert 0.72 < inside.mean() < 0.9
