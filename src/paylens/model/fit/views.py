"""Fitting a source's own view: trees and networks side by side, on facts masked as people leave them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from paylens.contract.observation import COMMUNITY
from paylens.contract.vocabulary import normalise
from paylens.model.fit import boosting, network
from paylens.model.fit.rows import take
from paylens.model.predict import network as networks
from paylens.model.predict import views as predict
from paylens.model.predict.network import Network
from paylens.model.predict.views import CELLS, NUMBERS, WORDS, words_of
from paylens.places import money

__all__ = ["View", "facts_of", "fit_view", "usable"]

Floats = npt.NDArray[Any]
# The share of rows that enter once more with facts left out: enough to keep answers to bare questions calibrated.
MASKED = 0.35
# The share of people that calibrate a fit that has not seen them.
APART = 0.2
_FEWEST, _FEWEST_EMPLOYER, _SKILL = 10, 20, 50
_PULL = 10.0
# Numbers of submitted reports are told in steps.
_N_STEP = 5
_LOWEST_USD, _TOP = 300.0, 1.3
# Facts people leave out, as they do: a masked copy keeps the role, the country and one of these.
_YEARS = ("years", "years_coding")
_MASKS: tuple[tuple[str, ...], ...] = (
    (), _YEARS, ("metro",), ("metro", *_YEARS), ("metro", *_YEARS, "education"), ("metro", "seniority"), ("metro", *_YEARS, "seniority"),
    ("metro", *_YEARS, "seniority", "education", "industry", "company_size", "remote", "skills", "years_ml"),
)  # fmt: skip
_ALWAYS = ("role", "title", "country", "month")


@dataclass(frozen=True)
class View:
    """A fitted view as plain data: arrays and a JSON-able description."""

    arrays: dict[str, npt.NDArray[Any]]
    meta: dict[str, Any]


def usable(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows that teach or score a view: a country and a role, and no amount flagged as a slip ('no split' totals stay)."""
    flag = take(table, "pay_flag")
    ok = np.array([f in (None, "no split", "sum mismatch") for f in flag])
    return ok & np.array([r is not None for r in take(table, "role")])


def facts_of(table: pa.Table) -> dict[str, list[Any]]:
    """Observations as the facts that a person gives (`predict.views.encode`)."""
    out: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in WORDS if name != "title"}
    out["title"] = [None if v is None else normalise(v) for v in table.column("role_asked").to_pylist()]
    for name in ("years", "years_coding", "years_ml"):
        lo = np.asarray(table.column(f"{name}_lo").to_numpy(zero_copy_only=False), dtype=float)
        hi = np.asarray(table.column(f"{name}_hi").to_numpy(zero_copy_only=False), dtype=float)
        out[name] = ((lo + np.where(np.isfinite(hi), hi, np.maximum(lo + 5, 25))) / 2).tolist()
    out["month"] = [int(m[:4]) + int(m[5:]) / 12 for m in table.column("month").to_pylist()]
    out["skills"] = [s or None for s in table.column("skills").to_pylist()]
    return out


def log_pay(table: pa.Table, source: str) -> tuple[Floats, Floats, Floats]:
    """Log US-dollar pay as one number and as an interval; an advertised range is its midpoint, other money at the month's rate."""
    known = set(money.currencies())
    pairs = zip(table.column("currency").to_pylist(), table.column("month").to_pylist(), strict=True)
    rate = np.array([money.rate(c, m).per_usd if c in known else np.nan for c, m in pairs])
    lo = np.asarray(table.column("pay_lo").to_numpy(zero_copy_only=False), dtype=float) / rate
    hi = np.asarray(table.column("pay_hi").to_numpy(zero_copy_only=False), dtype=float) / rate
    if source == "aijobs":
        lo = hi = np.sqrt(lo * np.where(np.isfinite(hi), hi, lo))
    with np.errstate(divide="ignore"):
        log_lo, log_hi = np.log(lo), np.where(np.isfinite(hi), np.log(hi), np.inf)
    middle = np.where(
        np.isfinite(log_hi),
        (np.log(np.maximum(lo, _LOWEST_USD)) + np.minimum(log_hi, 99)) / 2,
        log_lo + np.log(_TOP) / 2,
    )
    return np.where(lo == hi, log_lo, middle), log_lo, log_hi


