"""National wages by occupation as series through the changes of occupation codes: each change a term with its own rule.

    log level(t) = log level(t - 1) + sum_k w_k (log m_k(t) - log m_k(t - 1))

m_k is the published median of code k, w_k its share of employment in the earlier year. Where codes change, `link` of
chains.csv says what stands for that one step:

same      another number for the same content: the two codes are compared as they are.
group     no code is comparable: the growth of the major group 15-0000 (break).
a|b       the old codes are compared with these new ones together, by employment (break).

A chain's points before and after a break are comparable in growth, not in level. A year that was not published lies on
the straight line (in logs) between its neighbours for a model that needs even steps; it is never a target.
"""

from __future__ import annotations

import csv
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["GROUP", "Chain", "chains", "segments"]

TABLE: Final = Path(__file__).with_name("chains.csv")
GROUP: Final = "15-0000"
Floats = npt.NDArray[np.float64]
Published = Mapping[int, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Segment:
    """Years in which a chain is of these codes, and how it is linked to the years before ('' for the first)."""

    first: int
    last: int
    codes: tuple[str, ...]
    link: str


@dataclass(frozen=True)
class Chain:
    """One occupation over years: published `years` (int) and `logs` (float, first = 0) of its level.

    `breaks` names each year that another code begins in, with what stands for that step; `n` is the last employment.
    """

    id: str
    label: str
    years: npt.NDArray[np.int64]
    logs: Floats
    breaks: tuple[tuple[int, str], ...] = ()
    n: float = 0.0
    codes: tuple[str, ...] = field(default=())

    def upto(self, year: int) -> Floats:
        """Yearly log levels from the first published year to `year`, gaps on straight lines; what was known then."""
        known = self.years <= year
        last = int(self.years[known][-1])
        return np.interp(
            np.arange(self.years[0], last + 1), self.years[known].astype(float), self.logs[known]
        )


@functools.cache
def segments() -> dict[str, tuple[str, tuple[Segment, ...]]]:
    """Label and segments of each chain of chains.csv."""
    out: dict[str, tuple[str, tuple[Segment, ...]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            part = Segment(int(row["first"]), int(row["last"]), tuple(row["codes"].split("|")), row["link"])
            _, before = out.get(row["chain"], ("", ()))
            out[row["chain"]] = (row["label"], (*before, part))
    return out


def chains(published: Published) -> dict[str, Chain]:
    """Every chain from (employment, median) by year and code; a year without each of a segment's codes is left out."""
    found = {}
    for name, (label, parts) in segments().items():
        chain = _chain(name, label, parts, published)
        if chain is not None:
            found[name] = chain
    return found


def _chain(name: str, label: str, parts: Sequence[Segment], published: Published) -> Chain | None:
    at = [
        (year, part)
        for part in parts
        for year in sorted(published)
        if part.first <= year <= part.last and all(c in published[year] for c in part.codes)
    ]
    if not at:
        return None
    logs, breaks = [0.0], []
    for (before, old), (year, new) in itertools.pairwise(at):
        then, now = published[before], published[year]
        if old is new or new.link == "same":
            step = _paired(then, now, old.codes, new.codes)
        elif new.link == "group":
            step = _level(now, (GROUP,)) - _level(then, (GROUP,))
            breaks.append(
                (
                    year,
                    f"codes change ({_said(old.codes)} to {_said(new.codes)}): growth of 15-0000 for this step",
                )
            )
        else:
            step = _level(now, tuple(new.link.split("|"))) - _level(then, old.codes)
            breaks.append(
                (
                    year,
                    f"codes change ({_said(old.codes)} to {_said(new.codes)}): compared with {new.link.replace('|', ' and ')}",
                )
            )
        logs.append(logs[-1] + step)
    year, last = at[-1]
    n = sum(published[year][c][0] for c in last.codes)
    return Chain(name, label, np.array([y for y, _ in at]), np.array(logs), tuple(breaks), n, last.codes)


def _said(codes: Sequence[str]) -> str:
    return " and ".join(codes)


def _paired(
    then: Mapping[str, tuple[float, float]], now: Mapping[str, tuple[float, float]], old: Sequence[str], new: Sequence[str]
) -> float:  # fmt: skip
    """Growth of the same occupations, each by its employment before."""
    people = [then[c][0] for c in old]
    steps = [math.log(now[b][1] / then[a][1]) for a, b in zip(old, new, strict=True)]
    return sum(n * s for n, s in zip(people, steps, strict=True)) / sum(people)


def _level(year: Mapping[str, tuple[float, float]], codes: Sequence[str]) -> float:
    people = [year[c][0] for c in codes]
    return sum(n * math.log(year[c][1]) for n, c in zip(people, codes, strict=True)) / sum(people)
