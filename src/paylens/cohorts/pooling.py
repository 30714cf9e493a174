"""Partial pooling of cohorts toward their parents: empirical Bayes on log pay, in closed form.

The model of a cohort j with parent p (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.3):

    log pay      y | mu_j, s2_j  ~  Normal(mu_j, s2_j)
    its centre   mu_j | s2_j     ~  Normal(m_p, s2_j / kappa)
    its variance s2_j            ~  Inverse-Gamma(alpha, beta_p)

m_p is the parent's own pooled centre and beta_p makes the prior variance the parent's times one `ratio`.
kappa (how many reports the parent is worth), alpha and ratio are shared by the cohorts of one set in one
source and fitted by moments. What is answered is the posterior predictive of a person's PAY, a Student t:
not the interval of a mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma, stdtrit

from paylens.cohorts.quantiles import LEVELS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KAPPA: Final = (0.05, 500.0)
"""Limits of kappa: never less than a twentieth of a report, never more than 500 reports."""
ALPHA: Final = (1.5, 100.0)
"""Limits of alpha: the prior variance has a mean, and stays uncertain."""
SPREAD_FROM: Final = 5
"""Cohorts from this size tell how much variances differ."""
ROOT: Final = (1.5, 0.5)
"""Shape and rate of the variance of a cohort that has no parent: a standard deviation of about 0.6 in
log pay.
"""


@dataclass(frozen=True)
class Summary:
    """Log pay of each cohort: number of reports, mean, sum of squares about it; each of shape (cohorts,)."""

    n: Floats
    mean: Floats
    squares: Floats


@dataclass(frozen=True)
class Prior:
    """What a set's cohorts learn from their parents: kappa in reports, alpha, and the ratio of variances."""

    kappa: float
    alpha: float
    ratio: float


@dataclass(frozen=True)
class Posterior:
    """Normal-inverse-gamma posteriors, each of shape (cohorts,); `weight` is the parent's share, 0 to 1."""

    mean: Floats
    kappa: Floats
    alpha: Floats
    beta: Floats
    weight: Floats

    def variance_of(self, cohort: Ints) -> Floats:
        """The typical variance of log pay in some cohorts: exp of its mean logarithm."""
        return np.asarray(self.beta[cohort] * np.exp(-digamma(self.alpha[cohort])))

    @property
    def scale(self) -> Floats:
        """The scale of the predictive Student t, which has 2 alpha degrees of freedom."""
        return np.asarray(np.sqrt(self.beta * (self.kappa + 1.0) / (self.alpha * self.kappa)))


def roots(of: Summary) -> Posterior:
    """The posterior of cohorts without a parent: their own mean, and a weak prior on the variance only."""
    beta = ROOT[1] + of.squares / 2.0
    return Posterior(of.mean.copy(), np.maximum(of.n, 1.0), ROOT[0] + of.n / 2.0, beta, np.zeros(len(of.n)))


def fit(of: Summary, parent: Ints, parent_variance: Floats) -> Prior:
    """The prior of one set in one source, by moments.

    `parent` numbers each cohort's parent, `parent_variance` is the variance of log pay there, shape
    (cohorts,). kappa is DerSimonian and Laird's estimate in units of the variance within (siblings against
    their own mean); alpha and ratio match mean and variance of the logarithm of the variances within.
    """
    within = of.n > 1
    spread = of.n >= SPREAD_FROM
    parents = int(parent.max(initial=-1)) + 1
    freedom = np.bincount(parent[within], of.n[within] - 1.0, parents)
    pooled = np.bincount(parent, of.squares, parents) / np.maximum(freedom, 1.0)
    size = np.bincount(parent, of.n, parents)
    centre = np.bincount(parent, of.n * of.mean, parents) / np.maximum(size, 1e-300)
    known = (freedom > 0) & (pooled > 0)
    between = np.bincount(parent, of.n * (of.mean - centre[parent]) ** 2, parents)
    siblings = np.bincount(parent, minlength=parents)
    excess = float(np.sum(between[known] / pooled[known] - (siblings[known] - 1.0)))
    carried = float(np.sum((size - np.bincount(parent, of.n**2, parents) / np.maximum(size, 1e-300))[known]))
    kappa = float(np.clip(carried / excess if excess > 0 and carried > 0 else KAPPA[1], *KAPPA))

    spread &= (of.squares > 0) & (parent_variance > 0)
    if int(spread.sum()) < 2:
        return Prior(kappa, 3.0, 1.0)
    half = (of.n[spread] - 1.0) / 2.0
    logs = np.log(of.squares[spread] / (2.0 * half) / parent_variance[spread]) - digamma(half) + np.log(half)
    noise = polygamma(1, half)
    # Cohorts count by how well their own variance is known; a floor keeps the largest from deciding alone.
    share = 1.0 / (noise + 0.1)
    level = float(np.average(logs, weights=share))
    differ = float(np.average((logs - level) ** 2 - noise, weights=share))
    return Prior(kappa, _inverse_trigamma(differ), float(np.exp(level)))


