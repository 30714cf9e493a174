"""Two plans on the same futures: year by year, what has been kept so far, when one passes the other, how surely."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice.career.course import Lived, Plan
from paylens.advice.career.degree import present_value

__all__ = ["compared", "described"]

Floats = npt.NDArray[np.float64]
_SHOWN: Final = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


def compared(a: Plan, b: Plan, lived: tuple[Lived, Lived], rate: float) -> dict[str, Any]:
    """Plan A against plan B: rows of today's wages, kept after tax and at home's prices where that is known.

    `crossing` is the year from which A's middle lead holds to the end: 0 where it always does, None where it never does.
    """
    first, second = lived
    years = first.flow.shape[1] - 1
    difference = (first.flow - second.flow)[:, :years]
    so_far = np.concatenate([np.zeros((len(difference), 1)), np.cumsum(difference, axis=1)], axis=1)
    middle = np.median(so_far, axis=0)
    value = present_value(difference, rate)
    rows = []
    for k in range(years + 1):
        rows.append({
            "year": k, "a": _row(first, k), "b": _row(second, k),
            "so_far": {name: float(np.quantile(so_far[:, k], q)) for name, q in _SHOWN.items()},
            "chance": _chance(so_far[:, k]) if k else None,
        })  # fmt: skip
    return {
        "a": a.name, "b": b.name, "a_label": a.label, "b_label": b.label, "years": rows, "crossing": _crossing(middle),
        "chance": _chance(so_far[:, -1]),
        "value": {name: float(np.quantile(value, q)) for name, q in _SHOWN.items()} | {"mean": float(value.mean())},
        "total": {"a": _total(first), "b": _total(second)},
    }  # fmt: skip


def _row(lived: Lived, k: int) -> dict[str, float]:
    return {"gross": float(np.median(lived.gross[:, k])), "kept": float(np.median(lived.flow[:, k]))}


def _total(lived: Lived) -> float:
    """What is kept over the years in the middle."""
    return float(np.median(lived.flow[:, :-1].sum(1)))


def _chance(values: Floats) -> float:
    """The share above 0, those at 0 counted by half."""
    return float(np.mean(values > 0) + 0.5 * np.mean(values == 0))


def _crossing(middle: Floats) -> int | None:
    """The first year from which the middle lead is never lost again."""
    if middle[-1] <= 0:
        return None
    behind = np.flatnonzero(middle[1:] < 0)
    return int(behind[-1]) + 2 if len(behind) else 0


def described(plan: Plan) -> dict[str, Any]:
    """A plan as the answer names it."""
    return {
        "plan": plan.name, "label": plan.label, "effort": None if plan.taken is None else plan.taken.as_dict(),
        "multiplier": None if plan.figure is None else plan.figure.as_dict(),
    }  # fmt: skip
