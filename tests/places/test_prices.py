"""Price levels and inflation: the year used, known figures, and what is not published."""

import csv
import itertools
import math

import pytest

from paylens.places import prices

# Published figures, to three digits.
PPP = {("IN", 2024): 20.4, ("US", 2024): 1.0, ("DE", 2024): 0.713, ("JP", 2024): 94.0, ("CH", 2024): 0.99}
RPP = {"us-41860": 115.0, "us-35620": 112.0, "us-42660": 113.0, "us-10180": 91.0}
CPI = {("US", 2022): 8.0, ("GB", 2022): 7.92, ("TR", 2022): 72.31, ("CH", 2020): -0.726, ("IN", 2024): 4.95}


@pytest.mark.parametrize(("country", "year"), PPP)
def test_ppp_is_local_currency_for_an_international_dollar(country: str, year: int) -> None:
    found = prices.ppp(country)
    assert found is not None
    assert found.year == year
    assert found.value == pytest.approx(PPP[country, year], rel=0.06)


@pytest.mark.parametrize("metro", RPP)
def test_rpp_is_all_items_with_the_us_at_100(metro: str) -> None:
    found = prices.rpp(metro)
    assert found is not None
    assert (found.year, found.unit) == (2024, "US = 100")
    assert found.value == pytest.approx(RPP[metro], rel=0.04)


@pytest.mark.parametrize(("country", "year"), CPI)
def test_inflation_is_a_change_in_percent_not_an_index(country: str, year: int) -> None:
    found = prices.inflation(country, year)
    assert found is not None
    assert found.year == year
    assert found.value == pytest.approx(CPI[country, year], abs=0.01)


def test_the_latest_year_up_to_the_one_asked() -> None:
    early, late = prices.rpp("us-41860", 2019), prices.rpp("us-41860", 2090)
    assert early is not None
    assert late is not None
    assert (early.year, late.year) == (2019, 2024)
    assert prices.rpp("us-41860", 1999) is None


@pytest.mark.parametrize("place", ["", "XX", "us-00000", "us-00999", "de-berlin", "1A", "EU"])
def test_what_is_not_published_is_none(place: str) -> None:
    assert prices.ppp(place) is None
    assert prices.rpp(place) is None
    assert prices.inflation(place) is None
    assert prices.price_index(place) == {}


def test_the_price_index_rebuilds_the_changes() -> None:
    for country in ("US", "TR", "JP", "EG"):
        index = prices.price_index(country)
        years = sorted(index)
        assert index[years[-1]] == 100
        for before, after in itertools.pairwise(years):
            change = prices.inflation(country, after)
            assert change is not None
            assert math.isclose(100 * (index[after] / index[before] - 1), change.value, abs_tol=1e-9)


def test_nearly_every_us_metro_has_a_level() -> None:
    # BEA has no Puerto Rico, and not every metro that OEWS lists apart.
    with (prices.TABLES / "metros.csv").open(encoding="utf-8") as lines:
        metros = [row["id"] for row in csv.DictReader(lines) if row["id"].startswith("us-")]
    assert len(metros) > 380
    assert sum(prices.rpp(m) is None for m in metros) <= 8
