"""A release says what it is made of, and one that was changed is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from paylens.cohorts import disclosure
from paylens.contract.errors import ReleaseError
from paylens.release import default_path, open_release, verify
from paylens.release.files import arrays_from, arrays_to
from paylens.release.write import write_release


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_path(), tmp_path / "release"))


def test_the_built_in_release_is_as_it_was_made() -> None:
    assert verify()["files"] > 5
    assert sum(f.stat().st_size for f in default_path().iterdir()) <= 15_000_000


def test_one_changed_byte_is_refused(copy: Path) -> None:
    for name in json.loads((copy / "manifest.json").read_text())["files"]:
        data = bytearray((copy / name).read_bytes())
        data[len(data) // 2] ^= 1
        (copy / name).write_bytes(bytes(data))
        with pytest.raises(ReleaseError, match="was changed"):
            verify(copy)
        shutil.copy(default_path() / name, copy / name)


def test_a_changed_manifest_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["inputs"][0]["licence"] = "mine"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ReleaseError, match="was changed"):
        open_release(copy)


def test_what_is_no_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no manifest"):
        open_release(tmp_path)
    with pytest.raises(ReleaseError, match="does not exist"):
        open_release(tmp_path / "nowhere")


def test_an_extra_file_is_found(copy: Path) -> None:
    (copy / "extra.txt").write_text("x")
    with pytest.raises(ReleaseError, match="does not belong"):
        verify(copy)


def test_cohorts_enter_only_through_disclosure_control(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="disclosure"):
        write_release(
            tmp_path / "r", month="2026-10", cohorts=pa.table({"n": [1]}), reference={}, names={}, views={},  # type: ignore[arg-type]
            official=pa.table({"x": [1]}), card={}, report={}, inputs=[],
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_premium_of_few_people_is_refused(tmp_path: Path) -> None:
    kept = open_release()
    cohorts = disclosure.again(kept.table("cohorts.parquet"), kept.table("withheld.parquet"))
    few = pa.table({"move": ["skill:rust"], "n": [100], "n_with": [25]})
    with pytest.raises(ReleaseError, match="skill:rust rests on fewer than 30 people"):
        write_release(
            tmp_path / "r", month="2026-10", cohorts=cohorts, reference={}, names={}, views={},
            official=pa.table({"x": [1]}), card={}, report={}, inputs=[], premiums=few,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_published_cohorts_are_large_rounded_and_have_no_extremes() -> None:
    table = open_release().table("cohorts.parquet")
    assert min(table["n"].to_pylist()) >= 10
    assert all(n % 5 == 0 for n in table["n"].to_pylist())
    assert not {"min", "max"} & set(table.column_names)
    small = [r for r in table.to_pylist() if r["n"] < 30]
    assert all(r["p10"] is None and r["p90"] is None for r in small)


def test_arrays_come_back_as_they_went() -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([1, 2]), "c": np.array([np.nan, -0.5])}
    back = arrays_from(arrays_to(arrays), "x")
    for name, value in arrays.items():
        np.testing.assert_array_equal(back[name], value)
        assert back[name].dtype.kind == value.dtype.kind
