"""Desks on both databases, with keys of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from paylens.submissions import keys as key_files
from paylens.submissions.desk import Desk, Rules, init_desk


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.database)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "store" / "reports.sqlite")
    server = request.getfixturevalue("postgres")
    made = subprocess.run(
        ["psql", "-q", "-h", str(server.sockets), "-U", "paylens", "-d", "postgres"], capture_output=True, text=True, check=False,
        input="SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public;", timeout=60,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return str(server.url())


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder of private keys."""
    key_files.make(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def make_desk(database: str, keys: Path, tmp_path: Path) -> Generator[Callable[..., Desk]]:
    """Makes the desk on the database, with rules of its own."""
    made: list[Desk] = []

    def make(**rules: Any) -> Desk:
        (tmp_path / "store").mkdir(exist_ok=True)
        rules = {"per_day": 100_000, "misses": 100_000, **rules}
        made.append(init_desk(tmp_path / "desk", database, keys / "public.toml", Rules(**rules)))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A desk that takes reports from anybody."""
    return make_desk()


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    """The fields of some report."""

    def make(base: float = 85_000, **fields: Any) -> dict[str, Any]:
        told = {
            "role": "ML engineer",
            "location": "Berlin",
            "years_experience": 4,
            "skills": ["pytorch", "aws"],
        }
        return {**told, "base": base, **fields}

    return make


@pytest.fixture
def none() -> Callable[[], str]:
    """Nobody asks for a passphrase."""

    def ask() -> str:
        raise AssertionError("no passphrase is needed")

    return ask
