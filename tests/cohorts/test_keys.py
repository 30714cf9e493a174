"""Declared grouping sets: what may be declared, and which sets nest."""

import itertools

import numpy as np
import pytest

from paylens.cohorts.keys import SETS, GroupingSet, chains, check, years_band
from paylens.contract.errors import InputError

BY_NAME = {one.name: one for one in SETS}


def test_declared_sets_are_valid_and_parents_come_first() -> None:
    ordered = list(check(SETS[::-1]))
    assert sorted(ordered) == sorted(BY_NAME)
    for name in ordered:
        parent = BY_NAME[name].parent
        assert parent is None or ordered.index(parent) < ordered.index(name)


@pytest.mark.parametrize(
    "sets",
    [
        (GroupingSet("a", ()), GroupingSet("a", ("role",))),
        (GroupingSet("a", ("shoe_size",)),),
        (GroupingSet("a", ("role",), "b"),),
        (GroupingSet("a", ("role",), "b"), GroupingSet("b", ("country",))),
        (GroupingSet("a", ("role", "role")),),
        (GroupingSet("a", ("role", "country", "metro", "seniority", "years_band", "vintage")),),
        tuple(GroupingSet(f"a{i}", ()) for i in range(41)),
    ],
)
def test_wrong_declarations_are_refused(sets: tuple[GroupingSet, ...]) -> None:
    with pytest.raises(InputError):
        check(sets)


def test_a_metro_lies_in_its_country_and_a_role_in_its_family() -> None:
    assert BY_NAME["role-metro"].refines(BY_NAME["family-country"])
    assert BY_NAME["role-country"].refines(BY_NAME["role-region"])
    assert not BY_NAME["role-metro"].refines(BY_NAME["role-country-years"])
    assert not BY_NAME["role"].refines(BY_NAME["role"])
    assert BY_NAME["role-metro"].local and not BY_NAME["role-region"].local


def test_chains_are_nested_and_cover_every_set() -> None:
    lines = chains(SETS)
    assert {one for line in lines for one in line} == set(range(len(SETS)))
    for line in lines:
        assert all(SETS[b].refines(SETS[a]) for a, b in itertools.pairwise(line))
    every = {(a, b) for a in range(len(SETS)) for b in range(len(SETS)) if SETS[b].refines(SETS[a])}
    assert every == {
        (line[i], line[j]) for line in lines for i in range(len(line)) for j in range(i + 1, len(line))
    }


def test_bands_are_closed_below_and_open_above() -> None:
    lo = np.array([0, 2.9, 3, 4.99, 5, 3, 10, 20, np.nan, 0])
    hi = np.array([0, 2.9, 3, 4.99, 5, 5, 20, np.nan, np.nan, 3])
    assert list(years_band(lo, hi)) == [
        "entry", "entry", "mid", "mid", "senior", "mid", "senior", "senior", None, "entry",
    ]  # fmt: skip
