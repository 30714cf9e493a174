"""The questions as JSON: an object in, the documented object out; the same for HTTP and for an assistant's tools.

A new question is one function and one line in `QUESTIONS`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paylens.advice.offer.text.letter import read_letter
from paylens.advice.take_home import TakeHome
from paylens.advice.take_home import take_home as after_tax
from paylens.contract import table
from paylens.contract.answer import Estimate
from paylens.contract.career import Career
from paylens.contract.errors import InputError, shown
from paylens.contract.forecast import Forecast
from paylens.contract.market import Market
from paylens.contract.negotiation import Negotiation
from paylens.contract.offered import Comparison, Letter
from paylens.contract.vocabulary import nearest_names
from paylens.engine import Engine

__all__ = [
    "QUESTIONS",
    "Fields",
    "Question",
    "benchmark",
    "career",
    "compare_offers",
    "estimate",
    "estimates",
    "forecast",
    "negotiate",
    "read_offer",
    "take_home",
]

Fields = Mapping[str, Any]
_OPTIONS = ("years", "paths", "seed", "as_of", "before_tax")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class _AfterTax:
    """What take-home pay is asked of; amounts a year in the place's currency."""

    gross: float | None = table.amount(None)
    location: str | None = table.text()
    equity: float = table.amount(0.0)
    filing: str = table.word(("single", "married"), "single")
    as_of: str | None = table.text()


@dataclass(frozen=True)
class Question:
    """One question: its path under /v1, what it answers, an example, its answer's shape, whether it takes more than a moment.

    A shape is a TypedDict or a dataclass; without one the answer is described as an object. `many` answers some at once,
    each with its answer or `{"row", "error"}`.
    """

    path: str
    title: str
    answer: Callable[[Engine, Fields], dict[str, Any]]
    example: dict[str, Any]
    shape: Any = dict
    slow: bool = True
    many: Callable[[Engine, Sequence[Fields]], list[dict[str, Any]]] | None = None
    most_bytes: int = 256 << 10


def estimate(engine: Engine, fields: Fields) -> dict[str, Any]:
    """What someone like this is paid: a profile's fields."""
    return engine.estimate(fields).to_dict()


def estimates(engine: Engine, asked: Sequence[Fields]) -> list[dict[str, Any]]:
    """The same for some people at once; of one that can't be answered the error."""
    return engine.answers(asked)


def benchmark(engine: Engine, fields: Fields) -> dict[str, Any]:
    """What the market pays: a profile's fields and by, source, adjust, sort, top, compare, guide."""
    return engine.benchmark(fields).to_dict()


def career(engine: Engine, fields: Fields) -> dict[str, Any]:
    """What raises pay: a profile's fields and moves, together, places, path, against, horizon, efforts, premiums and the rest."""
    return engine.career(fields).to_dict()


def forecast(engine: Engine, fields: Fields) -> dict[str, Any]:
    """Where pay is going: a profile's fields and horizon, real, demand, technology, globalisation."""
    # An older release is a path on this machine: that is for the command and the library.
    if "since" in fields:
        raise InputError("since", None, "is not a known field here: ask it of the command or the library")
    return engine.forecast(fields).to_dict()


def read_offer(_: Engine, fields: Fields) -> dict[str, Any]:
    """What a letter states: its `text`, and a `name` for where it names no employer."""
    _known(fields, ("text", "name"))
    text, name = fields.get("text"), fields.get("name", "offer")
    if not isinstance(text, str):
        raise InputError("text", text, f"must be the letter's text, not {shown(text)}")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise InputError("name", None, f"must be text of 1 to {_LONGEST_NAME} characters")
    return read_letter(text, name).as_json()


def compare_offers(engine: Engine, fields: Fields) -> dict[str, Any]:
    """Offers over years: `me` and `offer` as in an offer file, and the options years, paths, seed, as_of, before_tax, currency."""
    file, options = _split(fields, (*_OPTIONS, "currency"))
    return engine.compare_offers(file, **options)


def negotiate(engine: Engine, fields: Fields) -> dict[str, Any]:
    """What to ask for one offer of a file, the one called `name`: with years, paths, seed, as_of, before_tax."""
    file, options = _split(fields, (*_OPTIONS, "name"))
    return engine.negotiate(file, options.pop("name", None), **options)


