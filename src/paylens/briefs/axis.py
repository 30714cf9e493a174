"""Where a brief's figures lie on one axis, as shares of its width, for every writer that draws it."""

from __future__ import annotations

from dataclasses import dataclass

from paylens.advice.negotiate.brief import Brief

__all__ = ["Axis", "Placed", "axis"]

_LEFT, _RIGHT = 0.03, 0.18
_APART = 0.2


@dataclass(frozen=True)
class Placed:
    """A mark at a share `at` of the width, its label to the right of it; neighbours lie in different `row`s, lower ones later."""

    name: str
    shown: str
    at: float
    row: int


@dataclass(frozen=True)
class Axis:
    """The band as two shares, and the marks from low to high; those of one amount share a mark."""

    band: tuple[float, float]
    labels: tuple[str, str]
    marks: tuple[Placed, ...]
    rows: int


def axis(b: Brief) -> Axis:
    """All marks and the band between margins."""
    amounts = [m.amount for m in (*b.marks, *b.band)]
    low, span = min(amounts), (max(amounts) - min(amounts)) or 1.0

    def at(amount: float) -> float:
        return _LEFT + (1 - _LEFT - _RIGHT) * (amount - low) / span

    merged: dict[str, list[str]] = {}
    where: dict[str, float] = {}
    for m in sorted(b.marks, key=lambda m: m.amount):
        merged.setdefault(m.shown, []).append(m.name)
        where.setdefault(m.shown, at(m.amount))
    placed: list[Placed] = []
    ends: list[float] = []
    for shown, names in merged.items():
        row = next((i for i, end in enumerate(ends) if where[shown] - end >= _APART), len(ends))
        ends[row : row + 1] = [where[shown]]
        placed.append(Placed(", ".join(names), shown, where[shown], row))
    first, last = b.band
    return Axis((at(first.amount), at(last.amount)), (first.shown, last.shown), tuple(placed), len(ends))
