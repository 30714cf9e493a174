"""From the linked fit to the reference view's tables: averages over the reference population, and what stands out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from paylens.contract.vocabularies import roles
from paylens.model.fit.design import (
    KNOTS,
    LADDER,
    MANAGING,
    Bridges,
    Design,
    Names,
    codes,
    experience,
)
from paylens.model.fit.linked import Fit
from paylens.model.fit.metros import metros
from paylens.model.fit.rows import Floats, Rows

__all__ = ["Population", "families_of", "population", "tables"]

_BORROWED = 50.0  # reports that a parent's shares weigh as, in a smaller population's
_CLEAR = 1.6449  # a 90 % interval
FACTS = ("education", "company_size", "industry", "remote")
_KNOWN = {"education": "educations", "company_size": "sizes", "industry": "industries", "remote": "remotes"}


@dataclass(frozen=True)
class Population:
    """Reference-population averages by family and area (countries first, then wider areas, the world among them).

    `reports`: (F, A). `years`: (F, A, K) mean basis. Each fact's shares: (F, A, levels).
    """

    reports: Floats
    years: Floats
    shares: dict[str, Floats]
    skills: Floats
    members: Floats  # (F, A, C) weights of countries in each area, rows sum to 1


def _averages(
    values: Floats, known: Floats, role: Floats, country: Floats, region_of: Floats, family_of: Floats
) -> Floats:
    """Mean of `values` (n, w) by role x country, (R, C, w), each level borrowing from the one above."""
    nf, nc, nr = int(family_of.max()) + 1, len(region_of), int(region_of.max()) + 1
    width = values.shape[1]
    ok = known > 0
    values, role, country = values[ok], role[ok], country[ok]
    family = family_of[role]
    total = values.sum(0) + 1e-9
    everyone = total / total.sum() if width > 1 else total / max(len(values), 1)

    def pooled(index: Floats, size: int, parent: Floats) -> Floats:
        sums, n = np.zeros((size, width)), np.bincount(index, minlength=size).astype(float)
        np.add.at(sums, index, values)
        out: Floats = (sums + _BORROWED * parent) / (n + _BORROWED)[:, None]
        return out

    by_family = pooled(family, nf, np.tile(everyone, (nf, 1)))
    by_region = pooled(family * nr + region_of[country], nf * nr, np.repeat(by_family, nr, axis=0))
    parent = by_region.reshape(nf, nr, width)[:, region_of, :].reshape(nf * nc, width)
    by_country = pooled(family * nc + country, nf * nc, parent).reshape(nf, nc, width)
    # A role differs from its family's average wherever its own reports say so (front-end people are younger).
    n = len(family_of)
    own = pooled(role, n, by_family[family_of]) - by_family[family_of]
    expected = (by_country[family_of] + own[:, None, :]).reshape(n * nc, width)
    return pooled(role * nc + country, n * nc, expected).reshape(n, nc, width)


def population(
    rows: Rows, names: Names, bridge: Bridges, region_of: Floats, groups: Floats, family_of: Floats
) -> Population:
    """Averages over the reference rows of `rows`.

    `region_of` (C,) gives each country's region, `groups` (G, C) which countries each wider area holds.
    """
    ref = rows.where(rows.reference)
    nf, nc = len(names.families), len(names.countries)
    role, country = codes(ref.role, names.roles), codes(ref.country, names.countries)
    family = family_of[role]
    basis, _ = experience(ref, bridge)
    count = np.zeros((nf, nc))
    np.add.at(count, (family, country), 1.0)
    years = _averages(basis, basis.sum(1), role, country, region_of, family_of)
    shares = {}
    for name in FACTS:
        known = getattr(names, _KNOWN[name])
        code = codes(getattr(ref, name), known)
        shares[name] = _averages(
            np.eye(len(known))[code] * (code >= 0)[:, None], code >= 0, role, country, region_of, family_of
        )
    place = {s: i for i, s in enumerate(names.skills)}
    ticked = np.zeros((nf, len(names.skills)))
    asked = np.zeros(nf)
    for f, listed in zip(codes(rows.family, names.families), rows.skills, strict=True):
        if listed:
            asked[f] += 1
            for s in listed:
                if s in place:
                    ticked[f, place[s]] += 1
    skills = (ticked + _BORROWED * ticked.sum(0) / max(asked.sum(), 1)) / (asked + _BORROWED)[:, None]
    members = _members(count, groups)
    over = lambda table: np.einsum("rac,rcw->raw", members[family_of], table, optimize=True)
    return Population(
        reports=np.concatenate([count, count @ groups.T], axis=1),
        years=over(years),
        shares={k: over(v) for k, v in shares.items()},
        skills=np.clip(skills, 0, 1),
        members=members,
    )


def _members(count: Floats, groups: Floats) -> Floats:
    """Weights of countries in each area: itself for a country, reports (all families lending some) for a wider one."""
    nf, nc = count.shape
    weight = count + 0.2 * count.sum(0, keepdims=True) / nf + 1e-6
    out = np.zeros((nf, nc + len(groups), nc))
    out[:, np.arange(nc), np.arange(nc)] = 1.0
    out[:, nc:, :] = weight[:, None, :] * groups[None, :, :]
    total: Floats = out / out.sum(2, keepdims=True)
    return total


def _part(design: Design, fit: Fit, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    beta = fit.beta[design.slices[name]]
    return beta.reshape(shape) if shape else beta


def _variance(fit: Fit, where: Floats) -> Floats:
    """Variance of linear combinations `where` (m, p) of the coefficients, active ones by covariance, others by prior."""
    if not len(fit.covariance):
        return np.zeros(where.shape[0])
    position = np.full(len(fit.beta), -1)
    position[fit.active] = np.arange(len(fit.active))
    sparse = sp.csr_matrix(where)
    act = sparse[:, fit.active].toarray()
    total: Floats = np.einsum("ij,ij->i", act @ fit.covariance, act)
    idle = position < 0
    return total + np.asarray(sparse[:, idle].power(2) @ fit.prior[idle]).ravel()


def _diagonal(fit: Fit) -> Floats:
    """Variance of each coefficient: posterior where reports touch it, else its prior."""
    out = fit.prior.copy()
    out[fit.active] = np.diag(fit.covariance) if len(fit.covariance) else 0.0
    return out


def _isotonic(levels: Floats) -> Floats:
    """Least-squares nondecreasing version of the last axis (max-min formula)."""
    k = levels.shape[-1]
    cumulative = np.concatenate([np.zeros((*levels.shape[:-1], 1)), np.cumsum(levels, axis=-1)], axis=-1)
    out = np.empty_like(levels)
    for at in range(k):
        best = np.full(levels.shape[:-1], -np.inf)
        for i in range(at + 1):
            low = np.min(
                [(cumulative[..., j + 1] - cumulative[..., i]) / (j + 1 - i) for j in range(at, k)], axis=0
            )
            best = np.maximum(best, low)
        out[..., at] = best
    return out


def tables(
    fit: Fit, design: Design, rows: Rows, names: Names, bridge: Bridges, pop: Population, region_of: Floats
) -> dict[str, Floats]:
    """The location tables of `predict.reference.ReferenceModel` (its widths are `spread`'s)."""
    nf, nc, nr, k = len(names.families), len(names.countries), len(names.regions), len(KNOTS)
    walk = np.tril(np.ones((k, k)))[:, 1:]
    over = lambda by_country: np.einsum("fac,fc...->fa...", pop.members, by_country)
    flat = pop.members.mean(0)  # (A, C)
    family_of = families_of(names)
    years_family = (_part(design, fit, "years") + _part(design, fit, "years:family", (nf, k - 1))) @ walk.T
    region_years = _part(design, fit, "years:region", (nr, k - 1))[region_of]
    years_area = flat @ ((region_years + _part(design, fit, "years:country", (nc, k - 1))) @ walk.T)
    years_mean = np.einsum("rak,rk->ra", pop.years, years_family[family_of]) + np.einsum(
        "rak,ak->ra", pop.years, years_area
    )
    out: dict[str, Floats] = {
        "knots": KNOTS, "role_family": family_of, "reports": pop.reports, "years_family": years_family,
        "years_area": years_area, "years_mean": years_mean, "from_coding": bridge.from_coding,
        "level_share": np.stack([bridge.levels[f] for f in names.families]),
    }  # fmt: skip
    mean_total = years_mean.copy()
    for name in FACTS:
        width = len(getattr(names, _KNOWN[name]))
        by_region = _part(design, fit, f"{name}:region", (nr, width))[region_of]
        out[name] = flat @ (_part(design, fit, name) + by_region)
        out[f"{name}_mean"] = np.einsum("ral,al->ra", pop.shares[name], out[name])
        out[f"{name}_se"] = _fact_errors(fit, design, name, pop.shares[name][:, :nc].mean((0, 1)))
        mean_total = mean_total + out[f"{name}_mean"]
    out |= _levels(
        fit,
        design,
        names,
        bridge,
        years_family,
        years_area,
        _family_means(years_mean, family_of, nf),
        region_of,
        flat,
    )
    structure = _structure(fit, design, names, family_of, region_of)
    rest = _rest(fit, design, rows, names)  # (F,) and (C,) averages of what no fact explains
    country_table = structure + rest[0][family_of][:, None] + rest[1][None, :]
    out["baseline"] = np.einsum("rac,rc->ra", pop.members[family_of], country_table) + mean_total
    spread = over(_family_means(country_table, family_of, nf)[..., None] ** 2)[..., 0]
    out["between"] = np.sqrt(
        np.maximum(spread - over(_family_means(country_table, family_of, nf)[..., None])[..., 0] ** 2, 0)
    )
    out["baseline_se"] = _baseline_errors(fit, design, names, family_of, region_of, pop)
    out["years_se"] = _years_errors(fit, design, names, pop, family_of)
    out |= _places_and_skills(fit, design, rows, names, pop)
    return out


def families_of(names: Names) -> Floats:
    """Position of each role's family, (R,)."""
    vocabulary = roles()
    return codes(
        np.array([vocabulary[r].attributes["family"] for r in names.roles], dtype=object), names.families
    )


def _family_means(table: Floats, family_of: Floats, nf: int) -> Floats:
    out = np.zeros((nf, table.shape[1]))
    for f in range(nf):
        own = family_of == f
        if own.any():
            out[f] = table[own].mean(0)
    return out


def _structure(fit: Fit, design: Design, names: Names, family_of: Floats, region_of: Floats) -> Floats:
    """Intercept, region, country, family, role and their crosses: (R, C)."""
    nf, nc = len(names.families), len(names.countries)
    by_country = _part(design, fit, "region")[region_of] + _part(design, fit, "country")
    cross = _part(design, fit, "family:country", (nf, nc))
    table = _part(design, fit, "intercept")[0] + by_country[None, :] + cross[family_of]
    table = table + (_part(design, fit, "family")[family_of] + _part(design, fit, "role"))[:, None]
    block = next(b for b in design.blocks if b.name == "role:country")
    cells = np.asarray(block.labels, dtype=np.int64)
    table[cells // nc, cells % nc] += _part(design, fit, "role:country")
    return table


def _rest(fit: Fit, design: Design, rows: Rows, names: Names) -> tuple[Floats, Floats]:
    """Average of ticked, unanswered, vintage and skills over the reference rows, by family and by country."""
    ref = np.flatnonzero(rows.reference)
    x = design.matrix[ref]
    parts = [
        n
        for n in design.slices
        if n in ("skill", "ticked", "vintage", "vintage:country") or n.startswith("no answer")
    ]
    value = np.zeros(len(ref))
    for name in parts:
        value += x[:, design.slices[name]] @ fit.beta[design.slices[name]]
    mean = value.mean()
    by_family = _shrunk(value - mean, codes(rows.family[ref], names.families), len(names.families)) + mean
    left = value - by_family[codes(rows.family[ref], names.families)]
    return by_family, _shrunk(left, codes(rows.country[ref], names.countries), len(names.countries))


def _shrunk(value: Floats, group: Floats, size: int) -> Floats:
    n = np.bincount(group, minlength=size)
    out: Floats = np.bincount(group, weights=value, minlength=size) / (n + _BORROWED / 5)
    return out


def _fact_errors(fit: Fit, design: Design, name: str, share: Floats) -> Floats:
    where = np.zeros((len(share), len(fit.beta)))
    where[:, design.slices[name]] = np.eye(len(share)) - share[None, :]
    return np.sqrt(_variance(fit, where))


def _years_errors(fit: Fit, design: Design, names: Names, pop: Population, family_of: Floats) -> Floats:
    k, nf = len(KNOTS), len(names.families)
    walk = np.tril(np.ones((k, k)))[:, 1:]
    out = np.zeros((nf, k))
    for f in range(nf):
        steps = (np.eye(k) - pop.years[family_of == f].mean((0, 1))[None, :]) @ walk
        where = np.zeros((k, len(fit.beta)))
        where[:, design.slices["years"]] = steps
        at = design.slices["years:family"].start + f * (k - 1)
        where[:, at : at + k - 1] = steps
        out[f] = np.sqrt(_variance(fit, where))
    return out


def _baseline_errors(
    fit: Fit, design: Design, names: Names, family_of: Floats, region_of: Floats, pop: Population
) -> Floats:
    """One standard error of the role x area baseline, against the reference's own overall level."""
    nf, nc, s = len(names.families), len(names.countries), design.slices
    where = sp.lil_matrix((nf * nc, len(fit.beta)))
    index = np.arange(nf * nc)
    country = index % nc
    where[index, s["region"].start + region_of[country]] = 1.0
    where[index, s["country"].start + country] = 1.0
    where[index, s["family:country"].start + index] = 1.0
    centre = sp.csr_matrix(where)
    weight = pop.reports[:, :nc].ravel() / pop.reports[:, :nc].sum()
    centre = centre - sp.csr_matrix(np.tile(weight @ centre, (nf * nc, 1)))
    by_family = np.concatenate([_variance(fit, chunk) for chunk in _chunks(centre, 400)]).reshape(nf, nc)
    titles = np.zeros((len(names.roles), len(fit.beta)))
    titles[np.arange(len(names.roles)), s["role"].start + np.arange(len(names.roles))] = 1.0
    titles[np.arange(len(names.roles)), s["family"].start + family_of] += 1.0
    share = np.bincount(family_of, minlength=nf)[family_of]
    titles -= (pop.reports[:, :nc].sum(1)[family_of] / share / pop.reports[:, :nc].sum()) @ titles
    own = _variance(fit, titles)[:, None]
    diagonal = _diagonal(fit)
    cross = np.full((len(names.roles), nc), fit.sd["role:country"] ** 2)
    block = next(b for b in design.blocks if b.name == "role:country")
    cells = np.asarray(block.labels, dtype=np.int64)
    cross[cells // nc, cells % nc] = np.minimum(diagonal[s["role:country"]], cross[cells // nc, cells % nc])
    variance = by_family[family_of] + own + cross
    return np.sqrt(np.einsum("rac,rc->ra", pop.members[family_of] ** 2, variance))


def _chunks(matrix: sp.csr_matrix, size: int) -> list[sp.csr_matrix]:
    return [matrix[i : i + size] for i in range(0, matrix.shape[0], size)]


def _levels(
    fit: Fit, design: Design, names: Names, bridge: Bridges, years_family: Floats, years_area: Floats, years_mean: Floats,
    region_of: Floats, flat: Floats,
) -> dict[str, Floats]:  # fmt: skip
    """Level effects beside years and alone, never falling up the ladder; managers are a branch of their own."""
    nf, nr, steps = len(names.families), len(names.regions), len(LADDER)
    by_region = _part(design, fit, "level:region", (nr, steps))[region_of]
    own = _part(design, fit, "level") + _part(design, fit, "level:family", (nf, steps))
    level = _isotonic(own[:, None, :] + (flat @ by_region)[None, :, :])
    at_level = np.stack([bridge.from_level[f] for f in names.families])  # (F, 5, K)
    at_knots = np.stack([bridge.levels[f][KNOTS.astype(int)] for f in names.families])  # (F, K, 5)
    expected = np.einsum("flk,fkm,fam->fal", at_level, at_knots, level)
    curve = years_family[:, None, :] + years_area[None, :, :]
    alone = np.einsum("flk,fak->fal", at_level, curve) - years_mean[:, :, None] + level - expected
    where = np.zeros((steps, len(fit.beta)))
    where[:, design.slices["level"]] = np.eye(steps) - 1 / steps
    managing = np.zeros((len(MANAGING), len(fit.beta)))
    managing[:, design.slices["managing"]] = np.eye(len(MANAGING))
    return {
        "level": level,
        "level_alone": np.maximum.accumulate(alone, axis=-1),
        "level_se": np.sqrt(_variance(fit, where)),
        "managing": _part(design, fit, "managing"),
        "managing_se": np.sqrt(_variance(fit, managing)),
    }


def _places_and_skills(
    fit: Fit, design: Design, rows: Rows, names: Names, pop: Population
) -> dict[str, Floats]:
    diagonal = _diagonal(fit)
    error = lambda name: np.sqrt(diagonal[design.slices[name]])
    skill, skill_se = _part(design, fit, "skill"), error("skill")
    clear = np.abs(skill) > _CLEAR * skill_se
    beside = sum(
        design.matrix[:, design.slices[n]] @ fit.beta[design.slices[n]]
        for n in ("employer", "company_size", "industry")
    )
    metro, metro_se = metros(
        fit, rows, names, _part(design, fit, "metro"), np.asarray(beside), error("metro")
    )
    return {
        "employer": _part(design, fit, "employer"), "employer_se": error("employer"),
        "metro": metro, "metro_se": metro_se,
        "metro_reports": np.bincount(np.maximum(codes(rows.metro, names.metros), 0), minlength=len(names.metros)).astype(float),
        "skill": np.where(clear, skill, 0.0), "skill_raw": skill, "skill_se": skill_se, "skill_share": pop.skills,
    }  # fmt: skip
