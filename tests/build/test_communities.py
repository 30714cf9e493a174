"""A community's reports in a build: what they change, who may enter beside earlier releases, and what is remembered."""

from __future__ import annotations

import dataclasses
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from paylens.advice.cuts import Cuts
from paylens.advice.evidence import Ladder
from paylens.build import communities
from paylens.build.communities import choose, coarse, coarse_card, community, keep, versions
from paylens.build.private import consistent, ledger, wanted
from paylens.cohorts import build as cutting
from paylens.cohorts import disclosure, keys, outliers
from paylens.cohorts.reports import reports
from paylens.cohorts.sequence import Earlier
from paylens.contract.errors import PaylensError
from paylens.model.fit import pay
from paylens.model.fit.rows import prepare
from paylens.observations.engine import connect
from paylens.observations.schema import SCHEMA
from paylens.places import money
from paylens.sources import read_community

Export = Callable[..., Path]
EMPLOYERS = ("google", "amazon", "microsoft", "apple", "ibm", "oracle", "intel", "cisco", "uber", "netflix")
# What the invented reference pays in France, in euros, and how much more the community reports there.
USUAL, ABOVE = 60_000.0, 1.5


PAID = {
    "US": 120_000.0, "DE": 76_000.0, "GB": 88_000.0, "IN": 22_000.0, "CA": 95_000.0, "PL": 45_000.0, "BR": 33_000.0, "NL": 80_000.0,
}  # fmt: skip


def reference(there: int = 60, each: int = 200, seed: int = 3) -> pa.Table:
    """Invented reports of the reference survey: so many in each of eight countries, and `there` in France."""
    random = np.random.default_rng(seed)
    usual = {**PAID, "FR": USUAL / money.rate("EUR", "2024-05").per_usd}
    country = np.concatenate([np.repeat(list(PAID), each), np.repeat(["FR"], there)])
    n = len(country)
    usd = np.array([usual[c] for c in country]) * np.exp(random.normal(0, 0.2, n))
    columns = {name: pa.nulls(n, field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)}
    columns |= {
        "source": pa.array(["stackoverflow"] * n), "vintage": pa.array([2024] * n, pa.int16()), "month": pa.array(["2024-05"] * n),
        "row": pa.array(range(1, n + 1), pa.int32()), "respondent": pa.array([f"s:{i}" for i in range(n)]),
        "role": pa.array(["data-scientist"] * n), "role_asked": pa.array(["data-scientist"] * n), "country": pa.array(country),
        "years_lo": pa.array([6.0] * n), "years_hi": pa.array([6.0] * n), "employment": pa.array(["full-time"] * n),
        "skills": pa.array([[]] * n, pa.list_(pa.string())), "pay_lo": pa.array(usd), "pay_hi": pa.array(usd),
        "currency": pa.array(["USD"] * n), "pay_definition": pa.array(["yearly as asked"] * n),
    }  # fmt: skip
    return pa.table(columns, schema=SCHEMA)


def rows(n: int = 500, seed: int = 4, **more: object) -> list[dict[str, object]]:
    """Invented reports of a community in France, paid clearly above the reference there."""
    random = np.random.default_rng(seed)
    return [
        {
            "report": f"{seed:04d}{k:08d}", "country": "FR", "metro": "", "base": round(USUAL * ABOVE * float(np.exp(random.normal(0, 0.2))), 2),
            "bonus": "", "employer": EMPLOYERS[k % len(EMPLOYERS)], "seniority": "", "weight": 1, "industry": "", "company_size": "",
            "education": "", "remote": "", "skills": "", "years_coding": "", "years_ml": "", **more,
        }
        for k in range(n)
    ]  # fmt: skip


def table(*parts_: pa.Table) -> pa.Table:
    return pa.concat_tables(parts_).combine_chunks()


@dataclasses.dataclass
class Small:
    """As much of a release as the evidence ladder reads."""

    files: dict[str, pa.Table]
    manifest: dict[str, Any]

    def holds(self, name: str) -> bool:
        return name in self.files

    def table(self, name: str, *, encoded: bool = False) -> pa.Table:
        found = self.files[name]
        if not encoded:
            return found
        columns = [
            c.combine_chunks().dictionary_encode() if pa.types.is_string(c.type) else c for c in found.columns
        ]
        return pa.table(columns, names=found.column_names)


SETS = tuple(
    one
    for one in keys.SETS
    if one.name in ("all", "family", "country", "role", "family-country", "role-country")
)


def disclosed(found: pa.Table, earlier: Earlier | None = None) -> tuple[pa.Table, pa.Table]:
    """The published cuts of observations, few of the declared ones, and what is to be kept of them."""
    marked = found if "version" in found.column_names else found.append_column("version", versions(found))
    with connect() as tables:
        kept, _ = reports(tables, tables.small(marked))
        made = cutting.cohorts(tables, outliers.screen(tables, kept).kept, SETS)
        out = disclosure.disclose(made, earlier=earlier)
        return out.table, disclosure.recorded(made, out)


