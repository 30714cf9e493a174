"""What the name of a place means: city, metro, state, country, region, the world, or an error that asks.

A name is the largest place that has it when that is ten times the next, with a note; else it is an error with
the candidates. Two letters are a country's ISO code first, then a US state's.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from rapidfuzz import fuzz, process

from paylens.contract.errors import InputError, shown
from paylens.places.gazetteer import Country, Gazetteer, Named, Region, gazetteer
from paylens.places.spelling import key

__all__ = [
    "Country",
    "Kind",
    "Place",
    "Region",
    "countries",
    "lookup_city",
    "lookup_country",
    "of_id",
    "regions",
    "resolve",
]

Kind = Literal["city", "metro", "state", "country", "region", "world"]

FIELD = "location"
TIMES_LARGER = 10
_CANDIDATES = 5
_LONGEST = 200
_CACHE = 65536
# Cities below this are not offered for a name that is not known.
_SUGGESTED = 100_000
_SIMILAR = 72.0
_NOWHERE = frozenset({"remote", "remotely", "anywhere", "wfh", "distributed"})
_AROUND = frozenset({"greater", "metro", "metropolitan", "area", "region", "city"})
_KINDS = {"state": "state", "country": "country"}
# Names that mean one country to most people although another could claim them.
_BY_CUSTOM = frozenset({"korea", "america"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place that pay can be asked for.

    `id` is an ISO code for a country ("DE"), a USPS code for a US state ("CA"; elsewhere "ca-on"), "us-41860"
    (the OEWS area) or "de-berlin" for a metro, "us-ca-menlo-park" for a city, a name for a region ("europe").
    `state` is a USPS code; `region` the one region that the country is counted in; `notes` are for the reader.
    """

    kind: Kind
    id: str
    label: str
    country: str | None
    metro: str | None
    state: str | None
    region: str | None
    currency: str | None
    notes: tuple[str, ...] = ()


def countries() -> tuple[Country, ...]:
    """All countries, by ISO code."""
    return tuple(gazetteer().countries.values())


def regions() -> tuple[Region, ...]:
    """All regions with their members (ISO codes); a country can be in several."""
    return tuple(gazetteer().regions.values())


@functools.lru_cache(maxsize=_CACHE)
def lookup_country(label: str) -> str | None:
    """The ISO code of a country by any name, ISO code (in capitals) or questionnaire label; else None."""
    tables = gazetteer()
    if label in tables.country_codes:
        return tables.country_codes[label]
    if len(label) <= 3 and label.isalpha() and not label.isupper():
        return None  # 'No' and 'and' are words
    named = tables.aliases.get(key(label), ())
    found = [place for place in named if place.kind == "country"]
    found = found or [place for place in named if place.kind == "state" and place.country == "GB"]
    return max(found, key=lambda place: place.population).country if found else None


@functools.lru_cache(maxsize=_CACHE)
def lookup_city(label: str, country: str | None = None) -> Place | None:
    """The finest place known for a city as files write it: 'Seattle, WA', 'Bengaluru, KA, India'.

    `country` is its ISO code where the file says it apart.

    A city that is not in the tables gives its state (US) or country; None when that is unknown too, or when
    the bare name is that of several places of like size.
    """
    found, narrowed = _meanings(label)
    if country is not None:
        found = [place for place in found if place.country == country]
        narrowed = [place for place in narrowed if place.country == country]
    found = _distinct(found)
    if found and (country is not None or narrowed or _leads(found, label)):
        return _place(found[0], ())
    states = [place for place in narrowed if place.kind == "state" and place.country == "US"]
    if states:  # 'X, CA' in a file of cities is California
        return _place(states[0], ())
    homes = {place.country for place in narrowed}
    country = homes.pop() if len(homes) == 1 else country
    if country is not None and country in gazetteer().countries:
        return _place(_country(country), ())
    return None


@functools.lru_cache(maxsize=_CACHE)
def of_id(kind: str, id: str) -> Place:
    """The metro ("us-41860"), US state ("CA"), country ("DE") or region ("europe") of an id; KeyError where there is none."""
    tables = gazetteer()
    if kind == "metro":
        return _place(tables.metro(id), ())
    if kind == "state":
        return _place(tables.states[id], ())
    if kind == "country":
        tables.countries[id]
        return _place(_country(id), ())
    area = tables.regions[id]
    return Place("world" if id == "world" else "region", id, area.label, None, None, None, id, area.currency)


