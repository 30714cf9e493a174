"""`paylens benchmark`: what the market pays, one cell or a table, as text, a chart or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["benchmark"]


def benchmark(
    role: Annotated[str | None, typer.Option(help="Job title, for example 'ML engineer'.")] = None,
    location: Annotated[str | None, typer.Option(help="City, US metro or state, country, region.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="One or two of country, region, state, metro, industry, company_size, education, seniority, years, remote, "
            "skill, employer, year: 'seniority,years'."
        ),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(help="p10, p25, p50, p75, p90, pooled_p50, n or value; highest first.")
    ] = None,
    top: Annotated[int | None, typer.Option(help="How many values to show.")] = None,
    source: Annotated[str | None, typer.Option(help="One source alone; default: all, side by side.")] = None,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Two places side by side.")
    ] = None,
    nine_cells: Annotated[
        bool, typer.Option("--nine-cells", help="A published guide's nine cells, ours beside each.")
    ] = False,
    adjust: Annotated[str, typer.Option(help="none, inflation, ppp or rpp (US metros).")] = "none",
    currency: Annotated[str | None, typer.Option(help="ISO code; default: the place's own.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Month of rates and model, YYYY-MM; default: this.")
    ] = None,
    pay: Annotated[str | None, typer.Option(help="Measure of the modelled rows: base, cash, total.")] = None,
    years: Annotated[
        str | None, typer.Option("--years", "--years-experience", help="Professional years.")
    ] = None,
    seniority: Annotated[str | None, typer.Option(help="entry, mid, senior, staff, principal ...")] = None,
    education: Annotated[str | None, typer.Option(help="bachelor, master, doctorate ...")] = None,
    skill: Annotated[str | None, typer.Option(help="A skill.")] = None,
    industry: Annotated[str | None, typer.Option(help="technology, finance, healthcare ...")] = None,
    company_size: Annotated[str | None, typer.Option(help="Employees: 250, '51-200', 'startup'.")] = None,
    employer: Annotated[str | None, typer.Option(help="Who pays.")] = None,
    remote: Annotated[str | None, typer.Option(help="onsite, hybrid or remote.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Also draw it: .svg or .png.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Also write the rows: .csv, .parquet, .html.")
    ] = None,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """What the market pays: each source beside the others, never averaged, with the model and official figures.

    Cells with too few reports are not shown: the answer says why and which wider cell answers. A lowest or highest figure
    is never given.

    Example: paylens benchmark --role "ML engineer" --location Europe --by seniority

    Example: paylens benchmark --role "data scientist" --by employer --sort p50 --top 10

    Example: paylens benchmark --role "ML engineer" --compare "San Francisco" "New York" --adjust rpp

    Example: paylens benchmark --nine-cells
    """
    asked: dict[str, object] = {
        "role": role, "location": location, "by": by, "sort": sort, "top": top, "source": source,
        "compare": None if compare is None else list(compare), "guide": nine_cells or None, "adjust": adjust,
        "currency": currency, "as_of": as_of, "pay": pay, "years_experience": years, "seniority": seniority,
        "education": education, "skills": None if skill is None else [skill], "industry": industry,
        "company_size": company_size, "employer": employer, "remote": remote,
    }  # fmt: skip
    from paylens.engine import open as open_engine
    from paylens.faces.cli.benchmark_files import check_ending, write_chart, write_rows

    if chart is not None:
        check_ending("chart", chart, (".svg", ".png"))
    if to is not None:
        check_ending("to", to, (".csv", ".parquet", ".html"))
    answer = open_engine(release).benchmark({k: v for k, v in asked.items() if v is not None}).to_dict()
    if chart is not None:
        write_chart(answer, chart)
    if to is not None:
        write_rows(answer, to)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
    else:
        from paylens.faces.cli.render_benchmark import render

        render(answer)
