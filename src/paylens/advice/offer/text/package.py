"""Benefits and how the work is done: pension match, days off, allowances, hours, days in the office."""

from __future__ import annotations

import re
from typing import Final

from paylens.advice.offer.text.assign import Found
from paylens.advice.offer.text.cues import period_in
from paylens.advice.offer.text.pay import recurring
from paylens.advice.offer.text.read import Candidate, Draft

__all__ = ["read_hours", "read_package", "read_work"]

_MATCH = re.compile(r"\bmatch(?:es|ed|ing)?\b|\bverdoppeln|\baufstock")
_TIERS = re.compile(r"\bnext\b|\bthen\b|\bthereafter\b")
_UP_TO = re.compile(
    r"\bup to\b|\bto a maximum\b|\bto a max\b|\bfirst\b|\bcapped\b|\bmaximum of\b|\bbis zu\b|\bjusqu'à\b"
)
_PERHAPS = re.compile(r"kan ook|möglich|possible\b|optional|optioneel|posible|\bor more\b")
_WORK_DAYS: Final = 5
_HOURS: Final = (8, 80)
_REMOTE: Final = (
    ("hybrid", re.compile(r"\bhybrid\b|\bhybride?s?\b|\bhíbrid[oa]\b")),
    ("remote", re.compile(
        r"\b(?:fully|100\s?%|full) remote\b|\bremote[- ]first\b|\bfully distributed\b|\bwork from anywhere\b|\bvollständig remote\b"
        r"|\b100\s?% (?:télétravail|homeoffice)\b|\bfull[- ]remote\b|(?:^|[|,(/\n.–-])[ ]{0,8}remote\s?(?=[|,)/\n.–-]|$)"
    )),
    ("onsite", re.compile(r"\b(?:fully )?on-?site\b(?! days)|\bon site\b|\bpresencial\b")),
)  # fmt: skip


def read_package(draft: Draft) -> None:
    """Fill or ask for `[offer.benefits]` and the share purchase plan."""
    _retirement(draft)
    _days_off(draft)
    recurring(draft, "health", "benefits.health", sure=True)
    recurring(draft, "learning", "benefits.learning", sure=True)
    recurring(draft, "meals", "benefits.meals", sure=False)
    _parental(draft)
    discount = [f for f in draft.of("espp") if f.amount.kind == "share" and f.amount.value is not None]
    if len({f.amount.value for f in discount}) == 1 and discount[0].amount.value is not None:
        draft.fill("espp.discount", round(discount[0].amount.value, 6), draft.words(discount[0]))


def _retirement(draft: Draft) -> None:
    """A match is a share of your own contribution up to a share of pay; a contribution of another kind is asked about."""
    found = sorted(
        (f for f in draft.of("retirement") if f.amount.kind == "share"), key=lambda f: f.amount.start
    )
    if not found:
        return
    clause = found[0].clause
    text = draft.lower[clause[0] : clause[1]]
    shares = [f for f in found if f.clause == clause]
    ends = [f.amount.high if f.amount.low is None else f.amount.low for f in shares]
    words = draft.quote(
        max(clause[0], min(f.cue.start for f in shares if f.cue)), max(f.amount.end for f in shares)
    )
    # '100 % of the first 3 % and 50 % of the next 2 %' is more than a match and a cap can say.
    if (
        _MATCH.search(text)
        and not _TIERS.search(text)
        and len(shares) in (1, 2)
        and all(v is not None for v in ends)
    ):
        match = ends[0] if len(ends) == 2 else 1.0
        cap = ends[-1]
        if match is not None and cap is not None and cap <= 0.3 and (len(ends) == 2 or _UP_TO.search(text)):
            draft.fill("benefits.retirement_match", round(match, 6), words, "of your own contribution")
            draft.fill("benefits.retirement_cap", round(cap, 6), words, "of base")
            return
    meanings = [Candidate(round(v, 6), "of base, whatever you pay in") for v in ends if v is not None]
    question = "a contribution that is not said to match yours: what is matched, up to what share of base?"
    draft.ask("benefits.retirement_match", question, meanings, words)


