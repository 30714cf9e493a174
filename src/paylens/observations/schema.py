"""What observations must satisfy: types, known vocabulary ids, one respondent once, lo not above hi."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from paylens.contract.errors import PaylensError, shown
from paylens.contract.observation import PAY_DEFINITIONS
from paylens.contract.vocabularies import (
    educations,
    employers,
    employments,
    industries,
    remotes,
    roles,
    seniorities,
    sizes,
    skills,
)
from paylens.places.geography import countries
from paylens.sources.reading import SCHEMA

__all__ = ["SCHEMA", "validate"]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_CURRENCY = re.compile(r"[A-Z]{3}")
_INTERVALS = ("years", "years_coding", "years_ml", "pay")
_AMOUNTS = ("pay_lo", "pay_hi", "base", "bonus", "equity")
_SHOWN = 3


def validate(table: pa.Table) -> pa.Table:
    """The table itself when every row keeps the rules; else PaylensError naming the column and the values."""
    if table.schema != SCHEMA:
        raise PaylensError("observations: the columns are not those of the schema")
    for column in SCHEMA:
        if not column.nullable and table[column.name].null_count:
            raise PaylensError(f"observations: {table[column.name].null_count} rows have no {column.name}")
    vocabularies: dict[str, Container[str]] = {
        "role": roles(),
        "seniority": seniorities(),
        "country": frozenset(country.id for country in countries()),
        "education": educations(),
        "industry": industries(),
        "company_size": sizes(),
        "employer": employers(),
        "remote": remotes(),
        "employment": employments(),
        "pay_definition": frozenset(PAY_DEFINITIONS),
    }
    for name, known in vocabularies.items():
        _only(name, (value for value in _values(table[name]) if value not in known), "not of the vocabulary")
    _only(
        "skills", (s for s in _values(_flat(table["skills"])) if s not in skills()), "not of the vocabulary"
    )
    _only("month", (m for m in _values(table["month"]) if not _MONTH.fullmatch(m)), "not a month")
    _only("currency", (c for c in _values(table["currency"]) if not _CURRENCY.fullmatch(c)), "not a currency")
    counts = pc.value_counts(table["respondent"].combine_chunks())
    repeated = pc.filter(counts.field("values"), pc.greater(counts.field("counts"), 1))
    _only("respondent", repeated.to_pylist(), "there more than once")
    _check_numbers(table)
    return table


def _check_numbers(table: pa.Table) -> None:
    for name in _INTERVALS:
        lo, hi = table[f"{name}_lo"], table[f"{name}_hi"]
        wrong = table.filter(pc.fill_null(pc.greater(lo, hi), False))
        _only(name, wrong["respondent"].to_pylist(), "reversed: lo is above hi")
        wrong = table.filter(pc.and_(pc.is_null(lo), pc.is_valid(hi)))
        _only(name, wrong["respondent"].to_pylist(), "without a lo")
    for name in _AMOUNTS:
        # NaN and infinity fail the comparison that a number passes.
        sound = pc.and_(pc.greater_equal(table[name], 0.0), pc.less(table[name], float("inf")))
        wrong = table.filter(pc.invert(pc.fill_null(sound, True)))
        _only(name, wrong["respondent"].to_pylist(), "not an amount")


def _values(column: pa.ChunkedArray) -> Iterable[str]:
    return sorted(value for value in pc.unique(column).to_pylist() if value is not None)


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.list_flatten(column)


def _only(name: str, wrong: Iterable[str], why: str) -> None:
    found = list(wrong)
    if found:
        some = ", ".join(repr(shown(value)) for value in found[:_SHOWN])
        raise PaylensError(f"observations: {name} has {len(found)} values that are {why}: {some}")
