"""What to ask for: an offer's walk-away, target and opening ask, the packages that reach them, and what to cite.

The rules and their equations are in docs/negotiate.md; the shape of the answer in docs/interface.md, 'A negotiation'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference
from paylens.advice.negotiate.band import BAND, Market, market_of, quantile, the_job
from paylens.advice.negotiate.certain import sure_worth
from paylens.advice.negotiate.evidence import evidence, strengths
from paylens.advice.negotiate.packages import Valuer, packages
from paylens.advice.negotiate.text import texts
from paylens.advice.offer.cases import Case, Outcome, cases, outcome, taxable
from paylens.advice.offer.compare import PATHS, SEED, YEARS, checked
from paylens.advice.offer.letter import questions, reading
from paylens.advice.offer.net import Taxation, taxation
from paylens.contract.errors import InputError, shown
from paylens.contract.offer import Offers
from paylens.contract.vocabulary import nearest_names

__all__ = ["negotiate"]

FLOOR: Final = 0.25
LEAST_BASE: Final = 0.10
CONTENT: Final = 0.60
ASKED: Final = 0.75
MOST_MORE: Final = 1.25
OF_THE_WAY: Final = (0.5, 0.75)


@dataclass(frozen=True)
class Best:
    """The best alternative as a base of this offer, and by exchange rate where it is elsewhere."""

    name: str
    base: float
    exchanged: float | None


def negotiate(
    ref: Reference, offers: Offers, name: str | None = None, *, years: int = YEARS, paths: int = PATHS, seed: int = SEED,
    as_of: str | None = None, before_tax: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The answer for one of the offers: the one named, else the one worth most for sure.

    Raises InputError for a name that no offer has, an offer without a role, or what a comparison refuses.
    """
    if all(o.profile is None for o in offers.offers):
        raise _no_role()
    paths = checked(offers, years, paths, seed)
    given = offers.me.fields.get("as_of")
    month = ask.check_month(as_of or (given if isinstance(given, str) else None))
    listed, _ = cases(offers, years=years, paths=paths, seed=seed, as_of=month, currency=None)
    law = taxation(listed, offers.me.filing, month)
    taxed = None if before_tax or not taxable(listed, law.net_of) else law.net_of
    found = [outcome(c, taxed) for c in listed]
    sure = [sure_worth(f.present, offers.me.risk_aversion) for f in found]
    i = _chosen(offers, listed, sure, name)
    case, profile = listed[i], listed[i].offer.profile
    if profile is None:
        raise _no_role()
    market = market_of(ref, case.offer, profile, case.currency, month, offers.me.discount_rate)
    valuer = Valuer(case, taxed, offers.me.risk_aversion)
    others = _alternatives(i, listed, sure, valuer)
    figures = _figures(market, _best(others))
    verdict, walk, target, asked = (figures[k] for k in ("verdict", "walk_away", "target", "ask"))
    answer: dict[str, Any] = {
        "offer": {
            "name": case.offer.name, "employer": case.offer.employer, "role": market.person["base"]["role"]["label"],
            "place": market.person["base"]["place"]["label"], "base": case.offer.base, "measure": market.measure,
        },
        "currency": case.currency, "as_of": month, "years": years, "paths": paths, "seed": seed,
        "discount_rate": offers.me.discount_rate, "risk_aversion": offers.me.risk_aversion,
        "basis": "net" if taxed is not None else "gross", "taxes": law.as_dict(listed, applied=taxed is not None),
        "verdict": verdict, "position": market.position(), "band": _band(market, figures["band"]),
        "walk_away": walk, "target": target, "ask": asked, "alternatives": others,
        "worth": {"certain_equivalent": sure[i] / case.rate, "at_target": valuer.with_base(target["base"]) / case.rate},
        "packages": packages(valuer, market, target["base"]),
        "strengths": strengths(market.person["base"]),
        "evidence": evidence(market.person[market.measure], _titles(ref), market.amounts),
        "whole": _whole(case, found[i]), "questions": questions(case.offer),
        "notes": _notes(market, listed, figures, others, law, before_tax=before_tax), "release": ref.release.id,
    }  # fmt: skip
    return answer | texts(answer)


def _no_role() -> InputError:
    return InputError("me.role", None, "a role is needed to say what the market pays, in [me] or the offer")


def _chosen(offers: Offers, listed: Sequence[Case], sure: Sequence[float], name: str | None) -> int:
    open_ones = range(len(offers.offers))
    if name is None:
        return max(open_ones, key=lambda k: sure[k])
    for k in open_ones:
        if listed[k].offer.name.casefold() == name.strip().casefold():
            return k
    names = tuple(o.name for o in offers.offers)
    raise InputError(
        "offer", name, f"no offer is called '{shown(name)}'", nearest_names(name, names) or names[:5]
    )


def _alternatives(
    i: int, listed: Sequence[Case], sure: Sequence[float], valuer: Valuer
) -> list[dict[str, Any]]:
    """The other offers and the present job, best first: what each is worth for sure, and the base here that equals it.

    One elsewhere counts by what it buys there, at this offer's prices; by exchange rate stands beside it.
    """
    here = listed[i]
    out = []
    for k, c in enumerate(listed):
        if k == i:
            continue
        counted, exchanged = sure[k], None
        if (
            here.level is not None
            and c.level is not None
            and (c.level, c.currency) != (here.level, here.currency)
        ):
            counted = sure[k] / c.rate * c.level / here.level * here.rate
            exchanged = {"certain_equivalent": sure[k] / here.rate, "base": valuer.base_for(sure[k])}
        out.append({
            "name": c.offer.name, "current": c.offer.current, "place": c.place.label if c.place else None,
            "certain_equivalent": counted / here.rate, "base": valuer.base_for(counted), "by_exchange_rate": exchanged,
        })  # fmt: skip
    return sorted(out, key=lambda row: -float(row["certain_equivalent"]))


