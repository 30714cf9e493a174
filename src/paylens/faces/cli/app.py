"""Commands, their options, and what a failure looks like: one line on stderr and exit code 2."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from paylens.contract.errors import InputError, PaylensError

app = typer.Typer(
    name="paylens", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="What machine-learning jobs pay, from public evidence, with the evidence beside it.",
)  # fmt: skip
release_app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="The release that answers rest on."
)
app.add_typer(release_app, name="release")

Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of the readable form.")]
ReleaseDir = Annotated[
    Path | None, typer.Option("--release", help="A release's folder; default: the built-in one.")
]


@app.command()
def estimate(
    role: Annotated[str | None, typer.Option(help="Job title, for example 'ML engineer'.")] = None,
    years: Annotated[
        str | None, typer.Option("--years", "--years-experience", help="Professional years.")
    ] = None,
    years_coding: Annotated[str | None, typer.Option(help="Years of writing code.")] = None,
    years_ml: Annotated[str | None, typer.Option(help="Years of using machine learning.")] = None,
    seniority: Annotated[
        str | None, typer.Option(help="entry, mid, senior, staff, principal, manager …; 'L5'.")
    ] = None,
    education: Annotated[str | None, typer.Option(help="bachelor, master, doctorate …")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill; give it once for each.")] = None,
    location: Annotated[str | None, typer.Option(help="City, US metro or state, country or region.")] = None,
    industry: Annotated[str | None, typer.Option(help="technology, finance, healthcare …")] = None,
    company_size: Annotated[str | None, typer.Option(help="Employees: 250, '51-200', 'startup'.")] = None,
    employer: Annotated[str | None, typer.Option(help="Who pays, where it is known.")] = None,
    remote: Annotated[str | None, typer.Option(help="onsite, hybrid or remote.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Month of the answer, YYYY-MM; default: this month.")
    ] = None,
    pay: Annotated[str | None, typer.Option(help="base, cash or total; default: cash.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO code; default: the place's own.")] = None,
    as_reported_in: Annotated[str | None, typer.Option(help="Answer as this source would report.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="Many profiles: .jsonl, .csv or .parquet.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where the answers go: .jsonl, .csv or .parquet.")
    ] = None,
    release: ReleaseDir = None,
    json: Json = False,
) -> None:
    """The distribution of pay for someone like you.

    Example: paylens estimate --role "ML engineer" --years 4 --location Berlin --skill pytorch
    """
    from paylens.engine import open as open_engine

    fields: dict[str, Any] = {
        "role": role, "years_experience": _number("years_experience", years), "years_coding": _number("years_coding", years_coding),
        "years_ml": _number("years_ml", years_ml), "seniority": seniority, "education": education, "skills": skill or None,
        "location": location, "industry": industry, "company_size": company_size, "employer": employer, "remote": remote,
        "as_of": as_of, "pay": pay, "currency": currency, "as_reported_in": as_reported_in,
    }  # fmt: skip
    given = {k: v for k, v in fields.items() if v is not None}
    if source is not None or to is not None:
        from paylens.faces.cli.batch_files import run

        if source is None or to is None:
            raise InputError(
                "from", None, "--from and --to go together: where the profiles are, where the answers go"
            )
        raise typer.Exit(
            run(
                open_engine(release),
                source,
                to,
                {k: v for k, v in given.items() if k in ("as_of", "pay", "currency")},
            )
        )
    answer = open_engine(release).estimate(given)
    if json:
        from paylens.faces.cli.output import print_json

        print_json(dict(answer))
        return
    from paylens.faces.cli.render_estimate import render

    render(dict(answer))


def _number(field: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(field, text, f"must be a number of years, not '{text[:60]}'") from None


@app.command()
def score(release: ReleaseDir = None, json: Json = False) -> None:
    """How well the release answers: every score, on people it had not seen.

    Example: paylens score
    """
    from paylens.engine import open as open_engine
    from paylens.faces.cli.output import print_json
    from paylens.faces.cli.render_card import render

    card = open_engine(release).score()
    print_json(card) if json else render(card)


@app.command()
def sources(release: ReleaseDir = None, json: Json = False) -> None:
    """What the release rests on: source, vintage, reports, licence.

    Example: paylens sources
    """
    from paylens.engine import open as open_engine
    from paylens.faces.cli.output import print_json
    from paylens.faces.cli.render_card import render_sources

    engine = open_engine(release)
    if json:
        print_json({"release": engine.release.id, "sources": engine.sources()})
    else:
        render_sources(engine.release.id, engine.sources())


@release_app.callback()
def _release() -> None:
    """The release that answers rest on."""


@release_app.command("verify")
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="A release's folder; default: the built-in one.")
    ] = None,
    json: Json = False,
) -> None:
    """Hash every file of a release again; a changed one is refused.

    Example: paylens release verify
    """
    from paylens.faces.cli.output import print_json
    from paylens.release import verify as check

    found = check(path)
    if json:
        print_json(found)
    else:
        typer.echo(f"release {found['release']}: all {found['files']} files are as they were made")


@app.command()
def build(
    data: Annotated[Path, typer.Option(help="Folder of the published files.")],
    to: Annotated[Path, typer.Option(help="Folder of the release to make.")],
    licence: Annotated[
        str, typer.Option(help="'open' leaves out sources not verified as open; 'all' does not.")
    ] = "all",
    engine: Annotated[str, typer.Option(help="Where tables are computed: duckdb.")] = "duckdb",
) -> None:
    """Make a release from the published files.

    Example: paylens build --data files/ --to my-release/
    """
    if licence not in ("all", "open"):
        raise InputError("licence", licence, f"'{licence}' is not known", ("open", "all"))
    if engine != "duckdb":
        raise InputError("engine", engine, f"'{engine}' is not built yet", ("duckdb",))
    from paylens.contract.require import require

    for name in ("scipy", "lightgbm", "openpyxl"):
        require(name, "build")
    from paylens.build import build as make

    made = make(data, to, open_only=licence == "open", say=lambda text: typer.echo(text, err=True))
    took = sum(made.seconds.values())
    for step, seconds in made.seconds.items():
        typer.echo(f"  {step:<28} {'kept' if seconds == 0 else f'{seconds:.0f} s'}", err=True)
    for file in made.report["files"]:
        dropped = ", ".join(f"{n} {why}" for why, n in sorted(file["dropped"].items())) or "none dropped"
        typer.echo(
            f"{file['source']} {file['vintage']}: {file['rows_in']} rows, {file['kept']} kept; {dropped}"
        )
    typer.echo(f"release {made.id} in {made.path} ({took:.0f} s)")


def main() -> None:
    """Run the command; what can be foreseen ends in one line and exit code 2, our own faults in exit code 1."""
    import click

    try:
        code = typer.main.get_command(app).main(standalone_mode=False, prog_name="paylens")
        status = code if isinstance(code, int) else 0
    except typer.Exit as stop:
        status = stop.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        status = _say("stopped", 130)
    except click.ClickException as error:
        status = _say(" ".join(error.format_message().split()), 2)
    except PaylensError as error:
        status = _say(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (OSError, UnicodeDecodeError) as error:
        status = _say(_system(error), 2)
    except Exception as error:
        if os.environ.get("PAYLENS_DEBUG") == "1":
            raise
        status = _say(
            f"internal error: {type(error).__name__}: {str(error)[:200]} (PAYLENS_DEBUG=1 shows where)", 1
        )
    sys.exit(status)


def _system(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{(error.strerror or str(error)).lower()}"
    return f"not UTF-8 text: {error}"


def _say(text: str, status: int) -> int:
    print(f"paylens: {' '.join(text.split())}", file=sys.stderr)
    return status
