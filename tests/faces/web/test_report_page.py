"""The form for a pay report: nothing in an address, a receipt shown once, read back, corrected and deleted by it."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

for part in (
    "fastapi",
    "httpx",
    "jinja2",
    "prometheus_client",
    "vl_convert",
    "sqlalchemy",
    "alembic",
    "nacl",
):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve,collect]' httpx")

import httpx

from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.web.site import Site
from paylens.faces.web.views import report
from paylens.submissions import keys as key_files
from paylens.submissions.desk import Desk, Rules, init_desk

ENGINE = open_engine()
REPORT = {
    "role": "ML engineer",
    "location": "Berlin",
    "base": "85,000",
    "bonus": "5k",
    "years_experience": "4",
    "skills": "PyTorch, AWS",
}


class Pages:
    """A server with a desk, asked in this process."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        site = Site(ENGINE, (report.view(desk),))
        self.app = application(ENGINE, quiet=True, reports=desk, pages=site.routes(), sorry=site.sorry)

    def ask(
        self, path: str = "/report", post: dict[str, str] | None = None, before: str = "", **headers: str
    ) -> httpx.Response:
        """The answer; with `before` as of a proxy that adds its own line to what the sender said of an address."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            sent = {"accept": "text/html", "accept-language": "en-US"} | {
                k.replace("_", "-"): v for k, v in headers.items()
            }
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                if post is None:
                    return await client.get(path, headers=sent)
                form = {"content-type": "application/x-www-form-urlencoded"}
                proxy = [("x-forwarded-for", one) for one in (before, "192.0.2.1") if before]
                lines = [*(form | sent).items(), *proxy]
                return await client.post(path, content=urlencode(post).encode(), headers=lines)

        return asyncio.run(asked())


@pytest.fixture
def pages(tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Pages]:
    """A desk on SQLite with keys of its own."""
    (tmp_path / "store").mkdir()
    key_files.make(tmp_path / "keys")
    rules = Rules(**{"per_day": 1000, "misses": 1000, **getattr(request, "param", {})})
    desk = init_desk(
        tmp_path / "desk", str(tmp_path / "store" / "r.sqlite"), tmp_path / "keys" / "public.toml", rules
    )
    yield Pages(desk)
    desk.close()


def receipt(found: httpx.Response) -> str:
    match = re.search(r"<output[^>]*>([^<]+)</output>", found.text)
    assert match is not None, found.text[:2000]
    return match[1]


def value(found: httpx.Response, name: str) -> str:
    match = re.search(rf'<input (?:id="{name}"|type="hidden") name="{name}"[^>]*value="([^"]*)"', found.text)
    assert match is not None
    return html.unescape(match[1])


def test_there_is_no_page_without_a_desk() -> None:
    site = Site(ENGINE)
    assert "/report" not in {v.path for v in site.views}


def test_sent_read_back_corrected_deleted(pages: Pages) -> None:
    sent = pages.ask(post=REPORT | {"do": "send"})
    assert sent.status_code == 200
    assert sent.headers["cache-control"] == "no-store"
    token = receipt(sent)
    assert "€85,000" in sent.text
    assert "PyTorch, Amazon Web Services" in sent.text

    back = pages.ask(post={"receipt": token, "do": "read"})
    assert [value(back, n) for n in ("role", "location", "base", "bonus")] == [
        "ML engineer",
        "Berlin, Germany",
        "85000",
        "5000",
    ]

    form = {
        n: value(back, n)
        for n in ("receipt", "role", "location", "base", "bonus", "currency", "month", "skills")
    }
    corrected = pages.ask(post=form | {"base": "91000", "do": "correct"})
    assert receipt(corrected) == token
    assert pages.desk.read(token)[0].base == 91_000

    assert "deleted" in pages.ask(post={"receipt": token, "do": "delete"}).text
    gone = pages.ask(post={"receipt": token, "do": "read"})
    assert gone.status_code == 422
    assert "no report has this receipt" in gone.text.casefold()


def test_pressed_twice_it_is_one_report(pages: Pages) -> None:
    token = value(pages.ask(), "receipt")
    first, second = (pages.ask(post=REPORT | {"receipt": token, "do": "send"}) for _ in range(2))
    assert receipt(first) == receipt(second) == token
    pages.desk.drain(whole=True)
    assert pages.desk.read(token)[0].base == 85_000


def test_each_form_has_a_receipt_of_its_own(pages: Pages) -> None:
    assert value(pages.ask(), "receipt") != value(pages.ask(), "receipt")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"base": "much"}, "base"), ({"base": ""}, "base"), ({"location": "Europe"}, "location"), ({"role": "xyzzy"}, "role"),
        ({"month": "2001-01"}, "month"), ({"years_experience": "99"}, "years_experience"), ({"seniority": "boss of all"}, "seniority"),
        ({"currency": "XYZ"}, "currency"), ({"bonus": "-1"}, "bonus"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_shown_and_nothing_is_lost_or_kept(
    pages: Pages, changed: dict[str, str], field: str
) -> None:
    token = value(pages.ask(), "receipt")
    found = pages.ask(post=REPORT | changed | {"receipt": token, "do": "send"})
    assert found.status_code == 422
    assert f'id="{field}-wrong"' in found.text
    assert value(found, "receipt") == token
    for name in set(REPORT) - set(changed):
        assert value(found, name) == REPORT[name]
    assert "no report" in pages.ask(post={"receipt": token, "do": "read"}).text.casefold()


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"]
)
def test_what_is_typed_is_never_markup(pages: Pages, hostile: str) -> None:
    for name in ("role", "employer", "base", "receipt", "code"):
        found = pages.ask(post=REPORT | {name: hostile, "do": "send"})
        assert "<script>alert" not in found.text
        assert "<img" not in found.text
        assert ">49<" not in found.text


def test_no_browser_keeps_the_form_and_the_receipt_in_it(pages: Pages) -> None:
    """Who comes next to the same machine finds neither in its cache, nor by going back."""
    for path in ("/report", "/report?part=answer", "/report?base=1"):
        found = pages.ask(path)
        assert found.headers["cache-control"] == "no-store"
        assert "etag" not in found.headers
    assert pages.ask("/method").headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("pages", [{"per_day": 1, "source_header": "X-Forwarded-For"}], indirect=True)
def test_a_sender_cant_say_where_from(pages: Pages) -> None:
    found = [
        pages.ask(post=REPORT | {"base": str(80_000 + n), "do": "send"}, before=f"9.9.9.{n}")
        for n in range(2)
    ]
    assert ["<output" in one.text for one in found] == [True, False]


def test_pay_is_never_part_of_an_address(pages: Pages) -> None:
    found = pages.ask("/report?role=ML+engineer&location=Berlin&base=85000")
    assert found.status_code == 422
    assert "never part of an address" in found.text


def test_another_site_cant_send_in_its_readers_name(pages: Pages) -> None:
    assert pages.ask(post=REPORT | {"do": "send"}, sec_fetch_site="cross-site").status_code == 403


def test_more_than_a_form_holds_is_refused(pages: Pages) -> None:
    assert pages.ask(post=REPORT | {"employer": "a" * 20_000}).status_code == 413


@pytest.mark.parametrize("pages", [{"invited": True}], indirect=True)
def test_where_an_invitation_is_needed_it_is_asked_for_and_works_once(pages: Pages) -> None:
    assert re.search(r'id="code"[^>]*required', pages.ask().text)
    refused = pages.ask(post=REPORT | {"do": "send"})
    assert "code is needed" in refused.text
    code = pages.desk.invite(1)[0]
    assert receipt(pages.ask(post=REPORT | {"code": code, "do": "send"}))
    again = pages.ask(post=REPORT | {"base": "70000", "code": code, "do": "send"})
    assert "<output" not in again.text


@pytest.mark.parametrize("pages", [{"per_day": 2}], indirect=True)
def test_a_flood_is_stopped_and_what_was_typed_stays(pages: Pages) -> None:
    answers = [pages.ask(post=REPORT | {"base": str(80_000 + n), "do": "send"}) for n in range(3)]
    assert ["<output" in a.text for a in answers] == [True, True, False]
    assert value(answers[2], "base") == "80002"


def test_the_page_is_in_no_log(pages: Pages, capsys: Any) -> None:
    loud = application(ENGINE, reports=pages.desk, pages=Site(ENGINE, (report.view(pages.desk),)).routes())
    pages.app = loud
    pages.ask(post=REPORT | {"do": "send"})
    pages.ask("/method")
    said = capsys.readouterr()
    assert "/method" in said.out + said.err
    assert "/report" not in said.out + said.err
