"""The tree ensembles of a source's view: location, scales, and quantiles at seven knots; and how far a view's levels are off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from scipy.special import expit

from paylens.contract.observation import COMMUNITY
from paylens.model.predict import views as predict
from paylens.model.predict.trees import Trees, to_arrays
from paylens.model.predict.views import CELLS, KNOTS, LEVELS, WORDS

__all__ = ["FOLDS", "Fitted", "Rows", "calibration", "fit", "flatten"]

Floats = npt.NDArray[Any]
Say = Callable[[str], None]
FOLDS, BINS = 3, 5
# Scale of the logistic likelihood of log pay around the location, by how noisy a source's reports are.
LOGISTIC = {
    "kaggle": 0.55,
    "stackoverflow": 0.27,
    "levels_fyi": 0.12,
    "aijobs": 0.18,
    "us_lca": 0.15,
    COMMUNITY: 0.2,
}
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
DIRECT = {
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "feature_fraction": 0.6,
}
ROUNDS = {"location": 180, "scale": 60, "refine": 80, "direct": 200}
# Sources that carry more detail than these sizes take up, or less; as found on a part of the rows that are fitted on.
SIZES: dict[str, dict[str, dict[str, int]]] = {
    "levels_fyi": {
        "location": {"rounds": 400, "num_leaves": 63},
        "direct": {"rounds": 300, "num_leaves": 63},
    },
    "stackoverflow": {"direct": {"rounds": 300}},
    "aijobs": {"refine": {"rounds": 10}},
    # A row may enter twice (whole, and with facts left out): a leaf of 30 rows holds at least 15 people.
    COMMUNITY: {
        "location": {"rounds": 120, "num_leaves": 8, "min_data_in_leaf": 30},
        "scale": {"rounds": 30, "num_leaves": 4, "min_data_in_leaf": 40},
    },
}
# Where the means of cells are little but noise (a title, a level and a country say it all): the direct ensembles go without.
WITHOUT_CELLS = ("aijobs",)
# Reports that people submitted: no quantile of a small leaf, which is somebody's pay, and one spread for all.
WITHOUT_KNOTS = (COMMUNITY,)
_LEAST_PER_GROUP = 10
# What one row in calibration weighs against the levels as they stand.
_PULL = 200.0


@dataclass(frozen=True)
class Rows:
    """What a view learns from: features (n, k), log pay as one number and as an interval, fold and report, each (n,)."""

    x: Floats
    y: Floats
    lo: Floats
    hi: Floats
    fold: Floats
    of: npt.NDArray[np.int64]

    def where(self, keep: npt.NDArray[np.bool_]) -> Rows:
        """The rows that `keep` marks."""
        return Rows(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass(frozen=True)
class Fitted:
    """Boosters of a view and the tables that join them (see `predict.views`)."""

    locations: list[lgb.Booster]
    scalers: list[lgb.Booster]
    refiners: list[lgb.Booster]
    direct: list[lgb.Booster]
    start: float
    z: Floats
    edges: Floats

    def quantiles(self, x: Floats) -> Floats:
        """Log pay at the 19 levels before calibration, (n, 19): what the trees of `arrays` give."""
        mu = self.start + np.mean([_raw(b, x) for b in self.locations], axis=0)
        x2 = np.column_stack([x, mu])
        scale = np.column_stack([np.exp(np.clip(_raw(b, x2), -6, 3)) for b in self.scalers])
        x3 = np.column_stack([x2, np.log(scale)])
        first = predict.located(mu, scale, self.z, self.edges)
        if not self.direct:
            return first
        refined = np.column_stack([_raw(b, x3) for b in self.refiners])
        direct = self.start + np.column_stack([_raw(b, x) for b in self.direct])
        return predict.corrected(first, refined, direct)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as named arrays."""
        trees = {
            "location": flatten(self.locations),
            "scale": flatten(self.scalers),
            "refine": flatten(self.refiners),
            "direct": flatten(self.direct),
        }
        if not self.direct:
            del trees["refine"], trees["direct"]
        named = {k: v for name, t in trees.items() for k, v in to_arrays(t, name).items()}
        return {**named, "z": self.z, "edges": self.edges}


