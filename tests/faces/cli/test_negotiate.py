"""`paylens negotiate` as people meet it: the terminal, the brief in three forms, and what goes wrong."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from paylens.advice.negotiate.brief import Brief, brief
from paylens.briefs.axis import axis
from paylens.briefs.html import html
from paylens.briefs.markdown import markdown
from paylens.contract.require import require
from paylens.faces.cli.output import money
from paylens.faces.cli.render_negotiate import lines

# An answer kept as it once was, so that no figure of a release is in a golden file.
KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("negotiation.json").read_text(encoding="utf-8"))
Compare = Callable[[str, list[str]], None]
OFFERS = """
[me]
role = "ML engineer"
location = "Berlin"
seniority = "mid"
[[offer]]
name = "Northwind"
base = 76000
[[offer]]
name = "Acme"
base = 80000
"""


def made(**changes: Any) -> Brief:
    answer = copy.deepcopy(KEPT)
    for part, values in changes.items():
        answer[part] |= values
    return brief(answer, lambda amount, currency, whole: money(amount, currency, whole=whole))


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paylens", "negotiate", *args], capture_output=True, text=True, check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "LANG": "en_US.UTF-8", "LC_ALL": "", **env},
    )  # fmt: skip


@pytest.fixture
def offers(tmp_path: Path) -> Path:
    path = tmp_path / "offers.toml"
    path.write_text(OFFERS, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylens.faces.cli.output.wide", lambda: True)
    monkeypatch.setattr("paylens.faces.cli.render_negotiate.wide", lambda: True)


def test_the_terminal(same_as_golden: Compare) -> None:
    shown = lines(made())
    assert max(map(len, shown)) <= 80
    assert re.fullmatch(r"Ask for €[\d,]+; be content at €[\d,]+; walk away under €[\d,]+\.", shown[0])
    same_as_golden("negotiate", shown)


def test_markdown(same_as_golden: Compare) -> None:
    same_as_golden("negotiate_markdown", markdown(made()).decode().splitlines())


def test_markdown_and_html_escape_names() -> None:
    odd = made(offer={"employer": "<b>|Nor*th*</b>"})
    text = markdown(odd).decode()
    assert r"\<b\>\|Nor\*th\*\</b\>" in text
    page = html(odd).decode()
    assert "<b>" not in page
    assert "&lt;b&gt;|Nor*th*&lt;/b&gt;" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_needs_nothing_else_and_is_for_paper_and_the_dark() -> None:
    page = html(made()).decode()
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags.seen}
    assert not any(
        name in ("src", "href") or name.startswith("on") for _, attrs in tags.seen for name in attrs
    )
    assert "@media print" in page
    assert "prefers-color-scheme: dark" in page
    assert "url(" not in page
    assert made().first_line in page


def test_the_axis_holds_the_marks_in_order_and_no_label_covers_another() -> None:
    a = axis(made())
    assert [m.at for m in a.marks] == sorted(m.at for m in a.marks)
    assert all(0 <= m.at <= 0.85 for m in a.marks)
    for row in range(a.rows):
        along = [m.at for m in a.marks if m.row == row]
        assert all(b - a >= 0.2 for a, b in itertools.pairwise(along))
    same = made(offer={"base": KEPT["ask"]["base"]}, target={"base": KEPT["ask"]["base"]})
    assert "be content" in axis(same).marks[-1].name


def test_pdf_is_one_or_two_pages_quickly() -> None:
    try:
        importlib.import_module("typst")
    except ModuleNotFoundError:
        pytest.skip("typst is not installed: the extra 'report' brings it")
    pdf = importlib.import_module("paylens.briefs.pdf")
    start = time.perf_counter()
    data = pdf.pdf(made())
    assert time.perf_counter() - start < 2
    assert data.startswith(b"%PDF-")
    assert len(pdf.pages(made(), ppi=40)) in (1, 2)
    # What is Typst markup in a name stays a name.
    odd = made(offer={"employer": '#panic("x") *b* $y$ \\ "'})
    assert pdf.pdf(odd).startswith(b"%PDF-")


def test_without_typst_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Exception, match=r"pip install 'paylens\[report\]'"):
        require("typst", "report")


def test_the_first_line_and_the_object_say_the_same(offers: Path) -> None:
    shown, found = (
        run(str(offers), "--offer", "Northwind", "--as-of", "2026-11", "--paths", "500", *more)
        for more in ([], ["--json"])
    )
    assert (shown.returncode, found.returncode) == (0, 0), shown.stderr + found.stderr
    answer = json.loads(found.stdout)
    first = " ".join(shown.stdout.split("\n\n")[0].split())
    assert first.startswith("Ask for €")
    plain = [int(re.sub(r"\D", "", n)) for n in re.findall(r"€([\d,]+)", first)][:3]
    exact = [answer[k]["base"] for k in ("ask", "target", "walk_away")]
    assert plain == pytest.approx(exact, rel=0.005)
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_reports_are_written_whole_and_nothing_else(offers: Path, tmp_path: Path) -> None:
    there = importlib.util.find_spec("typst") is not None
    done = run(str(offers), "--as-of", "2026-11", "--paths", "500", "--report", str(tmp_path / "brief.pdf"))
    if there:
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF-")
        (tmp_path / "brief.pdf").unlink()
    else:
        assert done.returncode == 2
        assert "pip install 'paylens[report]'" in done.stderr
    for ending in ("md", "html"):
        done = run(
            str(offers), "--as-of", "2026-11", "--paths", "500", "--report", str(tmp_path / f"brief.{ending}")
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "brief in" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["brief.html", "brief.md", "offers.toml"]
    assert (tmp_path / "brief.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--report", "brief.docx"], "must end in .pdf, .html, .md"), (["--report", "nowhere/brief.md"], "there is no folder nowhere"),
        (["--offer", "Nortwind"], "no offer is called 'Nortwind' (nearest: Northwind"), (["--paths", "3"], "paths"), (["--as-of", "2026"], "as_of"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_two(offers: Path, args: list[str], words: str) -> None:
    done = run(str(offers), *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr
