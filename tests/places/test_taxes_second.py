"""The taxes beside other calculators, over a grid; a calculator that is not installed is skipped with the reason.

docs/take-home.md explains every difference that is allowed for here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from paylens.places.taxes import Pay, Region, deductions, law_at

GRID = (60_000, 90_000, 120_000, 180_000, 260_000, 400_000)
# States that tenforty computes with Open Tax Solver's own forms, and the most that it differs by: what it leaves out.
STATES = {
    "AZ": 3.0,
    "CA": 6.0,
    "MA": 101.0,  # its Form 1 is not told of FICA, of which 2,000 are deductible
    "MI": 494.0,  # nor of the personal exemptions
    "NC": 3.0,
    "NJ": 3.0,
    "NY": 3.0,
    "OH": 119.0,  # nor of the personal exemptions
    "OR": 513.0,  # nor of the exemption credit
    "PA": 3.0,
    "VA": 3.0,
}
FILINGS = {"single": "Single", "married": "Married/Joint"}


def ours(region: Region, month: str, gross: float, filing: str = "single") -> dict[str, float]:
    law = law_at(region, month)
    lines = deductions(law, Pay(np.array([float(gross)]), np.zeros(1), filing == "married"))
    return {line.name: float(line.amount[0]) for line in lines}


@pytest.mark.parametrize("filing", FILINGS)
@pytest.mark.parametrize("state", STATES)
def test_us_states_beside_tenforty(state: str, filing: str) -> None:
    tenforty: Any = pytest.importorskip("tenforty", reason="tenforty is not installed: pip install tenforty")
    for gross in GRID:
        theirs = tenforty.evaluate_return(
            year=2025, state=state, filing_status=FILINGS[filing], w2_income=float(gross)
        )
        got = ours(Region("US", state), "2025-06", gross, filing)[f"{state} income tax"]
        assert got == pytest.approx(theirs.state_total_tax, abs=STATES[state]), gross


@pytest.mark.parametrize("filing", FILINGS)
def test_federal_tax_beside_tenforty(filing: str) -> None:
    """With the standard deduction; under 100,000 the IRS's tables go by steps of 50 dollars."""
    tenforty: Any = pytest.importorskip("tenforty", reason="tenforty is not installed: pip install tenforty")
    for gross in (*GRID, 700_000, 1_500_000):
        theirs = tenforty.evaluate_return(
            year=2025, filing_status=FILINGS[filing], w2_income=float(gross)
        ).federal_income_tax
        got = ours(Region("US", "TX"), "2025-06", gross, filing)["federal income tax"]
        assert got == pytest.approx(theirs, abs=6.1 if gross < 131_500 else 0.6), gross


@pytest.mark.parametrize("year, month", [(2025, "2025-06"), (2026, "2026-06")])
def test_uk_beside_policyengine(year: int, month: str) -> None:
    engine: Any = pytest.importorskip(
        "policyengine_uk_compiled",
        reason="policyengine-uk-compiled is not installed: pip install policyengine-uk-compiled",
    )
    for gross in (12_000, 30_000, 60_000, 90_000, 110_000, 150_000, 300_000):
        persons, units, households = engine.Simulation.single_person(employment_income=float(gross))
        run = engine.Simulation(year=year, persons=persons, benunits=units, households=households)
        row = run.run_microdata().persons.iloc[0]
        got = ours(Region("GB"), month, gross)
        assert got["income tax"] == pytest.approx(float(row["income_tax"]), abs=0.01)
        assert got["National Insurance"] == pytest.approx(float(row["employee_ni"]), abs=0.01)
