"""Who is held back from the fits that are scored, and who the fit sees where there are too many."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from paylens.contract.vocabularies import roles

__all__ = ["FIT_ROWS", "HELD", "SEED", "is_held", "sampled"]

SEED: Final = 20261123
HELD: Final = 0.2
FIT_ROWS: Final = 400_000
"""The most observations that the fits read; cohorts have no such limit."""


def is_held(respondent: str) -> bool:
    """Whether a respondent is kept from the scored fit: a hash of who, never of what they said."""
    return _share(respondent, "") < HELD


def _share(respondent: str, salt: str) -> float:
    value = int.from_bytes(
        hashlib.blake2b(f"{SEED}{salt}:{respondent}".encode(), digest_size=8).digest(), "big"
    )
    return value / 2**64


def sampled(table: pa.Table, most: int = FIT_ROWS) -> tuple[pa.Table, dict[str, Any] | None]:
    """At most about `most` observations, and what to say of it; None where all are taken.

    Strata are source x role family x country. Each gives the same number at most, those whose hash is lowest, so that
    small ones are whole and large ones thinned.
    """
    if table.num_rows <= most:
        return table, None
    family = {e.id: str(e.attributes["family"]) for e in roles().entries}
    names = zip(
        table["source"].to_pylist(), (family.get(r) for r in table["role"].to_pylist()), table["country"].to_pylist(),
        strict=True,
    )  # fmt: skip
    stratum = np.unique(np.array(["|".join(map(str, n)) for n in names]), return_inverse=True)[1]
    cap = _cap(np.bincount(stratum), most)
    order = np.lexsort((np.array([_share(r, "sample") for r in table["respondent"].to_pylist()]), stratum))
    first = np.searchsorted(stratum[order], stratum[order])
    keep = np.sort(order[np.arange(len(order)) - first < cap])
    told = {"rows": len(keep), "of": table.num_rows, "strata": int(stratum.max()) + 1, "most_of_each": cap}
    return table.take(pa.array(keep)), told


def _cap(sizes: npt.NDArray[np.int64], most: int) -> int:
    """The largest number that each stratum may give so that all give at most `most` (at least one each)."""
    low, high = 1, int(sizes.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if int(np.minimum(sizes, middle).sum()) <= most else (low, middle - 1)
    return low
