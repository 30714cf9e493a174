"""All sources below a data folder as one validated table, with what each file lost and why."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from paylens.contract.errors import PaylensError
from paylens.observations.schema import SCHEMA, validate
from paylens.sources import READERS, PublishedFile, Reading, describe, read_community

__all__ = ["Collected", "Progress", "collect", "find"]

# Called before each file with the number of files done, the number in all, and what is read next.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Collected:
    """The observations of all files in a fixed order, and the readings they came from."""

    table: pa.Table
    readings: tuple[Reading, ...]

    @property
    def rows_in(self) -> int:
        """Data rows in all files."""
        return sum(reading.rows_in for reading in self.readings)

    @property
    def dropped(self) -> Counter[str]:
        """Rows left out by reason, of all files."""
        return sum((Counter(reading.dropped) for reading in self.readings), Counter[str]())

    def report(self) -> list[str]:
        """One line a file: rows in, kept, and dropped by reason."""
        return [_line(reading) for reading in self.readings]

    def unmapped(self, least: int = 20) -> list[tuple[str, str, str, int]]:
        """Labels of at least `least` rows of a file that no vocabulary knows, most first: (source, field,
        label, rows)."""
        found = [
            (reading.source, name, label, rows)
            for reading in self.readings
            for name, labels in reading.unmapped.items()
            for label, rows in labels.items()
            if rows >= least
        ]
        return sorted(found, key=lambda entry: (-entry[3], entry))


def collect(
    data: Path, *, open_only: bool = False, communities: Sequence[Path] = (), progress: Progress | None = None
) -> Collected:
    """Read every source of pay reports below `data`, laid out as the sources' descriptions say, and the exports of
    `communities`.

    `open_only` leaves out the sources whose licence is not verified as open. PaylensError when the folder or
    a file is missing, a file cannot be read, or a row breaks a rule of the schema.
    """
    if not data.is_dir():
        raise PaylensError(f"{data}: no such folder")
    ids = [id for id in READERS if describe(id).licence_open or not open_only]
    # All files are looked for before the first is read: a missing one should not cost a minute.
    found = [(id, file, find(data, file)) for id in ids for file in describe(id).files]
    readings = _communities(communities, open_only)
    for done, (id, file, path) in enumerate(found):
        if progress is not None:
            progress(done, len(found), f"{id} {file.vintage}" if file.vintage else id)
        readings.append(READERS[id](path))
    if progress is not None:
        progress(len(found), len(found), "observations")
    readings.sort(key=lambda reading: reading.description is not None)
    table = pa.concat_tables([reading.table for reading in readings] or [SCHEMA.empty_table()])
    return Collected(validate(table.combine_chunks()), tuple(readings))


def _communities(folders: Sequence[Path], open_only: bool) -> list[Reading]:
    """The communities' exports, by name; PaylensError where two have one name or one is not open and must be."""
    readings = sorted((read_community(folder) for folder in folders), key=lambda reading: reading.source)
    for first, second in itertools.pairwise(readings):
        if first.source == second.source:
            raise PaylensError(
                f"{first.file.parent} and {second.file.parent} are both {first.source}: give one of them"
            )
    for reading in readings:
        if open_only and not reading.about.licence_open:
            raise PaylensError(
                f"{reading.source}: its licence '{reading.about.licence}' is not verified as open: leave it or --licence open out"
            )
    return readings


def find(data: Path, file: PublishedFile) -> Path:
    """Where a published file lies below `data`, plain, gzipped or zipped; PaylensError when it is not there."""
    plain = file.path.removesuffix(".gz")
    for name in (file.path, plain, f"{plain.removesuffix('.csv')}.zip", f"{plain}.zip"):
        path = data / name
        if path.is_file():
            return path
    raise PaylensError(f"{data / file.path}: no such file; it is needed to build")


def _line(reading: Reading) -> str:
    lost = ", ".join(f"{rows:,} {reason}" for reason, rows in reading.dropped.items()) or "none"
    name = f"{reading.source} {reading.file.parent.name}/{reading.file.name}"
    return f"{name}: {reading.rows_in:,} rows, {reading.kept:,} kept; dropped: {lost}"
