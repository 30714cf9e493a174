"""Complementary suppression: sums and differences of published cuts isolate nobody, or enough people.

Two steps, repeated until neither finds anything. Along each chain of nested sets the blocks (a published
cell without the published cells inside it) are counted exactly. Then `audit` looks across chains, by linear
algebra. A finding is mended by withholding the smallest published cut that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from paylens.cohorts import audit
from paylens.cohorts.build import Membership
from paylens.cohorts.keys import chains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAST: Final = 10
"""A group of people that can be isolated must hold at least this many reports."""
LEAST_EMPLOYERS: Final = 3
TOP_EMPLOYER: Final = 0.25
"""Among submitted reports no employer may make more than this share of a group."""


@dataclass(frozen=True)
class Dominance:
    """Of each group: reports, known employers, and the largest share one employer may have.

    Reports whose employer is not known might all be the largest employer's: they count as its.
    """

    n: Ints
    employers: Ints
    share: Floats

    @property
    def passes(self) -> Mask:
        """At least three employers and none above a quarter."""
        return (self.employers >= LEAST_EMPLOYERS) & (self.share <= TOP_EMPLOYER)


def dominance(group: Ints, employer: Ints, weight: Ints, groups: int) -> Dominance:
    """Employers in each group; `group` and `employer` are codes a row, -1 in neither or not known."""
    inside = group >= 0
    n = np.bincount(group[inside], weight[inside], groups)
    known = inside & (employer >= 0)
    width = int(employer.max(initial=-1)) + 1
    pair, at = np.unique(group[known] * max(width, 1) + employer[known], return_inverse=True)
    size = np.bincount(at, weight[known], len(pair))
    owner = pair // max(width, 1)
    top = np.zeros(groups)
    np.maximum.at(top, owner, size)
    unknown = n - np.bincount(owner, size, groups)
    share = np.where(n > 0, (top + unknown) / np.maximum(n, 1), 0.0)
    return Dominance(n.astype(np.int64), np.bincount(owner, minlength=groups), share)


def compress(membership: Membership, submitted: Mask) -> tuple[Membership, Mask]:
    """The same membership with rows that no rule can tell apart added up.

    `submitted` says of each row whether its source is one that people submit to: only there do employers
    matter.
    """
    employer = np.where(submitted, membership.employer, -1)
    stack = np.vstack([membership.cell, membership.universe, employer, submitted])
    columns = np.ascontiguousarray(stack.T).view([("", stack.dtype)] * len(stack)).ravel()
    _, first, at = np.unique(columns, return_index=True, return_inverse=True)
    weight = np.bincount(at, membership.weight, len(first)).astype(np.int64)
    return replace(
        membership,
        cell=membership.cell[:, first],
        weight=weight,
        employer=employer[first],
        universe=membership.universe[first],
    ), submitted[first]


def settle(membership: Membership, submitted: Mask, exempt: Mask, n: Ints, published: Mask) -> Mask:
    """The cells that may still be published once no small group can be isolated; a subset of `published`.

    `n` is each cell's reports, `published` what the primary rules let through, both of shape (cells,);
    `submitted` is by row of `membership`; `exempt` are the cells that one employer may make up.
    """
    rows, submitted = compress(membership, submitted)
    lines = chains(rows.sets)
    allowed = published.copy()
    unsettled = list(np.unique(rows.universe))
    while unsettled:
        found = True
        while found:
            found = False
            for line in lines:
                found |= _mend(rows, submitted, exempt, n, allowed, line)
        # Sources share no rows: one in which nothing was found, and so nothing changes any more, is done.
        remaining = []
        for universe in unsettled:
            mine = rows.universe == universe
            leaks = audit.leaks(rows.cell[:, mine], rows.weight[mine], n, allowed, LEAST)
            allowed[leaks] = False
            if leaks:
                remaining.append(universe)
        unsettled = remaining
    return allowed


def _mend(
    rows: Membership, submitted: Mask, exempt: Mask, n: Ints, allowed: Mask, line: tuple[int, ...]
) -> bool:
    """Withhold the smallest cut in each block of a chain of sets that may not be seen; in place."""
    cells = len(n)
    block = np.full(len(rows.weight), -1, dtype=np.int64)
    above = np.full(cells, -1, dtype=np.int64)
    for one in line:
        cell = rows.cell[one]
        shown = (cell >= 0) & allowed[cell]
        above[cell[shown]] = block[shown]
        block = np.where(shown, cell, block)
    inside = block >= 0
    size = np.bincount(block[inside], rows.weight[inside], cells)
    bad = (size > 0) & (size < LEAST)
    if submitted.any():
        theirs = np.where(submitted & (block >= 0) & ~exempt[block], block, -1)
        bad |= (np.bincount(theirs[theirs >= 0], minlength=cells) > 0) & ~dominance(
            theirs, rows.employer, rows.weight, cells
        ).passes
    children = np.flatnonzero(allowed & (above >= 0))
    children = children[bad[above[children]]]
    if not len(children):
        return False
    order = children[np.lexsort((children, n[children], above[children]))]
    smallest = order[np.append(True, np.diff(above[order]) != 0)]
    allowed[smallest] = False
    return True
