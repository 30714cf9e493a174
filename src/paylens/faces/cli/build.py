"""`paylens build`: the published files to a release."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paylens.contract.errors import InputError

if TYPE_CHECKING:
    from paylens.build import Built, Say

__all__ = ["build"]

_LICENCES = ("all", "open")


def build(
    data: Annotated[Path, typer.Option(help="Folder of the published files.")],
    to: Annotated[Path, typer.Option(help="Folder of the release to make.")],
    licence: Annotated[
        str, typer.Option(help="'open' leaves out what is not verified as open; 'all' does not.")
    ] = "all",
    engine: Annotated[str, typer.Option(help="Where cohorts are computed: duckdb or spark.")] = "duckdb",
    master: Annotated[
        str | None, typer.Option(help="A Spark master's address; default: this machine.")
    ] = None,
    community: Annotated[
        list[Path] | None,
        typer.Option(help="A folder that `paylens submissions export` made; may be given again."),
    ] = None,
    epsilon: Annotated[
        float | None,
        typer.Option(help="Show communities under differential privacy alone: what this release may cost."),
    ] = None,
    delta: Annotated[float, typer.Option(help="With --epsilon: the chance that it may not hold.")] = 1e-6,
    budget: Annotated[
        float | None, typer.Option(help="With the first --epsilon: what all releases may cost together.")
    ] = None,
) -> None:
    """Make a release from the published files.

    Example: paylens build --data files/ --to my-release/ --licence open
    """
    _one_of("licence", licence, _LICENCES)
    from paylens.contract.require import require

    for name in ("scipy", "lightgbm", "openpyxl", "joblib", "ibis", "duckdb"):
        require(name, "build")
    from paylens.build import build as make
    from paylens.build.private import wanted
    from paylens.observations.engine import ready

    ready(engine, master)
    private = wanted(epsilon, delta, budget)
    if private is not None:
        require("opendp.prelude", "dp")

    with _progress() as say:
        made = make(
            data,
            to,
            open_only=licence == "open",
            engine=engine,
            master=master,
            communities=community or (),
            private=private,
            say=say,
        )
    _report(made)


def _one_of(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"--{field}", value, f"'{value[:40]}' is not known", known)


@contextmanager
def _progress() -> Iterator[Say]:
    """What is being done, on stderr: one line that changes with a clock on a terminal, else a line a step."""
    if not sys.stderr.isatty():
        yield lambda text: print(text, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=20), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("start", total=None)
        yield lambda text: bar.update(task, description=text)


def _report(made: Built) -> None:
    for step, seconds in made.seconds.items():
        print(f"  {step:<28} {'kept' if seconds == 0 else f'{seconds:.0f} s'}", file=sys.stderr)
    for file in made.report["files"]:
        if "kept" not in file:
            continue
        print(f"{file['source']} {file['vintage']}: {file['kept']:,} of {file['rows_in']:,} rows kept")
        for why, rows in sorted(file["dropped"].items(), key=lambda item: (-item[1], item[0])):
            print(f"  {rows:>9,} {why}")
    for one in made.report.get("communities", ()):
        for line in _community(one):
            print(line)
    for one in made.report.get("privacy", ()):
        print(
            f"{one['source']}: epsilon {one['epsilon']:g} for this release, {one['spent_epsilon']:g} of {one['budget_epsilon']:g} spent"
        )
    for lacking in made.report["official_lacking"]:
        print(f"official figures left out: {lacking}")
    print(f"Release {made.id} in {made.path} ({made.took:.0f} s)")


def _community(one: Mapping[str, Any]) -> list[str]:
    """Who of a community's reports is in the release, and who waits or leaves for the sake of earlier releases."""
    past = one["earlier_releases"]
    after = f"after {past} earlier release{'' if past == 1 else 's'}" if past else "its first release"
    lines = [
        f"{one['source']} released {one['released']}, {after}: {one['published']:,} of {one['reports']:,} reports"
    ]
    if one["held_back"]:
        lines.append(f"  {one['held_back']:>9,} wait until they change no cut by fewer than 10")
    if one["gone"]:
        lines.append(f"  {one['gone']:>9,} have gone, and {one['left_with_them']:,} leave with them")
    return lines
