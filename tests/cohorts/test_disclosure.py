"""Attacks on what is published: one that succeeds fails a test."""

import copy
import itertools
import pickle
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from paylens.cohorts import audit
from paylens.cohorts.build import PERCENTILES, Cohorts
from paylens.cohorts.disclosure import (
    BY_DIFFERENCE,
    DOMINATED,
    FEW_EMPLOYERS,
    PUBLIC,
    TOO_FEW,
    TOO_FEW_BY_EMPLOYER,
    TOO_FEW_BY_SKILL,
    Disclosed,
    again,
    disclose,
    round_pay,
)
from paylens.cohorts.keys import FACTS, SETS, GroupingSet
from paylens.cohorts.sound import COLUMNS

Make = Callable[..., pa.Table]
Cohort = Callable[..., Cohorts]
Cut = tuple[str, frozenset[int]]

PRIME = 2**31 - 1

# What the small populations below know: attacks on them need no more sets than these facts can key.
KNOWN = {
    "role",
    "family",
    "country",
    "region",
    "metro",
    "vintage",
    "years_band",
    "seniority",
    "industry",
    "skill",
}
LEFT_OUT = {"role-region-seniority", "role-region-industry", "role-metro-seniority", "role-metro-years"}
HERE = tuple(one for one in SETS if set(one.keys) <= KNOWN and one.name not in LEFT_OUT)
KEYS = tuple(key for key in FACTS if any(key in one.keys for one in HERE))
# No explaining: what traces every line to explain a failure makes table expressions ten times slower.
ATTACKS = settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)  # fmt: skip


@st.composite
def populations(draw: st.DrawFn) -> pa.Table:
    """Small populations with uneven cells, missing facts and few values, where attacks have a chance."""
    rows = draw(st.integers(12, 220))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def choose(values: list[str | None]) -> list[str | None]:
        share = random.dirichlet(np.full(len(values), draw(st.sampled_from([0.4, 1.0, 3.0]))))
        return [values[k] for k in random.choice(len(values), rows, p=share)]

    role, country = choose(["mle", "aie", "ds"]), choose(["DE", "FR", "US"])
    metro = [m and f"{c}-{m}" for c, m in zip(country, choose(["x", "y", None]), strict=True)]
    pay = np.exp(random.normal(11, 0.5, rows))
    return pa.table(
        {
            "source": [draw(st.sampled_from(["stackoverflow", "community:x"]))] * rows,
            "measure": ["cash"] * rows,
            "vintage": random.choice([2023, 2024, 2025], rows, p=random.dirichlet(np.ones(3))),
            "role": role,
            "family": ["data" if r == "ds" else "ml" for r in role],
            "country": country,
            "region": ["americas" if c == "US" else "europe" for c in country],
            "metro": pa.array(metro, pa.string()),
            "years_band": pa.array(choose(["entry", "mid", "senior", None]), pa.string()),
            "seniority": pa.array(choose(["mid", "senior", None]), pa.string()),
            "industry": pa.array(choose(["technology", "finance", None]), pa.string()),
            "skills": pa.array(
                [[s for s in ("aws", "python") if random.random() < 0.6] for _ in range(rows)],
                pa.list_(pa.string()),
            ),
            "lo": pay,
            "hi": pay,
            "currency": ["EUR" if c != "US" else "USD" for c in country],
            "per_usd": [0.9 if c != "US" else 1.0 for c in country],
            "weight": [1] * rows,
            "employer": pa.array(choose([f"e{k}" for k in range(8)]), pa.string()),
        }
    )


def published(table: pa.Table, out: pa.Table, sets: tuple[GroupingSet, ...] = HERE) -> list[Cut]:
    """Which rows each published cut is made of, found again from the reports."""
    rows, keys = table.to_pylist(), {one.name: one.keys for one in sets}
    cuts = []
    for cell in out.to_pylist():
        where = [(key, cell[key]) for key in ("source", "measure", *keys[cell["set"]])]
        cuts.append(
            (cell["set"], frozenset(i for i, row in enumerate(rows) if all(_has(row, *w) for w in where)))
        )
    return cuts


