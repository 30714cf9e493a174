"""Series of pay by country and role family: blends of official occupations through their code changes, and what stands beside.

A family's blend of occupations is the mean, over its roles that an official source has, of their blends of codes. Growth
from one published year to the next is the mean over the occupations that have both years, by weight; a year counts as
comparable where those carry half of the weight or more.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from paylens.contract.vocabularies import roles
from paylens.contract.vocabularies.occupations import occupations_of
from paylens.model.fit.trend.chains import Chain

__all__ = ["COMPARABLE", "blend", "families", "family_chain", "singapore"]

COMPARABLE: Final = 0.5
"""The least weight of a blend that must have a year for it to count."""
# Groups, and what is left over from other codes: its content changes from year to year.
_NOT_OWN: Final = frozenset({"computing", "all", "other-computing"})
_BREAKS = {2024: "another layout and another method from 2024"}


def families() -> dict[str, tuple[str, ...]]:
    """Roles of each family."""
    out: dict[str, list[str]] = defaultdict(list)
    for role in roles().entries:
        out[str(role.attributes["family"])].append(role.id)
    return {f: tuple(r) for f, r in sorted(out.items())}


def blend(source: str, family: str) -> dict[str, float]:
    """Codes of an official source with weights that sum to 1; empty where it has none of the family's roles."""
    found = [dict(b) for role in families()[family] if (b := occupations_of(source, role))]
    weight: dict[str, float] = defaultdict(float)
    for codes in found:
        for code, share in codes.items():
            weight[code] += share / len(found)
    return dict(sorted(weight.items()))


def family_chain(family: str, chains: Mapping[str, Chain]) -> Chain | None:
    """The family's own series from the national wages of its occupations; None where half of its blend has none."""
    by_code = {code: c for c in chains.values() for code in c.codes}
    weight = {by_code[code].id: 0.0 for code in blend("us_oews", family) if code in by_code}
    for code, share in blend("us_oews", family).items():
        if code in by_code:
            weight[by_code[code].id] += share
    parts = {c: w for c, w in weight.items() if c not in _NOT_OWN}
    at = {c: dict(zip(chains[c].years.tolist(), chains[c].logs.tolist(), strict=True)) for c in parts}
    years = [
        y for y in sorted({y for a in at.values() for y in a})
        if sum(w for c, w in parts.items() if y in at[c]) >= COMPARABLE
    ]  # fmt: skip
    if len(years) < 2:
        return None
    logs, breaks = [0.0], {}
    for before, year in itertools.pairwise(years):
        both = {c: w for c, w in parts.items() if before in at[c] and year in at[c]}
        if sum(both.values()) < COMPARABLE:
            breaks[year] = "other occupations than before"
        total = sum(both.values())
        logs.append(logs[-1] + sum(w * (at[c][year] - at[c][before]) for c, w in both.items()) / total)
        joined = [chains[c].label for c in parts if year in at[c] and before not in at[c]]
        said = [
            *(text for c in both for y, text in chains[c].breaks if y == year),
            *(f"{j} join" for j in joined),
        ]
        if said:
            breaks[year] = "; ".join(dict.fromkeys([*([breaks[year]] if year in breaks else []), *said]))
    return Chain(
        family, ", ".join(chains[c].label for c in parts), np.array(years), np.array(logs), tuple(sorted(breaks.items())),
        sum(chains[c].n for c in parts), tuple(sorted({code for c in parts for code in chains[c].codes})),
    )  # fmt: skip


def singapore(official: pa.Table, family: str) -> list[dict[str, Any]]:
    """Median gross wages of the family's occupations in Singapore by year: year, log (first = 0), number covered, break.

    Growth is the mean over the occupations that both years have, by weight; a year that less than half of the weight has is
    left out.
    """
    weight = blend("sg_mom", family)
    at: dict[str, dict[int, float]] = defaultdict(dict)
    covered: dict[int, float] = defaultdict(float)
    for row in official.filter(pa.compute.equal(official["source"], "sg_mom")).to_pylist():
        if (
            row["industry"] is None
            and row["pay"] == "gross wage"
            and row["p50"]
            and row["continues"] in weight
        ):
            at[row["continues"]][row["vintage"]] = math.log(row["p50"])
            covered[row["vintage"]] += row["employment"] or 0.0
    years = [
        y for y in sorted(covered) if sum(w for c, w in weight.items() if y in at.get(c, {})) >= COMPARABLE
    ]
    out: list[dict[str, Any]] = []
    for k, year in enumerate(years):
        log = 0.0
        if k:
            both = {c: w for c, w in weight.items() if c in at and year in at[c] and years[k - 1] in at[c]}
            if not both:
                return []
            log = out[-1]["log"] + sum(
                w * (at[c][year] - at[c][years[k - 1]]) for c, w in both.items()
            ) / sum(both.values())
        out.append({"year": year, "log": log, "n": covered[year] or None, "broken": _BREAKS.get(year)})
    return out if len(out) > 1 else []
