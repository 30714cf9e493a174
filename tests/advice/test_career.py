"""What raises pay: gains and their order, degrees by hand, the years ahead, plans, and what goes wrong."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import re
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.advice.career import efforts
from paylens.advice.career.answer import career
from paylens.advice.career.asked import KINDS
from paylens.advice.career.degree import payback, present_value
from paylens.advice.career.shrink import prior
from paylens.advice.premiums import FILE, Premium, Premiums
from paylens.advice.take_home import take_home
from paylens.contract.errors import InputError, PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.places import wages
from paylens.release.files import digest, json_to, table_to

ENGINE: Engine = open_engine()
MONTH = "2026-11"
ASK: dict[str, Any] = {
    "role": "data scientist", "years_experience": 3, "education": "bachelor", "location": "Berlin", "skills": ["python"],
    "as_of": MONTH, "paths": 400,
}  # fmt: skip
DOCS = Path(__file__).parents[2] / "docs"


def premium(move: str, effect: float, se: float, *, source: str = "pooled", **changes: Any) -> Premium:
    """An invented row for everywhere and every level."""
    head, _, rest = move.partition(":")
    start, _, to = rest.partition(">")
    fields: dict[str, Any] = {
        "move": move, "kind": head, "from_": start if to else None, "to": to or rest or None, "estimand": "total", "source": source,
        "vintage": "2024", "region": "all", "seniority": "all", "effect": effect, "se": se, "low": effect - 1.6449 * se,
        "high": effect + 1.6449 * se, "n": 1000, "n_with": 400, "raw": 2 * effect, "raw_se": se, "adjusted_for": ("country", "years"),
        "trimmed": 0.0, "placebo": 0.0, "placebo_se": se, "placebo_passed": True, "robustness": 0.1, "q": 0.01,
        "clear": abs(effect) > 1.6449 * se, "heterogeneity": None, "note": "",
    }  # fmt: skip
    return Premium(**fields | changes)


def ask(told: list[Premium] | None = None, /, **fields: Any) -> dict[str, Any]:
    rows = Premiums(told) if told is not None else None
    return career(ENGINE.reference, rows, ENGINE.tables, {**ASK, **fields})


def row(answer: dict[str, Any], move: str) -> dict[str, Any]:
    (found,) = [r for r in answer["moves"] if r["move"] == move]
    return found


def test_moves_are_ranked_by_what_is_kept_and_clear_ones_come_first() -> None:
    found = ask(top=40)
    ranks = [r["rank"] for r in found["moves"] if r["clear"] and r["kind"] != "degree"]
    assert len(ranks) > 5
    assert ranks == sorted(ranks, reverse=True)
    assert found["basis"] == "kept"
    clear = [r["clear"] for r in found["moves"] if r["kind"] != "degree"]
    assert clear == sorted(clear, reverse=True)


def test_a_gain_is_the_difference_of_two_estimates_and_of_what_is_kept_of_them() -> None:
    fields = {k: ASK[k] for k in ("role", "years_experience", "education", "location", "skills", "as_of")}
    now = ENGINE.estimate(fields).percentiles["p50"]
    then = ENGINE.estimate(fields | {"company_size": "10000+"}).percentiles["p50"]
    found = row(ask(moves=["size"]), "size:10000+")
    assert found["headline"] == "model"
    assert found["gross"]["middle"] == pytest.approx(then - now)
    kept = [take_home(gross, "Berlin", as_of=MONTH).net for gross in (now, then)]
    assert found["kept"]["middle"] == pytest.approx(kept[1] - kept[0])


def test_a_move_elsewhere_is_what_is_kept_there_at_homes_prices() -> None:
    found = row(ask(moves=["place"], places=["Zurich"]), "place:ch-zurich")
    here, there = (ENGINE.estimate({**{k: ASK[k] for k in ("role", "years_experience", "education", "skills", "as_of")},
                                    "location": place, "currency": "EUR"}).percentiles["p50"] for place in ("Berlin", "Zurich"))  # fmt: skip
    assert found["gross"]["middle"] == pytest.approx(there - here)
    assert found["kept"]["middle"] < found["gross"]["middle"]
    assert found["clear"] == (found["kept"]["low"] * found["kept"]["high"] > 0)
    # Prices of a country are asked once: a move within it changes money by tax and metro prices alone.
    inside = row(ask(location="New York", moves=["place"], places=["San Francisco"]), "place:us-41860")
    assert inside["kept"] is not None


def test_a_premium_that_crosses_zero_is_no_gain_with_its_interval_shown() -> None:
    found = row(ask([premium("publishes", 0.02, 0.05)], moves=["publish"]), "publish")
    assert not found["clear"]
    assert found["gross"]["middle"] == found["kept"]["middle"] == 0.0
    assert found["effect"]["multiplier"] == 1.0
    assert found["gross"]["low"] < 0 < found["gross"]["high"]


def test_disagreement_with_the_pay_model_is_said_beyond_one_standard_error() -> None:
    alone = row(ask(moves=["lead"]), "lead")
    assert alone["headline"] == "model"
    model = math.log(alone["model"]["multiplier"])
    se = math.log(alone["model"]["high"] / alone["model"]["low"]) / (2 * 1.6449)
    for far, said in ((0.9, False), (1.1, True)):
        effect = model + far * math.hypot(se, 0.03)
        found = row(ask([premium("people_manager", effect, 0.03)], moves=["lead"]), "lead")
        assert found["headline"] == "premium"
        assert found["disagrees"] is said
        assert found["effect"]["multiplier"] == pytest.approx(math.exp(effect))


def test_sources_that_contradict_each_other_are_named() -> None:
    rows = [
        premium("open_source", 0.05, 0.01), premium("open_source", 0.2, 0.02, source="kaggle"),
        premium("open_source", -0.2, 0.02, source="stackoverflow"),
    ]  # fmt: skip
    found = row(ask(rows, moves=["open-source"]), "open-source")
    assert "both ways" in found["contradiction"]
    assert "stackoverflow 2024 × 0.82" in found["contradiction"]
    assert {s["source"] for s in found["by_source"]} == {"kaggle", "stackoverflow"}


def test_a_degree_goes_by_the_premium_of_the_whole_way_else_by_its_steps() -> None:
    steps = [
        premium("education:bachelor>master", 0.1, 0.01),
        premium("education:master>doctorate", 0.05, 0.02),
    ]
    found = row(ask(steps, moves=["degree"]), "degree:doctorate")
    assert math.log(found["effect"]["multiplier"]) == pytest.approx(0.15)
    assert math.log(found["effect"]["high"]) == pytest.approx(0.15 + 1.6449 * math.hypot(0.01, 0.02))
    whole = row(
        ask([*steps, premium("education:bachelor>doctorate", 0.2, 0.03)], moves=["degree"]),
        "degree:doctorate",
    )
    assert math.log(whole["effect"]["multiplier"]) == pytest.approx(0.2)


def test_a_degree_by_hand_as_the_page_shows_it() -> None:
    """The worked example of docs/career.md, from its own figures."""
    page = (DOCS / "career.md").read_text(encoding="utf-8")
    table = page[page.index("**An example by hand.**") : page.index("## The years ahead")]
    forgone, tuition, cost, gain = (
        float(x.replace(",", "")) for x in re.findall(r"\| ([\d,]+) \|$", table, re.MULTILINE)
    )
    (said,) = re.findall(r"([\d.]+) years \|$", table, re.MULTILINE)
    assert cost == forgone + tuition
    by_hand = 2 + cost / gain
    assert by_hand == pytest.approx(float(said), abs=0.005)
    found = ask(
        [premium("education:bachelor>master", math.log(1.2), 0.01)], years_experience=None, moves=["degree"], paid=60_000,
        before_tax=True, efforts={"degree:master": {"months": 24, "pay_forgone": 0.5, "tuition": 5000, "finish": 1.0}},
    )  # fmt: skip
    degree = row(found, "degree:master")["degree"]
    assert degree["forgone"] == pytest.approx(forgone)
    assert degree["tuition"] == tuition
    assert degree["payback"]["middle"] == pytest.approx(by_hand)
    value = sum((-cost / 2 if k < 2 else gain) * 1.03 ** -(k + 0.5) for k in range(20))
    assert degree["value"]["middle"] == pytest.approx(value)


def test_a_degree_with_experience_is_what_separate_estimates_say() -> None:
    """The middle case year by year, from estimates of other years of work: two years of study teach no work."""
    found = ask(
        moves=["degree"], before_tax=True, location="Germany", efforts={"degree:master": {"tuition": 1000}}
    )
    master = row(found, "degree:master")
    fields = {
        "role": "data scientist",
        "education": "bachelor",
        "location": "Germany",
        "skills": ["python"],
        "as_of": MONTH,
    }
    pay = [ENGINE.estimate({**fields, "years_experience": 3 + k}).percentiles["p50"] for k in range(20)]
    d = master["effect"]["multiplier"]
    for k, year in enumerate(master["degree"]["middle_case"]):
        assert year["work"] == pytest.approx(pay[k])
        assert year["study"] == pytest.approx(-1000.0 if k < 2 else pay[k - 2] * d)


def test_who_never_finishes_has_nothing_of_it() -> None:
    rows = [premium("education:bachelor>master", 0.5, 0.01)]
    found = row(
        ask(rows, moves=["degree"], efforts={"degree": {"finish": 0.0, "tuition": 100}}), "degree:master"
    )
    assert found["degree"]["value"]["chance"] == 0.0
    assert found["degree"]["payback"]["never"] == 1.0
    sure = row(
        ask(rows, moves=["degree"], efforts={"degree": {"finish": 1.0, "pay_forgone": 0.0}}), "degree:master"
    )
    assert sure["degree"]["value"]["chance"] == 1.0


@given(
    cost=st.floats(1, 1e6), gain=st.floats(1, 1e6), study=st.integers(1, 5), years=st.integers(6, 40),
)  # fmt: skip
def test_payback_of_a_level_gain_is_the_quotient(cost: float, gain: float, study: int, years: int) -> None:
    flows = np.array([[-cost] * study + [gain] * (years - study)])
    expected = study + study * cost / gain
    (found,) = payback(flows, study)
    if expected > years * (1 + 1e-9):
        assert math.isinf(found)
    elif expected < years * (1 - 1e-9):
        assert found == pytest.approx(expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 0.5))
def test_present_value_is_additive_and_less_for_money_later(flows: list[float], rate: float) -> None:
    flow = np.array([flows])
    assert present_value(flow, 0.0)[0] == pytest.approx(math.fsum(flows), abs=1e-3)
    assert present_value(2 * flow, rate)[0] == pytest.approx(2 * present_value(flow, rate)[0])
    later = np.concatenate([[[0.0]], np.abs(flow)], axis=1)
    assert present_value(later, rate)[0] <= present_value(np.abs(flow), rate)[0] + 1e-6


@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0.005, 0.3)), min_size=8, max_size=40))
def test_figures_are_drawn_toward_the_middle_and_never_past_it(figures: list[tuple[float, float]]) -> None:
    found = prior(figures)
    assert found is not None
    for effect, error in figures:
        drawn, left = found.drawn(effect, error)
        assert min(effect, found.mean) - 1e-9 <= drawn <= max(effect, found.mean) + 1e-9
        assert 0 <= left <= error


def test_the_best_of_null_skills_is_no_gain() -> None:
    """Sixty skills that are worth nothing, each told of with error: undrawn the largest would look like a gain."""
    rng = np.random.default_rng(3)
    names = [r["move"] for r in ask(moves=["skill"], top=60)["moves"]]
    assert len(names) > 40
    rows = [premium(name, float(rng.normal(0, 0.06)), 0.06) for name in names]
    assert sum(r.clear and r.effect > 0 for r in rows) >= 1
    assert not [r["move"] for r in ask(rows, moves=["skill"], top=60)["moves"] if r["clear"]]


def test_moves_together_are_the_models_and_not_the_sum() -> None:
    fields = {k: ASK[k] for k in ("role", "years_experience", "education", "location", "skills", "as_of")}
    found = ask(together=["size:10000+", "level:senior", "publish"])["together"]
    base = ENGINE.estimate(fields | {"seniority": "mid"}).percentiles["p50"]
    both = ENGINE.estimate(fields | {"seniority": "senior", "company_size": "10000+"}).percentiles["p50"]
    assert found["effect"]["multiplier"] == pytest.approx(both / base)
    assert found["not_in_it"] == ["publish research"]


def test_the_first_year_of_the_path_is_the_estimate() -> None:
    for more in ({}, {"seniority": "senior"}, {"pay": "total", "company_size": 5000}):
        found = ask(paths=4000, **more)
        plain = ENGINE.estimate({k: v for k, v in {**ASK, **more}.items() if k != "paths"}).percentiles
        for p in ("p10", "p25", "p50", "p75", "p90"):
            assert found["path"]["years"][0][p] == pytest.approx(plain[p], rel=0.01)


@pytest.mark.parametrize("place", ["Berlin", "United States", "Europe", "Singapore", "Nairobi"])
def test_wages_ahead_are_those_of_the_forecast(place: str) -> None:
    """The same middle and the same 8 in 10: here of somebody whose pay moves with nothing else."""
    asked = {"role": "data scientist", "location": place, "as_of": MONTH}
    said = ENGINE.forecast({**asked, "horizon": 5})
    path = ENGINE.career(
        {
            **asked,
            "horizon": 5,
            "paid": 60_000,
            "persistence": 1.0,
            "paths": 20_000,
            "moves": ["lead"],
            "currency": "USD",
        }
    )["path"]
    growth, last = path["growth"], said["years"][-1]
    assert growth["basis"] == "forecast"
    assert (growth["index"], growth["kind"]) == (said["basis"]["wages"], said["basis"]["kind"])
    assert growth["multiplier"] == pytest.approx(last["index"]["p50"] / 100)
    for year, row in zip(path["years"], said["years"], strict=True):
        index, amount = row["index"], {q: year[q] / 60_000 for q in ("p10", "p50", "p90")}
        assert amount["p50"] == pytest.approx(index["p50"] / 100, rel=0.01)
        assert math.log(amount["p90"] / amount["p10"]) == pytest.approx(
            math.log(index["q90"] / index["q10"]), rel=0.05
        )
    tested = [y["month"] for y in said["years"] if y["status"] == "forecast"]
    assert growth["tested_to"] == max(tested, default=None)


def test_without_a_forecast_wages_ahead_are_the_wage_index_s_and_it_says_so() -> None:
    found = career(ENGINE.reference, None, None, ASK)
    index = wages.index("DE")
    growth = found["path"]["growth"]
    assert (growth["basis"], growth["index"], growth["tested_to"]) == ("wage index", index.name, None)
    assert growth["multiplier"] == pytest.approx(index.ratio(MONTH, "2036-11")[0])
    assert any("this release has no forecast" in note for note in found["notes"])
    assert any("those of the forecast" in note for note in ask()["notes"])


def test_a_person_keeps_their_place_and_the_fan_widens() -> None:
    years = ask(paid=60_000, persistence=1.0)["path"]["years"]
    assert years[0]["p10"] == years[0]["p90"] == pytest.approx(60_000)
    spread = [math.log(y["p90"] / y["p10"]) for y in years]
    assert spread == sorted(spread)
    loose = ask(paid=60_000, persistence=0.5)["path"]["years"]
    assert math.log(loose[3]["p90"] / loose[3]["p10"]) > spread[3]
    assert ask(paid=60_000)["now"]["percentile"] == pytest.approx(42, abs=8)


def test_levels_are_followed_and_nobody_falls() -> None:
    levels = ask(seniority="mid")["path"]["levels"]
    assert levels["years"][0]["mid"] == 1.0
    for a, b in zip(levels["years"], levels["years"][1:], strict=False):
        assert sum(v for k, v in b.items() if k != "year") == pytest.approx(1.0)
        assert b["mid"] <= a["mid"]
        assert b["entry"] == 0.0
    assert levels["next"]["level"] == "senior"
    assert ask(seniority="manager")["path"]["levels"] is None


def test_two_plans_are_each_others_mirror_and_the_same_seed_says_the_same() -> None:
    there = ask(path="doctorate", against="stay")["comparison"]
    back = ask(path="stay", against="doctorate")["comparison"]
    assert there["chance"] + back["chance"] == pytest.approx(1.0)
    assert there["value"]["mean"] == pytest.approx(-back["value"]["mean"], rel=0.2)
    assert there == ask(path="doctorate", against="stay")["comparison"]
    assert there["years"][0]["so_far"] == {"p10": 0.0, "p50": 0.0, "p90": 0.0}
    assert there["years"][1]["so_far"]["p50"] < 0


def test_a_promotion_is_ahead_once_it_comes() -> None:
    found = ask(path="level:senior", efforts={"level": {"months": 0}})["comparison"]
    assert found["crossing"] == 0
    assert found["chance"] > 0.9
    assert found["a_label"] == "move to senior"


def test_a_place_is_compared_at_homes_prices() -> None:
    found = ask(path="place:San Francisco")["comparison"]
    first, last = found["years"][0], found["years"][-1]
    assert first["a"]["kept"] < last["a"]["kept"]
    assert found["plans"][0]["effort"]["cost"] > 0


def test_the_same_question_reads_differently_for_a_reason() -> None:
    found = {place: ask(location=place) for place in ("Bangalore", "Berlin", "New York")}
    assert len({a["headline"] for a in found.values()}) == 3
    rises = {
        p: a["path"]["years"][-1]["p50_today"] / a["path"]["years"][0]["p50_today"] for p, a in found.items()
    }
    assert rises["Bangalore"] > 1.5 * rises["Berlin"]
    for place, answer in found.items():
        assert answer["place"]["label"] in answer["reasons"][0]
        assert re.match(r"[A-Z].*\.$", answer["headline"]), place


def test_without_tax_law_gains_are_gross_and_it_says_why() -> None:
    found = ask(location="Tokyo")
    assert found["basis"] == "gross"
    assert found["taxes"]["reason"]
    at_home = [r for r in found["moves"] if r["kind"] != "place"]
    assert at_home
    assert all(r["kept"] == pytest.approx(r["gross"]) for r in at_home)


def test_without_premiums_it_says_so_and_the_table_is_an_error() -> None:
    found = ask(moves=["publish", "skill"])
    assert any("no premiums" in note for note in found["notes"])
    assert "publish" not in [r["kind"] for r in found["moves"]]
    with pytest.raises(PaylensError, match=r"premiums\.parquet"):
        ask(premiums=True)
    table = ask([premium("education:bachelor>master", 0.1, 0.01)], premiums={"kind": "education"})["premiums"]
    assert [r["raw"] for r in table["rows"]] == [0.2]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"path": "bachelor"}, "path", "is held already"), ({"education": "doctorate", "path": "master"}, "path", "is held already"),
        ({"path": "place:Berlin"}, "path", "where you are already"), ({"path": "move:Berlin, Germany"}, "path", "where you are already"),
        ({"path": "teleport"}, "path", "is no plan"), ({"path": "lead:everyone"}, "path", "has no aim"), ({"path": "skill:python"}, "path", "among your skills"),
        ({"path": "level:entry"}, "path", "not above mid"), ({"path": "stay", "against": "work"}, "against", "same plan twice"),
        ({"path": "skill:"}, "path", "must say to what"), ({"path": "place:Europe"}, "path", "needs both to be one"),
        ({"path": "remote:remote", "remote": "remote"}, "path", "have already"), ({"moves": ["dance"]}, "moves", "not a kind of move"),
        ({"horizon": 50}, "horizon", "from 1 to 10 years, not 50"), ({"horizon": 2.5}, "horizon", "whole number"),
        ({"as_of": "2045-01"}, "horizon", "fewer years"), ({"as_reported_in": "kaggle"}, "as_reported_in", "leave it out"),
        ({"efforts": {"degree:master": {"months": -3}}}, "efforts.degree:master.months", "from 0 to 180 months, not -3"),
        ({"efforts": {"dance": {"months": 3}}}, "efforts.dance", "not a move"), ({"efforts": 3}, "efforts", "table of moves"),
        ({"efforts": {"degree:master": {"month": 3}}}, "efforts.degree:master.month", "not a known field"),
        ({"efforts": {"degree:master": {"months": 6, "leave_after": 12}}}, "efforts.degree:master.leave_after", "after the end"),
        ({"together": ["stay"]}, "together", "no move to combine"), ({"together": ["level:senior", "level:staff"]}, "together", "at once"),
        ({"places": ["Berlin"]}, "places", "where you are already"), ({"places": ["Berlim"]}, "places", "not a known place"),
        ({"paid": 0}, "paid", "1 or more"), ({"before_tax": "yes"}, "before_tax", "true or false"), ({"hoizon": 3}, "hoizon", "not a field"),
        ({"premiums": {"sort": 3}}, "premiums.sort", "short text"), ({"moves": 3}, "moves", "list of text"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_and_what_to_do(fields: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        ask(**fields)
    assert error.value.field == field
    assert words in error.value.message
    assert "\n" not in str(error.value)


def test_every_effort_has_a_source() -> None:
    known = efforts.sources()
    with efforts.DEGREES.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for name in ("months_source", "tuition_source", "finish_source"):
                assert line[name] in known, line
    for source in known.values():
        assert {"publisher", "title", "vintage", "figures", "licence", "address", "read"} <= source.keys()
    assert set(efforts._efforts()) == set(KINDS) - {"degree"}
    found = row(ask(moves=["degree"]), "degree:doctorate")["effort"]
    assert found["months"] == 74  # the master's degree that it needs is counted too
    assert set(found["source"].values()) <= known.keys()


def test_it_answers_in_a_second_and_is_plain_json() -> None:
    ask()
    start = time.process_time()  # a busy machine makes nothing slower but the clock
    found = ENGINE.career({**ASK, "paths": 4000, "path": "doctorate"})
    assert time.process_time() - start < 1.0
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_releases_own_premiums_are_used(tmp_path: Path) -> None:
    rows = [premium("publishes", 0.2, 0.01), premium("education:bachelor>master", 0.3, 0.02, region="DE")]
    names = {f.name: f.name.rstrip("_") for f in dataclasses.fields(Premium) if f.name != "reasons"}
    columns = {
        to: [getattr(r, name) for r in rows] for name, to in names.items() if not to.startswith("model_")
    }
    place = tmp_path / "release"
    shutil.copytree(ENGINE.release.path, place)
    data = table_to(pa.table(columns | {"adjusted_for": [list(r.adjusted_for) for r in rows]}))
    (place / FILE).write_bytes(data)
    manifest = ENGINE.release.manifest
    body = {k: manifest[k] for k in ("schema", "month", "files", "inputs")}
    body["files"] = dict(sorted({**body["files"], FILE: digest(data)}.items()))
    identity = f"{body['month'].replace('-', '.')}-{digest(json_to(body))[:6]}"
    (place / "manifest.json").write_bytes(json_to({**body, "id": identity}))
    found = open_engine(place).career(ASK | {"moves": ["publish", "degree"]})
    assert found.release == identity
    assert row(found, "publish")["effect"]["multiplier"] == pytest.approx(math.exp(0.2))
    assert row(found, "degree:master")["premium"]["rows"][0]["region"] == "DE"
    assert not any("no premiums" in note for note in found.notes)


def test_the_first_line_says_when_a_place_is_doubtful_and_joins_one_verdict() -> None:
    doubtful = ask([premium("country:DE>US", 0.1, 0.02)], moves=["place"], places=["New York"])
    assert doubtful["moves"][0]["disagrees"]
    assert "people who reported from both say less" in doubtful["headline"]
    both = ask(moves=["degree"], efforts={"degree": {"tuition": 1e6}})["headline"]
    assert both == "Neither a master's degree nor a doctorate pays back within 20 years in the middle case."
    quick = ask(
        [premium("education:master>doctorate", 0.2, 0.02)], moves=["degree"], education="master",
        efforts={"degree": {"months": 1, "pay_forgone": 0.0, "tuition": 100}},
    )  # fmt: skip
    assert quick["headline"] == "A doctorate pays back after 1 year in the middle case."
