"""Random vectors orthogonal to all cuts find what exact arithmetic finds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from paylens.cohorts import sketch

Ints = NDArray[np.int64]
PRIME = 2**31 - 1
MOST = 9


def cuts(seed: int) -> tuple[csc_matrix, Ints]:
    """Classes in cells of three facts and of pairs of them, with few reports each: leaks abound."""
    random = np.random.default_rng(seed)
    facts = [random.integers(0, k, 40) for k in (3, 4, 3)]
    columns = [np.ones(40, dtype=bool)]
    for fact in facts:
        columns += [fact == v for v in range(fact.max() + 1)]
    columns += [
        (facts[a] == v) & (facts[b] == w) for a, b in ((0, 1), (1, 2)) for v in range(3) for w in range(3)
    ]
    kept = [c for c in columns if c.any() and random.random() < 0.8]
    matrix = np.unique(np.array(kept).T, axis=0).astype(float)
    return csc_matrix(matrix), random.integers(1, 12, len(matrix))


def isolated(matrix: NDArray[np.float64], size: Ints) -> set[tuple[int, ...]]:
    """Groups of one or two classes of at most `MOST` reports in the span of the columns, by exact arithmetic."""
    basis: list[NDArray[np.int64]] = []

    def left(vector: NDArray[np.int64]) -> NDArray[np.int64]:
        for row in basis:
            vector = (vector - vector[np.flatnonzero(row)[0]] * row) % PRIME
        return vector

    for column in matrix.T.astype(np.int64):
        rest = left(column)
        if rest.any():
            basis.append(rest * pow(int(rest[np.flatnonzero(rest)[0]]), -1, PRIME) % PRIME)
    small = [k for k in range(len(size)) if size[k] <= MOST]
    groups = [*((k,) for k in small), *itertools.combinations(small, 2)]
    found = set()
    for group in groups:
        target = np.zeros(len(size), dtype=np.int64)
        target[list(group)] = 1
        if size[list(group)].sum() <= MOST and not left(target).any():
            found.add(group)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_left_isolated_and_nothing_goes_without_cause(seed: int) -> None:
    matrix, size = cuts(seed)
    order = np.random.default_rng(seed).permutation(matrix.shape[1])
    there = np.arange(matrix.shape[1])
    while True:
        gone = sketch.leaks(matrix[:, there], size, order[there], MOST)
        if not gone:
            break
        there = np.delete(there, gone)
    assert isolated(matrix[:, there].toarray(), size) == set()
    # Where every class has enough reports nothing goes.
    assert sketch.leaks(matrix, size + MOST, order, MOST) == []


def test_three_and_four_classes_are_found_together() -> None:
    # A cut of all, less a cut of the rest, leaves three (then four) classes that other cuts tell apart.
    for count in (3, 4):
        classes = count + 6
        inside = np.arange(classes) < count
        columns = [np.ones(classes, bool), ~inside]
        columns += [np.arange(classes) % count == k for k in range(count)]
        matrix = csc_matrix(np.array(columns, dtype=float).T)
        size = np.where(inside, 2, 20)
        assert sketch.leaks(matrix, size, np.arange(matrix.shape[1]), MOST) != []
        assert sketch.leaks(matrix, size * 5, np.arange(matrix.shape[1]), MOST) == []
