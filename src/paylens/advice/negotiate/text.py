"""What to write and say: texts from templates with named figures, each number of them checked against the answer.

A template is one line a sentence. A line that names a figure or a word which the answer lacks is left out; a line `{word}`
keeps the line before it only where that word holds. No template holds a digit: numbers come from figures alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final

from paylens.advice.negotiate.figures import Write, figures, plainly, reread, words

__all__ = ["check", "fill", "texts", "unverified"]

FOLDER: Final = Path(__file__).parent / "texts"
_NUMBER: Final = re.compile(r"\d(?:[\d.,'’\u00a0\u202f ]*\d)?")
_CONDITION: Final = re.compile(r"\{(\w+)\}")


def texts(answer: Mapping[str, Any], write: Write = plainly) -> dict[str, Any]:
    """`texts` and `figures` of an answer; `write(amount, currency, whole)` is how money is written.

    Raises AssertionError should a text hold a number that is not the answer's: that is our fault, never the reader's.
    """
    found = figures(answer, write)
    named = words(answer)
    shown = {name: row["shown"] for name, row in found.items()}
    which = answer["verdict"]
    out = {
        "first_line": " ".join(fill("first_line", shown, named)), "email": "\n".join(fill(f"email_{which}", shown, named)).strip(),
        "call": [line for line in fill(f"call_{which}", shown, named) if line],
        "leave": [line for line in fill("leave", shown, named) if line], "replies": _replies(shown, named),
    }  # fmt: skip
    result = {"texts": out, "figures": found}
    problems = check({**answer, **result}, write)
    if problems:
        raise AssertionError("; ".join(problems))
    return result


@functools.cache
def _template(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def fill(name: str, shown: Mapping[str, str], named: Mapping[str, str]) -> list[str]:
    """A template's lines with what the answer has; runs of blank lines become one."""
    return _filled(_template(name).splitlines(), {**shown, **named})


def _filled(lines: list[str], values: Mapping[str, str]) -> list[str]:
    out: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        condition, own = _CONDITION.fullmatch(after), _CONDITION.fullmatch(line)
        needs = set(Template(line).get_identifiers()) | ({condition.group(1)} if condition else set())
        if own or not needs <= values.keys() or (not line and (not out or not out[-1])):
            continue
        out.append(Template(line).substitute(values))
    return out


def _replies(shown: Mapping[str, str], named: Mapping[str, str]) -> list[dict[str, str]]:
    rows = []
    for block in _template("replies").strip().split("\n\n"):
        they, *you = _filled(block.splitlines(), {**shown, **named})
        rows.append({"they": they, "you": " ".join(you)})
    return rows


def check(answer: Mapping[str, Any], write: Write = plainly) -> list[str]:
    """What is wrong with an answer's texts: figures that are not the answer's at their rounding, numbers that are no figure."""
    out = [
        f"{name}: {row['shown']} is not {row['of']}"
        for name, row in answer["figures"].items()
        if not _same(reread(answer, row, write), row)
    ]
    said = answer["texts"]
    for name in ("first_line", "email"):
        out += _odd(name, said[name], answer)
    for name in ("call", "leave"):
        out += [p for line in said[name] for p in _odd(name, line, answer)]
    return out + [p for row in said["replies"] for p in _odd("replies", row["you"], answer)]


def _same(now: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
    return now is not None and now["value"] == row["value"] and now["shown"] == row["shown"]


def _odd(name: str, text: str, answer: Mapping[str, Any]) -> list[str]:
    shown = [row["shown"] for row in answer["figures"].values()]
    return [
        f"{name}: {number} is not a figure of the answer"
        for number in unverified(text, shown, list(words(answer).values()))
    ]


def unverified(text: str, shown: list[str], named: list[str]) -> list[str]:
    """The numbers in a text that are none of the figures as shown, nor part of a name that the answer gives."""
    for word in sorted((w for w in named if _NUMBER.search(w)), key=len, reverse=True):
        # Where it stands by itself: a name such as '3' lends no digit to an amount.
        text = re.sub(rf"(?<![\d.,]){re.escape(word)}(?!\d|[.,]\d)", "", text)
    allowed = {number for figure in shown for number in _NUMBER.findall(figure)}
    return [number for number in _NUMBER.findall(text) if number not in allowed]
