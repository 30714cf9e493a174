"""`paylens submissions`: a community's own pay reports, from the desk that takes them to the source that `build` reads."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from paylens.contract.errors import InputError
from paylens.faces.cli.options import Json

__all__ = ["app"]

app = typer.Typer(
    help="Pay reports that a community collects for itself: sealed when they come, opened where the keys are.",
    rich_markup_mode=None,
)
keys_app = typer.Typer(
    help="Private keys: make them, split one among people, join it again.", rich_markup_mode=None
)
app.add_typer(keys_app, name="keys")

DeskDir = Annotated[Path, typer.Argument(help="Folder of the desk.", metavar="DESK")]
KeysDir = Annotated[Path, typer.Option("--keys", help="Folder of the private keys.")]
Database = Annotated[
    str,
    typer.Option(
        help="File or postgresql://USER@HOST/NAME, or a backup; a URL with a password is better in PAYLENS_DATABASE.",
        envvar="PAYLENS_DATABASE", show_envvar=False,
    ),
]  # fmt: skip
_PASSPHRASE = "PAYLENS_PASSPHRASE"


def _ready() -> None:
    from paylens.contract.require import require

    for library in ("sqlalchemy", "alembic", "nacl"):
        require(library, "collect")


def _ask() -> str:
    return os.environ.get(_PASSPHRASE) or typer.prompt("Passphrase", hide_input=True, err=True)


def _new_passphrase(wanted: bool) -> str | None:
    if not wanted:
        return None
    told = os.environ.get(_PASSPHRASE)
    return told or typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)


@app.command()
def init(
    desk: DeskDir,
    database: Database,
    public: Annotated[Path, typer.Option(help="The public.toml that `keys make` wrote.")],
    invited: Annotated[bool, typer.Option("--invited", help="Take reports with a code only.")] = False,
    batch: Annotated[int, typer.Option(help="Reports that are written together, at least.")] = 20,
    per_day: Annotated[int, typer.Option(help="Reports a day from one address.")] = 10,
    source_header: Annotated[
        str,
        typer.Option(help="Header in which your proxy gives the sender's address, such as X-Forwarded-For."),
    ] = "",
) -> None:
    """Make a desk and its tables; of one that is there, set public keys and rules anew and bring the tables up to date.

    Example: paylens submissions init desk/ --database reports.sqlite --public public.toml --invited
    """
    _ready()
    from paylens.submissions.desk import Rules, init_desk

    rules = Rules(invited=invited, batch=batch, per_day=per_day, source_header=source_header)
    made = init_desk(desk, database, public, rules)
    print(f"The desk {desk} is ready, with public keys of generation {made.public.generation}.")
    print(f"Take reports: paylens serve --collect {desk}")
    made.close()


@app.command()
def invite(
    desk: DeskDir,
    codes: Annotated[int, typer.Option(help="How many.")] = 1,
    level: Annotated[
        str, typer.Option(help="code, or document for somebody whose payslip you saw and destroyed.")
    ] = "code",
) -> None:
    """Print new codes, each for one report. Hand them out at random: the server knows their hashes, and no names.

    Example: paylens submissions invite desk/ --codes 50
    """
    _ready()
    from paylens.submissions.desk import open_desk

    opened = open_desk(desk)
    print("\n".join(opened.invite(codes, level)))
    opened.close()


@app.command()
def status(desk: DeskDir, json_: Json = False) -> None:
    """How many reports are kept and wait. It shows nothing of any one.

    Example: paylens submissions status desk/
    """
    _ready()
    from paylens.faces.cli.output import print_json
    from paylens.submissions.desk import open_desk

    opened = open_desk(desk)
    found = opened.store.status() | {
        "batch": opened.rules.batch, "invited": opened.rules.invited, "generation": opened.public.generation,
    }  # fmt: skip
    opened.close()
    if json_:
        print_json(found)
        return
    print(f"{found['reports']:,} reports are kept, sealed.")
    print(f"{found['waiting']:,} wait in the queue; {found['batch']} are written together, at least.")
    if found["unreadable"]:
        print(
            f"{found['unreadable']:,} entries of the queue do not open: somebody changed them, or queue.key."
        )
    print(f"{found['codes_unused']:,} codes are unused, {found['codes_used']:,} used.")
    print(f"New reports are sealed under keys of generation {found['generation']}.")
    if 0 < found["oldest_generation"] < found["generation"]:
        print("Some are under older keys: `paylens submissions rotate --again` where the private keys are.")


@app.command()
def flush(desk: DeskDir) -> None:
    """Write all that waits, even fewer than a batch; on release days, before `export`.

    Example: paylens submissions flush desk/
    """
    _ready()
    from paylens.submissions.desk import open_desk

    opened = open_desk(desk)
    print(f"{opened.drain(whole=True):,} reports were written.")
    opened.close()


@app.command()
def clean(desk: DeskDir) -> None:
    """Remove what was deleted from the database's files, and what shows which reports came together.

    Example: paylens submissions clean desk/
    """
    _ready()
    from paylens.submissions.clean import clean as run
    from paylens.submissions.desk import open_desk

    opened = open_desk(desk)
    left = run(opened.store)
    opened.close()
    print("Cleaned." if not left else "Cleaned, but for:")
    for line in left:
        print(f"  {line}")


@app.command()
def delete(desk: DeskDir) -> None:
    """Delete a report by its receipt, which is read from standard input, so that no history keeps it.

    Example: paylens submissions delete desk/
    """
    _ready()
    from paylens.submissions.desk import open_desk

    opened = open_desk(desk)
    token = (
        typer.prompt("Receipt", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline(400)
    )
    opened.delete(token.strip())
    opened.close()
    print("The report is deleted. `clean` removes it from the database's files too.")


@app.command()
def backup(
    desk: DeskDir,
    to: Annotated[Path, typer.Option(help="Folder of the backups.")],
    days: Annotated[int, typer.Option(help="Days until it expires.")] = 30,
) -> None:
    """Copy what is sealed into one file that says in its name when it expires; remove those that have.

    Example: paylens submissions backup desk/ --to backups/
    """
    _ready()
    from paylens.submissions.backup import backup as run
    from paylens.submissions.desk import open_desk, today

    opened = open_desk(desk)
    path, gone = run(opened.store, to, days, today())
    opened.close()
    print(path)
    for old in gone:
        print(f"removed {old}")


@app.command()
def restore(
    desk: DeskDir, backup: Annotated[Path, typer.Argument(help="A backup that has not expired.")]
) -> None:
    """Put back what the desk's database lacks. Reports that were deleted since the backup come back too.

    Example: paylens submissions restore desk/ backups/paylens-2026-11-01-expires-2026-12-01.sqlite
    """
    _ready()
    from paylens.submissions.backup import restore as run
    from paylens.submissions.desk import open_desk, today

    if not backup.is_file():
        raise InputError("backup", str(backup), f"{backup} is not there")
    opened = open_desk(desk)
    print(f"{run(backup, opened.store, today()):,} reports were put back.")
    opened.close()


@app.command()
def review(
    database: Database,
    keys: KeysDir,
    keep: Annotated[
        list[str] | None, typer.Option(help="Let a held report into exports, by its name.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Leave a report out of exports, by its name.")
    ] = None,
    json_: Json = False,
) -> None:
    """Show reports that a rule holds back, without employer, city or words of the sender's; keep or drop them.

    Example: paylens submissions review --database reports.sqlite --keys keys/ --keep 3f9a1c22
    """
    _ready()
    from paylens.faces.cli.output import print_json
    from paylens.submissions.opened import open_all, opening
    from paylens.submissions.review import decide, decisions, held, shown

    with opening(database) as store:
        found, wrong = open_all(store, keys, _ask)
    for names, word in ((keep, "keep"), (drop, "drop")):
        if names:
            decide(keys, found, names, word)
    decided = decisions(keys)
    rows = [shown(one, decided.get(one.one.name)) for one in held(found)]
    if json_:
        print_json({"reports": len(found), "held": rows, "not_opened": dict(wrong)})
        return
    print(f"{len(found):,} reports, {len(rows):,} held back by a rule.")
    for why, n in wrong.items():
        print(f"{n:,} did not open: {why}.")
    for row in rows:
        amounts = " + ".join(f"{row[name]:,.0f}" for name in ("base", "bonus", "equity") if row[name])
        print(
            f"{row['report'][:8]}  {row['why']:<9} {row['decision'] or '-':<5} {row['role'][:28]:<28} {row['country']}"
        )
        print(f"          {amounts} {row['currency']}, {row['month']}, verified: {row['verification']}")


@app.command()
def export(
    database: Database,
    keys: KeysDir,
    to: Annotated[Path, typer.Option(help="New folder for the source.")],
    name: Annotated[str, typer.Option(help="The community's short name, a-z 0-9 and '-'.")],
    title: Annotated[str, typer.Option(help="Its name for readers.")],
    licence: Annotated[str, typer.Option(help="Under which its release may be used, for example CC-BY-4.0.")],
    released: Annotated[
        str | None, typer.Option(help="The release day, first of a quarter; default: the newest.")
    ] = None,
) -> None:
    """Open the reports with both private keys and write them as a source for `paylens build`.

    Example: paylens submissions export --database reports.sqlite --keys keys/ --to ml-meetup/ --name ml-meetup
    --title "ML meet-up" --licence CC-BY-4.0
    """
    _ready()
    from paylens.submissions.desk import today
    from paylens.submissions.export import export as run
    from paylens.submissions.export import last_release

    day = last_release(today()) if released is None else _day(released)
    made = run(
        database, keys, to, name=name, title=title, licence=licence, released=day, today=today(), ask=_ask
    )
    print(f"{made.levels.total():,} reports of months before {made.released} in {made.folder}")
    for level, n in sorted(made.levels.items()):
        print(f"  {n:>7,} verified by: {level}")
    for why, n in sorted(made.excluded.items()):
        print(f"  {n:>7,} left out: {why}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("--released", text, f"must be a day such as 2026-10-01, not '{text[:40]}'") from None


@app.command()
def rotate(
    database: Database,
    keys: KeysDir,
    again: Annotated[
        bool, typer.Option("--again", help="No new keys: seal anew what came under the old ones meanwhile.")
    ] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Remove the old private keys.")] = False,
) -> None:
    """Make new keys and seal every report anew, where the private keys are. Repeat it if it is cut off.

    Example: paylens submissions rotate --database reports.sqlite --keys keys/
    """
    _ready()
    from paylens.submissions import rotate as rotation
    from paylens.submissions.keys import sealed

    if finish:
        for path in rotation.finish(database, keys):
            print(f"removed {path}")
        return
    passphrase = _ask() if sealed(keys) else None
    done = rotation.rotate(database, keys, lambda: passphrase or _ask(), passphrase, again=again)
    print(f"{done.resealed:,} halves are sealed anew under keys of generation {done.generation}.")
    if done.tampered:
        print(f"{done.tampered:,} did not open and stay as they are: somebody changed them.")
    print(f"Give the server {keys / 'public.toml'} (`paylens submissions init`) and start it again;")
    print("then run this with --again, and with --finish once backups under the old keys have expired.")


@keys_app.command()
def make(
    folder: Annotated[
        Path, typer.Argument(help="New folder for the keys, on a machine that does not collect.")
    ],
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help=f"Seal the keys under one, asked for or in {_PASSPHRASE}.")
    ] = False,
) -> None:
    """Make both pairs of keys. `public.toml` goes to the server that collects, the rest never does.

    Example: paylens submissions keys make keys/ --passphrase
    """
    _ready()
    from paylens.submissions.keys import make as run

    run(folder, _new_passphrase(passphrase))
    print(f"Keys are in {folder}. Give the server {folder / 'public.toml'} and nothing else.")


@keys_app.command()
def split(
    key: Annotated[Path, typer.Argument(help="A private key, such as keys/pay-1.key.")],
    shares: Annotated[int, typer.Option(help="How many people, all of whom are needed.")],
    to: Annotated[Path, typer.Option(help="Folder for the shares.")],
) -> None:
    """Split a private key among people, all of whom must bring their share to open anything. Remove the key then.

    Example: paylens submissions keys split keys/pay-1.key --shares 3 --to shares/
    """
    _ready()
    from paylens.submissions.keys import split as run

    for path in run(key, shares, to, _ask):
        print(path)


@keys_app.command()
def join(
    shares: Annotated[list[Path], typer.Argument(help="All shares of one key.")],
    keys: KeysDir,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Seal the key under one.")] = False,
) -> None:
    """Put a key together again from all of its shares.

    Example: paylens submissions keys join a.share b.share --keys keys/
    """
    _ready()
    from paylens.submissions.keys import join as run

    print(run(shares, keys, _new_passphrase(passphrase)))
