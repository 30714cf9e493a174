"""The score card of the reference view: held people, years ahead, sources left out, known truths, and what must not move it.

Every score is computed on rows that the fit it judges has not seen; each says its n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import binom, spearmanr

from paylens.model.fit import pay, spread
from paylens.model.fit.design import Names, link_groups
from paylens.model.fit.pay import Linked, PayModel
from paylens.model.fit.rows import EVIDENCE_TO, Floats, Rows
from paylens.model.predict.reference import LEVELS, Facts, ReferenceModel, locate, quantiles
from paylens.places import money, wages

__all__ = ["coverage", "forward", "held_reference", "left_out", "medians", "perturbed", "truths"]

Say = Callable[[str], None]
_GROUP = 200
_OVERALL, _WITHIN = (0.78, 0.82), (0.75, 0.85)
_ERRORS = (
    "baseline_se",
    "years_se",
    "level_se",
    "managing_se",
    "education_se",
    "company_size_se",
    "industry_se",
    "remote_se",
    "employer_se",
    "metro_se",
    "skill_se",
)
_WIDTHS = ("z", "width_family", "width_area", "width_years", "width_facts", "width_floor")


def _inside(
    model: ReferenceModel, facts: Facts, y: Floats, extra: float = 0.0
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    at = locate(model, facts)
    q = quantiles(model, at.median, np.sqrt(at.width**2 + extra**2))
    return (y >= q[:, 1]) & (y <= q[:, 17]), q, y - at.median


def pinball(y: Floats, q: Floats) -> float:
    """Mean pinball loss over the 19 levels of log pay; y (n,), q (n, 19)."""
    d = y[:, None] - q
    return float(np.maximum(LEVELS * d, (LEVELS - 1) * d).mean())


def _holm(groups: list[dict[str, Any]], level: float = 0.01) -> list[dict[str, Any]]:
    """Mark groups outside 75-85 % that a binomial test after Holm does not excuse."""
    for g in groups:
        share, n = g["coverage"], g["n"]
        edge = _WITHIN[0] if share < _WITHIN[0] else _WITHIN[1]
        hits = round(share * n)
        outside = not _WITHIN[0] <= share <= _WITHIN[1]
        g["p"] = (
            1.0
            if not outside
            else float(binom.cdf(hits, n, edge) if share < edge else binom.sf(hits - 1, n, edge))
        )
    ranked = sorted(groups, key=lambda g: g["p"])
    refused = True
    for k, g in enumerate(ranked):
        refused = refused and g["p"] < level / (len(groups) - k)
        g["ok"] = not refused
    return groups


def coverage(inside: npt.NDArray[np.bool_], by: Mapping[str, npt.NDArray[Any]]) -> list[dict[str, Any]]:
    """Share inside the 80 % interval in every group of 200 or more: kind, group, n, coverage, ok."""
    out = []
    for kind, labels in by.items():
        names, count = np.unique(np.array([str(v) for v in labels]), return_counts=True)
        for name, n in zip(names, count, strict=True):
            if n >= _GROUP and name != "None":
                own = np.array([str(v) == name for v in labels])
                out.append(
                    {
                        "kind": kind,
                        "group": str(name),
                        "n": int(n),
                        "coverage": round(float(inside[own].mean()), 4),
                    }
                )
    return _holm(out)


def held_reference(model: ReferenceModel, held: Rows, names: Names) -> dict[str, Any]:
    """Coverage and loss of the answer a person gets, on held reference reports, under each pattern of facts."""
    ref = spread.only(held)
    y, out, groups = ref.middle, {}, []
    for pattern, given in spread.PATTERNS.items():
        inside, q, residual = _inside(model, spread.facts_of(ref, names, given), y)
        out[pattern] = {
            "n": len(ref), "coverage": round(float(inside.mean()), 4), "median_bias": round(float(np.median(residual)), 4),
            "pinball": round(pinball(y, q), 5), "below": np.round((y[:, None] <= q).mean(0), 4).tolist(),
        }  # fmt: skip
        by = {"country": ref.country, "role": ref.role, "family": ref.family, "vintage": ref.vintage}
        if pattern == "all facts":
            by |= {
                "size": ref.company_size,
                "education": ref.education,
                "industry": ref.industry,
                "experience": _bands(ref),
            }
        for g in coverage(inside, by):
            groups.append({"pattern": pattern, **g})
    overall = [v["coverage"] for v in out.values()]
    return {
        "patterns": out, "groups": groups, "groups_outside": sum(not g["ok"] for g in groups),
        "ok": all(_OVERALL[0] <= c <= _OVERALL[1] for c in overall) and all(g["ok"] for g in groups),
    }  # fmt: skip


def _bands(rows: Rows) -> npt.NDArray[Any]:
    band = np.array(["entry", "mid", "senior"], dtype=object)[
        np.digitize(np.nan_to_num(rows.years), [3.0, 5.0])
    ]
    out: npt.NDArray[Any] = np.where(np.isfinite(rows.years), band, "None")
    return out


def medians(model: ReferenceModel, held: Rows, names: Names, least: int = 100) -> dict[str, Any]:
    """Role and country alone against the held median, wherever 100 held reports exist; the aim is within 5 %."""
    ref = spread.only(held)
    at = locate(model, spread.facts_of(ref, names, ()))
    cell = np.array([f"{r} · {c}" for r, c in zip(ref.role, ref.country, strict=True)])
    rows = []
    for name, n in zip(*np.unique(cell, return_counts=True), strict=True):
        if n >= least:
            own = cell == name
            y = ref.middle[own]
            ratio = float(np.exp(np.median(at.median[own]) - np.median(y)))
            error = 1.2533 * float(np.std(y)) / np.sqrt(n)
            rows.append(
                {
                    "cell": str(name),
                    "n": int(n),
                    "ratio": round(ratio, 4),
                    "sampling_error": round(error, 4),
                    "ok": abs(np.log(ratio)) <= 0.05,
                }
            )
    return {
        "cells": rows,
        "n_cells": len(rows),
        "within": sum(r["ok"] for r in rows),
        "ok": all(r["ok"] for r in rows),
    }


def _anchored(rows: Rows, like: Linked, model: ReferenceModel) -> ReferenceModel:
    """A refit with its baselines centred on the reference reports, as an answer's are."""
    refit = _refit(rows, like, model)
    return spread.recentre(refit, spread.residuals(refit, spread.only(rows), like.names)[:1])


