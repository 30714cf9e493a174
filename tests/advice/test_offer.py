"""What a comparison of offers promises, asked of the built-in release."""

from __future__ import annotations

import copy
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paylens
from paylens.advice.offer.market import percentile
from paylens.advice.take_home import taxes_for
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.offer import Offer
from paylens.places import money, prices

ENGINE = paylens.open()
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
AS_OF = "2026-11"


def example(name: str) -> dict[str, Any]:
    return tomllib.loads((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))


def compare(fields: dict[str, Any], **options: Any) -> dict[str, Any]:
    return ENGINE.compare_offers(
        fields, **{"as_of": AS_OF, "paths": 4000, "before_tax": "net_of" not in options, **options}
    )


def two(**second: Any) -> dict[str, Any]:
    """Two offers of the same employer that differ in `second` only."""
    base = {
        "base": 100_000,
        "location": "Berlin",
        "employer": "Kestrel",
        "equity": {"kind": "rsu", "grant_value": 120_000},
    }
    return {"me": {"role": "ML engineer"}, "offer": [{**base, "name": "a"}, {**base, "name": "b", **second}]}  # fmt: skip


@pytest.fixture(scope="module")
def start_up() -> dict[str, Any]:
    return compare(example("options-or-shares"), paths=20_000)


@pytest.fixture(scope="module")
def cities() -> dict[str, Any]:
    return compare(example("three-cities"), paths=20_000)


