"""Sources to release: read, screen and cut, fit, calibrate, score, write; each step kept until its inputs change."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from paylens.cohorts import build as cutting
from paylens.cohorts import disclosure, outliers
from paylens.cohorts.reports import reports
from paylens.contract.errors import PaylensError
from paylens.contract.require import require
from paylens.model.fit import pay, scores
from paylens.model.fit.pay import PayModel
from paylens.model.fit.rows import prepare
from paylens.model.fit.view_scores import score_view
from paylens.model.fit.views import View, fit_view
from paylens.observations.collect import collect
from paylens.places import money
from paylens.release.files import arrays_from, arrays_to, digest, json_from, json_to, table_from, table_to
from paylens.release.write import write_release
from paylens.sources import Reading, describe
from paylens.sources.files import file_sha256
from paylens.sources.official import official

__all__ = ["HELD", "SEED", "Built", "build", "is_held"]

SEED = 20261123
HELD = 0.2
# The slowest first, so that no worker ends with a long one.
VIEWS = ("stackoverflow", "levels_fyi", "kaggle", "aijobs", "us_lca")
WORKERS = 2
Say = Callable[[str], None]


def is_held(respondent: str) -> bool:
    """Whether a respondent is kept from the scored fit: a hash of who, never of what they said."""
    value = int.from_bytes(hashlib.blake2b(f"{SEED}:{respondent}".encode(), digest_size=8).digest(), "big")
    return value / 2**64 < HELD


@dataclass(frozen=True)
class Built:
    """What a build made: where, its id, seconds by step (0 for a kept one), what was read and dropped, seconds in all."""

    path: Path
    id: str
    seconds: dict[str, float]
    report: dict[str, Any]
    took: float


class Steps:
    """Finished steps in a folder, each under a hash of its code and inputs; an interrupted build goes on from the last."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder, self.say = folder, say
        self.seconds: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)

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
        for old in self.folder.glob(f"{name}-*.parquet"):
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
def _code() -> str:
    """A hash of the code that a build runs: a step made by other code is not used again."""
    root = Path(__file__).parent
    found = [
        p
        for room in ("contract", "places", "sources", "observations", "cohorts", "model")
        for p in sorted((root / room).rglob("*"))
        if p.suffix in (".py", ".toml", ".csv")
    ]
    return digest(b"".join(p.read_bytes() for p in [*found, Path(__file__)]))


def _key(*parts: object) -> str:
    return digest(json.dumps([_code(), *map(str, parts)]).encode())


def _inputs(data: Path, open_only: bool) -> str:
    if not data.is_dir():
        raise PaylensError(f"{data}: no such folder")
    rooms = (data / "surveys", data / "postings", data / "disclosure", data / "official")
    found = [p for room in rooms for p in sorted(room.rglob("*")) if p.is_file()]
    return digest(
        json.dumps([[(str(p.relative_to(data)), file_sha256(p)) for p in found], open_only]).encode()
    )


def build(data: Path, to: Path, *, open_only: bool = False, say: Say = lambda _: None) -> Built:
    """Build a release from the published files in `data` into the folder `to`.

    `open_only` leaves out sources whose licence is not verified as open. Steps are kept beside `to` in
    `.NAME-steps`; the same files and code give the same bytes. PaylensError says what is missing or wrong.
    """
    start = time.monotonic()
    data, to = Path(data), Path(to)
    steps = Steps(to.parent / f".{to.name}-steps", say)
    seen = _inputs(data, open_only)
    read = steps.run("read", _key("read", seen), lambda: _read(data, open_only, say))
    table, told = table_from(read["observations"], "observations"), json_from(read["report"], "report")
    published = steps.run("official", _key("official", seen), lambda: _official(data, open_only))
    cells = table_from(published["official"], "official")
    more = json_from(published["inputs"], "inputs")
    told["official_lacking"] = json_from(published["lacking"], "lacking")
    held = np.array([is_held(r) for r in table["respondent"].to_pylist()])
    train, rest = table.filter(pa.array(~held)), table.filter(pa.array(held))
    source = np.array(table["source"].to_pylist())
    fits = [Task("scored fit and its scores", _key("scored", seen), _scored, (table, train, rest, cells))]
    fits += [
        Task(f"view {v}", _key("view", v, seen), _view, (_of(train, v), _of(rest, v), v))
        for v in VIEWS
        if (source == v).any()
    ]
    steps.together(fits)
    made = {t.name: steps.run(t.name, t.key, dict) for t in fits}
    scored = made.pop("scored fit and its scores")
    ship = Task("fit", _key("fit", seen), _shipped, (table, json_from(scored["sd"], "sd")))
    steps.together([ship])
    shipped = steps.run(ship.name, ship.key, dict)
    card = json_from(scored["card"], "card")
    views = {name.removeprefix("view "): files for name, files in made.items()}
    card["as_reported"] = {v: json_from(f["card"], "card") for v, f in views.items()}
    say("cohorts")
    kept, left = reports(table)
    screened = outliers.screen(kept)
    told["cohorts"] = {"left out": left, "screened": screened.counts.to_pylist()}
    disclosed = disclosure.disclose(cutting.cohorts(screened.kept))
    say("write")
    identity = write_release(
        to, month=money.last_month(), cohorts=disclosed, reference=arrays_from(shipped["arrays"], "arrays"),
        names=json_from(shipped["names"], "names"),
        views={v: (arrays_from(f["arrays"], v), json_from(f["meta"], v)) for v, f in views.items()},
        official=cells, card=card | {"noise": json_from(shipped["noise"], "noise")}, report=told, inputs=told.pop("inputs") + more,
    )  # fmt: skip
    return Built(to, identity, steps.seconds, told, time.monotonic() - start)


