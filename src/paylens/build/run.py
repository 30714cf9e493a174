"""Sources to release: read, fit, calibrate, score, cut into cohorts, write; each step kept until its inputs change."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from paylens.build import communities as submitted
from paylens.build import parts
from paylens.build import private as privacy
from paylens.build.people import is_held, sampled
from paylens.build.steps import Say, Steps, Task, code_of
from paylens.cohorts import disclosure
from paylens.contract.errors import PaylensError
from paylens.contract.observation import COMMUNITY
from paylens.model.fit.premiums import with_model
from paylens.places import money
from paylens.release.files import arrays_from, digest, json_from, table_from
from paylens.release.write import write_release
from paylens.sources.files import file_sha256

__all__ = ["Built", "build"]

# The slowest first, so that no worker ends with a long one.
VIEWS = ("stackoverflow", "levels_fyi", "kaggle", "aijobs", "us_lca")
LEAST_FOR_A_VIEW = 300
"""A community has a view of its own from this many reports that are not held back for its scores."""
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


def _inputs(data: Path, open_only: bool, communities: Sequence[submitted.Community]) -> str:
    if not data.is_dir():
        raise PaylensError(f"{data}: no such folder")
    rooms = (data / "surveys", data / "postings", data / "disclosure", data / "official", data / "trends")
    found = [p for room in rooms for p in sorted(room.rglob("*")) if p.is_file()]
    published = [(str(p.relative_to(data)), file_sha256(p)) for p in found]
    return digest(json.dumps([published, open_only, *(c.digest for c in communities)]).encode())


def build(
    data: Path, to: Path, *, open_only: bool = False, engine: str = "duckdb", master: str | None = None,
    communities: Sequence[Path] = (), private: privacy.Private | None = None, say: Say = lambda _: None,
) -> Built:  # fmt: skip
    """Build a release from the published files in `data` into the folder `to`.

    `communities` are export folders of submitted reports: who of them is in the release depends on the earlier ones, and
    what is published of them is kept beside each folder for the next (`build.communities`). With `private` nothing of theirs
    is fitted or cut and only noisy figures are shown (`build.private`).
    `open_only` leaves out sources whose licence is not verified as open. `engine` and `master` say where cohorts are
    computed (`observations.engine.connect`). Steps are kept beside `to` in `.NAME-steps`; the same files and code give
    the same bytes. PaylensError says what is missing or wrong.
    """
    start = time.monotonic()
    data, to = Path(data), Path(to)
    steps = Steps(to.parent / f".{to.name}-steps", say)
    own = sorted((submitted.community(Path(c)) for c in communities), key=lambda c: c.about.id)
    privacy.consistent(own, private)
    seen = _inputs(data, open_only, own)
    folders = [c.folder for c in own]
    read = steps.run("read", _key(_READ, "read", seen), lambda: parts.read(data, open_only, folders, say))
    table, told = table_from(read["observations"], "observations"), json_from(read["report"], "report")
    noisy, chosen = [], None
    if own and private:
        theirs = {c.about.id for c in own}
        whole, table = table, table.filter(pa.array([s not in theirs for s in table["source"].to_pylist()]))
        noisy = privacy.figures(own, whole, private)
    elif own:
        chosen = submitted.choose(table, own)
        table, told["communities"] = chosen.table, chosen.told
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
    # What a community sends reaches its cohorts, its view and the linked fit, which are guarded; nothing else.
    public = table.filter(pa.array([not s.startswith(COMMUNITY) for s in table["source"].to_pylist()]))
    earlier = chosen.earlier if chosen else None
    made = _fits(steps, fitted, cells, seen, [
        Task("premiums", _key(_FIT, "premiums", seen), parts.premiums, (public,)),
        Task("trend", _key(_FIT, "trend", seen), parts.trend, (data, public, cells, open_only)),
        Task("cohorts", _key(_CUT, "cohorts", seen, engine), parts.cut, (table, engine, master, earlier)),
    ])  # fmt: skip
    moved = made["trend"]
    told["trend_lacking"] = json_from(moved["lacking"], "lacking")
    views = {name.removeprefix("view "): files for name, files in made.items() if name.startswith("view ")}
    card = _card(made, views)
    told["cohorts"] = json_from(made["cohorts"]["report"], "report")
    if chosen:
        # Before the release: what was never published may be remembered, what was published may not be forgotten.
        submitted.keep(own, chosen, table_from(made["cohorts"]["members"], "members"))
        card = submitted.coarse_card(card)
    inputs = privacy.about(submitted.coarse(told.pop("inputs")), noisy)
    if noisy:
        told = privacy.told(told, noisy)
        card["privacy"] = told["privacy"]
    say("write")
    identity = write_release(
        to, month=max([money.last_month(), *(c.released[:7] for c in own)]),
        cohorts=disclosure.beside(_disclosed(made["cohorts"]), noisy, {c.about.id: c.years for c in own}),
        reference=arrays_from(made["fit"]["arrays"], "arrays"), names=json_from(made["fit"]["names"], "names"),
        views={v: (arrays_from(f["arrays"], v), json_from(f["meta"], v)) for v, f in views.items()},
        official=cells, card=card, report=submitted.coarse(told), premiums=_beside_the_model(made),
        tables={f"{name}.parquet": table_from(moved[name], name) for name in parts.TREND},
        inputs=inputs + json_from(published["inputs"], "inputs") + json_from(moved["inputs"], "inputs"),
    )  # fmt: skip
    return Built(to, identity, steps.seconds, told, time.monotonic() - start)


def _fits(
    steps: Steps, table: pa.Table, cells: pa.Table, seen: str, beside: Sequence[Task]
) -> dict[str, dict[str, bytes]]:
    """The files of every fit and of the steps `beside` them, by the step's name."""
    held = pa.array([is_held(r) for r in table["respondent"].to_pylist()])
    train, rest = table.filter(pa.compute.invert(held)), table.filter(held)
    views = _views(train)
    tasks = [
        Task(
            "scored fit and its scores", _key(_FIT, "scored", seen), parts.scored, (table, train, rest, cells)
        ),
        *(
            Task(f"view {v}", _key(_FIT, "view", v, seen), parts.view, (_of(train, v), _of(rest, v), v))
            for v in views
        ),
        *beside,
    ]
    steps.together(tasks)
    made = {t.name: steps.run(t.name, t.key, dict) for t in tasks}
    sd = json_from(made["scored fit and its scores"]["sd"], "sd")
    ship = Task("fit", _key(_FIT, "fit", seen), parts.shipped, (table, sd))
    steps.together([ship])
    return made | {ship.name: steps.run(ship.name, ship.key, dict)}


