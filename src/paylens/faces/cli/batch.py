"""Many profiles from a file to a file: one row out for each row in, in order, whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from paylens.advice.many import SCHEMA, flat_answer
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.profile import FIELDS
from paylens.engine import Engine
from paylens.faces.cli.batch_files import Row, Sink, kind_of, replacing, rows_of

__all__ = ["run"]

_MOST_ROWS = 8192
_MOST_BYTES = 16 << 20
_FIELDS = frozenset(FIELDS)
Given = Mapping[str, Any]


def run(engine: Engine, source: Path, to: Path, given: Given) -> int:
    """Answer every profile of `source` into `to`; `given` are fields for rows that do not give them.

    Returns the exit code: 0 when any row was answered, else 2. Raises PaylensError when there is nothing to answer
    or the files can't be read or written; then `to` is as it was.
    """
    kinds = kind_of(source, "--from"), kind_of(to, "--to")
    if not to.parent.is_dir():
        raise PaylensError(f"{to.parent}: no such folder")
    if to.exists() and source.exists() and to.samefile(source):
        raise InputError("--to", str(to), f"{to} is the file that --from reads")
    answered = errors = 0
    rows = rows_of(source, kinds[0], given)
    first = next(rows, None)
    if first is None:
        raise PaylensError(f"{source} is empty: it holds no profile")
    with replacing(to) as out, Sink(kinds[1], out) as sink:
        for part in _parts(first, rows):
            good, bad = (_flat if sink.flat else _whole)(engine, part, given, sink)
            answered, errors = answered + good, errors + bad
            _progress(answered + errors)
    end = "\r" if sys.stderr.isatty() else ""
    print(f"{end}{answered:,} answered, {errors:,} with errors, in {to}", file=sys.stderr)
    return 0 if answered else 2


def _parts(first: Row, rows: Iterator[Row]) -> Iterator[list[Row]]:
    part, size = [first], first[2]
    for row in rows:
        part.append(row)
        size += row[2]
        if len(part) >= _MOST_ROWS or size >= _MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _whole(engine: Engine, part: list[Row], given: Given, sink: Sink) -> tuple[int, int]:
    """Write whole answers; how many are answers and how many errors."""
    answers = _answers(engine, part, given)
    sink.whole(answers)
    errors = sum("error" in answer for answer in answers)
    return len(answers) - errors, errors


def _flat(engine: Engine, part: list[Row], given: Given, sink: Sink) -> tuple[int, int]:
    """Write flat answers. Rows that make a table are answered as one, the rest one by one; order is kept."""
    like = [row for row in part if not isinstance(row[1], str) and _FIELDS.issuperset(row[1])]
    table = _tabled([{**given, **row[1]} for row in like if not isinstance(row[1], str)])
    done = {} if table is None else _rows(like, engine.estimate_many(table))
    rest = [row for row in part if row[0] not in done]
    for row, answer in zip(rest, _answers(engine, rest, given), strict=True):
        done[row[0]] = flat_answer(row[0], answer)
    ordered = [done[row[0]] for row in part]
    sink.table(pa.Table.from_pylist(ordered, schema=SCHEMA))
    errors = sum(row["error"] is not None for row in ordered)
    return len(ordered) - errors, errors


def _tabled(profiles: list[dict[str, Any]]) -> pa.Table | None:
    """Profiles as a table; None when a column holds values of several kinds or there is nothing to hold."""
    names = [name for name in FIELDS if name == "role" or any(name in p for p in profiles)]
    try:
        return pa.table({name: [p.get(name) for p in profiles] for name in names}) if profiles else None
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None


def _rows(like: Iterable[Row], table: pa.Table) -> dict[int, dict[str, Any]]:
    return {row[0]: {**flat, "row": row[0]} for row, flat in zip(like, table.to_pylist(), strict=True)}


def _answers(engine: Engine, part: list[Row], given: Given) -> list[dict[str, Any]]:
    """A whole answer, or `{"row", "error"}`, for each row."""
    profiles = [{**given, **row[1]} for row in part if not isinstance(row[1], str)]
    found = iter(engine.estimate_many(profiles))
    out: list[dict[str, Any]] = []
    for number, profile, _ in part:
        if isinstance(profile, str):
            out.append({"row": number, "error": InputError("row", None, profile).problem()})
        else:
            answer = next(found)
            out.append({"row": number, "error": answer["error"]} if "error" in answer else answer)
    return out


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} profiles", end="", file=sys.stderr, flush=True)
