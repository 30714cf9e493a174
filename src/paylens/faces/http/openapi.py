"""What the API says of itself: schemas and examples for /openapi.json."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from paylens.advice.offer.text.letter import LARGEST_TEXT
from paylens.contract.profile import MOST_YEARS
from paylens.faces.questions import QUESTIONS, Question

__all__ = ["components", "of_list", "of_question"]

_TEXT: Final = {"type": ["string", "null"], "maxLength": 500}
_YEARS: Final = {"type": ["number", "null"], "minimum": 0, "maximum": MOST_YEARS}
_WORDS: Final = {"type": ["array", "null"], "items": {"type": "string", "maxLength": 500}, "maxItems": 20}
_SKILLS: Final = {**_WORDS, "maxItems": 200}
_PERSON: Final = {
    "role": {"type": "string", "minLength": 1, "maxLength": 500}, "years_experience": _YEARS, "years_coding": _YEARS,
    "years_ml": _YEARS,
}  # fmt: skip
_REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "estimate": {
        "type": "object",
        "additionalProperties": False,
        "required": ["role"],
        "properties": {
            **_PERSON,
            "seniority": _TEXT,
            "education": _TEXT,
            "skills": _SKILLS,
            "location": _TEXT,
            "industry": _TEXT,
            "company_size": {"type": ["number", "string", "null"]},
            "employer": _TEXT,
            "remote": _TEXT,
            "as_of": {"type": ["string", "null"], "pattern": r"^((19|20|21)\d\d-(0[1-9]|1[0-2]))?$"},
            "pay": {"enum": ["base", "cash", "total", "", None]},
            "currency": {"type": ["string", "null"], "pattern": "^([A-Za-z]{3})?$"},
            "as_reported_in": _TEXT,
        },
    },
    "career": {
        "type": "object",
        "additionalProperties": False,
        "required": ["role"],
        "properties": {
            **_PERSON,
            **dict.fromkeys(
                ("seniority", "education", "location", "industry", "employer", "remote", "as_of"), _TEXT
            ),
            "skills": _SKILLS,
            "company_size": {"type": ["number", "string", "null"]},
            "pay": {"enum": ["base", "cash", "total", None]},
            "currency": {"type": ["string", "null"], "pattern": "^[A-Za-z]{3}$"},
            "moves": _WORDS,
            "together": _WORDS,
            "places": _WORDS,
            "path": _TEXT,
            "against": _TEXT,
            "top": {"type": ["integer", "null"], "minimum": 1, "maximum": 60},
            "horizon": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
            "working_years": {"type": ["integer", "null"], "minimum": 1, "maximum": 45},
            "paths": {"type": ["integer", "null"], "minimum": 200, "maximum": 20_000},
            "seed": {"type": ["integer", "null"], "minimum": 0},
            "discount_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 0.5},
            "persistence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "paid": {"type": ["number", "null"], "minimum": 1},
            "filing": {"enum": ["single", "married", None]},
            "before_tax": {"type": ["boolean", "null"]},
            "efforts": {
                "type": ["object", "null"],
                "description": "by move or kind of move: months, cost, tuition ...",
            },
            "premiums": {"type": ["boolean", "object", "null"]},
        },
    },
    "offers/read": {
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": LARGEST_TEXT},
            "name": {"type": "string", "minLength": 1, "maxLength": 200},
        },
    },
    "offers/compare": {
        "type": "object",
        "required": ["offer"],
        "properties": {
            "me": {
                "type": ["object", "null"],
                "description": "a profile's fields, and `current`: the present job",
            },
            "offer": {
                "type": "array",
                "minItems": 1,
                "maxItems": 10,
                "items": {"type": "object", "required": ["name", "base"]},
            },
            "years": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
            "paths": {"type": ["integer", "null"], "minimum": 100, "maximum": 200_000},
            "seed": {"type": ["integer", "null"], "minimum": 0},
            "as_of": _TEXT,
            "currency": _TEXT,
        },
    },
    "take-home": {
        "type": "object",
        "additionalProperties": False,
        "required": ["gross", "location"],
        "properties": {
            "gross": {"type": "number", "minimum": 0},
            "location": {"type": "string", "maxLength": 500},
            "equity": {"type": ["number", "null"], "minimum": 0},
            "filing": {"enum": ["single", "married", None]},
            "foreigner": {"type": ["boolean", "null"]},
            "as_of": _TEXT,
        },
    },
}
_PROBLEMS: Final = {
    "400": "not JSON that means one thing only",
    "408": "the body did not arrive in time",
    "413": "the body is too large",
    "415": "the body is not application/json",
    "422": "a value is not understood: `field`, `message`, `candidates`",
    "503": "too busy, or not answered in time; `Retry-After` says when to ask again",
}
_CONTENT_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def components() -> dict[str, Any]:
    """The shapes that answers refer to."""
    named = [question.shape for question in QUESTIONS if question.shape is not dict]
    _, shapes = msgspec.json.schema_components(named, ref_template="#/components/schemas/{name}")
    text = {"type": "string"}
    shapes["Problem"] = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "field", "message", "candidates"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "field": {"type": ["string", "null"]},
            "message": text,
            "candidates": {"type": "array", "items": text},
        },
    }
    return shapes


def of_question(question: Question) -> dict[str, Any]:
    """What a question takes and gives."""
    request = _REQUESTS.get(question.path, {"type": "object"})
    shape = question.shape
    answer = {"type": "object"} if shape is dict else {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": request, "example": question.example}},
        },
        "responses": {
            "200": {"description": "the answer", "content": {"application/json": {"schema": answer}}},
            **{code: _problem(said) for code, said in _PROBLEMS.items()},
        },
    }


def of_list(answer: dict[str, Any], *codes: str, query: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """What a GET gives, and how it may fail."""
    content = {"application/json": {"schema": answer}}
    return {
        "parameters": list(query),
        "responses": {
            "200": {"description": "the answer", "content": content},
            **{code: _problem(_PROBLEMS.get(code, "no such list")) for code in codes},
        },
    }


def _problem(said: str) -> dict[str, Any]:
    return {"description": said, "content": _CONTENT_PROBLEM}
