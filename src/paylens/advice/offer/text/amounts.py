"""Amounts as people write them: '$180k', '180–220K', '€85.000', '₹45 LPA', 'CHF 165'000', '¥1200万', '15 %'.

The grammar of one amount, spaces apart:

    amount   = bound? single (range-sign single)?
    single   = currency? number scale? currency? | number "%"
    number   = digits in groups of three (or two: India) by ',', '.', an apostrophe or a space, and a decimal part

A number that two habits read differently ('85.000') has both readings; a sign that several currencies share ('$') has
all of them. Nothing is chosen here that the text does not say; see `habits`.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from paylens.advice.offer.text.habits import Habit

__all__ = ["Amount", "amounts", "number_readings", "table"]

TABLES: Final = Path(__file__).parent
_SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = (
    rf"[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}}(?![0-9]))+(?:[.,][0-9]{{1,2}}(?![0-9]))?"
    r"|[0-9]{1,3}(?:['\u2019][0-9]{3})+(?:\.[0-9]{1,2}(?![0-9]))?"
    r"|[0-9]+(?:[.,][0-9]+)*"
)
_MOST_DIGITS = 18
_PERCENT = r"%|percent\b|per cent\b|pct\b|prozent\b|pour ?cent\b|procent\b|por ciento\b"
_RANGE = re.compile(
    r"\s*(?:-|\u2013|\u2014|~|\u301c|\uff5e|\bto\b|\bbis\b|\bà\b|\btot\b|\bhasta\b|\ba\b)\s*", re.IGNORECASE
)
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tussen)\b[^0-9]{0,12}$", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:increase[sd]?|raised?|rises?|rose|goes up|erhöht|augment\w+|verhoogd) (?:from|von|de|van)\s*$",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\s?[x×*]\s?|\s(?:monatslöhnen?|monatsgehältern?|gehältern?|mois|mensualités|pagas|months|maanden)\s(?:à|a|de|of|at|von|zu|zu je|van)\s",
    re.IGNORECASE,
)
_PAID_MONTHS: Final = frozenset({12.0, 12.5, 13.0, 13.5, 14.0, 15.0})
_AND = re.compile(r"\s*(?:and|und|et|en|y)\s*", re.IGNORECASE)
_UP_TO = re.compile(
    r"(?:\bup to|\bas much as|\bbis zu|\bmax(?:imal|imum|imaal|\.)?(?: of| von| de)?|\bjusqu'à|\bpouvant atteindre|"
    r"\bhasta|\btot(?: wel)?|\bno more than|\bto a maximum of|\bcapped at)\s*(?:a |an |el |al |le |de |zu |om )?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:(?<!range )\bfrom|\bab|\bmindestens|\bà partir de|\bau moins|\bvanaf|\bdesde|\ba partir de|\bat least|"
    r"\bminimum(?: of)?|\bstarting at|\bstarts at)\s*$",
    re.IGNORECASE,
)
_PLUS = re.compile(r"\+(?!\s*[0-9a-z€$£])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text, characters `start` to `end`.

    `kind` is "money", "share" (of one: 15 % is 0.15) or "plain". `low` and `high` are equal for one number; None where
    the text only says 'up to' or 'from'. `readings` are the values it can have when habits differ (empty: no doubt).
    `currencies` are the ones that its sign can mean (empty: no sign). `period` is only what the scale says ('LPA'),
    `times` the scale.
    """

    low: float | None
    high: float | None
    kind: str
    start: int
    end: int
    currencies: tuple[str, ...] = ()
    sign: str = ""
    readings: tuple[float, ...] = ()
    period: str | None = None
    times: float = 1.0

    @property
    def value(self) -> float | None:
        """The number where there is just one."""
        return self.low if self.low == self.high else None

    @property
    def bounded(self) -> bool:
        """Whether it is a range, or says 'up to' or 'from'."""
        return self.low != self.high


