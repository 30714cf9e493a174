"""What a field may hold, while it is being typed: roles, skills, places, industries, employers, seniorities, educations."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, TypedDict

from paylens.contract.errors import InputError, shown
from paylens.contract.vocabularies import educations, employers, industries, roles, seniorities, skills
from paylens.contract.vocabulary import Vocabulary, nearest_names
from paylens.places import typed
from paylens.places.gazetteer import Named
from paylens.places.geography import resolve

__all__ = ["KINDS", "MOST", "Choice", "choices"]

MOST: Final = 50
_LONGEST = 100
_VOCABULARIES: Final[dict[str, Callable[[], Vocabulary]]] = {
    "roles": roles,
    "skills": skills,
    "industries": industries,
    "employers": employers,
    "seniorities": seniorities,
    "educations": educations,
}
KINDS: Final = (*_VOCABULARIES, "places")


class Choice(TypedDict):
    """One entry: its id, and the label, which is understood wherever the field is asked for."""

    id: str
    label: str


def choices(kind: str, typed_so_far: str = "", most: int = 10) -> list[Choice]:
    """At most `most` entries of a list for the text typed so far, the likeliest first; without text, its first entries.

    Raises InputError for another kind of list, a text of more than 100 characters or a number outside 1 to 50.
    """
    if kind not in KINDS:
        near = nearest_names(kind[:_LONGEST], KINDS)
        raise InputError("kind", kind, f"'{shown(kind)}' is not a list to choose from", near)
    if len(typed_so_far) > _LONGEST:
        raise InputError("q", typed_so_far[:_LONGEST], f"is longer than {_LONGEST} characters")
    if not 1 <= most <= MOST:
        raise InputError("limit", most, f"must be a whole number from 1 to {MOST}, not {most}")
    if kind == "places":
        found = [(place.id, _said(place)) for place in typed.search(typed_so_far, most)]
        return [{"id": id, "label": label} for id, label in found if label]
    return [{"id": m.id, "label": m.label} for m in _VOCABULARIES[kind]().search(typed_so_far, most)]


@functools.lru_cache(maxsize=16384)
def _said(place: Named) -> str | None:
    """What to write for just this place; None where every way of writing it means another, or one of several."""
    for label in (place.label, f"{place.label} ({place.kind})"):
        try:
            if resolve(label).id == place.id:
                return label
        except InputError:
            continue
    return None
