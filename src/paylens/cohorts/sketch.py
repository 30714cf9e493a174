"""Which small groups sums and differences of many cuts isolate, where looking at every group would take too long.

A group T of classes is isolated when its indicator is in the space that the cuts span, that is, when every vector
orthogonal to all cuts sums to zero over T. So a few random such vectors give each class a point in a small space, and
(but for chance below 1e-12) the isolated groups are those whose points sum to zero: a class at the origin, two
classes that are each other's opposite, three or four of which pairs lie in a small cut. Groups of more classes are
found as differences: a cut less one that lies inside it, and a cut less two.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csc_matrix, csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

FLOOR: Final = 1e-9
"""Added to the diagonal of M'M (scaled to one): it has an inverse, and further passes remove what that costs. On real
cuts the smallest eigenvalue that is not zero is 1e-4."""
VECTORS: Final = 4
NEAR: Final = 1e-7
"""How near to zero a sum of points must come: they are of size one, and exact to 1e-12."""
SMALL_CUT: Final = 60
"""Triples are looked for among the classes of cuts of at most this many."""
DECISIVE: Final = 0.2
"""A cut is part of a leak when it is added or subtracted at least this much, against the one most used."""
BEYOND: Final = 0.02
"""A group is no longer isolated when this share of what the given up cuts did for it can't be had otherwise."""


@dataclass(frozen=True)
class Span:
    """The space spanned by cuts: `matrix` (classes, cuts) of zeros and ones, `length` of its columns, M'M factored."""

    matrix: csc_matrix
    scaled: csr_matrix
    length: Floats
    factor: tuple[Floats, bool]

    @classmethod
    def of(cls, matrix: csc_matrix) -> Span:
        """Factor M'M once; every question below is a solve."""
        length = np.sqrt(np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1.0))
        scaled = matrix.multiply(1.0 / length).tocsr()
        square = (scaled.T @ scaled).toarray()
        square[np.diag_indices_from(square)] += FLOOR
        return cls(
            matrix, scaled, length, cho_factor(square, lower=True, overwrite_a=True, check_finite=False)
        )

    def off(self, vectors: Floats) -> Floats:
        """What of `vectors` (classes, k) is orthogonal to all cuts."""
        for _ in range(3):
            vectors = vectors - self.scaled @ cho_solve(
                self.factor, self.scaled.T @ vectors, check_finite=False
            )
        return vectors

    def combination(self, group: Ints) -> Floats:
        """How often each cut (scaled) is added or subtracted to come nearest to the group's indicator, (cuts,)."""
        target = np.zeros(self.matrix.shape[0])
        target[group] = 1.0
        found = np.zeros(self.matrix.shape[1])
        for _ in range(2):
            found += cho_solve(
                self.factor, self.scaled.T @ (target - self.scaled @ found), check_finite=False
            )
        return found

    def idle(self, cut: int) -> Floats:
        """The part of a cut's weight that other cuts can take over with nothing changed: the projection of its unit
        vector onto the combinations of cuts that add up to nothing, (cuts,)."""
        unit = np.zeros(self.matrix.shape[1])
        unit[cut] = 1.0
        found: Floats = FLOOR * cho_solve(self.factor, unit, check_finite=False)
        return found


class _GivenUp:
    """Cuts given up in a span, and whether a group is isolated without them."""

    def __init__(self, span: Span, order: Ints) -> None:
        self._span, self._order = span, order
        self.cuts: list[int] = []
        self._idle: list[Floats] = []

    def settle(self, group: Ints) -> None:
        """Give up cuts, the first in order first, until the group is not isolated."""
        first = self._span.combination(group)
        while True:
            now = self._without(first)
            if now is None:
                return
            share = np.abs(now / self._span.length)
            share[self.cuts] = 0.0
            decisive = np.flatnonzero(share > DECISIVE * share.max())
            gone = int(decisive[np.argmin(self._order[decisive])])
            self.cuts.append(gone)
            self._idle.append(self._span.idle(gone))

    def _without(self, first: Floats) -> Floats | None:
        """A combination for the same group that uses no cut given up; None where there is none.

        All combinations are `first` plus those that add up to nothing; N, their projector, restricted to the cuts
        given up must reach minus what `first` uses of them.
        """
        if not self.cuts:
            return first
        idle = np.stack(self._idle, axis=1)
        used = first[self.cuts]
        if not np.any(np.abs(used) > 1e-9):
            return first
        taken, *_ = np.linalg.lstsq(idle[self.cuts], used, rcond=1e-3)
        if np.linalg.norm(idle[self.cuts] @ taken - used) > BEYOND * np.linalg.norm(used):
            return None
        return first - idle @ taken


def leaks(matrix: csc_matrix, size: Ints, order: Ints, most: int) -> list[int]:
    """Columns of `matrix` (classes by cuts) to give up against the isolated groups of 1 to `most` reports found here.

    `size` (classes,) is in reports, `order` (cuts,) says which cut goes first. An empty list: none is found.
    """
    gone: set[int] = set()
    for involved in _differences(matrix, size, most):
        if not gone & set(involved):
            gone.add(min(involved, key=lambda cut: order[cut]))
    if gone:
        return sorted(gone)
    span = Span.of(matrix)
    points = span.off(np.random.default_rng(0).normal(size=(matrix.shape[0], VECTORS)))
    given = _GivenUp(span, order)
    for group in _groups(matrix, points, size, most):
        given.settle(group)
    return sorted(given.cuts)


