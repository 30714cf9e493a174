"""Observations as arrays on one money scale: local currency of one month, at one fixed rate, in logs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from paylens.contract.vocabularies import employers, roles
from paylens.places import geography, money, wages

__all__ = ["EVIDENCE_TO", "REFERENCE_VINTAGES", "Rows", "prepare", "take"]

Floats = npt.NDArray[Any]
Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]

EVIDENCE_TO = "2025-06"
REFERENCE_VINTAGES = (2023, 2024, 2025)
# One cut for all years of the reference: the 2025 file was published with it.
REFERENCE_CUT_USD = (5_000.0, 500_000.0)
# Roles of people who are not employed professionals; they are read but never part of the reference.
NOT_EMPLOYED = frozenset({"student", "retired", "not-employed", "unemployed"})
_OPEN_TOP = 1.6  # an 'or more' bracket is read as [lo, 1.6 lo] where a width is needed


@dataclass(frozen=True)
class Rows:
    """Reports on one scale. Arrays of one length, n.

    `lo`, `hi`: natural log of yearly pay in the country's own currency of `EVIDENCE_TO` (wage growth taken out),
    divided by the currency's US-dollar rate of that month, so that countries share a unit and an exchange rate never
    moves a wage. `years`, `coding`: midpoint of the interval, NaN when unknown. Text arrays hold vocabulary ids or None.
    `reference` marks the rows that define the reference view. `shift` is what was added to log nominal US dollars.
    """

    respondent: Texts
    source: Texts
    vintage: npt.NDArray[np.int64]
    reference: Flags
    lo: Floats
    hi: Floats
    shift: Floats
    weight: Floats
    role: Texts
    family: Texts
    country: Texts
    region: Texts
    metro: Texts
    years: Floats
    years_span: Floats
    coding: Floats
    ml_years: Floats
    seniority: Texts
    education: Texts
    industry: Texts
    company_size: Texts
    employer: Texts
    remote: Texts
    skills: Texts

    def __len__(self) -> int:
        return len(self.lo)

    @property
    def middle(self) -> Floats:
        """Log pay taken as one number: exact where exact, else the interval's middle."""
        hi = np.where(np.isfinite(self.hi), self.hi, self.lo + np.log(_OPEN_TOP))
        lo = np.where(np.isfinite(self.lo), self.lo, hi - np.log(4.0))
        return (lo + hi) / 2

    def where(self, keep: Flags) -> Rows:
        """The rows that `keep` (a mask of n) names."""
        return Rows(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def weighted(self, weight: Floats) -> Rows:
        """The same rows under other weights."""
        return replace(self, weight=weight)


def take(table: pa.Table, name: str) -> Texts:
    """A column as an object array with None for null."""
    return np.array(table.column(name).to_pylist() + [None], dtype=object)[:-1]


def _numbers(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=float)


def _middle_years(table: pa.Table, name: str) -> tuple[Floats, Floats]:
    lo = _numbers(table, f"{name}_lo")
    hi = _numbers(table, f"{name}_hi")
    hi = np.where(np.isfinite(lo) & ~np.isfinite(hi), np.maximum(lo + 5, 25.0), hi)
    return (lo + hi) / 2, hi - lo


def _money(country: Texts, currency: Texts, month: Texts) -> tuple[Floats, Texts]:
    """Log factor from the reported currency and month to the common scale, and each row's region."""
    known = {c.id: c for c in geography.countries()}
    cache: dict[tuple[Any, Any, Any], float] = {}
    shift = np.empty(len(country))
    for i, key in enumerate(zip(country, currency, month, strict=True)):
        if key not in cache:
            cache[key] = _shift(known[key[0]].currency, *key) if key[0] in known else np.nan
        shift[i] = cache[key]
    region = np.array([known[c].region if c in known else None for c in country] + [None], dtype=object)[:-1]
    return shift, region


def local_currency(country_currency: str | None) -> str:
    """The currency that a country is modelled in: its own where a rate is published, else US dollars."""
    return country_currency if country_currency and country_currency in money.currencies() else "USD"


def _shift(own: str | None, country: str, currency: str, month: str) -> float:
    if currency not in money.currencies():
        return float("nan")  # no published rate: the report is left out
    local = local_currency(own)
    reported = money.rate(currency, month).per_usd
    then = money.rate(local, month).per_usd
    fixed = money.rate(local, EVIDENCE_TO).per_usd
    growth = wages.index(country).ratio(month, EVIDENCE_TO)[0]
    return float(np.log(then / reported / fixed * growth))


def prepare(table: pa.Table) -> Rows:
    """Observations (schema of `observations.schema`) to `Rows`; rows without a country or role are left out.

    Levels.fyi enters with cash (base + bonus) where its split adds up; rows without a split are left to the source's
    own view. Amounts flagged as slips are left out; the caller counts them from the table's `pay_flag`.
    """
    source = take(table, "source")
    base, bonus = _numbers(table, "base"), _numbers(table, "bonus")
    lo, hi = _numbers(table, "pay_lo"), _numbers(table, "pay_hi")
    split = source == "levels_fyi"
    cash = base + np.nan_to_num(bonus)
    lo, hi = np.where(split, cash, lo), np.where(split, cash, hi)
    flag = take(table, "pay_flag")
    role = take(table, "role")
    country = take(table, "country")
    keep = np.array([f is None for f in flag]) & np.array([r is not None for r in role])
    keep &= np.array([c is not None for c in country]) & ~(split & ~(base > 0))
    table, role, country, source = table.filter(pa.array(keep)), role[keep], country[keep], source[keep]
    lo, hi = lo[keep], hi[keep]
    advertised = source == "aijobs"
    middle = np.sqrt(np.maximum(lo, 1) * np.where(np.isfinite(hi), hi, lo))
    lo, hi = np.where(advertised, middle, lo), np.where(advertised, middle, hi)
    shift, region = _money(country, take(table, "currency"), take(table, "month"))
    with np.errstate(divide="ignore"):
        log_lo = np.where(lo > 0, np.log(np.maximum(lo, 1e-9)), -np.inf)
        log_hi = np.where(np.isnan(hi), np.inf, np.log(np.maximum(np.nan_to_num(hi, nan=1.0), 1.0)))
    years, span = _middle_years(table, "years")
    coding, _ = _middle_years(table, "years_coding")
    ml_years, _ = _middle_years(table, "years_ml")
    vintage = np.asarray(table.column("vintage").to_numpy(zero_copy_only=False), dtype=np.int64)
    size, industry = _from_employer(
        take(table, "employer"), take(table, "company_size"), take(table, "industry")
    )
    rows = Rows(
        respondent=take(table, "respondent"), source=source, vintage=vintage,
        reference=_reference(source, vintage, role, take(table, "employment"), lo, hi),
        lo=log_lo + shift, hi=log_hi + shift, shift=shift, weight=_weight(table),
        role=role, family=_families(role), country=country, region=region, metro=take(table, "metro"),
        years=years, years_span=span, coding=coding, ml_years=ml_years,
        seniority=take(table, "seniority"), education=take(table, "education"), industry=industry, company_size=size,
        employer=take(table, "employer"), remote=take(table, "remote"), skills=take(table, "skills"),
    )  # fmt: skip
    # Reports of the reference's own surveys that its one cut leaves out would only be noise beside it.
    outside = (source == "stackoverflow") & np.isin(vintage, REFERENCE_VINTAGES) & ~rows.reference
    return rows.where(np.isfinite(shift) & ~outside)


def _weight(table: pa.Table) -> Floats:
    """What each report counts for, by how it was verified; 1 where its source does not say."""
    if "weight" not in table.column_names:
        return np.ones(table.num_rows)
    return np.nan_to_num(_numbers(table, "weight"), nan=1.0)


def _families(role: Texts) -> Texts:
    vocabulary = roles()
    family = {r: vocabulary[r].attributes["family"] for r in set(role)}
    return np.array([family[r] for r in role] + [None], dtype=object)[:-1]


def _from_employer(employer: Texts, size: Texts, industry: Texts) -> tuple[Texts, Texts]:
    """Size and industry from the employer where the report has none (the employer table's own)."""
    table = {e.id: e.attributes for e in employers().entries}
    for i in np.flatnonzero([e is not None for e in employer]):
        known = table.get(employer[i])
        if known:
            size[i] = size[i] or known.get("company_size") or None
            industry[i] = industry[i] or known.get("industry") or None
    return size, industry


def _reference(
    source: Texts, vintage: npt.NDArray[np.int64], role: Texts, employment: Texts, lo: Floats, hi: Floats
) -> Flags:
    """Employed professionals as Stack Overflow 2023-2025 reports them, under one cut."""
    low, high = REFERENCE_CUT_USD
    kept = (source == "stackoverflow") & np.isin(vintage, REFERENCE_VINTAGES) & (lo >= low) & (hi <= high)
    employed = np.array([e in (None, "full-time", "unknown") for e in employment])
    return np.asarray(kept & employed & np.array([r not in NOT_EMPLOYED for r in role]), dtype=bool)
