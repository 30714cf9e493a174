"""Shares as a part of pay: a grant, how it vests, its options' terms and its ways out, checked field by field."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from paylens.contract import table
from paylens.contract.errors import InputError
from paylens.contract.table import amount, months, number, share, share_list, word

__all__ = ["COMPANIES", "EQUITY_KINDS", "VESTING_MONTHS", "Equity", "Scenario", "parse_equity"]

EQUITY_KINDS: Final = ("rsu", "options", "none")
COMPANIES: Final = ("listed", "late", "early")
VESTING_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_MOST_SCENARIOS = 20
_LEAST = 1e-9
_EVEN = (0.25, 0.25, 0.25, 0.25)
_OPTIONS_ONLY = ("strike", "preferred_price", "expiry_years", "exercise_window_months")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way out for shares that cannot be sold: a price a share or an exit value of the whole company, in `years`."""

    odds: float = share(0.0)
    years: float = number(5.0, 0.0, 30.0, "years")
    exit_value: float | None = amount(None)
    price: float | None = amount(None)


@dataclass(frozen=True, slots=True)
class Equity:
    """A grant and its refreshers.

    `grant_value` is the whole grant at today's price, over all years of `vesting` (shares of the grant a year). Vesting
    inside a year is even, every month, quarter or year; before `cliff_months` nothing is kept. `refresh_per_year` is the
    value of a new grant at each anniversary, vesting by `refresh_vesting` without a cliff. `growth` is of the price of a
    share, a year, `dilution` what new shares take from it, a year. `illiquidity_discount` None: by model. `volatility`
    None: by the kind of company.
    """

    kind: str = word(EQUITY_KINDS, "none")
    grant_value: float | None = amount(None)
    shares: float | None = amount(None)
    price: float | None = amount(None, least=_LEAST)
    vesting: tuple[float, ...] = share_list(_EVEN)
    vesting_every: str = word(tuple(VESTING_MONTHS), "quarter")
    cliff_months: float = months(12.0)
    refresh_per_year: float = amount()
    refresh_vesting: tuple[float, ...] = share_list(_EVEN)
    company: str = word(COMPANIES, "listed")
    growth: float = number(0.0, -0.99, 10.0)
    volatility: float | None = number(None, 0.0, 3.0)
    strike: float | None = amount(None)
    fair_value: float | None = amount(None, least=_LEAST)
    preferred_price: float | None = amount(None)
    expiry_years: float = number(10.0, 0.25, 30.0, "years")
    exercise_window_months: float | None = months(None, 360.0)
    dilution: float = share(0.0, 0.99)
    preference: float = amount()
    shares_outstanding: float | None = amount(None, least=1.0)
    illiquidity_discount: float | None = share(None)
    scenarios: tuple[Scenario, ...] = ()

    @property
    def price_today(self) -> float:
        """The price of a share today: as given, else its fair value, else an option's strike; 1 where only a value is given."""
        strike = self.strike if self.kind == "options" else None
        return next((p for p in (self.price, self.fair_value, strike) if p is not None), 1.0)

    @property
    def count(self) -> float:
        """The number of shares or options; a grant given by value alone counts shares of price 1."""
        if self.shares is not None:
            return self.shares
        return (self.grant_value or 0.0) / self.price_today if self.kind != "none" else 0.0

    @property
    def value_today(self) -> float:
        """The whole grant at today's price; options at what exercising today would bring."""
        if self.kind == "none":
            return 0.0
        if self.kind == "options":
            return self.count * max(self.price_today - (self.strike or 0.0), 0.0)
        return self.count * self.price_today


def parse_equity(mapping: object, where: str) -> tuple[Equity, set[str]]:
    """A grant from its table, and the names that were given; `where` goes before a field's name in an error."""
    values, given = table.read(Equity, mapping, where, more=("scenarios",))
    assert isinstance(mapping, Mapping)
    values["scenarios"] = _scenarios(mapping.get("scenarios"), f"{where}scenarios")
    equity = Equity(**values)
    if "kind" not in given:
        raise InputError(f"{where}kind", None, f"say which: {', '.join(EQUITY_KINDS)}", EQUITY_KINDS)
    if equity.kind != "none":
        _check_equity(equity, given, where)
    return equity, given


def _check_equity(e: Equity, given: set[str], where: str) -> None:
    """What no single field can tell: that the parts of a grant fit together."""
    years = len(e.vesting)
    if e.cliff_months > 12 * years:
        message = f"{e.cliff_months:g} months are longer than the grant's {years} years: shorten it or give the vesting"
        raise InputError(f"{where}cliff_months", e.cliff_months, message)
    for name, wrong in (_wrong_in_rsu if e.kind == "rsu" else _wrong_in_options)(e, given):
        raise InputError(f"{where}{name}", getattr(e, name), wrong)
    if any(s.exit_value is not None for s in e.scenarios) and e.shares_outstanding is None:
        message = "an exit_value needs the number of all shares, or give a price for each way out"
        raise InputError(f"{where}shares_outstanding", None, message)


def _wrong_in_rsu(e: Equity, given: set[str]) -> Iterator[tuple[str, str]]:
    for name in _OPTIONS_ONLY:
        if name in given:
            yield name, 'belongs to options: write kind = "options", or leave it out'
    if e.grant_value is None and e.shares is None:
        yield "grant_value", "say the whole grant at today's price, or shares and price"
    if e.grant_value is not None and e.shares is not None:
        yield "shares", "give grant_value, or shares and price, not both"
    if e.price is None and e.fair_value is None and (e.shares is not None or e.scenarios):
        yield "price", "the price of a share today is needed, to count shares"


def _wrong_in_options(e: Equity, given: set[str]) -> Iterator[tuple[str, str]]:
    for name in ("shares", "strike"):
        if name not in given:
            yield name, f"options need {name}: how many, and at what price each can be bought"
    if e.grant_value is not None:
        yield "grant_value", "options are given by shares and strike: leave it out"
    if e.strike == 0 and e.price is None and e.fair_value is None and not e.scenarios:
        yield "fair_value", "options that cost nothing need the value of a share today"


def _scenarios(value: object, where: str) -> tuple[Scenario, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InputError(where, value, "must be a list of {price or exit_value, odds, years}")
    if len(value) > _MOST_SCENARIOS:
        raise InputError(where, len(value), f"must be at most {_MOST_SCENARIOS}")
    out = []
    for i, one in enumerate(value, start=1):
        inner, given = table.read(Scenario, one, f"{where} {i} ")
        if "odds" not in given:
            raise InputError(f"{where} {i} odds", None, "each way out needs its odds, from 0 to 1")
        if ("price" in given) == ("exit_value" in given):
            raise InputError(f"{where} {i} price", None, "give price or exit_value, one of them")
        out.append(Scenario(**inner))
    odds = math.fsum(s.odds for s in out)
    if odds > 1.0 + 1e-9:
        raise InputError(
            where, odds, f"the odds sum to {odds:.4g}: at most 1 (what is left to 1 is worth nothing)"
        )
    return tuple(out)
