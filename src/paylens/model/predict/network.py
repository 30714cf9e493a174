r"""Small neural networks that give all quantiles at once, averaged; numpy only.

Inputs are a view's encoded facts (`views.encode`): each word's code picks a row of the first layer, numbers and ticks
enter standardised (and years once more as logs), zero where not known, beside flags of what is not known. Then

    h1 = max(0, x A + a),   h2 = max(0, h1 B + b),   q(tau) = start + scale (h2 C + c),

for each member; the answer is the members' mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["YEARS", "Network", "codes", "dense", "evaluate", "from_arrays", "spread", "to_arrays"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# How many of the numbers, from the first, are years: they enter as logs too.
YEARS = 3
_FARTHEST = 4.0  # standard deviations; beyond, an input counts as this far


@dataclass(frozen=True)
class Network:
    """M members over W words and D further inputs, hidden layers of H and K, L levels."""

    sizes: Ints  # (W,) codes of each word; one more row of `first` is for a word not known
    flagged: Ints  # columns of the encoded facts whose absence is flagged
    mean: Floats  # (D - flags,)
    sd: Floats  # (D - flags,)
    first: Floats  # (M, sum(sizes + 1) + D, H)
    first_at: Floats  # (M, H)
    second: Floats  # (M, H, K)
    second_at: Floats  # (M, K)
    third: Floats  # (M, K, L)
    third_at: Floats  # (M, L)
    start: Floats  # (1,)
    scale: Floats  # (1,)


def to_arrays(network: Network, prefix: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays by name."""
    return {f"{prefix}.{f.name}": np.asarray(getattr(network, f.name)) for f in fields(Network)}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Network:
    """The network from arrays that `to_arrays` named."""
    return Network(**{f.name: arrays[f"{prefix}.{f.name}"] for f in fields(Network)})


def codes(sizes: Ints, x: Floats) -> Ints:
    """Rows of the first layer that each word picks, (n, W); a word not known has a row of its own."""
    words = x[:, : len(sizes)]
    known = np.isfinite(words)
    own = np.where(known, words, sizes).astype(np.int64)
    starts: Ints = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
    picked: Ints = own + starts
    return picked


def spread(words: int, x: Floats) -> Floats:
    """Numbers and ticks before they are standardised: logs of years, then everything that is no word's code."""
    rest = x[:, words:]
    out: Floats = np.column_stack([np.log1p(np.maximum(rest[:, :YEARS], 0.0)), rest])
    return out


def dense(flagged: Ints, mean: Floats, sd: Floats, words: int, x: Floats) -> Floats:
    """Standardised numbers and ticks, zero where not known, and the flags, (n, D)."""
    z = (spread(words, x) - mean) / sd
    z = np.where(np.isnan(z), 0.0, np.minimum(np.maximum(z, -_FARTHEST), _FARTHEST))
    return np.column_stack([z, np.isnan(x[:, flagged]).astype(float)])


def evaluate(network: Network, x: Floats) -> Floats:
    """Quantiles (n, L) of encoded facts x (n, features), NaN where not known; they may cross."""
    words = len(network.sizes)
    picked = codes(network.sizes, x)
    rest = dense(network.flagged, network.mean, network.sd, words, x)
    after = int((network.sizes + 1).sum())
    total = np.zeros((len(x), network.third.shape[2]))
    for m in range(len(network.first)):
        a = network.first_at[m] + rest @ network.first[m, after:]
        for w in range(words):
            a += network.first[m, picked[:, w]]
        b = np.maximum(a, 0.0) @ network.second[m] + network.second_at[m]
        total += np.maximum(b, 0.0) @ network.third[m] + network.third_at[m]
    out: Floats = network.start + network.scale * total / len(network.first)
    return out
