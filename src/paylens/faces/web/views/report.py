"""What you are paid, told to a community: one page, a receipt that is shown once, and with it the report back, another or none.

Nothing of it is in an address: all of it is sent by POST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from paylens.contract.errors import InputError
from paylens.contract.report import REPORT_FIELDS, ReportDesk
from paylens.contract.vocabularies import skills
from paylens.faces.web.forms import NAMES, OPTIONS
from paylens.faces.web.notation import amount
from paylens.faces.web.offered import listed, number
from paylens.faces.web.view import Asked, Posted, View
from paylens.places import geography

__all__ = ["view"]

_RECEIPT, _CODE, _DO = "receipt", "code", "do"
_AMOUNTS: Final = ("base", "bonus", "equity")
_YEARS: Final = ("years_experience", "years_coding", "years_ml")
_SHOWN: Final = ("base", "bonus", "equity", "currency", "month")
_MOST_BYTES: Final = 16 << 10
_LABELS: Final = {
    **NAMES, "base": "Base a year", "bonus": "Bonus a year", "equity": "Shares a year", "month": "Month",
    "years_coding": "Years of coding", "years_ml": "Years of machine learning", "country": "Country", "state": "State",
}  # fmt: skip
_LEVELS: Final = {
    "none": "not verified",
    "code": "verified by an invitation",
    "document": "verified by a document",
}


def view(desk: ReportDesk) -> View:
    """The page of a desk."""

    def answer(asked: Asked) -> Mapping[str, Any]:
        if asked:
            raise InputError("", None, "a report is never part of an address: fill in the form")
        # Sent along, so that pressing twice sends one report.
        return {"token": desk.new_token()}

    lists = {"terms": desk.terms(), "beside": None, "labels": _LABELS, "levels": _LEVELS, "token": ""}
    return View(
        "/report", "Report", "report.html", answer, lists, posted=lambda asked: _posted(desk, asked),
        most_bytes=_MOST_BYTES, sender_header=desk.rules.source_header.lower(), secret=True,
    )  # fmt: skip


def _posted(desk: ReportDesk, asked: Asked) -> Posted:
    """What becomes of one of the page's forms."""
    does: dict[str, Callable[[ReportDesk, Asked, bytes], Posted]] = {
        "send": _send, "read": _read, "correct": _correct, "delete": _delete,
    }  # fmt: skip
    do = does.get(asked.one(_DO, "send"))
    if do is None:
        raise InputError(_DO, asked.one(_DO), "is not something that this page does", tuple(does))
    return do(desk, asked, desk.source_hash(asked.sender))


def _report(asked: Asked) -> dict[str, object]:
    """The report that was filled in, numbers as numbers."""
    asked.only(*REPORT_FIELDS, _RECEIPT, _CODE, _DO)
    out: dict[str, object] = dict(asked.given(*REPORT_FIELDS))
    for name in _AMOUNTS:
        if name in out:
            out[name] = 0.0 if asked.one(name).strip() == "0" else amount(name, asked.one(name))
    for name in _YEARS:
        if name in out:
            out[name] = number(name, asked.one(name))
    if "skills" in out:
        out["skills"] = listed(asked.one("skills"))
    if "currency" in out:
        out["currency"] = asked.one("currency").strip().upper()
    return out


def _token(asked: Asked) -> str:
    token = asked.one(_RECEIPT).strip()
    if not token:
        raise InputError(_RECEIPT, None, "is needed: it was shown when the report was sent")
    return token


def _send(desk: ReportDesk, asked: Asked, source: bytes) -> Posted:
    receipt = desk.submit(
        _report(asked), asked.one(_CODE).strip() or None, source, asked.one(_RECEIPT).strip() or None
    )
    return Posted({}, {"done": "sent", **_taken(receipt, asked)}, alone=True)


def _correct(desk: ReportDesk, asked: Asked, source: bytes) -> Posted:
    receipt = desk.correct(_token(asked), _report(asked), source)
    return Posted({}, {"done": "corrected", **_taken(receipt, asked)}, alone=True)


def _delete(desk: ReportDesk, asked: Asked, source: bytes) -> Posted:
    asked.only(_RECEIPT, _DO)
    desk.delete(_token(asked), source)
    return Posted({}, {"done": "deleted"}, alone=True)


def _read(desk: ReportDesk, asked: Asked, source: bytes) -> Posted:
    """The report back in the form, to be looked at or corrected."""
    asked.only(_RECEIPT, _DO)
    report, level = desk.read(_token(asked), source)
    fields = {
        name: [_named(value) if isinstance(value, list | tuple) else f"{value:.15g}" if isinstance(value, float) else str(value)]
        for name, value in report.fields().items() if name in REPORT_FIELDS
    }  # fmt: skip
    given = report.fields()
    fields["role"] = [given["role_asked"]]
    fields["location"] = [_place(given)]
    if given.get("employer_asked"):
        fields["employer"] = [given["employer_asked"]]
    return Posted({**fields, _RECEIPT: [_token(asked)]}, {"done": "read", "level": level}, alone=True)


def _taken(receipt: Any, asked: Asked) -> dict[str, Any]:
    """A receipt and the report as it was understood."""
    fields = receipt.report.fields()
    rows = [("Role", fields["role_asked"]), ("Place", _place(fields))]
    rows += [
        (_LABELS.get(name, name.replace("_", " ")), _written(name, value, fields["currency"], asked))
        for name, value in fields.items()
        if name not in ("role", "role_asked", "country", "state", "metro", "employer_asked", "currency")
    ]
    return {"receipt": receipt.token, "level": receipt.level, "notes": receipt.notes, "rows": rows}


def _written(name: str, value: Any, currency: str, asked: Asked) -> str:
    if name in _AMOUNTS:
        return asked.say.money(value, currency, whole=True)
    if isinstance(value, list | tuple):
        return _named(value)
    if isinstance(value, str):
        return dict(OPTIONS.get(name, [])).get(value, value)
    return asked.say.number(value, 1 if value % 1 else 0) if isinstance(value, float) else str(value)


def _named(found: Sequence[str]) -> str:
    known = {e.id: e.label for e in skills().entries}
    return ", ".join(known.get(one, one) for one in found)


def _place(fields: Mapping[str, Any]) -> str:
    kind = next(k for k in ("metro", "state", "country") if fields.get(k))
    return str(geography.of_id(kind, fields[kind]).label)
