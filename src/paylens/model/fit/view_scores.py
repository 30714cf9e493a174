"""Scores of a source's view on held rows: loss against peers fitted on the same split, and coverage by group."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import norm

from paylens.contract.vocabularies import roles
from paylens.model.fit.rows import take
from paylens.model.fit.scores import coverage
from paylens.model.fit.views import View, facts_of, log_pay, usable
from paylens.model.predict import views as predict
from paylens.model.predict.views import LEVELS, NUMBERS, WORDS

__all__ = ["score_view"]

Floats = npt.NDArray[Any]
PEER: dict[str, Any] = {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 31, "min_child_samples": 20}
BOUNDS = np.log(np.array([1, 2, 3, 4, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 125, 150, 200, 250, 300, 500, 1000]) * 1e3)  # fmt: skip
_ML = ("machine-learning", "data-science")


def rps(q: Floats, lo: Floats) -> Floats:
    """Ranked probability score of each row over the 26 brackets; q (n, 19), lo the bracket's lower log bound."""
    out = np.empty(len(q))
    levels = np.concatenate([[0.0], LEVELS, [1.0]])
    for i, row in enumerate(q):
        ends = np.concatenate(
            [[row[0] - 1.5 * (row[1] - row[0]) - 1e-6], row, [row[-1] + 1.5 * (row[-1] - row[-2]) + 1e-6]]
        )
        cdf = np.interp(BOUNDS, ends, levels)
        out[i] = np.mean((cdf - (lo[i] < BOUNDS - 1e-9)) ** 2)
    return out


def _loss(source: str, y: Floats, lo: Floats, q: Floats) -> Floats:
    if source == "kaggle":
        return rps(q, lo)
    d = y[:, None] - q
    return np.maximum(LEVELS * d, (LEVELS - 1) * d).mean(1)


def score_view(view: View, train: pa.Table, held: pa.Table) -> dict[str, Any]:
    """Loss, its ratio to the peers' and coverage, for all roles and for ML roles."""
    source = str(view.meta["source"])
    train, held = (t.filter(pa.array(usable(t))) for t in (train, held))
    y_train, _, _ = log_pay(train, source)
    y, lo, hi = log_pay(held, source)
    ok = np.isfinite(y)
    held, y, lo, hi = held.filter(pa.array(ok)), y[ok], lo[ok], hi[ok]
    good = np.isfinite(y_train)
    train, y_train = train.filter(pa.array(good)), y_train[good]
    model = predict.load(view.meta, view.arrays)
    facts, known = facts_of(held), facts_of(train)
    q = predict.quantiles(model, facts)
    losses = {
        "ours": _loss(source, y, lo, q),
        "booster": _loss(source, y, lo, _booster(model, known, y_train, facts)),
        "cohort": _loss(source, y, lo, _cohort(known, y_train, facts)),
    }
    family = {e.id: e.attributes["family"] for e in roles().entries}
    ml = np.array([family[r] in _ML for r in take(held, "role")])
    out: dict[str, Any] = {
        "loss": "ranked probability score" if source == "kaggle" else "pinball, 19 levels, log pay",
        "peer": PEER,
    }
    for name, own in (("all", np.ones(len(y), dtype=bool)), ("ml", ml)):
        if own.sum() >= 50:
            mean = {k: float(v[own].mean()) for k, v in losses.items()}
            out[name] = {
                "n": int(own.sum()), "loss": round(mean["ours"], 5), "ratio": round(mean["ours"] / mean["booster"], 4),
                "ratio_cohort": round(mean["ours"] / mean["cohort"], 4), "coverage": round(_covered(source, q[own], lo[own], hi[own], y[own]), 4),
            }  # fmt: skip
    out["groups"] = _groups(source, model, facts, lo, hi, y, q)
    out["groups_outside"] = sum(not g["ok"] for g in out["groups"])
    return out


def _covered(source: str, q: Floats, lo: Floats, hi: Floats, y: Floats) -> float:
    return float(_inside(source, q, lo, hi, y).mean())


