"""Simulated reports: no row of a real source is needed to test cohorts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

RATES = {"US": ("USD", 1.0), "DE": ("EUR", 0.9), "IN": ("INR", 84.0), "SG": ("SGD", 1.35), "FR": ("EUR", 0.9)}
REGIONS = {"US": "americas", "DE": "europe", "FR": "europe", "IN": "asia", "SG": "asia"}
LEVEL = {"US": 11.8, "DE": 11.2, "FR": 11.0, "IN": 10.0, "SG": 11.3}
FAMILIES = {"mle": "machine-learning", "aie": "machine-learning", "ds": "data-science", "da": "data-analysis"}
BANDS = ["entry", "mid", "senior", None]

Make = Callable[..., pa.Table]


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
    )


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes a table of simulated reports."""
    return reports
