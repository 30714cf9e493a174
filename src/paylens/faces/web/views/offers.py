"""Is this offer good: a pasted letter read into the form, offers side by side, the chance that one beats another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from paylens.advice.offer.text.letter import LARGEST_TEXT, read_letter
from paylens.advice.offer.text.read import Read
from paylens.advice.offer.words import first_line, futures, over
from paylens.charts import difference, tornado, years
from paylens.contract.errors import InputError
from paylens.faces.web.offered import (
    SLOTS,
    allowed,
    answered,
    called,
    entries,
    form,
    question,
    text_of,
    unfinished,
)
from paylens.faces.web.view import Asked, Posted, View

__all__ = ["EXAMPLE", "FORM", "VIEW", "letter"]

LETTER: Final = "letter"
EXAMPLE: Final[dict[str, str]] = {
    "role": "Machine learning engineer", "years_experience": "6", "a.name": "Northwind", "a.location": "Zurich", "a.base": "150000",
    "a.bonus": "10 %", "b.name": "Contoso", "b.location": "Zurich", "b.base": "138000", "b.equity.kind": "rsu",
    "b.equity.grant_value": "120000",
}  # fmt: skip
_MEASURES: Final = {"base": "Base", "cash": "Cash", "total": "With shares"}
_MOST_WORDS: Final = 160
# What the form that both views share needs where nothing was read.
FORM: Final[Mapping[str, Any]] = {
    **form(),
    "called": called,
    "beside": None,
    "nothing": False,
    "left_out": [],
}


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows; without a question an example, which says so."""
    asked.only(*allowed())
    example = not asked
    if example:
        asked = Asked(asked.engine, {k: [v] for k, v in EXAMPLE.items()}, asked.say, asked.draw)
    left_out = unfinished(asked)
    if not question(asked)[0]["offer"]:
        return {"nothing": True, "left_out": left_out}
    found = answered(asked, lambda file, more: asked.engine.compare_offers(file, **more))

    def money(amount: float) -> str:
        return asked.say.money(amount, found["currency"])

    first = first_line(found, money)
    pair = found["comparisons"][0] if found["comparisons"] else None
    return {
        "nothing": False, "left_out": left_out, "example": example, "found": found, "money": money, "first_line": first, "span": over(found["years"]), "pair": pair,
        "others": found["comparisons"][1:], "futures": futures, "measures": list(_MEASURES.items()),
        "years_picture": asked.draw.figure(lambda w: years(found, "", money=money, width=w), "Each year of each offer: cash, in kind, shares"),
        "difference_picture": None if pair is None else asked.draw.figure(lambda w: difference(pair, "", money=money, width=w), first),
        "tornado_picture": None if pair is None else asked.draw.figure(
            lambda w: tornado(found, "", money=money, width=w), f"What would change the difference between {pair['a']} and {pair['b']}"
        ),
        "standing": list(_standing(found, asked)), "asking": _asking(found), "reading": list(_reading(found, asked)),
        "terms": _terms(found, asked), "places": list(_places(found, asked)),
        "address_of": urlencode([(k, v) for k, values in asked.fields.items() for v in values]),
    }  # fmt: skip


def letter(asked: Asked) -> Posted:
    """A letter's values in the first offer of the form that is empty, beside its words; without a letter the question itself."""
    texts = asked.fields.get(LETTER, ())
    rest = {name: list(values) for name, values in asked.fields.items() if name not in (LETTER, "read")}
    if not "".join(texts).strip():
        return Posted(rest)
    if len(texts) > 1 or len(texts[0]) > LARGEST_TEXT:
        raise InputError(LETTER, None, f"is longer than {LARGEST_TEXT:,} characters: keep the part about pay")
    slot = next((s for s in SLOTS if not any(name.startswith(f"{s}.") for name in rest)), None)
    if slot is None:
        raise InputError(LETTER, None, f"there is room for {len(SLOTS)} offers: empty one of them first")
    found = read_letter(texts[0].replace("\r\n", "\n"), f"Offer {slot.upper()}")
    known = {e.field for e in entries()}
    rest[f"{slot}.name"] = [found.name]
    for f in found.fields:
        if f.field in known:
            rest[f"{slot}.{f.field}"] = [text_of(f.field, f.value)]
    # Who is asked for is who the letter is written to.
    if "role" not in rest and (role := found.value("role")):
        rest["role"] = [str(role)]
    return Posted(rest, _read(found, slot, known, asked))