def by_name(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {o["name"]: o for o in answer["offers"]}


def test_the_documented_shape(cities: dict[str, Any]) -> None:
    assert json.loads(json.dumps(cities, allow_nan=False)) == cities
    assert {
        "currency", "as_of", "years", "paths", "seed", "discount_rate", "basis", "taxes", "offers", "comparisons", "changes", "assumptions",
        "notes", "release",
    } == cities.keys()  # fmt: skip
    assert {
        "name", "employer", "current", "location", "currency", "rate", "years", "present", "scenarios", "equity", "leaving",
        "per_hour", "purchasing_power", "market", "reading", "questions",
    } == cities["offers"][0].keys()  # fmt: skip
    page = (EXAMPLES.parent / "interface.md").read_text(encoding="utf-8")
    for name in (*cities, *cities["offers"][0], *cities["comparisons"][0], *cities["changes"]["rows"][0]):
        assert f"`{name}`" in page, name
    for name in (
        *cities["offers"][0]["equity"],
        *cities["offers"][0]["leaving"][0],
        *cities["offers"][0]["years"][0],
    ):
        assert f"`{name}`" in page, name


def test_the_parts_of_a_year_add_up(cities: dict[str, Any]) -> None:
    for o in cities["offers"]:
        for y in o["years"]:
            assert y["cash"] == pytest.approx(y["base"] + y["bonus"] + y["sign_on"] - y["costs"])
            assert y["paper"]["mean"] == pytest.approx(y["paper"]["grant"] + y["paper"]["price"], abs=1e-6)
            assert y["total"]["mean"] == pytest.approx(y["cash"] + y["sure"] + y["paper"]["mean"])
        p = o["present"]
        assert p["mean"] == pytest.approx(p["cash"] + p["sure"] + p["paper"])
        assert p["p10"] <= p["p25"] <= p["p50"] <= p["p75"] <= p["p90"]
        assert p["certain_equivalent"] <= p["mean"] + 1e-6


def test_start_up_options_against_a_large_companys_shares(start_up: dict[str, Any]) -> None:
    c = start_up["comparisons"][0]
    assert (c["a"], c["b"]) == ("Northwind", "Harbour AI")
    assert 0.95 < c["chance"] < 0.99
    assert c["difference"]["p50"] == pytest.approx(428_000, rel=0.02)
    harbour = by_name(start_up)["Harbour AI"]
    # Only what an exit leaves after the investors' 65 million and three rounds' dilution is above the strike.
    assert harbour["equity"]["nothing"] == pytest.approx(0.85, abs=1e-3)
    assert harbour["present"]["p50"] == pytest.approx(harbour["present"]["cash"] + harbour["present"]["sure"])
    assert harbour["equity"]["exercise_cost"] == 60_000 * 1.80
    assert 0.29 < harbour["equity"]["illiquidity_discount"] < harbour["equity"]["protective_put"]
    assert harbour["equity"]["volatility"] == 0.89


def test_berlin_zurich_san_francisco(cities: dict[str, Any]) -> None:
    found = by_name(cities)
    assert cities["currency"] == "EUR"
    usd, chf = found["Golden Gate"], found["Limmat"]
    assert usd["rate"] == money.convert(1.0, "USD", "EUR", AS_OF)
    assert chf["rate"] == money.convert(1.0, "CHF", "EUR", AS_OF)
    swiss, parity = prices.ppp("CH"), prices.rpp("us-41860")
    assert swiss is not None
    assert parity is not None
    assert chf["purchasing_power"]["per_unit"] == pytest.approx(1 / swiss.value)
    assert usd["purchasing_power"]["per_unit"] == pytest.approx(100 / parity.value)
    # By exchange rate Zurich's first year is 1.9 times Berlin's; at each country's prices it is less than 1.4 times.
    cash = {name: found[name]["years"][0]["cash"] for name in ("Limmat", "Spree Labs")}
    local = {name: found[name]["purchasing_power"]["first_year_cash"] for name in cash}
    assert cash["Limmat"] / cash["Spree Labs"] > 1.8
    assert local["Limmat"] / local["Spree Labs"] < 1.4
    pair = next(c for c in cities["comparisons"] if (c["a"], c["b"]) == ("Limmat", "Spree Labs"))
    assert pair["at_local_prices"]["chance"] < pair["chance"]
    assert any("exchange rates of the month are kept" in note for note in cities["notes"])
    assert any(row["what"] == "exchange rate" for row in cities["changes"]["rows"])
    assert found["current job"]["current"] is True


def test_back_loaded_against_even() -> None:
    fields = example("back-loaded")
    for offer in fields["offer"]:
        offer.pop("sign_on", None)
        offer.pop("sign_on_clawback_months", None)
    answer = compare(fields)
    late, even = answer["offers"]
    assert [y["paper"]["grant"] for y in late["years"]] == pytest.approx([20_000, 60_000, 160_000, 160_000])
    assert [y["paper"]["grant"] for y in even["years"]] == pytest.approx([100_000] * 4)
    assert sum(y["paper"]["grant"] for y in late["years"]) == pytest.approx(
        sum(y["paper"]["grant"] for y in even["years"])
    )
    c = answer["comparisons"][0]
    # The same shares later, at the same price: without growth it is worth less, and most of all on leaving early.
    assert (c["a"], c["by_year"][0]["chance"], c["by_year"][3]["chance"]) == ("Even", 1.0, 0.0)
    assert even["leaving"][2]["vested_value"] > 2.9 * late["leaving"][2]["vested_value"]
    stay = next(row for row in answer["changes"]["rows"] if row["what"].startswith("staying"))
    assert stay["low"]["chance"] == 1.0


def test_the_same_seed_gives_the_same_answer_and_another_nearly() -> None:
    fields = example("options-or-shares")
    first, again, other = compare(fields), compare(fields), compare(fields, seed=2)
    assert first == again
    assert other["comparisons"][0]["difference"] != first["comparisons"][0]["difference"]
    assert other["comparisons"][0]["chance"] == pytest.approx(first["comparisons"][0]["chance"], abs=0.02)


def test_the_order_of_offers_changes_nothing() -> None:
    fields = example("three-cities")
    turned = copy.deepcopy(fields)
    turned["offer"].reverse()
    one, two = compare(fields), compare(turned)
    assert one["comparisons"] == two["comparisons"]
    assert by_name(one) == by_name(two)


def test_years_and_currency_are_those_asked() -> None:
    answer = compare(example("three-cities"), years=2, currency="chf", paths=501)
    assert (answer["currency"], answer["paths"], answer["years"]) == ("CHF", 502, 2)
    assert all(len(o["years"]) == 2 for o in answer["offers"])
    euros = compare(example("three-cities"), years=2, paths=502)
    assert answer["comparisons"][0]["chance"] == euros["comparisons"][0]["chance"]
    rate = money.convert(1.0, "EUR", "CHF", AS_OF)
    assert answer["offers"][0]["present"]["p50"] == pytest.approx(euros["offers"][0]["present"]["p50"] * rate)


def test_equal_offers_are_a_tie() -> None:
    c = compare(two())["comparisons"][0]
    assert (c["chance"], c["difference"]["p50"]) == (0.5, 0.0)


def test_more_of_anything_is_worth_more_in_every_future() -> None:
    for better in ({"base": 100_001}, {"bonus": 0.01}, {"sign_on": 3}, {"benefits": {"health": 1}},
                   {"equity": {"kind": "rsu", "grant_value": 120_001}}):  # fmt: skip
        c = compare(two(**better))["comparisons"][0]
        assert (c["a"], c["chance"]) == ("b", 1.0), better


def test_take_home_pay_joins_in() -> None:
    asked: list[tuple[tuple[int, ...], str]] = []

    def flat(
        cash: np.ndarray[Any, Any], paper: np.ndarray[Any, Any], offer: Offer
    ) -> np.ndarray[Any, Any] | None:
        asked.append((cash.shape, offer.name))
        return (cash + paper) * (0.5 if offer.location == "San Francisco, CA" else 0.9)

    fields = example("three-cities")
    answer = compare(fields, net_of=flat)
    assert answer["basis"] == "net"
    assert {name for _, name in asked} == {"Spree Labs", "Limmat", "Golden Gate", "current job"}
    assert {shape for shape, _ in asked} <= {(4,), (1,)}
    limmat = by_name(answer)["Limmat"]
    y = limmat["years"][0]
    assert y["net"] == pytest.approx(0.9 * (y["base"] + y["bonus"] + y["sign_on"] + y["paper"]["mean"]))
    assert y["total"]["mean"] == pytest.approx(y["net"] + y["sure"] - y["costs"])
    assert answer["comparisons"][0]["a"] == "Limmat"
    tax = next(row for row in answer["changes"]["rows"] if row["what"] == "tax")
    assert (tax["low"]["given"], tax["turns"]) == ("before tax", True)


def test_each_place_is_taxed_by_its_own_law_in_its_own_currency() -> None:
    answer = compare(example("three-cities"), before_tax=False)
    assert (answer["basis"], answer["taxes"]["applied"]) == ("net", True)
    assert "not tax advice" in answer["taxes"]["disclaimer"]
    found = by_name(answer)
    for name, place in (("Spree Labs", "Berlin"), ("Limmat", "Zurich"), ("Golden Gate", "San Francisco")):
        o, y = found[name], found[name]["years"][0]
        cash = (y["cash"] + y["costs"]) / o["rate"]
        law = taxes_for(place, as_of=AS_OF)
        assert law is not None
        # No share vests in less than a year: the year's paper moves tax by what the mean of a bent line is off at most.
        alone = float(law.net_of(np.array([cash]), y["paper"]["mean"] / o["rate"])[0])
        assert y["net"] / o["rate"] == pytest.approx(alone, rel=0.01)
        assert y["total"]["mean"] == pytest.approx(y["net"] + y["sure"] - y["costs"])
        power = o["purchasing_power"]
        assert power["first_year_net"] == pytest.approx(y["net"] / o["rate"] * power["per_unit"])
    # Tax, and then prices, bring the three nearer to each other.
    net = {name: o["purchasing_power"]["first_year_net"] for name, o in found.items()}
    gross = {name: o["years"][0]["cash"] for name, o in found.items()}
    assert gross["Golden Gate"] / gross["Spree Labs"] > net["Golden Gate"] / net["Spree Labs"] > 1
    assert any(row["what"] == "tax" for row in answer["changes"]["rows"])
    married = copy.deepcopy(example("three-cities"))
    married["me"]["filing"] = "married"
    assert (
        by_name(compare(married, before_tax=False))["Spree Labs"]["years"][0]["net"]
        > found["Spree Labs"]["years"][0]["net"]
    )


def test_days_off_all_year_leave_no_hour_to_divide_by() -> None:
    fields = two(work={"hours": 40}, benefits={"paid_days_off": 260})
    assert by_name(compare(fields))["b"]["per_hour"] is None


def test_pay_in_another_currency_than_the_laws_is_taxed_alike() -> None:
    fields = two()
    per_usd = money.convert(1.0, "USD", "EUR", AS_OF)
    fields["offer"][1] |= {"currency": "USD", "base": 100_000 / per_usd}
    fields["offer"][1]["equity"] = {"kind": "rsu", "grant_value": 120_000 / per_usd}
    a, b = compare(fields, before_tax=False)["offers"]
    assert a["years"][0]["net"] == pytest.approx(b["years"][0]["net"])


def test_a_place_without_law_is_compared_before_tax_and_the_reason_said() -> None:
    fields = two(location="Madrid")
    answer = compare(fields, before_tax=False)
    assert (answer["basis"], answer["taxes"]["applied"]) == ("gross", False)
    a, b = answer["taxes"]["offers"]
    assert (a["available"], a["reason"], a["tax_year"]) == (True, None, "2026")
    assert (b["available"], b["tax_year"]) == (False, None)
    assert "taxes of this place are not known" in b["reason"]
    assert any(note.startswith("before tax") for note in answer["notes"])
    nowhere = two()
    for o in nowhere["offer"]:
        del o["location"]
        o["currency"] = "EUR"
    assert "No place" in compare(nowhere, before_tax=False)["taxes"]["offers"][0]["reason"]


def test_without_take_home_pay_for_every_place_all_is_before_tax() -> None:
    def known(
        cash: np.ndarray[Any, Any], paper: np.ndarray[Any, Any], offer: Offer
    ) -> np.ndarray[Any, Any] | None:
        return (cash + paper) * 0.5 if offer.name == "Limmat" else None

    answer = compare(example("three-cities"), net_of=known)
    plain = compare(example("three-cities"), before_tax=True)
    assert answer["basis"] == "gross"
    assert answer["comparisons"] == plain["comparisons"]
    assert any(note.startswith("before tax") for note in answer["notes"])


def test_each_measure_is_held_against_its_own(cities: dict[str, Any]) -> None:
    o = by_name(cities)["Golden Gate"]["market"]
    amounts = [o[measure]["amount"] for measure in ("base", "cash", "total")]
    assert amounts == pytest.approx([205_000, 205_000 * 1.1, 205_000 * 1.1 + 60_000])
    for measure in ("base", "cash", "total"):
        estimate = ENGINE.estimate(
            role="Machine Learning Engineer", years_experience=5, education="master", skills=["PyTorch", "AWS"],
            location="San Francisco, CA", as_of=AS_OF, pay=measure,
        )  # fmt: skip
        assert o[measure]["p50"] == pytest.approx(estimate.percentiles["p50"])
        at = o[measure]["percentile"]
        quantiles = estimate.quantiles
        assert (
            quantiles[f"{np.floor(at * 20) / 20:.2f}"]
            <= o[measure]["amount"]
            <= quantiles[f"{np.ceil(at * 20) / 20:.2f}"]
        )
        assert o[measure]["low"] < at < o[measure]["high"]


def test_percentiles_end_where_the_known_levels_do() -> None:
    levels, pay = np.array([0.05, 0.5, 0.95]), np.array([10.0, 20.0, 40.0])
    assert [percentile(x, levels, pay) for x in (1, 10, 20, 40, 99)] == [0.05, 0.05, 0.5, 0.95, 0.95]


def test_what_the_letter_leaves_open_is_asked_and_what_it_says_is_not() -> None:
    answer = compare(two(bonus=0.1))
    asked = {q["field"]: q["question"] for q in answer["offers"][1]["questions"]}
    assert asked["equity.grant_value"] == "Is 120,000 the whole grant or each year?"
    assert {
        "bonus_guaranteed",
        "equity.cliff_months",
        "equity.refresh_per_year",
        "equity.vesting",
    } <= asked.keys()
    full = compare(two(bonus=0.1, bonus_guaranteed=0, equity={
        "kind": "options", "shares": 10, "strike": 1, "vesting": [1.0], "cliff_months": 0, "refresh_per_year": 0,
        "fair_value": 1, "exercise_window_months": 3, "expiry_years": 10}))  # fmt: skip
    fields = {q["field"] for q in full["offers"][1]["questions"]}
    assert not fields & {
        "bonus_guaranteed",
        "equity.cliff_months",
        "equity.vesting",
        "equity.exercise_window_months",
    }


def test_a_grant_that_looks_yearly_shows_what_that_would_change() -> None:
    def rows(value: float) -> list[str]:
        fields = two(equity={"kind": "rsu", "grant_value": value}, base=150_000)
        found = compare(fields)
        return [row["of"] for row in found["changes"]["rows"] if row["what"].startswith("grant value")]

    assert "b" in rows(90_000)
    assert "b" not in rows(400_000)
    read = compare(two())["offers"][0]["reading"]
    grant = next(r for r in read if r["field"] == "equity.grant_value")
    assert (grant["per"], grant["given"]) == ("whole grant", True)
    assert "not an amount a year" in grant["words"]


def test_one_offer_alone_is_valued_and_an_offer_without_a_role_has_no_market() -> None:
    answer = compare({"offer": [{"name": "a", "base": 1000, "currency": "EUR"}]})
    assert answer["comparisons"] == []
    assert answer["changes"] is None
    assert answer["offers"][0]["market"] is None
    assert answer["offers"][0]["purchasing_power"] is None


@pytest.mark.parametrize(
    ("change", "options", "field"),
    [
        ({"currency": "XXQ"}, {}, "offer 'b' currency"), ({"location": "Atlantiss"}, {}, "offer 'b' location"),
        ({}, {"currency": "XXQ"}, "currency"), ({}, {"as_of": "1999-01"}, "as_of"), ({}, {"years": 0}, "years"),
        ({}, {"years": 11}, "years"), ({}, {"paths": 3}, "paths"), ({}, {"paths": 1.5}, "paths"), ({}, {"seed": -1}, "seed"),
        ({}, {"years": 10, "paths": 200_001}, "paths"),
    ],
)  # fmt: skip
def test_bad_input_is_named(change: dict[str, Any], options: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        compare(two(**change), **options)
    assert caught.value.field == field


def test_memory_is_bounded() -> None:
    fields = two()
    fields["offer"] = [{**fields["offer"][0], "name": str(i)} for i in range(10)]
    with pytest.raises(InputError, match="at most 41,666"):
        compare(fields, years=10, paths=200_000)


def test_no_place_and_no_currency_is_asked_for() -> None:
    with pytest.raises(InputError, match="give a currency") as caught:
        compare({"offer": [{"name": "a", "base": 1}]})
    assert caught.value.field == "offer 'a' currency"


def test_files(tmp_path: Path) -> None:
    fields = two()
    (tmp_path / "a.json").write_text(json.dumps(fields))
    (tmp_path / "bad.toml").write_text("offer = [")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "large.toml").write_text("#" * (1 << 20) + "\n")
    assert paylens.compare_offers(tmp_path / "a.json", as_of=AS_OF, paths=4000, before_tax=True) == compare(
        fields
    )
    for name, words in (
        ("bad.toml", "TOML"),
        ("list.json", "must hold"),
        ("large.toml", "larger"),
        ("none.toml", "no such file"),
    ):
        with pytest.raises(PaylensError, match=words):
            ENGINE.compare_offers(tmp_path / name)


@pytest.mark.statistical
def test_two_offers_with_twenty_thousand_futures_take_half_a_second_at_most() -> None:
    fields = example("options-or-shares")
    compare(fields, paths=20_000, before_tax=False)
    took = []
    for _ in range(5):
        # The processor's seconds: what else the machine does is not ours.
        start = time.process_time()
        compare(fields, paths=20_000, before_tax=False)
        took.append(time.process_time() - start)
    assert min(took) <= 0.5


amounts = st.floats(0, 1e6)
shares = st.floats(0, 0.9)
plain = {
    "vesting": st.sampled_from([[1.0], [0.5, 0.5], [0.05, 0.15, 0.4, 0.4], [0.2] * 5]),
    "vesting_every": st.sampled_from(["month", "quarter", "year"]), "cliff_months": st.floats(0, 12),
    "company": st.sampled_from(["listed", "late", "early"]), "growth": st.floats(-0.9, 3), "volatility": st.floats(0, 3),
    "dilution": shares, "refresh_per_year": amounts, "illiquidity_discount": st.floats(0, 1),
}  # fmt: skip
ways = st.lists(
    st.fixed_dictionaries({"price": st.floats(0, 1e4), "odds": st.floats(0, 0.3), "years": st.floats(0, 12)}),
    max_size=3,
)
grants = st.one_of(
    st.just({"kind": "none"}),
    st.fixed_dictionaries({"kind": st.just("rsu"), "grant_value": amounts}, optional=plain),
    st.fixed_dictionaries(
        {"kind": st.just("options"), "shares": amounts, "strike": st.floats(0.01, 1e3)},
        optional={
            **plain,
            "fair_value": st.floats(0.01, 1e3),
            "expiry_years": st.floats(0.25, 30),
            "scenarios": ways,
        },
    ),
)
parts = {
    "bonus": st.floats(0, 2), "bonus_payout": st.floats(0, 5), "raise": st.floats(-0.5, 1), "sign_on": st.floats(3, 1e6),
    "sign_on_clawback_months": st.floats(0, 60), "equity": grants, "costs": st.just({"relocation": 1e5, "commute": 5e4}),
    "espp": st.fixed_dictionaries({"discount": shares, "contribution": shares}),
    "benefits": st.fixed_dictionaries({"retirement_match": shares, "retirement_cap": shares,
                                       "retirement_vesting_years": st.floats(0, 8), "paid_days_off": st.floats(0, 260)}),
    "work": st.fixed_dictionaries({"hours": st.floats(1, 120), "commute_minutes": st.floats(0, 200)}),
}  # fmt: skip
offers = st.fixed_dictionaries(
    {
        "base": st.floats(1, 1e7),
        "location": st.sampled_from(["Berlin", "Zurich", "Seattle", "Taipei", "Lagos", "Singapore"]),
    },
    optional=parts,
)


@settings(max_examples=40)
@given(first=offers, second=offers, years=st.integers(1, 10), rate=st.floats(0, 1))
def test_whatever_is_offered_is_answered_in_finite_numbers_that_mirror(
    first: dict[str, Any], second: dict[str, Any], years: int, rate: float
) -> None:
    me = {"role": "ML engineer", "discount_rate": rate}
    answer = compare(
        {"me": me, "offer": [{**first, "name": "a"}, {**second, "name": "b"}]}, years=years, paths=100
    )
    json.dumps(answer, allow_nan=False)
    c = answer["comparisons"][0]
    assert 0.5 <= c["chance"] <= 1
    assert c["difference"]["p10"] <= c["difference"]["p50"] <= c["difference"]["p90"]
    for o in answer["offers"]:
        paper = sum(y["paper"]["grant"] for y in o["years"])
        refreshed = first.get("equity", {}).get("refresh_per_year") or second.get("equity", {}).get(
            "refresh_per_year"
        )
        if o["equity"] and not refreshed:
            assert paper <= o["equity"]["value_today"] * (1 + 1e-9) + 1e-6
