"""A build from a thinned copy of the published files: same bytes twice, resumed after a stop, open licences alone."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from paylens.build import Steps, Task, build, is_held
from paylens.contract.errors import PaylensError
from paylens.engine import open as open_engine
from paylens.release.read import verify
from paylens.sources import READERS, describe

THIN = 6


def thinned(source: Path, target: Path) -> None:
    """Every sixth row of a table, its header and (Kaggle) the row of questions below it."""
    with gzip.open(source, "rt", encoding="utf-8", errors="replace", newline="") as lines:
        rows = list(csv.reader(lines))
    kept = [row for i, row in enumerate(rows) if i < 2 or i % THIN == 0]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(kept)
    target.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


@pytest.fixture(scope="module")
def data(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for id in READERS:
        for file in describe(id).files:
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
            thinned(data_root / file.path, folder / file.path)
    shutil.copytree(data_root / "official" / "sg_mom", folder / "official" / "sg_mom")
    return folder


@pytest.fixture(scope="module")
def built(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "release"
    build(data, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
@pytest.mark.data
def test_the_release_answers_and_names_its_inputs(built: Path) -> None:
    verify(built)
    engine = open_engine(built)
    answer = engine.estimate(role="ML engineer", location="US", as_of="2026-11")
    assert answer.percentiles["p10"] < answer.percentiles["p50"]
    assert {s["source"] for s in engine.sources()} == {*READERS, "sg_mom"}
    lacking = engine.release.json("report.json")["official_lacking"]
    assert any("us_oews" in line or "oews" in line for line in lacking)


@pytest.mark.slow
@pytest.mark.data
def test_the_same_inputs_give_the_same_bytes(data: Path, built: Path, tmp_path: Path) -> None:
    build(data, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(built)


@pytest.mark.slow
@pytest.mark.data
def test_an_interrupted_build_goes_on_from_what_is_whole(data: Path, built: Path) -> None:
    before = contents(built)
    steps = built.parent / f".{built.name}-steps"
    kept = sorted(steps.glob("*.parquet"))
    broken = next(p for p in kept if p.name.startswith("view us_lca"))
    broken.write_bytes(broken.read_bytes()[:100])
    next(p for p in kept if p.name.startswith("fit-")).unlink()
    (steps / "fit-0000.part").write_bytes(b"half")
    shutil.rmtree(built)
    said: list[str] = []
    made = build(data, built, say=said.append)
    assert contents(built) == before
    assert {name for name, seconds in made.seconds.items() if seconds > 0} == {"view us_lca", "fit"}


@pytest.mark.slow
@pytest.mark.data
def test_open_licences_alone(data: Path, tmp_path: Path) -> None:
    build(data, tmp_path / "open", open_only=True)
    engine = open_engine(tmp_path / "open")
    assert {s["source"] for s in engine.sources()} == {id for id in READERS if describe(id).licence_open}
    assert all(s["licence_open"] for s in engine.sources())


def test_a_kept_step_is_not_run_again_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    steps = Steps(tmp_path, lambda _: None)
    made: list[int] = []

    def make() -> dict[str, bytes]:
        made.append(1)
        return {"a": b"1"}

    assert steps.run("one", "k" * 20, make) == steps.run("one", "k" * 20, make) == {"a": b"1"}
    assert len(made) == 1
    assert steps.run("one", "l" * 20, make) == {"a": b"1"}
    assert len(made) == 2

    def fail() -> dict[str, bytes]:
        raise PaylensError("no")

    with pytest.raises(PaylensError):
        steps.run("two", "k" * 20, fail)
    assert [p.name for p in tmp_path.iterdir()] == ["one-" + "l" * 16 + ".parquet"]


def test_nobody_else_on_the_machine_reads_kept_steps(tmp_path: Path) -> None:
    """They hold observations, those of a community too."""
    steps = Steps(tmp_path / "steps", lambda _: None)
    assert (tmp_path / "steps").stat().st_mode & 0o077 == 0
    (tmp_path / "steps").chmod(0o755)
    steps = Steps(tmp_path / "steps", lambda _: None)
    assert steps.folder.stat().st_mode & 0o077 == 0


def _two(value: str) -> dict[str, bytes]:
    return {"value": value.encode()}


def test_steps_side_by_side_are_found_kept(tmp_path: Path) -> None:
    steps = Steps(tmp_path, lambda _: None)
    tasks = [Task(name, name * 20, _two, (name,)) for name in "ab"]
    steps.together(tasks)

    def never() -> dict[str, Any]:
        raise AssertionError

    assert [steps.run(t.name, t.key, never) for t in tasks] == [{"value": b"a"}, {"value": b"b"}]


def test_people_are_held_by_who_they_are() -> None:
    people = [f"source:2025:{i}" for i in range(5000)]
    held = [is_held(p) for p in people]
    assert held == [is_held(p) for p in people]
    assert 0.18 < sum(held) / len(held) < 0.22


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(PaylensError, match="no such folder"):
        build(tmp_path / "nothing", tmp_path / "to")
