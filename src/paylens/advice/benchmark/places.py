"""Where a benchmark's cells lie: in which country or region, and whose price level they have."""

from __future__ import annotations

import functools

from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["area_of", "within"]


def area_of(place: Place) -> str | None:
    """The id of the metro or US state whose price level a place has; None for a country or wider."""
    return place.metro or (f"us-{place.state}" if place.state else None)


@functools.lru_cache(maxsize=65536)
def within(key: str, id: str, kind: str, outer: str) -> bool:
    """Whether a country, state or metro lies in a region, country or state."""
    try:
        place = geography.of_id(key, id)
    except KeyError:
        return False
    if kind == "region":
        return any(place.country in r.members for r in geography.regions() if r.id == outer)
    if kind == "state":
        return place.state == outer
    return place.country == outer
