"""What a move takes: months, hours, money and pay forgone, each with the source of that assumption, all replaceable."""

from __future__ import annotations

import csv
import functools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from paylens.advice.career.asked import Effort
from paylens.contract.errors import InputError
from paylens.places import money

__all__ = ["DEGREES", "Taken", "sources", "taken"]

TABLE: Final = Path(__file__).with_name("efforts.toml")
DEGREES: Final = Path(__file__).with_name("degrees.csv")
_ORIGIN: Final = DEGREES.with_suffix(".origin.json")
_ANYWHERE: Final = "*"
_ABROAD: Final = 2.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a move takes, in the answer's currency; `tuition` and `stipend` a year, `cost` once. `source` says where each
    figure is from: 'given', 'assumption' or an id of degrees.origin.json."""

    months: float
    hours_a_week: float
    cost: float
    tuition: float
    stipend: float
    pay_forgone: float
    finish: float
    leave_after: float
    source: Mapping[str, str]

    @property
    def years(self) -> float:
        """Years until it counts."""
        return self.months / 12

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, every field by its name."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return found | {"source": dict(self.source)}


def taken(
    kind: str, to: str, given: Mapping[str, Effort], *, held: str | None, country: str | None, pay: float, currency: str, as_of: str,
    abroad: bool = False,
) -> Taken:  # fmt: skip
    """What a move of a kind takes someone who is paid `pay` a year in `currency`, the asker's own figures first.

    `given` is by kind ('skill') and by move ('skill:pytorch'), the move before the kind. InputError where those who do
    not finish would leave after the end.
    """
    found = (
        _degree(to, held, country, currency, as_of) if kind == "degree" else _plain(kind, pay, abroad=abroad)
    )
    for name in (kind, f"{kind}:{to}"):
        own = given.get(name)
        if own is not None:
            found = _replaced(found, own)
    if found.leave_after > found.months:
        own_leave = found.source.get("leave_after") == "given"
        if own_leave:
            raise InputError(
                f"efforts.{kind}:{to}.leave_after",
                found.leave_after,
                f"is after the end: the move takes {found.months:g} months",
            )
        found = replace(found, leave_after=found.months / 2)
    return found


def _replaced(found: Taken, own: Effort) -> Taken:
    values = {f.name: v for f in fields(own) if (v := getattr(own, f.name)) is not None}
    return replace(found, **values, source={**found.source, **dict.fromkeys(values, "given")})


@functools.cache
def _efforts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _plain(kind: str, pay: float, *, abroad: bool) -> Taken:
    row = _efforts()[kind]
    cost = float(row["cost_of_pay"]) * pay * (_ABROAD if abroad else 1.0)
    names = ("months", "hours_a_week", "cost")
    return Taken(
        float(row["months"]), float(row["hours_a_week"]), cost, 0.0, 0.0, 0.0, 1.0, 0.0, dict.fromkeys(names, row["source"])
    )  # fmt: skip


@functools.cache
def _degrees() -> dict[tuple[str, str], dict[str, str]]:
    with DEGREES.open(encoding="utf-8", newline="") as file:
        return {(row["country"], row["degree"]): row for row in csv.DictReader(file)}


def _degree(degree: str, held: str | None, country: str | None, currency: str, as_of: str) -> Taken:
    """A degree as its country has it, else as anywhere; with the one before it where that is needed and not held."""
    rows = _degrees()
    row = rows.get((country or _ANYWHERE, degree)) or rows[_ANYWHERE, degree]
    own = _row(row, currency, as_of)
    if not row["needs"] or held in (row["needs"], degree):
        return own
    return _both(_degree(row["needs"], held, country, currency, as_of), own)


def _both(a: Taken, b: Taken) -> Taken:
    """One course after the other: yearly figures by their length, those who leave at the mean time of leaving."""
    months = a.months + b.months
    share = a.months / months
    finish = a.finish * b.finish
    left = a.leave_after * (1 - a.finish) + (a.months + b.leave_after) * a.finish * (1 - b.finish)
    return Taken(
        months, 0.0, a.cost + b.cost, share * a.tuition + (1 - share) * b.tuition,
        share * a.stipend + (1 - share) * b.stipend, share * a.pay_forgone + (1 - share) * b.pay_forgone, finish,
        left / (1 - finish) if finish < 1 else months / 2, b.source,
    )  # fmt: skip


def _row(row: Mapping[str, str], currency: str, as_of: str) -> Taken:
    """A row of the table, its money at the month's rate."""
    rate = money.convert(1.0, row["currency"], currency, as_of) if row["currency"] else 0.0
    return Taken(
        months=float(row["months"]),
        hours_a_week=0.0,
        cost=0.0,
        tuition=float(row["tuition"] or 0.0) * rate,
        stipend=float(row["stipend"] or 0.0) * rate,
        pay_forgone=float(row["pay_forgone"]),
        finish=float(row["finish"]),
        leave_after=float(row["leave_after"]),
        source={
            "months": row["months_source"],
            "tuition": row["tuition_source"],
            "stipend": row["tuition_source"] if float(row["stipend"] or 0.0) else "assumption",
            "pay_forgone": "assumption",
            "finish": row["finish_source"],
            "leave_after": "cgs-master" if row["leave_after"] == "8" else "assumption",
        },
    )


@functools.cache
def sources() -> dict[str, dict[str, str]]:
    """Where the figures of degrees are from, by id: publisher, title, vintage, address."""
    listed: list[dict[str, str]] = json.loads(_ORIGIN.read_text(encoding="utf-8"))
    return {row["id"]: row for row in listed}
