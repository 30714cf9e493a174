"""Sources to release: read, fit, calibrate, score, cut into cohorts, write; each step kept until its inputs change."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from paylens.build import parts
from paylens.build.people import is_held, sampled
from paylens.build.steps import Say, Steps, Task, code_of
from paylens.cohorts import disclosure
from paylens.contract.errors import PaylensError
from paylens.model.fit.premiums import with_model
from paylens.places import money
from paylens.release.files import arrays_from, digest, json_from, table_from
from paylens.release.write import write_release
from paylens.sources.files import file_sha256

__all__ = ["Built", "build"]

# The slowest first, so that no worker ends with a long one.
VIEWS = ("stackoverflow", "levels_fyi", "kaggle", "aijobs", "us_lca")
# Rooms whose code each kind of step runs.
_READ = ("contract", "places", "sources", "observations")
_FIT = (*_READ, "model")
_CUT = (*_READ, "cohorts")


@dataclass(frozen=True)
class Built:
    """What a build made: where, its id, seconds by step (0 for a kept one), what was read and dropped, seconds in all."""

    path: Path
    id: str
    seconds: dict[str, float]
    report: dict[str, Any]
    took: float


def _key(rooms: tuple[str, ...], *parts: object) -> str:
    return digest(json.dumps([code_of(rooms), *map(str, parts)]).encode())


def _inputs(data: Path, open_only: bool) -> str:
    if not data.is_dir():
        raise PaylensError(f"{data}: no such folder")
    rooms = (data / "surveys", data / "postings", data / "disclosure", data / "official", data / "trends")
    found = [p for room in rooms for p in sorted(room.rglob("*")) if p.is_file()]
    return digest(
        json.dumps([[(str(p.relative_to(data)), file_sha256(p)) for p in found], open_only]).encode()
    )


def build(
    data: Path, to: Path, *, open_only: bool = False, engine: str = "duckdb", master: str | None = None,
    say: Say = lambda _: None,
) -> Built:  # fmt: skip
    """Build a release from the published files in `data` into the folder `to`.

    `open_only` leaves out sources whose licence is not verified as open. `engine` and `master` say where cohorts are
    computed (`observations.engine.connect`). Steps are kept beside `to` in `.NAME-steps`; the same files and code give
    the same bytes. PaylensError says what is missing or wrong.
    """
    start = time.monotonic()
    data, to = Path(data), Path(to)
    steps = Steps(to.parent / f".{to.name}-steps", say)
    seen = _inputs(data, open_only)
    read = steps.run("read", _key(_READ, "read", seen), lambda: parts.read(data, open_only, say))
    table, told = table_from(read["observations"], "observations"), json_from(read["report"], "report")
    published = steps.run(
        "official", _key(_READ, "official", seen), lambda: parts.official_cells(data, open_only)
    )
    cells = table_from(published["official"], "official")
    told["official_lacking"] = json_from(published["lacking"], "lacking")
    fitted, sample = sampled(table)
    if sample:
        told["fit_sample"] = sample
        say(
            f"the fits see {sample['rows']:,} of {sample['of']:,} observations, by source, role family and country"
        )
    cohorts = Task("cohorts", _key(_CUT, "cohorts", seen, engine), parts.cut, (table, engine, master))
    made = _fits(steps, fitted, cells, cohorts, seen)
    moved = steps.run("trend", _key(_FIT, "trend", seen), lambda: parts.trend(data, table, cells, open_only))
    told["trend_lacking"] = json_from(moved["lacking"], "lacking")
    card = json_from(made["scored fit and its scores"]["card"], "card")
    views = {name.removeprefix("view "): files for name, files in made.items() if name.startswith("view ")}
    card["as_reported"] = {v: json_from(f["card"], "card") for v, f in views.items()}
    card["noise"] = json_from(made["fit"]["noise"], "noise")
    card["premiums"] = json_from(made["premiums"]["card"], "card")
    card["pooled"] = json_from(made["cohorts"]["card"], "card")
    told["cohorts"] = json_from(made["cohorts"]["report"], "report")
    say("write")
    identity = write_release(
        to, month=money.last_month(), cohorts=_disclosed(made["cohorts"]),
        reference=arrays_from(made["fit"]["arrays"], "arrays"), names=json_from(made["fit"]["names"], "names"),
        views={v: (arrays_from(f["arrays"], v), json_from(f["meta"], v)) for v, f in views.items()},
        official=cells, card=card, report=told,
        premiums=_beside_the_model(made),
        tables={f"{name}.parquet": table_from(moved[name], name) for name in parts.TREND},
        inputs=told.pop("inputs") + json_from(published["inputs"], "inputs") + json_from(moved["inputs"], "inputs"),
    )  # fmt: skip
    return Built(to, identity, steps.seconds, told, time.monotonic() - start)


def _fits(
    steps: Steps, table: pa.Table, cells: pa.Table, cohorts: Task, seen: str
) -> dict[str, dict[str, bytes]]:
    """The files of every fit and of the cohorts, by the step's name."""
    held = pa.array([is_held(r) for r in table["respondent"].to_pylist()])
    train, rest = table.filter(pa.compute.invert(held)), table.filter(held)
    known = set(table["source"].to_pylist())
    tasks = [
        Task(
            "scored fit and its scores", _key(_FIT, "scored", seen), parts.scored, (table, train, rest, cells)
        ),
        *(
            Task(f"view {v}", _key(_FIT, "view", v, seen), parts.view, (_of(train, v), _of(rest, v), v))
            for v in VIEWS
            if v in known
        ),
        Task("premiums", _key(_FIT, "premiums", seen), parts.premiums, (table,)),
        cohorts,
    ]
    steps.together(tasks)
    made = {t.name: steps.run(t.name, t.key, dict) for t in tasks}
    sd = json_from(made["scored fit and its scores"]["sd"], "sd")
    ship = Task("fit", _key(_FIT, "fit", seen), parts.shipped, (table, sd))
    steps.together([ship])
    return made | {ship.name: steps.run(ship.name, ship.key, dict)}


def _beside_the_model(made: dict[str, dict[str, bytes]]) -> pa.Table:
    """The premiums, with the shipped pay model's effect of the same moves."""
    fit = made["fit"]
    return with_model(
        table_from(made["premiums"]["table"], "premiums"), arrays_from(fit["arrays"], "arrays"), json_from(fit["names"], "names")
    )  # fmt: skip


def _disclosed(files: dict[str, bytes]) -> disclosure.Disclosed:
    return disclosure.again(table_from(files["table"], "cohorts"), table_from(files["withheld"], "withheld"))


def _of(table: pa.Table, source: str) -> pa.Table:
    return table.filter(pa.compute.equal(table["source"], source))
