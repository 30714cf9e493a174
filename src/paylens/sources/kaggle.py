"""Kaggle's Machine Learning and Data Science Survey, 2021 and 2022: coded columns, pay in brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from paylens.contract.errors import PaylensError
from paylens.sources.files import PublishedTable
from paylens.sources.reading import (
    NO_PAY,
    NO_ROLE,
    UNREADABLE_PAY,
    Lookups,
    Observations,
    Reading,
    bracket,
    describe,
    finished,
    present,
    vintage_of,
    years,
)

__all__ = ["ID", "read"]

ID = "kaggle"
_ASKED_ONCE = (
    "role",
    "industry",
    "company_size",
    "pay",
    "country",
    "education",
    "years_coding",
    "years_ml",
    "age",
)
_ASKED_IN_SOME_YEARS = ("student", "publishes")
_STATUS = {"student": "student", "not-employed": "not-employed"}


def read(path: Path, vintage: int | None = None) -> Reading:
    """The reports with pay in one year's file; the year is told by its name unless `vintage` says it.

    PaylensError when the file cannot be opened or lacks that year's columns.
    """
    description = describe(ID)
    vintage = vintage or vintage_of(path, description.rest["vintages"])
    codes: Mapping[str, Any] = description.rest["vintages"][str(vintage)]
    once = [codes[name] for name in (*_ASKED_ONCE, *_ASKED_IN_SOME_YEARS) if name in codes]
    never = tuple(description.rest["never"])
    lookups = Lookups(blanks=(*description.rest["unplaced"], *description.rest["not_skills"]))
    observations = Observations(
        source=ID,
        vintage=vintage,
        month=codes["month"],
        currency=description.rest["currency"],
        pay_definition=description.pay_definition,
    )
    dropped: Counter[str] = Counter()
    with PublishedTable(path, once, header_rows=2) as rows:
        options = _option_columns(path, rows.header, codes["skills"])
        rows.take(options)
        for number, values in rows:
            answers = {
                name: present(values[codes[name]])
                for name in (*_ASKED_ONCE, *_ASKED_IN_SOME_YEARS)
                if name in codes
            }
            reason = _unusable(answers)
            if reason is not None:
                dropped[reason] += 1
                continue
            row = _row(answers, never, lookups)
            row["row"] = number
            row["respondent"] = f"{ID}:{vintage}:{number}"
            row["skills"] = lookups.skills(present(values[name]) for name in options if values[name])
            observations.add(row)
    return finished(ID, rows, dropped, observations, lookups)


def _option_columns(path: Path, header: Sequence[str], questions: Sequence[str]) -> list[str]:
    """The columns of the questions' options, without the ones for 'Other'."""
    found: list[str] = []
    for question in questions:
        pattern = re.compile(re.escape(question) + r"_(?:Part_)?\d+")
        columns = [name for name in header if pattern.fullmatch(name)]
        if not columns:
            raise PaylensError(f"{path}: not the table expected, it lacks the columns of question {question}")
        found += columns
    return found


def _unusable(answers: Mapping[str, str | None]) -> str | None:
    """Why a row is dropped, or None."""
    if answers["pay"] is None:
        return NO_PAY
    if bracket(answers["pay"]) is None:
        return UNREADABLE_PAY
    return NO_ROLE if answers["role"] is None else None


def _row(answers: Mapping[str, str | None], never: tuple[str, ...], lookups: Lookups) -> dict[str, Any]:
    pay = bracket(answers["pay"] or "")
    assert pay is not None  # _unusable() has looked
    role = lookups.role(answers["role"]) or "other"
    coding, ml = years(answers["years_coding"], never), years(answers["years_ml"], never)
    student = answers.get("student") == "Yes"
    publishes = answers.get("publishes")
    return {
        "role": role,
        "role_asked": answers["role"],
        "country": lookups.country(answers["country"]),
        "years_coding_lo": coding[0],
        "years_coding_hi": coding[1],
        "years_ml_lo": ml[0],
        "years_ml_hi": ml[1],
        "education": lookups.education(answers["education"]),
        "industry": lookups.industry(answers["industry"]),
        "company_size": lookups.company_size(answers["company_size"]),
        "age": answers["age"],
        "publishes": None if publishes is None else publishes == "Yes",
        "employment": "student" if student else _STATUS.get(role, "unknown"),
        "pay_lo": pay[0],
        "pay_hi": pay[1],
    }
