"""What official statistics say of someone: published cells of their occupation, in their place and industry.

A cell gives some percentiles; log pay between them lies on a straight line over the normal score of the level, and goes on
with the slope of its last part beyond them. A role that several occupations hold is the mixture of theirs. A fact that the
source tells apart moves the whole by the ratio of two published medians, which is its factor.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice.answered import factor, reported
from paylens.contract.errors import InputError
from paylens.contract.profile import Profile
from paylens.contract.vocabularies import roles
from paylens.contract.vocabularies.occupations import OFFICIAL, industry_code, occupations_of, roles_with
from paylens.places import geography, money
from paylens.places.geography import Place
from paylens.release.read import Release

__all__ = ["Figure", "OfficialFigures", "quantiles"]

Floats = npt.NDArray[np.float64]
Cell = Mapping[str, Any]
# Published cells by occupation, each with its weight among those of one occupation.
Parts = dict[str, list[tuple[float, Cell]]]

_MEASURE = {"us_oews": "base as published", "us_ncses": "base as published", "sg_mom": "basic wage"}
_HALF = (-1.644854, -1.281552, -1.036433, -0.841621, -0.674490, -0.524401, -0.385320, -0.253347, -0.125661)
_SCORES = np.array([*_HALF, 0.0, *(-z for z in reversed(_HALF))])
_POINTS = {"p10": _SCORES[1], "p25": _SCORES[4], "p50": 0.0, "p75": _SCORES[14], "p90": _SCORES[17]}
_GRID = np.linspace(-3.0, 3.0, 301)
_NINETY = 1.6449
_MOST_KEPT = 4096
# NCSES publishes medians alone: the spread around them is that of the nearest occupation of OEWS.
_SPREAD_OF = "15-1221"
_JOINED = "computer and mathematical scientists"
_WITH_TEACHERS = "doctorate, teachers included"
_SINCE = (
    (5.0, "0-5"),
    (10.0, "6-10"),
    (15.0, "11-15"),
    (20.0, "16-20"),
    (25.0, "21-25"),
    (math.inf, "over 25"),
)
_DEGREES = ("bachelor", "master", "doctorate", "professional")
_WORDS = {
    "years_experience": "years", "years_coding": "years of coding", "years_ml": "years of machine learning", "seniority": "level",
    "education": "education", "company_size": "company size", "industry": "industry", "employer": "employer", "skills": "skills",
    "remote": "remote work",
}  # fmt: skip


@dataclass
class _Walk:
    """From everyone of an occupation to someone: a step a fact, each from one set of published cells to another."""

    month: str
    weights: dict[str, float]
    baseline: Parts
    spread: Parts
    steps: list[tuple[str, str, Parts, Parts]]
    used: set[str]
    notes: list[str]

    def step(self, field: str, name: str, value: str, start: Parts, end: Parts) -> bool:
        """Add a step where both ends are published; whether it was."""
        both = start.keys() & end.keys()
        if both:
            self.steps.append((name, value, _only(start, both), _only(end, both)))
            self.used.add(field)
        return bool(both)


@dataclass(frozen=True)
class Figure:
    """An official answer, the fields it told apart, its relative error in percent (None: not published), its month."""

    answer: dict[str, Any]
    used: frozenset[str]
    relative_error: float | None
    month: str


def _only(parts: Parts, codes: set[str]) -> Parts:
    return {code: cells for code, cells in parts.items() if code in codes}


class OfficialFigures:
    """The official cells of a release, found by source, month, occupation, place, industry and people."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._cells: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        self._months: dict[str, set[str]] = {}
        self._figures: dict[tuple[Profile, Place], Figure] = {}
        self._areas: dict[tuple[str, str, str], list[str]] = {}
        self._licence = {i["source"]: i["licence"] for i in release.manifest["inputs"]}
        for cell in release.table("official.parquet").to_pylist():
            if cell["p50"] is None or cell["pay"] != _MEASURE.get(cell["source"]):
                continue
            people = None if cell["source"] == "sg_mom" else cell["people"]
            key = (cell["source"], cell["month"], cell["continues"], cell["area"], cell["industry"], people)
            self._cells.setdefault(key, []).append(cell)
            self._months.setdefault(cell["source"], set()).add(cell["month"])

    def answer(self, p: Profile) -> dict[str, Any]:
        """The answer of the official source `p.as_reported_in`; InputError where it publishes none."""
        place = _at_home(str(p.as_reported_in), p)
        return self._shape(p, place, self._walk(p, place))

    def figure(self, p: Profile, place: Place) -> Figure:
        """What `p.as_reported_in` publishes of someone in a place of its country, and what it told them apart by.

        InputError where it publishes none.
        """
        at = (dataclasses.replace(p, ignored=()), place)
        if at not in self._figures:
            walk = self._walk(p, place)
            answer, end = self._shape(p, place, walk), walk.steps[-1][3] if walk.steps else walk.baseline
            error = _error(end, walk.weights)
            if len(self._figures) >= _MOST_KEPT:
                self._figures.clear()
            self._figures[at] = Figure(
                answer, frozenset(walk.used), None if error is None else 100 * error, walk.month
            )
        return self._figures[at]

    def areas(self, source: str, role: str, kind: str) -> list[str]:
        """The ids of the metros or US states that a source's newest month tells apart for a role."""
        if (source, role, kind) not in self._areas:
            self._areas[source, role, kind] = self._told_apart(source, role, kind)
        return self._areas[source, role, kind]

    def _told_apart(self, source: str, role: str, kind: str) -> list[str]:
        blend, month = occupations_of(source, role), max(self._months.get(source, {""}))
        held = {
            k[3] for k in self._cells if k[:2] == (source, month) and k[2] in dict(blend) and k[4] is None
        }
        known = {area for area in held if _is_area(area)}
        states = {area for area in known if len(area) == len("us-CA") and area[3:].isupper()}
        return sorted(a.removeprefix("us-") for a in states) if kind == "state" else sorted(known - states)

    def _walk(self, p: Profile, place: Place) -> _Walk:
        source = str(p.as_reported_in)
        blend = _blend(source, p)
        month = self._month(source, p.as_of or ask.this_month())
        walk = {"us_oews": self._oews, "us_ncses": self._ncses, "sg_mom": self._mom}[source](
            p, place, blend, month
        )
        if not walk.baseline:
            first = min(
                m
                for m in self._months[source]
                if any(k[:3] == (source, m, c) for c in blend for k in self._cells)
            )
            raise InputError("as_of", month, f"{source} publishes no such occupation before {first}", [first])
        missing = blend.keys() - walk.baseline.keys()
        if source == "us_oews" and missing:
            walk.notes.append(
                f"occupation {', '.join(sorted(missing))} was not published in {month}: left out of the blend"
            )
        return walk

    def _month(self, source: str, as_of: str) -> str:
        months = self._months.get(source)
        if not months:
            held = sorted(self._months)
            raise InputError(
                "as_reported_in", source, f"release {self._release.id} holds no figures of {source}", held
            )
        known = [m for m in months if m <= as_of]
        if not known:
            raise InputError(
                "as_of", as_of, f"the first figures of {source} are of {min(months)}", [min(months)]
            )
        return max(known)

    def _parts(
        self, source: str, month: str, blend: Mapping[str, float], area: str, industry: str | None = None, people: str | None = None
    ) -> Parts:  # fmt: skip
        """Cells of each occupation that has one; two codes that became one weigh by their employment."""
        out: Parts = {}
        for code in blend:
            cells = self._cells.get((source, month, code, area, industry, people))
            if cells:
                heads = [c["employment"] or 1.0 for c in cells]
                out[code] = [(n / sum(heads), c) for n, c in zip(heads, cells, strict=True)]
        return out

    def _oews(self, p: Profile, place: Place, blend: dict[str, float], month: str) -> _Walk:
        nation = self._parts("us_oews", month, blend, "US")
        walk = _Walk(month, blend, nation, nation, [], set(), [])
        areas = [a for a in (place.metro, f"us-{place.state}" if place.state else None) if a]
        here = next((h for a in areas if (h := self._parts("us_oews", month, blend, a))), None)
        if here and walk.step("location", "location", place.label.split(",")[0], nation, here):
            walk.spread = here if here.keys() == nation.keys() else nation
        elif areas:
            walk.notes.append(f"no figures of {place.label} in {month}: answered for the nation")
        self._industry(walk, "us_oews", p, nation, "US")
        return walk

    def _industry(self, walk: _Walk, source: str, p: Profile, everyone: Parts, area: str) -> None:
        code = industry_code(source, p.industry)
        if code is not None:
            walk.step(
                "industry",
                "industry",
                str(p.industry),
                everyone,
                self._parts(source, walk.month, walk.weights, area, code),
            )

    def _mom(self, p: Profile, place: Place, blend: dict[str, float], month: str) -> _Walk:
        everyone = self._parts("sg_mom", month, blend, "SG")
        walk = _Walk(
            month,
            blend,
            everyone,
            everyone,
            [],
            set(),
            ["full-time residents; foreigners on work passes are not in it"],
        )
        self._industry(walk, "sg_mom", p, everyone, "SG")
        return walk

    def _ncses(self, p: Profile, place: Place, blend: dict[str, float], month: str) -> _Walk:
        def parts(code: str, people: str | None, area: str = "US") -> Parts:
            found = self._parts("us_ncses", month, {code: 1.0}, area, None, people)
            return dict.fromkeys([own], next(iter(found.values()))) if found else {}

        own = next(iter(blend))
        joined = parts(_JOINED, None) or parts(own, None)
        spread = max((m for m in self._months.get("us_oews", ()) if m[:4] >= "2022"), default="")
        around = self._parts("us_oews", spread, {_SPREAD_OF: 1.0}, "US")
        walk = _Walk(month, blend, joined, around, [], set(), [f"{own} of all degrees" if not parts(_JOINED, None) else f"{_JOINED} of all degrees"])  # fmt: skip
        if around:
            walk.notes.append(
                f"medians alone are published: the spread is that of occupation {_SPREAD_OF} in us_oews"
            )
        if p.education in _DEGREES:
            narrow = parts(own, p.education) or parts(_JOINED, p.education)
            walk.step("education", "education", str(p.education), joined, narrow)
            if p.education == "doctorate" and p.years_experience is not None:
                band = next(name for end, name in _SINCE if p.years_experience <= end)
                since = parts(own, f"doctorate, {band} years since")
                walk.step(
                    "years_experience", "experience", f"{band} years since the doctorate", narrow, since
                )
            if place.state is not None:
                here, all_ = parts(own, _WITH_TEACHERS, f"us-{place.state}"), parts(own, _WITH_TEACHERS)
                if p.education == "doctorate" and here:
                    walk.step("location", "location", place.state, all_, here)
        if place.state is not None and "location" not in walk.used:
            walk.notes.append("places are told apart for doctorates alone: answered for the nation")
        return walk

    def _shape(self, p: Profile, place: Place, walk: _Walk) -> dict[str, Any]:
        source, month = str(p.as_reported_in), walk.month
        home = "SGD" if source == "sg_mom" else "USD"
        currency = p.currency or home
        rate = (
            1.0 if currency == home else money.rate(currency, month).per_usd / money.rate(home, month).per_usd
        )
        middle = math.log(_middle(walk.baseline, walk.weights))
        factors = []
        for name, value, start, end in walk.steps:
            effect = math.log(_middle(end, walk.weights) / _middle(start, walk.weights))
            error = _error(end, walk.weights)
            note = "no error is published" if error is None else "interval from the published relative error"
            factors.append(factor(name, value, effect, _NINETY * (error or 0.0), note))
            middle += effect
        q = quantiles(walk.spread, walk.weights) if walk.spread else np.zeros(len(_SCORES))
        unused = [words for field, words in _WORDS.items() if _is_given(p, field) and field not in walk.used]
        notes = walk.notes + (
            [f"{source} does not tell people apart by {', '.join(unused)}: not used"] if unused else []
        )
        return reported(
            p, place, pay=np.exp(q - q[9] + middle) * rate, currency=currency, baseline=_middle(walk.baseline, walk.weights) * rate,
            factors=factors, evidence=self._evidence(source, walk, place, rate),
            why=[f"published by {source} for {month}, not aged to today"], notes=notes, release=self._release.id,
            market=geography.resolve(OFFICIAL[source]).label,
        )  # fmt: skip

    def _evidence(self, source: str, walk: _Walk, place: Place, rate: float) -> list[dict[str, Any]]:
        parts = (walk.baseline, *(end for *_, end in walk.steps))
        cells = [c for own in parts for pairs in own.values() for _, c in pairs]
        rows = []
        for c in {id(c): c for c in cells}.values():
            said = [f"occupation {c['occupation']}", *(v for v in (c["industry_title"], c["people"]) if v)]
            said += [f"employment {c['employment']:,.0f}"] if c["employment"] else []
            said += [f"relative error {c['relative_error']:.1f} %"] if c["relative_error"] else []
            where = place.label if c["area"] == place.metro else c["area"].removeprefix("us-")
            rows.append({
                "source": source, "cohort": f"{c['title']}, {where}", "n": None,
                **{k: None if c[k] is None else c[k] * rate for k in ("p25", "p50", "p75")}, "vintage": walk.month,
                "pooled": None, "measured": True, "licence": self._licence[source], "note": "; ".join(said), "pay": c["pay"],
                "employers": None,
            })  # fmt: skip
        return rows


