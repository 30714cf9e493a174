"""DuckDB and Spark give the same cohorts, to published precision: one body for both engines."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from paylens.build.synthetic import synthetic
from paylens.cohorts.build import PERCENTILES, cohorts
from paylens.cohorts.disclosure import Disclosed, disclose, round_pay
from paylens.cohorts.outliers import screen
from paylens.cohorts.reports import reports
from paylens.contract.errors import InputError, PaylensError
from paylens.observations.collect import collect
from paylens.observations.engine import ENGINES, Tables, connect, ready
from paylens.release.read import open_release
from paylens.sources.reading import SCHEMA

SPARK = [
    pytest.mark.java,
    pytest.mark.slow,
]
EACH_ENGINE = pytest.mark.parametrize(
    "engine", ["duckdb", pytest.param("spark", marks=SPARK)], indirect=True, scope="module"
)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest, need_java: Callable[[], None]) -> Iterator[Tables]:
    if request.param == "spark":
        need_java()
    with connect(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synthetic") / "reports.parquet"
    pq.write_table(next(synthetic(open_release(), 3_000, seed=1)), path)
    return path


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synthetic") / "reports.parquet"
    pq.write_table(next(synthetic(open_release(), 1_000_000, seed=2)), path)
    return path


@pytest.fixture(scope="module")
def observed(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("observations") / "observations.parquet"
    pq.write_table(collect(data_root).table, path)
    return path


def published(tables: Tables, path: Path) -> Disclosed:
    """What may be published of the observations or reports in a file."""
    rows = tables.read(path)
    kept = reports(tables, rows)[0] if set(SCHEMA.names) <= set(rows.columns) else rows
    return disclose(cohorts(tables, screen(tables, kept).kept))


def to_published_precision(tables: Tables, path: Path) -> pa.Table:
    """The raw cohorts of the reports in a file, percentiles rounded as they would be published."""
    table = cohorts(tables, screen(tables, tables.read(path)).kept).table
    for name in table.column_names:
        if pa.types.is_floating(table[name].type) and name.split("_")[-1] in PERCENTILES:
            pay = round_pay(np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=float))
            table = table.set_column(table.column_names.index(name), name, pa.array(pay, from_pandas=True))
    return table.drop_columns(["top_employer_share", "pooling_weight"])


def same_as_duckdb(tables: Tables, path: Path) -> None:
    """The engine's cohorts are those of DuckDB, cell by cell, number by number, refusal by refusal."""
    found = published(tables, path)
    with connect("duckdb") as other:
        expected = published(other, path)
    assert found.table.num_rows > 0
    assert found.table.equals(expected.table)
    assert found.withheld.equals(expected.withheld)


@EACH_ENGINE
def test_a_few_synthetic_reports(engine: Tables, small: Path) -> None:
    same_as_duckdb(engine, small)


@pytest.mark.slow
@pytest.mark.java
def test_a_million_synthetic_reports(million: Path, need_java: Callable[[], None]) -> None:
    """Without disclosure control, whose work grows with the cuts: a million reports make 100,000 of them."""
    need_java()
    found = []
    for name in ENGINES:
        with connect(name) as tables:
            found.append(to_published_precision(tables, million))
    assert found[0].num_rows > 50_000
    assert found[0].equals(found[1])


@pytest.mark.slow
@pytest.mark.data
@EACH_ENGINE
def test_the_published_files(engine: Tables, observed: Path) -> None:
    same_as_duckdb(engine, observed)


def test_an_unknown_engine_names_the_known() -> None:
    with pytest.raises(InputError) as caught:
        ready("hadoop")
    assert tuple(caught.value.candidates) == ENGINES
    with pytest.raises(InputError, match="spark alone"):
        ready("duckdb", "spark://somewhere:7077")


def test_spark_without_java_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("pyspark") is None:
        with pytest.raises(PaylensError, match=r"paylens\[spark\]"):
            ready("spark")
        return
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(PaylensError, match="needs Java 17"):
        ready("spark")


def test_what_is_kept_is_dropped_at_the_end() -> None:
    with connect() as tables:
        kept = tables.keep(tables.small(pa.table({"a": [1, 2]})))
        assert tables.arrow(kept.agg(n=kept.count()))["n"].to_pylist() == [2]
    assert tables._kept == []
