"""A community's reports as a source that `paylens build` reads: a table of reports and a file that says what it is.

    community.toml   schema, name, title, licence, released, from, to, sha256 of the table, counts by level and of what was
                     left out, by reason
    reports.csv      a row a report (`contract/report.py` has the columns), in the order of their names

A report's name is a keyed hash of its id. The key never leaves the folder of private keys, so the name leads nobody else
to the database, and a report that was corrected keeps it. The order of names is that of random bits.

Exports are made for fixed days alone, the first of a quarter, from reports of months before: whoever could ask for one
on any day could take yesterday's from today's and be left with one person.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import COLUMNS, LEVELS
from paylens.submissions.keys import Ask
from paylens.submissions.opened import Opened, open_all, opening
from paylens.submissions.review import decisions, screened

__all__ = ["Exported", "export", "last_release"]

SCHEMA: Final = 1
TABLE: Final = "reports.csv"
ABOUT: Final = "community.toml"
RELEASE_MONTHS: Final = (1, 4, 7, 10)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_LONGEST = 200


@dataclass(frozen=True)
class Exported:
    """What was exported: reports by level of verification, and what was left out by reason."""

    folder: Path
    released: date
    levels: Counter[str]
    excluded: Counter[str]


def last_release(today: date) -> date:
    """The newest release day, today's or before."""
    month = max(month for month in RELEASE_MONTHS if month <= today.month)
    return date(today.year, month, 1)


def export(
    database: str,
    keys: Path,
    to: Path,
    *,
    name: str,
    title: str,
    licence: str,
    released: date,
    today: date,
    ask: Ask,
) -> Exported:
    """Write the folder `to`, which must not be there yet; it appears whole or not at all.

    InputError for a name that is no slug, a day that is no release day or has not come; PaylensError where nothing is left.
    """
    _check(to, name, title, licence, released, today)
    with opening(database) as store:
        found, excluded = open_all(store, keys, ask)
    kept, held = screened(found, decisions(keys))
    excluded += held
    early = [one for one in kept if one.report.month < f"{released:%Y-%m}"]
    if len(early) < len(kept):
        excluded["later month"] = len(kept) - len(early)
    if not early:
        raise PaylensError(f"no report of a month before {released} is left to export")
    levels = Counter(one.level for one in early)
    table = _table(early)
    about = _about(name, title, licence, released, early, levels, excluded, hashlib.sha256(table).hexdigest())
    _place(to, {TABLE: table, ABOUT: about.encode()})
    return Exported(to, released, levels, excluded)


def _check(to: Path, name: str, title: str, licence: str, released: date, today: date) -> None:
    if not _SLUG.fullmatch(name):
        raise InputError(
            "--name", name[:60], f"must be 2 to 40 of a-z, 0-9 and '-' after the first, not '{name[:60]}'"
        )
    for field, text in (("--title", title), ("--licence", licence)):
        if not 0 < len(text) <= _LONGEST or not text.isprintable():
            raise InputError(field, text[:60], f"must be one line of at most {_LONGEST} characters")
    if released.day != 1 or released.month not in RELEASE_MONTHS or released > today:
        near = last_release(today)
        raise InputError(
            "--released",
            str(released),
            f"{released} is no release day, the first of a quarter that has begun",
            [str(near)],
        )
    if to.exists():
        raise InputError("--to", str(to), f"{to} is there already; an export is written to a new folder")


def _table(found: Sequence[Opened]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        fields = one.report.fields()
        fields |= {
            "report": one.name, "verification": one.level, "weight": LEVELS[one.level],
            "skills": ";".join(one.report.skills),
        }  # fmt: skip
        writer.writerow([_cell(fields.get(column)) for column in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _about(
    name: str, title: str, licence: str, released: date, found: Sequence[Opened], levels: Counter[str],
    excluded: Counter[str], sha256: str,
) -> str:  # fmt: skip
    months = [one.report.month for one in found]
    lines = [f"schema = {SCHEMA}"]
    told = {"name": name, "title": title, "licence": licence}
    # A JSON string is a TOML string, and a date is written bare.
    lines += [f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in told.items()]
    lines += [
        f"released = {released}",
        f'from = "{min(months)}"',
        f'to = "{max(months)}"',
        f'sha256 = "{sha256}"',
    ]
    lines += ["", "[counts]", *(f"{level} = {levels[level]}" for level in LEVELS)]
    lines += ["", "[counts.excluded]", *(f"{json.dumps(why)} = {n}" for why, n in sorted(excluded.items()))]
    return "\n".join(lines) + "\n"


def _place(to: Path, files: dict[str, bytes]) -> None:
    """The folder beside its place, on the disk, then moved there."""
    beside = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        for file, data in files.items():
            made = os.open(beside / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        beside.rename(to)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