def _is_area(area: str) -> bool:
    """Whether an area is a state or a metro that has a name here: OEWS has the rest of each state too."""
    kind, id = ("state", area[3:]) if len(area) == len("us-CA") and area[3:].isupper() else ("metro", area)
    try:
        geography.of_id(kind, id)
    except KeyError:
        return False
    return True


def _is_given(p: Profile, field: str) -> bool:
    value = getattr(p, field)
    return bool(value) if field == "skills" else value is not None


def _at_home(source: str, p: Profile) -> Place:
    """The place asked about, which must be in the country that the source is of."""
    home = OFFICIAL[source]
    if p.location is None:
        return geography.resolve(home)
    place = ask.place_of(p)
    if place.country != home:
        label = geography.resolve(home).label
        raise InputError(
            "location", p.location, f"{source} is of {label} alone, not of {place.label}", [label]
        )
    return place


def _blend(source: str, p: Profile) -> dict[str, float]:
    found = occupations_of(source, p.role.id)
    if not found:
        near = [roles()[r].label for r in roles_with(source)][:5]
        raise InputError("role", p.role.asked, f"{source} has no occupation for {p.role.label}", near)
    return dict(found)


def _middle(parts: Parts, weights: Mapping[str, float]) -> float:
    """The median: of one cell as published, of several that of their mixture."""
    cells = [c for own in parts.values() for _, c in own]
    if len(cells) == 1 or all(c["p25"] is None for c in cells):
        known = [(weights.get(code, 1.0) * w, c["p50"]) for code, own in parts.items() for w, c in own]
        return float(sum(w * v for w, v in known) / sum(w for w, _ in known))
    return math.exp(quantiles(parts, weights)[9])


