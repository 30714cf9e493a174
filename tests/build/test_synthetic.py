"""Synthetic reports: seeded, sound, and of the shape of what was published."""

from __future__ import annotations

import numpy as np
import pytest

from paylens.build.synthetic import synthetic
from paylens.cohorts.keys import SETS
from paylens.cohorts.sound import validate
from paylens.observations.engine import connect
from paylens.release.read import open_release


def test_the_same_seed_gives_the_same_reports_and_they_can_be_cut() -> None:
    first, second = (next(synthetic(open_release(), 5_000, seed=4)) for _ in range(2))
    assert first.equals(second)
    assert not first.equals(next(synthetic(open_release(), 5_000, seed=5)))
    with connect() as tables:
        validate(tables, tables.small(first), SETS)


def test_pay_is_as_published_and_brackets_are_brackets() -> None:
    release = open_release()
    table = next(synthetic(release, 200_000, seed=6))
    rows = [
        r
        for r in release.table("cohorts.parquet").to_pylist()
        if r["set"] == "role-country" and r["n"] >= 500
    ]
    assert len(rows) >= 5
    role, country, source = (np.array(table[name].to_pylist()) for name in ("role", "country", "source"))
    lo, hi = (np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=float) for name in ("lo", "hi"))
    ratio = []
    for row in rows:
        mine = (role == row["role"]) & (country == row["country"]) & (source == row["source"])
        if row["source"] != "kaggle" and mine.sum() >= 200:
            ratio.append(np.log(np.median(lo[mine]) / row["p50"]))
    # Facts move pay up and down around the cohort's own median.
    assert np.abs(np.mean(ratio)) < 0.15
    kaggle = source == "kaggle"
    assert (lo[~kaggle] == hi[~kaggle]).all()
    assert ((hi[kaggle] > lo[kaggle]) | np.isnan(hi[kaggle])).all()


@pytest.mark.parametrize("rows", [1, 999])
def test_as_many_as_asked(rows: int) -> None:
    assert sum(t.num_rows for t in synthetic(open_release(), rows)) == rows
