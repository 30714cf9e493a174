"""One release after another: what two or more of them say together isolates no small group of submitted reports.

A release alone is safe by `complement`; a second one shows what changed. So for each source to which people submit,
whoever publishes keeps which version of which report was in which published cut (`record`), in a file of their own that
no release holds. A version is a report as it stood: a corrected report leaves as one and enters as another. Before a
release, `entering` chooses who is in it: new reports wait until each cut that they change is changed by 10 or more, and
where a few have left others leave with them. After it is cut, `between` is the door: it withholds every cut that with
all cuts of all earlier releases would isolate fewer than 10, whatever was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from paylens.cohorts import audit
from paylens.cohorts.complement import dominance
from paylens.cohorts.keys import FACTS, LEAST, SETS, GroupingSet
from paylens.cohorts.membership import Membership

__all__ = ["RECORD", "Earlier", "Entering", "between", "cell_names", "cells_of", "entering", "record"]

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

RECORD: Final = pa.schema([(n, pa.string()) for n in ("source", "released", "line", "cell", "version")])
"""What is kept of a release: `line` is a set, or a set and a skill, in which a report is in at most one `cell`. An empty
cell says that the version entered at all. `released` is a day; days compare as text."""
MOST_WAITING: Final = 0.1
"""More than this share of a release's reports do not wait: rather, the least wanted cuts that they touch are withheld."""


@dataclass(frozen=True)
class Earlier:
    """What earlier releases published of submitted reports: `table` has the columns of `RECORD`.

    `only` names, for a source whose release of this very day is built again, the cuts that were published then.
    """

    table: pa.Table
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, source: str) -> list[dict[str, str]]:
        """The rows of a source."""
        rows: list[dict[str, str]] = self.table.filter(pc.equal(self.table["source"], source)).to_pylist()
        return rows

    @property
    def sources(self) -> list[str]:
        """The sources of which anything was published."""
        return sorted(set(self.table["source"].to_pylist()) | set(self.only))


@dataclass(frozen=True)
class Entering:
    """Who is in the next release: `versions`; how many wait, have left, and leave with those who left."""

    versions: frozenset[str]
    held_back: int
    gone: int
    leave_with_them: int


def cell_names(table: pa.Table, keys: Sequence[str]) -> pa.ChunkedArray:
    """What each row's cell is called: its set and its keys (null where not a key)."""
    parts = [table["set"], *(table[key].cast(pa.string()) for key in keys)]
    return pc.binary_join_element_wise(*parts, " · ", null_handling="skip")


def cells_of(facts: pa.Table, sets: Sequence[GroupingSet] = SETS) -> list[tuple[str, str, str]]:
    """(line, cell, version) of every cell that reports are in; `facts` has `version` and the keys of `sets`."""
    out: list[tuple[str, str, str]] = []
    for row in facts.to_pylist():
        for one in sets:
            keys = [key for key in FACTS if key in one.keys]
            for skill in row["skills"] if "skill" in keys else [None]:
                told = [skill if key == "skill" else row[key] for key in keys]
                if all(value is not None for value in told):
                    name = " · ".join([one.name, *map(str, told)])
                    out.append((_line(one.name, skill), name, row["version"]))
    return out


def _line(name: str, skill: str | None) -> str:
    return name if skill is None else f"{name} skill {skill}"


