r"""Counts and percentiles of a community's cuts under differential privacy, and the budget that all its releases share.

For any two lists of reports D, D' that differ in one report and any set of outputs S,

    P(M(D) in S) <= exp(epsilon) P(M(D') in S) + delta.

Each of the sets in `CUTS` takes half of epsilon. In a set a report is in one cell at most, so its cells share the cost.
Counts: Laplace noise on every cell that has a report, and only cells above a threshold are shown, which costs delta (the
stable histogram of Korolova et al. 2009). Percentiles of the cells shown: the exponential mechanism over a public grid of
amounts (Smith 2011, as OpenDP has it), once each. What is left is arithmetic on noisy numbers, which costs nothing.
Epsilons and deltas of releases add up (basic composition). The noise is the operating system's: a release that is built
again takes its figures from the ledger, where they are kept, and costs nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, final

import numpy as np

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.require import require

__all__ = [
    "CUTS", "GRID_STEP", "Budget", "Noisy", "Privacy", "Report", "measure", "noisy_counts", "noisy_percentile", "publish",
]  # fmt: skip

CUTS: Final = (("country",), ("role", "country"))
"""The cuts that are made: few, since each takes its part of epsilon."""
SHARE_OF_COUNTS: Final = 0.2
"""Of a set's epsilon; the rest goes to its percentiles, evenly."""
PERCENTILES: Final = (("p25", 0.25), ("p50", 0.50), ("p75", 0.75))
LEAST: Final = 20
"""A cell is shown from this noisy count, where the threshold is not higher."""
GRID_USD: Final = (2_000.0, 1_000_000.0)
GRID_STEP: Final = 0.02
"""Percentiles are amounts of a grid in the country's money, its steps this ratio."""
_SCALES = (1e-3, 1e5)
_THRESHOLDS = (1, 10_000_000)
_SLACK = 1e-9
LEDGER_SCHEMA: Final = 1


@dataclass(frozen=True)
class Budget:
    """An amount of epsilon and delta."""

    epsilon: float
    delta: float

    def checked(self, what: str) -> Budget:
        """Itself; InputError unless epsilon is above 0 and delta between 0 and 0.01."""
        if not (math.isfinite(self.epsilon) and 0 < self.epsilon <= 100):
            raise InputError(what, self.epsilon, "epsilon must be above 0 and at most 100")
        if not 0 < self.delta <= 0.01:
            raise InputError(what, self.delta, "delta must be above 0 and at most 0.01")
        return self

    def plus(self, other: Budget) -> Budget:
        """Both together."""
        return Budget(self.epsilon + other.epsilon, self.delta + other.delta)

    def holds(self, other: Budget) -> bool:
        """Whether `other` fits into it."""
        return other.epsilon <= self.epsilon * (1 + _SLACK) and other.delta <= self.delta * (1 + _SLACK)


@dataclass(frozen=True)
class Report:
    """What a report brings: its role and country (None where not known), cash in the country's money, that money and its
    rate to the dollar at the release."""

    role: str | None
    country: str | None
    cash: float
    currency: str
    per_usd: float


