"""What would change the answer: one thing at a time, how far the difference between two offers moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from paylens.advice.offer.cases import Case, NetOf, Outcome, outcome
from paylens.advice.offer.letter import looks_yearly

__all__ = ["chance", "changes"]

PRICE = (0.5, 1.5)
PAYOUT = (0.5, 1.5)
RATE = (0.9, 1.1)
STAY_MONTHS = 18


def chance(difference: np.ndarray[Any, Any]) -> float:
    """The share of futures in which a difference is above nothing; a tie counts half."""
    return float(np.mean(difference > 0) + 0.5 * np.mean(difference == 0))


def changes(
    pair: tuple[Case, Case], now: tuple[Outcome, Outcome], net_of: NetOf | None
) -> list[dict[str, Any]]:
    """Rows of a tornado, widest first: the middle difference (first less second) at a low and a high value of one thing.

    The futures are the same in each row. `net_of` is what the comparison used.
    """
    rows: list[dict[str, Any]] = []
    middle = float(np.median(now[0].present - now[1].present))

    def add(what: str, of: str | None, *cells: tuple[str, tuple[Outcome, Outcome]]) -> None:
        shown = [_cell(given, *both) for given, both in cells]
        turns = any(cell["difference"] * middle < 0 for cell in shown)
        low, high = shown[0], shown[-1] if len(shown) > 1 else None
        width = max(abs(cell["difference"] - middle) for cell in shown)
        rows.append({"what": what, "of": of, "low": low, "high": high, "turns": turns, "moves": width})

    _prices(pair, now, net_of, add)
    for i in (0, 1):
        _own(i, pair, now, net_of, add)
    if pair[0].currency != pair[1].currency:
        name = f"{pair[1].currency} in {pair[0].currency}"
        add("exchange rate", name, *[(_percent(r - 1), (now[0], _scaled(now[1], r))) for r in RATE])
    if all(c.terms.stay_months > STAY_MONTHS for c in pair):
        a, b = (outcome(c, net_of, stay_months=STAY_MONTHS) for c in pair)
        add(f"staying {STAY_MONTHS} months only", None, (f"{STAY_MONTHS} months", (a, b)))
    if net_of is not None:
        a, b = (outcome(c, None) for c in pair)
        add("tax", None, ("before tax", (a, b)))
    return sorted(rows, key=lambda row: -row["moves"])


def _percent(share: float) -> str:
    return f"{100 * share:+.0f} %"


def _prices(
    pair: tuple[Case, Case], now: tuple[Outcome, Outcome], net_of: NetOf | None, add: Callable[..., None]
) -> None:
    """Share prices: of both at once where one employer makes both offers."""
    held = [c.offer.equity.count > 0 and c.offer.equity.kind != "none" for c in pair]
    employers = [c.offer.employer for c in pair]
    if all(held) and employers[0] is not None and employers[0] == employers[1]:
        moved = [(f, tuple(outcome(c, net_of, price_factor=f) for c in pair)) for f in PRICE]
        add("share price", employers[0], *[(_percent(f - 1), both) for f, both in moved])
        return
    for i in (0, 1):
        if held[i]:
            cells = [
                (_percent(f - 1), _beside(i, now, outcome(pair[i], net_of, price_factor=f))) for f in PRICE
            ]
            add("share price", pair[i].offer.name, *cells)


def _own(
    i: int,
    pair: tuple[Case, Case],
    now: tuple[Outcome, Outcome],
    net_of: NetOf | None,
    add: Callable[..., None],
) -> None:
    """What is one offer's own: its bonus, and how its grant was read."""
    case, offer = pair[i], pair[i].offer
    if offer.bonus:
        paid = [offer.bonus_payout * f for f in PAYOUT]
        cells = [
            (f"{100 * share:.0f} % of target",
             _beside(i, now, outcome(replace(case, offer=replace(offer, bonus_payout=share)), net_of)))
            for share in paid
        ]  # fmt: skip
        add("bonus pay-out", offer.name, *cells)
    if offer.equity.grant_value is not None and len(offer.equity.vesting) > 1 and looks_yearly(offer):
        whole = offer.equity.grant_value * len(offer.equity.vesting)
        yearly = replace(case, offer=replace(offer, equity=replace(offer.equity, grant_value=whole)))
        add(
            "grant value read as a year's",
            offer.name,
            ("each year", _beside(i, now, outcome(yearly, net_of))),
        )


def _beside(i: int, now: tuple[Outcome, Outcome], other: Outcome) -> tuple[Outcome, Outcome]:
    return (other, now[1]) if i == 0 else (now[0], other)


def _scaled(o: Outcome, factor: float) -> Outcome:
    return replace(o, present=o.present * factor, total=o.total * factor)


def _cell(given: str, a: Outcome, b: Outcome) -> dict[str, Any]:
    difference = a.present - b.present
    return {"given": given, "difference": float(np.median(difference)), "chance": chance(difference)}
