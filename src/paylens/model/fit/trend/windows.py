"""Every feasible origin of every series: what each model would have said then, less what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paylens.model.fit.trend.candidates import FEWEST, HORIZONS, ahead
from paylens.model.fit.trend.chains import Chain

__all__ = ["MAY", "Window", "independent", "known_by", "official", "posted", "posted_levels"]

MAY = 4  # months after January
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """One forecast of one series: `origin` (month number) and `years` ahead, and what each model missed by (log, truth less forecast)."""

    panel: str
    series: str
    origin: int
    years: int
    missed: Mapping[str, float]

    @property
    def target(self) -> int:
        """The month number that was forecast."""
        return self.origin + 12 * self.years


def known_by(windows: Sequence[Window], month: int) -> list[Window]:
    """Windows whose truth was known by a month."""
    return [w for w in windows if w.target <= month]


def independent(windows: Sequence[Window]) -> int:
    """The most windows of which no two overlap in time, series counted together: they share their shocks."""
    count, free = 0, -(10**9)
    for target, origin in sorted({(w.target, w.origin) for w in windows}):
        if origin >= free:
            count, free = count + 1, target
    return count


def official(chains: Sequence[Chain]) -> list[Window]:
    """Windows of the national wages by occupation: from each published May with FEWEST before it to each published later."""
    out = []
    for chain in chains:
        at = dict(zip(chain.years.tolist(), chain.logs.tolist(), strict=True))
        for k, year in enumerate(chain.years.tolist()):
            if k + 1 < FEWEST:
                continue
            said = ahead(chain.upto(year), "US", f"{year}-{MAY + 1:02d}")
            out += [
                Window("official", chain.id, 12 * year + MAY, h, {m: at[year + h] - at[year] - float(v[h - 1]) for m, v in said.items()})
                for h in range(1, HORIZONS + 1)
                if year + h in at
            ]  # fmt: skip
    return out


def posted_levels(rates: Mapping[int, float], month: int) -> Floats:
    """Yearly log levels up to a month, from the 12-month growth of that month in each year: they add up exactly."""
    steps = []
    while month in rates:
        steps.append(rates[month])
        month -= 12
    return np.concatenate([[0.0], np.cumsum(steps[::-1])])


def posted(rates: Mapping[str, Mapping[int, float]]) -> list[Window]:
    """Windows of posted wages: 12-month log growth by country and month number."""
    out = []
    for country, growth in sorted(rates.items()):
        for month in sorted(growth):
            y = posted_levels(growth, month)
            if len(y) < FEWEST:
                continue
            said, truth = ahead(y, country, f"{month // 12}-{month % 12 + 1:02d}"), 0.0
            for h in range(1, HORIZONS + 1):
                if month + 12 * h not in growth:
                    break
                truth += growth[month + 12 * h]
                missed = {m: truth - float(v[h - 1]) for m, v in said.items()}
                out.append(Window("posted", country, month, h, missed))
    return out
