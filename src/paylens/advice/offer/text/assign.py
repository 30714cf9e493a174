"""Which words an amount belongs to: in each clause the nearest that can mean such an amount.

The cost of a pair is the number of characters between the two, plus a step for each comma, 'and' or other amount that
parts them; the cheapest pairs are taken first, and a word that has its amount is dear to the next one.
"""

from __future__ import annotations

import bisect
import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from paylens.advice.offer.text.amounts import Amount
from paylens.advice.offer.text.cues import Count, Cue

__all__ = ["Found", "assign"]

_MOST, _MOST_AFTER, _WEAK, _LABEL, _STOP = 110.0, 60.0, 12.0, 60.0, 8.0
_COMMA, _AND, _OTHER, _AFTER, _TAKEN, _TABLE, _PAREN = 14.0, 14.0, 34.0, 5.0, 45.0, 4.0, 6.0
_JOINTS = re.compile(r"\b(?:and|plus|und|sowie|et|y|en|as well as|with|mit|avec|con|met)\b|\+")
_DIRECT = re.compile(r"\s*[:|=\u2013-]?\s*(?:of|is|are|at|von|de|over|um)?\s*$")
_ANOTHER = re.compile(r"\+|\||\b(?:plus|zzgl|zuzüglich)\b")
_A_SHARE = re.compile(r"\s?(?:per share|a share|/ ?share|each\b|per unit)")
_AGAIN = re.compile(r"[^()0-9]{0,10}\(\s?(?:=|i\.e\.|ca\.?|or|about)?\s?")
_AS = {
    "base": {"money", "large"},
    "bonus": {"money", "share", "month", "large"},
    "bonus_guaranteed": {"money", "large"},
    "sign_on": {"money", "large"},
    "equity": {"money", "share", "unit share", "direct"},
    "refresh": {"money"},
    "strike": {"money"},
    "price": {"money"},
    "vesting": {"share"},
    "clawback": {"month", "year", "share"},
    "retirement": {"share"},
    "health": {"money"},
    "time_off": {"day", "week", "month", "direct"},
    "learning": {"money", "day", "hour"},
    "parental": {"week", "month", "day"},
    "meals": {"money"},
    "espp": {"share", "money"},
    "hours": {"hour", "direct"},
    "on_site": {"day", "share"},
    "from_home": {"day", "share"},
    "holiday_pay": {"share", "money"},
    "total": {"money"},
    "relocation": {"money"},
    "allowance": {"money", "share"},
    "count": {"share", "day", "week", "month", "year", "hour", "unit share", "direct", "plain"},
    "none": {"money", "share", "day", "week", "month", "year", "hour", "unit share", "direct", "plain"},
}  # fmt: skip
_LEAST_PLAIN_PAY: Final = 1000
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Found:
    """An amount with the words it belongs to (None: none in its clause), and the clause's characters."""

    amount: Amount
    unit: str
    cue: Cue | None
    clause: tuple[int, int]
    cost: float = 0.0


def assign(
    lower: str, pieces: Sequence[tuple[int, int]], cues: Sequence[Cue], numbers: Sequence[Count]
) -> list[Found]:
    """Each amount of a folded text with its cue. Linear in the text but for the numbers inside one clause."""
    out: list[Found] = []
    cue_starts = [cue.start for cue in cues]
    number_starts = [number.amount.start for number in numbers]
    for start, end in pieces:
        own_cues = cues[bisect.bisect_left(cue_starts, start) : bisect.bisect_left(cue_starts, end)]
        own = numbers[bisect.bisect_left(number_starts, start) : bisect.bisect_left(number_starts, end)]
        # What stands in the next line is no unit: 'Vacation days | 17', 'Hours per week | 40'.
        own = [n if n.unit_end <= end else replace(n, unit="", unit_end=n.amount.end) for n in own]
        out += _in_clause(lower, (start, end), own_cues, own)
    return out


_MOST_IN_CLAUSE = 200
_NEAR = 8


