"""What a view is: a question in the address, an answer for a template. docs/page.md says how to add one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paylens.contract.errors import InputError, shown
from paylens.engine import Engine
from paylens.faces.web.drawing import Drawer
from paylens.faces.web.notation import Notation

__all__ = ["Asked", "File", "Posted", "View"]

_LONGEST = 4000


@dataclass(frozen=True)
class Asked:
    """One question as it came: its fields by name (those left empty are not among them), and what an answer needs.

    `sender` is the address that a form was sent from, for a view that must limit what one may send.
    """

    engine: Engine
    fields: Mapping[str, Sequence[str]]
    say: Notation
    draw: Drawer
    sender: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.fields)

    def one(self, name: str, default: str = "") -> str:
        """A field's text; InputError where it is given twice or is too long."""
        values = self.fields.get(name, ())
        if len(values) > 1:
            raise InputError(name, None, "is given twice")
        if values and len(values[0]) > _LONGEST:
            raise InputError(name, None, f"is longer than {_LONGEST} characters")
        return values[0] if values else default

    def only(self, *names: str) -> None:
        """InputError for a field that is not one of these."""
        for name in self.fields:
            if name not in names:
                raise InputError(shown(name), None, "is not a field of this page", names)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the fields that are filled in, as text."""
        return {name: text for name in names if (text := self.one(name))}


@dataclass(frozen=True)
class File:
    """An answer to keep: its bytes, their media type, and a name for it."""

    data: bytes
    kind: str
    name: str


@dataclass(frozen=True)
class Posted:
    """What becomes of a form that was sent by POST: the question's fields, and what the template shows beside the answer.

    Where `beside` is None the reader is sent to the address that holds the fields. With `alone` the fields are no question:
    nothing is answered but what stands beside.
    """

    fields: Mapping[str, list[str]]
    beside: Mapping[str, Any] | None = None
    alone: bool = False


@dataclass(frozen=True)
class View:
    """One page: where it is, its name in the navigation, its template, and what answers it.

    `answer` gives what the template shows; an InputError is shown beside the field that it names, with everything that was
    typed still there. `files` are other forms of the same answer, by what `as` in the address says;
    `lists` are what its form offers to choose from, there also where there is no answer. `posted` reads what is too long for an
    address or must not be in one; `most_bytes` is how much that may be, `sender_header` where a proxy names who sent it.
    A page that is `secret` holds something of its reader's own, which no browser may keep.
    `needs` is a file that a release must hold for the view to be there.
    """

    path: str
    name: str
    template: str
    answer: Callable[[Asked], Mapping[str, Any]] = field(repr=False)
    lists: Mapping[str, Any] = field(default_factory=dict, repr=False)
    files: Mapping[str, Callable[[Asked], File]] = field(default_factory=dict, repr=False)
    posted: Callable[[Asked], Posted] | None = field(default=None, repr=False)
    most_bytes: int = 1 << 20
    sender_header: str = ""
    secret: bool = False
    needs: str = ""
