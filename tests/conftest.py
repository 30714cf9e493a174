"""What all tests share: where the published files are, and that nothing is skipped in silence."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings

from paylens.release.files import MANIFEST, digest, json_to
from paylens.release.read import open_release

# The same examples on every run: a failure here is a failure there.
settings.register_profile("paylens", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("paylens")

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
REQUIRE_ALL = os.environ.get("PAYLENS_REQUIRE_ALL") == "1"


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of published files; a test that needs it skips, or fails where nothing may be skipped."""
    path = os.environ.get("PAYLENS_DATA")
    if not path or not Path(path).is_dir():
        lacks("the published files are not here: set PAYLENS_DATA to their folder")
    return Path(str(path))


REPORT = {
    "report": "0000abcd", "month": "2026-10", "role": "data-scientist", "role_asked": "Data scientist", "seniority": "senior",
    "country": "DE", "state": "", "metro": "de-berlin", "years_experience": "6", "years_coding": "8", "years_ml": "4",
    "education": "master", "industry": "finance", "company_size": "250-999", "employer": "google", "employer_asked": "Google",
    "remote": "hybrid", "skills": "python;aws", "base": "90000", "bonus": "9000", "equity": "", "currency": "EUR",
    "verification": "code", "weight": "1.5",
}  # fmt: skip


@pytest.fixture(scope="session")
def export() -> Callable[..., Path]:
    """Writes a community's export folder: reports like `REPORT` but for what each row says, and its description."""

    def write(folder: Path, rows: Sequence[Mapping[str, object]], about: str = "", **told: object) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(REPORT))
            table.writeheader()
            table.writerows({**REPORT, **row} for row in rows)
        said = {
            "schema": 1, "name": "meetup", "title": "An invented meet-up", "licence": "CC-BY-4.0", "released": "2026-11-20",
            "from": "2026-09", "to": "2026-11",
            "sha256": hashlib.sha256((folder / "reports.csv").read_bytes()).hexdigest(), **told,
        }  # fmt: skip
        lines = [f"{key} = {value if isinstance(value, int) else repr(value)}" for key, value in said.items()]
        (folder / "community.toml").write_text("\n".join([*lines, about, ""]), encoding="utf-8")
        return folder

    return write


def postgres_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("postgres", BENCHMARKS / "postgres.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault("postgres", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgres() -> Generator[Any]:
    """A PostgreSQL of our own."""
    server = postgres_module()
    programs = server.found()
    if programs is None:
        lacks("PostgreSQL is not here: install its server")
    with server.running(programs, fsync=False) as found:
        yield found


@pytest.fixture(scope="session")
def need_java() -> Callable[[], None]:
    """Call it where Spark is needed: without Java and pyspark the test skips, or fails where nothing may be skipped."""

    def check() -> None:
        if importlib.util.find_spec("pyspark") is None:
            lacks("Spark is not here: pip install 'paylens[spark]'")
        if shutil.which("java") is None:
            lacks("Java is not here: install a Java 17 runtime")

    return check


def lacks(reason: str) -> None:
    """Skip for want of something, or fail where the run must be whole."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """A skip for whatever reason is a failure where the run must be whole."""
    return _unskipped((yield), item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """The same for a file that skips itself whole."""
    return _unskipped((yield), collector.nodeid)


def _unskipped(report: Any, where: str) -> Any:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{where} may not be skipped in this run: {reason}"
    return report


@pytest.fixture(scope="session")
def figures() -> Any:
    """Invented series in the schema of sources.trends: growth of 3 % a year and noise, codes that change, five years of postings."""
    table: Any = simulated_figures(growth=0.03, noise=0.008, seed=7)
    return table


@pytest.fixture(scope="session")
def forecast_release() -> Path:
    """The default release, which has a forecast in it."""
    return open_release().path


def with_files(of: Path, to: Path, files: dict[str, bytes], **manifest: Any) -> None:
    """A copy of a release with more files and other words in its manifest, which is made anew."""
    shutil.copytree(of, to)
    body = json.loads((to / MANIFEST).read_bytes()) | manifest
    for name, data in files.items():
        (to / name).write_bytes(data)
        body["files"][name] = digest(data)
    body["files"] = dict(sorted(body["files"].items()))
    kept = {k: body[k] for k in ("schema", "month", "files", "inputs")}
    identity = f"{body['month'].replace('-', '.')}-{digest(json_to(kept))[:6]}"
    (to / MANIFEST).write_bytes(json_to({**kept, "id": identity}))


@pytest.fixture(scope="session")
def release_with() -> Callable[..., None]:
    """`with_files`, for tests that make a release."""
    return with_files


@pytest.fixture(scope="session")
def simulated() -> Callable[..., Any]:
    """`simulated_figures`, for tests that need another drift."""
    return simulated_figures


CHAINED = ("15-0000", "00-0000", "15-1132|15-1256|15-1252", "15-1111|15-1221|15-1221", "15-1121|15-1211|15-1211",
           "15-1122|15-1212|15-1212", "15-2031", "15-2041", "|15-2098|15-2051", "11-3021")  # fmt: skip


def simulated_figures(*, growth: float, noise: float, seed: int) -> pa.Table:
    """Series in the schema of sources.trends with a known drift; the same seed gives the same table."""
    draw = np.random.default_rng(seed)
    rows: list[tuple[str, str, str | None, str, float, float]] = []
    for codes in CHAINED:
        log, parts = 11.0, codes.split("|")
        for year in range(2013, 2026):
            log += growth + noise * draw.standard_normal()
            code = parts[0 if year < 2019 or len(parts) == 1 else 1 if year < 2022 else 2]
            if code and year not in (2014, 2021, 2023):
                rows.append(("official wages", "US", code, f"{year}-05", math.exp(log), 1000.0))
                if code == "15-1132":
                    rows.append(("official wages", "US", "15-1133", f"{year}-05", math.exp(log), 1000.0))
                if code == "15-1252":
                    rows.append(("official wages", "US", "15-1253", f"{year}-05", math.exp(log), 1000.0))
    for country in ("DE", "FR", "US"):
        step = growth / 12 + noise / 12**0.5 * draw.standard_normal(76)
        for k in range(64):
            month = f"{2019 + k // 12}-{k % 12 + 1:02d}"
            rows.append(("posted wages", country, None, month, float(step[k : k + 12].sum()), 500.0))
            rows.append(("AI share", country, None, month, 0.02 + 0.0005 * k, 30.0))
            rows.append(("software postings", country, None, month, 100.0 + 20 * math.sin(k / 9), 30.0))
    names = ("kind", "country", "group", "month", "value", "n")
    return pa.table(
        {name: pa.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    )
