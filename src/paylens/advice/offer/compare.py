"""Is this offer good: offers side by side, year by year, on the same random futures, each held against the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference
from paylens.advice.negotiate.certain import certain_equivalent
from paylens.advice.offer import equity_grant as grants
from paylens.advice.offer.cases import Case, NetOf, Outcome, cases, outcome, purchasing_power, taxable
from paylens.advice.offer.changes import chance, changes
from paylens.advice.offer.letter import questions, reading
from paylens.advice.offer.market import market
from paylens.advice.offer.net import taxation
from paylens.advice.offer.worth import (
    WEEKS,
    WORKING_DAYS,
    Draws,
    exits,
    expected_paper,
    illiquidity,
    leaving,
    path_of,
)
from paylens.contract.errors import InputError, shown
from paylens.contract.offer import Offers

__all__ = ["LEAVING", "MOST_PATHS", "PATHS", "SEED", "YEARS", "checked", "compare"]

Floats = npt.NDArray[np.float64]
YEARS: Final = 4
PATHS: Final = 20_000
SEED: Final = 1
LEAVING: Final = (6, 12, 18)
MOST_PATHS: Final = 200_000
_LIMITS: Final = {"years": (1, 10), "paths": (100, MOST_PATHS), "seed": (0, 2**32 - 1)}
_MOST_CELLS: Final = 50_000_000  # 400 MB of prices
_LEVELS: Final = tuple(round(0.05 * k, 2) for k in range(1, 20))
_SHOWN: Final = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}


def compare(
    ref: Reference, offers: Offers, *, years: int = YEARS, paths: int = PATHS, seed: int = SEED, as_of: str | None = None,
    currency: str | None = None, before_tax: bool = False, net_of: NetOf | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The answer described in docs/interface.md, 'Offers compared'.

    After tax, by each place's law or by `net_of`; where one of the places is not known, or with `before_tax`, before tax. Raises
    InputError for a place, a currency or an option that is not understood.
    """
    paths = checked(offers, years, paths, seed)
    month = ask.check_month(as_of or _as_of(offers))
    listed, target = cases(offers, years=years, paths=paths, seed=seed, as_of=month, currency=currency)
    law = taxation(listed, offers.me.filing, month)
    asked = None if before_tax else net_of or law.net_of
    taxed = asked if taxable(listed, asked) else None
    found = [outcome(c, taxed) for c in listed]
    order = sorted(range(len(listed)), key=lambda i: -float(np.median(found[i].present)))
    pairs = [_best_first(i, j, found) for k, i in enumerate(order) for j in order[k + 1 :]]
    standing = market(
        ref, [c.offer for c in listed], [c.currency for c in listed], month, offers.me.discount_rate
    )
    return {
        "currency": target, "as_of": month, "years": years, "paths": paths, "seed": seed,
        "discount_rate": offers.me.discount_rate, "basis": "net" if taxed is not None else "gross",
        "taxes": law.as_dict(listed, applied=taxed is not None and net_of is None),
        "offers": [
            _offer(c, o, m, offers.me.risk_aversion, month) for c, o, m in zip(listed, found, standing, strict=True)
        ],
        "comparisons": [_comparison(i, j, listed, found) for i, j in pairs],
        "changes": _changes(pairs, listed, found, taxed),
        "assumptions": _assumptions(listed, offers),
        "notes": _notes(listed, target, asked, taxed), "release": ref.release.id,
    }  # fmt: skip


def checked(offers: Offers, years: int, paths: int, seed: int) -> int:
    """An even number of paths, as futures come in pairs; InputError for what is out of range or would not fit in memory."""
    for name, value in (("years", years), ("paths", paths), ("seed", seed)):
        low, high = _LIMITS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(
                name, value, f"must be a whole number from {low} to {high:,}, not {shown(value)}"
            )
    paths += paths % 2
    cells = 12 * years * sum(o.equity.kind != "none" for o in offers.everything)
    if paths * cells > _MOST_CELLS:
        message = (
            f"{paths:,} are too many for {years} years of so many offers: at most {_MOST_CELLS // cells:,}"
        )
        raise InputError("paths", paths, message)
    return paths


def _as_of(offers: Offers) -> str | None:
    value = offers.me.fields.get("as_of")
    return value if isinstance(value, str) else None


def _best_first(i: int, j: int, found: Sequence[Outcome]) -> tuple[int, int]:
    return (i, j) if chance(found[i].present - found[j].present) >= 0.5 else (j, i)


def _offer(
    c: Case, found: Outcome, standing: dict[str, Any] | None, aversion: float, as_of: str
) -> dict[str, Any]:
    o, w = c.offer, found.worth
    place = c.place
    return {
        "name": o.name, "employer": o.employer, "current": o.current, "location": place.label if place else None,
        "currency": c.currency, "rate": c.rate, "years": _years(c, found),
        "present": {
            "cash": float(np.mean(w.present["cash"])) * c.rate, "sure": float(np.mean(w.present["sure"])) * c.rate,
            "paper": float(np.mean(w.present["paper"])) * c.rate, "mean": float(np.mean(found.present)),
            **_percentiles(found.present), "certain_equivalent": certain_equivalent(found.present, aversion),
        },
        "scenarios": _scenarios(c, w.present), "equity": _equity(c, w.present["paper"]),
        "leaving": [_converted(leaving(o, month), c.rate) for month in LEAVING],
        "per_hour": _per_hour(c, w.cash + w.sure), "purchasing_power": _purchasing_power(c, found, as_of),
        "market": standing, "reading": reading(o), "questions": questions(o),
    }  # fmt: skip


