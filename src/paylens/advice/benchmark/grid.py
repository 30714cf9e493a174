"""Two factors as a grid of one source's medians: the source with most reports, since sources are never mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from paylens.advice.benchmark.asked import whole_order

__all__ = ["grid"]


def grid(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> dict[str, Any] | None:
    """Medians and reports of the source with most of them: rows the first factor, columns the second; None without any.

    A cell that the source may not show is null.
    """
    shown = [r for r in rows if r["p50"] is not None and len(r["by"]) == 2]
    reports: Counter[tuple[str, str]] = Counter()
    for r in shown:
        reports[r["kind"], r["source"]] += (r["n"] or 0) if r["kind"] == "measured" else 0
    if not reports:
        return None
    kind, source = min(reports, key=lambda at: (-reports[at], at))
    mine = [r for r in shown if (r["kind"], r["source"]) == (kind, source)]
    down, across = (_values(mine, factor) for factor in by)
    cells = {tuple(r["by"][f]["id"] for f in by): r for r in mine}

    def table(name: str) -> list[list[Any]]:
        return [[cells.get((d, a), {}).get(name) for a in across] for d in down]

    return {
        "source": source, "pay": mine[0]["pay"], "currency": mine[0]["currency"], "rows": list(down.values()), "columns": list(across.values()),
        "p50": table("p50"), "n": table("n"),
    }  # fmt: skip


def _values(rows: Sequence[dict[str, Any]], factor: str) -> dict[Any, str]:
    """A factor's values that are shown and how they read: in their own order, years newest first, else as the rows come."""
    found = {r["by"][factor]["id"]: str(r["by"][factor]["label"]) for r in rows}
    order = whole_order(factor) or (sorted(found, reverse=True) if factor == "year" else tuple(found))
    return {v: found[v] for v in order if v in found}
