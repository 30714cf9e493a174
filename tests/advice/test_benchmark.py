"""Benchmarks from the built-in release: its own cells, side by side, never averaged, and reasons where none may be shown."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paylens.engine
from paylens.advice.benchmark.asked import FACTORS, PERCENTILES
from paylens.advice.benchmark.money import Money
from paylens.advice.benchmark.rows import closer
from paylens.advice.cuts import Cells
from paylens.advice.guide import GUIDE
from paylens.contract.errors import InputError
from paylens.places import money, prices

ENGINE = paylens.engine.open()
US: dict[str, Any] = {"role": "ML engineer", "location": "United States", "as_of": "2026-11"}
ROLE = "machine-learning-engineer"


@pytest.fixture(scope="module")
def published() -> list[dict[str, Any]]:
    return ENGINE.release.table("cohorts.parquet").to_pylist()


@pytest.fixture(scope="module")
def kept_back() -> list[dict[str, Any]]:
    table = ENGINE.release.table("withheld.parquet")
    mine = pa.array([role == ROLE for role in table["role"].to_pylist()])
    return table.filter(mine).to_pylist()


def ask(**changes: Any) -> Any:
    return ENGINE.benchmark({**US, **changes})


def of(answer: Any, kind: str) -> list[dict[str, Any]]:
    return [r for r in answer["rows"] if r["kind"] == kind]


def test_a_measured_row_is_one_published_cell(published: list[dict[str, Any]]) -> None:
    rows = {r["source"]: r for r in of(ask(), "measured")}
    cells = {
        c["source"]: c
        for c in published
        if c["set"] == "role-country" and (c["role"], c["country"]) == (ROLE, "US")
    }
    assert rows
    assert rows.keys() == cells.keys()
    for source, row in rows.items():
        cell = cells[source]
        assert [row[p] for p in PERCENTILES] == [cell[p] for p in PERCENTILES]
        assert (row["n"], row["pay"], row["employers"]) == (cell["n"], cell["measure"], cell["employers"])
        assert (row["pooled"] or {"share": 0})["share"] == cell["pooling_weight"]


def test_sources_stand_side_by_side_and_none_is_an_average() -> None:
    answer = ask(by="seniority")
    known = {s["source"] for s in ENGINE.sources()} | {"paylens", "guide"}
    assert {r["source"] for r in answer["rows"]} <= known
    assert len({r["source"] for r in of(answer, "measured")}) > 1


@pytest.mark.parametrize("factor", [f for f in FACTORS if f not in ("country", "region")])
def test_every_factor_of_a_country(factor: str) -> None:
    answer = ask(by=factor)
    assert of(answer, "measured")
    for r in of(answer, "measured"):
        assert r["by"][factor]["label"]
        assert r["n"] >= 10
        assert r["n"] % 5 == 0
        shown = [r[p] for p in PERCENTILES if r[p] is not None]
        assert shown == sorted(shown)
        assert r["p50_low"] <= r["p50"] <= r["p50_high"]
        assert r["vintage"]
        assert r["licence"]


@pytest.mark.parametrize(
    "place, factor", [("Europe", "country"), (None, "country"), (None, "region"), ("Europe", "industry")]
)
def test_wider_places_and_the_places_within(place: str | None, factor: str) -> None:
    answer = ask(location=place, by=factor)
    assert of(answer, "measured")
    assert answer["currency"] == ("EUR" if place else "USD")
    if place and factor == "country":
        assert "US" not in {r["by"]["country"]["id"] for r in answer["rows"]}


def test_two_factors_at_once() -> None:
    answer = ask(by="seniority,years")
    assert answer["by"] == ["seniority", "years"]
    assert all({"seniority", "years"} == set(r["by"]) for r in of(answer, "measured"))
    grid = answer["grid"]
    assert grid["columns"] == ["0-2 years", "3-4 years", "5 years and more"]
    for down, amounts in zip(grid["rows"], grid["p50"], strict=True):
        for across, amount in zip(grid["columns"], amounts, strict=True):
            cell = [
                r
                for r in of(answer, "measured")
                if [v["label"] for v in r["by"].values()] == [down, across] and r["source"] == grid["source"]
            ]
            assert [r["p50"] for r in cell] == ([] if amount is None else [amount])
    assert ask(by="seniority")["grid"] is None


def test_sorted_by_one_source_and_cut_to_the_top() -> None:
    answer = ask(by="metro", sort="p50", top=5)
    values = list(dict.fromkeys(r["by"]["metro"]["id"] for r in answer["rows"]))
    assert len(values) == 5
    lead = next(r["source"] for r in answer["rows"] if r["kind"] == "measured")
    middles = [r["p50"] for r in answer["rows"] if r["source"] == lead and r["p50"] is not None]
    assert middles == sorted(middles, reverse=True)
    assert f"as {lead} " in answer["order"]
    assert answer["values"]["found"] >= 5


def test_employers_that_pay_most() -> None:
    answer = ENGINE.benchmark(role="data scientist", by="employer", sort="p50", top=4, as_of="2026-11")
    assert len({r["by"]["employer"]["id"] for r in answer["rows"]}) == 4
    assert all(r["n"] >= 20 for r in of(answer, "measured"))


def test_one_source_alone() -> None:
    assert {r["source"] for r in ask(by="seniority", source="levels_fyi")["rows"]} == {"levels_fyi"}
    official = ask(by="metro", source="us_oews", sort="p50", top=3)
    assert {r["kind"] for r in official["rows"]} == {"official"}
    assert all(r["relative_error"] is not None for r in official["rows"])


def test_official_metros_are_those_of_the_place() -> None:
    for place in ("California State", "Singapore"):
        found = ask(location=place, by="metro", source="us_oews")
        assert all(", CA" in r["by"]["metro"]["label"] for r in of(found, "official"))


def test_a_rate_that_is_not_the_months_is_said() -> None:
    answer = ENGINE.benchmark(role="ML engineer", location="Germany", as_of="2031-01")
    assert any("no rate of EUR is known for 2031-01" in note for note in answer["notes"])
    assert answer["fx"] is None
    assert ask(currency="EUR")["fx"]["per_usd"] == money.rate("EUR", "2026-11").per_usd


def test_reports_from_after_the_month_are_said() -> None:
    assert any("later years than 2019-06" in note for note in ask(as_of="2019-06")["notes"])


def test_a_modelled_row_is_the_estimate_of_that_person() -> None:
    for r in of(ask(by="seniority"), "modelled"):
        alone = ENGINE.estimate(US, seniority=r["by"]["seniority"]["id"])
        assert {p: r[p] for p in PERCENTILES} == pytest.approx(alone["percentiles"])


def test_an_official_row_is_what_the_source_publishes() -> None:
    row = next(r for r in of(ask(), "official") if r["source"] == "us_oews")
    alone = ENGINE.estimate(US, as_reported_in="us_oews")
    assert {p: row[p] for p in PERCENTILES} == pytest.approx(alone["percentiles"])
    assert row["pooled"] is None
    ncses = next(r for r in of(ask(), "official") if r["source"] == "us_ncses")
    assert ncses["p25"] is None, "NCSES publishes medians alone"


def test_a_nations_figure_is_not_shown_for_a_metro() -> None:
    assert "us_ncses" not in {r["source"] for r in of(ask(location="San Francisco"), "official")}


def test_a_withheld_cell_says_why_and_what_answers(kept_back: list[dict[str, Any]]) -> None:
    cell = next(c for c in kept_back if c["set"] == "role-country-years" and c["answered_by"])
    years = {"entry": 1, "mid": 4, "senior": 9}[cell["years_band"]]
    answer = ask(location=cell["country"], years_experience=years)
    row = next(r for r in of(answer, "withheld") if r["source"] == cell["source"])
    assert row["reason"] == cell["reason"]
    assert row["answered_by"]["n"] >= 10
    assert row["p50"] is None


def test_a_refused_place_still_offers_its_parent() -> None:
    answer = ask(location="Liechtenstein")
    assert not of(answer, "measured")
    assert of(answer, "withheld")
    assert all(r["reason"] for r in of(answer, "withheld"))


def test_nine_cells_of_the_guide_each_beside_ours() -> None:
    answer = ENGINE.benchmark(guide=True, as_of="2026-11")
    assert answer["currency"] is None
    cells = {(r["by"]["place"]["label"], r["by"]["level"]["id"]): r for r in of(answer, "guide")}
    assert {k: tuple(v["range"]) for k, v in cells.items()} == {
        k: (1000 * a, 1000 * b) for k, (a, b) in GUIDE.items()
    }
    modelled = {(r["by"]["place"]["label"], r["by"]["level"]["id"]) for r in of(answer, "modelled")}
    assert modelled == set(GUIDE)
    assert {r["currency"] for r in answer["rows"]} == {"USD", "EUR", "SGD"}


def test_two_places_compared_by_each_source() -> None:
    answer = ENGINE.benchmark(role="ML engineer", compare=["San Francisco", "New York"], as_of="2026-11")
    assert answer["comparison"]
    for pair in answer["comparison"]:
        a, b = (r["p50"] for r in answer["rows"] if r["source"] == pair["source"] and r["p50"] is not None)
        assert pair["ratio"] == pytest.approx(b / a)


def test_another_currency_is_one_rate_for_all() -> None:
    rate = money.rate("EUR", "2026-11").per_usd
    for a, b in zip(ask()["rows"], ask(currency="EUR")["rows"], strict=True):
        if a["p50"] is not None:
            assert b["p50"] == pytest.approx(a["p50"] * rate)


def test_regional_prices_divide_by_the_metros_level() -> None:
    fields = {"role": "ML engineer", "location": "San Francisco", "as_of": "2026-11", "source": "levels_fyi"}
    (plain,), (real,) = (of(ENGINE.benchmark({**fields, "adjust": a}), "measured") for a in ("none", "rpp"))
    level = prices.rpp("us-41860", int(plain["vintage"][-4:]))
    assert level is not None
    assert real["p50"] == pytest.approx(plain["p50"] * 100 / level.value)


def test_a_state_has_no_price_level_of_its_own() -> None:
    rows = ask(location="California State", adjust="rpp")["rows"]
    assert all(r["p50"] is None for r in rows)
    assert any("no regional price parity" in str(r["note"]) for r in rows)


def test_purchasing_power_is_in_international_dollars() -> None:
    plain, real = (ask(location="Germany", source="kaggle", adjust=a) for a in ("none", "ppp"))
    assert real["unit"] == "international dollars"
    (a,), (b,) = of(plain, "measured"), of(real, "measured")
    level = prices.ppp("DE", int(a["vintage"][-4:]))
    assert level is not None
    assert b["p50"] == pytest.approx(a["p50"] / level.value)


def test_inflation_is_the_product_of_yearly_changes() -> None:
    by_year = {a: of(ask(by="year", source="kaggle", adjust=a), "measured") for a in ("none", "inflation")}
    end = max(prices.price_index("US"))
    for plain, real in zip(by_year["none"], by_year["inflation"], strict=True):
        year = int(plain["vintage"])
        grown = 1.0
        for y in range(year + 1, end + 1):
            figure = prices.inflation("US", y)
            assert figure is not None
            grown *= 1 + figure.value / 100
        assert real["p50"] == pytest.approx(plain["p50"] * grown)


def test_years_between_two_are_between_their_prices() -> None:
    money_ = Money("USD", "2026-11", "inflation")
    low, middle, high = (
        money_.factor("USD", "US", None, y)[0] for y in ((2021, 2021), (2020, 2021), (2020, 2020))
    )
    assert low is not None
    assert middle is not None
    assert high is not None
    assert low < middle < high


BAD: list[tuple[Mapping[str, Any], str, str]] = [
    ({"by": "salary"}, "by", "known are country"),
    ({"by": "seniority,years,education"}, "by", "at most 2"),
    ({"by": "country"}, "by", "one country"),
    ({"by": "max"}, "by", "one person's pay"),
    ({"sort": "max"}, "sort", "one person's pay"),
    ({"sort": "Minimum"}, "sort", "one person's pay"),
    ({"sort": "p99"}, "sort", "p10, p25"),
    ({"top": 0}, "top", "from 1"),
    ({"top": True}, "top", "whole number"),
    ({"source": "glassdoor"}, "source", "known source"),
    ({"adjust": "cpi"}, "adjust", "none, inflation"),
    ({"adjust": "ppp", "currency": "EUR"}, "currency", "international dollars"),
    ({"adjust": "rpp", "location": "Germany"}, "adjust", "US metros"),
    ({"adjust": "ppp", "location": "Europe"}, "adjust", "single price level"),
    ({"compare": ["Berlin", "Munich"]}, "location", "compare"),
    ({"location": None, "compare": ["Berlin", "Berlin"]}, "compare", "two different"),
    ({"location": None, "compare": "Berlin"}, "compare", "two places"),
    ({"location": None, "by": "years"}, "by", "name a country"),
    ({"location": "California State", "by": "years"}, "by", "ask for the country"),
    ({"guide": True}, "location", "own places"),
    ({"as_reported_in": "kaggle"}, "as_reported_in", "use source"),
    ({"by": 3}, "by", "one or two factors"),
    ({"frobnicate": 1}, "frobnicate", "not a field"),
]  # fmt: skip


@pytest.mark.parametrize("changes, field, said", BAD, ids=[str(b[0]) for b in BAD])
def test_what_is_not_understood_names_the_field_and_the_known(
    changes: Mapping[str, Any], field: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask(**changes)
    assert caught.value.field == field
    assert said in str(caught.value)


def test_a_fact_that_no_cohort_is_cut_by_is_said() -> None:
    answer = ask(by="seniority", education="master")
    assert any("education" in note for note in answer["notes"])


@given(st.integers(10, 10_000), st.floats(1e4, 1e5), st.floats(1.05, 3.0))
def test_more_reports_mean_a_closer_median(n: int, middle: float, spread: float) -> None:
    low, high = closer(n, middle / spread, middle, middle * spread)
    closer_low, closer_high = closer(4 * n, middle / spread, middle, middle * spread)
    assert low < closer_low < middle < closer_high < high
    assert (high / middle) == pytest.approx((closer_high / middle) ** 2)


def test_cells_are_found_by_their_keys_with_nulls_between() -> None:
    rows = [
        {"source": "a", "set": "all", "role": None, "year": None, "currency": "USD", "p50": 1.0},
        {"source": "a", "set": "role", "role": "x", "year": None, "currency": "USD", "p50": 2.0},
        {"source": "b", "set": "role", "role": "x", "year": None, "currency": "USD", "p50": 3.0},
        {"source": "a", "set": "role-year", "role": "x", "year": 2021, "currency": "USD", "p50": 4.0},
        {"source": "a", "set": "role-year", "role": "y", "year": 2021, "currency": "USD", "p50": 5.0},
    ]
    table = pa.Table.from_pylist(rows)
    for name in ("source", "set", "role", "currency"):
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    cells = Cells(table)
    assert cells.sources == ["a", "b"]
    assert cells.sets == {"all": (), "role": ("role",), "role-year": ("role", "year")}
    assert cells.of("b", "role") == {("x",): 2}
    assert cells.of("b", "role-year") == {}
    assert [own for own, _ in cells.matching("a", "role-year", {"role": "y"})] == [("y", 2021)]
    assert cells.row(cells.of("a", "role-year")["x", 2021])["p50"] == 4.0
    assert cells.asks("a", "all")
    assert not cells.asks("b", "all")


def test_the_ladder_gives_the_true_reason(kept_back: list[dict[str, Any]]) -> None:
    cell = next(
        c
        for c in kept_back
        if c["set"] == "role-country-industry" and c["reason"].startswith("fewer than 10")
    )
    evidence = ENGINE.estimate(
        role="ML engineer", location=cell["country"], industry=cell["industry"], as_of="2026-11"
    )["evidence"]
    notes = [e["note"] for e in evidence if e["source"] == cell["source"]]
    assert not notes or any(cell["reason"] in str(note) for note in notes)


def test_a_finer_cut_comes_first_on_the_ladder() -> None:
    found = ENGINE.estimate(US, years_experience=4, seniority="senior")["evidence"]
    levels = next(e for e in found if e["source"] == "levels_fyi")
    assert levels["cohort"].count(" · ") == 3, levels["cohort"]


def test_a_source_that_never_asked_says_so() -> None:
    found = ENGINE.estimate(US, years_experience=4)["evidence"]
    assert "years: kaggle does not tell" in next(e["note"] for e in found if e["source"] == "kaggle")


def test_confidence_counts_the_closest_cohort() -> None:
    assert any("closest cohort of" in why for why in ENGINE.estimate(US)["confidence"]["why"])
    assert any(
        "no cohort of this place" in why
        for why in ENGINE.estimate(US, location="Liechtenstein")["confidence"]["why"]
    )


def test_an_answer_takes_milliseconds() -> None:
    for fields in ({}, {"by": "metro", "sort": "p50", "top": 15}, {"by": "seniority"}, {"by": "skill"}):
        ask(**fields)
        took = []
        for _ in range(9):
            start = time.perf_counter()
            ask(**fields)
            took.append(time.perf_counter() - start)
        assert statistics.median(took) < 0.060, fields


def test_a_benchmark_imports_no_heavy_library() -> None:
    code = "import sys, paylens; paylens.benchmark(role='ML engineer', location='US', by='metro'); print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "scipy", "duckdb", "pyarrow.compute", "vl_convert", "typer"} & set(
        done.stdout.split()
    )