def amounts(text: str, habit: Habit) -> list[Amount]:
    """Every number of a text in order, ranges as one. What is no amount at all (dates, telephones) is masked before."""
    found = [single for match in _pattern().finditer(text) if (single := _single(match, habit))]
    return [_bound(text, amount) for amount in _ranges(text, _multiplied(text, found))]


def number_readings(written: str, habit: Habit, currencies: tuple[str, ...] = ()) -> tuple[float, ...]:
    """The values that a number can have: one, or two where '85.000' is grouped by some and decimal to others.

    Euros are grouped by dots unless the text has another habit; dollars, pounds, rupees and yen never have a decimal
    comma.
    """
    plain = re.sub(rf"{_SPACE}|['\u2019]", "", written)
    if sum(c.isdigit() for c in plain) > _MOST_DIGITS:
        return ()
    separators = [c for c in plain if c in ".,"]
    if not separators:
        return (float(plain),)
    last = separators[-1]
    tail = plain.rpartition(last)[2]
    if len(set(separators)) == 2:
        if separators.count(last) > 1:
            return ()
        return (float(plain[: -len(tail) - 1].replace(",", "").replace(".", "") + "." + tail),)
    whole = float(plain.replace(last, ""))
    if len(separators) > 1:
        return (whole,) if len(tail) == 3 else ()
    decimal = float(plain.replace(last, "."))
    if len(tail) != 3 or plain.startswith("0") or len(plain) > 7:
        return (decimal,)
    if last == ",":
        sure = habit.comma_groups or bool(_COMMA_GROUPS.intersection(currencies))
    else:
        sure = habit.dot_groups or (habit.dot_groups is None and currencies == ("EUR",))
    return (whole,) if sure else (decimal, whole)


def _single(match: re.Match[str], habit: Habit) -> Amount | None:
    before, scale, after = match["before"] or "", match["scale"] or "", match["after"] or ""
    row = _scales().get(scale) or _scales().get(scale.casefold())
    signs = [_currency(sign) for sign in (before, after) if sign]
    currencies = _common(signs) or ((row["currency"],) if row and row["currency"] else ())
    if match["percent"]:
        readings: tuple[float, ...] = tuple(v / 100 for v in number_readings(match["number"], _DECIMAL)[:1])
    else:
        readings = number_readings(match["number"], habit, currencies)
    if not readings:
        return None
    if row and not currencies and scale in ("m", "M", "T", "mil", "mm", "mn"):
        # '5 m' or '5 T' without a currency is no money.
        row, scale = None, ""
    if row:
        readings = tuple(v * float(row["times"]) for v in (readings if len(readings) == 1 else readings[:1]))
    kind = "share" if match["percent"] else "money" if currencies or row else "plain"
    end = match.end("after" if after else "percent" if match["percent"] else "scale" if scale else "number")
    return Amount(
        readings[-1], readings[-1], kind, match.start(), end, currencies, before or after,
        readings if len(readings) > 1 else (), row["period"] or None if row else None,
        float(row["times"]) if row else 1.0,
    )  # fmt: skip


def _multiplied(text: str, found: Sequence[Amount]) -> list[Amount]:
    """'13 x 5.200 €' as the year's pay that it is."""
    out: list[Amount] = []
    for amount in found:
        times = out[-1].value if out and out[-1].kind == "plain" else None
        if (
            times is not None
            and times in _PAID_MONTHS
            and amount.kind == "money"
            and amount.value is not None
            and not amount.readings
            and _TIMES.fullmatch(text, out[-1].end, amount.start)
        ):
            year = round(amount.value * times, 2)
            out[-1] = replace(amount, low=year, high=year, start=out[-1].start, period="year")
            continue
        out.append(amount)
    return out


