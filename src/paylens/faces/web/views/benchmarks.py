"""What the market pays: published cuts, official figures and the model side by side, by one factor or two."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from paylens.advice.benchmark.columns import csv_of, flat, withheld
from paylens.answers import Answer
from paylens.charts import benchmark, heat
from paylens.faces.web.view import Asked, File, View

__all__ = ["VIEW"]

_PROFILE = ("role", "location", "pay", "currency", "as_of")
_FACTORS = {
    "seniority": "Level", "years": "Years of experience", "country": "Country", "state": "State", "metro": "Metro", "industry": "Industry",
    "company_size": "Company size", "education": "Education", "remote": "Remote work", "skill": "Skill", "employer": "Employer",
    "year": "Year",
}  # fmt: skip
_SORTS = {"p50": "Highest middle first", "n": "Most reports first", "value": "By name"}
_ADJUST = {"inflation": "For inflation", "ppp": "For countries’ prices", "rpp": "For US metros’ prices"}
_KINDS = {
    "measured": "people who reported",
    "modelled": "modelled",
    "official": "official",
    "guide": "published guide",
}
_NAMED, _MOST_ROWS = 4, 60


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows: the nine cells of the published guide where nothing is asked."""
    nine, found = _asked(asked)
    first = _nine_line(found, asked) if nine else _first_line(found, asked)
    pieces = {} if nine else _pictures(found, asked, first)
    blocks = list(_blocks(found, asked))
    return {
        "nine": _nine(found, asked) if nine else None, "found": found, "kinds": _KINDS, "first_line": first, "blocks": blocks,
        "rows": None, "heat": None, "grid": None, **pieces, "instead": list(_instead(found, asked)),
        "keep": urlencode([(k, v) for k, values in asked.fields.items() for v in values]),
    }  # fmt: skip


def _asked(asked: Asked) -> tuple[bool, Answer]:
    """Whether the guide's cells are asked for, and the answer."""
    asked.only(*_PROFILE, "by", "and", "sort", "adjust")
    if not asked:
        return True, asked.engine.benchmark(guide=True)
    return False, asked.engine.benchmark(_question(asked))


def _question(asked: Asked) -> dict[str, Any]:
    fields: dict[str, Any] = asked.given(*_PROFILE, "sort", "adjust")
    if "currency" in fields:
        fields["currency"] = fields["currency"].strip().upper()
    by = [text for name in ("by", "and") if (text := asked.one(name))]
    if by:
        fields["by"] = by
    return fields


def _who(found: Answer) -> str:
    label = str(found.role["label"])
    return label if label.endswith("s") else f"{label}s"


def _where(place: Mapping[str, Any]) -> str:
    if place["kind"] == "world":
        return "the world"
    return f"the {place['label']}" if str(place["label"]).startswith("United ") else str(place["label"])


def _value(row: Mapping[str, Any]) -> str:
    return " · ".join(str(v["label"]) for v in row["by"].values())


def _says(row: Mapping[str, Any]) -> str:
    return "modelled" if row["kind"] == "modelled" else f"{row['source']} has it ({row['pay']})"


def _first_line(found: Answer, asked: Asked) -> str:
    """The answer in one sentence, of the source with most reports."""
    who, where = _who(found), _where(found.place)
    shown = [r for r in found.rows if r["p50"] is not None and (r["by"] or not found.by)]
    if not shown:
        held = next((r["reason"] for r in found.rows if r["reason"]), "nothing is published")
        return f"No figure may be shown of {who.lower()} in {where}: {held}."
    reports: dict[str, float] = {}
    for r in shown:
        reports[r["source"]] = reports.get(r["source"], 0) + (r["n"] or 0) * (r["kind"] == "measured")
    best = max(reports, key=lambda s: reports[s])
    mine = [r for r in shown if r["source"] == best]
    if not found.by:
        r = mine[0]
        half = (
            f"{asked.say.money(r['p25'], r['currency'])}–{asked.say.money(r['p75'], r['currency'])}"
            if r["p25"]
            else f"about {asked.say.money(r['p50'], r['currency'])}"
        )
        return f"Half of {who.lower()} in {where} get {half}, as {_says(r)}."
    by = " and ".join(_FACTORS[f].lower() for f in found.by)
    if len(found.by) == 2:
        ends = sorted(mine, key=lambda r: r["p50"])
        low, high = (f"{asked.say.money(r['p50'], r['currency'])} ({_value(r)})" for r in (ends[0], ends[-1]))
        return f"{who} in {where}, by {by}, as {_says(mine[0])}: the middle goes from {low} to {high}."
    named = "; ".join(f"{_value(r)} {asked.say.money(r['p50'], r['currency'])}" for r in mine[:_NAMED])
    more = " …" if len(mine) > _NAMED else "."
    return f"{who} in {where}, by {by}, as {_says(mine[0])}: {named}{more}"


