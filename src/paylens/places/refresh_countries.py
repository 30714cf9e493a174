"""Makes the tables of countries and regions: a part of refresh_geography."""

import collections
import csv
import importlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paylens.places.spelling import key

TABLES = Path(__file__).parent / "tables"
HAND = TABLES / "by_hand"
CAUCASUS = frozenset({"AM", "AZ", "GE"})
# fmt: off
EU = frozenset({"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
                "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"})
# fmt: on
EUROPE = EU | {"IS", "LI", "NO", "GB", "CH"}
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """The rows of a table made by hand."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def countries(known: Mapping[str, Any]) -> list[Row]:
    """One row a country: ISO codes, currency, sub-region, primary region, population and every other name."""
    listed = importlib.import_module("pycountry").countries
    english = importlib.import_module("babel").Locale("en").territories
    sub = {i: row["subregion"] for row in rows(HAND / "countries.csv") for i in row["ids"].split()}
    hand = {row["id"]: row for row in rows(HAND / "country_names.csv")}
    if set(sub) != set(known):
        raise SystemExit(f"countries that only one table has: {sorted(set(sub) ^ set(known))}")
    table = []
    for i, c in sorted(known.items()):
        mine = hand.get(i, {"label": "", "aliases": ""})
        iso = listed.get(alpha_2=i)
        label = mine["label"] or c["name"].strip()
        names = [c["name"].strip(), c["iso3"], *mine["aliases"].split("|"), english.get(i, "")]
        names += [getattr(iso, n, "") for n in ("name", "common_name", "official_name")] if iso else []
        table.append(
            {
                "id": i,
                "label": label,
                "iso3": c["iso3"],
                "currency": c["currencycode"] or "USD",
                "region": region(i, sub[i]),
                "subregion": sub[i],
                "population": str(c["population"]),
                "aliases": keys([label, *names]),
            }
        )
    return table


def keys(names: Iterable[str]) -> str:
    """The keys of the names, none of them twice, for one cell."""
    return "|".join(dict.fromkeys(filter(None, map(key, names))))


def region(country: str, subregion: str) -> str:
    """The one region (regions.csv) that a country is counted in."""
    if country in EUROPE:
        return "europe"
    if subregion.endswith(" Europe"):
        return "rest-of-europe"
    if country in CAUCASUS:
        return "asia"
    if subregion == "Western Asia" or country == "IR":
        return "middle-east"
    named = {"Northern America": "north-america", "Antarctica": "antarctica"}
    named |= dict.fromkeys(["Australia and New Zealand", "Melanesia", "Micronesia", "Polynesia"], "oceania")
    if subregion in named:
        return named[subregion]
    last = subregion.rpartition(" ")[2]
    return {"Africa": "africa", "Asia": "asia"}.get(last, "latin-america")


def regions(table: Sequence[Row]) -> list[Row]:
    """The regions with their members; a country may be in several (Egypt: Africa and Middle East)."""
    members: dict[str, set[str]] = collections.defaultdict(set)
    for row in table:
        members[row["region"]].add(row["id"])
        members["world"].add(row["id"])
    members["european-union"] = set(EU)
    members["middle-east"].add("EG")
    return [
        row
        | {
            "members": "|".join(sorted(members[row["id"]])),
            "aliases": keys([row["label"], *row["aliases"].split("|")]),
        }
        for row in rows(HAND / "regions.csv")
    ]
