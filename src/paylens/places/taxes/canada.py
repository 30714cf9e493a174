"""Canada: federal tax, Ontario or British Columbia, CPP with its second tier, EI.

    taxable = wages - additional CPP - second CPP
    tax     = tariff(taxable) - credit rate * (basic amount + base CPP + EI [+ employment amount, federal])

Ontario adds a surtax on its own tax and a health premium by income; British Columbia a credit for low incomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines"]

NAMES = {"ca-on": "Ontario income tax", "ca-bc": "British Columbia income tax"}


def lines(law: Law, pay: Pay) -> list[Line]:
    """Federal and provincial tax, the health premium in Ontario, CPP and EI; equity at vest is wages."""
    wages, cpp, ei = pay.total, law["cpp"], law["ei"]
    pensionable = np.maximum(np.minimum(wages, cpp["ceiling"]) - cpp["exemption"], 0.0)
    first, base = cpp["rate"] * pensionable, cpp["base_rate"] * pensionable
    second = cpp["second_rate"] * np.maximum(np.minimum(wages, cpp["second_ceiling"]) - cpp["ceiling"], 0.0)
    premium = ei["rate"] * np.minimum(wages, ei["ceiling"])
    taxable = wages - (first - base) - second
    part = law.region.part or ""
    province = law[part]
    out = [
        Line("federal income tax", _federal(law, wages, taxable, base + premium), law.reference("federal")),
        Line(NAMES[part], _provincial(part, province, taxable, base + premium), law.reference(part)),
    ]
    if "premium" in province:
        out.append(Line("Ontario health premium", _health(province["premium"], taxable), law.reference(part)))
    out.append(Line("Canada Pension Plan", first + second, law.reference("cpp"), "social"))
    out.append(Line("Employment Insurance", premium, law.reference("ei"), "social"))
    return out


def _federal(law: Law, wages: Amounts, taxable: Amounts, contributions: Amounts) -> Amounts:
    block = law["federal"]
    span = block["basic_falls_to"] - block["basic_falls_from"]
    share = np.clip((block["basic_falls_to"] - taxable) / span, 0.0, 1.0)
    basic = block["basic_least"] + (block["basic_most"] - block["basic_least"]) * share
    credited = basic + contributions + np.minimum(block["employment"], wages)
    tax = progressive(block["over"], block["rates"])(taxable) - block["credit_rate"] * credited
    result: Amounts = np.maximum(tax, 0.0)
    return result


def _provincial(part: str, block: Mapping[str, Any], taxable: Amounts, contributions: Amounts) -> Amounts:
    tax = progressive(block["over"], block["rates"])(taxable)
    tax = np.maximum(tax - block["credit_rate"] * (block["basic"] + contributions), 0.0)
    if part == "ca-on":
        tax = tax + progressive(block["surtax_over"], block["surtax_rates"])(tax)
        reduction = 2 * block["reduction"] - tax
    else:
        over = np.maximum(taxable - block["reduction_over"], 0.0)
        reduction = block["reduction"] - block["reduction_rate"] * over
    result: Amounts = np.maximum(tax - np.maximum(reduction, 0.0), 0.0)
    return result


def _health(rows: list[list[float]], taxable: Amounts) -> Amounts:
    """Each row: above an income the premium rises at a rate from one amount to the next."""
    due = np.zeros_like(taxable)
    for over, rate, start, end in rows:
        due = np.where(taxable > over, np.minimum(start + rate * (taxable - over), end), due)
    return due
