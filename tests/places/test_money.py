"""Exchange rates: which month is used, what is refused, and that amounts come back unchanged."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import InputError
from paylens.places import money, refresh

MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(2019, 2030), st.integers(1, 12))
CURRENCIES = st.sampled_from(money.currencies())
AMOUNTS = st.floats(1, 1e9)

# Monthly means that anyone can look up, to two digits: each quoted as units for one dollar.
KNOWN = {
    ("EUR", "2025-06"): 0.87,
    ("GBP", "2025-06"): 0.74,
    ("CHF", "2024-05"): 0.91,
    ("JPY", "2023-05"): 137.0,
    ("INR", "2021-09"): 73.6,
    ("TWD", "2024-05"): 32.3,
    ("LKR", "2022-06"): 357.0,
    ("AUD", "2020-04"): 1.58,
    ("USD", "2020-04"): 1.0,
}


@pytest.mark.parametrize(("currency", "month"), KNOWN)
def test_known_rates_are_units_for_one_dollar(currency: str, month: str) -> None:
    found = money.rate(currency, month)
    assert found.per_usd == pytest.approx(KNOWN[currency, month], rel=0.01)
    assert found.month == month
    assert found.note is None


def test_a_month_after_the_last_takes_the_last_and_says_so() -> None:
    found = money.rate("EUR", "2031-02")
    assert found.month == money.last_month() == "2026-10"
    assert found.per_usd == money.rate("EUR", "2026-10").per_usd
    assert found.note == "no rate of EUR is known for 2031-02: the last one, of 2026-10, is used"
    assert money.rate("USD", "2031-02").note is None


def test_the_rouble_ends_in_march_2022() -> None:
    found = money.rate("RUB", "2025-05")
    assert found.month == "2022-03"
    assert "2022-03" in str(found.note)


@pytest.mark.parametrize("currency", ["USD", "EUR", "TWD", "RUB"])
def test_a_month_before_the_first_is_refused(currency: str) -> None:
    with pytest.raises(InputError) as problem:
        money.rate(currency, "2014-12")
    assert problem.value.field == "as_of"
    assert problem.value.candidates == ("2015-01",)


def test_iceland_starts_late_and_currencies_can_be_asked_since_a_month() -> None:
    assert "ISK" in money.currencies()
    assert set(money.currencies()) - set(money.currencies("2015-01")) == {"ISK"}
    with pytest.raises(InputError, match="2018-02"):
        money.rate("ISK", "2017-01")


@pytest.mark.parametrize("asked", ["AED", "VND", "NGN", "ARS", "UAH", "VES", "XXX", "", "dollars", "E\nUR"])
def test_unknown_currencies_are_refused_with_the_nearest(asked: str) -> None:
    with pytest.raises(InputError) as problem:
        money.rate(asked, "2025-06")
    assert problem.value.field == "currency"
    assert set(problem.value.candidates) < set(money.currencies())
    assert len(problem.value.candidates) == 3
    assert "\n" not in str(problem.value)


def test_the_case_of_a_code_does_not_matter() -> None:
    assert money.rate(" eur", "2025-06") == money.rate("EUR", "2025-06")


@pytest.mark.parametrize(
    "month", ["2026-19", "2026-00", "2026-1", "202610", "2026/10", "", "abcd-ef", "٢٠٢٦-١٠", "2026-10-01"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(InputError) as problem:
        money.rate("EUR", month)
    assert problem.value.field == "as_of"


@given(AMOUNTS, CURRENCIES, CURRENCIES, MONTHS)
def test_there_and_back_is_the_same_amount(amount: float, one: str, other: str, month: str) -> None:
    there = money.convert(amount, one, other, month)
    assert money.convert(there, other, one, month) == pytest.approx(amount, rel=1e-12)


@given(AMOUNTS, CURRENCIES, CURRENCIES, CURRENCIES, MONTHS)
def test_the_way_round_another_currency_is_the_same(
    amount: float, a: str, b: str, c: str, month: str
) -> None:
    through = money.convert(money.convert(amount, a, b, month), b, c, month)
    assert through == pytest.approx(money.convert(amount, a, c, month), rel=1e-12)


@given(CURRENCIES, MONTHS)
def test_rates_are_positive_and_say_their_source(currency: str, month: str) -> None:
    found = money.rate(currency, month)
    assert found.per_usd > 0
    assert found.source in money.SOURCES.values()
    assert found.month <= month
    assert (found.note is None) == (found.month == month or currency == "USD")


def test_no_month_is_missing_between_a_currency_s_first_and_last() -> None:
    for currency in money.currencies():
        months = sorted(money._months(currency))
        numbers = [int(m[:4]) * 12 + int(m[5:]) for m in months]
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), currency


def test_the_first_use_is_fast() -> None:
    import timeit

    def cold() -> None:
        money._lines.cache_clear()
        money._months.cache_clear()
        money.rate.cache_clear()
        money.rate("EUR", "2025-06")

    assert min(timeit.repeat(cold, number=1, repeat=5)) < 0.010


@pytest.mark.parametrize("table", ["fx_monthly", "ppp", "rpp", "cpi", "wage_index"])
def test_every_table_names_its_origin(table: str) -> None:
    origin = json.loads((refresh.TABLES / f"{table}.origin.json").read_text(encoding="utf-8"))
    assert origin
    for entry in origin:
        assert set(entry) == {
            *("publisher", "title", "vintage", "licence", "licence_note", "file", "sha256", "command")
        }
        assert all(entry.values())
        assert len(entry["sha256"]) == 64


@pytest.mark.data
def test_the_two_series_quote_the_same_way_round(data_root: Path) -> None:
    ecb = refresh.ecb_months(data_root / refresh.ECB)
    fed = refresh.fed_months(data_root / refresh.FED)
    apart = refresh.disagreement(ecb, fed)
    assert len(apart) == 20
    assert max(apart.values()) < 0.01
    assert sum(key in ecb for key in fed) >= 20 * 138
    # The two that only the second has: no quote the other way round would be near these.
    assert 27 < min(v for (c, _), v in fed.items() if c == "TWD") < 34
    assert 120 < min(v for (c, _), v in fed.items() if c == "LKR") < 135


def test_a_month_s_rate_is_the_mean_of_its_days_crosses(tmp_path: Path) -> None:
    text = "Date,USD,JPY,RUB,\n2026-02-03,1.25,150,N/A,\n2026-02-02,1.0,100,N/A,\n2014-12-31,1,1,1,\n2026-01-05,2,300,8,\n"
    with zipfile.ZipFile(tmp_path / "days.zip", "w") as archive:
        archive.writestr("eurofxref-hist.csv", text)
    assert refresh.ecb_months(tmp_path / "days.zip") == pytest.approx(
        {
            ("JPY", "2026-02"): 110.0,
            ("EUR", "2026-02"): 0.9,
            ("JPY", "2026-01"): 150.0,
            ("RUB", "2026-01"): 4.0,
            ("EUR", "2026-01"): 0.5,
        }
    )


def test_a_quote_the_other_way_round_is_seen() -> None:
    assert refresh.disagreement({("GBP", "2026-01"): 0.8}, {("GBP", "2026-01"): 1.25})["GBP"] > 0.5
    assert refresh.disagreement({("GBP", "2026-01"): 0.8}, {("INR", "2026-01"): 80.0}) == {}
