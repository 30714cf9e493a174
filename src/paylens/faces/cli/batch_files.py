"""Many profiles from a file to a file: one row out for each row in, in order, whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from paylens.advice.many import COLUMNS, SCHEMA, flat_answer
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.profile import FIELDS
from paylens.engine import Engine

__all__ = ["run"]

_LONGEST_LINE = 1 << 20
_CHUNK = 2048
_KINDS = (".jsonl", ".csv", ".parquet")


def run(engine: Engine, source: Path, to: Path, defaults: dict[str, Any]) -> int:
    """Answer every profile of `source` into `to`; returns the exit code: 0 when any row was answered, else 2."""
    read, write = _kind(source, "from"), _kind(to, "to")
    if not source.exists():
        raise PaylensError(f"{source}: no such file")
    if not to.parent.is_dir():
        raise PaylensError(f"{to.parent}: no such folder")
    answered = errors = 0
    with _fresh(to) as out:
        sink = _Sink(write, out)
        for rows in _chunks(_rows(source, read)):
            found = _answers(engine, rows, defaults)
            for row, answer in found:
                errors += "error" in answer
                answered += "error" not in answer
                sink.add(row, answer)
            _progress(answered + errors)
        if answered + errors == 0:
            raise PaylensError(f"{source} is empty: it holds no profile")
        sink.close()
    print(
        f"{'' if not sys.stderr.isatty() else chr(13)}{answered} answered, {errors} with errors, in {to}",
        file=sys.stderr,
    )
    return 0 if answered else 2


def _kind(path: Path, field: str) -> str:
    name = path.name.removesuffix(".gz") if field == "from" else path.name
    for kind in _KINDS:
        if name.endswith(kind):
            return kind
    raise InputError(field, str(path), f"{path.name} is none of the kinds that are read and written", _KINDS)


@contextlib.contextmanager
def _fresh(to: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `to` only when everything went well."""
    handle, name = tempfile.mkstemp(prefix=f".{to.name}-", dir=to.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, to)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _answers(
    engine: Engine, rows: list[tuple[int, Any]], defaults: dict[str, Any]
) -> list[tuple[int, dict[str, Any]]]:
    good = [(n, {**defaults, **fields}) for n, fields in rows if isinstance(fields, dict)]
    answers = dict(zip((n for n, _ in good), engine.answers([f for _, f in good]), strict=True))
    out = []
    for n, fields in rows:
        answer = answers.get(n) or {"error": {"field": "row", "message": str(fields), "candidates": []}}
        out.append((n, {"row": n, "error": answer["error"]} if "error" in answer else answer))
    return out


def _chunks(rows: Iterator[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
    part: list[tuple[int, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _CHUNK:
            yield part
            part = []
    if part:
        yield part


def _rows(source: Path, kind: str) -> Iterator[tuple[int, Any]]:
    """Row number and profile (a mapping), or the text of what is wrong with the row."""
    if kind == ".parquet":
        yield from _parquet(source)
        return
    try:
        opened: Any = gzip.open(source, "rb") if source.name.endswith(".gz") else source.open("rb")
        with opened as data:
            yield from _jsonl(data) if kind == ".jsonl" else _csv(data, source)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise PaylensError(f"{source} is a damaged or cut-off gzip file") from None


def _lines(data: IO[bytes]) -> Iterator[bytes | None]:
    """Lines without their ends; None for one that is too long, of which no more is kept than the limit."""
    while line := data.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := data.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line.rstrip(b"\r\n")


def _jsonl(data: IO[bytes]) -> Iterator[tuple[int, Any]]:
    number = 0
    for line in _lines(data):
        if line is not None and not line.strip():
            continue
        number += 1
        yield number, _parsed(line)


def _parsed(line: bytes | None) -> Any:
    if line is None:
        return f"the line is longer than {_LONGEST_LINE} bytes"
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "the line is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"not JSON: {str(error)[:80]}"
    return value if isinstance(value, dict) else "a profile is a JSON object"


def _csv(data: IO[bytes], source: Path) -> Iterator[tuple[int, Any]]:
    head: list[str] | None = None
    number = 0
    for line in _lines(data):
        if head is None:
            if line is None:
                raise PaylensError(f"{source}: the header is longer than {_LONGEST_LINE} bytes")
            head = next(csv.reader([_text(line.removeprefix(b"\xef\xbb\xbf"), source)]), [])
            _check_columns(head, source)
            continue
        if line is not None and not line.strip():
            continue
        number += 1
        if line is None:
            yield number, f"the line is longer than {_LONGEST_LINE} bytes"
            continue
        values = next(csv.reader([_text(line, source)]), [])
        if len(values) != len(head):
            yield number, f"{len(values)} values where the header has {len(head)}"
        else:
            yield number, {k: v for k, v in zip(head, values, strict=True) if v != ""}


def _text(line: bytes, source: Path) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise PaylensError(f"{source} is not UTF-8 text") from None


def _check_columns(head: list[str], source: Path) -> None:
    if "role" not in head:
        raise InputError(
            "role",
            None,
            f"{source} has no column 'role'; its first columns are {', '.join(h[:30] for h in head[:4])}",
            FIELDS[:3],
        )


def _parquet(source: Path) -> Iterator[tuple[int, Any]]:
    try:
        file = pq.ParquetFile(source)
    except pa.ArrowException as error:
        raise PaylensError(
            f"{source} is not a readable Parquet file: {str(error).splitlines()[0][:100]}"
        ) from None
    _check_columns(file.schema_arrow.names, source)
    number = 0
    for batch in file.iter_batches(_CHUNK):
        for row in batch.to_pylist():
            number += 1
            yield number, {k: v for k, v in row.items() if v is not None and v == v}


class _Sink:
    """Writes answers as JSON lines, CSV or Parquet."""

    def __init__(self, kind: str, out: IO[bytes]) -> None:
        self.kind, self.out = kind, out
        self.rows: list[dict[str, Any]] = []
        self.parquet = pq.ParquetWriter(out, SCHEMA) if kind == ".parquet" else None
        if kind == ".csv":
            self._csv([list(COLUMNS)])

    def add(self, row: int, answer: dict[str, Any]) -> None:
        """One answer or error."""
        if self.kind == ".jsonl":
            self.out.write(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode() + b"\n")
            return
        flat = flat_answer(row, answer)
        if self.kind == ".csv":
            self._csv([["" if flat[c] is None else flat[c] for c in COLUMNS]])
        else:
            self.rows.append(flat)
            if len(self.rows) >= _CHUNK:
                self._group()

    def _csv(self, rows: list[list[Any]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.out.write(text.getvalue().encode())

    def _group(self) -> None:
        assert self.parquet is not None
        self.parquet.write_table(pa.Table.from_pylist(self.rows, schema=SCHEMA))
        self.rows = []

    def close(self) -> None:
        """Finish the file."""
        if self.parquet is not None:
            if self.rows:
                self._group()
            self.parquet.close()


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} profiles", end="", file=sys.stderr, flush=True)
