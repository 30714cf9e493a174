"""What would change the answer: one thing at a time, how far the difference between two offers moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from paylens.advice.offer_cases import Case, NetOf, Outcome, outcome

__all__ = ["chance", "changes"]

PRICE = (0.5, 1.5)
PAYOUT = (0.5, 1.5)
RATE = (0.9, 1.1)
STAY_MONTHS = 18


def chance(difference: np.ndarray[Any, Any]) -> float:
    """The share of futures in which a difference is above nothing; a tie counts half."""
    return float(np.mean(difference > 0) + 0.5 * np.mean(difference == 0))


def changes(
    pair: tuple[Case, Case], now: tuple[Outcome, Outcome], net_of: NetOf | None, taxed: NetOf | None
) -> list[dict[str, Any]]:
    """Rows of a tornado, widest first: the middle difference (first less second) at a low and a high value of one thing.

    The futures are the same in each row. `net_of` is what the comparison used, `taxed` what could be used for the tax row.
    """
    rows: list[dict[str, Any]] = []
    middle = float(np.median(now[0].present - now[1].present))

    def add(what: str, of: str | None, *cells: tuple[str, Outcome, Outcome]) -> None:
        shown = [_cell(given, a, b) for given, a, b in cells]
        turns = any(cell["difference"] * middle < 0 for cell in shown)
        low, high = shown[0], shown[-1] if len(shown) > 1 else None
        width = max(abs(cell["difference"] - middle) for cell in shown)
        rows.append({"what": what, "of": of, "low": low, "high": high, "turns": turns, "moves": width})

    for i in (0, 1):
        _own(i, pair, now, net_of, add)
    if pair[0].currency != pair[1].currency:
        a, b = now
        name = f"{pair[1].currency} in {pair[0].currency}"
        add("exchange rate", name, *[(f"{r - 1:+.0%}", a, _scaled(b, r)) for r in RATE])
    stays = [outcome(c, net_of, stay_months=STAY_MONTHS) for c in pair if c.terms.stay_months > STAY_MONTHS]
    if len(stays) == len(pair):
        add(f"staying {STAY_MONTHS} months only", None, (f"{STAY_MONTHS} months", stays[0], stays[1]))
    if taxed is not None:
        a, b = (outcome(c, None if net_of is not None else taxed) for c in pair)
        add("tax", None, ("before tax" if net_of is not None else "after tax", a, b))
    return sorted(rows, key=lambda row: -row["moves"])


def _own(
    i: int,
    pair: tuple[Case, Case],
    now: tuple[Outcome, Outcome],
    net_of: NetOf | None,
    add: Callable[..., None],
) -> None:
    """What is one offer's own: its share price, its bonus, and how its grant was read."""
    case, offer = pair[i], pair[i].offer

    def beside(other: Outcome) -> tuple[Outcome, Outcome]:
        return (other, now[1]) if i == 0 else (now[0], other)

    if offer.equity.kind != "none" and offer.equity.count > 0:
        add("share price", offer.name,
            *[(f"{f - 1:+.0%}", *beside(outcome(case, net_of, price_factor=f))) for f in PRICE])  # fmt: skip
    if offer.bonus:
        paid = [replace(case, offer=replace(offer, bonus_payout=offer.bonus_payout * f)) for f in PAYOUT]
        add("bonus pay-out", offer.name,
            *[(f"{c.offer.bonus_payout:.0%} of target", *beside(outcome(c, net_of))) for c in paid])  # fmt: skip
    if offer.equity.grant_value is not None and len(offer.equity.vesting) > 1:
        whole = offer.equity.grant_value * len(offer.equity.vesting)
        yearly = replace(case, offer=replace(offer, equity=replace(offer.equity, grant_value=whole)))
        add(
            "the grant is for each year, not the whole",
            offer.name,
            ("each year", *beside(outcome(yearly, net_of))),
        )


def _scaled(o: Outcome, factor: float) -> Outcome:
    return replace(o, present=o.present * factor, total=o.total * factor)


def _cell(given: str, a: Outcome, b: Outcome) -> dict[str, Any]:
    difference = a.present - b.present
    return {"given": given, "difference": float(np.median(difference)), "chance": chance(difference)}
