r"""Sources that tell of one move taken together, and which of many differences are more than chance.

    theta = sum a_k theta_k / sum a_k,   a_k = 1 / (se_k^2 + tau^2),
    Q = sum (theta_k - theta_0)^2 / se_k^2,   tau^2 = max(0, (Q - (K - 1)) / (S_1 - S_2 / S_1))

with theta_0 the mean at tau = 0 and S_j = sum se_k^(-2j) (DerSimonian and Laird 1986): where sources disagree the interval
says so. `heterogeneity` is the chance of so large a Q if they measured one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from scipy.stats import chi2, norm

__all__ = ["CLEAR_Q", "Z90", "discoveries", "pooled"]

Z90: Final = float(norm.ppf(0.95))
CLEAR_Q: Final = 0.10
RECENT: Final = 2020
_LISTS = {
    "skill": "skills",
    "skill_group": "skills",
    "specialisation": "skills",
    "metro": "places",
    "country": "places",
}
Row = dict[str, Any]


def pooled(rows: Sequence[Row]) -> list[Row]:
    """A row 'pooled' for each move and cut that two or more studies tell of.

    Studies whose last year is before `RECENT` stand aside where newer ones tell: they keep their own row.
    """
    taken = [[r for r in own if _year(r) >= RECENT] or own for own in _cuts(rows).values()]
    return [_together(own) for own in taken if len(own) > 1]


def _cuts(rows: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    cuts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        cuts.setdefault((row["move"], row["region"], row["seniority"], row["estimand"]), []).append(row)
    return cuts


def _year(row: Row) -> int:
    return int(row["vintage"][-4:])


def _together(rows: Sequence[Row]) -> Row:
    theta, se = (np.array([r[k] for r in rows]) for k in ("effect", "se"))
    precision = se**-2.0
    mean = precision @ theta / precision.sum()
    q = float(precision @ (theta - mean) ** 2)
    spare = precision.sum() - (precision**2).sum() / precision.sum()
    tau2 = max(0.0, (q - (len(rows) - 1)) / spare)
    share = 1 / (se**2 + tau2)
    pooled_se = float(share.sum() ** -0.5)
    share = share / share.sum()
    effect = float(share @ theta)
    mixed = {
        k: float(share @ np.array([r[k] for r in rows])) for k in ("raw", "trimmed", "placebo", "robustness")
    }
    spread = {
        k: float(np.sqrt(share**2 @ np.array([r[k] for r in rows]) ** 2)) for k in ("raw_se", "placebo_se")
    }
    names = [n for n in dict.fromkeys(n for r in rows for n in r["adjusted_for"])]
    said = "; ".join(dict.fromkeys(n for r in rows for n in r["note"].split("; ") if n))
    return rows[0] | mixed | spread | {
        "source": "pooled", "vintage": ", ".join(f"{r['source']} {r['vintage']}" for r in rows), "effect": effect, "se": pooled_se,
        "low": effect - Z90 * pooled_se, "high": effect + Z90 * pooled_se, "n": sum(r["n"] for r in rows),
        "n_with": sum(r["n_with"] for r in rows), "adjusted_for": names,
        "placebo_passed": bool(abs(mixed["placebo"]) <= Z90 * spread["placebo_se"]),
        "heterogeneity": float(chi2.sf(q, len(rows) - 1)), "note": said,
    }  # fmt: skip


def discoveries(rows: Sequence[Row]) -> list[Row]:
    """The rows with `q` and `clear`: Benjamini and Hochberg's rate over each list a person may be shown.

    A list is what stands first for each move (pooled, or the newest study) among skills, among places or among the rest,
    in one cut and estimand; the rows behind, of one study, are lists of their own. `clear`: the 90 % interval excludes 0
    and q is at most `CLEAR_Q`.
    """
    lists: dict[tuple[str, ...], list[Row]] = {}
    for own in _cuts(rows).values():
        first = next((r for r in own if r["source"] == "pooled"), None) or max(
            own, key=lambda r: (_year(r), r["n"])
        )
        for row in own:
            which = "" if row is first else f"{row['source']} {row['vintage']}"
            kind = _LISTS.get(row["kind"], "rest")
            lists.setdefault((which, kind, row["region"], row["seniority"], row["estimand"]), []).append(row)
    for listed in lists.values():
        p = np.array([2 * norm.sf(abs(r["effect"]) / r["se"]) for r in listed])
        for row, q in zip(listed, adjusted(p), strict=True):
            row["q"] = float(q)
            row["clear"] = bool((row["low"] > 0 or row["high"] < 0) and q <= CLEAR_Q)
    return list(rows)


def adjusted(p: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Benjamini-Hochberg q values of p values, in their order."""
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
