"""The evidence ladder: for each source the closest published cohort, and why a finer one was not shown."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from paylens.contract.answer import Evidence
from paylens.places import geography
from paylens.release.read import Release

__all__ = ["Ladder"]

KEYS = (
    "role",
    "family",
    "country",
    "region",
    "metro",
    "years_band",
    "seniority",
    "vintage",
    "industry",
    "company_size",
    "education",
    "employer",
)
# Nearest first; a set that the release does not hold is passed over.
ORDER: tuple[tuple[str, ...], ...] = (
    ("role", "country", "years_band"), ("role", "metro"), ("role", "country", "seniority"), ("role", "country"),
    ("family", "country", "years_band"), ("family", "country"), ("role", "region"), ("role",),
)  # fmt: skip
BANDS = {"entry": "0-2 years", "mid": "3-4 years", "senior": "5 years and more"}
_LEAST_N = 10


class Ladder:
    """Published cohorts of a release, found by their keys."""

    def __init__(self, release: Release) -> None:
        table = release.table("cohorts.parquet")
        self._licence = {i["source"]: i["licence"] for i in release.manifest["inputs"]}
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        held = [k for k in KEYS if k in table.column_names]
        self.sources: list[str] = []
        for row in table.to_pylist():
            given = tuple((k, row[k]) for k in held if row[k] is not None)
            self._rows[(row["source"], *given)] = row
            if row["source"] not in self.sources:
                self.sources.append(row["source"])
        self._held = held

    def find(self, source: str, known: Mapping[str, str | None]) -> dict[str, Any] | None:
        """The closest published cohort of a source for someone of whom `known` is known."""
        for keys in _given(tuple(k for k in KEYS if known.get(k))):
            row = self._rows.get((source, *((k, known[k]) for k in self._held if k in keys)))
            if row is not None:
                return row
        return None

    def evidence(
        self,
        known: Mapping[str, str | None],
        labels: Mapping[str, str],
        per_usd: Mapping[str, float],
        currency: str,
    ) -> list[Evidence]:
        """One row a source, most reports first; amounts in `currency` (units a US dollar in `per_usd`)."""
        out: list[Evidence] = []
        for source in self.sources:
            row = self.find(source, known)
            if row is not None:
                out.append(
                    self._row(
                        source, row, known, labels, per_usd[currency] / per_usd.get(row["currency"], 1.0)
                    )
                )
        return sorted(out, key=lambda e: -(e["n"] or 0))

    def _row(
        self,
        source: str,
        row: Mapping[str, Any],
        known: Mapping[str, str | None],
        labels: Mapping[str, str],
        rate: float,
    ) -> Evidence:

        def money(value: Any) -> Any:
            return None if value is None else value * rate

        first, last = row["vintage_from"], row["vintage_to"]
        finer = next(iter(_given(tuple(k for k in KEYS if known.get(k)))), ())
        missing = [k.replace("_", " ") for k in finer if row.get(k) is None]
        notes = [row["note"]] if row.get("note") else []
        if missing:
            notes.append(f"fewer than {_LEAST_N} reports that may be shown by {' and '.join(missing)}")
        return {
            "source": source,
            "cohort": " · ".join(_label(k, str(row[k]), labels) for k in self._held if row[k] is not None),
            "n": row["n"], "p25": money(row["p25"]), "p50": money(row["p50"]), "p75": money(row["p75"]),
            "vintage": str(last) if first == last else f"{first}-{last}",
            "pooled": row["pooling_weight"], "measured": True, "licence": self._licence.get(source, "not verified"),
            "note": "; ".join(notes) or None, "pay": row["measure"], "employers": row["employers"] or None,
        }  # fmt: skip


@functools.cache
def _given(known: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The rungs of `ORDER` that someone of whom the facts `known` are known can stand on."""
    return tuple(keys for keys in ORDER if set(keys) <= set(known))


def _label(key: str, value: str, labels: Mapping[str, str]) -> str:
    if key == "years_band":
        return BANDS.get(value, value)
    if key == "country":
        return _countries().get(value, value)
    return labels.get(value, value.replace("-", " "))


@functools.cache
def _countries() -> dict[str, str]:
    return {c.id: c.label for c in geography.countries()}
