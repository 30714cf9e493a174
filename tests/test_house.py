"""The house itself: what is installed with what, locked, and how the tree is kept."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "paylens"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = sorted(SOURCE.rglob("*.py"))
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def name(requirement: str) -> str:
    found = _NAME.match(requirement)
    assert found is not None
    return found.group().lower().replace("_", "-")


def locked(which: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{which}.txt").read_text(encoding="utf-8").splitlines()
    return {name(line) for line in lines if _NAME.match(line)}


def test_extras_are_those_of_the_interface() -> None:
    extras = PROJECT["optional-dependencies"]
    assert {"build", "spark", "serve", "mcp", "report", "collect", "dp", "all", "test"} <= extras.keys()
    (everything,) = extras["all"]
    named = set(everything.removeprefix("paylens[").removesuffix("]").split(","))
    assert named == extras.keys() - {"all", "test", "check", "benchmark"}


@pytest.mark.parametrize("which", ["core", "test", "check"])
def test_requirements_are_locked_with_hashes_and_name_no_host(which: str) -> None:
    text = (ROOT / "requirements" / f"{which}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    pinned = [line for line in text.splitlines() if _NAME.match(line)]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert {name(r) for r in PROJECT["dependencies"]} <= locked(which)


def test_the_test_lock_has_what_tests_and_build_need() -> None:
    extras = PROJECT["optional-dependencies"]
    needed = {
        name(r)
        for r in [*extras["build"], *extras["report"], *extras["serve"], *extras["mcp"], *extras["test"]]
    } - {"paylens"}
    assert needed <= locked("test") <= locked("check")
    assert {name(r) for r in [*extras["spark"], *extras["check"]]} - {"paylens"} <= locked("check")
    assert locked("core") <= locked("test")


def test_the_core_brings_no_fitting_library() -> None:
    assert not locked("core") & {"pandas", "scipy", "scikit-learn", "lightgbm", "duckdb", "ibis-framework"}


def test_make_lists_its_recipes() -> None:
    shown = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    for recipe in ("estimate", "test", "test-all", "check", "lock", "build", "score", "bench"):
        assert re.search(rf"^{recipe} ", shown, re.MULTILINE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 420
    assert path.stem not in ("utils", "helpers", "common")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            # The body: a command's options, one a field, are its signature.
            lines = (node.end_lineno or 0) - node.body[0].lineno
            assert lines <= 70, f"{node.name} has {lines} lines"


def test_the_package_may_be_run() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "paylens", "--help"], capture_output=True, text=True, check=True
    )
    assert "estimate" in shown.stdout
