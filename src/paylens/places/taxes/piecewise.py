"""Schedules: functions of an amount that are straight lines between the thresholds that a law names.

    value(x) = value_k + slope_k * (x - over_k)    for over_k <= x < over_(k+1)

A progressive tariff is the continuous one: its slopes are the rates, each value what the bands below have summed to.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from paylens.places.taxes.law import Amounts

__all__ = ["Piecewise", "progressive"]

_FEW = 16


class Piecewise:
    """A piecewise linear function; `over` (ascending, the first 0), `values` and `slopes` have one length.

    A value of None continues the line before it, so that a tariff needs its rates only.
    """

    __slots__ = ("_kinks", "_over", "_slopes", "_values")

    def __init__(
        self, over: Sequence[float], values: Sequence[float | None], slopes: Sequence[float]
    ) -> None:
        if not over or over[0] != 0 or any(b <= a for a, b in itertools.pairwise(over)):
            raise ValueError(f"thresholds must ascend from 0: {list(over)}")
        filled: list[float] = []
        for k, value in enumerate(values):
            if value is None:
                value = filled[-1] + slopes[k - 1] * (over[k] - over[k - 1]) if k else 0.0
            filled.append(float(value))
        self._over: np.ndarray[Any, np.dtype[np.float64]] = np.array(over, dtype=float)
        self._values = np.array(filled)
        self._slopes = np.array(slopes, dtype=float)
        # A continuous function of few pieces is a sum of its kinks, which is quicker than looking each amount up.
        steps = list(zip(itertools.pairwise(over), itertools.pairwise(filled), slopes[:-1], strict=True))
        joined = all(math.isclose(v + s * (b - a), w, abs_tol=1e-6) for (a, b), (v, w), s in steps)
        changes = [b - a for a, b in itertools.pairwise(slopes)]
        few = joined and len(over) <= _FEW
        self._kinks = [k for k in zip(over[1:], changes, strict=True) if k[1]] if few else None

    def __call__(self, x: Amounts) -> Amounts:
        """The function at each amount (any shape); below 0 as at 0."""
        x = np.maximum(x, 0.0)
        if self._kinks is not None:
            total: Amounts = self._values[0] + self._slopes[0] * x
            for over, change in self._kinks:
                total += change * np.maximum(x - over, 0.0)
            return total
        at = np.searchsorted(self._over, x, side="right") - 1
        found: Amounts = self._values[at] + self._slopes[at] * (x - self._over[at])
        return found


def progressive(over: Sequence[float], rates: Sequence[float]) -> Piecewise:
    """The tariff that takes `rates[k]` of what lies over `over[k]`."""
    return Piecewise(over, [None] * len(over), rates)
