"""Where pay is going: the market's growth ahead of a profile's median, its back-test, scenarios and what it rests on.

The rules are in docs/forecast.md; the shape of the answer in docs/interface.md, 'Forecasts'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, Final

from paylens.advice import asked as ask
from paylens.advice import estimate as question
from paylens.advice.estimate import Reference
from paylens.advice.forecast import prices
from paylens.advice.forecast.asked import Asked, parse
from paylens.advice.forecast.drift import LEVELS, Tables, shifted_month
from paylens.advice.forecast.market import Market
from paylens.advice.forecast.past import beside, breaks, history
from paylens.advice.forecast.scenarios import Shift, as_json, shifts
from paylens.advice.forecast.words import first_line, why
from paylens.places.geography import Place

__all__ = ["forecast"]

_NORMAL: Final = {q: NormalDist().inv_cdf(level) for q, level in LEVELS.items()}
_TESTED = ("windows", "independent", "mase", "against_mean", "cover80")
_BACKTEST = (
    "panel", "model", "years", "windows", "series", "independent", "first", "last", "error", "mase", "against_mean", "cover50",
    "cover80", "cover95", "covered_of",
)  # fmt: skip
_READING = ("scenario", "variable", "country", "month", "value", "before", "source")


def forecast(ref: Reference, tables: Tables, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question's fields; InputError for what is not understood."""
    asked = parse(fields)
    as_of = ask.check_month(asked.profile.as_of)
    place = ask.place_of(asked.profile)
    level = question.answers(ref, [asked.profile])[0]
    family = ref.family[asked.profile.role.id]
    market = Market.of(ref, tables, place, family)
    p50 = float(level["percentiles"]["p50"])
    moved = shifts(ref, asked.profile, asked.shifts, tables.drivers, asked.horizon, as_of)
    given = [s for s in moved if not s.example]
    years = _years(asked, market, tables, as_of, p50, ())
    panel = market.main.panel
    answer: dict[str, Any] = {
        "role": level["role"], "place": level["place"], "pay": level["pay"], "currency": level["currency"], "as_of": as_of,
        "horizon": asked.horizon, "real": asked.real, "family": family,
        "level": {"p50": p50, "what": f"{question.ref_label(asked.profile)} in {place.label}, as estimated for {as_of}"},
        "basis": _basis(market, family), "a_year": _a_year(years, asked.horizon), "years": years,
        "shifted": _years(asked, market, tables, as_of, p50, given) if given else None,
        "scenarios": [as_json(s) for s in moved],
        "history": history(tables, market.main, family, as_of, _deflator(asked, market, as_of)),
        "beside": beside(tables, market.main.country, family),
        "breaks": breaks(tables, market.main.country, family),
        "backtest": [{k: r[k] for k in _BACKTEST} for r in tables.backtest if r["panel"] == panel],
        "drivers": _readings(tables, market, family),
        "inflation": _inflation(asked, market, as_of), "ignored": level["ignored"],
        "notes": _notes(asked, market, years, level, place), "release": ref.release.id,
    }  # fmt: skip
    return {"first_line": first_line(answer, question.ref_label(asked.profile), place.label)} | answer


def _deflator(asked: Asked, market: Market, as_of: str) -> Any:
    """Log rise of prices from the month asked to another (negative before it); 0 in nominal money."""

    def rise(month: str) -> float:
        return prices.rise(market.countries, as_of, month) if asked.real else 0.0

    return rise


