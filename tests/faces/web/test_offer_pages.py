"""Offers and negotiation as pages: letters that are pasted, fields that are wrong, the same figures as everywhere else."""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

for part in ("fastapi", "httpx", "jinja2", "prometheus_client", "vl_convert"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

import httpx
from hypothesis import given
from hypothesis import strategies as st

from paylens.advice.offer.text.letter import FIELDS, LARGEST_TEXT
from paylens.advice.offer.words import first_line
from paylens.contract.errors import InputError, MissingExtra
from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.web.drawing import Drawer
from paylens.faces.web.notation import notation
from paylens.faces.web.offered import entries, question, text_of
from paylens.faces.web.site import Site
from paylens.faces.web.view import Asked
from paylens.faces.web.views import negotiate as negotiation

ENGINE = open_engine()
SITE = Site(ENGINE)
FORM = "application/x-www-form-urlencoded"
LETTER = (
    "Dear Ann, Northwind GmbH offers you the role of ML engineer in Berlin. Salary: EUR 85,000 a year, 10 % bonus, RSUs worth "
    "60,000 EUR over four years with one year cliff. 30 days of holiday."
)
PAIR = {
    "role": "ML engineer", "years_experience": "6", "a.name": "Northwind", "a.location": "Berlin", "a.base": "95,000", "a.bonus": "10 %",
    "b.name": "Contoso", "b.location": "Berlin", "b.base": "88k", "b.equity.grant_value": "60000", "as_of": "2026-11",
}  # fmt: skip
FILE = {
    "me": {"role": "ML engineer", "years_experience": 6},
    "offer": [
        {"name": "Northwind", "location": "Berlin", "base": 95000, "bonus": 0.1},
        {"name": "Contoso", "location": "Berlin", "base": 88000, "equity": {"kind": "rsu", "grant_value": 60000}},
    ],
}  # fmt: skip


def ask(
    path: str, fields: dict[str, str] | None = None, *, post: Any = None, **headers: str
) -> httpx.Response:
    async def asked() -> httpx.Response:
        app = application(ENGINE, quiet=True, pages=SITE.routes(), sorry=SITE.sorry)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        sent = {"accept": "text/html", "accept-language": "en-US"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            if post is None:
                return await client.get(path, params=fields, headers=sent)
            body = post if isinstance(post, bytes) else urlencode(post).encode()
            return await client.post(path, content=body, headers={"content-type": FORM} | sent)

    return asyncio.run(asked())


def heading(found: httpx.Response) -> str:
    match = re.search(r"<h1>(.*?)</h1>", found.text, re.DOTALL)
    assert match is not None
    return html.unescape(re.sub(r"<[^>]+>", "", match[1])).replace("\xa0", " ")


def value(found: httpx.Response, name: str) -> str | None:
    match = re.search(rf'<input id="{re.escape(name)}"[^>]* value="([^"]*)"', found.text)
    return None if match is None else html.unescape(match[1])


# ---- The same figures ----------------------------------------------------------------------------------------------


def test_the_first_line_is_that_of_the_library() -> None:
    a = ENGINE.compare_offers(FILE, as_of="2026-11")
    said = first_line(a, lambda amount: notation("en-US").money(amount, a["currency"]))
    assert heading(ask("/offers", PAIR)) == said.replace("\xa0", " ")


def test_what_to_ask_for_is_that_of_the_library() -> None:
    a = ENGINE.negotiate(FILE, "Contoso", as_of="2026-11")
    said = notation("en-US").money(a["ask"]["base"], "EUR")
    assert heading(ask("/negotiate", PAIR | {"offer": "b"})).startswith(f"Ask for {said}; be content at")


@pytest.mark.parametrize("path", ["/offers", "/negotiate"])
def test_without_a_question_an_example_that_says_so(path: str) -> None:
    found = ask(path)
    assert found.status_code == 200
    assert "For example" in found.text
    assert value(found, "a.base") == ""


# ---- Letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/offers", "/negotiate"])
def test_a_letter_fills_the_form_beside_its_own_words(path: str) -> None:
    found = ask(path, post={"letter": LETTER, "read": "letter"})
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert [value(found, f"a.{n}") for n in ("name", "location", "base", "bonus", "benefits.paid_days_off")] == [
        "Northwind GmbH", "Berlin", "85000", "10 %", "30",
    ]  # fmt: skip
    assert value(found, "a.equity.vesting") == "25/25/25/25"
    assert re.search(r'id="a\.base-hint">“[^”]*85,000', found.text)
    assert "Dear Ann" not in found.text, "the letter itself is forgotten"


def test_a_letter_goes_into_the_first_empty_offer_and_nothing_typed_is_lost() -> None:
    typed = {
        "role": "data scientist",
        "a.name": "Mine",
        "a.base": "70000",
        "a.location": "Munich",
        "letter": LETTER,
    }
    found = ask("/offers", post=typed)
    assert [value(found, n) for n in ("role", "a.name", "a.base", "a.location")] == [
        "data scientist",
        "Mine",
        "70000",
        "Munich",
    ]
    assert value(found, "b.base") == "85000"


def test_what_a_letter_leaves_open_is_left_blank_with_what_it_could_be() -> None:
    found = ask(
        "/offers",
        post={"letter": "Contoso AG offers you a base of EUR 90,000 or EUR 95,000 as ML engineer in Munich."},
    )
    assert found.status_code == 200, "it was read, though it does not say enough to compare"
    assert value(found, "a.base") == ""
    assert "90,000" in found.text
    assert "95,000" in found.text


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "'; DROP TABLE"]
)
def test_a_letter_is_never_markup(hostile: str) -> None:
    text = f"{hostile} GmbH offers you, {hostile}, EUR 85,000 {hostile} a year as ML engineer in Berlin. We pay {hostile} 4,321 EUR."
    found = ask("/offers", post={"letter": text, "a.name": hostile, "a.base": "1"})
    assert "<script>alert" not in found.text
    assert "<img" not in found.text
    assert ">49<" not in found.text
    assert value(found, "a.name") == hostile


