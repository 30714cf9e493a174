"""What changed between two releases and why: inputs, tables, and the medians of a few watched markets.

    after / before = model * ageing
    model          = new release / old release, both asked for the old release's month
    ageing         = new release asked for its own month / for the old one's

Exchange rates and the wage index come with the program, not with a release: both releases are asked with today's, so
they explain nothing of a change here. Rates stay out of it because each median is in its place's own currency.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from paylens.advice import estimate as question
from paylens.advice.estimate import Reference
from paylens.advice.forecast.answer import forecast
from paylens.advice.forecast.drift import FILES, Tables
from paylens.contract.errors import InputError, ReleaseError
from paylens.contract.profile import parse_profile
from paylens.release.files import MANIFEST
from paylens.release.read import Release, open_release

__all__ = ["earlier", "since"]

TABLE: Final = Path(__file__).with_name("watched.csv")
_SMALL: Final = 0.005
_LARGEST: Final = 4 << 20
# What a changed file says has changed.
_KINDS: Final = {
    "reference.parquet": "fit", "names.json": "fit", "card.json": "scores", "report.json": "report", "cohorts.parquet": "cohorts",
    "withheld.parquet": "cohorts", "official.parquet": "official figures", "premiums.parquet": "premiums",
    **dict.fromkeys(FILES, "trend"),
}  # fmt: skip


def earlier(path: str | Path) -> tuple[Release, bool]:
    """The older release in a folder, or of a manifest file; False where its tables are not beside the manifest.

    InputError for what is neither.
    """
    where = Path(path)
    try:
        if where.is_file() and where.stat().st_size > _LARGEST:
            raise InputError("since", str(path), f"{where} is too large for a manifest")
        folder = where.parent if where.is_file() else where
        if where.is_file() and where.name != MANIFEST:
            raise InputError("since", str(path), f"{where} is no release: name its folder or its {MANIFEST}")
        release = open_release(folder)
    except ReleaseError as error:
        raise InputError(
            "since", str(path), f"{error}: name the folder of an older release or its {MANIFEST}"
        ) from None
    whole = all((folder / f).is_file() for f in ("reference.parquet", "names.json"))
    return release, whole


def since(ref: Reference, old: Release, whole: bool, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What changed from an older release to this one; `asked` may name a role and a location to watch instead of the list."""
    new = ref.release
    inputs = _inputs(old.manifest["inputs"], new.manifest["inputs"])
    files = _files(old.manifest["files"], new.manifest["files"])
    why = _why(old, new, inputs, files)
    notes = [
        "exchange rates and the wage index are the program's own: both releases are asked with the same ones"
    ]
    watched: list[dict[str, Any]] = []
    if old.id == new.id:
        notes = []
    elif whole:
        watched, more = _watched(ref, Reference.load(old), asked)
        notes += more
    else:
        notes.append("only the older manifest is here, not its tables: medians can't be compared")
    return {
        "since": old.id, "release": new.id, "from_month": old.manifest["month"], "to_month": new.manifest["month"],
        "verdict": _verdict(old, new, why, watched), "why": why, "inputs": inputs, "files": files, "watched": watched, "notes": notes,
    }  # fmt: skip


