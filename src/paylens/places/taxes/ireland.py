"""Ireland: income tax with credits, Universal Social Charge, PRSI of class A."""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines"]

_WEEKS = 52


def lines(law: Law, pay: Pay) -> list[Line]:
    """Income tax, USC and PRSI; equity at vest bears all three."""
    income, block, usc, prsi = pay.total, law["income_tax"], law["usc"], law["prsi"]
    tax = progressive([0, block["band"][pay.filing]], block["rates"])(income)
    charge = np.where(income > usc["exempt"], progressive(usc["over"], usc["rates"])(income), 0.0)
    week = income / _WEEKS
    credit = np.maximum(prsi["credit"] - prsi["credit_falls"] * (week - prsi["exempt"]), 0.0)
    insurance = np.where(week > prsi["exempt"], np.maximum(prsi["rate"] * week - credit, 0.0), 0.0) * _WEEKS
    return [
        Line("income tax", np.maximum(tax - block["credits"][pay.filing], 0.0), law.reference("income_tax")),
        Line("Universal Social Charge", charge, law.reference("usc")),
        Line("PRSI", insurance, law.reference("prsi"), "social"),
    ]
