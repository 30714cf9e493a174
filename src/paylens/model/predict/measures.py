"""Base and total beside cash, from the release's ratio tables; total >= cash >= base at every rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

__all__ = ["BANDS", "KINDS", "MeasureModel", "band_of", "kind_of", "ratios"]

Floats = npt.NDArray[np.float64]

KINDS = ("unknown employer", "large technology", "other technology", "large other", "smaller other")
BANDS = ("entry", "mid", "senior", "staff", "manages", "unknown")
_LARGE = frozenset({"1000-4999", "5000-9999", "10000+"})
USUAL = 0.5  # equity is usual where at least half of the reports hold some


@dataclass(frozen=True)
class MeasureModel:
    """Mean log ratios by kind of employer x band x region; multipliers of known employers (NaN: too few reports)."""

    bonus: Floats
    equity: Floats
    equity_share: Floats
    employer_bonus: Floats
    employer_equity: Floats
    shape_bonus: Floats
    shape_equity: Floats
    reports: Floats

    def arrays(self) -> dict[str, Floats]:
        """All tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> MeasureModel:
    """The model from its named arrays."""
    return MeasureModel(**{f.name: np.asarray(arrays[f.name], dtype=float) for f in fields(MeasureModel)})


def kind_of(company_size: str | None, industry: str | None, known: bool) -> int:
    """Kind of employer: by size and industry where either is known, or the employer is."""
    if company_size is None and industry is None and not known:
        return 0
    technology = industry == "technology"
    if company_size in _LARGE:
        return 1 if technology else 3
    if company_size is None and industry is None:
        return 2
    return 2 if technology else 4


def band_of(level: int, years: float) -> int:
    """Band from the level (0-3 ladder, 4 principal, 5 and above manages), else from professional years."""
    if level >= 5:
        return 4
    if level >= 0:
        return min(level, 3)
    if years != years:
        return 5
    return 0 if years < 3 else 1 if years < 5 else 2


def ratios(m: MeasureModel, kind: int, band: int, region: int, employer: int) -> tuple[Floats, Floats, bool]:
    """Log ratios at the 19 ranks: how far base lies under cash, and total over it; and whether equity is usual there."""
    bonus, equity = m.bonus[kind, band, region], m.equity[kind, band, region]
    usual = bool(m.equity_share[kind, band, region] >= USUAL)
    if employer >= 0 and not np.isnan(m.employer_bonus[employer]):
        bonus = bonus * m.employer_bonus[employer]
        equity = equity * m.employer_equity[employer]
        usual = bool(equity > 0.02)
    return bonus * m.shape_bonus, equity * m.shape_equity, usual
