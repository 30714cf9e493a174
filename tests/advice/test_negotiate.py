"""What advice for a negotiation promises: the order of its figures, that they equal what they say, and checked texts."""

from __future__ import annotations

import copy
import json
import math
import re
import time
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paylens
from paylens.advice.negotiate import text as negotiate_text
from paylens.advice.negotiate.certain import certain_equivalent, sure_worth
from paylens.advice.negotiate.evidence import evidence, strengths
from paylens.advice.negotiate.packages import solve
from paylens.advice.negotiate.text import check, unverified
from paylens.contract.errors import InputError

ENGINE = paylens.open()
DOCS = Path(__file__).parents[2] / "docs"
AS_OF = "2026-11"


def file_of(base: float = 76_000, other: float | None = 80_000, **more: Any) -> dict[str, Any]:
    offers = [{"name": "Northwind", "base": base, "bonus": 0.1, "benefits": {"paid_days_off": 28}, **more}]
    if other is not None:
        offers.append({"name": "Acme", "base": other})
    me = {
        "role": "ML engineer",
        "location": "Berlin",
        "years_experience": 6,
        "seniority": "mid",
        "skills": ["aws"],
        "education": "phd",
    }
    return {"me": me, "offer": offers}


def ask(fields: dict[str, Any], name: str = "Northwind", **options: Any) -> dict[str, Any]:
    return ENGINE.negotiate(fields, name, **{"as_of": AS_OF, "paths": 400, **options})


def sure(fields: dict[str, Any], name: str = "Northwind") -> float:
    found = ENGINE.compare_offers(fields, as_of=AS_OF, paths=400)
    return next(o["present"]["certain_equivalent"] for o in found["offers"] if o["name"] == name)


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    return ask(file_of(equity={"kind": "rsu", "grant_value": 40_000}))


def test_the_documented_shape(answer: dict[str, Any]) -> None:
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    page = (
        (DOCS / "interface.md")
        .read_text(encoding="utf-8")
        .split("## A negotiation")[1]
        .split("## The score card")[0]
    )
    for part in (answer, answer["offer"], answer["walk_away"], answer["target"], answer["band"], answer["alternatives"][0],
                 answer["packages"][0], answer["strengths"][0], answer["texts"], answer["whole"][0], answer["worth"]):  # fmt: skip
        for name in part.keys() - {"factor", "percentile"}:
            assert f"`{name}`" in page, name


@given(
    base=st.floats(20_000, 400_000), other=st.one_of(st.none(), st.floats(20_000, 400_000)), grant=st.sampled_from([0, 30_000, 900_000]),
    bonus=st.sampled_from([0, 0.2, 25_000]), aversion=st.sampled_from([0.0, 1.0, 2.0, 8.0]), current=st.booleans(),
)  # fmt: skip
@settings(max_examples=25)
def test_walk_away_target_and_ask_are_in_order(
    base: float, other: float | None, grant: float, bonus: float, aversion: float, current: bool
) -> None:
    equity = {"kind": "rsu", "grant_value": grant} if grant else {"kind": "none"}
    fields = file_of(base, other, equity=equity, bonus=bonus)
    fields["me"] |= {"risk_aversion": aversion} | ({"current": {"base": 60_000}} if current else {})
    a = ask(fields)
    walk, target, asked = (a[k]["base"] for k in ("walk_away", "target", "ask"))
    assert 0 < walk <= target <= asked
    assert a["walk_away"]["floor"] <= walk
    assert target >= base * (1 - 1e-12)
    assert a["band"]["low"] <= a["band"]["high"]
    if a["verdict"] == "ask":
        assert base < asked <= 1.25 * max(base, walk) * (1 + 1e-12)
    if a["verdict"] == "content":
        assert asked == pytest.approx(base)
        assert a["packages"] == []
    if a["verdict"] == "alternative":
        assert a["walk_away"]["because"] == "alternative"
        assert walk == target == asked
    assert check(a) == []


@given(low=st.floats(30_000, 250_000), more=st.floats(0, 100_000), current=st.booleans())
@settings(max_examples=12)
def test_a_better_alternative_never_lowers_the_walk_away(low: float, more: float, current: bool) -> None:
    def walk(base: float) -> float:
        fields = file_of(other=None if current else base)
        if current:
            fields["me"]["current"] = {"base": base}
        return float(ask(fields)["walk_away"]["base"])

    assert walk(low + more) >= walk(low) * (1 - 1e-6)


