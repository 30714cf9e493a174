"""An offer of work and a file of offers: every part that is paid, promised or costs, checked field by field.

Amounts are a year and recurring, in the offer's currency, unless a field says once. Shares are of one: 0.15 is 15 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from paylens.contract import table
from paylens.contract.equity import COMPANIES, EQUITY_KINDS, VESTING_MONTHS, Equity, Scenario, parse_equity
from paylens.contract.errors import InputError, shown
from paylens.contract.profile import FIELDS, Profile, parse_profile
from paylens.contract.table import amount, months, number, share, text, word
from paylens.contract.vocabulary import nearest_names

__all__ = [
    "COMPANIES",
    "EQUITY_KINDS",
    "VESTING_MONTHS",
    "Benefits",
    "Costs",
    "Equity",
    "Espp",
    "Me",
    "Offer",
    "Offers",
    "Scenario",
    "Work",
    "parse_offer",
    "parse_offers",
]

CURRENT: Final = "current job"
MOST_OFFERS: Final = 10
_PER_CENT = 100
_NOT_ASKED = ("pay", "as_reported_in")
_PARTS = ("equity", "espp", "benefits", "costs", "work")


@dataclass(frozen=True, slots=True)
class Espp:
    """An employee share purchase plan: `discount` on the price, for `contribution` of base."""

    discount: float = share(0.0, 0.9)
    contribution: float = share(0.0)


@dataclass(frozen=True, slots=True)
class Benefits:
    """What comes beside pay; amounts a year.

    `retirement_match` is a share of your own contribution, which is matched up to `retirement_cap` of base and yours after
    `retirement_vesting_years`. `paid_days_off` are counted in days, `parental_weeks` in weeks.
    """

    retirement_match: float = share(0.0, 10.0)
    retirement_cap: float = share(0.0)
    retirement_vesting_years: float = number(0.0, 0.0, 20.0, "years")
    health: float = amount()
    paid_days_off: float | None = number(None, 0.0, 260.0, "days")
    learning: float = amount()
    parental_weeks: float | None = number(None, 0.0, 260.0, "weeks")
    meals: float = amount()


@dataclass(frozen=True, slots=True)
class Costs:
    """What the job costs you: `relocation` once, `commute` a year."""

    relocation: float = amount()
    commute: float = amount()


@dataclass(frozen=True, slots=True)
class Work:
    """How the work is done; `commute_minutes` one way."""

    remote: str | None = text()
    hours: float | None = number(None, 1.0, 120.0, "hours a week")
    commute_minutes: float = number(0.0, 0.0, 600.0, "minutes")
    days_on_site: float | None = number(None, 0.0, 7.0, "days a week")


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `given` names what the file says ('base', 'equity.vesting'); `profile` is who it is made to.

    `bonus` is a share of base when 2 or less, else an amount a year; `sign_on` is paid once. `profile` is None where
    neither the offer nor [me] names a role. `currency` None: the location's.
    """

    name: str = text()
    employer: str | None = text()
    role: str | None = text()
    seniority: str | None = text()
    location: str | None = text()
    industry: str | None = text()
    company_size: str | None = text()
    currency: str | None = text()
    base: float = amount()
    raise_share: float = share(0.03, 2.0, -0.9, key="raise")
    bonus: float = amount()
    bonus_guaranteed: float = amount()
    bonus_payout: float = share(1.0, 5.0)
    sign_on: float = amount()
    sign_on_clawback_months: float = months(0.0, 120.0)
    equity: Equity = field(default_factory=Equity)
    espp: Espp = field(default_factory=Espp)
    benefits: Benefits = field(default_factory=Benefits)
    costs: Costs = field(default_factory=Costs)
    work: Work = field(default_factory=Work)
    profile: Profile | None = None
    given: frozenset[str] = frozenset()
    current: bool = False

    @property
    def bonus_target(self) -> float:
        """The bonus at target in the first year, an amount."""
        return self.bonus * self.base if self.bonus <= 2 else self.bonus


@dataclass(frozen=True, slots=True)
class Me:
    """Who compares: a profile's fields as given, the present job, and how money later and money at risk count."""

    fields: Mapping[str, object] = field(default_factory=dict)
    current: Offer | None = None
    discount_rate: float = share(0.05)
    risk_aversion: float = number(2.0, 0.0, 20.0)
    filing: str = word(("single", "married"), "single")


@dataclass(frozen=True, slots=True)
class Offers:
    """A file of offers: at least one, each with a name of its own."""

    me: Me
    offers: tuple[Offer, ...]

    @property
    def everything(self) -> tuple[Offer, ...]:
        """The offers, and the present job last where it is given."""
        return self.offers if self.me.current is None else (*self.offers, self.me.current)