def _percentiles(values: Floats) -> dict[str, float]:
    return dict(zip(_SHOWN, np.quantile(values, list(_SHOWN.values())).tolist(), strict=True))


def _years(c: Case, found: Outcome) -> list[dict[str, Any]]:
    """One row a year in the answer's currency; means, and the middle of what is random."""
    w, r = found.worth, c.rate
    rows = []
    for k in range(c.terms.years):
        paper = w.paper[:, k]
        mean = float(np.mean(paper))
        rows.append({
            "year": k + 1, "base": float(w.base[k]) * r, "bonus": float(w.bonus[k]) * r, "sign_on": float(w.sign_on[k]) * r,
            "costs": float(w.costs[k]) * r, "cash": float(w.cash[k]) * r, "sure": float(w.sure[k]) * r,
            "paper": {"grant": float(w.grant[k]) * r, "price": (mean - float(w.grant[k])) * r, "mean": mean * r,
                      "p50": float(np.median(paper)) * r},
            "net": None if found.net is None else float(np.mean(found.net[:, k])),
            "total": {"mean": float(np.mean(found.total[:, k])), **_percentiles(found.total[:, k])},
        })  # fmt: skip
    return rows


def _scenarios(c: Case, present: Any) -> dict[str, float]:
    """Present value before tax with the share price flat, and growing as given, without ups and downs; ways out aside."""
    sure = float(np.mean(present["cash"] + present["sure"]))
    out = {}
    for name, growth in (("flat", 0.0), ("growth", grants.per_share_growth(c.offer.equity))):
        at = (np.arange(12 * c.terms.years) + 1.0)[:, None] / 12
        e = replace(c.offer.equity, scenarios=())
        price = Draws((1.0 + growth) ** at, np.array([(1.0 + growth) ** e.expiry_years]), np.full(1, -1))
        out[name] = (sure + float(path_of(e, price, c.terms)[2][0])) * c.rate
    return out


def _equity(c: Case, paper: Floats) -> dict[str, Any] | None:
    e, years, r = c.offer.equity, c.terms.years, c.rate
    if e.kind == "none":
        return None
    kind = grants.company(e.company)
    horizon = float(years)
    discount = illiquidity(e, horizon)
    if e.scenarios:
        _, when, odds = exits(e)
        horizon = float(odds @ when / odds.sum()) if odds.sum() else horizon
        taken = [illiquidity(e, float(t)) for t in when]
        discount = float(odds @ np.array(taken) / odds.sum()) if odds.sum() else 0.0
    vested = float(grants.vesting_schedule(e.vesting, e.vesting_every, e.cliff_months)[: 12 * years].sum())
    volatility = grants.volatility_of(e)
    return {
        "kind": e.kind, "company": e.company, "value_today": e.value_today * r, "growth": e.growth, "dilution": e.dilution,
        "exercise_cost": e.count * (e.strike or 0.0) * r if e.kind == "options" else None,
        "volatility": volatility, "volatility_source": "given" if e.volatility is not None else kind.source,
        "illiquidity_discount": discount, "illiquidity_years": horizon if discount else None,
        "illiquidity_source": "given" if e.illiquidity_discount is not None else "Finnerty 2012" if discount else None,
        "protective_put": grants.protective_put(volatility, horizon, c.terms.rate) if discount else None,
        "expected": expected_paper(e, c.terms) * r, "nothing": float(np.mean(paper <= 0)),
        "unvested_value": e.value_today * max(1.0 - vested, 0.0) * r if vested < 1 - 1e-9 else 0.0,
    }  # fmt: skip


def _converted(row: dict[str, float | None], rate: float) -> dict[str, float | None]:
    plain = ("months", "vested_share", "exercise_window_months")
    return {k: v if v is None or k in plain else v * rate for k, v in row.items()}


def _per_hour(c: Case, paid: Floats) -> float | None:
    """First-year cash and benefits for an hour of work and commute; None where hours are not given or no day is worked."""
    work, off = c.offer.work, c.offer.benefits.paid_days_off or 0.0
    if work.hours is None or off >= WORKING_DAYS:
        return None
    on_site = work.days_on_site if work.days_on_site is not None else 0.0 if work.remote == "remote" else 5.0
    week = work.hours + 2 * work.commute_minutes / 60 * on_site
    return float(paid[0]) * c.rate / (week * WEEKS * (1.0 - off / WORKING_DAYS))


