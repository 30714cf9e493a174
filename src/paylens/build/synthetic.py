"""Synthetic reports, realistic in size and shape, made from a release alone: for measuring, never for publishing.

Who: source, role and country as often as published cohorts count them; each further fact as often as the source's
cohorts of it say, left out as often as they lack it. What: log pay by the published percentiles of source, role and
country, moved by what the cohorts of years and seniority are above their parents; rounded as people round, and in
brackets where the source asks for one. No row is or comes from a report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from paylens.contract.vocabularies import roles
from paylens.places import geography, money
from paylens.release.read import Release

__all__ = ["synthetic"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK: Final = 1_000_000
BRACKETED: Final = "kaggle"
# Upper ends of the brackets that a survey in dollars asks for.
ENDS: Final = np.array(
    [1e3, 5e3, 1e4, 1.5e4, 2e4, 3e4, 4e4, 5e4, 6e4, 7e4, 8e4, 9e4, 1e5, 1.25e5, 1.5e5, 2e5, 3e5, 5e5, 1e6]
)
LEVELS: Final = ("p10", "p25", "p50", "p75", "p90")
SCORES: Final = ndtri(np.array([0.10, 0.25, 0.50, 0.75, 0.90]))
SPREAD: Final = 0.45
"""Standard deviation of log pay where a cohort is too small for percentiles."""
UNKNOWN: Final = 0.1
FACTS: Final = {
    "years_band": "role-country-years", "seniority": "role-country-seniority", "industry": "role-country-industry",
    "company_size": "role-country-size", "education": "role-country-education", "remote": "role-country-remote",
    "vintage": "role-country-year", "employer": "role-employer",
}  # fmt: skip
PLACES: Final = {"metro": "role-metro", "state": "role-state"}


@dataclass(frozen=True)
class _Law:
    """What the draws need: cells (source, role, country) with their weights and percentiles, and facts by source."""

    cells: list[dict[str, Any]]
    share: Floats
    logs: Floats
    facts: dict[tuple[str, str], tuple[list[Any], Floats]]
    places: dict[tuple[str, str, str], tuple[list[Any], Floats]]
    skills: dict[str, tuple[list[str], Floats]]
    effect: dict[tuple[str, Any], float]


def synthetic(release: Release, rows: int, seed: int = 0) -> Iterator[pa.Table]:
    """`rows` synthetic reports with the columns that cohorts need, in tables of at most a million; seeded."""
    law = _law(release.table("cohorts.parquet").to_pylist())
    for part, start in enumerate(range(0, rows, CHUNK)):
        yield _drawn(law, min(CHUNK, rows - start), np.random.default_rng([seed, part]))


def _law(published: list[dict[str, Any]]) -> _Law:
    by_set: dict[str, list[dict[str, Any]]] = {}
    for row in published:
        by_set.setdefault(row["set"], []).append(row)
    cells = by_set["role-country"]
    n = np.array([row["n"] for row in cells], dtype=float)
    home = {c.id: c for c in geography.countries()}
    facts, places, skills = {}, {}, {}
    for source in sorted({row["source"] for row in cells}):
        for fact, name in FACTS.items():
            facts[source, fact] = _counted([r for r in by_set.get(name, []) if r["source"] == source], fact)
        for fact, name in PLACES.items():
            own = [r for r in by_set.get(name, []) if r["source"] == source]
            for country in sorted({_country(r[fact], home) for r in own}):
                places[source, country, fact] = _counted(
                    [r for r in own if _country(r[fact], home) == country], fact
                )
        own = [r for r in by_set.get("role-country-skill", []) if r["source"] == source]
        listed, count = _counted(own, "skill")
        skills[source] = (listed[:40], np.minimum(count[:40] * 8.0, 0.5))
    return _Law(cells, n / n.sum(), _logs(cells), facts, places, skills, _effects(by_set))


def _country(place: str, home: dict[str, Any]) -> str:
    """The country of a metro or a state of a release, 'us-41860' or 'US-CA' or 'CA' for one of the United States."""
    code = place.split("-")[0].upper()
    return code if "-" in place and code in home else "US"


def _counted(rows: list[dict[str, Any]], fact: str) -> tuple[list[Any], Floats]:
    """Values of a fact, most frequent first, and their shares."""
    total: dict[Any, float] = {}
    for row in rows:
        total[row[fact]] = total.get(row[fact], 0.0) + row["n"]
    values = sorted(total, key=lambda v: (-total[v], str(v)))
    count = np.array([total[v] for v in values])
    return values, count / count.sum() if len(count) else count


def _logs(cells: list[dict[str, Any]]) -> Floats:
    """Log percentiles of each cell, (cells, 5); a log-normal around the median where tails are not published."""
    out = np.empty((len(cells), len(LEVELS)))
    for i, row in enumerate(cells):
        known = np.array([row[p] or np.nan for p in LEVELS], dtype=float)
        middle = np.log(known[2])
        usual = middle + SPREAD * SCORES
        out[i] = np.where(np.isnan(known), usual, np.log(known))
    return np.maximum.accumulate(out, axis=1)


def _effects(by_set: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, Any], float]:
    """How far, in logs, the medians of years and seniorities lie above those of their role and country."""
    above = {(r["source"], r["role"], r["country"]): r["p50"] for r in by_set["role-country"]}
    out: dict[tuple[str, Any], float] = {}
    for fact in ("years_band", "seniority"):
        found: dict[Any, list[float]] = {}
        for row in by_set.get(FACTS[fact], []):
            parent = above.get((row["source"], row["role"], row["country"]))
            if parent:
                found.setdefault(row[fact], []).append(float(np.log(row["p50"] / parent)))
        out |= {(fact, value): float(np.mean(logs)) for value, logs in found.items()}
    return out


def _drawn(law: _Law, rows: int, random: np.random.Generator) -> pa.Table:
    cell = random.choice(len(law.cells), rows, p=law.share)
    source = np.array([c["source"] for c in law.cells], dtype=object)[cell]
    country = np.array([c["country"] for c in law.cells], dtype=object)[cell]
    columns: dict[str, Any] = {
        name: _coded([c[name] for c in law.cells], cell)
        for name in ("source", "measure", "role", "country", "currency")
    }
    family = {e.id: str(e.attributes["family"]) for e in roles().entries}
    home = {c.id: c for c in geography.countries()}
    columns["family"] = _coded([family[c["role"]] for c in law.cells], cell)
    columns["region"] = _coded([home[c["country"]].region for c in law.cells], cell)
    logs = _pay(law.logs[cell], random)
    by_source = {s: np.flatnonzero(source == s) for s in sorted(set(source))}
    for fact in FACTS:
        code, values = _fact(law, fact, by_source, rows, random)
        effects = np.array([law.effect.get((fact, v), 0.0) for v in values] + [0.0])
        logs += effects[code]
        columns[fact] = _coded(values, code)
    for fact in PLACES:
        columns[fact] = _place(law, fact, source, country, random)
    columns["skills"] = _skills(law, by_source, rows, random)
    vintage = columns.pop("vintage").fill_null(2024).cast(pa.int64())
    rate = _rates([c["currency"] for c in law.cells], cell, vintage.to_numpy())
    columns |= {"vintage": vintage, "per_usd": pa.array(rate)} | _amounts(
        np.exp(logs), rate, source == BRACKETED, random
    )
    columns["weight"] = pa.array(np.ones(rows, dtype=np.int64))
    columns["employment"] = pa.array(["full-time"]).take(pa.array(np.zeros(rows, dtype=np.int64)))
    return pa.table({name: columns[name] for name in sorted(columns)})


def _coded(values: list[Any], code: Ints) -> pa.Array:
    """Values by code, null for -1."""
    kind = pa.int64() if values and isinstance(values[0], int) else pa.string()
    return pa.array(values, kind).take(pa.array(code, mask=code < 0))


def _pay(logs: Floats, random: np.random.Generator) -> Floats:
    """A draw of log pay from percentiles (rows, 5): straight between normal scores, and on beyond the last."""
    z = random.standard_normal(len(logs))
    at = np.clip(np.searchsorted(SCORES, z), 1, len(SCORES) - 1)
    rows = np.arange(len(logs))
    low, high = logs[rows, at - 1], logs[rows, at]
    return np.asarray(low + (z - SCORES[at - 1]) / (SCORES[at] - SCORES[at - 1]) * (high - low))


def _fact(
    law: _Law, fact: str, by_source: dict[str, Ints], rows: int, random: np.random.Generator
) -> tuple[Ints, list[Any]]:
    values = sorted({v for s in by_source for v in law.facts[s, fact][0]}, key=str)
    place = {v: i for i, v in enumerate(values)}
    code = np.full(rows, -1, dtype=np.int64)
    for source, at in by_source.items():
        own, share = law.facts[source, fact]
        if own:
            drawn = np.array([place[v] for v in own])[random.choice(len(own), len(at), p=share)]
            code[at] = np.where(random.random(len(at)) < UNKNOWN, -1, drawn)
    return code, values


def _place(
    law: _Law, fact: str, source: NDArray[Any], country: NDArray[Any], random: np.random.Generator
) -> pa.Array:
    values = sorted({v for (_, _, f), (own, _) in law.places.items() if f == fact for v in own})
    place = {v: i for i, v in enumerate(values)}
    code = np.full(len(source), -1, dtype=np.int64)
    for (where, land, name), (own, share) in law.places.items():
        if name == fact:
            at = np.flatnonzero((source == where) & (country == land))
            drawn = np.array([place[v] for v in own])[random.choice(len(own), len(at), p=share)]
            code[at] = np.where(random.random(len(at)) < 3 * UNKNOWN, -1, drawn)
    return _coded(values, code)


def _skills(law: _Law, by_source: dict[str, Ints], rows: int, random: np.random.Generator) -> pa.Array:
    names = sorted({s for listed, _ in law.skills.values() for s in listed})
    place = {s: i for i, s in enumerate(names)}
    row, code = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for source, at in by_source.items():
        listed, share = law.skills[source]
        for skill, p in zip(listed, share, strict=True):
            has = at[random.random(len(at)) < p]
            row.append(has)
            code.append(np.full(len(has), place[skill]))
    rows_, codes = np.concatenate(row), np.concatenate(code)
    order = np.lexsort((codes, rows_))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows_, minlength=rows))]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(names, pa.string()).take(pa.array(codes[order]))
    )


def _rates(currencies: list[str], cell: Ints, vintage: Ints) -> Floats:
    names = sorted(set(currencies))
    years = np.unique(vintage)
    table = np.array([[money.rate(c, f"{year}-05").per_usd for year in years] for c in names])
    place = {c: i for i, c in enumerate(names)}
    return np.asarray(table[np.array([place[c] for c in currencies])[cell], np.searchsorted(years, vintage)])


def _amounts(
    pay: Floats, rate: Floats, bracketed: NDArray[np.bool_], random: np.random.Generator
) -> dict[str, Any]:
    """Amounts as people give them: two or three figures, a bracket of dollars where one is asked for."""
    digits = np.where(random.random(len(pay)) < 0.6, 2, 3)
    unit = 10.0 ** (np.floor(np.log10(pay)) + 1 - digits)
    exact = np.round(pay / unit) * unit
    at = np.searchsorted(ENDS, pay / rate, side="right")
    low = np.concatenate([[0.0], ENDS])[at]
    high = np.append(ENDS, np.nan)[at]
    lo, hi = np.where(bracketed, low * rate, exact), np.where(bracketed, high * rate, exact)
    return {"lo": pa.array(lo), "hi": pa.array(hi, mask=np.isnan(hi))}
