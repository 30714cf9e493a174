"""Which reports make which cohorts: what disclosure control counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from paylens.cohorts.cells import UNIVERSE, Coded
from paylens.cohorts.keys import GroupingSet

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Membership:
    """Reports (added up where no cut tells them apart) and the cohorts they are in.

    `sets` are as declared, but that each skill has a set of its own, so that a report is in at most one cell of a
    set. `cell` has shape (sets, rows): the row of the cohorts' table, or -1 where the report lacks a key.
    `weight` has shape (rows,), `employer` too: a code, -1 where not known; `universe` numbers source and measure.
    `version` (rows,) is the place in `versions` of a submitted report as it stands now, -1 for one that is public: there,
    a row may be several reports.
    """

    sets: tuple[GroupingSet, ...]
    cell: Ints
    weight: Ints
    employer: Ints
    universe: Ints
    version: Ints
    versions: tuple[str, ...] = ()


def membership(
    data: Coded, sets: Sequence[GroupingSet], codes: Sequence[Ints], start: Sequence[int]
) -> Membership:
    """The membership of the reports in `data` in the cells that `codes` (rising) and `start` number, set by set."""
    facts, weight, skills = data.members(sets)
    whole, cells = [], []
    for one, code, first in zip(sets, codes, start, strict=True):
        if "skill" in one.keys:
            for skill, has in _having(data, skills).items():
                mine = {**facts, "skill": np.where(has, data.words["skill"].index(skill), -1)}
                cell = _cells(data, one, mine, code, first)
                if (cell >= 0).any():
                    whole.append(_of_one_skill(one, skill))
                    cells.append(cell)
        else:
            whole.append(one)
            cells.append(_cells(data, one, facts, code, first))
    universe = facts["source"] * len(data.words["measure"]) + facts["measure"]
    cell = np.stack(cells) if cells else np.empty((0, len(weight)), dtype=np.int64)
    version = facts.get("version", np.full(len(weight), -1, dtype=np.int64))
    versions = tuple(data.words.get("version", ()))
    return Membership(tuple(whole), cell, weight, facts["employer"], universe, version, versions)


def _having(data: Coded, skills: Sequence[tuple[str, ...]]) -> dict[str, NDArray[np.bool_]]:
    """Which rows have each skill, (rows,)."""
    out = {skill: np.zeros(len(skills), dtype=bool) for skill in data.words["skill"]}
    for row, listed in enumerate(skills):
        for skill in listed:
            out[skill][row] = True
    return out


def _of_one_skill(one: GroupingSet, skill: str) -> GroupingSet:
    return replace(one, keys=tuple(f"skill {skill}" if key == "skill" else key for key in one.keys))


def _cells(data: Coded, one: GroupingSet, facts: dict[str, Ints], codes: Ints, start: int) -> Ints:
    """The row of the cohorts' table of each report in one set, -1 for none."""
    known = np.all([facts[name] >= 0 for name in (*UNIVERSE, *one.keys)], axis=0)
    wanted = np.where(known, data.cell_of(one, facts), -1)
    if not len(codes):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.where(codes[at] == wanted, at + start, -1)
