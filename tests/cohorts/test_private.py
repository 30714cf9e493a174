"""Differential privacy: the noise has the scale that is claimed, neighbours look alike, and a spent budget is refused."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paylens.cohorts import private
from paylens.cohorts.build import Cohorts
from paylens.cohorts.disclosure import beside, disclose
from paylens.cohorts.keys import GroupingSet
from paylens.cohorts.private import (
    Budget,
    Noisy,
    Privacy,
    Report,
    measure,
    noisy_counts,
    noisy_percentile,
    publish,
)
from paylens.contract.errors import InputError, PaylensError

needs_opendp = pytest.mark.skipif(
    importlib.util.find_spec("opendp") is None, reason="OpenDP is not here: pip install 'paylens[dp]'"
)
SOURCE = "community:x"
DAY = "2026-11-20"


def people(n: int, seed: int = 0, country: str = "DE") -> list[Report]:
    random = np.random.default_rng(seed)
    pay = np.exp(random.normal(11.0, 0.3, n)).tolist()
    return [Report("data-scientist", country, p, "EUR", 0.9) for p in pay]


@needs_opendp
@pytest.mark.statistical
def test_the_noise_of_counts_has_the_claimed_scale() -> None:
    """Laplace noise of epsilon e has the standard deviation sqrt(2) / e, and no bias; 600 draws."""
    cost = Budget(0.2, 1e-6)
    # One call for many cells: each cell has noise of its own.
    cells = [f"c{k:03d}" for k in range(600) for _ in range(300)]
    found = np.array(list(noisy_counts(cells, cost).values()))
    assert len(found) == 600
    assert abs(found.mean() - 300) < 4 * math.sqrt(2) / 0.2 / math.sqrt(600)
    assert found.std() == pytest.approx(math.sqrt(2) / 0.2, rel=0.15)


@needs_opendp
@pytest.mark.statistical
def test_a_neighbour_is_no_likelier_than_epsilon_allows() -> None:
    """Of one report more or less: P(n >= k) differs by at most a factor exp(epsilon); a test by binomial bounds."""
    epsilon, draws = 0.5, 3000
    tails = []
    for n in (100, 101):
        cells = [f"c{k:04d}" for k in range(draws) for _ in range(n)]
        counts = np.array(list(noisy_counts(cells, Budget(epsilon, 1e-6)).values()))
        tails.append([(counts >= k).mean() for k in (98, 101, 104)])
    for fewer, more in zip(*tails, strict=True):
        error = 4 * math.sqrt(more * (1 - more) / draws) + 4 * math.exp(epsilon) * math.sqrt(
            fewer * (1 - fewer) / draws
        )
        assert more <= math.exp(epsilon) * fewer + 1e-6 + error
        # And it is not much better than claimed: the two can be told apart by about that factor.
        assert more > fewer


@needs_opendp
def test_a_cell_of_one_is_shown_as_seldom_as_delta_says() -> None:
    cells = [f"c{k:05d}" for k in range(20_000)]
    assert len(noisy_counts(cells, Budget(0.5, 1e-6))) <= 2


@needs_opendp
def test_percentiles_are_of_a_public_grid_and_near_with_much_budget() -> None:
    amounts = [r.cash for r in people(400)]
    grid = private._grid(0.9)
    assert all(b / a < 1.03 for a, b in itertools.pairwise(grid))
    for level in (0.25, 0.5, 0.75):
        found = noisy_percentile(amounts, level, grid, 20.0)
        assert found in grid
        assert found == pytest.approx(np.quantile(amounts, level), rel=0.05)
    # With next to no budget the answer hardly depends on the reports: it is often far away.
    far = [abs(math.log(noisy_percentile(amounts, 0.5, grid, 1e-3) / math.exp(11.0))) for _ in range(20)]
    assert max(far) > 0.5


@needs_opendp
def test_the_whole_costs_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mechanism's cost, added as sets add and cells share, is the epsilon and delta that were asked for."""
    spent = {"epsilon": 0.0, "delta": 0.0}

    def counts(cells: list[str], cost: Budget) -> dict[str, int]:
        spent["epsilon"] += cost.epsilon
        spent["delta"] += cost.delta
        return {cells[0]: 50}

    def percentile(amounts: list[float], level: float, grid: list[float], epsilon: float) -> float:
        spent["epsilon"] += epsilon
        return grid[0]

    monkeypatch.setattr(private, "noisy_counts", counts)
    monkeypatch.setattr(private, "noisy_percentile", percentile)
    measure(people(60), Budget(3.0, 1e-5))
    assert spent["epsilon"] == pytest.approx(3.0) and spent["delta"] == pytest.approx(1e-5)


