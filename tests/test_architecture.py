"""What a question imports, and how fast the package is to name."""

from __future__ import annotations

import subprocess
import sys

FITTING = ("pandas", "duckdb", "lightgbm", "sklearn", "scipy", "interpret", "ibis", "openpyxl")


def imported(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        name.partition(".")[0] if not name.startswith("paylens") else name for name in done.stdout.split()
    }


def test_answering_imports_no_fitting_library() -> None:
    found = imported("import paylens; paylens.estimate(role='ML engineer', location='Berlin')")
    assert not found & set(FITTING)
    assert not any(
        name.startswith(("paylens.sources", "paylens.observations", "paylens.cohorts", "paylens.model.fit"))
        for name in found
    )


def test_the_package_alone_imports_nothing_heavy() -> None:
    assert not imported("import paylens") & {"numpy", "pyarrow", "typer", "rich"}