def test_a_letter_that_is_too_long_is_refused_beside_its_field_and_is_not_lost() -> None:
    found = ask("/offers", post={"letter": "a" * (LARGEST_TEXT + 1), "a.base": "70000"})
    assert found.status_code == 422
    assert 'id="letter-wrong"' in found.text
    assert "200,000 characters" in found.text
    assert "a" * (LARGEST_TEXT + 1) in found.text
    assert value(found, "a.base") == "70000"


def test_a_fifth_offer_has_no_room() -> None:
    full = {f"{slot}.base": "70000" for slot in "abcd"} | {"a.location": "Berlin"}
    found = ask("/offers", post=full | {"letter": LETTER})
    assert found.status_code == 422
    assert "room for 4 offers" in found.text


def test_a_form_without_a_letter_leads_to_its_address() -> None:
    found = ask("/offers", post=PAIR | {"letter": "  ", "c.name": ""})
    assert found.status_code == 303
    where = urlsplit(found.headers["location"])
    assert where.path == "/offers"
    assert parse_qs(where.query) == {name: [text] for name, text in PAIR.items()}


def test_a_letter_is_no_part_of_an_address() -> None:
    found = ask("/offers", {"letter": "secret"})
    assert found.status_code == 422
    assert "not a field of this page" in found.text


# ---- Forms that are not taken ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"letter=" + b"a" * (1 << 20), {}, 413), (b"letter=x", {"content_type": "application/json"}, 415),
        (b"letter=x", {"content_encoding": "gzip"}, 415), (b"letter=x", {"sec_fetch_site": "cross-site"}, 403),
        (b"letter=x", {"sec_fetch_site": "same-site"}, 403), ("letter=ä".encode(), {}, 400),
        ("&".join(f"f{i}=1" for i in range(500)).encode(), {}, 400),
    ],
)  # fmt: skip
def test_what_is_no_form_of_the_page_is_refused_on_a_page(
    body: bytes, headers: dict[str, str], status: int
) -> None:
    found = ask("/offers", post=body, **headers)
    assert found.status_code == status
    assert found.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in found.headers["content-security-policy"]


def test_only_views_with_forms_take_them() -> None:
    assert ask("/method", post={"letter": "x"}).status_code == 405


# ---- Fields that are wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/offers", "/negotiate"])
@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"a.base": "much"}, "a.base", "must be an amount"), ({"a.bonus": "50"}, "a.bonus", "neither a share"),
        ({"b.location": "Berlim"}, "b.location", "not a known place"), ({"a.currency": "EURO"}, "a.currency", "three letters"),
        ({"b.equity.kind": "shares"}, "b.equity.kind", "must be one of"), ({"b.equity.vesting": "50/20"}, "b.equity.vesting", "sums to 0.7"),
        ({"a.raise": "much"}, "a.raise", "must be a number"), ({"b.name": "Northwind"}, "b.name", "two offers"), ({"role": "xyzzy"}, "role", ""),
        ({"years_experience": "99"}, "years_experience", "0 to 60"), ({"a.seniority": "boss of all"}, "a.seniority", ""), ({"years": "0"}, "years", "1 to 10"),
        ({"a.work.remote": "moon"}, "a.work.remote", ""), ({"now.base": "none"}, "now.base", "must be an amount"),
        ({"filing": "alone"}, "filing", "must be one of"), ({"as_of": "2026"}, "as_of", ""),
    ],
)  # fmt: skip
def test_a_wrong_field_is_shown_beside_itself_and_nothing_is_lost(
    path: str, changed: dict[str, str], field: str, words: str
) -> None:
    asked = {k: v for k, v in {**PAIR, **changed}.items() if v}
    found = ask(path, asked)
    assert found.status_code == 422
    assert f'id="{field}-wrong"' in found.text
    assert words in html.unescape(found.text).casefold()
    for name in ("a.name", "b.equity.grant_value", "a.location"):
        assert value(found, name) == asked[name]


