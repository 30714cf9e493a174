"""Fitting a source's own view: boosted location, scales and quantile refinements, on facts masked as people leave them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import expit

from paylens.contract.vocabulary import normalise
from paylens.model.fit.rows import take
from paylens.model.predict import views as predict
from paylens.model.predict.trees import Trees, to_arrays
from paylens.model.predict.views import CELLS, LEVELS, NUMBERS, WORDS
from paylens.places import money

__all__ = ["View", "facts_of", "fit_view", "usable"]

Floats = npt.NDArray[Any]
LOGISTIC = {"kaggle": 0.55, "stackoverflow": 0.27, "levels_fyi": 0.12, "aijobs": 0.18, "us_lca": 0.15}
LOCATION = {
    "learning_rate": 0.07,
    "num_leaves": 31,
    "min_data_in_leaf": 15,
    "lambda_l2": 1.0,
    "feature_fraction": 0.6,
}
SCALE = {
    "learning_rate": 0.07,
    "num_leaves": 8,
    "min_data_in_leaf": 30,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
}
REFINE = {
    "learning_rate": 0.06,
    "num_leaves": 10,
    "min_data_in_leaf": 60,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
}
ROUNDS = {"location": 180, "scale": 60, "refine": 80}
FOLDS, BINS = 3, 5
_FEWEST, _FEWEST_EMPLOYER, _SKILL = 10, 20, 50
_PULL = 10.0
_LOWEST_USD, _TOP = 300.0, 1.3
# Facts people leave out, as they do: a masked copy of each row keeps role and place and one of these.
_MASKS: tuple[tuple[str, ...], ...] = (
    (), ("years", "years_coding"), ("years", "years_coding", "education"), ("seniority",), ("years", "years_coding", "seniority"),
    ("years", "years_coding", "seniority", "education", "industry", "company_size", "remote", "skills", "years_ml", "metro"),
)  # fmt: skip
_ALWAYS = ("role", "title", "country", "month")


@dataclass(frozen=True)
class View:
    """A fitted view as plain data: arrays and a JSON-able description."""

    arrays: dict[str, npt.NDArray[Any]]
    meta: dict[str, Any]


def usable(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows that teach or score a view: a country and a role, and no amount flagged as a slip ('no split' totals stay)."""
    flag = take(table, "pay_flag")
    ok = np.array([f in (None, "no split", "sum mismatch") for f in flag])
    return ok & np.array([r is not None for r in take(table, "role")])


def facts_of(table: pa.Table) -> dict[str, list[Any]]:
    """Observations as the facts that a person gives (`predict.views.encode`)."""
    out: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in WORDS if name != "title"}
    out["title"] = [None if v is None else normalise(v) for v in table.column("role_asked").to_pylist()]
    for name in ("years", "years_coding", "years_ml"):
        lo = np.asarray(table.column(f"{name}_lo").to_numpy(zero_copy_only=False), dtype=float)
        hi = np.asarray(table.column(f"{name}_hi").to_numpy(zero_copy_only=False), dtype=float)
        out[name] = ((lo + np.where(np.isfinite(hi), hi, np.maximum(lo + 5, 25))) / 2).tolist()
    out["month"] = [int(m[:4]) + int(m[5:]) / 12 for m in table.column("month").to_pylist()]
    out["skills"] = [s or None for s in table.column("skills").to_pylist()]
    return out


def log_pay(table: pa.Table, source: str) -> tuple[Floats, Floats, Floats]:
    """Log US-dollar pay as one number and as an interval; an advertised range is its midpoint, other money at the month's rate."""
    known = set(money.currencies())
    pairs = zip(table.column("currency").to_pylist(), table.column("month").to_pylist(), strict=True)
    rate = np.array([money.rate(c, m).per_usd if c in known else np.nan for c, m in pairs])
    lo = np.asarray(table.column("pay_lo").to_numpy(zero_copy_only=False), dtype=float) / rate
    hi = np.asarray(table.column("pay_hi").to_numpy(zero_copy_only=False), dtype=float) / rate
    if source == "aijobs":
        lo = hi = np.sqrt(lo * np.where(np.isfinite(hi), hi, lo))
    with np.errstate(divide="ignore"):
        log_lo, log_hi = np.log(lo), np.where(np.isfinite(hi), np.log(hi), np.inf)
    middle = np.where(
        np.isfinite(log_hi),
        (np.log(np.maximum(lo, _LOWEST_USD)) + np.minimum(log_hi, 99)) / 2,
        log_lo + np.log(_TOP) / 2,
    )
    return np.where(lo == hi, log_lo, middle), log_lo, log_hi


def _range_width(table: pa.Table) -> float:
    """Median of high over low among advertised ranges that have a width."""
    lo = np.asarray(table.column("pay_lo").to_numpy(zero_copy_only=False), dtype=float)
    hi = np.asarray(table.column("pay_hi").to_numpy(zero_copy_only=False), dtype=float)
    return round(float(np.median(hi[hi > lo] / lo[hi > lo])), 4)


