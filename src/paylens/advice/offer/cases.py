"""Offers made comparable: each with its place, its money at the month's rate, its prices, and its worth on shared futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice.offer.worth import Draws, Terms, Worth, draw, worth
from paylens.contract.errors import InputError
from paylens.contract.offer import Offer, Offers
from paylens.places import geography, money, prices
from paylens.places.geography import Place

__all__ = ["Case", "NetOf", "Outcome", "cases", "outcome", "purchasing_power", "taxable"]

Floats = npt.NDArray[np.float64]
# Take-home pay of cash (years,) and of what vests (paths, years), in the offer's currency: (paths, years), or None where the
# place's taxes are not known.
NetOf = Callable[[Floats, Floats, Offer], "Floats | None"]


@dataclass(frozen=True, slots=True)
class Case:
    """An offer ready to be compared. `rate` turns its currency into the answer's; `level` into international dollars."""

    offer: Offer
    currency: str
    place: Place | None
    exchange: money.Rate
    rate: float
    level: float | None
    draws: Draws
    terms: Terms


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case comes to, in the answer's currency: its worth, by year (paths, years) and as present value (paths,)."""

    worth: Worth
    total: Floats
    present: Floats
    net: Floats | None


def cases(
    offers: Offers, *, years: int, paths: int, seed: int, as_of: str, currency: str | None
) -> tuple[list[Case], str]:
    """Every offer and the present job as cases, and the currency of the answer.

    That is the one asked for, else [me]'s, else the one all offers share, else the first offer's.
    """
    listed = offers.everything
    placed = [_place(o) for o in listed]
    own = [_currency(o, place, offers) for o, place in zip(listed, placed, strict=True)]
    mine = _text(offers.me.fields.get("currency"))
    target = (currency or mine or own[0]).upper()
    there = _rate(
        "currency" if currency else "me.currency" if mine else _named(listed[0], "currency"), target, as_of
    )
    days = [o.benefits.paid_days_off for o in listed]
    known = [d for d in days if d is not None]
    terms = Terms(years, offers.me.discount_rate, 12 * years, min(known) if len(known) == len(days) else None)
    futures = draw(listed, years, paths, seed)
    out = []
    for o, place, code, drawn in zip(listed, placed, own, futures, strict=True):
        here = _rate(_named(o, "currency"), code, as_of)
        level = purchasing_power(place, code, as_of)
        per_unit = level["per_unit"] if level else None
        out.append(Case(o, code, place, here, there.per_usd / here.per_usd, per_unit, drawn, terms))
    return out, target


def _named(o: Offer, field: str) -> str:
    return f"me.current.{field}" if o.current else f"offer '{o.name}' {field}"


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _place(o: Offer) -> Place | None:
    where = o.profile.location if o.profile is not None else o.location
    if where is None:
        return None
    try:
        return geography.resolve(where)
    except InputError as error:
        raise InputError(_named(o, "location"), error.value, error.message, error.candidates) from None


def _currency(o: Offer, place: Place | None, offers: Offers) -> str:
    own = place.currency if place is not None else None
    found = (
        o.currency or (ask.local_currency(own) if own else None) or _text(offers.me.fields.get("currency"))
    )
    if found is None:
        raise InputError(_named(o, "currency"), None, "give a currency such as 'EUR', or a location")
    return found.upper()


def _rate(field: str, code: str, as_of: str) -> money.Rate:
    try:
        return money.rate(code, as_of)
    except InputError as error:
        name = field if error.field == "currency" else error.field
        raise InputError(name, error.value, error.message, error.candidates) from None


def purchasing_power(place: Place | None, currency: str, as_of: str) -> dict[str, Any] | None:
    """What a unit of `currency` buys at a place in international dollars; None where no price level is published for it.

    The country's level (World Bank), and for a US metro the metro's besides (BEA): no city elsewhere has one. Pay in
    another currency than the place's is changed at the month's rate first.
    """
    if place is None or place.country is None or place.currency is None:
        return None
    country = prices.ppp(place.country)
    if country is None or (place.currency != currency and place.currency not in money.currencies()):
        return None
    metro = prices.rpp(place.metro) if place.metro is not None else None
    local = money.convert(1.0, currency, place.currency, as_of) if place.currency != currency else 1.0
    return {
        "per_unit": local / country.value / (metro.value / 100 if metro else 1.0),
        "country": {"value": country.value, "year": country.year, "source": country.source},
        "metro": {"value": metro.value, "year": metro.year, "source": metro.source} if metro else None,
    }


def outcome(case: Case, net_of: NetOf | None, **changes: Any) -> Outcome:
    """What a case comes to; `changes` are to its terms (`stay_months`, `price_factor`). After tax where `net_of` is given."""
    terms = replace(case.terms, **changes) if changes else case.terms
    found = worth(case.offer, case.draws, terms)
    net = net_of(found.paid, found.paper, case.offer) if net_of is not None else None
    if net is None:
        return Outcome(found, found.total * case.rate, found.total_present * case.rate, None)
    total = net - found.costs + found.sure
    middle = terms.discount(np.arange(terms.years) + 0.5)
    return Outcome(found, total * case.rate, total @ middle * case.rate, net * case.rate)


def taxable(listed: Sequence[Case], net_of: NetOf | None) -> bool:
    """Whether take-home pay is known for every one of them: else all are compared before tax."""
    if net_of is None:
        return False
    one, nothing = np.ones(1), np.zeros((1, 1))
    return all(net_of(c.offer.base * one, nothing, c.offer) is not None for c in listed)
