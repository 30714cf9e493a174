"""Places for a list to choose from while a name is being typed."""

from __future__ import annotations

import bisect
import functools
import heapq
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from paylens.places.gazetteer import Named, gazetteer
from paylens.places.spelling import key

__all__ = ["search"]

_LONGEST = 100
_LEAST_PEOPLE = 15_000
_ALIKE = 80.0


def search(prefix: str, n: int = 10) -> list[Named]:
    """The places whose name or alias begins with a text, the largest first; where none does, those spelt most like it.

    A metro outside the US counts as large as its own city: the people near to its centre are those of its neighbours too.
    Regions and countries come with their cities: 'ger' is Germany before Gera. Nothing for a text without a letter.
    """
    text = key(prefix[:_LONGEST])
    names, places, people = _sorted()
    if not text:
        return [place for place in _largest(range(len(places)), n) if place.kind != "city"]
    start, end = bisect.bisect_left(names, text), bisect.bisect_left(names, text + "\uffff")
    if start < end:
        return _largest(range(start, end), n)
    if len(text) < 3:
        return []
    alike = process.extract(text, names, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=n)
    return _distinct(places[at] for _, _, at in sorted(alike, key=lambda f: (-f[1], -people[f[2]])))


def _largest(found: range, n: int) -> list[Named]:
    _, places, people = _sorted()
    # A place has several names that begin alike: enough of the largest hold n places.
    return _distinct(places[at] for at in heapq.nlargest(4 * n, found, lambda at: people[at]))[:n]


def _distinct(places: Iterable[Named]) -> list[Named]:
    found: dict[tuple[str, str], Named] = {}
    for place in places:
        found.setdefault((place.kind, place.id), place)
    return list(found.values())


@functools.cache
def _sorted() -> tuple[list[str], list[Named], list[float]]:
    """Every name in order, the place that it names, and by how many people that place is ranked."""
    ranked = sorted(gazetteer().everything(_LEAST_PEOPLE), key=lambda named: named[0])
    own = _of_own_city()
    people = [own.get(place.id, place.population) for _, place in ranked]
    return [name for name, _ in ranked], [place for _, place in ranked], people


def _of_own_city() -> dict[str, float]:
    """The people of the city that a metro outside the US is named after, by the metro's id."""
    tables = gazetteer()
    found: dict[str, float] = {}
    for line in tables.cities:
        name, _, country, _, metro, population = line.split(",")
        if metro and country != "US":
            centre = tables.metro(metro)
            if centre.country == country and key(centre.name) == name:
                found[metro] = max(found.get(metro, 0), int(population))
    return found