def _masked(facts: dict[str, list[Any]], rng: np.random.Generator) -> dict[str, list[Any]]:
    n = len(facts["role"])
    which = rng.integers(0, len(_MASKS), n)
    out = {}
    for name, values in facts.items():
        blank: Any = np.nan if name in NUMBERS else None
        out[name] = (
            values
            if name in _ALWAYS
            else [v if name in _MASKS[k] else blank for v, k in zip(values, which, strict=True)]
        )
    return out


def _vocabulary(facts: dict[str, list[Any]]) -> dict[str, list[str]]:
    out = {}
    for name in WORDS:
        values, count = np.unique(
            np.array([v for v in facts[name] if v is not None] or [""], dtype=str), return_counts=True
        )
        least = _FEWEST_EMPLOYER if name == "employer" else _FEWEST
        out[name] = [str(v) for v, n in zip(values, count, strict=True) if n >= least and v]
    return out


def _means(facts: dict[str, list[Any]], y: Floats, keys: tuple[str, ...]) -> dict[str, float]:
    names = np.array(
        ["|".join(map(str, v)) if None not in v else "" for v in zip(*(facts[k] for k in keys), strict=True)]
    )
    values, code = np.unique(names, return_inverse=True)
    n = np.bincount(code)
    mean = (np.bincount(code, weights=y) + _PULL * y.mean()) / (n + _PULL)
    least = _FEWEST_EMPLOYER if "employer" in keys else _FEWEST
    return {str(v): round(float(m), 4) for v, m, k in zip(values, mean, n, strict=True) if v and k >= least}


def _part(facts: dict[str, list[Any]], keep: npt.NDArray[np.bool_]) -> dict[str, list[Any]]:
    at = np.flatnonzero(keep)
    return {name: [values[i] for i in at] for name, values in facts.items()}


def fit_view(
    source: str, table: pa.Table, *, seed: int, progress: Callable[[str], None] | None = None
) -> View:
    """Fit the view of `source` on its observations.

    Each row enters whole and once more with facts left out; cells' means are taken out of fold; widths, z and
    refinements learn from predictions of folds that had not seen the row.
    """
    table = table.filter(pa.array(usable(table)))
    y, lo, hi = log_pay(table, source)
    good = np.isfinite(y)
    table, y, lo, hi = table.filter(pa.array(good)), y[good], lo[good], hi[good]
    facts, rng = facts_of(table), np.random.default_rng(seed)
    words = {k: {v: i for i, v in enumerate(vs)} for k, vs in _vocabulary(facts).items()}
    counts: dict[str, int] = {}
    for listed in facts["skills"]:
        for s in listed or ():
            counts[s] = counts.get(s, 0) + 1
    skills = sorted(s for s, n in counts.items() if n >= _SKILL)
    fold = rng.integers(0, FOLDS, len(y))
    masked = _masked(facts, rng)
    x = np.full((2 * len(y), len(WORDS) + len(NUMBERS) + 1 + len(skills) + len(CELLS)), np.nan)
    for k in range(FOLDS):
        held = fold == k
        cells = [_means(_part(facts, ~held), y[~held], keys) for keys in CELLS]
        both = np.concatenate([held, held])
        x[both] = np.concatenate(
            [predict.encode(words, cells, skills, _part(f, held)) for f in (facts, masked)]
        )
    cells = [_means(facts, y, keys) for keys in CELLS]

    def twice(v: Floats) -> Floats:
        return np.concatenate([v, v])

    trees, parts, meta = _fit(source, x, twice(y), twice(lo), twice(hi), twice(fold), progress)
    meta |= {
        "schema": 1,
        "source": source,
        "words": {k: list(v) for k, v in words.items()},
        "cells": cells,
        "skills": skills,
        "n": len(y),
        "seed": seed,
    }
    if source == "aijobs":
        meta["range_width"] = _range_width(table)
    return View({**{k: v for name, t in trees.items() for k, v in to_arrays(t, name).items()}, **parts}, meta)


def _params(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        **base,
        **more,
        "verbose": -1,
        "num_threads": 2,
        "deterministic": True,
        "force_row_wise": True,
        "seed": 7,
        "min_data_per_group": _FEWEST,
        "cat_smooth": 5.0,
    }


def _interval(lo: Floats, hi: Floats, s: float) -> Callable[[Floats, Any], tuple[Floats, Floats]]:
    """Gradient and curvature of the interval-censored logistic likelihood (see `linked`), as boosting wants them."""

    def objective(mu: Floats, _: Any) -> tuple[Floats, Floats]:
        below, above = expit((lo - mu) / s), expit((hi - mu) / s)
        return (1 - below - above) * s, np.maximum(below * (1 - below) + above * (1 - above), 0.05)

    return objective


