"""The table of premiums from made-up reports: what is asked, what is told apart, what is kept back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from paylens.model.fit.premiums import SCHEMA, card, premiums, with_model
from paylens.model.fit.premiums.doubly_robust import FOLDS, Frame, placebo, scores
from paylens.model.fit.premiums.pooling import adjusted, discoveries, pooled
from paylens.sources.reading import SCHEMA as OBSERVED

ASKS = {"stackoverflow": {2025: frozenset({"python", "rust", "java"}), 2023: frozenset({"python"})}}


def person(i: int, random: np.random.Generator, vintage: int, rust: float = 0.2) -> dict[str, Any]:
    country, currency, level = [("US", "USD", 11.6), ("DE", "USD", 11.1), ("IN", "USD", 10.1)][i % 3]
    years = float(random.integers(4, 30))
    ticked = ["python"] if random.random() < 0.5 else []
    ticked += ["rust"] if random.random() < 0.3 and vintage == 2025 else []
    ticked += ["java"] if not ticked or random.random() < 0.4 else []
    master = random.random() < 0.4
    pay = float(
        np.exp(level + 0.02 * years + rust * ("rust" in ticked) + 0.1 * master + random.normal(0, 0.3))
    )
    return {
        "source": "stackoverflow", "vintage": vintage, "month": f"{vintage}-05", "row": i, "respondent": f"so:{vintage}:{i}",
        "role": "backend-engineer", "role_asked": "Back-end", "country": country, "years_coding_lo": years, "years_coding_hi": years,
        "education": "master" if master else "bachelor", "employment": "full-time", "skills": ticked, "pay_lo": pay,
        "pay_hi": pay, "currency": currency, "pay_definition": "yearly as asked",
    }  # fmt: skip


def observed(n: int, vintages: tuple[int, ...] = (2025,), seed: int = 1) -> pa.Table:
    random = np.random.default_rng(seed)
    people = [person(i, random, v) for v in vintages for i in range(n)]
    columns = {f.name: pa.array([p.get(f.name) for p in people], f.type) for f in OBSERVED}
    return pa.table(columns, schema=OBSERVED)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return premiums(observed(1560), ASKS)


def rows(table: pa.Table, **wanted: Any) -> list[dict[str, Any]]:
    return [r for r in table.to_pylist() if all(r[k] == v for k, v in wanted.items())]


def test_a_known_premium_is_inside_its_interval_and_clear(table: pa.Table) -> None:
    (rust,) = rows(table, move="skill:rust", region="all", seniority="all", estimand="total")
    assert table.schema.equals(SCHEMA)
    assert rust["low"] < 0.2 < rust["high"] and rust["clear"]
    assert rust["adjusted_for"] == ["country", "years of coding", "education", "number of other skills"]
    (degree,) = rows(table, move="education:bachelor>master", region="all", seniority="all", estimand="total")
    assert degree["low"] < 0.1 < degree["high"]
    assert (degree["from"], degree["to"]) == ("bachelor", "master")
    assert "education" not in degree["adjusted_for"]


def test_counts_are_rounded_down_and_small_arms_are_not_told(table: pa.Table) -> None:
    assert all(r["n"] % 5 == 0 and r["n_with"] % 5 == 0 for r in table.to_pylist())
    assert all(r["n_with"] >= 30 and r["n"] - r["n_with"] >= 30 for r in table.to_pylist())
    few = premiums(observed(90), ASKS)
    assert not rows(few, move="skill:rust")  # 27 of 90 tick it


def test_the_order_of_the_file_does_not_matter(table: pa.Table) -> None:
    given = observed(1560)
    shuffled = given.take(pa.array(np.random.default_rng(5).permutation(given.num_rows)))
    assert premiums(shuffled, ASKS).equals(table)


def test_whom_a_year_did_not_ask_says_nothing() -> None:
    """2023 asked Python alone here: nobody of 2023 counts as being without Rust."""
    both = premiums(observed(1200, (2023, 2025)), ASKS)
    assert {r["vintage"] for r in rows(both, move="skill:rust")} == {"2025"}
    assert {r["vintage"] for r in rows(both, move="skill:python", source="stackoverflow")} == {"2023", "2025"}
    (together,) = rows(
        both, move="skill:python", source="pooled", region="all", seniority="all", estimand="total"
    )
    assert together["vintage"] == "stackoverflow 2023, stackoverflow 2025"
    assert 0 <= together["heterogeneity"] <= 1


def test_places_and_bands_have_rows_of_their_own(table: pa.Table) -> None:
    found = {(r["region"], r["seniority"]) for r in rows(table, move="skill:rust", estimand="total")}
    assert {("all", "all"), ("europe", "all"), ("asia", "all"), ("US", "all"), ("all", "senior")} <= found


def test_the_card_counts_moves_and_placebos(table: pa.Table) -> None:
    said = card(table)
    assert said["moves"] == len(
        {r["move"] for r in rows(table, region="all", seniority="all", estimand="total")}
    )
    assert 0 <= said["clear"] <= said["moves"]
    assert 0 <= said["placebo_passed"] <= 1


def world(seed: int, n: int = 400) -> tuple[Frame, Any, Any]:
    random = np.random.default_rng(seed)
    a = random.normal(size=n)
    d = random.random(n) < 1 / (1 + np.exp(1 - a))
    y = a + 0.2 * d + random.normal(size=n)
    x = np.stack([np.ones(n), a], axis=1)
    return Frame.of(x, random.uniform(0.5, 1, n), random.integers(0, FOLDS, n)), y, d


@pytest.mark.parametrize("seed", range(5))
def test_a_move_and_its_reverse_are_opposite(seed: int) -> None:
    frame, y, d = world(seed)
    there, back = scores(frame.balanced(d), y, d).mean(), scores(frame.balanced(~d), y, ~d).mean()
    assert there.effect == pytest.approx(-back.effect, abs=1e-6)
    assert there.se == pytest.approx(back.se, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_pay_in_another_currency_changes_nothing(seed: int) -> None:
    frame, y, d = world(seed)
    own, other = scores(frame, y, d).mean(), scores(frame, y + np.log(83.0), d).mean()
    assert own.effect == pytest.approx(other.effect, abs=1e-6)


def test_arms_that_are_balanced_weigh_alike_and_their_sums_are_those_of_the_rows() -> None:
    frame, _, d = world(3)
    even = frame.balanced(d)
    assert even.weight[d].sum() == pytest.approx(even.weight[~d].sum())
    again = Frame.of(even.x, even.weight, even.fold)
    assert even.gram == pytest.approx(again.gram)
    more = np.random.default_rng(1).normal(size=(len(d), 2))
    assert even.with_columns(more).gram == pytest.approx(
        Frame.of(np.hstack([even.x, more]), even.weight, even.fold).gram
    )


def test_a_cluster_that_moves_together_widens_the_interval() -> None:
    frame, y, d = world(4)
    found = scores(frame, y, d)
    assert found.mean(cluster=np.arange(len(d))).se == pytest.approx(found.mean().se)
    assert found.mean(cluster=np.repeat(np.arange(len(d) // 20), 20)).se != found.mean().se


def test_a_placebo_keeps_who_is_compared() -> None:
    frame, y, d = world(6)
    found = scores(frame.balanced(d), y, d)
    no = placebo(frame.balanced(d), y, found, np.random.default_rng(1))
    assert (no.kept == found.kept).all()
    assert not (no.treated == d).all()


def study(effect: float, se: float, vintage: str = "2025", move: str = "skill:a") -> dict[str, Any]:
    return {
        "move": move, "kind": "skill", "region": "all", "seniority": "all", "estimand": "total", "source": "s", "vintage": vintage,
        "effect": effect, "se": se, "low": effect - 1.645 * se, "high": effect + 1.645 * se, "n": 100, "n_with": 50, "raw": 0.0,
        "raw_se": 0.1, "trimmed": 0.0, "placebo": 0.0, "placebo_se": 0.1, "robustness": 0.1, "adjusted_for": ["country"], "note": "",
    }  # fmt: skip


def test_sources_that_agree_sharpen_and_sources_that_differ_widen() -> None:
    (agree,) = pooled([study(0.1, 0.03), study(0.1, 0.03, "2024")])
    assert agree["effect"] == pytest.approx(0.1)
    assert agree["se"] == pytest.approx(0.03 / np.sqrt(2))
    (differ,) = pooled([study(-0.2, 0.03), study(0.2, 0.03, "2024")])
    assert differ["se"] > 0.15
    assert differ["heterogeneity"] < 1e-6


def test_an_old_study_stands_aside_and_keeps_its_row() -> None:
    assert pooled([study(0.3, 0.03, "2017"), study(0.1, 0.03)]) == []
    (two,) = pooled([study(0.3, 0.03, "2017"), study(0.1, 0.03), study(0.1, 0.03, "2024")])
    assert two["effect"] == pytest.approx(0.1)


def test_a_discovery_needs_more_of_a_long_list() -> None:
    alone = discoveries([study(0.1, 0.05)])
    among = discoveries([study(0.1, 0.05), *(study(0.01, 0.05, move=f"skill:{i}") for i in range(9))])
    assert alone[0]["clear"] and not among[0]["clear"]
    assert adjusted(np.array([0.01, 0.02, 0.5])) == pytest.approx([0.03, 0.03, 0.5])


def test_the_pay_model_stands_beside_where_it_has_the_move(table: pa.Table) -> None:
    names = {"areas": ["DE", "world"], "skills": ["rust"], "educations": ["bachelor", "master"]}
    arrays = {"skill_raw": np.array([0.19]), "education": np.array([[0.0, 0.3], [0.05, 0.15]])}
    beside = with_model(table, arrays, names)
    (rust,) = rows(beside, move="skill:rust", region="all", seniority="all", estimand="total")
    assert rust["model_effect"] == 0.19
    assert rust["model_differs"] == (abs(rust["effect"] - 0.19) > rust["se"])
    told = {r["region"]: r for r in rows(beside, kind="education", seniority="all", estimand="total")}
    assert told["all"]["model_effect"] == pytest.approx(0.1)
    assert told["DE"]["model_effect"] == pytest.approx(0.3) and told["DE"]["model_differs"]
    assert told["europe"]["model_effect"] is None  # no such area here
    assert all(r["model_effect"] is None for r in rows(beside, move="skill:java"))
