"""Careers and forecasts in use: a plan chosen answers in place, a move opens its years, a slider moves the fan."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from paylens.release.read import open_release

ASK = "/career?role=Data+scientist&location=Berlin&years_experience=3&education=bachelor&as_of=2026-11"
FORECASTS = open_release(None).holds("forecast.parquet")


def test_a_plan_is_drawn_in_place(look: Callable[..., Any]) -> None:
    page = look(ASK)
    page.locator("h2", has_text="The years ahead: stay").wait_for()
    page.select_option("#path", "master")
    page.wait_for_url(re.compile("path=master"))
    page.locator("h2", has_text="The years ahead: finish a master").wait_for()


def test_a_move_opens_its_years_without_script(look: Callable[..., Any]) -> None:
    page = look(ASK, java_script_enabled=False)
    page.locator("table.evidence a", has_text="senior").first.click()
    assert "path=level" in page.url
    assert "senior" in page.locator("h2", has_text="The years ahead").text_content()


@pytest.mark.skipif(not FORECASTS, reason="the built-in release holds no forecasts yet")
def test_a_slider_moves_the_fan(look: Callable[..., Any]) -> None:
    page = look("/forecast?role=ML+engineer&location=Germany&as_of=2026-11")
    assert page.locator("h2", has_text="with what you supposed").count() == 0
    page.locator("input[aria-label^='Gap between']").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("globalisation=5"))
    page.locator("h2", has_text="with what you supposed").wait_for()
