"""`paylens benchmark` from outside, and its readable form word for word on an invented answer."""

from __future__ import annotations

import csv
import html.parser
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from paylens.contract.errors import InputError
from paylens.faces.cli import app, benchmark_files, output, render_benchmark
from paylens.faces.cli.render_benchmark import lines

Compare = Callable[[str, list[str]], None]
ASK = ("benchmark", "--role", "ML engineer", "--location", "United States", "--as-of", "2026-11")
_BLANK: dict[str, Any] = {
    **dict.fromkeys(("p10", "p25", "p50", "p75", "p90", "pooled", "p50_low", "p50_high", "n", "vintage", "employers")),
    **dict.fromkeys(("top_employer_share", "warning", "range", "relative_error", "reason", "answered_by", "note")),
    "currency": "EUR", "licence": "CC0-1.0", "cohort": "an invented cohort",
}  # fmt: skip


def row(
    level: str | None, kind: str, source: str, pay: str, middle: float | None, **more: Any
) -> dict[str, Any]:
    by = {} if level is None else {"seniority": {"id": level, "label": level.title()}}
    spread = {} if middle is None else {"p25": middle * 0.8, "p50": middle, "p75": middle * 1.25}
    return {**_BLANK, "by": by, "kind": kind, "source": source, "pay": pay, **spread, **more}


@pytest.fixture
def table() -> dict[str, Any]:
    """A benchmark with a row of every kind; all its figures are invented."""
    parent = {
        "cohort": "Machine learning engineer · Germany",
        "n": 1250,
        "p25": 60_000.0,
        "p50": 75_000.0,
        "p75": 90_000.0,
    }
    pooled = {"share": 0.22, "p10": None, "p25": 1.0, "p50": 1.0, "p75": 1.0, "p90": None}
    return {
        "role": {"asked": "ML engineer", "matched": "machine-learning-engineer", "label": "Machine learning engineer", "score": 1.0},
        "place": {"kind": "country", "id": "DE", "label": "Germany", "country": "DE"}, "by": ["seniority"], "source": None,
        "adjust": "none", "sort": None, "top": None, "pay": "cash", "period": "year", "as_of": "2026-11", "currency": "EUR",
        "unit": "EUR", "order": "by value", "values": {"found": 3, "shown": 3, "withheld": 0}, "comparison": None, "grid": None,
        "rows": [
            row("entry", "modelled", "paylens", "cash", 52_000.0, n=1250, vintage="2026-11", p10=38_000.0, p90=80_000.0),
            row("entry", "withheld", "aijobs", "advertised midpoint", None, reason="fewer than 10 reports", answered_by=parent),
            row("entry", "withheld", "kaggle", "yearly pay as asked", None, reason="kaggle does not tell"),
            row("mid", "measured", "levels_fyi", "total", 85_000.0, n=60, vintage="2018-2021", pooled=pooled, warning="36 % of it is one employer"),
            row("mid", "modelled", "paylens", "cash", 68_000.0, n=1250, vintage="2026-11", p10=50_000.0, p90=99_000.0),
            row("mid", "guide", "guide", "yearly gross pay", None, range=[60_000, 90_000], note="it names no source, count or year"),
            row("senior", "measured", "levels_fyi", "total", 118_000.0, n=1935, vintage="2018-2021", p10=71_000.0, p90=205_000.0),
            row("senior", "measured", "aijobs", "advertised midpoint", 104_000.0, n=15, vintage="2024", currency="EUR"),
            row(None, "official", "an_office", "base", 70_000.0, vintage="2025-05", relative_error=0.4, note="an invented office"),
        ],
        "notes": ["amounts are those of their vintage"], "ignored": [{"field": "employer", "given": "Nowhere", "nearest": ["Nowhere AG"]}],
        "release": "2026.10-abcdef",
    }  # fmt: skip


def run(*args: str) -> Any:
    return CliRunner().invoke(app, args)


def refused(*args: str) -> str:
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(app, args, catch_exceptions=False)
    return str(caught.value)


def test_a_table_word_for_word(table: dict[str, Any], same_as_golden: Compare) -> None:
    same_as_golden("benchmark", lines(table))


