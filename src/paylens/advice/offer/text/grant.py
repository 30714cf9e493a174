"""The equity grant: its kind, its value or number, its strike, and how it vests."""

from __future__ import annotations

import bisect
import functools
import re
from typing import Final

from paylens.advice.offer.text.assign import Found
from paylens.advice.offer.text.cues import number_words, period_in
from paylens.advice.offer.text.pay import recurring, same_currency
from paylens.advice.offer.text.read import Candidate, Draft, Value

__all__ = ["read_grant"]

_SCHEDULE = re.compile(
    r"(?<![0-9/.])([0-9]{1,2}(?:\.[0-9]+)?%?(?:\s?[/,-]\s?[0-9]{1,2}(?:\.[0-9]+)?%?){1,5})(?![0-9/])"
)
_EACH = re.compile(
    r"([0-9]{1,2}(?:[.,][0-9]+)?)\s?%\s(?:(?:will |is |are )?vest(?:s|ed|ing)?\s)?"
    r"(?:per year|each year|a year|every year|annually|pro jahr|par an|per jaar|yearly)"
)
_UNITS = r"(?P<unit>years?|yrs?|jahre?n?|ans?|jaar|años|months?|monaten?|mois|maanden|meses)(?![a-zà-ÿ])"
_PATTERNS: Final = {
    "over": rf"(?:/ ?|\b(?:over|across|über|sur|durant|gedurende|in|en) )(?:a period of |the |your )?(?:first |following |remaining )?{{n}}[\s-]{_UNITS}"
    rf"|\b{{n2}}[\s-]{_UNITS.replace('unit', 'unit2')} vest(?:ing)?(?![a-z])",
    "parts": r"{n} (?:equal annual|annual|equal yearly|yearly) (?:tranches|instal?lments|parts)",
    "cliff": rf"{{n}}[\s-]{_UNITS} (?:vesting )?(?:cliff|sperrfrist)|cliff (?:of|von|de|van) {{n2}} {_UNITS.replace('unit', 'unit2')}"
    r"|(?P<first>(?:after|nach|après|na) (?:the |your |dem |la )?(?:first|one|1|twelve|12|ersten|première|een)[\s-](?:year|months?|jahr|monaten|année|an|jaar))",
}
_EVERY = (
    ("month", re.compile(r"\b(?:monthly|each month|every month|per month|monatlich|mensuel\w*|maandelijks)\b")),
    ("quarter", re.compile(r"\b(?:quarterly|each quarter|every quarter|per quarter|quartalsweise|trimestriel\w*|per kwartaal)\b")),
    ("year", re.compile(r"\b(?:annually|yearly|annual|each year|per year|every year|jährlich|par an|jaarlijks)\b")),
)  # fmt: skip
_TOTAL = re.compile(
    r"\b(?:in total|total of|total grant|initial grant|new hire grant|grant of|one-time|insgesamt|au total|in totaal)\b"
)
_EVEN: Final = 4
_CLOSE = 25.0
_AFTER = 60
_MOST_YEARS = 10
# What a clause says and where in it.
Said = tuple[Value, int, int]


def read_grant(draft: Draft) -> None:
    """Fill or ask for the fields of `[offer.equity]`."""
    recurring(draft, "refresh", "equity.refresh_per_year", sure=False)
    found = draft.of("equity")
    cues = [c for c in draft.cues if c.field == "equity" and not _is_other(draft, c.start)]
    about = [draft.lower[s:e] for s, e in _about(draft)]
    kinds = {c.value for c in cues if c.value}
    if len(kinds) > 1:
        kinds = {c.value for f in found if (c := f.cue) and c.value} or kinds
    if not cues:
        return
    vested = _vesting(draft, about)
    worth = [f for f in found if f.amount.kind == "money" and not _at_a_price(draft, f)]
    money = same_currency(draft, worth, "equity.grant_value")
    number = [f for f in found if f.amount.kind == "plain" and f.amount.value is not None]
    if money or number or "equity.grant_value" in draft.questions:
        words = draft.words((money or number or found)[0])
        if len(kinds) == 1:
            draft.fill("equity.kind", next(iter(kinds)), words)
        else:
            meanings = [Candidate("rsu", "shares"), Candidate("options", "options with a strike price")]
            draft.ask("equity.kind", "shares or options?", meanings, words)
    _strike(draft)
    if money:
        _value(draft, money, vested, counted=bool(number))
    if number and not (draft.fields.get("equity.grant_value") and kinds == {"rsu"}):
        _shares(draft, number)
        _price(draft, kinds)
    for one in found:
        if one.amount.kind == "share" and not (money or number):
            draft.ask(
                "equity.shares",
                "a share of the company: how many shares or options is it, of how many?",
                [],
                draft.words(one),
            )
            break


