"""Base pay, bonus and what is paid once, brought to a year as the letter's own words say."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from paylens.advice.offer.text.amounts import Amount, table
from paylens.advice.offer.text.assign import Found
from paylens.advice.offer.text.cues import period_in
from paylens.advice.offer.text.read import MOST_OF_A_KIND, Candidate, Draft

__all__ = ["period_of", "read_base", "read_bonus", "read_once", "recurring", "same_currency"]

WEEKS: Final = 52
_A_YEAR: Final = {
    "year": 1,
    "month": 12,
    "half-month": 24,
    "fortnight": 26,
    "week": 52,
    "day": 220,
    "hour": 1800,
}
_TIMES: Final = {"week": WEEKS, "fortnight": 26, "half-month": 24}
_TIMES_MONTHS = re.compile(r"\s?(?:x|×|\*)\s?1[2-5](?![0-9])")
_ADJACENT = 2
_NEAR_CLAWBACK = 110
_FIRST_YEAR = re.compile(r"\b(?:first year|erste[ns]? jahr|première année|eerste jaar|primer año)")
_MORE = re.compile(
    r"\s?(?:\+|plus)\s?(?:[0-9.]+\s?%\s?)?(?:super|bonus|equity|options|benefits|stock|commission|rsu)"
)
_EACH = re.compile(r"\beach\b|\bje\b|\bchacune?\b|\bper half\b|各")
_ALIKE = 0.01
_LEAST: Final = 20_000.0
_AFTER = 34
_BEFORE = 40
_DAYS_A_YEAR = (220, 260)
_MONTHS = re.compile(
    r"(?:(?:x|×|\*)\s?|\b(?:over|in|sur|auf|paid|en|bei|versé sur)\s)(1[2-5](?:[.,]5)?)(?=\s|\b|,|\.|$)(?!\s?%)"
    r"(?:\s?(?:months?|mois|pagas|monate|instalments|maanden|monatsgehälter[n]?|mensualités|mensilità))?"
    r"|\b(1[2-5](?:[.,]5)?)(?:\s?|-)(?:mal\b|times\b|fois\b|keer\b|veces\b|month (?:pay|salary|salaries)|monatsgehälter|monatslöhne|gehälter|pagas|mensualités|mensilità|monthly salaries|salaries)",
)
_NO = re.compile(r"\s*[:|=]?\s*(?:no|nee|nein|non|none|keine?|geen)\b")
_AWS = re.compile(
    r"\bAWS\s?(?:\+|and|plus|,)\s?(?:variable|performance|bonus)|\bAWS of (?:one|1|a) month|(?:\+|\bplus|\bwith|\band|&)\s*AWS\b|^[\s\W0-9]*AWS[\s.]*$"
)
_ON_TOP = re.compile(
    r"excl|exkl|exclusief|zzgl|plus\b|\+|on top|in addition|not including|bovenop|daarnaast|hors"
)
# One of several things that are listed: ', 8% vakantiegeld'.
_ITEM = re.compile(r"(?:,|\ben\b|\band\b)\s+(?:een\s)?[0-9.,]+\s?%\s*$")
_WITHIN = re.compile(r"incl|inkl|includ|inbegrepen|inclusief|compris")


@dataclass(frozen=True, slots=True)
class Yearly:
    """Base pay a year (None: no such end) and how it came out of the letter's amount."""

    low: float | None
    high: float | None
    how: str
    month: float | None = None


def period_of(draft: Draft, one: Found) -> str:
    """How often an amount is paid, as its scale, the words after it, its cue, or the words just before it say; or ''."""
    if one.amount.period:
        return one.amount.period
    last = draft.next_amount(one)
    after = draft.lower[one.amount.end : min(last, one.amount.end + _AFTER)]
    after = re.split(
        r";|,\s|、|。|\b(?:payable|paid|zahlbar|payé|versée?|betaald|pagader|en)\b|\bplus\b|\+|\bof which\b",
        after,
    )[0]
    if _TIMES_MONTHS.match(draft.lower, one.amount.end):
        return "month"
    found, at = period_in(after)
    if found and (at <= _ADJACENT or one.cue is None or not one.cue.period):
        return found
    if one.cue is not None and one.cue.period:
        return one.cue.period
    first = draft.previous_amount(one)
    found, _ = period_in(draft.lower[max(first, one.amount.start - _BEFORE) : one.amount.start])
    return found