def _days_off(draft: Draft) -> None:
    found = [f for f in draft.of("time_off") if not _other_leave(draft, f)]
    days = [f for f in found if f.unit in ("day", "")]
    values = {f.amount.value for f in days}
    if len(values) == 1 and days[0].amount.value is not None:
        draft.fill("benefits.paid_days_off", days[0].amount.value, draft.words(days[0]), "days")
    elif days:
        ends = [v for f in days for v in (f.amount.low, f.amount.high) if v is not None]
        draft.ask(
            "benefits.paid_days_off",
            "how many days?",
            [Candidate(v, "days") for v in ends],
            draft.words(days[0]),
        )
    elif found and found[0].amount.value is not None and found[0].unit == "week":
        weeks = found[0].amount.value
        meanings = [Candidate(weeks * _WORK_DAYS, f"if a week is {_WORK_DAYS} working days")]
        draft.ask(
            "benefits.paid_days_off", "in weeks: how many working days?", meanings, draft.words(found[0])
        )


def _other_leave(draft: Draft, one: Found) -> bool:
    """Days that count bank holidays, sick days or home office are not days off."""
    near = draft.lower[one.amount.end : one.amount.end + 24]
    if re.match(r"[\s-]?days?[\s-]week\b", near):
        return True
    return (
        bool(re.match(r"\s*(?:bank|public|sick|paid holidays\b(?! a)|jours? de rtt)", near))
        and one.unit != "week"
    )


def _parental(draft: Draft) -> None:
    found = draft.of("parental")
    values = {(f.amount.value, f.unit) for f in found}
    if len(values) == 1 and found[0].unit == "week" and found[0].amount.value is not None:
        draft.fill("benefits.parental_weeks", found[0].amount.value, draft.words(found[0]), "weeks")
    elif found:
        ends = [(v, f.unit) for f in found for v in (f.amount.low, f.amount.high) if v is not None]
        meanings = [Candidate(v, f"{unit}s") for v, unit in ends]
        draft.ask("benefits.parental_weeks", "how many weeks?", meanings, draft.words(found[0]))


def read_hours(draft: Draft) -> float | None:
    """Fill or ask for the hours a week; they turn an hourly rate into a year's pay."""
    found = [f for f in draft.found if _weekly(draft, f)]
    if not found:
        return None
    words = draft.words(found[0])
    values = {f.amount.value for f in found}
    first = found[0]
    if len(values) == 1 and first.amount.value is not None and not _perhaps(draft, first):
        draft.fill("work.hours", first.amount.value, words, "a week")
        return first.amount.value
    ends = [v for f in found for v in (f.amount.low, f.amount.high) if v is not None]
    draft.ask("work.hours", "how many hours a week?", [Candidate(v, "a week") for v in ends], words)
    return None


def _weekly(draft: Draft, one: Found) -> bool:
    value = one.amount.high or one.amount.low or 0.0
    if one.amount.kind != "plain" or not _HOURS[0] <= value <= _HOURS[1]:
        return False
    if one.cue is not None and one.cue.field == "hours" and one.unit in ("hour", ""):
        return True
    after = draft.lower[one.amount.end : one.amount.end + 22]
    return one.unit == "hour" and (period_in(after)[0] == "week" or " week" in after or "woche" in after)


def _perhaps(draft: Draft, one: Found) -> bool:
    return bool(_PERHAPS.search(draft.lower, one.amount.end, min(one.clause[1], one.amount.end + 30)))


def read_work(draft: Draft) -> None:
    """Fill or ask for where the work is done."""
    kinds = {}
    for name, pattern in _REMOTE:
        match = pattern.search(draft.lower)
        if match and not _perhaps_remote(draft, match.end()):
            kinds[name] = match
    if "hybrid" in kinds:
        kinds = {"hybrid": kinds["hybrid"]}
    days = [f for f in draft.of("on_site") if f.unit == "day" and f.amount.value is not None]
    if days:
        kinds.pop("onsite", None)
    if len(kinds) == 1:
        ((name, match),) = kinds.items()
        draft.fill("work.remote", name, draft.quote(match.start(), match.end()))
    elif kinds:
        words = " / ".join(draft.quote(m.start(), m.end()) for m in kinds.values())
        draft.ask("work.remote", "which?", [Candidate(name, "") for name in kinds], words)
    values = {f.amount.value for f in days}
    if len(values) == 1 and 0 < (days[0].amount.value or 0) <= 7:
        draft.fill("work.days_on_site", days[0].amount.value or 0, draft.words(days[0]), "a week")


def _perhaps_remote(draft: Draft, at: int) -> bool:
    return bool(
        re.match(r"\s*(?:possible|möglich|optional|option|-?friendly|days?)", draft.lower[at : at + 16])
    )
