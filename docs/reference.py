"""Write docs/cli.md from the commands' own help; `make docs` runs it and a test sees that it was run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from paylens.faces.cli import app

PAGE = Path(__file__).parent / "cli.md"
HEAD = """# Commands

Made from each command's own `--help` by `make docs`. Exit codes: 0 answered, 2 anything foreseen (one line on stderr
that says what was wrong and what to do), 1 our own fault. Answers go to stdout, everything else to stderr.
"""


def commands(command: Any, path: tuple[str, ...] = ("paylens",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command with the words that call it, groups before their own."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for path, command in commands(typer.main.get_command(app)):
        context = command.make_context(" ".join(path), [], resilient_parsing=True, terminal_width=80)
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {' '.join(path)}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