def read_base(draft: Draft, hours: float | None) -> Yearly | None:
    """Fill base, or ask; the pay a year where there is one."""
    found = _bases(draft)
    if not found:
        return None
    words = draft.words(found[0])
    amount = found[0].amount
    if amount.readings:
        meanings = [Candidate(v, f"if '{_written(draft, amount)}' is {v:,.10g}") for v in amount.readings]
        draft.ask("base", "the separator can be a decimal sign or group thousands: which?", meanings, words)
        return None
    years: list[Yearly] = []
    for one in found:
        year = _yearly(draft, one, hours)
        same = next((i for i, other in enumerate(years) if year is not None and _alike(year, other)), None)
        if year is not None and same is None:
            years.append(year)
        elif year is not None and same is not None and year.how == "a year":
            # Said by the year too: that is the exact figure.
            years[same] = replace(year, month=years[same].month)
    if not years:
        return None
    if len(years) > 1:
        several = [Candidate(v, y.how) for y in years for v in (y.low, y.high) if v is not None]
        draft.ask("base", "the letter names more than one: which is your base pay?", several, words)
        return None
    year = years[0]
    if year.low != year.high:
        draft.low, draft.high = year.low, year.high
        ends = [(year.low, "the lower end"), (year.high, "the upper end")]
        meanings = [Candidate(v, f"{end}, {year.how}") for v, end in ends if v is not None]
        draft.ask("base", "an advertised range: write what you are offered or ask for", meanings, words)
    elif year.low is not None:
        draft.fill("base", year.low, words, year.how)
    return year


def _alike(one: Yearly, other: Yearly) -> bool:
    """Whether two ways of writing pay are the same pay: '$132,000 ($5,500 semi-monthly)'."""
    pairs = ((one.low, other.low), (one.high, other.high))
    return all(a == b or (a is not None and b is not None and abs(a - b) <= _ALIKE * b) for a, b in pairs)


def _bases(draft: Draft) -> list[Found]:
    """Amounts that are base pay: called so by a strong word, else by a weak one, else alone with a period."""
    named = [f for f in draft.of("base") if f.amount.kind in ("money", "plain") and not _is_hourless(f)]
    strong = [f for f in named if f.cue and not f.cue.value]
    if strong or named:
        return strong or named
    alone = [f for f in draft.found if f.cue is None and f.amount.kind == "money"]
    # A small sum a month is an allowance, not pay.
    timed = [f for f in alone if _enough(draft, f) or _and_more(draft, f)]
    least = _least_year().get(draft.currency or "", _LEAST)
    return (
        timed or [f for f in alone if f.amount.bounded and (f.amount.high or f.amount.low or 0) >= least]
    )[:MOST_OF_A_KIND]


def _and_more(draft: Draft, one: Found) -> bool:
    """'$168k plus super': what the other parts of pay are added to is base pay."""
    least = _least_year().get(draft.currency or "", _LEAST)
    return (one.amount.value or 0.0) >= least and bool(_MORE.match(draft.lower, one.amount.end))


def _enough(draft: Draft, one: Found) -> bool:
    times = _A_YEAR.get(period_of(draft, one), 0.0)
    return (one.amount.high or one.amount.low or 0.0) * times >= _least_year().get(
        draft.currency or "", _LEAST
    )


def _is_hourless(one: Found) -> bool:
    return one.amount.kind == "plain" and bool(one.unit)


