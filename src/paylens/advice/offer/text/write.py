"""A letter as read, as an offer file (TOML): each value with the letter's words, each blank with what it could be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from paylens.advice.offer.text.read import Field, Question, Read, Value

__all__ = ["HEAD", "offer_toml"]

HEAD: Final = """\
# Check each value against the letter's own words, which stand beside it. A line
# that begins with '#' and ends in '?' is blank: the letter is not sure. Write
# one of the values below it, take away the '#', or delete the line.
# Who you are, for the comparison with the market ([me]) is yours to add.
"""
_PARTS: Final = ("", "equity", "espp", "benefits", "work")
_MARGIN = 34


def offer_toml(read: Read, name: str | None = None) -> str:
    """One `[[offer]]` of an offer file, which `tomllib` reads back to `read.offer()`.

    `name` stands in for the offer's own where another offer has that. Blank fields are comments: `# base = ?`, its
    candidates below it; an advertised range of base pay is `# base_low` and `# base_high`.
    """
    lines = ["[[offer]]", f"name = {_value(name or read.name)}"]
    for part in _PARTS:
        fields = [f for f in read.fields if f.field.rpartition(".")[0] == part]
        questions = [q for q in read.questions if q.field.rpartition(".")[0] == part]
        if part and (fields or questions):
            lines += ["", f"[offer.{part}]" if fields else f"# [offer.{part}]"]
        lines += _ordered(read, fields, questions)
    if read.unplaced:
        lines += ["", "# In no field:"]
        lines += [f"#   {_plain(one.what)}: {_quoted(one.words)}" for one in read.unplaced]
    return "\n".join(lines) + "\n"


def _ordered(read: Read, fields: Sequence[Field], questions: Iterable[Question]) -> list[str]:
    lines = [_line(f"{f.field.rpartition('.')[2]} = {_value(f.value)}", f.how, f.words) for f in fields]
    for question in questions:
        name = question.field.rpartition(".")[2]
        lines.append(_line(f"# {name} = ?", question.question, question.words))
        if question.field == "base" and (read.low is not None or read.high is not None):
            ends = (("base_low", read.low), ("base_high", read.high))
            lines += [f"#   {end} = {_value(value)}" for end, value in ends if value is not None]
            continue
        for one in question.candidates:
            lines.append(_line(f"#   {name} = {_value(one.value)}", one.meaning, ""))
    return lines


def _line(left: str, how: str, words: str) -> str:
    note = _plain(how)
    note = f"{note}: {_quoted(words)}" if note and words else _quoted(words) if words else note
    return f"{left:<{_MARGIN}} # {note}" if note else left


def _value(value: Value) -> str:
    if isinstance(value, str):
        return json.dumps(_plain(value), ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _quoted(words: str) -> str:
    return f'"{_plain(words)}"'


def _plain(text: str) -> str:
    """A text on one line, of letters that a TOML comment and string can hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
