"""Who the fit sees where there are more observations than it reads."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from paylens.build.people import sampled


def observations(rows: int) -> pa.Table:
    random = np.random.default_rng(3)
    country = random.choice(["US", "DE", "SG"], rows, p=[0.9, 0.09, 0.01])
    return pa.table({
        "respondent": [f"s:2025:{i}" for i in range(rows)], "source": random.choice(["s", "t"], rows).tolist(),
        "role": random.choice(["data-scientist", "machine-learning-engineer"], rows).tolist(), "country": country.tolist(),
    })  # fmt: skip


def test_few_are_all_taken() -> None:
    table = observations(500)
    assert sampled(table, 500) == (table, None)


def test_of_many_each_stratum_gives_at_most_the_same_and_small_ones_are_whole() -> None:
    table = observations(20_000)
    kept, told = sampled(table, 4_000)
    assert told is not None
    assert kept.num_rows == told["rows"] <= 4_000 < kept.num_rows + told["strata"]
    count = {c: kept["country"].to_pylist().count(c) for c in ("US", "DE", "SG")}
    assert count["SG"] == table["country"].to_pylist().count("SG")
    assert count["US"] <= 4 * told["most_of_each"]
    assert sampled(table, 4_000)[0].equals(kept)


def test_who_is_taken_does_not_depend_on_the_order() -> None:
    table = observations(5_000)
    mixed = table.take(pa.array(np.random.default_rng(0).permutation(5_000)))
    first, second = (sampled(t, 1_000)[0]["respondent"].to_pylist() for t in (table, mixed))
    assert sorted(first) == sorted(second)


@pytest.mark.parametrize("most", [1, 7])
def test_each_stratum_gives_one_at_least(most: int) -> None:
    kept, told = sampled(observations(3_000), most)
    assert told is not None and told["most_of_each"] == 1 and kept.num_rows == told["strata"]
