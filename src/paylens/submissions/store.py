"""The database: SQLite in a file or PostgreSQL by URL, opened so that what is committed is on the disk and what is
deleted is overwritten.

Transactions are short and say what they are for. A fault of the database is a `DeskBusy` that quotes nothing; parameters
are hidden from every message.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    func,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import CodeRefused, DeskBusy, Repeated
from paylens.submissions.sealing import Token
from paylens.submissions.tables import FRESH, UNUSED, attributes, codes, marks, pay, queue, receipts

__all__ = ["VERSION", "Store"]

VERSION: Final = "1"
_CONNECTIONS = 8
_WAIT_SECONDS = 60
_APPLICATION = 0x7061796C
"""'payl': what our locks in PostgreSQL begin with, so that they meet nobody else's."""


class Store:
    """A database of sealed reports; `database` is a file's path or a URL of PostgreSQL."""

    def __init__(self, database: str) -> None:
        self.url = _url(database)
        self.postgres = self.url.get_backend_name() == "postgresql"
        self.engine = _engine(self.url, self.postgres)
        # Connections of their own: to change one's mode for each statement would cost as much as the statement.
        # SQLite lets one writer in; those of this process wait in a row instead of polling.
        self._turn = threading.Lock()

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        return None if self.postgres else Path(str(self.url.database))

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def upgrade(self) -> None:
        """Make the tables, or bring those of an older version to this one."""
        if self.path is not None and not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        config = Config()
        config.set_main_option("script_location", "paylens.submissions:migrations")
        config.set_main_option("path_separator", "os")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self) -> None:
        """PaylensError where the tables are lacking or of another version."""
        if self.path is not None and not self.path.is_file():
            raise PaylensError(f"there is no database {self.path}: `paylens submissions init` makes it")
        with self.reading() as connection:
            known = inspect(connection).has_table("alembic_version")
            version = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
        if version != VERSION:
            what = "holds no reports' tables" if version is None else f"has tables of version {version}"
            raise PaylensError(f"the database {what}: run `paylens submissions init` on it with this paylens")

    @contextlib.contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that writes."""
        with contextlib.ExitStack() as stack:
            if not self.postgres:
                stack.enter_context(self._turn)
            yield stack.enter_context(self._transaction(immediate=True))

    def reading(self) -> contextlib.AbstractContextManager[Connection]:
        """A transaction that reads."""
        return self._transaction(immediate=False)

    @contextlib.contextmanager
    def snapshot(self) -> Generator[Connection]:
        """A transaction that reads all tables as they are at one moment."""
        with self._transaction(immediate=False) as connection:
            if self.postgres:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield connection

    def single(self) -> None:
        """Write an SQLite database into its one file, without a log beside it."""
        with self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA journal_mode = DELETE")

    def status(self) -> dict[str, int]:
        """How many reports are kept, wait and do not open, and codes there are; nothing about any of them."""
        wanted = {
            "reports": select(func.count()).select_from(pay),
            "waiting": select(func.count()).select_from(queue).where(queue.c.generation > 0),
            "unreadable": select(func.count()).select_from(queue).where(queue.c.generation == 0),
            "codes_unused": select(func.count()).select_from(codes).where(codes.c.used == UNUSED),
            "codes_used": select(func.count()).select_from(codes).where(codes.c.used != UNUSED),
        }
        with self.reading() as connection:
            found = {name: int(connection.scalar(one) or 0) for name, one in wanted.items()}
            least = connection.scalar(select(func.min(pay.c.generation)))
        return {**found, "oldest_generation": int(least or 0)}

    @contextlib.contextmanager
    def _transaction(self, *, immediate: bool) -> Generator[Connection]:
        with (
            _told(),
            self.engine.connect().execution_options(immediate=immediate) as connection,
            connection.begin(),
        ):
            yield connection

    def insert(self, table: Table) -> Any:
        """An INSERT that can say what to do on a conflict."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)

    def lock(self, connection: Connection, name: bytes) -> None:
        """Until the transaction ends nobody else holds the lock of this name (SQLite: has none but this one writer)."""
        if self.postgres:
            number = int.from_bytes(name[:4], "big", signed=True)
            connection.execute(select(func.pg_advisory_xact_lock(_APPLICATION, number)))

    def try_lock(self, connection: Connection, number: int) -> bool:
        """Take a lock until the transaction ends, or say at once that somebody has it."""
        if not self.postgres:
            return True
        return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_APPLICATION + 1, number))))

    # What a desk does.

    def enqueue(
        self, connection: Connection, token: Token, generation: int, entry: bytes, *, over: bool
    ) -> None:
        """Put an entry into the queue; `over` one that waits there, else Repeated where there is one."""
        put = self.insert(queue).values(place=token.place, generation=generation, entry=entry)
        if over:
            given = {"generation": generation, "entry": entry}
            put = put.on_conflict_do_update(index_elements=["place"], set_=given)
        try:
            connection.execute(put)
        except IntegrityError:
            raise Repeated("a report with this receipt waits already") from None

    def waiting(self, connection: Connection, token: Token) -> bytes | None:
        """The entry of the queue that a receipt leads to."""
        return connection.scalar(select(queue.c.entry).where(queue.c.place == token.place))

    def kept(self, connection: Connection, token: Token) -> bytes | None:
        """The copy among the receipts that a receipt leads to."""
        return connection.scalar(select(receipts.c.box).where(receipts.c.ref == token.ref))

    def remove(self, connection: Connection, token: Token) -> bool:
        """Delete all that a receipt leads to; whether there was anything."""
        # The queue first: a batch that is being written holds its row, and the tables have it afterwards.
        gone = connection.execute(delete(queue).where(queue.c.place == token.place)).rowcount
        gone += connection.execute(delete(receipts).where(receipts.c.ref == token.ref)).rowcount
        for table in (pay, attributes):
            gone += connection.execute(delete(table).where(table.c.id == token.id)).rowcount
        return gone > 0

    def use_code(self, connection: Connection, mark: bytes) -> str:
        """The level of a code that was not used yet, which is used from now on; CodeRefused for another."""
        used = update(codes).where(codes.c.mark == mark, codes.c.used == UNUSED).values(used=FRESH)
        level = connection.scalar(used.returning(codes.c.level))
        if level is None:
            raise CodeRefused(
                "this code is not known or was used already: ask who gave it to you for another"
            )
        return str(level)

    def add_codes(self, found: Sequence[bytes], level: str) -> None:
        """Keep the marks of new codes."""
        with self.writing() as connection:
            connection.execute(
                self.insert(codes), [{"mark": mark, "level": level, "used": UNUSED} for mark in sorted(found)]
            )

    def count(self, mark: bytes) -> int:
        """One more for a mark; how many that makes. PostgreSQL does not wait for the disk: the table is not in its log."""
        put = self.insert(marks).values(mark=mark, n=1)
        put = put.on_conflict_do_update(index_elements=["mark"], set_={"n": marks.c.n + 1})
        with self.writing() as connection:
            return int(connection.scalar(put.returning(marks.c.n)) or 0)

    def counted(self, mark: bytes) -> int:
        """How many a mark has."""
        with self.reading() as connection:
            return connection.scalar(select(marks.c.n).where(marks.c.mark == mark)) or 0

    def forget_marks(self) -> None:
        """Empty the table of marks."""
        with self.writing() as connection:
            connection.execute(text("TRUNCATE marks") if self.postgres else delete(marks))


@contextlib.contextmanager
def _told() -> Generator[None]:
    """A fault of the database as one that says nothing of what was sent, which the driver's own may quote."""
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise DeskBusy(f"the store of reports does not answer ({type(error).__name__}): try again") from None


def _url(database: str) -> Any:
    if "://" not in database:
        return make_url("sqlite://").set(database=str(Path(database).absolute()))
    problem = InputError(
        "--database", "", "must be a file for SQLite or a URL postgresql://USER@HOST/NAME for PostgreSQL"
    )
    try:
        url = make_url(database)
    except ArgumentError:
        raise problem from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise problem


def _engine(url: Any, postgres: bool) -> Engine:
    waits = {"connect_timeout": 10} if postgres else {"timeout": _WAIT_SECONDS}
    engine = create_engine(
        url, hide_parameters=True, pool_size=_CONNECTIONS, max_overflow=0, pool_timeout=_WAIT_SECONDS,
        connect_args=waits,
    )  # fmt: skip
    if not postgres:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # One that reads first and writes later could find that it cannot: writers say so at once.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
