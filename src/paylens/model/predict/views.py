r"""What a source would report: 19 quantiles of log US dollars for facts given, from that source's trees.

a(tau) = mu + s_side z(tau, bin): mu the mean of cross-fitted location ensembles, s_lower and s_upper their scale
ensembles, z by bin of predicted spread. At seven knots two ensembles correct it: one boosted from a(tau) and one fitted
to the quantile itself, d(tau). b(tau) = a(tau) + line through the knots of [refinement + d(tau) - a(tau)] / 2, sorted.
c(tau) = (1 - w) b(tau) + w n(tau), sorted: n of the networks (`network`), w as they did on reports not seen.
A community's view is a(tau) alone, with one z for all: no quantile of few people's pay is in it.
q(tau) = c(t_g(tau)): t_g is the predicted level that truly holds a share tau of those of whom so many facts are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.model.predict import network
from paylens.model.predict.network import Network
from paylens.model.predict.trees import Trees, evaluate, from_arrays

__all__ = [
    "CELLS",
    "FACTS_KNOWN",
    "KNOTS",
    "LEVELS",
    "NUMBERS",
    "WORDS",
    "Predicted",
    "ViewModel",
    "encode",
    "facts_known",
    "load",
    "mixed",
    "predict",
    "probability",
    "quantiles",
    "words_of",
]

Floats = npt.NDArray[np.float64]
LEVELS = np.round(np.arange(1, 20) * 0.05, 2)
# Places among LEVELS where the quantile ensembles stand: 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95.
KNOTS = np.array([0, 1, 4, 9, 14, 17, 18])
# Weights of the knots at each level: a straight line between neighbours, (7, 19).
_LINES = np.array([np.interp(LEVELS, LEVELS[KNOTS], row) for row in np.eye(len(KNOTS))])
# Least number of facts known in each group that is calibrated for itself.
FACTS_KNOWN = np.array([0, 2, 4])
_ALWAYS = ("role", "title", "country", "metro", "month")
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
    """A source's view, loaded: encodings, trees, networks with their share of the answer, and calibration."""

    meta: Mapping[str, Any]
    words: dict[str, dict[str, int]]
    cells: list[dict[str, float]]
    location: Trees
    scale: Trees
    refine: Trees | None
    direct: Trees | None
    start: float
    z: Floats
    edges: Floats
    levels: Floats
    titles: tuple[str, ...] = ()
    networks: Network | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Predicted:
    """Log US dollars a year at the 19 levels (n, 19); the location of each ensemble (n, groups), each of which left a
    part of the people out; and the facts as they were encoded (n, features).
    """

    quantiles: Floats
    locations: Floats
    x: Floats


