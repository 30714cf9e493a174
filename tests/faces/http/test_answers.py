"""What the HTTP API answers, from a server that was started as anybody would start it."""

from __future__ import annotations

import gzip
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

for part in ("fastapi", "httpx", "msgspec", "prometheus_client", "uvicorn"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

import httpx

from paylens.release.read import open_release

ROOT = Path(__file__).parents[3]
ASK = {"role": "ML engineer", "location": "Berlin", "years_experience": 4, "as_of": "2026-11"}


def post(url: str, path: str, body: object, **headers: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/{path}", json=body, headers=headers, timeout=30)


def test_an_estimate_is_answered(url: str) -> None:
    found = post(url, "estimate", ASK)
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    assert found.headers["cache-control"] == "no-store"
    answer = found.json()
    assert (answer["currency"], answer["role"]["matched"]) == ("EUR", "machine-learning-engineer")
    assert answer["percentiles"]["p50"] == answer["quantiles"]["0.50"] > 0


def test_every_answer_bears_the_security_headers_and_no_cookie(url: str) -> None:
    for found in (
        httpx.get(url),
        httpx.get(f"{url}/nothing"),
        post(url, "estimate", ASK),
        post(url, "estimate", {}),
    ):
        assert found.headers["content-security-policy"].startswith("default-src 'none'")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in found.headers
        assert "server" not in found.headers


@pytest.mark.parametrize(
    ("fields", "field", "candidate"),
    [
        ({"role": "ML engineer", "location": "Berlim"}, "location", "Berlin, Germany"),
        ({"role": "ML engineer", "sallary": 1}, "sallary", None),
        ({"role": "ML engineer", "educaton": "master"}, "educaton", "education"),
        ({"role": "ML engineer", "years_experience": 10**400}, "years_experience", None),
        ({"role": "ML engineer", "years_experience": True}, "years_experience", None),
        ({"role": 5}, "role", None),
        ({}, "role", None),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_what_was_meant(
    url: str, fields: dict[str, Any], field: str, candidate: str | None
) -> None:
    found = post(url, "estimate", fields)
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"
    problem = found.json()
    assert problem["field"] == field
    assert problem["status"] == 422
    assert problem["message"] in problem["detail"]
    if candidate:
        assert candidate in problem["candidates"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b'{"role": NaN}', b'{"role": "x", "years_experience": Infinity}', b'{"years_experience": 1e999}', b"[" * 100_000,
        b'{"a":' * 100 + b"1" + b"}" * 100, b'{"role": "x", "role": "y"}', b'{"role": "\\ud800"}', b'{"role": "\xff"}',
        b'{"role": "a:b", "skills": [{"x": 1, "x": 2}]}', b'{"years_experience": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_json_that_is_none_is_refused(url: str, body: bytes) -> None:
    found = httpx.post(f"{url}/v1/estimate", content=body, headers={"content-type": "application/json"})
    assert found.status_code == 400
    assert found.json()["title"] == "Malformed JSON"


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"role"'])
def test_json_that_is_no_object_is_refused(url: str, body: bytes) -> None:
    found = httpx.post(f"{url}/v1/estimate", content=body, headers={"content-type": "application/json"})
    assert found.status_code == 422


def test_a_colon_within_a_text_is_no_second_name(url: str) -> None:
    assert post(url, "estimate", ASK | {"skills": ["a:b", "c: d"]}).status_code == 200


@pytest.mark.parametrize(("path", "most"), [("estimate", 256 << 10), ("offers/read", 3 << 20)])
def test_a_large_body_is_refused_with_and_without_its_length(url: str, path: str, most: int) -> None:
    body = json.dumps({"role": "x" * most}).encode()
    for content in (body, iter([body])):
        found = httpx.post(f"{url}/v1/{path}", content=content, headers={"content-type": "application/json"})
        assert found.status_code == 413
        assert found.json()["title"] == "Too large"


def test_other_kinds_of_body_paths_and_methods_are_refused(url: str) -> None:
    assert httpx.post(f"{url}/v1/estimate", data={"role": "x"}).status_code == 415
    zipped = gzip.compress(json.dumps(ASK).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert httpx.post(f"{url}/v1/estimate", content=zipped, headers=headers).status_code == 415
    assert httpx.get(f"{url}/v1/nothing").status_code == 404
    assert httpx.get(f"{url}/docs").status_code == 404
    refused = httpx.get(f"{url}/v1/estimate")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    for path in ("", "/v1/nothing", "/v1/estimate"):
        assert httpx.request("DELETE", f"{url}{path}").headers["content-type"] == "application/problem+json"


def test_answers_are_zipped_for_who_can_read_that(url: str) -> None:
    with httpx.stream("POST", f"{url}/v1/estimate", json=ASK, headers={"accept-encoding": "gzip"}) as found:
        raw = b"".join(found.iter_raw())
        assert found.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(raw)) == post(url, "estimate", ASK).json()


@pytest.mark.parametrize(
    "path", ["/", "/v1/sources", "/v1/score", "/v1/vocabulary/roles?q=ml", "/openapi.json"]
)
def test_a_list_is_not_sent_twice(url: str, path: str) -> None:
    first = httpx.get(f"{url}{path}")
    assert first.status_code == 200
    again = httpx.get(f"{url}{path}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(f"{url}{path}", headers={"if-none-match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "typed", "label"),
    [
        ("roles", "machine lear", "Machine learning engineer"), ("skills", "pyt", "PyTorch"), ("places", "berl", "Berlin, Germany"),
        ("places", "münch", "Munich, Germany"), ("industries", "fin", "Finance"), ("employers", "goog", "Google"),
        ("seniorities", "sen", "Senior"), ("educations", "mast", "Master's degree"),
    ],
)  # fmt: skip
def test_a_list_helps_while_typing(url: str, kind: str, typed: str, label: str) -> None:
    with httpx.Client() as client:
        found = client.get(f"{url}/v1/vocabulary/{kind}", params={"q": typed})
    assert label.casefold() in [item["label"].casefold() for item in found.json()["items"]]


def test_a_list_answers_within_ten_milliseconds() -> None:
    from paylens.advice.choices import KINDS, choices

    for kind in KINDS:
        choices(kind, "zzzz")
        for typed in ("", "a", "san", "microsft", "machine learning eng", "z" * 100):
            times = []
            for _ in range(3):
                began = time.perf_counter()
                choices(kind, typed)
                times.append(time.perf_counter() - began)
            assert min(times) < 0.010, (kind, typed)


@pytest.mark.parametrize(
    ("path", "status"),
    [("colours", 404), ("roles?limit=0", 422), ("roles?limit=x", 422), ("roles?limit=51", 422), ("roles?q=" + "x" * 101, 422)],
)  # fmt: skip
def test_a_list_that_is_none_and_limits(url: str, path: str, status: int) -> None:
    assert httpx.get(f"{url}/v1/vocabulary/{path}").status_code == status


def test_offers_letters_and_take_home(url: str) -> None:
    offers = tomllib.loads((ROOT / "docs/examples/three-cities.toml").read_text(encoding="utf-8"))
    compared = post(url, "offers/compare", offers | {"paths": 1000, "as_of": "2026-11"})
    assert compared.status_code == 200, compared.text
    assert compared.json()["paths"] == 1000
    bad = post(url, "offers/compare", offers | {"paths": "many"})
    assert (bad.status_code, bad.json()["field"]) == (422, "paths")
    letter = post(
        url, "offers/read", {"text": "Northwind Ltd offers you a salary of EUR 85,000 a year in Berlin."}
    )
    assert letter.json()["offer"]["base"] == 85000
    left = post(url, "take-home", {"gross": 90000, "location": "London", "as_of": "2026-11"}).json()
    assert 0 < left["net"] < left["gross"] == 90000
    for fields, field in (
        ({"location": "London"}, "gross"),
        ({"gross": 1}, "location"),
        ({"gros": 1}, "gros"),
    ):
        assert post(url, "take-home", fields).json()["field"] == field
    assert post(url, "take-home", {"gross": 1, "location": "Berlin", "foreigner": 1}).status_code == 422
    assert post(url, "offers/read", {"text": 5}).json()["field"] == "text"


def test_the_description_names_every_question_with_an_example_that_works(url: str) -> None:
    described = httpx.get(f"{url}/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    questions = httpx.get(url).json()["questions"]
    assert questions
    for path in questions:
        body = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        found = httpx.post(f"{url}{path}", json=body["example"], timeout=30)
        assert found.status_code == 200, (path, found.text)
    names = set(described["paths"])
    assert {"/v1/sources", "/v1/score", "/v1/vocabulary/{kind}", "/healthz"} <= names


def test_nothing_that_is_asked_names_a_file_of_the_server(url: str) -> None:
    """An older release is a folder of the machine that answers: for the command and the library alone."""
    release = str(open_release().path)
    asked = {"role": "ML engineer", "location": "Berlin", "as_of": "2026-11"}
    for path, field, value in (
        ("forecast", "since", release), ("forecast", "since", None), ("forecast", "release", release), ("career", "since", release),
        ("career", "efforts", f"{ROOT}/docs/examples/efforts.toml"), ("benchmark", "since", release), ("estimate", "from", release),
        ("offers/compare", "source", release), ("negotiate", "report", release), ("offers/read", "file", release),
    ):  # fmt: skip
        found = post(
            url,
            path,
            {**asked, field: value} if path not in ("offers/read",) else {"text": "x", field: value},
        )
        assert found.status_code == 422, (path, field)
        assert "manifest" not in found.text
    named = post(url, "forecast", {**asked, "since": release}).json()
    assert named["field"] == "since"
    assert "the command or the library" in named["message"]
    assert httpx.get(f"{url}/forecast", params={**asked, "since": release}).status_code == 422


def test_health_and_counts(url: str) -> None:
    health = httpx.get(f"{url}/healthz").json()
    assert health["status"] == "ok"
    assert health["release"] == httpx.get(f"{url}/v1/sources").json()["release"]
    post(url, "estimate", {})
    counts = httpx.get(f"{url}/metrics").text
    assert 'paylens_requests_total{method="POST",route="/v1/estimate",status="422"}' in counts
    assert f'paylens_release{{release="{health["release"]}"}} 1.0' in counts
    assert "paylens_request_seconds_bucket" in counts
