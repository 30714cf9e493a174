"""Where pay is going: the fan after its past, scenarios as sliders, the back-test behind it, drivers and breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any, Final

from paylens.answers import Answer
from paylens.charts import forecast
from paylens.faces.web.offered import number
from paylens.faces.web.view import Asked, View

__all__ = ["VIEW"]

_PROFILE: Final = ("role", "location", "years_experience", "seniority", "as_of")
# Each scenario in hundredths, as a slider has them, and its ends.
_SCENARIOS: Final = ("demand", "technology", "globalisation")
_EXAMPLE: Final = {"role": "Machine learning engineer", "location": "Germany"}
_SHIFTS: Final = {
    "demand": "Postings {} by the end", "technology": "AI in {} points more of postings", "globalisation": "{} of the gap between countries closes in ten years",
}  # fmt: skip
_LEAST: Final = 5e-4


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows; without a question an example, which says so."""
    asked.only(*_PROFILE, *_SCENARIOS, "horizon", "real")
    example = not asked
    found = asked.engine.forecast(dict(_EXAMPLE) if example else _question(asked))

    def money(value: float) -> str:
        return asked.say.money(value, found.currency)

    # The sizes that are only examples are in the table, not in the drawing.
    drawn = found.to_dict() | {"scenarios": [s for s in found.scenarios if not s["example"]]}
    return {
        "example": example, "found": found, "money": money,
        "picture": asked.draw.figure(lambda w: forecast(drawn, "", width=w), found.first_line),
        "years": list(_years(found, asked)), "scenarios": [_scenario(s, asked) for s in found.scenarios],
        "tested": list(_tested(found, asked)), "tried": _tried(found, asked), "drivers": list(_drivers(found, asked)),
        "beside": list(_beside(found, asked)),
    }  # fmt: skip


def _question(asked: Asked) -> dict[str, Any]:
    fields: dict[str, Any] = asked.given(*_PROFILE)
    if "years_experience" in fields:
        fields["years_experience"] = number("years_experience", fields["years_experience"])
    for name in _SCENARIOS:
        text = asked.one(name)
        if text and (value := number(name, text.replace("%", "").strip())):
            fields[name] = value / 100
    if asked.one("horizon"):
        years = number("horizon", asked.one("horizon"))
        fields["horizon"] = int(years) if years == int(years) else years
    if asked.one("real"):
        fields["real"] = True
    return fields


def _signed(share: float, asked: Asked, digits: int = 1) -> str:
    if abs(share) < _LEAST:
        return asked.say.percent(0.0, digits)
    return f"{'+' if share > 0 else '−'}{asked.say.percent(abs(share), digits)}"


def _years(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """A row a year ahead, with the scenarios where any is given."""
    for y in (found.shifted or found.years)[1:]:
        a, i, tested = y["amount"], y["index"], y["tested"]
        yield {
            "month": y["month"], "middle": a["p50"], "low": a["q10"], "high": a["q90"], "index": asked.say.number(i["p50"], 1),
            "status": y["status"], "windows": "" if tested is None else asked.say.number(tested["independent"]),
        }  # fmt: skip


def _scenario(s: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """One scenario in words: what changes, what pay does by then, and how that is known."""
    effect, e = s["effect"], s["elasticity"]
    size = (
        _signed(s["shift"], asked, 0) if s["scenario"] == "demand"
        else asked.say.number(100 * s["shift"]) if s["scenario"] == "technology" else asked.say.percent(s["shift"])
    )  # fmt: skip
    clear = e["clear"] or e["status"] == "assumption"
    return {
        "name": s["scenario"].capitalize(), "what": _SHIFTS[s["scenario"]].format(size), "example": s["example"],
        "effect": _signed(effect["p50"], asked) if clear else "no clear difference",
        "range": f"{_signed(effect['low'], asked)} to {_signed(effect['high'], asked)}",
        "status": "assumed" if e["status"] == "assumption" else "measured", "note": s["note"],
    }  # fmt: skip


def _tested(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """The back-test of what is shown, a row for each number of years ahead."""
    for r in found.backtest:
        if r["model"] != "shown":
            continue
        yield {
            "years": r["years"], "error": asked.say.percent(r["error"], 1), "drift": "" if r["mase"] is None else asked.say.number(r["mase"], 2),
            "mean": "" if r["against_mean"] is None else asked.say.number(r["against_mean"], 2),
            "held": "" if r["cover80"] is None else asked.say.percent(r["cover80"]), "windows": asked.say.number(r["windows"]),
            "independent": asked.say.number(r["independent"]), "span": f"{r['first']} to {r['last']}",
        }  # fmt: skip


def _tried(found: Answer, asked: Asked) -> str:
    """Every model that was tried, by its error over that of the last drift, the best first."""
    errors: dict[str, list[float]] = {}
    for r in found.backtest:
        if r["model"] != "shown" and r["mase"] is not None:
            errors.setdefault(r["model"], []).append(r["mase"])
    ranked = sorted(errors.items(), key=lambda pair: fmean(pair[1]))
    return ", ".join(f"{model} {asked.say.number(fmean(values), 2)}" for model, values in ranked)


def _drivers(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    for d in found.drivers:
        share, over = d["variable"].startswith("share"), "over" in d["variable"]

        def reading(value: float | None, share: bool = share, over: bool = over) -> str:
            if value is None:
                return ""
            if share:
                return asked.say.percent(value, 1)
            return _signed(value - 1, asked, 0) if over else asked.say.number(value)

        yield {**d, "now": reading(d["value"]), "then": reading(d["before"])}


def _beside(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """What other sources of this market say of the years before, a year."""
    for b in found.beside:
        error = "" if b["error"] is None else f" ± {asked.say.percent(1.6449 * b['error'], 1)}"
        yield {**b, "said": f"{_signed(b['a_year'], asked)}{error}"}


VIEW = View(
    "/forecast",
    "Forecast",
    "forecast.html",
    answer,
    {"horizons": [(str(n), f"{n} years") for n in (4, 3, 2)] + [("1", "1 year")]},
    needs="forecast.parquet",
)
