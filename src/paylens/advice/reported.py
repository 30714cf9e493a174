"""What a source would report, in its own terms: for checking paylens against a source's own people."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from paylens.advice import asked as ask
from paylens.advice.answered import factor, given, reported
from paylens.advice.official import OfficialFigures
from paylens.contract.errors import InputError
from paylens.contract.profile import Profile
from paylens.contract.vocabularies.occupations import OFFICIAL
from paylens.contract.vocabulary import nearest_names, normalise
from paylens.model.predict import views
from paylens.model.predict.views import Predicted, ViewModel
from paylens.places import money
from paylens.places.geography import Place
from paylens.release.files import view_name
from paylens.release.read import Release

__all__ = ["VINTAGES", "Reported"]

# The month from which each survey's answers are known; sources without rounds answer for the month asked.
VINTAGES = {
    "kaggle": ("2021-09", "2022-09"),
    "stackoverflow": ("2017-01", "2023-05", "2024-05", "2025-05"),
    "us_lca": ("2019-10",),
}
FIRST = {"levels_fyi": "2017-06", "aijobs": "2020-01"}
_ORDER = (
    "years_experience",
    "years_coding",
    "years_ml",
    "seniority",
    "education",
    "company_size",
    "industry",
    "employer",
    "skills",
    "remote",
)
_COLUMNS = {"years_experience": "years", "years_coding": "years_coding", "years_ml": "years_ml"}
_NAMES = {
    "years_experience": "experience",
    "years_coding": "years of coding",
    "years_ml": "years of machine learning",
}
# Student's t at 95 % with two degrees of freedom: three groups of people.
_T_QUANTILE = 2.920


class Reported:
    """The sources' own views of a release; each is read when first asked for."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._views: dict[str, ViewModel] = {}

    @functools.cached_property
    def _official(self) -> OfficialFigures:
        return OfficialFigures(self._release)

    def _view(self, source: str) -> ViewModel:
        if source not in self._views:
            known = self._release.views()
            if source not in known:
                near = [*nearest_names(source, known), *known]
                raise InputError(
                    "as_reported_in",
                    source,
                    f"release {self._release.id} has no view of '{source}'",
                    list(dict.fromkeys(near)),
                )
            name = view_name(source)
            self._views[source] = views.load(
                self._release.json(f"{name}.json"), self._release.arrays(f"{name}.parquet")
            )
        return self._views[source]

    def answer(self, profile: Profile) -> dict[str, Any]:
        """The answer of one profile, with its factors: what each fact given changes, in the order they are listed."""
        return self.answers([profile])[0]

    def answers(self, profiles: Sequence[Profile]) -> list[dict[str, Any]]:
        """Answers for many profiles, a source at a time."""
        out: list[dict[str, Any]] = [{} for _ in profiles]
        for source in {str(p.as_reported_in) for p in profiles}:
            own = [i for i, p in enumerate(profiles) if p.as_reported_in == source]
            asked = [profiles[i] for i in own]
            found = map(self._official.answer, asked) if source in OFFICIAL else self._of(source, asked)
            for i, answer in zip(own, found, strict=True):
                out[i] = answer
        return out

    def _of(self, source: str, profiles: list[Profile]) -> list[dict[str, Any]]:
        view = self._view(source)
        places = [ask.place_of(p) for p in profiles]
        months = [vintage(source, p.as_of or ask.this_month()) for p in profiles]
        steps = [_steps(p) for p in profiles]
        rows = [
            _facts(p, place, month, given)
            for p, place, month, order in zip(profiles, places, months, steps, strict=True)
            for given in [order[:k] for k in range(len(order) + 1)]
        ]
        found = views.predict(view, {k: [r[k] for r in rows] for k in rows[0]})
        out, at = [], 0
        for p, place, month, order in zip(profiles, places, months, steps, strict=True):
            own = slice(at, at + len(order) + 1)
            part = Predicted(found.quantiles[own], found.locations[own], found.x[own])
            out.append(self._shape(source, p, place, month, order, part))
            at += len(order) + 1
        return out

    def _shape(
        self, source: str, p: Profile, place: Place, month: str, order: list[str], found: Predicted
    ) -> dict[str, Any]:
        currency = p.currency or "USD"
        rate = 1.0 if currency == "USD" else money.rate(currency, month).per_usd
        q = found.quantiles
        pay = np.exp(q[-1]) * rate
        factors = [
            factor(_NAMES.get(name, name), given(p, name), *_effect(found, k), _note(source, found, k))
            for k, name in enumerate(order)
        ]
        answer = reported(
            p, place, pay=pay, currency=currency, baseline=math.exp(float(q[0, 9])) * rate, factors=factors, evidence=[],
            why=[f"what {source} would report in {month}, not what people are paid today"], notes=(), release=self._release.id,
        )  # fmt: skip
        if source == "aijobs":
            answer["range_width"] = float(self._view(source).meta.get("range_width", 1.5))
        return answer


def _effect(found: Predicted, k: int) -> tuple[float, float]:
    """What fact k changes the middle by, in logs, and half of its 90 % interval.

    Delete-a-group jackknife: each location ensemble left one of g groups of people out; the variance of the change is
    (g - 1) / g times the sum of squared deviations of theirs. Source: Shao and Tu, The Jackknife and Bootstrap, 1995.
    """
    q, by = found.quantiles, found.locations[k + 1] - found.locations[k]
    variance = (len(by) - 1) / len(by) * float(((by - by.mean()) ** 2).sum())
    return float(q[k + 1, 9] - q[k, 9]), _T_QUANTILE * math.sqrt(variance)


def _note(source: str, found: Predicted, k: int) -> str:
    if np.array_equal(found.x[k], found.x[k + 1], equal_nan=True):
        return f"{source} tells too little of it: no change"
    return "as reported; interval from three fits that each leave a third of the reports out"


def vintage(source: str, month: str) -> str:
    """The latest survey at or before a month, or the month itself; InputError before the first."""
    if source in VINTAGES:
        known = [m for m in VINTAGES[source] if m <= month]
        first = VINTAGES[source][0]
    else:
        first = FIRST.get(source, ask.FIRST_MONTH)
        known = [month] if month >= first else []
    if not known:
        raise InputError("as_of", month, f"the first report of {source} is of {first}", [first])
    return known[-1]


def _steps(p: Profile) -> list[str]:
    given = {"company_size": p.company_size, "industry": p.industry}
    return [n for n in _ORDER if (n in p.given or given.get(n) is not None) and (n != "skills" or p.skills)]


def _facts(p: Profile, place: Place, month: str, given: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "role": p.role.id, "title": normalise(p.role.asked), "country": place.country, "metro": place.metro,
        "month": int(month[:4]) + int(month[5:]) / 12, "years": math.nan, "years_coding": math.nan, "years_ml": math.nan,
        "education": None, "industry": None, "company_size": None, "employer": None, "seniority": None, "remote": None, "skills": None,
    }  # fmt: skip
    for name in given:
        value = getattr(p, name)
        row[_COLUMNS.get(name, name)] = list(value) if name == "skills" else value
    return row
