"""What an estimate promises, asked of the built-in release."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paylens
from paylens.contract import vocabularies
from paylens.contract.errors import InputError
from paylens.places import geography

ENGINE = paylens.open()
ROLES = [r for r in vocabularies.roles().ids if r not in ("student", "not-employed")]
# 'LA' alone is refused: it may be the city, the state or Laos.
COUNTRIES = [c.id for c in geography.countries() if c.id != "LA"]
LADDER = ("entry", "mid", "senior", "staff", "principal")
AS_OF = "2026-11"

profiles = st.fixed_dictionaries(
    {"role": st.sampled_from(ROLES), "as_of": st.just(AS_OF)},
    optional={
        "location": st.sampled_from([*COUNTRIES, "Berlin", "San Francisco, CA", "Europe", "Singapore"]),
        "years_experience": st.floats(0, 60),
        "seniority": st.sampled_from([*LADDER, "manager", "director", "executive"]),
        "education": st.sampled_from(vocabularies.educations().ids),
        "company_size": st.sampled_from([5, 250, "10000+"]),
        "industry": st.sampled_from(vocabularies.industries().ids),
        "employer": st.sampled_from(["Google", "Amazon", "IBM"]),
        "remote": st.sampled_from(["onsite", "hybrid", "remote"]),
        "skills": st.lists(st.sampled_from(vocabularies.skills().ids), max_size=6, unique=True),
        "pay": st.sampled_from(["base", "cash", "total"]),
    },
)


@given(profiles)
@settings(max_examples=150)
def test_baseline_times_factors_is_the_median(profile: dict[str, object]) -> None:
    answer = ENGINE.estimate(profile)
    product = answer.baseline["p50"] * math.prod(f["multiplier"] for f in answer.factors)
    assert product == pytest.approx(answer.percentiles["p50"], rel=1e-6)
    assert answer.percentiles["p50"] == answer.quantiles["0.50"]


@given(profiles)
@settings(max_examples=100)
def test_quantiles_rise_and_intervals_hold_their_multiplier(profile: dict[str, object]) -> None:
    answer = ENGINE.estimate(profile)
    q = list(answer.quantiles.values())
    assert len(q) == 19
    assert all(a < b for a, b in pairwise(q)) or profile.get("pay") == "base"
    assert q == sorted(q)
    assert all(
        f["low"] <= f["multiplier"] * (1 + 1e-9) and f["multiplier"] <= f["high"] * (1 + 1e-9)
        for f in answer.factors
    )


@given(profiles)
@settings(max_examples=60)
def test_total_is_not_below_cash_nor_cash_below_base(profile: dict[str, object]) -> None:
    base, cash, total = (
        np.array(list(ENGINE.estimate({**profile, "pay": measure}).quantiles.values()))
        for measure in ("base", "cash", "total")
    )
    assert (base <= cash * (1 + 1e-12)).all()
    assert (cash <= total * (1 + 1e-12)).all()


@pytest.mark.parametrize("years", [None, 0, 2, 4, 8, 20])
def test_a_higher_level_is_never_paid_less(years: float | None) -> None:
    rows = [
        (r, c, level)
        for r in ROLES
        for c in ("US", "DE", "IN", "SG", "CH", "BR", "NG", "JP")
        for level in LADDER
    ]
    columns = {
        "role": [r for r, _, _ in rows], "location": [c for _, c, _ in rows], "seniority": [v for _, _, v in rows],
        "years_experience": pa.array([years] * len(rows), pa.float64()), "as_of": [AS_OF] * len(rows),
    }  # fmt: skip
    p50 = np.array(ENGINE.estimate_many(pa.table(columns))["p50"].to_pylist()).reshape(-1, len(LADDER))
    assert (np.diff(p50, axis=1) >= -1e-9 * p50[:, :-1]).all()


@pytest.mark.parametrize(
    ("place", "currency"),
    [
        ("Singapore", "SGD"), ("Bangalore", "INR"), ("Hong Kong", "HKD"), ("London", "GBP"), ("Paris", "EUR"), ("Zurich", "CHF"),
        ("New York", "USD"), ("Seattle", "USD"), ("San Francisco", "USD"), ("Europe", "EUR"), (None, "USD"),
    ],
)  # fmt: skip
def test_a_place_answers_in_its_own_currency(place: str | None, currency: str) -> None:
    assert ENGINE.estimate(role="ML engineer", location=place, as_of=AS_OF).currency == currency


@pytest.mark.parametrize("place", ["Singapore", "Zurich"])
def test_thin_evidence_is_said_and_never_confident(place: str) -> None:
    answer = ENGINE.estimate(role="ML engineer", location=place, as_of=AS_OF)
    assert any(n.startswith("Modelled from") for n in answer.notes)
    assert answer.confidence["label"] == "low"


def test_thin_evidence_is_no_narrower_than_the_widest_well_measured_country() -> None:
    def spread(place: str) -> float:
        p = ENGINE.estimate(role="ML engineer", location=place, as_of=AS_OF).percentiles
        return math.log(p["p90"] / p["p10"])

    assert spread("SG") >= max(spread(c) for c in ("US", "DE", "GB"))


def test_the_exchange_rate_does_not_move_an_answer_in_local_money() -> None:
    a = ENGINE.estimate(role="ML engineer", location="CH", as_of="2026-09")
    b = ENGINE.estimate(role="ML engineer", location="CH", as_of="2026-10")
    assert b.percentiles["p50"] / a.percentiles["p50"] == pytest.approx(
        b.ageing["multiplier"] / a.ageing["multiplier"], rel=1e-9
    )
    assert a.fx is None


@given(st.sampled_from(COUNTRIES), st.integers(2018, 2027), st.integers(1, 11))
@settings(max_examples=60)
def test_adjacent_months_differ_little(country: str, year: int, month: int) -> None:
    a, b = (
        ENGINE.estimate(role="data scientist", location=country, as_of=f"{year}-{m:02d}")
        for m in (month, month + 1)
    )
    assert abs(math.log(b.percentiles["p50"] / a.percentiles["p50"])) <= 0.03 + 1e-9
    assert b.ageing["high"] >= b.ageing["low"]


def test_unknown_skills_are_named_and_the_rest_is_answered() -> None:
    answer = ENGINE.estimate(role="ML engineer", skills=["Pytorhc", "AWS"], as_of=AS_OF)
    assert answer.ignored[0]["given"] == "Pytorhc"
    assert "PyTorch" in answer.ignored[0]["nearest"]


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        ({"role": "xyzzy"}, "role"), ({"role": "ML engineer", "location": "Atlantiss"}, "location"),
        ({"role": "ML engineer", "currency": "XXQ"}, "currency"), ({"role": "ML engineer", "years_experience": -1}, "years_experience"),
        ({"role": "ML engineer", "years_experience": 300}, "years_experience"), ({"role": "ML engineer", "as_of": "2026-19"}, "as_of"),
        ({"role": "ML engineer", "as_of": "2001-01"}, "as_of"), ({"role": "ML engineer", "wages": 1}, "wages"), ({}, "role"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field(profile: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as error:
        ENGINE.estimate(profile)
    assert error.value.field == field
    assert "\n" not in str(error.value)


def test_many_answers_keep_their_kind_order_and_errors() -> None:
    asked = [
        {"role": "ML engineer", "location": "DE", "as_of": AS_OF}, {"role": "nonsense zzz"},
        {"role": "data scientist", "location": "US", "years_experience": 3, "as_of": AS_OF, "skills": ["python"]},
    ]  # fmt: skip
    found = ENGINE.estimate_many(asked)
    assert found[1]["row"] == 2
    assert found[1]["error"]["field"] == "role"
    one = ENGINE.estimate(asked[2])
    assert found[2]["quantiles"] == pytest.approx(one["quantiles"])
    table = pa.Table.from_pylist([{"skills": [], **p} for p in asked], schema=pa.schema(
        [("role", pa.string()), ("location", pa.string()), ("as_of", pa.string()), ("years_experience", pa.float64()), ("skills", pa.list_(pa.string()))]
    ))  # fmt: skip
    flat = ENGINE.estimate_many(table).to_pylist()
    assert [r["row"] for r in flat] == [1, 2, 3]
    assert flat[1]["p50"] is None
    assert flat[1]["error"].startswith("role")
    assert flat[2]["p50"] == pytest.approx(one.percentiles["p50"])


def test_a_frame_gives_a_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"role": ["ML engineer"], "location": ["Berlin"]})
    assert list(ENGINE.estimate_many(frame)["currency"]) == ["EUR"]