@pytest.mark.statistical
def test_500_reports_change_the_cohorts_of_their_place_and_show_in_the_evidence(
    export: Export, tmp_path: Path
) -> None:
    theirs = read_community(export(tmp_path / "e", rows())).table
    without, with_ = disclosed(reference())[0], disclosed(table(reference(), theirs))[0]
    others = with_.filter(pa.array([s != "community:meetup" for s in with_["source"].to_pylist()]))
    assert others.select(without.column_names).equals(without)
    own = [r for r in with_.to_pylist() if r["source"] == "community:meetup" and r["set"] == "role-country"]
    assert [(r["role"], r["country"], r["currency"], r["n"], r["measure"]) for r in own] == [
        ("data-scientist", "FR", "EUR", 500, "cash")
    ]
    assert own[0]["p50"] == pytest.approx(USUAL * ABOVE, rel=0.05)
    there = [r["p50"] for r in without.to_pylist() if r["set"] == "role-country" and r["country"] == "FR"]
    assert own[0]["p50"] > 1.3 * there[0]
    # Of submitted reports no employer's share is told, only that the rule holds.
    assert own[0]["top_employer_share"] is None and own[0]["employers"] == 3
    inputs = [
        {"source": "community:meetup", "licence": "CC-BY-4.0"},
        {"source": "stackoverflow", "licence": "ODbL"},
    ]
    small = Small({"cohorts.parquet": with_}, {"inputs": inputs})
    ladder = Ladder(Cuts(small))  # type: ignore[arg-type]
    evidence, _ = ladder.evidence(
        {"role": "data-scientist", "country": "FR"}, {}, {"EUR": 0.9, "USD": 1.0}, "EUR"
    )
    row = next(e for e in evidence if e["source"] == "community:meetup")
    assert (
        row["measured"]
        and row["pay"] == "cash"
        and row["licence"] == "CC-BY-4.0"
        and row["vintage"] == "2026"
    )
    assert row["p50"] == own[0]["p50"] and row["n"] == 500


@pytest.mark.statistical
def test_500_reports_move_the_estimate_of_their_place_and_have_an_offset_of_their_own(
    export: Export, tmp_path: Path
) -> None:
    def fitted(there: int, weight: float | None) -> tuple[float, float, float]:
        """Log medians of the reference view in France and the United States, and the community's offset (0 without one)."""
        found = reference(there)
        if weight is not None:
            folder = export(tmp_path / f"e{weight}", rows(weight=weight))
            found = table(found, read_community(folder).table)
        linked = pay.fit_linked(prepare(found), rounds=3, errors=False)
        role = linked.names.roles.index("data-scientist")
        at = [float(linked.model.baseline[role, linked.names.areas.index(c)]) for c in ("FR", "US")]
        theirs = linked.rows.source == "community:meetup"
        link = [k for k in linked.design.slices if k.startswith("link")]
        matrix = linked.design.matrix[np.flatnonzero(theirs)]
        offset = sum(
            float((matrix[:, linked.design.slices[k]] @ linked.fit.beta[linked.design.slices[k]]).mean())
            for k in (link if theirs.any() else ())
        )
        assert linked.names.links == (("community:meetup",) if weight is not None else ())
        return at[0], at[1], offset

    gap = float(np.log(ABOVE))
    # Where the reference has no report the community says most of what is known, less what may be its own habit.
    without, with_ = fitted(0, None), fitted(0, 1.0)
    assert 0.2 * gap < with_[0] - without[0] < gap
    assert abs(with_[1] - without[1]) < 0.1 * (with_[0] - without[0])
    assert with_[2] > 0.1 * gap
    # Beside 60 reports of the reference nearly all of the difference is the community's offset, the rest moves the place.
    without, with_ = fitted(60, None), fitted(60, 1.0)
    assert 0 < with_[0] - without[0] < 0.1 * gap
    assert with_[2] > 0.5 * gap


def test_weights_reach_the_fit_and_are_one_where_none_is_told(export: Export, tmp_path: Path) -> None:
    theirs = read_community(export(tmp_path / "e", rows(20, weight=2.5))).table
    found = prepare(table(reference(10, 10), theirs))
    assert set(found.weight[found.source == "community:meetup"]) == {2.5}
    assert set(found.weight[found.source == "stackoverflow"]) == {1.0}
    assert set(prepare(reference(10, 10).drop_columns(["weight"])).weight) == {1.0}


def release(folder: Path) -> communities.Chosen:
    """What a build does with one community, but for fits and most cuts: choose, cut, keep."""
    own = [community(folder)]
    chosen = choose(read_community(folder).table, own)
    keep(own, chosen, disclosed(chosen.table, chosen.earlier)[1])
    return chosen