@pytest.mark.parametrize("path", ["/offers", "/negotiate"])
def test_an_offer_without_a_base_is_no_fault_but_left_out_and_said_so(path: str) -> None:
    found = ask(path, {k: v for k, v in PAIR.items() if k != "b.base"})
    assert found.status_code == 200
    assert "Left out until it has a base and a place: Contoso" in found.text
    nothing = ask(path, {"role": "ML engineer", "a.name": "Northwind"})
    assert nothing.status_code == 200
    assert heading(nothing) == "Say the base pay and the place of Northwind, and the answer stands here."


def test_a_field_given_twice_or_unknown_is_named() -> None:
    assert "given twice" in ask("/offers?a.base=1&a.base=2").text
    assert "not a field of this page" in ask("/offers?e.base=1").text


def test_an_offer_that_is_not_there_cant_be_asked_for() -> None:
    found = ask("/negotiate", PAIR | {"offer": "c"})
    assert found.status_code == 422
    assert 'id="offer-wrong"' in found.text


# ---- What is typed ---------------------------------------------------------------------------------------------------


def typed(**fields: str) -> dict[str, Any]:
    asked = Asked(
        ENGINE, {f"a.{k.replace('__', '.')}": [v] for k, v in fields.items()}, notation("en"), Drawer()
    )
    offer: dict[str, Any] = question(asked)[0]["offer"][0]
    return offer


@pytest.mark.parametrize(
    ("text", "meant"),
    [("10 %", 0.1), ("10%", 0.1), ("0.1", 0.1), (".1", 0.1), ("0,1", 0.1), ("12.5 %", 0.125), ("9500", 9500), ("9,500", 9500), ("9.5k", 9500), ("1", 1.0)],
)  # fmt: skip
def test_a_bonus_is_a_share_or_an_amount(text: str, meant: float) -> None:
    assert typed(base="1000", currency="EUR", bonus=text)["bonus"] == pytest.approx(meant)


@pytest.mark.parametrize(
    "text",
    ["25/25/25/25", "25, 25, 25, 25", "25 25 25 25 %", "0.25/0.25/0.25/0.25", "25 %; 25 %; 25 %; 25 %"],
)
def test_vesting_is_a_share_a_year(text: str) -> None:
    assert typed(base="1000", currency="EUR", equity__vesting=text)["equity"]["vesting"] == [0.25] * 4


@given(st.sampled_from([e for e in entries() if e.kind in ("percent", "bonus")]), st.integers(1, 1999))
def test_a_share_is_written_as_it_is_read(entry: Any, thousandths: int) -> None:
    share = thousandths / 1000
    found = typed(
        **{"base": "1000", "currency": "EUR", entry.field.replace(".", "__"): text_of(entry.field, share)}
    )
    for name in entry.field.split("."):
        found = found[name]
    assert found == pytest.approx(share)


@given(st.sampled_from(entries()), st.text(min_size=1, max_size=30))
def test_any_text_in_a_field_is_understood_or_named(entry: Any, text: str) -> None:
    try:
        typed(**{"base": "1000", "currency": "EUR", entry.field.replace(".", "__"): text})
    except InputError as error:
        assert error.field == f"a.{entry.field}"


def test_the_form_has_every_field_that_a_letter_is_read_for() -> None:
    assert set(FIELDS) <= {e.field for e in entries()}


# ---- The document ----------------------------------------------------------------------------------------------------


def test_the_brief_is_a_pdf_too() -> None:
    pytest.importorskip("typst", reason="typst is not here: pip install 'paylens[report]'")
    found = ask("/negotiate", PAIR | {"as": "pdf"})
    assert found.headers["content-type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")
    assert 'filename="negotiation.pdf"' in found.headers["content-disposition"]


def test_without_typst_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: Any) -> bytes:
        raise MissingExtra("typst", "report")

    monkeypatch.setattr(negotiation, "pdf", missing)
    found = ask("/negotiate", PAIR | {"as": "pdf"})
    assert found.status_code in (422, 501)
    assert "paylens[report]" in found.text
