"""Invented rows in each publisher's format, what they should give, and pins of the real files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from paylens.sources import READERS, PublishedFile, Reading, describe

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
# Of the real files, by hash: row counts, drops, and sums and distinct counts of columns; never a cell.
PINS: dict[str, dict[str, Any]] = json.loads((HERE / "pins.json").read_text(encoding="utf-8"))

Filled = Callable[[Reading], list[dict[str, Any]]]
Packed = Callable[[str], Path]

# What a reader takes as it stands, apart from what vocabularies make of it.
_SUMS = ("pay_lo", "pay_hi", "base", "bonus", "equity", "years_lo", "years_coding_lo", "years_ml_lo")
_DISTINCT = ("vintage", "month", "role_asked", "employer_asked", "currency", "pay_flag", "age")
_MAPPED = ("seniority", "country", "metro", "education", "industry", "company_size", "employer", "remote")


@pytest.fixture
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def filled() -> Filled:
    """The rows of a reading without what is null or empty."""

    def rows(reading: Reading) -> list[dict[str, Any]]:
        found = reading.table.to_pylist()
        return [{k: v for k, v in row.items() if v is not None and v != []} for row in found]

    return rows


@pytest.fixture
def expected() -> Callable[[str], list[dict[str, Any]]]:
    """The rows that a sample should give, written down beside it."""

    def rows(name: str) -> list[dict[str, Any]]:
        found = json.loads((SAMPLES / "expected" / f"{name}.json").read_text(encoding="utf-8"))
        assert isinstance(found, list)
        return found

    return rows


@pytest.fixture
def packed(tmp_path: Path) -> Packed:
    """A sample as the publisher ships it: gzipped."""

    def pack(name: str) -> Path:
        path = tmp_path / f"{name}.gz"
        path.write_bytes(gzip.compress((SAMPLES / name).read_bytes(), mtime=0))
        return path

    return pack


def summary(reading: Reading) -> dict[str, Any]:
    """What is pinned of a file: exact but for `mapped_at_least`, which a better vocabulary may raise."""
    table = reading.table
    skills = pc.list_flatten(table["skills"])
    return {
        "rows_in": reading.rows_in,
        "kept": reading.kept,
        "dropped": dict(reading.dropped),
        "sums": {name: round(pc.sum(table[name]).as_py() or 0.0, 2) for name in _SUMS},
        "distinct": {name: pc.count_distinct(table[name]).as_py() for name in _DISTINCT},
        "flags": {
            flag["values"]: flag["counts"]
            for flag in pc.value_counts(table["pay_flag"]).to_pylist()
            if flag["values"] is not None
        },
        "mapped_at_least": {name: table.num_rows - table[name].null_count for name in _MAPPED},
        "skills_at_least": len(skills),
    }


@pytest.fixture
def check_pins() -> Callable[[Path, str, PublishedFile], None]:
    """Read one real file and hold its aggregates against the pinned ones."""

    def check(data: Path, source: str, file: PublishedFile) -> None:
        reading = READERS[source](data / file.path)
        if reading.file_sha256 not in PINS:
            pytest.skip(f"{file.path} is another file than the one that was pinned")
        found, pinned = summary(reading), PINS[reading.file_sha256]
        for name in ("rows_in", "kept", "dropped", "distinct", "flags"):
            assert found[name] == pinned[name], name
        assert found["sums"] == pytest.approx(pinned["sums"], rel=1e-12)
        assert found["skills_at_least"] >= pinned["skills_at_least"]
        for name, least in pinned["mapped_at_least"].items():
            assert found["mapped_at_least"][name] >= least, name
        assert reading.rows_in == reading.kept + sum(reading.dropped.values())
        assert file.sha256 == reading.file_sha256
        asked = [
            describe(source).asked(vintage) for vintage in pc.unique(reading.table["vintage"]).to_pylist()
        ]
        offered = frozenset[str]().union(*(a.skills for a in asked))
        if not any(a.skills_named_freely for a in asked):
            assert frozenset(pc.unique(pc.list_flatten(reading.table["skills"])).to_pylist()) <= offered
        _check_asked(reading, frozenset[str]().union(*(a.fields for a in asked)))

    return check


def _check_asked(reading: Reading, fields: frozenset[str]) -> None:
    """A column is filled exactly when the source says that it asked for it."""
    columns = {
        "years": "years_lo", "years_coding": "years_coding_lo", "years_ml": "years_ml_lo", "pay": "pay_lo",
        "employer": "employer_asked",
    }  # fmt: skip
    known = {
        *_MAPPED,
        "state",
        "age",
        "people_manager",
        "publishes",
        "open_source",
        "base",
        "bonus",
        "equity",
    }
    for name in (known - {"employer"}) | columns.keys():
        column = reading.table[columns.get(name, name)]
        assert (column.null_count < len(column)) == (name in fields), name
