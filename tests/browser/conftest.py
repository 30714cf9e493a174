"""A server of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True)
class Shown:
    """A view: its address with a whole question, and words that its first line then holds."""

    path: str
    question: str
    words: str

    @property
    def address(self) -> str:
        """The path with its question."""
        return self.path + (f"?{self.question}" if self.question else "")


VIEWS = (
    Shown("/", "role=ML+engineer&location=Berlin&years_experience=4&skills=PyTorch%2C+AWS&mine=80000&as_of=2026-11", "Half of people like you in Berlin"),
    Shown("/benchmarks", "", "Mid-level"),
    Shown("/benchmarks", "role=ML+engineer&location=Europe&by=country&currency=EUR&as_of=2026-11", "by country"),
    Shown("/benchmarks", "role=ML+engineer&location=United+States&by=seniority&and=years&as_of=2026-11", "by level and years"),
    Shown("/method", "", "range held"),
    Shown("/offers", "role=ML+engineer&years_experience=6&a.name=Northwind&a.location=Zurich&a.base=150000&a.bonus=10+%25&b.name=Contoso"
          "&b.location=Zurich&b.base=138000&b.equity.kind=rsu&b.equity.grant_value=120000&as_of=2026-11", "Northwind is worth more in"),
    Shown("/negotiate", "role=ML+engineer&years_experience=6&a.name=Northwind&a.location=Berlin&a.base=90000&b.name=Contoso&b.location=Berlin"
          "&b.base=85000&offer=a&as_of=2026-11", "Ask for"),
    Shown("/career", "role=Data+scientist&location=Berlin&years_experience=3&education=bachelor&path=master&against=lead&as_of=2026-11", "degree"),
    Shown("/forecast", "role=ML+engineer&location=Germany&demand=-20&as_of=2026-11", "Pay for machine learning engineers in Germany"),
)  # fmt: skip

CHROMIUM = os.environ.get("PAYLENS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
LIBRARIES = ("playwright", "axe_playwright_python", "fastapi", "uvicorn", "jinja2", "vl_convert")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Generator[Any]:
    """The browser; without it the test skips with the reason, or fails where nothing may be skipped.

    It ends with the file: while it lives its event loop runs, and no other test could run one of its own.
    """
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not here: pip install 'paylens[test]'")
    if CHROMIUM is None:
        pytest.skip("Chromium is not here: apt-get install chromium, or set PAYLENS_CHROMIUM")
    api = importlib.import_module("playwright.sync_api")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def url() -> Generator[str]:
    """Where `paylens serve` answers, started as anybody would start it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "paylens", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://" in line, "the server did not start"
    yield line.split()[3].rstrip("/")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)


@pytest.fixture(params=VIEWS, ids=lambda shown: shown.address[:40])
def shown(request: pytest.FixtureRequest) -> Shown:
    """Each view in turn."""
    found: Shown = request.param
    return found


@dataclass
class Seen:
    """What a page did beyond what it shows: errors, and requests to other hosts."""

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture
def look(chromium: Any, url: str) -> Generator[Callable[..., Any]]:
    """Opens a page with an address, a width and a scheme; at the end no page has failed or asked another host."""
    seen, contexts = Seen(), []

    def opened(address: str = "/", *, width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda m: seen.errors.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: seen.errors.append(str(e)))
        page.on(
            "request", lambda r: None if r.url.startswith((url, "data:")) else seen.elsewhere.append(r.url)
        )
        page.goto(url + address)
        if page.locator("[autofocus]").count():
            # The browser gives it the focus a moment after the page is there.
            page.locator("[autofocus]:focus").wait_for()
        return page

    opened.seen = seen  # type: ignore[attr-defined]
    yield opened
    for context in contexts:
        context.close()
    assert not seen.errors
    assert not seen.elsewhere