def _refit(rows: Rows, like: Linked, model: ReferenceModel) -> ReferenceModel:
    """The location refitted to `rows` under the block sizes of `like`, with `model`'s errors and widths."""
    refit = pay.fit_linked(rows, names=like.names, sd=like.fit.sd, like=like, rounds=1, errors=False).model
    return replace(refit, **{k: getattr(model, k) for k in _ERRORS + _WIDTHS})


def forward(rows: Rows, like: Linked, model: ReferenceModel, year: int = 2025) -> dict[str, Any]:
    """Fitted without the last survey and aged by the wage index, how well it foretells that survey, by country."""
    new = rows.reference & (rows.vintage == year)
    old = rows.where(~((rows.source == "stackoverflow") & (rows.vintage == year)))
    aged = _refit(old, like, model)
    held = rows.where(new)
    half = [spread.residuals(aged, old.where(old.reference), like.names)[0]]
    aged = spread.recentre(aged, half)
    inside, _, residual = _inside(aged, spread.facts_of(held, like.names), held.middle)
    out = []
    for name, n in zip(*np.unique(held.country.astype(str), return_counts=True), strict=True):
        if n >= _GROUP:
            own = held.country == name
            bias, share = float(np.median(residual[own])), float(inside[own].mean())
            ok = abs(bias) <= 0.07 and 0.72 <= share <= 0.88
            out.append(
                {
                    "country": str(name),
                    "n": int(n),
                    "median_log_bias": round(bias, 4),
                    "coverage": round(share, 4),
                    "ok": ok,
                }
            )
    return {
        "fitted_without": f"stackoverflow {year}", "n": len(held), "coverage": round(float(inside.mean()), 4),
        "median_log_bias": round(float(np.median(residual)), 4), "countries": out, "ok": all(c["ok"] for c in out),
    }  # fmt: skip


