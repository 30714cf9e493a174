"""Levels.fyi entries: total pay with its split, the employer by name, its own level, a city, and one tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from paylens.contract.vocabularies import level_of
from paylens.sources.files import PublishedTable
from paylens.sources.reading import (
    NO_PAY,
    NO_ROLE,
    UNREADABLE_PAY,
    Description,
    Lookups,
    Observations,
    Reading,
    amount,
    describe,
    finished,
    present,
    sanity_flag,
    years,
)

__all__ = ["ID", "read"]

ID = "levels_fyi"
_COLUMNS = (
    "timestamp",
    "company",
    "level",
    "title",
    "totalyearlycompensation",
    "location",
    "yearsofexperience",
    "tag",
    "basesalary",
    "stockgrantvalue",
    "bonus",
    "rowNumber",
    "Education",
)
_TIME = "%m/%d/%Y %H:%M:%S"
_INDIVIDUAL = frozenset({"entry", "mid", "senior", "staff", "principal"})


def read(path: Path) -> Reading:
    """All entries with a total; PaylensError when the file cannot be opened or lacks columns."""
    description = describe(ID)
    entries = _Entries(description)
    observations = Observations(
        source=ID, currency=description.rest["currency"], pay_definition=description.pay_definition
    )
    dropped: Counter[str] = Counter()
    with PublishedTable(path, _COLUMNS) as rows:
        for number, values in rows:
            total = amount(values["totalyearlycompensation"])
            moment = _moment(values["timestamp"])
            if total is None or total == 0:
                readable = present(values["totalyearlycompensation"]) is None or total == 0
                dropped[NO_PAY if readable else UNREADABLE_PAY] += 1
            elif present(values["title"]) is None:
                dropped[NO_ROLE] += 1
            elif moment is None:
                dropped["no date"] += 1
            else:
                row = entries.row(values, total)
                entry = present(values["rowNumber"]) or f"row-{number}"
                row.update(
                    vintage=moment.year,
                    month=f"{moment:%Y-%m}",
                    row=number,
                    respondent=f"{ID}:{moment.year}:{entry}",
                )
                observations.add(row)
    return finished(ID, rows, dropped, observations, entries.lookups)


class _Entries:
    """What titles, tags, levels and amounts mean, by the source's description."""

    def __init__(self, description: Description) -> None:
        rest = description.rest
        self.lookups = Lookups()
        self.kind_of_tag = {tag: kind for kind, tags in rest["tags"].items() for tag in tags}
        self.role_by_tag: Mapping[str, Mapping[str, str]] = rest["role_by_tag"]
        self.skills_by_tag: Mapping[str, Sequence[str]] = rest["skills_by_tag"]
        self.manager_titles = frozenset(rest["manager_titles"])
        self.gap_usd: float = rest["sum_gap_usd"]
        self.gap_share: float = rest["sum_gap_share"]
        self._skills: dict[str, list[str]] = {}

    def row(self, values: Mapping[str, str], total: float) -> dict[str, Any]:
        """The columns of one entry except its number and date."""
        find = self.lookups
        title, tag, company = (
            present(values["title"]) or "",
            present(values["tag"]),
            present(values["company"]),
        )
        employer = find.employer(company)
        place = find.place(present(values["location"]))
        worked = years(values["yearsofexperience"])
        return {
            "role": self._role(title, tag),
            "role_asked": title,
            "seniority": self._seniority(title, employer, present(values["level"])),
            "country": place.country if place else None,
            "state": place.state if place else None,
            "metro": place.metro if place else None,
            "years_lo": worked[0],
            "years_hi": worked[1],
            "education": find.education(present(values["Education"])),
            "employer": employer,
            "employer_asked": company,
            "employment": "unknown",
            "skills": self._tagged(tag),
            "pay_lo": total,
            "pay_hi": total,
            **self._split(values, total),
        }

    def _role(self, title: str, tag: str | None) -> str:
        kind = self.kind_of_tag.get((tag or "").casefold())
        precise = self.role_by_tag.get(title, {}).get(kind or "")
        return precise or self.lookups.role(title) or "other"

    def _seniority(self, title: str, employer: str | None, level: str | None) -> str | None:
        seniority = level_of(employer, level) if level is not None else None
        if title in self.manager_titles and (seniority is None or seniority in _INDIVIDUAL):
            return "manager"
        return seniority

    def _tagged(self, tag: str | None) -> list[str]:
        if tag is None:
            return []
        key = tag.casefold()
        if key not in self._skills:
            # A tag is free text: one that is no skill is not a label that the vocabulary lacks.
            named = self.lookups.skill.find(tag)
            self._skills[key] = sorted({*([named] if named else []), *self.skills_by_tag.get(key, ())})
        return self._skills[key]

    def _split(self, values: Mapping[str, str], total: float) -> dict[str, Any]:
        """Base, bonus, equity and why the amounts are suspicious."""
        base = amount(values["basesalary"])
        bonus, equity = amount(values["bonus"]), amount(values["stockgrantvalue"])
        if not base:
            return {"pay_flag": sanity_flag(total) or "no split"}
        gap = abs(base + (bonus or 0) + (equity or 0) - total)
        mismatch = "sum mismatch" if gap > max(self.gap_usd, self.gap_share * total) else None
        return {"base": base, "bonus": bonus, "equity": equity, "pay_flag": sanity_flag(total) or mismatch}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), _TIME)
    except ValueError:
        return None
