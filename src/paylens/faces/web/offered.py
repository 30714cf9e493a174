"""Offers as fields of a form and of an address, `a.base` to `d.work.hours`; the same for comparing and for negotiating."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from paylens.contract.errors import InputError, shown
from paylens.faces.web.forms import NAMES, OPTIONS
from paylens.faces.web.notation import amount
from paylens.faces.web.view import Asked

__all__ = [
    "SLOTS",
    "Entry",
    "allowed",
    "answered",
    "called",
    "entries",
    "form",
    "listed",
    "number",
    "question",
    "share",
    "text_of",
    "unfinished",
]

T = TypeVar("T")
SLOTS: Final = ("a", "b", "c", "d")
NOW: Final = "now"
_NOW_FIELDS: Final = ("base", "bonus", "location", "currency")
_ME: Final = ("role", "years_experience", "seniority", "education", "skills", "filing", "discount_rate")
_OPTIONS: Final = ("years", "currency", "as_of", "tax")
_ME_NAMES: Final = {
    **NAMES, "filing": "Filing taxes", "discount_rate": "Later money counts less", "years": "Years to look ahead",
    "currency": "Currency of the answer", "as_of": "Month", "tax": "Tax",
}  # fmt: skip
CHOICES: Final[dict[str, list[tuple[str, str]]]] = {
    "equity": [("rsu", "Shares (RSU)"), ("options", "Options"), ("none", "None")],
    "company": [("listed", "Listed"), ("late", "Late start-up"), ("early", "Early start-up")],
    "every": [("month", "month"), ("quarter", "quarter"), ("year", "year")],
    "filing": [("single", "Single"), ("married", "Married")],
    "tax": [("before", "Before tax")],
    "remote": OPTIONS["remote"],
    "seniority": OPTIONS["seniority"],
    "education": OPTIONS["education"],
}
_MOST_YEARS: Final = 20
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,6})?")
_PERCENT = re.compile(r"([+-]?\d{1,6}(?:[.,]\d{1,6})?)\s?%")
_OF_NAME = re.compile(r"offer '(?P<name>.*)' (?P<field>\S+)", re.DOTALL)
_OF_NUMBER = re.compile(r"offer (?P<number>\d+) (?P<field>\S+)")


@dataclass(frozen=True)
class Entry:
    """One field of an offer: its name in an offer file, its label, what is typed there, and which part of the form it is in."""

    field: str
    label: str
    kind: str
    group: str
    placeholder: str


@functools.cache
def entries() -> tuple[Entry, ...]:
    """The fields of an offer, in the order of the form."""
    with (Path(__file__).parent / "offer_fields.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Entry(**row) for row in csv.DictReader(file))


def allowed() -> tuple[str, ...]:
    """Every field's name in an address."""
    of_offers = (f"{slot}.{e.field}" for slot in SLOTS for e in entries())
    return (*_ME, *_OPTIONS, *of_offers, *(f"{NOW}.{name}" for name in _NOW_FIELDS))


def form() -> dict[str, Any]:
    """What the template of the form is made from: each offer's fields with their names in the address, and all choices."""
    slots = []
    for slot, title in zip(
        SLOTS, ("First offer", "Second offer", "A third offer", "A fourth offer"), strict=True
    ):
        found = [{**asdict(e), "name": f"{slot}.{e.field}"} for e in entries()]
        groups = {group: [e for e in found if e["group"] == group] for group in ("shares", "rest", "rare")}
        slots.append(
            {
                "slot": slot,
                "title": title,
                "fields": {e["field"]: e for e in found},
                "all": [e["name"] for e in found],
                **groups,
            }
        )
    return {
        "slots": slots,
        "choices": CHOICES
        | {
            "offer": [(s, str(i)) for s, i in zip(SLOTS, ("First", "Second", "Third", "Fourth"), strict=True)]
        },
    }


def called(field: str) -> str:
    """A field's name in words: 'Base a year (second offer)'."""
    slot, _, name = field.partition(".")
    label = next((e.label for e in entries() if e.field == name), name.replace("_", " "))
    if slot in SLOTS:
        return f"{label} ({('first', 'second', 'third', 'fourth')[SLOTS.index(slot)]} offer)"
    if slot == NOW:
        return f"{label} (present job)"
    return _ME_NAMES.get(field, field.replace("_", " "))


def unfinished(asked: Asked) -> list[str]:
    """The names of offers that lack base, or place and currency both: they are left out until they have them."""
    return [
        asked.one(f"{slot}.name") or asked.one(f"{slot}.employer") or f"Offer {slot.upper()}"
        for slot in SLOTS if not _finished(asked, slot) and any(asked.one(f"{slot}.{e.field}") for e in entries())
    ]  # fmt: skip


def _finished(asked: Asked, slot: str) -> bool:
    return bool(
        asked.one(f"{slot}.base") and (asked.one(f"{slot}.location") or asked.one(f"{slot}.currency"))
    )


