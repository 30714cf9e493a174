"""A forecast: growth, scenarios and their intervals hang together; bad questions are named; releases are compared."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paylens.contract.errors import InputError, PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.release.files import MANIFEST, digest, json_to

MONTH = "2026-11"
QUANTILES = ("q025", "q10", "q25", "p50", "q75", "q90", "q975")


@pytest.fixture(scope="module")
def engine(forecast_release: Path) -> Engine:
    return open_engine(forecast_release)


def ask(engine: Engine, **fields: Any) -> dict[str, Any]:
    return dict(engine.forecast({"role": "ML engineer", "location": "Germany", "as_of": MONTH, **fields}))


@pytest.mark.parametrize("place", ["United States", "Germany", "Singapore", "Europe", "Cuba"])
def test_now_is_100_and_the_fan_opens_in_order(engine: Engine, place: str) -> None:
    answer = ask(engine, location=place)
    json.dumps(answer, allow_nan=False)
    first, *rest = answer["years"]
    assert all(first["index"][q] == pytest.approx(100) for q in QUANTILES)
    assert [r["year"] for r in rest] == [1, 2, 3, 4, 5]
    width = 0.0
    for row in rest:
        values = [row["index"][q] for q in QUANTILES]
        assert values == sorted(values)
        assert math.log(values[-1] / values[0]) > width
        width = math.log(values[-1] / values[0])
        assert row["amount"]["p50"] == pytest.approx(answer["level"]["p50"] * row["index"]["p50"] / 100)


def test_growth_a_year_is_that_of_the_last_year(engine: Engine) -> None:
    answer = ask(engine)
    last = answer["years"][-1]["index"]
    assert 100 * (1 + answer["a_year"]["p50"]) ** 5 == pytest.approx(last["p50"])
    assert 100 * (1 + answer["a_year"]["high"]) ** 5 == pytest.approx(last["q90"])


def test_the_amounts_start_from_the_estimate(engine: Engine) -> None:
    fields = {"role": "data scientist", "location": "Berlin", "seniority": "senior", "as_of": MONTH}
    assert engine.forecast(fields)["level"]["p50"] == engine.estimate(fields)["percentiles"]["p50"]


def test_a_horizon_is_the_start_of_a_longer_one(engine: Engine) -> None:
    assert ask(engine, horizon=3)["years"] == ask(engine, horizon=5)["years"][:4]


def test_real_is_nominal_less_prices(engine: Engine) -> None:
    nominal, real = ask(engine), ask(engine, real=True)
    assert real["inflation"]["known_to"] == 2024
    for a, b in zip(nominal["years"][1:], real["years"][1:], strict=True):
        assert b["index"]["p50"] < a["index"]["p50"]
        # The range is of pay; prices are an assumption without a range, and that is said.
        assert b["index"]["q90"] / b["index"]["q10"] == pytest.approx(a["index"]["q90"] / a["index"]["q10"])
    assert any("prices ahead" in n for n in real["notes"])
    assert "above prices" in real["first_line"]


def test_what_no_back_test_reaches_is_a_scenario_and_says_so(engine: Engine) -> None:
    for place in ("Germany", "Singapore", "Cuba"):
        answer = ask(engine, location=place)
        for row in answer["years"][1:]:
            assert (row["status"] == "scenario") == (row["tested"] is None)
            if row["tested"] is not None:
                assert row["tested"]["independent"] >= 1
    cuba = ask(engine, location="Cuba")
    assert {r["status"] for r in cuba["years"][1:]} == {"scenario"}
    assert cuba["basis"]["kind"] == "assumed"
    assert "never back-tested" in cuba["first_line"]


def test_borrowed_drift_is_said(engine: Engine) -> None:
    assert ask(engine)["basis"]["kind"] == "borrowed"
    assert any(n.startswith("borrowed") for n in ask(engine)["notes"])
    short = ask(engine, role="data scientist", location="US")["basis"]
    assert short["kind"] == "borrowed" and short["points"] < 8 and "fewer than 8" in short["why"]
    assert ask(engine, location="US")["basis"]["kind"] == "own"


# Scenarios --------------------------------------------------------------------------------------------------------


def test_without_scenarios_there_is_no_shifted_fan_and_sizes_are_examples(engine: Engine) -> None:
    answer = ask(engine)
    assert answer["shifted"] is None
    assert {s["scenario"]: s["example"] for s in answer["scenarios"]} == dict.fromkeys(
        ("demand", "technology", "globalisation"), True
    )


def test_a_scenario_shifts_its_middle_by_its_effect_and_never_narrows(engine: Engine) -> None:
    answer = ask(engine, demand=-0.2, globalisation=0.5)
    given = {s["scenario"]: s for s in answer["scenarios"]}
    base, moved = answer["years"][-1]["index"], answer["shifted"][-1]["index"]
    effect = math.prod(1 + given[n]["effect"]["p50"] for n in ("demand", "globalisation"))
    assert moved["p50"] == pytest.approx(base["p50"] * effect)
    assert moved["q90"] / moved["q10"] >= base["q90"] / base["q10"]
    assert answer["shifted"][0]["index"]["p50"] == pytest.approx(100)


def test_what_was_measured_without_a_clear_sign_has_no_middle(engine: Engine) -> None:
    for s in ask(engine, demand=0.5, technology=0.1)["scenarios"]:
        e = s["elasticity"]
        if e["status"] == "measured":
            assert e["clear"] == (e["low"] > 0 or e["high"] < 0)
            if not e["clear"]:
                assert s["effect"]["p50"] == pytest.approx(0)
                assert s["effect"]["low"] < 0 < s["effect"]["high"]
            assert e["rows"] > 0 and e["source"]
        else:
            assert "assumption" in s["note"]


def test_countries_drawing_together_lower_the_dear_and_raise_the_cheap(engine: Engine) -> None:
    def effect(place: str) -> float:
        return next(
            s
            for s in ask(engine, location=place, globalisation=1.0)["scenarios"]
            if s["scenario"] == "globalisation"
        )["effect"]["p50"]

    assert effect("United States") < 0 < effect("India")


# Questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"horizon": 50}, "horizon"), ({"horizon": 0}, "horizon"), ({"horizon": 2.5}, "horizon"), ({"horizon": "soon"}, "horizon"),
        ({"horizon": True}, "horizon"), ({"demand": -3}, "demand"), ({"technology": float("nan")}, "technology"),
        ({"globalisation": 2}, "globalisation"), ({"real": "yes"}, "real"), ({"demnd": 0.1}, "demnd"),
        ({"globalization": 0.1}, "globalization"), ({"as_reported_in": "kaggle"}, "as_reported_in"), ({"location": "Nowhereville"}, "location"),
        ({"real": True, "location": "Cuba"}, "real"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named(engine: Engine, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as raised:
        ask(engine, **fields)
    assert raised.value.field == field
    assert "\n" not in str(raised.value)


def test_a_misspelt_scenario_names_the_nearest(engine: Engine) -> None:
    with pytest.raises(InputError) as raised:
        ask(engine, demnd=0.1)
    assert "demand" in raised.value.candidates


def test_a_release_without_a_forecast_says_so(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "old"
    _without_forecast(engine.release.path, folder)
    with pytest.raises(PaylensError, match="has no forecast"):
        open_engine(folder).forecast(role="ML engineer")


def test_it_is_quick(engine: Engine) -> None:
    ask(engine)
    start = time.perf_counter()
    ask(engine, location="France")
    assert time.perf_counter() - start < 0.5


# Releases ---------------------------------------------------------------------------------------------------------


def _without_forecast(of: Path, to: Path) -> None:
    to.mkdir()
    body = json.loads((of / MANIFEST).read_bytes())
    body["files"] = {
        f: h
        for f, h in body["files"].items()
        if f not in ("trend.parquet", "forecast.parquet", "backtest.parquet", "drivers.parquet")
    }
    for name in body["files"]:
        (to / name).write_bytes((of / name).read_bytes())
    kept = {k: body[k] for k in ("schema", "month", "files", "inputs")}
    body["id"] = f"{body['month'].replace('-', '.')}-{digest(json_to(kept))[:6]}"
    (to / MANIFEST).write_bytes(json_to(body))


def test_a_release_against_itself_has_changed_nothing(engine: Engine) -> None:
    answer = engine.forecast(since=engine.release.path)
    assert answer["verdict"].startswith("Nothing changed")
    assert (answer["watched"], answer["why"], answer["files"]) == ([], [], {})


def test_an_older_release_with_other_inputs_is_explained(
    engine: Engine, tmp_path: Path, release_with: Callable[..., None]
) -> None:
    inputs = json.loads((engine.release.path / "manifest.json").read_bytes())["inputs"]
    changed = [dict(i) for i in inputs[1:]]
    changed[0]["sha256"] = "0" * 64
    folder = tmp_path / "old"
    release_with(engine.release.path, folder, {}, inputs=changed, month="2026-06")
    answer = engine.forecast(since=folder)
    json.dumps(answer, allow_nan=False)
    assert len(answer["inputs"]["added"]) + len(answer["inputs"]["changed"]) == 2
    assert any(w.startswith("new data") for w in answer["why"])
    assert any(w.startswith("new rates") for w in answer["why"])
    for row in answer["watched"]:
        # The same tables: all of the change is time's.
        assert row["parts"]["model"] == pytest.approx(1)
        assert row["parts"]["model"] * row["parts"]["ageing"] == pytest.approx(1 + row["change"])
        assert row["growth_a_year"]["before"] is not None


def test_other_tables_of_the_same_inputs_are_a_new_fit(
    engine: Engine, tmp_path: Path, release_with: Callable[..., None]
) -> None:
    names = json.loads((engine.release.path / "names.json").read_bytes())
    folder = tmp_path / "old"
    release_with(engine.release.path, folder, {"names.json": json.dumps(names).encode()})
    answer = engine.forecast(since=folder / "manifest.json", role="ML engineer", location="Berlin")
    assert answer["files"] == {"fit": ["names.json"]}
    assert any("the same inputs" in w for w in answer["why"])
    assert [w["place"] for w in answer["watched"]] == ["Berlin"]


def test_a_manifest_alone_compares_what_it_can(
    engine: Engine, tmp_path: Path, release_with: Callable[..., None]
) -> None:
    release_with(engine.release.path, tmp_path / "whole", {}, month="2026-06")
    alone = tmp_path / "manifest.json"
    alone.write_bytes((tmp_path / "whole" / "manifest.json").read_bytes())
    answer = engine.forecast(since=alone)
    assert answer["watched"] == []
    assert any("manifest" in n for n in answer["notes"])


@pytest.mark.parametrize("what", ["nowhere", "folder", "file"])
def test_what_is_no_release_is_named(engine: Engine, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("hello")
    with pytest.raises(InputError) as raised:
        engine.forecast(since=tmp_path / what)
    assert raised.value.field == "since"
