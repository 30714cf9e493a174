r"""The linked pay model: one additive model of log pay for all sources, fitted by a robust interval likelihood.

For report i with log pay known to lie in [a_i, b_i] (a = b where exact),

    y_i = x_i' beta + s_g * e_i,   e ~ standard logistic,   beta_B ~ Normal(0, sd_B^2) for each block B,

    log L_i = log(F((b_i - mu_i) / s_g) - F((a_i - mu_i) / s_g)),   F the logistic distribution function,

whose derivative in mu is (1 - F_a' - F_b') / s with F' = F((mu - .) / s), for exact and bracketed answers alike, so an
outlier's pull is bounded by 1/s. Curvature is at most 1 / (2 s^2): each step solves (X' W X / 2 + P) d = gradient with that bound, which
never overshoots. Block sizes sd_B are learnt by EM on the posterior (empirical Bayes). Kaggle's lowest classes hold
people who typed no salary at all: each such report has a probability of being noise, and weighs one minus that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.linalg as sla
import scipy.sparse as sp
from scipy.special import expit

from paylens.contract.observation import COMMUNITY
from paylens.model.fit.design import Design
from paylens.model.fit.rows import Floats, Rows, Texts

__all__ = ["REFERENCE", "Fit", "fit"]

REFERENCE = "-reference"  # how the group of reference reports of a source ends
_FISHER = 1.0 / 3.0  # expected curvature of the logistic log density, in units of 1/s^2
_BOUND = 0.5
_NOISE_CEILING_USD = 5_000.0
FEWEST = 10  # no coefficient rests on fewer reports
_STEPS = 60
_TOLERANCE = 2e-4


@dataclass(frozen=True)
class Fit:
    """Coefficients, their posterior covariance, each block's learnt sd, each group's logistic scale.

    `beta` is (p,), zero where a column rests on fewer than `FEWEST` reports; `active` lists the others, in the order of
    `covariance`'s rows. `prior` is every column's prior variance, (p,). `noise` is each report's chance of being noise.
    """

    beta: Floats
    active: npt.NDArray[np.int64]
    covariance: Floats
    prior: Floats
    sd: dict[str, float]
    scale: dict[str, float]
    noise: Floats
    mu: Floats


def _scales(group: Texts, residual: Floats, weight: Floats) -> tuple[dict[str, float], Floats]:
    """Logistic scale of each group from the weighted median absolute residual (log 3 scales).

    A community's is never below the reference's: however alike its members are paid, a report of theirs weighs no more.
    """
    scale = {}
    for name in sorted(set(group)):
        own = group == name
        scale[name] = max(float(_weighted_median(np.abs(residual[own]), weight[own])) / np.log(3.0), 0.05)
    least = min((s for name, s in scale.items() if name.endswith(REFERENCE)), default=0.0)
    scale = {name: max(s, least) if name.startswith(COMMUNITY) else s for name, s in scale.items()}
    return scale, np.array([scale[name] for name in group], dtype=float)


def _weighted_median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _noise(
    rows: Rows, group: Texts, mu: Floats, s: Floats, share: dict[str, float]
) -> tuple[Floats, dict[str, float]]:
    """Chance that a Kaggle report in the lowest classes is no salary; E and M step of a two-part mixture."""
    out = np.zeros(len(rows))
    kaggle = rows.source == "kaggle"
    low = kaggle & (rows.hi - rows.shift <= np.log(_NOISE_CEILING_USD) + 1e-6)
    span = np.log(_NOISE_CEILING_USD) - np.log(300.0)
    for name in sorted(set(group[kaggle])):
        own = group == name
        here = own & low
        width = np.minimum(
            rows.hi[here] - np.maximum(rows.lo[here], rows.hi[here] - np.log(1000 / 300.0)), span
        )
        body = expit((rows.hi[here] - mu[here]) / s[here]) - expit((rows.lo[here] - mu[here]) / s[here])
        pi = share.get(name, 0.15)
        junk = pi * width / span
        out[here] = junk / np.maximum(junk + (1 - pi) * body, 1e-12)
        share[name] = float(np.clip(out[own].mean(), 0.001, 0.6))
    return out, share


def fit(
    rows: Rows,
    design: Design,
    *,
    sd: dict[str, float] | None = None,
    rounds: int = 5,
    group: Texts | None = None,
    start: Floats | None = None,
    covariance: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Fit:
    """Fit the linked model; `sd` given keeps the block sizes (one round), else they are learnt in `rounds`."""  # fmt: skip
    full = design.matrix
    active = np.flatnonzero(full.getnnz(axis=0) >= FEWEST)
    x = full[:, active]
    owner = np.concatenate([np.full(len(b.labels), i) for i, b in enumerate(design.blocks)])[active]
    group = rows.source if group is None else group
    sizes = np.array([(sd or {}).get(b.name, b.sd) for b in design.blocks])
    beta = None if start is None else start[active]
    mu = _medians(rows, group) if beta is None else x @ beta
    noise, share = np.zeros(len(rows)), dict[str, float]()
    noise_group = np.array([f"{r}-{v}" for r, v in zip(rows.region, rows.vintage, strict=True)], dtype=object)
    scale: dict[str, float] = {}
    turns = rounds
    for turn in range(turns):
        scale, s = _scales(group, rows.middle - mu, rows.weight * (1 - noise) + 1e-9)
        noise, share = _noise(rows, noise_group, mu, s, share)
        weight = rows.weight * (1 - noise)
        gram = (x.T @ sp.diags(weight / s**2) @ x).toarray()
        prior = sizes[owner] ** -2.0
        beta = _climb(rows, x, gram, prior, weight, s, beta)
        mu = x @ beta
        if sd is None and turn < turns - 1:
            sizes = _resize(design, owner, beta, gram, prior, sizes)
        if progress:
            progress(f"linked model, round {turn + 1} of {turns}")
    spread = _inverse(gram, prior) if covariance else np.empty((0, 0))
    everywhere = np.concatenate([np.full(len(b.labels), sizes[i] ** 2) for i, b in enumerate(design.blocks)])
    out = np.zeros(full.shape[1])
    out[active] = beta
    learnt = {b.name: float(sizes[i]) for i, b in enumerate(design.blocks)}
    return Fit(out, active, spread, everywhere, learnt, scale, noise, mu)


def _medians(rows: Rows, group: Texts) -> Floats:
    mu, middle = np.zeros(len(rows)), rows.middle
    for name in set(group):
        mu[group == name] = np.median(middle[group == name])
    return mu


def _inverse(gram: Floats, prior: Floats) -> Floats:
    """Posterior covariance at the expected curvature, with the blocks' priors."""
    information = gram * _FISHER
    information[np.diag_indices_from(information)] += prior
    factor, _ = sla.lapack.dpotrf(information, lower=1, overwrite_a=1)
    inverse, _ = sla.lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse)
    full: Floats = lower + np.tril(lower, -1).T
    return full


