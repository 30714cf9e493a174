"""A letter or job ad to an offer: what it states, with its own words, and questions where it is not sure."""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import Final

from paylens.advice.offer.text.amounts import amounts, table
from paylens.advice.offer.text.assign import Found, assign
from paylens.advice.offer.text.clauses import clauses
from paylens.advice.offer.text.cues import Count, counts, find_cues
from paylens.advice.offer.text.grant import read_grant
from paylens.advice.offer.text.habits import folded, habit_of, language_of, masked, plain_letters
from paylens.advice.offer.text.names import employer_of, place_of, role_of, seniority_of
from paylens.advice.offer.text.package import read_hours, read_package, read_work
from paylens.advice.offer.text.pay import read_base, read_bonus, read_once
from paylens.advice.offer.text.read import Candidate, Draft, Read, Unplaced
from paylens.contract.errors import InputError
from paylens.places.geography import Place

__all__ = ["FIELDS", "LARGEST_TEXT", "read_letter"]

LARGEST_TEXT: Final = 200_000
# The order of the offer file.
FIELDS: Final = (
    "employer", "role", "seniority", "location", "currency", "base", "bonus", "bonus_guaranteed", "sign_on",
    "sign_on_clawback_months", "equity.kind", "equity.grant_value", "equity.shares", "equity.price", "equity.strike", "equity.vesting",
    "equity.vesting_every", "equity.cliff_months", "equity.refresh_per_year", "espp.discount",
    "benefits.retirement_match", "benefits.retirement_cap", "benefits.health", "benefits.paid_days_off",
    "benefits.learning", "benefits.parental_weeks", "benefits.meals", "work.remote", "work.hours", "work.days_on_site",
)  # fmt: skip
_PAID = ("base", "bonus", "bonus_guaranteed", "sign_on", "total", "learning", "meals", "health")
_MOST_UNPLACED = 12
_CODE = re.compile(r"\b[A-Z]{3}\b")


def read_letter(text: str, name: str = "offer") -> Read:
    """What a letter or job ad of at most `LARGEST_TEXT` characters states.

    `name` is the offer's where the letter names no employer. Amounts are a year, in the offer's currency, unless the
    offer file says once. Raises InputError (field "letter") for an empty or too long text.
    """
    if not text.strip():
        raise InputError("letter", text, f"{name} is empty: paste the letter's text into it")
    if len(text) > LARGEST_TEXT:
        message = f"{name} is longer than {LARGEST_TEXT:,} characters: keep the part about pay"
        raise InputError("letter", None, message)
    plain = plain_letters(text)
    language = language_of(plain)
    said, place = place_of(plain)
    draft = _draft(plain, language, place)
    role = role_of(plain)
    employer = employer_of(plain, role)
    for field, found in (("employer", employer), ("role", role)):
        if found is not None:
            draft.fill(field, found.value, draft.quote(found.start, found.end))
    if role is not None and (level := seniority_of(role)) is not None:
        draft.fill("seniority", level, draft.quote(role.start, role.end))
    if said is not None and place is not None and not said.others:
        draft.fill("location", said.value, draft.quote(said.start, said.end))
    elif said is not None:
        meanings = [Candidate(one, "") for one in (said.value, *said.others)]
        draft.ask("location", "where is the job?", meanings, draft.quote(said.start, said.end))
    _currency(draft, place)
    base = read_base(draft, read_hours(draft))
    read_bonus(draft, base)
    read_once(draft)
    read_grant(draft)
    read_package(draft)
    read_work(draft)
    _rest(draft)
    return _finished(draft, employer.value if employer else name)


def _draft(text: str, language: str, place: Place | None) -> Draft:
    lower = folded(text)
    hidden = masked(text)
    found = amounts(hidden, habit_of(language, place.country if place else None))
    numbers = [*(c for c in counts(folded(hidden), found))]
    units = {number.amount.start for number in numbers}
    numbers += [Count(amount, "", amount.end) for amount in found if amount.start not in units]
    numbers.sort(key=lambda number: number.amount.start)
    cues = find_cues(lower)
    return Draft(text, lower, language, assign(lower, clauses(text), cues, numbers), cues)


