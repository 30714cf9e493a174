"""Which tax region a place lies in: a US state and city, a Canadian province, Scotland, the canton of Zurich."""

from __future__ import annotations

from dataclasses import dataclass

from paylens.places.gazetteer import gazetteer
from paylens.places.geography import Place
from paylens.places.spelling import key

__all__ = ["Region", "region_of"]

# Places whose own income tax is known; a metro of the name is taken as the city that names it.
CITIES = {
    "New York City": frozenset(
        {
            "us-35620",
            "us-ny-new-york-city",
            "us-ny-new-york",
            "us-ny-manhattan",
            "us-ny-brooklyn",
            "us-ny-queens",
            "us-ny-the-bronx",
            "us-ny-bronx",
            "us-ny-staten-island",
        }
    ),
    "Philadelphia": frozenset({"us-37980", "us-pa-philadelphia"}),
    "Baltimore": frozenset({"us-12580", "us-md-baltimore"}),
    "Indianapolis": frozenset({"us-26900", "us-in-indianapolis"}),
    "Kansas City": frozenset({"us-28140", "us-mo-kansas-city"}),
    "St. Louis": frozenset({"us-41180", "us-mo-st-louis"}),
    "Louisville": frozenset({"us-31140", "us-ky-louisville"}),
    "Lexington": frozenset({"us-30460", "us-ky-lexington"}),
    "Wilmington": frozenset({"us-de-wilmington"}),
}


@dataclass(frozen=True, slots=True)
class Region:
    """A country (ISO2), a part of it whose law differs ('CA', 'ca-on', 'gb-sct', 'ch-zurich') and a city with a tax."""

    country: str
    part: str | None = None
    city: str | None = None


def region_of(place: Place) -> Region:
    """The tax region of a place; `part` is None where the place spans several or is not one that differs."""
    country = place.country or ""
    if country == "US":
        city = next((name for name, ids in CITIES.items() if place.id in ids), None)
        return Region(country, place.state, city)
    if country == "CH":
        return Region(country, "ch-zurich" if place.id == "ch-zurich" else None)
    if country in {"CA", "GB"}:
        return Region(country, _state(place))
    return Region(country)


def _state(place: Place) -> str | None:
    """The state, province or nation of a place, which geography keeps for the US only."""
    if place.kind == "state":
        return place.id
    if place.kind == "country":
        return None
    name = place.label.partition(",")[0]
    inside = [named for named in gazetteer().named(key(name)) if named.country == place.country]
    states = {named.state for named in inside if named.id == place.id or named.metro == place.id}
    states.discard(None)
    return states.pop() if len(states) == 1 else None
