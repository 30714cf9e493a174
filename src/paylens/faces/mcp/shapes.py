"""The shapes of answers in the form from which the protocol's library makes schemas."""

from __future__ import annotations

import functools
from dataclasses import is_dataclass
from typing import Any, NotRequired, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

import typing_extensions

__all__ = [
    "Career",
    "Choices",
    "Comparison",
    "Forecast",
    "Letter",
    "LetterField",
    "LetterQuestion",
    "Market",
    "Negotiation",
    "Unplaced",
    "readable",
]


class LetterField(TypedDict):
    """A field that a letter fills: its value, the letter's words and how they were taken."""

    field: str
    value: float | str | list[float]
    words: str
    how: str


class LetterQuestion(TypedDict):
    """A field that a letter leaves open, and what it could be."""

    field: str
    question: str
    candidates: list[dict[str, Any]]
    words: str


class Unplaced(TypedDict):
    """Money that an offer has no field for."""

    what: str
    words: str


class Choices(TypedDict):
    """Names that a field understands."""

    kind: str
    items: list[dict[str, str]]


class Letter(TypedDict):
    """What a letter states; `offer` can be given to compare_offers."""

    name: str
    language: str
    offer: dict[str, Any]
    fields: list[LetterField]
    range: dict[str, float | None] | None
    questions: list[LetterQuestion]
    unplaced: list[Unplaced]


class Comparison(TypedDict):
    """Offers over years; amounts in `currency`."""

    currency: str
    as_of: str
    years: int
    paths: int
    seed: int
    discount_rate: float
    basis: str
    offers: list[dict[str, Any]]
    comparisons: list[dict[str, Any]]
    changes: dict[str, Any] | None
    assumptions: dict[str, Any]
    notes: list[str]
    release: str


class Forecast(TypedDict):
    """Where pay is going; indices with now = 100, amounts in `currency`."""

    first_line: str
    currency: str
    as_of: str
    horizon: int
    real: bool
    level: dict[str, Any]
    basis: dict[str, Any]
    a_year: dict[str, float]
    years: list[dict[str, Any]]
    shifted: list[dict[str, Any]] | None
    scenarios: list[dict[str, Any]]
    history: list[dict[str, Any]]
    backtest: list[dict[str, Any]]
    notes: list[str]
    release: str


class Market(TypedDict):
    """What the market pays; each row is of one source, and says of which pay and of whom."""

    as_of: str
    currency: str | None
    unit: str | None
    order: str
    rows: list[dict[str, Any]]
    notes: list[str]
    release: str


class Career(TypedDict):
    """What raises pay, best first, with effort; the years ahead; one plan against another. Amounts in `currency`."""

    role: dict[str, Any]
    place: dict[str, Any]
    pay: str
    currency: str
    as_of: str
    horizon: int
    basis: str
    now: dict[str, Any]
    headline: str
    reasons: list[str]
    moves: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    together: dict[str, Any] | None
    path: dict[str, Any]
    comparison: dict[str, Any] | None
    premiums: dict[str, Any] | None
    taxes: dict[str, Any]
    assumptions: list[dict[str, Any]]
    notes: list[str]
    seed: int
    release: str


class Negotiation(TypedDict):
    """What to ask for an offer; amounts in `currency`."""

    offer: dict[str, Any]
    currency: str
    as_of: str
    basis: str
    walk_away: dict[str, Any]
    target: dict[str, Any]
    ask: dict[str, Any]
    packages: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    notes: list[str]
    release: str


@functools.cache
def readable(shape: Any) -> Any:
    """A TypedDict or a dataclass, and those within, as a TypedDict that the library takes.

    Before Python 3.12 it refuses the standard library's.
    """
    if is_typeddict(shape) or is_dataclass(shape):
        required = getattr(shape, "__required_keys__", None)
        fields = {
            name: readable(kind) if required is None or name in required else NotRequired[readable(kind)]
            for name, kind in get_type_hints(shape).items()
        }
        made = typing_extensions.TypedDict(getattr(shape, "__name__", "Answer"), fields)  # type: ignore[misc]
        kind: Any = made
        kind.__doc__ = shape.__doc__
        # An answer's new field is passed on before its shape names it.
        kind.__pydantic_config__ = {"extra": "allow"}
        return kind
    parts = get_args(shape)
    if not any(is_typeddict(part) or is_dataclass(part) for part in parts):
        return shape
    inner = [readable(part) for part in parts]
    if get_origin(shape) is list:
        return list[inner[0]]  # type: ignore[valid-type]
    return functools.reduce(lambda a, b: a | b, inner)
