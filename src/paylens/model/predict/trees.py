"""Tree ensembles as flat arrays, evaluated with numpy: every tree of an ensemble steps down at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Trees", "evaluate", "from_arrays", "to_arrays"]

_CHUNK_CELLS = 2_000_000


@dataclass(frozen=True)
class Trees:
    """Ensembles side by side. Node arrays are of one length; a negative child -1-k is leaf k (global).

    `root` (T,) is each tree's first node (or leaf), `group` (T,) the ensemble it adds to. `category` is -1 for a
    numeric split (value <= threshold goes left; missing goes where `missing_left` says), else a row of `members`
    (one bit a category, set for those that go left; missing and unknown go right).
    """

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    missing_left: npt.NDArray[np.int64]
    category: npt.NDArray[np.int64]
    members: npt.NDArray[np.uint8]
    leaf: npt.NDArray[np.float64]
    root: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    groups: int


def to_arrays(trees: Trees, prefix: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays by name."""
    return {f"{prefix}.{f.name}": np.asarray(getattr(trees, f.name)) for f in fields(Trees)}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Trees:
    """The trees from arrays that `to_arrays` named."""
    found: dict[str, Any] = {f.name: arrays[f"{prefix}.{f.name}"] for f in fields(Trees)}
    return Trees(**(found | {"groups": int(found["groups"]), "members": found["members"].astype(np.uint8)}))


def evaluate(trees: Trees, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sum of leaves of each ensemble: x (n, features) with NaN for missing, out (n, groups)."""
    n = len(x)
    out = np.zeros((n, trees.groups))
    if not len(trees.root):
        return out
    step = max(1, _CHUNK_CELLS // len(trees.root))
    order = np.argsort(trees.group, kind="stable")
    root, group = trees.root[order], trees.group[order]
    starts = np.searchsorted(group, np.arange(trees.groups))
    filled = np.diff(np.append(starts, len(group))) > 0
    for at in range(0, n, step):
        part = x[at : at + step]
        value = trees.leaf[_leaves(trees, root, part)]
        sums = np.add.reduceat(value, np.minimum(starts, len(group) - 1), axis=1)
        out[at : at + step] = np.where(filled, sums, 0.0)
    return out


def _leaves(t: Trees, root: npt.NDArray[np.int64], x: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Leaf number of every row in every tree, (n, T)."""
    node = np.broadcast_to(root, (len(x), len(root))).copy()
    rows, cols = np.nonzero(node >= 0)
    while len(rows):
        here = node[rows, cols]
        value = x[rows, t.feature[here]]
        missing = np.isnan(value)
        with np.errstate(invalid="ignore"):
            left = np.where(missing, t.missing_left[here] == 1, value <= t.threshold[here])
        kind = t.category[here]
        of = np.flatnonzero(kind >= 0)
        if len(of):
            code = np.where(missing[of], -1, value[of]).astype(np.int64)
            known = (code >= 0) & (code < 8 * t.members.shape[1])
            code = np.where(known, code, 0)
            left[of] = known & (t.members[kind[of], code >> 3] >> (7 - (code & 7)) & 1 == 1)
        after = np.where(left, t.left[here], t.right[here])
        node[rows, cols] = after
        going = after >= 0
        rows, cols = rows[going], cols[going]
    return -1 - node
