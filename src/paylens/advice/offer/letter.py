"""How the amounts of an offer were read, and what its letter does not say: as sentences and as questions to ask."""

from __future__ import annotations

from typing import Any

from paylens.contract.offer import Offer

__all__ = ["looks_yearly", "questions", "reading"]

_ONCE, _YEAR, _WHOLE = "once", "year", "whole grant"


def looks_yearly(o: Offer) -> bool:
    """Whether a grant's value could as well be meant for each year: no more than a year's base."""
    return o.equity.grant_value is not None and o.equity.grant_value <= o.base


def reading(o: Offer) -> list[dict[str, Any]]:
    """Each amount with what it is of (a year, once, the whole grant) and whether the file says it or it is assumed."""
    rows: list[dict[str, Any]] = []

    def add(field: str, amount: float, per: str, words: str) -> None:
        rows.append({"field": field, "amount": amount, "per": per, "given": field in o.given, "words": words})

    add("base", o.base, _YEAR, "a year, before tax")
    add("raise", o.raise_share, _YEAR, "of base, each year from the second")
    if o.bonus:
        of = "a share of base" if o.bonus <= 2 else "an amount"
        add(
            "bonus",
            o.bonus,
            _YEAR,
            f"{of} a year at target; {100 * o.bonus_payout:.0f} % of the target is expected",
        )
    if o.bonus_guaranteed:
        add("bonus_guaranteed", o.bonus_guaranteed, _ONCE, "the least bonus of the first year")
    if o.sign_on:
        months = o.sign_on_clawback_months
        back = (
            f"all of it paid back on leaving within {months:g} months"
            if months
            else "kept from the first day"
        )
        add("sign_on", o.sign_on, _ONCE, f"once, at the start; {back}")
    _equity(o, add)
    if o.costs.relocation:
        add("costs.relocation", o.costs.relocation, _ONCE, "once, paid by you")
    return rows


def _assumed(o: Offer, field: str) -> str:
    return "" if field in o.given else " (assumed)"


def _equity(o: Offer, add: Any) -> None:
    e = o.equity
    if e.kind == "none":
        return
    years = len(e.vesting)
    over = f"over {years} year{'s' if years > 1 else ''}"
    parts = "/".join(f"{100 * v:.4g}" for v in e.vesting)
    if e.grant_value is not None:
        add(
            "equity.grant_value",
            e.grant_value,
            _WHOLE,
            f"the whole grant {over} at today's price, not an amount a year",
        )
    elif e.kind == "options":
        add(
            "equity.shares",
            e.count,
            _WHOLE,
            f"options of the whole grant {over}, each to be bought at the strike",
        )
        known = "equity.price" in o.given or "equity.fair_value" in o.given
        words = (
            "a share today"
            if known
            else "a share today: taken to be the strike, as options are granted at fair value"
        )
        add("equity.fair_value", e.price_today, "share", words)
    else:
        add("equity.shares", e.count, _WHOLE, f"shares of the whole grant {over}")
    cliff = f"nothing before month {e.cliff_months:g}" if e.cliff_months > 1 else "no cliff"
    cliff += _assumed(o, "equity.cliff_months")
    add("equity.vesting", 1.0, _WHOLE, f"{parts} % by year, every {e.vesting_every}; {cliff}")
    if e.refresh_per_year:
        span = len(e.refresh_vesting)
        words = (
            f"a new grant of this whole value at each anniversary, over {span} year{'s' if span > 1 else ''}"
        )
        add("equity.refresh_per_year", e.refresh_per_year, _YEAR, words)


def questions(o: Offer) -> list[dict[str, str]]:
    """What to ask, shares first: the field that the answer fills, and the question."""
    given, e = o.given, o.equity
    out: list[tuple[str, str]] = []
    if e.kind != "none":
        out += _grant_questions(o)
    if o.bonus and "bonus_guaranteed" not in given:
        out.append(("bonus_guaranteed", "Is any of the bonus guaranteed in the first year?"))
    if o.bonus and "bonus_payout" not in given:
        out.append(
            ("bonus_payout", "What share of the bonus target was paid in each of the last three years?")
        )
    if not o.bonus and "bonus" not in given:
        out.append(("bonus", "Is there a bonus, and what is its target?"))
    if o.sign_on and "sign_on_clawback_months" not in given:
        out.append(
            (
                "sign_on_clawback_months",
                "Until when must the sign-on be paid back on leaving, all or pro rata?",
            )
        )
    if "raise" not in given:
        out.append(("raise", "When is pay reviewed, and what was the usual raise last year?"))
    if e.kind == "none" and "equity.kind" not in given:
        out.append(("equity.kind", "Are there shares or options?"))
    b = o.benefits
    if b.retirement_match and "benefits.retirement_vesting_years" not in given:
        out.append(
            ("benefits.retirement_vesting_years", "When is the employer's retirement contribution yours?")
        )
    if not o.current:
        for field, words in (
            ("benefits.paid_days_off", "How many days off are paid, public holidays aside?"),
            ("benefits.health", "What does the employer pay towards health insurance a year?"),
            (
                "benefits.retirement_match",
                "Does the employer add to retirement saving, and up to what share of base?",
            ),
            ("work.hours", "How many hours a week are worked, and is overtime paid?"),
            ("work.days_on_site", "How many days a week are on site?"),
        ):
            if field not in given and not (field == "work.days_on_site" and o.work.remote == "remote"):
                out.append((field, words))
    return [{"field": field, "question": words} for field, words in out]


def _grant_questions(o: Offer) -> list[tuple[str, str]]:
    given, e = o.given, o.equity
    out: list[tuple[str, str]] = []
    if e.grant_value is not None:
        out.append(("equity.grant_value", f"Is {e.grant_value:,.0f} the whole grant or each year?"))
    if "equity.vesting" not in given:
        out.append(("equity.vesting", "What share vests in each year?"))
    if "equity.cliff_months" not in given:
        out.append(("equity.cliff_months", "Is there a vesting cliff, and after how many months?"))
    if "equity.refresh_per_year" not in given:
        out.append(("equity.refresh_per_year", "Are there refresh grants, of what usual size, from when?"))
    if e.kind == "options" or e.company != "listed":
        if e.shares_outstanding is None and not e.scenarios:
            out.append(("equity.shares_outstanding", "How many shares are there in all, fully diluted?"))
        if "equity.preference" not in given:
            out.append(
                ("equity.preference", "How much is paid to investors before ordinary shares get anything?")
            )
        if "equity.scenarios" not in given:
            out.append(
                ("equity.scenarios", "What ways out are planned, when, and may shares be sold before?")
            )
    if e.kind == "options":
        if "equity.fair_value" not in given and "equity.price" not in given:
            out.append(
                ("equity.fair_value", "What is the latest fair value of an ordinary share (409A in the US)?")
            )
        if "equity.exercise_window_months" not in given:
            out.append(
                ("equity.exercise_window_months", "How long after leaving can vested options be exercised?")
            )
        if "equity.expiry_years" not in given:
            out.append(("equity.expiry_years", "After how many years do the options expire?"))
    return out
