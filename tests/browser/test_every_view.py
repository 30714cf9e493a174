"""What holds of every view: it answers in its first line, fits a phone, reads in the dark, and needs no script."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

HEAVY = {"serious", "critical"}
SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.parametrize("script", [True, False])
def test_it_answers_in_its_first_line(look: Callable[..., Any], shown: Any, script: bool) -> None:
    page = look(shown.address, java_script_enabled=script)
    assert shown.words in page.locator("h1").first.text_content().replace("\xa0", " ")
    assert page.locator("h1").count() == 1
    assert page.title().endswith("paylens")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_it_fits_and_reads(look: Callable[..., Any], shown: Any, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look(shown.address, width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true })")
    found = Axe().run(page).response["violations"]
    bad = {v["id"]: [n["html"][:120] for n in v["nodes"][:3]] for v in found if v["impact"] in HEAVY}
    assert not bad


def test_every_drawing_is_named_and_has_its_table(look: Callable[..., Any], shown: Any) -> None:
    page = look(shown.address)
    drawn = page.locator("svg[role=img]")
    assert drawn.count() > 0
    for svg in drawn.all():
        assert svg.locator("title").first.text_content().strip()
    assert page.locator("main table").count() > 0
    assert page.locator("figure svg:visible").count() * 2 == page.locator("figure svg").count(), (
        "one of a pair"
    )


def test_nothing_is_kept_but_the_address(look: Callable[..., Any], shown: Any) -> None:
    page = look(shown.address)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_it_prints_without_the_form(look: Callable[..., Any], shown: Any) -> None:
    page = look(shown.address)
    page.emulate_media(media="print")
    assert page.locator("main > form:visible").count() == 0
    assert page.locator("h1").is_visible()


def test_the_keyboard_reaches_it(look: Callable[..., Any], shown: Any) -> None:
    """The first stop is the way past the question; every stop is seen."""
    page = look(shown.address)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    assert first == "#answer"
    for _ in range(12):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e); "
            "return e === document.body || e.matches('summary') || s.outlineStyle !== 'none' })()"
        )
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_reader_sees_the_chart_within_a_second(chromium: Any, url: str, shown: Any) -> None:
    """On loopback, with an empty cache: what is transferred, and when the drawing is there."""
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sizes = []
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(url + "/method" if shown.path != "/method" else url + "/")  # the browser itself is warm
    page.goto("about:blank")
    sizes.clear()
    began = time.perf_counter()
    page.goto(url + shown.address, wait_until="commit")
    page.locator("figure svg:visible").first.wait_for()
    took = time.perf_counter() - began
    page.wait_for_load_state("networkidle")
    page.context.close()
    assert took <= 1.0
    assert 0 < sum(sizes) <= 250_000
