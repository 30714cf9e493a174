"""`paylens negotiate`: what to ask for one offer, in the terminal, as JSON, or as a brief to take into the room."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paylens.faces.cli.options import Json, ReleaseDir

if TYPE_CHECKING:
    from paylens.advice.negotiate.brief import Brief

__all__ = ["negotiate"]

_REPORTS = (".pdf", ".html", ".md")


def negotiate(
    file: Annotated[Path, typer.Argument(help="Offers, .toml or .json: [me] and one [[offer]] for each.")],
    offer: Annotated[str | None, typer.Option(help="The offer's name; default: the one worth most.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a brief: .pdf, .html or .md.")] = None,
    years: Annotated[int, typer.Option(help="Years to look ahead, 1 to 10.")] = 4,
    paths: Annotated[int, typer.Option(help="Futures to simulate, up to 200000.")] = 20000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same futures.")] = 1,
    as_of: Annotated[str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this.")] = None,
    before_tax: Annotated[bool, typer.Option("--before-tax", help="Leave tax out.")] = False,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """What to ask, be content with and refuse; the evidence to cite, packages, an e-mail, a call, replies.

    Example: paylens negotiate offers.toml --offer Northwind --report brief.pdf
    """
    write = _writer(report)
    from paylens.engine import open as open_engine

    answer = open_engine(release).negotiate(
        file, offer, years=years, paths=paths, seed=seed, as_of=as_of, before_tax=before_tax
    )
    if report is not None and write is not None:
        from paylens.faces.cli.batch_files import replacing

        made = write(_document(answer))
        with replacing(report) as out:
            out.write(made)
        print(f"brief in {report}", file=sys.stderr)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
    elif report is None:
        from paylens.faces.cli.render_negotiate import render

        render(_document(answer))


def _document(answer: Mapping[str, Any]) -> Brief:
    """The answer as a document, money as the reader writes it."""
    from paylens.advice.negotiate.brief import brief
    from paylens.faces.cli.output import money

    return brief(answer, lambda amount, currency, whole: money(amount, currency, whole=whole))


def _writer(report: Path | None) -> Callable[[Brief], bytes] | None:
    """What writes a report of this name; InputError before anything is computed, and MissingExtra where Typst is not there."""
    from paylens.contract.errors import InputError
    from paylens.contract.require import require

    if report is None:
        return None
    ending = report.suffix.lower()
    if ending not in _REPORTS:
        raise InputError(
            "--report", str(report), f"the name must end in {', '.join(_REPORTS)}, not '{ending}'"
        )
    if not report.parent.is_dir():
        raise InputError("--report", str(report), f"there is no folder {report.parent}")
    if ending == ".pdf":
        require("typst", "report")
        from paylens.briefs.pdf import pdf

        return pdf
    if ending == ".html":
        from paylens.briefs.html import html

        return html
    from paylens.briefs.markdown import markdown

    return markdown
