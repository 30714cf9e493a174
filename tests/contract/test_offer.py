"""What an offer file may hold, and how each thing that is wrong with it is named."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import InputError
from paylens.contract.offer import Offers, parse_offers

EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.toml"))
    if "offer" in tomllib.loads(path.read_text(encoding="utf-8"))
]
WHOLE: dict[str, Any] = tomllib.loads("""
[me]
role = "Machine Learning Engineer"
years_experience = 5
employer = "Google"
[me.current]
base = 90000
location = "Berlin"
[[offer]]
name = "Northwind"
location = "Zurich"
base = 165000
currency = "CHF"
bonus = 0.15
sign_on = 20000
[offer.equity]
kind = "rsu"
grant_value = 240000
vesting = [0.25, 0.25, 0.25, 0.25]
cliff_months = 12
refresh_per_year = 40000
[offer.benefits]
paid_days_off = 25
[[offer]]
name = "Harbour"
base = 150000
[offer.equity]
kind = "options"
shares = 1000
strike = 2
shares_outstanding = 1e7
scenarios = [{ exit_value = 1e8, odds = 0.3, years = 5 }]
""")


def changed(path: str, value: object) -> dict[str, Any]:
    """The whole file with one value changed; 'offer.0.equity.kind' names it."""
    out = copy.deepcopy(WHOLE)
    inner: Any = out
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        inner = inner.setdefault(part, {}) if isinstance(part, str) else inner[part]
    inner[last] = value
    return out


def test_a_whole_file() -> None:
    found = parse_offers(WHOLE)
    first, second = found.offers
    assert (first.name, first.currency, first.bonus_target) == ("Northwind", "CHF", 165_000 * 0.15)
    assert (first.equity.count, first.equity.price_today, first.equity.value_today) == (240_000, 1.0, 240_000)
    assert first.profile is not None
    assert first.profile.location == "Zurich"
    assert first.profile.employer is None  # the present employer makes no offer
    assert "equity.cliff_months" in first.given
    assert "raise" not in first.given
    assert (second.equity.price_today, second.equity.value_today) == (2.0, 0.0)
    assert found.everything[-1].name == "current job"
    assert found.me.current is not None
    assert found.me.current.profile is not None
    assert found.me.current.profile.location == "Berlin"
    assert (found.me.discount_rate, found.me.risk_aversion, found.me.filing) == (0.05, 2.0, "single")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_offer_files(path: Path) -> None:
    assert len(parse_offers(tomllib.loads(path.read_text(encoding="utf-8"))).offers) >= 2


def test_a_bonus_above_two_is_an_amount() -> None:
    assert parse_offers(changed("offer.0.bonus", 9000)).offers[0].bonus_target == 9000


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("offer.0.equity.vesting", [0.3, 0.3, 0.3], "offer 'Northwind' equity.vesting", "sums to 0.9, not 1"),
        ("offer.0.equity.vesting", [25, 25, 25, 25], "offer 'Northwind' equity.vesting", "25 % as 0.25"),
        ("offer.0.equity.vesting", 0.25, "offer 'Northwind' equity.vesting", "must be a list"),
        ("offer.0.equity.vesting", [], "offer 'Northwind' equity.vesting", "1 to 20 years"),
        ("offer.0.equity.vesting", [1.5, -0.5], "offer 'Northwind' equity.vesting", "0 or more|from 0"),
        ("offer.0.equity.cliff_months", 60, "offer 'Northwind' equity.cliff_months", "longer than the grant's 4 years"),
        ("offer.0.equity.vestings", [1], "offer 'Northwind' equity.vestings", "not a known field"),
        ("offer.0.equity.kind", "shares", "offer 'Northwind' equity.kind", "rsu, options, none"),
        ("offer.0.equity.strike", 3, "offer 'Northwind' equity.strike", "belongs to options"),
        ("offer.0.equity.shares", 10, "offer 'Northwind' equity.shares", "not both"),
        ("offer.0.equity.grant_value", -1, "offer 'Northwind' equity.grant_value", "0 or more, not -1"),
        ("offer.0.base", -5, "offer 'Northwind' base", "0 or more, not -5"),
        ("offer.0.base", 0, "offer 'Northwind' base", "more than 0"),
        ("offer.0.base", "165k", "offer 'Northwind' base", "must be a number, not '165k'"),
        ("offer.0.base", True, "offer 'Northwind' base", "must be a number"),
        ("offer.0.base", float("nan"), "offer 'Northwind' base", "finite"),
        ("offer.0.raise", 3, "offer 'Northwind' raise", "15 % is 0.15"),
        ("offer.0.currency", "francs", "offer 'Northwind' currency", "three letters"),
        ("offer.0.bonuss", 0.1, "offer 'Northwind' bonuss", "not a known field"),
        ("offer.0.role", "xyzzy plugh", "offer 'Northwind' role", "not a known role"),
        ("offer.0.seniority", "seniorissimus", "offer 'Northwind' seniority", "seniority"),
        ("offer.0.benefits.helth", 3, "offer 'Northwind' benefits.helth", "not a known field"),
        ("offer.0.benefits", 3, "offer 'Northwind' benefits", "must be a table"),
        ("offer.0.bonus", 15, "offer 'Northwind' bonus", "15 % is 0.15"),
        ("offer.0.sign_on", 0.1, "offer 'Northwind' sign_on", "0.1 of base is 16,500"),
        ("offer.0.bonus_guaranteed", 0.1, "offer 'Northwind' bonus_guaranteed", "is an amount"),
        ("offer.0.equity.price", 0, "offer 'Northwind' equity.price", "not 0"),
        ("offer.1.equity", {"kind": "options", "shares": 1, "strike": 0}, "offer 'Harbour' equity.fair_value", "today"),
        ("offer.1.name", "northwind", "offer 'northwind' name", "two offers have this name"),
        ("offer.1.name", " ", "offer 2 name", "needs a name"),
        ("offer.1.equity.strike", None, "offer 'Harbour' equity.strike", "options need strike"),
        ("offer.1.equity.shares_outstanding", None, "offer 'Harbour' equity.shares_outstanding", "all shares"),
        ("offer.1.equity.scenarios", [{"price": 3, "odds": 0.7}, {"price": 4, "odds": 0.4}],
         "offer 'Harbour' equity.scenarios", "sum to 1.1"),
        ("offer.1.equity.scenarios", [{"odds": 0.7}], "offer 'Harbour' equity.scenarios 1 price", "one of them"),
        ("offer.1.equity.scenarios", [{"price": 1}], "offer 'Harbour' equity.scenarios 1 odds", "needs its odds"),
        ("offer", [], "offer", "there is no offer"),
        ("offer", "x", "offer", "there is no offer"),
        ("offers", None, "", ""),
        ("ofer", 1, "ofer", "not a part"),
        ("me.discount_rate", 5, "me.discount_rate", "15 % is 0.15"),
        ("me.filing", "divorced", "me.filing", "single, married"),
        ("me.years_experience", 99, "me.years_experience", "from 0 to 60"),
        ("me.pay", "total", "me.pay", "leave it out"),
        ("me.rolle", "x", "me.rolle", "not a known field"),
        ("me.current.base", None, "me.current.base", "is needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(path: str, value: object, field: str, words: str) -> None:
    if not field:
        assert isinstance(parse_offers(changed(path, value)), Offers)
        return
    with pytest.raises(InputError, match=words) as caught:
        parse_offers(changed(path, value))
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [("offer.0.bonuss", "bonus"), ("offer.0.equity.vestings", "vesting"), ("offer.0.benefits.helth", "health"),
     ("offer.0.equty", "equity"), ("me.filling", "filing"), ("ofer", "offer")],
)  # fmt: skip
def test_an_unknown_field_names_the_nearest(path: str, nearest: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_offers(changed(path, 1))
    assert caught.value.candidates[0] == nearest


def test_too_many_offers_are_refused() -> None:
    with pytest.raises(InputError, match="at most 10"):
        parse_offers({"offer": [{"name": f"x{i}", "base": 1} for i in range(11)]})


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
paths = st.sampled_from([
    "offer", "me", "offer.0", "offer.0.name", "offer.0.base", "offer.0.bonus", "offer.0.equity", "offer.0.equity.vesting",
    "offer.0.equity.shares", "offer.0.benefits", "offer.0.location", "offer.1.equity.scenarios", "me.current", "me.skills",
])  # fmt: skip


@given(path=paths, value=anything)
def test_whatever_is_written_is_an_offer_file_or_one_named_error(path: str, value: object) -> None:
    try:
        found = parse_offers(changed(path, value))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(found, Offers)
