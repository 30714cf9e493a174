"""What raises pay: moves ranked with their whiskers, degrees and their payback, ten years ahead, raw against adjusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from paylens.advice.career.asked import KINDS
from paylens.advice.premiums import KINDS as PREMIUMS
from paylens.answers import Answer
from paylens.charts import fan, gains
from paylens.faces.web.notation import amount
from paylens.faces.web.offered import listed, number
from paylens.faces.web.view import Asked, View

__all__ = ["VIEW"]

_PROFILE: Final = (
    "role", "location", "years_experience", "seniority", "education", "skills", "industry", "company_size", "employer", "remote", "as_of",
)  # fmt: skip
_OPTIONS: Final = ("path", "against", "moves", "filing", "paid", "tax", "premiums")
_EXAMPLE: Final = {
    "role": "Data scientist",
    "location": "Berlin",
    "years_experience": 3.0,
    "education": "bachelor",
}
_PLANS: Final = (
    ("master", "Take a master’s degree"), ("doctorate", "Take a doctorate"), ("level:senior", "Reach senior"),
    ("level:staff", "Reach staff"), ("lead", "Lead people"), ("place:London", "Move to London"), ("place:Zurich", "Move to Zurich"),
    ("place:San Francisco", "Move to San Francisco"),
)  # fmt: skip
_MOVES: Final = {
    "level": "Level", "lead": "Leading people", "degree": "Degrees", "specialise": "Specialising", "skill": "Skills", "publish": "Publishing",
    "open-source": "Open source", "industry": "Industry", "size": "Company size", "remote": "Remote work", "place": "Place",
}  # fmt: skip
_LEVELS: Final = ("entry", "mid", "senior", "staff", "principal")
_PREMIUM, _MOST_PREMIUMS = "skill", 40
# A second plan is asked for its path alone.
_ALONE: Final = {"moves": ["lead"], "top": 1}


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows; without a question an example, which says so."""
    asked.only(*_PROFILE, *_OPTIONS)
    example = not asked
    fields: dict[str, Any] = dict(_EXAMPLE) if example else _question(asked)
    held = asked.engine.premiums is not None
    if held:
        fields["premiums"] = {"kind": asked.one("premiums") or _PREMIUM}
    found = asked.engine.career(fields)
    against = asked.one("against")
    # The second plan's own years, for the fan.
    other = (
        asked.engine.career({**fields, **_ALONE, "path": against, "against": None}).path if against else None
    )

    def money(value: float) -> str:
        return asked.say.money(value, found.currency)

    ranked = [r for r in found.moves if r["rank"] is not None]
    drawn = found.to_dict() | {"path": found.path | {"against": other}}
    words = f"{found.path['plan']['label'][0].upper()}{found.path['plan']['label'][1:]}: the years ahead"
    # The first two parts answer; what is elsewhere comes after them.
    parts = found.headline.rstrip(".").replace(" %", "\xa0%").split("; ")
    return {
        "first_line": "; ".join(parts[:2]) + ".", "rest": "".join(f"{p[0].upper()}{p[1:]}. " for p in parts[2:]),
        "example": example, "found": found, "money": money, "shown": _shown,
        "home": _drawn(asked, found, [r for r in ranked if r["kind"] != "place"], money, "at home"),
        "away": _drawn(asked, found, [r for r in ranked if r["kind"] == "place"], money, "elsewhere"),
        "rows": [_row(r, asked, money) for r in found.moves], "degrees": list(_degrees(found, asked, money)),
        "fan": asked.draw.figure(lambda w: fan(drawn, "", money=money, width=w), words), "other": other,
        "levels": _levels(found, asked), "held": held, "premiums": list(_premiums(found, asked)), "adjusted_for": _adjusted_for(found),
        "left": _left(found), "assumed": [r for r in found.assumptions if r["source"] == "assumption"],
        "read": [r["source"] for r in found.assumptions if r["source"] not in ("assumption", "given")],
    }  # fmt: skip


def _question(asked: Asked) -> dict[str, Any]:
    fields: dict[str, Any] = asked.given(*_PROFILE, "path", "against", "moves", "filing")
    if "years_experience" in fields:
        fields["years_experience"] = number("years_experience", fields["years_experience"])
    if "skills" in fields:
        fields["skills"] = listed(fields["skills"])
    if asked.one("paid"):
        fields["paid"] = amount("paid", asked.one("paid"))
    if asked.one("tax") == "before":
        fields["before_tax"] = True
    return fields


def _shown(row: Mapping[str, Any]) -> Mapping[str, float]:
    """What a move adds a year: after tax where that is known."""
    found: Mapping[str, float] = row["kept"] if row["kept"] is not None else row["gross"]
    return found


def _drawn(
    asked: Asked, found: Answer, rows: list[dict[str, Any]], money: Callable[[float], str], where: str
) -> Any:
    """Some of the moves on a scale of their own: what is elsewhere would leave the rest no room."""
    part = found.to_dict() | {"moves": rows}
    return asked.draw.figure(
        lambda w: gains(part, "", money=money, width=w), f"What each move {where} is worth a year"
    )


