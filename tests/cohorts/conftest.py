"""Simulated reports: no row of a real source is needed to test cohorts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest

from paylens.cohorts.build import Cohorts, cohorts
from paylens.cohorts.keys import SETS, GroupingSet
from paylens.observations.engine import Tables, connect

RATES = {"US": ("USD", 1.0), "DE": ("EUR", 0.9), "IN": ("INR", 84.0), "SG": ("SGD", 1.35), "FR": ("EUR", 0.9)}
REGIONS = {"US": "americas", "DE": "europe", "FR": "europe", "IN": "asia", "SG": "asia"}
LEVEL = {"US": 11.8, "DE": 11.2, "FR": 11.0, "IN": 10.0, "SG": 11.3}
FAMILIES = {"mle": "machine-learning", "aie": "machine-learning", "ds": "data-science", "da": "data-analysis"}
BANDS = ["entry", "mid", "senior", None]

INDUSTRIES = np.array(["technology", "finance", "healthcare", None], dtype=object)
SIZES = np.array(["2-9", "100-499", "10000+", None], dtype=object)
EDUCATIONS = np.array(["bachelor", "master", "doctorate", None], dtype=object)
SKILLS = np.array(["python", "pytorch", "aws", "spark"])

Make = Callable[..., pa.Table]
Cut = Callable[..., Cohorts]


def reports(
    rows: int,
    seed: int,
    source: str = "stackoverflow",
    countries: int = 5,
    employers: int = 40,
    skew: float = 1.0,
) -> pa.Table:
    """`rows` reports with the columns that cohorts need: lognormal pay by country, role and years."""
    random = np.random.default_rng(seed)
    names = list(LEVEL)[:countries]
    share = 1.0 / np.arange(1, len(names) + 1) ** skew
    country = random.choice(names, rows, p=share / share.sum())
    role = random.choice(list(FAMILIES), rows, p=[0.35, 0.1, 0.35, 0.2])
    band = random.choice(4, rows, p=[0.3, 0.25, 0.35, 0.1])
    metro = [
        f"{c.lower()}-{m}" if m < 2 else None
        for c, m in zip(country, random.integers(0, 4, rows), strict=True)
    ]
    usd = np.exp(
        np.array([LEVEL[c] for c in country])
        + 0.2 * (band == 2)
        - 0.2 * (band == 0)
        + random.normal(0, 0.35, rows)
    )
    rate = np.array([RATES[c][1] for c in country])
    employer = random.integers(0, employers, rows)
    has = random.random((rows, len(SKILLS))) < 0.4
    more = {
        "industry": pa.array(random.choice(INDUSTRIES, rows).tolist(), pa.string()),
        "company_size": pa.array(random.choice(SIZES, rows).tolist(), pa.string()),
        "education": pa.array(random.choice(EDUCATIONS, rows).tolist(), pa.string()),
        "remote": pa.array(random.choice(np.array(["remote", "onsite", None]), rows).tolist(), pa.string()),
        "state": pa.array([f"{c}-a" if i % 3 else None for i, c in enumerate(country)], pa.string()),
        "skills": pa.array([SKILLS[row].tolist() for row in has], pa.list_(pa.string())),
    }
    return pa.table(
        {
            "source": [source] * rows,
            "measure": ["cash"] * rows,
            "vintage": pa.array(random.integers(2023, 2026, rows), pa.int16()),
            "role": list(role),
            "family": [FAMILIES[r] for r in role],
            "country": list(country),
            "region": [REGIONS[c] for c in country],
            "metro": pa.array(metro, pa.string()),
            "years_band": pa.array([BANDS[b] for b in band], pa.string()),
            "seniority": pa.array(
                random.choice(np.array(["mid", "senior", "staff", None], dtype=object), rows).tolist(),
                pa.string(),
            ),
            "lo": usd * rate,
            "hi": usd * rate,
            "currency": [RATES[c][0] for c in country],
            "per_usd": rate,
            "weight": pa.array(np.ones(rows, dtype=np.int64)),
            "employer": pa.array([f"e{e}" if e else None for e in employer], pa.string()),
        }
        | more
    )


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes a table of simulated reports."""
    return reports


@pytest.fixture(scope="session")
def engine() -> Iterator[Tables]:
    """DuckDB."""
    with connect() as found:
        yield found


@pytest.fixture(scope="session")
def cut(engine: Tables) -> Cut:
    """Cuts an Arrow table of reports into cohorts."""

    def cohorts_of(table: pa.Table, sets: Sequence[GroupingSet] = SETS) -> Cohorts:
        return cohorts(engine, engine.small(table), sets)

    return cohorts_of
