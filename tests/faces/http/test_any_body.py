"""Whatever is sent, an answer or a problem comes back: never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

for part in ("fastapi", "httpx", "msgspec", "prometheus_client"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

from paylens.contract.profile import FIELDS
from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.questions import QUESTIONS

APP = application(open_engine(), quiet=True)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -(10**30), 1e308, 5e-324, -0.0])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["ML engineer", "Berlin", "EUR", "2026-11", "kaggle", "rsu", "single", "1e400", "nan"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [*FIELDS, "me", "offer", "text", "name", "gross", "equity", "filing", "foreigner", "years", "paths", "seed", "base", "bonus", "current"]
)  # fmt: skip
OBJECTS = st.dictionaries(NAMES | st.text(max_size=8), VALUES, max_size=6)


def changed(example: dict[str, Any]) -> st.SearchStrategy[Any]:
    """An example that works, with some of its fields made into something else, however deep."""

    def at(value: Any) -> st.SearchStrategy[Any]:
        if isinstance(value, dict):
            return st.fixed_dictionaries({k: at(v) for k, v in value.items()}, optional={"odd": VALUES})
        if isinstance(value, list):
            return st.tuples(*[at(v) for v in value]).map(list)
        return st.just(value) | st.just(value) | st.just(value) | VALUES

    return at(example)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.path)
def test_any_json_is_answered_or_named(question: Any, inside: Callable[..., Any]) -> None:
    quick = {"paths": 200} if question.path in ("offers/compare", "negotiate") else {}

    @settings(max_examples=60)
    @given(st.one_of(VALUES, OBJECTS, changed(question.example)))
    def check(body: Any) -> None:
        if isinstance(body, dict):
            body = {**body, **quick}
        found = inside(
            APP,
            "POST",
            f"/v1/{question.path}",
            content=json.dumps(body),
            headers={"content-type": "application/json"},
        )
        assert found.status_code in (200, 400, 422), found.text
        if found.status_code != 200:
            assert found.json().keys() == {
                "type",
                "title",
                "status",
                "detail",
                "field",
                "message",
                "candidates",
            }

    check()


def test_any_bytes_are_answered_or_named(inside: Callable[..., Any]) -> None:
    @settings(max_examples=100)
    @given(st.binary(max_size=60) | st.text('{}[]":,1eE+-.Nan truefalsnl\\u', max_size=40).map(str.encode))
    def check(body: bytes) -> None:
        found = inside(
            APP, "POST", "/v1/estimate", content=body, headers={"content-type": "application/json"}
        )
        assert found.status_code in (200, 400, 422)

    check()
