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
Row = dict[str, Any]


def pooled(rows: Sequence[Row]) -> list[Row]:
    """A row 'pooled' for each move and cut that two or more studies tell of.

    Everywhere, studies of one country stand aside where a study of many countries tells: they keep their own row, and
    enter that country's.
    """
    cuts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        cuts.setdefault((row["move"], row["region"], row["seniority"], row["estimand"]), []).append(row)
    out = []
    for (_, region, _, _), own in cuts.items():
        wide = [r for r in own if not r["one_country"]]
        taken = wide if wide and region == "all" else own
        if len(taken) > 1:
            out.append(_together(taken))
        elif len(own) > 1:
            # One study of many countries speaks for all; those of one country are beside it.
            out.append(_together(taken) | {"heterogeneity": None})
    return out


def _together(rows: Sequence[Row]) -> Row:
    theta, se = (np.array([r[k] for r in rows]) for k in ("effect", "se"))
    precision = se**-2.0
    mean = precision @ theta / precision.sum()
    q = float(precision @ (theta - mean) ** 2)
    spare = precision.sum() - (precision**2).sum() / precision.sum()
    tau2 = max(0.0, (q - (len(rows) - 1)) / spare) if len(rows) > 1 else 0.0
    share = 1 / (se**2 + tau2)
    pooled_se = float(share.sum() ** -0.5)
    share = share / share.sum()
    effect = float(share @ theta)
    mixed = {k: float(share @ np.array([r[k] for r in rows])) for k in ("raw", "trimmed", "placebo", "robustness")}
    spread = {k: float(np.sqrt(share**2 @ np.array([r[k] for r in rows]) ** 2)) for k in ("raw_se", "placebo_se")}
    names = [n for n in dict.fromkeys(n for r in rows for n in r["adjusted_for"])]
    said = "; ".join(dict.fromkeys(n for r in rows for n in r["note"].split("; ") if n))
    return rows[0] | mixed | spread | {
        "source": "pooled", "vintage": ", ".join(f"{r['source']} {r['vintage']}" for r in rows), "effect": effect, "se": pooled_se,
        "low": effect - Z90 * pooled_se, "high": effect + Z90 * pooled_se, "n": sum(r["n"] for r in rows),
        "n_with": sum(r["n_with"] for r in rows), "adjusted_for": names,
        "placebo_passed": bool(abs(mixed["placebo"]) <= Z90 * spread["placebo_se"]),
        "heterogeneity": float(chi2.sf(q, len(rows) - 1)) if len(rows) > 1 else None, "note": said,
    }  # fmt: skip


def discoveries(rows: Iterable[Row]) -> list[Row]:
    """The rows with `q` and `clear`: Benjamini and Hochberg's rate over each list a person may be shown.

    A list is the headline rows (pooled, or the only source's) of one cut and estimand; the rows of one source in that
    cut are a list of their own. `clear`: the 90 % interval excludes 0 and q is at most `CLEAR_Q`.
    """
    whole = list(rows)
    heads = {_cut(r) for r in whole if r["source"] == "pooled"}
    lists: dict[tuple[str, ...], list[Row]] = {}
    for row in whole:
        head = row["source"] == "pooled" or _cut(row) not in heads
        which = "headline" if head else f"{row['source']} {row['vintage']}"
        lists.setdefault((which, row["region"], row["seniority"], row["estimand"]), []).append(row)
    for listed in lists.values():
        p = np.array([2 * norm.sf(abs(r["effect"]) / r["se"]) for r in listed])
        for row, q in zip(listed, adjusted(p), strict=True):
            row["q"] = float(q)
            row["clear"] = bool((row["low"] > 0 or row["high"] < 0) and q <= CLEAR_Q)
    return whole


def _cut(row: Row) -> tuple[str, ...]:
    return row["move"], row["region"], row["seniority"], row["estimand"]


def adjusted(p: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Benjamini-Hochberg q values of p values, in their order."""
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
