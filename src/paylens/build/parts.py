"""What each step of a build makes, as files: observations, official cells, fits, views, cohorts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from paylens.build.people import HELD, SEED, is_held
from paylens.build.steps import Say
from paylens.cohorts import build as cutting
from paylens.cohorts import disclosure, outliers
from paylens.cohorts.reports import reports
from paylens.cohorts.scores import pooled_against_raw
from paylens.cohorts.sequence import Earlier
from paylens.model.fit import pay, scores
from paylens.model.fit import premiums as differences
from paylens.model.fit.pay import PayModel
from paylens.model.fit.rows import prepare
from paylens.model.fit.trend.fit import fit_trend
from paylens.model.fit.view_scores import score_view
from paylens.model.fit.views import View, fit_view
from paylens.observations.collect import collect
from paylens.observations.engine import connect
from paylens.release.files import arrays_to, json_to, table_to
from paylens.sources import Reading, describe
from paylens.sources.official import official
from paylens.sources.trends import read as read_trends

TREND = ("trend", "forecast", "backtest", "drivers")
"""The tables of the step of that name."""


def cut(table: pa.Table, engine: str, master: str | None, earlier: Earlier | None = None) -> dict[str, bytes]:
    """The disclosed cohorts of all observations, what was left out and screened, and the scores of pooling; `members`
    are for the communities' ledgers (`earlier` says what those hold) and are never published."""
    marked = table.append_column("held", pa.array([is_held(r) for r in table["respondent"].to_pylist()]))
    with tempfile.TemporaryDirectory(prefix="paylens-") as folder, connect(engine, master=master) as tables:
        path = Path(folder) / "observations.parquet"
        pq.write_table(marked, path)
        kept, left = reports(tables, tables.read(path))
        screened = outliers.screen(tables, kept)
        found = cutting.cohorts(tables, screened.kept)
        disclosed = disclosure.disclose(found, earlier=earlier)
        members = disclosure.recorded(found, disclosed)
        card = pooled_against_raw(tables, screened.kept)
    told = {"left out": left, "screened": screened.counts.to_pylist()}
    return {
        "table": table_to(disclosed.table), "withheld": table_to(disclosed.withheld), "report": json_to(told),
        "card": json_to(card), "members": table_to(members),
    }  # fmt: skip


def read(data: Path, open_only: bool, communities: Sequence[Path], say: Say) -> dict[str, bytes]:
    """The observations of all files, and what each file kept and dropped."""
    found = collect(
        data, open_only=open_only, communities=communities,
        progress=lambda done, of, name: say(f"read {done}/{of} {name}"),
    )  # fmt: skip
    inputs, files = [], []
    for reading in found.readings:
        about = reading.about
        inputs.append({
            "source": reading.source, "vintage": _vintage(reading), "publisher": about.publisher,
            "title": about.title, "licence": about.licence, "licence_open": about.licence_open, "sha256": reading.file_sha256,
            "rows": reading.kept, "citation": about.citation,
        })  # fmt: skip
        files.append({
            "source": reading.source, "vintage": _vintage(reading), "rows_in": reading.rows_in,
            "kept": reading.kept, "dropped": dict(reading.dropped),
            **({"collected": about.rest["counts"], "released": about.rest["released"]} if reading.description else {}),
        })  # fmt: skip
    report = {"files": files, "inputs": inputs, "unmapped": [list(u) for u in found.unmapped()]}
    return {"observations": table_to(found.table), "report": json_to(report)}


def official_cells(data: Path, open_only: bool) -> dict[str, bytes]:
    """The cells of official figures, and what is lacking."""
    found = official(data, open_only=open_only)
    return {
        "official": table_to(found.table),
        "inputs": json_to(found.inputs),
        "lacking": json_to(found.lacking),
    }


def trend(data: Path, table: pa.Table, cells: pa.Table, open_only: bool) -> dict[str, bytes]:
    """How pay moved and where it goes, from published series, official cells and all observations."""
    found = read_trends(data, open_only=open_only)
    made = fit_trend(found.table, cells, table)
    return {
        **{name: table_to(made[name]) for name in TREND},
        "inputs": json_to(found.inputs),
        "lacking": json_to(found.lacking),
    }


def _vintage(reading: Reading) -> str:
    """The years of a file's reports: '2022', '2017-2021'."""
    years = sorted(set(reading.table["vintage"].to_pylist()))
    return "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def scored(table: pa.Table, train: pa.Table, rest: pa.Table, cells: pa.Table) -> dict[str, bytes]:
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


def shipped(table: pa.Table, sd: dict[str, float]) -> dict[str, bytes]:
    """Fit on every row, at the block sizes that the scored fit learnt."""
    return _files(pay.fit_pay(prepare(table), table, seed=SEED, sd=sd, rounds=2))


def _files(model: PayModel) -> dict[str, bytes]:
    return {
        "arrays": arrays_to(pay.as_arrays(model)),
        "names": json_to(pay.name_lists(model.names)),
        "noise": json_to(_plain(model.noise)),
    }


def view(train: pa.Table, rest: pa.Table, source: str) -> dict[str, bytes]:
    """A source's view, fitted without the held rows, and its scores on them; it ships as it was scored."""
    view: View = fit_view(source, train, seed=SEED)
    card = score_view(view, train, rest)
    return {
        "arrays": arrays_to(view.arrays, single=True),
        "meta": json_to(_plain(view.meta)),
        "card": json_to(_plain(card)),
    }


def premiums(table: pa.Table) -> dict[str, bytes]:
    """What moves are associated with, and what the score card says of it."""
    found = differences.premiums(
        table, {s: _skills_asked(s) for s in sorted(set(table["source"].to_pylist()))}
    )
    return {"table": table_to(found), "card": json_to(_plain(differences.card(found)))}


def _skills_asked(source: str) -> dict[int, frozenset[str]]:
    """The skills that a source put to its respondents, by year; none where they are named freely or never asked."""
    about = describe(source)
    return {int(year): about.asked(int(year)).skills for year in about.rest["asks"] if year != "all"}


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
