"""The rows of a benchmark: what was measured or kept back, modelled, published officially, or printed by a guide."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from paylens.advice.benchmark.asked import FACTORS, PERCENTILES, PLACES, Asked, Cut
from paylens.advice.benchmark.money import Money
from paylens.advice.benchmark.places import area_of, within
from paylens.advice.cuts import Cuts, label_of, name_of
from paylens.advice.estimate import Reference, distribution, measured, years_band
from paylens.advice.guide import CURRENCY, GUIDE, YEARS
from paylens.advice.official import OfficialFigures
from paylens.contract.errors import InputError
from paylens.contract.observation import REPORTED_PAY
from paylens.contract.profile import Profile
from paylens.contract.vocabularies import (
    educations,
    employers,
    industries,
    remotes,
    seniorities,
    sizes,
    skills,
)
from paylens.contract.vocabularies.occupations import OFFICIAL, occupations_of
from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["Rows", "Values", "closer", "label"]

Values = tuple[Any, ...]
Row = dict[str, Any]
_LEVELS = {"p10": 1, "p25": 4, "p50": 9, "p75": 14, "p90": 17}
_NINETY = 1.6449
_DOMINANT = 0.25
_LEAST = 10
_GUIDE_ROLE = "machine-learning-engineer"
_VOCABULARIES = {
    "education": educations, "employer": employers, "industry": industries, "remote": remotes, "seniority": seniorities,
    "company_size": sizes, "skill": skills,
}  # fmt: skip
# The field of a profile that an official source must have used to have told a factor's values apart.
_OFFICIAL_FIELD = {
    "metro": "location", "state": "location", "industry": "industry", "education": "education",
}  # fmt: skip


@functools.lru_cache(maxsize=8192)
def label(factor: str, id: Any) -> str:
    """A value as people read it."""
    if factor in _VOCABULARIES:
        vocabulary = _VOCABULARIES[factor]()
        known = {e.id for e in vocabulary.entries} if factor not in ("employer", "skill") else None
        return vocabulary[id].label if known is None or id in known else str(id)
    return label_of(FACTORS[factor], id, {})


def closer(n: int, p25: float, p50: float, p75: float) -> tuple[float, float]:
    """The 90 % interval of a median from n reports and the quartiles.

    Log pay taken as normal around its middle: the variance of a sample's median is pi/2 of that of its mean (Kenney and
    Keeping, Mathematics of Statistics, 1962), its standard deviation the quartiles' distance over 1.349.
    """
    error = _NINETY * math.sqrt(math.pi / 2 / n) * math.log(p75 / p25) / 1.349
    return p50 * math.exp(-error), p50 * math.exp(error)


class Rows:
    """Makes the rows of one question in one place."""

    def __init__(
        self, ref: Reference, official: OfficialFigures, asked: Asked, place: Place, by: Sequence[str], cut: Cut, money: Money
    ) -> None:  # fmt: skip
        self.ref, self.official, self.asked, self.place, self.by, self.cut, self.money = (
            ref, official, asked, place, tuple(by), cut, money
        )  # fmt: skip
        self.cuts: Cuts = ref.cuts
        self.keys = [FACTORS[f] for f in by]
        self.role = asked.profile.role

    def blank(self, values: Values, kind: str, source: str, pay: str) -> Row:
        """A row without figures."""
        return {
            "by": {f: {"id": v, "label": label(f, v)} for f, v in zip(self.by, values, strict=False)},
            "kind": kind, "source": source, "pay": pay, "cohort": "", **dict.fromkeys(PERCENTILES), "pooled": None,
            "p50_low": None, "p50_high": None, "n": None, "vintage": None, "employers": None, "top_employer_share": None,
            "warning": None, "range": None, "relative_error": None, "reason": None, "answered_by": None,
            "currency": self.money.currency, "licence": self.cuts.licences.get(source, "not verified"), "note": None,
        }  # fmt: skip

    def facts(self, values: Values) -> dict[str, Any]:
        """What a cell of these values is keyed by."""
        return {**self.cut.fixed, **dict(zip(self.keys, values, strict=False))}

    def values_of(self, source: str) -> dict[Values, int]:
        """The published cells of a source in the cut, by their values: positions in the table."""
        cells = self.cuts.published
        keys = cells.sets.get(self.cut.name)
        if keys is None:
            return {}
        free = [keys.index(k) for k in self.keys]
        found = {
            tuple(own[i] for i in free): at
            for own, at in cells.matching(source, self.cut.name, self.cut.fixed)
            if self.inside(own, keys)
        }
        if len(found) > 20:
            cells.rows(source, self.cut.name)
        return found

    def withheld_values(self, source: str) -> set[Values]:
        """The values of a source's withheld cells in the cut."""
        cells = self.cuts.withheld
        keys = None if cells is None else cells.sets.get(self.cut.name)
        if cells is None or keys is None:
            return set()
        free = [keys.index(k) for k in self.keys]
        return {
            tuple(own[i] for i in free)
            for own, _ in cells.matching(source, self.cut.name, self.cut.fixed)
            if self.inside(own, keys)
        }

    def inside(self, own: Values, keys: Sequence[str]) -> bool:
        """Whether a cell that is itself of a place lies in the place asked about."""
        if self.place.kind == "world" or not set(self.by) & set(PLACES):
            return True
        for key in ("country", "state", "metro"):
            if key in keys:
                return within(key, own[keys.index(key)], self.place.kind, self.place.id)
        return True

    def measured(self, values: Values, source: str, at: int) -> Row:
        """A published cell, its own and pooled percentiles."""
        cell = self.cuts.published.row(at)
        row = self.blank(values, "measured", source, cell["measure"])
        years = (int(cell["vintage_from"]), int(cell["vintage_to"]))
        times, note = self.money.factor(cell["currency"], *self._whose(cell), years)
        row |= {
            "cohort": self._name(cell), "n": cell["n"], "vintage": _years(years), "employers": cell["employers"],
            "top_employer_share": cell["top_employer_share"], "note": note,
        }  # fmt: skip
        row["warning"] = self._warning(cell)
        if times is None:
            return row
        row |= {p: None if cell[p] is None else cell[p] * times for p in PERCENTILES}
        if cell["pooling_weight"]:
            pooled = {
                p: None if cell[f"pooled_{p}"] is None else cell[f"pooled_{p}"] * times for p in PERCENTILES
            }
            row["pooled"] = {"share": cell["pooling_weight"], **pooled}
        if row["n"] and row["p25"] and row["p75"]:
            row["p50_low"], row["p50_high"] = closer(row["n"], row["p25"], row["p50"], row["p75"])
        return row

    def _warning(self, cell: Mapping[str, Any]) -> str | None:
        share = cell["top_employer_share"]
        if share is None or share <= _DOMINANT or "employer" in self.facts(()) or "employer" in self.keys:
            return None
        return f"{100 * share:.0f} % of it is one employer"

    def _name(self, cell: Mapping[str, Any]) -> str:
        keys = self.cuts.published.sets[cell["set"]]
        labels = {self.role.id: self.role.label}
        for key, factor in (("employer", "employer"), ("skill", "skill")):
            if cell[key] is not None:
                labels[cell[key]] = label(factor, cell[key])
        said = name_of(cell, keys, labels)
        said += (
            ""
            if {"country", "region", "metro", "state", "employer"} & set(keys) or not keys
            else " · worldwide"
        )
        return said if cell["role"] or cell["family"] else f"all roles · {said}" if keys else "everyone"

    def _whose(self, cell: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """The country whose prices a cell's amounts meet, and the id of its metro or state."""
        metro, state = cell["metro"], cell["state"]
        country = cell["country"] or ("US" if state else None)
        country = country or (geography.of_id("metro", metro).country if metro else None)
        return country, metro or (f"us-{state}" if state else None)

    def withheld(self, values: Values, source: str) -> Row | None:
        """A cell that is kept back: why, and the wider one that answers; None where there is no such cell."""
        held = self.cuts.kept_back(source, self.facts(values))
        if held is None:
            return None
        row = self.blank(values, "withheld", source, held["measure"])
        row["cohort"] = name_of(
            held,
            [k for k in self.cuts.published.keys if held[k] is not None],
            {self.role.id: self.role.label},
        )
        row["reason"], row["answered_by"] = held["reason"], self._answered_by(source, held)
        return row

    def untold(self, values: Values, source: str) -> Row:
        """A source that has nothing of a cell: why, and its closest cohort."""
        row = self.blank(values, "withheld", source, self.cuts.measure(source))
        row["reason"] = self.cuts.why_not(source, self.facts(values))
        found = self.ref.ladder.find(source, self._known())
        row["answered_by"] = None if found is None else self._instead(found[1])
        return row

    def _known(self) -> dict[str, Any]:
        """What is known of whoever is asked about, for the evidence ladder."""
        place = self.place
        region = place.region if place.country else place.id if place.kind == "region" else None
        where = {"country": place.country, "metro": place.metro, "state": place.state, "region": region}
        return {"family": self.ref.family[self.role.id], **where, **self.cut.fixed}

    def _answered_by(self, source: str, held: Mapping[str, Any]) -> Row | None:
        name = held["answered_by_set"]
        if name is None:
            return None
        cells = self.cuts.published
        said = str(held["answered_by"]).split(" · ")[1:]
        keys = cells.sets.get(name, ())
        own = tuple(int(v) if k == "vintage" else v for k, v in zip(keys, said, strict=False))
        at = cells.of(source, name).get(own)
        return None if at is None else self._instead(cells.row(at))

    def _instead(self, cell: Mapping[str, Any]) -> Row:
        """A wider cell that answers, in few words."""
        times, _ = self.money.factor(
            cell["currency"], *self._whose(cell), (cell["vintage_from"], cell["vintage_to"])
        )
        figures = {
            p: None if times is None or cell[p] is None else cell[p] * times for p in ("p25", "p50", "p75")
        }
        return {"cohort": self._name(cell), "n": cell["n"], **figures}

    def who(self, values: Values) -> tuple[Profile, Place] | None:
        """The person that a value stands for, and where; None where no field of a profile holds it."""
        changed: dict[str, Any] = {"currency": self.money.currency}
        place = self.place
        for factor, value in zip(self.by, values, strict=False):
            if factor == "year":
                return None
            if factor in PLACES:
                place = geography.of_id(factor, value)
            elif factor == "years":
                changed["years_experience"] = float(YEARS[value])
            elif factor == "skill":
                changed["skills"] = (value,)
            else:
                changed[factor] = value
                if factor == "employer":
                    known = employers()[value].attributes
                    changed |= {
                        "company_size": known["company_size"] or None,
                        "industry": known["industry"] or None,
                    }
        return dataclasses.replace(self.asked.profile, **changed), place

    def modelled(self, groups: Sequence[Values]) -> dict[Values, Row]:
        """The model's answer for each value, all at once."""
        who = [(v, found) for v in groups if (found := self.who(v)) is not None]
        if not who:
            return {}
        people, places = [p for _, (p, _) in who], [place for _, (_, place) in who]
        when = [self.ref.today(p, place, self.asked.as_of) for p, place in zip(people, places, strict=True)]
        located, pay = distribution(self.ref, people, places, when)
        out = {}
        for i, (values, (p, place)) in enumerate(who):
            row = self.blank(values, "modelled", "paylens", p.pay)
            shown = measured(self.ref, p, place, pay[i])
            times, note = self.money.factor(self.money.currency, place.country, area_of(place), None)
            if times is not None:
                row |= {name: float(shown[at]) * times for name, at in _LEVELS.items()}
            n = int(located.reports[i])
            said = (
                [f"at {p.years_experience:g} year{'s' * (p.years_experience != 1)}"]
                if "years" in self.by and p.years_experience is not None
                else []
            )
            said += ["few reports: modelled from wider ones"] if located.thin[i] else []
            said += [note] if note else []
            row |= {
                "cohort": f"{p.role.label}, modelled for {'the world' if place.kind == 'world' else place.label}", "n": n - n % 5 if n >= _LEAST else None,
                "vintage": self.asked.as_of, "licence": "see the release", "note": "; ".join(said) or None,
            }  # fmt: skip
            out[values] = row
        return out

    def officials(self, values: Values, *, whole: bool = False) -> list[Row]:
        """What official statistics publish of a value; with `whole` of everyone in the place, told apart or not."""
        year = dict(zip(self.by, values, strict=False)).get("year")
        found = (self.asked.profile, self.place) if year or whole else self.who(values)
        if found is None:
            return []
        out = []
        for source, home in OFFICIAL.items():
            p, place = found
            if (
                place.country != home
                or not occupations_of(source, p.role.id)
                or self.asked.source not in (None, source)
            ):
                continue
            as_of = f"{year}-12" if year else self.asked.as_of
            p = dataclasses.replace(
                p, as_reported_in=source, pay=REPORTED_PAY[source], as_of=as_of, currency=None
            )
            try:
                figure = self.official.figure(p, place)
            except InputError:
                continue
            needed = (
                []
                if whole or year
                else [_OFFICIAL_FIELD.get(f, f) for f in self.by if f not in ("country", "region")]
            )
            # A nation's figure is no figure of a metro or state.
            needed += ["location"] if place.kind not in ("country", "region", "world") else []
            if not set(needed) <= figure.used or (year and figure.month[:4] != str(year)):
                continue
            out.append(self._official(values, source, figure, place))
        return out

    def _official(self, values: Values, source: str, figure: Any, place: Place) -> Row:
        answer = figure.answer
        row = self.blank(values, "official", source, answer["pay"])
        year = int(figure.month[:4])
        area = area_of(place) if "location" in figure.used else None
        times, note = self.money.factor(answer["currency"], place.country, area, (year, year))
        cells = answer["evidence"]
        known = [
            p
            for p in PERCENTILES
            if source == "us_oews" or p == "p50" or (source == "sg_mom" and p in ("p25", "p75"))
        ]
        if times is not None:
            # To the cent: the published amount went through a logarithm.
            row |= {p: round(answer["percentiles"][p], 2) * times for p in known}
            if figure.relative_error is not None:
                error = math.exp(_NINETY * figure.relative_error / 100)
                row["p50_low"], row["p50_high"] = row["p50"] / error, row["p50"] * error
        ours = (*place.notes, *self.asked.profile.notes)
        said = [
            n
            for n in answer["notes"]
            if "spread is that of" not in n and "not used" not in n and n not in ours
        ]
        row |= {
            "cohort": "; ".join(dict.fromkeys(c["cohort"] for c in cells[-2:])) or self.role.label, "vintage": figure.month,
            "relative_error": figure.relative_error, "note": "; ".join([*said, *([note] if note else [])]) or None,
        }  # fmt: skip
        return row

    def guide(self, values: Values) -> Row | None:
        """The published guide's range where it has a cell for it."""
        level = self._level(values)
        place = next((c for c in CURRENCY if geography.resolve(c).id == self.place.id), None)
        if self.role.id != _GUIDE_ROLE or place is None or level is None or (place, level) not in GUIDE:
            return None
        row = self.blank(values, "guide", "guide", "yearly gross pay, as the guide says")
        country = self.place.country
        times, note = self.money.factor(CURRENCY[place], country, None, None)
        low, high = GUIDE[place, level]
        row |= {
            "cohort": f"{level} machine learning engineers in {place}, published guide", "licence": "not verified",
            "range": None if times is None else [1000 * low * times, 1000 * high * times],
            "note": "; ".join(["it names no source, count or year", *([note] if note else [])]),
        }  # fmt: skip
        return row

    def _level(self, values: Values) -> str | None:
        """The guide's level of a cell that is cut by level or years alone."""
        said = dict(zip(self.by, values, strict=False))
        p = self.asked.profile
        if self.by in (("seniority",), ("years",)):
            return str(next(iter(said.values())))
        if self.by:
            return None
        if p.years_experience is not None:
            return years_band(p.years_experience)
        return p.seniority


def _years(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}-{years[1]}"
