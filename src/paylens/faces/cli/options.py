"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Json", "ReleaseDir"]

Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of the readable form.")]
ReleaseDir = Annotated[
    Path | None, typer.Option("--release", help="A release's folder; default: the built-in one.")
]
