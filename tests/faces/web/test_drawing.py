"""Charts inside the page: coloured by its style alone, named, small, and never markup from a name."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

for part in ("jinja2", "markupsafe", "vl_convert"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]'")

from paylens import charts
from paylens.contract.errors import PaylensError
from paylens.engine import open as open_engine
from paylens.faces.web.drawing import Drawer, drawn

ENGINE = open_engine()
ANSWER = ENGINE.estimate(
    role="ML engineer", location="Berlin", years_experience=4, skills=["AWS"], as_of="2026-11"
)
MARKET = ENGINE.benchmark(role="ML engineer", location="US", by="seniority,years", as_of="2026-11")
GROUPS = [{"name": "Germany", "n": 500, "coverage": 0.82, "ok": True}, {"name": "x", "n": 200, "coverage": 0.6, "ok": False}]  # fmt: skip
SPECS = {
    "estimate": lambda w: charts.estimate(ANSWER, "", width=w, mine=80_000),
    "waterfall": lambda w: charts.waterfall(ANSWER, "", width=w),
    "benchmark": lambda w: charts.benchmark(MARKET, "", width=w),
    "heat": lambda w: charts.heat(MARKET, "", width=w),
    "coverage": lambda w: charts.coverage(GROUPS, "", width=w),
    "reliability": lambda w: charts.reliability([0.04, 0.5, 0.97], "", width=w),
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("width", [336, 712])
def test_a_drawing_has_the_styles_colours_and_its_width(name: str, width: int) -> None:
    svg = drawn(SPECS[name](width), "what it shows")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(|=\"(?:white|black)\"", svg), (
        "a colour that the dark does not turn"
    )
    assert "style=" not in svg
    assert "var(--" in svg
    assert "<title" in svg
    assert svg.count("<svg") == svg.count("</svg>") == 1
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= width + 12  # type: ignore[index]


def test_a_name_is_never_markup() -> None:
    hostile = '<script>alert("x")</script>'
    svg = drawn(charts.coverage([GROUPS[0] | {"name": hostile}], "", width=712), hostile)
    assert "<script" not in svg
    assert "&lt;script" in svg


def test_the_same_drawing_is_not_made_twice() -> None:
    from paylens.faces.web import drawing

    before = drawing._svg.cache_info()
    for _ in range(2):
        drawn(SPECS["coverage"](700), "the same")
    after = drawing._svg.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)
    assert after.maxsize == 256


def test_nothing_to_draw_is_no_figure_and_a_fault_is_one() -> None:
    assert Drawer().figure(lambda w: charts.coverage([], "", width=w), "none") is None
    with pytest.raises(PaylensError, match="common scale"):
        Drawer().figure(lambda w: charts.benchmark(ENGINE.benchmark(guide=True), "", width=w), "several")


def test_factors_lead_from_the_market_to_the_answer() -> None:
    rows = charts.waterfall(ANSWER, "a title")["data"]["values"]
    assert rows[0]["end"] == ANSWER.baseline["p50"]
    assert rows[-1]["end"] == ANSWER.percentiles["p50"]
    assert rows[-2]["end"] == pytest.approx(rows[-1]["end"], rel=1e-6)
    for before, step in pairwise(rows[:-1]):
        assert step["start"] == pytest.approx(before["end"])
        assert step["low"] <= step["end"] * 1.0001
        assert step["end"] <= step["high"] * 1.0001


def test_ones_own_pay_is_where_it_belongs() -> None:
    spec = charts.estimate(ANSWER, "", width=712, mine=80_000)
    ends = spec["usermeta"]
    assert ends["low"] < 80_000 < ends["high"]
    far = charts.estimate(ANSWER, "", width=712, mine=10_000_000)
    assert far["usermeta"]["high"] < 1_000_000, "one number must not press the rest flat"
    svg = drawn(spec, "x")
    assert re.search(r'class="[^"]*mine_line_marks', svg)
    assert 'data-left="' in svg
