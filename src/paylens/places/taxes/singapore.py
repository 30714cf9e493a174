"""Singapore: resident income tax after reliefs, and CPF for citizens and permanent residents, on cash only."""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines", "notes"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Income tax on cash and equity less reliefs, then CPF, which is relief itself and stays the employee's own."""
    block, fund = law["income_tax"], law["cpf"]
    cpf = fund["rate"] * np.minimum(pay.cash, fund["ceiling"]) if pay.citizen else np.zeros_like(pay.cash)
    relief = block["earned_income_relief"] + (block["spouse_relief"] if pay.married else 0)
    tax = progressive(block["over"], block["rates"])(pay.total - relief - cpf)
    out = [Line("income tax", tax, law.reference("income_tax"))]
    if pay.citizen:
        out.append(Line("CPF", cpf, law.reference("cpf"), "savings"))
    return out


def notes(_: Law, pay: Pay) -> list[str]:
    """Whether CPF was taken."""
    if pay.citizen:
        return ["As for a citizen or permanent resident, who pays CPF; a foreigner does not"]
    return ["As for a foreigner, who pays no CPF"]
