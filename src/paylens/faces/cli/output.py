"""Shared forms of output: JSON in full precision, money and numbers as the reader writes them."""

from __future__ import annotations

import functools
import json
import math
import os
import sys
from typing import Any

__all__ = ["colour", "money", "percent", "print_json", "wide"]


def print_json(value: Any) -> None:
    """One JSON object on stdout; numbers unrounded."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


@functools.cache
def _locale() -> str:
    from babel import Locale, UnknownLocaleError

    name = (os.environ.get("LC_ALL") or os.environ.get("LC_MONETARY") or os.environ.get("LANG") or "").split(
        "."
    )[0]
    try:
        return str(Locale.parse(name)) if name not in ("", "C", "POSIX") else "en_US"
    except (UnknownLocaleError, ValueError):
        return "en_US"


def money(amount: float, currency: str) -> str:
    """An amount to three figures, written as in the reader's locale: 'EUR 88,300' is '€88,300'."""
    from babel.numbers import format_currency

    rounded = 0.0 if amount == 0 else round(amount, 2 - math.floor(math.log10(abs(amount))))
    return (
        format_currency(rounded, currency, locale=_locale(), currency_digits=False, format_type="standard")
        .removesuffix(".00")
        .removesuffix(",00")
        if abs(rounded) < 100
        else _whole(rounded, currency)
    )


def _whole(amount: float, currency: str) -> str:
    from babel import Locale
    from babel.numbers import format_currency, parse_pattern

    pattern = Locale.parse(_locale()).currency_formats["standard"]
    whole = parse_pattern(pattern.pattern)
    whole.frac_prec = (0, 0)
    return format_currency(amount, currency, format=whole, locale=_locale(), currency_digits=False)


def percent(ratio: float) -> str:
    """A multiplier as people read it: '× 1.07'."""
    return f"× {ratio:.2f}"


def wide() -> bool:
    """Whether stdout can show more than ASCII."""
    return "utf" in (sys.stdout.encoding or "").lower()


def colour(text: str, code: str) -> str:
    """Text in a terminal colour, plain where stdout is no terminal or NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\x1b[{code}m{text}\x1b[0m"
