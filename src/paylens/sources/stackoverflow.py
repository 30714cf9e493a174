"""Stack Overflow's Developer Survey by its official column names; another year is a table in the .toml."""

from __future__ import annotations

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
    Description,
    Lookups,
    Observations,
    Reading,
    amount,
    choices,
    describe,
    finished,
    present,
    sanity_flag,
    vintage_of,
    years,
)

__all__ = ["ID", "read"]

ID = "stackoverflow"
_MEMBER = "survey_results_public.csv"
_PLAIN = (
    "respondent",
    "education",
    "years",
    "years_coding",
    "company_size",
    "industry",
    "remote",
    "employment",
    "age",
)
_YES_NO = ("people_manager", "open_source")
# Of several statuses ticked, the first is the one that pay is for.
_EMPLOYMENT_ORDER = ("full-time", "part-time", "self-employed", "student", "retired", "not-employed")
_AGES = {"Prefer not to say": None, "65 years or older": "65+"}


def read(path: Path, vintage: int | None = None, description: Description | None = None) -> Reading:
    """The reports with pay in one year's file; the year is in its name or its folder's, or `vintage`.

    A zip may hold the schema too. PaylensError when the file cannot be opened or lacks columns.
    """
    description = description or describe(ID)
    vintages = description.rest["vintages"]
    vintage = vintage or vintage_of(path, vintages)
    if str(vintage) not in vintages:
        raise PaylensError(f"{path}: the {vintage} survey is not described; known are {', '.join(vintages)}")
    survey = _Survey(description, vintages[str(vintage)])
    observations = Observations(
        source=ID,
        vintage=vintage,
        month=vintages[str(vintage)]["month"],
        currency=description.rest["currency"],
        pay_definition=vintages[str(vintage)].get("pay_definition", description.pay_definition),
    )
    dropped: Counter[str] = Counter()
    with PublishedTable(path, survey.need, optional=survey.optional, member=_MEMBER) as rows:
        for number, values in rows:
            pay = amount(values[survey.pay])
            label = survey.role_label(values)
            if pay is None:
                dropped[NO_PAY if present(values[survey.pay]) is None else UNREADABLE_PAY] += 1
            elif label is None:
                dropped[NO_ROLE] += 1
            else:
                row = survey.row(values, label)
                row.update(row=number, pay_lo=pay, pay_hi=pay, pay_flag=sanity_flag(pay))
                row["respondent"] = f"{ID}:{vintage}:{present(values.get(survey.respondent)) or number}"
                observations.add(row)
    return finished(ID, rows, dropped, observations, survey.lookups)


class _Survey:
    """One year's column names and what its labels mean."""

    def __init__(self, description: Description, columns: Mapping[str, Any]) -> None:
        self.columns = columns
        self.pay: str = columns["pay"]
        self.respondent: str = columns.get("respondent", "")
        self.roles: Sequence[str] = columns["role"]
        self.skills: Sequence[str] = columns.get("skills", ())
        self.recode: Mapping[str, str] = columns.get("recode", {})
        self.detail: Mapping[str, str] = columns.get("role_detail", {})
        self.order = {label: i for i, label in enumerate(description.rest["role_order"])}
        self.unemployed: Mapping[str, str] = description.rest["unemployed_roles"]
        self.lookups = Lookups(blanks=description.rest["unplaced"])
        self.need = [columns["country"], self.pay, *self.roles]
        named = [columns[name] for name in _PLAIN if name in columns]
        named += [columns[name]["column"] for name in _YES_NO if name in columns]
        named += [self.detail["column"]] if self.detail else []
        self.optional = [*named, *self.skills]

    def role_label(self, values: Mapping[str, str]) -> str | None:
        """The one label that says who someone is, of columns and ticks that may hold several."""
        for column in self.roles:
            # A single answer may hold no ';', and is then the only choice.
            ticked = choices(values[column])
            if ticked:
                label = min(ticked, key=lambda text: self.order.get(text, len(self.order)))
                return self._precise(label, values)
        return None

    def _precise(self, label: str, values: Mapping[str, str]) -> str:
        if self.detail and label == self.detail["label"]:
            return present(values.get(self.detail["column"])) or label
        return label

    def row(self, values: Mapping[str, str], label: str) -> dict[str, Any]:
        """The columns of one answer except its number and pay."""
        answer = {
            name: present(values.get(self.columns[name])) if name in self.columns else None for name in _PLAIN
        }
        find = self.lookups
        worked = years(self._recoded(answer["years"]))
        coded = years(self._recoded(answer["years_coding"]))
        return {
            "role": find.role(label) or "other",
            "role_asked": label,
            "country": find.country(present(values[self.columns["country"]])),
            "years_lo": worked[0],
            "years_hi": worked[1],
            "years_coding_lo": coded[0],
            "years_coding_hi": coded[1],
            "education": find.education(answer["education"]),
            "industry": find.industry(answer["industry"]),
            "company_size": find.company_size(answer["company_size"]),
            "remote": find.remote(answer["remote"]),
            "age": _age(answer["age"]),
            "people_manager": self._yes("people_manager", values),
            "open_source": self._yes("open_source", values),
            "employment": self._employment(answer["employment"], label),
            "skills": find.skills(option for column in self.skills for option in choices(values.get(column))),
        }

    def _recoded(self, text: str | None) -> str | None:
        return None if text is None else self.recode.get(text, text)

    def _yes(self, name: str, values: Mapping[str, str]) -> bool | None:
        if name not in self.columns:
            return None
        text = present(values.get(self.columns[name]["column"]))
        return None if text is None else text in self.columns[name]["yes"]

    def _employment(self, text: str | None, label: str) -> str:
        found = {self.lookups.employment(status) for status in choices(text)}
        known = next((status for status in _EMPLOYMENT_ORDER if status in found), None)
        return known or self.unemployed.get(label, "unknown")


def _age(text: str | None) -> str | None:
    return None if text is None else _AGES.get(text, text.removesuffix(" years old"))
