"""Opens a table as its publisher ships it: csv, csv.gz or a csv inside a zip, one bounded line at a time.

A file that cannot be read at all is one PaylensError that names it. A row that cannot be read is counted and
the rows after it are read.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sqlite3
import tempfile
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from paylens.contract.errors import PaylensError, shown

__all__ = ["BROKEN", "LINE_LIMIT", "PublishedTable", "database", "file_sha256"]

# The longest line of a real file is 60 kB; a line over this is not a table of rows.
LINE_LIMIT = 4 * 1024 * 1024
BROKEN = "broken row"

# A quoted answer may hold line breaks; one that is still open after this many lines was never closed.
_MOST_LINES = 200
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_NAMED = 5


@contextmanager
def database(path: Path) -> Iterator[str]:
    """The name of a gzipped SQLite file, unpacked for as long as it is asked; PaylensError where it is not one."""
    try:
        plain = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise PaylensError(f"{path}: no such file") from None
    except (EOFError, OSError) as error:
        raise PaylensError(f"{path}: the file is cut short or damaged ({error}); fetch it again") from None
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(plain)
        file.flush()
        try:
            yield file.name
        except sqlite3.DatabaseError as error:
            raise PaylensError(f"{path}: not the database expected ({error})") from None


def file_sha256(path: Path) -> str:
    """The SHA-256 of the file as published (of the archive where it is one), in hexadecimal."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _cannot_open(path, error) from error


class PublishedTable:
    """A context manager over the rows of one file.

    `need` are the columns that must be there, `optional` those that are taken where they are; iterating gives
    `(row, values)` with the number of the data row (from 1) and the text of each taken column, as published.
    `header_rows` is 2 where a row of questions stands below the row of codes. `member` is the name of the csv
    in a zip that holds several. While iterating, `rows_in` counts the data rows, `dropped` the broken ones by
    reason and `repaired` what was replaced in the others.
    """

    def __init__(
        self,
        path: Path,
        need: Sequence[str],
        *,
        optional: Sequence[str] = (),
        header_rows: int = 1,
        member: str | None = None,
    ) -> None:
        self.path = path
        self.need = tuple(dict.fromkeys(need))
        self.optional = tuple(dict.fromkeys(optional))
        self.header_rows = header_rows
        self.member = member
        self.header: tuple[str, ...] = ()
        self.rows_in = 0
        self.dropped: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        try:
            stream = _opened(self.path, self.member, self._stack)
            self._records = _Records(self._lines(stream))
            self.header = tuple(name.strip() for name in self._header())
            self._check()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def take(self, columns: Sequence[str]) -> None:
        """Take these columns of the header too: for those whose names are only known from it."""
        self.optional = tuple(dict.fromkeys((*self.optional, *columns)))

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        taken = [name for name in dict.fromkeys((*self.need, *self.optional)) if name in self.header]
        places = [self.header.index(name) for name in taken]
        # A second, unused place makes itemgetter give a tuple for a single column too.
        pick = itemgetter(*places, places[0])
        width = len(self.header)
        while (fields := self._records.read(width)) is not None:
            self.rows_in += 1
            if len(fields) != width:
                self.dropped[BROKEN] += 1
                continue
            yield self.rows_in, dict(zip(taken, pick(fields), strict=False))

    def _header(self) -> list[str]:
        header = self._records.read(None)
        if not header:
            raise PaylensError(f"{self.path}: the file is empty")
        for _ in range(1, self.header_rows):
            self._records.read(len(header))
        return header

    def _check(self) -> None:
        lacking = [name for name in self.need if name not in self.header]
        if lacking:
            names = ", ".join(shown(name) for name in lacking[:_NAMED])
            more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
            raise PaylensError(f"{self.path}: not the table expected, it lacks the columns {names}{more}")

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        """The lines as text, each with its line end; a byte-order mark at the start is left out."""
        encoding = "utf-8-sig"
        number = 0
        while True:
            try:
                line = stream.readline(LINE_LIMIT + 1)
            except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
                raise PaylensError(
                    f"{self.path}: the file is cut short or damaged after line {number}; fetch it again"
                ) from error
            if not line:
                return
            number += 1
            if len(line) > LINE_LIMIT:
                megabytes = LINE_LIMIT // 1024**2
                raise PaylensError(
                    f"{self.path}: line {number} is longer than {megabytes} MB; this is not a table of rows"
                )
            try:
                yield line.decode(encoding)
            except UnicodeDecodeError:
                self.repaired["line with undecodable bytes"] += 1
                yield line.decode(encoding, errors="replace")
            encoding = "utf-8"


class _Records:
    """Rows from lines: a quoted field may hold line breaks, and one stray quote costs one row."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._source = lines
        self._waiting: deque[str] = deque()

    def read(self, width: int | None) -> list[str] | None:
        """The fields of the next row that is not blank, None at the end; empty when it cannot be parsed.

        `width` is the number of fields expected, None for the first row.
        """
        line = self._line()
        while line is not None and not line.strip():
            line = self._line()
        if line is None:
            return None
        if line.count('"') % 2 == 0:
            return _fields(line)
        joined = self._joined(line)
        fields = _fields("".join(joined))
        if fields and (width is None or len(fields) == width):
            return fields
        # The quote was never closed, or closed in a later row: the first line stands alone.
        self._waiting.extendleft(reversed(joined[1:]))
        return _fields(line)

    def _joined(self, first: str) -> list[str]:
        joined, quotes, size = [first], first.count('"'), len(first)
        while quotes % 2 and len(joined) < _MOST_LINES and size < LINE_LIMIT:
            line = self._line()
            if line is None:
                break
            joined.append(line)
            quotes += line.count('"')
            size += len(line)
        return joined

    def _line(self) -> str | None:
        return self._waiting.popleft() if self._waiting else next(self._source, None)


def _fields(text: str) -> list[str]:
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def _opened(path: Path, member: str | None, stack: ExitStack) -> BinaryIO:
    """The bytes of the table; what the file is, is told by its first bytes and not by its name."""
    try:
        file = stack.enter_context(path.open("rb"))
        start = file.read(4)
        file.seek(0)
    except OSError as error:
        raise _cannot_open(path, error) from error
    if start.startswith(_GZIP):
        return cast("BinaryIO", stack.enter_context(gzip.open(file, "rb")))
    if start == _ZIP:
        return _unzipped(path, file, member, stack)
    return file


def _unzipped(path: Path, file: BinaryIO, member: str | None, stack: ExitStack) -> BinaryIO:
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        names = [
            name for name in archive.namelist() if name.lower().endswith(".csv") and "__MACOSX" not in name
        ]
        if member is not None and len(names) > 1:
            names = [name for name in names if name.rpartition("/")[2] == member]
        if len(names) != 1:
            wanted = member or "one .csv file"
            raise PaylensError(f"{path}: the archive should hold {wanted}, it has {len(names)} such files")
        return cast("BinaryIO", stack.enter_context(archive.open(names[0])))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise PaylensError(f"{path}: the archive cannot be opened ({error})") from error


def _cannot_open(path: Path, error: OSError) -> PaylensError:
    reason = "no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
    return PaylensError(f"{path}: {reason}")
