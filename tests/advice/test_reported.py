"""An answer in a source's own terms, from a view fitted to invented reports whose law is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from paylens.advice.reported import Reported
from paylens.contract.profile import parse_profile
from paylens.model.fit import boosting
from paylens.model.fit.views import View, fit_view
from paylens.observations.schema import SCHEMA

COMMON = ("google", "amazon", "microsoft", "apple")
RARE = ("ibm", "oracle", "intel", "cisco", "uber", "netflix", "nvidia", "adobe")
PAY = {name: 0.05 * i for i, name in enumerate((*COMMON, *RARE))}
N_COMMON, N_RARE, N_UNKNOWN = 400, 24, 600


def reports() -> pa.Table:
    """Employers with many reports, with few, and not named; pay rises 3 % a year of experience."""
    rng = np.random.default_rng(11)
    counts = [N_COMMON] * len(COMMON) + [N_RARE] * len(RARE)
    employer = np.concatenate([np.repeat([*COMMON, *RARE], counts), rng.choice([*COMMON, *RARE], N_UNKNOWN)])
    named = np.arange(len(employer)) < sum(counts)
    n = len(employer)
    years = rng.integers(0, 16, n).astype(float)
    usd = np.exp(11.5 + 0.03 * years + np.array([PAY[e] for e in employer]) + rng.normal(size=n) * 0.2)
    title = rng.choice(["software engineer", "staff software engineer"], n)
    usd *= np.where(title == "software engineer", 1.0, 1.4)
    columns = {name: pa.nulls(n, field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)}
    columns |= {
        "source": pa.array(["levels_fyi"] * n), "vintage": pa.array([2021] * n, pa.int16()), "month": pa.array(["2021-05"] * n),
        "row": pa.array(range(1, n + 1), pa.int32()), "respondent": pa.array([f"l:{i}" for i in range(n)]),
        "role": pa.array(["software-engineer"] * n), "role_asked": pa.array(title), "country": pa.array(["US"] * n),
        "years_lo": pa.array(years), "years_hi": pa.array(years), "employer": pa.array(employer, mask=~named), "employment": pa.array(["full-time"] * n),
        "skills": pa.array([[]] * n, pa.list_(pa.string())), "pay_lo": pa.array(usd), "pay_hi": pa.array(usd),
        "currency": pa.array(["USD"] * n), "pay_definition": pa.array(["total a year"] * n),
    }  # fmt: skip
    return pa.table(columns, schema=SCHEMA)


class Invented:
    """A release with one view."""

    id = "2026.10-000000"

    def __init__(self, view: View) -> None:
        self._view = view

    def views(self) -> tuple[str, ...]:
        return ("levels_fyi",)

    def json(self, name: str) -> dict[str, Any]:
        return self._view.meta

    def arrays(self, name: str) -> dict[str, Any]:
        return self._view.arrays


@pytest.fixture(scope="module")
def source() -> Reported:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosting, "SIZES", {})
        patch.setattr(boosting, "ROUNDS", {"location": 40, "scale": 10, "refine": 10, "direct": 40})
        view = fit_view("levels_fyi", reports(), seed=1)
    return Reported(Invented(view))  # type: ignore[arg-type]


def ask(source: Reported, role: str = "software engineer", **fields: object) -> dict[str, Any]:
    asked = {"role": role, "location": "US", "as_of": "2021-06", "as_reported_in": "levels_fyi", **fields}
    return source.answer(parse_profile(asked))


def width(row: dict[str, Any]) -> float:
    return math.log(row["high"] / row["low"])


def employer_row(answer: dict[str, Any]) -> dict[str, Any]:
    return next(f for f in answer["factors"] if f["factor"] == "employer")


@pytest.mark.parametrize("years", [0, 7, 15])
@pytest.mark.parametrize("employer", ["Google", "Netflix"])
def test_baseline_times_factors_is_the_middle_and_intervals_hold_them(
    source: Reported, years: int, employer: str
) -> None:
    answer = ask(source, years_experience=years, employer=employer, education="PhD")
    product = answer["baseline"]["p50"] * math.prod(f["multiplier"] for f in answer["factors"])
    assert product == pytest.approx(answer["percentiles"]["p50"], rel=1e-12)
    assert all(f["low"] <= f["multiplier"] <= f["high"] for f in answer["factors"])
    assert width(employer_row(answer)) > 0


def test_intervals_are_wider_where_reports_are_few(source: Reported) -> None:
    few, many = (
        np.mean([width(employer_row(ask(source, employer=e))) for e in names]) for names in (RARE, COMMON)
    )
    assert few > 1.5 * many


def test_intervals_hold_the_truth(source: Reported) -> None:
    """The true difference of each employer from those that name none, who work for all alike."""
    rows = [(PAY[e] - np.mean(list(PAY.values())), employer_row(ask(source, employer=e))) for e in PAY]
    inside = [math.log(r["low"]) <= truth <= math.log(r["high"]) for truth, r in rows]
    # Nine tenths of twelve are 11; 8 or fewer come once in 40 if they are independent.
    assert sum(inside) > 8


def test_a_fact_the_source_tells_nothing_of_changes_nothing_and_says_so(source: Reported) -> None:
    row = next(f for f in ask(source, education="PhD")["factors"] if f["factor"] == "education")
    assert (row["low"], row["multiplier"], row["high"]) == (1.0, 1.0, 1.0)
    assert "no change" in row["note"]
    known = next(f for f in ask(source, years_experience=5)["factors"] if f["factor"] == "experience")
    assert "leave a third" in known["note"]


def test_words_of_a_title_count(source: Reported) -> None:
    plain, staff = (ask(source, role)["percentiles"]["p50"] for role in ("software engineer", "staff software engineer"))  # fmt: skip
    assert 1.2 < staff / plain < 1.6