def _climb(
    rows: Rows, x: sp.csr_matrix, gram: Floats, prior: Floats, weight: Floats, s: Floats, beta: Floats | None
) -> Floats:
    """Maximise the penalised likelihood with a fixed curvature bound (and momentum, restarted when it overshoots)."""
    bound = gram * _BOUND
    bound[np.diag_indices_from(bound)] += prior
    factor = sla.cho_factor(bound, lower=True, overwrite_a=True, check_finite=False)
    if beta is None:  # first guess: a weighted ridge fit to the interval middles
        beta = sla.cho_solve(factor, x.T @ (weight / s**2 * _BOUND * rows.middle), check_finite=False)
    ahead, speed = beta, 1.0
    for _ in range(_STEPS):
        pull = _pull(rows, x @ ahead, s) * weight / s
        step = sla.cho_solve(factor, x.T @ pull - prior * ahead, check_finite=False)
        new = ahead + step
        moved = float(np.abs(new - beta).max())
        if float((new - beta) @ (ahead - new)) > 0:
            speed, ahead = 1.0, new
        else:
            faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
            ahead = new + (speed - 1) / faster * (new - beta)
            speed = faster
        beta = new
        if moved < _TOLERANCE:
            break
    return beta


def _pull(rows: Rows, mu: Floats, s: Floats) -> Floats:
    """Derivative of the interval log likelihood in mu, times s: in (-1, 1), positive when mu is too low."""
    out: Floats = 1.0 - expit(-(rows.lo - mu) / s) - expit(-(rows.hi - mu) / s)
    return out


def _resize(
    design: Design, owner: npt.NDArray[np.int64], beta: Floats, gram: Floats, prior: Floats, sizes: Floats
) -> Floats:
    """One EM step for each block's sd: mean of squared coefficient plus posterior variance."""
    size = beta**2 + np.diag(_inverse(gram, prior))
    new = sizes.copy()
    for i, block in enumerate(design.blocks):
        if not block.free and (owner == i).any():
            new[i] = np.clip(np.sqrt(size[owner == i].mean()), 1e-3, 3.0)
    return new
