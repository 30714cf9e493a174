"""The tools: what an assistant sees of each question, its fields and words, and how they become the question's own fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from paylens.advice.offer.text.letter import LARGEST_TEXT
from paylens.faces.questions import QUESTIONS, Question

__all__ = ["Asked", "Kind", "asked"]

Years = Annotated[float | None, Field(ge=0, le=60)]
Month = Annotated[str | None, Field(description="YYYY-MM; default: this month")]
Kind = Literal["roles", "skills", "places", "industries", "employers", "seniorities", "educations"]
_LONGEST_EXAMPLE = 400


class Asked(NamedTuple):
    """A question as a tool: its name, words, and a function from the tool's fields to those of the question."""

    question: Question
    name: str
    words: str
    fields: Callable[..., dict[str, Any]]


def asked(questions: Sequence[Question] = QUESTIONS) -> list[Asked]:
    """A tool for each question. One without fields of its own below takes them as an object."""
    return [_named(question) for question in questions]


def _named(question: Question) -> Asked:
    known = _FIELDS.get(question.path)
    if known is not None:
        return Asked(question, known.__name__, known.__doc__ or question.title, known)
    name = question.path.replace("/", "_").replace("-", "_")
    example = json.dumps(question.example)
    shown = f", for example {example}" if len(example) <= _LONGEST_EXAMPLE else ""

    def fields(fields: dict[str, Any]) -> dict[str, Any]:
        return fields

    return Asked(question, name, f"{question.title}. `fields` holds the question's fields{shown}", fields)


def estimate(
    role: Annotated[str, Field(description="a job title, in the person's own words")],
    years_experience: Years = None,
    years_coding: Years = None,
    years_ml: Years = None,
    seniority: Annotated[
        str | None, Field(description="entry, mid, senior, staff, principal; or 'L5'")
    ] = None,
    education: str | None = None,
    skills: list[str] | None = None,
    location: Annotated[str | None, Field(description="city, US metro or state, country, region")] = None,
    industry: str | None = None,
    company_size: Annotated[
        float | str | None, Field(description="employees: 250, '51-200', 'startup'")
    ] = None,
    employer: str | None = None,
    remote: Annotated[str | None, Field(description="onsite, hybrid, remote")] = None,
    as_of: Month = None,
    pay: Annotated[str | None, Field(description="base, cash (base and bonus; the default), total")] = None,
    currency: Annotated[str | None, Field(description="ISO 4217; default: the place's own")] = None,
    as_reported_in: Annotated[str | None, Field(description="answer as this source would report")] = None,
) -> dict[str, Any]:
    """What someone like this is paid a year before tax: percentiles, what each fact changes, evidence, confidence."""
    return _given(locals())


def read_offer(
    text: Annotated[str, Field(description="the letter or job ad, whole", max_length=LARGEST_TEXT)],
    name: str = "offer",
) -> dict[str, Any]:
    """What an offer letter or job ad states, with its own words, and what it leaves open."""
    return {"text": text, "name": name}


def compare_offers(
    offers: Annotated[
        list[dict[str, Any]],
        Field(
            description="1 to 10 offers: name, base; location, bonus, sign_on, equity {kind, grant_value, vesting} ..."
        ),
    ],
    me: Annotated[
        dict[str, Any] | None,
        Field(description="a profile's fields, and current: the present job as an offer"),
    ] = None,
    years: Annotated[int | None, Field(ge=1, le=10)] = None,
    paths: int | None = None,
    seed: int | None = None,
    as_of: Month = None,
    currency: str | None = None,
    before_tax: bool | None = None,
) -> dict[str, Any]:
    """Offers side by side over years: cash, sure, paper; the chance that one is worth more; what would change it."""
    options: dict[str, Any] = {"years": years, "paths": paths, "seed": seed, "as_of": as_of}
    options |= {"currency": currency, "before_tax": before_tax}
    return {"offer": offers, "me": me or {}, **_given(options)}


def negotiate(
    offers: Annotated[list[dict[str, Any]], Field(description="as in compare_offers; one is enough")],
    me: Annotated[dict[str, Any] | None, Field(description="a profile's fields; role is needed")] = None,
    name: Annotated[str | None, Field(description="the offer's name; default: the one worth most")] = None,
    years: Annotated[int | None, Field(ge=1, le=10)] = None,
    paths: int | None = None,
    seed: int | None = None,
    as_of: Month = None,
    before_tax: bool | None = None,
) -> dict[str, Any]:
    """What to ask for an offer, be content with and refuse; evidence to cite, packages, an e-mail, a call."""
    options = {"name": name, "years": years, "paths": paths, "seed": seed, "as_of": as_of}
    return {"offer": offers, "me": me or {}, **_given(options | {"before_tax": before_tax})}


