r"""The reference view's pay distribution from its tables: additive in log pay, numpy only.

    log p50 = baseline[role, area] + sum over given facts f of (effect_f(value) - mean_f[family, area])

    log q(tau) = log p50 + width_lo * z(tau)   for tau < 1/2,   log p50 + width_up * z(tau)   above,

where mean_f is the fact's average over the reference population, so a fact that is not given contributes nothing, and
z is an increasing table with z(1/2) = 0. Every array works on n profiles at once; one profile is n = 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

__all__ = ["FACTORS", "LEVELS", "Facts", "Located", "ReferenceModel", "experience", "locate", "quantiles"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEVELS = np.round(np.arange(1, 20) * 0.05, 2)
FACTORS = (
    "experience",
    "seniority",
    "education",
    "skills",
    "company_size",
    "industry",
    "employer",
    "metro",
    "remote",
)
MIDDLE = 9
_UNLIKELY = 0.02  # a level that fewer than 2 % of people with such years hold contradicts them
_CONTRADICTION = 0.12


@dataclass(frozen=True)
class ReferenceModel:
    """Tables of the reference view. R roles, F families, A areas (countries, regions, the world), K knots of years.

    Log effects throughout; `*_se` are one standard error. `*_share` are reference-population shares, `[F, A, ...]`.
    """

    knots: Floats  # (K,)
    role_family: Ints  # (R,)
    baseline: Floats  # (R, A)
    baseline_se: Floats  # (R, A)
    reports: Floats  # (F, A) effective reference reports
    years_family: Floats  # (F, K)
    years_area: Floats  # (A, K)
    years_mean: Floats  # (R, A)
    years_se: Floats  # (F, K)
    from_coding: Floats  # (61, K)
    level_share: Floats  # (F, 61, 5) share of each ladder level by professional years
    level: Floats  # (F, A, 5) effect of a level beyond what its years say
    level_alone: Floats  # (F, A, 5) effect of a level where years are not given
    level_se: Floats  # (5,)
    managing: Floats  # (3,)
    managing_se: Floats  # (3,)
    education: Floats  # (A, E)
    education_mean: Floats  # (R, A)
    education_se: Floats  # (E,)
    company_size: Floats  # (A, S)
    company_size_mean: Floats  # (R, A)
    company_size_se: Floats  # (S,)
    industry: Floats  # (A, I)
    industry_mean: Floats  # (R, A)
    industry_se: Floats  # (I,)
    remote: Floats  # (A, 3)
    remote_mean: Floats  # (R, A)
    remote_se: Floats  # (3,)
    employer: Floats  # (M,)
    employer_se: Floats  # (M,)
    metro: Floats  # (P, 2) where the employer is not given, where it is
    metro_se: Floats  # (P,)
    metro_reports: Floats  # (P,)
    skill: Floats  # (T,) zero where no clear difference
    skill_raw: Floats  # (T,) the same before that rule
    skill_se: Floats  # (T,)
    skill_share: Floats  # (F, T)
    z: Floats  # (19,)
    width_family: Floats  # (F, 2) log of the lower and upper width
    width_area: Floats  # (A, 2)
    width_years: Floats  # (K, 2)
    width_facts: Floats  # (1 + facts, 2) what a given fact changes
    width_floor: Floats  # (F, 2) widest well-measured country, for thin evidence
    between: Floats  # (F, A) sd of country medians inside a region

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """All tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Facts:
    """n profiles as positions in the model's tables; -1 or NaN where a fact is not given.

    `skills` is a pair: the profile's row and the skill's position, one entry for each skill given.
    """

    role: Ints
    area: Ints
    years: Floats
    coding: Floats
    level: Ints
    managing: Ints
    education: Ints
    company_size: Ints
    industry: Ints
    remote: Ints
    employer: Ints
    metro: Ints
    skills: tuple[Ints, Ints] = field(default_factory=lambda: (np.empty(0, np.int64), np.empty(0, np.int64)))

    def __len__(self) -> int:
        return len(self.role)


@dataclass(frozen=True)
class Located:
    """Where each profile's distribution sits. `effect`, `error`: (n, 9) in the order of `FACTORS`."""

    baseline: Floats
    baseline_se: Floats
    effect: Floats
    error: Floats
    median: Floats
    contradiction: npt.NDArray[np.bool_]
    width: Floats
    thin: npt.NDArray[np.bool_]
    reports: Floats


THIN_REPORTS = 30.0


def _hats(knots: Floats, years: Floats) -> Floats:
    at = np.minimum(np.maximum(years, knots[0]), knots[-1])
    left = np.minimum(np.searchsorted(knots, at, side="right") - 1, len(knots) - 2)
    share = (at - knots[left]) / (knots[left + 1] - knots[left])
    basis = np.zeros((len(years), len(knots)))
    rows = np.arange(len(years))
    basis[rows, left] = 1 - share
    basis[rows, left + 1] = share
    return basis


def experience(m: ReferenceModel, f: Facts, family: Ints) -> tuple[Floats, Floats, Floats]:
    """Effect and error of the years given, and the basis they came through (zero where not given)."""
    basis = np.zeros((len(f), len(m.knots)))
    known = f.years == f.years
    coded = ~known & (f.coding == f.coding)
    if known.any():
        basis[known] = _hats(m.knots, f.years[known])
    if coded.any():
        basis[coded] = m.from_coding[np.minimum(f.coding[coded], 60).astype(np.int64)]
    given = known | coded
    curve = m.years_family[family] + m.years_area[f.area]
    effect = np.where(given, (basis * curve).sum(1) - m.years_mean[f.role, f.area], 0.0)
    return effect, np.where(given, (basis * m.years_se[family]).sum(1), 0.0), basis


