"""A pay report: a profile and what it is paid, checked field by field before anything is sealed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from paylens.contract.errors import InputError, shown
from paylens.contract.profile import Profile, parse_profile
from paylens.contract.report import MOST_SKILLS, PROFILE_FIELDS, REPORT_FIELDS
from paylens.contract.vocabulary import nearest_names
from paylens.places.geography import Place, resolve
from paylens.places.money import currencies, rate

__all__ = ["MOST_ASKED", "MOST_MONTHS", "SANE_USD", "Report", "parse_report"]

SANE_USD: Final = (1_000.0, 2_000_000.0)
"""A year's base in US dollars outside of which a report is taken for a slip; the limits of `cohorts/outliers.py`."""
MOST_USD: Final = 20_000_000.0
"""The most that bonus or equity a year may be, in US dollars."""
MOST_ASKED: Final = 80
"""Bytes that are kept of a role or an employer as it was written."""
MOST_MONTHS: Final = 24
"""A report may be of this month or of so many before it."""
_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")
_AMOUNTS: Final = ("base", "bonus", "equity")
# What a name of a job or a firm is written with; nothing that a spreadsheet, a page or a shell takes for more than text.
_STRANGE = re.compile(r"[^\w .,&/()'+#-]+")


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is sealed: vocabulary ids, amounts a year in `currency`, `month` 'YYYY-MM' and no finer time."""

    month: str
    role: str
    role_asked: str
    country: str
    base: float
    currency: str
    bonus: float | None = None
    equity: float | None = None
    seniority: str | None = None
    state: str | None = None
    metro: str | None = None
    years_experience: float | None = None
    years_coding: float | None = None
    years_ml: float | None = None
    education: str | None = None
    industry: str | None = None
    company_size: str | None = None
    employer: str | None = None
    employer_asked: str | None = None
    remote: str | None = None
    skills: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """What is given, by name; nothing for what is not."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in values if value is not None and value != ()}

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Report:
        """The report that `fields` gave; TypeError for other fields."""
        return cls(**{**fields, "skills": tuple(fields.get("skills", ()))})


def parse_report(fields: Mapping[str, object], today: date) -> tuple[Report, tuple[str, ...]]:
    """The report that a mapping of field names to values describes, and what its sender should know of it.

    The fields are a profile's, and `base` (required), `bonus`, `equity`: amounts a year; `month`: of the last
    `MOST_MONTHS`, this one unless given. InputError, which names the field and what may have been meant.
    """
    for name in fields:
        if name not in REPORT_FIELDS:
            near = nearest_names(str(name)[:200], REPORT_FIELDS)
            raise InputError(str(name)[:200], name, f"'{shown(name)}' is not a field of a report", near)
    profile = parse_profile({name: value for name, value in fields.items() if name in PROFILE_FIELDS})
    if len(profile.skills) > MOST_SKILLS:
        raise InputError("skills", len(profile.skills), f"must be at most {MOST_SKILLS} skills")
    place = _place(profile)
    month = _month(fields.get("month"), today)
    currency = _currency(profile, place)
    base, bonus, equity = (_amount(name, fields.get(name), currency, month) for name in _AMOUNTS)
    if base is None:
        raise InputError("base", None, "the base pay of a year is required, for example 85000")
    report = Report(
        month=month, role=profile.role.id, role_asked=_asked(profile.role.asked) or profile.role.label,
        country=str(place.country), state=place.state, metro=place.metro,
        base=base, bonus=bonus, equity=equity, currency=currency,
        seniority=profile.seniority, education=profile.education, industry=profile.industry,
        company_size=profile.company_size, employer=profile.employer, remote=profile.remote,
        employer_asked=_asked(str(fields["employer"])) or None if "employer" in profile.given else None,
        years_experience=profile.years_experience, years_coding=profile.years_coding, years_ml=profile.years_ml,
        skills=profile.skills,
    )  # fmt: skip
    return report, _notes(profile, place)


def _notes(profile: Profile, place: Place) -> tuple[str, ...]:
    role = profile.role
    notes = [f"'{role.asked}' is taken as {role.label}"] if role.score < 1 else []
    notes += [*place.notes, *profile.notes]
    for ignored in profile.ignored:
        if ignored["field"] == "skills":
            notes.append(f"'{shown(ignored['given'])}' is not a known skill and is left out")
    return tuple(notes)


def _place(profile: Profile) -> Place:
    if profile.location is None:
        raise InputError(
            "location", None, "a location is required: a city, a US metro or state, or a country"
        )
    place = resolve(profile.location)
    if place.country is None:
        raise InputError("location", profile.location, f"{place.label} is too wide: name a country or finer")
    return place


def _currency(profile: Profile, place: Place) -> str:
    known = currencies()
    currency = profile.currency or place.currency
    if currency is None or currency not in known:
        raise InputError(
            "currency",
            currency,
            f"no exchange rate is published for {shown(currency)}: give amounts in another",
            nearest_names(str(currency), known),
        )
    return currency


def _month(value: object, today: date) -> str:
    this = f"{today:%Y-%m}"
    if value is None or value == "":
        return this
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise InputError("month", value, f"must be a month such as '{this}', not {shown(value)}")
    ago = (today.year - int(value[:4])) * 12 + today.month - int(value[5:])
    if not 0 <= ago <= MOST_MONTHS:
        raise InputError(
            "month", value, f"must be one of the last {MOST_MONTHS} months up to {this}, not {value}"
        )
    return value


def _amount(name: str, value: object, currency: str, month: str) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        try:
            number = float(value[:40])
        except ValueError:
            raise InputError(name, value[:40], f"must be a number, not '{shown(value)}'") from None
        value = number
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise InputError(name, value, f"must be a number, not {shown(value)}")
    least, most = SANE_USD if name == "base" else (0.0, MOST_USD)
    # A whole number may be too large for a float; it is larger than any limit.
    usd = float(value) / rate(currency, month).per_usd if abs(value) < 1e15 else float("inf")
    if not least <= usd <= most:
        raise InputError(
            name,
            value,
            f"must be a year's amount between {least:,.0f} and {most:,.0f} US dollars, not {shown(value)} {currency}",
        )
    return round(float(value), 2)


def _asked(text: str) -> str:
    """Words as they were written, at most `MOST_ASKED` bytes, without signs that are no part of a name."""
    plain = _STRANGE.sub(" ", unicodedata.normalize("NFC", text))
    plain = " ".join(plain.split()).lstrip("'+-.,&/#( ")
    return plain.encode()[:MOST_ASKED].decode(errors="ignore").strip()
