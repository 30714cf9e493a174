"""Every answer has the shape that the API and the tools describe, and the shape names every field."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic", reason="pydantic is not here: pip install 'paylens[mcp]'")
pytest.importorskip("msgspec", reason="msgspec is not here: pip install 'paylens[serve]'")

from pydantic import TypeAdapter

from paylens.engine import open as open_engine
from paylens.faces.http import openapi
from paylens.faces.mcp.shapes import readable
from paylens.faces.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
ENGINE = open_engine()
COMPONENTS = openapi.components()
QUICK = {"paths": 300, "as_of": "2026-11"}
EXAMPLES = [
    tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "docs" / "examples").glob("*.toml"))
]
FILES = [{k: v for k, v in example.items() if k in ("me", "offer")} for example in EXAMPLES]
BARE = {
    "offer": [{"name": "a", "base": 90000, "currency": "EUR"}, {"name": "b", "base": 9e4, "currency": "USD"}]
}
ASKED: dict[str, list[dict[str, Any]]] = {
    "estimate": [
        {"role": "ML engineer"}, {"role": "ML engineer", "location": "US", "as_reported_in": "aijobs"},
        {"role": "data scientist", "location": "Zurich", "currency": "USD", "pay": "total", "skills": ["xxyy"]},
    ],
    "offers/read": [{"text": "EUR 85,000 a year in Berlin, $60k RSU.", "name": "x"}, {"text": "Salary: 50-60k EUR"}],
    "offers/compare": [{**file, **QUICK, **more} for file in (*FILES, BARE) for more in ({}, {"before_tax": True})],
    "negotiate": [{**file, **QUICK, "name": offer["name"]} for file in FILES for offer in file["offer"]],
    "benchmark": [
        {"role": "ML engineer", "compare": ["San Francisco", "New York"], "adjust": "rpp", "as_of": "2026-11"},
        {"guide": True, "as_of": "2026-11"}, {"role": "software engineer", "location": "US", "by": "employer", "as_of": "2026-11"},
        {"role": "data scientist", "location": "US", "by": "seniority,years", "as_of": "2026-11"},
        {"role": "software engineer", "location": "US", "by": "year", "source": "us_oews", "as_of": "2026-11"},
    ],
    "take-home": [{"gross": 90000, "location": "Lagos"}, {"gross": 0, "location": "California", "equity": 1000}],
}  # fmt: skip


def undescribed(schema: Mapping[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """Fields of a value that its schema does not name."""
    if "$ref" in schema:
        schema = COMPONENTS[schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        whole = COMPONENTS[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if whole.get("type") == {dict: "object", list: "array"}.get(type(value)):
            yield from undescribed(whole, value, path)
    if "anyOf" in schema:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            named = schema.get("properties", {}).get(name)
            if named is None and "additionalProperties" not in schema:
                yield f"{path}.{name}"
            else:
                yield from undescribed(named or _rest(schema), inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from undescribed(schema.get("items", {}), inner, f"{path}[]")


def _rest(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    rest = schema.get("additionalProperties")
    return rest if isinstance(rest, dict) else {"additionalProperties": True}


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.shape is not dict], ids=lambda q: q.path)
def test_answers_have_the_shape_that_is_described(question: Any) -> None:
    adapter = TypeAdapter(readable(question.shape))
    schema = {"$ref": f"#/components/schemas/{question.shape.__name__}"}
    for fields in [question.example, *ASKED.get(question.path, [])]:
        answer = json.loads(json.dumps(question.answer(ENGINE, fields), allow_nan=False))
        assert json.loads(adapter.dump_json(adapter.validate_python(answer))) == answer
        assert [
            at
            for at in undescribed(schema, answer)
            if not at.startswith(".offer.") or question.path != "offers/read"
        ] == []
