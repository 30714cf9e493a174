"""Premiums on simulated people whose true differences are known: covered as often as said, nothing found where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from paylens.model.fit.premiums.doubly_robust import FOLDS, Frame, placebo, raw_difference, scores
from paylens.model.fit.premiums.pooling import CLEAR_Q, Z90, discoveries

pytestmark = [pytest.mark.statistical, pytest.mark.slow]

KNOTS = np.array([0.0, 2, 5, 10, 20, 40])
WORLDS, SKILLS, PEOPLE = 60, 8, 1200
TRUTH = np.array([0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 0.15, -0.1])


def simulated(seed: int) -> dict[str, Any]:
    """People of eight countries whose pay and skills both depend on country, years and field; half the skills do nothing."""
    random = np.random.default_rng(seed)
    level = np.linspace(-1, 1, 8)
    country, field_ = random.integers(0, 8, PEOPLE), random.integers(0, 4, PEOPLE)
    years = random.exponential(6, PEOPLE).clip(0, 40)
    common = random.normal(-1.0, 0.8, SKILLS)  # some skills are rare
    odds = common + 0.8 * level[country][:, None] + 0.05 * (years - 6)[:, None] + 0.4 * (field_ == 1)[:, None]
    has = random.random((PEOPLE, SKILLS)) < 1 / (1 + np.exp(-odds))
    y = 11 + 0.8 * level[country] + 0.25 * np.log1p(years) + 0.2 * (field_ == 1) - 0.1 * (field_ == 2)
    y = y + has @ TRUTH + 0.35 * random.standard_t(5, PEOPLE)
    basis = np.stack([np.interp(years, KNOTS, np.eye(6)[i]) for i in range(1, 6)], axis=1)
    x = np.hstack([np.ones((PEOPLE, 1)), np.eye(8)[country][:, 1:], np.eye(4)[field_][:, 1:], basis])
    return {"x": x, "y": y, "has": has, "fold": random.integers(0, FOLDS, PEOPLE), "random": random}


@pytest.fixture(scope="module")
def worlds() -> list[list[dict[str, float]]]:
    """For each world the rows of its skills: doubly robust, placebo and raw."""
    out = []
    for seed in range(WORLDS):
        world = simulated(seed)
        frame = Frame.of(world["x"], np.ones(PEOPLE), world["fold"])
        rows = []
        for i in range(SKILLS):
            has = world["has"][:, i]
            # The other skills are causes as well: each is adjusted for the rest.
            own = frame.with_columns(np.delete(world["has"], i, axis=1).astype(float)).balanced(has)
            found = scores(own, world["y"], has)
            effect, no = found.mean(), placebo(own, world["y"], found, world["random"]).mean()
            raw, raw_se = raw_difference(world["y"], has, np.ones(PEOPLE))
            rows.append({
                "truth": TRUTH[i], "effect": effect.effect, "se": effect.se, "placebo": no.effect, "placebo_se": no.se,
                "raw": raw, "raw_se": raw_se,
            })  # fmt: skip
        out.append(rows)
    return out


def covered(worlds: list[list[dict[str, float]]], effect: str, se: str) -> float:
    return float(np.mean([abs(r[effect] - r["truth"]) <= Z90 * r[se] for rows in worlds for r in rows]))


def test_90_percent_intervals_hold_the_truth_as_often_as_they_say(worlds: Any) -> None:
    assert sum(map(len, worlds)) >= 400
    assert 0.87 <= covered(worlds, "effect", "se") <= 0.93


def test_raw_differences_fail_the_same_test(worlds: Any) -> None:
    assert covered(worlds, "raw", "raw_se") < 0.3


def listed(rows: list[dict[str, float]], effect: str, se: str) -> list[bool]:
    """Which of a world's skills are called clear, as the table does it."""
    table = [
        {
            "move": str(i), "kind": "skill", "region": "all", "seniority": "all", "estimand": "total", "source": "s", "vintage": "2025",
            "n": 1, "effect": r[effect], "se": r[se], "low": r[effect] - Z90 * r[se], "high": r[effect] + Z90 * r[se],
        }
        for i, r in enumerate(rows)
    ]  # fmt: skip
    return [r["clear"] for r in discoveries(table)]


def test_skills_that_do_nothing_are_declared_at_most_one_time_in_ten(worlds: Any) -> None:
    declared = [
        c
        for rows in worlds
        for c, r in zip(listed(rows, "effect", "se"), rows, strict=True)
        if r["truth"] == 0
    ]
    raw = [
        c
        for rows in worlds
        for c, r in zip(listed(rows, "raw", "raw_se"), rows, strict=True)
        if r["truth"] == 0
    ]
    assert np.mean(declared) <= CLEAR_Q
    assert np.mean(raw) > 0.5


def test_skills_that_pay_are_found(worlds: Any) -> None:
    declared = [
        c
        for rows in worlds
        for c, r in zip(listed(rows, "effect", "se"), rows, strict=True)
        if r["truth"] == 0.15
    ]
    assert np.mean(declared) > 0.9


def test_a_move_that_nobody_made_is_found_to_be_nothing(worlds: Any) -> None:
    passed = [abs(r["placebo"]) <= Z90 * r["placebo_se"] for rows in worlds for r in rows]
    assert 0.86 <= np.mean(passed) <= 0.94


def test_dropping_who_cannot_be_compared_keeps_the_intervals_honest() -> None:
    """A move that almost only the senior make: people outside the overlap are left out, and what is left is covered."""
    hits, trimmed = [], []
    for seed in range(120):
        random = np.random.default_rng(10_000 + seed)
        n = 1500
        a = random.normal(size=n)
        d = random.random(n) < 1 / (1 + np.exp(-3 * a))
        y = 1.0 * a + 0.1 * d + random.normal(size=n)
        frame = Frame.of(
            np.stack([np.ones(n), a], axis=1), np.ones(n), random.integers(0, FOLDS, n)
        ).balanced(d)
        effect = scores(frame, y, d).mean()
        hits.append(abs(effect.effect - 0.1) <= Z90 * effect.se)
        trimmed.append(effect.trimmed)
    assert np.mean(trimmed) > 0.2
    assert 0.84 <= np.mean(hits) <= 0.96


def test_it_agrees_with_doubleml() -> None:
    """The same people by an independent library with its own folds and learners: within a third of a standard error."""
    doubleml = pytest.importorskip("doubleml")
    linear = pytest.importorskip("sklearn.linear_model")
    world = simulated(1)
    has, y, x = world["has"][:, 5], world["y"], world["x"][:, 1:]
    x = np.hstack([x, np.delete(world["has"], 5, axis=1)])
    ours = scores(Frame.of(np.hstack([np.ones((PEOPLE, 1)), x]), np.ones(PEOPLE), world["fold"]), y, has)
    np.random.seed(3)  # noqa: NPY002 - the library draws its folds from here
    theirs = doubleml.DoubleMLIRM(
        doubleml.DoubleMLData.from_arrays(x, y, has.astype(float)), linear.Ridge(1.0), linear.LogisticRegression(C=1.0, max_iter=500),
        n_folds=FOLDS, n_rep=5,
    )  # fmt: skip
    theirs.fit()
    effect = ours.mean()
    assert abs(effect.effect - theirs.coef[0]) < effect.se / 3
    assert effect.se == pytest.approx(theirs.se[0], rel=0.15)
    theirs.sensitivity_analysis()
    assert effect.robustness == pytest.approx(theirs.sensitivity_params["rv"][0], abs=0.03)
