"""Errors are one line and say what to do; origins survive a round trip."""

from pathlib import Path

import pytest

from paylens.contract.errors import InputError, MissingExtra, PaylensError, ReleaseError, shown
from paylens.contract.observation import PAY_DEFINITIONS, REPORTED_PAY, Origin
from paylens.contract.require import require


def test_an_input_error_is_one_line_with_candidates() -> None:
    error = InputError("location", "Cambrige", "several\nplaces", ["Cambridge, GB", "Cambridge, MA"])
    assert str(error) == "location: several places (nearest: Cambridge, GB, Cambridge, MA)"
    assert error.problem() == {
        "field": "location",
        "message": "several places",
        "candidates": ["Cambridge, GB", "Cambridge, MA"],
    }
    assert isinstance(error, PaylensError)


def test_a_missing_extra_says_the_command() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'paylens\[build\]'"):
        require("no_such_library_at_all", "build")
    assert require("json", "build").loads("1") == 1


def test_a_broken_library_is_not_a_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import its_own_missing_part\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="its_own_missing_part"):
        require("half_installed", "build")


def test_long_values_are_cut_when_shown() -> None:
    assert len(shown("x" * 1000)) == 80
    assert shown("a\n b") == "a b"


def test_origins(tmp_path: Path) -> None:
    origin = Origin("Ürnst", "Wages", "2025", "CC0-1.0", True, "ab" * 32, "cut", "n")
    first = origin.write(tmp_path).read_bytes()
    assert Origin.read(tmp_path) == origin
    assert origin.write(tmp_path).read_bytes() == first
    (tmp_path / "origin.json").write_text('{"publisher": 1}')
    with pytest.raises(ReleaseError, match="does not describe"):
        Origin.read(tmp_path)
    with pytest.raises(ReleaseError, match="missing"):
        Origin.read(tmp_path / "absent")


def test_sources_report_a_known_definition() -> None:
    assert set(REPORTED_PAY.values()) <= set(PAY_DEFINITIONS)
