"""What is read out of a letter: fields with the words they came from, and questions where the text is not sure."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from paylens.advice.offer.text.assign import Found
from paylens.advice.offer.text.cues import Cue

__all__ = ["Candidate", "Draft", "Field", "Question", "Read", "Unplaced", "Value"]

Value = float | str | list[float]
_LONGEST_WORDS = 72
_MOST_CANDIDATES = 6
MOST_OF_A_KIND = 24
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the offer file ('equity.grant_value'), its value, the letter's words and how they were taken."""

    field: str
    value: Value
    words: str
    how: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a field could have, and what the words would then mean."""

    value: Value
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """A field that is left blank, why, and what it could be."""

    field: str
    question: str
    candidates: tuple[Candidate, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An amount that the offer file has no field for, and what the letter calls it."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Read:
    """A letter as read. `fields` are in the order of the offer file; `low` and `high` are an advertised range of base
    pay a year, in which case base itself is a question."""

    name: str
    language: str
    fields: tuple[Field, ...]
    questions: tuple[Question, ...]
    unplaced: tuple[Unplaced, ...]
    low: float | None = None
    high: float | None = None

    def value(self, name: str) -> Value | None:
        """The value of a field; None where it is blank."""
        return next((f.value for f in self.fields if f.field == name), None)

    def asked(self, name: str) -> Question | None:
        """The question about a field, if there is one."""
        return next((q for q in self.questions if q.field == name), None)

    def offer(self) -> dict[str, Any]:
        """The filled fields as one [[offer]] of the offer file."""
        out: dict[str, Any] = {"name": self.name}
        for one in self.fields:
            part, _, name = one.field.rpartition(".")
            (out.setdefault(part, {}) if part else out)[name] = one.value
        return out

    def as_json(self) -> dict[str, Any]:
        """The shape that docs/interface.md gives."""
        return {
            "name": self.name,
            "language": self.language,
            "offer": self.offer(),
            "fields": [
                {"field": f.field, "value": f.value, "words": f.words, "how": f.how} for f in self.fields
            ],
            "range": None if self.low is None and self.high is None else {"low": self.low, "high": self.high},
            "questions": [
                {
                    "field": q.field,
                    "question": q.question,
                    "candidates": [{"value": c.value, "meaning": c.meaning} for c in q.candidates],
                    "words": q.words,
                }
                for q in self.questions
            ],
            "unplaced": [{"what": u.what, "words": u.words} for u in self.unplaced],
        }


@dataclass
class Draft:
    """A text while it is read: its amounts with their words, and what has been made of them so far."""

    text: str
    lower: str
    language: str
    found: list[Found]
    cues: list[Cue]
    currency: str | None = None
    fields: dict[str, Field] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    low: float | None = None
    high: float | None = None

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [f.amount.start for f in self.found]

    def of(self, name: str) -> list[Found]:
        """The amounts whose words mean a field, nearest pairs first."""
        found = sorted((f for f in self.found if f.cue and f.cue.field == name), key=lambda f: f.cost)
        return found[:MOST_OF_A_KIND]

    def next_amount(self, one: Found) -> int:
        """Where the next amount of the same clause begins, else where the clause ends."""
        at = bisect.bisect_left(self._starts, one.amount.end)
        return min(one.clause[1], self._starts[at] if at < len(self._starts) else one.clause[1])

    def previous_amount(self, one: Found) -> int:
        """Where the amount before in the same clause ends, else where the clause begins."""
        at = bisect.bisect_left(self._starts, one.amount.start) - 1
        return max(one.clause[0], self.found[at].amount.end if at >= 0 else 0)

    def fill(self, name: str, value: Value, words: str, how: str = "") -> None:
        """Put a value into a field."""
        self.fields[name] = Field(name, value, words, how)

    def ask(self, name: str, question: str, candidates: Sequence[Candidate], words: str) -> None:
        """Leave a field blank and say what it could be."""
        unlike: dict[str, Candidate] = {}
        for one in candidates:
            unlike.setdefault(repr(one.value), one)
        self.questions.setdefault(
            name, Question(name, question, tuple(unlike.values())[:_MOST_CANDIDATES], words)
        )

    def words(self, one: Found) -> str:
        """The letter's own words for an amount: from its cue to its end and a little more, inside its clause."""
        start, end = one.clause
        first, last = one.amount.start, one.amount.end
        if one.cue is not None and one.cost < _LONGEST_WORDS:
            first, last = min(first, one.cue.start), max(last, one.cue.end)
        if end - start > _LONGEST_WORDS:
            start, end = max(start, first), min(end, max(last, first + _LONGEST_WORDS - 12))
        return self.quote(start, end)

    def quote(self, start: int, end: int) -> str:
        """Characters of the text on one line, whole words, cut when long."""
        least, most = max(0, start - _LONGEST_WORD), min(len(self.text), end + _LONGEST_WORD)
        while start > least and self.text[start - 1].isalnum() and self.text[start].isalnum():
            start -= 1
        while 0 < end < most and self.text[end - 1].isalnum() and self.text[end].isalnum():
            end += 1
        end = min(end, start + 4 * _LONGEST_WORDS)
        line = " ".join("".join(c if c.isprintable() else " " for c in self.text[start:end]).split()).strip(
            " -•*|"
        )
        return line if len(line) <= _LONGEST_WORDS else line[: _LONGEST_WORDS - 1].rstrip() + "…"