def _range_width(table: pa.Table) -> float:
    """Median of high over low among advertised ranges that have a width."""
    lo = np.asarray(table.column("pay_lo").to_numpy(zero_copy_only=False), dtype=float)
    hi = np.asarray(table.column("pay_hi").to_numpy(zero_copy_only=False), dtype=float)
    return round(float(np.median(hi[hi > lo] / lo[hi > lo])), 4)


def _masked(facts: dict[str, list[Any]], rng: np.random.Generator) -> dict[str, list[Any]]:
    n = len(facts["role"])
    which = rng.integers(0, len(_MASKS), n)
    out = {}
    for name, values in facts.items():
        blank: Any = np.nan if name in NUMBERS else None
        out[name] = (
            values
            if name in _ALWAYS
            else [v if name in _MASKS[k] else blank for v, k in zip(values, which, strict=True)]
        )
    return out


def _vocabulary(facts: dict[str, list[Any]]) -> dict[str, list[str]]:
    out = {}
    for name in WORDS:
        values, count = np.unique(
            np.array([v for v in facts[name] if v is not None] or [""], dtype=str), return_counts=True
        )
        least = _FEWEST_EMPLOYER if name == "employer" else _FEWEST
        out[name] = [str(v) for v, n in zip(values, count, strict=True) if n >= least and v]
    return out


def _means(facts: dict[str, list[Any]], y: Floats, keys: tuple[str, ...]) -> dict[str, float]:
    names = np.array(
        ["|".join(map(str, v)) if None not in v else "" for v in zip(*(facts[k] for k in keys), strict=True)]
    )
    values, code = np.unique(names, return_inverse=True)
    n = np.bincount(code)
    mean = (np.bincount(code, weights=y) + _PULL * y.mean()) / (n + _PULL)
    least = _FEWEST_EMPLOYER if "employer" in keys else _FEWEST
    return {str(v): round(float(m), 4) for v, m, k in zip(values, mean, n, strict=True) if v and k >= least}


def _part(facts: dict[str, list[Any]], at: npt.NDArray[np.int64]) -> dict[str, list[Any]]:
    return {name: [values[i] for i in at] for name, values in facts.items()}


def fit_view(
    source: str, table: pa.Table, *, seed: int, progress: Callable[[str], None] | None = None
) -> View:
    """Fit the view of `source` on its observations.

    Each row enters whole, and a part of them once more with facts left out; cells' means are taken out of fold. A
    first fit without a fifth of the rows learns on that fifth what trees and networks should weigh and how far their
    levels are off (`predict.recalibrated`); the fit that is kept has them all.
    """
    say = progress or (lambda _: None)
    table = table.filter(pa.array(usable(table)))
    y, lo, hi = log_pay(table, source)
    good = np.isfinite(y)
    table, y, lo, hi = table.filter(pa.array(good)), y[good], lo[good], hi[good]
    facts, rng = facts_of(table), np.random.default_rng(seed)
    words = {k: {v: i for i, v in enumerate(vs)} for k, vs in _vocabulary(facts).items()}
    known = Known(words, _listed(facts["skills"], _SKILL), _listed(map(words_of, facts["title"]), _FEWEST))
    # Means of cells are exact and overlap: of what people submit, cuts leave through disclosure control alone.
    keyed = () if source.startswith(COMMUNITY) else CELLS
    rows = _rows(known, facts, y, lo, hi, rng, keyed)
    apart = (rng.random(len(y)) < APART)[rows.of]
    sizes = [len(v) for v in words.values()]
    first = _Both.fit(source, rows.where(~apart), sizes, seed, say)
    unseen = rows.where(apart)
    share = first.share(unseen.y, unseen.x)
    levels = boosting.calibration(first.quantiles(unseen.x, share), unseen, rng)
    fitted = _Both.fit(source, rows, sizes, seed, say)
    meta = {
        "schema": 1, "source": source, "words": {k: list(v) for k, v in words.items()}, "titles": known.titles,
        "cells": [_means(facts, y, keys) if keys in keyed else {} for keys in CELLS], "skills": known.skills,
        "n": len(y) if keyed else len(y) // _N_STEP * _N_STEP, "seed": seed,
        "start": fitted.trees.start, "share": share,
    }  # fmt: skip
    if source == "aijobs":
        meta["range_width"] = _range_width(table)
    return View({**fitted.arrays(), "levels": levels}, meta)