def _nine_line(found: Answer, asked: Asked) -> str:
    mid = [r for r in found.rows if r["kind"] == "modelled" and r["by"]["level"]["id"] == "mid"]
    said = ", ".join(f"{r['by']['place']['label']} {asked.say.money(r['p50'], r['currency'])}" for r in mid)
    return f"Mid-level machine learning engineers: {said}."


def _nine(found: Answer, asked: Asked) -> list[dict[str, Any]]:
    """The guide's places, each with its three levels: the model's answer by years, the guide's range, and where ours lies."""
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for r in found.rows:
        if r["kind"] not in ("modelled", "guide"):
            continue
        cell = cells.setdefault(r["by"]["place"]["label"], {}).setdefault(r["by"]["level"]["id"], {})
        cell |= (
            {"range": r["range"]}
            if r["kind"] == "guide"
            else {k: r[k] for k in ("p25", "p50", "p75", "n", "currency")}
        )
    out = []
    for place, levels in cells.items():
        rows = [
            r for r in found.rows if r["by"]["place"]["label"] == place and r["kind"] in ("modelled", "guide")
        ]
        answer = found.to_dict() | {
            "rows": [r | {"by": {"level": r["by"]["level"]}} for r in rows],
            "unit": None,
        }
        picture = asked.draw.figure(
            functools.partial(_drawn, answer, asked), f"{place}: ours by level beside the published guide"
        )  # fmt: skip
        out.append(
            {
                "place": place,
                "levels": [c | {"level": k, "at": _position(c)} for k, c in levels.items()],
                "picture": picture,
            }
        )
    return out


def _drawn(answer: Mapping[str, Any], asked: Asked, width: int) -> dict[str, Any]:
    return benchmark(answer, "", money=asked.say.compact, width=width)


def _position(cell: Mapping[str, Any]) -> str:
    low, high = cell["range"]
    return "below" if cell["p50"] < low else "above" if cell["p50"] > high else "inside"


def _pictures(found: Answer, asked: Asked, first: str) -> dict[str, Any]:
    """Rows on one scale where one currency allows it, and of two factors a heat table with its own table."""
    out: dict[str, Any] = {}
    money = asked.say.compact
    shown = found.to_dict() | {"rows": found.rows[:_MOST_ROWS]}
    if found.currency or found.unit:
        out["rows"] = asked.draw.figure(lambda w: benchmark(shown, "", money=money, width=w), first)
    if found.grid:
        words = f"Middles by {' and '.join(_FACTORS[f].lower() for f in found.by)}"
        out["heat"] = asked.draw.figure(lambda w: heat(found, "", money=money, width=w), words)
        out["grid"] = found.grid
    return out


def _blocks(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """One block a value: its rows, and the sources that may not show it, reasons once each."""
    for value, group in groupby(found.rows, key=_value):
        rows = list(group)
        yield {
            "value": value, "rows": [r | {"about": _about(r, asked)} for r in rows if r["kind"] != "withheld"],
            "withheld": [f"{', '.join(sources)}: {reason}" for reason, sources in withheld(rows).items()],
        }  # fmt: skip


def _about(r: Mapping[str, Any], asked: Asked) -> str:
    """What a row's figures are of, in a line."""
    pooled = f"{asked.say.percent(r['pooled']['share'])} pooled from wider cohorts" if r["pooled"] else ""
    error = f"relative error {asked.say.number(r['relative_error'], 1)} %" if r["relative_error"] else ""
    said = (
        _KINDS[r["kind"]],
        r["pay"],
        r["cohort"],
        r["vintage"],
        pooled,
        error,
        f"licence {r['licence']}",
        r["note"],
    )
    return " · ".join(str(part) for part in said if part)


def _instead(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """The wider cells that answer for those not shown, each once."""
    seen = set()
    for r in found.rows:
        cell = r["answered_by"]
        if cell and cell["p50"] is not None and (r["source"], cell["cohort"]) not in seen:
            seen.add((r["source"], cell["cohort"]))
            yield {"source": r["source"], **cell, "p50": asked.say.money(cell["p50"], r["currency"])}


def _json(asked: Asked) -> File:
    found = _asked(asked)[1].to_dict()
    return File(
        json.dumps(found, ensure_ascii=False, indent=2, default=float).encode(),
        "application/json",
        "benchmark.json",
    )


def _csv(asked: Asked) -> File:
    return File(csv_of(*flat(_asked(asked)[1])), "text/csv; charset=utf-8", "benchmark.csv")


VIEW = View(
    "/benchmarks",
    "Benchmarks",
    "benchmarks.html",
    answer,
    {"by_what": list(_FACTORS.items()), "sorts": list(_SORTS.items()), "adjusts": list(_ADJUST.items())},
    {"json": _json, "csv": _csv},
)
