r"""The best of many noisy figures is too high by chance: each is drawn toward the middle of its kind by its own error.

    w = tau^2 / (tau^2 + se^2),   effect' = mu + w (effect - mu),   error' = sqrt(w) se

mu is the mean of all open skills weighted by 1 / (se^2 + tau^2), tau^2 their spread beyond error by DerSimonian and
Laird's moments (Controlled Clinical Trials 7, 1986). Without it the list would be led by skills that few people told of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["FEWEST", "Prior", "prior"]

FEWEST: Final = 8


@dataclass(frozen=True, slots=True)
class Prior:
    """How figures of a kind lie: their `mean` and `spread` (standard deviation beyond error), in log pay."""

    mean: float
    spread: float
    figures: int

    def drawn(self, effect: float, error: float) -> tuple[float, float]:
        """A figure and its error, drawn toward the mean."""
        weight = self.spread**2 / (self.spread**2 + error**2) if error > 0 else 1.0
        return self.mean + weight * (effect - self.mean), math.sqrt(weight) * error


def prior(figures: Sequence[tuple[float, float]]) -> Prior | None:
    """The prior of (effect, error) pairs; None of fewer than `FEWEST`."""
    known = [(e, s) for e, s in figures if s > 0]
    if len(known) < FEWEST:
        return None
    effect, weight = np.array([e for e, _ in known]), np.array([s**-2 for _, s in known])
    fixed = (weight * effect).sum() / weight.sum()
    beyond = (weight * (effect - fixed) ** 2).sum() - (len(known) - 1)
    spread = max(beyond / (weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
    both = 1.0 / (1.0 / weight + spread)
    return Prior(float((both * effect).sum() / both.sum()), math.sqrt(spread), len(known))
