"""What a letter does not say for certain is left blank and asked about; what it says is taken as it says it."""

from __future__ import annotations

import pytest

from paylens.advice.offer.text.letter import LARGEST_TEXT, read_letter
from paylens.contract.errors import InputError


@pytest.mark.parametrize(
    ("text", "field", "candidates"),
    [
        ("Base salary: $120,000 a year.", "currency", ["USD", "CAD", "SGD", "AUD", "HKD", "NZD"]),
        ("Salary: 85.000 a year. Our office is in Boston.", "base", [85, 85_000]),
        ("Base $200,000 in Seattle. RSUs: $60k.", "equity.grant_value", [60_000, 240_000]),
        ("RSUs of $40,000 a year, vesting over 4 years. Base $150k, Denver", "equity.grant_value", [160_000, 40_000]),
        ("Base $150k, Denver. 401(k): we match 100% of the first 3% and 50% of the next 2%.", "benefits.retirement_match", [1.0, 0.03]),
        ("¥750,000 per month, bonuses of 2 months each. Tokyo.", "bonus", []),
        ("Base $150k, Denver. 1,500 RSUs vesting over four years", "equity.price", []),
        ("Base $200,000 in Seattle. Equity worth $60k over four years.", "equity.kind", ["rsu", "options"]),
        ("Base salary €70.000 - €85.000, Berlin", "base", [70_000, 85_000]),
        ("Salary up to £95k, London", "base", [95_000]),
        ("£650 per day in Leeds", "base", [143_000, 169_000]),
        ("$60 an hour in Denver", "base", [109_200, 124_800]),
        ("Gehalt: 5.200 € in Köln", "base", [62_400, 5_200]),
        ("Salary €60.000 in Berlin, bonus of up to 15%", "bonus", [0.15]),
        ("Salary €60.000 in Berlin, bonus 10-15%", "bonus", [0.10, 0.15]),
        ("CTC of 45 lakhs in Pune", "base", [4_500_000]),
        ("€5.000 bruto per maand 8% vakantiegeld, Utrecht", "base", [60_000, 64_800]),
        ("Base £90,000 in London. RSUs: $100,000 over four years", "equity.grant_value", [100_000]),
        ("Salary £60k, Leeds. 5 weeks of holiday", "benefits.paid_days_off", [25]),
        ("Salary £60k, Leeds. Employer pension contribution 8%", "benefits.retirement_match", [0.08]),
        ("Salary 60k€, Paris. Tickets restaurant 9 € par jour", "benefits.meals", [1_980, 2_340]),
        ("Offices in London, Paris and Berlin. Salary 80k", "location", ["London", "Paris", "Berlin"]),
    ],
)  # fmt: skip
def test_it_asks(text: str, field: str, candidates: list[float | str]) -> None:
    read = read_letter(text)
    assert read.value(field) is None
    question = read.asked(field)
    assert question is not None
    assert [c.value for c in question.candidates] == candidates
    assert question.question


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Base salary: $120,000 a year, Toronto.", "currency", "CAD"), ("Base salary: $120,000 a year, plus 401(k).", "currency", "USD"),
        ("Base salary: $120,000. RRSP after a year.", "currency", "CAD"), ("$9,000/month in Singapore", "base", 108_000),
        ("Base S$9,000/month plus AWS, Singapore", "base", 117_000), ("Sueldo 3.000 € al mes en 14 pagas, Madrid", "base", 42_000),
        ("€5.000 bruto per maand excl. 8% vakantiegeld, Utrecht", "base", 64_800),
        ("€5.000 bruto per maand incl. 8% vakantiegeld, Utrecht", "base", 60_000),
        ("Gehalt 5.000 € im Monat x 13, Köln", "base", 65_000), ("Gehalt 65.000 € (13 x 5.000 €), Köln", "base", 65_000),
        ("$60 an hour, 40 hours a week in Denver", "base", 124_800),
        ("Annual salary: $132,000 ($5,500 semi-monthly), Denver", "base", 132_000),
        ("gross annual salary of £62,500 payable monthly, Leeds", "base", 62_500),
        ("Salary £60k in Leeds, 20% target bonus (£12,000)", "bonus", 0.2),
        ("Gehalt 95.000 EUR in Köln, Bonus 15.000 EUR bei 100% Zielerreichung", "bonus", 15_000),
        ("1,500 RSUs at $84.20 per share. Base $150k, Denver", "equity.price", 84.2),
        ("20,000 stock options at $1.10. Base $150k, Denver", "equity.strike", 1.1),
        ("Sign-on bonus in the gross amount of $40,000. Base $150k, Denver", "sign_on", 40_000),
        ("Base $150k, Denver. Home office allowance $200 a month.", "base", 150_000),
        ("RSUs worth $90k vesting 5/15/40/40. Base $150k, Denver", "equity.vesting", [0.05, 0.15, 0.4, 0.4]),
        ("Base $150k, Denver. We match 50% of what you pay into the 401(k), up to 6%.", "benefits.retirement_match", 0.5),
        ("Sign-on $20k, to be repaid if you leave within two years. Base $150k, Denver", "sign_on_clawback_months", 24),
    ],
)  # fmt: skip
def test_it_takes_what_is_said(text: str, field: str, value: object) -> None:
    read = read_letter(text)
    assert read.value(field) == (pytest.approx(value) if isinstance(value, float) else value), read.questions


@pytest.mark.parametrize(
    "noise",
    [
        "We raised a $50M Series B.", "Our revenue was $1.2 billion last year.", "Call 206-555-0148 before March 2, 2026.",
        "We have 4,100 employees and 2,300 customers.", "Founded in 2011, valued at a valuation of $3bn.", "Ref. 48213",
        "$400 million under management.", "Over 500 applicants, 5+ years of experience.", "12 paid holidays.",
    ],
)  # fmt: skip
def test_other_numbers_are_left_alone(noise: str) -> None:
    letter = "{} Base salary $150,000 a year and a 10% bonus, in Denver. {}"
    plain = read_letter(letter.format("", "")).offer()
    assert read_letter(letter.format(noise, "")).offer() == plain
    assert read_letter(letter.format("", noise)).offer() == plain


def test_empty_and_endless_letters_are_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        read_letter(" \n ")
    with pytest.raises(InputError, match="longer"):
        read_letter("x" * (LARGEST_TEXT + 1))


def test_what_has_no_field_is_shown() -> None:
    read = read_letter("Base $150k, Denver. Relocation up to $8k. Total compensation $210,000.")
    assert [u.what for u in read.unplaced] == [
        "the employer's help with moving, once",
        "a total of several parts",
    ]


@pytest.mark.parametrize(
    "text", ["\n" * 30_000 + "x", "$1 " * 8_000, "A" * 40_000, "Aaa Inc. " * 4_000, "(" * 40_000]
)
def test_odd_texts_take_no_time(text: str) -> None:
    read_letter(text)


def test_a_german_noun_after_bei_is_no_employer() -> None:
    text = (
        "Wir freuen uns, Ihnen die Stelle als Data Scientist in Bonn anzubieten. Ihr Jahresgehalt beträgt 80.000 € brutto, "
        "dazu 10 % bei Zielerreichung.\n"
    )
    assert read_letter(text + "Nordlicht Analytics GmbH\n").value("employer") == "Nordlicht Analytics GmbH"
    assert read_letter(text).value("employer") is None
    assert read_letter("Ihre Stelle bei Nordlicht in Bonn: 80.000 € im Jahr").value("employer") == "Nordlicht"