def _has(row: dict[str, object], key: str, value: object) -> bool:
    return value in row["skills"] if key == "skill" else row[key] == value  # type: ignore[operator]


def enough(rows: frozenset[int]) -> bool:
    return len(rows) == 0 or len(rows) >= 10


def differences(cuts: list[Cut]) -> Iterator[frozenset[int]]:
    """Each published cut less all published cuts of one set inside it: the smallest difference."""
    for _, parent in cuts:
        for name in {name for name, _ in cuts}:
            inside = [rows for other, rows in cuts if other == name and rows < parent]
            # Cuts by skill overlap: each is taken away alone.
            for some in [[rows] for rows in inside] if "skill" in name else [inside] if inside else []:
                yield parent - frozenset().union(*some)


def row_space(cuts: list[Cut]) -> tuple[list[frozenset[int]], NDArray[np.int64]]:
    """The classes of rows that no published cut tells apart, and an echelon basis of what the cuts span.

    Exact: arithmetic is modulo a prime, in which what is in the span of the cuts stays in it.
    """
    members: dict[tuple[bool, ...], set[int]] = {}
    for row in set().union(*(rows for _, rows in cuts)):
        members.setdefault(tuple(row in rows for _, rows in cuts), set()).add(row)
    classes = [frozenset(m) for m in members.values()]
    basis = np.empty((0, len(classes)), dtype=np.int64)
    for _, rows in cuts:
        vector = reduced(np.array([int(one <= rows) for one in classes]), basis)
        if vector.any():
            vector = vector * pow(int(vector[np.flatnonzero(vector)[0]]), -1, PRIME) % PRIME
            basis = np.vstack([basis, vector])
    return classes, basis


def reduced(vector: NDArray[np.int64], basis: NDArray[np.int64]) -> NDArray[np.int64]:
    for row in basis:
        vector = (vector - vector[np.flatnonzero(row)[0]] * row) % PRIME
    return vector


@ATTACKS
@given(populations())
def test_every_attack_on_small_populations_fails(cut: Cohort, table: pa.Table) -> None:
    raw = cut(table, HERE)
    out = disclose(raw)
    cuts = published(table, out.table)
    no_small_cut_is_published_and_no_tail_of_a_small_one(table, out.table)
    differences_of_a_cut_and_the_cuts_inside_it_isolate_nobody(cuts)
    removing_disjoint_cuts_of_any_sets_isolates_nobody(cuts)
    sums_and_differences_of_all_cuts_at_once_isolate_nobody(cuts)
    if table["source"][0].as_py().startswith("community:"):
        submitted_cuts_and_their_differences_have_several_employers(table, cuts)
    what_is_withheld_names_a_published_parent_and_no_number(raw, out)


def no_small_cut_is_published_and_no_tail_of_a_small_one(table: pa.Table, out: pa.Table) -> None:
    for cell, (_, rows) in zip(out.to_pylist(), published(table, out), strict=True):
        assert len(rows) >= (30 if cell["skill"] else 10)
        assert cell["n"] == len(rows) // 5 * 5
        for name in ("p10", "p90", "pooled_p10", "pooled_p90"):
            assert cell[name] is None or len(rows) >= 30
        assert not {"min", "max", "mean"} & set(cell)


def differences_of_a_cut_and_the_cuts_inside_it_isolate_nobody(cuts: list[Cut]) -> None:
    for left in differences(cuts):
        assert enough(left)


def removing_disjoint_cuts_of_any_sets_isolates_nobody(cuts: list[Cut]) -> None:
    shuffle = np.random.default_rng(0).shuffle
    for _, parent in cuts:
        for _ in range(5):
            inside = [rows for _, rows in cuts if rows < parent]
            shuffle(inside)
            left = parent
            for rows in inside:
                if rows <= left:
                    left -= rows
                    assert enough(left)


