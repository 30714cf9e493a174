"""What a notebook shows of an answer, without a notebook; and answers as tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import paylens
from paylens.answers import Answer
from paylens.contract.errors import MissingExtra, PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.notebook import VEGA_LITE, mimebundle

MONTH = "2026-11"
ENGINE: Engine = open_engine()
ODD = "<script>alert('x')</script> & <b>"
OFFERS = {
    "me": {"role": "ML engineer", "years_experience": 6},
    "offer": [
        {"name": ODD, "location": "Berlin", "base": 95000, "bonus": 0.1},
        {"name": "Contoso", "location": "Berlin", "base": 88000, "equity": {"kind": "rsu", "grant_value": 60000, "company": "listed"}},
    ],
}  # fmt: skip
AHEAD: dict[str, Any] = {
    "role": "data scientist", "location": "Berlin", "years_experience": 3, "education": "bachelor", "skills": ["python", "odd <i>"],
    "paths": 300, "as_of": MONTH,
}  # fmt: skip
ASKED: dict[str, Any] = {
    "estimate": lambda: ENGINE.estimate(role="ML engineer", location="Berlin", skills=["pytorch", "odd <i>"], as_of=MONTH),
    "world": lambda: ENGINE.estimate(role="ML engineer", as_of=MONTH),
    "as reported": lambda: ENGINE.estimate(role="ML engineer", location="US", as_reported_in="us_oews", as_of=MONTH),
    "benchmark": lambda: ENGINE.benchmark(role="ML engineer", location="Europe", by="seniority", as_of=MONTH),
    "two factors": lambda: ENGINE.benchmark(role="data scientist", location="US", by="years,seniority", as_of=MONTH),
    "nine cells": lambda: ENGINE.benchmark(guide=True, as_of=MONTH),
    "comparison": lambda: ENGINE.compare_offers(OFFERS, paths=300, as_of=MONTH),
    "one offer": lambda: ENGINE.compare_offers(OFFERS | {"offer": OFFERS["offer"][1:]}, paths=300, as_of=MONTH),
    "career": lambda: ENGINE.career(AHEAD),
    "two plans": lambda: ENGINE.career(AHEAD | {"path": "master", "against": "lead"}),
    "career of the world": lambda: ENGINE.career(role="data scientist", moves=["lead"], paths=300, as_of=MONTH),
    "forecast": lambda: ENGINE.forecast(role="ML engineer", location="Germany", as_of=MONTH, skills=["odd <i>"]),
    "forecast shifted": lambda: ENGINE.forecast(role="ML engineer", location="Europe", demand=-0.2, real=True, as_of=MONTH),
    "negotiation": lambda: ENGINE.negotiate(OFFERS, ODD, paths=300, as_of=MONTH),
}  # fmt: skip
VOID = {"br", "meta", "path", "rect", "line"}


class Balanced(HTMLParser):
    """Raises where a tag is not closed, and keeps the tags seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    return {name: ask() for name, ask in ASKED.items()}


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_shows_a_line_a_table_and_a_chart(name: str, answers: dict[str, Answer]) -> None:
    pytest.importorskip("vl_convert", reason="vl-convert is not here: pip install 'paylens[notebook]'")
    bundle = mimebundle(answers[name])
    page, text = bundle["text/html"], bundle["text/plain"]
    html = Balanced()
    html.feed(page)
    assert html.open == []
    assert "table" in html.seen
    assert "script" not in html.seen
    assert text.splitlines()[0]
    assert answers[name]["release"] in page
    json.dumps(bundle, allow_nan=False)
    if name == "nine cells":  # amounts of three currencies have no common scale
        assert VEGA_LITE not in bundle
    else:
        assert bundle[VEGA_LITE]["$schema"].endswith("v5.json")
        assert "svg" in html.seen


def test_the_numbers_shown_are_the_answers(answers: dict[str, Answer]) -> None:
    found, page = answers["estimate"], mimebundle(answers["estimate"])["text/html"]
    for amount in found["percentiles"].values():
        assert f"EUR\xa0{round(float(f'{amount:.3g}')):,}" in page
    for factor in found["factors"]:
        assert f"× {factor['multiplier']:.2f}".replace(" ", "\xa0") in page.replace("× ", "×\xa0")


def test_what_somebody_typed_is_escaped(answers: dict[str, Answer]) -> None:
    for name in ("comparison", "negotiation", "estimate", "career", "forecast"):
        page = mimebundle(answers[name])["text/html"]
        assert "<script" not in page
        assert not re.search(r"<[bi]>", page)


def test_without_vl_convert_the_tables_and_the_spec_stay(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, Answer]
) -> None:
    def absent(*_: Any) -> bytes:
        raise MissingExtra("vl_convert", "report")

    monkeypatch.setattr("paylens.faces.notebook.picture", absent)
    bundle = mimebundle(answers["estimate"])
    assert "<svg" not in bundle["text/html"]
    assert "<table" in bundle["text/html"]
    assert VEGA_LITE in bundle


