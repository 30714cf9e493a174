"""Every request in the page can be sent, and answers what the page shows."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

for part in ("fastapi", "httpx", "msgspec", "prometheus_client"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

from paylens.engine import open as open_engine
from paylens.faces.http.app import application

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
_REQUEST = re.compile(r"^```sh\n(curl -s .*?)```\n(?:\n```json\n(.*?)```\n)?", re.MULTILINE | re.DOTALL)
APP = application(open_engine(), quiet=True)
REQUESTS = _REQUEST.findall(PAGE)


def test_the_page_has_requests() -> None:
    assert len(REQUESTS) >= 6
    assert sum(bool(shown) for _, shown in REQUESTS) >= 3


@pytest.mark.parametrize("line, shown", REQUESTS)
def test_a_request_answers_what_the_page_shows(line: str, shown: str, inside: Callable[..., Any]) -> None:
    words = shlex.split(line.replace("\\\n", " "))
    body = words[words.index("-d") + 1] if "-d" in words else None
    url = next(word for word in words if word.startswith("http://127.0.0.1:8000/"))
    found = inside(
        APP, "POST" if body else "GET", url.removeprefix("http://127.0.0.1:8000"),
        content=body, headers={"content-type": "application/json"} if body else {},
    )  # fmt: skip
    if shown:
        assert found.json() == json.loads(shown)
    else:
        assert found.status_code == 200


def test_every_route_is_in_the_interface(inside: Callable[..., Any]) -> None:
    interface = (ROOT / "docs" / "interface.md").read_text(encoding="utf-8")
    for path in inside(APP, "GET", "/openapi.json").json()["paths"]:
        assert f"{path.replace('{kind}', 'KIND')}" in interface