def sums_and_differences_of_all_cuts_at_once_isolate_nobody(cuts: list[Cut]) -> None:
    """Exact linear algebra, apart from the audit's own: classes of < 10 reports, up to four."""
    if not cuts:
        return
    classes, basis = row_space(cuts)
    small = [k for k, rows in enumerate(classes) if len(rows) < 10]
    rest = {(k,): reduced(np.eye(len(classes), dtype=np.int64)[k], basis) for k in small}
    pairs = {(a, b): (rest[a,] + rest[b,]) % PRIME for a, b in itertools.combinations(small, 2)}
    # A group is isolated when what is left of its classes beyond the span adds up to nothing.
    assert all(left.any() for left in rest.values())
    lacking: dict[bytes, list[tuple[int, ...]]] = {}
    for group, left in {**rest, **pairs}.items():
        lacking.setdefault(((PRIME - left) % PRIME).tobytes(), []).append(group)
    for pair, left in pairs.items():
        assert left.any() or sum(len(classes[k]) for k in pair) >= 10
        for other in lacking.get(left.tobytes(), []):
            group = {*pair, *other}
            assert len(group) < len(pair) + len(other) or sum(len(classes[k]) for k in group) >= 10


def submitted_cuts_and_their_differences_have_several_employers(table: pa.Table, cuts: list[Cut]) -> None:
    employer = table["employer"].to_pylist()
    for rows in (*(rows for _, rows in cuts), *differences(cuts)):
        named = [employer[row] for row in rows]
        if named:
            assert len(set(named)) >= 3
            assert max(named.count(one) for one in set(named)) <= 0.25 * len(named)


def what_is_withheld_names_a_published_parent_and_no_number(raw: Cohorts, out: Disclosed) -> None:
    assert out.table.num_rows + out.withheld.num_rows == raw.table.num_rows
    assert out.withheld.column_names == [
        "source",
        "measure",
        "set",
        *KEYS,
        "reason",
        "answered_by_set",
        "answered_by",
    ]
    names = {
        " · ".join(str(v) for v in (c["set"], *(c[k] for k in KEYS)) if v is not None)
        for c in out.table.to_pylist()
    }
    for cell in out.withheld.to_pylist():
        assert cell["reason"] in (TOO_FEW, TOO_FEW_BY_SKILL, FEW_EMPLOYERS, DOMINATED, BY_DIFFERENCE)
        assert cell["answered_by"] is None or cell["answered_by"] in names


def test_audit_finds_what_no_chain_shows() -> None:
    # Cuts {a, b}, {b, c}, {a, c} of 6 reports a letter: half of the sum, less one of them, isolates six.
    cell = np.array([[0, 0, -1], [-1, 1, 1], [2, -1, 2]])
    order, allowed = np.arange(3), np.ones(3, dtype=bool)
    assert audit.leaks(cell, np.array([6, 6, 6]), order, allowed, 10) == [0]
    assert audit.leaks(cell, np.array([10, 10, 10]), order, allowed, 10) == []
    allowed[0] = False
    assert audit.leaks(cell, np.array([6, 6, 6]), order, allowed, 10) == []


def test_audit_finds_groups_that_only_together_are_isolated() -> None:
    # What is left of cut 0 without cut 1 is nine people, whom three other cuts split in 3 + 3 + 3.
    cell = np.array([[0, 0, 0, 0, -1, -1, -1], [1, -1, -1, -1, -1, -1, -1], [-1, 3, 4, 5, 3, 4, 5]])
    weight, allowed = np.array([20, 3, 3, 3, 20, 20, 20]), np.array([True, True, False, True, True, True])
    assert audit.leaks(cell, weight, np.array([4, 0, 5, 1, 2, 3]), allowed, 10) == [1]
    assert audit.leaks(cell, weight + 1, np.array([4, 0, 5, 1, 2, 3]), allowed, 10) == []


def test_of_two_cuts_that_give_a_group_away_the_less_wanted_goes(make: Make, cut: Cohort) -> None:
    table = make(40, 20, countries=1)
    role = ["mle"] * 36 + ["aie"] * 4
    table = table.set_column(table.column_names.index("role"), "role", pa.array(role))
    table = table.set_column(table.column_names.index("family"), "family", pa.array(["ml"] * 40))
    for keep, left in ((2, ["role"]), (0, ["family"])):
        sets = (
            GroupingSet("family", ("family",), keep=1),
            GroupingSet("role", ("role",), "family", keep=keep),
        )
        out = disclose(cut(table, sets))
        assert out.table["set"].to_pylist() == left
        assert BY_DIFFERENCE in out.withheld["reason"].to_pylist()


