"""India: the new regime with the rebate of section 87A, surcharge, both with marginal relief, cess, provident fund.

    tax(x)       = 0 up to the rebate's income r, then min(tariff(x), x - r)
    surcharge    at each threshold t: tax + surcharge <= (tax + surcharge at t) + (x - t)
    payable      = (tax + surcharge) * (1 + cess)

In the bands of relief every rupee over a threshold is taken, and the cess on it: net pay falls by 4 % of the rise.
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Income tax with surcharge and cess on cash and equity, and the provident fund on cash."""
    total = np.maximum(pay.total - law["income_tax"]["standard_deduction"], 0.0)
    tax = _with_surcharge(law, total) * (1.0 + law["cess"]["rate"])
    fund = law["provident_fund"]
    saved = fund["rate"] * np.minimum(pay.cash, fund["ceiling"])
    parts = ("income_tax", "rebate", "surcharge", "cess")
    return [
        Line("income tax, surcharge and cess", tax, "; ".join(map(law.reference, parts))),
        Line("provident fund", saved, law.reference("provident_fund"), "savings"),
    ]


def _basic(law: Law, total: Amounts) -> Amounts:
    """Tax by the slabs after the rebate and its marginal relief."""
    block, rebate = law["income_tax"], law["rebate"]["income"]
    slabs = progressive(block["over"], block["rates"])(total)
    return np.where(total > rebate, np.minimum(slabs, total - rebate), 0.0)


def _with_surcharge(law: Law, total: Amounts) -> Amounts:
    tax, block = _basic(law, total), law["surcharge"]
    due = tax
    before = 0.0
    for over, rate in zip(block["over"], block["rates"], strict=True):
        at_threshold = float(_basic(law, np.array([float(over)]))[0]) * (1.0 + before)
        above = np.minimum(tax * (1.0 + rate), at_threshold + (total - over))
        due = np.where(total > over, above, due)
        before = rate
    return due
