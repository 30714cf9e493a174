"""The named figures and words that texts of a negotiation may use: each figure with the place in the answer it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from paylens.advice.negotiate.evidence import cited

__all__ = ["MEASURES", "Write", "figures", "plainly", "reread", "words"]

# How money is written: an amount, its currency, and whether to the unit (else to three significant figures).
Write = Callable[[float, str, bool], str]
MEASURES: Final = {"base": "base pay", "cash": "base and bonus", "total": "base, bonus and shares"}


def plainly(amount: float, currency: str, whole: bool) -> str:
    """Money by its code, to the unit or to three significant figures: 'EUR 104,000'."""
    return f"{currency} {round(amount if whole else three(amount)):,}"


def three(amount: float) -> float:
    """An amount to three significant figures."""
    return round(amount, 2 - math.floor(math.log10(abs(amount)))) if amount else 0.0


def figures(answer: Mapping[str, Any], write: Write) -> dict[str, dict[str, Any]]:
    """Each figure by its name: `value`, the path `of` it in the answer, its `rounding` and how it is `shown`."""
    measure = answer["offer"]["measure"]
    out: dict[str, dict[str, Any]] = {}

    def add(name: str, path: str, rounding: str = "three figures") -> None:
        found = reread(answer, {"of": path, "rounding": rounding}, write)
        if found is not None:
            out[name] = found

    add("base", "offer.base", "whole")
    for name, path in (
        ("ask", "ask.base"), ("target", "target.base"), ("walk", "walk_away.base"), ("floor", "walk_away.floor"),
        ("middle", f"position.{measure}.p50"), ("upper", f"position.{measure}.p75"), ("amount", f"position.{measure}.amount"), ("band_low", "band.low"),
        ("band_high", "band.high"),
    ):  # fmt: skip
        add(name, path)
    if answer["walk_away"]["alternative"]:
        add("alternative_base", "walk_away.alternative.base")
        add("alternative_exchanged", "walk_away.alternative.base_by_exchange_rate")
    add("years", "years", "count")
    add("aversion", "risk_aversion", "plain")
    _packages(answer, add)
    rows = answer["evidence"]
    for letter, row in zip("ab", cited(rows), strict=False):
        at = rows.index(row)
        add(f"middle_{letter}", f"evidence.{at}.p50")
        add(f"reports_{letter}", f"evidence.{at}.n", "count")
    best = next((i for i, s in enumerate(answer["strengths"]) if s["clear"]), None)
    if best is not None:
        add("strength_amount", f"strengths.{best}.amount.value")
    return out


def _packages(answer: Mapping[str, Any], add: Callable[..., None]) -> None:
    for i, row in enumerate(answer["packages"]):
        at = f"packages.{i}"
        if row["kind"] == "mixed":
            add("mixed_base", f"{at}.base")
            add("mixed_sign_on", f"{at}.sign_on")
        elif row["kind"] == "equity":
            add("grant", f"{at}.grant")
            add("options", f"{at}.options", "count")
        elif row["kind"] == "sign_on":
            add("once", f"{at}.sign_on")
        else:
            add("level_high", f"{at}.band.high")


def reread(answer: Mapping[str, Any], row: Mapping[str, Any], write: Write) -> dict[str, Any] | None:
    """A figure read from the answer again by its path and rounding; None where there is none."""
    value: Any = answer
    for key in str(row["of"]).split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    if value is None:
        return None
    rounding = row["rounding"]
    if rounding == "count":
        shown = f"{round(value):,}"
    elif rounding == "plain":
        shown = f"{value:g}"
    else:
        shown = write(float(value), answer["currency"], rounding == "whole")
    return {"value": value, "of": row["of"], "rounding": rounding, "shown": shown}


def words(answer: Mapping[str, Any]) -> dict[str, str]:
    """What texts may say besides figures: names as the answer has them, and conditions that hold (as empty words)."""
    offer, verdict = answer["offer"], answer["verdict"]
    out = {
        "role": offer["role"], "employer": offer["employer"] or offer["name"], "place": offer["place"],
        "measure": MEASURES[offer["measure"]],
    }  # fmt: skip
    for letter, row in zip("ab", cited(answer["evidence"]), strict=False):
        out |= {
            f"source_{letter}": row["title"], f"cohort_{letter}": row["cohort"].replace(" · ", ", "),
            f"vintage_{letter}": row["vintage"], f"measure_{letter}": row["pay"],
        }  # fmt: skip
    best = next((s for s in answer["strengths"] if s["clear"]), None)
    if best is not None:
        out["strength"] = best["what"][0].upper() + best["what"][1:]
    kinds = {p["kind"] for p in answer["packages"]}
    if not kinds & {"equity", "sign_on"}:
        out["no_package"] = ""
    level = next((p["level"] for p in answer["packages"] if p["kind"] == "level"), None)
    out |= {"level": level} if level else {"no_level": ""}
    for letter, row in zip("abc", answer["questions"], strict=False):
        out[f"question_{letter}"] = row["question"]
    out["something_open" if answer["questions"] else "nothing_open"] = ""
    out["content" if verdict == "content" else f"{verdict}_verdict"] = ""
    stands = answer["position"][offer["measure"]]
    out["under_middle" if stands["amount"] < stands["p50"] else "over_middle"] = ""
    out |= _alternative(answer)
    q25 = answer["walk_away"]["floor_of"] == "quarter"
    return out | {"floor_quarter" if q25 else "floor_tenth": ""}


def _alternative(answer: Mapping[str, Any]) -> dict[str, str]:
    found = answer["walk_away"]["alternative"]
    if not found:
        return {"no_alternative": ""}
    current = next(a["current"] for a in answer["alternatives"] if a["name"] == found["name"])
    name = "your present job" if current else found["name"]
    return {"alternative": name, ("present_job" if current else "other_offer"): ""}
