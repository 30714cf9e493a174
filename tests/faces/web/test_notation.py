"""Numbers as the reader writes them, and pay as they type it."""

from __future__ import annotations

import pytest

pytest.importorskip("babel")

from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import InputError
from paylens.faces.web.notation import amount, notation


@pytest.mark.parametrize(
    ("accepted", "currency", "said"),
    [
        ("en-US,en;q=0.9", "EUR", "€88,300"), ("de-DE,de;q=0.9,en;q=0.8", "EUR", "88.300 €"), ("fr", "EUR", "88 300 €"),
        ("en-GB", "GBP", "£88,300"), ("de-CH", "CHF", "CHF 88’300"), ("en-IN", "INR", "₹88,300"), (None, "USD", "$88,300"),
        ("xx-YY, de;q=0.5", "EUR", "88.300 €"), ("en;q=0.2, de;q=0.7", "EUR", "88.300 €"), ("*;q=0", "EUR", "€88,300"),
        ("../../etc", "EUR", "€88,300"), ("de;q=nonsense", "EUR", "€88,300"), ("," * 10_000, "EUR", "€88,300"), ("en-US", "CHF", "CHF 88,300"),
    ],
)  # fmt: skip
def test_money_is_written_as_the_browser_asks(accepted: str | None, currency: str, said: str) -> None:
    found = notation(accepted).money(88_296.4, currency)
    assert found.replace("\xa0", " ").replace("\u202f", " ") == said


def test_numbers_and_shares() -> None:
    english, german = notation("en"), notation("de")
    assert english.number(1234.5678, 2) == "1,234.57"
    assert german.number(1234.5678, 2) == "1.234,57"
    assert english.number(-0.0001, 2) == "0.00", "nothing is minus nothing"
    assert english.percent(0.1234) == "12%"
    assert german.percent(0.1234, 1).replace("\xa0", " ") == "12,3 %"
    assert english.month("2026-11") == "November 2026"
    assert english.times(1.08) == "×\xa01.08"
    assert english.compact(88_296) == "88K"


@given(st.text(max_size=80))
def test_no_header_breaks_it(header: str) -> None:
    assert notation(header).money(1.0, "USD")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("85000", 85_000), ("85,000", 85_000), ("85.000", 85_000), ("85 000", 85_000), ("85\xa0000 €", 85_000), ("€85,000", 85_000),
        ("85’000", 85_000), ("CHF 85'000", 85_000), ("85k", 85_000), ("85 K", 85_000), ("1.2m", 1_200_000), ("85,5k", 85_500),
        ("6,50,000", 650_000), ("85,000.50", 85_000.5), ("85.000,50", 85_000.5), ("1,234,567", 1_234_567), ("95000.00", 95_000), ("750", 750),
    ],
)  # fmt: skip
def test_pay_is_read_in_any_notation(typed: str, meant: float) -> None:
    assert amount("mine", typed) == pytest.approx(meant)


@pytest.mark.parametrize(
    "typed", ["abc", "-5", "0", "1e999", "12,34,5", "1.2.3", "8 5", "9" * 40, "NaN", "inf"]
)
def test_what_is_no_pay_is_said(typed: str) -> None:
    with pytest.raises(InputError, match="mine"):
        amount("mine", typed)


def test_nothing_is_nothing() -> None:
    assert amount("mine", "  ") is None


@given(st.integers(1000, 10**9), st.sampled_from(["en", "de", "fr", "de-CH", "en-IN"]))
def test_what_we_write_is_read_back(pay: int, locale: str) -> None:
    from babel.numbers import format_decimal

    assert amount("mine", str(format_decimal(pay, locale=locale.replace("-", "_")))) == pay
