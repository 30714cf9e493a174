"""The law of one country and tax year as data, the pay it is applied to, and the lines that come out."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from paylens.places.taxes.region import Region

__all__ = ["Amounts", "Filing", "Kind", "Law", "Line", "Pay", "laws_of"]

Amounts = np.ndarray[Any, np.dtype[np.float64]]
Filing = Literal["single", "married"]
# What a line is: a tax, a contribution to social insurance, or savings that stay the employee's own.
Kind = Literal["tax", "social", "savings"]

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Line:
    """One deduction: `amount` a year in the law's currency, of the shape of the pay; `reference` is where it comes from."""

    name: str
    amount: Amounts
    reference: str
    kind: Kind = "tax"


@dataclass(frozen=True)
class Pay:
    """A year's pay of one earner: `cash` and `equity` at vest, arrays of one shape in the law's currency.

    `married` means taxed with a spouse who earns nothing; `citizen` also means a permanent resident.
    """

    cash: Amounts
    equity: Amounts
    married: bool = False
    citizen: bool = True

    @property
    def total(self) -> Amounts:
        """Cash and equity: what income taxes are on."""
        return self.cash + self.equity

    @property
    def filing(self) -> Filing:
        """The key of tables that differ for married people."""
        return "married" if self.married else "single"


@dataclass(frozen=True)
class Law:
    """The blocks of a country's TOML file for a year, and the region it is applied to."""

    country: str
    tax_year: str
    currency: str
    first_month: str
    last_month: str
    blocks: Mapping[str, Any]
    region: Region = field(default_factory=lambda: Region(""))
    notes: tuple[str, ...] = ()

    def __getitem__(self, block: str) -> Mapping[str, Any]:
        """A block: its values by name, with `unit` and `reference` among them."""
        found: Mapping[str, Any] = self.blocks[block]
        return found

    def reference(self, block: str) -> str:
        """Where a block's figures come from."""
        return str(self.blocks[block]["reference"])


@functools.cache
def laws_of(country: str) -> tuple[Law, ...]:
    """Every year known of a country (ISO2), oldest first; empty for a country without law here."""
    out = []
    for path in sorted(FOLDER.glob(f"{country.lower()}_????.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        blocks = {key: value for key, value in table.items() if isinstance(value, dict)}
        out.append(
            Law(
                country=table["country"],
                tax_year=table["tax_year"],
                currency=table["currency"],
                first_month=table["first_month"],
                last_month=table["last_month"],
                blocks=blocks,
                notes=tuple(table.get("notes", ())),
            )
        )
    return tuple(sorted(out, key=lambda law: law.first_month))
