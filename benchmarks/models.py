"""What was tried for the reference view: families of models on the same split of the same reports.

    PAYLENS_DATA=... python benchmarks/models.py

Reference reports (Stack Overflow 2023-2025 under one cut, constant local money), all facts, 20 % of people held by the
build's own hash. Each model gives a location; its residual quantiles are learnt out of fold, so that what differs is
the location alone. The linked model's row is its own full answer. Needs the extra `benchmark`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from paylens.build import SEED, is_held
from paylens.model.fit import pay, spread
from paylens.model.fit.design import codes, experience
from paylens.model.fit.rows import Rows, prepare
from paylens.model.fit.scores import pinball
from paylens.model.predict.reference import LEVELS, locate, quantiles
from paylens.observations.collect import collect


def features(rows: Rows, linked: pay.Linked) -> np.ndarray[Any, Any]:
    """Codes of words, expected years of experience and two numbers, missing as NaN."""
    n = linked.names
    pairs = (
        (rows.role, n.roles),
        (rows.country, n.countries),
        (rows.education, n.educations),
        (rows.company_size, n.sizes),
        (rows.industry, n.industries),
        (rows.remote, n.remotes),
    )
    words = [codes(values, known).astype(float) for values, known in pairs]
    words = [np.where(w < 0, np.nan, w) for w in words]
    basis, _ = experience(rows, linked.bridge)
    years = np.where(basis.sum(1) > 0, basis @ np.asarray(linked.model.knots), np.nan)
    return np.column_stack([*words, years, rows.coding, rows.vintage])


def loss(fit: Any, x: Any, y: Any, x_held: Any, y_held: Any) -> float:
    """Pinball loss of location plus out-of-fold residual quantiles."""
    fold = np.random.default_rng(SEED).integers(0, 3, len(y))
    residual, at = np.zeros(len(y)), np.zeros(len(y_held))
    for k in range(3):
        predict = fit(x[fold != k], y[fold != k])
        residual[fold == k] = y[fold == k] - predict(x[fold == k])
        at += predict(x_held) / 3
    return pinball(y_held, at[:, None] + np.quantile(residual, LEVELS)[None, :])


def lightgbm(x: Any, y: Any) -> Any:
    """Boosted trees, Huber loss."""
    model = lgb.LGBMRegressor(
        objective="huber",
        alpha=0.5,
        n_estimators=300,
        learning_rate=0.05,
        num_leaves=31,
        verbose=-1,
        n_jobs=2,
    )
    model.fit(x, y, categorical_feature=list(range(6)))
    return lambda at: model.booster_.predict(at)


def xgboost_aft(x: Any, y: Any) -> Any:
    """Accelerated failure time, logistic."""
    import xgboost as xgb

    centre = np.median(y)
    data = xgb.DMatrix(x)
    data.set_float_info("label_lower_bound", np.exp(y - centre))
    data.set_float_info("label_upper_bound", np.exp(y - centre))
    options = {
        "objective": "survival:aft",
        "aft_loss_distribution": "logistic",
        "aft_loss_distribution_scale": 0.3,
        "eta": 0.05,
        "max_depth": 6,
        "nthread": 2,
    }
    model = xgb.train(options, data, 300)
    return lambda at: model.predict(xgb.DMatrix(at), output_margin=True) + centre


def ebm(x: Any, y: Any) -> Any:
    """Explainable boosting machine with 15 pairs."""
    from interpret.glassbox import ExplainableBoostingRegressor

    kinds = ["nominal"] * 6 + ["continuous"] * (x.shape[1] - 6)
    model = ExplainableBoostingRegressor(
        interactions=15,
        outer_bags=2,
        max_rounds=1000,
        n_jobs=2,
        random_state=SEED % 1000,
        feature_types=kinds,
    )
    clean = lambda v: np.where(np.isnan(v), -1, v)
    model.fit(clean(x), y)
    return lambda at: model.predict(clean(at))


def ridge(x: Any, y: Any) -> Any:
    """Ridge on indicators of the words and a spline of the numbers."""
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer

    words, numbers = list(range(6)), list(range(6, x.shape[1]))
    clean = lambda v: np.where(np.isnan(v), -1, v)
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", min_frequency=5), words),
            (SplineTransformer(n_knots=7, knots="quantile"), numbers),
        ),
        RidgeCV(np.logspace(-1, 2, 7)),
    )
    model.fit(clean(x), y)
    return lambda at: model.predict(clean(at))


def crossed(rows: Rows, linked: pay.Linked) -> np.ndarray[Any, Any]:
    """The linked location of each reference report by fits without a third of the reports, its own among them."""
    fold = np.random.default_rng(SEED + 1).integers(0, 3, len(rows))
    out = np.full(len(rows), np.nan)
    for k in range(3):
        seen = rows.where(~rows.reference | (fold != k))
        model = pay.fit_linked(
            seen, names=linked.names, sd=linked.fit.sd, like=linked, rounds=1, errors=False
        ).model
        own = rows.where(rows.reference & (fold == k))
        out[rows.reference & (fold == k)] = locate(model, spread.facts_of(own, linked.names)).median
    return out[rows.reference]


def main() -> None:
    """Print one line a model."""
    table = collect(Path(os.environ["PAYLENS_DATA"])).table
    held = np.array([is_held(r) for r in table["respondent"].to_pylist()])
    rows, rest = (prepare(table.filter(pa.array(mask))) for mask in (~held, held))
    start = time.perf_counter()
    linked = pay.fit_pay(rows, table.filter(pa.array(~held)), seed=SEED, rounds=3)
    mine, theirs = spread.only(rows), spread.only(rest)
    at = locate(linked.model, spread.facts_of(theirs, linked.names))
    own = pinball(theirs.middle, quantiles(linked.model, at.median, at.width))
    flat = np.quantile(
        np.concatenate([r.value for r in spread.residuals(linked.model, mine, linked.names)[-1:]]), LEVELS
    )
    location = pinball(theirs.middle, at.median[:, None] + flat[None, :])
    print(f"n fitted {len(mine):,}, held {len(theirs):,}")
    print(f"{'linked additive model, all sources':<44} {own:.5f}   ({time.perf_counter() - start:.0f} s)")
    print(f"{'  its location, one spread for all':<44} {location:.5f}")
    x, x_held = features(mine, linked.linked), features(theirs, linked.linked)
    for name, fit in (
        ("LightGBM, Huber", lightgbm),
        ("XGBoost AFT, logistic", xgboost_aft),
        ("EBM, 15 pairs", ebm),
        ("ridge, splines", ridge),
    ):
        start = time.perf_counter()
        value = loss(fit, x, mine.middle, x_held, theirs.middle)
        print(
            f"{name + ', this source alone':<44} {value:.5f}   ({time.perf_counter() - start:.0f} s)",
            flush=True,
        )
    start = time.perf_counter()
    both = np.column_stack([x, crossed(rows, linked.linked)])
    value = loss(lightgbm, both, mine.middle, np.column_stack([x_held, at.median]), theirs.middle)
    print(
        f"{'LightGBM on the linked location and all facts':<44} {value:.5f}   ({time.perf_counter() - start:.0f} s)"
    )


if __name__ == "__main__":
    main()
