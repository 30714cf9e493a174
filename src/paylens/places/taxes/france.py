"""France: employee contributions, CSG and CRDS, income tax by the quotient familial, the high-income contribution.

net taxable = salary - contributions - deductible CSG
tax         = parts * tariff(0.9 * net taxable / parts) - decote,    parts 1, of a couple 2
decote      = max(relief - relief rate * tax, 0)
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Contributions, CSG and CRDS, income tax; equity at vest is taken as salary."""
    salary, ceiling = pay.total, law["ceiling"]["amount"]
    old_age, csg_law, apec_law = law["old_age"], law["csg"], law["apec"]
    pension = old_age["capped"] * np.minimum(salary, ceiling) + old_age["uncapped"] * salary
    complementary = _complementary(law, salary)
    apec = apec_law["rate"] * np.minimum(salary, apec_law["ceilings"] * ceiling)
    base = salary - csg_law["relief"] * np.minimum(salary, csg_law["ceilings"] * ceiling)
    deductible = csg_law["deductible"] * base
    other = (csg_law["other"] + csg_law["crds"]) * base
    net = salary - pension - complementary - apec - deductible
    tax, surtax = _income_tax(law, pay, net)
    return [
        Line("income tax", tax, law.reference("income_tax")),
        Line("high-income contribution", surtax, law.reference("high_income")),
        Line("old-age insurance", pension, law.reference("old_age"), "social"),
        Line("complementary pension", complementary, law.reference("complementary_pension"), "social"),
        Line("APEC", apec, law.reference("apec"), "social"),
        Line("CSG and CRDS", deductible + other, law.reference("csg"), "social"),
    ]


def _complementary(law: Law, salary: Amounts) -> Amounts:
    """Agirc-Arrco with CEG; the CET is due on everything once salary is over the ceiling, a step of some 66 euro."""
    block, ceiling = law["complementary_pension"], law["ceiling"]["amount"]
    first = np.minimum(salary, ceiling)
    second = np.clip(salary, ceiling, block["ceilings"] * ceiling) - ceiling
    due = (block["first"] + block["general_first"]) * first
    due = due + (block["second"] + block["general_second"]) * second
    result: Amounts = due + np.where(salary > ceiling, block["balance"] * (first + second), 0.0)
    return result


def _income_tax(law: Law, pay: Pay, net: Amounts) -> tuple[Amounts, Amounts]:
    block, parts = law["income_tax"], 2 if pay.married else 1
    expenses = np.clip(block["professional"] * net, block["professional_least"], block["professional_most"])
    taxable = np.maximum(net - expenses, 0.0)
    gross = parts * progressive(block["over"], block["rates"])(taxable / parts)
    relief = np.maximum(block["relief"][pay.filing] - block["relief_rate"] * gross, 0.0)
    high = law["high_income"]
    surtax = progressive(high[pay.filing], high["rates"])(taxable)
    return np.maximum(gross - relief, 0.0), surtax
