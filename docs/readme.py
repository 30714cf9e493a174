"""Run every command that README.md shows and put its answer below it; `make docs` does, a test sees that it was done.

A block that begins with `$ paylens …` holds the command and its answer. Where it ends with `…` only as many lines
stay as it has.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "README.md"
_BLOCK = re.compile(r"^```\n\$ (paylens [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def answer(command: str) -> str:
    """What a command of ours prints on a plain terminal that shows every letter."""
    plain = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-m", *shlex.split(command)]
    done = subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", env=plain, cwd=ROOT, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr.strip()}")
    return done.stdout.rstrip()


def page(text: str) -> str:
    """The page with each answer anew."""
    return _BLOCK.sub(_again, text)


def _again(block: re.Match[str]) -> str:
    command, old = block[1], block[2].rstrip().splitlines()
    lines = answer(command).splitlines()
    if old and old[-1] == "…":
        # One empty line stands above the answer, and the dots below it.
        lines = [*lines[: max(len(old) - 2, 1)], "…"]
    return "\n".join(["```", f"$ {command}", "", *lines, "```"])


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
