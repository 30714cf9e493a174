"""Median salaries of scientists and engineers (NCSES): by degree and age, and of doctorates by age, years and place."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.sources.reading import describe
from paylens.sources.sheets import number, sheets

__all__ = ["ID", "read"]

ID = "us_ncses"
_DEGREES = {
    "bachelor_s": "bachelor",
    "master_s": "master",
    "doctorate": "doctorate",
    "professional": "professional",
}
_DEGREE = re.compile(r"field_(all_degrees|bachelor_s|master_s|doctorate|professional)a?_(?:both_sexes|total)")
_BAND = re.compile(r"field_(.+)_median_salary")
_EVERYONE = "all_full_time_employed"
_STATES = ("employer_location_level_2", "employer_location_level_3")


def read(path: Path, vintage: int) -> list[dict[str, Any]]:
    """Cells of one table (`official.SCHEMA`): medians of both sexes, a suppressed one None.

    `people` says whom beside the occupation: 'master, age 30-39', 'doctorate, 6-10 years since'. PaylensError when the
    file can't be read or is another table.
    """
    _, rows = next(iter(sheets(path)))
    if len(rows) < 2 or "table_id" not in rows[0]:
        raise PaylensError(f"{path}: not the table expected, it lacks the columns table_id, row_id")
    head = [str(name) for name in rows[0]]
    table = [dict(zip(head, row, strict=False)) for row in rows[1:]]
    if "employer_location_full_path" in head:
        return list(_by_place(head, table, vintage))
    if any(_DEGREE.fullmatch(name) for name in head):
        return list(_by_degree(head, table, vintage))
    since = any("_6_10_" in name for name in head)
    return list(_by_band(head, table, vintage, "{} years since" if since else "age {}"))


def _cell(
    vintage: int, occupation: str, people: str | None, median: Any, error: Any = None
) -> dict[str, Any]:
    value, spread = number(median), number(error)
    return {
        "source": ID, "vintage": vintage, "month": f"{vintage}-02", "occupation": occupation, "title": occupation.capitalize(),
        "continues": occupation, "area": "US", "industry": None, "industry_title": None, "people": people, "employment": None,
        "relative_error": None if not value or spread is None else round(100 * spread / value, 2), "mean": None, "p10": None,
        "p25": None, "p50": value, "p75": None, "p90": None, "currency": "USD", "pay": "base as published",
    }  # fmt: skip


def _text(cell: str) -> str:
    """A label without its footnote, with plain dashes: '30-39'."""
    return html.unescape(re.sub(r"<sup>.*?</sup>", "", cell)).replace("–", "-").strip()


def _occupation(row: dict[str, str], depth: int) -> str | None:
    """The occupation that a row is of, at one of the last `depth` levels of its path."""
    known = describe(ID).rest["occupations"]
    path = [_text(v) for k, v in row.items() if re.search(r"_level_\d$", k) and v]
    return next((known[p.casefold()] for p in reversed(path[-depth:]) if p.casefold() in known), None)


def _by_degree(head: list[str], table: list[dict[str, str]], vintage: int) -> Iterator[dict[str, Any]]:
    columns = [(name, found[1]) for name in head if (found := _DEGREE.fullmatch(name))]
    for row in table:
        occupation = _occupation(row, 2)
        if occupation is None:
            continue
        last = _text([v for k, v in row.items() if re.search(r"_level_\d$", k) and v][-1])
        age = f"age {last}" if last[:1].isdigit() else None
        for name, degree in columns:
            people = [p for p in (_DEGREES.get(degree), age) if p]
            if row[name]:
                yield _cell(vintage, occupation, ", ".join(people) or None, row[name])


def _bands(head: list[str]) -> Iterator[tuple[str, str, str]]:
    """Column of the median, column of its error, and the band: 'under 35', '6-10', 'over 25', '' for everyone."""
    for name in head:
        if found := _BAND.fullmatch(name):
            raw = found[1]
            ends = {"_5": "0-5", "_25": "over 25"}
            band = (
                "" if raw == _EVERYONE else ends.get(raw) or raw.replace("under_", "under ").replace("_", "-")
            )
            yield name, name.replace("_median_salary", "_se"), band


def _by_band(
    head: list[str], table: list[dict[str, str]], vintage: int, words: str
) -> Iterator[dict[str, Any]]:
    for row in table:
        occupation = _occupation(row, 1)
        # The narrower row of computing, at the fourth level, leaves out those who teach it.
        if occupation is None or (
            row["occupation_level_4"] and _text(row["occupation_level_3"]).casefold() != occupation
        ):
            continue
        if row["occupation_hierarchy_depth"] == "3" and _has_narrower(table, occupation):
            continue
        for median, error, band in _bands(head):
            people = "doctorate" if not band else f"doctorate, {words.format(band)}"
            yield _cell(vintage, occupation, people, row[median], row[error])


def _has_narrower(table: list[dict[str, str]], occupation: str) -> bool:
    known = describe(ID).rest["occupations"]
    return any(
        known.get(_text(row["occupation_level_4"]).casefold()) == occupation
        for row in table
        if row["occupation_level_4"]
    )


def _by_place(head: list[str], table: list[dict[str, str]], vintage: int) -> Iterator[dict[str, Any]]:
    states = {name: code for code, name in describe(ID).rest["states"].items()}
    for name in head:
        found = re.fullmatch(r"field_science_occupations_(.+)_median_salary", name)
        occupation = describe(ID).rest["occupations"].get(found[1].replace("_", " ")) if found else None
        if occupation is None:
            continue
        for row in table:
            state = next((states[_text(row[k])] for k in _STATES if _text(row[k]) in states), None)
            everywhere = row["employer_location_hierarchy_depth"] == "1"
            if (state or everywhere) and row[name]:
                error = row[name.replace("_median_salary", "_se")]
                cell = _cell(vintage, occupation, "doctorate, teachers included", row[name], error)
                yield cell | {"area": f"us-{state}" if state else "US"}