def _yearly(draft: Draft, one: Found, hours: float | None) -> Yearly | None:
    """An amount of base pay as one a year; asks where the letter does not say enough for that."""
    amount, period = one.amount, period_of(draft, one)
    words = draft.words(one)
    value = amount.high or amount.low or 0.0
    if not period:
        least = _least_year().get(draft.currency or "", _LEAST)
        if value < least:
            meanings = [
                Candidate(value * 12, "if it is a month, times 12"),
                Candidate(value, "if it is a year"),
            ]
            draft.ask("base", "a month or a year? the letter does not say", meanings, words)
            return None
        return _holiday(draft, one, Yearly(amount.low, amount.high, "a year (no period is said)"))
    if period == "year":
        return _holiday(draft, one, Yearly(amount.low, amount.high, "a year"))
    if period == "month":
        months, how = _months(draft)
        year = _times(amount, months, f"a month, times {months:g}{how}")
        return _holiday(
            draft, one, Yearly(year.low, year.high, year.how, amount.low if amount.value else None)
        )
    if period == "hour":
        if hours is not None:
            return _times(amount, hours * WEEKS, f"an hour, times {hours:g} hours a week and {WEEKS} weeks")
        meanings = [
            Candidate(value * h * WEEKS, f"with {h} paid hours a week, {WEEKS} weeks") for h in (35, 40)
        ]
        draft.ask("base", "an hourly rate: how many paid hours a week, how many weeks?", meanings, words)
        return None
    if period in _TIMES:
        return _times(amount, _TIMES[period], f"a {period}, times {_TIMES[period]}")
    meanings = [Candidate(value * d, f"with {d} paid days a year") for d in _DAYS_A_YEAR]
    draft.ask("base", "a daily rate: how many paid days a year?", meanings, words)
    return None


def _times(amount: Amount, times: float, how: str) -> Yearly:
    low = None if amount.low is None else round(amount.low * times, 2)
    return Yearly(low, None if amount.high is None else round(amount.high * times, 2), how)


def _months(draft: Draft) -> tuple[float, str]:
    """How many months are paid a year, and the words that say so."""
    found = _MONTHS.search(draft.lower)
    if found:
        months = float((found.group(1) or found.group(2)).replace(",", "."))
        return months, f" ('{draft.quote(found.start(), found.end())}')"
    for cue in draft.cues:
        if cue.field == "extra_month" and not _NO.match(draft.lower, cue.end):
            months = 14.0 if "14" in draft.lower[cue.start : cue.end] else 13.0
            return months, f" ('{draft.quote(cue.start, cue.end)}')"
    for line in re.split(r"[\n|.;]", draft.text):
        if found := _AWS.search(line):
            return 13.0, " ('AWS', the annual wage supplement of a month)"
    return 12.0, ""


def _holiday(draft: Draft, one: Found, year: Yearly) -> Yearly | None:
    """With Dutch holiday pay where the letter says that it comes on top; asks where it does not say either."""
    cue = next((c for c in draft.cues if c.field == "holiday_pay"), None)
    if cue is None:
        return year
    near = draft.lower[max(0, cue.start - 40) : cue.end + 16]
    if _WITHIN.search(near) and not _ON_TOP.search(near):
        return Yearly(year.low, year.high, f"{year.how}, holiday pay included", year.month)
    shares = [f.amount.value for f in draft.of("holiday_pay") if f.amount.kind == "share"]
    if not shares or shares[0] is None:
        return year
    share = shares[0]
    item = _ITEM.search(draft.lower, max(0, cue.start - 20), cue.start)
    if one.clause[0] <= cue.start < one.clause[1] and not _ON_TOP.search(near) and not item:
        ends = [v for v in (year.low, year.high) if v is not None]
        meanings = [Candidate(v, "if holiday pay is in it") for v in ends]
        meanings += [Candidate(round(v * (1 + share), 2), "if holiday pay comes on top") for v in ends]
        draft.ask("base", "is holiday pay in it or on top?", meanings, draft.words(one))
        return None
    # Holiday pay is a share of twelve months' pay, not of a thirteenth.
    twelve = [None if v is None else v for v in (year.low, year.high)]
    months = _months(draft)[0] if year.month is not None or "a month" in year.how else 12.0
    low, high = (None if v is None else round(v + v * 12 / months * share, 2) for v in twelve)
    return Yearly(low, high, f"{year.how}, and {share:.4g} of twelve months as holiday pay", year.month)