def _inputs(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Inputs that came, went or have another hash, by source, vintage and title."""
    # One vintage of a source may be several files of one title: what counts is the set of hashes.
    hashes = [_hashes(side) for side in (old, new)]
    said = {key: {"source": key[0], "vintage": key[1], "title": key[2]} for side in hashes for key in side}
    return {
        "added": [said[k] for k in sorted(hashes[1]) if k not in hashes[0]],
        "removed": [said[k] for k in sorted(hashes[0]) if k not in hashes[1]],
        "changed": [said[k] for k in sorted(hashes[1]) if k in hashes[0] and hashes[0][k] != hashes[1][k]],
    }


def _hashes(inputs: list[dict[str, Any]]) -> dict[tuple[str, str, str], frozenset[str]]:
    out: dict[tuple[str, str, str], set[str]] = {}
    for i in inputs:
        out.setdefault((str(i["source"]), str(i["vintage"]), str(i["title"])), set()).add(str(i["sha256"]))
    return {k: frozenset(v) for k, v in out.items()}


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, list[str]]:
    """Files that differ, by what they hold."""
    out: dict[str, list[str]] = {}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            kind = "views" if name.startswith("view-") else _KINDS.get(name, "other")
            out.setdefault(kind, []).append(name)
    return out


def _why(old: Release, new: Release, inputs: Mapping[str, Any], files: Mapping[str, Any]) -> list[str]:
    """The reasons that the manifests carry: new data, new fit, new rates."""
    if old.id == new.id:
        return []
    out = []
    counts = {k: len(v) for k, v in inputs.items() if v}
    if counts:
        out.append(
            "new data: " + ", ".join(f"{n} input{'' if n == 1 else 's'} {k}" for k, n in counts.items())
        )
    if "fit" in files:
        out.append(
            "new fit: "
            + ("with the data" if counts else "the same inputs, other tables: the program that fits changed")
        )
    rest = sorted(k for k in files if k not in ("fit", "scores", "report"))
    if rest:
        out.append("other tables: " + ", ".join(rest))
    if old.manifest["month"] != new.manifest["month"]:
        out.append(f"new rates: known to {new.manifest['month']}, to {old.manifest['month']} before")
    return out


@functools.cache
def _list() -> tuple[tuple[str, str], ...]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple((row["role"], row["location"]) for row in csv.DictReader(lines))


def _watched(
    ref: Reference, older: Reference, asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Medians of the watched markets in both releases, each change in parts whose product it is."""
    months = str(older.release.manifest["month"]), str(ref.release.manifest["month"])
    pairs = [(str(asked["role"]), asked.get("location"))] if asked.get("role") else list(_list())
    held = [Tables(r.release) if all(r.release.holds(f) for f in FILES) else None for r in (older, ref)]
    out: list[dict[str, Any]] = []
    for role, location in pairs:
        fields = {"role": role, "location": location}
        before = _median(older, fields, months[0])
        same, after = _median(ref, fields, months[0]), _median(ref, fields, months[1])
        out.append({
            "role": role, "place": location, "before": before, "after": after, "change": after / before - 1,
            "parts": {"model": same / before, "ageing": after / same},
            "growth_a_year": {"before": _growth(older, held[0], fields, months[0]), "after": _growth(ref, held[1], fields, months[1])},
        })  # fmt: skip
    lacking = any(tables is None for tables in held)
    return out, ["one of the releases has no forecast: growth ahead can't be compared"] if lacking else []


def _median(ref: Reference, fields: Mapping[str, Any], month: str) -> float:
    return float(question.answers(ref, [parse_profile({**fields, "as_of": month})])[0]["percentiles"]["p50"])


def _growth(ref: Reference, tables: Tables | None, fields: Mapping[str, Any], month: str) -> float | None:
    if tables is None:
        return None
    return float(forecast(ref, tables, {**fields, "as_of": month})["a_year"]["p50"])


def _verdict(old: Release, new: Release, why: list[str], watched: list[dict[str, Any]]) -> str:
    if old.id == new.id:
        return f"Nothing changed: both are release {new.id}."
    text = f"Release {new.id} against {old.id}: {'; '.join(why) if why else 'other remarks alone'}."
    if not watched:
        return text
    moved = [w for w in watched if abs(w["parts"]["model"] - 1) > _SMALL]
    most = max(watched, key=lambda w: abs(w["change"]))
    if abs(most["change"]) <= _SMALL:
        return f"{text} No watched median moved by more than {100 * _SMALL:g} %."
    where = f" in {most['place']}" if most["place"] else ""
    return (
        f"{text} {len(moved)} of {len(watched)} watched medians moved for another reason than time; the most that one changed "
        f"is {100 * most['change']:+.1f} %, {most['role']}{where}."
    )
