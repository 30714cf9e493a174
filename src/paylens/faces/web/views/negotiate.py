"""What to ask for: four figures on one axis, the evidence to cite, other packages, texts to say; the same as a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from paylens.advice.negotiate.brief import Brief, brief
from paylens.briefs.pdf import pdf
from paylens.charts import negotiation
from paylens.contract.errors import InputError
from paylens.faces.web.offered import SLOTS, allowed, answered, question, unfinished
from paylens.faces.web.view import Asked, File, View
from paylens.faces.web.views.offers import EXAMPLE, FORM, letter

__all__ = ["VIEW"]

_WHICH = "offer"


def answer(asked: Asked) -> Mapping[str, Any]:
    """What the template shows; without a question an example, which says so."""
    example = not asked
    if example:
        asked = Asked(asked.engine, {k: [v] for k, v in EXAMPLE.items()}, asked.say, asked.draw)
    asked.only(*allowed(), _WHICH)
    left_out = unfinished(asked)
    if not question(asked)[0]["offer"]:
        return {"nothing": True, "left_out": left_out}
    found, document = _brief(asked)

    def money(amount: float) -> str:
        return asked.say.money(amount, found["currency"])

    def exact(amount: float) -> str:
        return asked.say.money(amount, found["currency"], whole=True)

    return {
        "nothing": False, "left_out": left_out, "example": example, "found": found, "brief": document,
        "axis": asked.draw.figure(lambda w: negotiation(found, "", money=money, exact=exact, width=w), document.first_line),
        "marks": sorted(document.marks, key=lambda m: m.amount),
        "address_of": urlencode([(k, v) for k, values in asked.fields.items() for v in values]),
        "offers": urlencode([(k, v) for k, values in asked.fields.items() for v in values if k != _WHICH]),
    }  # fmt: skip


def _brief(asked: Asked) -> tuple[dict[str, Any], Brief]:
    asked.only(*allowed(), _WHICH)
    if asked.one("currency"):
        raise InputError("currency", asked.one("currency"), "is the offer's own here: leave it out")
    names = dict(zip(*reversed(_named(asked)), strict=True))
    which = asked.one(_WHICH)
    if which and which not in names:
        raise InputError(
            _WHICH, which, "is not one of the offers that are filled in", list(names) or list(SLOTS)
        )
    found = answered(asked, lambda file, more: asked.engine.negotiate(file, names.get(which), **more))

    def write(amount: float, currency: str, whole: bool) -> str:
        return asked.say.money(amount, currency, whole=whole)

    return found, brief(found, write)


def _named(asked: Asked) -> tuple[list[str], list[str]]:
    file, slots = question(asked)
    return [str(o["name"]) for o in file["offer"]], slots


def _pdf(asked: Asked) -> File:
    if not question(asked)[0]["offer"]:
        raise InputError("a.base", None, "base pay a year is needed, of one offer at least")
    return File(pdf(_brief(asked)[1]), "application/pdf", "negotiation.pdf")


VIEW = View("/negotiate", "Negotiate", "negotiate.html", answer, FORM, {"pdf": _pdf}, posted=letter)
