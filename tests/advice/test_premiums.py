"""Premiums read from a release: the closest row, what it says of itself, and what a release without them says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from paylens.advice.premiums import Premium, Premiums
from paylens.contract.errors import InputError, PaylensError
from paylens.model.fit.premiums import SCHEMA
from paylens.release.files import digest, json_to, table_to
from paylens.release.read import open_release


def row(move: str, effect: float = 0.1, **more: Any) -> dict[str, Any]:
    kind, _, rest = move.partition(":")
    from_, _, to = rest.partition(">")
    plain = {
        "move": move, "kind": kind, "from": from_ if to else None, "to": to or rest or None, "estimand": "total", "source": "kaggle",
        "vintage": "2021-2022", "region": "all", "seniority": "all", "effect": effect, "se": 0.02, "low": effect - 0.033,
        "high": effect + 0.033, "n": 1000, "n_with": 400, "raw": 0.3, "raw_se": 0.02, "adjusted_for": ["country", "years"],
        "trimmed": 0.1, "placebo": 0.01, "placebo_se": 0.02, "placebo_passed": True, "robustness": 0.05, "q": 0.01, "clear": True,
        "heterogeneity": None, "note": "",
    }  # fmt: skip
    return plain | more


ROWS = [
    row("skill:pytorch", 0.05, source="pooled", heterogeneity=0.3),
    row("skill:pytorch", 0.08),
    row("skill:pytorch", 0.02, source="stackoverflow", vintage="2023", n=2000),
    row("skill:pytorch", 0.12, region="europe"),
    row("skill:pytorch", 0.2, region="IN"),
    row("skill:pytorch", 0.01, seniority="senior", clear=False),
    row("skill:keras", -0.06, clear=False),
    row("education:bachelor>master", 0.08),
    row("years_ml:<2>2-5", 0.2),
    row("specialisation:nlp", 0.03),
    row("open_source", 0.04, source="stackoverflow", vintage="2017"),
]


def released(folder: Path, rows: list[dict[str, Any]] | None) -> Path:
    """A release that holds premiums alone."""
    files = {} if rows is None else {"premiums.parquet": table_to(pa.Table.from_pylist(rows, schema=SCHEMA))}
    body = {"schema": 1, "month": "2026-10", "files": {n: digest(d) for n, d in files.items()}, "inputs": []}
    files["manifest.json"] = json_to(body | {"id": f"2026.10-{digest(json_to(body))[:6]}"})
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Premiums:
    return Premiums.load(open_release(released(tmp_path_factory.mktemp("premiums") / "release", ROWS)))


def ask(premiums: Premiums, move: str, **more: str) -> Premium:
    answer = premiums.find(move, **more)
    assert answer is not None
    return answer


def test_the_headline_is_what_sources_say_together(found: Premiums) -> None:
    answer = ask(found, "skill:pytorch")
    assert (answer.source, answer.effect, answer.reasons) == ("pooled", 0.05, ())
    assert answer.label == "PyTorch"
    assert [s.source for s in found.sources("skill:pytorch")] == ["stackoverflow", "kaggle"]


def test_the_closest_row_says_why_it_is_not_the_one_asked_for(found: Premiums) -> None:
    assert ask(found, "skill:pytorch", region="IN").effect == 0.2
    assert ask(found, "skill:pytorch", region="IN").reasons == ()
    german = ask(found, "skill:pytorch", region="DE", seniority="mid")
    assert german.effect == 0.12
    assert any("mid" in r for r in german.reasons) and any(
        "Germany" in r and "Europe" in r for r in german.reasons
    )
    brazilian = ask(found, "skill:pytorch", region="BR", seniority="senior")
    assert (brazilian.effect, brazilian.seniority) == (0.01, "senior")
    assert any("everywhere" in r for r in brazilian.reasons)
    assert found.find("skill:cobol") is None


@pytest.mark.parametrize("there, back", [
    ("education:bachelor>master", "education:master>bachelor"), ("years_ml:<2>2-5", "years_ml:2-5><2"),
])  # fmt: skip
def test_a_move_and_its_reverse_are_opposite(found: Premiums, there: str, back: str) -> None:
    one, other = ask(found, there), ask(found, back)
    assert (other.effect, other.low, other.high) == (-one.effect, -one.high, -one.low)
    assert (other.from_, other.to, other.raw) == (one.to, one.from_, -one.raw)
    assert other.n_with == one.n - one.n_with
    assert other.reversed() == one


def test_a_specialisation_is_found_as_a_skill(found: Premiums) -> None:
    assert ask(found, "skill:nlp").move == "specialisation:nlp"


def test_an_interval_across_one_is_no_clear_difference(found: Premiums) -> None:
    assert ask(found, "skill:keras").verdict.startswith("no clear difference (0.9")
    clear = ask(found, "education:bachelor>master")
    assert clear.verdict == "× 1.08 (1.05–1.12)"
    assert clear.multiplier == pytest.approx([math.exp(v) for v in (0.08, 0.047, 0.113)])
    assert clear.label == "Bachelor's degree to Master's degree"


def test_the_table_is_sorted_and_has_a_row_a_move(found: Premiums) -> None:
    skills = found.rows("skill")
    assert [r.move for r in skills] == ["skill:pytorch", "skill:keras"]
    assert len(found.rows()) == len(found.moves())
    assert [r.effect for r in found.rows()] == sorted((r.effect for r in found.rows()), reverse=True)
    assert [r.move for r in found.rows(region="IN")] == ["skill:pytorch"]


def test_a_row_as_json_has_it(found: Premiums) -> None:
    said = ask(found, "education:bachelor>master").as_dict()
    assert (said["from"], said["to"], said["adjusted_for"]) == (
        "bachelor",
        "master",
        ["country", "years of work"],
    )
    json_to(said)


@pytest.mark.parametrize("asked, field", [
    ({"kind": "skil"}, "kind"), ({"sort": "size"}, "sort"), ({"estimand": "causal"}, "estimand"), ({"seniority": "staff"}, "seniority"),
])  # fmt: skip
def test_what_is_no_choice_names_the_choices(found: Premiums, asked: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as error:
        found.rows(**asked)
    assert error.value.field == field
    assert error.value.candidates


def test_a_release_without_premiums_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PaylensError, match="has no premiums: build the release again"):
        Premiums.load(open_release(released(tmp_path / "old", None)))
