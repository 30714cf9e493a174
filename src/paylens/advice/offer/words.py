"""A comparison of offers in words, for every face: its first line, and chances as frequencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["first_line", "futures", "over"]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
Answer = Mapping[str, Any]


def futures(chance: float) -> str:
    """A chance as a frequency that never says more than it knows."""
    n = round(100 * chance)
    if chance >= 1.0:
        return "every future simulated"
    if n >= 100:
        return "more than 99 of 100 futures"
    return f"{n} of 100 futures"


def over(years: int) -> str:
    """'over four years'."""
    return f"over {_NUMBERS[years]} year{'' if years == 1 else 's'}"


def first_line(answer: Answer, money: Callable[[float], str]) -> str:
    """Which offer is worth more, how surely, by how much; of one offer what it is worth. `money` writes an amount."""
    span = over(answer["years"])
    if not answer["comparisons"]:
        o = answer["offers"][0]
        return f"{o['name']} is worth {money(o['present']['p50'])} {span} in the middle one of 100 futures."
    c = answer["comparisons"][0]
    middle = c["difference"]["p50"]
    if abs(middle) < 1:
        return f"{c['a']} and {c['b']} are worth the same {span}."
    first = f"{c['a']} is worth more" + (f" than {c['b']}, the next," if len(answer["offers"]) > 2 else "")
    return f"{first} in {futures(c['chance'])}, by {money(middle)} {span} in the middle one."
