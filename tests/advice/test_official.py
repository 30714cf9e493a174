"""What official sources say of someone: published cells, their mixtures, and factors that multiply to the median."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paylens
from paylens.advice.official import OfficialFigures, quantiles
from paylens.contract.errors import InputError
from paylens.contract.profile import parse_profile

FIELDS = (
    "industry",
    "industry_title",
    "people",
    "employment",
    "relative_error",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
)


def cell(source: str, month: str, code: str, area: str, p50: float | None, **more: Any) -> dict[str, Any]:
    spread = {"p10": 0.6, "p25": 0.8, "p75": 1.3, "p90": 1.7} if source != "us_ncses" else {}
    pay = "basic wage" if source == "sg_mom" else "base as published"
    amounts = {k: None if p50 is None else v * p50 for k, v in spread.items()}
    row = {"source": source, "month": month, "occupation": code, "title": "Invented", "continues": code, "area": area, "pay": pay}  # fmt: skip
    return dict.fromkeys(FIELDS) | row | amounts | {"p50": p50} | more


class Invented:
    """A release of a few cells."""

    id = "2026.01-000000"
    manifest = {"inputs": [{"source": s, "licence": "public"} for s in ("us_oews", "us_ncses", "sg_mom")]}

    def __init__(self, cells: list[dict[str, Any]]) -> None:
        self._cells = cells

    def table(self, name: str) -> pa.Table:
        assert name == "official.parquet"
        return pa.Table.from_pylist(self._cells)


NARROW, JOINED = "computer and information scientists", "computer and mathematical scientists"
CELLS = [
    *(cell("us_oews", "2025-05", code, "US", pay, relative_error=0.7, employment=1e5)
      for code, pay in (("15-2051", 120e3), ("15-1252", 136e3), ("15-1221", 140e3))),
    cell("us_oews", "2025-05", "15-2051", "us-41860", 180e3, relative_error=2.0),
    cell("us_oews", "2025-05", "15-2051", "us-CA", 160e3, relative_error=1.0),
    cell("us_oews", "2025-05", "15-2051", "US", 132e3, industry="52--53", industry_title="Finance", relative_error=1.0),
    cell("us_oews", "2018-05", "15-1132", "US", 100e3, continues="15-1252", employment=300.0),
    cell("us_oews", "2018-05", "15-1133", "US", 110e3, continues="15-1252", employment=100.0),
    cell("us_ncses", "2021-02", JOINED, "US", 104e3),
    cell("us_ncses", "2021-02", JOINED, "US", 114e3, people="master"),
    cell("us_ncses", "2021-02", NARROW, "US", 160e3, people="doctorate", relative_error=0.3),
    cell("us_ncses", "2021-02", NARROW, "US", 168e3, people="doctorate, 6-10 years since", relative_error=2.4),
    cell("us_ncses", "2021-02", NARROW, "US", 150e3, people="doctorate, teachers included", relative_error=0.3),
    cell("us_ncses", "2021-02", NARROW, "us-WA", 165e3, people="doctorate, teachers included", relative_error=5.0),
    cell("sg_mom", "2024-06", "21222", "SG", 108e3, people="full-time residents"),
    cell("sg_mom", "2024-06", "21222", "SG", 118e3, people="full-time residents", industry="Financial and insurance services"),
    cell("sg_mom", "2024-06", "21222", "SG", 999e3, pay="gross wage"),
]  # fmt: skip
FIGURES = OfficialFigures(Invented(CELLS))  # type: ignore[arg-type]


def ask(**fields: Any) -> dict[str, Any]:
    return FIGURES.answer(parse_profile({"as_of": "2026-01", **fields}))


def refused(**fields: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        ask(**fields)
    return caught.value


QUESTIONS: list[dict[str, Any]] = [
    {"role": "data scientist", "as_reported_in": "us_oews"},
    {"role": "data scientist", "as_reported_in": "us_oews", "location": "San Francisco", "industry": "finance"},
    {"role": "data scientist", "as_reported_in": "us_oews", "location": "Fresno, CA", "currency": "EUR"},
    {"role": "ML engineer", "as_reported_in": "us_oews", "years_experience": 4},
    {"role": "research scientist", "as_reported_in": "us_ncses"},
    {"role": "research scientist", "as_reported_in": "us_ncses", "education": "PhD", "years_experience": 8, "location": "Seattle"},
    {"role": "data scientist", "as_reported_in": "sg_mom", "location": "Singapore", "industry": "finance"},
]  # fmt: skip


@pytest.mark.parametrize("fields", QUESTIONS, ids=str)
def test_shape_order_and_product(fields: dict[str, Any]) -> None:
    answer = ask(**fields)
    amounts = list(answer["quantiles"].values())
    assert len(amounts) == 19
    assert all(a < b for a, b in itertools.pairwise(amounts))
    product = answer["baseline"]["p50"] * math.prod(f["multiplier"] for f in answer["factors"])
    assert product == pytest.approx(answer["percentiles"]["p50"], rel=1e-9)
    assert all(f["low"] <= f["multiplier"] <= f["high"] for f in answer["factors"])
    assert answer["evidence"]
    assert all(row["measured"] and row["n"] is None for row in answer["evidence"])


def test_one_occupation_is_given_as_published() -> None:
    assert ask(role="data scientist", as_reported_in="us_oews")["percentiles"] == pytest.approx(
        {"p10": 72e3, "p25": 96e3, "p50": 120e3, "p75": 156e3, "p90": 204e3}
    )


def test_a_metro_then_its_state_then_the_nation() -> None:
    where = {"role": "data scientist", "as_reported_in": "us_oews"}
    assert ask(**where, location="San Francisco")["percentiles"]["p50"] == pytest.approx(180e3)
    assert ask(**where, location="California")["percentiles"]["p50"] == pytest.approx(160e3)
    nation = ask(**where, location="Boston")
    assert nation["percentiles"]["p50"] == pytest.approx(120e3)
    assert any("no figures of Boston" in note for note in nation["notes"])


def test_two_codes_that_became_one_are_one_mixture() -> None:
    then = ask(role="software engineer", as_reported_in="us_oews", as_of="2019-01")
    assert 100e3 < then["percentiles"]["p50"] < 105e3
    assert {row["vintage"] for row in then["evidence"]} == {"2018-05"}


def test_what_a_source_does_not_tell_apart_is_said() -> None:
    notes = ask(role="data scientist", as_reported_in="us_oews", years_experience=4, skills=["pytorch"])[
        "notes"
    ]
    assert any("by years, skills: not used" in note for note in notes)


def test_doctorates_by_years_and_state() -> None:
    answer = ask(**QUESTIONS[5])
    names = [f["factor"] for f in answer["factors"]]
    assert names == ["education", "experience", "location"]
    assert answer["percentiles"]["p50"] == pytest.approx(104e3 * (160 / 104) * (168 / 160) * (165 / 150))


def test_singapore_answers_in_its_money_and_says_whom() -> None:
    answer = ask(role="data scientist", as_reported_in="sg_mom")
    assert (answer["currency"], answer["percentiles"]["p50"]) == ("SGD", pytest.approx(108e3))
    assert any("residents" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": "data scientist", "as_reported_in": "sg_mom", "location": "Berlin"}, "location"),
        ({"role": "data scientist", "as_reported_in": "us_oews", "location": "Europe"}, "location"),
        ({"role": "recruiter", "as_reported_in": "us_oews"}, "role"),
        ({"role": "data scientist", "as_reported_in": "us_oews", "as_of": "2017-12"}, "as_of"),
        ({"role": "data scientist", "as_reported_in": "us_oews", "as_of": "2018-12"}, "as_of"),
    ],
)
def test_what_no_cell_answers_is_an_error(fields: dict[str, Any], field: str) -> None:
    error = refused(**fields)
    assert error.field == field
    assert error.candidates


def test_a_release_without_a_source_says_so() -> None:
    empty = OfficialFigures(Invented([c for c in CELLS if c["source"] != "sg_mom"]))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="holds no figures of sg_mom"):
        empty.answer(parse_profile({"role": "data scientist", "as_reported_in": "sg_mom"}))


@given(st.lists(st.tuples(st.floats(20e3, 900e3), st.floats(0.1, 5.0)), min_size=1, max_size=4))
def test_a_mixture_lies_between_its_parts(parts: list[tuple[float, float]]) -> None:
    cells = {f"c{i}": [(1.0, cell("us_oews", "2025-05", "c", "US", pay))] for i, (pay, _) in enumerate(parts)}
    weights = {f"c{i}": weight for i, (_, weight) in enumerate(parts)}
    q = quantiles(cells, weights)
    alone = np.array([quantiles({k: v}, {}) for k, v in cells.items()])
    assert np.all(np.diff(q) >= -1e-12)
    assert np.all(q >= alone.min(0) - 0.02)
    assert np.all(q <= alone.max(0) + 0.02)


def test_the_shipped_release_answers_as_every_source() -> None:
    engine = paylens.open()
    for source, place in (("us_oews", "Seattle"), ("us_ncses", "Seattle"), ("sg_mom", "Singapore"), ("kaggle", "US"),
                          ("stackoverflow", "US"), ("levels_fyi", "Seattle"), ("aijobs", "US"), ("us_lca", "Seattle")):  # fmt: skip
        answer = engine.estimate(
            role="data scientist", location=place, as_reported_in=source, as_of="2026-01"
        )
        assert answer["as_reported_in"] == source
        assert answer.percentiles["p25"] < answer.percentiles["p50"] < answer.percentiles["p75"]