def _fit(
    source: str, x: Floats, y: Floats, lo: Floats, hi: Floats, fold: Floats, say: Callable[[str], None] | None
) -> tuple[dict[str, Trees], dict[str, Floats], dict[str, Any]]:
    cats = list(range(len(WORDS)))
    start = float(np.median(y))
    if source == "kaggle":
        lo = np.where(hi <= np.log(1000.0) + 1e-6, -np.inf, lo)
    found, mu = [], np.zeros(len(y))
    for k in range(FOLDS):
        if say:
            say(f"view {source}: location {k + 1} of {FOLDS}")
        own = fold != k
        data = lgb.Dataset(
            x[own],
            y[own],
            categorical_feature=cats,
            init_score=np.full(own.sum(), start),
            free_raw_data=False,
        )
        made = lgb.train(
            _params(LOCATION, objective=_interval(lo[own], hi[own], LOGISTIC[source])),
            data,
            ROUNDS["location"],
        )
        found.append(made)
        mu[~own] = start + np.asarray(made.predict(x[~own], raw_score=True))
    r = y - mu
    x2 = np.column_stack([x, mu])
    scale, scale_start, scalers = np.zeros((len(y), 2)), np.zeros(2), []
    for side, sign in enumerate((-1, 1)):
        own = sign * r > 0
        data = lgb.Dataset(x2[own], np.abs(r[own]) + 0.02, categorical_feature=cats, free_raw_data=False)
        made = lgb.train(_params(SCALE, objective="gamma", boost_from_average=False), data, ROUNDS["scale"])
        scale[:, side] = np.exp(np.clip(made.predict(x2, raw_score=True), -6, 3))
        scalers.append(made)
    edges = np.quantile(np.log(scale.sum(1)), np.arange(1, BINS) / BINS)
    bins = np.digitize(np.log(scale.sum(1)), edges)
    t = np.where(r < 0, r / scale[:, 0], r / scale[:, 1])
    z = np.array([np.quantile(t[bins == b], LEVELS) for b in range(BINS)])
    first = predict.located(mu, scale, z, edges)
    x3 = np.column_stack([x2, np.log(scale)])
    refiners = []
    for j, level in enumerate(LEVELS):
        if say and j % 6 == 0:
            say(f"view {source}: quantile {level:.2f}")
        data = lgb.Dataset(x3, y, categorical_feature=cats, init_score=first[:, j], free_raw_data=False)
        refiners.append(
            lgb.train(
                _params(REFINE, objective="quantile", alpha=float(level), boost_from_average=False),
                data,
                ROUNDS["refine"],
            )
        )
    trees = {
        "location": flatten([(b, 0) for b in found], 1, 1.0 / FOLDS),
        "scale": flatten([(b, i) for i, b in enumerate(scalers)], 2, 1.0),
        "refine": flatten([(b, i) for i, b in enumerate(refiners)], len(LEVELS), 1.0),
    }
    return trees, {"z": z, "edges": edges}, {"start": start, "scale_start": scale_start.tolist()}


def flatten(boosters: list[tuple[lgb.Booster, int]], groups: int, times: float) -> Trees:
    """LightGBM boosters as `Trees`; leaves are multiplied by `times`."""
    columns: dict[str, list[Any]] = {
        k: []
        for k in (
            "feature",
            "threshold",
            "left",
            "right",
            "missing_left",
            "category",
            "leaf",
            "root",
            "group",
        )
    }
    sets: list[list[int]] = []
    for booster, group in boosters:
        for tree in booster.dump_model()["tree_info"]:
            columns["root"].append(_walk(tree["tree_structure"], columns, sets, times))
            columns["group"].append(group)
    width = max((max(s) for s in sets if s), default=0) + 1
    members = np.zeros((max(len(sets), 1), width), dtype=np.int64)
    for i, codes in enumerate(sets):
        members[i, codes] = 1
    number = {
        k: np.array(v, dtype=float if k in ("threshold", "leaf") else np.int64) for k, v in columns.items()
    }
    return Trees(**number, members=members, groups=groups)


def _walk(node: dict[str, Any], out: dict[str, list[Any]], sets: list[list[int]], times: float) -> int:
    if "leaf_value" in node:
        out["leaf"].append(node["leaf_value"] * times)
        return -len(out["leaf"])
    at = len(out["feature"])
    categorical = node["decision_type"] == "=="
    out["feature"].append(node["split_feature"])
    out["threshold"].append(0.0 if categorical else float(node["threshold"]))
    # Without missing values in training LightGBM reads a missing one as zero.
    left_if_missing = (
        node["default_left"]
        if node["missing_type"] == "NaN"
        else (not categorical and float(node["threshold"]) >= 0)
    )
    out["missing_left"].append(int(left_if_missing and not categorical))
    if categorical:
        sets.append([int(v) for v in str(node["threshold"]).split("||")])
    out["category"].append(len(sets) - 1 if categorical else -1)
    out["left"].append(0)
    out["right"].append(0)
    out["left"][at] = _walk(node["left_child"], out, sets, times)
    out["right"][at] = _walk(node["right_child"], out, sets, times)
    return at
