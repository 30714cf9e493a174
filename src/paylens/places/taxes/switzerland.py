"""Switzerland: social insurances, occupational pension, federal tax, and canton and city of Zurich.

    simple tax = tariff(taxable income in whole hundreds)
    Zurich     = (canton multiplier + city multiplier) * simple tax + personal tax

Both tariffs go by whole hundreds of francs, so tax moves in steps of up to some 40 francs.
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import Piecewise, progressive

__all__ = ["lines"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Contributions, the employee's share of the occupational pension, federal and Zurich's income tax."""
    wages, ahv_law, alv_law = pay.total, law["ahv"], law["alv"]
    ahv = ahv_law["rate"] * wages
    alv = alv_law["rate"] * np.minimum(wages, alv_law["ceiling"])
    bvg = _pension(law, pay.cash)
    net = wages - ahv - alv - bvg
    professional = np.minimum(law["professional"]["rate"] * net, law["professional"]["most"])
    taxable = np.floor(np.maximum(net - professional, 0.0) / 100.0) * 100.0
    federal, zurich = law["federal"], law["zurich"]
    simple = progressive(zurich["over"], zurich["rates"])(taxable)
    cantonal = (zurich["canton"] + zurich["city"]) * simple + np.where(taxable > 0, zurich["personal"], 0.0)
    direct = Piecewise(federal["over"], federal["amount"], federal["rates"])(taxable)
    return [
        Line("direct federal tax", direct, law.reference("federal")),
        Line("tax of canton and city of Zurich", cantonal, law.reference("zurich")),
        Line("AHV, IV and EO", ahv, law.reference("ahv"), "social"),
        Line("unemployment insurance", alv, law.reference("alv"), "social"),
        Line("occupational pension (assumed)", bvg, law.reference("bvg"), "savings"),
    ]


def _pension(law: Law, cash: Amounts) -> Amounts:
    """The legal minimum on the coordinated salary; equity is not insured."""
    block = law["bvg"]
    coordinated = np.maximum(np.minimum(cash, block["most"]) - block["coordination"], block["least_insured"])
    result: Amounts = np.where(cash >= block["least"], block["rate"] * coordinated, 0.0)
    return result