def _is_other(draft: Draft, at: int) -> bool:
    """Whether a cue lies inside the name of something else ('share purchase plan' is found as its own cue)."""
    return draft.lower[at : at + 12].startswith("actions") and draft.language != "fr"


def _about(draft: Draft) -> list[tuple[int, int]]:
    """The clauses that speak of a grant or of vesting."""
    spans = {f.clause for f in draft.found}
    at = [c.start for c in draft.cues if c.field in ("equity", "vesting", "strike")]
    return sorted((s, e) for s, e in spans if bisect.bisect_left(at, s) < bisect.bisect_left(at, e))


def _shares(draft: Draft, number: list[Found]) -> None:
    first, words = number[0], draft.words(number[0])
    values = {f.amount.value for f in number}
    if first.amount.readings or len(values) > 1:
        ends = [v for f in number for v in (f.amount.readings or (f.amount.value or 0.0,))]
        draft.ask("equity.shares", "how many?", [Candidate(v, "shares or options") for v in ends], words)
    elif first.amount.value is not None:
        draft.fill("equity.shares", first.amount.value, words)


def _price(draft: Draft, kinds: set[str]) -> None:
    """Today's price of a share, where the letter names it beside the number; shares without one are no value."""
    said = [f for f in draft.of("price") if f.amount.kind == "money"]
    found = same_currency(draft, said, "equity.price")
    value = found[0].amount.value if found and not found[0].amount.readings else None
    if value is not None and len({f.amount.value for f in found}) == 1:
        if kinds == {"rsu"}:
            draft.fill("equity.price", value, draft.words(found[0]), "a share, today")
        elif "equity.strike" not in draft.fields:
            meanings = [Candidate(value, "if that is what you pay for a share")]
            draft.ask("equity.strike", "the price today or the strike?", meanings, draft.words(found[0]))
    elif kinds == {"rsu"} and "equity.shares" in draft.fields:
        words = draft.fields["equity.shares"].words
        draft.ask("equity.price", "what is a share worth today? the letter does not say", [], words)
    if kinds == {"options"} and "equity.shares" in draft.fields and "equity.strike" not in draft.fields:
        words = draft.fields["equity.shares"].words
        draft.ask("equity.strike", "at what price a share? the letter does not say", [], words)


def _value(draft: Draft, money: list[Found], vested: list[float] | None, *, counted: bool) -> None:
    """The whole grant's value: in total where the letter says over how many years or that it is one grant.

    `counted`: the letter gives a number of shares too; then money further away may be something else.
    """
    first, words = money[0], draft.words(money[0])
    amount = first.amount
    if len({(f.amount.low, f.amount.high) for f in money}) > 1 or amount.value is None or amount.readings:
        ends = [v for f in money for v in (*f.amount.readings, f.amount.low, f.amount.high) if v is not None]
        draft.ask(
            "equity.grant_value",
            "what is the whole grant worth?",
            [Candidate(v, "in total") for v in ends],
            words,
        )
        return
    if draft.fields.get("equity.kind") and draft.fields["equity.kind"].value == "options":
        draft.ask(
            "equity.shares", "worth is no number, and options are given by number: how many?", [], words
        )
        draft.ask("equity.strike", "at what price a share?", [], words)
        return
    if counted and first.cost > _CLOSE:
        draft.ask(
            "equity.grant_value",
            "is that the whole grant's value?",
            [Candidate(amount.value, "in total")],
            words,
        )
        return
    value = amount.value
    clause = draft.lower[first.clause[0] : first.clause[1]]
    years = float(len(vested or ())) or float(_EVEN)
    after = re.split(
        r"vest|over|cliff|;|,\s", draft.lower[amount.end : min(first.clause[1], amount.end + _AFTER)]
    )[0]
    if period_in(after)[0] == "year":
        meanings = [
            Candidate(value * years, f"if that much vests each year, over {years:g} years"),
            Candidate(value, "if it is a new grant each year (then refresh_per_year too)"),
        ]
        draft.ask(
            "equity.grant_value", "a year: one grant that vests so, or a new one each year?", meanings, words
        )
        return
    if _schedule(clause) or _TOTAL.search(clause) or "vest" in clause or vested:
        draft.fill("equity.grant_value", value, words, "in total")
        return
    meanings = [
        Candidate(value, "if it is in total"),
        Candidate(value * years, f"if it is a year, over {years:g} years"),
    ]
    draft.ask("equity.grant_value", "a year or in total? the letter does not say", meanings, words)


