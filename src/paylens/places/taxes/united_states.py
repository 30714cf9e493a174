"""United States: federal income tax, FICA, and the state's and the city's taxes of `us_states`.

    federal tax = tariff(wages - max(standard deduction, state and local income tax up to a cap))

The cap on state and local tax falls with income; from 2026 the deduction is worth less in the top bracket. States that
deduct federal tax, or start from the federal deduction, take the standard one. FICA is on equity at vest too.
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.piecewise import progressive
from paylens.places.taxes.us_states import StateLaw, state_law

__all__ = ["lines", "notes"]

# Local income taxes that are not here, by state: said in the answer.
LOCAL_NOT_INCLUDED = {
    "AL": "occupational taxes of some cities (Birmingham)",
    "IN": "income taxes of counties other than Marion (Indianapolis)",
    "KY": "occupational taxes of cities and counties other than Louisville and Lexington",
    "MD": "income taxes of counties other than the city of Baltimore (2.25 to 3.3 %)",
    "MI": "income taxes of some cities (Detroit)",
    "NY": "Yonkers's income tax surcharge",
    "OH": "city and school district income taxes",
    "OR": "the taxes of Portland's and Eugene's districts",
    "PA": "earned income taxes other than Philadelphia's",
    "IA": "school district surtaxes",
}


def lines(law: Law, pay: Pay) -> list[Line]:
    """Federal tax, Social Security, Medicare, then the state's and the city's."""
    wages = pay.total
    social, medicare = law["social_security"], law["medicare"]
    pension = social["rate"] * np.minimum(wages, social["ceiling"])
    over = medicare["over"][pay.filing]
    health = medicare["rate"] * wages + medicare["additional"] * np.maximum(wages - over, 0.0)
    state = _state(law, pay)
    local: list[Line] = []
    state_tax, contributions = np.zeros_like(wages), []
    if state is not None:
        standard = _tariff(law, pay, np.maximum(wages - law["income_tax"]["deduction"][pay.filing], 0.0))
        state_tax = state.income_tax(wages, standard, pension + health)
        contributions = state.contributions(wages)
        local = _local(law, state, wages, state.taxable(wages, standard, pension + health))
    deducted = state_tax + sum((line.amount for line in local), np.zeros_like(wages))
    out = [
        Line("federal income tax", _federal(law, pay, deducted), law.reference("income_tax")),
        Line("Social Security", pension, law.reference("social_security"), "social"),
        Line("Medicare", health, law.reference("medicare"), "social"),
    ]
    if state is not None:
        out.append(Line(f"{state.state} income tax", state_tax, state.references["tax"]))
        out += local
        out += [Line(name, amount, reference, "social") for name, amount, reference in contributions]
    return out


def notes(law: Law, pay: Pay) -> list[str]:
    """What the answer leaves out in this state, and which year's state law it took."""
    state = _state(law, pay)
    if state is None:
        return []
    out = []
    if str(state.year) != law.tax_year:
        out.append(f"{state.state}'s income tax is that of {state.year}, the nearest year that is known here")
    if law.region.city:
        out.append(f"{law.region.city}'s tax is included, as for someone who lives in the city")
    if state.state in LOCAL_NOT_INCLUDED:
        out.append(f"Not included in {state.state}: {LOCAL_NOT_INCLUDED[state.state]}")
    return out


def _state(law: Law, pay: Pay) -> StateLaw | None:
    part = law.region.part
    return None if part is None else state_law(part, int(law.tax_year), pay.filing)


def _tariff(law: Law, pay: Pay, taxable: Amounts) -> Amounts:
    block = law["income_tax"]
    return progressive(block[pay.filing], block["rates"])(taxable)


def _federal(law: Law, pay: Pay, local_tax: Amounts) -> Amounts:
    """Federal tax with the better of the standard deduction and state and local tax."""
    wages, block, cap = pay.total, law["income_tax"], law["state_tax_deduction"]
    limit = np.maximum(cap["cap"] - cap["falls"] * np.maximum(wages - cap["over"], 0.0), cap["least"])
    itemised = np.minimum(local_tax, limit)
    if cap["limit"]:
        in_top = np.maximum(wages - block[pay.filing][-1], 0.0)
        itemised = itemised - cap["limit"] * np.minimum(itemised, in_top)
    deduction = np.maximum(block["deduction"][pay.filing], itemised)
    return _tariff(law, pay, np.maximum(wages - deduction, 0.0))


def _local(law: Law, state: StateLaw, wages: Amounts, taxable: Amounts) -> list[Line]:
    city = law.region.city
    found = None if city is None else state.local_tax(city, wages, taxable)
    return [] if found is None else [Line(f"{city} tax", *found)]
