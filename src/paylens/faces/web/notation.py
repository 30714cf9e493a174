"""Numbers as the reader writes them: the locale that their browser asks for, money to three figures, and pay as they type it."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    parse_pattern,
)

from paylens.contract.errors import InputError, shown

__all__ = ["Notation", "amount", "notation"]

_MOST_HEADER, _MOST_ASKED = 500, 10
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Between the letters of a currency and a digit stands a space ('CHF 120,000'); Babel leaves it out.
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_AROUND = re.compile(r"^\D+|\D+$")
_GROUPS = re.compile(r"\d{1,3}(?:[.,'’\s\u00a0\u202f]\d{2,3})*[.,'’\s\u00a0\u202f]\d{3}")
_PLAIN = re.compile(r"\d+(?:[.,]\d{1,2})?")
_MOST = 1e12
_LETTERS = {"k": 1e3, "m": 1e6}


@dataclass(frozen=True)
class Notation:
    """A reader's way of writing numbers."""

    locale: Locale

    def money(self, pay: float, currency: str, *, whole: bool = False) -> str:
        """An amount to three figures, or `whole`, without cents: '€88,300', '88.300 €'."""
        pattern = _without_cents(self.locale)
        text = format_currency(
            round(pay if whole else _three(pay)),
            currency,
            format=pattern,
            locale=self.locale,
            currency_digits=False,
        )
        return _TOUCHING.sub("\xa0", text)

    def compact(self, pay: float) -> str:
        """An amount in few letters and without its currency: '88K'."""
        digits = 0 if abs(pay) >= 10_000 else 1
        return str(format_compact_decimal(_three(pay), locale=self.locale, fraction_digits=digits))

    def number(self, value: float, digits: int = 0) -> str:
        """A number with so many digits after the point."""
        # Nothing is minus nothing.
        shown = round(value, digits) + 0.0
        return str(format_decimal(shown, format=_grouped(self.locale, digits), locale=self.locale))

    def percent(self, share: float, digits: int = 0) -> str:
        """A share in percent: '12%', '12 %'."""
        pattern = parse_pattern(self.locale.percent_formats[None].pattern)
        pattern.frac_prec = (digits, digits)
        return str(format_percent(share, format=pattern, locale=self.locale))

    def times(self, multiplier: float) -> str:
        """A factor: '× 1.08'."""
        return f"×\xa0{self.number(multiplier, 2)}"

    def month(self, month: str) -> str:
        """'2026-11' as the year and month in English words, since the page is in English."""
        return str(format_skeleton("yMMMM", date(int(month[:4]), int(month[5:]), 1), locale=Locale("en")))


def _three(pay: float) -> float:
    return 0.0 if pay == 0 else round(pay, 2 - math.floor(math.log10(abs(pay))))


@functools.cache
def _without_cents(locale: Locale) -> Any:
    """The locale's own pattern (its signs' places, its groups of digits), but for the cents."""
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (0, 0)
    return pattern


@functools.cache
def _grouped(locale: Locale, digits: int) -> Any:
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern


def notation(accepted: str | None) -> Notation:
    """The notation that an Accept-Language header asks for first of those that are known; American English without one."""
    ranked = []
    for i, part in enumerate((accepted or "")[:_MOST_HEADER].split(",")[:_MOST_ASKED]):
        tag, _, weight = part.partition(";")
        quality = _quality(weight)
        if quality > 0 and _TAG.fullmatch(tag.strip()):
            ranked.append((-quality, i, tag.strip()))
    for _, _, tag in sorted(ranked):
        found = _locale(tag)
        if found is not None:
            return Notation(found)
    return Notation(Locale("en", "US"))


def _quality(weight: str) -> float:
    try:
        return float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
    except ValueError:
        return 0.0


@functools.lru_cache(maxsize=512)
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def amount(field: str, text: str) -> float | None:
    """Money as anybody may type it: '85000', '85,000', '85.000 €', '85 000', '85k', '6,50,000'; None for nothing.

    Three digits after a sign are thousands, one or two at the end are cents: of a year's pay nothing else is meant. InputError
    for anything else.
    """
    if not text.strip():
        return None
    plain = text.strip()[:100].casefold()
    scale = next((_LETTERS[s] for s in _LETTERS if re.search(rf"\d\s?{s}\b", plain)), 1.0)
    # A currency's name or sign may stand on either side, never between.
    digits = "" if "-" in plain else _AROUND.sub("", plain)
    whole, cents = digits, ""
    if not _PLAIN.fullmatch(digits):
        found = re.fullmatch(r"(.*\d)([.,])(\d{1,2})", digits)
        if found and scale == 1.0 and not re.search(r"[.,]\d{2}$", found[1]):
            whole, cents = found[1], found[3]
        if not _GROUPS.fullmatch(whole):
            raise InputError(field, text, f"must be an amount such as 85000, not '{shown(text)}'")
        whole = re.sub(r"\D", "", whole)
    value = float((whole + (f".{cents}" if cents else "")).replace(",", ".")) * scale
    if not 0 < value <= _MOST:
        raise InputError(
            field, text, f"must be more than nothing and at most a trillion, not '{shown(text)}'"
        )
    return value