def question(asked: Asked) -> tuple[dict[str, Any], list[str]]:
    """The offer file that the fields describe, and the slot of each of its offers. InputError names the form's field."""
    offers, slots = [], []
    for slot in SLOTS:
        mine = {e.field: e for e in entries() if asked.one(f"{slot}.{e.field}")}
        if not _finished(asked, slot):
            continue
        offer = _table((name, _value(asked, f"{slot}.{name}", e.kind)) for name, e in mine.items())
        offer.setdefault("name", offer.get("employer") or f"Offer {slot.upper()}")
        if "equity" in offer:
            offer["equity"].setdefault("kind", "options" if "strike" in offer["equity"] else "rsu")
        offers.append(offer)
        slots.append(slot)
    me: dict[str, Any] = asked.given(*_ME)
    if "years_experience" in me:
        me["years_experience"] = number("years_experience", me["years_experience"])
    if "discount_rate" in me:
        me["discount_rate"] = share("discount_rate", me["discount_rate"])
    if "skills" in me:
        me["skills"] = listed(me["skills"])
    kinds = {e.field: e.kind for e in entries()}
    now = _table((n, _value(asked, f"{NOW}.{n}", kinds[n])) for n in _NOW_FIELDS if asked.one(f"{NOW}.{n}"))
    if "base" in now:
        me["current"] = now
    return {"me": me, "offer": offers}, slots


def options(asked: Asked) -> dict[str, Any]:
    """How to compare: years, currency, month, and whether tax is left out."""
    out: dict[str, Any] = asked.given("as_of")
    if asked.one("currency"):
        out["currency"] = asked.one("currency").strip().upper()
    if asked.one("years"):
        years = number("years", asked.one("years"))
        out["years"] = int(years) if years == int(years) else years
    if asked.one("tax"):
        if asked.one("tax") != "before":
            raise InputError("tax", asked.one("tax"), "is 'before' or left out", ("before",))
        out["before_tax"] = True
    return out


def answered(asked: Asked, answer: Callable[[dict[str, Any], dict[str, Any]], T]) -> T:
    """What `answer` says of the question's offers and options; its InputError is named as the form names the field."""
    file, slots = question(asked)
    names = [str(o["name"]) for o in file["offer"]]
    try:
        return answer(file, options(asked))
    except InputError as error:
        raise InputError(
            _field(error.field, names, slots), error.value, error.message, error.candidates
        ) from None


def _field(field: str, names: Sequence[str], slots: Sequence[str]) -> str:
    """The form's name of a field that an offer file calls `field`."""
    if found := _OF_NAME.fullmatch(field):
        # Of two offers of one name the second is the one to change.
        mine = [slot for slot, name in zip(slots, names, strict=True) if shown(name.strip()) == found["name"]]
        return f"{mine[-1]}.{_short(found['field'])}" if mine else field
    if (found := _OF_NUMBER.fullmatch(field)) and int(found["number"]) <= len(slots):
        return f"{slots[int(found['number']) - 1]}.{_short(found['field'])}"
    if field.startswith("me.current."):
        return f"{NOW}.{field.removeprefix('me.current.')}"
    return field.removeprefix("me.")


def _short(field: str) -> str:
    return "work.remote" if field == "remote" else field


def _table(rows: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """Dotted names as tables in tables."""
    out: dict[str, Any] = {}
    for name, value in rows:
        part, _, inner = name.rpartition(".")
        (out.setdefault(part, {}) if part else out)[inner] = value
    return out


def _value(asked: Asked, field: str, kind: str) -> object:
    text = asked.one(field).strip()
    match kind:
        case "money":
            return 0.0 if text == "0" else amount(field, text)
        case "bonus":
            return _bonus(field, text)
        case "percent":
            return share(field, text)
        case "number":
            return number(field, text)
        case "vesting":
            return _vesting(field, text)
        case "code":
            return text.upper()
        case _:
            return text


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [part for part in text.replace(";", ",").split(",") if part.strip()]


def number(field: str, text: str) -> float:
    """A plain number: '4', '2,5', '20,000'; InputError for anything else."""
    plain = text.strip().replace("\xa0", "").replace(" ", "")
    if re.fullmatch(r"\d{1,3}(?:[,'’]\d{3})+", plain):
        plain = re.sub(r"\D", "", plain)
    if not _NUMBER.fullmatch(plain):
        raise InputError(field, text, f"must be a number such as 12 or 2.5, not '{shown(text)}'")
    return float(plain.replace(",", "."))


def share(field: str, text: str) -> float:
    """A share: '15 %' and '0.15' are the same, and so is '15', since no share here is of many times the whole."""
    found = _PERCENT.fullmatch(text.strip())
    if found:
        return number(field, found[1]) / 100
    value = number(field, text)
    return value / 100 if abs(value) > 2 else value


def _bonus(field: str, text: str) -> float:
    """A share of base, or an amount a year."""
    if _PERCENT.fullmatch(text):
        return share(field, text)
    if re.fullmatch(r"0?[.,]\d{1,6}|[012]", text):
        return number(field, text if text[0].isdigit() else f"0{text}")
    return amount(field, text) or 0.0


def _vesting(field: str, text: str) -> list[float]:
    """A share for each year: '25/25/25/25', '10, 20, 30, 40 %'."""
    parts = [p for p in re.split(r"[/;\s]+|,\s+|,(?=\d\d)", text.replace("%", " ")) if p]
    found = [number(field, p) for p in parts[: _MOST_YEARS + 1]]
    return [v / 100 for v in found] if sum(found) > 2 else found


def text_of(field: str, value: object) -> str:
    """A value of an offer file as somebody types it into the form."""
    kind = next((e.kind for e in entries() if e.field == field), "text")
    if isinstance(value, list):
        return "/".join(f"{100 * v:.4g}" for v in value)
    if not isinstance(value, int | float):
        return str(value)
    if kind == "percent" or (kind == "bonus" and value <= 2):
        return f"{100 * value:.6g} %"
    return f"{value:.15g}"
