"""Benchmarks as somebody uses it: from the nine cells to a table by two factors, and its file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import Any


def test_from_the_nine_cells_to_two_factors(look: Callable[..., Any]) -> None:
    page = look("/benchmarks")
    assert page.locator(".cells td b").count() == 9
    page.keyboard.type("ML engineer")
    page.fill("#location", "United States")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Half of machine learning engineers").wait_for()
    page.select_option("#by", "seniority")
    page.locator("h1", has_text="by level").wait_for()
    page.select_option("#and", "years")
    page.locator("h1", has_text="by level and years").wait_for()
    assert "and=years" in page.url
    assert page.locator("figure svg:visible").count() == 2, "a heat table and rows"


def test_without_script(look: Callable[..., Any]) -> None:
    page = look("/benchmarks", java_script_enabled=False)
    page.fill("#role", "data scientist")
    page.fill("#location", "Germany")
    page.select_option("#by", "years")
    page.click("button[type=submit]")
    assert "Data scientists in Germany, by years" in page.locator("h1").text_content()
    assert page.input_value("#by") == "years"


def test_what_is_shown_can_be_kept(look: Callable[..., Any]) -> None:
    page = look("/benchmarks?role=ML+engineer&location=United+States&by=seniority&as_of=2026-11")
    with page.expect_download() as kept:
        page.click("a:text-is('CSV')")
    with open(kept.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["kind"] for r in rows} >= {"measured", "modelled"}
    assert re.fullmatch(r"benchmark\.csv", kept.value.suggested_filename)


def test_a_withheld_cell_says_why(look: Callable[..., Any]) -> None:
    page = look("/benchmarks?role=ML+engineer&location=Europe&by=country&currency=EUR&as_of=2026-11")
    assert "fewer than 10 reports" in page.locator(".held").first.text_content()
