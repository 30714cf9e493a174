"""Cells of a release found by their keys: what is published, and what is kept back with the reason and what answers instead."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from paylens.places import geography
from paylens.release.read import Release

__all__ = ["BANDS", "Cells", "Cuts", "label_of", "name_of"]

BANDS = {"entry": "0-2 years", "mid": "3-4 years", "senior": "5 years and more"}
_AFTER_SET = "set"
_BEFORE_FIGURES = ("currency", "reason")
_MOST_KEPT = 2048
_MOST_ROWS = 50_000
Values = tuple[Any, ...]


class Cells:
    """A table of cells by source and set; a set's rows are indexed when they are first asked for.

    `sets` gives each set's key columns, `sources` the sources in their order in the table.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()
        names = table.column_names
        end = next(names.index(name) for name in _BEFORE_FIGURES if name in names)
        self.keys: tuple[str, ...] = tuple(names[names.index(_AFTER_SET) + 1 : end])
        self._runs: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self.sets: dict[str, tuple[str, ...]] = {}
        self.sources: list[str] = []
        self._cells: dict[tuple[str, str], dict[Values, int]] = {}
        self._rows: dict[int, dict[str, Any]] = {}
        self._matching: dict[tuple[Any, ...], list[tuple[Values, int]]] = {}
        self._find_runs()

    def _find_runs(self) -> None:
        """Where each source's part of each set lies: rows of one stand together."""
        if not self._table.num_rows:
            return
        source, sources = self._codes("source")
        name, sets = self._codes("set")
        breaks = np.flatnonzero((np.diff(source) != 0) | (np.diff(name) != 0)) + 1
        starts = [0, *breaks.tolist()]
        for start, stop in zip(starts, [*starts[1:], self._table.num_rows], strict=True):
            at = (sources[source[start]], sets[name[start]])
            self._runs.setdefault(at, []).append((start, stop))
            if at[1] not in self.sets:
                self.sets[at[1]] = tuple(k for k in self.keys if self._table[k][start].is_valid)
            if at[0] not in self.sources:
                self.sources.append(at[0])

    def _codes(self, name: str) -> tuple[np.ndarray[Any, np.dtype[np.int32]], list[Any]]:
        column = self._table[name].chunk(0)
        codes = np.frombuffer(column.indices.buffers()[1], np.int32)
        return codes[column.offset : column.offset + len(column)], column.dictionary.to_pylist()

    def _values(self, name: str, start: int, stop: int) -> list[Any]:
        """A column's values in some rows, none of them null."""
        if not pa.types.is_dictionary(self._table.schema.field(name).type):
            plain: list[Any] = self._table[name].slice(start, stop - start).to_pylist()
            return plain
        codes, words = self._codes(name)
        return [words[code] for code in codes[start:stop].tolist()]

    def asks(self, source: str, name: str) -> bool:
        """Whether the source has any cell of a set here."""
        return (source, name) in self._runs

    def of(self, source: str, name: str) -> dict[Values, int]:
        """The rows of a source's part of a set, by their keys' values in the set's order."""
        at = (source, name)
        found = self._cells.get(at)
        if found is None:
            keys, found = self.sets.get(name, ()), {}
            for start, stop in self._runs.get(at, ()):
                columns = [self._values(key, start, stop) for key in keys]
                found.update(
                    zip(zip(*columns, strict=True) if keys else [()], range(start, stop), strict=False)
                )
            self._cells[at] = found
        return found

    def matching(self, source: str, name: str, fixed: Mapping[str, Any]) -> list[tuple[Values, int]]:
        """The cells of a source's part of a set that share what `fixed` says of its keys, with their rows."""
        keys = self.sets.get(name, ())
        wanted = tuple((i, fixed[k]) for i, k in enumerate(keys) if k in fixed)
        found = self._matching.get((source, name, wanted))
        if found is None:
            if len(self._matching) >= _MOST_KEPT:
                self._matching.clear()
            found = [
                (own, at) for own, at in self.of(source, name).items() if all(own[i] == v for i, v in wanted)
            ]
            self._matching[source, name, wanted] = found
        return found

    def row(self, at: int) -> dict[str, Any]:
        """One row as a dictionary, which must not be changed."""
        found = self._rows.get(at)
        if found is None:
            if len(self._rows) > _MOST_ROWS:
                self._rows.clear()
            found = {
                name: column[at].as_py()
                for name, column in zip(self._table.column_names, self._table.columns, strict=True)
            }
            self._rows[at] = found
        return found

    def first(self, source: str) -> int:
        """The position of a source's first row."""
        return next(runs[0][0] for (name, _), runs in self._runs.items() if name == source)

    def text(self, at: int, name: str) -> str:
        """One column of one row, as text."""
        return str(self._table[name][at].as_py())

    def rows(self, source: str, name: str) -> None:
        """Reads all rows of a source's part of a set at once, for whoever goes through many of them."""
        for start, stop in self._runs.get((source, name), ()):
            if stop - start > sum(at in self._rows for at in range(start, stop)):
                part = self._table.slice(start, stop - start).to_pylist()
                self._rows.update(zip(range(start, stop), part, strict=True))