def _seniority(
    m: ReferenceModel, f: Facts, family: Ints, basis: Floats
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Effect, error and whether level and years contradict each other."""
    n = len(f)
    effect, error, odd = np.zeros(n), np.zeros(n), np.zeros(n, dtype=bool)
    manages = f.managing >= 0
    if manages.any():
        effect[manages], error[manages] = m.managing[f.managing[manages]], m.managing_se[f.managing[manages]]
    given = f.level >= 0
    if given.any():
        rows = np.flatnonzero(given)
        fam, area, level = family[rows], f.area[rows], f.level[rows]
        dated = basis[rows].sum(1) > 0
        years = (basis[rows] * m.knots).sum(1)
        share = m.level_share[fam, np.minimum(years, 60).astype(np.int64)]
        own = m.level[fam, area]
        surprise = own[np.arange(len(rows)), level] - (own * share).sum(1)
        effect[rows] = np.where(dated, surprise, m.level_alone[fam, area, level])
        error[rows] = m.level_se[level]
        odd[rows] = dated & (share[np.arange(len(rows)), level] < _UNLIKELY)
    return effect, error, odd


def _fact(
    table: Floats, mean: Floats, se: Floats, code: Ints, role: Ints, area: Ints
) -> tuple[Floats, Floats]:
    given = code >= 0
    if not given.any():
        return np.zeros(len(code)), np.zeros(len(code))
    return np.where(given, table[area, code] - mean[role, area], 0.0), np.where(given, se[code], 0.0)


def _skills(m: ReferenceModel, f: Facts, family: Ints) -> tuple[Floats, Floats]:
    effect, variance = np.zeros(len(f)), np.zeros(len(f))
    rows, skill = f.skills
    if len(rows):
        part = m.skill[skill] * (1 - m.skill_share[family[rows], skill])
        np.add.at(effect, rows, part)
        np.add.at(variance, rows, np.where(m.skill[skill] != 0, m.skill_se[skill] ** 2, 0.0))
    return effect, np.sqrt(variance)


def locate(m: ReferenceModel, f: Facts) -> Located:
    """Baseline, the effect of every fact given, and the widths around the median, for n profiles."""
    family = m.role_family[f.role]
    years, years_error, basis = experience(m, f, family)
    level, level_error, odd = _seniority(m, f, family, basis)
    facts = [
        _fact(
            getattr(m, name),
            getattr(m, f"{name}_mean"),
            getattr(m, f"{name}_se"),
            getattr(f, name),
            f.role,
            f.area,
        )
        for name in ("education", "company_size", "industry", "remote")
    ]
    employed, placed = f.employer >= 0, f.metro >= 0
    employer = (m.employer[f.employer] * employed, m.employer_se[f.employer] * employed)
    metro = (m.metro[f.metro, employed.astype(np.int64)] * placed, m.metro_se[f.metro] * placed)
    skill = _skills(m, f, family)
    parts = (
        (years, years_error),
        (level, level_error),
        facts[0],
        skill,
        facts[1],
        facts[2],
        employer,
        metro,
        facts[3],
    )
    effect, error = np.array(parts).transpose(1, 2, 0)
    baseline, baseline_se = m.baseline[f.role, f.area], m.baseline_se[f.role, f.area]
    reports = m.reports[family, f.area]
    thin = reports < THIN_REPORTS
    width = _widths(m, f, family, basis, thin, odd)
    return Located(baseline, baseline_se, effect, error, baseline + effect.sum(1), odd, width, thin, reports)


def _widths(
    m: ReferenceModel,
    f: Facts,
    family: Ints,
    basis: Floats,
    thin: npt.NDArray[np.bool_],
    odd: npt.NDArray[np.bool_],
) -> Floats:
    """Lower and upper width, (n, 2): spread of people, and what is not known about where they sit."""
    given = np.ones((len(f), len(m.width_facts)))
    given[:, 1] = basis.any(1)
    given[:, 2] = np.maximum(f.level, f.managing) >= 0
    given[:, 3] = f.education >= 0
    given[:, 4] = f.company_size >= 0
    given[:, 5] = f.industry >= 0
    spread = np.exp(
        m.width_family[family] + m.width_area[f.area] + basis @ m.width_years + given @ m.width_facts
    )
    if thin.any():
        spread = np.where(thin[:, None], np.maximum(spread, m.width_floor[family]), spread)
    unknown = m.baseline_se[f.role, f.area] ** 2 + m.between[family, f.area] ** 2 + odd * _CONTRADICTION**2
    out: Floats = np.sqrt(spread**2 + unknown[:, None])
    return out


def quantiles(m: ReferenceModel, median: Floats, width: Floats) -> Floats:
    """Log pay at the 19 levels, (n, 19), increasing by construction."""
    side = np.where(m.z[None, :] < 0, width[:, :1], width[:, 1:])
    out: Floats = median[:, None] + side * m.z[None, :]
    return out


def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> ReferenceModel:
    """The model from its named arrays, as `ReferenceModel.arrays` gave them."""
    integer = {"role_family"}
    return ReferenceModel(
        **{  # type: ignore[arg-type]
            f.name: np.ascontiguousarray(arrays[f.name], dtype=np.int64 if f.name in integer else np.float64)
            for f in fields(ReferenceModel)
        }
    )