def test_at_the_walk_away_the_offer_is_as_good_as_the_alternative() -> None:
    fields = file_of(other=80_000, equity={"kind": "rsu", "grant_value": 40_000})
    a = ask(fields)
    found = a["walk_away"]["alternative"]
    assert found["name"] == "Acme"
    moved = copy.deepcopy(fields)
    moved["offer"][0]["base"] = found["base"]
    assert sure(moved) == pytest.approx(sure(fields, "Acme"), rel=1e-4)
    # Without anything random and before tax it is arithmetic: a bonus of a tenth comes at the year's end.
    plain = ask(file_of(other=80_000), before_tax=True)
    middle, end = (sum(1.03**k / 1.05 ** (k + at) for k in range(4)) for at in (0.5, 1.0))
    assert plain["walk_away"]["alternative"]["base"] == pytest.approx(
        80_000 * middle / (middle + 0.1 * end), rel=1e-5
    )


def test_every_package_has_the_targets_worth(answer: dict[str, Any]) -> None:
    assert [p["kind"] for p in answer["packages"]] == ["mixed", "equity", "level"]
    for p in answer["packages"]:
        fields = file_of(p["base"], sign_on=p["sign_on"], equity={"kind": "rsu", "grant_value": p["grant"]})
        assert sure(fields) == pytest.approx(answer["worth"]["at_target"], rel=1e-4)
        assert p["certain_equivalent"] == pytest.approx(answer["worth"]["at_target"], rel=1e-4)
    level = answer["packages"][2]
    assert level["level"] == "senior"
    assert level["base"] == answer["target"]["base"] <= level["band"]["high"]
    kinds = {p["kind"] for p in ask(file_of(84_000))["packages"]}
    assert "sign_on" in kinds
    assert "equity" not in kinds


def test_options_are_asked_for_by_their_number() -> None:
    me = {"role": "ML engineer", "location": "Berlin", "seniority": "mid"}
    options = {"kind": "options", "shares": 10_000, "strike": 5.0, "company": "late"}
    offer = {"name": "Northwind", "base": 60_000, "bonus": 0.1, "equity": options}
    # The base at which there is a little left to ask, whatever the release.
    offer["base"] = ask({"me": me, "offer": [offer]})["band"]["high"] * 0.97
    (more,) = [p for p in ask({"me": me, "offer": [offer]})["packages"] if p["kind"] == "equity"]
    assert more["grant"] is None
    assert 10_000 < more["options"] <= 50_000


def test_an_offer_above_the_evidence_is_one_to_be_content_with() -> None:
    a = ask(file_of(220_000, 90_000))
    assert a["verdict"] == "content"
    assert a["band"]["offer_in_it"] == "above"
    assert a["texts"]["first_line"].startswith("Be content at EUR 220,000")
    assert "ask" not in a["texts"]["email"].casefold().split()


def test_an_alternative_beyond_the_evidence_is_said() -> None:
    a = ask(file_of(70_000, 200_000))
    assert a["verdict"] == "alternative"
    assert "Acme is worth more to you" in a["texts"]["first_line"]
    assert any("take Acme" in line for line in a["texts"]["call"])
    assert "supports" not in a["texts"]["email"]


def test_without_an_alternative_the_walk_away_is_the_floor() -> None:
    a = ask(file_of(other=None))
    assert a["walk_away"]["alternative"] is None
    assert (a["walk_away"]["because"], a["walk_away"]["base"]) == ("floor", a["walk_away"]["floor"])
    assert any("no alternative is given" in note for note in a["notes"])
    # Judged on cash, since it has a bonus and no shares: base times 1.1 is the quarter of the cash distribution.
    assert a["offer"]["measure"] == "cash"
    assert a["walk_away"]["floor"] * 1.1 == pytest.approx(a["position"]["cash"]["p25"], rel=0.01)


def test_the_band_is_the_jobs_and_the_position_the_persons() -> None:
    strong, plain = file_of(), file_of()
    strong["me"] |= {"skills": ["aws", "kubernetes"], "education": "phd", "years_experience": 12}
    plain["me"] |= {"skills": [], "education": None, "years_experience": 2}
    a, b = ask(strong), ask(plain)
    assert (a["band"]["low"], a["band"]["high"]) == (b["band"]["low"], b["band"]["high"])
    assert a["position"]["cash"]["percentile"] < b["position"]["cash"]["percentile"]
    assert a["ask"]["base"] >= b["ask"]["base"]
    compared = ENGINE.compare_offers(strong, as_of=AS_OF, paths=400)["offers"][0]["market"]
    assert {m: a["position"][m] for m in ("base", "cash", "total")} == {
        m: compared[m] for m in ("base", "cash", "total")
    }


