"""Words that say what an amount is ('sign-on', 'Urlaubstage'), how often ('par mois') and of what ('12,000 options').

The words are in `cues.csv`, `periods.csv` and `units.csv`, by language; a longer one hides those inside it. They are
looked for in every language, since a Dutch letter says 'target bonus' too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import ahocorasick

from paylens.advice.offer.text.amounts import Amount, table
from paylens.advice.offer.text.habits import folded

__all__ = ["Count", "Cue", "counts", "find_cues", "number_words", "period_in", "unit_after"]

_LATIN = re.compile(r"[a-z0-9\u00df-\u024f]")
# A plural or a case: 'bonuses', 'Jahresgehalts', 'Fortbildungen'.
_ENDING = re.compile(r"(?:s|n|e|es|en|er)(?![a-z0-9\u00df-\u024f])")
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word or phrase at characters `start` to `end`; `value` is what it says itself ('rsu'), `period` how often."""

    field: str
    value: str
    period: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Count:
    """A number and the unit that it counts ('day', 'share', ''), characters `start` to `end` (of the number)."""

    amount: Amount
    unit: str
    unit_end: int


@functools.cache
def _automaton() -> ahocorasick.Automaton:
    found = ahocorasick.Automaton()
    for row in table("cues.csv"):
        for word in row["words"].split("|"):
            found.add_word(folded(word), (row["field"], row["value"], row["period"], len(word)))
    found.make_automaton()
    return found


def find_cues(lower: str) -> list[Cue]:
    """Every cue in a folded text, in order; none overlaps another, the longer one wins."""
    lower = lower.replace("\n", " ")
    found: list[Cue] = []
    for last, (field, value, period, length) in _automaton().iter(lower):
        start, end = last - length + 1, last + 1
        if _touches(lower, start - 1, lower[start]):
            continue
        if end < len(lower) and _touches(lower, end, lower[last]):
            ending = _ENDING.match(lower, end)
            if ending is None:
                continue
            end = ending.end()
        found.append(Cue(field, value, period, start, end))
    found.sort(key=lambda cue: (cue.start - cue.end, cue.start))
    taken = bytearray(len(lower))
    kept = []
    for cue in found:
        if not any(taken[cue.start : cue.end]):
            taken[cue.start : cue.end] = b"\1" * (cue.end - cue.start)
            kept.append(cue)
    return sorted(kept, key=lambda cue: cue.start)


def _touches(lower: str, at: int, edge: str) -> bool:
    """Whether the character at a place continues the word whose edge is `edge`."""
    if at < 0 or _CJK.match(edge):
        return False
    return bool(_LATIN.match(lower[at])) and bool(_LATIN.match(edge))


@functools.cache
def _periods() -> tuple[re.Pattern[str], dict[str, str]]:
    words: dict[str, str] = {}
    for row in table("periods.csv"):
        for word in row["written"].split("|"):
            words.setdefault(folded(word), row["period"])
    ranked = sorted(words, key=len, reverse=True)
    spelt = "|".join(
        (r"(?<![a-z\u00df-\u024f])" if _LATIN.match(word) else "")
        + re.escape(word).replace(r"\ ", r"\s+").replace("/", "/ ?")
        for word in ranked
    )
    return re.compile(rf"(?:{spelt})(?![a-z\u00df-\u024f])"), words


def period_in(lower: str) -> tuple[str, int]:
    """The first period that a folded text names and where it begins; ('', -1) for none."""
    pattern, words = _periods()
    found = pattern.search(lower)
    return (words[" ".join(found.group().split()).replace("/ ", "/")], found.start()) if found else ("", -1)


@functools.cache
def _units() -> tuple[re.Pattern[str], dict[str, str]]:
    words = {folded(word): row["unit"] for row in table("units.csv") for word in row["words"].split("|")}
    spelt = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
    between = r"(?:paid |business |working |bank |equal |whole |full |restricted |performance |of )?"
    return re.compile(
        rf"\+?[\s-]?{between}({spelt})(?![a-z\u00df-\u024f])|({'|'.join(w for w in words if _CJK.match(w))})"
    ), words


def unit_after(lower: str, at: int) -> tuple[str, int]:
    """What the number that ends at a place counts, and where that word ends; ('', at) for nothing known."""
    pattern, words = _units()
    found = pattern.match(lower, at)
    if not found:
        return "", at
    word = found.group(1) or found.group(2)
    return words[" ".join(word.split())], found.end()


@functools.cache
def number_words() -> dict[str, float]:
    """Numbers written out, in the languages that are read."""
    return {w: float(row["number"]) for row in table("number_words.csv") for w in row["words"].split("|")}


@functools.cache
def _written_out() -> re.Pattern[str]:
    spelt = "|".join(map(re.escape, sorted(number_words(), key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])({spelt})(?=[ -])")


def counts(lower: str, found: list[Amount]) -> Iterator[Count]:
    """The plain numbers of a folded text with what they count; numbers in words only where a unit follows."""
    for amount in found:
        if amount.kind == "plain":
            unit, end = unit_after(lower, amount.end)
            yield Count(amount, unit, end)
    for match in _written_out().finditer(lower):
        unit, end = unit_after(lower, match.end())
        if unit:
            value = number_words()[match.group()]
            yield Count(Amount(value, value, "plain", match.start(), match.end()), unit, end)
