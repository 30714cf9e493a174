"""A profile: who asks, checked field by field against the vocabularies."""

import functools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Final

from paylens.contract.answer import Ignored
from paylens.contract.errors import InputError, shown
from paylens.contract.observation import COMMUNITY, PAY_MEASURES, REPORTED_PAY
from paylens.contract.vocabularies import (
    educations,
    employers,
    industries,
    level_of,
    remotes,
    roles,
    seniorities,
    size_band,
    size_of_text,
    sizes,
    skills,
)
from paylens.contract.vocabulary import Match, Vocabulary, nearest_names

__all__ = ["FIELDS", "MOST_YEARS", "Profile", "parse_profile"]

FIELDS: Final = (
    "role", "years_experience", "years_coding", "years_ml", "seniority", "education", "skills", "location",
    "industry", "company_size", "employer", "remote", "as_of", "pay", "currency", "as_reported_in",
)  # fmt: skip
MOST_YEARS: Final = 60
_FIELD_SET = frozenset(FIELDS)
_LONGEST = 500
_MOST_SKILLS = 200
_MOST_EMPLOYEES = 10_000_000
_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_VOCABULARIES: Final = {"education": educations, "industry": industries, "remote": remotes}
_CACHE = 16384
_COMMUNITY = re.compile(COMMUNITY + r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Profile:
    """Who asks. Vocabulary fields hold ids, `location` the user's own words, None is not given.

    `as_of` is 'YYYY-MM' or None for this month. `pay` is the measure of the answer: the one asked for, or the
    source's own with `as_reported_in`. `given` names the fields that the user filled in.
    """

    role: Match
    years_experience: float | None = None
    years_coding: float | None = None
    years_ml: float | None = None
    seniority: str | None = None
    education: str | None = None
    skills: tuple[str, ...] = ()
    location: str | None = None
    industry: str | None = None
    company_size: str | None = None
    employer: str | None = None
    remote: str | None = None
    as_of: str | None = None
    pay: str = "cash"
    currency: str | None = None
    as_reported_in: str | None = None
    given: frozenset[str] = frozenset()
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[str, ...] = ()


def parse_profile(fields: Mapping[str, object]) -> Profile:
    """The profile that a mapping of field names to values describes.

    None and blank text mean not given. Raises InputError, which names the field and what may have been meant,
    for the first unknown name or value; only unknown skills and employers are put into `ignored` instead.
    The location and the currency's rate are checked where they are looked up.
    """
    given: dict[str, object] = {}
    for name, value in fields.items():
        if name not in _FIELD_SET:
            raise _unknown_field(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        given[name] = value
    if "role" not in given:
        raise InputError("role", None, "a role is required, for example 'machine learning engineer'")
    ignored: list[Ignored] = []
    notes: list[str] = []
    role = roles().match(_text("role", given["role"]), "role")
    employer = _employer(given, ignored)
    industry = _word(given, "industry")
    company_size = _size(given)
    if employer is not None:
        known = employers()[employer]
        filled = []
        if company_size is None and "company_size" not in given:
            company_size = known.attributes["company_size"]
            filled.append("company size")
        if industry is None and "industry" not in given:
            industry = known.attributes["industry"]
            filled.append("industry")
        if filled:
            notes.append(f"{' and '.join(filled)} from the employer, {known.label}")
    source, pay = _measure(given)
    return Profile(
        role=role,
        years_experience=_years(given, "years_experience"),
        years_coding=_years(given, "years_coding"),
        years_ml=_years(given, "years_ml"),
        seniority=_seniority(given, employer),
        education=_word(given, "education"),
        skills=_skills(given, ignored),
        location=" ".join(_text("location", given["location"]).split()) if "location" in given else None,
        industry=industry,
        company_size=company_size,
        employer=employer,
        remote=_word(given, "remote"),
        as_of=_month(given),
        pay=pay,
        currency=_currency(given),
        as_reported_in=source,
        given=frozenset(given),
        ignored=tuple(ignored),
        notes=tuple(notes),
    )


def _unknown_field(name: object) -> InputError:
    text = str(name)[:_LONGEST]
    return InputError(text, name, f"'{shown(text)}' is not a field of a profile", nearest_names(text, FIELDS))


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(field, value, f"must be text, not {shown(value)}")
    if len(value) > _LONGEST:
        raise InputError(field, value[:_LONGEST], f"is longer than {_LONGEST} characters")
    return value


def _number(field: str, value: object) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, str):
        try:
            value = float(value[:_LONGEST])
        except ValueError:
            raise InputError(field, value, f"must be a number, not '{shown(value)}'") from None
    if isinstance(value, bool) or not isinstance(value, int | Real):
        raise InputError(field, value, f"must be a number, not {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(field, value, f"must be a finite number, not {shown(value)}")
    return number


def _years(given: Mapping[str, object], field: str) -> float | None:
    value = given.get(field)
    if value is None:
        return None
    years = _number(field, value)
    if not 0 <= years <= MOST_YEARS:
        raise InputError(field, value, f"must be from 0 to {MOST_YEARS} years, not {shown(value)}")
    return years


def _word(given: Mapping[str, object], field: str) -> str | None:
    value = given.get(field)
    return None if value is None else _known_word(field, _text(field, value))


@functools.lru_cache(maxsize=_CACHE)
def _known_word(field: str, text: str) -> str | None:
    """The id that a text names in the field's vocabulary; None for a label that answers nothing."""
    vocabulary = _VOCABULARIES[field]()
    id = vocabulary.lookup(text)
    if id is None and not vocabulary.is_blank(text):
        id = vocabulary.match(text, field).id
    return id


def _employer(given: Mapping[str, object], ignored: list[Ignored]) -> str | None:
    value = given.get("employer")
    if value is None:
        return None
    text = _text("employer", value)
    id = employers().lookup(text)
    if id is None:
        ignored.append(_ignored("employer", text, employers))
    return id


def _size(given: Mapping[str, object]) -> str | None:
    value = given.get("company_size")
    if value is None:
        return None
    if isinstance(value, str):
        text = _text("company_size", value)
        found = sizes().lookup(text)
        if found is not None or sizes().is_blank(text):
            return found
        try:
            value = float(text)
        except ValueError:
            return size_of_text(text) or sizes().match(text, "company_size").id
    employees = _number("company_size", value)
    if not 1 <= employees <= _MOST_EMPLOYEES:
        message = f"must be from 1 to {_MOST_EMPLOYEES:,} employees, not {shown(value)}"
        raise InputError("company_size", value, message)
    return size_band(employees)


def _seniority(given: Mapping[str, object], employer: str | None) -> str | None:
    value = given.get("seniority")
    return None if value is None else _known_seniority(employer, _text("seniority", value))


@functools.lru_cache(maxsize=_CACHE)
def _known_seniority(employer: str | None, text: str) -> str | None:
    # An employer's own ladder knows its levels better than the common words do.
    id = level_of(employer, text) if employer else None
    id = id or seniorities().lookup(text) or level_of(None, text)
    if id is None and not seniorities().is_blank(text):
        id = seniorities().match(text, "seniority").id
    return id


def _skills(given: Mapping[str, object], ignored: list[Ignored]) -> tuple[str, ...]:
    value = given.get("skills")
    if value is None:
        return ()
    if isinstance(value, str):
        if len(value) > _LONGEST * _MOST_SKILLS:
            raise InputError("skills", value[:_LONGEST], "is too long")
        value = value.split(";")
    elif not isinstance(value, Iterable) or isinstance(value, Mapping | bytes | bytearray):
        raise InputError("skills", value, f"must be a list of text, not {shown(value)}")
    texts: list[str] = []
    for part in value:
        if len(texts) >= _MOST_SKILLS:
            raise InputError("skills", len(texts) + 1, f"must be at most {_MOST_SKILLS} skills")
        texts.append(_text("skills", part))
    found, unknown = _known_skills(tuple(texts))
    for text in unknown:
        ignored.append(_ignored("skills", text, skills))
    return found


@functools.lru_cache(maxsize=8192)
def _known_skills(texts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the skills that are known, in order and once each, and the texts that are not."""
    known = skills()
    found: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for text in texts:
        # A known label may hold a comma; other text with commas is a list.
        for word in (text,) if known.lookup(text) else text.split(","):
            id = known.lookup(word)
            if id is not None:
                found[id] = None
            elif word.strip() and not known.is_blank(word):
                unknown[word.strip()] = None
    return tuple(found), tuple(unknown)


def _ignored(field: str, text: str, vocabulary: Callable[[], Vocabulary]) -> Ignored:
    return {"field": field, "given": text, "nearest": list(_nearest(vocabulary, text))}


@functools.lru_cache(maxsize=8192)
def _nearest(vocabulary: Callable[[], Vocabulary], text: str) -> tuple[str, ...]:
    """Labels that a word which is not known may have meant; none when nothing is like it."""
    return tuple(vocabulary().like(text[:_LONGEST]))


def _month(given: Mapping[str, object]) -> str | None:
    value = given.get("as_of")
    if value is None:
        return None
    text = _text("as_of", value).strip()
    if not _MONTH.fullmatch(text):
        raise InputError("as_of", value, f"must be a month such as '2026-11', not '{shown(text)}'")
    return text


def _currency(given: Mapping[str, object]) -> str | None:
    value = given.get("currency")
    if value is None:
        return None
    text = _text("currency", value).strip()
    if not _CURRENCY.fullmatch(text):
        message = f"must be the three letters of a currency, such as 'EUR', not '{shown(text)}'"
        raise InputError("currency", value, message)
    return text.upper()


def _measure(given: Mapping[str, object]) -> tuple[str | None, str]:
    """The source to report as, and the measure of pay."""
    pay, source = given.get("pay"), given.get("as_reported_in")
    return _known_measure(
        None if pay is None else _text("pay", pay),
        None if source is None else _text("as_reported_in", source),
    )


@functools.lru_cache(maxsize=1024)
def _known_measure(pay: str | None, source: str | None) -> tuple[str | None, str]:
    if pay is not None:
        asked, pay = pay, pay.strip().casefold()
        if pay not in PAY_MEASURES:
            near = nearest_names(pay, PAY_MEASURES)
            raise InputError("pay", asked, f"must be base, cash or total, not '{shown(pay)}'", near)
    if source is None:
        return None, pay or "cash"
    source = source.strip().casefold()
    if not (source in REPORTED_PAY or _COMMUNITY.fullmatch(source)):
        near = nearest_names(source, (*REPORTED_PAY, "community:NAME"))
        raise InputError("as_reported_in", source, f"'{shown(source)}' is not a known source", near)
    reported = REPORTED_PAY.get(source, "cash")
    if pay is not None and pay != reported:
        message = f"{source} reports pay as '{reported}'; leave pay out, or leave as_reported_in out"
        raise InputError("pay", pay, message)
    return source, reported