def entering(
    source: str, versions: Sequence[str], cells: Sequence[tuple[str, str, str]], earlier: Earlier,
    sets: Sequence[GroupingSet] = SETS,
) -> Entering:  # fmt: skip
    """Who of a source's `versions` is in its next release; `cells` are `cells_of` their facts.

    Of each cut its last publication counts: those who joined it since must be 10 or more or none, also beside any finer
    published cut in it; the largest such choice is unique. Who once was in a release and left it stays out. This is a choice
    of what to publish, not the protection: that is `between`.
    """
    rows, here = earlier.of(source), set(versions)
    if not rows:
        return Entering(frozenset(versions), 0, 0, 0)
    ever = {r["version"] for r in rows}
    last = max(r["released"] for r in rows)
    before = {r["version"] for r in rows if r["released"] == last and not r["cell"]}
    people = sorted(before | here)
    line_of, inside = _last_cuts(rows, cells, people)
    was, is_ = (np.array([p in group for p in people], dtype=bool) for group in (before, here))
    gone, pending = was & ~is_, is_ & np.array([p not in ever for p in people], dtype=bool)
    parts, keep = _parts(inside, line_of, sets)
    leaving = _with_others(gone, was & is_, parts, keep)
    staying = was & is_ & ~leaving
    enters = _enough(pending, int(staying.sum()), parts, keep)
    chosen = frozenset(p for p, yes in zip(people, staying | enters, strict=True) if yes)
    return Entering(chosen, int((pending & ~enters).sum()), int(gone.sum()), int((leaving & ~gone).sum()))


def _last_cuts(
    rows: Sequence[Mapping[str, str]], cells: Sequence[tuple[str, str, str]], people: Sequence[str]
) -> tuple[list[str], Mask]:
    """The line of every cut ever published, and who is in it, (people, cuts): those of its last publication, and those
    who are not in an earlier release by their facts."""
    newest: dict[str, str] = {}
    line: dict[str, str] = {}
    for r in rows:
        if r["cell"]:
            newest[r["cell"]] = max(newest.get(r["cell"], ""), r["released"])
            line[r["cell"]] = r["line"]
    column, row = ({name: i for i, name in enumerate(names)} for names in (sorted(newest), people))
    inside = np.zeros((len(people), len(column)), dtype=bool)
    ever = {r["version"] for r in rows}
    for r in rows:
        if r["cell"] and newest[r["cell"]] == r["released"] and r["version"] in row:
            inside[row[r["version"]], column[r["cell"]]] = True
    for _, cell, version in cells:
        if cell in column and version not in ever:
            inside[row[version], column[cell]] = True
    return [line[cell] for cell in sorted(newest)], inside


def _parts(inside: Mask, line_of: Sequence[str], sets: Sequence[GroupingSet]) -> tuple[Mask, Ints]:
    """Every cut, and what is left of it beside the finer published cuts of each set, each once, (people, parts); and how
    much the most wanted cut that each belongs to is to be kept, (parts,)."""
    by_name = {one.name: one for one in sets}
    lines = sorted(set(line_of))
    covered = {line: inside[:, [at == line for at in line_of]].any(axis=1) for line in lines}
    found: dict[bytes, tuple[Mask, int]] = {}
    for k, line in enumerate(line_of):
        finer = [other for other in lines if _refines(other, line, by_name)]
        own = [(inside[:, k], _keep(line, by_name))]
        # What is left beside finer cuts matters only as long as those are published.
        own += [(inside[:, k] & ~covered[f], min(_keep(line, by_name), _keep(f, by_name))) for f in finer]
        for part, keep in own:
            at = part.tobytes()
            found[at] = (part, max(keep, found[at][1] if at in found else 0))
    if not found:
        return inside[:, :0], np.empty(0, dtype=np.int64)
    return np.stack([part for part, _ in found.values()], axis=1), np.array([k for _, k in found.values()])


def _keep(line: str, sets: Mapping[str, GroupingSet]) -> int:
    one = sets.get(line.partition(" skill ")[0])
    return 0 if one is None else one.keep


def _refines(line: str, other: str, sets: Mapping[str, GroupingSet]) -> bool:
    finer, coarser = (sets.get(name.partition(" skill ")[0]) for name in (line, other))
    return finer is not None and coarser is not None and finer is not coarser and finer.refines(coarser)