def read_bonus(draft: Draft, base: Yearly | None) -> None:
    """Fill or ask for the target bonus: a share of base, or an amount a year."""
    _fill_money(draft, "bonus_guaranteed", "once, in the first year")
    found = same_currency(draft, [f for f in draft.of("bonus") if not _again(draft, f)], "bonus")
    if not found:
        return
    first = found[0]
    words = draft.words(first)
    if first.unit == "month":
        _bonus_in_months(draft, first, base, words)
        return
    found = _one_way(found, base)
    values = {f.amount.value for f in found if f.unit == ""}
    first = found[0]
    if len(values) > 1 or first.amount.bounded or (first.amount.kind == "share" and values == {1.0}):
        ends = [(v, f.amount.kind) for f in found for v in (f.amount.low, f.amount.high) if v is not None]
        what = (
            "the most that is paid, or a range" if first.amount.bounded
            else "the letter names more than one" if len(values) > 1
            else "100 % of what is paid"
        )  # fmt: skip
        meanings = [Candidate(_tidy(v), "of base" if kind == "share" else "a year") for v, kind in ends]
        draft.ask("bonus", f"{what}: what is the target?", meanings, words)
        return
    value = first.amount.value
    if value is None or first.amount.readings:
        return
    if first.amount.kind == "share":
        draft.fill("bonus", _tidy(value), words, "of base")
        return
    period = period_of(draft, first)
    if period in ("month", "year", ""):
        times = 12 if period == "month" else 1
        how = (
            "a year"
            if period == "year"
            else "a month, times 12"
            if times == 12
            else "a year (no period is said)"
        )
        draft.fill("bonus", value * times, words, how)


def _one_way(found: list[Found], base: Yearly | None) -> list[Found]:
    """A bonus that is said twice, as a share and as its amount, once; without '100 %', which is of the target."""
    shares = [f for f in found if f.amount.kind == "share"]
    money = [f for f in found if f.amount.kind == "money"]
    if not shares or not money:
        return found
    low, share, amount = base and base.low, shares[0].amount.value, money[0].amount.value
    if low and share and amount and abs(share * low - amount) <= _ALIKE * amount:
        return shares
    return money if share == 1.0 else found


def _again(draft: Draft, one: Found) -> bool:
    """Whether a share is of something else than base: '5 % of which is in shares'."""
    return one.amount.kind == "share" and bool(
        re.match(r"\s*of (?:which|that|it)\b", draft.lower[one.amount.end : one.amount.end + 12])
    )


def _bonus_in_months(draft: Draft, one: Found, base: Yearly | None, words: str) -> None:
    months = one.amount.value
    each = _EACH.search(draft.lower, max(0, one.amount.start - 3), one.amount.end + 20)
    if (
        not each
        and months is not None
        and base is not None
        and base.month is not None
        and not one.amount.bounded
    ):
        draft.fill("bonus", months * base.month, words, f"{months:g} months of base pay, a year")
    else:
        draft.ask("bonus", "in months of pay: write it as an amount a year or a share of base", [], words)


def read_once(draft: Draft) -> None:
    """Fill or ask for the sign-on payment and how long it can be claimed back."""
    _fill_money(draft, "sign_on", "once")
    if "sign_on" not in draft.fields:
        return
    sign_on = draft.of("sign_on")[0]
    months = [
        f for f in draft.found
        if f.unit in ("month", "year") and _claims_back(draft, f, sign_on) and f.amount.value is not None
    ]  # fmt: skip
    months = [f for f in months if f.cue and f.cue.field == "clawback"] or months
    values = {(f.amount.value or 0) * (12 if f.unit == "year" else 1) for f in months}
    if len(values) == 1:
        draft.fill("sign_on_clawback_months", values.pop(), draft.words(months[0]), "months")
        return
    start, end = sign_on.clause
    first = _FIRST_YEAR.search(draft.lower, start, end)
    if not values and first and any(c.field == "clawback" and start <= c.start < end for c in draft.cues):
        draft.fill("sign_on_clawback_months", 12.0, draft.quote(first.start(), first.end()), "months")