def _best(others: Sequence[dict[str, Any]]) -> Best | None:
    if not others or others[0]["base"] is None:
        return None
    first = others[0]
    exchanged = first["by_exchange_rate"]
    return Best(first["name"], first["base"], exchanged["base"] if exchanged else None)


def _figures(m: Market, best: Best | None) -> dict[str, Any]:
    """Walk-away <= target <= ask as bases, and the verdict; the equations are in docs/negotiate.md."""
    now = m.offer.base
    band = tuple(m.base_of(quantile(m.job, level)) for level in BAND)
    quarter, tenth = m.base_of(m.at(FLOOR)), m.at(LEAST_BASE, "base")
    floor = max(quarter, tenth)
    supported = min(m.base_of(m.at(ASKED)), max(band[1], m.base_of(m.at(CONTENT))))
    walk = max(floor, best.base) if best else floor
    asked = max(now, min(supported, MOST_MORE * max(now, walk)))
    start = max(now, min(walk, asked))
    least, most = (start + (asked - start) * part for part in OF_THE_WAY)
    target = min(max(m.base_of(m.at(CONTENT)), least), most)
    because = "alternative" if best and best.base > floor else "floor"
    beaten = because == "alternative" and walk > asked
    target = max(target, walk)
    asked = max(asked, target)
    verdict = "alternative" if beaten else "content" if asked <= now * (1 + 1e-9) else "ask"
    alternative = (
        {"name": best.name, "base": best.base, "base_by_exchange_rate": best.exchanged} if best else None
    )
    return {
        "verdict": verdict, "band": band,
        "walk_away": {"base": walk, "because": because, "floor": floor, "floor_of": "quarter" if quarter >= tenth else "tenth",
                      "alternative": alternative},
        "target": _point(m, target), "ask": _point(m, asked),
    }  # fmt: skip


def _point(m: Market, base: float) -> dict[str, float]:
    amount = m.amount_of(base)
    return {"base": base, "amount": amount, "percentile": m.level_of(amount)}


def _band(m: Market, band: tuple[float, ...]) -> dict[str, Any]:
    low, high = band
    profile = m.offer.profile
    assert profile is not None
    job = the_job(profile)
    level = f"level {job.seniority}" if job.seniority else None
    facts = [v for v in (level, job.industry, job.employer) if v]
    what = f"the middle half of {m.job['baseline']['what']}" + (
        f", {', '.join(f.replace('-', ' ') for f in facts)}" if facts else ""
    )
    if job.seniority is None and job.years_experience is not None:
        what += f", with {job.years_experience:g} years"
    stands = "below" if m.offer.base < low else "above" if m.offer.base > high else "in"
    return {"low": low, "high": high, "what": what, "measured": False, "offer_in_it": stands}


def _whole(c: Case, found: Outcome) -> list[dict[str, Any]]:
    """Each part of the package as it was read, and what comes in kind in the first year."""
    rows = [
        {"part": r["field"], "amount": r["amount"], "per": r["per"], "words": r["words"]}
        for r in reading(c.offer)
    ]
    b = c.offer.benefits
    sure = float(found.worth.sure[0])
    if sure > 0:
        words = "matched saving, health, learning, meals, days off beyond the least compared, purchase plan"
        rows.append({"part": "benefits", "amount": sure, "per": "year", "words": words})
    for part, value, words in (
        ("paid_days_off", b.paid_days_off, "days off a year"),
        ("parental_weeks", b.parental_weeks, "weeks of parental leave"),
        ("hours", c.offer.work.hours, "hours a week"),
    ):
        if value is not None:
            rows.append({"part": part, "amount": value, "per": "count", "words": words})
    return rows


def _titles(ref: Reference) -> dict[str, str]:
    return {str(i["source"]): str(i["title"]) for i in ref.release.manifest["inputs"]}


def _notes(
    m: Market, listed: Sequence[Case], figures: dict[str, Any], others: Sequence[dict[str, Any]], law: Taxation, *, before_tax: bool
) -> list[str]:  # fmt: skip
    out = []
    if figures["verdict"] == "ask" and figures["ask"]["base"] > figures["band"][1]:
        out.append(
            "the ask is above the employer's likely band for this level: the level itself may be the way there"
        )
    if not others:
        out.append(
            "no alternative is given: the walk-away rests on the market alone; add other offers or [me.current]"
        )
    elif others[0]["base"] is None:
        out.append(
            f"the rest of this package alone is worth as much as {others[0]['name']}, whatever the base"
        )
    elif others[0]["by_exchange_rate"] is not None:
        out.append(f"{others[0]['name']} is elsewhere: it counts by what it buys there, not by exchange rate")
    reasons = [f"{c.offer.name}: {law.reasons[c.offer.name]}" for c in listed if c.offer.name in law.reasons]
    if reasons and not before_tax:
        out += ["worth is compared before tax", *reasons]
    if m.measure != "total" and m.person["cash"]["total"] is not None:
        out.append("employers of this kind usually give shares beside cash; this offer names none")
    if m.person["base"]["confidence"]["label"] == "low":
        out.append("confidence in this market is low: lean on the alternative more than on the percentiles")
    out += [n for n in m.person["base"]["notes"] if n.startswith("Modelled from")]
    return out