def _with_others(gone: Mask, staying: Mask, parts: Mask, keep: Ints) -> Mask:
    """Those who left, and as few others as make 10 or more leave each part that anyone left.

    Where that would take too many, the parts of the least wanted cuts are let go of, which are then withheld: with all of
    them nobody else leaves.
    """
    most = LEAST * max(2, int(gone.sum()))
    for least in sorted(set(keep.tolist())):
        leaving = gone.copy()
        while leaving.sum() <= most:
            count = parts[leaving].sum(axis=0)
            short = (count > 0) & (count < LEAST) & (keep >= least)
            if not short.any():
                return leaving
            free = np.flatnonzero(staying & ~leaving & parts[:, short].any(axis=1))
            if not len(free):
                break
            # Who touches the fewest further parts and the most that are short; versions are hashes, so ties are by lot.
            touched = (parts[free] & (count == 0)).sum(axis=1)
            leaving[free[np.lexsort((free, -(parts[free] & short).sum(axis=1), touched))[0]]] = True
    return gone


def _enough(pending: Mask, staying: int, parts: Mask, keep: Ints) -> Mask:
    """The most of those who wait that change each part by 0 or by 10 and more.

    Where too many would wait for that, the parts of the least wanted cuts are let go of, which are then withheld until 10
    have joined since they were last published.
    """
    enters = pending.copy()
    for least in sorted(set(keep.tolist())):
        wanted, enters = parts[:, keep >= least], pending.copy()
        while True:
            count = wanted[enters].sum(axis=0)
            wrong = enters & wanted[:, (count > 0) & (count < LEAST)].any(axis=1)
            if not wrong.any():
                break
            enters &= ~wrong
        if (pending & ~enters).sum() <= MOST_WAITING * (staying + enters.sum()):
            break
    return enters


def record(rows: Membership, names: Sequence[str], sources: Sequence[str], published: Mask) -> pa.Table:
    """Which versions are in which published cuts: the columns of `RECORD` but for `released`."""
    columns: dict[str, list[str]] = {"source": [], "line": [], "cell": [], "version": []}
    for one, cell in zip(rows.sets, rows.cell, strict=True):
        line = next((f"{one.name} {key}" for key in one.keys if key.startswith("skill ")), one.name)
        for row in np.flatnonzero((cell >= 0) & published[cell] & (rows.version >= 0)):
            columns["source"].append(sources[cell[row]])
            columns["line"].append(line)
            columns["cell"].append(names[cell[row]])
            columns["version"].append(rows.versions[rows.version[row]])
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def between(
    rows: Membership, names: Sequence[str], sources: Sequence[str], keyed: Mask, order: Ints, allowed: Mask,
    earlier: Earlier,
) -> Mask:  # fmt: skip
    """The cells that may still be published beside all earlier releases; a subset of `allowed`.

    `names`, `sources`, `keyed` (by employer: one may make it up), `order` (in which cells are given up) and `allowed`
    are by cell, `rows` as in `complement`.
    """
    out = allowed.copy()
    for source in earlier.sources:
        mine = np.array([one == source for one in sources], dtype=bool)
        only = earlier.only.get(source)
        if only is not None:
            out &= ~mine | np.array([name in only for name in names], dtype=bool)
        past = earlier.of(source)
        if past and (out & mine).any():
            own = ((rows.cell >= 0) & mine[rows.cell]).any(axis=0)
            out = _Joint(rows, own, names, past).settle(out, mine, keyed, order)
    return out


