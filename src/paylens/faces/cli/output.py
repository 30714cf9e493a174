"""How an answer is written: JSON in full precision, money as the reader writes it, colour where it is wanted."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["WIDTH", "colour", "cut", "money", "print_json", "print_lines", "three_figures", "wide", "wrap"]

WIDTH = 78
# Between the letters of a currency and a digit stands a space ('CHF 120,000'); Babel leaves it out.
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
# What the readable forms use beyond ASCII, and what stands for it on a terminal that has no more.
_PLAIN = str.maketrans({"×": "x", "–": "-", "·": "-", "…": "~", "\xa0": " ", "\u202f": " "})


def print_json(value: Any) -> None:
    """One JSON object on stdout, numbers unrounded."""
    sys.stdout.write(json.dumps(value, ensure_ascii=not wide(), indent=2, allow_nan=False) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Lines on stdout, in letters that it can show."""
    text = "\n".join(lines)
    print(text if wide() else text.translate(_PLAIN).encode("ascii", "replace").decode())


def wide() -> bool:
    """Whether stdout can show more than ASCII."""
    return "utf" in (sys.stdout.encoding or "").lower()


def wrap(text: str, indent: str = "", hang: str = "  ") -> list[str]:
    """A text as lines of at most `WIDTH`; those after the first begin with `hang` too."""
    import textwrap

    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + hang)


def cut(text: str, width: int) -> str:
    """A text that fits its column."""
    return text if len(text) <= width else text[: width - 1] + "…"


def three_figures(amount: float) -> float:
    """An amount as people say it: to three significant figures."""
    if amount == 0:
        return 0.0
    return round(amount, 2 - math.floor(math.log10(abs(amount))))


def money(amount: float, currency: str, *, whole: bool = False) -> str:
    """A yearly amount to three figures (`whole`: to the unit), without cents, as the reader's locale writes it: '€88,300'.

    Where only ASCII can be shown the currency's code stands for its sign: 'EUR 88,300'.
    """
    from babel.numbers import format_currency, format_decimal

    rounded = round(amount if whole else three_figures(amount))
    if not wide():
        return f"{currency}\xa0{format_decimal(rounded, locale=_locale())}"
    text = format_currency(
        rounded, currency, format=_without_cents(), locale=_locale(), currency_digits=False
    )
    return _TOUCHING.sub("\xa0", text)


@functools.cache
def _locale() -> Locale:
    from babel import Locale, UnknownLocaleError

    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MONETARY", "LANG"))
    name = next((n for n in names if n), "").split(".")[0].split("@")[0]
    try:
        return Locale.parse(name if name not in ("", "C", "POSIX") else "en_US")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "US")


@functools.cache
def _without_cents() -> Any:
    """The locale's own pattern (its signs' places, its groups of digits), but for the cents."""
    from babel.numbers import parse_pattern

    pattern = parse_pattern(_locale().currency_formats["standard"].pattern)
    pattern.frac_prec = (0, 0)
    return pattern


def colour(text: str, code: str) -> str:
    """Text in a terminal colour; plain where stdout is no terminal or NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if plain else f"\x1b[{code}m{text}\x1b[0m"
