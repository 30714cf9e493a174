"""What is shown must not lose to drift, and its 80 % intervals must hold 70 to 90 in 100 of what came."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean
from typing import Any

import pytest

pytest.importorskip("statsforecast", reason="statsforecast is not here: pip install 'paylens[build]'")

from paylens.model.fit.trend import windows
from paylens.model.fit.trend.candidates import DRIFT, MODELS
from paylens.model.fit.trend.chains import chains
from paylens.model.fit.trend.choose import backtest, choose
from paylens.release.read import open_release

pytestmark = pytest.mark.statistical


def shown() -> list[dict[str, Any]]:
    rows = open_release().table("backtest.parquet").to_pylist()
    return [r for r in rows if r["model"] == "shown"]


def test_the_release_never_loses_to_drift() -> None:
    for row in shown():
        assert row["mase"] <= 1.0, (row["panel"], row["years"], row["mase"])


def test_the_release_s_80_per_cent_intervals_hold_70_to_90_of_100_in_each_panel() -> None:
    by: dict[str, list[tuple[float, int]]] = {}
    for row in shown():
        if row["covered_of"] and row["years"] <= 5:
            by.setdefault(row["panel"], []).append((row["cover80"], row["covered_of"]))
    assert by.keys() == {"official", "posted", "prices"}
    for panel, cells in by.items():
        share = sum(c * n for c, n in cells) / sum(n for _, n in cells)
        assert 0.70 <= share <= 0.90, (panel, share)


def test_on_a_known_drift_the_choice_beats_last_drift_and_its_interval_holds(
    simulated: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library's models take most of the time and are tried on the published series.
    names = ("no change", DRIFT, "mean drift", "half-way")
    monkeypatch.setattr(windows, "ahead", lambda y, *_: {m: MODELS[m](y) for m in names})
    ratios, cover, models = [], [], set()
    for seed in range(6):
        published: dict[int, dict[str, tuple[float, float]]] = {}
        for r in simulated(growth=0.03, noise=0.03, seed=seed).to_pylist():
            if r["kind"] == "official wages":
                published.setdefault(int(r["month"][:4]), {})[r["group"]] = (r["n"], r["value"])
        panel = {"official": windows.official(list(chains(published).values()))}
        rows = [r for r in backtest(panel, names) if r["model"] == "shown" and r["years"] <= 3]
        ratios += [r["mase"] for r in rows]
        cover += [r["cover80"] for r in rows]
        found = choose(panel, names)
        assert found is not None
        models.add(found.model)
    # Noise that does not last makes the last year's step a poor guide: what averages more of the past must be chosen.
    assert DRIFT not in models and "no change" not in models
    assert fmean(ratios) < 0.95
    assert 0.70 <= fmean(cover) <= 0.90