class _Joint:
    """The people of one source, now and in earlier releases, and the cuts that they are or were in."""

    def __init__(
        self, rows: Membership, own: Mask, names: Sequence[str], past: Sequence[Mapping[str, str]]
    ) -> None:
        now = [rows.versions[v] for v in rows.version[own]]
        people = list(dict.fromkeys([*now, *(r["version"] for r in past)]))
        at = {version: i for i, version in enumerate(people)}
        self.people, self.names = len(people), names
        self.cell = np.full((len(rows.sets), self.people), -1, dtype=np.int64)
        self.cell[:, : len(now)] = rows.cell[:, own]
        self.employer = np.full(self.people, -1, dtype=np.int64)
        self.employer[: len(now)] = rows.employer[own]
        self.past: dict[tuple[str, str, str], Mask] = {}
        for r in past:
            if r["cell"]:
                cut = self.past.setdefault(
                    (r["released"], r["line"], r["cell"]), np.zeros(self.people, dtype=bool)
                )
                cut[at[r["version"]]] = True
        self.known = {cut.tobytes() for cut in self.past.values()}

    def settle(self, allowed: Mask, mine: Mask, keyed: Mask, order: Ints) -> Mask:
        """The cells that may still be published."""
        out = allowed.copy()
        shown = {int(c): self._members(int(c)) for c in np.flatnonzero(allowed & mine)}
        changed = {c: cut for c, cut in shown.items() if cut.tobytes() not in self.known}
        differences = {c: self._differences(c, cut) for c, cut in changed.items()}
        for c, parts in differences.items():
            out[c] = all(self._sound(part, joined, keyed[c]) for part, joined in parts)
        while True:
            live = [c for c in changed if out[c]]
            if not live:
                return out
            gone = self._leaks([(c, changed[c]) for c in live], differences, order)
            if not gone:
                return out
            out[gone] = False

    def _members(self, cell: int) -> Mask:
        return np.asarray((self.cell == cell).any(axis=0))

    def _differences(self, cell: int, now: Mask) -> list[tuple[Mask, bool]]:
        """Who joined (True) or left (False) the cut since each earlier publication of it."""
        before = [cut for (_, _, name), cut in self.past.items() if name == self.names[cell]]
        return [pair for cut in before for pair in ((now & ~cut, True), (cut & ~now, False))]

    def _sound(self, part: Mask, joined: bool, keyed: bool) -> bool:
        """Whether who joined or left are nobody or enough, and those who joined of several employers."""
        n = int(part.sum())
        if n == 0:
            return True
        if n < LEAST or keyed or not joined:
            return n >= LEAST
        group = np.where(part, 0, -1)
        return bool(dominance(group, self.employer, np.ones(self.people, dtype=np.int64), 1).passes[0])

    def _leaks(
        self,
        live: Sequence[tuple[int, Mask]],
        differences: Mapping[int, list[tuple[Mask, bool]]],
        order: Ints,
    ) -> list[int]:
        """Cells to give up: all cuts of earlier releases, those of this one and who joined or left each, at once.

        That who joined and who left stand apart gives an attacker more than they have: what a sum of both hides is
        then found too. Cuts of earlier releases are out and can't be given up; where the audit would, all that changed is.
        """
        owner = [c for c, _ in live]
        cuts = [cut for _, cut in live]
        for c, _ in live:
            parts = [part for part, _ in differences[c] if part.any()]
            owner += [c] * len(parts)
            cuts += parts
        rank = [int(order[c]) for c in owner]
        past = [cut for _, cut in sorted({cut.tobytes(): cut for cut in self.past.values()}.items())]
        cell = _packed([*cuts, *past])
        every = np.array(rank + [int(order.max(initial=0)) + 1] * len(past), dtype=np.int64)
        ones = np.ones(self.people, dtype=np.int64)
        found = audit.leaks(cell, ones, every, np.ones(len(every), dtype=bool), LEAST)
        if any(k >= len(owner) for k in found):
            return sorted(set(owner))
        return sorted({owner[k] for k in found})


def _packed(cuts: Sequence[Mask]) -> Ints:
    """The cuts, numbered, in as few rows as hold each person at most once a row, (rows, people)."""
    rows: list[Ints] = []
    for k, cut in enumerate(cuts):
        row = next((r for r in rows if (r[cut] < 0).all()), None)
        if row is None:
            row = np.full(len(cut), -1, dtype=np.int64)
            rows.append(row)
        row[cut] = k
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.int64)
