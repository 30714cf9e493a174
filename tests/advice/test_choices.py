"""What is offered while somebody types is understood once it is chosen."""

from __future__ import annotations

import string

import pytest

from paylens.advice.choices import KINDS, choices
from paylens.contract.errors import InputError
from paylens.contract.profile import parse_profile
from paylens.places.geography import resolve

FIELDS = {
    "roles": "role", "skills": "skills", "industries": "industry", "employers": "employer", "seniorities": "seniority", "educations": "education",
}  # fmt: skip
TYPED = [
    "",
    *string.ascii_lowercase,
    "san",
    "new",
    "george",
    "armen",
    "montenegro",
    "djib",
    "machin",
    "deep",
    "sen",
    "mast",
]


@pytest.mark.parametrize("kind", FIELDS)
def test_a_label_is_understood_by_the_field_that_it_is_offered_for(kind: str) -> None:
    for typed in TYPED:
        for choice in choices(kind, typed, 50):
            value: object = [choice["label"]] if kind == "skills" else choice["label"]
            profile = parse_profile({"role": "ML engineer", FIELDS[kind]: value})
            assert not profile.ignored
            found = getattr(profile, FIELDS[kind])
            found = found.id if kind == "roles" else found[0] if kind == "skills" else found
            assert found == choice["id"]


def test_a_place_that_is_offered_is_the_place_that_is_meant() -> None:
    offered = {}
    for typed in TYPED:
        for choice in choices("places", typed, 50):
            offered[choice["id"]] = choice["label"]
    assert len(offered) > 500
    for id, label in offered.items():
        assert resolve(label).id == id
    assert offered["ME"] == "Montenegro (country)"


def test_the_largest_place_comes_first_and_misspelt_ones_are_found() -> None:
    assert choices("places", "germ")[0]["label"] == "Germany"
    assert choices("places", "berlni")[0]["label"] == "Berlin, Germany"
    assert choices("places", "qqqqqq") == []


@pytest.mark.parametrize(
    ("kind", "typed", "most", "field"),
    [("colours", "", 10, "kind"), ("roles", "x" * 101, 10, "q"), ("roles", "", 0, "limit")],
)
def test_what_is_refused_is_named(kind: str, typed: str, most: int, field: str) -> None:
    with pytest.raises(InputError) as error:
        choices(kind, typed, most)
    assert error.value.field == field


def test_every_list_is_there() -> None:
    assert {*FIELDS, "places"} == set(KINDS)