class Cuts:
    """The published cells of a release and, read when a cell is missing, the withheld ones."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self.licences: dict[str, str] = {i["source"]: i["licence"] for i in release.manifest["inputs"]}
        self.published = Cells(release.table("cohorts.parquet", encoded=True))
        self.sources = self.published.sources
        self.by_keys = {frozenset(keys): name for name, keys in self.published.sets.items()}

    @functools.cached_property
    def withheld(self) -> Cells | None:
        """Cells that are kept back; None where the release does not list them."""
        if not self._release.holds("withheld.parquet"):
            return None
        found = Cells(self._release.table("withheld.parquet", encoded=True))
        # A set of which nothing may be published is known from here alone.
        self.by_keys |= {frozenset(keys): name for name, keys in found.sets.items()}
        return found

    def measure(self, source: str) -> str:
        """The measure of pay that a source's cells are of."""
        return self.published.text(self.published.first(source), "measure")

    def set_of(self, keys: Sequence[str]) -> str | None:
        """The set that is cut by just these keys, None where none is."""
        found = self.by_keys.get(frozenset(keys))
        if found is None and self.withheld is not None:
            found = self.by_keys.get(frozenset(keys))
        return found

    def find(self, source: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """The published cell of a source that is cut by just these facts."""
        name = self.by_keys.get(frozenset(facts))
        keys = None if name is None else self.published.sets.get(name)
        if name is None or keys is None:
            return None
        at = self.published.of(source, name).get(tuple(facts[k] for k in keys))
        return None if at is None else self.published.row(at)

    def kept_back(self, source: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """The withheld cell cut by just these facts (reason, answered_by), or None."""
        name = self.set_of(tuple(facts))
        if name is None or self.withheld is None or name not in self.withheld.sets:
            return None
        at = self.withheld.of(source, name).get(tuple(facts[k] for k in self.withheld.sets[name]))
        return None if at is None else self.withheld.row(at)

    def why_not(self, source: str, facts: Mapping[str, Any]) -> str:
        """Why a source shows no cell of these facts: it never asked, too few answered, or a small group would be given away."""
        held = self.kept_back(source, facts)
        if held is not None:
            return str(held["reason"])
        name = self.set_of(tuple(facts))
        if name is None:
            return "no such cut is made"
        asked = self.published.asks(source, name) or (
            self.withheld is not None and self.withheld.asks(source, name)
        )
        return "no report" if asked else f"{source} does not tell"


def name_of(row: Mapping[str, Any], keys: Sequence[str], labels: Mapping[str, str]) -> str:
    """A cell in words: its keys' values, 'Data scientist · Germany · finance'."""
    return " · ".join(label_of(k, row[k], labels) for k in keys if row[k] is not None) or "everyone"


def label_of(key: str, value: Any, labels: Mapping[str, str]) -> str:
    """A key's value as it reads in a cell's name; `labels` are names by id for what no table here tells."""
    text = str(value)
    if key == "years_band":
        return BANDS.get(text, text)
    if text in labels:
        return labels[text]
    if key in ("country", "metro", "state", "region"):
        return _place_label(key, text)
    return text if key in ("company_size", "vintage") else text.replace("-", " ")


@functools.lru_cache(maxsize=4096)
def _place_label(kind: str, id: str) -> str:
    try:
        return geography.of_id(kind, id).label
    except KeyError:
        return id
