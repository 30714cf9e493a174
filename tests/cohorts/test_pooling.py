"""Partial pooling recovers known hyperparameters, predicts held-out reports better than raw cohorts."""

import time

import numpy as np
from numpy.typing import NDArray
from scipy import integrate
from scipy.stats import norm, t

from paylens.cohorts import pooling as p

Floats = NDArray[np.float64]


def summary(cohort: NDArray[np.int64], y: Floats, cohorts: int) -> p.Summary:
    n = np.bincount(cohort, minlength=cohorts).astype(float)
    mean = np.bincount(cohort, y, cohorts) / np.maximum(n, 1)
    return p.Summary(n, mean, np.asarray(np.bincount(cohort, (y - mean[cohort]) ** 2, cohorts), dtype=float))


def world(
    seed: int, cohorts: int = 4_000, kappa: float = 4.0, alpha: float = 5.0
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Cohort centres, standard deviations, and sizes from 1 to some hundreds; 40 cohorts to a parent."""
    random = np.random.default_rng(seed)
    parent = np.repeat(random.normal(11, 0.6, cohorts // 40), 40)
    variance = 1.0 / random.gamma(alpha, 1.0 / (0.16 * (alpha - 1)), cohorts)
    centre = random.normal(parent, np.sqrt(variance / kappa))
    size = np.minimum(np.exp(random.normal(2.5, 1.4, cohorts)).astype(int) + 1, 500)
    return centre, np.sqrt(variance), size


def fitted(
    centre: Floats, sd: Floats, size: NDArray[np.int64], seed: int
) -> tuple[p.Prior, p.Posterior, p.Summary]:
    random = np.random.default_rng(seed)
    cohort = np.repeat(np.arange(len(size)), size)
    y = random.normal(centre[cohort], sd[cohort])
    parent = np.arange(len(size)) // 40
    of = summary(cohort, y, len(size))
    above = p.roots(summary(parent[cohort], y, int(parent.max()) + 1))
    # A parent's variance also holds its children's differing centres: the ratio takes that out.
    prior = p.fit(of, parent, above.variance_of(parent))
    return prior, p.pool(of, prior, above.mean[parent], above.variance_of(parent)), of


def test_moments_recover_the_hyperparameters() -> None:
    prior, _, _ = fitted(*world(1), seed=2)
    assert 3.0 < prior.kappa < 5.5
    assert 3.5 < prior.alpha < 7.0


def test_pooled_beats_raw_on_held_out_reports_in_every_size_below_100() -> None:
    centre, sd, size = world(3)
    _, posterior, of = fitted(centre, sd, size, seed=4)
    random = np.random.default_rng(5)
    cohort = np.repeat(np.arange(len(size)), 20)
    held = random.normal(centre[cohort], sd[cohort])
    pooled = p.log_density(posterior, cohort, held)
    n, spread = of.n[cohort], np.sqrt(of.squares / np.maximum(of.n - 1, 1))[cohort]
    with np.errstate(divide="ignore", invalid="ignore"):
        plug_in = norm.logpdf(held, of.mean[cohort], spread)
        student = t.logpdf(held, n - 1, of.mean[cohort], spread * np.sqrt(1 + 1 / n))
    for low, high in ((3, 5), (5, 10), (10, 20), (20, 30), (30, 50), (50, 100)):
        mine = (n >= low) & (n < high)
        assert pooled[mine].mean() > plug_in[mine].mean()
        assert pooled[mine].mean() > student[mine].mean()


def test_the_interval_is_of_pay_and_covers_it() -> None:
    centre, sd, size = world(6)
    _, posterior, of = fitted(centre, sd, size, seed=7)
    low, _, _, _, high = p.predictive(posterior).T
    covered = norm.cdf(high, centre, sd) - norm.cdf(low, centre, sd)
    for a, b in ((1, 3), (3, 10), (10, 30), (30, 100), (100, 501)):
        mine = (of.n >= a) & (of.n < b)
        assert 0.77 < covered[mine].mean() < 0.83


def test_predictive_density_integrates_to_one_and_matches_its_percentiles() -> None:
    of = p.Posterior(*(np.array([x]) for x in (11.0, 5.0, 4.0, 0.6, 0.3)))

    def density(x: float) -> float:
        return float(np.exp(p.log_density(of, np.zeros(1, dtype=np.int64), np.array([x])))[0])

    for level, value in zip((0.1, 0.25, 0.5, 0.75, 0.9), p.predictive(of)[0], strict=True):
        assert abs(integrate.quad(density, -60, value)[0] - level) < 1e-5


def test_weight_moves_from_the_parent_to_the_cohort() -> None:
    of = p.Summary(np.array([0.0, 4.0, 4e6]), np.full(3, 12.0), np.array([0.0, 0.4, 4e5]))
    found = p.pool(of, p.Prior(4.0, 3.0, 1.0), np.full(3, 10.0), np.full(3, 0.2))
    np.testing.assert_allclose(found.weight, [1.0, 0.5, 1e-6], rtol=1e-4)
    np.testing.assert_allclose(found.mean, [10.0, 11.0, 12.0], atol=1e-4)


def test_degenerate_cohorts_have_finite_answers() -> None:
    alike = p.Summary(np.array([1.0, 1.0, 30.0]), np.array([11.0, 11.0, 11.0]), np.zeros(3))
    prior = p.fit(alike, np.zeros(3, dtype=np.int64), np.full(3, 0.1))
    found = p.predictive(p.pool(alike, prior, np.full(3, 11.0), np.full(3, 0.1)))
    assert np.isfinite(found).all() and (np.diff(found) > 0).all()
    assert np.isfinite(p.predictive(p.roots(alike))).all()


def test_a_hundred_thousand_cohorts_in_a_fifth_of_a_second() -> None:
    random = np.random.default_rng(8)
    size = np.minimum(np.exp(random.normal(2.5, 1.4, 100_000)).astype(int) + 1.0, 5_000.0)
    of = p.Summary(size, random.normal(11, 0.5, 100_000), 0.15 * size)
    parent = random.integers(0, 2_000, 100_000)
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        prior = p.fit(of, parent, np.full(100_000, 0.2))
        p.predictive(p.pool(of, prior, np.full(100_000, 11.0), np.full(100_000, 0.2)))
        best = min(best, time.perf_counter() - start)
    assert best < 0.2
