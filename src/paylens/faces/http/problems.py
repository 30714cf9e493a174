"""What goes wrong, as RFC 9457 problem details: one JSON object with the field and what may have been meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from paylens.contract.errors import InputError, MissingExtra, PaylensError, ReleaseError
from paylens.faces.desk import Unanswered

__all__ = ["Problem", "of_error"]

_GONE = 499
_TITLES = {
    _GONE: "Client closed the connection",
    400: "Malformed JSON",
    413: "Too large",
    415: "Not JSON",
    422: "Not understood",
}
_MOST_SHOWN = 200


class Problem(Exception):
    """An answer that is a problem: its `status`, `message`, and where one is to blame its `field` and `candidates`."""

    def __init__(
        self,
        status: int,
        message: str,
        field: str = "",
        candidates: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.candidates = list(candidates)
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON object."""
        detail = f"{self.field}: {self.message}" if self.field else self.message
        return {
            "type": "about:blank",
            "title": _TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": detail,
            "field": self.field or None,
            "message": self.message,
            "candidates": self.candidates,
        }

    def response(self) -> Response:
        """The response, which nobody may keep."""
        return Response(
            msgspec.json.encode(self.body()),
            self.status,
            {"cache-control": "no-store", **self.headers},
            "application/problem+json",
        )


def of_error(error: PaylensError) -> Problem:
    """The problem that a foreseen error is: 422 for a value, 501 for a library that is not there, 500 for a release."""
    if isinstance(error, InputError):
        return Problem(422, error.message, error.field[:_MOST_SHOWN], error.candidates)
    if isinstance(error, Unanswered):
        return Problem(503, str(error), headers={"retry-after": str(error.retry_after)})
    if isinstance(error, MissingExtra):
        return Problem(501, str(error))
    return Problem(500 if isinstance(error, ReleaseError) else 422, str(error))
