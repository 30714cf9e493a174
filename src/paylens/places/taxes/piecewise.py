"""Schedules: functions of an amount that are straight lines between the thresholds that a law names.

    value(x) = value_k + slope_k * (x - over_k)    for over_k <= x < over_(k+1)

A progressive tariff is the continuous one: its slopes are the rates, each value what the bands below have summed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from paylens.places.taxes.law import Amounts

__all__ = ["Piecewise", "progressive"]


class Piecewise:
    """A piecewise linear function; `over` (ascending, the first 0), `values` and `slopes` have one length.

    A value of None continues the line before it, so that a tariff needs its rates only.
    """

    __slots__ = ("_over", "_slopes", "_values")

    def __init__(
        self, over: Sequence[float], values: Sequence[float | None], slopes: Sequence[float]
    ) -> None:
        if not over or over[0] != 0 or any(b <= a for a, b in zip(over, over[1:], strict=False)):
            raise ValueError(f"thresholds must ascend from 0: {list(over)}")
        filled: list[float] = []
        for k, value in enumerate(values):
            if value is None:
                value = filled[-1] + slopes[k - 1] * (over[k] - over[k - 1]) if k else 0.0
            filled.append(float(value))
        self._over: np.ndarray[Any, np.dtype[np.float64]] = np.array(over, dtype=float)
        self._values = np.array(filled)
        self._slopes = np.array(slopes, dtype=float)

    def __call__(self, x: Amounts) -> Amounts:
        """The function at each amount (any shape); below 0 as at 0."""
        x = np.maximum(x, 0.0)
        if len(self._over) == 1:
            return self._values[0] + self._slopes[0] * x
        at = np.searchsorted(self._over, x, side="right") - 1
        result: Amounts = self._values[at] + self._slopes[at] * (x - self._over[at])
        return result


def progressive(over: Sequence[float], rates: Sequence[float]) -> Piecewise:
    """The tariff that takes `rates[k]` of what lies over `over[k]`."""
    return Piecewise(over, [None] * len(over), rates)
