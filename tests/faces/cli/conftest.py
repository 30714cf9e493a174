"""An invented answer and a comparison with golden files that writes what it got when they differ."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of American English, whatever the machine's language, without colour."""
    for name in ("LC_ALL", "LC_MONETARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    _forget()


@pytest.fixture
def read_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the reader one of another language."""

    def change(language: str) -> None:
        monkeypatch.setenv("LANG", language)
        _forget()

    return change


def _forget() -> None:
    from paylens.faces.cli import output

    output._locale.cache_clear()
    output._without_cents.cache_clear()


def quantiles(middle: float, spread: float) -> dict[str, float]:
    """19 levels of an invented log-normal pay."""
    levels = [level / 100 for level in range(5, 100, 5)]
    return {f"{v:.2f}": middle * math.exp(spread * NormalDist().inv_cdf(v)) for v in levels}


@pytest.fixture
def answer() -> dict[str, Any]:
    """An answer with every part filled; all its figures are invented."""
    return copy.deepcopy(_ANSWER)


_QUANTILES = quantiles(88_000.0, 0.3)
_ANSWER: dict[str, Any] = {
    "role": {
        "asked": "ML enginer",
        "matched": "machine-learning-engineer",
        "label": "Machine learning engineer",
        "score": 0.91,
    },
    "place": {
        "asked": "Berlin",
        "kind": "metro",
        "id": "de-berlin",
        "label": "Berlin, Germany",
        "country": "DE",
        "region": "europe",
        "metro": "de-berlin",
        "state": None,
    },
    "pay": "cash",
    "currency": "EUR",
    "period": "year",
    "as_of": "2026-11",
    "percentiles": {f"p{p}": _QUANTILES[f"0.{p}"] for p in (10, 25, 50, 75, 90)},
    "quantiles": _QUANTILES,
    "total": {"p10": 65_000.0, "p25": 78_000.0, "p50": 96_400.0, "p75": 118_000.0, "p90": 141_000.0},
    "baseline": {"what": "Machine learning engineers in Germany", "p50": 80_000.0},
    "factors": [
        {
            "factor": "experience",
            "given": "4 years",
            "multiplier": 1.0,
            "low": 0.96,
            "high": 1.04,
            "note": "no clear difference",
        },
        {"factor": "company_size", "given": "250-999", "multiplier": 1.1, "low": 1.05, "high": 1.152},
        {
            "factor": "skill",
            "given": "PyTorch",
            "multiplier": 1.0,
            "low": 0.99,
            "high": 1.01,
            "note": "most people in machine learning have it",
        },
    ],
    "ageing": {
        "evidence_to": "2025-06",
        "multiplier": 1.045,
        "low": 0.998,
        "high": 1.095,
        "index": "an invented index",
        "p50_before": 84_210.0,
    },
    "evidence": [
        {
            "source": "stackoverflow",
            "cohort": "Machine learning engineer · Germany · 3-4 years",
            "n": 1260,
            "p25": 70_000.0,
            "p50": 84_000.0,
            "p75": 101_000.0,
            "vintage": "2025",
            "pooled": 0.22,
            "measured": True,
            "licence": "ODbL-1.0",
            "note": None,
            "pay": "yearly pay as asked",
        },
        {
            "source": "community:an-unusually-long-name-of-a-place",
            "cohort": "machine learning · Germany",
            "n": None,
            "p25": None,
            "p50": 90_000.0,
            "p75": None,
            "vintage": "2024-2025",
            "pooled": None,
            "measured": False,
            "licence": "CC0-1.0",
            "note": "fewer than 10 reports that may be shown by years",
        },
    ],
    "confidence": {
        "label": "moderate",
        "why": ["60 comparable reports", "no reliable difference for Berlin"],
    },
    "ignored": [{"field": "skills", "given": "Pytorhc", "nearest": ["PyTorch"]}],
    "notes": ["Berlin is taken as Berlin, Germany"],
    "fx": None,
    "release": "2026.10-abcdef",
}


@pytest.fixture
def thin_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """A wide answer about a place with little evidence, in a currency without a sign, for which nothing else was given."""
    wide = quantiles(155_000.0, 0.75)
    answer |= {
        "role": {**answer["role"], "asked": "machine learning engineer", "score": 1.0},
        "place": {
            **answer["place"],
            "asked": "Zurich",
            "kind": "country",
            "label": "Switzerland",
            "id": "CH",
        },
        "currency": "CHF",
        "quantiles": wide,
        "percentiles": {f"p{p}": wide[f"0.{p}"] for p in (10, 25, 50, 75, 90)},
        "total": None,
        "baseline": {"what": "Machine learning engineers in Switzerland", "p50": 155_000.0},
        "factors": [],
        "ageing": None,
        "evidence": [],
        "confidence": {"label": "low", "why": ["10 comparable reports"]},
        "ignored": [],
        "notes": ["Modelled from 10 reports of this kind of role in Switzerland, and from other places."],
        "fx": {"currency": "CHF", "per_usd": 0.8123, "month": "2026-10", "source": "ECB", "note": None},
    }
    return answer


@pytest.fixture
def same_as_golden() -> Callable[[str, list[str]], None]:
    """Compare lines with a golden file; on a difference what was got lies beside it as NAME.got."""

    def compare(name: str, lines: list[str]) -> None:
        got = "\n".join(lines) + "\n"
        expected, beside = GOLDEN / f"{name}.txt", GOLDEN / f"{name}.got"
        beside.unlink(missing_ok=True)
        if not expected.exists() or expected.read_text(encoding="utf-8") != got:
            beside.write_text(got, encoding="utf-8")
            pytest.fail(f"differs from golden/{name}.txt; what was got is in golden/{name}.got")

    return compare