def take_home(_: Engine, fields: Fields) -> dict[str, Any]:
    """Pay after tax: gross, location, equity, filing, foreigner, as_of."""
    asked = dict(fields)
    foreigner = asked.pop("foreigner", None)
    if not isinstance(foreigner, bool | None):
        raise InputError("foreigner", foreigner, f"must be true or false, not {shown(foreigner)}")
    values, _given = table.read(_AfterTax, asked, "", more=("foreigner",))
    question = _AfterTax(**values)
    if question.gross is None:
        raise InputError("gross", None, "is needed: cash a year before tax, in the place's currency")
    if question.location is None:
        raise InputError("location", None, "is needed: a city, US state or metro, Canadian province, country")
    return after_tax(
        question.gross,
        question.location,
        as_of=question.as_of or f"{datetime.date.today():%Y-%m}",
        filing=question.filing,
        equity=question.equity,
        citizen=not foreigner,
    ).as_dict()


def _known(fields: Fields, names: tuple[str, ...]) -> None:
    for name in fields:
        if name not in names:
            near = nearest_names(name[:_LONGEST_NAME], names)
            raise InputError(name[:_LONGEST_NAME], None, "is not a known field here", near)


def _split(fields: Fields, options: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An offer file, and the options that were given beside it."""
    given = {k: v for k, v in fields.items() if k in options and v is not None}
    if not isinstance(given.get("before_tax", False), bool):
        raise InputError(
            "before_tax", given["before_tax"], f"must be true or false, not {shown(given['before_tax'])}"
        )
    for name in ("as_of", "currency", "name"):
        if name in given and not isinstance(given[name], str):
            raise InputError(name, given[name], f"must be text, not {shown(given[name])}")
    return {k: v for k, v in fields.items() if k not in options}, given


_TWO_OFFERS: Final = {
    "me": {"role": "machine learning engineer", "years_experience": 6},
    "offer": [
        {"name": "Northwind", "location": "Berlin", "base": 95000, "bonus": 0.1},
        {
            "name": "Contoso",
            "location": "Berlin",
            "base": 88000,
            "equity": {"kind": "rsu", "grant_value": 60000, "company": "listed"},
        },
    ],
    "as_of": "2026-11",
}
QUESTIONS: Final = (
    Question(
        "estimate",
        "What someone like this is paid",
        estimate,
        {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "skills": ["PyTorch", "AWS"]},
        Estimate,
        slow=False,
        many=estimates,
    ),
    Question(
        "offers/read",
        "What an offer letter or job ad states",
        read_offer,
        {
            "text": "We offer you the role of ML engineer in Berlin. Salary: EUR 85,000 a year.",
            "name": "offer",
        },
        Letter,
        most_bytes=3 << 20,  # a letter's longest text, each character escaped
    ),
    Question("offers/compare", "Offers side by side over years", compare_offers, _TWO_OFFERS, Comparison),
    Question(
        "negotiate", "What to ask for an offer", negotiate, _TWO_OFFERS | {"name": "Northwind"}, Negotiation
    ),
    Question(
        "benchmark",
        "What the market pays, each source beside the others",
        benchmark,
        {"role": "ML engineer", "location": "Europe", "by": "seniority", "as_of": "2026-11"},
        Market,
    ),
    Question(
        "career",
        "What raises pay, what it takes, and the years ahead",
        career,
        {
            "role": "data scientist",
            "location": "Berlin",
            "years_experience": 3,
            "education": "bachelor",
            "skills": ["Python"],
            "path": "master",
            "as_of": "2026-11",
        },
        Career,
    ),
    Question(
        "forecast",
        "Where pay is going, with its back-test and scenarios",
        forecast,
        {"role": "ML engineer", "location": "Germany", "horizon": 5, "demand": -0.2, "as_of": "2026-11"},
        Forecast,
    ),
    Question(
        "take-home",
        "What is left of a year's pay after tax",
        take_home,
        {"gross": 90000, "location": "London", "as_of": "2026-11"},
        TakeHome,
    ),
)
