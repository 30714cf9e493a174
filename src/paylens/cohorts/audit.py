"""What sums and differences of published cuts can isolate: a complete linear audit of the cuts of a source.

Reports that lie in the same published cuts form a class. Whoever adds and subtracts cuts, however often,
learns exactly the vectors t over the classes in the row space of the matrix M (cuts by classes). A group T
of classes is isolated when its indicator is one of them. Let q(T) be the least sum of w t^2 over that space
with t = 1 on T, w being the reports in each class. Then q(T) >= w(T), with equality just when T is
isolated, and q grows with T: groups can be built up class by class, and any whose q is beyond the allowed
number of reports is dropped with all that contain it. With K = M' (M W M')^+ M, q(T) is the sum of the
elements of the inverse of K over T. Where there are too many cuts and classes for that, `sketch` looks for
the groups that few classes or few cuts make.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import lsmr

from paylens.cohorts import sketch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

FLOOR: Final = 1e-11
"""Added to M W M' (rows of M scaled so that its diagonal is one), so that it has an inverse. On real cuts its
smallest eigenvalue that is not zero is 1e-4."""
TOLERANCE: Final = 1e-5
"""How near q(T) must come to w(T), in reports."""
APART: Final = 1e-2
"""How near a combination of cuts must come to the group's indicator; q within the tolerance comes this near."""
RIDGE: Final = 1e-10
"""Added to K: q of a group that can never be all ones gets large, and no other moves by the tolerance."""
MOST_GROUPS: Final = 200_000
"""With more groups than this to look through, those that `sketch` finds are what is looked for."""
BLOCK: Final = 50_000
COMPLETE: Final = 2e9
"""Classes times cuts squared up to which every group is looked at; beyond it, those that `sketch` finds."""


def leaks(cell: Ints, weight: Ints, order: Ints, allowed: Mask, least: int) -> list[int]:
    """Published cells to withhold so that the others isolate no group of 1 to `least` - 1 reports.

    `cell` has shape (sets, rows), -1 where a row is in no cell; `weight` (rows,); `order`, in which cells
    are given up, and `allowed` (cells,). Withholding a cut never isolates what was not isolated before;
    groups that contain an isolated one are looked at once that is no longer isolated.
    """
    allowed = allowed.copy()
    given_up: list[int] = []
    while True:
        classes, size = _classes(cell, weight, allowed)
        if not len(size) or size.min() >= least:
            return given_up
        matrix, cuts = _matrix(classes)
        groups = None
        if matrix.shape[0] * float(len(cuts)) ** 2 <= COMPLETE:
            groups = _isolated(matrix, size, least - 1)
        if groups is None:
            gone = [int(cuts[k]) for k in sketch.leaks(matrix, size, order[cuts], least - 1)]
        else:
            gone = _broken(matrix, cuts, groups, order)
        if not gone:
            return given_up
        allowed[gone] = False
        given_up += gone


def _broken(matrix: csc_matrix, cuts: Ints, groups: list[Ints], order: Ints) -> list[int]:
    """Cuts to give up so that none of the groups stays isolated."""
    there = np.ones(len(cuts), dtype=bool)
    gone: list[int] = []
    for group in groups:
        while there.any():
            shown = np.flatnonzero(there)
            share, apart = _combination(matrix[:, shown], group)
            # The first goes whatever a second look says: every round gives something up, so the search ends.
            if apart > APART and gone:
                break
            decisive = shown[share > sketch.DECISIVE * share.max()]
            first = int(decisive[np.argmin(order[cuts[decisive]])])
            there[first] = False
            gone.append(int(cuts[first]))
    return gone


def _classes(cell: Ints, weight: Ints, allowed: Mask) -> tuple[Ints, Ints]:
    """The cuts that each class lies in, shape (sets, classes), and the reports in each."""
    shown = np.where((cell >= 0) & allowed[cell], cell, -1)
    used = (shown >= 0).any(axis=0)
    shown, weight = shown[:, used], weight[used]
    if not shown.size:
        return shown, weight
    keys = np.ascontiguousarray(shown.T).view([("", shown.dtype)] * len(shown)).ravel()
    _, first, at = np.unique(keys, return_index=True, return_inverse=True)
    return shown[:, first], np.bincount(at, weight, len(first)).astype(np.int64)


def _matrix(classes: Ints) -> tuple[csc_matrix, Ints]:
    """The cuts as columns of zeros and ones over the classes, and the cell that each column is."""
    of_set, row = np.nonzero(classes >= 0)
    cuts, column = np.unique(classes[of_set, row], return_inverse=True)
    return csc_matrix((np.ones(len(row)), (row, column)), shape=(classes.shape[1], len(cuts))), cuts