@functools.lru_cache(maxsize=_CACHE)
def resolve(text: str) -> Place:
    """The place that a person means by `text`; InputError (field "location") with candidates when unclear."""
    if not isinstance(text, str) or not key(text):
        raise InputError(
            FIELD, text, "no place is given: name a city, a US metro or state, a country or a region"
        )
    code = key(text).upper()
    if code in gazetteer().countries:
        return _of_code(text, code)
    found, narrowed = _meanings(text)
    if not found:
        raise _unknown(text, narrowed)
    found = _distinct(found)
    leader = found[0]
    if not _leads(found, text):
        names = [_candidate(place) for place in found[:_CANDIDATES]]
        raise InputError(FIELD, text, f"{shown(text)!r} can be several places: say which", names)
    notes = []
    asked = text.strip()
    if key(text) in _BY_CUSTOM or (len(found) > 1 and leader.country is not None):
        notes.append(f"{asked} is taken as {leader.label}")
    elif leader.kind == "metro" and leader.state in gazetteer().states:
        state = gazetteer().states[leader.state]
        if key(state.name) == key(text):
            notes.append(
                f"{asked} is taken as the metro {leader.label}; for the state write '{state.name} State'"
            )
    return _place(leader, tuple(notes))


def _of_code(text: str, code: str) -> Place:
    """The country of an ISO code, with a note where a US state has it too; 'LA' is asked about."""
    tables = gazetteer()
    state = tables.states.get(code)
    if code == "LA":
        names = [tables.metro("us-31080").label, "Laos", "Louisiana"]
        raise InputError(FIELD, text, f"{shown(text)!r} can be several places: say which", names)
    country = _country(code)
    notes: tuple[str, ...] = ()
    if state is not None:
        notes = (
            f"{text.strip()} is taken as the country {country.label}; for the US state write '{state.label}'",
        )
    return _place(country, notes)


def _country(code: str) -> Named:
    """The country of an ISO code as a named place."""
    return next(
        place for place in gazetteer().narrowing[key(code)] if place.kind == "country" and place.id == code
    )


def _meanings(text: str) -> tuple[list[Named], list[Named]]:
    """What a text can mean, and what its qualifiers ('TX', 'Germany') mean when it has some."""
    if len(text) > _LONGEST:
        return [], []
    tables = gazetteer()
    whole = key(text)
    found = tables.named(whole)
    if found:
        return found, []
    parts = [part for part in map(key, text.split(",")) if part]
    if len(parts) > 1:
        return _narrowed(tables, parts[0], parts[1:])
    return _spoken(tables, whole.split())


def _narrowed(tables: Gazetteer, name: str, qualifiers: Sequence[str]) -> tuple[list[Named], list[Named]]:
    """Meanings of `name` inside the last qualifier, and the others where they help ('Paris, IL, France')."""
    within = tables.narrowing.get(qualifiers[-1], [])
    if not within and len(qualifiers) > 1:  # 'Seoul, KG, Korea, South'
        within = tables.narrowing.get(" ".join(qualifiers[-2:]), [])
    found = _in_state_or(tables, tables.named(name) or _around(tables, name.split()), within)
    for qualifier in reversed(qualifiers[:-1]):
        finer = tables.narrowing.get(qualifier, [])
        inner = [place for place in finer if place.country in {outer.country for outer in within}]
        within = inner or within
        found = _inside(tables, found, inner) or found
    return found, within


def _in_state_or(tables: Gazetteer, places: Sequence[Named], within: Sequence[Named]) -> list[Named]:
    """The places inside; ', CA' after a city is California where it has such a city, else Canada."""
    states = [outer for outer in within if outer.kind == "state" and outer.country == "US"]
    return _inside(tables, places, states) or _inside(tables, places, within)


def _inside(tables: Gazetteer, places: Iterable[Named], within: Sequence[Named]) -> list[Named]:
    """The places that lie in any of `within` (countries, states, regions)."""
    return [place for place in places if any(_holds(tables, outer, place) for outer in within)]


def _holds(tables: Gazetteer, outer: Named, place: Named) -> bool:
    if outer.kind == "country":
        return place.country == outer.id
    if outer.kind == "state":
        return place.state == outer.id
    return place.country in tables.regions[outer.id].members


