"""Complementary suppression: sums and differences of published cuts isolate nobody, or enough people.

Two steps. Along each chain of nested sets the blocks (a published cell without the published cells inside
it) are counted exactly. Then `audit` looks across chains, by linear algebra. A finding is mended by giving
up one of the cuts that make it: the least wanted set's, then the smallest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from paylens.cohorts import audit
from paylens.cohorts.keys import LEAST, chains
from paylens.cohorts.membership import Membership

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

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
        version=np.full(len(first), -1, dtype=np.int64),
    ), submitted[first]


def settle(membership: Membership, submitted: Mask, exempt: Mask, order: Ints, published: Mask) -> Mask:
    """The cells that may still be published once no small group can be isolated; a subset of `published`.

    `published` is what the primary rules let through, `order` in which cells are given up, `exempt` are the
    cells that one employer may make up, each of shape (cells,); `submitted` is by row of `membership`.
    """
    rows, submitted = compress(membership, submitted)
    lines = chains(rows.sets)
    allowed = published.copy()
    found = True
    while found:
        found = False
        for line in lines:
            found |= _mend(rows, submitted, exempt, order, allowed, line)
    # Sources share no rows. Giving up more cuts only merges blocks, and blocks that pass still pass together.
    for universe in np.unique(rows.universe):
        mine = rows.universe == universe
        allowed[audit.leaks(rows.cell[:, mine], rows.weight[mine], order, allowed, LEAST)] = False
    return allowed


def _mend(
    rows: Membership, submitted: Mask, exempt: Mask, order: Ints, allowed: Mask, line: tuple[int, ...]
) -> bool:
    """In a chain of sets, give up the first of the cuts that make each block that may not be seen; in place.

    A block is a cut less the published cuts in it: it goes with any of these, or with the cut itself.
    """
    cells = len(order)
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
        theirs = np.where(submitted & inside & ~exempt[block], block, -1)
        judged = np.bincount(theirs[theirs >= 0], minlength=cells) > 0
        bad |= judged & ~dominance(theirs, rows.employer, rows.weight, cells).passes
    children = np.flatnonzero(allowed & (above >= 0))
    children = children[bad[above[children]]]
    if not len(children):
        return False
    owner = np.concatenate([above[children], above[children]])
    cut = np.concatenate([children, above[children]])
    ranked = np.lexsort((order[cut], owner))
    first = ranked[np.append(True, np.diff(owner[ranked]) != 0)]
    allowed[cut[first]] = False
    return True