def test_a_terminal_with_ascii_alone(
    table: dict[str, Any],
    same_as_golden: Compare,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (output, render_benchmark):
        monkeypatch.setattr(module, "wide", lambda: False)
    output.print_lines(lines(table))
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "?" not in shown
    same_as_golden("benchmark_ascii", shown.splitlines())


@pytest.mark.parametrize("currency", ["EUR", "JPY", "IDR", "CHF"])
@pytest.mark.parametrize("factor", [1.0, 250.0, 20_000.0])
def test_no_line_is_wider_than_a_terminal(table: dict[str, Any], currency: str, factor: float) -> None:
    for r in table["rows"]:
        r |= {p: None if r[p] is None else r[p] * factor for p in ("p10", "p25", "p50", "p75", "p90")}
        r["currency"] = currency
    assert max(map(len, lines(table))) <= 80


def test_only_a_figure_of_everyone_is_said_to_be_that(table: dict[str, Any]) -> None:
    table["rows"] = [r for r in table["rows"] if not r["by"]]
    assert "may be shown by seniority; all of them are below" in " ".join(lines(table))


def test_two_factors_are_a_grid_too(table: dict[str, Any], same_as_golden: Compare) -> None:
    table["grid"] = {
        "source": "levels_fyi", "pay": "total", "currency": "EUR", "rows": ["Entry", "Mid"], "columns": ["0-2 years", "3-4 years"],
        "p50": [[50_000.0, None], [61_000.0, 90_000.0]], "n": [[20, None], [30, 40]],
    }  # fmt: skip
    same_as_golden("benchmark_grid", lines(table)[:8])
    table["grid"] |= {"columns": ["a long name of a value"] * 9, "p50": [[1.0] * 9] * 2, "n": [[10] * 9] * 2}
    assert max(map(len, lines(table))) <= 80


def test_dots_stand_where_the_scale_puts_them(table: dict[str, Any]) -> None:
    dots = {line.split()[0]: line.index("●") for line in lines(table) if "●" in line and "levels" not in line}
    assert dots["modelled"] < dots["aijobs"]


def test_nothing_that_may_be_shown_is_said_first(table: dict[str, Any]) -> None:
    table["rows"] = [r for r in table["rows"] if r["kind"] == "withheld"]
    assert " ".join(lines(table)[:2]).startswith(
        "No figure may be shown of machine learning engineers in Germany"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--by", "metro", "--sort", "p50", "--top", "3"), ("--by", "seniority,years"), ("--by", "employer"), ("--by", "skill"),
        ("--by", "year"), ("--years", "4", "--education", "master"), ("--source", "kaggle"), ("--adjust", "inflation"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_readable_answer_fits_eighty_columns(words: tuple[str, ...]) -> None:
    done = run(*ASK, *words)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.output.splitlines())) <= 80
    assert "achine learning engineers in the United States" in " ".join(done.output.split())


def test_the_nine_cells_in_one_command() -> None:
    done = run("benchmark", "--nine-cells", "--as-of", "2026-11")
    assert done.exit_code == 0, done.output
    said = done.output
    assert max(map(len, said.splitlines())) <= 80
    assert said.startswith("Mid-level machine learning engineers")
    for place in ("United States", "Europe", "Singapore"):
        for level in ("entry", "mid", "senior"):
            assert f"{place} · {level}" in said
    for guide in ("80–120 k", "60–90 k", "108–180 k"):
        assert guide in said


def test_two_places_in_one_command() -> None:
    done = run(
        "benchmark",
        "--role",
        "ML engineer",
        "--compare",
        "San Francisco",
        "New York",
        "--adjust",
        "rpp",
        "--as-of",
        "2026-11",
    )
    assert done.exit_code == 0, done.output
    assert "the middle in New York" in " ".join(done.output.split())


def test_json_is_the_documented_object() -> None:
    answer = json.loads(run(*ASK, "--by", "seniority", "--json").output)
    assert {
        "role",
        "place",
        "by",
        "order",
        "values",
        "rows",
        "notes",
        "comparison",
        "currency",
        "unit",
        "release",
    } <= answer.keys()
    documented = (Path(__file__).parents[3] / "docs" / "interface.md").read_text(encoding="utf-8")
    part = documented.partition("\n## Benchmarks")[2]
    for key in (*answer, *answer["rows"][0]):
        assert f"`{key}`" in part or key in ("p25", "p50", "p75"), key


@pytest.mark.parametrize("ending", ["csv", "parquet", "html"])
def test_rows_as_a_file(tmp_path: Path, ending: str) -> None:
    to = tmp_path / f"out.{ending}"
    done = run(*ASK, "--by", "seniority", "--to", str(to), "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.output)["rows"]
    assert [f.name for f in tmp_path.iterdir()] == [to.name], "nothing else is left behind"
    if ending == "html":
        said = to.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in said
        assert not {"script", "link", "img", "iframe"} & tags(said)
        assert said.count("<circle") == sum(r["p50"] is not None for r in rows)
    else:
        found = (
            list(csv.DictReader(to.read_text(encoding="utf-8").splitlines()))
            if ending == "csv"
            else pq.read_table(to).to_pylist()
        )
        assert [float(f["p50"]) if f["p50"] not in ("", None) else None for f in found] == [
            r["p50"] for r in rows
        ]
        assert [f["source"] for f in found] == [r["source"] for r in rows]


def tags(said: str) -> set[str]:
    found: set[str] = set()
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.add(tag)  # type: ignore[method-assign]
    parser.feed(said)
    return found


def test_a_page_escapes_what_it_shows(table: dict[str, Any]) -> None:
    table["rows"][0]["by"]["seniority"]["label"] = "<script>alert(1)</script>"
    assert "<script" not in benchmark_files.page(table)


@pytest.mark.skipif(
    importlib.util.find_spec("vl_convert") is None,
    reason="vl-convert is not installed: it comes with the extra 'report'",
)
@pytest.mark.parametrize("name, start", [("a.svg", b"<svg"), ("a.png", b"\x89PNG")])
def test_charts_as_files(tmp_path: Path, name: str, start: bytes) -> None:
    assert run(*ASK, "--by", "education", "--chart", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(start)
    assert (
        run(
            "estimate", "--role", "ML engineer", "--as-of", "2026-11", "--chart", str(tmp_path / f"e{name}")
        ).exit_code
        == 0
    )
    assert (tmp_path / f"e{name}").read_bytes().startswith(start)


@pytest.mark.parametrize(
    "words, said",
    [
        (("--by", "salary"), "known are country, region, state"), (("--sort", "max"), "one person's pay"),
        (("--chart", "a.pdf"), "must end in .svg, .png"), (("--to", "a.xlsx"), "must end in .csv"),
        (("--to", "no-such-folder/a.csv"), "no such folder"), (("--source", "glassdoor"), "not a known source"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_is_refused_says_why(words: tuple[str, ...], said: str) -> None:
    assert said in refused(*ASK, *words)


def test_a_chart_of_many_estimates_is_refused() -> None:
    assert "one estimate" in refused("estimate", "--from", "a.csv", "--to", "b.csv", "--chart", "c.svg")
