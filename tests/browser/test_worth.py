"""What am I worth, as somebody uses it: by mouse, by keyboard alone, without script, on a phone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

ASK = "/?role=ML+engineer&location=Berlin&years_experience=4&as_of=2026-11"


# From a slider's new value to the new answer in the page, in milliseconds.
MOVED = """(years) => new Promise((done) => {
  const slider = document.querySelector("input[type=range]");
  document.addEventListener("paylens:answered", () => done(performance.now() - began), { once: true });
  const began = performance.now();
  slider.value = years;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def middle(page: Any) -> str:
    found: str = page.locator("h1 b").last.text_content()
    return found


def test_fill_and_submit(look: Callable[..., Any]) -> None:
    page = look("/")
    assert page.evaluate("document.activeElement.id") == "role"
    page.fill("#role", "ML engineer")
    page.fill("#location", "Berlin")
    page.fill("#years_experience", "4")
    page.click("button[type=submit]")
    page.wait_for_url(re.compile("role=ML"))
    page.locator(".eyebrow", has_text="Machine learning engineer, Berlin").wait_for()
    assert "like you in Berlin" in page.locator("h1").text_content()
    assert "education" not in page.url, "an empty field is in the address"
    said = middle(page)
    page.goto(page.url)
    assert middle(page) == said, "the address does not hold the question"


def test_without_script(look: Callable[..., Any]) -> None:
    page = look("/", java_script_enabled=False)
    page.fill("#role", "ML engineer")
    page.fill("#location", "Berlin")
    page.click("button[type=submit]")
    assert "like you in Berlin" in page.locator("h1").text_content()
    assert "years_experience" not in page.url
    assert page.input_value("#role") == "ML engineer"


def test_by_keyboard_alone(look: Callable[..., Any]) -> None:
    """Type, choose from the list, go on to the next field, submit."""
    page = look("/")
    page.keyboard.type("ML eng")
    page.locator("#role-list [role=option]").first.wait_for()
    assert page.get_attribute("#role", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#role", "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.keyboard.press("Enter")
    assert page.input_value("#role") == "Machine learning engineer"
    assert page.get_attribute("#role", "aria-expanded") == "false"
    page.keyboard.press("Tab")
    page.keyboard.type("Münch")
    page.locator("#location-list [role=option]").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#location-list").is_hidden()
    page.keyboard.press("ArrowDown")
    page.locator("#location-list [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Munich").wait_for()
    assert "location=Munich" in page.url


def test_a_list_is_a_combobox_for_axe(look: Callable[..., Any]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = look("/")
    page.keyboard.type("data")
    page.locator("#role-list [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


def test_a_field_changes_the_answer_in_place_and_says_how_much(look: Callable[..., Any]) -> None:
    page = look(ASK)
    before = middle(page)
    page.click("summary:has-text('More about you')")
    page.select_option("#company_size", "10000+")
    page.wait_for_url(re.compile("company_size"))
    page.locator(".changed").wait_for()
    assert middle(page) != before
    assert re.search(r"\d+ % narrower than before", page.locator(".changed").text_content())
    assert page.locator("#said").text_content().startswith("Half of people")


@pytest.mark.alone
def test_the_slider_answers_in_place_and_soon(look: Callable[..., Any]) -> None:
    page = look(ASK)
    before = middle(page)
    page.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"years_experience=4\.5"))
    assert middle(page) != before
    assert page.input_value("#years_experience") == "4.5"
    took = sorted(page.evaluate(MOVED, years) for years in range(6, 15))
    # Others may use this machine too: what the third best of nine takes, for as many as wait for each processor.
    waiting = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert took[2] <= 150 * waiting, took


def test_ones_own_pay_is_a_line_to_drag(look: Callable[..., Any]) -> None:
    page = look(ASK + "&mine=80000")
    dot = page.locator(".mine_dot_marks path >> visible=true")
    box = dot.bounding_box()
    assert "people like you earn less" in page.locator(".lead").text_content()
    before = page.locator(".lead .mine").text_content()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(box["x"] + 12 * step, box["y"] + 6)
    page.mouse.up()
    page.wait_for_url(re.compile(rf"mine={page.input_value('#mine')}"))
    assert float(page.input_value("#mine")) > 90_000
    assert page.locator(".lead .mine").text_content() != before
    moved = page.locator(".mine_dot_marks path >> visible=true").bounding_box()
    assert abs(moved["x"] - box["x"] - 120) < 14, "the line is not where it was dropped"


def test_a_word_that_is_not_known_is_said_beside_its_field(chromium: Any, url: str) -> None:
    """As a whole page and in place; nothing that was typed is lost."""
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{url}/?role=ML+engineer&location=Berlim&mine=80000")
    assert "'Berlim' is not a known place" in page.locator("#location-wrong").text_content()
    assert page.get_attribute("#location", "aria-describedby") == "location-wrong"
    assert page.input_value("#mine") == "80000"
    page.click("#location-wrong >> text=Berlin, Germany")
    assert "like you in Berlin" in page.locator("h1").text_content()
    page.fill("#years_experience", "99")
    page.locator("#years_experience-wrong").wait_for()
    assert page.get_attribute("#years_experience", "aria-invalid") == "true"
    page.fill("#years_experience", "9")
    page.locator("h1", has_text="Half of people").wait_for()
    assert page.locator("#years_experience-wrong").count() == 0
    page.context.close()


def test_a_link_to_what_would_narrow_it_goes_to_the_field(look: Callable[..., Any]) -> None:
    page = look(ASK)
    page.click("section a[href='#company_size']")
    assert page.evaluate("document.activeElement.id") == "company_size"


def test_numbers_are_the_readers(look: Callable[..., Any]) -> None:
    assert "€" in middle(look(ASK, locale="en-US"))[:1]
    assert middle(look(ASK, locale="de-DE")).endswith("€")


def test_it_can_be_touched_on_a_phone(look: Callable[..., Any]) -> None:
    page = look(ASK, width=390, height=844, has_touch=True)
    small = [
        box
        for e in page.locator("main input:visible, main select:visible, main button:visible, nav a").all()
        if (box := e.bounding_box()) and box["height"] < 24
    ]
    assert not small
