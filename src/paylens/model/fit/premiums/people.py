"""Who is compared: the reports of one source that were asked the same, with what is known of each person.

A study is a source, or one year of it where the years asked different things. Studies are never mixed: each is
estimated by itself and only the effects are pooled.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import scipy.linalg as sla
import scipy.sparse as sp

from paylens.model.fit import linked
from paylens.model.fit.design import Design, hats
from paylens.model.fit.premiums.doubly_robust import FOLDS, Flags, Floats, Ints
from paylens.model.fit.rows import NOT_EMPLOYED, Rows, Texts, prepare, take

__all__ = ["CODING_BEFORE_WORK", "Asks", "Study", "coded", "levels_of", "studies"]

# source -> vintage -> the skills that were put to respondents of that year
Asks = Mapping[str, Mapping[int, frozenset[str]]]

# Years of one source that are taken together, because they ask alike.
_TOGETHER = {"kaggle": True, "levels_fyi": True, "stackoverflow": False}
CODING_BEFORE_WORK = 4.0  # in the median of Stack Overflow 2024, which asks both
_BANDS = ((0.0, 3.0, "entry"), (3.0, 5.0, "mid"), (5.0, np.inf, "senior"))
# Log pay further than this from what country, field and years say is pulled in to here: typing errors, not pay.
_FENCE = 4.0
_FLAGS = ("publishes", "open_source", "people_manager")
_MOST_NOISE = 0.9  # reports that are almost surely no salary are left out rather than weighed at nothing


@dataclass(frozen=True)
class Study:
    """One source's people, n of them, in an order that does not depend on the file's.

    `y` log pay (fenced), `weight` one less the chance of being noise, `fold` 0 to FOLDS - 1 by a hash of who.
    `facts` are text arrays by name (None unknown), `numbers` bases of years (n, k) by name, `flags` the yes-or-no
    questions as 1, 0 or NaN, `ticked` (n, skills) with the names in `skills`, `asked` (n, skills). `cluster` numbers
    employers where they are named.
    """

    source: str
    vintage: str
    y: Floats
    weight: Floats
    fold: Ints
    facts: dict[str, Texts]
    numbers: dict[str, Floats]
    flags: dict[str, Floats]
    skills: tuple[str, ...]
    ticked: Flags
    asked: Flags
    ml_years: Floats
    region: Texts
    band: Texts
    cluster: Ints | None

    def __len__(self) -> int:
        return len(self.y)

    @functools.cached_property
    def codes(self) -> dict[str, tuple[Ints, Ints]]:
        """The facts as whole numbers (`coded`); rare countries count as their region."""
        return {n: coded(v, self.region if n == "country" else None) for n, v in self.facts.items()}

    @functools.cached_property
    def where(self) -> str:
        """The only country that was asked, or ''."""
        lands = set(self.facts["country"])
        return str(next(iter(lands))) if len(lands) == 1 else ""


def _hashes(respondent: Texts) -> Ints:
    return np.array(
        [int.from_bytes(hashlib.blake2b(str(r).encode(), digest_size=7).digest(), "big") for r in respondent],
        dtype=np.int64,
    )


def studies(table: pa.Table, asks: Asks) -> list[Study]:
    """The studies of an observation table (schema of `observations.schema`), of the sources that `asks` names."""
    rows = prepare(table.filter(pc.is_in(table["source"], value_set=pa.array(sorted(_TOGETHER)))))
    rows = rows.where(~np.isin(rows.role.astype(str), sorted(NOT_EMPLOYED)))
    key = _hashes(rows.respondent)
    order = np.argsort(key, kind="stable")
    fold = (key % FOLDS)[order]
    rows = rows.where(order)
    place = {r: i for i, r in enumerate(take(table, "respondent"))}
    at = np.array([place[r] for r in rows.respondent], dtype=np.int64)
    extra = {n: _yes_no(take(table, n)[at]) for n in _FLAGS if n in table.column_names}
    out = []
    for source, together in _TOGETHER.items():
        years = sorted(set(rows.vintage[rows.source == source].tolist()))
        for group in [years] if together and years else [[y] for y in years]:
            own = (rows.source == source) & np.isin(rows.vintage, group)
            out.append(
                _study(
                    rows.where(own), fold[own], {n: f[own] for n, f in extra.items()}, asks.get(source, {})
                )
            )
    return out


def _yes_no(values: Texts) -> Floats:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=float)


def _study(rows: Rows, fold: Ints, flags: dict[str, Floats], asks: Mapping[int, frozenset[str]]) -> Study:
    noise = _noise(rows)
    sure = noise < _MOST_NOISE
    rows, fold, weight = rows.where(sure), fold[sure], 1 - noise[sure]
    flags = {n: f[sure] for n, f in flags.items()}
    years = sorted(set(rows.vintage.tolist()))
    names = tuple(sorted(set().union(*(asks.get(y, frozenset()) for y in years), *rows.skills)))
    column = {s: i for i, s in enumerate(names)}
    ticked = np.zeros((len(rows), len(names)), dtype=bool)
    for i, listed in enumerate(rows.skills):
        ticked[i, [column[s] for s in listed]] = True
    asked = np.zeros_like(ticked)
    for year in years:
        asked[np.ix_(rows.vintage == year, [column[s] for s in sorted(asks.get(year, ()))])] = True
    # Whoever ticked nothing at all passed the questions over: not asked is not no.
    asked &= ticked.any(axis=1)[:, None]
    facts = {
        "country": rows.country, "metro": rows.metro, "field": rows.family, "role": rows.role, "education": rows.education,
        "level": rows.seniority, "industry": rows.industry, "company size": rows.company_size, "employer": rows.employer,
        "remote": rows.remote, "year": rows.vintage.astype(str).astype(object),
    }  # fmt: skip
    numbers = {
        "years": rows.years,
        "years of coding": rows.coding,
        "years of machine learning": rows.ml_years,
    }
    bases = {n: _basis(v) for n, v in numbers.items() if np.isfinite(v).mean() > 0.5}
    span = f"{years[0]}-{years[-1]}" if years[0] != years[-1] else str(years[0])
    work = np.where(np.isfinite(rows.years), rows.years, rows.coding - CODING_BEFORE_WORK)
    return Study(
        str(rows.source[0]), span, _fenced(rows, bases, weight), weight, fold, facts, bases, flags, names, ticked, asked,
        rows.ml_years, rows.region, _band(work), _clusters(rows.employer),
    )  # fmt: skip


def _basis(years: Floats) -> Floats:
    """Piecewise-linear columns without the first, which the intercept holds; a column for unknown where some are."""
    basis = hats(years)[:, 1:]
    unknown = ~np.isfinite(years)
    return np.hstack([basis, unknown[:, None]]) if unknown.sum() >= 10 else basis


def _band(years: Floats) -> Texts:
    out = np.full(len(years), None, dtype=object)
    years = np.where(np.isfinite(years), np.maximum(years, 0.0), np.nan)
    for low, high, name in _BANDS:
        out[(years >= low) & (years < high)] = name
    return out


def _clusters(employer: Texts) -> Ints | None:
    """A number for each employer; a person whose employer is not named stands alone. None where none is named."""
    named = np.array([e is not None for e in employer])
    if not named.any():
        return None
    out = np.arange(len(employer)) + len(employer)
    out[named] = np.unique(employer[named].astype(str), return_inverse=True)[1]
    return out


def _noise(rows: Rows) -> Floats:
    """Each report's chance of being no salary at all, as the linked model has it (Kaggle's lowest brackets)."""
    if not len(rows) or rows.source[0] != "kaggle":
        return np.zeros(len(rows))
    design = Design()
    design.add("one", ["one"], sp.csr_matrix(np.ones((len(rows), 1))), 10.0, free=True)
    for name, values in (("country", rows.country), ("field", rows.family), ("year", rows.vintage)):
        known, code = np.unique(values.astype(str), return_inverse=True)
        block = sp.csr_matrix(
            (np.ones(len(rows)), (np.arange(len(rows)), code)), shape=(len(rows), len(known))
        )
        design.add(name, known.tolist(), block, 1.0)
    design.add("years", list(range(11)), sp.csr_matrix(hats(rows.coding)), 1.0)
    return linked.fit(rows, design, covariance=False).noise


def _fenced(rows: Rows, bases: dict[str, Floats], weight: Floats) -> Floats:
    y = rows.middle
    columns = [np.ones((len(rows), 1)), *bases.values()]
    columns += [levels_of(*coded(rows.country, rows.region)), levels_of(*coded(rows.family))]
    x = np.hstack(columns)
    root = np.sqrt(weight)[:, None]
    gram = (x * root).T @ (x * root) + np.diag(np.append(1e-9, np.ones(x.shape[1] - 1)))
    mu = x @ sla.solve(gram, x.T @ (weight * y), assume_a="pos")
    middle = np.median(y - mu)
    spread = _FENCE * 1.4826 * np.median(np.abs(y - mu - middle))
    return np.clip(y, mu + middle - spread, mu + middle + spread)


def coded(values: Texts, wider: Texts | None = None) -> tuple[Ints, Ints]:
    """Values as whole numbers (unknown is one too), and the number of each one's `wider` value (a country's region).

    Numbers of wider values begin after those of values; without any, all share one.
    """
    known, code = np.unique(np.where(values == None, "", values).astype(str), return_inverse=True)  # noqa: E711
    if wider is None:
        return code, np.full(len(code), len(known))
    return code, len(known) + np.unique(wider.astype(str), return_inverse=True)[1]


def levels_of(code: Ints, wider: Ints, fewest: int = 10) -> Floats:
    """Columns of zeros and ones (n, k) for the levels (`coded`) that at least `fewest` people have, without the commonest.

    Rarer levels count as their wider one, then as the rest together; what is rare even so falls to the commonest.
    """
    for instead in (wider, np.full(len(code), max(int(code.max()), int(wider.max())) + 1)):
        code = np.where(np.bincount(code)[code] < fewest, instead, code)
    count = np.bincount(code)
    kept = np.flatnonzero(count >= fewest)
    kept = kept[kept != np.argmax(count)]
    return (code[:, None] == kept[None, :]).astype(float)
