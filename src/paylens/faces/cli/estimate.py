"""`paylens estimate`: one profile from options, or many from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from paylens.contract.errors import InputError
from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["estimate"]


def estimate(
    role: Annotated[str | None, typer.Option(help="Job title, for example 'ML engineer'.")] = None,
    years: Annotated[
        str | None, typer.Option("--years", "--years-experience", help="Professional years.")
    ] = None,
    years_coding: Annotated[str | None, typer.Option(help="Years of writing code.")] = None,
    years_ml: Annotated[str | None, typer.Option(help="Years of using machine learning.")] = None,
    seniority: Annotated[
        str | None, typer.Option(help="entry, mid, senior, staff, principal, manager ... or 'L5'.")
    ] = None,
    education: Annotated[str | None, typer.Option(help="bachelor, master, doctorate ...")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill; give it once for each.")] = None,
    location: Annotated[str | None, typer.Option(help="City, US metro or state, country, region.")] = None,
    industry: Annotated[str | None, typer.Option(help="technology, finance, healthcare ...")] = None,
    company_size: Annotated[str | None, typer.Option(help="Employees: 250, '51-200', 'startup'.")] = None,
    employer: Annotated[str | None, typer.Option(help="Who pays; used where it is known.")] = None,
    remote: Annotated[str | None, typer.Option(help="onsite, hybrid or remote.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this.")] = None,
    pay: Annotated[str | None, typer.Option(help="base, cash or total; default: cash.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code; default: the place's own.")] = None,
    as_reported_in: Annotated[
        str | None, typer.Option(help="Answer as this source would report, for example 'kaggle'.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="Many profiles: .jsonl, .csv (also .gz) or .parquet.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where their answers go: .jsonl, .csv or .parquet.")
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Also draw it: .svg or .png.")] = None,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """The distribution of pay for someone like you.

    With --from and --to, one answer for each row; other options are for rows that do not say otherwise.

    Example: paylens estimate --role "ML engineer" --years 4 --location Berlin --skill pytorch

    Example: paylens estimate --from people.csv --to estimates.parquet
    """
    fields: dict[str, object] = {
        "role": role,
        "years_experience": years,
        "years_coding": years_coding,
        "years_ml": years_ml,
        "seniority": seniority,
        "education": education,
        "skills": skill or None,
        "location": location,
        "industry": industry,
        "company_size": company_size,
        "employer": employer,
        "remote": remote,
        "as_of": as_of,
        "pay": pay,
        "currency": currency,
        "as_reported_in": as_reported_in,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if source is not None or to is not None:
        if chart is not None:
            raise InputError("--chart", str(chart), "draws one estimate: it does not go with --from and --to")
        raise typer.Exit(_many(source, to, given, release, json))
    from paylens.engine import open as open_engine

    answer = open_engine(release).estimate(given).to_dict()
    if chart is not None:
        _draw(answer, chart)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
    else:
        from paylens.faces.cli.render_estimate import render

        render(answer)


def _draw(answer: Mapping[str, Any], chart: Path) -> None:
    from paylens.charts import estimate as density
    from paylens.faces.cli.benchmark_files import check_ending, write_picture
    from paylens.faces.cli.render_estimate import headline

    check_ending("chart", chart, (".svg", ".png"))
    write_picture(density(answer, headline(answer)), chart)


def _many(
    source: Path | None, to: Path | None, given: Mapping[str, object], release: Path | None, json: bool
) -> int:
    if source is None or to is None:
        missing = "from" if source is None else "to"
        raise InputError(f"--{missing}", None, "is needed too: --from names the profiles, --to the answers")
    if json:
        raise InputError("--json", None, "does not go with --to, whose ending says the form: .jsonl")
    from paylens.engine import open as open_engine
    from paylens.faces.cli.batch import run

    return run(open_engine(release), source, to, given)
