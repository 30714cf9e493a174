"""What sums and differences of published cuts can isolate: a linear audit of all cuts of a source at once.

Reports that lie in the same published cuts form a class. Whoever adds and subtracts cuts can learn exactly
the groups whose indicator lies in the row space of the matrix (published cuts × classes). A group is in
that space if and only if every vector that the matrix maps to zero sums to zero over the group; random such
vectors test all groups at once. Checked are each class, each pair of classes and each withheld cell of
fewer people than allowed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsmr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

VECTORS: Final = 3
"""Random vectors of the null space: a group that sums to zero on three independent ones does so on all."""
TOLERANCE: Final = 1e-6
DECISIVE: Final = 0.2
"""A cut is part of a leak when it is added or subtracted at least this much, against the one most used."""
SEED: Final = 20_251


def leaks(cell: Ints, weight: Ints, n: Ints, allowed: Mask, least: int) -> list[int]:
    """Published cells to withhold because, with the others, they isolate 1 to `least` - 1 reports.

    `cell` has shape (sets, rows), -1 where a row is in no cell; `weight` (rows,); `n` and `allowed` (cells,).
    """
    shown = np.where((cell >= 0) & allowed[cell], cell, -1)
    shown, weight, cell = _used(shown, weight, cell)
    if not shown.size:
        return []
    keys = np.ascontiguousarray(shown.T).view([("", shown.dtype)] * len(shown)).ravel()
    _, first, at = np.unique(keys, return_index=True, return_inverse=True)
    size = np.bincount(at, weight, len(first)).astype(np.int64)
    small = np.flatnonzero(size < least)
    partly = _withheld(cell, at, len(first), n, allowed, least)
    if not len(small) and not partly:
        return []
    classes = shown[:, first]
    matrix, cuts = _matrix(classes)
    free = null_vectors(matrix)
    hidden = small[np.all(np.abs(free[small]) < TOLERANCE, axis=1)]
    groups = [np.array([k]) for k in hidden]
    groups += [np.array(pair) for pair in _pairs(free, small, size, least)]
    groups += [m for m in partly if np.all(np.abs(free[m].sum(axis=0)) < TOLERANCE * len(m))]
    return sorted({_decisive(matrix, cuts, group, n) for group in groups})


def _used(shown: Ints, weight: Ints, cell: Ints) -> tuple[Ints, Ints, Ints]:
    """Without rows that are in no published cut: nothing is said about them."""
    rows = (shown >= 0).any(axis=0)
    return shown[:, rows], weight[rows], cell[:, rows]


def _matrix(classes: Ints) -> tuple[csr_matrix, Ints]:
    """The cuts as columns over the classes, shape (classes, cuts), each of length one; and their numbers."""
    of_set, row = np.nonzero(classes >= 0)
    cuts, column = np.unique(classes[of_set, row], return_inverse=True)
    value = 1.0 / np.sqrt(np.bincount(column))[column]
    return csr_matrix((value, (row, column)), shape=(classes.shape[1], len(cuts))), cuts


def _solve(matrix: csr_matrix, target: Floats, tolerance: float) -> Floats:
    """The least-squares combination of cuts nearest to `target`, of the smallest norm."""
    limit = 20 * matrix.shape[1] + 1000
    return np.asarray(lsmr(matrix, target, atol=tolerance, btol=tolerance, conlim=0.0, maxiter=limit)[0])


def null_vectors(matrix: csr_matrix) -> Floats:
    """Random vectors over the classes, shape (classes, VECTORS), on which each cut sums to zero."""
    random = np.random.default_rng(SEED).standard_normal((matrix.shape[0], VECTORS))
    return np.column_stack([start - matrix @ _solve(matrix, start, 1e-12) for start in random.T])


def _decisive(matrix: csr_matrix, cuts: Ints, group: Ints, n: Ints) -> int:
    """The cut with the fewest reports among those that, added and subtracted, isolate the group."""
    target = np.zeros(matrix.shape[0])
    target[group] = 1.0
    # Undo the scaling: what counts is how often a cut is added or subtracted.
    share = np.abs(_solve(matrix, target, 1e-5)) * np.asarray(matrix.max(axis=0).todense()).ravel()
    used = cuts[share > DECISIVE * share.max()]
    return int(used[np.lexsort((used, n[used]))[0]])


def _pairs(free: Floats, small: Ints, size: Ints, least: int) -> list[tuple[int, int]]:
    """Pairs of small classes that only together can be isolated."""
    few = small[size[small] <= least - 2]
    few = few[np.argsort(free[few, 0])]
    value = free[few, 0]
    found = []
    start = np.searchsorted(value, -value - TOLERANCE)
    stop = np.searchsorted(value, -value + TOLERANCE)
    for i in np.flatnonzero(stop > start):
        for j in range(int(start[i]), int(stop[i])):
            a, b = int(few[i]), int(few[j])
            alone = abs(value[i]) < TOLERANCE
            if (
                a < b
                and not alone
                and size[a] + size[b] < least
                and np.all(np.abs(free[a] + free[b]) < TOLERANCE)
            ):
                found.append((a, b))
    return found


def _withheld(cell: Ints, at: Ints, classes: int, n: Ints, allowed: Mask, least: int) -> list[Ints]:
    """The withheld cells of fewer than `least` reports that are made of whole classes, as lists of
    classes.
    """
    total = np.bincount(at, minlength=classes)
    found = []
    for row in cell:
        inside = np.flatnonzero((row >= 0) & (~allowed[row]) & (n[row] < least))
        if not len(inside):
            continue
        pair, rows = np.unique(row[inside] * classes + at[inside], return_counts=True)
        owner, member = pair // classes, pair % classes
        whole = np.bincount(owner, rows == total[member], len(n)) == np.bincount(owner, minlength=len(n))
        keep = whole[owner]
        owner, member = owner[keep], member[keep]
        found.extend(np.split(member, np.flatnonzero(np.diff(owner)) + 1) if len(owner) else [])
    return found
