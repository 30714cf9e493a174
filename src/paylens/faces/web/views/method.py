"""How good it is, on what it rests, and what it can't say: the score card, the sources, what was dropped."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from paylens.charts import coverage, reliability
from paylens.contract.vocabularies import roles
from paylens.faces.web.view import Asked, View
from paylens.places import geography

__all__ = ["VIEW"]

_PATTERN = "role and place"
_MOST_NAMED = 14
_KINDS = {
    "country": "country", "family": "kind of role", "level": "level", "seniority": "level", "company_size": "company size",
    "education": "education", "years": "years", "thin": "evidence", "industry": "industry", "remote": "remote work",
}  # fmt: skip
# What no model here can say, and why.
_LIMITS = (
    "The last reports are of mid-2025. Everything later is those, brought forward by a named wage index; the answer shows both.",
    "People who answer a survey are not a random sample of anyone. Equity is mostly missing from what they report.",
    "Outside the United States a city differs from its country only where 50 reports and 5 employers say so; mostly nowhere.",
    "Many countries have few machine-learning reports: the answer then opens by saying so, and is wider.",
    "A factor is an association after adjusting for the others. It does not say what would happen to you if you changed it.",
)


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows."""
    asked.only()
    card = asked.engine.score()
    held = card["held"]["patterns"][_PATTERN]
    groups = _groups(card)
    name = f"How many of each group the {asked.say.percent(0.8)} range held, knowing {_PATTERN}"
    return {
        "card": card, "held": held,
        "first_line": f"Our {asked.say.percent(0.8)} range held {asked.say.percent(held['coverage'], 1)} of {asked.say.number(held['n'])} people we had not seen.",
        "patterns": sorted(card["held"]["patterns"].items(), key=lambda p: -p[1]["pinball"]), "groups": groups, "counted": len(card["held"]["groups"]),
        "picture": asked.draw.figure(lambda w: coverage(groups, "", percent=lambda s: asked.say.percent(s, 1), width=w), name),
        "below": list(zip(range(5, 100, 5), held.get("below", ()), strict=False)),
        "curve": asked.draw.figure(
            lambda w: reliability(held.get("below", ()), "", width=w), "Of people we had not seen, how many lay under each level"
        ),
        "reported": [
            (source, part, s[key]) for source, s in sorted(card["as_reported"].items())
            for key, part in (("all", "all roles"), ("ml", "ML roles")) if s.get(key, {}).get("n")
        ],
        "sources": _sources(asked), "dropped": _dropped(asked), "limits": _LIMITS, "red": list(_red(card, asked)),
    }  # fmt: skip


def _groups(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The groups of 200 and more for the pattern, each kind's largest, as the chart and its table name them."""
    mine = [g for g in card["held"]["groups"] if g["pattern"] == _PATTERN]
    out = []
    for kind, found in groupby(sorted(mine, key=lambda g: (g["kind"], -g["n"])), key=lambda g: g["kind"]):
        out += [g | {"name": _named(kind, str(g["group"]))} for g in list(found)[:_MOST_NAMED]]
    return out


def _named(kind: str, group: str) -> str:
    """A group as people call it."""
    if kind == "country":
        return geography.of_id("country", group).label
    if kind == "role":
        return roles()[group].label
    return f"{_KINDS.get(kind, kind.replace('_', ' '))}: {group.replace('-', ' ')}"


def _sources(asked: Asked) -> list[dict[str, Any]]:
    """One row a source and licence, with all its vintages."""
    out: list[dict[str, Any]] = []
    for s in asked.engine.sources():
        if out and (out[-1]["source"], out[-1]["licence"]) == (s["source"], s["licence"]):
            out[-1]["vintages"] += [s["vintage"]] * (s["vintage"] not in out[-1]["vintages"])
            out[-1]["rows"] += s["rows"]
        else:
            out.append({**s, "vintages": [s["vintage"]]})
    return out


def _dropped(asked: Asked) -> dict[str, Any]:
    """What was left out on the way from the published files, with the rule and how many rows."""
    report = asked.engine.release.json("report.json")
    files = [
        {"source": f["source"], "vintage": f["vintage"], "rows": f["rows_in"], "kept": f["kept"], "why": list(f["dropped"].items())}
        for f in report["files"]
    ]  # fmt: skip
    return {
        "files": files,
        "left_out": list(report["cohorts"]["left out"].items()),
        "screened": report["cohorts"]["screened"],
    }


def _red(card: Mapping[str, Any], asked: Asked) -> list[str]:
    """Every score that does not hold, in words."""
    say, out = asked.say, []
    for g in card["forward"]["countries"]:
        if g["ok"] is False:
            out.append(
                f"A year ahead, {g['country']}: off by {say.number(g['median_log_bias'], 2)} in logs, {say.percent(g['coverage'])} inside"
            )
    if card["medians"]["ok"] is False:
        out.append(
            f"Role and country alone within 5 % of the held median: {card['medians']['within']} of {card['medians']['n_cells']} cells"
        )
    for s in card["left_out"]:
        if s["ok"] is False:
            out.append(
                f"{s['source']}, predicted without its own reports: off by {say.number(s['median_log_bias'], 2)} in logs, {say.percent(s['coverage'])} inside"
            )
    out += [
        f"{t['what']}: {say.number(t['value'], 2)}" if isinstance(t["value"], float) else t["what"]
        for t in card["truths"]
        if t["ok"] is False
    ]
    out += [
        f"{name} moves a median by {say.percent(p['largest'], 1)}"
        for name, p in card["perturbed"].items()
        if p["ok"] is False
    ]
    return out


VIEW = View("/method", "Method", "method.html", answer)