def _differences(matrix: csc_matrix, size: Ints, most: int) -> list[tuple[int, ...]]:
    """Cuts of which one less another, or less two others, is a group of 1 to `most` reports."""
    n = np.asarray(size @ matrix).ravel().astype(np.int64)
    overlap = (matrix.T @ matrix.multiply(size[:, None]).tocsc()).tocoo()
    inner, outer, shared = overlap.row, overlap.col, overlap.data.astype(np.int64)
    inside = (shared == n[inner]) & (inner != outer)
    left = n[outer] - shared
    found: list[tuple[int, ...]] = [
        (int(b), int(a))
        for a, b in zip(*(v[inside & (left >= 1) & (left <= most)] for v in (inner, outer)), strict=True)
    ]
    inner, outer = inner[inside], outer[inside]
    by_outer = np.argsort(outer, kind="stable")
    bounds = np.flatnonzero(np.diff(outer[by_outer], prepend=-1, append=-1))
    both = overlap.tocsr()
    for start, end in itertools.pairwise(bounds):
        whole, parts = int(outer[by_outer[start]]), inner[by_outer[start:end]]
        found += _less_two(both, n, whole, parts[np.argsort(-n[parts], kind="stable")], most)
    return found


def _less_two(overlap: csr_matrix, n: Ints, whole: int, parts: Ints, most: int) -> list[tuple[int, ...]]:
    """Pairs of parts of a cut that leave 1 to `most` reports out, or share so many and leave none."""
    found: list[tuple[int, ...]] = []
    for at, first in enumerate(parts.tolist()):
        rest = parts[at + 1 :]
        rest = rest[n[rest] >= n[whole] - n[first] - most]
        if not len(rest):
            break
        common = np.asarray(overlap[first, rest].todense()).ravel().astype(np.int64)
        left = n[whole] - n[first] - n[rest] + common
        bad = ((common == 0) & (left >= 1) & (left <= most)) | (
            (left == 0) & (common >= 1) & (common <= most)
        )
        found += [(whole, first, int(second)) for second in rest[bad]]
    return found


def _groups(matrix: csc_matrix, points: Floats, size: Ints, most: int) -> list[Ints]:
    """Groups of one to three classes whose points sum to zero, none containing a smaller one."""
    few = np.flatnonzero(size <= most)
    alone = np.abs(points[few]).max(axis=1, initial=0.0) < NEAR
    found = [np.array([k]) for k in few[alone]]
    few = few[~alone]
    few = few[np.argsort(points[few, 0], kind="stable")]
    lookup = points[few, 0]
    pairs = _matching(points, few, lookup, few[:, None])
    pairs = pairs[size[pairs].sum(axis=1) <= most] if len(pairs) else pairs
    found += list(pairs)
    paired = np.zeros(len(size), dtype=bool)
    paired[pairs.ravel()] = True
    together = _within_cuts(matrix, size, most, paired)
    triples = _matching(points, few, lookup, together)
    if len(triples):
        triples = triples[(size[triples].sum(axis=1) <= most) & ~paired[triples].any(axis=1)]
    return found + list(triples) + _fours(points, together, size, most)


def _fours(points: Floats, pairs: Ints, size: Ints, most: int) -> list[Ints]:
    """Groups of two disjoint `pairs` of classes whose points sum to zero."""
    if not len(pairs):
        return []
    total = points[pairs].sum(axis=1)
    order = np.argsort(total[:, 0], kind="stable")
    lookup = total[order, 0]
    first, last = (np.searchsorted(lookup, -total[:, 0] + side) for side in (-NEAR, NEAR))
    count = last - first
    row = np.repeat(np.arange(len(pairs)), count)
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    other = order[at]
    fits = (other > row) & (np.abs(total[row] + total[other]).max(axis=1, initial=0.0) < NEAR)
    groups = np.sort(np.column_stack([pairs[row[fits]], pairs[other[fits]]]), axis=1)
    groups = np.unique(groups[(np.diff(groups, axis=1) > 0).all(axis=1)], axis=0)
    return list(groups[size[groups].sum(axis=1) <= most])


def _within_cuts(matrix: csc_matrix, size: Ints, most: int, paired: Mask) -> Ints:
    """Pairs of classes of few reports that lie together in a small cut, each once, (pairs, 2)."""
    found = [np.empty((0, 2), dtype=np.int64)]
    for cut in range(matrix.shape[1]):
        rows = matrix.indices[matrix.indptr[cut] : matrix.indptr[cut + 1]]
        rows = np.sort(rows[(size[rows] < most) & ~paired[rows]]).astype(np.int64)
        if 3 <= len(rows) <= SMALL_CUT:
            a, b = np.triu_indices(len(rows), 1)
            found.append(np.column_stack([rows[a], rows[b]]))
    return np.unique(np.concatenate(found), axis=0)


def _matching(points: Floats, few: Ints, lookup: Floats, groups: Ints) -> Ints:
    """Each group with a later class of `few` (sorted by `lookup`) that brings its sum of points to zero."""
    if not len(groups) or not len(few):
        return np.empty((0, groups.shape[1] + 1), dtype=np.int64)
    total = points[groups].sum(axis=1)
    first = np.searchsorted(lookup, -total[:, 0] - NEAR)
    last = np.searchsorted(lookup, -total[:, 0] + NEAR)
    count = last - first
    row = np.repeat(np.arange(len(groups)), count)
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    one = few[at]
    fits = (np.abs(total[row] + points[one]).max(axis=1, initial=0.0) < NEAR) & (
        one > groups[row].max(axis=1)
    )
    return np.column_stack([groups[row[fits]], one[fits]])
