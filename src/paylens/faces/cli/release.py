"""`paylens release`: whether a release is as it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paylens.faces.cli.options import Json

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, help="The release that answers rest on.")


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("verify")
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="A release's folder; default: the built-in one.")
    ] = None,
    json: Json = False,
) -> None:
    """Hash every file of a release again; a changed, missing or foreign one is refused.

    Example: paylens release verify my-release/
    """
    from paylens.faces.cli.output import print_json
    from paylens.release import verify as check

    found = check(path)
    if json:
        print_json(found)
    else:
        typer.echo(f"Release {found['release']}: all {found['files']} files are as they were made.")