def _error(parts: Parts, weights: Mapping[str, float]) -> float | None:
    """The published relative error of a blend's middle, as a share; None where none is published."""
    found = [(weights.get(code, 1.0) * w, c["relative_error"]) for code, own in parts.items() for w, c in own]
    if any(e is None for _, e in found):
        return None
    total = sum(w for w, _ in found)
    return math.sqrt(sum((w / total * e / 100) ** 2 for w, e in found))


def _line(cell: Cell, scores: Floats) -> Floats:
    known = [(z, math.log(cell[name])) for name, z in _POINTS.items() if cell[name]]
    z, v = (np.array(side) for side in zip(*known, strict=True))
    if len(z) == 1:
        return np.full(len(scores), v[0])
    low, high = (v[1] - v[0]) / (z[1] - z[0]), (v[-1] - v[-2]) / (z[-1] - z[-2])
    out: Floats = np.interp(scores, z, v)
    out = np.where(scores < z[0], v[0] + low * (scores - z[0]), out)
    return np.asarray(np.where(scores > z[-1], v[-1] + high * (scores - z[-1]), out))


def quantiles(parts: Parts, weights: Mapping[str, float]) -> Floats:
    """Log pay at the 19 levels of the mixture of cells, (19,)."""
    lines = [(weights.get(code, 1.0) * w, c) for code, own in parts.items() for w, c in own]
    if len(lines) == 1:
        return _line(lines[0][1], _SCORES)
    density = np.exp(-(_GRID**2) / 2)
    value = np.concatenate([_line(c, _GRID) for _, c in lines])
    mass = np.concatenate([w * density for w, _ in lines])
    order = np.argsort(value, kind="stable")
    below = np.cumsum(mass[order]) - mass[order] / 2
    levels = np.arange(1, 20) * 0.05
    return np.asarray(np.interp(levels * mass.sum(), below, value[order]))
