"""Exchange rates by month, from published reference rates; amounts move only by the rate of a stated month.

    per_usd(currency, month) = mean over the month's days of (units a euro / US dollars a euro)

The European Central Bank quotes every currency but the Taiwan dollar and the Sri Lanka rupee, which the Federal
Reserve's H.10 gives. Venezuela's bolivar, which H.10 has too, is left out: its series runs through two redenominations.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from paylens.contract.errors import InputError, shown

__all__ = ["FIRST_MONTH", "Rate", "checked_month", "convert", "currencies", "last_month", "rate"]

FIRST_MONTH: Final = "2015-01"
TABLE: Final = Path(__file__).parent / "tables" / "fx_monthly.csv"
SOURCES: Final = {
    "ecb": "European Central Bank euro reference rates",
    "fred": "Federal Reserve H.10",
    "usd": "by definition",
}
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of a currency for one US dollar, averaged over `month`; `note` says when that is not the month asked."""

    per_usd: float
    month: str
    source: str
    note: str | None = None


@functools.cache
def _lines() -> dict[str, list[str]]:
    """The table's lines by currency: each currency's are read when it is first asked for."""
    out: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        out.setdefault(line[:3], []).append(line)
    # A dollar is a dollar in every month that any rate is known of.
    out["USD"] = [f"USD,{line[4:11]},1,usd" for line in out["EUR"]]
    return out


@functools.cache
def _months(currency: str) -> dict[str, tuple[float, str]]:
    """A currency's rates and their sources by month, in the order of months; empty for an unknown currency."""
    cells = (line.split(",") for line in _lines().get(currency, ()))
    return {month: (float(per_usd), source) for _, month, per_usd, source in cells}


@functools.cache
def currencies(since: str | None = None) -> tuple[str, ...]:
    """Currencies with a published rate (ISO 4217), sorted; with `since` only those known from that month on.

    `since` matters for ISK, which the ECB quotes from 2018-02 only.
    """
    return tuple(sorted(c for c, lines in _lines().items() if since is None or lines[0][4:11] <= since))


@functools.cache
def last_month() -> str:
    """The newest month of the rates, 'YYYY-MM'."""
    return max(lines[-1][4:11] for lines in _lines().values())


def checked_month(month: str) -> str:
    """`month` where it is one of the form 'YYYY-MM', else an InputError."""
    year, dash, number = month.partition("-")
    plain = len(month) == 7 and dash and year.isdecimal() and number.isdecimal() and month.isascii()
    if not plain or not 1 <= int(number) <= 12:
        raise InputError("as_of", month, f"{shown(month)} is not a month of the form YYYY-MM", [last_month()])
    return month


@functools.lru_cache(maxsize=16384)
def rate(currency: str, month: str) -> Rate:
    """The rate of a currency (ISO 4217) in a month ('YYYY-MM'); after its last known month the last one, with a note.

    InputError for a currency without a published rate (with the nearest codes), for what is not a month and for a
    month before the currency's first rate.
    """
    code = currency.strip().upper()
    months = _months(code)
    if not months:
        near = difflib.get_close_matches(code, sorted(_lines()), n=_NEAREST, cutoff=0.0)
        raise InputError("currency", currency, f"no exchange rate is published for {shown(currency)}", near)
    found = months.get(month)
    if found is not None:
        return Rate(found[0], month, SOURCES[found[1]])
    first = min(months)
    if checked_month(month) < first:
        raise InputError("as_of", month, f"the first exchange rate of {code} is of {first}", [first])
    used = max(m for m in months if m <= month)
    value, source = months[used]
    note = f"no rate of {code} is known for {month}: the last one, of {used}, is used"
    return Rate(value, used, SOURCES[source], None if code == "USD" else note)


def convert(amount: float, source: str, target: str, month: str) -> float:
    """An amount of currency `source` in currency `target` at a month's rates; InputError as `rate`."""
    return amount * rate(target, month).per_usd / rate(source, month).per_usd
