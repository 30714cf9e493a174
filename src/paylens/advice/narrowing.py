"""What would narrow an answer: for each fact not given, how much narrower the range gets once it is known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from statistics import median
from typing import Any, Final, TypedDict

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference, distribution, measured
from paylens.contract.profile import Profile
from paylens.contract.vocabularies import educations, industries, remotes, seniorities, sizes
from paylens.model.predict.reference import MIDDLE
from paylens.places import geography

__all__ = ["Narrowing", "narrowing", "spread"]

_P10, _P90 = 1, 17
# Years that stand for a working life: beginning, a few, many.
_YEARS: Final = (1.0, 4.0, 8.0, 15.0)
_MOST_COUNTRIES = 12
_CLOSED: Final = {
    "seniority": seniorities, "education": educations, "company_size": sizes, "industry": industries, "remote": remotes,
}  # fmt: skip
_TABLES: Final = {
    "education": "educations",
    "company_size": "sizes",
    "industry": "industries",
    "remote": "remotes",
}


class Narrowing(TypedDict):
    """One fact not given: over its values, how much narrower the range of 8 in 10 gets, and the middles it decides between.

    `narrower` is the middle share over the values (0.1 is a tenth, negative is wider); a range's width is that of its log.
    `low` and `high` are the middles of the values with the least and the most pay, with their labels.
    """

    fact: str
    values: int
    narrower: float
    low: float
    low_label: str
    high: float
    high_label: str


def spread(percentiles: Mapping[str, float]) -> float:
    """How wide a range of 8 in 10 is: the log of its upper end over its lower one."""
    return math.log(percentiles["p90"] / percentiles["p10"])


def narrowing(ref: Reference, profile: Profile) -> list[Narrowing]:
    """For each fact not given, what knowing it would do, those that narrow most first.

    Each value is asked in turn with all else as it is; every value counts the same. InputError for a place, month or
    currency that is not known.
    """
    here = ask.place_of(profile)
    now = ref.today(profile, here, ask.check_month(profile.as_of))
    profile = dataclasses.replace(profile, currency=now.currency)
    asked: list[tuple[str, str, Profile]] = [("", "", profile)]
    for fact, values in _open_facts(ref, profile):
        asked += [(fact, label, dataclasses.replace(profile, **{fact: value})) for value, label in values]
    people = [p for _, _, p in asked]
    places = [ask.place_of(p) for p in people]
    when = [ref.today(p, place, now.as_of) for p, place in zip(people, places, strict=True)]
    _, cash = distribution(ref, people, places, when)
    pay = [measured(ref, p, place, cash[i]) for i, (p, place) in enumerate(zip(people, places, strict=True))]
    whole = math.log(pay[0][_P90] / pay[0][_P10])
    found: dict[str, list[tuple[float, float, str]]] = {}
    for (fact, label, _), amounts in zip(asked[1:], pay[1:], strict=True):
        share = 1 - math.log(amounts[_P90] / amounts[_P10]) / whole
        found.setdefault(fact, []).append((float(amounts[MIDDLE]), share, label))
    out = [_row(fact, rows) for fact, rows in found.items()]
    return sorted(out, key=lambda r: (-r["narrower"], r["fact"]))


def _row(fact: str, rows: list[tuple[float, float, str]]) -> Narrowing:
    least, most = min(rows), max(rows)
    return {
        "fact": fact, "values": len(rows), "narrower": median(share for _, share, _ in rows),
        "low": least[0], "low_label": least[2], "high": most[0], "high_label": most[2],
    }  # fmt: skip


def _open_facts(ref: Reference, p: Profile) -> list[tuple[str, list[tuple[Any, str]]]]:
    """The facts that were not given, each with values to try."""
    out: list[tuple[str, list[tuple[Any, str]]]] = []
    if p.location is None:
        out.append(("location", _countries(ref, p)))
    if p.years_experience is None and p.years_coding is None:
        out.append(("years_experience", [(y, f"{y:g} year{'s' * (y != 1)}") for y in _YEARS]))
    for fact, vocabulary in _CLOSED.items():
        if getattr(p, fact) is None and fact not in p.given:
            known = ref.index.at.get(_TABLES.get(fact, ""))
            entries = [(e.id, e.label) for e in vocabulary().entries if known is None or e.id in known]
            out.append((fact, entries))
    return out


def _countries(ref: Reference, p: Profile) -> list[tuple[Any, str]]:
    """The countries with most reports for the role's family."""
    names = ref.index.names["areas"]
    reports = ref.model.reports[ref.index.at["families"][ref.family[p.role.id]]]
    known = [(float(n), c) for n, c in zip(reports, names, strict=True) if c in ref.region and n > 0]
    best = sorted(known, key=lambda x: (-x[0], x[1]))[:_MOST_COUNTRIES]
    return [(place.label, place.label) for place in (geography.of_id("country", c) for _, c in best)]