def _read(found: Read, slot: str, known: set[str], asked: Asked) -> dict[str, Any]:
    """What stands beside the fields of a letter that was read."""
    words = {f"{slot}.{f.field}": f.words[:_MOST_WORDS] for f in found.fields if f.words}
    blank = [
        {"field": f"{slot}.{q.field}", "name": called(f"{slot}.{q.field}").partition(" (")[0], "question": q.question, "words": q.words[:_MOST_WORDS],
         "could": [f"{_said(q.field, c.value, asked)}, {c.meaning}" for c in q.candidates]}
        for q in found.questions
    ]  # fmt: skip
    return {
        "slot": slot, "name": found.name, "count": len(found.fields), "words": words, "blank": blank,
        "unplaced": [{"what": u.what, "words": u.words[:_MOST_WORDS]} for u in found.unplaced],
        "range": "–".join(asked.say.number(v) for v in (found.low, found.high) if v is not None),
        "outside": [f"{called(f'{slot}.{f.field}')}" for f in found.fields if f.field not in known],
    }  # fmt: skip


def _said(field: str, value: Any, asked: Asked) -> str:
    return asked.say.number(value) if isinstance(value, float) and value > 2 else text_of(field, value)


def _standing(found: Mapping[str, Any], asked: Asked) -> Iterator[dict[str, Any]]:
    """Where each offer stands among people like the reader, each measure against its own."""
    for o in found["offers"]:
        m = o["market"]
        if m is None:
            continue
        cells = []
        for measure in _MEASURES:
            p, low, high = (round(100 * m[measure][k]) for k in ("percentile", "low", "high"))
            said = "under 5" if p <= 5 else "over 95" if p >= 95 else str(p)
            middle = asked.say.money(m[measure]["p50"], o["currency"])
            cells.append({"said": said, "range": "" if low == high else f"{low}–{high}", "middle": middle})
        yield {
            "name": o["name"],
            "cells": cells,
            "of": f"{m['role']}, {m['place']}",
            "confidence": m["confidence"]["label"],
        }


def _asking(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each letter leaves open, as questions; those for all of them once."""
    listed = [
        (o["name"], [q["question"] for q in o["questions"]]) for o in found["offers"] if not o["current"]
    ]
    shared = [q for q in listed[0][1] if len(listed) > 1 and all(q in questions for _, questions in listed)]
    groups = [(name, [q for q in questions if q not in shared]) for name, questions in listed]
    groups.append(("All of them", shared))
    return [{"name": name, "questions": questions} for name, questions in groups if questions]


def _reading(found: Mapping[str, Any], asked: Asked) -> Iterator[dict[str, Any]]:
    """How each offer's amounts were read, where that matters most."""
    for o in found["offers"]:
        rows = []
        for r in o["reading"]:
            share = r["field"] == "raise" or (r["field"] == "bonus" and r["amount"] <= 2)
            amount = (
                "" if r["field"] == "equity.vesting"
                else asked.say.percent(r["amount"], 1 if round(100 * r["amount"], 1) % 1 else 0) if share
                else asked.say.number(r["amount"])
            )  # fmt: skip
            rows.append(
                {
                    "name": r["field"].split(".")[-1].replace("_", " "),
                    "amount": amount,
                    "words": r["words"],
                    "given": r["given"],
                }
            )
        yield {"name": o["name"], "rows": rows}


def _terms(found: Mapping[str, Any], asked: Asked) -> str:
    taxed = "after tax" if found["basis"] == "net" else "before tax"
    return (
        f"In {found['currency']} of {asked.say.month(found['as_of'])}, {taxed}; money that comes later counts "
        f"{asked.say.percent(found['discount_rate'])} less a year. Share prices: {asked.say.number(found['paths'])} simulated futures."
    )


def _places(found: Mapping[str, Any], asked: Asked) -> Iterator[dict[str, str]]:
    """First-year cash by exchange rate and by local prices, where offers are in several places or currencies."""
    if len({(o["currency"], o["location"]) for o in found["offers"]}) < 2:
        return
    money: Callable[[float, str], str] = asked.say.money
    for o in found["offers"]:
        cash, power = o["years"][0]["cash"], o["purchasing_power"]
        yield {
            "name": o["name"], "there": money(cash / o["rate"], o["currency"]), "exchanged": money(cash, found["currency"]),
            "local": asked.say.number(round(power["first_year_cash"], -2)) if power else "not known",
        }  # fmt: skip


VIEW = View("/offers", "Offers", "offers.html", answer, FORM, posted=letter)
