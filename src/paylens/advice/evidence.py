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
_MOST_KEPT = 20_000
Known = Mapping[str, str | None]
Closest = tuple[int, float]


class Ladder:
    """Published cohorts of a release, nearest first for someone of whom some facts are known."""

    def __init__(self, cuts: Cuts) -> None:
        self.cuts = cuts
        self.sources = cuts.sources
        self._notes: dict[tuple[Any, ...], str | None] = {}
        self._shown: dict[tuple[Any, ...], tuple[list[tuple[Evidence, str]], Closest | None]] = {}

    def find(self, source: str, known: Known) -> tuple[int, dict[str, Any]] | None:
        """The closest published cohort of a source for someone of whom `known` is known, and its rung in `ORDER`."""
        for rung in _given(tuple(k for k, v in known.items() if v)):
            row = self.cuts.find(source, {k: known[k] for k in ORDER[rung]})
            if row is not None:
                return rung, row
        return None

    def evidence(
        self, known: Known, labels: Mapping[str, str], per_usd: Mapping[str, float], currency: str
    ) -> tuple[list[Evidence], Closest | None]:
        """One row a source, most reports first; and of the closest cohort of all: reports, and the share pooled.

        Amounts are in `currency` (units a US dollar in `per_usd`).
        """
        # The same cohorts stand beside many people: what is not money is kept.
        at = (*known.items(), *labels.items())
        if at not in self._shown:
            if len(self._shown) > _MOST_KEPT:
                self._shown.clear()
            self._shown[at] = self._rows(known, labels)
        rows, closest = self._shown[at]
        here = per_usd[currency]
        return [_in_money(row, here / per_usd.get(own, 1.0)) for row, own in rows], closest

    def _rows(
        self, known: Known, labels: Mapping[str, str]
    ) -> tuple[list[tuple[Evidence, str]], Closest | None]:
        """The rows in the order shown, amounts in the currency beside each; and the closest cohort."""
        out: list[tuple[Evidence, str]] = []
        nearest: tuple[int, int, float] | None = None
        for source in self.sources:
            found = self.find(source, known)
            if found is None:
                continue
            rung, row = found
            out.append((self._row(source, rung, row, known, labels), row["currency"]))
            if "country" in ORDER[rung] or "metro" in ORDER[rung] or "employer" in ORDER[rung]:
                # The nearest rung, on it the most reports.
                mine = (rung, -row["n"], float(row["pooling_weight"] or 0.0))
                nearest = mine if nearest is None else min(nearest, mine)
        closest = None if nearest is None else (-nearest[1], nearest[2])
        return sorted(out, key=lambda e: -(e[0]["n"] or 0)), closest

    def _row(
        self, source: str, rung: int, row: Mapping[str, Any], known: Known, labels: Mapping[str, str]
    ) -> Evidence:
        first, last = row["vintage_from"], row["vintage_to"]
        # That one employer makes a cut of one employer is no warning.
        notes = [row["note"]] if row.get("note") and "employer" not in ORDER[rung] else []
        why = self._why(source, rung, known)
        notes += [why] if why else []
        return {
            "source": source, "cohort": name_of(row, ORDER[rung], labels),
            "n": row["n"], "p25": row["p25"], "p50": row["p50"], "p75": row["p75"],
            "vintage": str(last) if first == last else f"{first}-{last}",
            "pooled": row["pooling_weight"], "measured": True, "licence": self.cuts.licences.get(source, "not verified"),
            "note": "; ".join(notes) or None, "pay": row["measure"], "employers": row["employers"] or None, "rung": rung,
        }  # fmt: skip

    def _why(self, source: str, rung: int, known: Known) -> str | None:
        """Why no nearer cohort is shown: the reason of the nearest one by each fact that the shown one leaves out."""
        at = (source, rung, *known.items())
        if at not in self._notes:
            if len(self._notes) > _MOST_KEPT:
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


def _in_money(row: Evidence, rate: float) -> Evidence:
    found = row.copy()
    low, high = row["p25"], row["p75"]
    found["p25"] = None if low is None else low * rate
    found["p50"] = row["p50"] * rate
    found["p75"] = None if high is None else high * rate
    return found


@functools.lru_cache(maxsize=4096)
def _given(known: tuple[str, ...]) -> tuple[int, ...]:
    """The rungs of `ORDER` that someone of whom the facts `known` are known can stand on."""
    return tuple(i for i, keys in enumerate(ORDER) if set(keys) <= set(known))
