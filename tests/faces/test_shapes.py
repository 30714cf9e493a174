"""Every answer has the shape that the API and the tools describe, and the shape names every field."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic", reason="pydantic is not here: pip install 'paylens[mcp]'")
pytest.importorskip("msgspec", reason="msgspec is not here: pip install 'paylens[serve]'")

import msgspec
from pydantic import TypeAdapter

from paylens.advice.career.answer import career
from paylens.contract.career import Career
from paylens.contract.forecast import SinceRelease
from paylens.engine import open as open_engine
from paylens.faces.http import openapi
from paylens.faces.mcp.shapes import readable
from paylens.faces.questions import QUESTIONS

ROOT = Path(__file__).parents[2]
ENGINE = open_engine()
COMPONENTS = openapi.components()
# No question over HTTP has this answer.
_, SINCE = msgspec.json.schema_components([SinceRelease], ref_template="#/components/schemas/{name}")
QUICK = {"paths": 300, "as_of": "2026-11"}
EXAMPLES = [
    tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "docs" / "examples").glob("*.toml"))
]
FILES = [
    {k: v for k, v in example.items() if k in ("me", "offer")} for example in EXAMPLES if "offer" in example
]
BARE = {
    "offer": [{"name": "a", "base": 90000, "currency": "EUR"}, {"name": "b", "base": 9e4, "currency": "USD"}]
}
AHEAD = {
    "role": "data scientist", "location": "Berlin", "years_experience": 3, "education": "bachelor", "skills": ["python", "xxyy"], **QUICK,
}  # fmt: skip
OUTLOOK = {"role": "ML engineer", "as_of": "2026-11"}
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
    "career": [
        {"role": "data scientist", **QUICK}, {"role": "ML engineer", "location": "Tokyo", **QUICK},
        {**AHEAD, "premiums": True, "before_tax": True, "top": 60}, {**AHEAD, "seniority": "mid", "path": "doctorate", "against": "lead"},
        {**AHEAD, "moves": ["degree"], "paid": 60_000, "efforts": {"degree": {"months": 6, "pay_forgone": 0.0, "tuition": 10, "finish": 1.0}}, "years_experience": None},
        {**AHEAD, "together": ["skill:aws", "place:Zurich", "publish"], "path": "place:Zurich", "premiums": {"kind": "education"}},
        {**AHEAD, "path": "level:senior", "efforts": {"level": {"months": 0}}, "premiums": {"place": "Germany", "estimand": "direct"}},
        {**AHEAD, "moves": ["skill"], "premiums": {"kind": "years_ml", "seniority": "mid"}, "horizon": 1},
    ],
    "forecast": [
        OUTLOOK, {**OUTLOOK, "location": "US", "real": True, "technology": 0.1, "globalisation": 0.5}, {**OUTLOOK, "location": "Europe"},
        {**OUTLOOK, "role": "software engineer", "location": "US", "horizon": 1, "pay": "total"}, {**OUTLOOK, "location": "Cuba"},
        {**OUTLOOK, "location": "Singapore", "real": True, "currency": "EUR", "skills": ["xxyy"]},
    ],
    "take-home": [{"gross": 90000, "location": "Lagos"}, {"gross": 0, "location": "California", "equity": 1000}],
}  # fmt: skip


def undescribed(
    schema: Mapping[str, Any], value: Any, path: str = "", shapes: Mapping[str, Any] = COMPONENTS
) -> Iterator[str]:
    """Fields of a value that its schema does not name."""
    if "$ref" in schema:
        schema = shapes[schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        whole = shapes[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if whole.get("type") == {dict: "object", list: "array"}.get(type(value)):
            yield from undescribed(whole, value, path, shapes)
    if "anyOf" in schema:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            named = schema.get("properties", {}).get(name)
            if named is None and "additionalProperties" not in schema:
                yield f"{path}.{name}"
            else:
                yield from undescribed(named or _rest(schema), inner, f"{path}.{name}", shapes)
    elif isinstance(value, list):
        for inner in value:
            yield from undescribed(schema.get("items", {}), inner, f"{path}[]", shapes)


def _rest(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    rest = schema.get("additionalProperties")
    return rest if isinstance(rest, dict) else {"additionalProperties": True}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.path)
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


# Only a headline backs off from the cut that was asked for; what one source says is of its own cut.
NEVER = {".moves[].by_source[].reasons", ".premiums.rows[].reasons"}


def told(shape: Any, answer: Mapping[str, Any], shapes: Mapping[str, Any] = COMPONENTS) -> dict[str, Any]:
    """The answer as JSON, which has every field of its shape and no other."""
    adapter = TypeAdapter(readable(shape))
    found: dict[str, Any] = json.loads(json.dumps(answer, allow_nan=False))
    assert json.loads(adapter.dump_json(adapter.validate_python(found))) == found
    assert list(undescribed({"$ref": f"#/components/schemas/{shape.__name__}"}, found, shapes=shapes)) == []
    return found


def test_a_career_of_a_release_without_premiums_and_forecast_has_the_same_shape() -> None:
    found = told(
        Career,
        career(ENGINE.reference, None, None, {**AHEAD, "together": ["level:senior"], "path": "master"}),
    )
    assert found["path"]["growth"]["basis"] == "wage index"
    assert any("no forecast" in note for note in found["notes"])


def test_what_changed_since_a_release_has_its_shape(
    tmp_path: Path, release_with: Callable[..., None]
) -> None:
    manifest = ENGINE.release.manifest
    inputs = [{**i, "sha256": "0" * 64} if not k else i for k, i in enumerate(manifest["inputs"][:-1])]
    old = tmp_path / "old"
    release_with(
        ENGINE.release.path,
        old,
        {"report.json": b"{}"},
        month="2026-05",
        inputs=[*inputs, {**inputs[0], "title": "Gone"}],
    )
    found = told(SinceRelease, ENGINE.forecast(since=old), SINCE)
    assert all(found["inputs"].values())
    assert found["watched"]
    assert (
        told(SinceRelease, ENGINE.forecast(since=old / "manifest.json", role="ML engineer"), SINCE)[
            "watched"
        ][0]["place"]
        is None
    )
    assert told(SinceRelease, ENGINE.forecast(since=ENGINE.release.path), SINCE)["why"] == []


@pytest.mark.parametrize("path", ["career", "forecast"])
def test_every_part_that_may_be_missing_is_there_in_some_answer(path: str) -> None:
    """Else nothing above would have looked into it."""
    (question,) = [q for q in QUESTIONS if q.path == path]
    seen: dict[str, bool] = {}
    for fields in [question.example, *ASKED[path]]:
        for at, there in _parts(question.answer(ENGINE, fields)):
            seen[at] = seen.get(at, False) or there
    lacking = {at for at, there in seen.items() if not there and not at.startswith((".place", ".ignored"))}
    assert lacking - NEVER == set()


def _parts(value: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """Each part of an answer by its path, and whether it holds anything."""
    yield path, value is not None and value != []
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _parts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner, f"{path}[]")