@dataclass(frozen=True)
class Privacy:
    """The ledger of a community: its budget, and each release with what it cost and the figures it showed."""

    path: Path
    source: str
    budget: Budget
    releases: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def read(cls, path: Path, source: str, budget: Budget | None) -> Privacy:
        """The ledger in a file; where there is none, a new one with this budget. PaylensError where a budget is asked for
        that is not the ledger's: what was promised to members is not changed."""
        if not path.is_file():
            if budget is None:
                raise PaylensError(
                    f"{path}: no such file; the first private release of {source} names its --budget"
                )
            return cls(path, source, budget.checked("--budget"))
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            found = cls(path, told["source"], Budget(told["epsilon"], told["delta"]), tuple(told["releases"]))
            spent = found.spent
        except (ValueError, KeyError, TypeError) as error:
            raise PaylensError(f"{path}: not a privacy ledger; restore it from a backup ({error})") from None
        if told.get("schema") != LEDGER_SCHEMA or found.source != source or not found.budget.holds(spent):
            raise PaylensError(f"{path}: not the privacy ledger of {source}; restore it from a backup")
        if budget is not None and budget.epsilon != found.budget.epsilon:
            b = found.budget
            raise PaylensError(
                f"{path}: the budget of {source} is epsilon {b.epsilon:g}, delta {b.delta:g} and can't be changed: leave --budget out"
            )
        return found

    @property
    def spent(self) -> Budget:
        """What all releases cost together."""
        out = Budget(0.0, 0.0)
        for one in self.releases:
            out = out.plus(Budget(one["epsilon"], one["delta"]))
        return out

    def figures(self, released: str, export: str) -> list[dict[str, Any]] | None:
        """What the release of a day showed, None where there is none; PaylensError where it was of another export."""
        for one in self.releases:
            if one["released"] == released:
                if one["export"] != export:
                    raise PaylensError(f"{self.source} was already released on {released} with other reports")
                rows: list[dict[str, Any]] = one["figures"]
                return rows
        return None

    def afford(self, cost: Budget) -> None:
        """PaylensError where the budget does not hold what the next release would cost."""
        if not self.budget.holds(self.spent.plus(cost)):
            left = self.budget.epsilon - self.spent.epsilon
            raise PaylensError(
                f"{self.source}: the privacy budget is spent: epsilon {left:.3g} of {self.budget.epsilon:g} is left and this release needs"
                f" {cost.epsilon:g} (delta {cost.delta:g}); ask for less, or publish nothing more ({self.path})"
            )

    def charged(
        self, released: str, export: str, cost: Budget, figures: Sequence[Mapping[str, Any]]
    ) -> Privacy:
        """The ledger with one more release; PaylensError where the budget does not hold it."""
        self.afford(cost)
        row = {
            "released": released, "export": export, "epsilon": cost.epsilon, "delta": cost.delta,
            "figures": [dict(f) for f in figures],
        }  # fmt: skip
        return replace(self, releases=(*self.releases, row))

    def write(self) -> None:
        """Write it whole or not at all."""
        told = {
            "schema": LEDGER_SCHEMA, "source": self.source, "epsilon": self.budget.epsilon, "delta": self.budget.delta,
            "releases": list(self.releases),
        }  # fmt: skip
        fresh = self.path.with_name(f".{self.path.name}.part")
        fresh.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.path)


def measure(reports: Sequence[Report], cost: Budget) -> list[dict[str, Any]]:
    """Noisy cells of the reports, (epsilon, delta)-differentially private as a whole.

    Rows: the keys of a cut, `currency`, `n` and p25, p50, p75 in that currency. MissingExtra without OpenDP.
    """
    cost.checked("--epsilon")
    part = Budget(cost.epsilon / len(CUTS), cost.delta / len(CUTS))
    for_counts = Budget(part.epsilon * SHARE_OF_COUNTS, part.delta)
    for_each = part.epsilon * (1 - SHARE_OF_COUNTS) / len(PERCENTILES)
    out = []
    for keys in CUTS:
        cells = [_cell(report, keys) for report in reports]
        shown = noisy_counts([cell for cell in cells if cell is not None], for_counts)
        for cell, n in sorted(shown.items()):
            own = [report for report, at in zip(reports, cells, strict=True) if at == cell]
            # What money a country counts in and its rate are public: they do not depend on the reports.
            grid = _grid(own[0].per_usd)
            amounts = [report.cash for report in own]
            found = sorted(noisy_percentile(amounts, level, grid, for_each) for _, level in PERCENTILES)
            names = zip((name for name, _ in PERCENTILES), found, strict=True)
            out.append(
                {
                    **dict(zip(keys, cell.split("|"), strict=True)),
                    "currency": own[0].currency,
                    "n": n,
                    **dict(names),
                }
            )
    return out


def _cell(report: Report, keys: Sequence[str]) -> str | None:
    values = [getattr(report, key) for key in keys]
    return None if None in values else "|".join(values)


def _grid(per_usd: float) -> list[float]:
    low, high = (math.log(end * per_usd) for end in GRID_USD)
    step = math.log1p(GRID_STEP)
    # Three significant figures, as amounts are shown.
    return sorted({float(f"{math.exp(v):.3g}") for v in np.arange(low, high, step)})


