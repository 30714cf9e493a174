"""What all tests share: where the published files are, and that nothing is skipped in silence."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import os
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples on every run: a failure here is a failure there.
settings.register_profile("paylens", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("paylens")

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
