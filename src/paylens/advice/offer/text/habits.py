"""How a text writes: its language, how it groups digits, and what in it is no amount (dates, telephones, references)."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["EURO_HABIT", "Habit", "folded", "habit_of", "language_of", "masked", "plain_letters"]

_TABLE: Final = Path(__file__).parent / "languages.csv"
# With so few of its words a text may as well be in another language.
_FEWEST: Final = 2
# Blank lines and the gaps of a table say no more when they are longer.
_WIDEST: Final = 8
_LEADER = re.compile(r" ?(?:\.{3,}|_{3,}|(?:\. ){3,}) ?")
_BLANK = re.compile(r"\n[ \n]*\n ?| {9,}")
# Countries whose own way is '85.000,50'; an English text from there may write either way.
EURO_HABIT: Final = frozenset(
    {"AT", "BE", "BR", "DE", "DK", "ES", "FI", "FR", "GR", "HR", "ID", "IT", "LU", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "TR", "AR", "CL", "CO", "VN", "CZ"}
)  # fmt: skip
_MONTHS = (
    r"jan(?:uary|uari|uar|vier)?|feb(?:ruary|ruari|ruar)?|f[ée]v(?:rier)?|m[aä]r(?:ch|z|s|zo)?|maart|apr(?:il)?|avr(?:il)?|"
    r"may|mai|mei|juni?|june|juin|july?|juli|juillet|aug(?:ust|ustus)?|ao[uû]t|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|"
    r"nov(?:ember|embre)?|de[cz](?:ember)?|d[ée]c(?:embre)?|enero|febrero|abril|mayo|junio|julio|agosto|septiembre|"
    r"octubre|noviembre|diciembre"
)
_NO_AMOUNTS = re.compile(
    "|".join(
        (
            r"https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,80}",  # addresses
            r"\b[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}\b",  # 01.03.2026, 2026-03-01, 3/1/26
            r"\b[0-9]{1,2}/[0-9]{2}(?![0-9/])(?=[ !.,]{0,4}$)",  # by 12/04
            rf"\b[0-9]{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?(?:{_MONTHS})\b\.?,?(?:\s+(?:de\s+)?20[0-9]{{2}})?",
            rf"\b(?:{_MONTHS})\.?\s+[0-9]{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+20[0-9]{{2}})?",
            r"\b[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?|[0-9]{1,2}月[0-9]{1,2}日",
            r"(?:\+[0-9]{1,3}[ .-]?)?\(0?[0-9]{2,4}\)[ .-]?[0-9]{3,4}[ .-]?[0-9]{3,4}",  # (415) 555-0172
            r"\+[0-9]{1,3}(?:[ .-]?[0-9]{2,4}){2,5}",  # +65 6555 0123
            r"\b(?:1[ .-])?[0-9]{3}[.-][0-9]{3}[.-][0-9]{4}\b",  # 206-555-0148
            r"\b0[0-9]{1,4}(?:[ /-]?[0-9]{2,4}){2,4}\b",  # 020 7946 0958
            r"\b(?:tel|phone|telephone|tél|telefon|telefoon|ring|call|bel|mobile|fax|contact)\b[^0-9\n]{0,15}[0-9][0-9 ./()-]{5,}",
            r"\b40[13]\s?\(?[kKbB]\)?(?!\w)|\b1099\b|\b409A\b|\bW-?2\b|\bIR35\b|\bH-?1B\b|\bT4\b",
            r"\b(?:ref|req|job|id|reference|requisition|clause|section|§)\b\.?[^\w\n]{0,3}(?:id\s)?[A-Z]{0,4}[/-]?[0-9][\w/-]*",
            r"\b[0-9]{1,2}:[0-9]{2}\b(?:\s?[ap]m)?|\b[0-9]{1,2}[.h][0-9]{2}\s?(?:[ap]m|uhr)\b|\b[0-9]{1,2}\s?[ap]m\b",
            r"\b24/7\b|\b(?:in|since|from|seit|depuis|sinds|desde|founded|established|year|en|im jahr|fy)\s(?:in\s)?(?:19|20)[0-9]{2}\b",
            r"^[ ]{0,40}[0-9]{1,2}[.)]\s",  # numbered lines
            r"\bq[1-4]\b|\b(?:ic|l|e|p|t)[0-9]{1,2}\b",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Habit:
    """Whether a '.' (a ',') before three digits groups thousands: True, False (could be decimals) or, for the dot,
    None: not known from the text, so that the currency decides."""

    dot_groups: bool | None
    comma_groups: bool


@functools.cache
def _languages() -> Mapping[str, tuple[bool, frozenset[str]]]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["language"]: (bool(row["comma_decimal"]), frozenset(row["words"].split("|")))
            for row in csv.DictReader(lines)
        }


def plain_letters(text: str) -> str:
    """The text with full-width digits and signs as plain ones, line ends as one sign, and no long blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " | ").replace("\f", "\n")
    text = _LEADER.sub(" | ", text)
    text = _BLANK.sub(lambda found: "\n\n" if "\n" in found.group() else " " * _WIDEST, text)
    if text.isascii():
        return text
    return "".join(_plain(c) for c in text)


@functools.lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    if letter in "\u00a0\u202f\u2009\u2019":
        return letter
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 else letter


def folded(text: str) -> str:
    """Lower case of the same length: spans in it are spans in the text."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def masked(text: str) -> str:
    """The text with a blank for every character of a date, telephone, address, reference or plan number."""
    return _NO_AMOUNTS.sub(lambda found: "\u0001" * len(found.group()), text)


def language_of(text: str) -> str:
    """The language with the most of its little words in the text; 'ja' by its letters; 'en' when none has more."""
    kana = sum("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in text)
    if kana > len(text) / 10:
        return "ja"
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {name: sum(word in known for word in words) for name, (_, known) in _languages().items()}
    best = max(counts, key=lambda name: counts[name], default="en")
    return best if counts.get(best, 0) > max(counts.get("en", 0), _FEWEST) else "en"


def habit_of(language: str, country: str | None) -> Habit:
    """How a text in a language, about a job in a country (ISO code; None: not known), groups its digits.

    English from a country with the euro habit may write both; elsewhere '85.000' is not sure, but with a country or
    without one an amount in euros is.
    """
    if language in _languages() and _languages()[language][0]:
        swiss = country in ("CH", "LI")
        return Habit(dot_groups=None if swiss else True, comma_groups=False)
    if country is None:
        return Habit(dot_groups=None, comma_groups=True)
    return Habit(dot_groups=country in EURO_HABIT, comma_groups=True)
