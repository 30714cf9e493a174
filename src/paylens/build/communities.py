"""Submitted reports in a build: who is in this release beside the earlier ones, and what is kept of it for the next."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from paylens.cohorts import outliers
from paylens.cohorts.disclosure import N_STEP
from paylens.cohorts.keys import FACTS
from paylens.cohorts.reports import reports
from paylens.cohorts.sequence import RECORD, Earlier, cells_of, entering
from paylens.contract.errors import PaylensError
from paylens.contract.observation import COMMUNITY
from paylens.observations.engine import connect
from paylens.release.files import digest, table_from, table_to
from paylens.sources import Description, describe_community
from paylens.sources.community import ABOUT, REPORTS
from paylens.sources.files import file_sha256

__all__ = [
    "Chosen",
    "Community",
    "Ledger",
    "choose",
    "coarse",
    "coarse_card",
    "community",
    "keep",
    "versions",
]

_EXPORT: Final = pa.field("export", pa.string())
_KEPT: Final = pa.schema([*RECORD, _EXPORT])
# What of a report reaches a cut: another value makes it another version.
_CONTENT = (
    "role", "seniority", "country", "state", "metro", "years_lo", "years_hi", "education", "industry", "company_size", "employer",
    "remote", "skills", "month", "pay_lo", "currency",
)  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """The file that says which version of which report each earlier release of a community published; never published
    itself. `rows` has the columns of `RECORD` and the hash of each release's export."""

    path: Path
    rows: pa.Table

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger in a file, empty where there is none; PaylensError for a file that is none."""
        if not path.is_file():
            return cls(path, _KEPT.empty_table())
        rows = table_from(path.read_bytes(), str(path))
        if rows.schema.names != _KEPT.names:
            raise PaylensError(
                f"{path}: not the list of what a community published; restore it from a backup"
            )
        return cls(path, rows.cast(_KEPT))

    def released(self) -> dict[str, str]:
        """The export's hash of each release, by day."""
        return dict(zip(self.rows["released"].to_pylist(), self.rows["export"].to_pylist(), strict=True))

    def with_release(self, rows: pa.Table, released: str, export: str) -> Ledger:
        """The ledger with a release; one of the same day, which had the same export, is replaced."""
        mine = rows.append_column("released", pa.array([released] * rows.num_rows, pa.string()))
        mine = mine.append_column("export", pa.array([export] * rows.num_rows, pa.string()))
        before = self.rows.filter(pc.not_equal(self.rows["released"], released))
        return Ledger(self.path, pa.concat_tables([before, mine.select(_KEPT.names).cast(_KEPT)]))

    def write(self) -> None:
        """Write it whole or not at all, for its owner's eyes alone."""
        handle, fresh = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(table_to(self.rows))
            out.flush()
            os.fsync(out.fileno())
        Path(fresh).replace(self.path)