def _in_clause(
    lower: str, clause: tuple[int, int], cues: Sequence[Cue], numbers: Sequence[Count]
) -> list[Found]:
    counted = numbers[:_MOST_IN_CLAUSE]
    heap: list[tuple[float, int, int, int]] = []
    starts = [cue.start for cue in cues]
    for i, number in enumerate(counted):
        middle = bisect.bisect_left(starts, number.amount.start)
        for j in range(max(0, middle - _NEAR), min(len(cues), middle + _NEAR)):
            cost = _cost(lower, number, cues[j], counted)
            if cost <= _MOST:
                heapq.heappush(heap, (cost, i, j, 0))
    done: dict[int, tuple[Cue, float]] = {}
    taken: dict[int, int] = {}
    while heap:
        cost, i, j, times = heapq.heappop(heap)
        if i in done:
            continue
        field = cues[j].field
        # What says nothing of pay, and a plan with two shares (match and cap), may have several.
        free = field in ("none", "count", "allowance", "retirement", "vesting", "total", "holiday_pay")
        if taken.get(j, 0) > times and not free:
            if times < 3 and cost + _TAKEN <= (
                _MOST if cues[j].end <= numbers[i].amount.start else _MOST_AFTER
            ):
                heapq.heappush(heap, (cost + _TAKEN, i, j, times + 1))
            continue
        done[i] = (cues[j], cost)
        taken[j] = taken.get(j, 0) + 1
    out = []
    for i, number in enumerate(numbers):
        if (
            i > 0
            and i - 1 in done
            and _AGAIN.fullmatch(lower, numbers[i - 1].amount.end, number.amount.start)
            and _can(done[i - 1][0], number, direct=False)
        ):
            # '68.400 € (12 x 5.700 €)' says the same twice.
            done[i] = done[i - 1]
        cue, cost = done.get(i, (None, 0.0))
        out.append(Found(number.amount, number.unit, cue, clause, cost))
    return out


def _cost(lower: str, number: Count, cue: Cue, numbers: Sequence[Count]) -> float:
    amount = number.amount
    before = cue.end <= amount.start
    inside = cue.start < max(amount.end, number.unit_end) and cue.end > amount.start
    gap = "" if inside else lower[cue.end : amount.start] if before else lower[amount.end : cue.start]
    if not _can(cue, number, before and bool(_DIRECT.fullmatch(gap))):
        return _MOST + 1
    if not before and _ANOTHER.search(gap):
        return _MOST + 1
    # Words after an amount belong to it only close by: 'CHF 220k + bonus' is no bonus of 220k.
    dear = 1.0 if before else 2.0
    cost = float(len(gap.strip())) + _COMMA * gap.count(",") + dear * _AND * len(_JOINTS.findall(gap))
    cost += dear * _PAREN * (gap.count("(") + 3 * gap.count(")")) + _TABLE * gap.count("|")
    cost += (0.0 if before else _AFTER) + _STOP * gap.count(". ")
    low, high = (cue.end, amount.start) if before else (amount.end, cue.start)
    between = sum(low <= n.amount.start < high and n.amount.kind != "plain" for n in numbers)
    if cue.field == "equity" and _A_SHARE.match(lower, amount.end):
        cost += _LABEL
    if cue.value == "weak":
        # 'Gross' and 'pay' stand in many sentences that are not about base pay.
        cost += 2 * _WEAK if cue.field == "base" else _WEAK
    # Another label stands between: 'Variable: 4 LPA, Retirals: 2 LPA'.
    cost += _LABEL * gap.lstrip(" |\n").count(":", 1)
    cost += _OTHER * between
    return cost if before or inside or cost <= _MOST_AFTER else _MOST + 1


def _can(cue: Cue, number: Count, direct: bool) -> bool:
    """Whether a cue's field can hold such an amount; `direct`: nothing but ':' or 'of' stands between."""
    takes = _AS.get(cue.field, set())
    amount = number.amount
    if amount.kind != "plain":
        return amount.kind in takes
    if number.unit:
        return ("unit share" if number.unit == "share" else number.unit) in takes
    if "plain" in takes:
        return True
    value = amount.high or amount.low or 0.0
    if "large" in takes:
        return direct and ((value >= _LEAST_PLAIN_PAY and value not in _YEARS) or bool(amount.readings))
    return direct and "direct" in takes