def _at_a_price(draft: Draft, one: Found) -> bool:
    """Whether it is what an option costs: '6,000 stock options at $11.50'."""
    return bool(
        re.search(
            r"options (?:priced )?at (?:a price of )?$",
            draft.lower[max(0, one.amount.start - 40) : one.amount.start],
        )
    )


def _strike(draft: Draft) -> None:
    """The price at which an option is exercised."""
    said = draft.of("strike") + [f for f in draft.of("equity") if _at_a_price(draft, f)]
    found = same_currency(draft, [f for f in said if f.amount.kind == "money"], "equity.strike")
    values = {f.amount.value for f in found}
    if len(values) == 1 and found[0].amount.value is not None and not found[0].amount.readings:
        draft.fill("equity.strike", found[0].amount.value, draft.words(found[0]), "a share")
    elif found:
        ends = [v for f in found for v in (*f.amount.readings, f.amount.low, f.amount.high) if v is not None]
        draft.ask(
            "equity.strike",
            "at what price a share?",
            [Candidate(v, "a share") for v in ends],
            draft.words(found[0]),
        )


def _vesting(draft: Draft, about: list[str]) -> list[float] | None:
    """Fill the shares a year, the cliff and the rhythm; the shares a year where the letter says them."""
    for (start, _), text in zip(_about(draft), about, strict=True):
        for name, how, said in (
            ("vesting", "a year", _schedule(text)),
            ("cliff_months", "months", _cliff(text)),
            ("vesting_every", "", _every(text)),
        ):
            if said is not None and f"equity.{name}" not in draft.fields:
                value, first, last = said
                draft.fill(f"equity.{name}", value, draft.quote(start + first, start + last), how)
    vesting = draft.fields.get("equity.vesting")
    return vesting.value if vesting is not None and isinstance(vesting.value, list) else None


def _every(text: str) -> Said | None:
    at = min(
        (text.find(word) for word in ("vest", "tranche", "cliff", "thereafter") if word in text), default=-1
    )
    if at < 0:
        return None
    at = text.find("vest") if "vest" in text else 0
    if "refresh" in text[at : at + 40]:
        return None
    for name, pattern in _EVERY:
        # 'Quarterly vesting' too, but not what is said of other things before.
        if match := pattern.search(text, max(0, text.rfind(" ", 0, max(0, at - 1)) if at else 0)):
            return name, match.start(), match.end()
    return None


def _schedule(text: str) -> Said | None:
    """Shares a year: as written ('5/15/40/40'), '25% each year', or even over the years that are named."""
    for match in _SCHEDULE.finditer(text):
        parts = [float(part.strip(" %")) for part in re.split(r"[/,-]", match.group(1))]
        if len(parts) > 1 and abs(sum(parts) - 100) < 0.6:
            return [round(part / 100, 6) for part in parts], match.start(), match.end()
    each = _EACH.search(text)
    if each:
        share = float(each.group(1).replace(",", ".")) / 100
        if share > 0 and abs(round(1 / share) * share - 1) < 0.02:
            return _even(round(1 / share)), each.start(), each.end()
    return _over(text)


def _even(years: int) -> list[float]:
    return [round(1 / years, 6)] * years


@functools.cache
def _compiled(name: str) -> re.Pattern[str]:
    words = "|".join(sorted(number_words(), key=len, reverse=True))
    spelt = (
        _PATTERNS[name]
        .replace("{n2}", rf"(?P<n2>[0-9]{{1,2}}|{words})")
        .replace("{n}", rf"(?P<n>[0-9]{{1,2}}|{words})")
    )
    return re.compile(spelt)


def _number(written: str) -> float:
    return float(written) if written.isdigit() else number_words()[written]


def _over(text: str) -> Said | None:
    """Even shares of the years over which a clause says that a grant vests."""
    found = _compiled("over").search(text)
    if found is None:
        parts = _compiled("parts").search(text)
        return (_even(int(_number(parts["n"]))), parts.start(), parts.end()) if parts else None
    number, unit = _number(found["n"] or found["n2"]), found["unit"] or found["unit2"]
    if unit[0] == "m":
        # What follows a first part is a year less than the whole.
        number = number / 12 + ("following" in text or "remaining" in text)
    if number != int(number) or not 1 <= number <= _MOST_YEARS:
        return None
    return _even(int(number)), found.start(), found.end()


def _cliff(text: str) -> Said | None:
    """The months before which nothing is kept."""
    found = _compiled("cliff").search(text)
    if found is None:
        return None
    if found["first"]:
        return 12.0, found.start(), found.end()
    number, unit = _number(found["n"] or found["n2"]), found["unit"] or found["unit2"]
    return (number if unit[0] == "m" else number * 12), found.start(), found.end()
