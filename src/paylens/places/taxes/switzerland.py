"""Switzerland: social insurances, occupational pension, federal tax, and canton and city of Zurich.

    simple tax = tariff(taxable income in whole hundreds)
    Zurich     = (canton multiplier + city multiplier) * simple tax + personal tax

Both tariffs go by whole hundreds of francs, so tax moves in steps of up to some 40 francs.
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Contributions, the employee's share of the occupational pension, federal and Zurich's income tax."""
    wages, ahv_law, alv_law = pay.total, law["ahv"], law["alv"]
    ahv = ahv_law["rate"] * wages
    alv = alv_law["rate"] * np.minimum(wages, alv_law["ceiling"])
    bvg = _pension(law, pay.cash)
    net = wages - ahv - alv - bvg
    block = law["professional"]
    income = net - np.clip(block["rate"] * net, block["least"], block["most"])
    direct = _federal(law, pay, _hundreds(income))
    cantonal = _zurich(law, pay, _hundreds(income - law["zurich"]["premiums"][pay.filing]))
    return [
        Line("direct federal tax", direct, law.reference("federal")),
        Line("tax of canton and city of Zurich", cantonal, law.reference("zurich")),
        Line("AHV, IV and EO", ahv, law.reference("ahv"), "social"),
        Line("unemployment insurance", alv, law.reference("alv"), "social"),
        Line("occupational pension", bvg, law.reference("bvg"), "savings"),
    ]


def _hundreds(income: Amounts) -> Amounts:
    """Whole hundreds of francs, not below nothing: what the tariffs go by."""
    result: Amounts = np.floor(np.maximum(income, 0.0) / 100.0) * 100.0
    return result


def _federal(law: Law, pay: Pay, taxable: Amounts) -> Amounts:
    """Direct federal tax: progressive, then one rate on all; small amounts are not levied."""
    block = law["federal"]
    tax = progressive(block[pay.filing], block[f"{pay.filing}_rates"])(taxable)
    flat = taxable >= block["flat_over"][pay.filing]
    tax = np.where(flat, block["flat_rate"] * taxable, tax)
    result: Amounts = np.where(tax < block["least"], 0.0, tax)
    return result


def _zurich(law: Law, pay: Pay, taxable: Amounts) -> Amounts:
    """The simple state tax times both multipliers, and the personal tax."""
    block = law["zurich"]
    simple = progressive(block[pay.filing], block["rates"])(taxable)
    personal = np.where(taxable > 0, block["personal"][pay.filing], 0.0)
    result: Amounts = (block["canton"] + block["city"]) * simple + personal
    return result


def _pension(law: Law, cash: Amounts) -> Amounts:
    """The legal minimum on the coordinated salary; equity is not insured."""
    block = law["bvg"]
    coordinated = np.maximum(np.minimum(cash, block["most"]) - block["coordination"], block["least_insured"])
    result: Amounts = np.where(cash >= block["least"], block["rate"] * coordinated, 0.0)
    return result