def _card(made: dict[str, dict[str, bytes]], views: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """The score card: the scored fit's, with that of each view, of premiums and of pooling."""
    card: dict[str, Any] = json_from(made["scored fit and its scores"]["card"], "card")
    return card | {
        "as_reported": {v: json_from(f["card"], "card") for v, f in views.items()},
        "noise": json_from(made["fit"]["noise"], "noise"),
        "premiums": json_from(made["premiums"]["card"], "card"),
        "pooled": json_from(made["cohorts"]["card"], "card"),
    }


def _beside_the_model(made: dict[str, dict[str, bytes]]) -> pa.Table:
    """The premiums, with the shipped pay model's effect of the same moves."""
    fit = made["fit"]
    return with_model(
        table_from(made["premiums"]["table"], "premiums"), arrays_from(fit["arrays"], "arrays"), json_from(fit["names"], "names")
    )  # fmt: skip


def _views(train: pa.Table) -> list[str]:
    """The sources that have a view: all public ones, and communities with reports enough."""
    count = Counter(train["source"].to_pylist())
    large = [s for s, n in sorted(count.items()) if s.startswith(COMMUNITY) and n >= LEAST_FOR_A_VIEW]
    return [*(v for v in VIEWS if v in count), *large]


def _disclosed(files: dict[str, bytes]) -> disclosure.Disclosed:
    return disclosure.again(table_from(files["table"], "cohorts"), table_from(files["withheld"], "withheld"))


def _of(table: pa.Table, source: str) -> pa.Table:
    return table.filter(pa.compute.equal(table["source"], source))
