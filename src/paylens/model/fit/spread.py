r"""Widths of the reference view: how far people spread around their median, on reports that the fit has not seen.

With r the log residual of a cross-fitted median, the mean absolute residual on each side is

    log w_side = family + area + years + what the given facts take away,

fitted as a gamma regression (log link, ridge on areas). r / w pooled over patterns of given facts gives the increasing
table z (19 levels): a conformal step, since none of its reports was seen by the fit that its residual comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from paylens.model.fit.design import LADDER, MANAGING, Names, codes
from paylens.model.fit.rows import Floats, Rows
from paylens.model.predict.reference import LEVELS, Facts, Located, ReferenceModel, experience, locate

__all__ = ["PATTERNS", "Residuals", "centred", "facts_of", "only", "recentre", "residuals", "widths"]

# Which facts a person gives beside role and place. The spread and its calibration average over all of them.
PATTERNS: dict[str, tuple[str, ...]] = {
    "role and place": (),
    "+ years": ("years",),
    "+ years, education": ("years", "education"),
    "all facts": ("years", "education", "company_size", "industry", "remote", "skills"),
}
FLAGS = ("years", "level", "education", "company_size", "industry")
_TO_SD = 1.25  # mean absolute deviation of one side to about one standard deviation
_AREA_RIDGE, _FAMILY_RIDGE = 40.0, 10.0
_SHRINK = 60.0


def facts_of(rows: Rows, names: Names, given: tuple[str, ...] | None = None) -> Facts:
    """Rows as positions in the model's tables; facts outside `given` (None: all) are left out."""
    n = len(rows)

    def use(name: str) -> bool:
        return given is None or name in given

    none = np.full(n, -1, dtype=np.int64)
    blank = np.full(n, np.nan)
    place = {s: i for i, s in enumerate(names.skills)}
    pairs = (
        [(i, place[s]) for i, listed in enumerate(rows.skills) for s in listed or () if s in place]
        if use("skills")
        else []
    )
    at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Facts(
        role=codes(rows.role, names.roles),
        area=codes(rows.country, names.countries),
        years=rows.years if use("years") else blank,
        coding=rows.coding if use("years") else blank,
        level=codes(rows.seniority, LADDER) if use("level") else none,
        managing=codes(rows.seniority, MANAGING) if use("level") else none,
        education=codes(rows.education, names.educations) if use("education") else none,
        company_size=codes(rows.company_size, names.sizes) if use("company_size") else none,
        industry=codes(rows.industry, names.industries) if use("industry") else none,
        remote=codes(rows.remote, names.remotes) if use("remote") else none,
        employer=codes(rows.employer, names.employers) if use("employer") else none,
        metro=codes(rows.metro, names.metros) if use("metro") else none,
        skills=(at[:, 0], at[:, 1]),
    )


def only(rows: Rows) -> Rows:
    """The reference rows."""
    return rows.where(rows.reference)


@dataclass(frozen=True)
class Residuals:
    """Log residuals of unseen reference rows under one pattern of facts, with what the widths depend on."""

    pattern: str
    value: Floats
    role: Floats
    family: Floats
    area: Floats
    basis: Floats
    flags: Floats
    respondent: Floats


def residuals(model: ReferenceModel, rows: Rows, names: Names) -> list[Residuals]:
    """Residuals of `rows` (reference rows that `model` has not seen) under every pattern."""
    out = []
    for pattern, given in PATTERNS.items():
        facts = facts_of(rows, names, given)
        at: Located = locate(model, facts)
        known = np.isfinite(facts.years) | np.isfinite(facts.coding)
        flags = np.column_stack(
            [known, facts.level >= 0, facts.education >= 0, facts.company_size >= 0, facts.industry >= 0]
        )
        basis = _basis(model, facts)
        out.append(
            Residuals(
                pattern,
                rows.middle - at.median,
                facts.role,
                model.role_family[facts.role],
                facts.area,
                basis,
                flags.astype(float),
                rows.respondent,
            )
        )
    return out


def _basis(model: ReferenceModel, facts: Facts) -> Floats:
    return experience(model, facts, model.role_family[facts.role])[2]


