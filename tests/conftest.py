"""What all tests share: where the published files are, and that nothing is skipped in silence."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Generator
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
