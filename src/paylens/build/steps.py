"""Finished steps of a build, kept under a hash of what they were made from, so that an interrupted build goes on."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from paylens.contract.errors import PaylensError
from paylens.contract.require import require
from paylens.release.files import digest, table_from, table_to

__all__ = ["WORKERS", "Say", "Steps", "Task", "code_of"]

WORKERS = 2
Say = Callable[[str], None]


class Steps:
    """Finished steps in a folder, each under a hash of its code and inputs; an interrupted build goes on from the last."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder, self.say = folder, say
        self.seconds: dict[str, float] = {}
        # Observations lie here, of a community's members too: nobody else on the machine may look.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def run(self, name: str, key: str, make: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
        """The step's files: kept ones when `key` is that of a finished step, else made, then kept by rename."""
        kept = self.kept(name, key)
        if kept is not None:
            self.seconds.setdefault(name, 0.0)
            return kept
        self.say(name)
        start = time.monotonic()
        files = make()
        table = pa.table(
            {
                "name": pa.array(list(files), pa.string()),
                "data": pa.array(list(files.values()), pa.large_binary()),
            }
        )
        done = self._file(name, key)
        fresh = done.with_suffix(".part")
        fresh.write_bytes(table_to(table))
        for old in self.folder.glob(f"{name}-{'?' * 16}.parquet"):
            old.unlink()
        fresh.rename(done)
        self.seconds[name] = time.monotonic() - start
        return files

    def kept(self, name: str, key: str) -> dict[str, bytes] | None:
        """The files of a finished step, None where there is none; a damaged one is removed."""
        done = self._file(name, key)
        if not done.exists():
            return None
        try:
            table = table_from(done.read_bytes(), str(done))
        except PaylensError:
            done.unlink()
            return None
        return dict(zip(table["name"].to_pylist(), table["data"].to_pylist(), strict=True))

    def together(self, tasks: Sequence[Task]) -> None:
        """Run steps that need nothing of each other side by side; `run` then finds each of them kept.

        A worker counts in one thread: sums come out in one order, however many cores there are.
        """
        waiting = [t for t in tasks if self.kept(t.name, t.key) is None]
        if not waiting:
            return
        self.say(" and ".join(t.name for t in waiting[:WORKERS]))
        joblib = require("joblib", "build")
        with joblib.parallel_config("loky", n_jobs=WORKERS, inner_max_num_threads=1):
            found = joblib.Parallel(return_as="generator_unordered")(
                joblib.delayed(_alone)(self.folder, t) for t in waiting
            )
            for done, (name, seconds) in enumerate(found, start=1):
                self.seconds[name] = seconds
                self.say(f"{done} of {len(waiting)} fits: {name} took {seconds:.0f} s")

    def _file(self, name: str, key: str) -> Path:
        return self.folder / f"{name}-{key[:16]}.parquet"


@dataclass(frozen=True)
class Task:
    """A step that needs nothing but its arguments."""

    name: str
    key: str
    make: Callable[..., dict[str, bytes]]
    arguments: tuple[Any, ...]


def _alone(folder: Path, task: Task) -> tuple[str, float]:
    """Run a task in a process of its own."""
    steps = Steps(folder, lambda _: None)
    steps.run(task.name, task.key, functools.partial(task.make, *task.arguments))
    return task.name, steps.seconds[task.name]


@functools.cache
def code_of(rooms: tuple[str, ...]) -> str:
    """A hash of the code of some rooms and of the build: a step made by other code is not used again."""
    root = Path(__file__).parents[1]
    found = [
        p
        for room in (*rooms, "build")
        for p in sorted((root / room).rglob("*"))
        if p.suffix in (".py", ".toml", ".csv")
    ]
    return digest(b"".join(p.read_bytes() for p in found))
