"""Charts: one definition each, from an answer; drawn where vl-convert is installed, else a one-line error."""

from __future__ import annotations

import importlib
import importlib.util
import json
from typing import Any

import pytest

import paylens.engine
from paylens import charts
from paylens.contract.errors import MissingExtra, PaylensError

ENGINE = paylens.engine.open()
WITH_DRAWER = importlib.util.find_spec("vl_convert") is not None


def market(**fields: Any) -> Any:
    return ENGINE.benchmark(
        {"role": "ML engineer", "location": "United States", "as_of": "2026-11", "by": "seniority", **fields}
    )


def test_a_row_for_each_that_may_be_shown() -> None:
    answer = market()
    spec = charts.benchmark(answer, "a title")
    drawn = spec["data"]["values"]
    shown = [r for r in answer["rows"] if r["p50"] is not None or r["range"]]
    assert [d["p50"] for d in drawn] == [r["p50"] for r in shown]
    assert len({d["row"] for d in drawn}) == len(drawn), "two rows in one place"
    assert json.loads(json.dumps(spec)) == spec


def test_amounts_of_several_currencies_have_no_scale() -> None:
    with pytest.raises(PaylensError, match="--currency"):
        charts.benchmark(ENGINE.benchmark(guide=True, as_of="2026-11"), "nine cells")


def test_nothing_shown_is_nothing_drawn() -> None:
    answer = market()
    answer["rows"] = [r for r in answer["rows"] if r["kind"] == "withheld"]
    with pytest.raises(PaylensError, match="nothing to draw"):
        charts.benchmark(answer, "nothing")


def test_two_factors_make_a_heat_table_of_one_source() -> None:
    answer = market(by="seniority,years")
    cells = charts.heat(answer, "a title")["data"]["values"]
    mine = {r["p50"] for r in answer["rows"] if r["source"] == answer["grid"]["source"]} - {None}
    assert {c["p50"] for c in cells} == mine
    with pytest.raises(PaylensError, match="two factors"):
        charts.heat(market(), "one factor")


def test_the_density_holds_its_half() -> None:
    answer = ENGINE.estimate(role="ML engineer", location="Berlin", as_of="2026-11")
    spec = charts.estimate(answer, "a title")
    curve = spec["layer"][0]["data"]["values"]
    assert all(point["density"] > 0 for point in curve)
    step = curve[1]["pay"] - curve[0]["pay"]
    assert sum(point["density"] for point in curve) * step == pytest.approx(0.94, abs=0.03)
    assert sum(point["density"] for point in curve if point["half"]) * step == pytest.approx(0.5, abs=0.05)
    flat = answer.to_dict() | {"quantiles": dict.fromkeys(answer["quantiles"], 50_000.0)}
    with pytest.raises(PaylensError, match="no spread"):
        charts.estimate(flat, "flat")


def test_without_the_drawer_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def absent(name: str, package: str | None = None) -> Any:
        if name == "vl_convert":
            raise ModuleNotFoundError(name="vl_convert")
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"paylens\[report\]"):
        charts.picture(charts.benchmark(market(), "a title"), "svg")


@pytest.mark.skipif(not WITH_DRAWER, reason="vl-convert is not installed: it comes with the extra 'report'")
def test_pictures_of_both_kinds() -> None:
    spec = charts.benchmark(market(), "a title")
    assert charts.picture(spec, "svg").startswith(b"<svg")
    assert charts.picture(spec, "png").startswith(b"\x89PNG")
    assert b"<svg" in charts.picture(
        charts.estimate(ENGINE.estimate(role="ML engineer", as_of="2026-11"), "t"), "svg"
    )