def benchmark(
    role: Annotated[str | None, Field(description="a job title")] = None,
    location: Annotated[str | None, Field(description="city, US metro or state, country, region")] = None,
    by: Annotated[
        str | None,
        Field(description="one or two of country, region, seniority, years, skill ...: 'seniority,years'"),
    ] = None,
    compare: Annotated[list[str] | None, Field(description="two places instead of location")] = None,
    guide: Annotated[bool | None, Field(description="a published guide's nine cells beside ours")] = None,
    source: str | None = None,
    adjust: Literal["none", "inflation", "ppp", "rpp"] | None = None,
    sort: str | None = None,
    top: int | None = None,
    years_experience: Years = None,
    seniority: str | None = None,
    education: str | None = None,
    skills: list[str] | None = None,
    industry: str | None = None,
    company_size: float | str | None = None,
    employer: str | None = None,
    remote: str | None = None,
    as_of: Month = None,
    pay: str | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """What the market pays: one cell or a table by one or two factors, each source beside the others, never averaged."""
    return _given(locals())


def career(
    role: Annotated[str, Field(description="a job title, in the person's own words")],
    years_experience: Years = None,
    seniority: str | None = None,
    education: Annotated[str | None, Field(description="the degree held")] = None,
    skills: list[str] | None = None,
    location: Annotated[str | None, Field(description="city, US metro or state, country")] = None,
    industry: str | None = None,
    company_size: float | str | None = None,
    employer: str | None = None,
    remote: str | None = None,
    paid: Annotated[float | None, Field(description="the person's own pay a year now")] = None,
    moves: Annotated[
        list[str] | None,
        Field(
            description="kinds to look at: level, lead, degree, specialise, skill, publish, open-source, industry, size, remote, place"
        ),
    ] = None,
    top: Annotated[int | None, Field(ge=1, le=60)] = None,
    together: Annotated[
        list[str] | None, Field(description="moves to make at once: 'skill:aws', 'industry:finance'")
    ] = None,
    places: Annotated[list[str] | None, Field(description="places to consider moving to")] = None,
    path: Annotated[
        str | None, Field(description="stay, a degree, or a move: 'place:Zurich', 'level:senior'")
    ] = None,
    against: Annotated[str | None, Field(description="a second plan to hold it against")] = None,
    horizon: Annotated[int | None, Field(ge=1, le=10, description="years ahead")] = None,
    efforts: Annotated[
        dict[str, dict[str, float]] | None,
        Field(
            description="what a move takes: {'degree:master': {'months': 18, 'tuition': 9000, 'pay_forgone': 0.5}}"
        ),
    ] = None,
    premiums: Annotated[
        dict[str, str] | bool | None, Field(description="true, or kind and place: the table of premiums")
    ] = None,
    filing: Literal["single", "married"] | None = None,
    discount_rate: Annotated[float | None, Field(ge=0, le=0.5)] = None,
    persistence: Annotated[float | None, Field(ge=0, le=1)] = None,
    working_years: Annotated[int | None, Field(ge=1, le=45)] = None,
    paths: int | None = None,
    seed: int | None = None,
    before_tax: bool | None = None,
    as_of: Month = None,
    pay: str | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """What raises pay for someone like this, ranked, with effort and interval; degrees' payback; ten years ahead; two plans."""
    return _given(locals())


def forecast(
    role: Annotated[str, Field(description="a job title")],
    location: Annotated[str | None, Field(description="city, US metro or state, country, region")] = None,
    horizon: Annotated[int | None, Field(description="years ahead, 1 to 5")] = None,
    real: Annotated[bool | None, Field(description="in today's prices")] = None,
    demand: Annotated[
        float | None, Field(description="change of postings by then: -0.2 is a fifth fewer")
    ] = None,
    technology: Annotated[float | None, Field(description="AI share of postings added by then: 0.1")] = None,
    globalisation: Annotated[
        float | None, Field(description="share of the gap between countries closing in ten years")
    ] = None,
    years_experience: Years = None,
    seniority: str | None = None,
    as_of: Month = None,
    pay: str | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """Where pay is going: growth a year with its interval, the back-test behind it, scenarios, and what it rests on."""
    return _given(locals())


def take_home(
    gross: Annotated[float, Field(description="cash a year before tax, in the place's currency")],
    location: str,
    equity: Annotated[float | None, Field(description="what vests in the year")] = None,
    filing: Literal["single", "married"] | None = None,
    foreigner: bool | None = None,
    as_of: Month = None,
) -> dict[str, Any]:
    """What is left of a year's pay after tax and contributions, line by line; an estimate, not tax advice."""
    return _given(locals())


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


_FIELDS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = MappingProxyType(
    {
        "estimate": estimate,
        "offers/read": read_offer,
        "offers/compare": compare_offers,
        "negotiate": negotiate,
        "benchmark": benchmark,
        "career": career,
        "forecast": forecast,
        "take-home": take_home,
    }
)