def renamed(table: pa.Table, source: str, pay: NDArray[np.float64] | None = None) -> pa.Table:
    """The same reports under another source's name, which share no cell with the first; perhaps with other pay."""
    table = table.set_column(0, "source", pa.array([source] * table.num_rows))
    for name in () if pay is None else ("lo", "hi"):
        table = table.set_column(table.column_names.index(name), name, pa.array(pay))
    return table


def test_one_report_decides_no_percentile(make: Make, cut: Cohort) -> None:
    """Whoever changes one report by a factor moves a percentile by less than half of it: it rests on many."""
    for n, seed in ((10, 1), (11, 2), (15, 3), (30, 4), (31, 5)):
        table = make(n, seed, countries=1)
        pay = np.tile(table["lo"].to_numpy(), (n + 1, 1))
        pay[np.arange(n), np.arange(n)] *= 1.2
        every = [renamed(table, f"s{k:02d}", row) for k, row in enumerate(pay)]
        found = cut(pa.concat_tables(every), (GroupingSet("all", ()),)).table.sort_by("source").to_pylist()
        for name in PERCENTILES[1:4] if n < 30 else PERCENTILES:
            moved = np.array([row[f"smoothed_{name}"] for row in found])
            assert np.abs(np.log(moved[:n] / moved[n])).max() < 0.5 * np.log(1.2)


def test_a_published_percentile_is_no_reported_value(make: Make, cut: Cohort) -> None:
    """Guessing that a percentile is somebody's pay (to 0.5 %) succeeds no more often than chance would."""
    hits, exact, tries = 0, 0, 0
    said: dict[str, NDArray[np.float64]] = {}
    tables = []
    for seed in range(150):
        table = make(10 + seed % 20, seed, countries=1)
        # Spread out, so that chance hits are rare.
        said[f"s{seed:03d}"] = np.exp(2 * np.log(table["lo"].to_numpy()) - 11)
        tables.append(renamed(table, f"s{seed:03d}", said[f"s{seed:03d}"]))
    raw = cut(pa.concat_tables(tables), (GroupingSet("all", ()),))
    as_they_are = {row["source"]: row for row in raw.table.to_pylist()}
    for row in disclose(raw, public=set(said)).table.to_pylist():
        pay = said[row["source"]]
        for name in PERCENTILES[1:4]:
            tries += 1
            hits += bool(np.min(np.abs(np.log(pay / row[name]))) < 0.005)
            exact += bool(np.min(np.abs(np.log(pay / as_they_are[row["source"]][name]))) < 0.005)
    assert tries == 450
    assert exact > 0.35 * tries
    assert hits < 0.18 * tries


def test_pooled_numbers_carry_no_withheld_parent(make: Make, cut: Cohort) -> None:
    """A withheld parent's pay may change as it likes: what is published about its children stays."""
    table = make(36, 21, countries=1)
    role = ["mle"] * 30 + ["aie"] * 6
    table = table.set_column(table.column_names.index("role"), "role", pa.array(role))
    table = table.set_column(table.column_names.index("family"), "family", pa.array(["ml"] * 36))
    sets = (GroupingSet("family", ("family",)), GroupingSet("role", ("role",), "family", keep=1))
    pay = table["lo"].to_numpy() * np.where(np.array(role) == "aie", 3.0, 1.0)
    other = table.set_column(table.column_names.index("lo"), "lo", pa.array(pay))
    other = other.set_column(other.column_names.index("hi"), "hi", pa.array(pay))
    first, second = disclose(cut(table, sets)), disclose(cut(other, sets))
    assert first.table["set"].to_pylist() == ["role"] and first.table.equals(second.table)
    assert first.table["pooling_weight"].to_pylist() == [0.0]


def test_a_dominant_employer_is_a_warning_in_public_rows_and_a_refusal_in_submitted_ones(
    make: Make, cut: Cohort
) -> None:
    for source in ("levels_fyi", "community:x"):
        table = make(50, 22, source=source, countries=1)
        names = ["a"] * 31 + [f"b{k}" for k in range(19)]
        table = table.set_column(table.column_names.index("employer"), "employer", pa.array(names))
        out = disclose(cut(table, (GroupingSet("all", ()),)))
        if source in PUBLIC:
            assert out.table["note"].to_pylist() == ["62 % one employer"]
            assert out.table["top_employer_share"].to_pylist() == [0.62]
        else:
            assert out.table.num_rows == 0 and out.withheld["reason"].to_pylist() == [DOMINATED]


