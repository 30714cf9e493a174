"""The form for a pay report in a browser: two minutes, a receipt, and with it the report back, another or none."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

for part in ("sqlalchemy", "alembic", "nacl"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[collect]'")

HEAVY = {"serious", "critical"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Where `paylens serve --collect` answers, on a desk of its own."""
    folder: Path = tmp_path_factory.mktemp("desk")
    (folder / "store").mkdir()

    def paylens(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "paylens", *arguments]

    subprocess.run(
        paylens("submissions", "keys", "make", str(folder / "keys")), check=True, capture_output=True
    )
    subprocess.run(
        paylens("submissions", "init", str(folder / "desk"), "--database", str(folder / "store" / "r.sqlite"), "--public",
                str(folder / "keys" / "public.toml"), "--per-day", "1000"),
        check=True, capture_output=True,
    )  # fmt: skip
    process = subprocess.Popen(
        paylens("serve", "--port", "0", "--collect", str(folder / "desk")), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://" in line, "the server did not start"
    yield line.split()[3].rstrip("/")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)


def sent(page: Any, base: str) -> str:
    """Fill in what is needed, send it, and the receipt."""
    page.fill("#role", "ML engineer")
    page.fill("#location", "Berlin")
    page.fill("#base", base)
    page.click("button[value=send]")
    page.locator("h1", has_text="Keep this receipt").wait_for()
    assert page.url.endswith("/report"), "nothing of a report is in an address"
    receipt: str = page.locator("output").text_content()
    return receipt


@pytest.mark.parametrize(("script", "width"), [(True, 1280), (False, 390)])
def test_sent_read_back_corrected_deleted(look: Callable[..., Any], script: bool, width: int) -> None:
    page = look("/report", java_script_enabled=script, width=width)
    receipt = sent(page, f"{80_000 + width}")
    page.goto(page.url)
    assert page.locator("output").count() == 0, "it is shown once"
    page.fill("#mine", receipt)
    page.click("button[value=read]")
    assert page.input_value("#base") == f"{80_000 + width}"
    page.fill("#base", "91000")
    page.click("button[value=correct]")
    assert page.locator("output").text_content() == receipt
    assert "91,000" in page.locator("table").text_content()
    page.click("text=Back to the form")
    page.fill("#mine", receipt)
    page.click("section button[value=delete]")
    page.locator("h1", has_text="It is deleted").wait_for()
    assert page.context.cookies() == []


@pytest.mark.parametrize("script", [True, False])
def test_who_comes_next_to_the_machine_finds_nothing(look: Callable[..., Any], script: bool) -> None:
    page = look("/report", java_script_enabled=script, width=420)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    receipt = sent(page, f"{88_888 + script}")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.go_back()
    page.locator("#role").wait_for()
    # The form had its receipt in it: a page that the browser kept would have it still.
    assert page.input_value("form input[type=hidden]") != receipt
    assert receipt not in page.content()
    assert asked
    for address in asked:
        assert "88888" not in address
        assert "88889" not in address
        assert receipt not in address


def test_a_receipt_that_opens_nothing_is_said(look: Callable[..., Any]) -> None:
    page = look("/report", width=390)
    page.fill("#mine", "AAAA-" * 12 + "AAAA")
    page.click("button[value=read]")
    assert "no report has this receipt" in page.locator("[role=alert]").text_content().casefold()
    look.seen.errors.clear()  # type: ignore[attr-defined]  # the browser reports the 422 itself


def test_by_keyboard_alone(look: Callable[..., Any]) -> None:
    page = look("/report")
    page.focus("#role")
    for typed in ("ML engineer", "Berlin", "83000"):
        page.keyboard.type(typed)
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
    page.focus("#base")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Keep this receipt").wait_for()


def test_what_is_wrong_stands_beside_its_field(look: Callable[..., Any]) -> None:
    page = look("/report", java_script_enabled=False)
    page.fill("#role", "ML engineer")
    page.fill("#location", "Berlim")
    page.fill("#base", "84000")
    page.click("button[value=send]")
    assert "not a known place" in page.locator("#location-wrong").text_content()
    assert page.input_value("#base") == "84000"
    look.seen.errors.clear()  # type: ignore[attr-defined]  # the browser reports the 422 itself


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_it_fits_and_reads(look: Callable[..., Any], width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look("/report", width=width, color_scheme=scheme)
    for state in ("the form", "the receipt"):
        if state == "the receipt":
            sent(page, f"{60_000 + width + len(scheme)}")
        page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), state
        found = Axe().run(page).response["violations"]
        assert {
            v["id"]: [n["html"][:120] for n in v["nodes"][:3]] for v in found if v["impact"] in HEAVY
        } == {}, state


def test_the_other_pages_are_there_too(look: Callable[..., Any]) -> None:
    page = look("/")
    assert page.locator("nav a[href='/report']").count() == 1
    assert page.locator("h1").count() == 1