@needs_opendp
def test_the_ledger_adds_up_and_refuses(tmp_path: Path) -> None:
    path = tmp_path / "privacy-x.json"
    budget = Budget(5.0, 5e-6)
    first = publish(Privacy.read(path, SOURCE, budget), DAY, "a", Budget(2.0, 1e-6), people(200))
    assert first.spent == Budget(2.0, 1e-6) and first.budget == budget
    second = publish(Privacy.read(path, SOURCE, None), "2026-12-20", "b", Budget(3.0, 1e-6), people(210))
    assert second.spent.epsilon == pytest.approx(5.0)
    before = path.read_bytes()
    with pytest.raises(PaylensError, match="privacy budget is spent: epsilon 0 of 5 is left"):
        publish(Privacy.read(path, SOURCE, None), "2027-01-20", "c", Budget(0.1, 1e-6), people(220))
    assert path.read_bytes() == before
    # What was made is shown again for nothing, to the last digit, even now.
    again = publish(Privacy.read(path, SOURCE, None), DAY, "a", Budget(2.0, 1e-6), people(200))
    assert again.rows == first.rows and again.spent == second.spent
    with pytest.raises(PaylensError, match="with other reports"):
        publish(Privacy.read(path, SOURCE, None), DAY, "other", Budget(2.0, 1e-6), people(200))


def test_delta_is_budgeted_too(tmp_path: Path) -> None:
    privacy = Privacy(tmp_path / "p", SOURCE, Budget(10.0, 1e-6))
    with pytest.raises(PaylensError, match="budget is spent"):
        privacy.afford(Budget(1.0, 2e-6))
    privacy.afford(Budget(10.0, 1e-6))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 3.0), max_size=8), st.floats(0.5, 6.0))
def test_no_sequence_of_releases_spends_more_than_the_budget(costs: list[float], total: float) -> None:
    privacy = Privacy(Path("p"), SOURCE, Budget(total, 1e-4))
    for k, epsilon in enumerate(costs):
        try:
            privacy = privacy.charged(f"2026-01-{k + 1:02d}", str(k), Budget(epsilon, 1e-6), [])
        except PaylensError:
            assert privacy.spent.epsilon + epsilon > total
    assert privacy.spent.epsilon <= total * (1 + 1e-6)


@needs_opendp
def test_the_budget_is_not_changed_and_a_spoilt_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "privacy-x.json"
    with pytest.raises(PaylensError, match="names its --budget"):
        Privacy.read(path, SOURCE, None)
    publish(Privacy.read(path, SOURCE, Budget(5.0, 5e-6)), DAY, "a", Budget(2.0, 1e-6), people(100))
    with pytest.raises(PaylensError, match="can't be changed"):
        Privacy.read(path, SOURCE, Budget(9.0, 5e-6))
    with pytest.raises(PaylensError, match="not the privacy ledger of community:y"):
        Privacy.read(path, "community:y", None)
    told = json.loads(path.read_text(encoding="utf-8"))
    told["releases"][0]["epsilon"] = 50.0
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(PaylensError, match="restore it from a backup"):
        Privacy.read(path, SOURCE, None)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(PaylensError, match="restore it from a backup"):
        Privacy.read(path, SOURCE, None)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.nan, math.inf, 1e6])
def test_an_epsilon_that_is_none(epsilon: float) -> None:
    with pytest.raises(InputError, match="epsilon must be above 0"):
        Budget(epsilon, 1e-6).checked("--epsilon")


@needs_opendp
def test_noisy_cuts_stand_beside_the_others_and_are_made_by_publish_alone(
    tmp_path: Path, make: Callable[..., pa.Table], cut: Callable[..., Cohorts]
) -> None:
    with pytest.raises(TypeError):
        Noisy(object(), Privacy(tmp_path, SOURCE, Budget(1.0, 1e-6)), Budget(1.0, 1e-6), [])
    privacy = Privacy.read(tmp_path / "p.json", SOURCE, Budget(8.0, 1e-5))
    noisy = publish(privacy, DAY, "a", Budget(8.0, 1e-5), people(300))
    sets = (GroupingSet("country", ("country",)), GroupingSet("role-country", ("role", "country"), "country"))
    public = disclose(cut(make(300, 1), sets))
    out = beside(public, [noisy], {SOURCE: (2026, 2026)})
    rows = out.table.to_pylist()[public.table.num_rows :]
    assert out.table.slice(0, public.table.num_rows).equals(public.table) and public.table.num_rows
    assert {row["set"] for row in rows} == {"country", "role-country"}
    for row in rows:
        assert row["source"] == SOURCE and row["measure"] == "cash" and row["currency"] == "EUR"
        assert row["n"] % 5 == 0 and row["p25"] <= row["p50"] <= row["p75"]
        assert row["p10"] is None and row["p90"] is None and row["employers"] is None
        assert "differentially private, epsilon 8" in row["note"]
    with pytest.raises(ValueError, match="cuts without noise"):
        beside(out, [noisy], {SOURCE: (2026, 2026)})