def _raw(booster: lgb.Booster, x: Floats) -> Floats:
    return np.asarray(booster.predict(x[:, : booster.num_feature()], raw_score=True))


def _params(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        **base, **more, "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 7,
        "min_data_per_group": _LEAST_PER_GROUP, "cat_smooth": 5.0,
    }  # fmt: skip


def _train(x: Floats, y: Floats, start: Floats | None, rounds: int, params: dict[str, Any]) -> lgb.Booster:
    categories = list(range(len(WORDS)))
    start = None if start is None else np.ascontiguousarray(start)
    data = lgb.Dataset(np.ascontiguousarray(x), y, categorical_feature=categories, init_score=start)
    return lgb.train(params, data, rounds)


def _kind(source: str) -> str:
    """The name under which a source's settings stand: all communities have the same."""
    return COMMUNITY if source.startswith(COMMUNITY) else source


def _sized(source: str, name: str, base: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Rounds and settings of an ensemble for a source."""
    more: dict[str, Any] = dict(SIZES.get(_kind(source), {}).get(name, {}))
    return more.pop("rounds", ROUNDS[name]), base | more


def _interval(lo: Floats, hi: Floats, s: float) -> Callable[[Floats, Any], tuple[Floats, Floats]]:
    """Gradient and curvature of the interval-censored logistic likelihood (see `linked`), as boosting wants them."""

    def objective(mu: Floats, _: Any) -> tuple[Floats, Floats]:
        below, above = expit((lo - mu) / s), expit((hi - mu) / s)
        return (1 - below - above) * s, np.maximum(below * (1 - below) + above * (1 - above), 0.05)

    return objective


def fit(source: str, rows: Rows, say: Say) -> Fitted:
    """Fit all ensembles of a source on `rows`; what a later one learns from are locations by folds without the row."""
    start = float(np.median(rows.y))
    locations, mu = _locations(source, rows, start, say)
    x2 = np.column_stack([rows.x, mu])
    scalers, scale = _scales(source, x2, rows.y - mu)
    spread, parts = np.log(scale.sum(1)), 1 if _kind(source) in WITHOUT_KNOTS else BINS
    edges = np.quantile(spread, np.arange(1, parts) / parts)
    bins = np.digitize(spread, edges)
    t = (rows.y - mu) / np.where(rows.y < mu, scale[:, 0], scale[:, 1])
    z = np.array([np.quantile(t[bins == b], LEVELS) for b in range(parts)])
    if _kind(source) in WITHOUT_KNOTS:
        return Fitted(locations, scalers, [], [], start, z, edges)
    x3 = np.column_stack([x2, np.log(scale)])
    refiners, direct = _knots(source, rows, x3, predict.located(mu, scale, z, edges), start, say)
    return Fitted(locations, scalers, refiners, direct, start, z, edges)


def _locations(source: str, rows: Rows, start: float, say: Say) -> tuple[list[lgb.Booster], Floats]:
    """One location ensemble a fold, fitted without it, and each row's location by the one that had not seen it."""
    lo = rows.lo
    if source == "kaggle":  # the lowest bracket is mostly noise: 'at most this', not 'within this'
        lo = np.where(rows.hi <= np.log(1000.0) + 1e-6, -np.inf, lo)
    rounds, base = _sized(source, "location", LOCATION)
    found, mu = [], np.zeros(len(rows.y))
    for k in range(FOLDS):
        say(f"view {source}: location {k + 1} of {FOLDS}")
        own = rows.fold != k
        params = _params(base, objective=_interval(lo[own], rows.hi[own], LOGISTIC[_kind(source)]))
        made = _train(rows.x[own], rows.y[own], np.full(own.sum(), start), rounds, params)
        found.append(made)
        mu[~own] = start + _raw(made, rows.x[~own])
    return found, mu


def _scales(source: str, x2: Floats, r: Floats) -> tuple[list[lgb.Booster], Floats]:
    """Ensembles of the mean distance below and above the location, and each row's two scales."""
    rounds, base = _sized(source, "scale", SCALE)
    params = _params(base, objective="gamma", boost_from_average=False)
    scale, scalers = np.zeros((len(r), 2)), []
    for side, sign in enumerate((-1, 1)):
        own = sign * r > 0
        made = _train(x2[own], np.abs(r[own]) + 0.02, None, rounds, params)
        scale[:, side] = np.exp(np.clip(_raw(made, x2), -6, 3))
        scalers.append(made)
    return scalers, scale


def _knots(
    source: str, rows: Rows, x3: Floats, first: Floats, start: float, say: Say
) -> tuple[list[lgb.Booster], list[lgb.Booster]]:
    """At each knot, an ensemble boosted from the first quantiles and one fitted to the quantile itself."""
    rounds, base = _sized(source, "direct", DIRECT)
    refinements, around = _sized(source, "refine", REFINE)
    flat = np.full(len(rows.y), start)
    x = rows.x[:, : -len(CELLS)] if source in WITHOUT_CELLS else rows.x
    refiners, direct = [], []
    for level, j in zip(LEVELS[KNOTS], KNOTS, strict=True):
        say(f"view {source}: quantile {level:.2f}")
        more: dict[str, Any] = {"objective": "quantile", "alpha": float(level), "boost_from_average": False}
        refiners.append(_train(x3, rows.y, first[:, j], refinements, _params(around, **more)))
        direct.append(_train(x, rows.y, flat, rounds, _params(base, **more)))
    return refiners, direct


def calibration(q: Floats, rows: Rows, rng: np.random.Generator) -> Floats:
    """Which predicted level each of the 19 truly is, by group of facts known, (groups, 19).

    u = F(y) on rows whose quantiles q (n, 19) come from a fit that has not seen them, drawn evenly within the probability of a bracket; its quantiles, pulled
    toward the levels as they stand where a group is small. Source: Kuleshov, Fenner, Ermon 2018.
    """
    low, high = predict.probability(q, rows.lo), predict.probability(q, rows.hi)
    u = low + (high - low) * rng.random(len(low))
    group = predict.facts_known(rows.x)
    out = np.empty((len(predict.FACTS_KNOWN), len(LEVELS)))
    for g in range(len(out)):
        own = u[group == g]
        n = len(own)
        found = np.quantile(own, LEVELS) if n else LEVELS
        out[g] = (n * found + _PULL * LEVELS) / (n + _PULL)
    return out


def flatten(boosters: Sequence[lgb.Booster]) -> Trees:
    """LightGBM boosters as `Trees`, each a group of its own."""
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
    for group, booster in enumerate(boosters):
        for tree in booster.dump_model()["tree_info"]:
            columns["root"].append(_walk(tree["tree_structure"], columns, sets))
            columns["group"].append(group)
    width = max((max(s) for s in sets if s), default=0) + 1
    members = np.zeros((max(len(sets), 1), width), dtype=np.uint8)
    for i, codes in enumerate(sets):
        members[i, codes] = 1
    number = {
        k: np.array(v, dtype=float if k in ("threshold", "leaf") else np.int64) for k, v in columns.items()
    }
    return Trees(**number, members=np.packbits(members, axis=1), groups=len(boosters))


def _walk(node: dict[str, Any], out: dict[str, list[Any]], sets: list[list[int]]) -> int:
    if "leaf_value" in node:
        out["leaf"].append(node["leaf_value"])
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
    out["left"][at] = _walk(node["left_child"], out, sets)
    out["right"][at] = _walk(node["right_child"], out, sets)
    return at
