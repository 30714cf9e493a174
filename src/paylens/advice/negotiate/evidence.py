"""What to cite: sources ranked by size, nearness and age, and the strengths of a profile that are worth money.

weight = n / (n + 30) x near x 0.8^years old
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["cited", "evidence", "strengths"]

_YEAR: Final = re.compile(r"(?:19|20)\d\d")
ENOUGH: Final = 30
A_YEAR: Final = 0.8
FAMILY, WIDER, ANY_LEVEL = 0.7, 0.7, 0.8
# Where the job is done says nothing about the person; the pay row turns one measure into another.
# Advertised pay is base; what people are asked for in a year is taken as cash.
_MEASURES: Final = {"base": "base", "advertised midpoint": "base", "total": "total"}
_NOT_STRENGTHS: Final = frozenset({"location", "industry", "company_size", "employer", "remote", "pay"})


def evidence(
    estimate: Mapping[str, Any], titles: Mapping[str, str], amounts: Mapping[str, float]
) -> list[dict[str, Any]]:
    """The estimate's rows, strongest first, each with its source's title, its weight, and whether it speaks for more.

    It does where its middle is above what is offered (`amounts` by measure) in the measure nearest to the source's own.
    The modelled row is last: it is no second source.
    """
    rows = [
        dict(row)
        | {
            "title": titles.get(row["source"], row["source"]),
            "weight": _weight(row, estimate),
            "supports": row["p50"] > amounts[_MEASURES.get(row["pay"], "cash")],
        }
        for row in estimate["evidence"]
    ]
    return sorted(rows, key=lambda r: (not r["measured"], -r["weight"], r["source"]))


def _weight(row: Mapping[str, Any], estimate: Mapping[str, Any]) -> float:
    n = row["n"] or 0
    cohort, place = row["cohort"].split(" · "), estimate["place"]["label"]
    near = 1.0 if cohort[0] == estimate["role"]["label"] else FAMILY
    near *= 1.0 if any(part and part in place for part in cohort[1:]) else WIDER
    near *= 1.0 if len(cohort) > 2 else ANY_LEVEL
    old = max(int(estimate["as_of"][:4]) - max(map(int, _YEAR.findall(str(row["vintage"])))), 0)
    return float(n / (n + ENOUGH) * near * A_YEAR**old)


def strengths(estimate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Facts of the person that raise their estimate, most first: share of pay and amount a year, with 90 % intervals."""
    middle = estimate["percentiles"]["p50"]
    out = []
    for row in estimate["factors"]:
        if row["factor"] in _NOT_STRENGTHS or row["multiplier"] <= 1.0 or row["multiplier"] == row["low"]:
            continue
        share, low, high = (1.0 - 1.0 / row[k] for k in ("multiplier", "low", "high"))
        out.append({
            "factor": row["factor"], "what": _called(row["factor"], row["given"]), "clear": row["low"] > 1.0,
            "share": {"value": share, "low": low, "high": high},
            "amount": {"value": middle * share, "low": middle * low, "high": middle * high},
        })  # fmt: skip
    return sorted(out, key=lambda r: -r["share"]["value"])


def _called(factor: str, given: str) -> str:
    """A strength as it reads in a sentence: 'doctorate', '6 years of experience', 'level senior', 'Kubernetes'."""
    if factor == "experience":
        return f"{given} of experience"
    return (
        f"level {given}"
        if factor == "seniority"
        else given
        if factor in ("skill", "education")
        else f"{factor.replace('_', ' ')}: {given}"
    )


def cited(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The strongest two that were counted, may be shown with a spread, and speak for more."""
    return [r for r in rows if r["measured"] and r["p25"] is not None and r["supports"]][:2]
