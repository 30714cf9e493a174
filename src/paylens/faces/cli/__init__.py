"""The command `paylens`: its commands put together, and what a failure looks like."""

from __future__ import annotations

import contextlib
import os
import sys

import typer

from paylens.contract.errors import PaylensError
from paylens.faces.cli import (
    benchmark,
    build,
    career,
    estimate,
    forecast,
    mcp,
    negotiate,
    offer,
    offer_read,
    release,
    score,
    serve,
    sources,
    submissions,
    take_home,
)

__all__ = ["app", "main"]

ANSWERED, OUR_FAULT, FORESEEN, STOPPED = 0, 1, 2, 130
_LONGEST_MESSAGE = 400

app = typer.Typer(
    name="paylens",
    # Plain help and plain tracebacks: what would draw boxes around them costs a tenth of a second at every start.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="What machine-learning jobs pay, from public evidence, with the evidence beside it.",
)
app.command("estimate")(estimate.estimate)
app.command("benchmark")(benchmark.benchmark)
app.command("score")(score.score)
app.command("sources")(sources.sources)
app.add_typer(release.app, name="release")
offer.app.command("read")(offer_read.read)
app.add_typer(offer.app, name="offer")
app.command("negotiate")(negotiate.negotiate)
app.command("career")(career.career)
app.command("forecast")(forecast.forecast)
app.command("take-home")(take_home.take_home)
app.command("build")(build.build)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.add_typer(submissions.app, name="submissions")


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command: exit code 0 answered, 2 anything foreseen, in one line on stderr, 1 our own fault."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter gets '?' for it, not an error.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(_status())


def _status() -> int:
    try:
        code = typer.main.get_command(app).main(standalone_mode=False, prog_name="paylens")
        sys.stdout.flush()
        if code == STOPPED:
            raise KeyboardInterrupt
        return code if isinstance(code, int) else ANSWERED
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        _drop_stdout()
        return ANSWERED
    except OSError as error:
        _drop_stdout()
        return _say(_system(error), FORESEEN)
    except PaylensError as error:
        return _say(str(error), FORESEEN)
    except (KeyboardInterrupt, typer.Abort):
        return _say("stopped", STOPPED)
    except Exception as error:
        # The classes of wrong usage are private to typer; each of them, and nothing else, formats its message.
        if hasattr(error, "format_message"):
            return _say(_usage(error.format_message()), FORESEEN)
        if os.environ.get("PAYLENS_DEBUG") == "1":
            raise
        what = f"{type(error).__name__}: {error}"[:_LONGEST_MESSAGE]
        return _say(f"internal error, {what} (PAYLENS_DEBUG=1 shows where)", OUR_FAULT)


def _drop_stdout() -> None:
    """Nothing more can be written there, not even what Python still holds when it ends."""
    with contextlib.suppress(OSError), open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def _system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}"


def _usage(message: str) -> str:
    return f"{message.rstrip('.')} (`paylens --help` lists what there is)" if "(" not in message else message


def _say(text: str, status: int) -> int:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    print(f"paylens: {line}", file=sys.stderr)
    return status