def test_unknown_employers_of_submitted_reports_count_as_one(make: Make, cut: Cohort) -> None:
    table = make(100, 23, source="community:x", countries=1)
    names = [None] * 26 + [f"b{k % 20}" for k in range(74)]
    table = table.set_column(table.column_names.index("employer"), "employer", pa.array(names))
    assert disclose(cut(table, (GroupingSet("all", ()),))).withheld["reason"].to_pylist() == [DOMINATED]


def test_a_cut_by_employer_needs_twenty_reports(make: Make, cut: Cohort) -> None:
    for source in ("levels_fyi", "community:x"):
        table = make(109, 24, source=source, countries=1)
        names = ["a"] * 20 + ["b"] * 19 + [f"c{k % 10}" for k in range(70)]
        table = table.set_column(table.column_names.index("employer"), "employer", pa.array(names))
        out = disclose(cut(table, (GroupingSet("all", ()), GroupingSet("employer", ("employer",), "all"))))
        assert [c for c in out.table["employer"].to_pylist() if c] == ["a"]
        assert set(out.withheld["reason"].to_pylist()) == {TOO_FEW_BY_EMPLOYER}


def test_pay_is_rounded_to_one_percent_steps() -> None:
    pay = np.exp(np.linspace(np.log(800), np.log(5e7), 20_000))
    out = round_pay(pay)
    assert np.max(np.abs(np.log(out / pay))) < 0.0105
    assert (np.diff(out) >= 0).all()
    assert len(np.unique(out)) <= np.log(5e7 / 800) / np.log(1.01) + 2
    assert np.isnan(round_pay(np.array([np.nan]))[0])


def test_disclosed_can_be_made_by_disclose_alone(make: Make, cut: Cohort) -> None:
    out = disclose(cut(make(100, 25)))
    with pytest.raises(TypeError):
        Disclosed(object(), out.table, out.withheld)
    with pytest.raises(TypeError):
        type("Open", (Disclosed,), {})
    with pytest.raises(AttributeError):
        out.table = out.withheld  # type: ignore[misc]
    with pytest.raises(AttributeError):
        out._table = out.withheld
    with pytest.raises(AttributeError):
        del out._table
    with pytest.raises(TypeError):
        pickle.dumps(out)
    with pytest.raises(TypeError):
        copy.copy(out)


def test_the_same_cohorts_disclose_the_same(make: Make, cut: Cohort) -> None:
    first, second = (disclose(cut(make(1_500, 26))) for _ in range(2))
    assert first.table.equals(second.table) and first.withheld.equals(second.withheld)
    assert set(COLUMNS) - {"lo", "hi", "per_usd", "weight", "vintage", "employer"} <= set(
        first.table.column_names
    )


def test_nothing_comes_of_nothing(make: Make, cut: Cohort) -> None:
    out = disclose(cut(make(10, 27).slice(0, 0)))
    assert out.table.num_rows == out.withheld.num_rows == 0


def test_what_a_build_kept_is_let_out_again_and_nothing_else(make: Make, cut: Cohort) -> None:
    out = disclose(cut(make(3_000, 28)))
    assert again(out.table, out.withheld).table.equals(out.table)
    n = out.table.column_names.index("n")
    p50, p10 = (out.table.column_names.index(name) for name in ("p50", "p10"))
    small = pa.array([5, *out.table["n"].to_pylist()[1:]])
    exact = pa.array([12_345.67, *out.table["p50"].to_pylist()[1:]])
    tail = pa.array([50_000.0] * out.table.num_rows)
    for wrong in (
        out.table.set_column(n, "n", small),
        out.table.set_column(p50, "p50", exact),
        out.table.set_column(p10, "p10", tail),
        out.table.append_column("mean", exact),
    ):
        with pytest.raises(ValueError, match="disclosure control"):
            again(wrong, out.withheld)