def left_out(
    rows: Rows, like: Linked, model: ReferenceModel, say: Say = lambda _: None
) -> list[dict[str, Any]]:
    """Fitted without a source, predicting it with an offset learnt from the other sources only."""
    out = []
    links = np.array([str(x) for x in link_groups(rows)])
    for source in sorted(set(rows.source)):
        say(f"leaving out {source}")
        gone = rows.source == source
        if gone.sum() < 500:
            continue
        rest = rows.where(~gone)
        if not rest.reference.any():
            out.append(
                {
                    "source": source,
                    "n": int(gone.sum()),
                    "ok": None,
                    "note": "it is the reference: nothing is linked without it",
                }
            )
            continue
        without = _refit(rest, like, model)
        facts = spread.facts_of(rows.where(gone), like.names)
        at = locate(without, facts)
        others = [
            _offset(without, rows.where((links == g) & ~rows.reference), like.names)
            for g in sorted(set(links[~gone]) - {"reference"})
        ]
        offset, error = _new_offset(others)
        width = np.sqrt(at.width**2 + error**2)
        q = quantiles(without, at.median + offset, width)
        part = rows.where(gone)
        inside = (np.where(np.isfinite(part.hi), part.hi, np.inf) >= q[:, 1]) & (part.lo <= q[:, 17])
        bias = float(np.median(part.middle - at.median - offset))
        share = float(inside.mean())
        out.append({
            "source": source, "n": int(gone.sum()), "offset": round(offset, 3), "offset_error": round(error, 3),
            "median_log_bias": round(bias, 4), "coverage": round(share, 4), "ok": 0.70 <= share <= 0.90,
        })  # fmt: skip
    return out


def _new_offset(others: list[float]) -> tuple[float, float]:
    """Mean offset of known questionnaires and the sd of a new one's: theirs, with a prior of 0.3 worth three of them."""
    mean = float(np.mean(others))
    squares = float(np.sum((np.array(others) - mean) ** 2))
    return mean, float(np.sqrt((3 * 0.3**2 + squares) / (3 + len(others) - 1)))


def _offset(model: ReferenceModel, rows: Rows, names: Names) -> float:
    return float(np.median(rows.middle - locate(model, spread.facts_of(rows, names)).median))


def _table(model: ReferenceModel, names: Names) -> Floats:
    """Reference medians of every role and country with some reference reports behind them."""
    measured = model.reports[model.role_family][:, : len(names.countries)] >= 10
    return np.where(measured, model.baseline[:, : len(names.countries)], np.nan)


def perturbed(rows: Rows, like: Linked, model: ReferenceModel, say: Say = lambda _: None) -> dict[str, Any]:
    """How far reference medians move when Levels.fyi weighs 3 or 1/3 times as much, or loses its largest employer."""
    out: dict[str, Any] = {}
    base = _anchored(rows, like, model)
    before = _table(base, like.names)
    levels = rows.source == "levels_fyi"
    if not levels.any():
        return out
    for name, times in (("levels_fyi x 3", 3.0), ("levels_fyi x 1/3", 1 / 3)):
        say(f"refit with {name}")
        moved = np.abs(
            _table(_anchored(rows.weighted(np.where(levels, times, 1.0)), like, model), like.names) - before
        )
        out[name] = {
            "largest": round(float(np.nanmax(moved)), 4),
            "mean": round(float(np.nanmean(moved)), 4),
            "ok": bool(np.nanmax(moved) <= 0.03),
        }
    employer = "google"
    swiss = rows.employer[
        (rows.country == "CH") & levels & np.array([e is not None for e in rows.employer])
    ].astype(str)
    if len(swiss):
        names, count = np.unique(swiss, return_counts=True)
        employer = str(names[np.argmax(count)])
    say(f"refit without {employer}")
    moved = np.abs(_table(_anchored(rows.where(rows.employer != employer), like, model), like.names) - before)
    by_country = np.array([np.median(c[np.isfinite(c)]) if np.isfinite(c).any() else np.nan for c in moved.T])
    out[f"without {employer}"] = {
        "largest": round(float(np.nanmax(by_country)), 4),
        "ok": bool(np.nanmax(by_country) <= 0.05),
    }
    return out


