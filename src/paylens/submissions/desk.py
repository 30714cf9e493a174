"""The desk: takes reports, gives receipts, and with a receipt reads a report back, corrects or deletes it.

A desk is a folder on the server that collects:

    desk.toml      the database and the rules; it may hold a password, so only its owner can read it
    public.toml    the public keys that reports are sealed under; the private ones are elsewhere
    queue.key      what the queue's entries are sealed under until their batch is written
    day-*.key      the key of the day, see `limits`
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import LEVELS, REPORT_FIELDS, CodeRefused, Repeated, UnknownReceipt
from paylens.submissions.batches import drain
from paylens.submissions.gate import Arrival, Gate
from paylens.submissions.keys import PUBLIC, Public, read_public, write_private
from paylens.submissions.limits import Limits
from paylens.submissions.reports import MOST_MONTHS, Report, parse_report
from paylens.submissions.sealing import (
    Code,
    Entry,
    Tampered,
    Token,
    open_copy,
    open_entry,
    seal,
    seal_entry,
)
from paylens.submissions.store import Store

__all__ = ["Desk", "Receipt", "Rules", "init_desk", "open_desk", "today"]

SETTINGS: Final = "desk.toml"
QUEUE_KEY: Final = "queue.key"
LEAST_BATCH: Final = 5
_WAIT_SECONDS = 30.0
_PAUSE_SECONDS = 0.25


def today() -> date:
    """The day, in UTC for everybody."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Rules:
    """How a desk works: whether a code is needed, how many reports a batch has at least, what one sender may do a day.

    `source_header` names the header in which a proxy gives the sender's address; only for one that always sets it.
    """

    invited: bool = False
    batch: int = 20
    per_day: int = 10
    misses: int = 30
    source_header: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a sender gets: the `token`, to be kept; the report as it was understood, and notes. Not `new`: sent before."""

    token: str = field(repr=False)
    report: Report
    level: str
    notes: tuple[str, ...]
    new: bool


class Desk:
    """See the module; `clock` gives the day."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        public: Public,
        key: bytes,
        rules: Rules,
        clock: Callable[[], date] = today,
    ) -> None:
        self.folder = folder
        self.store = store
        self.public = public
        self.rules = rules
        self.today = clock
        self.gate = Gate(store)
        self.limits = Limits(folder, store, rules.per_day, rules.misses, clock)
        self._key = key
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False

    # What a sender can do.

    def source_hash(self, address: str) -> bytes:
        """What stands for a sender's address until the day ends."""
        return self.limits.source(address)

    def submit(
        self,
        fields: Mapping[str, object],
        code: str | None = None,
        source_hash: bytes | None = None,
        token: str | None = None,
    ) -> Receipt:
        """Take a report; when this returns it is on the disk, and the receipt works from now on.

        `token` may be a receipt that the sender drew (`new_token`): sending again with it is safe. Raises InputError,
        CodeRefused, Repeated, TooMany, DeskBusy; nothing is kept then.
        """
        report, notes = parse_report(fields, self.today())
        drawn: Token = Token.random() if token is None else Token.of_text(token)
        if token is not None:
            known = self._again(drawn, report, notes)
            if known is not None:
                return known
        invitation: Code | None = Code.of_text(code) if code else None
        if invitation is None and self.rules.invited:
            raise CodeRefused("a code is needed to send a report here: ask whoever runs this")
        self.limits.may_try(source_hash if invitation else None)
        try:
            level = self._keep(drawn, report, invitation, source_hash)
        except (CodeRefused, Repeated) as error:
            # The same receipt may have been sent twice at once, and the other one has used the code.
            known = self._again(drawn, report, notes) if token is not None else None
            if known is not None:
                return known
            if isinstance(error, CodeRefused):
                self.limits.missed(source_hash)
            raise
        self._wake.set()
        return Receipt(drawn.text(), report, level, notes, True)

    def read(self, token: str, source_hash: bytes | None = None) -> tuple[Report, str]:
        """The report of a receipt and the level of its verification; UnknownReceipt."""
        self.limits.may_try(source_hash)
        drawn: Token = Token.of_text(token)
        with self.store.reading() as connection:
            found = self._found(connection, drawn)
        if found is None:
            self.limits.missed(source_hash)
            raise UnknownReceipt
        return found

    def correct(self, token: str, fields: Mapping[str, object], source_hash: bytes | None = None) -> Receipt:
        """Put another report in the place of a receipt's; what a document proved is no longer proved.

        UnknownReceipt; TooMany, as often as one may send.
        """
        self.limits.may_try(source_hash)
        report, notes = parse_report(fields, self.today())
        drawn: Token = Token.of_text(token)
        self.limits.corrected(source_hash)
        with self.store.writing() as connection:
            self.store.lock(connection, drawn.place)
            found = self._found(connection, drawn)
            if found is not None:
                level = "code" if found[1] == "document" else found[1]
                entry = self._entry(drawn, report, level)
                self.store.enqueue(connection, drawn, self.public.generation, entry, over=True)
        if found is None:
            self.limits.missed(source_hash)
            raise UnknownReceipt
        self._wake.set()
        return Receipt(drawn.text(), report, level, notes, False)

    def delete(self, token: str, source_hash: bytes | None = None) -> None:
        """Delete the report of a receipt, wherever it is; UnknownReceipt."""
        self.limits.may_try(source_hash)
        drawn: Token = Token.of_text(token)
        with self.store.writing() as connection:
            self.store.lock(connection, drawn.place)
            gone = self.store.remove(connection, drawn)
        if not gone:
            self.limits.missed(source_hash)
            raise UnknownReceipt

    def new_token(self) -> str:
        """A receipt that is not in use, for a form to send along: then its second press changes nothing."""
        return str(Token.random().text())

    def terms(self) -> dict[str, Any]:
        """What somebody can know before sending: the fields, the keys, what is kept and how long one may wait."""
        return {
            "fields": list(REPORT_FIELDS),
            "required": ["role", "location", "base"],
            "amounts": "a year, before tax, in currency",
            "months": MOST_MONTHS,
            "invited": self.rules.invited,
            "levels": list(LEVELS),
            "batch": self.rules.batch,
            "per_day": self.rules.per_day,
            "keys": {
                "generation": self.public.generation, "pay": self.public.pay.hex(), "attributes": self.public.attributes.hex(),
            },
            "kept": "the sealed report, its month, no address and no finer time",
        }  # fmt: skip

    # What its owner does.

    def invite(self, n: int, level: str = "code") -> list[str]:
        """So many new codes, each for one report; the server keeps their hashes alone."""
        if level not in LEVELS or level == "none":
            raise InputError("--level", level, f"must be code or document, not '{level[:40]}'")
        if not 1 <= n <= 10_000:
            raise InputError("--codes", n, f"must be from 1 to 10,000, not {n}")
        made: list[Code] = [Code.random() for _ in range(n)]
        self.store.add_codes([code.mark for code in made], level)
        return [code.text() for code in made]

    def drain(self, *, whole: bool = False) -> int:
        """Write the batches that are full, or `whole` all that waits; how many reports were written."""
        written = 0
        while moved := drain(self.store, self._key, 1 if whole else self.rules.batch):
            written += moved
        return written

    def start(self) -> None:
        """Write batches in the background from now on."""
        self._thread = threading.Thread(target=self._draining, name="paylens-batches", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop writing batches and let go of the database; what waits is taken up by the next start."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.gate.close()
        self.store.close()

    def _draining(self) -> None:
        while not self._closing:
            self._wake.wait(_WAIT_SECONDS)
            self._wake.clear()
            # A database that is away is tried again with the next report, or later.
            with contextlib.suppress(PaylensError):
                self.drain()
            if not self._closing:
                threading.Event().wait(_PAUSE_SECONDS)

    def _keep(self, token: Token, report: Report, code: Code | None, source: bytes | None) -> str:
        generation = self.public.generation
        if code is None:
            content = json.dumps(report.fields(), sort_keys=True).encode()
            entry = self._entry(token, report, "none")
            once, sender = self.limits.once(content, source), self.limits.sender(source)
            self.gate.enter(Arrival(token.place, generation, entry, once, sender, self.limits.per_day))
            return "none"
        self.limits.sent(source)
        with self.store.writing() as connection:
            level = self.store.use_code(connection, code.mark)
            entry = self._entry(token, report, level)
            self.store.enqueue(connection, token, generation, entry, over=False)
        return level

    def _again(self, token: Token, report: Report, notes: tuple[str, ...]) -> Receipt | None:
        """The receipt of the same report that was kept before; Repeated when it was another one; None where there is none."""
        with self.store.reading() as connection:
            found = self._found(connection, token)
        if found is None:
            return None
        if found[0] != report:
            raise Repeated("this receipt is of another report: correct that one, or send without a receipt")
        return Receipt(token.text(), report, found[1], notes, False)

    def _entry(self, token: Token, report: Report, level: str) -> bytes:
        sealed = seal(report, level, token, self.public.pay, self.public.attributes)
        return seal_entry(self._key, Entry(token.id, token.ref, sealed))

    def _found(self, connection: Any, token: Token) -> tuple[Report, str] | None:
        try:
            # The queue first: it has what is newer, and what leaves it is among the receipts by then.
            block = self.store.waiting(connection, token)
            box = open_entry(self._key, block).sealed.copy if block else self.store.kept(connection, token)
            return None if box is None else open_copy(token, box)
        except Tampered as error:
            raise PaylensError(
                f"the store was changed by somebody: {error}; tell whoever runs this"
            ) from None


def init_desk(folder: Path, database: str, public: Path, rules: Rules) -> Desk:
    """A new desk and its tables; of one that is there the public keys and the rules are replaced, nothing else."""
    found = read_public(public)
    if rules.batch < LEAST_BATCH:
        raise InputError("--batch", rules.batch, f"must be at least {LEAST_BATCH}: fewer reports hide nobody")
    store = Store(database)
    store.upgrade()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / PUBLIC).exists() and found.generation < read_public(folder / PUBLIC).generation:
        raise InputError("--public", str(public), "these keys are older than those the desk has")
    if not (folder / QUEUE_KEY).exists():
        write_private(folder / QUEUE_KEY, {"what": "queue", "secret": secrets.token_hex(32)})
    (folder / PUBLIC).write_bytes(public.read_bytes())
    settings = {"database": database if "://" in database else str(Path(database).absolute()), **vars(rules)}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    path = folder / SETTINGS
    path.touch(mode=0o600)
    path.write_text("# A desk that collects pay reports.\n" + text, encoding="utf-8")
    store.close()
    return open_desk(folder)


def open_desk(folder: Path, clock: Callable[[], date] = today) -> Desk:
    """The desk of a folder; PaylensError where it is none or its database lacks the tables."""
    try:
        told = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        database = told.pop("database")
        rules = Rules(**told)
        key = bytes.fromhex(json.loads((folder / QUEUE_KEY).read_text(encoding="utf-8"))["secret"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise PaylensError(f"{folder} is no desk: `paylens submissions init {folder}` makes one") from error
    store = Store(database)
    store.check()
    return Desk(folder, store, read_public(folder / PUBLIC), key, rules, clock)
