"""The errors a user can cause, each of them one line."""

from collections.abc import Sequence
from typing import Any

__all__ = ["InputError", "MissingExtra", "PaylensError", "ReleaseError"]

_SHOWN = 80
_CANDIDATES_SHOWN = 5


class PaylensError(Exception):
    """Anything foreseen: one line that says what was wrong, where, and what to do (exit code 2)."""

    def __str__(self) -> str:
        return " ".join(super().__str__().split())


class InputError(PaylensError):
    """A value that was given is wrong.

    `field` is the name of the field as the user writes it ("location"), `value` what was given, `message` a
    sentence without the field's name, `candidates` what may have been meant, nearest first.
    """

    def __init__(self, field: str, value: object, message: str, candidates: Sequence[str] = ()) -> None:
        self.field = field
        self.value = value
        self.message = " ".join(message.split())
        self.candidates: tuple[str, ...] = tuple(candidates)
        super().__init__(field, value, message, self.candidates)

    def __str__(self) -> str:
        text = f"{self.field}: {self.message}" if self.field else self.message
        if self.candidates:
            text += " (nearest: " + ", ".join(self.candidates[:_CANDIDATES_SHOWN]) + ")"
        return " ".join(text.split())

    def problem(self) -> dict[str, Any]:
        """The JSON form of the error: field, message, candidates."""
        return {"field": self.field, "message": self.message, "candidates": list(self.candidates)}


class ReleaseError(PaylensError):
    """A release that cannot be read: missing, damaged, or of another schema."""


class MissingExtra(PaylensError):
    """An optional library that a command needs is not installed."""

    def __init__(self, name: str, extra: str) -> None:
        self.name = name
        self.extra = extra
        super().__init__(
            f"{name} is not installed; this needs the extra '{extra}': pip install 'paylens[{extra}]'"
        )


def shown(value: object) -> str:
    """A value as an error message quotes it: on one line, cut when long."""
    text = " ".join(str(value).split()) if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
