r"""What a source would report: 19 quantiles of log US dollars for facts given, from that source's trees.

q(tau) = mu + s_side z(tau, bin) + refinement_tau,   mu the mean of cross-fitted location ensembles,
s_lower and s_upper their scale ensembles, z by bin of predicted spread, quantiles sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.model.predict.trees import Trees, evaluate, from_arrays

__all__ = ["CELLS", "LEVELS", "NUMBERS", "WORDS", "ViewModel", "encode", "load", "quantiles"]

Floats = npt.NDArray[np.float64]
LEVELS = np.round(np.arange(1, 20) * 0.05, 2)
WORDS = (
    "role",
    "title",
    "country",
    "metro",
    "education",
    "industry",
    "company_size",
    "employer",
    "seniority",
    "remote",
)
NUMBERS = ("years", "years_coding", "years_ml", "month")
CELLS = (
    ("employer",), ("role",), ("country",), ("metro",), ("title",), ("employer", "seniority"), ("employer", "role"), ("role", "seniority"),
    ("title", "seniority"), ("role", "country"), ("country", "seniority"), ("employer", "metro"), ("country", "industry"),
)  # fmt: skip


@dataclass(frozen=True)
class ViewModel:
    """A source's view, loaded: encodings, trees and calibration."""

    meta: Mapping[str, Any]
    words: dict[str, dict[str, int]]
    cells: list[dict[str, float]]
    location: Trees
    scale: Trees
    refine: Trees
    start: float
    scale_start: Floats
    z: Floats
    edges: Floats


def load(meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> ViewModel:
    """A view from a release's JSON and arrays."""
    words = {name: {v: i for i, v in enumerate(values)} for name, values in meta["words"].items()}
    trees = {name: from_arrays(arrays, name) for name in ("location", "scale", "refine")}
    return ViewModel(
        meta, words, meta["cells"], trees["location"], trees["scale"], trees["refine"], meta["start"], np.array(meta["scale_start"]),
        arrays["z"], arrays["edges"],
    )  # fmt: skip


def encode(
    words: Mapping[str, Mapping[str, int]],
    cells: Sequence[Mapping[str, float]],
    skills: Sequence[str],
    facts: Mapping[str, Sequence[Any]],
) -> Floats:
    """Facts (columns of `WORDS`, `NUMBERS` and `skills`, None or NaN where not given) as the trees' features.

    Columns: codes of words, numbers, how many skills, each known skill, then the mean log pay of each cell.
    """
    n = len(facts["role"])
    columns = [
        np.array([words[w].get(v, np.nan) if v is not None else np.nan for v in facts[w]], dtype=float)
        for w in WORDS
    ]
    columns += [np.array([np.nan if v is None else v for v in facts[name]], dtype=float) for name in NUMBERS]
    listed = facts["skills"]
    columns.append(np.array([np.nan if s is None else len(s) for s in listed], dtype=float))
    place = {s: i for i, s in enumerate(skills)}
    ticked = np.zeros((n, len(skills)))
    for i, given in enumerate(listed):
        if given is None:
            ticked[i] = np.nan
        else:
            for s in given:
                if s in place:
                    ticked[i, place[s]] = 1.0
    for keys, table in zip(CELLS, cells, strict=True):
        names = zip(*(facts[k] for k in keys), strict=True)
        columns.append(
            np.array(
                [table.get("|".join(map(str, v)), np.nan) if None not in v else np.nan for v in names],
                dtype=float,
            )
        )
    width = len(WORDS) + len(NUMBERS) + 1
    return np.column_stack([*columns[:width], ticked, *columns[width:]])


def quantiles(view: ViewModel, facts: Mapping[str, Sequence[Any]]) -> Floats:
    """Log US dollars a year at the 19 levels, (n, 19), rising."""
    x = encode(view.words, view.cells, view.meta["skills"], facts)
    mu = view.start + evaluate(view.location, x)[:, 0]
    scale = scales(view.scale, view.scale_start, np.column_stack([x, mu]))
    start = located(mu, scale, view.z, view.edges)
    more = evaluate(view.refine, np.column_stack([x, mu, np.log(scale)]))
    out: Floats = np.sort(start + more, axis=1)
    return out


def scales(trees: Trees, start: Floats, x: Floats) -> Floats:
    """Lower and upper scale, (n, 2)."""
    out: Floats = np.exp(np.clip(start + evaluate(trees, x), -6, 3))
    return out


def located(mu: Floats, scale: Floats, z: Floats, edges: Floats) -> Floats:
    """Quantiles before refinement: z (bins, 19) by bin of predicted spread."""
    bin_ = np.digitize(np.log(scale.sum(1)), edges)
    mine = z[bin_]
    out: Floats = np.sort(mu[:, None] + np.where(mine < 0, scale[:, :1], scale[:, 1:]) * mine, axis=1)
    return out
