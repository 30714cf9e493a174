"""Shapes of answers in the form from which the protocol's library makes schemas."""

from __future__ import annotations

import functools
from dataclasses import is_dataclass
from typing import Any, Literal, NotRequired, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

import typing_extensions

from paylens.advice.choices import Choice

__all__ = ["Choices", "readable"]


class Choices(TypedDict):
    """Names that a field understands."""

    kind: str
    items: list[Choice]


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
    origin, parts = get_origin(shape), get_args(shape)
    if origin is None or origin is Literal:
        return shape
    inner = tuple(readable(part) for part in parts)
    if origin in (list, dict):
        return origin[inner]
    return functools.reduce(lambda a, b: a | b, inner)
