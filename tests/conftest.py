"""What all tests share: where the published files are, and that nothing is skipped in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

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


def lacks(reason: str) -> None:
    """Skip for want of something, or fail where the run must be whole."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)