def test_the_package_gives_answers_that_show_themselves() -> None:
    found = paylens.estimate(role="ML engineer", location="Berlin", as_of=MONTH)
    assert "text/html" in found._repr_mimebundle_()
    assert "text/html" in found._repr_mimebundle_(include=None, exclude=None)


def test_answering_does_not_load_what_shows() -> None:
    code = (
        "import paylens, sys; paylens.estimate(role='ML engineer'); "
        "print([m for m in sys.modules if m.startswith(('paylens.faces', 'pandas', 'vl_convert'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_row_that_could_not_be_answered_says_so() -> None:
    good, bad = ENGINE.estimate_many([{"role": "ML engineer"}, {"role": "xyzzy"}])
    assert mimebundle(good)["text/plain"].startswith("Half of people")
    assert mimebundle(bad)["text/plain"].startswith("Row 2 can't be answered: role")
    assert bad.to_arrow()["error"][0].as_py()


def test_an_answer_without_a_view_of_its_own_is_shown_and_has_no_table() -> None:
    found = Answer({"what": ODD, "currency": "EUR", "notes": ["a note"], "release": "x"})
    page = mimebundle(found)["text/html"]
    assert "a note" in page
    assert "<script" not in page
    with pytest.raises(PaylensError, match="no table"):
        found.to_arrow()


def test_answers_are_tables(answers: dict[str, Answer]) -> None:
    one = answers["estimate"].to_arrow()
    assert isinstance(one, pa.Table)
    assert one["p50"][0].as_py() == answers["estimate"]["percentiles"]["p50"]
    (many,) = [
        ENGINE.estimate_many(pa.table({"role": ["ML engineer"], "location": ["Berlin"], "as_of": [MONTH]}))
    ]
    assert one.schema == many.schema
    market = answers["benchmark"].to_arrow()
    assert market["p50"].to_pylist() == [row["p50"] for row in answers["benchmark"]["rows"]]
    assert market.column_names[0] == "seniority"
    years = answers["comparison"].to_arrow()
    assert years.num_rows == len(OFFERS["offer"]) * answers["comparison"]["years"]
    assert years["total_p50"][0].as_py() == answers["comparison"]["offers"][0]["years"][0]["total"]["p50"]
    told = answers["negotiation"].to_arrow().to_pylist()
    assert [row["what"] for row in told] == ["walk away", "offer", "be content", "ask"]
    assert told[-1]["base"] == answers["negotiation"]["ask"]["base"]


def test_moves_and_years_are_tables(answers: dict[str, Answer]) -> None:
    found = answers["career"]
    moves = found.to_arrow().to_pylist()
    assert [row["move"] for row in moves] == [move["move"] for move in found["moves"]]
    (master,) = [row for row in moves if row["move"] == "degree:master"]
    (whole,) = [move for move in found["moves"] if move["move"] == "degree:master"]
    assert master["value_p50"] == whole["degree"]["value"]["p50"]
    assert master["kept_middle"] == whole["kept"]["middle"]
    assert {row["currency"] for row in moves} == {"EUR"}
    for name, paths in (("forecast", ["drift"]), ("forecast shifted", ["drift", "shifted"])):
        found, years = answers[name], answers[name].to_arrow().to_pylist()
        assert list(dict.fromkeys(row["path"] for row in years)) == paths
        assert len(years) == len(paths) * (found["horizon"] + 1)
        last = (found["shifted"] or found["years"])[-1]
        assert years[-1]["amount_p50"] == last["amount"]["p50"]
        assert years[-1]["index_q975"] == last["index"]["q975"]


def test_a_view_says_what_the_answer_says(answers: dict[str, Answer]) -> None:
    for name, first in (("career", "headline"), ("forecast", "first_line")):
        assert mimebundle(answers[name])["text/plain"].startswith(answers[name][first])
    page = mimebundle(answers["two plans"])["text/html"]
    assert "finish a master&#x27;s degree against lead" in page
    assert "Degrees" in page
    assert "with the scenarios" in mimebundle(answers["forecast shifted"])["text/html"]
    assert "with the scenarios" not in mimebundle(answers["forecast"])["text/html"]


def test_answers_are_frames(answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas", reason="pandas is not here: pip install 'paylens[notebook]'")
    frame = answers["comparison"].to_frame()
    assert list(frame["offer"].unique()) == [offer["name"] for offer in OFFERS["offer"]]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match="notebook"):
        answers["comparison"].to_frame()


def test_an_answer_is_still_the_dictionary(answers: dict[str, Answer]) -> None:
    for found in answers.values():
        plain = found.to_dict()
        assert type(plain) is dict
        assert plain == found
        assert found.release == plain["release"]


def test_the_examples_of_the_page_run() -> None:
    pytest.importorskip("pandas", reason="pandas is not here: pip install 'paylens[notebook]'")
    page = (Path(__file__).parents[3] / "docs" / "notebook.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for block in blocks:
        exec(block, names)
    assert len(blocks) >= 2
    assert len(names["market"])