def noisy_counts(cells: Sequence[str], cost: Budget) -> dict[str, int]:
    """Noisy numbers of reports of the cells that are above the threshold: (epsilon, delta)-differentially private.

    The noise is discrete Laplace; its scale, and the threshold for delta, are the smallest that OpenDP's own accounting
    allows.
    """
    dp = _opendp()
    counted = dp.t.make_count_by(dp.vector_domain(dp.atom_domain(T=str)), dp.symmetric_distance(), TV="i64")

    def made(scale: float, threshold: int) -> Any:
        return counted >> dp.m.then_laplace_threshold(scale=scale, threshold=threshold)

    scale = dp.binary_search(lambda s: made(s, _THRESHOLDS[1]).map(1)[0] <= cost.epsilon, bounds=_SCALES)
    threshold = dp.binary_search(lambda t: made(scale, t).map(1)[1] <= cost.delta, bounds=_THRESHOLDS)
    found = made(scale, max(threshold, LEAST))(list(cells))
    return {str(cell): int(n) for cell, n in found.items()}


def noisy_percentile(amounts: Sequence[float], level: float, grid: Sequence[float], epsilon: float) -> float:
    """An amount of the grid near the percentile, `level` from 0 to 1: epsilon-differentially private."""
    dp = _opendp()
    domain = dp.vector_domain(dp.atom_domain(T=float, nan=False))

    def made(scale: float) -> Any:
        return dp.m.make_private_quantile(
            domain,
            dp.symmetric_distance(),
            dp.max_divergence(),
            candidates=list(grid),
            alpha=level,
            scale=scale,
        )

    scale = dp.binary_search(lambda s: made(s).map(1) <= epsilon, bounds=_SCALES)
    return float(made(scale)([float(a) for a in amounts]))


def _opendp() -> Any:
    dp = require("opendp.prelude", "dp")
    # Its proofs are reviewed but not by a third party, which it wants to be told that one knows.
    dp.enable_features("contrib")
    return dp


_TOKEN: Final = object()


@final
class Noisy:
    """A community's private figures of one release: made by `publish` alone, so that none reaches a release unpaid.

    `rows` as `measure` gives them; `cost` of this release, `spent` by all so far, of `budget`.
    """

    def __init__(self, token: object, privacy: Privacy, cost: Budget, rows: list[dict[str, Any]]) -> None:
        if token is not _TOKEN:
            raise TypeError("Noisy is made by paylens.cohorts.private.publish alone")
        self.source, self.rows = privacy.source, rows
        self.cost, self.spent, self.budget = cost, privacy.spent, privacy.budget

    @property
    def note(self) -> str:
        """What stands beside each figure."""
        return f"noisy on purpose: differentially private, epsilon {self.cost.epsilon:g}, delta {self.cost.delta:g}"

    @property
    def total(self) -> int:
        """About how many reports there are: the sum of the noisy countries."""
        return sum(row["n"] for row in self.rows if "role" not in row)

    def told(self) -> dict[str, float]:
        """The budget as a release tells it."""
        return {
            "epsilon": self.cost.epsilon, "delta": self.cost.delta, "spent_epsilon": self.spent.epsilon,
            "spent_delta": self.spent.delta, "budget_epsilon": self.budget.epsilon, "budget_delta": self.budget.delta,
        }  # fmt: skip


def publish(privacy: Privacy, released: str, export: str, cost: Budget, reports: Sequence[Report]) -> Noisy:
    """The figures of a release, paid for: its cost is written to the ledger before anybody sees them.

    A release of this day that was made already is shown again at no cost. PaylensError when the budget is spent.
    """
    kept = privacy.figures(released, export)
    if kept is not None:
        before = next(one for one in privacy.releases if one["released"] == released)
        return Noisy(_TOKEN, privacy, Budget(before["epsilon"], before["delta"]), kept)
    last = max((one["released"] for one in privacy.releases), default="")
    if released < last:
        raise PaylensError(
            f"{privacy.source} was already released on {last}; export with a later release date"
        )
    privacy.afford(cost.checked("--epsilon"))
    privacy = privacy.charged(released, export, cost, measure(reports, cost))
    privacy.write()
    return Noisy(_TOKEN, privacy, cost, privacy.figures(released, export) or [])
