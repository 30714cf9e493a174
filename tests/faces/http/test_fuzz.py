"""The API against its own description: whatever fits it or does not, the answer is as described and never a fault of ours."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

for part in ("fastapi", "httpx", "msgspec", "prometheus_client", "uvicorn", "schemathesis"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[check]'")

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from paylens.faces.questions import QUESTIONS

pytestmark = pytest.mark.slow

CASES = {"post": 170, "get": 100}
LEAST = 2000
# What a role or a place may be is a long list, not a schema: a text that is none is refused with 422.
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "422"]},
        "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "413", "415", "422"]},
    },
    "generation": {"allow-x00": True},
}
EXAMPLES = {f"/v1/{question.path}": question.example for question in QUESTIONS}
# Whether what was made fits the description says nothing of an example with one field of it.
OF_THE_WHOLE = {"negative_data_rejection", "positive_data_acceptance"}
load_all_checks()


def test_the_description_holds_under_two_thousand_cases(url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=SchemathesisConfig.from_dict(CONFIG))
    seen: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            takes = bool(operation.body.items or operation.query.items)
            if mode is GenerationMode.NEGATIVE and not takes:
                continue
            many = CASES[operation.method] if takes else 1
            check(operation.as_strategy(generation_mode=mode), many, seen, statuses)
    assert sum(seen.values()) >= LEAST, seen
    assert statuses[200] > 200, statuses
    assert not [status for status in statuses if status >= 500], statuses


def check(cases: Any, many: int, seen: Counter[str], statuses: Counter[int]) -> None:
    """Every check on that many cases, the same on each run."""

    @seed(20261124)
    @settings(
        max_examples=many, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def each(case: Any) -> None:
        # Every second case is an example that works with one field made into something else.
        checks = list(CHECKS.get_all())
        example = EXAMPLES.get(case.path)
        if example and isinstance(case.body, dict) and case.body and seen[case.operation.label] % 2:
            name = sorted(case.body)[len(str(case.body)) % len(case.body)]
            case.body = {**example, name: case.body[name]}
            checks = [one for one in checks if one.__name__ not in OF_THE_WHOLE]
        response = case.call(timeout=30)
        seen[case.operation.label] += 1
        statuses[response.status_code] += 1
        case.validate_response(response, checks=checks)

    each()
