"""Netherlands: box 1 with the national insurances, less the general and the work credit, never below nothing."""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Law, Line, Pay
from paylens.places.taxes.piecewise import Piecewise, progressive

__all__ = ["lines"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Wage tax and national insurances after credits; equity at vest is wages."""
    income, box, general, work = pay.total, law["box_1"], law["general_credit"], law["work_credit"]
    span = general["none_from"] - general["falls_from"]
    share = np.clip((general["none_from"] - income) / span, 0.0, 1.0)
    credits = general["amount"] * share + np.maximum(
        Piecewise(work["over"], work["amount"], work["slope"])(income), 0.0
    )
    tax = np.maximum(progressive(box["over"], box["rates"])(income) - credits, 0.0)
    parts = ("box_1", "general_credit", "work_credit")
    return [Line("income tax and national insurances", tax, "; ".join(map(law.reference, parts)))]