def _inside(source: str, q: Floats, lo: Floats, hi: Floats, y: Floats) -> Floats:
    """1 inside p10-p90; for a bracket the share of its predicted probability that is (non-randomised PIT)."""
    if source != "kaggle":
        return ((y >= q[:, 1]) & (y <= q[:, 17])).astype(float)
    levels = np.concatenate([[0.0], LEVELS, [1.0]])
    out = np.empty(len(q))
    for i, row in enumerate(q):
        ends = np.concatenate(
            [[row[0] - 1.5 * (row[1] - row[0]) - 1e-6], row, [row[-1] + 1.5 * (row[-1] - row[-2]) + 1e-6]]
        )
        a = 0.0 if lo[i] < np.log(999.0) else float(np.interp(lo[i], ends, levels))
        b = 1.0 if not np.isfinite(hi[i]) else float(np.interp(hi[i], ends, levels))
        out[i] = (max(0.0, min(b, 0.9) - max(a, 0.1)) / (b - a)) if b > a else float(0.1 <= a <= 0.9)
    return out


def _groups(
    source: str,
    model: Any,
    facts: dict[str, list[Any]],
    lo: Floats,
    hi: Floats,
    y: Floats,
    q: Floats,
) -> list[dict[str, Any]]:
    by = {
        k: np.array([str(v) for v in facts[k]])
        for k in ("country", "role", "seniority", "company_size", "education")
    }
    found = coverage(_inside(source, q, lo, hi, y), by)
    n = len(y)
    patterns = {"role + place": ("role", "title", "country", "metro", "month"), "+ years": ("role", "title", "country", "metro", "month", "years", "years_coding"),
                "+ level": ("role", "title", "country", "metro", "month", "years", "years_coding", "seniority"),
                "no employer": tuple(k for k in facts if k != "employer")}  # fmt: skip
    for name, kept in patterns.items():
        part = {k: v if k in kept else [np.nan if k in NUMBERS else None] * n for k, v in facts.items()}
        inside = _inside(source, predict.quantiles(model, part), lo, hi, y)
        found += coverage(inside, {"pattern": np.full(n, name)})
    return found


def _plain(model: Any, facts: dict[str, list[Any]]) -> Floats:
    """The same facts for the peer: codes, numbers and skills, without our titles' words and cells' means."""
    x = predict.encode(model.words, model.cells, model.meta["skills"], facts)
    return x[:, : x.shape[1] - len(predict.CELLS)]


def _booster(model: Any, known: dict[str, list[Any]], y: Floats, facts: dict[str, list[Any]]) -> Floats:
    x, at = _plain(model, known), _plain(model, facts)
    used = np.isfinite(x).any(0)
    cats = [i for i, c in enumerate(np.flatnonzero(used)) if c < len(WORDS)]
    out = []
    for level in LEVELS:
        made = lgb.LGBMRegressor(
            objective="quantile", alpha=float(level), verbose=-1, n_jobs=1, random_state=7, **PEER
        )
        made.fit(x[:, used], y, categorical_feature=cats)
        out.append(made.booster_.predict(at[:, used]))
    return np.sort(np.array(out).T, axis=1)


def _cohort(known: dict[str, list[Any]], y: Floats, facts: dict[str, list[Any]]) -> Floats:
    """Log-normal of role x country, the country's or everyone's where fewer than 10 reports."""
    z = norm.ppf(LEVELS)
    tables: list[dict[Any, tuple[float, float]]] = []
    for keys in (("role", "country"), ("country",), ()):
        groups: dict[Any, list[float]] = {}
        for i in range(len(y)):
            groups.setdefault(tuple(known[k][i] for k in keys), []).append(float(y[i]))
        tables.append({k: (float(np.mean(v)), float(np.std(v))) for k, v in groups.items() if len(v) >= 10})
    out = []
    for role, country in zip(facts["role"], facts["country"], strict=True):
        mean, sd = tables[0].get((role, country)) or tables[1].get((country,)) or tables[2][()]
        out.append(mean + sd * z)
    return np.array(out)
