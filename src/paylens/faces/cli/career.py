"""`paylens career`: what raises pay, what it takes, the years ahead; as text, JSON or a chart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from paylens.faces.cli.options import Json, ReleaseDir

__all__ = ["career"]

_MOST_BYTES = 64 << 10


def career(
    role: Annotated[str | None, typer.Option(help="Job title, for example 'ML engineer'.")] = None,
    years: Annotated[
        str | None, typer.Option("--years", "--years-experience", help="Professional years.")
    ] = None,
    years_coding: Annotated[str | None, typer.Option(help="Years of writing code.")] = None,
    seniority: Annotated[str | None, typer.Option(help="entry, mid, senior, staff, principal ...")] = None,
    education: Annotated[str | None, typer.Option(help="The degree held: bachelor, master ...")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill held; give it once for each.")] = None,
    location: Annotated[str | None, typer.Option(help="City, US metro or state, country.")] = None,
    industry: Annotated[str | None, typer.Option(help="technology, finance, healthcare ...")] = None,
    company_size: Annotated[str | None, typer.Option(help="Employees: 250, '51-200', 'startup'.")] = None,
    employer: Annotated[str | None, typer.Option(help="Who pays now.")] = None,
    remote: Annotated[str | None, typer.Option(help="onsite, hybrid or remote.")] = None,
    paid: Annotated[float | None, typer.Option(help="Your own pay a year now; default: the middle.")] = None,
    moves: Annotated[
        str | None,
        typer.Option(
            help="Only these kinds: level, lead, degree, specialise, skill, publish, open-source, industry, size, remote, place."
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="How many moves to show; degrees are always among them.")] = 12,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", "--together", help="Moves to make at once: 'skill:aws'; give it for each."),
    ] = None,
    place: Annotated[list[str] | None, typer.Option(help="A place to consider; give it for each.")] = None,
    path: Annotated[
        str, typer.Option(help="stay, a degree, or a move: 'place:Zurich', 'level:senior', 'lead'.")
    ] = "stay",
    against: Annotated[str | None, typer.Option(help="A second plan to hold it against.")] = None,
    horizon: Annotated[int, typer.Option(help="Years ahead, 1 to 10.")] = 10,
    efforts: Annotated[
        Path | None, typer.Option(help="What moves take, .toml: [degree.master] months = 18 ...")
    ] = None,
    premiums: Annotated[
        bool, typer.Option("--premiums", help="The table of premiums: raw and adjusted, side by side.")
    ] = False,
    premium_kind: Annotated[
        str | None, typer.Option(help="Of that table, one kind: skill, education ...")
    ] = None,
    premium_place: Annotated[str | None, typer.Option(help="Of that table, one country or region.")] = None,
    working_years: Annotated[int, typer.Option(help="Years a degree is counted for, 1 to 45.")] = 20,
    discount_rate: Annotated[
        float, typer.Option(help="What money later counts less a year, beyond wage growth.")
    ] = 0.03,
    persistence: Annotated[
        float, typer.Option(help="How far people keep their place from year to year, 0 to 1.")
    ] = 0.95,
    filing: Annotated[str, typer.Option(help="single or married, for tax.")] = "single",
    before_tax: Annotated[bool, typer.Option("--before-tax", help="Leave tax out.")] = False,
    paths: Annotated[int, typer.Option(help="Futures to simulate, 200 to 20000.")] = 4000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same futures.")] = 1,
    as_of: Annotated[str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this.")] = None,
    pay: Annotated[str | None, typer.Option(help="base, cash or total; default: cash.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code; default: the place's own.")] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Also draw it: .svg or .png; the years ahead where a plan is named.")
    ] = None,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """What raises your pay, by how much, how surely, and what it takes; ten years ahead on one plan or another.

    Example: paylens career --role "data scientist" --years 3 --education bachelor --location Berlin --skill python

    Example: paylens career --role "ML engineer" --years 4 --education master --location Paris --path doctorate

    Example: paylens career --role "data scientist" --location Germany --premiums --premium-kind skill
    """
    table: dict[str, str] | None = None
    if premiums or premium_kind or premium_place:
        table = {k: v for k, v in (("kind", premium_kind), ("place", premium_place)) if v is not None}
    asked: dict[str, Any] = {
        "role": role, "years_experience": years, "years_coding": years_coding, "seniority": seniority, "education": education,
        "skills": skill or None, "location": location, "industry": industry, "company_size": company_size, "employer": employer,
        "remote": remote, "paid": paid, "moves": moves, "top": top, "together": with_ or None, "places": place or None,
        "path": path, "against": against, "horizon": horizon, "efforts": None if efforts is None else _read(efforts),
        "premiums": table, "working_years": working_years, "discount_rate": discount_rate, "persistence": persistence,
        "filing": filing, "before_tax": before_tax or None, "paths": paths, "seed": seed, "as_of": as_of, "pay": pay,
        "currency": currency,
    }  # fmt: skip
    if chart is not None:
        from paylens.faces.cli.benchmark_files import check_ending

        check_ending("chart", chart, (".svg", ".png"))
    from paylens.engine import open as open_engine

    answer = open_engine(release).career({k: v for k, v in asked.items() if v is not None}).to_dict()
    if chart is not None:
        _draw(answer, chart)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(answer)
    else:
        from paylens.faces.cli.render_career import render

        render(answer)


def _draw(answer: Mapping[str, Any], chart: Path) -> None:
    from paylens.charts import fan, gains
    from paylens.faces.cli.benchmark_files import write_picture

    drawn = fan if answer["comparison"] is not None else gains
    write_picture(drawn(answer, answer["headline"]), chart)


def _read(path: Path) -> dict[str, Any]:
    """A file of efforts: tables [degree.master] or ["degree:master"], as the question takes them; InputError where it is none."""
    import tomllib

    from paylens.contract.errors import InputError

    if not path.is_file():
        raise InputError("--efforts", str(path), f"{path}: no such file")
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise InputError("--efforts", str(path), f"{path} is larger than {_MOST_BYTES >> 10} KiB")
    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("--efforts", str(path), f"{path} can't be read as TOML: {error}") from None
    out: dict[str, Any] = {}
    for kind, fields in found.items():
        if not isinstance(fields, dict):
            raise InputError("--efforts", str(path), f"'{kind}' must be a table such as [degree.master]")
        own = {k: v for k, v in fields.items() if not isinstance(v, dict)}
        if own:
            out[kind] = own
        out |= {f"{kind}:{to}": values for to, values in fields.items() if isinstance(values, dict)}
    return out
