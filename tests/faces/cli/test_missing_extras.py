"""A command whose libraries are not installed says in one line how to get them."""

from __future__ import annotations

import subprocess
import sys

import pytest

_WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {library!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
sys.argv = ["paylens", *{command!r}.split()]
from paylens.faces.cli import main
main()
"""


@pytest.mark.parametrize(
    ("command", "library", "extra"),
    [
        ("serve", "fastapi", "serve"),
        ("serve", "uvicorn", "serve"),
        ("mcp", "mcp", "mcp"),
        ("submissions status desk/", "sqlalchemy", "collect"),
        ("submissions keys make keys/", "nacl", "collect"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_brings_it(
    command: str, library: str, extra: str
) -> None:
    if library == "uvicorn":
        pytest.importorskip("fastapi", reason="fastapi is not here: pip install 'paylens[serve]'")
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(command=command, library=library)],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"pip install 'paylens[{extra}]'" in done.stderr
