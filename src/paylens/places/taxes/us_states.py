"""US states: their income tax, local income tax and contributions, from two CSV tables.

`us_states.csv` holds piecewise functions (`table`) by year, state and filing: from `over` on, `amount` (blank: as the
line before ends) and `slope` a dollar. With the gross wage g as adjusted gross income, a state's tax is

    taxable = max(g - max(deduction(g), payroll tax itemised(g) * FICA) - exemption(g)
                    - min(payroll tax deduction(g), FICA) - federal, 0)
    federal = min(federal tax share(g) * federal tax, federal tax cap(g))
    tax     = max((tax(taxable) + addition(g)) * (1 - credit share(g)) - credit(g), 0)

and what it names 'payroll:NAME' is taken from g itself. Reductions that a law makes in small steps (Alabama's and
Connecticut's deductions, California's credit, Arkansas's bracket adjustment) are straight lines through the steps.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from paylens.places.taxes.law import FOLDER, Amounts, Filing
from paylens.places.taxes.piecewise import Piecewise

__all__ = ["StateLaw", "state_law", "states"]

TABLE: Final = FOLDER / "us_states.csv"
REFERENCES: Final = FOLDER / "us_states_references.csv"
_PAYROLL: Final = "payroll:"
_NOTHING: Final = Piecewise([0.0], [0.0], [0.0])

_Key = tuple[int, str]


@dataclass(frozen=True)
class StateLaw:
    """A state's tables for a filing status; `year` is that of its income tax, `payroll_year` of its contributions."""

    state: str
    year: int
    payroll_year: int
    tables: Mapping[str, Piecewise]
    references: Mapping[str, str]

    def income_tax(self, wages: Amounts, federal_tax: Amounts, payroll_tax: Amounts) -> Amounts:
        """The state's income tax on wages; `federal_tax` and `payroll_tax` (FICA) are deductible in some states."""
        tax = self._table("tax")(self.taxable(wages, federal_tax, payroll_tax)) + self._table("addition")(
            wages
        )
        if "credit share" in self.tables:
            tax = tax * (1.0 - self._table("credit share")(wages))
        return np.maximum(tax - self._table("credit")(wages), 0.0)

    def taxable(self, wages: Amounts, federal_tax: Amounts, payroll_tax: Amounts) -> Amounts:
        """What is left to tax after the state's deductions."""
        deduction = self._table("deduction")(wages)
        if "payroll tax itemised" in self.tables:
            deduction = np.maximum(deduction, self._table("payroll tax itemised")(wages) * payroll_tax)
        taxable = wages - deduction - self._table("exemption")(wages)
        if "payroll tax deduction" in self.tables:
            taxable = taxable - np.minimum(self._table("payroll tax deduction")(wages), payroll_tax)
        if "federal tax share" in self.tables:
            federal = self._table("federal tax share")(wages) * federal_tax
            if "federal tax cap" in self.tables:
                federal = np.minimum(federal, self._table("federal tax cap")(wages))
            taxable = taxable - federal
        return np.maximum(taxable, 0.0)

    def local_tax(self, city: str, wages: Amounts, taxable: Amounts) -> tuple[Amounts, str] | None:
        """The city's income tax and its reference; None where its tables are not here.

        Some cities tax wages, others what the state taxes, less credits by either.
        """
        on_wages, on_taxable = f"local wages:{city}", f"local:{city}"
        if on_wages in self.tables:
            return self._table(on_wages)(wages), self.references[on_wages]
        if on_taxable not in self.tables:
            return None
        tax = self._table(on_taxable)(taxable) - self._table(f"local credit by taxable:{city}")(taxable)
        tax = np.maximum(tax - self._table(f"local credit:{city}")(wages), 0.0)
        return tax, self.references[on_taxable]

    def contributions(self, wages: Amounts) -> list[tuple[str, Amounts, str]]:
        """Name, amount and reference of each employee contribution to the state's insurances."""
        return [
            (name.removeprefix(_PAYROLL), table(wages), self.references[name])
            for name, table in self.tables.items()
            if name.startswith(_PAYROLL)
        ]

    def _table(self, name: str) -> Piecewise:
        return self.tables.get(name, _NOTHING)


@functools.cache
def _rows() -> dict[_Key, list[tuple[str, str, float, float | None, float]]]:
    """(filing, table, over, amount, slope) by year and state, in the file's order."""
    out: dict[_Key, list[tuple[str, str, float, float | None, float]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            amount = float(row["amount"]) if row["amount"] else None
            line = (row["filing"], row["table"], float(row["over"]), amount, float(row["slope"]))
            out.setdefault((int(row["year"]), row["state"]), []).append(line)
    return out


@functools.cache
def _references() -> dict[tuple[int, str, str], str]:
    with REFERENCES.open(encoding="utf-8", newline="") as file:
        return {(int(r["year"]), r["state"], r["table"]): r["reference"] for r in csv.DictReader(file)}


@functools.cache
def states() -> tuple[str, ...]:
    """USPS codes of the states whose income tax is here, sorted."""
    return tuple(sorted({state for (_, state), rows in _rows().items() if any(r[1] == "tax" for r in rows)}))


@functools.cache
def state_law(state: str, year: int, filing: Filing) -> StateLaw | None:
    """The state's law of `year`, or of the last year before it that is known (else the first); None if unknown."""
    income, payroll = _year(state, year, payroll=False), _year(state, year, payroll=True)
    if income is None:
        return None
    shapes: dict[str, list[tuple[float, float | None, float]]] = {}
    references = {}
    for known, wanted in ((income, False), (payroll, True)):
        for status, table, over, amount, slope in _rows().get((known or 0, state), ()):
            if table.startswith(_PAYROLL) == wanted and status in ("both", filing):
                shapes.setdefault(table, []).append((over, amount, slope))
                references[table] = _references()[known or 0, state, table]
    tables = {name: Piecewise(*map(list, zip(*rows, strict=True))) for name, rows in shapes.items()}
    return StateLaw(state, income, payroll or income, tables, references)


def _year(state: str, year: int, *, payroll: bool) -> int | None:
    years = sorted(
        known
        for (known, name), rows in _rows().items()
        if name == state and any(row[1].startswith(_PAYROLL) == payroll for row in rows)
    )
    before = [known for known in years if known <= year]
    # A contribution that begins later is not due before; an income tax was there before the first year known.
    return before[-1] if before else (years[0] if years and not payroll else None)
