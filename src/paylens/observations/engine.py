"""Where table expressions run: DuckDB in this process, or Spark, here or on a cluster."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.require import require

__all__ = ["ENGINES", "MEMORY", "Tables", "connect", "ready"]

Table = Any
"""An ibis table expression."""

ENGINES: Final = ("duckdb", "spark")
MEMORY: Final = "3GB"
"""What DuckDB may hold in memory before it writes to disk; the arrays that are made of its answers come on top."""


class Tables:
    """An engine that answers ibis table expressions; what it keeps is dropped when the connection closes."""

    def __init__(self, backend: Any, folder: Path) -> None:
        self._backend, self._folder = backend, folder
        self._kept: list[Table] = []
        self._made = 0

    @property
    def name(self) -> str:
        """'duckdb' or 'pyspark'."""
        return str(self._backend.name)

    def read(self, path: Path) -> Table:
        """The table in a Parquet file or in a folder of them."""
        return self._backend.read_parquet(str(path / "*.parquet") if path.is_dir() else str(path))

    def arrow(self, table: Table) -> pa.Table:
        """What an expression evaluates to."""
        found: pa.Table = self._backend.to_pyarrow(table)
        return found

    def small(self, table: pa.Table) -> Table:
        """A table of ours, for an expression to join with."""
        self._made += 1
        path = self._folder / f"{self._made}.parquet"
        # By way of a file: Spark does not see ibis's tables in memory when it is told to keep what is made of them.
        pq.write_table(table, path)
        return self.read(path)

    def keep(self, table: Table) -> Table:
        """The same table, evaluated once and kept: in a file here, where a cluster keeps it."""
        if self.name == "duckdb":
            # Compressed by column, a file is read faster than a table that does not fit in memory.
            self._made += 1
            path = self._folder / f"{self._made}.parquet"
            self._backend.to_parquet(table, path)
            return self.read(path)
        kept = table.cache()
        self._kept.append(kept)
        return kept

    def close(self) -> None:
        """Drop what was kept."""
        while self._kept:
            self._kept.pop().release()


@contextmanager
def connect(engine: str = "duckdb", *, master: str | None = None, memory: str = MEMORY) -> Iterator[Tables]:
    """A connection that runs ibis expressions, closed at the end; everything temporary goes with it.

    `master` is a Spark master's address, by default this machine (`local[*]`). InputError for an engine that is not
    known, PaylensError where Spark has no Java to run on; a missing package names the command that adds it.
    """
    ready(engine, master)
    with tempfile.TemporaryDirectory(prefix="paylens-") as folder:
        backend = _duckdb(folder, memory) if engine == "duckdb" else _spark(folder, master or "local[*]")
        tables = Tables(backend, Path(folder))
        try:
            yield tables
        finally:
            tables.close()
            backend.disconnect()


def ready(engine: str, master: str | None = None) -> None:
    """Raise unless the engine can run here: InputError for one that is not known, PaylensError for Spark without Java;
    a missing package names the command that adds it."""
    if engine not in ENGINES:
        raise InputError("--engine", engine, f"'{engine[:40]}' is not known", ENGINES)
    if engine == "duckdb":
        if master is not None:
            raise InputError("--master", master, "goes with --engine spark alone")
        return
    require("pyspark", "spark")
    home = os.environ.get("JAVA_HOME")
    if not (home and os.path.exists(os.path.join(home, "bin", "java"))) and shutil.which("java") is None:
        raise PaylensError(
            "--engine spark needs Java 17: install a Java runtime or set JAVA_HOME to one, or use --engine duckdb"
        )


def _duckdb(folder: str, memory: str) -> Any:
    ibis = require("ibis", "build")
    found = ibis.duckdb.connect(temp_directory=folder, memory_limit=memory)
    # One order of sums and rows however many cores there are is not needed: all sums are of whole numbers.
    found.raw_sql("SET preserve_insertion_order = false")
    found.raw_sql("SET enable_progress_bar = false")
    return found


def _spark(folder: str, master: str) -> Any:
    ibis = require("ibis", "build")
    sql = require("pyspark.sql", "spark")
    # Spark's bridge to Arrow warns of the pandas it finds; what it converts here are plain numbers and text.
    warnings.filterwarnings("ignore", module=r"pyspark\..*")
    builder = sql.SparkSession.builder.master(master).appName("paylens")
    for name, value in _SPARK.items():
        builder = builder.config(name, value)
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    builder = builder.config("spark.local.dir", folder).config("spark.sql.warehouse.dir", folder)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


_SPARK: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "3g",
    "spark.driver.maxResultSize": "0",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
