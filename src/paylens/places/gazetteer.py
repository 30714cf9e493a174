"""The tables of places in memory, found by name: countries, regions, states, metros and cities."""

import bisect
import csv
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from paylens.places.spelling import key

__all__ = ["Country", "Gazetteer", "Named", "Region", "gazetteer"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO 3166 codes, its currency (ISO 4217), the one region it is counted in, and M49 sub-region."""

    id: str
    label: str
    iso3: str
    currency: str
    region: str
    subregion: str
    population: int


@dataclass(frozen=True, slots=True)
class Region:
    """A group of countries; `currency` is the one that its pay is shown in, `definition` says what it holds."""

    id: str
    label: str
    currency: str
    definition: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A place as an answer to a name. `state` is an id: 'CA', 'gb-eng'; `population` ranks namesakes."""

    kind: str
    id: str
    name: str
    label: str
    country: str | None
    state: str | None
    metro: str | None
    region: str
    population: float


TABLES = Path(__file__).parent / "tables"
# US states whose name alone is not theirs: a country, a city or a metro has it too.
_SHARED = frozenset({"GA", "NY", "WA"})


def _rows(name: str) -> Iterator[list[str]]:
    rows = csv.reader((TABLES / name).read_text(encoding="utf-8").splitlines())
    next(rows)
    return rows


@dataclass
class Gazetteer:
    """All places. `named` gives what a name can mean; `narrowing` what 'UK', 'TX' or 'Ontario' narrow it to."""

    countries: dict[str, Country] = field(default_factory=dict)
    country_codes: dict[str, str] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    states: dict[str, Named] = field(default_factory=dict)
    metros: dict[str, Named] = field(default_factory=dict)
    metro_rows: dict[str, list[str]] = field(default_factory=dict)
    metro_aliases: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, list[Named]] = field(default_factory=dict)
    narrowing: dict[str, list[Named]] = field(default_factory=dict)
    cities: Sequence[str] = ()

    def named(self, name: str) -> list[Named]:
        """Everything whose name or alias has this key; a metro once for each state (both Kansas Cities)."""
        lines = self._lines(name)
        metros = (self.metro(code) for code in self.metro_aliases.get(name, ()))
        return [*self.aliases.get(name, ()), *metros, *(self._city(line, lines) for line in lines)]

    def metro(self, code: str) -> Named:
        """The metro of an id."""
        known = self.metros.get(code)
        if known is None:
            _, name, label, country, states, population, _ = self.metro_rows[code]
            state = states.partition("|")[0] or None
            region = self.countries[country].region
            known = Named("metro", code, name, label, country, state, code, region, int(population))
            self.metros[code] = known
        return known

    def _lines(self, name: str) -> Sequence[str]:
        start = bisect.bisect_left(self.cities, name + ",")
        return self.cities[start : bisect.bisect_left(self.cities, name + "-", start)]

    def _city(self, line: str, namesakes: Sequence[str] = ()) -> Named:
        name_key, name, country, state, metro, population = line.split(",")
        if metro:
            centre = self.metro(metro)
            if centre.country == country and key(centre.name) == name_key:
                return centre if state in ("", centre.state) else replace(centre, state=state)
        name = name or name_key.title()
        at = self.countries[country]
        label = f"{name}, {at.label}"
        if country == "US":
            label = f"{name}, {state}"
        elif state and sum(other.split(",")[2] == country for other in namesakes) > 1:
            label = f"{name}, {self.states[state].name}, {at.label}"
        within = f"{country}-{state}" if country == "US" else state or country
        place_id = f"{within}-{name_key.replace(' ', '-')}".lower()
        return Named(
            "city", place_id, name, label, country, state or None, metro or None, at.region, int(population)
        )

    def everything(self, least: int = 0) -> Iterator[tuple[str, Named]]:
        """Every (key, place); cities of at least `least` people."""
        for name, places in self.aliases.items():
            for place in places:
                yield name, place
        for name, codes in self.metro_aliases.items():
            for code in codes:
                yield name, self.metro(code)
        for line in self.cities:
            if int(line.rpartition(",")[2]) >= least:
                name = line.partition(",")[0]
                yield name, self._city(line, self._lines(name))


def _index(place: Named, names: str, *indexes: dict[str, list[Named]]) -> None:
    """Adds a place by its names, which the tables hold as keys, label first, none of them twice."""
    for name in names.split("|"):
        for index in indexes:
            index.setdefault(name, []).append(place)


def _load_countries(tables: Gazetteer) -> None:
    for code, label, iso3, currency, region, subregion, population, aliases in _rows("countries.csv"):
        country = Country(code, label, iso3, currency, region, subregion, int(population))
        tables.countries[code] = country
        tables.country_codes |= {code: code, iso3: code}
        place = Named("country", code, label, label, code, None, None, region, country.population)
        tables.narrowing.setdefault(code.lower(), []).append(place)
        _index(place, aliases, tables.aliases, tables.narrowing)


def _load_regions(tables: Gazetteer) -> None:
    for code, label, currency, definition, members, aliases in _rows("regions.csv"):
        tables.regions[code] = Region(code, label, currency, definition, tuple(members.split("|")))
        kind = "world" if code == "world" else "region"
        place = Named(kind, code, label, label, None, None, None, code, float("inf"))
        _index(place, aliases, tables.aliases, tables.narrowing)


def _load_states(tables: Gazetteer) -> None:
    for code, country, name, _, population, aliases in _rows("states.csv"):
        home = tables.countries[country]
        label = f"{name}, {home.label}" if country != "US" else f"{name} (state)" if code in _SHARED else name
        place = Named("state", code, name, label, country, code, None, home.region, int(population))
        tables.states[code] = place
        _index(place, aliases, tables.narrowing)
        # 'ON' or 'BY' alone is no place; a two-letter code alone is a country's or a US state's.
        alone = [name for name in aliases.split("|") if len(name) > 2 or country == "US"]
        _index(place, "|".join(alone), tables.aliases)


def _load_metros(tables: Gazetteer) -> None:
    for row in _rows("metros.csv"):
        tables.metro_rows[row[0]] = row
        if row[-1]:
            for name in row[-1].split("|"):
                tables.metro_aliases.setdefault(name, []).append(row[0])


@functools.cache
def gazetteer() -> Gazetteer:
    """The tables, read once (about 10 ms)."""
    tables = Gazetteer()
    _load_countries(tables)
    _load_regions(tables)
    _load_states(tables)
    _load_metros(tables)
    tables.cities = (TABLES / "cities.csv").read_text(encoding="utf-8").splitlines()[1:]
    return tables
