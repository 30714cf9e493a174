"""`paylens forecast`: where pay is going, or what changed since an older release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paylens.contract.errors import InputError
from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["forecast"]


def forecast(
    role: Annotated[str | None, typer.Option(help="Job title, for example 'ML engineer'.")] = None,
    location: Annotated[str | None, typer.Option(help="City, US metro or state, country, region.")] = None,
    horizon: Annotated[str | None, typer.Option(help="Whole years ahead, 1 to 5; default: 5.")] = None,
    real: Annotated[bool, typer.Option("--real", help="In the prices of the month asked.")] = False,
    demand: Annotated[str | None, typer.Option(help="Postings by then: -0.2 is a fifth fewer.")] = None,
    technology: Annotated[
        str | None, typer.Option(help="AI share of postings added: 0.1 is ten points.")
    ] = None,
    globalisation: Annotated[
        str | None, typer.Option(help="Share of the gap between countries that closes in ten years.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", "--years-experience", help="Professional years, for the amounts.")
    ] = None,
    seniority: Annotated[str | None, typer.Option(help="entry, mid, senior ..., for the amounts.")] = None,
    employer: Annotated[str | None, typer.Option(help="Who pays, for the amounts.")] = None,
    pay: Annotated[str | None, typer.Option(help="base, cash or total; default: cash.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code; default: the place's own.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this.")] = None,
    since: Annotated[
        Path | None, typer.Option(help="An older release (folder or manifest): what changed, and why.")
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Also draw it: .svg or .png.")] = None,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """Where pay is going: growth a year with its interval, back-test, scenarios; or what changed since a release.

    Example: paylens forecast --role "ML engineer" --location Germany --horizon 5

    Example: paylens forecast --role "data scientist" --location Singapore --real --demand -0.2

    Example: paylens forecast --since old-release/
    """
    asked = {
        "role": role, "location": location, "horizon": horizon, "real": real or None, "demand": demand, "technology": technology,
        "globalisation": globalisation, "years_experience": years, "seniority": seniority, "employer": employer, "pay": pay,
        "currency": currency, "as_of": as_of, "since": since,
    }  # fmt: skip
    given: dict[str, object] = {k: v for k, v in asked.items() if v is not None}
    if since is not None:
        _alone(given, chart)
    if chart is not None:
        from paylens.faces.cli.benchmark_files import check_ending

        check_ending("chart", chart, (".svg", ".png"))
    from paylens.engine import open as open_engine

    answer = open_engine(release).forecast(given).to_dict()
    if chart is not None:
        from paylens.charts import forecast as drawn
        from paylens.faces.cli.benchmark_files import write_picture

        write_picture(drawn(answer), chart)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
        return
    from paylens.faces.cli.render_forecast import render, render_since

    (render if since is None else render_since)(answer)


def _alone(given: dict[str, object], chart: Path | None) -> None:
    """--since compares releases: of the rest only a role and a place to watch go with it."""
    other = sorted(set(given) - {"since", "role", "location"}) + (["chart"] if chart is not None else [])
    if other:
        name = f"--{other[0].replace('_', '-')}"
        raise InputError(name, None, "does not go with --since, which compares two releases")
    if "location" in given and "role" not in given:
        raise InputError("--role", None, "is needed with --location: which market to watch")
