r"""What a degree is worth: fees and pay forgone against higher pay later, when it is paid back, and how surely.

    difference(k) = kept studying, then with the degree - kept working,            year k from now
    so far(k)     = sum of difference(j), j < k;       paid back at the first k >= the end of study where it is not negative
    value now     = sum of difference(k) (1 + r)^-(k + 1/2) over the working years counted

In today's wages: r is what money later counts less beyond the growth of wages. Between whole years so far(k) is a
straight line. In the middle case the person stays in the middle, finishes, and the premium is its middle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice.career.course import Draws, Here, Lived, Plan, live, middle

__all__ = ["payback", "present_value", "worth_of"]

Floats = npt.NDArray[np.float64]
_SHOWN = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


def payback(difference: Floats, after: float) -> Floats:
    """Years until the running sum of `difference` (paths, years) is no longer negative, from `after` on; infinite where it stays so."""
    paths, years = difference.shape
    so_far = np.concatenate([np.zeros((paths, 1)), np.cumsum(difference, axis=1)], axis=1)
    at = np.arange(years + 1)
    back = (so_far >= 0) & (at >= max(after, 1e-9))[None, :]
    found = np.where(back.any(1), back.argmax(1), years + 1)
    out = np.full(paths, np.inf)
    rows = np.flatnonzero(found <= years)
    k = found[rows]
    before = so_far[rows, k - 1]
    step = so_far[rows, k] - before
    part = np.where(before < 0, -before / np.where(step > 0, step, 1.0), 1.0)
    out[rows] = np.maximum(k - 1 + part, after)
    return out


def present_value(difference: Floats, rate: float) -> Floats:
    """The value now of each path of yearly differences, each in the middle of its year."""
    middle_of = np.arange(difference.shape[1]) + 0.5
    return np.asarray(difference @ (1.0 + rate) ** -middle_of)


def worth_of(
    here: Here, plan: Plan, draws: Draws, working: Lived, rate: float, score: float | None
) -> dict[str, Any]:
    """A degree's worth over the years of `draws`; `working` is the plan of staying on the same futures."""
    taken = plan.taken
    assert taken is not None
    years = draws.years
    difference = (live(here, plan, draws).flow - working.flow)[:, :years]
    value, back = present_value(difference, rate), payback(difference, taken.years)
    never = float(np.mean(np.isinf(back)))
    sure = middle(years, score)
    study, work = live(here, plan, sure), live(here, Plan("stay", "stay"), sure)
    flows = (study.flow - work.flow)[:, :years]
    in_middle = float(payback(flows, taken.years)[0])
    so_far = np.concatenate([[0.0], np.cumsum(flows[0])])
    learning = int(np.ceil(taken.years))
    unfinished = replace(taken, finish=1.0)
    if_finished = (live(here, replace(plan, taken=unfinished), draws).flow - working.flow)[:, :years]
    return {
        "years_counted": years,
        "tuition": taken.tuition * taken.years,
        "forgone": float(-flows[0, :learning].sum()) - taken.tuition * taken.years - taken.cost,
        "payback": {
            "middle": None if np.isinf(in_middle) else in_middle,
            **{name: _finite(float(np.quantile(back, q, method="higher"))) for name, q in _SHOWN.items()},
            "never": never,
        },
        "value": {
            **{name: float(np.quantile(value, q)) for name, q in _SHOWN.items()}, "mean": float(value.mean()),
            "middle": float(present_value(flows, rate)[0]), "chance": float(np.mean(value > 0)),
            "chance_if_finished": float(np.mean(present_value(if_finished, rate) > 0)),
        },
        "middle_case": [
            {"year": k, "work": float(work.flow[0, k]), "study": float(study.flow[0, k]), "so_far": float(so_far[k + 1])}
            for k in range(years)
        ],
    }  # fmt: skip


def _finite(years: float) -> float | None:
    return None if np.isinf(years) else years
