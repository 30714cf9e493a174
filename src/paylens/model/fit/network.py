"""Training the networks of a source's view: pinball loss at 19 levels, Adam, a falling rate, dropped units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from paylens.model.predict.network import YEARS, Network, codes, dense, spread
from paylens.model.predict.views import CELLS, LEVELS, NUMBERS, WORDS, mixed

__all__ = ["Size", "fit", "share"]

Floats = npt.NDArray[Any]
_BATCH = 256
_RATE = 3e-3
_DECAY = 0.3  # of the layers' weights, a unit of rate
_FORGET, _FORGET_SQUARES = 0.9, 0.999
_SMOOTH = 0.05  # half-width in standard deviations where the pinball loss is rounded off
_SHARES = np.round(np.arange(11) * 0.1, 1)
_INPUTS_AT_ONCE = 30.0  # about how many inputs of a row differ from zero: sets the first weights' size


@dataclass(frozen=True)
class Size:
    """How large and how long: members, units of the two hidden layers, passes over the rows, share of units dropped."""

    members: int = 5
    hidden: tuple[int, int] = (64, 32)
    passes: int = 12
    drop: float = 0.1


# As found on a part of the rows that are fitted on.
SIZES = {"kaggle": Size(passes=10), "levels_fyi": Size(passes=20), "us_lca": Size(passes=25)}


def fit(source: str, x: Floats, y: Floats, sizes: list[int], seed: int) -> Network:
    """Networks for encoded facts x (n, features) and log pay y (n,); `sizes` counts each word's codes."""
    size = SIZES.get(source, Size())
    of = np.asarray(sizes, dtype=np.int64)
    width = len(WORDS) + len(NUMBERS) + 1
    flagged = np.array([*range(len(WORDS), width), *range(x.shape[1] - len(CELLS), x.shape[1])])
    mean, sd = _scales(spread(len(of), x))
    ticks = slice(YEARS + width - len(WORDS), len(mean) - len(CELLS))
    mean[ticks], sd[ticks] = 0.0, 1.0
    inputs = _sparse(of, dense(flagged, mean, sd, len(of), x), codes(of, x))
    start, scale = float(np.median(y)), float(y.std())
    target = ((y - start) / scale).astype(np.float32)
    made = [_train(inputs, target, size, np.random.default_rng([seed, m])) for m in range(size.members)]
    # At 11 bits, as they ship: less than half the size, and within 0.0001 of log pay.
    layers = [np.array(part).astype(np.float16).astype(float) for part in zip(*made, strict=True)]
    a, a_at, b, b_at, c, c_at = layers
    return Network(of, flagged, mean, sd, a, a_at, b, b_at, c, c_at, np.array([start]), np.array([scale]))


def _scales(rest: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column where known; 0 and 1 where it never is, or never varies."""
    known = np.isfinite(rest)
    n = np.maximum(known.sum(0), 1)
    filled = np.where(known, rest, 0.0)
    mean = filled.sum(0) / n
    sd = np.sqrt((np.where(known, filled - mean, 0.0) ** 2).sum(0) / n)
    # In 32 bits already, as they ship.
    sd = np.where(sd > 1e-6, sd, 1.0).astype(np.float32).astype(float)
    return mean.astype(np.float32).astype(float), sd


def _sparse(sizes: Floats, rest: Floats, picked: Floats) -> sp.csr_matrix:
    n, words = picked.shape
    ones = np.ones(n * words, dtype=np.float32)
    shape = (n, int((sizes + 1).sum()))
    hot = sp.csr_matrix((ones, picked.ravel(), np.arange(0, n * words + 1, words)), shape=shape)
    return sp.hstack([hot, sp.csr_matrix(rest.astype(np.float32))]).tocsr()


def _train(x: sp.csr_matrix, y: Floats, size: Size, rng: np.random.Generator) -> list[Floats]:
    """One member's six arrays, from weights drawn at random."""
    n, (h, k) = x.shape[0], size.hidden
    p: list[Floats] = [
        a.astype(np.float32)
        for a in (
            rng.normal(size=(x.shape[1], h)) / np.sqrt(_INPUTS_AT_ONCE), np.zeros(h), rng.normal(size=(h, k)) * np.sqrt(2 / h),
            np.zeros(k), rng.normal(size=(k, len(LEVELS))) * 0.3 / np.sqrt(k), np.quantile(y, LEVELS),
        )
    ]  # fmt: skip
    mean, square = [np.zeros_like(a) for a in p], [np.zeros_like(a) for a in p]
    batch = min(_BATCH, n)
    steps = size.passes * (n // batch)
    for step in range(steps):
        at = step % (n // batch)
        if at == 0:
            order = rng.permutation(n)
            mixed, told = x[order], y[order]
        part = slice(at * batch, (at + 1) * batch)
        slopes = _slopes(p, mixed[part], told[part], size.drop, rng)
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        pace = rate * np.sqrt(1 - _FORGET_SQUARES ** (step + 1)) / (1 - _FORGET ** (step + 1))
        for i, slope in enumerate(slopes):
            mean[i] += np.float32(1 - _FORGET) * (slope - mean[i])
            square[i] += np.float32(1 - _FORGET_SQUARES) * (slope * slope - square[i])
            p[i] -= np.float32(pace) * mean[i] / (np.sqrt(square[i]) + np.float32(1e-8))
            if p[i].ndim == 2:
                p[i] *= np.float32(1 - rate * _DECAY)
    return p


def _slopes(
    p: list[Floats], x: sp.csr_matrix, y: Floats, drop: float, rng: np.random.Generator
) -> list[Floats]:
    """Derivative of the mean pinball loss of a batch in each of the six arrays."""
    level = LEVELS.astype(np.float32)
    a = x @ p[0] + p[1]
    kept = (rng.random(a.shape, dtype=np.float32) >= drop) * (a > 0) / np.float32(1 - drop)
    h1 = a * kept
    b = h1 @ p[2] + p[3]
    h2 = np.maximum(b, np.float32(0))
    missed = y[:, None] - (h2 @ p[4] + p[5])
    out = (np.clip((1 - missed / np.float32(_SMOOTH)) / 2, 0, 1) - level) / np.float32(len(y))
    up = (out @ p[4].T) * (b > 0)
    down = (up @ p[2].T) * kept
    return [x.T @ down, down.sum(0), h1.T @ up, up.sum(0), h2.T @ out, out.sum(0)]


def share(y: Floats, trees: Floats, networks: Floats) -> float:
    """What the networks should weigh: the tenth with the least pinball loss of y (n,) that neither fit has seen."""
    losses = []
    for w in _SHARES:
        missed = y[:, None] - mixed(trees, networks, w)
        losses.append(np.maximum(LEVELS * missed, (LEVELS - 1) * missed).mean())
    return float(_SHARES[int(np.argmin(losses))])
