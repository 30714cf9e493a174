"""The sure amount that is as good as a gamble, for someone with constant relative risk aversion.

    C = (mean W^(1 - g))^(1 / (1 - g)),    g = 1: C = exp(mean log W)

For log-normal W with mean m and variance s^2 of its log, C = exp(m + (1 - g) s^2 / 2).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["certain_equivalent", "sure_worth"]

_CAUTIOUS = 0.10


def certain_equivalent(worth: npt.NDArray[np.float64], aversion: float) -> float | None:
    """C of equally likely amounts, in their unit; None where one of them is not above 0."""
    middle = float(np.median(worth))
    if float(np.min(worth)) <= 0:
        return None
    logs = np.log(worth / middle)
    if abs(aversion - 1) < 1e-9:
        return middle * math.exp(float(np.mean(logs)))
    power = (1 - aversion) * logs
    top = float(np.max(power))
    return middle * math.exp((top + math.log(float(np.mean(np.exp(power - top))))) / (1 - aversion))


def sure_worth(worth: npt.NDArray[np.float64], aversion: float) -> float:
    """The certain equivalent, or the tenth percentile where amounts may be negative and it is not defined."""
    found = certain_equivalent(worth, aversion)
    return float(np.quantile(worth, _CAUTIOUS)) if found is None else found