def parse_offers(mapping: Mapping[str, object]) -> Offers:
    """The offers that a mapping describes: `me`, and `offer` (or `offers`), a list of tables.

    Raises InputError that names the offer, the field, what was given and what may have been meant. Locations and
    currencies are checked where they are looked up.
    """
    if not isinstance(mapping, Mapping):
        raise InputError("", mapping, "an offer file is a table with [[offer]] in it")
    for name in mapping:
        if name not in ("me", "offer", "offers"):
            near = nearest_names(str(name), ("me", "offer"))
            raise InputError(str(name), None, "is not a part of an offer file", near)
    listed = mapping.get("offer", mapping.get("offers"))
    if isinstance(listed, Mapping):
        listed = [listed]
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise InputError("offer", listed, "there is no offer: write [[offer]] with a name and a base")
    if len(listed) > MOST_OFFERS:
        raise InputError(
            "offer", len(listed), f"at most {MOST_OFFERS} offers are compared, not {len(listed)}"
        )
    me = _me(mapping.get("me") or {})
    found = tuple(parse_offer(one, me.fields, number=i) for i, one in enumerate(listed, start=1))
    seen: set[str] = set()
    for offer in (*found, *((me.current,) if me.current else ())):
        if offer.name.casefold() in seen:
            raise InputError(
                f"offer '{offer.name}' name", offer.name, "two offers have this name: give each its own"
            )
        seen.add(offer.name.casefold())
    return Offers(me, found)


def parse_offer(
    mapping: object, me: Mapping[str, object] | None = None, *, number: int = 1, current: bool = False
) -> Offer:
    """One offer from its table; `me` are the profile fields of whom it is made to, `number` its place in the file."""
    where = "me.current." if current else _where(mapping, number)
    values, given = table.read(Offer, mapping, where, more=_PARTS)
    assert isinstance(mapping, Mapping)
    if current:
        values.setdefault("name", CURRENT)
    if "name" not in values:
        raise InputError(f"{where}name", None, "each offer needs a name, for example the employer's")
    if not values.get("base"):
        raise InputError(
            f"{where}base", values.get("base"), "base pay a year, before tax, is needed: more than 0"
        )
    _check_amounts(where, values)
    if "currency" in values:
        values["currency"] = _currency(where, values["currency"])
    for part, of in (("espp", Espp), ("benefits", Benefits), ("costs", Costs), ("work", Work)):
        if mapping.get(part) is not None:
            inner, named = table.read(of, mapping[part], f"{where}{part}.")
            values[part] = of(**inner)
            given |= {f"{part}.{name}" for name in named}
    if mapping.get("equity") is not None:
        values["equity"], named = parse_equity(mapping["equity"], f"{where}equity.")
        given |= {f"equity.{name}" for name in named}
    values["profile"] = _profile(where, me or {}, values, current=current)
    return Offer(**values, given=frozenset(given), current=current)


def _check_amounts(where: str, values: Mapping[str, Any]) -> None:
    """Shares and amounts that were taken for each other."""
    bonus = values.get("bonus", 0.0)
    if 2 < bonus <= _PER_CENT:
        message = f"{bonus:g} is neither a share of base nor an amount: {bonus:g} % is {bonus / 100:g}"
        raise InputError(f"{where}bonus", bonus, message)
    for name in ("bonus_guaranteed", "sign_on"):
        if 0 < values.get(name, 0.0) <= 2:
            message = f"is an amount, not a share of base: {values[name]:g} of base is {values[name] * values['base']:,.0f}"
            raise InputError(f"{where}{name}", values[name], message)


def _where(mapping: object, number: int) -> str:
    name = mapping.get("name") if isinstance(mapping, Mapping) else None
    return f"offer '{shown(name.strip())}' " if isinstance(name, str) and name.strip() else f"offer {number} "


def _currency(where: str, value: str) -> str:
    if len(value) != 3 or not (value.isascii() and value.isalpha()):
        message = f"must be the three letters of a currency, such as 'EUR', not '{shown(value)}'"
        raise InputError(f"{where}currency", value, message)
    return value.upper()


def _me(mapping: object) -> Me:
    values, _ = table.read(Me, mapping, "me.", more=(*FIELDS, "current"))
    assert isinstance(mapping, Mapping)
    profile = {k: v for k, v in mapping.items() if k in FIELDS}
    for name in _NOT_ASKED:
        if profile.get(name) is not None:
            raise InputError(
                f"me.{name}", profile[name], "offers are held against base, cash and total: leave it out"
            )
    # A file without a role is checked too; only what needs a role goes without.
    _parsed("me.", {"role": "machine learning engineer", **_present(profile)})
    if mapping.get("current") is not None:
        values["current"] = parse_offer(mapping["current"], profile, current=True)
    return Me(fields=profile, **values)


def _present(fields: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in fields.items() if v is not None and not (isinstance(v, str) and not v.strip())}


def _profile(
    where: str, me: Mapping[str, object], offer: Mapping[str, Any], *, current: bool
) -> Profile | None:
    """Who the offer is made to: their own facts, and the employer, role, level and place that the offer names."""
    fields = _present(me)
    # Who they work for now says nothing about who makes the offer.
    for name in ("employer", "industry", "company_size", "remote"):
        if not current:
            fields.pop(name, None)
    for name in ("role", "seniority", "location", "employer", "industry", "company_size"):
        if offer.get(name) is not None:
            fields[name] = offer[name]
    work = offer.get("work")
    if work is not None and work.remote is not None:
        fields["remote"] = work.remote
    for name in ("currency", "as_of"):
        fields.pop(name, None)
    asks = "role" in fields
    found = _parsed(where, {"role": "machine learning engineer", **fields})
    return found if asks else None


def _parsed(where: str, fields: Mapping[str, object]) -> Profile:
    try:
        return parse_profile(fields)
    except InputError as error:
        raise InputError(f"{where}{error.field}", error.value, error.message, error.candidates) from None
