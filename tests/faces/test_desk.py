"""Questions that are asked in one moment are answered together, each with its own answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("msgspec", reason="msgspec is not here: pip install 'paylens[serve]'")

from paylens.contract.errors import InputError, PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.desk import Desk
from paylens.faces.questions import QUESTIONS

ESTIMATE = next(question for question in QUESTIONS if question.path == "estimate")
PEOPLE: list[dict[str, Any]] = [
    {"role": role, "location": place, "years_experience": years, "as_of": "2026-11", **more}
    for role, place, years in (("ML engineer", "Berlin", 4), ("data scientist", "Lagos", 0), ("data engineer", "US", 12))
    for more in ({}, {"skills": ["python", "xyz"]}, {"seniority": "senior", "currency": "EUR"}, {"as_reported_in": "kaggle"})
]  # fmt: skip
BAD: list[dict[str, Any]] = [
    {"role": "ML engineer", "location": "Berlim"}, {"role": "xyzzy"}, {}, {"role": "ML engineer", "sallary": 1}, {"role": 5},
]  # fmt: skip


def at_once(engine: Engine, asked: list[dict[str, Any]]) -> list[Any]:
    async def all_of_them() -> list[Any]:
        desk = Desk(engine, clerks=1)
        try:
            return await asyncio.gather(
                *(desk.answer(ESTIMATE, one) for one in asked), return_exceptions=True
            )
        finally:
            desk.close()

    return asyncio.run(all_of_them())


def test_together_is_as_alone() -> None:
    engine = open_engine()
    found = at_once(engine, [one for pair in zip(PEOPLE, BAD * 3, strict=False) for one in pair] * 3)
    for one, answer in zip(
        [one for pair in zip(PEOPLE, BAD * 3, strict=False) for one in pair] * 3, found, strict=True
    ):
        if one in PEOPLE:
            assert json.loads(answer) == json.loads(json.dumps(engine.estimate(one)))
            continue
        with pytest.raises(InputError) as alone:
            engine.estimate(one)
        assert isinstance(answer, InputError)
        assert (answer.field, answer.message) == (alone.value.field, alone.value.message)
        assert answer.candidates == alone.value.candidates


def test_a_fault_of_one_is_not_of_all() -> None:
    class Failing(Engine):
        def estimate(self, profile: Mapping[str, Any] | None = None, /, **fields: Any) -> Any:
            if (profile or {}).get("location") == "Lagos":
                raise RuntimeError("only here")
            return super().estimate(profile, **fields)

        def answers(self, *_: Any) -> Any:
            raise PaylensError("not together")

    good, bad = {"role": "ML engineer"}, {"role": "ML engineer", "location": "Lagos"}
    first, second, third = at_once(Failing(open_engine().release), [good, bad, good])
    assert isinstance(second, RuntimeError)
    assert json.loads(first) == json.loads(third)


def test_who_stops_waiting_stops_nobody_else() -> None:
    async def asked() -> Any:
        desk = Desk(open_engine(), clerks=1)
        tasks = [asyncio.create_task(desk.answer(ESTIMATE, {"role": "ML engineer"})) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        desk.close()
        return found

    first, second, third = asyncio.run(asked())
    assert isinstance(second, asyncio.CancelledError)
    assert first == third
