"""A benchmark's rows as flat columns, for files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["NUMBERS", "PERCENTILES", "TEXTS", "csv_of", "flat", "withheld"]

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
TEXTS = ("kind", "source", "pay", "cohort", "currency", "vintage", "licence", "warning", "reason", "note")
NUMBERS = (
    *PERCENTILES, "p50_low", "p50_high", "n", "employers", "top_employer_share", "relative_error",
)  # fmt: skip


def flat(answer: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """The rows as flat columns: the factors' labels, then what a row holds; what is nested gets names of its own."""
    several = isinstance(answer["place"], list)
    factors = [*(["place"] if several else []), *answer["by"]]
    rows = []
    for r in answer["rows"]:
        low, high = r["range"] or (None, None)
        pooled, instead = r["pooled"] or {}, r["answered_by"] or {}
        rows.append({
            "role": answer["role"]["matched"], **{f: r["by"].get(f, {}).get("label") for f in factors},
            **{k: r[k] for k in TEXTS}, **{k: r[k] for k in NUMBERS}, "range_low": low, "range_high": high,
            "pooled_share": pooled.get("share"), **{f"pooled_{p}": pooled.get(p) for p in PERCENTILES},
            "answered_by": instead.get("cohort"), "answered_by_p50": instead.get("p50"),
        })  # fmt: skip
    names = ["role", *factors, *TEXTS, *NUMBERS, "range_low", "range_high", "pooled_share"]
    return [*names, *(f"pooled_{p}" for p in PERCENTILES), "answered_by", "answered_by_p50"], rows


def csv_of(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Flat rows as a CSV file, UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def withheld(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Why rows may not be shown, each reason once, with the sources that it keeps back."""
    why: dict[str, list[str]] = {}
    for r in rows:
        if r["kind"] == "withheld":
            reason = str(r["reason"]).removeprefix(f"{r['source']} ")
            if r["source"] not in why.setdefault(reason, []):
                why[reason].append(r["source"])
    return why
