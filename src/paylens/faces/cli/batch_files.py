"""Files of profiles and of answers: JSON lines, CSV and Parquet, row by row in bounded memory."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from paylens.advice.many import COLUMNS, SCHEMA
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.profile import FIELDS
from paylens.contract.vocabulary import nearest_names

__all__ = ["Row", "Sink", "kind_of", "replacing", "rows_of"]

# The number of a data row from 1, its profile or what is wrong with it, and about how many bytes it takes.
Row = tuple[int, Mapping[str, Any] | str, int]

_LONGEST_LINE = 1 << 20
_READ_AT_ONCE = 4096
_KINDS = (".jsonl", ".csv", ".parquet")
_TOO_LONG = f"the line is longer than {_LONGEST_LINE:,} bytes"
_NOT_UTF8 = "the line is not UTF-8 text"


def kind_of(path: Path, option: str) -> str:
    """'.jsonl', '.csv' or '.parquet' by the ending; the first two may be read gzipped. InputError for another."""
    name = path.name.lower()
    if option == "--from":
        name = name.removesuffix(".gz") if not name.endswith(".parquet.gz") else name
    for kind in _KINDS:
        if name.endswith(kind):
            return kind
    raise InputError(option, str(path), f"{path} has none of the endings that are known", _KINDS)


def rows_of(source: Path, kind: str, given: Iterable[str]) -> Iterator[Row]:
    """Rows of a file in order; `given` are fields that every profile has already.

    Raises PaylensError for a file that can't be read to its end, InputError for columns that no profile has.
    """
    try:
        if kind == ".parquet":
            yield from _parquet(source, given)
            return
        zipped = source.name.lower().endswith(".gz")
        opened: Any = gzip.open(source) if zipped else source.open("rb")
        with opened as data:
            yield from _jsonl(data) if kind == ".jsonl" else _csv(data, source, given)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise PaylensError(f"{source} is a damaged or cut-off gzip file") from None
    except pa.ArrowException as error:
        why = str(error).splitlines()[0][:100] if str(error) else "damaged"
        raise PaylensError(f"{source} is not a readable Parquet file: {why}") from None
    except OSError as error:
        raise PaylensError(f"{source}: {(error.strerror or str(error)).lower()}") from None


def _lines(data: IO[bytes]) -> Iterator[bytes | None]:
    """Lines with their ends; None for one that is too long, of which no more is held than the limit."""
    while line := data.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := data.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line


def _jsonl(data: IO[bytes]) -> Iterator[Row]:
    number = 0
    for line in _lines(data):
        if line is None:
            number += 1
            yield number, _TOO_LONG, 0
        elif line.strip():
            number += 1
            yield number, _parsed(line), len(line)


def _parsed(line: bytes) -> Mapping[str, Any] | str:
    try:
        value = json.loads(line.decode("utf-8-sig"))
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        return _NOT_UTF8
    except UnicodeEncodeError:
        return "the text holds half a character"
    except (ValueError, RecursionError) as error:
        return f"not JSON: {str(error)[:80]}"
    return value if isinstance(value, dict) else "a profile is a JSON object"


def _csv(data: IO[bytes], source: Path, given: Iterable[str]) -> Iterator[Row]:
    reader = csv.reader(_texts(data))
    try:
        head = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise PaylensError(f"{source} is not CSV: {error}") from None
    if not head:
        return
    if head[0] in (_TOO_LONG, _NOT_UTF8):
        raise PaylensError(f"{source}: the first line is no header: {head[0]}")
    _check_columns(head, source, given)
    number = 0
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield number, f"not a row of CSV: {error}", 0
            continue
        if values:
            number += 1
            yield number, _paired(head, values), sum(map(len, values))


def _texts(data: IO[bytes]) -> Iterator[str]:
    """Lines as text; one that can't be has what is wrong in its place."""
    for at, line in enumerate(_lines(data)):
        if line is None:
            yield f'"{_TOO_LONG}"'
            continue
        try:
            yield line.decode("utf-8-sig" if at == 0 else "utf-8")
        except UnicodeDecodeError:
            yield _NOT_UTF8


def _paired(head: Sequence[str], values: Sequence[str]) -> Mapping[str, Any] | str:
    if values[0] in (_TOO_LONG, _NOT_UTF8) and len(values) == 1:
        return values[0]
    if len(values) == len(head):
        return {name: value for name, value in zip(head, values, strict=True) if value != ""}
    return f"{len(values)} values where the header has {len(head)}"


def _parquet(source: Path, given: Iterable[str]) -> Iterator[Row]:
    with pq.ParquetFile(source) as file:
        names = file.schema_arrow.names
        _check_columns(names, source, given)
        number = 0
        for batch in file.iter_batches(_READ_AT_ONCE, use_threads=False):
            for row in batch.to_pylist():
                number += 1
                # A float column says "nothing" as NaN too.
                yield number, {k: v for k, v in row.items() if v is not None and v == v}, 0


def _check_columns(head: Sequence[str], source: Path, given: Iterable[str]) -> None:
    if "role" not in head and "role" not in given:
        first = ", ".join(name[:30] for name in head[:4])
        raise InputError("role", None, f"{source} has no column 'role'; it begins with: {first}")
    for name in head:
        if name not in FIELDS:
            message = f"'{name[:60]}', a column of {source}, is not a field of a profile"
            raise InputError("column", name, message, nearest_names(name[:60], FIELDS))
    twice = {name for name in head if head.count(name) > 1}
    if twice:
        raise InputError("column", min(twice), f"{source} has the column '{min(twice)}' twice")


@contextlib.contextmanager
def replacing(to: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `to` when all is written; until then, and on any failure, `to` is untouched."""
    handle, name = tempfile.mkstemp(prefix=f".{to.name}-", dir=to.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(handle, 0o666 & ~_umask())
            yield out
            out.flush()
            os.fsync(handle)
        os.replace(name, to)
    except OSError as error:
        raise PaylensError(f"{to}: {(error.strerror or str(error)).lower()}; nothing was written") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Sink:
    """Writes answers to an open file: whole ones as JSON lines, flat ones (`COLUMNS`) as CSV or Parquet."""

    def __init__(self, kind: str, out: IO[bytes]) -> None:
        self.flat = kind != ".jsonl"
        self._out = out
        self._parquet = pq.ParquetWriter(out, SCHEMA) if kind == ".parquet" else None
        if kind == ".csv":
            self._csv([COLUMNS])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._parquet is not None:
            # After a failure the file is thrown away: what its footer lacks no longer matters.
            with contextlib.suppress(Exception) if error else contextlib.nullcontext():
                self._parquet.close()

    def whole(self, answers: Iterable[Mapping[str, Any]]) -> None:
        """Answers, or errors with their row, one JSON object a line."""
        for answer in answers:
            self._out.write(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def table(self, table: pa.Table) -> None:
        """Flat answers of `SCHEMA`."""
        if self._parquet is not None:
            self._parquet.write_table(table.cast(SCHEMA))
        else:
            columns = [table.column(name).to_pylist() for name in COLUMNS]
            self._csv([["" if v is None else v for v in row] for row in zip(*columns, strict=True)])

    def _csv(self, rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._out.write(text.getvalue().encode())
