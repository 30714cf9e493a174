"""Reports over HTTP: the receipt in a header, limits, repeats, what is refused, and a log that says nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

for part in ("fastapi", "httpx", "msgspec", "prometheus_client", "sqlalchemy", "alembic", "nacl"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve,collect]' httpx")

import httpx

from paylens.contract.report import DeskBusy
from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.submissions.desk import Desk, Rules, init_desk
from paylens.submissions.keys import make

REPORT = {
    "role": "ML engineer",
    "location": "Berlin",
    "base": 85_000,
    "bonus": 4321,
    "employer": "Secretive Ltd",
}
Ask = Callable[..., Any]


@pytest.fixture
def make_desk(tmp_path: Path) -> Generator[Callable[..., Desk]]:
    made: list[Desk] = []

    def build(**rules: Any) -> Desk:
        if not (tmp_path / "keys").exists():
            make(tmp_path / "keys")
        rules = {"per_day": 1000, "misses": 1000, **rules}
        made.append(
            init_desk(
                tmp_path / "desk",
                str(tmp_path / "db.sqlite"),
                tmp_path / "keys" / "public.toml",
                Rules(**rules),
            )
        )
        return made[-1]

    yield build
    for desk in made:
        desk.close()


@pytest.fixture
def ask(make_desk: Callable[..., Desk], inside: Ask) -> Ask:
    app = application(open_engine(), quiet=True, reports=make_desk())
    return lambda method, path="/v1/reports", **options: inside(app, method, path, **options)


def held(receipt: str) -> dict[str, str]:
    return {"paylens-receipt": receipt}


def test_a_report_is_sent_read_corrected_and_deleted(ask: Ask) -> None:
    sent = ask("POST", json=REPORT)
    assert sent.status_code == 201
    assert sent.headers["cache-control"] == "no-store"
    told = sent.json()
    assert told.keys() == {"receipt", "report", "verification", "notes"}
    read = ask("GET", headers=held(told["receipt"]))
    assert (read.status_code, read.json()) == (200, {"report": told["report"], "verification": "none"})
    assert read.json()["report"]["employer_asked"] == "Secretive Ltd"
    put = ask("PUT", headers=held(told["receipt"]), json={**REPORT, "base": 90_000})
    assert (put.status_code, put.json()["receipt"], put.json()["report"]["base"]) == (
        200,
        told["receipt"],
        90_000,
    )
    assert ask("DELETE", headers=held(told["receipt"])).json() == {"deleted": True}
    for method, options in (("GET", {}), ("DELETE", {}), ("PUT", {"json": REPORT})):
        gone = ask(method, headers=held(told["receipt"]), **options)
        assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")


def test_sending_twice_is_once(ask: Ask, make_desk: Callable[..., Desk]) -> None:
    mine = {**REPORT, "receipt": make_desk().new_token()}
    answers = [ask("POST", json=mine) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 200, 200]
    assert {one.json()["receipt"] for one in answers} == {mine["receipt"]}
    assert ask("POST", json={**mine, "base": 1e5}).status_code == 409
    assert ask("POST", json=REPORT).status_code == 409  # the same from the same place


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({**REPORT, "base": None}, 422, "base"), ({**REPORT, "bsae": 1}, 422, "bsae"), ({**REPORT, "role": "xyzzy"}, 422, "role"),
        ({**REPORT, "code": 7}, 422, "code"), ({**REPORT, "code": "AAAA"}, 422, "code"), ({**REPORT, "receipt": "AAAA"}, 422, "receipt"),
        ({**REPORT, "receipt": "A" * 500}, 422, "receipt"), ({**REPORT, "code": "A" * 24}, 403, None), ({**REPORT, "employer": "x" * 20_000}, 413, None),
        ({**REPORT, "skills": [{"$ne": 1}]}, 422, "skills"), ({**REPORT, "base": {"$gt": 0}}, 422, "base"), ([REPORT], 422, None),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(ask: Ask, fields: Any, status: int, field: str | None) -> None:
    answer = ask("POST", json=fields)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text


def test_a_receipt_is_a_header_and_never_guessed(make_desk: Callable[..., Desk], inside: Ask) -> None:
    desk = make_desk(misses=5)
    app = application(open_engine(), quiet=True, reports=desk)
    assert inside(app, "GET", "/v1/reports").status_code == 401
    assert inside(app, "GET", f"/v1/reports?receipt={desk.new_token()}").status_code == 401
    assert inside(app, "GET", f"/v1/reports/{desk.new_token()}").status_code == 404
    sent = inside(app, "POST", "/v1/reports", json=REPORT).json()["receipt"]
    answers = [inside(app, "GET", "/v1/reports", headers=held(desk.new_token())) for _ in range(8)]
    assert [one.status_code for one in answers] == [404] * 5 + [429] * 3
    # Once it is asked too often even a right one gets nothing, so an answer tells a guesser nothing.
    assert inside(app, "GET", "/v1/reports", headers=held(sent)).status_code == 429
    assert inside(app, "DELETE", "/v1/reports", headers=held(sent)).status_code == 429


def test_codes_are_asked_for_where_one_must_be_invited(make_desk: Callable[..., Desk], inside: Ask) -> None:
    desk = make_desk(invited=True, per_day=1)
    app = application(open_engine(), quiet=True, reports=desk)
    assert inside(app, "POST", "/v1/reports", json=REPORT).status_code == 403
    (code,) = desk.invite(1)
    sent = inside(app, "POST", "/v1/reports", json={**REPORT, "code": code})
    assert (sent.status_code, sent.json()["verification"]) == (201, "code")
    assert inside(app, "POST", "/v1/reports", json={**REPORT, "code": desk.invite(1)[0]}).status_code == 429
    terms = inside(app, "GET", "/v1/reports/terms").json()
    assert terms["invited"] is True
    assert bytes.fromhex(terms["keys"]["pay"]) == desk.public.pay


def test_a_proxys_header_names_the_sender_where_it_is_trusted(
    make_desk: Callable[..., Desk], inside: Ask
) -> None:
    app = application(
        open_engine(), quiet=True, reports=make_desk(per_day=1, source_header="X-Forwarded-For")
    )
    # What a sender puts there himself comes first; the proxy appends what it saw.
    answers = [
        inside(app, "POST", "/v1/reports", json={**REPORT, "base": 80_000 + n}, headers={"x-forwarded-for": f"9.9.9.{n}, {by}"})
        for n, by in enumerate(("192.0.2.1", "192.0.2.2", "192.0.2.1"))
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [201, 201, 429]
    plain = application(open_engine(), quiet=True, reports=make_desk(per_day=1))
    again = [
        inside(
            plain,
            "POST",
            "/v1/reports",
            json={**REPORT, "base": 90_000 + n},
            headers={"x-forwarded-for": str(n)},
        )
        for n in range(2)
    ]
    assert [one.status_code for one in again] == [201, 429]


def test_of_a_proxys_header_in_several_lines_the_last_is_what_it_saw(
    make_desk: Callable[..., Desk], inside: Ask
) -> None:
    """Some proxies add a line of their own below the sender's instead of adding to it."""
    app = application(
        open_engine(), quiet=True, reports=make_desk(per_day=1, source_header="X-Forwarded-For")
    )
    answers = [
        inside(app, "POST", "/v1/reports", json={**REPORT, "base": 80_000 + n}, headers=[("x-forwarded-for", f"9.9.9.{n}"), ("x-forwarded-for", "192.0.2.1")])
        for n in range(2)
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [201, 429]


def test_corrections_of_a_day_are_counted_too(make_desk: Callable[..., Desk], inside: Ask) -> None:
    """Who may write without end fills the queue, and batches, with what is theirs."""
    app = application(open_engine(), quiet=True, reports=make_desk(per_day=3))
    sent = held(inside(app, "POST", "/v1/reports", json=REPORT).json()["receipt"])
    answers = [
        inside(app, "PUT", "/v1/reports", json={**REPORT, "base": 90_000 + n}, headers=sent) for n in range(4)
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert inside(app, "GET", "/v1/reports", headers=sent).json()["report"]["base"] == 90_002
    assert inside(app, "DELETE", "/v1/reports", headers=sent).status_code == 200


def test_a_store_that_is_away_when_the_day_turns_is_said_too(
    make_desk: Callable[..., Desk], inside: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> bytes:
        assert threading.current_thread() is not threading.main_thread(), "the server waits for the disk"
        raise DeskBusy("the store of reports does not answer")

    desk = make_desk()
    monkeypatch.setattr(desk, "source_hash", away)
    app = application(open_engine(), quiet=True, reports=desk)
    told = held(desk.new_token())
    for method, options in (
        ("POST", {"json": REPORT}), ("GET", {"headers": told}), ("PUT", {"json": REPORT, "headers": told}), ("DELETE", {"headers": told}),
    ):  # fmt: skip
        assert inside(app, method, "/v1/reports", **options).status_code == 503


def test_a_store_that_is_away_is_said_and_nothing_is_quoted(
    make_desk: Callable[..., Desk], inside: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    def away(*_: Any, **__: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {"secret": "85000"}, Exception("85000"))

    app = application(open_engine(), quiet=True, reports=make_desk())
    monkeypatch.setattr(sa.Connection, "execute", away)
    monkeypatch.setattr(sa.Connection, "scalar", away)
    answer = inside(app, "POST", "/v1/reports", json=REPORT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "85000" not in answer.text


def test_without_a_desk_there_is_nothing_here(inside: Ask) -> None:
    app = application(open_engine(), quiet=True)
    for path in ("/v1/reports", "/v1/reports/terms"):
        assert inside(app, "GET", path).status_code == 404
    assert "/v1/reports" not in inside(app, "GET", "/openapi.json").json()["paths"]


def test_the_description_holds_every_way(ask: Ask) -> None:
    paths = ask("GET", "/openapi.json").json()["paths"]
    assert paths["/v1/reports"].keys() == {"post", "get", "put", "delete"}
    assert paths["/v1/reports/terms"].keys() == {"get"}
    example = paths["/v1/reports"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert ask("POST", json={**example, "month": None}).status_code == 201


def test_the_server_collects_and_its_log_keeps_no_trace(
    serve: Callable[..., Any], make_desk: Callable[..., Desk]
) -> None:
    desk = make_desk(batch=5)
    served = serve("--workers", "2", "--collect", str(desk.folder))
    receipts = []
    with httpx.Client(base_url=served.url, timeout=20) as client:
        for n in range(12):
            receipts.append(client.post("/v1/reports", json={**REPORT, "base": 70_000 + n}).json()["receipt"])
        assert client.get("/v1/reports", headers=held(receipts[0])).json()["report"]["base"] == 70_000
        assert client.delete("/v1/reports", headers=held(receipts[1])).status_code == 200
        assert client.get("/v1/reports", headers=held("A" * 52)).status_code == 404
        counts = client.get("/metrics").text
    code, log = served.stop()
    assert code == 0, log
    assert "/v1/reports" not in log
    assert "/v1/reports" not in counts
    for secret in ("Secretive", "85000", "70000", "4321", *receipts):
        assert secret not in log
    assert all(json.loads(line) for line in log.splitlines())
    assert [desk.read(one)[0].base for one in (receipts[0], receipts[11])] == [70_000, 70_011]
    assert desk.store.status()["reports"] >= 5


def test_what_is_no_desk_is_one_line(serve: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as error:
        serve("--collect", str(tmp_path))
    assert str(error.value).count("\n") == 1
    assert "submissions init" in str(error.value)