def _purchasing_power(c: Case, found: Outcome, as_of: str) -> dict[str, Any] | None:
    level = purchasing_power(c.place, c.currency, as_of)
    if level is None:
        return None
    middle = float(np.median(found.present)) / c.rate
    net = None if found.net is None else float(np.mean(found.net[:, 0])) / c.rate
    return {
        **level, "first_year_cash": float(found.worth.cash[0]) * level["per_unit"], "present": middle * level["per_unit"],
        "first_year_net": None if net is None else net * level["per_unit"],
    }  # fmt: skip


def _comparison(i: int, j: int, listed: Sequence[Case], found: Sequence[Outcome]) -> dict[str, Any]:
    a, b = found[i], found[j]
    difference = a.present - b.present
    by_year = [(a.total[:, k] - b.total[:, k]) for k in range(listed[i].terms.years)]
    return {
        "a": listed[i].offer.name, "b": listed[j].offer.name, "chance": chance(difference),
        "difference": {"mean": float(np.mean(difference)), **_percentiles(difference)},
        "quantiles": {f"{q:.2f}": v for q, v in zip(_LEVELS, np.quantile(difference, _LEVELS).tolist(), strict=True)},
        "by_year": [
            {"year": k + 1, "chance": chance(d), "p50": float(np.median(d))} for k, d in enumerate(by_year)
        ],
        "at_local_prices": _local(listed[i], listed[j], a, b),
    }  # fmt: skip


def _local(a: Case, b: Case, first: Outcome, second: Outcome) -> dict[str, Any] | None:
    """The same at each place's own price level, in international dollars; None where it says nothing more or is not known."""
    if a.level is None or b.level is None or (a.level == b.level and a.currency == b.currency):
        return None
    difference = first.present / a.rate * a.level - second.present / b.rate * b.level
    return {
        "currency": "international dollars",
        "chance": chance(difference),
        "difference": _percentiles(difference),
    }


def _changes(
    pairs: Sequence[tuple[int, int]], listed: Sequence[Case], found: Sequence[Outcome], taxed: NetOf | None
) -> dict[str, Any] | None:
    if not pairs:
        return None
    i, j = pairs[0]
    rows = changes((listed[i], listed[j]), (found[i], found[j]), taxed)
    return {"a": listed[i].offer.name, "b": listed[j].offer.name, "rows": rows}


def _assumptions(listed: Sequence[Case], offers: Offers) -> dict[str, Any]:
    kinds = sorted({c.offer.equity.company for c in listed if c.offer.equity.kind != "none"})
    found = {kind: grants.company(kind) for kind in kinds}
    return {
        "prices": "geometric Brownian motion, monthly steps, antithetic pairs", "risk_aversion": offers.me.risk_aversion,
        "volatility": {k: {"value": v.volatility, "basis": v.basis, "source": v.source} for k, v in found.items()},
        "correlation": max((v.market_correlation**2 for v in found.values()), default=None),
        "exchange": [
            {"currency": c.currency, "per_usd": c.exchange.per_usd, "month": c.exchange.month, "source": c.exchange.source}
            for c in {c.currency: c for c in listed}.values()
        ],
    }  # fmt: skip


def _notes(listed: Sequence[Case], target: str, asked: NetOf | None, taxed: NetOf | None) -> list[str]:
    out = []
    if asked is not None and taxed is None:
        out.append("before tax: take-home pay is not known for every place")
    if taxed is not None and any(c.offer.equity.kind == "options" for c in listed):
        out.append(
            "options are taxed here as income in the year they vest; in life it is mostly when they are exercised"
        )
    if any(c.currency != target for c in listed):
        out.append("exchange rates of the month are kept for all years")
    out += [c.exchange.note for c in {c.currency: c for c in listed}.values() if c.exchange.note]
    for c in listed:
        o, e = c.offer, c.offer.equity
        out += [f"{o.name}: {note}" for note in (c.place.notes if c.place else ())]
        if e.kind != "none" and e.company != "listed" and not e.scenarios:
            out.append(
                f"{o.name}: its shares are taken to find no market for {c.terms.years} years; ways out with odds say more"
            )
        if e.scenarios and sum(s.odds for s in e.scenarios) < 1 - 1e-9:
            left = 1 - sum(s.odds for s in e.scenarios)
            out.append(f"{o.name}: odds of {100 * left:.0f} % are left over; there its shares end worthless")
        if e.kind == "options" and e.preferred_price is not None and "equity.fair_value" not in o.given:
            out.append(
                f"{o.name}: the preferred price is what investors pay for more rights; options are not valued at it"
            )
        if o.benefits.parental_weeks:
            out.append(
                f"{o.name}: {o.benefits.parental_weeks:g} weeks of parental leave are not counted in money"
            )
    if (
        any(c.offer.benefits.paid_days_off is not None for c in listed)
        and listed[0].terms.fewest_days_off is None
    ):
        out.append("paid days off are counted once every offer says how many")
    if any(
        c.level is not None and c.place and c.place.country != "US" and c.place.kind in ("metro", "city")
        for c in listed
    ):
        out.append("price levels are a country's outside the US: no city's own is published")
    return out
