"""What am I worth: the distribution for a profile, one's own pay in it, the factors, and the evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from paylens.advice.narrowing import spread
from paylens.advice.offer.market import percentile
from paylens.charts import estimate, waterfall
from paylens.contract.errors import InputError, shown
from paylens.engine import Estimate
from paylens.faces.web.forms import NAMES, OPTIONS
from paylens.faces.web.notation import amount
from paylens.faces.web.view import Asked, View

__all__ = ["VIEW"]

_PROFILE = (
    "role", "location", "years_experience", "seniority", "education", "skills", "industry", "company_size", "employer", "remote",
    "pay", "currency", "as_of",
)  # fmt: skip
_MINE = "mine"
# What is shown until somebody says who they are.
_EXAMPLE = {"role": "Machine learning engineer", "location": "Berlin", "years_experience": 4.0}
_MEASURES = {"base": "base pay", "cash": "cash (base and bonus)", "total": "cash and equity"}
_KEPT = ("role", "pay", "as_of")
_UNCLEAR = ("no clear", "no reliable")
_THIN = "Modelled from"
_CLEARLY = 0.005


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows; without a question an example, which says so."""
    asked.only(*_PROFILE, _MINE)
    example = not asked
    profile = dict(_EXAMPLE) if example else _profile(asked)
    mine = amount(_MINE, asked.one(_MINE))
    found = asked.engine.estimate(profile)
    money = _money(asked, found)
    named = found.to_dict() | {"factors": [f | {"given": _label(f)} for f in found.factors]}
    whom = "like this" if example else "like you"
    first = _first_line(found, money, whom)
    return {
        "example": example, "found": found, "money": money, "first_line": first, "where": _where(found), "whom": whom, "measure": _MEASURES[found.pay],
        "thin": [n for n in found.notes if n.startswith(_THIN)], "notes": [n for n in found.notes if not n.startswith(_THIN)],
        "matched": None if _same(found.role) else found.role,
        "mine": None if mine is None else _standing(found, mine, money), "spread": spread(found.percentiles),
        "narrowed": None if example else _narrowed(asked, profile, found),
        "density": asked.draw.figure(lambda w: estimate(found, "", money=money, width=w, mine=mine), first),
        "waterfall": asked.draw.figure(
            lambda w: waterfall(named, "", money=money, width=w, named=NAMES), "The way from the market's middle to yours, factor by factor"
        ),
        "factors": [_factor(f, asked) for f in found.factors], "evidence": _nearest(found.evidence),
        "open": [r | {"name": NAMES[r["fact"]]} for r in asked.engine.narrowing(profile)],
    }  # fmt: skip


def _profile(asked: Asked) -> dict[str, Any]:
    fields = asked.given(*_PROFILE)
    if "currency" in fields:
        fields["currency"] = fields["currency"].strip().upper()
    if "years_experience" in fields:
        text = fields["years_experience"].strip().replace(",", ".")
        try:
            fields["years_experience"] = float(text)
        except ValueError:
            raise InputError(
                "years_experience", text, f"must be a number of years, not '{shown(text)}'"
            ) from None
    if "skills" in fields:
        fields["skills"] = [s for s in fields["skills"].replace(";", ",").split(",") if s.strip()]
    return fields


def _money(asked: Asked, found: Estimate) -> Any:
    return lambda pay: asked.say.money(pay, found.currency)


def _where(found: Estimate) -> str:
    place = found.place
    if place["kind"] == "world":
        return "the world"
    label = str(place["label"])
    label = label.split(",")[0] if place["kind"] in ("metro", "city") else label
    return f"the {label}" if label.startswith("United ") else label


def _first_line(found: Estimate, money: Any, whom: str) -> str:
    p = found.percentiles
    return (
        f"Half of people {whom} in {_where(found)} earn {money(p['p25'])}–{money(p['p75'])}; the middle is "
        f"{money(p['p50'])}."
    )


def _same(role: Mapping[str, Any]) -> bool:
    return bool(str(role["asked"]).strip().casefold() == str(role["label"]).casefold())


def _standing(found: Estimate, mine: float, money: Any) -> dict[str, Any]:
    """One's own pay among the others, in words."""
    levels = np.array([float(k) for k in found.quantiles])
    pay = np.array(list(found.quantiles.values()))
    share = percentile(mine, levels, pay)
    of = f"{100 * share:.0f}"
    said = (
        "Fewer than 5 of 100 people like you earn less" if mine <= pay[0]
        else "More than 95 of 100 people like you earn less" if mine >= pay[-1]
        else f"{of} of 100 people like you earn less"
    )  # fmt: skip
    gap = found.percentiles["p50"] - mine
    middle = (
        "that is the middle" if abs(gap) < found.percentiles["p50"] * 0.005
        else f"{money(abs(gap))} {'under' if gap > 0 else 'over'} the middle"
    )  # fmt: skip
    return {"amount": mine, "share": share, "said": said, "middle": middle}


def _narrowed(asked: Asked, profile: Mapping[str, Any], found: Estimate) -> float | None:
    """By which share the range of 8 in 10 is narrower than with the role alone; None where that is next to nothing."""
    whole = asked.engine.estimate({k: v for k, v in profile.items() if k in _KEPT})
    share = 1 - spread(found.percentiles) / spread(whole.percentiles)
    return share if abs(share) >= _CLEARLY else None


def _factor(f: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    note = str(f.get("note") or "")
    unclear = note.startswith(_UNCLEAR)
    return {
        "name": NAMES.get(f["factor"], f["factor"].replace("_", " ")), "given": _label(f), "note": "" if note == "no clear difference" else note,
        "said": "no clear difference" if unclear else asked.say.times(f["multiplier"]),
        "range": f"{asked.say.number(f['low'], 2)}–{asked.say.number(f['high'], 2)}", "log": math.log(f["multiplier"]),
    }  # fmt: skip


def _label(factor: Mapping[str, Any]) -> str:
    """What was given, as the form's own lists call it."""
    return str(dict(OPTIONS.get(factor["factor"], [])).get(factor["given"], factor["given"]))


def _nearest(evidence: list[Any]) -> list[Any]:
    """The nearest cohorts first, of those equally near the largest; the model's own row last."""
    return sorted(evidence, key=lambda e: (not e["measured"], e.get("rung", 0), -(e["n"] or 0)))


VIEW = View("/", "What am I worth", "worth.html", answer)
