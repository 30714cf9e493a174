"""A table of a file as a dataclass: each field says its kind, its limits and its default; what does not fit is named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, field, fields
from numbers import Real
from typing import Any, TypeVar

from paylens.contract.errors import InputError, shown
from paylens.contract.vocabulary import nearest_names

__all__ = ["amount", "months", "names", "number", "read", "share", "share_list", "text", "word"]

LONGEST_TEXT = 500
MOST_MONEY = 1e15
MOST_SHARES = 20
T = TypeVar("T")


def number(default: float | None, low: float, high: float, unit: str = "", *, key: str | None = None) -> Any:
    """A field that holds a number from `low` to `high`; `key` is its name in the file where that is another."""
    return field(
        default=default, metadata={"kind": "number", "low": low, "high": high, "unit": unit, "key": key}
    )


def amount(default: float | None = 0.0, *, least: float = 0.0) -> Any:
    """A field that holds money: not negative."""
    return number(default, least, MOST_MONEY)


def share(default: float | None, high: float = 1.0, low: float = 0.0, *, key: str | None = None) -> Any:
    """A field that holds a share of something: 0.15 is 15 %."""
    return number(default, low, high, "a share: 15 % is 0.15", key=key)


def months(default: float | None, high: float = 240.0) -> Any:
    """A field that holds a number of months."""
    return number(default, 0.0, high, "months")


def text(default: str | None = None) -> Any:
    """A field that holds a short text."""
    return field(default=default, metadata={"kind": "text"})


def word(choices: Sequence[str], default: str | None) -> Any:
    """A field that holds one of a few words."""
    return field(default=default, metadata={"kind": "word", "choices": tuple(choices)})


def share_list(default: tuple[float, ...] = ()) -> Any:
    """A field that holds a list of shares that sum to 1."""
    return field(default=default, metadata={"kind": "shares"})


def _key(of: Field[Any]) -> str:
    return of.metadata.get("key") or of.name


def names(of: type) -> list[str]:
    """The names that a table of this kind may hold, as the file writes them."""
    return [_key(f) for f in fields(of) if "kind" in f.metadata]


def read(of: type, table: object, where: str, more: Iterable[str] = ()) -> tuple[dict[str, Any], set[str]]:
    """The dataclass's arguments that a table gives, checked, and the names that were given.

    `where` goes before a field's name in an error ("offer 'Northwind' equity."). `more` are names that the caller reads
    itself. None and blank text mean not given. Raises InputError for an unknown name, a value of another kind or one
    outside its limits.
    """
    if not isinstance(table, Mapping):
        raise InputError(where.rstrip(". "), table, f"must be a table of fields, not {shown(table)}")
    known = {_key(f): f for f in fields(of) if "kind" in f.metadata}
    extra = set(more)
    out: dict[str, Any] = {}
    given: set[str] = set()
    for name, value in table.items():
        label = str(name)[:LONGEST_TEXT]
        if name not in known and name not in extra:
            near = nearest_names(label, [*known, *sorted(extra)])
            raise InputError(f"{where}{label}", value, f"'{shown(label)}' is not a known field here", near)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        given.add(label)
        if name in known:
            out[known[name].name] = _value(known[name].metadata, f"{where}{label}", value)
    return out, given


def _value(meta: Mapping[str, Any], where: str, value: object) -> object:
    if meta["kind"] == "number":
        return checked_number(where, value, meta["low"], meta["high"], meta["unit"])
    if meta["kind"] == "shares":
        return _list_of_shares(where, value)
    if not isinstance(value, str):
        raise InputError(where, value, f"must be text, not {shown(value)}")
    if len(value) > LONGEST_TEXT:
        raise InputError(where, value[:LONGEST_TEXT], f"is longer than {LONGEST_TEXT} characters")
    plain = " ".join(value.split())
    if meta["kind"] == "word":
        plain = plain.casefold()
        if plain not in meta["choices"]:
            said = ", ".join(meta["choices"])
            raise InputError(
                where,
                value,
                f"must be one of {said}, not '{shown(value)}'",
                nearest_names(plain, meta["choices"]),
            )
    return plain


def checked_number(where: str, value: object, low: float, high: float, unit: str = "") -> float:
    """A finite number from `low` to `high`, or an InputError that says what was given."""
    if isinstance(value, bool) or not isinstance(value, int | float | Real):
        hint = " (write it without quotes, separators or a currency sign)" if isinstance(value, str) else ""
        raise InputError(where, value, f"must be a number, not {shown(value)!r}{hint}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise InputError(where, value, f"must be a finite number, not {shown(value)}")
    if not low <= found <= high:
        limits = f"from {low:g} to {high:g}" if high < MOST_MONEY else f"{low:g} or more"
        as_percent = (
            " (per cent are written as a share: 15 % is 0.15)" if "share" in unit and found > 1 else ""
        )
        said = f" {unit}" if unit and "share" not in unit else ""
        raise InputError(where, value, f"must be {limits}{said}, not {shown(value)}{as_percent}")
    return found


def _list_of_shares(where: str, value: object) -> tuple[float, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise InputError(where, value, f"must be a list such as [0.25, 0.25, 0.25, 0.25], not {shown(value)}")
    if not 1 <= len(value) <= MOST_SHARES:
        raise InputError(where, len(value), f"must have 1 to {MOST_SHARES} years, not {len(value)}")
    found = [checked_number(where, v, 0.0, 1000.0) for v in value]
    total = math.fsum(found)
    if abs(total - 1.0) > 1e-3:
        hint = "write shares, 25 % as 0.25" if abs(total - 100) < 1 else "one share a year, together 1"
        raise InputError(where, list(found), f"sums to {total:.4g}, not 1: {hint}")
    return tuple(v / total for v in found)
