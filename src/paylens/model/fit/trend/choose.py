"""Which model is shown and how wide: chosen, at every origin, from what was known by then, and scored on what came after.

    score(m)   = mean over panels of sum_h k_h log(mean |missed by m| / mean |missed by last drift|) / sum_h k_h
    shown      = the model of the least score, last drift where none is below 0
    scale^2    = mean of LEAST^2 and of each panel's mean of (missed / years)^2
    interval   = forecast +- t(level; df) * scale * years

h runs over the years ahead; k_h is the number of independent origins. What is missed grows with the years themselves, not with their root: a drift that is wrong adds up. LEAST is the 2 % a
year that stands behind every ageing here, counted as one more panel: ten quiet years say little of prices' shocks. df
is the number of independent years times how many series the panel's errors are worth, mean square over the square of
their mean at one origin, summed over the panels.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from paylens.contract.require import require
from paylens.model.fit.trend.candidates import DRIFT, NAMES
from paylens.model.fit.trend.windows import Window, independent, known_by

__all__ = ["LEAST", "LEVELS", "Chosen", "backtest", "choose", "multiplier"]

LEAST: Final = 0.02
LEVELS: Final = (0.5, 0.8, 0.95)
MOST_WORTH: Final = 10.0
Panels = Mapping[str, Sequence[Window]]


@dataclass(frozen=True)
class Chosen:
    """The model shown, what it misses by a year (log, one standard error) and the degrees of freedom of that."""

    model: str
    scale: float
    df: float


def scores(panels: Panels, names: Sequence[str], drift: str) -> dict[str, float]:
    """Score of each model over the panels that have windows."""
    of: dict[str, list[float]] = {m: [] for m in names}
    for windows in panels.values():
        by = _by_years(windows)
        if not by:
            continue
        weight = {h: independent(ws) for h, ws in by.items()}
        for m in names:
            of[m].append(sum(weight[h] * _ratio(ws, m, drift) for h, ws in by.items()) / sum(weight.values()))
    return {m: fmean(v) for m, v in of.items() if v}


def choose(panels: Panels, names: Sequence[str] = NAMES, drift: str = DRIFT) -> Chosen | None:
    """The model for these windows and how wide its interval is; None where there are none."""
    found = scores(panels, names, drift)
    if not found:
        return None
    model = min(found, key=lambda m: (found[m], m != drift))
    squares, df = [LEAST**2], 0.0
    for windows in panels.values():
        if windows:
            square = fmean((w.missed[model] / w.years) ** 2 for w in windows)
            squares.append(square)
            df += independent([w for w in windows if w.years == 1] or windows) * _worth(
                windows, model, square
            )
    return Chosen(model, math.sqrt(fmean(squares)), df)


def _ratio(windows: Sequence[Window], model: str, drift: str) -> float:
    """Log of a model's mean absolute error over that of drift."""
    own, base = (fmean(abs(w.missed[m]) for w in windows) for m in (model, drift))
    return math.log(max(own, 1e-9) / max(base, 1e-9))


def _by_years(windows: Sequence[Window]) -> dict[int, list[Window]]:
    out: dict[int, list[Window]] = defaultdict(list)
    for w in windows:
        out[w.years].append(w)
    return out


def _worth(windows: Sequence[Window], model: str, square: float) -> float:
    """How many independent series the errors of one origin are worth, from 1 to MOST_WORTH."""
    together: dict[tuple[int, int], list[float]] = defaultdict(list)
    for w in windows:
        together[w.origin, w.years].append(w.missed[model] / w.years)
    common = fmean(fmean(v) ** 2 for v in together.values())
    return min(max(square / max(common, 1e-12), 1.0), MOST_WORTH)


def multiplier(level: float, df: float) -> float:
    """Half the width of a central interval in units of the scale."""
    return float(require("scipy.stats", "build").t.ppf(0.5 + level / 2, df))


def backtest(panels: Panels, names: Sequence[str] = NAMES, drift: str = DRIFT) -> list[dict[str, Any]]:
    """Scores by panel, model and years ahead; the model 'shown' is the choice made at each origin from what was known then.

    mase: mean absolute error over that of last drift on the same windows; against_mean: over that of mean drift;
    cover50, 80, 95: shares of what came that lay in the interval made at the origin (None without one: nothing was known).
    """
    out: list[dict[str, Any]] = []
    for panel, windows in panels.items():
        at = {
            month: choose({p: known_by(ws, month) for p, ws in panels.items()}, names, drift)
            for month in {w.origin for w in windows}
        }
        for years, ws in sorted(_by_years(windows).items()):
            common = {
                "panel": panel, "years": years, "windows": len(ws), "series": len({w.series for w in ws}),
                "independent": independent(ws), "first": min(w.origin for w in ws), "last": max(w.origin for w in ws),
            }  # fmt: skip
            base = fmean(abs(w.missed[drift]) for w in ws)
            mean = fmean(abs(w.missed["mean drift"]) for w in ws) if "mean drift" in names else None
            for m in names:
                error = fmean(abs(w.missed[m]) for w in ws)
                out.append(common | _row(m, error, base, mean, {}))
            shown = [abs(w.missed[c.model if (c := at[w.origin]) else drift]) for w in ws]
            out.append(common | _row("shown", fmean(shown), base, mean, _coverage(ws, at)))
    return out


def _row(
    model: str, error: float, base: float, mean: float | None, cover: Mapping[str, Any]
) -> dict[str, Any]:
    empty = {f"cover{round(100 * level)}": None for level in LEVELS} | {"covered_of": 0}
    return {
        "model": model, "error": error, "mase": error / base if base else None, "against_mean": error / mean if mean else None,
    } | empty | dict(cover)  # fmt: skip


def _coverage(windows: Sequence[Window], at: Mapping[int, Chosen | None]) -> dict[str, Any]:
    made = [(w, c) for w in windows if (c := at[w.origin]) is not None]
    if not made:
        return {}
    out: dict[str, Any] = {"covered_of": len(made)}
    for level in LEVELS:
        width = {id(c): multiplier(level, c.df) * c.scale for c in {id(c): c for _, c in made}.values()}
        out[f"cover{round(100 * level)}"] = fmean(
            abs(w.missed[c.model]) <= width[id(c)] * w.years for w, c in made
        )
    return out
