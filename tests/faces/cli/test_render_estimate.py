"""The readable estimate, word for word, on invented answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from paylens.faces.cli import draw, output
from paylens.faces.cli.render_estimate import lines

Compare = Callable[[str, list[str]], None]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (output, draw):
        monkeypatch.setattr(module, "wide", lambda: False)


def widest(shown: list[str]) -> int:
    return max(map(len, shown))


def test_a_full_answer(answer: dict[str, Any], same_as_golden: Compare) -> None:
    same_as_golden("estimate", lines(answer))


def test_thin_evidence_is_said_first(thin_answer: dict[str, Any], same_as_golden: Compare) -> None:
    shown = lines(thin_answer)
    assert shown[0].startswith("Modelled from 10 reports")
    assert sum("Modelled from" in line for line in shown) == 1
    same_as_golden("estimate_thin", shown)


@pytest.mark.usefixtures("plain")
def test_a_terminal_with_ascii_alone(
    answer: dict[str, Any], same_as_golden: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    output.print_lines(lines(answer))
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "?" not in shown
    same_as_golden("estimate_ascii", shown.splitlines())


def test_the_first_line_is_the_answer_in_words(answer: dict[str, Any]) -> None:
    said = " ".join(lines(answer)[:2])
    assert said.startswith("Half of people like you in Berlin earn €71,900–€108,000; the middle is €88,000.")


def test_base_times_factors_is_the_middle_that_is_shown(answer: dict[str, Any]) -> None:
    shown = lines(answer)
    start = next(
        i for i, line in enumerate(shown) if line.startswith("Machine learning engineers in Germany")
    )
    end = next(i for i, line in enumerate(shown) if line.startswith("The middle for you"))
    assert shown[start].endswith("€80,000")
    assert shown[end].endswith("€88,000")
    rows = shown[start + 1 : end]
    assert "no clear difference" in rows[0]
    assert "× 1.10" in rows[1]
    assert "(1.05–1.15)" in rows[1]


@pytest.mark.parametrize("currency", ["EUR", "USD", "INR", "JPY", "IDR", "CHF", "SEK", "IRR"])
@pytest.mark.parametrize("factor", [1.0, 250.0, 20_000.0])
@pytest.mark.parametrize("language", ["en_US", "de_DE", "en_IN", "fr_CH"])
def test_no_line_is_wider_than_a_terminal(
    answer: dict[str, Any], read_as: Callable[[str], None], currency: str, factor: float, language: str
) -> None:
    read_as(language)
    answer["currency"] = currency
    for part in ("percentiles", "quantiles", "total"):
        answer[part] = {k: v * factor for k, v in answer[part].items()}
    for row in answer["evidence"]:
        row |= {k: row[k] and row[k] * factor for k in ("p25", "p50", "p75")}
    answer["notes"].append("a note that " + "goes on and " * 20 + "ends")
    assert widest(lines(answer)) <= 80


def test_as_a_source_would_report_it(answer: dict[str, Any]) -> None:
    answer |= {"as_reported_in": "aijobs", "pay": "advertised midpoint", "range_width": 1.371}
    shown = " ".join(lines(answer))
    assert shown.startswith("As aijobs would report it, half of people like you in Berlin fall in")
    assert "1.37 × its low end" in shown


def test_odd_shapes_are_still_drawn(answer: dict[str, Any]) -> None:
    flat = dict.fromkeys(answer["quantiles"], 50_000.0)
    drawn = draw.distribution(flat, dict.fromkeys(answer["percentiles"], 50_000.0), "EUR")
    assert widest(drawn) <= 78
    steps = {k: 40_000.0 if float(k) < 0.5 else 90_000.0 for k in flat}
    assert draw.distribution(steps, dict.fromkeys(answer["percentiles"], steps["0.50"]), "EUR")


def test_the_drawing_is_highest_where_people_are(answer: dict[str, Any]) -> None:
    drawn = draw.distribution(answer["quantiles"], answer["percentiles"], "EUR")
    top, axis = drawn[0], drawn[5]
    assert axis.index("┴") < axis.index("┿") < axis.rindex("┴")
    # The mode of a log-normal pay lies left of its middle, right of its lower quarter.
    peak = [i for i, c in enumerate(top) if c == "█"]
    assert axis.index("┴") < peak[0] <= peak[-1] <= axis.index("┿")


def test_labels_never_touch() -> None:
    rows = draw.labels({"a": 0, "b": 2, "c": 3, "d": 30}, dict.fromkeys("abcd", "€100,000"))
    assert "".join(rows).count("€100,000") == 4
    assert all("0€" not in row for row in rows)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (88_312.4, "EUR", "en_US", "€88,300"),
        (88_312.4, "EUR", "de_DE", "88.300\xa0€"),
        (1_234_567.0, "INR", "en_IN", "₹12,30,000"),
        (119_500.0, "CHF", "en_US", "CHF\xa0120,000"),
        (12_345_678.0, "JPY", "en_US", "¥12,300,000"),
        (88_312.4, "EUR", "C.UTF-8", "€88,300"),
        (88_312.4, "EUR", "tlh_XX", "€88,300"),
        (0.0, "USD", "en_US", "$0"),
    ],
)
def test_money_is_written_as_the_reader_does(
    read_as: Callable[[str], None], amount: float, currency: str, language: str, shown: str
) -> None:
    read_as(language)
    assert output.money(amount, currency) == shown


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert output.colour("x", "1") == "x"
    monkeypatch.delenv("NO_COLOR")
    assert output.colour("x", "1") == "\x1b[1mx\x1b[0m"