def test_a_second_release_remembers_the_first(export: Export, tmp_path: Path) -> None:
    first = release(export(tmp_path / "a", rows(120)))
    assert first.told[0]["published"] == 120 and first.told[0]["earlier_releases"] == 0
    path = tmp_path / "published-meetup.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_bytes()
    assert b"community:meetup:" not in text and b"000400000000" not in text
    more = [*rows(120), *rows(3, seed=5)]
    second = release(export(tmp_path / "b", more, released="2026-11-25"))
    told = second.told[0]
    assert (told["published"], told["held_back"], told["earlier_releases"]) == (120, 3, 1)
    third = release(export(tmp_path / "c", [*more, *rows(30, seed=6)], released="2026-11-28"))
    assert third.told[0]["published"] == 153 and third.told[0]["held_back"] == 0
    fourth = release(export(tmp_path / "d", [*more[1:], *rows(30, seed=6)], released="2026-11-30"))
    told = fourth.told[0]
    assert told["gone"] == 1 and told["left_with_them"] >= 9


def test_a_release_is_not_made_again_with_other_reports(export: Export, tmp_path: Path) -> None:
    folder = export(tmp_path / "a", rows(60))
    release(folder)
    kept = (tmp_path / "published-meetup.parquet").read_bytes()
    before = community(folder).digest
    again = release(folder)
    assert again.told[0]["published"] == 60
    assert (tmp_path / "published-meetup.parquet").read_bytes() == kept and community(folder).digest == before
    with pytest.raises(PaylensError, match="already released on 2026-11-20"):
        community(export(tmp_path / "b", rows(61)))
    with pytest.raises(PaylensError, match="already released on 2026-11-20"):
        community(export(tmp_path / "c", rows(60), released="2026-11-19"))
    (tmp_path / "published-meetup.parquet").write_bytes(b"spoilt")
    with pytest.raises(PaylensError, match="not a readable Parquet file"):
        community(folder)


def test_a_version_is_what_a_report_says_and_not_how_it_was_checked(export: Export, tmp_path: Path) -> None:
    def version(folder: str, **row: object) -> str:
        reading = read_community(export(tmp_path / folder, [row]))
        found: str = versions(reading.table)[0].as_py()
        return found

    plain = version("a")
    assert plain == version("b", weight=3, verification="document", role_asked="other words")
    others = [
        version("c", base=90001), version("d", skills="python"), version("e", report="11111111"), version("f", employer="ibm"),
    ]  # fmt: skip
    assert len({plain, *others}) == 5
    assert versions(reference(5, 0)).null_count == 5


def test_a_release_tells_no_exact_number_of_submitted_reports() -> None:
    told = {
        "files": [
            {"source": "kaggle", "kept": 123, "dropped": {"no pay": 7}},
            {"source": "community:x", "kept": 123, "vintage": "2026", "dropped": {"no pay": 7}, "collected": {"none": 99}},
        ],
        "communities": [{"source": "community:x", "gone": 1, "published": 122, "earlier_releases": 3}],
    }  # fmt: skip
    assert coarse(told) == {
        "files": [
            {"source": "kaggle", "kept": 123, "dropped": {"no pay": 7}},
            {"source": "community:x", "kept": 120, "vintage": "2026", "dropped": {"no pay": 5}, "collected": {"none": 95}},
        ],
        "communities": [{"source": "community:x", "gone": 0, "published": 120, "earlier_releases": 3}],
    }  # fmt: skip


def test_a_card_tells_no_exact_number_either() -> None:
    def card(n: int) -> dict[str, Any]:
        told = {"n": n, "ratio": 0.9, "groups": [{"n": n, "ok": True}], "peer": {"num_leaves": 31}}
        return {
            "n_fitted": n, "n_held": n, "left_out": [{"source": "kaggle", "n": 7}, {"source": "community:x", "n": n}],
            "as_reported": {"kaggle": {"n": 7}, "community:x": {"all": told}},
        }  # fmt: skip

    assert coarse_card(card(504)) == coarse_card(card(500)) == card(500)


def test_exact_cuts_and_private_ones_do_not_mix(export: Export, tmp_path: Path) -> None:
    exact = export(tmp_path / "a" / "e", rows(60))
    release(exact)
    private = wanted(1.0, 1e-6, 4.0)
    assert private is not None and private.budget is not None
    assert (private.budget.epsilon, private.budget.delta) == (4.0, pytest.approx(4e-6))
    with pytest.raises(PaylensError, match="has published cuts without noise"):
        consistent([community(exact)], private)
    other = community(export(tmp_path / "b" / "e", rows(60)))
    consistent([other], private)
    ledger(other).write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(PaylensError, match="give --epsilon"):
        consistent([other], None)


def test_what_a_private_release_may_cost_is_checked() -> None:
    assert wanted(None, 1e-6, None) is None
    with pytest.raises(PaylensError, match="goes with --epsilon"):
        wanted(None, 1e-6, 3.0)
    with pytest.raises(PaylensError, match="one release must fit"):
        wanted(2.0, 1e-6, 1.0)
    with pytest.raises(PaylensError, match="epsilon must be above 0"):
        wanted(-1.0, 1e-6, None)
    with pytest.raises(PaylensError, match="delta must be above 0"):
        wanted(1.0, 0.5, None)