def _percent(multiplier: float, asked: Asked) -> str:
    if multiplier >= 2:
        return asked.say.times(multiplier)
    return f"{'+' if multiplier >= 1 else '−'}{asked.say.percent(abs(multiplier - 1))}"


def _row(r: Mapping[str, Any], asked: Asked, money: Callable[[float], str]) -> dict[str, Any]:
    """One move for the table: its amount, its range, raw and adjusted, and what it takes."""
    effect, effort, premium = r["effect"], r["effort"], r["premium"]
    first = premium["rows"][0] if premium else None
    shown = _shown(r)
    takes = f"{asked.say.number(effort['months'])} months"
    if effort["hours_a_week"]:
        takes += f", {asked.say.number(effort['hours_a_week'])} h a week"
    if effort["cost"] + effort["tuition"] > 0:
        takes += f", {money(effort['cost'] + effort['tuition'] * effort['months'] / 12)}"
    return {
        "id": r["move"], "kind": r["kind"], "label": r["label"], "clear": r["clear"], "amount": money(shown["middle"]) if r["clear"] else "no clear difference",
        "range": f"{money(shown['low'])} to {money(shown['high'])}", "percent": _percent(effect["multiplier"], asked) if r["clear"] else "",
        "by": "people who reported, adjusted" if r["headline"] == "premium" else "pay model",
        "premium": None if first is None else f"{asked.say.times(premium['multiplier'])} adjusted, {asked.say.times(first['raw'])} raw, n {asked.say.number(first['n'])} ({first['source']})",
        "differs": f"the pay model says {asked.say.times((r['alike'] or r['model'])['multiplier'])}" if r["disagrees"] and premium else "",
        "takes": takes, "assumed": set(effort["source"].values()) == {"assumption"}, "warning": r["contradiction"], "note": r["note"],
    }  # fmt: skip


def _degrees(found: Answer, asked: Asked, money: Callable[[float], str]) -> Iterator[dict[str, Any]]:
    """What each degree takes, when it pays back, and what it is worth now."""
    for r in found.moves:
        d, effort = r["degree"], r["effort"]
        if d is None:
            continue
        back, value = d["payback"], d["value"]
        yield {
            "label": r["label"].removeprefix("finish "), "months": asked.say.number(effort["months"]), "tuition": money(d["tuition"]),
            "forgone": money(d["forgone"]), "finish": asked.say.number(100 * effort["finish"]),
            "back": f"after {asked.say.number(back['middle'], 1)} years" if back["middle"] is not None else f"not within {d['years_counted']} years",
            "never": asked.say.number(100 * back["never"]), "worth": money(value["p50"]),
            "range": f"{money(value['p10'])} to {money(value['p90'])}", "chance": asked.say.number(100 * value["chance"]),
        }  # fmt: skip


def _levels(found: Answer, asked: Asked) -> str:
    """Which levels people reach by the last year, in words."""
    levels = found.path["levels"]
    if levels is None:
        return ""
    last = levels["years"][-1]
    shares = ", ".join(f"{level} {asked.say.number(100 * last[level])}" for level in _LEVELS)
    whose, _, more = str(levels["of"]).partition(": ")
    return f"Level after {last['year']} years, of 100 of {whose}: {shares}{f' ({more})' if more else ''}."


def _premiums(found: Answer, asked: Asked) -> Iterator[dict[str, Any]]:
    """Raw against adjusted, the rows that are clear first."""
    if found.premiums is None:
        return
    for r in sorted(found.premiums["rows"], key=lambda r: not r["clear"])[:_MOST_PREMIUMS]:
        times = asked.say.times
        yield {
            "label": r["label"], "raw": times(math.exp(r["raw"])), "adjusted": times(math.exp(r["effect"])) if r["clear"] else "no clear difference",
            "range": f"{asked.say.number(math.exp(r['low']), 2)}–{asked.say.number(math.exp(r['high']), 2)}",
            "n": asked.say.number(r["n"]), "of": f"{r['source']}, {r['vintage']}" if r["source"] != "pooled" else r["vintage"],
        }  # fmt: skip


def _adjusted_for(found: Answer) -> str:
    rows = found.premiums["rows"] if found.premiums else []
    return ", ".join(sorted({name for r in rows for name in r["adjusted_for"]}))


def _left(found: Answer) -> str:
    by: dict[str, int] = {}
    for row in found.left_out:
        by[row["why"]] = by.get(row["why"], 0) + row["moves"]
    return "; ".join(f"{n} {why}" for why, n in by.items())


VIEW = View(
    "/career",
    "Career",
    "career.html",
    answer,
    {
        "plans": list(_PLANS),
        "kinds": [(kind, _MOVES[kind]) for kind in KINDS],
        "premium_kinds": [(kind, kind.replace("_", " ").capitalize()) for kind in PREMIUMS],
    },
)
