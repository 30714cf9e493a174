"""A PostgreSQL of our own: in a new folder, on a socket in it, ended with whoever started it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Postgres", "found", "running"]

# What the guide asks of a server: log segments are removed, not used again, once nothing needs them.
SETTINGS = """
listen_addresses = ''
wal_recycle = off
min_wal_size = 32MB
wal_keep_size = 0
autovacuum = off
max_connections = 100
shared_buffers = 64MB
"""


@dataclass(frozen=True)
class Postgres:
    """Where it answers, and where its files lie."""

    sockets: Path
    data: Path

    def url(self, database: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://paylens@/{database}?host={self.sockets}"


def found() -> Path | None:
    """The folder of the server's programs, if it is installed."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@contextmanager
def running(programs: Path, *, fsync: bool = True) -> Generator[Postgres]:
    """A server for as long as the block runs. It refuses to be root's: then it is that of the user postgres.

    Without `fsync` what is committed may be lost when the machine dies, not when a process does: quicker, for tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="paylens-pg-"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres", "postgres")
        folder.chmod(0o755)
    data = folder / "data"

    def call(program: str, *words: str) -> None:
        done = subprocess.run(
            [*user, str(programs / program), *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    try:
        call(
            "initdb", "-D", str(data), "-U", "paylens", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        with (data / "postgresql.conf").open("a") as file:
            file.write(f"{SETTINGS}unix_socket_directories = '{folder}'\n")
            file.write("" if fsync else "fsync = off\n")
        call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "start")
        try:
            yield Postgres(folder, data)
        finally:
            call("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