def _ranges(text: str, found: Iterable[Amount]) -> list[Amount]:
    out: list[Amount] = []
    for amount in found:
        previous = out[-1] if out else None
        if previous is not None and previous.value is not None:
            gap, lead = text[previous.end : amount.start], text[max(0, previous.start - 40) : previous.start]
            between = _AND.fullmatch(gap) and _BETWEEN.search(lead)
            if (_RANGE.fullmatch(gap) or between) and not _CHANGED.search(lead):
                joined = _joined(previous, amount)
                if joined is not None:
                    out[-1] = joined
                    continue
        out.append(amount)
    return out


def _joined(first: Amount, second: Amount) -> Amount | None:
    """Two amounts as one range; scale, sign and kind of one are those of both: '180-220K', '10 - 15 %'."""
    low, high = first.low, second.low
    if low is None or high is None:
        return None
    if first.kind == "plain" and second.kind == "share":
        low = low / 100
    elif second.times > 1 == first.times and low < 1000:
        low = low * second.times
    elif first.times > 1 == second.times and high < 1000:
        high = high * first.times
    elif "share" in (first.kind, second.kind) and first.kind != second.kind:
        return None
    currencies = _common([c for c in (first.currencies, second.currencies) if c])
    if low >= high or (first.currencies and second.currencies and not currencies):
        return None
    sure = first if len(first.currencies) == 1 else second
    return replace(
        first, low=low, high=high, end=second.end, currencies=currencies, readings=(),
        kind="share" if "share" in (first.kind, second.kind) else "money" if "money" in (first.kind, second.kind) else "plain",
        sign=sure.sign or first.sign or second.sign, period=first.period or second.period, times=max(first.times, second.times),
    )  # fmt: skip


def _bound(text: str, amount: Amount) -> Amount:
    if amount.bounded:
        return amount
    lead = text[max(0, amount.start - 30) : amount.start]
    if _UP_TO.search(lead):
        return replace(amount, low=None)
    if amount.kind != "share" and (_FROM.search(lead) or _PLUS.match(text, amount.end)):
        return replace(amount, high=None)
    return amount


def _common(signs: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The currencies that every sign can mean."""
    if not signs:
        return ()
    return tuple(c for c in signs[0] if all(c in other for other in signs[1:]))


@functools.cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a table beside this file."""
    with (TABLES / name).open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@functools.cache
def _scales() -> dict[str, dict[str, str]]:
    return {row["written"] if row["case"] else row["written"].casefold(): row for row in table("scales.csv")}


@functools.cache
def _signs() -> dict[str, tuple[str, ...]]:
    return {row["written"].casefold(): tuple(row["currencies"].split("|")) for row in table("currencies.csv")}


def _currency(sign: str) -> tuple[str, ...]:
    return _signs()[" ".join(sign.casefold().split())]


def _words(rows: Iterable[dict[str, str]]) -> str:
    """A pattern of words, longest first; letters stand alone at both ends, the case as the table says."""
    parts = []
    for row in sorted(rows, key=lambda row: -len(row["written"])):
        word = re.escape(row["written"]).replace(r"\ ", r"\s+")
        parts.append(f"(?-i:{word})" if row["case"] else word)
    return "|".join(parts)


@functools.cache
def _pattern() -> re.Pattern[str]:
    sign = _words(table("currencies.csv"))
    scale = _words(table("scales.csv"))
    ends = r"(?![^\W\d_])"
    return re.compile(
        rf"(?:(?<![^\W\d_])(?P<before>{sign})\s?)?(?<![0-9])(?<![0-9][.,])(?P<number>{_NUMBER})(?:[.,][-\u2013\u2014]+)?"
        rf"(?:\s?(?P<percent>{_PERCENT})"
        rf"|(?:\s?(?P<scale>{scale})(?:{ends}|(?=\s?(?:{sign}){ends})))?(?:\s?(?P<after>{sign}){ends})?)?",
        re.IGNORECASE,
    )


_COMMA_GROUPS = frozenset({"USD", "CAD", "AUD", "SGD", "HKD", "NZD", "GBP", "INR", "JPY", "CNY", "KRW"})
_DECIMAL = Habit(dot_groups=False, comma_groups=False)
