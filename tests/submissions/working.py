"""What a process that is about to be killed does; run by `test_killed.py` with `ask` set: what, and where.

Everything that is done is written down when it is known to be done, and what is about to be changed before.
"""

import itertools
import os
from datetime import date
from pathlib import Path

from paylens.submissions import rotate as rotation
from paylens.submissions.desk import open_desk
from paylens.submissions.export import export

ask: dict[str, str] = globals()["ask"]
TODAY = date(2026, 11, 24)


def write(out: int, *words: object) -> None:
    os.write(out, (" ".join(map(str, words)) + "\n").encode())


def write_reports(out: int) -> None:
    """Send, correct and delete without end, while batches are written."""
    desk = open_desk(Path(ask["desk"]), lambda: TODAY)
    desk.start()
    told = {"role": "ML engineer", "location": "Berlin", "month": "2026-09"}
    for n in itertools.count(int(ask["from"])):
        token = desk.new_token() if n % 2 else None
        if token:
            write(out, "try", token, n)
        sent = desk.submit({**told, "base": n}, token=token).token
        write(out, "has", sent, n)
        if n % 4 == 1:
            write(out, "try", sent, n + 500_000)
            desk.correct(sent, {**told, "base": n + 500_000})
            write(out, "has", sent, n + 500_000)
        if n % 7 == 3:
            write(out, "try", sent, "gone")
            desk.delete(sent)
            write(out, "has", sent, "gone")


def main() -> None:
    """Do what is asked."""
    out = os.open(ask["out"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    keys = Path(ask["keys"])
    write(out, "ready")
    if ask["what"] == "write":
        write_reports(out)
    elif ask["what"] == "export":
        export(
            ask["database"], keys, Path(ask["to"]), name="kill", title="Kill", licence="CC0", released=date(2026, 10, 1),
            today=TODAY, ask=str,
        )  # fmt: skip
    else:
        while True:
            rotation.rotate(ask["database"], keys, str)


main()
