"""United Kingdom: income tax with the tapered personal allowance, and class 1 National Insurance.

    allowance = max(allowance - taper rate * max(income - taper threshold, 0), 0)
    tax       = tariff(income - allowance)

Scotland has its own tariff; National Insurance is the same everywhere.
"""

from __future__ import annotations

import numpy as np

from paylens.places.taxes.law import Law, Line, Pay
from paylens.places.taxes.piecewise import progressive

__all__ = ["lines", "notes"]


def lines(law: Law, pay: Pay) -> list[Line]:
    """Income tax and National Insurance on cash and on equity at vest."""
    income, block = pay.total, law["income_tax"]
    allowance = np.maximum(
        block["allowance"] - block["taper_rate"] * np.maximum(income - block["taper_over"], 0.0), 0.0
    )
    scottish = law.region.part == "gb-sct"
    bands = law["gb-sct"] if scottish else block
    tax = progressive(bands["over"], bands["rates"])(income - allowance)
    insurance = law["national_insurance"]
    return [
        Line("Scottish income tax" if scottish else "income tax", tax, str(bands["reference"])),
        Line(
            "National Insurance",
            progressive(insurance["over"], insurance["rates"])(income),
            law.reference("national_insurance"),
            "social",
        ),
    ]


def notes(law: Law, _: Pay) -> list[str]:
    """Which part of the country was assumed where none was named."""
    return (
        [] if law.region.part else ["As for England, Wales or Northern Ireland; Scotland has its own bands"]
    )
