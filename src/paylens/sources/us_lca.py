"""US Labor Condition Applications: wages offered to foreign workers, a year; certified ones only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from paylens.sources.files import PublishedTable
from paylens.sources.reading import (
    NO_PAY,
    NO_ROLE,
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

__all__ = ["ID", "NOT_CERTIFIED", "read"]

ID = "us_lca"
NOT_CERTIFIED = "not certified, or withdrawn"
NO_DATE = "no decision date"

_COLUMNS = (
    "CASE_NUMBER",
    "CASE_STATUS",
    "DECISION_DATE",
    "JOB_TITLE",
    "SOC_TITLE",
    "FULL_TIME_POSITION",
    "EMPLOYER_NAME",
    "NAICS_CODE",
    "WORKSITE_CITY",
    "WORKSITE_STATE",
    "WAGE_RATE_OF_PAY_FROM",
    "WAGE_RATE_OF_PAY_TO",
    "WAGE_UNIT_OF_PAY",
)
_EMPLOYMENT = {"Y": "full-time", "N": "part-time"}
# 'CIVIL ENGINEERS, R&D' is the occupation of civil engineers.
_OCCUPATION_SUFFIX = re.compile(r",\s*(?:non[ -])?r&d$", re.IGNORECASE)


def read(path: Path) -> Reading:
    """The certified applications with a wage; PaylensError when the file cannot be opened or read."""
    description = describe(ID)
    rest = description.rest
    lookups = Lookups()
    observations = Observations(
        source=ID,
        vintage=rest["vintage"],
        currency=rest["currency"],
        country=rest["country"],
        pay_definition=description.pay_definition,
    )
    dropped: Counter[str] = Counter()
    with PublishedTable(path, _COLUMNS) as rows:
        for number, values in rows:
            wage = _wage(values, rest["units"])
            month = _month(values["DECISION_DATE"])
            if values["CASE_STATUS"].strip() not in rest["certified"]:
                dropped[NOT_CERTIFIED] += 1
            elif isinstance(wage, str):
                dropped[wage] += 1
            elif month is None:
                dropped[NO_DATE] += 1
            elif present(values["JOB_TITLE"]) is None:
                dropped[NO_ROLE] += 1
            else:
                row = _row(values, rest, lookups)
                case = present(values["CASE_NUMBER"]) or f"row-{number}"
                row.update(row=number, month=month, respondent=f"{ID}:{rest['vintage']}:{case}", **wage)
                observations.add(row)
    return finished(ID, rows, dropped, observations, lookups)


def _wage(values: Mapping[str, str], units: Mapping[str, int]) -> dict[str, Any] | str:
    """A year's wage from and to with its flag, or why there is none."""
    low = amount(_plain(values["WAGE_RATE_OF_PAY_FROM"]))
    high = amount(_plain(values["WAGE_RATE_OF_PAY_TO"]))
    times = units.get(values["WAGE_UNIT_OF_PAY"].strip())
    if not low:
        return NO_PAY if present(values["WAGE_RATE_OF_PAY_FROM"]) is None or low == 0 else UNREADABLE_PAY
    if times is None:
        return "unknown unit of pay"
    # 'To' is optional; a zero or the same amount is one wage, a lower one an entry the wrong way round.
    high = high or low
    reversed_ = "range reversed" if high < low else None
    low, high = sorted((low * times, high * times))
    return {"pay_lo": low, "pay_hi": high, "pay_flag": sanity_flag(low) or sanity_flag(high) or reversed_}


def _plain(text: str) -> str:
    return text.replace("$", "")


def _month(text: str) -> str | None:
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return f"{datetime.strptime(text.strip()[:10], form):%Y-%m}"
        except ValueError:
            continue
    return None


def _row(values: Mapping[str, str], rest: Mapping[str, Any], lookups: Lookups) -> dict[str, Any]:
    city, state = present(values["WORKSITE_CITY"]), present(values["WORKSITE_STATE"])
    place = lookups.place(f"{city.title()}, {state}" if city and state else None)
    title = present(values["JOB_TITLE"]) or ""
    employer = present(values["EMPLOYER_NAME"])
    return {
        "role": _role(title, present(values["SOC_TITLE"]), rest["vague"], lookups),
        "role_asked": title,
        "state": place.state if place else state,
        "metro": place.metro if place else None,
        "industry": _industry(values["NAICS_CODE"].strip(), rest["naics"]),
        "employer": lookups.employer(employer),
        "employer_asked": employer,
        "employment": _EMPLOYMENT.get(values["FULL_TIME_POSITION"].strip(), "unknown"),
    }


def _role(title: str, occupation: str | None, vague: Mapping[str, Any], lookups: Lookups) -> str:
    """The title's role, or the occupation's where the title's is unknown, or vague and that is not."""
    told = lookups.role.find(title)
    filed = lookups.role.find(_OCCUPATION_SUFFIX.sub("", occupation)) if occupation else None
    if filed is not None and (
        told is None or (told in vague["titles"] and filed not in vague["occupations"])
    ):
        return filed
    return told or lookups.role(title) or "other"


def _industry(code: str, naics: Mapping[str, str]) -> str | None:
    return next((naics[code[:n]] for n in range(len(code), 1, -1) if code[:n] in naics), None)
