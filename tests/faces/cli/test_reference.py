"""The commands' page is what the commands say, and every example in help and docs can be typed."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from paylens.faces.cli import app

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"Example: (paylens .*?)(?=\n\n|\Z)", re.DOTALL)


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMMANDS = list(reference().commands(typer.main.get_command(app)))


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference().page(), "run `make docs`"


@pytest.mark.parametrize(
    "path, command", COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_says_what_it_does_with_an_example(path: tuple[str, ...], command: Any) -> None:
    assert command.help
    if not hasattr(command, "commands"):
        examples = _EXAMPLE.findall(command.help)
        assert examples
        for example in examples:
            parse(" ".join(example.split()))


def test_every_example_in_the_docs_can_be_typed() -> None:
    for page in PAGES:
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if line.removeprefix("$ ").startswith("paylens "):
                    parse(line.removeprefix("$ "))


def parse(line: str) -> None:
    """Read a command line as the command would, without running it."""
    words = shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True)[1:]
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("paylens", words)