def _years(
    asked: Asked, market: Market, tables: Tables, as_of: str, p50: float, given: Sequence[Shift]
) -> list[dict[str, Any]]:  # fmt: skip
    """A row for each year from now; `given` shifts the path evenly to its end."""
    deflate = _deflator(asked, market, as_of)
    out = []
    for year in range(asked.horizon + 1):
        month = shifted_month(as_of, 12 * year)
        part = year / asked.horizon
        middle = market.growth(as_of, month) - deflate(month) + part * sum(s.effect for s in given)
        error = part * math.hypot(*(s.error for s in given)) if given else 0.0
        index = {"p50": 100 * math.exp(middle)}
        for q in LEVELS:
            half = market.half(q) * year
            index[q] = 100 * math.exp(middle + math.copysign(math.hypot(half, _NORMAL[q] * error), half))
        status, tested = ("now", None) if year == 0 else market.status(tables, month)
        lead = market.main.lead(month)
        out.append({
            "year": year, "month": month, "lead": lead if math.isfinite(lead) else None, "status": status,
            "index": _ordered(index), "amount": {q: v * p50 / 100 for q, v in _ordered(index).items()},
            "tested": None if tested is None else {k: tested[k] for k in _TESTED},
        })  # fmt: skip
    return out


def _ordered(index: Mapping[str, float]) -> dict[str, float]:
    return {q: index[q] for q in ("q025", "q10", "q25", "p50", "q75", "q90", "q975")}


def _basis(market: Market, family: str) -> dict[str, Any]:
    main = market.main
    return {
        "kind": market.kind, "model": main.model, "wages": market.wages,
        "from_month": main.from_month or None, "points": main.points, "error_a_year": main.error, "why": why(main, family),
    }  # fmt: skip


def _a_year(years: Sequence[Mapping[str, Any]], horizon: int) -> dict[str, float]:
    last = years[-1]["index"]
    return {
        name: (last[q] / 100) ** (1 / horizon) - 1
        for name, q in (("p50", "p50"), ("low", "q10"), ("high", "q90"))
    }


def _readings(tables: Tables, market: Market, family: str) -> list[dict[str, Any]]:
    """What is known of each scenario's variable: here, and in the United States where nothing is known here."""
    here = {c for c, _ in market.countries}
    rows = [r for r in tables.drivers if r["what"] == "reading" and r["family"] in (None, family)]
    out = [r for r in rows if r["country"] in here]
    known = {r["variable"] for r in out}
    out += [r for r in rows if r["country"] == "US" and r["variable"] not in known]
    return [{k: r[k] for k in _READING} for r in out]


def _inflation(asked: Asked, market: Market, as_of: str) -> dict[str, Any] | None:
    if not asked.real:
        return None
    first = int(as_of[:4])
    return prices.assumed(market.countries, first, first + asked.horizon)


def _notes(
    asked: Asked, market: Market, years: Sequence[Mapping[str, Any]], level: Mapping[str, Any], place: Place
) -> list[str]:
    out = []
    main = market.main
    if main.kind == "borrowed":
        out.append(
            f"borrowed: {main.wages} stand for this role's, with what occupations differ by added to the range"
        )
    if main.kind == "prices":
        out.append(
            "borrowed: no wages of this country over time; prices and the mean real growth of others stand for them"
        )
    if main.kind == "assumed":
        out.append("nothing is published here for this country: 3 % a year is an assumption")
    first = next((r["month"] for r in years if r["status"] == "scenario"), None)
    if first is not None:
        out.append(f"from {first} on this is a scenario: no back-test reaches so far after the last wages")
    if years[-1]["status"] == "forecast" and years[-1]["tested"]["independent"] < 3:
        n = years[-1]["tested"]["independent"]
        out.append(
            f"the last year rests on {n} independent stretch{'' if n == 1 else 'es'} of time in the back-test"
        )
    if asked.real:
        out.append("prices ahead are an assumption of their own, whose error is not in the range")
    if level["currency"] != _currency_of(place):
        out.append(f"amounts in {level['currency']} at today's rate: no exchange rate is forecast")
    if market.drifts[0][0].country != place.country and len(market.drifts) > 1:
        out.append("the growth of a region is the mean of its largest countries'")
    return [*out, *level["notes"]]


def _currency_of(place: Place) -> str:
    """The currency that an estimate for a place is in unless asked otherwise."""
    return ask.local_currency(place.currency)