def _spoken(tables: Gazetteer, words: Sequence[str]) -> tuple[list[Named], list[Named]]:
    """Meanings of words without commas: 'Paris TX', 'Washington state', 'Greater Boston area'."""
    for n in (1, 2, 3):
        name, last = " ".join(words[:-n]), " ".join(words[-n:])
        if not name:
            break
        if n == 1 and last in _KINDS:
            found = [place for place in tables.named(name) if place.kind == _KINDS[last]]
            if found:
                return found, []
        within = tables.narrowing.get(last, [])
        found = _in_state_or(tables, tables.named(name), within)
        if found:
            return found, within
    return _around(tables, words), []


def _around(tables: Gazetteer, words: Sequence[str]) -> list[Named]:
    """Meanings without the words that say 'and around it'."""
    rest = [word for word in words if word not in _AROUND]
    return tables.named(" ".join(rest)) if rest and len(rest) < len(words) else []


def _distinct(places: Iterable[Named]) -> list[Named]:
    """The places, largest first, without a country's own capital of that name, or a metro's state."""
    once = {place.id: place for place in reversed(list(places))}
    ranked = sorted(once.values(), key=lambda place: (-place.population, place.id))
    whole = {place.id for place in ranked if place.kind == "country"}
    ranked = [place for place in ranked if place.kind == "country" or place.country not in whole]
    metros = {place.id: place for place in ranked if place.kind == "metro"}
    filled = {metro.state: TIMES_LARGER * metro.population for metro in metros.values()}
    return [
        place
        for place in ranked
        if not (place.kind == "state" and place.population < filled.get(place.id, 0))
        and not (place.kind == "city" and place.metro in metros)
    ]


def _leads(ranked: Sequence[Named], asked: str) -> bool:
    """Whether the first is ten times the next; one spelt with other accents than asked does not count."""
    leader = ranked[0]
    if len(ranked) > 1 and leader.name == asked.strip():
        ranked = [place for place in ranked if place.name.isascii() == leader.name.isascii()]
    return len(ranked) == 1 or leader.population >= TIMES_LARGER * ranked[1].population


def _candidate(place: Named) -> str:
    """What to type for just this place."""
    return f"{place.label} (country)" if place.kind == "country" and place.id == "GE" else place.label


def _place(named: Named, notes: tuple[str, ...]) -> Place:
    tables = gazetteer()
    if named.country is None:
        region = tables.regions[named.id]
        notes = (*notes, f"{region.label}: {region.definition}")
        currency = region.currency
    else:
        currency = tables.countries[named.country].currency
    state = named.state if named.country == "US" else None
    kind = cast("Kind", named.kind)
    return Place(
        kind, named.id, named.label, named.country, named.metro, state, named.region, currency, notes
    )


def _unknown(text: str, within: Sequence[Named]) -> InputError:
    """The error for a name that no place has."""
    words = key(text).split()
    rest = [word for word in words if word not in _NOWHERE]
    if len(rest) < len(words):
        meant = gazetteer().named(" ".join(word for word in rest if word not in {"in", "within", "only"}))
        advice = 'is not a place: give where the person works, or a country or region, and remote = "remote"'
        return InputError(
            FIELD, text, f"{shown(text)!r} {advice}", [_candidate(place) for place in _distinct(meant)]
        )
    names = _nearest(key(text.partition(",")[0] if within else text), within)
    if not names and within:
        names = [_candidate(place) for place in within]
    return InputError(FIELD, text, f"{shown(text)!r} is not a known place", names)


@functools.cache
def _suggestions(least: int) -> list[tuple[str, Named]]:
    """Every (key, place) that an error may offer; only errors read it."""
    return list(gazetteer().everything(least))


def _nearest(name: str, within: Sequence[Named]) -> list[str]:
    """The names most like an unknown one, the larger first among equals; at most five."""
    if len(name) > _LONGEST:
        return []
    tables = gazetteer()
    known = _suggestions(0 if within else _SUGGESTED)
    if within:
        known = [named for named in known if any(_holds(tables, outer, named[1]) for outer in within)]
    found = process.extract(
        name, [spelt for spelt, _ in known], scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=20
    )
    ranked = sorted(
        ((score, known[index][1]) for _, score, index in found), key=lambda f: (-f[0], -f[1].population)
    )
    return list(dict.fromkeys(_candidate(place) for _, place in ranked))[:_CANDIDATES]
