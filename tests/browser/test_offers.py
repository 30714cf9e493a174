"""Offers and negotiation in use: a letter pasted, fields filled in, by keyboard alone, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

LETTER = (
    "Northwind GmbH offers you the role of ML engineer in Berlin. Salary: EUR 85,000 a year, 10 % bonus, RSUs worth 60,000 EUR over "
    "four years. <script>document.title = 'taken'</script>"
)
PAIR = (
    "/offers?role=ML+engineer&a.name=Northwind&a.location=Berlin&a.base=90000&b.name=Contoso&b.location=Berlin&b.base=85000"
    "&b.equity.grant_value=60000&as_of=2026-11"
)


def first(page: Any) -> str:
    found: str = page.locator("h1").first.text_content().replace("\xa0", " ")
    return found


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_letter_is_read_into_the_form_and_compared(
    look: Callable[..., Any], script: bool, width: int
) -> None:
    page = look("/offers", java_script_enabled=script, width=width)
    # What was typed before is still there afterwards.
    page.fill("[id='b.name']", "Contoso")
    page.fill("[id='b.base']", "85000")
    page.fill("[id='b.location']", "Berlin")
    page.fill("#letter", LETTER)
    page.click("button[name=read]")
    page.locator("h2", has_text="values were read").wait_for()
    assert page.url.endswith("/offers")
    assert page.input_value("[id='a.base']") == "85000"
    assert "85,000" in page.locator("[id='a.base-hint']").text_content()
    assert page.input_value("[id='b.name']") == "Contoso"
    assert page.title() != "taken"
    page.locator(".buttons button").click()
    page.wait_for_url(re.compile(r"a\.base=85000"))
    assert "letter" not in page.url
    page.locator("h1", has_text="is worth more in").wait_for()
    said = first(page)
    page.goto(page.url)
    assert first(page) == said, "the address does not hold the question"


def test_a_field_answers_in_place_and_the_letter_stays_out_of_the_address(look: Callable[..., Any]) -> None:
    page = look(PAIR)
    before = first(page)
    page.click("summary:has-text('Paste')")
    page.fill("#letter", "something private")
    page.fill("[id='b.base']", "150000")
    page.wait_for_url(re.compile(r"b\.base=150000"))
    page.locator("h1", has_text="Contoso is worth more").wait_for()
    assert first(page) != before
    assert "private" not in page.url


def test_by_keyboard_alone(look: Callable[..., Any]) -> None:
    """Enter in a field compares; it does not read a letter."""
    page = look("/offers")
    page.focus("[id='a.location']")
    page.keyboard.type("Berl")
    page.locator("[id='a.location-list'] [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "a.base"
    page.keyboard.type("90000")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"a\.base=90000"))
    page.locator("h1", has_text="is worth").wait_for()


@pytest.mark.parametrize("script", [True, False])
def test_what_is_wrong_stands_beside_its_field(look: Callable[..., Any], script: bool) -> None:
    page = look("/offers", java_script_enabled=script)
    page.fill("#role", "ML engineer")
    page.fill("[id='a.base']", "90000")
    page.fill("[id='a.location']", "Berlim")
    page.locator(".buttons button").click()
    page.locator("[id='a.location-wrong']").wait_for()
    assert page.get_attribute("[id='a.location']", "aria-invalid") == "true"
    assert page.input_value("[id='a.base']") == "90000"
    look.seen.errors.clear()  # type: ignore[attr-defined]  # the browser reports the 422 itself


def test_from_offers_to_what_to_ask_for(look: Callable[..., Any]) -> None:
    page = look(PAIR)
    page.click("text=What to ask for: negotiate")
    page.locator("h1", has_text="Ask for").wait_for()
    assert page.locator("text=This as a PDF").get_attribute("href").endswith("as=pdf")
    page.select_option("#offer", "b")
    page.wait_for_url(re.compile("offer=b"))
    page.locator(".eyebrow", has_text="Contoso").wait_for()
    page.click("text=The offers side by side")
    page.locator("h1", has_text="is worth more in").wait_for()


def test_a_third_offer_opens_and_counts(look: Callable[..., Any]) -> None:
    page = look(PAIR)
    page.click("summary:has-text('A third offer')")
    page.fill("[id='c.base']", "200000")
    page.fill("[id='c.location']", "Berlin")
    page.locator("[id='c.base']").press("Enter")
    page.locator("h1", has_text="Offer C is worth more than").wait_for()
