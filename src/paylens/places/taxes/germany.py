"""Germany: income tax by the formula of section 32a EStG, solidarity surcharge, four social insurances.

    tax(x) = the integral of a marginal rate that rises in straight lines from threshold to threshold, in whole euro

so in the second and third zone it is quadratic; those are the polynomials that the law prints, whose coefficients
follow from thresholds and rates. A married couple's tax is 2 * tax(x / 2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay

__all__ = ["lines", "tariff"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """The four insurances, income tax and solidarity surcharge; equity at vest is wages."""
    wages = pay.total
    pension = law["pension"]["rate"] * np.minimum(wages, law["pension"]["ceiling"])
    unemployment = law["unemployment"]["rate"] * np.minimum(wages, law["unemployment"]["ceiling"])
    health_law, care_law = law["health"], law["care"]
    health = (health_law["rate"] + health_law["additional"]) * np.minimum(wages, health_law["ceiling"])
    care = (care_law["rate"] + care_law["childless"]) * np.minimum(wages, care_law["ceiling"])
    tax = _income_tax(law, pay, pension, unemployment, health, care)
    return [
        Line("income tax", tax, law.reference("income_tax")),
        Line("solidarity surcharge", _solidarity(law, pay, tax), law.reference("solidarity")),
        Line("pension insurance", pension, law.reference("pension"), "social"),
        Line("unemployment insurance", unemployment, law.reference("unemployment"), "social"),
        Line("health insurance", health, law.reference("health"), "social"),
        Line("long-term care insurance", care, law.reference("care"), "social"),
    ]


def _income_tax(
    law: Law, pay: Pay, pension: Amounts, unemployment: Amounts, health: Amounts, care: Amounts
) -> Amounts:
    """Tax on wages less lump sums and provident expenses (section 10 subsection 4 EStG)."""
    block, deduct = law["income_tax"], law["deductions"]
    basic = deduct["health_share"] * health + care
    # Basic health and care count in full; beyond them the other insurances up to the limit.
    limit = deduct["other_limit"]
    provident = np.maximum(basic, np.minimum(health + care + unemployment, limit))
    provident = provident + deduct["pension_share"] * pension
    taxable = pay.total - deduct["employee"] - deduct["special"][pay.filing] - provident
    people = 2 if pay.married else 1
    return people * tariff(block["over"], block["rates_at"], np.floor(np.maximum(taxable, 0.0)) / people)


def tariff(over: Sequence[float], rates_at: Sequence[float], taxable: Amounts) -> Amounts:
    """Section 32a EStG: the marginal rate is `rates_at[k]` at `over[k]`, rising linearly in the two inner zones.

    In the first zone there is no tax, in the last two the rate is constant. The result is in whole euro, rounded down.
    """
    x = np.floor(taxable)
    basic, first, second, top = over[1:]
    low, middle, high, highest = rates_at[1:]
    until_first = (low + middle) / 2 * (first - basic)
    until_second = until_first + (middle + high) / 2 * (second - first)
    y, z = np.clip(x, basic, first) - basic, np.clip(x, first, second) - first
    tax = low * y + (middle - low) / (first - basic) / 2 * y**2
    tax = tax + middle * z + (high - middle) / (second - first) / 2 * z**2
    tax = np.where(x > second, until_second + high * (np.minimum(x, top) - second), tax)
    tax = tax + highest * np.maximum(x - top, 0.0)
    result: Amounts = np.floor(tax)
    return result


def _solidarity(law: Law, pay: Pay, tax: Amounts) -> Amounts:
    block = law["solidarity"]
    over = np.maximum(tax - block["exempt"][pay.filing], 0.0)
    result: Amounts = np.minimum(block["rate"] * tax, block["relief_rate"] * over)
    return result