def load(meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> ViewModel:
    """A view from a release's JSON and arrays."""
    words = {name: {v: i for i, v in enumerate(values)} for name, values in meta["words"].items()}
    whole = "direct.root" in arrays
    names = ("location", "scale", "refine", "direct") if whole else ("location", "scale")
    trees = {name: from_arrays(arrays, name) for name in names}
    return ViewModel(
        meta, words, meta["cells"], trees["location"], trees["scale"], trees.get("refine"), trees.get("direct"),
        meta["start"], arrays["z"], arrays["edges"], arrays["levels"], tuple(meta.get("titles", ())),
        network.from_arrays(arrays, "network") if "network.start" in arrays else None, float(meta.get("share", 0.0)),
    )  # fmt: skip


def encode(
    words: Mapping[str, Mapping[str, int]],
    cells: Sequence[Mapping[str, float]],
    skills: Sequence[str],
    facts: Mapping[str, Sequence[Any]],
    titles: Sequence[str] = (),
) -> Floats:
    """Facts (columns of `WORDS`, `NUMBERS` and `skills`, None or NaN where not given) as features.

    Columns: codes of words, numbers, how many skills, each known skill, each known word of a title (`titles`), then
    the mean log pay of each cell.
    """
    columns = [
        np.array([words[w].get(v, np.nan) if v is not None else np.nan for v in facts[w]], dtype=float)
        for w in WORDS
    ]
    columns += [np.array([np.nan if v is None else v for v in facts[name]], dtype=float) for name in NUMBERS]
    listed = facts["skills"]
    columns.append(np.array([np.nan if s is None else len(s) for s in listed], dtype=float))
    ticked = [_ticked(skills, listed), _ticked(titles, [words_of(v) for v in facts["title"]])]
    for keys, table in zip(CELLS, cells, strict=True):
        names = zip(*(facts[k] for k in keys), strict=True)
        columns.append(
            np.array(
                [table.get("|".join(map(str, v)), np.nan) if None not in v else np.nan for v in names],
                dtype=float,
            )
        )
    width = len(WORDS) + len(NUMBERS) + 1
    return np.column_stack([*columns[:width], *ticked, *columns[width:]])


def words_of(title: str | None) -> list[str] | None:
    """The words of a normalised title, each once, in order of the alphabet."""
    return None if title is None else sorted(set(title.split()))


def _ticked(known: Sequence[str], listed: Sequence[Sequence[str] | None]) -> Floats:
    """One column for each of `known`: 1 where listed, NaN where nothing is given, (n, known)."""
    place = {s: i for i, s in enumerate(known)}
    out = np.zeros((len(listed), len(known)))
    for i, given in enumerate(listed):
        if given is None:
            out[i] = np.nan
        else:
            out[i, [place[s] for s in given if s in place]] = 1.0
    return out


def quantiles(view: ViewModel, facts: Mapping[str, Sequence[Any]]) -> Floats:
    """Log US dollars a year at the 19 levels, (n, 19), rising."""
    return predict(view, facts).quantiles


def predict(view: ViewModel, facts: Mapping[str, Sequence[Any]]) -> Predicted:
    """Quantiles of facts, with what they came through."""
    x = encode(view.words, view.cells, view.meta["skills"], facts, view.titles)
    locations = view.start + evaluate(view.location, x)
    mu = locations.mean(1)
    scale = np.exp(np.clip(evaluate(view.scale, np.column_stack([x, mu])), -6, 3))
    q = located(mu, scale, view.z, view.edges)
    if view.refine is not None and view.direct is not None:
        q = _bent(view.refine, view.direct, view.start, q, x, mu, scale)
    if view.networks is not None:
        q = mixed(q, network.evaluate(view.networks, x), view.share)
    return Predicted(recalibrated(q, view.levels[facts_known(x)]), locations, x)


def _bent(
    refine: Trees, direct: Trees, start: float, q: Floats, x: Floats, mu: Floats, scale: Floats
) -> Floats:
    """The quantiles q corrected by both ensembles of quantiles."""
    refined = evaluate(refine, np.column_stack([x, mu, np.log(scale)]))
    return corrected(q, refined, start + evaluate(direct, x))


def mixed(trees: Floats, networks: Floats, share: float) -> Floats:
    """Quantiles (n, 19) of both, rising; `share` is what the networks weigh."""
    out: Floats = np.sort((1 - share) * trees + share * networks, axis=1)
    return out


def corrected(start: Floats, refined: Floats, direct: Floats) -> Floats:
    """Quantiles (n, 19) from `start` (n, 19), its refinement and the direct quantiles at the knots (both (n, 7))."""
    out: Floats = np.sort(start + (refined + direct - start[:, KNOTS]) @ _LINES / 2, axis=1)
    return out


def located(mu: Floats, scale: Floats, z: Floats, edges: Floats) -> Floats:
    """Quantiles before refinement: z (bins, 19) by bin of predicted spread."""
    bin_ = np.digitize(np.log(scale.sum(1)), edges)
    mine = z[bin_]
    out: Floats = np.sort(mu[:, None] + np.where(mine < 0, scale[:, :1], scale[:, 1:]) * mine, axis=1)
    return out


def facts_known(x: Floats) -> npt.NDArray[np.int64]:
    """Group of each row of features by how many facts beside role, title, place and month are known, (n,)."""
    width = len(WORDS) + len(NUMBERS) + 1
    counted = [i for i, name in enumerate((*WORDS, *NUMBERS, "skills")) if name not in _ALWAYS]
    known = np.isfinite(x[:, :width][:, counted]).sum(1)
    group: npt.NDArray[np.int64] = np.searchsorted(FACTS_KNOWN, known, side="right") - 1
    return group


def _extended(q: Floats) -> tuple[Floats, Floats]:
    """Levels 0 to 1 and the quantiles there: the ends lie one and a half times the last step beyond, (21,), (n, 21)."""
    low = q[:, :1] - 1.5 * (q[:, 1:2] - q[:, :1]) - 1e-6
    high = q[:, -1:] + 1.5 * (q[:, -1:] - q[:, -2:-1]) + 1e-6
    return np.concatenate([[0.0], LEVELS, [1.0]]), np.column_stack([low, q, high])


def probability(q: Floats, at: Floats) -> Floats:
    """The predicted share below `at` (n,) of quantiles q (n, 19)."""
    levels, ends = _extended(q)
    return np.array([np.interp(v, row, levels) for v, row in zip(at, ends, strict=True)])


def recalibrated(q: Floats, levels: Floats) -> Floats:
    """Quantiles (n, 19) read at other levels (n, 19), which rise."""
    known, ends = _extended(q)
    right = np.clip(np.searchsorted(known, levels, side="right"), 1, len(known) - 1)
    share = (levels - known[right - 1]) / (known[right] - known[right - 1])
    low, high = (np.take_along_axis(ends, i, axis=1) for i in (right - 1, right))
    out: Floats = low + share * (high - low)
    return out