def _combination(matrix: csc_matrix, group: Ints) -> tuple[Floats, float]:
    """How often each cut is added or subtracted to come nearest to the group, and how far from it that is."""
    target = np.zeros(matrix.shape[0])
    target[group] = 1.0
    length = np.sqrt(np.maximum(np.asarray(matrix.sum(axis=0)).ravel(), 1.0))
    scaled = matrix.multiply(1.0 / length).tocsc()
    limit = 20 * matrix.shape[1] + 1000
    found = lsmr(scaled, target, atol=1e-8, btol=1e-8, conlim=0.0, maxiter=limit)[0]
    return np.abs(found / length), float(np.max(np.abs(target - scaled @ found)))


def _candidates(matrix: csc_matrix, weight: Ints, most: int) -> tuple[Ints, Floats]:
    """The classes that may be in a group of `most` reports, and K over them."""
    length = np.sqrt(np.asarray(weight @ matrix).ravel())
    scaled = matrix.multiply(1.0 / length).tocsr()
    square = (scaled.T @ scaled.multiply(weight[:, None]).tocsr()).toarray()
    square[np.diag_indices_from(square)] += FLOOR
    root = cholesky(square, lower=True)
    few = np.flatnonzero(weight <= most)
    some, rows = [np.empty(0, dtype=np.int64)], [np.empty((0, len(root)))]
    for part in np.array_split(few, len(few) // 2_000 + 1):
        solved = solve_triangular(root, scaled[part].toarray().T, lower=True).T
        near = (solved**2).sum(axis=1) * (most + TOLERANCE) >= 1.0
        some.append(part[near])
        rows.append(solved[near])
    within = np.concatenate(rows)
    return np.concatenate(some), within @ within.T


def _isolated(matrix: csc_matrix, weight: Ints, most: int) -> list[Ints] | None:
    """Groups of classes of together 1 to `most` reports that are isolated and contain no smaller such group.

    None when there would be too many to look through.
    """
    some, kernel = _candidates(matrix, weight, most)
    isolated = 1.0 / np.diag(kernel) - weight[some] < TOLERANCE
    found = [np.array([k]) for k in some[isolated]]
    some, kernel = some[~isolated], kernel[np.ix_(~isolated, ~isolated)]
    weight = weight[some]
    near = _near(weight, kernel, most)
    groups = np.arange(len(some))[:, None]
    while len(groups):
        extended = _extended(groups, near, weight, most)
        if extended is None:
            return None
        groups = extended
        if not len(groups):
            break
        parts = np.array_split(groups, len(groups) // BLOCK + 1)
        least = np.concatenate([_least(kernel, part) for part in parts])
        gap = least - weight[groups].sum(axis=1)
        isolated = gap < TOLERANCE
        found += [some[group] for group in groups[isolated]]
        groups = groups[~isolated & (least <= most + TOLERANCE)]
    return found


def _near(weight: Ints, kernel: Floats, most: int) -> Mask:
    """Which two classes may be in one group: q of the pair is within what is allowed."""
    own = np.diag(kernel)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = (own[:, None] + own[None, :] - 2 * kernel) / (own[:, None] * own[None, :] - kernel**2)
    return np.asarray((weight[:, None] + weight[None, :] <= most) & (least <= most + TOLERANCE))


def _extended(groups: Ints, near: Mask, weight: Ints, most: int) -> Ints | None:
    """Each group with one more class, later in the list, that may be with all of its classes; None for too many."""
    found = [np.empty((0, groups.shape[1] + 1), dtype=np.int64)]
    later = np.arange(len(weight))
    step = max(1, 20_000_000 // max(len(weight), 1))
    for start in range(0, len(groups), step):
        part = groups[start : start + step]
        fits = (later > part[:, -1:]) & (weight[part].sum(axis=1)[:, None] + weight <= most)
        for member in part.T:
            fits &= near[member]
        row, one = np.nonzero(fits)
        found.append(np.column_stack([part[row], one]))
        if sum(map(len, found)) > MOST_GROUPS:
            return None
    return np.concatenate(found)


def _least(kernel: Floats, groups: Ints) -> Floats:
    """q of each group, shape (groups,)."""
    size = groups.shape[1]
    within = kernel[groups[:, :, None], groups[:, None, :]] + RIDGE * np.eye(size)
    solved = np.linalg.solve(within, np.ones((len(groups), size, 1)))
    return np.asarray(solved.sum(axis=(1, 2)))
