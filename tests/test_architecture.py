"""Who imports whom: the contracts in pyproject.toml, and what naming the package or asking it a question brings in."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "paylens"
FITTING = ("pandas", "duckdb", "lightgbm", "sklearn", "scipy", "interpret", "ibis", "openpyxl")
ROWS = ("paylens.sources", "paylens.observations", "paylens.cohorts", "paylens.model.fit", "paylens.build")
# pyarrow looks for pandas whenever it is there; what is asked here is whether paylens needs it.
WITHOUT_PANDAS = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name="pandas")
sys.meta_path.insert(0, Absent())
"""


def imported(code: str) -> set[str]:
    """Modules that are loaded after running some code in a fresh Python; outside packages by their first name."""
    done = subprocess.run(
        [sys.executable, "-c", f"{WITHOUT_PANDAS}\n{code}\nprint(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = done.stdout.split()
    return {name if name.startswith("paylens") else name.partition(".")[0] for name in names}


def test_the_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "code",
    ["import paylens.engine", "import paylens; paylens.estimate(role='ML engineer', location='Berlin')"],
)
def test_answering_imports_no_fitting_library(code: str) -> None:
    found = imported(code)
    assert not found & set(FITTING)
    assert not [name for name in found if name.startswith(ROWS)]


def test_the_package_alone_imports_nothing_heavy() -> None:
    found = imported("import paylens")
    assert not found & {"numpy", "pyarrow", "typer", "rich", "babel", "rapidfuzz"}
    assert {name for name in found if name.startswith("paylens")} == {"paylens"}


def test_the_command_alone_imports_no_engine() -> None:
    found = imported("import paylens.faces.cli")
    assert not found & {"numpy", "pyarrow", "rich", "babel", "rapidfuzz"}


def test_every_public_name_resolves() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import paylens; print([getattr(paylens, n) for n in paylens.__all__])"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nobody_imports_the_package_root() -> None:
    roots = [
        f"{path.relative_to(SOURCE)}: {ast.unparse(node)}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name == "paylens" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "paylens" and not node.level)
    ]
    assert not roots


def test_imports_stand_at_the_top() -> None:
    """But for faces/cli, for a fast start, and the lazy package root."""
    inner = [
        f"{path.relative_to(SOURCE)}: {ast.unparse(node)}"
        for path in SOURCE.rglob("*.py")
        if "cli" not in path.parts
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inner