def test_at_the_top_of_the_ladder_there_is_no_level_to_ask_for() -> None:
    for level in ("principal", "manager"):
        fields = file_of(60_000)
        fields["me"]["seniority"] = level
        assert all(p["kind"] != "level" for p in ask(fields)["packages"])


def test_with_nothing_open_the_letter_is_all_that_is_asked_for() -> None:
    a = ask(file_of(220_000, None)) | {"questions": []}
    email = negotiate_text.texts(a)["texts"]["email"]
    assert "still open" not in email
    assert email.endswith("I will sign it.")


def test_the_present_job_is_an_alternative_and_is_not_named_as_an_offer() -> None:
    fields = file_of(other=None)
    fields["me"]["current"] = {"base": 79_000}
    a = ask(fields)
    assert a["alternatives"][0]["current"] is True
    assert "another offer" not in json.dumps(a["texts"])
    assert "your present job" in " ".join(a["texts"]["leave"])
    assert "79" not in a["texts"]["email"]


def test_an_alternative_elsewhere_counts_by_what_it_buys_there() -> None:
    fields = file_of()
    fields["offer"][1] |= {"location": "Zurich", "base": 140_000}
    row = ask(fields)["alternatives"][0]
    assert row["certain_equivalent"] < row["by_exchange_rate"]["certain_equivalent"]
    assert row["base"] < row["by_exchange_rate"]["base"]
    fields["offer"][1] |= {"location": "Munich", "base": 90_000}
    assert ask(fields)["alternatives"][0]["by_exchange_rate"] is None


def test_the_offer_is_the_one_named_or_the_one_worth_most() -> None:
    fields = file_of()
    assert ENGINE.negotiate(fields, as_of=AS_OF, paths=400)["offer"]["name"] == "Northwind"
    assert ask(fields, "acme")["offer"]["name"] == "Acme"
    with pytest.raises(InputError, match="no offer is called 'Nortwind'") as caught:
        ask(fields, "Nortwind")
    assert caught.value.candidates[0] == "Northwind"
    del fields["me"]["role"]
    with pytest.raises(InputError, match="a role is needed"):
        ask(fields)


@pytest.mark.parametrize("aversion", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_the_certain_equivalent_in_closed_form(aversion: float) -> None:
    m, s = 12.0, 0.4
    levels = (np.arange(20_000) + 0.5) / 20_000
    worth = np.exp(m + s * np.array([NormalDist().inv_cdf(v) for v in levels]))
    assert certain_equivalent(worth, aversion) == pytest.approx(
        math.exp(m + (1 - aversion) * s**2 / 2), rel=2e-3
    )


def test_the_certain_equivalent_of_two_amounts() -> None:
    two = np.array([50_000.0, 150_000.0])
    assert certain_equivalent(two, 2.0) == pytest.approx(75_000)  # the harmonic mean
    assert certain_equivalent(two, 1.0) == pytest.approx(math.sqrt(50_000 * 150_000))
    assert certain_equivalent(two, 0.0) == pytest.approx(100_000)
    assert certain_equivalent(np.array([-1.0, 5.0]), 2.0) is None
    assert sure_worth(np.linspace(-10, 10, 101), 2.0) == pytest.approx(-8)


@given(st.floats(0.1, 5), st.floats(-3, 3), st.floats(0.05, 0.95))
def test_what_is_solved_for_is_reached(power: float, shift: float, where: float) -> None:
    def rising(x: float) -> float:
        return x**power + shift

    wanted = rising(1) + where * (rising(9) - rising(1))
    x = solve(rising, wanted, 1.0, 9.0)
    assert x is not None
    assert rising(x) == pytest.approx(wanted, rel=1e-4, abs=1e-4)
    assert solve(rising, rising(9) + 1, 1.0, 9.0) is None


# Texts


def test_no_template_holds_a_number() -> None:
    found = sorted(negotiate_text.FOLDER.glob("*.txt"))
    assert len(found) == 9
    for path in found:
        assert not re.search(r"\d", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    "path", [("ask", "base"), ("walk_away", "base"), ("position", "total", "p50"), ("packages", 0, "sign_on")]
)
def test_a_changed_figure_is_found(answer: dict[str, Any], path: tuple[Any, ...]) -> None:
    assert check(answer) == []
    changed = copy.deepcopy(answer)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] *= 1.02
    assert check(changed)


@pytest.mark.parametrize("words", ["I could do EUR 91,234.", "That is 12 % more.", "In 3 weeks."])
def test_a_number_that_is_no_figure_is_found(answer: dict[str, Any], words: str) -> None:
    for change in ("email", "call"):
        changed = copy.deepcopy(answer)
        changed["texts"][change] += f" {words}" if change == "email" else [words]
        assert len(check(changed)) == 1