def _currency(draft: Draft, place: Place | None) -> None:
    """The currency of base pay, else of the other money: what its sign says, else the place, else other words."""
    money = [f for f in draft.found if f.amount.currencies and not (f.cue and f.cue.field == "none")]
    first = next((f for name in _PAID for f in money if f.cue and f.cue.field == name), None)
    first = first or next(iter(money), None)
    if first is None:
        _currency_apart(draft)
        return
    signs = Counter(
        f.amount.currencies for f in money if (f.cue and f.cue.field) == (first.cue and first.cue.field)
    )
    can = next((c for c in signs if len(c) == 1), first.amount.currencies)
    words = draft.words(first)
    if len(can) > 1:
        local = place.currency if place else None
        hinted = {row["currency"] for row in table("currency_hints.csv") if _says(draft.lower, row["words"])}
        sure = {local} & set(can) or (hinted & set(can) if local is None else set())
        if len(sure) != 1:
            where = "no place is named" if place is None else f"the place is {place.label}"
            meanings = [Candidate(code, "") for code in can]
            draft.ask(
                "currency",
                f"'{first.amount.sign}' is the sign of several, and {where}: which?",
                meanings,
                words,
            )
            return
        can = (sure.pop() or "",)
        how = (
            f"'{first.amount.sign}' in {place.label}"
            if place and local in can
            else f"'{first.amount.sign}' and other words"
        )
        draft.fill("currency", can[0], words, how)
    else:
        draft.fill("currency", can[0], words)
    draft.currency = can[0]


def _currency_apart(draft: Draft) -> None:
    """'All amounts in INR', where no amount has a sign of its own and just one code is named."""
    codes = {
        row["written"]
        for row in table("currencies.csv")
        if len(row["written"]) == 3 and row["written"].isupper()
    }
    found = {match.group(): match for match in _CODE.finditer(draft.text) if match.group() in codes}
    if len(found) == 1:
        ((code, match),) = found.items()
        draft.currency = code
        draft.fill("currency", code, draft.quote(match.start(), match.end()))


def _says(lower: str, words: str) -> bool:
    return bool(_hint(words).search(lower))


@functools.cache
def _hint(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words.split('|')))})(?!\w)")


def _rest(draft: Draft) -> None:
    """Money that the offer file has no field for: a package, relocation, a guess that was not made."""
    for one in draft.found:
        if one.amount.kind != "money" or (
            one.cue is not None and one.cue.field not in ("total", "relocation", "clawback", "allowance")
        ):
            continue
        words = draft.words(one)
        filled = any(f.words == words and f.field != "currency" for f in draft.fields.values()) or any(
            q.words == words for q in draft.questions.values()
        )
        if one.cue is None and filled:
            continue
        if len(draft.unplaced) < _MOST_UNPLACED:
            draft.unplaced.append(Unplaced(_what(one), words))


def _what(one: Found) -> str:
    if one.cue is None:
        return "an amount that the words near it do not name"
    return {
        "total": "a total of several parts",
        "relocation": "the employer's help with moving, once",
        "allowance": "an allowance or help of another kind",
    }.get(one.cue.field, "an amount")


def _finished(draft: Draft, name: str) -> Read:
    questions = draft.questions
    if "base" not in draft.fields and "base" not in questions:
        totals = [v for f in draft.of("total") for v in (f.amount.low, f.amount.high) if v is not None]
        question = "the letter does not name base pay" + (", only a total of several parts" if totals else "")
        words = draft.words(draft.of("total")[0]) if totals else ""
        draft.ask("base", question, [Candidate(v, "the total; base is less or equal") for v in totals], words)
    order = {field: i for i, field in enumerate(FIELDS)}
    fields = sorted(draft.fields.values(), key=lambda f: order[f.field])
    asked = sorted(
        (q for q in questions.values() if q.field not in draft.fields), key=lambda q: order[q.field]
    )
    return Read(
        name, draft.language, tuple(fields), tuple(asked), tuple(draft.unplaced), draft.low, draft.high
    )
