"""The countries that speak for a place, and the growth of its wages that is the mean of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paylens.advice.estimate import Reference
from paylens.advice.forecast.drift import Drift, Tables, mean_growth, mean_half
from paylens.places.geography import Place

__all__ = ["Market"]


@dataclass(frozen=True)
class Market:
    """Countries with their weights, and the one that says most of the place."""

    drifts: tuple[tuple[Drift, float], ...]

    @classmethod
    def of(cls, ref: Reference, tables: Tables, place: Place, family: str) -> Market:
        """A place's market for a role family: its country, or of a wider area those with most reports."""
        members = (
            ((place.country, 1.0),) if place.country else ref.members.get(place.id, ref.members["world"])
        )
        return cls(tuple((Drift.of(tables, str(c), family), float(w)) for c, w in members))

    @property
    def main(self) -> Drift:
        """The drift of most weight."""
        return max(self.drifts, key=lambda d: d[1])[0]

    @property
    def countries(self) -> tuple[tuple[str, float], ...]:
        """Countries and their weights."""
        return tuple((d.country, w) for d, w in self.drifts)

    @property
    def kind(self) -> str:
        """How the countries' growth is known: 'own', 'borrowed', 'prices', 'assumed', or 'mixed'."""
        kinds = {d.kind for d, _ in self.drifts}
        return "mixed" if len(kinds) > 1 else kinds.pop()

    @property
    def wages(self) -> str:
        """Whose wages are carried on."""
        if len(self.drifts) == 1:
            return self.main.wages
        return f"{self.main.wages}; mean of {', '.join(d.country for d, _ in self.drifts)}"

    def growth(self, first: str, last: str) -> float:
        """Log growth from one month to a later one."""
        return mean_growth(self.drifts, first, last)

    def half(self, level: str) -> float:
        """How far a level such as 'q90' is from the middle, in logs a year."""
        return mean_half(self.drifts, level)

    def status(self, tables: Tables, month: str) -> tuple[str, Mapping[str, Any] | None]:
        """'forecast' with its back-test, only where one reaches for every country that speaks; else 'scenario'.

        The test shown is of the weightiest.
        """
        found = [d.status(tables, month) for d, _ in self.drifts]
        if any(status != "forecast" for status, _ in found):
            return "scenario", None
        return self.main.status(tables, month)
