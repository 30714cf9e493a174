"""Trees as arrays predict what the library that grew them predicts."""

from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest

from paylens.model.fit.boosting import flatten
from paylens.model.predict.trees import evaluate, from_arrays, to_arrays


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_exactly_as_grown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3_000
    x = rng.normal(size=(n, 5))
    x[:, 0] = rng.integers(0, 40, n)
    x[:, 1] = rng.integers(0, 6, n)
    x[rng.random((n, 5)) < 0.2] = np.nan
    x[:, 4] = rng.normal(size=n)  # never missing in training
    y = np.nan_to_num(x[:, 0]) * 0.1 + np.nan_to_num(x[:, 2]) + (x[:, 4] > 0.3) + rng.normal(size=n) * 0.1
    options = {
        "verbose": -1,
        "num_leaves": 15,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "min_data_per_group": 5,
    }
    boosters = []
    for target in (y, -y):
        data = lgb.Dataset(x.copy(), target, categorical_feature=[0, 1], free_raw_data=False)
        boosters.append(lgb.train({**options, "objective": "regression"}, data, 30))
    trees = flatten(boosters)
    asked = x[:500].copy()
    asked[:50, 4] = np.nan
    asked[50:60, 0] = 99  # a category that was never seen
    back = from_arrays(to_arrays(trees, "t"), "t")
    for k, booster in enumerate(boosters):
        np.testing.assert_allclose(
            evaluate(back, asked)[:, k], booster.predict(asked, raw_score=True), atol=1e-9
        )


def test_no_trees_add_nothing() -> None:
    assert evaluate(replace(flatten([]), groups=3), np.zeros((2, 1))).tolist() == [[0.0] * 3] * 2