def _read(data: Path, open_only: bool, say: Say) -> dict[str, bytes]:
    found = collect(
        data, open_only=open_only, progress=lambda done, of, name: say(f"read {done}/{of} {name}")
    )
    inputs, files = [], []
    for reading in found.readings:
        about = describe(reading.source)
        inputs.append({
            "source": reading.source, "vintage": _vintage(reading), "publisher": about.publisher,
            "title": about.title, "licence": about.licence, "licence_open": about.licence_open, "sha256": reading.file_sha256,
            "rows": reading.kept, "citation": about.citation,
        })  # fmt: skip
        files.append({
            "source": reading.source, "vintage": _vintage(reading), "rows_in": reading.rows_in,
            "kept": reading.kept, "dropped": dict(reading.dropped),
        })  # fmt: skip
    report = {"files": files, "inputs": inputs, "unmapped": [list(u) for u in found.unmapped()]}
    return {"observations": table_to(found.table), "report": json_to(report)}


def _official(data: Path, open_only: bool) -> dict[str, bytes]:
    found = official(data, open_only=open_only)
    return {
        "official": table_to(found.table),
        "inputs": json_to(found.inputs),
        "lacking": json_to(found.lacking),
    }


def _vintage(reading: Reading) -> str:
    """The years of a file's reports: '2022', '2017-2021'."""
    years = sorted(set(reading.table["vintage"].to_pylist()))
    return "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _scored(table: pa.Table, train: pa.Table, rest: pa.Table, cells: pa.Table) -> dict[str, bytes]:
    """Fit on the rows that are not held, and every score of the reference view."""
    rows, held, every = prepare(train), prepare(rest), prepare(table)
    model = pay.fit_pay(rows, train, seed=SEED)
    like, m = model.linked, model.model
    card = {
        "seed": SEED, "held_share": HELD, "n_fitted": len(rows), "n_held": len(held),
        "n_reference_fitted": int(rows.reference.sum()), "n_reference_held": int(held.reference.sum()),
        "held": scores.held_reference(m, held, model.names),
        "medians": scores.medians(m, held, model.names),
        "forward": scores.forward(every, like, m),
        "left_out": scores.left_out(every, like, m),
        "perturbed": scores.perturbed(rows, like, m),
        "truths": scores.truths(model, cells),
        "block_sd": {k: round(v, 4) for k, v in model.sd.items()},
    }  # fmt: skip
    return {"card": json_to(_plain(card)), "sd": json_to(model.sd), **_files(model)}


def _shipped(table: pa.Table, sd: dict[str, float]) -> dict[str, bytes]:
    """Fit on every row, at the block sizes that the scored fit learnt."""
    return _files(pay.fit_pay(prepare(table), table, seed=SEED, sd=sd, rounds=2))


def _files(model: PayModel) -> dict[str, bytes]:
    return {
        "arrays": arrays_to(pay.as_arrays(model)),
        "names": json_to(pay.name_lists(model.names)),
        "noise": json_to(_plain(model.noise)),
    }


def _view(train: pa.Table, rest: pa.Table, source: str) -> dict[str, bytes]:
    """A source's view, fitted without the held rows, and its scores on them; it ships as it was scored."""
    view: View = fit_view(source, train, seed=SEED)
    card = score_view(view, train, rest)
    return {
        "arrays": arrays_to(view.arrays, single=True),
        "meta": json_to(_plain(view.meta)),
        "card": json_to(_plain(card)),
    }


def _of(table: pa.Table, source: str) -> pa.Table:
    return table.filter(pa.compute.equal(table["source"], source))


def _plain(value: Any) -> Any:
    """numpy scalars and arrays as plain numbers, not-a-number as None."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and value != value else value
