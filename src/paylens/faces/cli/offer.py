"""`paylens offer`: offers compared over years."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["app", "compare"]

app = typer.Typer(rich_markup_mode=None, help="Is this offer good, and which is better.")


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("compare")
def compare(
    file: Annotated[Path, typer.Argument(help="Offers, .toml or .json: [me] and one [[offer]] for each.")],
    years: Annotated[int, typer.Option(help="Years to look ahead, 1 to 10.")] = 4,
    paths: Annotated[int, typer.Option(help="Futures to simulate, up to 200000.")] = 20000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same futures.")] = 1,
    as_of: Annotated[str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="ISO code of the answer; default: [me]'s or the first offer's.")
    ] = None,
    before_tax: Annotated[bool, typer.Option("--before-tax", help="Leave tax out.")] = False,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """Offers side by side, year by year: cash, what is sure, paper, and the chance that one beats the other.

    Example: paylens offer compare offers.toml --as-of 2026-11
    """
    from paylens.engine import open as open_engine

    answer = open_engine(release).compare_offers(
        file, years=years, paths=paths, seed=seed, as_of=as_of, currency=currency, before_tax=before_tax
    )
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
    else:
        from paylens.faces.cli.render_offer import render

        render(answer)
