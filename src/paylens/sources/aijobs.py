"""ai-jobs salaries: each neighbouring high and low row become one advertised range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from paylens.contract.vocabularies import seniorities
from paylens.sources.files import PublishedTable
from paylens.sources.reading import (
    NO_PAY,
    UNREADABLE_PAY,
    Lookups,
    Observations,
    Reading,
    amount,
    describe,
    finished,
    present,
    sanity_flag,
)

__all__ = ["ID", "MERGED", "REPEATED", "read"]

ID = "aijobs"
MERGED = "low end of the range in the row above"
REPEATED = "advertised range seen before"
NO_YEAR = "no year"

_ATTRIBUTES = (
    "work_year",
    "experience_level",
    "employment_type",
    "job_title",
    "salary_currency",
    "employee_residence",
    "remote_ratio",
    "company_location",
    "company_size",
)


class _Amount(NamedTuple):
    row: int
    attributes: tuple[str, ...]
    salary: float
    usd: float


class _Range(NamedTuple):
    row: int
    rows: int
    attributes: tuple[str, ...]
    low: float
    high: float
    low_usd: float
    high_usd: float


def read(path: Path) -> Reading:
    """One observation a range; PaylensError when the file cannot be opened or lacks columns."""
    description = describe(ID)
    lookups = Lookups()
    observations = Observations(source=ID, pay_definition=description.pay_definition)
    dropped: Counter[str] = Counter()
    seen: set[tuple[Any, ...]] = set()
    with PublishedTable(path, (*_ATTRIBUTES, "salary", "salary_in_usd")) as rows:
        for found in _ranges(_amounts(rows, dropped)):
            if found.rows == 2:
                dropped[MERGED] += 1
            same = (*found.attributes, found.low, found.high)
            if same in seen:
                dropped[REPEATED] += 1
                continue
            seen.add(same)
            observations.add(_row(found, description.rest, lookups))
    return finished(ID, rows, dropped, observations, lookups)


def _amounts(rows: PublishedTable, dropped: Counter[str]) -> Iterator[_Amount]:
    """The rows with an amount and a year; the others are counted."""
    for number, values in rows:
        salary, usd = amount(values["salary"]), amount(values["salary_in_usd"])
        year = values["work_year"].strip()
        if salary is None:
            dropped[NO_PAY if present(values["salary"]) is None else UNREADABLE_PAY] += 1
        elif not (year.isdigit() and len(year) == 4):
            dropped[NO_YEAR] += 1
        else:
            attributes = tuple(values[name].strip() for name in _ATTRIBUTES)
            yield _Amount(number, attributes, salary, salary if usd is None else usd)


def _ranges(amounts: Iterable[_Amount]) -> Iterator[_Range]:
    """Pairs of neighbours that agree in all attributes, the higher or equal first; others alone."""
    high: _Amount | None = None
    for found in amounts:
        if high is None:
            high = found
        elif (
            found.row == high.row + 1 and found.attributes == high.attributes and found.salary <= high.salary
        ):
            yield _Range(high.row, 2, high.attributes, found.salary, high.salary, found.usd, high.usd)
            high = None
        else:
            yield _single(high)
            high = found
    if high is not None:
        yield _single(high)


def _single(found: _Amount) -> _Range:
    return _Range(found.row, 1, found.attributes, found.salary, found.salary, found.usd, found.usd)


def _row(found: _Range, rest: Mapping[str, Any], lookups: Lookups) -> dict[str, Any]:
    values = dict(zip(_ATTRIBUTES, map(present, found.attributes), strict=True))
    year = found.attributes[0]
    level = values["experience_level"]
    title = values["job_title"] or "not stated"
    wide = found.high > rest["widest_ratio"] * found.low
    flag = sanity_flag(found.low_usd) or sanity_flag(found.high_usd)
    return {
        "vintage": int(year),
        "month": f"{year}-{rest['month_of_year']}",
        "row": found.row,
        "respondent": f"{ID}:{year}:{found.row}",
        "role": lookups.role(title) or "other",
        "role_asked": title,
        "seniority": seniorities().lookup(level) if level else None,
        "country": lookups.country(values["employee_residence"]),
        "company_size": lookups.company_size(values["company_size"]),
        "remote": lookups.remote(values["remote_ratio"]),
        "employment": lookups.employment(values["employment_type"]) or "unknown",
        "pay_lo": found.low,
        "pay_hi": found.high,
        "currency": (values["salary_currency"] or "USD").upper(),
        "pay_flag": flag or ("range too wide" if wide else None),
    }