def recentre(model: ReferenceModel, found: list[Residuals]) -> ReferenceModel:
    """Shift baselines so that unseen people's median residual is nil, by family, role and area as far as reports carry it."""
    plain = [r for r in found if r.pattern == "role and place"]
    value = np.concatenate([r.value for r in plain])
    family = np.concatenate([r.family for r in plain])
    area = np.concatenate([r.area for r in plain])
    nf, na = model.reports.shape
    overall = float(np.median(value))
    by_area = np.array([_centre(value[area == a] - overall) for a in range(na)])
    left = value - overall - by_area[area]
    cell = np.zeros((nf, na))
    for f in range(nf):
        for a in np.unique(area[family == f]):
            cell[f, a] = _centre(left[(family == f) & (area == a)])
    left = left - cell[family, area]
    title = np.concatenate([r.role for r in plain])
    shift = overall + by_area[None, :] + cell[model.role_family]
    for r in np.unique(title):
        own = title == r
        by_role = _centre(left[own])
        shift[r] += by_role
        for a in np.unique(area[own]):
            shift[r, a] += _centre(left[own & (area == a)] - by_role)
    return replace(model, baseline=model.baseline + shift)


def centred(found: list[Residuals], before: ReferenceModel, after: ReferenceModel) -> list[Residuals]:
    """The residuals as they are after the baselines moved from `before` to `after`."""
    shift = after.baseline - before.baseline
    return [replace(r, value=r.value - shift[r.role, r.area]) for r in found]


def _centre(value: Floats) -> float:
    return float(np.median(value) * len(value) / (len(value) + _SHRINK)) if len(value) else 0.0


def widths(model: ReferenceModel, found: list[Residuals], level_gain: Floats) -> ReferenceModel:
    """The model with its width tables and z learnt from unseen residuals; `level_gain` (2,) is what a level takes away."""
    value = np.concatenate([r.value for r in found])
    family = np.concatenate([r.family for r in found])
    area = np.concatenate([r.area for r in found])
    basis = np.concatenate([r.basis for r in found])
    flags = np.concatenate([r.flags for r in found])
    nf, na = model.reports.shape
    k = basis.shape[1]
    x = np.zeros((len(value), 1 + nf + na + k + flags.shape[1]))
    x[:, 0] = 1.0
    index = np.arange(len(value))
    x[index, 1 + family] = 1.0
    x[index, 1 + nf + area] = 1.0
    x[:, 1 + nf + na : 1 + nf + na + k] = basis - basis.sum(1, keepdims=True) / k
    x[:, 1 + nf + na + k :] = flags
    ridge = np.concatenate(
        [
            [1e-6],
            np.full(nf, _FAMILY_RIDGE),
            np.full(na, _AREA_RIDGE),
            np.full(k, 20.0),
            np.full(flags.shape[1], 1.0),
        ]
    )
    sides = []
    for sign in (-1, 1):
        own = sign * value > 0
        sides.append(_gamma(x[own], np.abs(value[own]), ridge))
    coefficient = np.stack(sides, axis=1)
    coefficient[0] += np.log(_TO_SD)
    width = np.exp(x @ coefficient)
    at_facts = coefficient[1 + nf + na + k :].copy()
    at_facts[FLAGS.index("level")] = level_gain
    z = np.quantile(np.where(value < 0, value / width[:, 0], value / width[:, 1]), LEVELS)
    z = np.maximum.accumulate(z - z[9])
    years = coefficient[1 + nf + na : 1 + nf + na + k]
    out = replace(
        model, z=z, width_family=coefficient[1 : 1 + nf], width_area=coefficient[1 + nf : 1 + nf + na],
        width_years=years - years.mean(0), width_facts=np.concatenate([coefficient[:1], at_facts]),
    )  # fmt: skip
    return replace(out, width_floor=_floor(out))


def _gamma(x: Floats, y: Floats, ridge: Floats) -> Floats:
    """Gamma regression with log link by Newton steps: minimises sum(eta + y exp(-eta)) + ridge."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean())
    gram = x.T @ x + np.diag(ridge)
    for _ in range(30):
        gradient = x.T @ (1 - np.minimum(y * np.exp(-(x @ beta)), 20.0)) + ridge * np.where(
            np.arange(len(beta)) == 0, 0, beta
        )
        step = np.linalg.solve(gram, gradient)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    return beta


WELL_MEASURED = 30.0


def _floor(model: ReferenceModel) -> Floats:
    """Widest well-measured country of each family, (F, 2), for a person who gives role and place alone."""
    countries = model.reports.shape[1]
    table = np.exp(model.width_family[:, None, :] + model.width_area[None, :, :] + model.width_facts[0])
    known = np.arange(countries) < _n_countries(model)
    measured = np.asarray((model.reports >= WELL_MEASURED) & known)
    out = np.where(measured[..., None], table, -np.inf).max(1)
    everyone = np.where(np.any(measured, axis=0, keepdims=True)[..., None], table, -np.inf).max(1)
    return np.where(np.isfinite(out), out, everyone)


def _n_countries(model: ReferenceModel) -> int:
    """Countries come first; a wider area's width effect was never fitted, so it is nil."""
    return int(np.flatnonzero(np.abs(model.width_area).sum(1) > 0).max(initial=-1)) + 1
