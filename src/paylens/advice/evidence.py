"""The evidence ladder: for each source the closest published cohort, and why a finer one was not shown."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from paylens.advice.cuts import Cuts, name_of
from paylens.contract.answer import Evidence

__all__ = ["Ladder"]

# Nearest first; a set that the release does not hold is passed over.
ORDER: tuple[tuple[str, ...], ...] = (
    ("role", "employer", "seniority"), ("role", "country", "employer"), ("role", "employer"),
    ("role", "metro", "years_band"), ("role", "metro", "seniority"),
    ("role", "country", "years_band", "seniority"), ("role", "country", "years_band", "education"),
    ("role", "country", "years_band"), ("role", "metro"), ("role", "country", "seniority"),
    ("role", "state"), ("role", "country", "industry"), ("role", "country", "company_size"),
    ("role", "country", "education"), ("role", "country", "remote"), ("role", "country"),
    ("role", "region", "years_band"), ("role", "region", "seniority"), ("role", "region", "industry"),
    ("role", "region", "company_size"), ("role", "region", "education"),
    ("family", "country", "years_band"), ("family", "country"), ("role", "region"), ("role",),
)  # fmt: skip
# What an asker may have said and would want the cohort to share, and how it reads.
_WANTED = {
    "employer": "employer", "metro": "metro", "state": "state", "years_band": "years", "seniority": "level",
    "industry": "industry", "company_size": "size", "education": "education", "remote": "remote work",
    "role": "role",
}  # fmt: skip
Known = Mapping[str, str | None]


class Ladder:
    """Published cohorts of a release, nearest first for someone of whom some facts are known."""

    def __init__(self, cuts: Cuts) -> None:
        self.cuts = cuts
        self.sources = cuts.sources
        self._notes: dict[tuple[Any, ...], str | None] = {}

    def find(self, source: str, known: Known) -> tuple[int, dict[str, Any]] | None:
        """The closest published cohort of a source for someone of whom `known` is known, and its rung in `ORDER`."""
        for rung in _given(tuple(k for k, v in known.items() if v)):
            row = self.cuts.find(source, {k: known[k] for k in ORDER[rung]})
            if row is not None:
                return rung, row
        return None

    def evidence(
        self, known: Known, labels: Mapping[str, str], per_usd: Mapping[str, float], currency: str
    ) -> tuple[list[Evidence], tuple[int, float] | None]:
        """One row a source, most reports first; and of the closest cohort of all: reports, and the share pooled.

        Amounts are in `currency` (units a US dollar in `per_usd`).
        """
        out: list[Evidence] = []
        nearest: tuple[int, int, float] | None = None
        for source in self.sources:
            found = self.find(source, known)
            if found is None:
                continue
            rung, row = found
            rate = per_usd[currency] / per_usd.get(row["currency"], 1.0)
            out.append(self._row(source, rung, row, known, labels, rate))
            if "country" in ORDER[rung] or "metro" in ORDER[rung] or "employer" in ORDER[rung]:
                # The nearest rung, on it the most reports.
                mine = (rung, -row["n"], float(row["pooling_weight"] or 0.0))
                nearest = mine if nearest is None else min(nearest, mine)
        closest = None if nearest is None else (-nearest[1], nearest[2])
        return sorted(out, key=lambda e: -(e["n"] or 0)), closest

    def _row(
        self, source: str, rung: int, row: Mapping[str, Any], known: Known, labels: Mapping[str, str], rate: float
    ) -> Evidence:  # fmt: skip
        def money(value: Any) -> Any:
            return None if value is None else value * rate

        first, last = row["vintage_from"], row["vintage_to"]
        # That one employer makes a cut of one employer is no warning.
        notes = [row["note"]] if row.get("note") and "employer" not in ORDER[rung] else []
        why = self._why(source, rung, known)
        notes += [why] if why else []
        return {
            "source": source, "cohort": name_of(row, ORDER[rung], labels),
            "n": row["n"], "p25": money(row["p25"]), "p50": money(row["p50"]), "p75": money(row["p75"]),
            "vintage": str(last) if first == last else f"{first}-{last}",
            "pooled": row["pooling_weight"], "measured": True, "licence": self.cuts.licences.get(source, "not verified"),
            "note": "; ".join(notes) or None, "pay": row["measure"], "employers": row["employers"] or None, "rung": rung,
        }  # fmt: skip

    def _why(self, source: str, rung: int, known: Known) -> str | None:
        """Why no nearer cohort is shown: the reason of the nearest one by each fact that the shown one leaves out."""
        at = (source, rung, *known.items())
        if at not in self._notes:
            if len(self._notes) > 20_000:
                self._notes.clear()
            self._notes[at] = self._reasons(source, rung, known)
        return self._notes[at]

    def _reasons(self, source: str, rung: int, known: Known) -> str | None:
        said: dict[str, list[str]] = {}
        rungs = _given(tuple(k for k, v in known.items() if v))
        for fact, word in _WANTED.items():
            if not known.get(fact) or fact in ORDER[rung]:
                continue
            with_it = [r for r in rungs if fact in ORDER[r] and "role" in ORDER[r]]
            if not with_it:
                continue
            # The least demanding cut with this fact in the same place: where that is missing, all finer ones are.
            facts = {
                k: known[k]
                for k in min((ORDER[r] for r in reversed(with_it) if r < rung), key=len, default=())
            }
            if not facts:
                reason = "told apart in a cut of its own"
                facts = {k: known[k] for k in min((ORDER[r] for r in reversed(with_it)), key=len)}
                if self.cuts.find(source, facts) is None:
                    reason = self.cuts.why_not(source, facts)
            else:
                reason = self.cuts.why_not(source, facts)
            said.setdefault(reason, []).append(word)
        return "; ".join(f"not by {' or '.join(words)}: {reason}" for reason, words in said.items()) or None


@functools.lru_cache(maxsize=4096)
def _given(known: tuple[str, ...]) -> tuple[int, ...]:
    """The rungs of `ORDER` that someone of whom the facts `known` are known can stand on."""
    return tuple(i for i, keys in enumerate(ORDER) if set(keys) <= set(known))