def _claims_back(draft: Draft, months: Found, sign_on: Found) -> bool:
    """Whether a number of months is about giving the payment back: such a word in its clause, near the payment."""
    if not -200 < months.amount.start - sign_on.amount.start < 400:
        return False
    cues = [c for c in draft.cues if c.field == "clawback" and months.clause[0] <= c.start < months.clause[1]]
    near = any(-_NEAR_CLAWBACK < c.start - months.amount.start < _NEAR_CLAWBACK for c in cues)
    return near and not (months.cue and months.cue.field in ("none", "count", "vesting"))


def _fill_money(draft: Draft, name: str, how: str) -> None:
    found = same_currency(draft, [f for f in draft.of(name) if f.amount.kind in ("money", "plain")], name)
    if not found:
        return
    values = {f.amount.value for f in found}
    amount = found[0].amount
    rest = [f.amount.value or 0.0 for f in found[1:]]
    parts = len(rest) > 1 and amount.value == sum(rest)
    if (len(values) == 1 or parts) and amount.value is not None and not amount.readings:
        draft.fill(name, amount.value, draft.words(found[0]), how)
        return
    ends = [v for f in found for v in (*f.amount.readings, f.amount.low, f.amount.high) if v is not None]
    draft.ask(name, "how much?", [Candidate(v, how) for v in ends], draft.words(found[0]))


def recurring(draft: Draft, name: str, field: str, *, sure: bool) -> None:
    """Fill or ask for money that comes each year; `sure`: without a period it is a year's."""
    found = same_currency(draft, [f for f in draft.of(name) if f.amount.kind == "money"], field)
    if not found:
        return
    one, words = found[0], draft.words(found[0])
    value, period = one.amount.value, period_of(draft, found[0])
    times = {"year": 1.0, "month": 12.0, "week": float(WEEKS), "": 1.0 if sure else None}.get(period)
    if value is None or one.amount.readings or times is None or len({f.amount.value for f in found}) > 1:
        ends = [v for v in (*one.amount.readings, one.amount.low, one.amount.high) if v is not None]
        meanings = [Candidate(v * (times or 1), "a year") for v in ends]
        if period == "":
            meanings = [Candidate(v, "if it is a year") for v in ends]
        if period == "day":
            meanings = [Candidate(v * d, f"with {d} days a year") for v in ends for d in _DAYS_A_YEAR]
        draft.ask(field, "how much a year?", meanings, words)
        return
    how = {"year": "a year", "": "a year (no period is said)"}.get(period, f"a {period}, times {times:g}")
    draft.fill(field, value * times, words, how)


def same_currency(draft: Draft, found: Sequence[Found], field: str) -> list[Found]:
    """The amounts that are in the offer's own currency; asks about `field` where there are only others."""
    base = draft.currency
    own = [f for f in found if base is None or not f.amount.currencies or base in f.amount.currencies]
    if found and not own:
        first = found[0]
        ends = [v for v in (first.amount.low, first.amount.high) if v is not None]
        sign = "/".join(first.amount.currencies[:3])
        meanings = [Candidate(v, f"in {sign}, to be converted into {base}") for v in dict.fromkeys(ends)]
        draft.ask(field, f"another currency than base: write it in {base}", meanings, draft.words(first))
    return own


def _written(draft: Draft, amount: Amount) -> str:
    return draft.quote(amount.start, amount.end)


def _tidy(share: float) -> float:
    """A share of one without the noise of dividing by a hundred."""
    return round(share, 6)


@functools.cache
def _least_year() -> dict[str, float]:
    """The least that is taken for a year's pay where no period is said: our own convention, by currency."""
    return {row["currency"]: float(row["least"]) for row in table("least_year.csv")}
