"""Exchange rates by month, from published reference rates; amounts move only by the rate of a stated month."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from paylens.contract.errors import InputError, shown

__all__ = ["Rate", "convert", "currencies", "last_month", "rate"]

TABLE = Path(__file__).parent / "tables" / "fx_monthly.csv"
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of a currency for one US dollar, averaged over `month`; `note` says when that is not the month asked."""

    per_usd: float
    month: str
    source: str
    note: str | None = None


@functools.cache
def _table() -> dict[str, dict[str, tuple[float, str]]]:
    out: dict[str, dict[str, tuple[float, str]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for currency, month, per_usd, source in list(csv.reader(lines))[1:]:
            out.setdefault(currency, {})[month] = (float(per_usd), source)
    return out


@functools.cache
def currencies() -> tuple[str, ...]:
    """Currencies with a published rate, by ISO 4217 code."""
    return tuple(sorted(_table()))


@functools.cache
def last_month() -> str:
    """The newest month of the rates."""
    return max(max(months) for months in _table().values())


@functools.lru_cache(maxsize=16384)
def rate(currency: str, month: str) -> Rate:
    """The rate of a month ('YYYY-MM'); after the last known month the last one, with a note.

    InputError for a currency without a published rate and for a month before its first.
    """
    months = _table().get(currency)
    if months is None:
        near = sorted(_table(), key=lambda c: (sum(a != b for a, b in zip(c, currency.ljust(3), strict=False)), c))
        raise InputError("currency", currency, f"no rate is published for {shown(currency)}", near[:_NEAREST])
    if month in months:
        return Rate(*months[month][:1], month, months[month][1])
    first, last = min(months), max(months)
    if month < first:
        raise InputError("as_of", month, f"the first rate of {currency} is of {first}", [first])
    used = max(m for m in months if m <= month)
    value, source = months[used]
    return Rate(value, used, source, f"rate of {currency} of {used}, the last one known" if month > last else None)


def convert(amount: float, source: str, target: str, month: str) -> float:
    """An amount of one currency in another at a month's rates."""
    return amount * rate(target, month).per_usd / rate(source, month).per_usd
