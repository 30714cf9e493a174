"""The grammar of amounts: what is written comes back, in each country's habit; nothing comes of nothing."""

from __future__ import annotations

import tomllib

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from paylens.advice.offer.text.amounts import amounts
from paylens.advice.offer.text.habits import Habit, habit_of, masked, plain_letters
from paylens.advice.offer.text.letter import read_letter
from paylens.advice.offer.text.write import offer_toml

ENGLISH = Habit(dot_groups=None, comma_groups=True)
# Locale, currency, and the language and country that a text of there has.
PLACES = {
    "en_US": ("USD", "en", "US"), "en_GB": ("GBP", "en", "GB"), "de_DE": ("EUR", "de", "DE"), "fr_FR": ("EUR", "fr", "FR"),
    "nl_NL": ("EUR", "nl", "NL"), "en_IE": ("EUR", "en", "IE"), "de_CH": ("CHF", "de", "CH"), "fr_CH": ("CHF", "fr", "CH"),
    "en_CA": ("CAD", "en", "CA"), "en_SG": ("SGD", "en", "SG"), "en_IN": ("INR", "en", "IN"), "ja_JP": ("JPY", "ja", "JP"),
    "en_HK": ("HKD", "en", "HK"), "en_AU": ("AUD", "en", "AU"), "es_ES": ("EUR", "es", "ES"), "it_IT": ("EUR", "it", "IT"),
}  # fmt: skip


def one(text: str, habit: Habit = ENGLISH) -> tuple[float | None, float | None, tuple[str, ...], str]:
    (found,) = amounts(plain_letters(text), habit)
    return found.low, found.high, found.currencies, found.kind


@pytest.mark.parametrize("locale", PLACES)
@given(amount=st.integers(1_000, 99_999_999))
def test_an_amount_as_a_country_writes_it_comes_back(locale: str, amount: int) -> None:
    currency, language, country = PLACES[locale]
    written = format_currency(amount, currency, locale=locale)
    low, high, currencies, kind = one(written, habit_of(language, country))
    assert low == high == amount
    assert currency in currencies
    assert kind == "money"


@pytest.mark.parametrize("locale", PLACES)
@given(low=st.integers(1_000, 500_000), more=st.integers(1, 500_000))
def test_a_range_comes_back(locale: str, low: int, more: int) -> None:
    currency, language, country = PLACES[locale]
    ends = [format_decimal(n, locale=locale) for n in (low, low + more)]
    found = one(f"{currency} {ends[0]} – {ends[1]}", habit_of(language, country))
    assert found == (low, low + more, (currency,), "money")


@pytest.mark.parametrize("locale", PLACES)
@given(permille=st.integers(1, 999))
def test_a_percentage_comes_back(locale: str, permille: int) -> None:
    _, language, country = PLACES[locale]
    written = format_decimal(permille / 10, locale=locale) + " %"
    low, high, _, kind = one(written, habit_of(language, country))
    assert low == high
    assert low == pytest.approx(permille / 1000)
    assert kind == "share"


@pytest.mark.parametrize(
    ("written", "low", "high", "currency"),
    [
        ("$180k", 180e3, 180e3, "USD"), ("180–220K", 180e3, 220e3, None), ("$180-220k", 180e3, 220e3, "USD"),
        ("€85.000", 85e3, 85e3, "EUR"), ("£95k", 95e3, 95e3, "GBP"), ("₹45 LPA", 4.5e6, 4.5e6, "INR"),
        ("18-25 LPA", 1.8e6, 2.5e6, "INR"), ("CHF 165'000", 165e3, 165e3, "CHF"), ("CHF 9’200.–", 9200, 9200, "CHF"),
        ("¥1200万", 12e6, 12e6, "JPY"), ("1200万円", 12e6, 12e6, "JPY"), ("１２００万円", 12e6, 12e6, "JPY"),
        ("S$9,000", 9000, 9000, "SGD"), ("HK$75,000", 75e3, 75e3, "HKD"), ("CA$130,000 to CA$160,000", 130e3, 160e3, "CAD"),
        ("₹36,00,000", 3.6e6, 3.6e6, "INR"), ("1.2 crore", 12e6, 12e6, "INR"), ("Rs. 40 lakhs", 4e6, 4e6, "INR"),
        ("55 k€", 55e3, 55e3, "EUR"), ("between 48 and 58 K€", 48e3, 58e3, "EUR"), ("72 000 €", 72e3, 72e3, "EUR"),
        ("1,5 Mio. €", 1.5e6, 1.5e6, "EUR"), ("up to £95k", None, 95e3, "GBP"), ("ab 55.000 €", 55e3, None, "EUR"),
        ("£90k+", 90e3, None, "GBP"), ("13 x 5.200 €", 67.6e3, 67.6e3, "EUR"), ("3億円", 3e8, 3e8, "JPY"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(
    written: str, low: float | None, high: float | None, currency: str | None
) -> None:
    found = one(written)
    assert found[:2] == (low, high)
    assert found[3] == "money"
    assert (currency in found[2]) if currency else not found[2]


@pytest.mark.parametrize(
    "text",
    [
        "206-555-0148", "+44 20 7946 0958", "020 7946 0958", "01.03.2026", "2026-03-01", "March 2, 2026", "12 March 2026",
        "le 05/01/2026", "jobs95k@pay.example", "https://pay.example/95k", "401(k)", "Ref JS/20981", "founded in 2011",
        "at 9:30", "24/7", "L5 or E6",
    ],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    assert not amounts(masked(plain_letters(text)), ENGLISH)


def test_a_separator_that_two_habits_read_differently_has_both_readings() -> None:
    (english,) = amounts("$85.000", habit_of("en", "US"))
    assert english.readings == (85.0, 85_000.0)
    (german,) = amounts("85,000 EUR", habit_of("de", "DE"))
    assert german.readings == (85.0, 85_000.0)
    (irish,) = amounts("€85.000", habit_of("en", "IE"))
    assert irish.readings


@given(
    st.text(
        st.characters(
            exclude_categories=("Nd", "Nl", "No"), exclude_characters="万億千一二三四五六七八九十百"
        )
    )
)
def test_no_amount_without_a_digit(text: str) -> None:
    assert not amounts(masked(plain_letters(text)), ENGLISH)
    if text.strip():
        read = read_letter(text)
        assert not [
            f
            for f in read.fields
            if isinstance(f.value, float) and "days" not in f.field and "work" not in f.field
        ]


PIECES = st.sampled_from(
    ["base salary", "bonus", "sign-on", "RSU", "options", "$", "€", "£", "₹", "¥", "CHF", "180", "1.000", "85,000", "k", "LPA", "万", "%", "10", "-", "to", "up to", "per month", "a year", "\n", ", ", ". ", ": ", "vesting", "over", "four", "years", "1-year cliff", "401(k)", "match", "vacation", "days", "25", "in Berlin", "Toronto", "AG", "x 13", "8% vakantiegeld", "(", ")", "/", "\t", "'", "hours"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_is_read_without_a_crash_and_written_as_toml(text: str) -> None:
    if not text.strip():
        return
    read = read_letter(text)
    assert read == read_letter(text)
    (offer,) = tomllib.loads(offer_toml(read))["offer"]
    assert offer == read.offer()
    assert not {f.field for f in read.fields} & {q.field for q in read.questions}