def test_names_may_hold_digits_but_lend_them_to_nothing_else() -> None:
    fields = file_of(employer="Studio 54")
    fields["offer"][1]["name"] = "3M"
    a = ask(fields)
    assert "Studio 54" in a["texts"]["email"]
    assert check(a) == []
    fields["offer"][0]["employer"] = "3"
    assert check(ask(fields)) == []
    assert unverified("at Studio 54 for 54", ["EUR 1,000"], ["Studio 54"]) == ["54"]
    assert unverified("EUR 1,000 and 104.000 €", ["EUR 1,000", "104.000 €"], []) == []


def test_another_way_to_write_money_is_checked_alike(answer: dict[str, Any]) -> None:
    def german(amount: float, currency: str, whole: bool) -> str:
        return f"{round(amount, 0 if whole else -2):,.0f} {currency}".replace(",", ".")

    made = negotiate_text.texts(answer, german)
    assert check({**answer, **made}, german) == []
    assert re.search(r"\d\.\d00 EUR", made["texts"]["first_line"])


# Evidence and strengths


def row(**more: Any) -> dict[str, Any]:
    return {"source": "a", "cohort": "ML engineer · Germany · 5 years and more", "n": 50, "p25": 1.0, "p50": 2.0, "p75": 3.0,
            "vintage": "2025", "measured": True, "pay": "yearly pay as asked", **more}  # fmt: skip


@pytest.mark.parametrize(
    "worse",
    [{"n": 40}, {"vintage": "2020-2024"}, {"cohort": "Data · Germany · 5 years and more"}, {"cohort": "ML engineer · Germany"},
     {"cohort": "ML engineer · Europe · 5 years and more"}, {"measured": False, "n": 5000}],
)  # fmt: skip
def test_evidence_is_ranked_by_size_nearness_and_age(worse: dict[str, Any]) -> None:
    estimate = {"role": {"label": "ML engineer"}, "place": {"label": "Berlin, Germany"}, "as_of": AS_OF}
    ranked = evidence(
        {**estimate, "evidence": [row(source="b", **worse), row()]}, {"a": "Survey A"}, {"cash": 1.0}
    )
    assert [r["source"] for r in ranked] == ["a", "b"]
    assert ranked[0]["title"] == "Survey A"
    assert ranked[0]["weight"] == pytest.approx(50 / 80 * 0.8)


def test_only_what_speaks_for_more_is_cited() -> None:
    a = ask(file_of(94_000, 60_000))
    offered = a["position"]
    for r in a["evidence"]:
        measure = {"base": "base", "advertised midpoint": "base", "total": "total"}.get(r["pay"], "cash")
        assert r["supports"] == (r["p50"] > offered[measure]["amount"])
        if r["measured"] and not r["supports"]:
            assert f"{r['title']}," not in a["texts"]["email"]


def test_a_very_low_offer_is_asked_up_to_the_market() -> None:
    a = ask(file_of(30_000, None))
    walk, target, asked = (a[k]["base"] for k in ("walk_away", "target", "ask"))
    assert (a["verdict"], a["band"]["offer_in_it"]) == ("ask", "below")
    assert 30_000 < walk < target < asked


def test_strengths_are_worth_their_multiplier_with_its_interval() -> None:
    factors = [
        {"factor": "skill", "given": "Rust", "multiplier": 1.25, "low": 1.1, "high": 1.4}, {"factor": "location", "given": "Berlin", "multiplier": 2.0, "low": 1.9, "high": 2.1},
        {"factor": "experience", "given": "6 years", "multiplier": 1.02, "low": 0.9, "high": 1.1}, {"factor": "education", "given": "master's", "multiplier": 0.9, "low": 0.8, "high": 1.0},
    ]  # fmt: skip
    first, second = strengths({"percentiles": {"p50": 100_000}, "factors": factors})
    assert (first["what"], first["clear"]) == ("Rust", True)
    assert first["amount"] == pytest.approx(
        {"value": 20_000, "low": 100_000 * (1 - 1 / 1.1), "high": 100_000 * (1 - 1 / 1.4)}
    )
    assert (second["what"], second["clear"]) == ("6 years of experience", False)


def test_a_negotiation_is_quick() -> None:
    fields = file_of(equity={"kind": "rsu", "grant_value": 40_000})
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        ask(fields, paths=20_000)
        best = min(best, time.perf_counter() - start)
    assert best < 2.0
