"""The declared grouping sets: which cuts of the reports are made, and what each one backs off to.

A set is added by adding one line to `SETS`; everything else (percentiles, pooling, disclosure control)
follows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from paylens.contract.errors import InputError

LEAST: Final = 10
"""A group of people that can be isolated must hold at least this many reports."""
LEAST_BY_EMPLOYER: Final = 20
"""A cut keyed by employer needs this many reports, instead of several employers."""
LEAST_BY_SKILL: Final = 30
"""A cut keyed by a skill: people have many, so their cuts overlap and each says less for itself."""
MAX_SETS: Final = 40
MAX_KEYS: Final = 5
FACTS: Final = (
    "role", "family", "country", "region", "metro", "years_band", "seniority", "vintage",
    "industry", "company_size", "education", "employer", "state", "remote", "skill",
)  # fmt: skip
"""What may key a set: facts of which a report has at most one value, and its skills, each of which makes a cell of
its own (from the column `skills`, a list)."""

DETERMINES: Final[dict[str, tuple[str, ...]]] = {
    "role": ("family",),
    "metro": ("country", "region"),
    "state": ("country", "region"),
    "country": ("region",),
}
"""A known value of the first fact fixes the others (a row may still lack a region). Checked against the
rows.
"""

BANDS: Final = (("entry", 0.0, 3.0), ("mid", 3.0, 5.0), ("senior", 5.0, math.inf))
"""Experience bands by professional years, closed below and open above."""


@dataclass(frozen=True)
class GroupingSet:
    """One way of cutting the reports of a source: `keys` name the cell, `parent` is the set it backs off to.

    When publishing two cuts would give a small group away, the one with the lower `keep` goes. A row
    belongs to the set only when it knows every key. Cells inside one country are in local currency, the
    others in US dollars.
    """

    name: str
    keys: tuple[str, ...]
    parent: str | None = None
    keep: int = 0

    @property
    def local(self) -> bool:
        """Whether a cell lies within one country, so that its money is that country's."""
        return "country" in self.fixed

    @property
    def least(self) -> int:
        """A cell of fewer reports is not published."""
        if "skill" in self.keys:
            return LEAST_BY_SKILL
        return LEAST_BY_EMPLOYER if "employer" in self.keys else LEAST

    @property
    def fixed(self) -> frozenset[str]:
        """Every fact that is the same for all rows of a cell: the keys and what they determine."""
        found = set(self.keys)
        for key in self.keys:
            found.update(DETERMINES.get(key, ()))
        return frozenset(found)

    def refines(self, other: GroupingSet) -> bool:
        """Whether each cell of this set lies within at most one cell of `other`, a strictly coarser set."""
        return set(other.keys) <= self.fixed and not set(self.keys) <= other.fixed