def _inverse_trigamma(value: float) -> float:
    """alpha such that trigamma(alpha) = value, within its limits (bisection on a falling function)."""
    low, high = ALPHA
    if value <= float(polygamma(1, high)):
        return high
    if value >= float(polygamma(1, low)):
        return low
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if float(polygamma(1, middle)) > value else (low, middle)
    return (low + high) / 2.0


def pool(of: Summary, prior: Prior, parent_mean: Floats, parent_variance: Floats) -> Posterior:
    """The posterior of each cohort, given its parent's centre and variance, all of shape (cohorts,)."""
    kappa = prior.kappa + of.n
    alpha = prior.alpha + of.n / 2.0
    beta = parent_variance * prior.ratio * np.exp(digamma(prior.alpha))
    beta = beta + of.squares / 2.0 + prior.kappa * of.n * (of.mean - parent_mean) ** 2 / (2.0 * kappa)
    mean = (prior.kappa * parent_mean + of.n * of.mean) / kappa
    return Posterior(mean, kappa, alpha, beta, prior.kappa / kappa)


def tree(of: Summary, shift: Floats, parent: Ints, depth: Ints, group: Ints) -> Posterior:
    """Pool every cohort toward its parent, coarse to fine.

    `parent` is a cohort's number, -1 for a root; parents have a lower `depth` (which set it is); cohorts of
    one depth and `group` (source and measure) share a prior. `shift` is what a cohort's log pay is above
    dollars: parents are compared in dollars. All of shape (cohorts,).
    """
    found = roots(of)
    for level in np.unique(depth[parent >= 0]):
        for one in np.unique(group[(depth == level) & (parent >= 0)]):
            at = np.flatnonzero((depth == level) & (group == one) & (parent >= 0))
            above = parent[at]
            own = Summary(of.n[at], of.mean[at] - shift[at], of.squares[at])
            prior = fit(own, np.unique(above, return_inverse=True)[1], found.variance_of(above))
            pooled = pool(own, prior, found.mean[above] - shift[above], found.variance_of(above))
            found.mean[at] = pooled.mean + shift[at]
            found.kappa[at], found.alpha[at] = pooled.kappa, pooled.alpha
            found.beta[at], found.weight[at] = pooled.beta, pooled.weight
    return found


def predictive(of: Posterior, levels: tuple[float, ...] = LEVELS) -> Floats:
    """Percentiles of the log pay of one more person in each cohort, shape (cohorts, levels)."""
    freedom, at = np.unique(2.0 * of.alpha, return_inverse=True)
    # The t is symmetric and few degrees of freedom differ: that is what makes many cohorts cheap.
    columns = []
    for level in levels:
        t = (
            np.sign(level - 0.5) * stdtrit(freedom, max(level, 1.0 - level))
            if level != 0.5
            else 0.0 * freedom
        )
        columns.append(of.mean + of.scale * t[at])
    return np.column_stack(columns)


def log_density(of: Posterior, cohort: Ints, log_pay: Floats) -> Floats:
    """The predictive log density of held-out reports, given the cohort that each belongs to."""
    freedom, scale = (2.0 * of.alpha)[cohort], of.scale[cohort]
    z = (log_pay - of.mean[cohort]) / scale
    norm = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * np.log(freedom * np.pi) - np.log(scale)
    return np.asarray(norm - (freedom + 1) / 2 * np.log1p(z**2 / freedom))