@dataclass(frozen=True)
class Known:
    """Words, skills and words of titles that enough reports hold to be told apart."""

    words: dict[str, dict[str, int]]
    skills: list[str]
    titles: list[str]


@dataclass(frozen=True)
class _Both:
    trees: boosting.Fitted
    networks: Network | None

    @classmethod
    def fit(
        cls, source: str, rows: boosting.Rows, sizes: list[int], seed: int, say: Callable[[str], None]
    ) -> _Both:
        trees = boosting.fit(source, rows, say)
        if source.startswith(COMMUNITY):
            # A network can learn one person's row by heart: none is fitted to what people submit.
            return cls(trees, None)
        say(f"view {source}: networks")
        return cls(trees, network.fit(source, rows.x, rows.y, sizes, seed))

    def share(self, y: Floats, x: Floats) -> float:
        """What the networks should weigh, by reports that neither has seen."""
        if self.networks is None:
            return 0.0
        return network.share(y, self.trees.quantiles(x), networks.evaluate(self.networks, x))

    def quantiles(self, x: Floats, share: float) -> Floats:
        trees = self.trees.quantiles(x)
        return (
            trees
            if self.networks is None
            else predict.mixed(trees, networks.evaluate(self.networks, x), share)
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        more = {} if self.networks is None else networks.to_arrays(self.networks, "network")
        return {**self.trees.arrays(), **more}


def _rows(
    known: Known, facts: dict[str, list[Any]], y: Floats, lo: Floats, hi: Floats, rng: np.random.Generator,
    keyed: tuple[tuple[str, ...], ...],
) -> boosting.Rows:  # fmt: skip
    """Each report whole, then a part of them with facts left out; the means of the cells `keyed` are of the folds without
    it."""
    fold = rng.integers(0, boosting.FOLDS, len(y))
    again = np.flatnonzero(rng.random(len(y)) < MASKED)
    masked = _masked(_part(facts, again), rng)
    every = np.concatenate([np.arange(len(y)), again])
    ticks = len(known.skills) + len(known.titles)
    x = np.full((len(every), len(WORDS) + len(NUMBERS) + 1 + ticks + len(CELLS)), np.nan)
    for k in range(boosting.FOLDS):
        held = fold == k
        rest = _part(facts, np.flatnonzero(~held))
        cells = [_means(rest, y[~held], keys) if keys in keyed else {} for keys in CELLS]
        for at, part in (
            (np.flatnonzero(held), _part(facts, np.flatnonzero(held))),
            (len(y) + np.flatnonzero(held[again]), _part(masked, np.flatnonzero(held[again]))),
        ):
            x[at] = predict.encode(known.words, cells, known.skills, part, known.titles)
    return boosting.Rows(x, y[every], lo[every], hi[every], fold[every], every)


def _listed(lists: Iterable[Sequence[str] | None], least: int) -> list[str]:
    """What at least `least` of the reports list and as many do not, in order of the alphabet."""
    counts, n = Counter[str](), 0
    for listed in lists:
        counts.update(listed or ())
        n += 1
    return sorted(s for s, k in counts.items() if least <= k <= n - least)
