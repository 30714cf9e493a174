"""What a person asked, placed in a release: their profile as positions in its tables, where, when and in what money."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from paylens.contract.errors import InputError
from paylens.contract.profile import Profile
from paylens.contract.vocabularies import employers, seniorities, skills
from paylens.model.predict.reference import Facts
from paylens.places import geography, money, wages
from paylens.places.geography import Place

__all__ = [
    "EVIDENCE_TO",
    "FIRST_MONTH",
    "Index",
    "Today",
    "facts",
    "local_currency",
    "place_of",
    "this_month",
    "today",
]

EVIDENCE_TO = "2025-06"
FIRST_MONTH = "2017-01"
LADDER = ("entry", "mid", "senior", "staff", "principal")
MANAGING = ("manager", "director", "executive")
_WEIGHTY = 6  # countries that speak for a wider area's wage growth
_NO_YEARS = float("nan")


class Index:
    """Positions of every name in a release's tables."""

    def __init__(self, names: Mapping[str, list[str]]) -> None:
        self.names = names
        self.at = {kind: {name: i for i, name in enumerate(values)} for kind, values in names.items()}

    def get(self, kind: str, name: str | None) -> int:
        """The position of `name`, -1 where it is not given or not in the tables."""
        return -1 if name is None else self.at[kind].get(name, -1)


def this_month() -> str:
    """The current month, 'YYYY-MM'."""
    return datetime.date.today().strftime("%Y-%m")


@functools.cache
def _world() -> Place:
    return geography.resolve("world")


def place_of(profile: Profile) -> Place:
    """The place asked about; the world where none was given."""
    return _world() if profile.location is None else geography.resolve(profile.location)


def facts(profiles: list[Profile], places: list[Place], index: Index) -> Facts:
    """Profiles as positions in the reference model's tables."""
    get, n = index.get, len(profiles)
    pairs = [
        (i, index.at["skills"][s])
        for i, p in enumerate(profiles)
        for s in p.skills
        if s in index.at["skills"]
    ]
    skill = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    world = index.at["areas"]["world"]
    table = np.empty((n, 10), dtype=np.int64)
    years = np.empty((n, 2))
    for i, (p, place) in enumerate(zip(profiles, places, strict=True)):
        area = index.at["areas"].get(place.country or place.id, world)
        level = LADDER.index(p.seniority) if p.seniority in LADDER else -1
        manages = MANAGING.index(p.seniority) if p.seniority in MANAGING else -1
        table[i] = (
            index.at["roles"][p.role.id], area, level, manages, get("educations", p.education), get("sizes", p.company_size),
            get("industries", p.industry), get("remotes", p.remote), get("employers", p.employer), get("metros", place.metro),
        )  # fmt: skip
        years[i] = (
            _NO_YEARS if p.years_experience is None else p.years_experience,
            _NO_YEARS if p.years_coding is None else p.years_coding,
        )
    return Facts(
        role=table[:, 0], area=table[:, 1], years=years[:, 0], coding=years[:, 1], level=table[:, 2], managing=table[:, 3],
        education=table[:, 4], company_size=table[:, 5], industry=table[:, 6], remote=table[:, 7], employer=table[:, 8],
        metro=table[:, 9], skills=(skill[:, 0], skill[:, 1]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Today:
    """How evidence of `EVIDENCE_TO` at that month's rate becomes money of the month asked, in the currency asked.

    `multiplier` (low, high: 90 %) is wage growth; `per_unit` turns the model's unit into `currency`; `fx` is the rate
    where the currency is not the place's own; `rate_note` says which rate was used when the month's own is not known.
    """

    as_of: str
    multiplier: float
    low: float
    high: float
    index: str
    kind: str
    currency: str
    local: str
    per_unit: float
    fx: dict[str, object] | None
    notes: tuple[str, ...]

    @property
    def error(self) -> float:
        """One standard error of the log multiplier."""
        return float(np.log(self.high / self.low) / (2 * 1.6449))


@functools.cache
def local_currency(own: str | None) -> str:
    """A place's own currency where a rate for it is published, else US dollars."""
    return own if own is not None and own in money.currencies() else "USD"


def check_month(as_of: str | None) -> str:
    """The month asked, this month by default; before the first data it is an error."""
    month = as_of or this_month()
    if month < FIRST_MONTH:
        raise InputError(
            "as_of", month, f"the first data are of {FIRST_MONTH}: ask for a later month", [FIRST_MONTH]
        )
    return month


@functools.lru_cache(maxsize=4096)
def today(
    area: str, own: str | None, asked: str | None, as_of: str, weights: tuple[tuple[str, float], ...]
) -> Today:
    """Growth and money for an area; `weights` are the countries whose growth a wider area takes, () for a country."""
    multiplier, low, high, name, kind = _growth(area, as_of, weights)
    local = local_currency(own)
    currency, notes, fx = asked or local, [], None
    if asked is None and own not in (None, local):
        notes.append(f"no rate is published for {own}: shown in US dollars")
    per_unit = money.rate(local, EVIDENCE_TO).per_usd
    if currency != local:
        # Growth is the place's own; only then the month's rate carries it into another currency.
        there, here = money.rate(currency, as_of), money.rate(local, as_of)
        per_unit *= there.per_usd / here.per_usd
        fx = {
            "currency": currency,
            "per_usd": there.per_usd,
            "month": there.month,
            "source": there.source,
            "note": there.note,
        }
        notes += [n for n in dict.fromkeys((there.note, here.note)) if n]
    return Today(as_of, multiplier, low, high, name, kind, currency, local, per_unit, fx, tuple(notes))


def _growth(
    area: str, as_of: str, weights: tuple[tuple[str, float], ...]
) -> tuple[float, float, float, str, str]:
    if not weights:
        index = wages.index(area)
        return (*index.ratio(EVIDENCE_TO, as_of), index.name, index.kind)
    total = sum(w for _, w in weights)
    logs = np.array([np.log(wages.index(c).ratio(EVIDENCE_TO, as_of)) for c, _ in weights])
    mean = np.array([w / total for _, w in weights]) @ logs
    middle, low, high = (float(v) for v in np.exp(mean))
    return middle, low, high, "average of " + ", ".join(c for c, _ in weights), "mixed"


def shown_facts(profile: Profile) -> dict[str, str]:
    """How each fact given reads in an answer's factor table."""
    out: dict[str, str] = {}
    if profile.years_experience is not None:
        out["experience"] = _years(profile.years_experience, "")
    elif profile.years_coding is not None:
        out["experience"] = _years(profile.years_coding, " of coding")
    if profile.seniority is not None:
        out["seniority"] = seniorities()[profile.seniority].label
    for name, value in (("education", profile.education), ("company_size", profile.company_size)):
        if value is not None:
            out[name] = value
    if profile.industry is not None:
        out["industry"] = profile.industry
    if profile.employer is not None:
        out["employer"] = employers()[profile.employer].label
    if profile.remote is not None:
        out["remote"] = profile.remote
    return out


def _years(years: float, of: str) -> str:
    return f"{years:g} year{'' if years == 1 else 's'}{of}"


def skill_label(skill: str) -> str:
    """A skill as people write it."""
    return skills()[skill].label
