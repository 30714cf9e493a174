"""What a benchmark is asked: the cut's factors, its place or places, its order; each checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paylens.advice import asked as ask
from paylens.advice.benchmark.money import checked_adjustment
from paylens.advice.cuts import Cuts
from paylens.advice.estimate import years_band
from paylens.contract.errors import InputError, shown
from paylens.contract.profile import Profile, parse_profile
from paylens.contract.vocabularies import educations, remotes, seniorities, sizes
from paylens.contract.vocabularies.occupations import OFFICIAL
from paylens.contract.vocabulary import nearest_names, normalise
from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["FACTORS", "PERCENTILES", "PLACES", "Asked", "Cut", "cut_of", "parse", "whole_order"]

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
SORTS = (*PERCENTILES, "pooled_p50", "n", "value")
# A factor's name and the key that cells are cut by.
FACTORS: Mapping[str, str] = {
    "country": "country", "region": "region", "state": "state", "metro": "metro", "industry": "industry",
    "company_size": "company_size", "education": "education", "seniority": "seniority", "years": "years_band",
    "remote": "remote", "skill": "skill", "employer": "employer", "year": "vintage",
}  # fmt: skip
PLACES = ("region", "country", "state", "metro")
_ALSO = {
    "years experience": "years", "experience": "years", "size": "company_size", "level": "seniority", "skills": "skill",
    "city": "metro", "vintage": "year", "company": "employer", "degree": "education", "place": "metro",
}  # fmt: skip
_EXTREMES = frozenset({"min", "max", "minimum", "maximum", "lowest", "highest", "p0", "p100"})
_OPTIONS = ("by", "source", "adjust", "sort", "top", "compare", "guide")
_MOST_BY, _MOST_TOP = 2, 1000


@dataclass(frozen=True)
class Asked:
    """A benchmark's question, checked."""

    profile: Profile
    places: tuple[Place, ...]
    by: tuple[str, ...]
    source: str | None
    adjust: str
    sort: str | None
    top: int | None
    compare: bool
    guide: bool
    as_of: str


@dataclass(frozen=True)
class Cut:
    """A set of cells in a place: `name` the set, `fixed` what all of its cells share, `notes` what had to be left out."""

    name: str
    fixed: dict[str, Any]
    notes: tuple[str, ...]


def parse(fields: Mapping[str, Any], cuts: Cuts) -> Asked:
    """The question that a mapping describes; InputError names what is wrong and the nearest known."""
    options = {k: fields[k] for k in _OPTIONS if fields.get(k) is not None}
    given = {k: v for k, v in fields.items() if k not in _OPTIONS}
    guide = bool(options.get("guide"))
    if guide and not given.get("role"):
        given["role"] = "machine learning engineer"
    profile = parse_profile(given)
    if profile.as_reported_in is not None:
        raise InputError("as_reported_in", profile.as_reported_in, "does not go with a benchmark: use source")
    adjust = checked_adjustment(_text("adjust", options.get("adjust", "none")))
    if adjust == "ppp" and profile.currency is not None:
        raise InputError(
            "currency",
            profile.currency,
            "does not go with adjust ppp, which answers in international dollars",
        )
    compare = options.get("compare")
    places, by = _places(profile, compare, guide), _factors(options.get("by"))
    if guide and by:
        raise InputError(
            "by", ", ".join(by), "does not go with the guide's nine cells, which are by place and level"
        )
    for place in places:
        _check_adjustment(adjust, place, by)
    return Asked(
        profile, places, by, _source(options.get("source"), cuts),
        adjust, _sort(options.get("sort")), _top(options.get("top")), compare is not None, guide, ask.check_month(profile.as_of),
    )  # fmt: skip


def _check_adjustment(adjust: str, place: Place, by: Sequence[str]) -> None:
    """Price levels are those of one country or metro, not of a region."""
    single = place.country is not None or bool(set(by) & {"country", "state", "metro"})
    if adjust == "ppp" and not single:
        raise InputError(
            "adjust", adjust, f"{place.label} has no single price level: name a country, or ask by country"
        )
    if adjust == "rpp" and place.country != "US":
        raise InputError(
            "adjust", adjust, f"regional price parities are of US metros alone, not of {place.label}: use ppp"
        )