SETS: Final = (
    GroupingSet("all", (), keep=3),
    GroupingSet("family", ("family",), "all", keep=1),
    GroupingSet("role", ("role",), "family", keep=3),
    GroupingSet("country", ("country",), "all", keep=3),
    GroupingSet("role-region", ("role", "region"), "role", keep=2),
    GroupingSet("family-country", ("family", "country"), "country", keep=1),
    GroupingSet("role-country", ("role", "country"), "family-country", keep=4),
    GroupingSet("role-state", ("role", "state"), "role-country", keep=1),
    GroupingSet("role-metro", ("role", "metro"), "role-country", keep=3),
    GroupingSet("family-country-years", ("family", "country", "years_band"), "family-country"),
    GroupingSet("role-country-years", ("role", "country", "years_band"), "family-country-years", keep=3),
    GroupingSet("role-country-seniority", ("role", "country", "seniority"), "role-country", keep=2),
    GroupingSet("role-country-industry", ("role", "country", "industry"), "role-country", keep=1),
    GroupingSet("role-country-size", ("role", "country", "company_size"), "role-country", keep=1),
    GroupingSet("role-country-education", ("role", "country", "education"), "role-country", keep=1),
    GroupingSet("role-country-remote", ("role", "country", "remote"), "role-country"),
    GroupingSet("role-country-year", ("role", "country", "vintage"), "role-country"),
    GroupingSet("role-country-skill", ("role", "country", "skill"), "role-country"),
    GroupingSet("role-region-years", ("role", "region", "years_band"), "role-region", keep=2),
    GroupingSet("role-region-seniority", ("role", "region", "seniority"), "role-region", keep=1),
    GroupingSet("role-region-industry", ("role", "region", "industry"), "role-region"),
    GroupingSet("role-region-size", ("role", "region", "company_size"), "role-region"),
    GroupingSet("role-region-education", ("role", "region", "education"), "role-region"),
    GroupingSet("employer", ("employer",), "all", keep=2),
    GroupingSet("role-employer", ("role", "employer"), "employer", keep=2),
    GroupingSet("role-country-employer", ("role", "country", "employer"), "role-employer", keep=1),
    GroupingSet("role-employer-seniority", ("role", "employer", "seniority"), "role-employer"),
    GroupingSet("role-metro-seniority", ("role", "metro", "seniority"), "role-metro"),
    GroupingSet("role-metro-years", ("role", "metro", "years_band"), "role-metro"),
    GroupingSet(
        "role-country-years-seniority", ("role", "country", "years_band", "seniority"), "role-country-years"
    ),
    GroupingSet(
        "role-country-years-education", ("role", "country", "years_band", "education"), "role-country-years"
    ),
)


def check(sets: Sequence[GroupingSet]) -> dict[str, GroupingSet]:
    """The sets by name, parents before children.

    Raises InputError on a name used twice, more than 40 sets or 5 keys, an unknown key, or a parent that is
    not declared or is not coarser than its child.
    """
    by_name = {one.name: one for one in sets}
    if len(by_name) != len(sets) or len(sets) > MAX_SETS:
        raise InputError(
            "sets", str(len(sets)), f"grouping sets need distinct names and are at most {MAX_SETS}"
        )
    for one in sets:
        unknown = [key for key in one.keys if key not in FACTS]
        if unknown or len(one.keys) > MAX_KEYS or len(set(one.keys)) != len(one.keys):
            raise InputError(
                "sets", one.name, f"keys of '{one.name}' must be at most {MAX_KEYS} of the facts", FACTS
            )
        if one.parent is not None and (one.parent not in by_name or not one.refines(by_name[one.parent])):
            raise InputError("sets", one.name, f"the parent of '{one.name}' must be a declared, coarser set")
    ordered: dict[str, GroupingSet] = {}
    while len(ordered) < len(sets):
        ordered.update({s.name: s for s in sets if s.parent is None or s.parent in ordered})
    return ordered


def chains(sets: Sequence[GroupingSet]) -> list[tuple[int, ...]]:
    """Every longest chain of ever finer sets, as positions in `sets` from coarsest to finest.

    Within one chain the cells are nested, so that what can be learnt by adding and subtracting them is
    exactly the blocks between a cell and the cells inside it.
    """
    finer = {i: [j for j, child in enumerate(sets) if child.refines(one)] for i, one in enumerate(sets)}
    direct = {
        i: [j for j in below if not any(j in finer[k] for k in below if k != j)] for i, below in finer.items()
    }
    tops = [i for i in finer if not any(i in below for below in finer.values())]
    found: list[tuple[int, ...]] = []
    open_: list[tuple[int, ...]] = [(i,) for i in tops]
    while open_:
        chain = open_.pop()
        if direct[chain[-1]]:
            open_.extend((*chain, j) for j in direct[chain[-1]])
        else:
            found.append(chain)
    return sorted(found)


def years_band(lo: NDArray[np.float64], hi: NDArray[np.float64]) -> NDArray[np.object_]:
    """The band of each closed interval of professional years, by its midpoint; None where not known.

    `hi` is NaN for 'or more': then the lower end decides.
    """
    middle = np.where(np.isnan(hi), lo, (lo + hi) / 2.0)
    band = np.full(len(middle), None, dtype=object)
    for name, low, high in BANDS:
        band[(middle >= low) & (middle < high)] = name
    return band