def truths(model: PayModel, official: pa.Table) -> list[dict[str, Any]]:
    """Known truths: official medians, the order of places; each with its bounds and whether it holds."""
    names, m = model.names, model.model
    out: list[dict[str, Any]] = []
    ml = names.roles.index("machine-learning-engineer")
    us = names.areas.index("US")
    base_gap = float(model.measures.bonus[0, 5].mean())
    oews = [c for c in official.to_pylist() if c["source"] == "us_oews" and c["vintage"] == 2025]
    national = {c["occupation"]: c for c in oews if c["area"] == "US" and c["industry"] is None and c["p50"]}
    blend = {"15-2051": 0.4, "15-1252": 0.4, "15-1221": 0.2}
    if all(k in national for k in blend):
        value = sum(w * national[k]["p50"] for k, w in blend.items())
        ratio = float(np.exp(m.baseline[ml, us] - base_gap)) / value
        out.append(_truth("US base median of ML engineers over the OEWS blend", ratio, 1.0, 1.45))
    out += _metro_truths(m, names, oews)
    out += _singapore(m, names, official)
    order = [float(m.baseline[ml, names.areas.index(c)]) for c in ("US", "CH", "GB", "DE", "FR", "IN")]
    out.append(
        {
            "what": "US > Switzerland > UK",
            "ok": order[0] > order[1] > order[2],
            "value": [round(float(np.exp(v))) for v in order[:3]],
        }
    )
    out.append(
        {
            "what": "Germany > France > India",
            "ok": order[3] > order[4] > order[5],
            "value": [round(float(np.exp(v))) for v in order[3:]],
        }
    )
    out.append(
        {"what": "Switzerland > Germany", "ok": order[1] > order[3], "value": round(order[1] - order[3], 3)}
    )
    at = {
        k: m.metro[names.metros.index(k), 0]
        for k in ("us-41940", "us-41860", "us-42660", "us-35620")
        if k in names.metros
    }
    if len(at) == 4:
        bay, next_ = min(at["us-41940"], at["us-41860"]), max(at["us-42660"], at["us-35620"])
        rest = [m.metro[i, 0] for i, k in enumerate(names.metros) if k.startswith("us-") and k not in at]
        low = min(at["us-42660"], at["us-35620"])
        out.append(
            {
                "what": "San Jose, San Francisco > Seattle, New York > the rest",
                "ok": bool(bay > next_ and low > max(rest)),
                "value": {k: round(float(v), 3) for k, v in at.items()},
            }
        )
    return out


def _singapore(m: ReferenceModel, names: Names, official: pa.Table) -> list[dict[str, Any]]:
    """Data scientists' cash over MOM's median gross wage of all industries, in the month of the latest one."""
    mom = [
        c
        for c in official.to_pylist()
        if (c["source"], c["occupation"], c["industry"], c["pay"]) == ("sg_mom", "21222", None, "gross wage")
    ]
    if not mom:
        return []
    last = max(mom, key=lambda c: str(c["month"]))
    usd = float(np.exp(m.baseline[names.roles.index("data-scientist"), names.areas.index("SG")]))
    cash = (
        usd * money.rate("SGD", EVIDENCE_TO).per_usd * wages.index("SG").ratio(EVIDENCE_TO, last["month"])[0]
    )
    what = f"Singapore data scientists' cash over MOM's median of {last['month']}"
    return [_truth(what, cash / last["p50"], 0.9, 1.3)]


def _truth(what: str, value: float, low: float, high: float) -> dict[str, Any]:
    return {
        "what": what,
        "value": round(value, 4),
        "low": low,
        "high": high,
        "ok": bool(low <= value <= high),
    }


def _metro_truths(m: ReferenceModel, names: Names, oews: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_area: dict[str, list[float]] = {}
    for c in oews:
        if c["occupation"] in ("15-1252", "15-2051") and c["industry"] is None and c["p50"]:
            by_area.setdefault(c["area"], []).append(float(np.log(c["p50"])))
    pairs = [
        (m.metro[i, 0], np.mean(by_area[k]))
        for i, k in enumerate(names.metros)
        if k in by_area and m.metro_reports[i] >= 50
    ]
    if len(pairs) < 5:
        return []
    ours, theirs = np.array(pairs).T
    slope = float(np.polyfit(theirs, ours, 1)[0])
    n = len(pairs)
    return [
        {
            **_truth("US metros: Spearman with OEWS", float(spearmanr(ours, theirs).statistic), 0.7, 1.0),
            "n": n,
        },
        {**_truth("US metros: slope on OEWS", slope, 0.7, 1.3), "n": n},
    ]