def _text(field: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise InputError(field, value, f"must be a word, not {shown(value)}")
    return value


def _places(profile: Profile, compare: object, guide: bool) -> tuple[Place, ...]:
    if guide:
        if compare is not None or profile.location is not None:
            raise InputError(
                "location", profile.location, "the guide's nine cells have their own places: leave it out"
            )
        return tuple(geography.resolve(name) for name in ("United States", "Europe", "Singapore"))
    if compare is None:
        return (ask.place_of(profile),)
    if not isinstance(compare, Sequence) or isinstance(compare, str) or len(compare) != 2:
        raise InputError("compare", compare, "must be two places, such as 'San Francisco' and 'New York'")
    if profile.location is not None:
        raise InputError("location", profile.location, "does not go with compare, which names the places")
    a, b = (geography.resolve(_text("compare", name)) for name in compare)
    if (a.kind, a.id) == (b.kind, b.id):
        raise InputError("compare", compare[1], f"both are {a.label}: name two different places")
    return a, b


def _factors(by: object) -> tuple[str, ...]:
    if by is None:
        return ()
    words = by.split(",") if isinstance(by, str) else by
    if not isinstance(words, Sequence):
        raise InputError("by", by, f"must be one or two factors, not {shown(by)}", list(FACTORS))
    found = list(dict.fromkeys(_factor(_text("by", word)) for word in words if str(word).strip()))
    if len(found) > _MOST_BY:
        raise InputError("by", ", ".join(found), f"is at most {_MOST_BY} factors, not {len(found)}")
    return tuple(found)


def _factor(word: str) -> str:
    plain = normalise(word)
    name = _ALSO.get(plain, plain.replace(" ", "_"))
    if name in FACTORS:
        return name
    _refuse_extreme("by", word)
    near = nearest_names(name, tuple(FACTORS)) or list(FACTORS)
    raise InputError("by", word, f"'{shown(word)}' is not a factor; known are {', '.join(FACTORS)}", near[:3])


def _refuse_extreme(field: str, word: str) -> None:
    if normalise(word) in _EXTREMES:
        raise InputError(
            field, word, f"'{shown(word)}' is refused: a lowest or highest figure is one person's pay; ask for a percentile, p10 to p90"
        )  # fmt: skip


def _source(source: object, cuts: Cuts) -> str | None:
    if source is None or source == "all":
        return None
    word = _text("source", source).strip().casefold()
    known = [*cuts.sources, *OFFICIAL, "paylens", "guide"]
    if word not in known:
        raise InputError(
            "source", source, f"'{shown(word)}' is not a known source", nearest_names(word, known) or known
        )
    return word


def _sort(sort: object) -> str | None:
    if sort is None:
        return None
    word = _text("sort", sort).strip().casefold()
    _refuse_extreme("sort", word)
    if word not in SORTS:
        raise InputError(
            "sort",
            sort,
            f"must be one of {', '.join(SORTS)}, not '{shown(sort)}'",
            nearest_names(word, SORTS),
        )
    return word


def _top(top: object) -> int | None:
    if top is None:
        return None
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= _MOST_TOP:
        raise InputError("top", top, f"must be a whole number from 1 to {_MOST_TOP}, not {shown(top)}")
    return top


def cut_of(asked: Asked, place: Place, by: Sequence[str], cuts: Cuts) -> Cut:
    """The set of cells that answers: with every fact that was given, or without those that no set is cut by."""
    _check_inside(place, by)
    where, notes = _where(place, by)
    keys = [FACTORS[f] for f in by]
    facts = {k: v for k, v in _facts(asked.profile).items() if k not in keys}
    role = {"role": asked.profile.role.id}
    for kept in _subsets(list(facts)):
        for at in (where, {}) if "employer" in (*keys, *kept) else (where,):
            fixed = {**role, **at, **{k: facts[k] for k in kept}}
            name = cuts.set_of((*fixed, *keys))
            if name is None:
                continue
            left = [k.replace("_band", "").replace("_", " ") for k in facts if k not in kept]
            if left:
                notes = (
                    *notes,
                    f"no cohorts are cut by {' and '.join(left)} together with the rest: measured rows are of everyone",
                )
            if where and not at:
                notes = (
                    *notes,
                    f"employers are not told apart within {place.label} for this: rows are of all places",
                )
            return Cut(name, fixed, notes)
    raise InputError("by", ",".join(by), *_no_such_cut(place, by, where, cuts))


def _no_such_cut(
    place: Place, by: Sequence[str], where: Mapping[str, Any], cuts: Cuts
) -> tuple[str, list[str]]:
    there = "the world" if place.kind == "world" else place.label
    fits = [
        f
        for f, key in FACTORS.items()
        if key not in where and cuts.set_of(("role", *where, key)) and f not in PLACES
    ]
    asked = " and ".join(f.replace("_", " ") for f in by) or "role alone"
    one = [f for f in by if f in fits]
    advice = "name a country or region as the location" if place.kind == "world" else (
        "ask for one of them at a time" if len(one) > 1 else "ask for the country instead" if place.kind in ("metro", "city", "state") else "ask for one of those that there are"
    )  # fmt: skip
    return f"no cohorts of {there} are cut by {asked}: {advice}", fits


def _check_inside(place: Place, by: Sequence[str]) -> None:
    """A factor that is a place must be finer than the place asked about."""
    rank = {"world": 0, "region": 1, "country": 2, "state": 3, "metro": 4, "city": 4}
    for factor in by:
        if factor in PLACES and rank[place.kind] >= rank[factor]:
            finer = factor in ("state", "metro") and place.country is not None and place.kind != "country"
            wider = geography.of_id("country", str(place.country)).label if finer else "the world"
            raise InputError(
                "by",
                factor,
                f"{place.label} is one {place.kind}: by {factor} needs a wider location, such as {wider}",
            )
    if len(set(by) & set(PLACES)) > 1:
        raise InputError("by", ",".join(by), "holds two kinds of place: the finer one is enough")


def _where(place: Place, by: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a cell of the place is keyed by; nothing where the values themselves are places."""
    if place.kind == "world" or set(by) & set(PLACES):
        return {}, ()
    if place.kind == "city" and place.metro is None:
        return {"country": str(place.country)}, (
            f"no cohorts of {place.label}: those of its country are shown",
        )
    if place.kind == "state" and place.country != "US":
        return {"country": str(place.country)}, (
            f"no cohorts of {place.label}: those of its country are shown",
        )
    key = "metro" if place.kind == "city" else place.kind
    id = place.metro if key == "metro" else place.state if key == "state" else place.id
    return {key: str(id)}, ()


def _facts(p: Profile) -> dict[str, Any]:
    """What was said of the person that cells can be cut by, most telling last given up first."""
    found: dict[str, Any] = {}
    if p.years_experience is not None:
        found["years_band"] = years_band(p.years_experience)
    for key in ("seniority", "employer", "education", "industry", "company_size", "remote"):
        value = getattr(p, key)
        if value is not None and key in p.given:
            found[key] = value
    if len(p.skills) == 1:
        found["skill"] = p.skills[0]
    return found


def _subsets(keys: list[str]) -> list[list[str]]:
    """All selections of the keys, largest first, earlier keys kept longest."""
    found = [
        [k for i, k in enumerate(keys) if mask >> (len(keys) - 1 - i) & 1]
        for mask in range(2 ** len(keys) - 1, -1, -1)
    ]
    return sorted(found, key=lambda kept: -len(kept))


def whole_order(factor: str) -> tuple[Any, ...]:
    """All values of a closed factor in their own order; () for one whose values are open."""
    if factor == "years":
        return ("entry", "mid", "senior")
    closed = {"seniority": seniorities, "company_size": sizes, "education": educations, "remote": remotes}
    return tuple(e.id for e in closed[factor]().entries) if factor in closed else ()
