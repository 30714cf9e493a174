"""Opening a release: each file is checked against the manifest's hash when it is first read, and refused if changed."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from paylens.contract.errors import ReleaseError
from paylens.release.files import (
    MANIFEST,
    SCHEMA_VERSION,
    arrays_from,
    digest,
    json_from,
    json_to,
    table_from,
    view_source,
)

__all__ = ["Release", "default_path", "open_release", "verify"]


def default_path() -> Path:
    """Where the release that ships with the package lies."""
    return Path(__file__).parent / "default"


class Release:
    """A release on disk; its files are read once, when first asked for."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def id(self) -> str:
        """'2026.10-3f9a1c': month of the newest input, and a hash of everything in it."""
        return str(self.manifest["id"])

    def bytes_of(self, name: str) -> bytes:
        """A file's bytes, refused when they are not those the manifest names."""
        expected = self.manifest["files"].get(name)
        if expected is None:
            raise ReleaseError(f"release {self.id} has no {name}")
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            raise ReleaseError(f"{self.path / name} is missing: install or build the release again") from None
        if digest(data) != expected:
            raise ReleaseError(f"{self.path / name} was changed after release {self.id} was made: refused")
        return data

    def json(self, name: str) -> Any:
        """A JSON file's value."""
        return json_from(self.bytes_of(name), name)

    def table(self, name: str, *, encoded: bool = False) -> pa.Table:
        """A Parquet file's table; `encoded` leaves text columns as codes of a dictionary."""
        return table_from(self.bytes_of(name), name, encoded=encoded)

    def holds(self, name: str) -> bool:
        """Whether the release has a file of this name."""
        return name in self.manifest["files"]

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """A file's named arrays."""
        return arrays_from(self.bytes_of(name), name)

    @functools.cached_property
    def names(self) -> dict[str, list[str]]:
        """The levels of the reference model's factors."""
        names: dict[str, list[str]] = self.json("names.json")
        return names

    def views(self) -> tuple[str, ...]:
        """Sources that can be asked for as reported."""
        files = [f for f in self.manifest["files"] if f.startswith("view-") and f.endswith(".json")]
        return tuple(sorted(view_source(f.removesuffix(".json")) for f in files))


def open_release(path: Path | str | None = None) -> Release:
    """Open the release in a folder; None is the one that ships with the package."""
    where = default_path() if path is None else Path(path)
    try:
        data = (where / MANIFEST).read_bytes()
    except FileNotFoundError:
        what = "is not a release: it has no manifest.json" if where.is_dir() else "does not exist"
        raise ReleaseError(f"{where} {what}") from None
    except NotADirectoryError:
        raise ReleaseError(f"{where} is not a folder") from None
    manifest = json_from(data, str(where / MANIFEST))
    if not isinstance(manifest, dict) or not {"schema", "month", "files", "inputs", "id"} <= manifest.keys():
        raise ReleaseError(f"{where / MANIFEST} is not a release's manifest")
    if manifest["schema"] != SCHEMA_VERSION:
        raise ReleaseError(f"{where} has schema {manifest['schema']}; this paylens reads {SCHEMA_VERSION}")
    body = {k: manifest[k] for k in ("schema", "month", "files", "inputs")}
    identity = f"{str(manifest['month']).replace('-', '.')}-{digest(json_to(body))[:6]}"
    if identity != manifest["id"]:
        raise ReleaseError(f"{where / MANIFEST} was changed after release {manifest['id']} was made: refused")
    return Release(where, manifest)


def verify(path: Path | str | None = None) -> dict[str, Any]:
    """Hash every file again; ReleaseError names the first that differs, is missing or does not belong."""
    release = open_release(path)
    for name in release.manifest["files"]:
        release.bytes_of(name)
    extra = sorted(
        {f.name for f in release.path.iterdir() if f.is_file()} - set(release.manifest["files"]) - {MANIFEST}
    )
    if extra:
        raise ReleaseError(f"{release.path / extra[0]} does not belong to release {release.id}")
    return {"release": release.id, "files": len(release.manifest["files"]), "path": str(release.path)}