@dataclass(frozen=True)
class Community:
    """An export folder, what it says of itself, and the ledger of its releases."""

    folder: Path
    about: Description
    ledger: Ledger

    @property
    def released(self) -> str:
        """The day of this release."""
        return str(self.about.rest["released"])

    @property
    def before(self) -> pa.Table:
        """What earlier releases published (`sequence.RECORD`)."""
        rows = self.ledger.rows
        return rows.filter(pc.less(rows["released"], self.released)).select(RECORD.names)

    @property
    def digest(self) -> str:
        """A hash of all that decides what this release may say of it."""
        files = [file_sha256(self.folder / name) for name in (ABOUT, REPORTS)]
        return digest(json.dumps([*files, digest(table_to(self.before))]).encode())

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that its reports may be of."""
        return int(self.about.rest["from"][:4]), int(self.about.rest["to"][:4])

    @property
    def export(self) -> str:
        """The hash of its reports."""
        return self.about.files[0].sha256


@dataclass(frozen=True)
class Chosen:
    """Observations of a release, with `version` of each submitted report; what the door must know; what is told of it."""

    table: pa.Table
    earlier: Earlier
    entered: Mapping[str, frozenset[str]]
    told: list[dict[str, Any]]


def community(folder: Path) -> Community:
    """The community whose export is in `folder`; its ledger is `published-NAME.parquet` beside the folder.

    PaylensError where the ledger knows a later release, or one of the same day with other reports: a release that was
    published is never made again with others.
    """
    about = describe_community(folder)
    name = about.id.removeprefix(COMMUNITY)
    ledger = Ledger.read(folder.resolve().parent / f"published-{name}.parquet")
    found = Community(folder, about, ledger)
    known = ledger.released()
    last = max(known, default="")
    if last > found.released or known.get(found.released, found.export) != found.export:
        raise PaylensError(
            f"{folder}: {about.id} was already released on {last}; export with a later release date ({ledger.path} says so)"
        )
    return found


def versions(table: pa.Table) -> pa.Array:
    """Which version of which report each observation is, null for sources that are public.

    A hash of what reaches a cut, keyed by the report's own: without the export nobody can tell whose or what it was.
    """
    rows = table.select([*_CONTENT, "source", "respondent"]).to_pylist()
    return pa.array(
        [_version(row) if row["source"].startswith(COMMUNITY) else None for row in rows], pa.string()
    )


def _version(row: Mapping[str, Any]) -> str:
    key = hashlib.blake2b(row["respondent"].encode(), digest_size=32).digest()
    content = json.dumps([row[name] for name in _CONTENT]).encode()
    return hashlib.blake2b(content, key=key, digest_size=16).hexdigest()


def choose(table: pa.Table, communities: Sequence[Community]) -> Chosen:
    """The observations that are in this release: all public ones, and of each community who may enter (`sequence`)."""
    table = table.append_column("version", versions(table))
    told, entered, earlier, only = [], {}, [], {}
    for one in communities:
        own = table.filter(pc.equal(table["source"], one.about.id))
        rows = one.ledger.rows
        past = Earlier(one.before)
        now = rows.filter(pc.equal(rows["released"], one.released))
        who = entering(one.about.id, own["version"].to_pylist(), cells_of(_facts(own)), past)
        if now.num_rows:
            only[one.about.id] = frozenset(cell for cell in now["cell"].to_pylist() if cell)
        earlier.append(past.table)
        entered[one.about.id] = who.versions
        told.append({
            "source": one.about.id, "released": one.released, "reports": own.num_rows, "published": len(who.versions),
            "held_back": who.held_back, "gone": who.gone, "left_with_them": who.leave_with_them,
            "earlier_releases": len(set(past.table["released"].to_pylist())),
        })  # fmt: skip
    every = frozenset[str]().union(*entered.values())
    keep = [v is None or v in every for v in table["version"].to_pylist()]
    both = pa.concat_tables(earlier) if earlier else RECORD.empty_table()
    return Chosen(table.filter(pa.array(keep, pa.bool_())), Earlier(both, only), entered, told)


def coarse(told: Any) -> Any:
    """What a build tells, with every number of submitted reports rounded down as n of a cut is: a release never says
    that one came or went."""
    if isinstance(told, list):
        return [coarse(one) for one in told]
    if isinstance(told, dict):
        if "left out" in told:
            # Public rows can be counted by anybody, and the rest is what is left.
            told = {**told, "left out": _rounded(told["left out"])}
        if str(told.get("source", "")).startswith(COMMUNITY):
            return {
                key: value if key == "earlier_releases" else _rounded(value) for key, value in told.items()
            }
        return {key: coarse(value) for key, value in told.items()}
    return told


def coarse_card(card: Mapping[str, Any]) -> dict[str, Any]:
    """A score card with every number of submitted reports rounded down, and those that others could be subtracted from."""
    out = {**card, **{name: _rounded(card[name]) for name in ("n_fitted", "n_held")}}
    out["left_out"] = [
        {**one, "n": _rounded(one["n"])} if one["source"].startswith(COMMUNITY) else one
        for one in card["left_out"]
    ]
    out["as_reported"] = {
        source: _of_people(one) if source.startswith(COMMUNITY) else one
        for source, one in card["as_reported"].items()
    }
    return out


def _of_people(value: Any) -> Any:
    if isinstance(value, list):
        return [_of_people(one) for one in value]
    if isinstance(value, dict):
        return {key: _rounded(one) if key == "n" else _of_people(one) for key, one in value.items()}
    return value


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return value // N_STEP * N_STEP if type(value) is int else value


def _facts(own: pa.Table) -> pa.Table:
    """The keys of the reports that cohorts would count, with their versions."""
    with connect() as tables:
        kept, _ = reports(tables, tables.small(own))
        kept = outliers.screen(tables, kept).kept
        keys = [key for key in FACTS if key != "skill"]
        return tables.arrow(kept.select("version", "skills", *keys))


def keep(communities: Sequence[Community], chosen: Chosen, members: pa.Table) -> None:
    """Add this release to each community's ledger: `members` are `disclosure.recorded`, and all that entered."""
    for one in communities:
        mine = members.filter(pc.equal(members["source"], one.about.id))
        who = sorted(chosen.entered[one.about.id])
        blank = [""] * len(who)
        names = pa.table({
            "source": [one.about.id] * len(who), "line": blank, "cell": blank, "version": who,
        }, schema=mine.schema)  # fmt: skip
        one.ledger.with_release(pa.concat_tables([mine, names]), one.released, one.export).write()
