"""The pages as a server gives them: addresses, errors beside their fields, escaping, caching, policy, the token."""

from __future__ import annotations

import asyncio
import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

for part in ("fastapi", "httpx", "jinja2", "prometheus_client", "vl_convert"):
    pytest.importorskip(part, reason=f"{part} is not here: pip install 'paylens[serve]' httpx")

import httpx

from paylens.engine import open as open_engine
from paylens.faces.http.app import application
from paylens.faces.http.guard import Access
from paylens.faces.web import site as pages

ENGINE = open_engine()
SITE = pages.Site(ENGINE)
TOKEN = "a-token-of-some-length"
ASK = "/?role=ML+engineer&location=Berlin&years_experience=4&as_of=2026-11"
STATIC = Path(pages.__file__).parent / "static"


def app(access: Access | None = None) -> Any:
    return application(ENGINE, access=access, quiet=True, pages=SITE.routes(), sorry=SITE.sorry)


def ask(address: str, method: str = "GET", *, of: Any = None, **headers: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(of or app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(
                method, address, headers={"accept": "text/html,*/*;q=0.8"} | {k.replace("_", "-"): v for k, v in headers.items()}
            )  # fmt: skip

    return asyncio.run(asked())


class Read(HTMLParser):
    """Tags that are open at the end, and attributes that the policy refuses."""

    VOID = {"meta", "link", "input", "br", "img"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.refused: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = dict(attrs)
        self.refused += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        self.ids += [str(names["id"])] if "id" in names else []
        if tag == "script" and "src" not in names:
            self.refused.append("inline script")
        if tag == "style":
            self.refused.append("inline style")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


@pytest.mark.parametrize(
    "address", [*(v.path for v in SITE.views), ASK, ASK + "&mine=80000", "/?role=xyzzy", "/nothing"]
)
def test_a_page_is_sound_and_keeps_to_the_policy(address: str) -> None:
    found = ask(address)
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in found.headers
    assert found.headers.get_list("content-security-policy") == [policy]
    read = Read(found.text)
    assert read.open == []
    assert read.refused == []
    assert len(read.ids) == len(set(read.ids)), "an id twice"
    assert 'lang="en"' in found.text


def test_the_root_is_a_page_for_people_and_a_list_for_programs() -> None:
    assert ask("/").headers["content-type"].startswith("text/html")
    assert ask("/", accept="*/*").json()["name"] == "paylens"
    assert ask("/", accept="application/json").json()["name"] == "paylens"


def test_numbers_are_in_the_readers_notation() -> None:
    assert re.search(r"€\d\d,\d00", ask(ASK, accept_language="en-US").text)
    german = ask(ASK, accept_language="de-DE")
    assert re.search(r"\d\d\.\d00\xa0€", german.text)
    assert "accept-language" in german.headers["vary"]


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        ("/?role=ML+engineer&location=Berlim&mine=70000", "location", "not a known place"), ("/?role=xyzzy&mine=70000", "role", "not"),
        ("/?location=Berlin&mine=70000", "role", "is required"), ("/?role=ML+engineer&mine=much", "mine", "must be an amount"),
        ("/?role=ML+engineer&years_experience=many&mine=70000", "years_experience", "number of years"),
        ("/?role=ML+engineer&years_experience=99&mine=70000", "years_experience", "from 0 to 60"),
        ("/?role=ML+engineer&role=nurse&mine=70000", "role", "given twice"), ("/?role=ML+engineer&as_of=1999-01&mine=70000", "as_of", "first data"),
        ("/?role=ML+engineer&currency=XYZ&mine=70000", "currency", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    address: str, field: str, words: str
) -> None:
    found = ask(address)
    assert found.status_code == 422
    assert f'id="{field}-wrong"' in found.text
    assert words in found.text.casefold()
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', found.text)
    for name, value in httpx.URL(address).params.multi_items():
        if name != "role" or "role=nurse" not in address:
            assert f'value="{value}"' in found.text, f"{name} is lost"
    assert "<h1>" in found.text


def test_the_nearest_is_a_link_to_the_same_question() -> None:
    found = ask("/?role=ML+engineer&location=Berlim&mine=70000")
    link = re.search(r'href="(/\?[^"]*)">Berlin, Germany', found.text)
    assert link
    again = ask(link[1].replace("&amp;", "&"))
    assert again.status_code == 200
    assert 'value="70000"' in again.text


def test_a_field_that_is_not_known_is_an_error() -> None:
    found = ask("/?role=ML+engineer&sallary=1")
    assert found.status_code == 422
    assert "sallary" in found.text


NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{7*7}}"


@pytest.mark.parametrize(
    "field", ["role", "location", "employer", "skills", "mine", "currency", "as_of", "nonsense", NASTY]
)
def test_what_is_typed_is_never_markup(field: str) -> None:
    query = httpx.QueryParams({"role": "ML engineer"} | {field: NASTY})
    found = ask(f"/?{query}")
    assert found.status_code in (200, 422)
    assert "<script>alert" not in found.text
    assert "<img" not in found.text
    read = Read(found.text)
    assert read.open == []
    assert read.refused == []


def test_an_empty_field_is_not_in_the_address() -> None:
    found = ask("/?role=ML+engineer&location=&education=++")
    assert (found.status_code, found.headers["location"]) == (303, "/?role=ML+engineer")
    assert ask("/?role=").headers["location"] == "/"


@pytest.mark.parametrize(
    "address",
    [
        "/?" + "a=1&" * 200,
        "/?role=" + "x" * 20_000,
        "/?role=%00%ff&location=%f0%28",
        "/?=&=&role=ML+engineer&x",
    ],
)
def test_an_address_of_nonsense_is_refused_in_words(address: str) -> None:
    found = ask(address)
    assert found.status_code in (303, 400, 414, 422)


@pytest.mark.parametrize("address", [*(v.path for v in SITE.views), ASK])
def test_a_page_is_not_sent_twice_and_head_sends_none(address: str) -> None:
    first = ask(address)
    assert first.status_code == 200
    again = ask(address, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert ask(address, accept_language="de", if_none_match=first.headers["etag"]).status_code in (200, 304)
    head = ask(address, "HEAD")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == first.headers["etag"]


def test_the_answer_alone_is_the_one_of_the_page() -> None:
    part = ask(ASK + "&part=answer&size=narrow")
    whole = ask(ASK)
    assert "<html" not in part.text
    first = re.search(r"<h1>.*?</h1>", part.text, re.DOTALL)
    assert first
    assert first[0] in whole.text
    assert part.text.count("<svg") * 2 == whole.text.count("<svg")


def test_files_are_kept_for_good_under_the_name_of_their_content() -> None:
    page = ask("/").text
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(names) == 3
    for name in names:
        found = ask(name)
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.content == (STATIC / re.sub(r"\.[0-9a-f]{12}\.", ".", Path(name).name)).read_bytes()
    assert ask("/static/paylens.000000000000.css").status_code == 404
    assert ask("/static/..%2fsite.py").status_code == 404


def test_the_script_is_small_and_asks_nobody_else() -> None:
    script = (STATIC / "paylens.js").read_text(encoding="utf-8")
    assert len(script.encode()) < 15_000
    for text in (script, (STATIC / "paylens.css").read_text(encoding="utf-8")):
        assert "://" not in text
    assert "eval" not in script
    assert "localStorage" not in script


def test_a_benchmark_can_be_kept() -> None:
    query = "role=ML+engineer&location=United+States&by=seniority&as_of=2026-11"
    page = ask(f"/benchmarks?{query}").text
    for form, kind in (("csv", "text/csv"), ("json", "application/json")):
        link = re.search(rf'href="(\?[^"]*as={form})"', page)
        assert link
        found = ask("/benchmarks" + link[1].replace("&amp;", "&"))
        assert found.headers["content-type"].startswith(kind)
        assert "attachment" in found.headers["content-disposition"]
    assert (
        found.json()["rows"]
        == ENGINE.benchmark(role="ML engineer", location="United States", by="seniority", as_of="2026-11")[
            "rows"
        ]
    )


def test_a_withheld_cell_says_why() -> None:
    page = ask("/benchmarks?role=ML+engineer&location=Europe&by=country&currency=EUR&as_of=2026-11").text
    assert "Not shown: " in page
    assert "fewer than 10 reports" in page


def test_a_cut_that_is_not_made_is_an_error_with_its_form() -> None:
    found = ask("/benchmarks?role=ML+engineer&by=min")
    assert found.status_code == 422
    assert 'id="by-wrong"' in found.text


def test_a_page_behind_a_token_asks_for_it_as_a_password() -> None:
    guarded = app(Access(token=TOKEN))
    refused = ask("/", of=guarded)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert "password" in refused.text
    given = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    assert ask("/", of=guarded, authorization=f"Basic {given}").status_code == 200
    assert ask("/v1/sources", of=guarded, authorization=f"Basic {given}").status_code == 200
    wrong = base64.b64encode(b"anybody:wrong").decode()
    for sent in (f"Basic {wrong}", "Basic ???", f"Basic {TOKEN}", "Basic "):
        assert ask("/", of=guarded, authorization=sent).status_code == 401


def test_what_is_not_there_is_said_as_a_page_to_people_alone() -> None:
    assert "<h1>" in ask("/nothing").text
    assert ask("/nothing", accept="*/*").headers["content-type"] == "application/problem+json"
    assert "<h1>" in ask("/", of=app(), host="evil.example").text


def test_the_numbers_are_those_of_the_library() -> None:
    found = ENGINE.estimate(role="ML engineer", location="Berlin", years_experience=4, as_of="2026-11")
    say = pages.notation("en-US")
    page = ask(ASK, accept_language="en-US").text
    for p in ("p10", "p25", "p50", "p75", "p90"):
        assert say.money(found.percentiles[p], "EUR") in page


def test_the_nearest_cohort_comes_first() -> None:
    page = ask("/?role=data+scientist&location=Singapore&employer=Google&as_of=2026-11").text
    cohorts = ["Data scientist · Google", "Data scientist · Singapore", "Data scientist · Asia"]
    at = [page.index(f">{name} ·") for name in cohorts]
    assert at == sorted(at)


def test_too_many_at_once_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST_WAITING", 0)
    found = ask("/")
    assert (found.status_code, found.headers["retry-after"]) == (503, "5")
    assert "<h1>" in found.text
