"""The first line of a career's answer and why it reads so here, made from its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["doing", "headline", "reasons"]

Row = Mapping[str, Any]
_DOING: Final = {
    "move": "moving", "lead": "leading", "finish": "finishing", "specialise": "specialising", "learn": "learning",
    "publish": "publishing", "contribute": "contributing", "work": "working",
}  # fmt: skip
_DEGREES: Final = {
    "bachelor": "a bachelor's degree",
    "master": "a master's degree",
    "doctorate": "a doctorate",
}


def doing(label: str) -> str:
    """A move's label as what one does: 'learn PyTorch' is 'learning PyTorch'."""
    first, _, rest = label.partition(" ")
    return f"{_DOING.get(first, first)} {rest}".strip()


def percent(multiplier: float) -> str:
    """A multiplier as a change: '+16 %'; large ones as '× 3.1'."""
    if multiplier >= 2:
        return f"× {multiplier:.1f}"
    return f"{round(100 * (multiplier - 1)) + 0:+d} %"


def headline(rows: Sequence[Row], now: Mapping[str, Any], basis: str) -> str:
    """The answer in words: the best move at home, what degrees come to, and a better place where there is one."""
    parts = [_best(rows), _degrees(rows), _place(rows, now, basis)]
    said = "; ".join(p for p in parts if p)
    return said[:1].upper() + said[1:] + "."


def _gain(row: Row) -> str:
    return percent(row["effect"]["multiplier"])


def _best(rows: Sequence[Row]) -> str:
    """The best move at home that is no degree, beside the best skill; 'more' only where its interval is above that skill's middle."""
    asked = {r["kind"] for r in rows} - {"place", "degree"}
    home = [r for r in rows if r["kind"] in asked and r["clear"] and r["effect"]["multiplier"] > 1]
    if not home:
        return "no move at home shows a clear gain" if asked else ""
    best = home[0]
    what = doing(best["label"])
    if best["kind"] == "skill":
        others = [r for r in home if r["kind"] != "skill"]
        said = (
            f"{what} is worth most of the moves at home ({_gain(best)})"
            if len(asked) > 1
            else f"{what} is worth most ({_gain(best)})"
        )
        return said + _behind(best, others)
    skills = [r for r in home if r["kind"] == "skill"]
    if not skills:
        return f"{what} is worth {_gain(best)}" + (
            "; no skill shows a clear difference" if "skill" in asked else ""
        )
    if best["effect"]["low"] > skills[0]["effect"]["multiplier"]:
        return f"{what} is worth more than any skill ({_gain(best)} against {_gain(skills[0])})"
    return f"{what} comes first ({_gain(best)})" + _behind(best, skills)


def _behind(best: Row, others: Sequence[Row]) -> str:
    """The next of another kind, where the figures are too close to tell them apart."""
    if not others or best["effect"]["low"] > others[0]["effect"]["multiplier"]:
        return ""
    return f", {doing(others[0]['label'])} not far behind ({_gain(others[0])})"


def _degrees(rows: Sequence[Row]) -> str:
    """What the degrees come to in the middle case, those of one verdict said together."""
    never, unclear, said = [], [], []
    listed = [r for r in rows if r["kind"] == "degree" and r["degree"] is not None]
    for row in sorted(listed, key=lambda r: list(_DEGREES).index(r["to"])):
        name, back = _DEGREES[row["to"]], row["degree"]["payback"]["middle"]
        if not row["clear"]:
            unclear.append(name)
        elif back is None:
            never.append(name)
        else:
            said.append(f"{name} pays back after {_years(math.ceil(back))} in the middle case")
    within = f"back within {listed[0]['degree']['years_counted']} years in the middle case" if listed else ""
    said += _of_each(never, f"does not pay {within}", f"pays {within}")
    said += _of_each(unclear, "shows no clear difference in pay", "shows a clear difference in pay")
    return ", ".join(said)


def _years(n: int) -> str:
    return f"{n} year{'' if n == 1 else 's'}"


def _of_each(names: Sequence[str], alone: str, neither: str) -> list[str]:
    """One verdict for those that share it."""
    if len(names) > 1:
        return [f"neither {' nor '.join(names)} {neither}"]
    return [f"{name} {alone}" for name in names]


def _place(rows: Sequence[Row], now: Mapping[str, Any], basis: str) -> str:
    """A place that beats every move at home."""
    ranked = [r for r in rows if r["clear"] and r["rank"] is not None]
    if not ranked or ranked[0]["kind"] != "place" or ranked[0]["kept"] is None:
        return ""
    best = ranked[0]
    before = now["kept"] if basis == "kept" else now["pay"]
    ratio = 1 + best["kept"]["middle"] / before
    after = "after tax and prices" if basis == "kept" else "at home's prices, before tax"
    if ratio <= 1:
        return ""
    said = f"{doing(best['label'])} comes to more than any of them, {percent(ratio)} {after}"
    if best["disagrees"]:
        model, premium = (best["alike"] or best["model"])["multiplier"], best["premium"]["multiplier"]
        said += (
            f" by the pay model; people who reported from both say {'less' if premium < model else 'more'}"
        )
    return said


def reasons(
    place: str, path: Sequence[Row], world: float, growth: Mapping[str, Any], degrees: Sequence[Row]
) -> list[str]:
    """Why it reads so in this place: how pay rises with years, how wages grow, what degrees cost."""
    out = []
    years = len(path) - 1
    rise = path[-1]["p50_today"] / path[0]["p50_today"]
    if years and rise != 1.0:
        out.append(
            f"In {place}, {years} more years of work come to {percent(rise)} in today's wages; across the world to {percent(world)}."
        )
    yearly = growth["multiplier"] ** (1 / max(years, 1))
    low, high = (growth[end] ** (1 / max(years, 1)) for end in ("low", "high"))
    out.append(
        f"Wages there are taken to grow {100 * (yearly - 1):.1f} % a year ({100 * (low - 1):.1f} to {100 * (high - 1):.1f}; {growth['index']})."
    )
    for row in degrees:
        effort, worth = row["effort"], row["degree"]
        out.append(
            f"{_DEGREES[row['to']][:1].upper()}{_DEGREES[row['to']][1:]} takes {effort['months']:.0f} months and forgoes "
            f"{100 * effort['pay_forgone']:.0f} % of pay; {100 * effort['finish']:.0f} in 100 finish; it is worth having in "
            f"{100 * worth['value']['chance']:.0f} of 100 futures."
        )
    return out
