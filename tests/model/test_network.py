"""The networks learn quantiles that are known, and numpy gives back what was trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from paylens.model.fit import network as fit
from paylens.model.predict.network import Network, codes, evaluate, from_arrays, to_arrays
from paylens.model.predict.views import CELLS, LEVELS, NUMBERS, WORDS

SIZES = [3] + [0] * (len(WORDS) - 1)


def facts(word: np.ndarray, years: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Encoded facts of which only the first word and the years are known."""
    x = np.full((len(word), len(WORDS) + len(NUMBERS) + 1 + len(CELLS)), np.nan)
    x[:, 0], x[:, len(WORDS)] = word, years
    return x


def law(word: np.ndarray, years: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """The true quantiles, (n, 19): words move the middle, years widen it."""
    return np.asarray((11 + 0.3 * word)[:, None] + (0.1 + 0.02 * years)[:, None] * norm.ppf(LEVELS))


@pytest.fixture(scope="module")
def trained() -> Network:
    rng = np.random.default_rng(5)
    word, years = rng.integers(0, 3, 8_000).astype(float), rng.uniform(0, 20, 8_000)
    y = 11 + 0.3 * word + (0.1 + 0.02 * years) * rng.normal(size=8_000)
    word[:400], years[400:800] = np.nan, np.nan
    return fit.fit("stackoverflow", facts(word, years), y, SIZES, 3)


def test_known_quantiles_are_found(trained: Network) -> None:
    word, years = np.array([0.0, 1.0, 2.0, 0.0, 2.0]), np.array([2.0, 10.0, 18.0, 18.0, 2.0])
    assert np.abs(evaluate(trained, facts(word, years)) - law(word, years))[:, 1:-1].max() < 0.12


def test_the_same_rows_and_seed_give_the_same_networks(trained: Network) -> None:
    rng = np.random.default_rng(6)
    x, y = facts(rng.integers(0, 3, 600).astype(float), rng.uniform(0, 20, 600)), rng.normal(size=600)
    one, two, other = (to_arrays(fit.fit("us_lca", x, y, SIZES, seed), "n") for seed in (1, 1, 2))
    assert all(np.array_equal(one[k], two[k]) for k in one)
    assert not np.array_equal(one["n.first"], other["n.first"])


def test_a_network_comes_back_from_32_bits_as_it_was(trained: Network) -> None:
    x = facts(np.array([0.0, np.nan, 2.0]), np.array([np.nan, 3.0, 50.0]))
    arrays = {k: v.astype(np.float32).astype(v.dtype) for k, v in to_arrays(trained, "n").items()}
    back = from_arrays(arrays, "n")
    np.testing.assert_allclose(evaluate(back, x), evaluate(trained, x), atol=1e-6)


def test_the_formula_one_member_at_a_time(trained: Network) -> None:
    """The docstring's equation, row by row, from arrays of one member."""
    one = replace(
        trained,
        **{
            k: getattr(trained, k)[:1]
            for k in ("first", "first_at", "second", "second_at", "third", "third_at")
        },
    )
    x = facts(np.array([1.0]), np.array([4.0]))
    rest = np.concatenate([[np.log1p(4.0)], np.full(2, np.nan), x[0, len(WORDS) :]])
    z = np.where(np.isnan(rest), 0.0, np.clip((rest - one.mean) / one.sd, -4, 4))
    hot = np.zeros(int((one.sizes + 1).sum()))
    hot[codes(one.sizes, x)[0]] = 1.0
    row = np.concatenate([hot, z, np.isnan(x[0, one.flagged])])
    h1 = np.maximum(0, row @ one.first[0] + one.first_at[0])
    h2 = np.maximum(0, h1 @ one.second[0] + one.second_at[0])
    expected = one.start + one.scale * (h2 @ one.third[0] + one.third_at[0])
    np.testing.assert_allclose(evaluate(one, x)[0], expected, atol=1e-12)


def test_a_word_not_known_has_a_row_of_its_own() -> None:
    sizes = np.array([3, 2])
    x = np.array([[0.0, 1.0], [np.nan, np.nan], [2.0, 0.0]])
    assert codes(sizes, x).tolist() == [[0, 5], [3, 6], [2, 4]]


@pytest.mark.parametrize(("good", "least", "most"), [("trees", 0.0, 0.1), ("networks", 0.9, 1.0)])
def test_what_predicts_better_weighs_more(good: str, least: float, most: float) -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=4_000)
    right = np.tile(norm.ppf(LEVELS), (len(y), 1))
    wrong = right + rng.normal(size=(len(y), 1))
    found = fit.share(y, right, wrong) if good == "trees" else fit.share(y, wrong, right)
    assert least <= found <= most
