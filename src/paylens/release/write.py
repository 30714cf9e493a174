"""Writing a release: every file in memory first, then to a folder beside the place, then renamed into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from paylens.cohorts.disclosure import Disclosed
from paylens.contract.errors import ReleaseError
from paylens.model.fit.premiums import FEWEST
from paylens.release.files import MANIFEST, SCHEMA_VERSION, arrays_to, digest, json_to, table_to, view_name

__all__ = ["View", "write_release"]

View = tuple[Mapping[str, npt.NDArray[Any]], Mapping[str, Any]]


def write_release(
    to: Path, *, month: str, cohorts: Disclosed, reference: Mapping[str, npt.NDArray[Any]], names: Mapping[str, list[str]],
    views: Mapping[str, View], official: pa.Table, card: Mapping[str, Any], report: Mapping[str, Any], inputs: list[dict[str, Any]],
    premiums: pa.Table | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> str:  # fmt: skip
    """Write a release to the folder `to` and return its id.

    Cohorts come in as `Disclosed`, a type that only disclosure control makes. `reference` and each view are named
    arrays, `tables` what else is published, by file name; `inputs` says what it was made from: source, vintage, publisher,
    hash, licence. The id holds the month of
    the newest input and the first hex digits of a hash over every file, so the same content has the same id.
    """
    if not isinstance(cohorts, Disclosed):
        raise ReleaseError("cohorts reach a release only through disclosure control")
    files = {
        "reference.parquet": arrays_to(reference, single=True),
        "names.json": json_to(dict(names)),
        "cohorts.parquet": table_to(cohorts.table),
        "withheld.parquet": table_to(cohorts.withheld),
        "official.parquet": table_to(official),
        "card.json": json_to(card),
        "report.json": json_to(report),
    }
    if premiums is not None:
        _enough_people(premiums)
        files["premiums.parquet"] = table_to(premiums)
    files |= {name: table_to(table) for name, table in (tables or {}).items()}
    for source, (arrays, meta) in views.items():
        files[f"{view_name(source)}.parquet"] = arrays_to(arrays, single=True)
        files[f"{view_name(source)}.json"] = json_to(meta)
    hashes = {name: digest(data) for name, data in sorted(files.items())}
    body = {"schema": SCHEMA_VERSION, "month": month, "files": hashes, "inputs": inputs}
    identity = f"{month.replace('-', '.')}-{digest(json_to(body))[:6]}"
    files[MANIFEST] = json_to({**body, "id": identity})
    _place(Path(to), files)
    return identity


def _enough_people(premiums: pa.Table) -> None:
    """Refuse a premium that rests on fewer people than may be told of."""
    arms = zip(*(premiums.column(c).to_pylist() for c in ("move", "n", "n_with")), strict=True)
    for move, n, n_with in arms:
        if min(n_with, n - n_with) < FEWEST:
            raise ReleaseError(
                f"{move} rests on fewer than {FEWEST} people on a side: it may not be published"
            )


def _place(to: Path, files: Mapping[str, bytes]) -> None:
    """Put the files into `to` as a whole: an old release there stays until the new one is complete."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if to.exists() and not (to / MANIFEST).exists() and any(to.iterdir()):
        raise ReleaseError(f"{to} is not empty and is not a release: name another folder")
    fresh = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        for name, data in files.items():
            with (fresh / name).open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        fresh.chmod(0o755)
        if to.exists():
            old = to.with_name(f".{to.name}-old-{os.getpid()}")
            to.rename(old)
            fresh.rename(to)
            shutil.rmtree(old)
        else:
            fresh.rename(to)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
