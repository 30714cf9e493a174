"""Attacks on a sequence of releases: whoever has all of them, and knows all but one member, isolates nobody."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from paylens.cohorts.build import Cohorts
from paylens.cohorts.complement import dominance, settle
from paylens.cohorts.disclosure import BETWEEN_RELEASES, disclose, recorded
from paylens.cohorts.keys import GroupingSet
from paylens.cohorts.membership import Membership
from paylens.cohorts.sequence import RECORD, Earlier, between, cells_of, entering, record

SOURCE = "community:x"
PRIME = 2**31 - 1
SETS = (
    GroupingSet("all", (), keep=3),
    GroupingSet("country", ("country",), "all", keep=3),
    GroupingSet("role", ("role",), "all", keep=2),
    GroupingSet("role-country", ("role", "country"), "country", keep=4),
    GroupingSet("role-country-years", ("role", "country", "years_band"), "role-country", keep=1),
    GroupingSet("role-country-industry", ("role", "country", "industry"), "role-country"),
    GroupingSet("role-country-skill", ("role", "country", "skill"), "role-country"),
)
FACTS = {
    "role": ["mle", "ds"], "country": ["DE", "FR"], "years_band": ["entry", "senior", None],
    "industry": ["technology", "finance", None],
}  # fmt: skip
Person = dict[str, Any]
Cuts = dict[str, frozenset[str]]


@dataclass
class Publisher:
    """A community's releases one after another, by the program's own rules, without the table engine."""

    released: list[Cuts] = field(default_factory=list)
    rows: list[pa.Table] = field(default_factory=list)

    @property
    def earlier(self) -> Earlier:
        return Earlier(pa.concat_tables([RECORD.empty_table(), *self.rows]))

    def release(self, people: Sequence[Person], *, held_back: bool = True) -> Any:
        """Publish what may be published of `people`; `held_back` False lets all of them in at once."""
        facts = pa.Table.from_pylist(list(people))
        who = entering(
            SOURCE, facts["version"].to_pylist(), cells_of(facts, SETS), self.earlier if held_back else Earlier(RECORD.empty_table()), SETS
        )  # fmt: skip
        inside = [p for p in people if p["version"] in who.versions]
        members, names = membership(inside)
        allowed = alone(members, names)
        sources = [SOURCE] * len(names)
        keyed, order = np.zeros(len(names), dtype=bool), ordered(members, names)
        allowed = between(members, names, sources, keyed, order, allowed, self.earlier)
        kept = record(members, names, sources, allowed)
        cuts: dict[str, set[str]] = {}
        for cell, version in zip(kept["cell"].to_pylist(), kept["version"].to_pylist(), strict=True):
            cuts.setdefault(cell, set()).add(version)
        self.released.append({cell: frozenset(v) for cell, v in cuts.items()})
        day = f"2026-{len(self.released):02d}-01"
        everyone = pa.table({
            "source": [SOURCE] * len(inside), "line": [""] * len(inside), "cell": [""] * len(inside),
            "version": [p["version"] for p in inside],
        }, schema=kept.schema)  # fmt: skip
        whole = pa.concat_tables([kept, everyone])
        days = pa.array([day] * whole.num_rows, pa.string())
        self.rows.append(whole.append_column("released", days).select(RECORD.names))
        return who

    def cuts(self) -> Iterator[tuple[int, str, frozenset[str]]]:
        for k, cuts in enumerate(self.released):
            for name, members in cuts.items():
                yield k, name, members


def membership(people: Sequence[Person]) -> tuple[Membership, list[str]]:
    found = cells_of(pa.Table.from_pylist(list(people)), SETS) if people else []
    lines, names = sorted({line for line, _, _ in found}), sorted({cell for _, cell, _ in found})
    at = {p["version"]: i for i, p in enumerate(people)}
    cell = np.full((len(lines), len(people)), -1, dtype=np.int64)
    for line, name, version in found:
        cell[lines.index(line), at[version]] = names.index(name)
    by_name = {one.name: one for one in SETS}
    sets = []
    for line in lines:
        name, _, skill = line.partition(" skill ")
        one = by_name[name]
        keys = tuple(f"skill {skill}" if k == "skill" else k for k in one.keys)
        sets.append(GroupingSet(one.name, keys, one.parent, one.keep))
    employer = np.array([p["employer"] for p in people], dtype=np.int64)
    zeros, ones = np.zeros(len(people), dtype=np.int64), np.ones(len(people), dtype=np.int64)
    versions = tuple(p["version"] for p in people)
    return Membership(tuple(sets), cell, ones, employer, zeros, np.arange(len(people)), versions), names


def alone(members: Membership, names: Sequence[str]) -> NDArray[np.bool_]:
    """What one release may publish by itself."""
    allowed = np.ones(len(names), dtype=bool)
    for line in members.cell:
        found = dominance(line, members.employer, members.weight, len(names))
        allowed &= (found.n == 0) | ((found.n >= 10) & found.passes)
    submitted = np.ones(len(members.weight), dtype=bool)
    return settle(members, submitted, np.zeros(len(names), dtype=bool), ordered(members, names), allowed)


def ordered(members: Membership, names: Sequence[str]) -> NDArray[np.int64]:
    """The order in which cuts are given up: the least wanted sets first."""
    keep = {one.name: one.keep for one in SETS}
    out = np.empty(len(names), dtype=np.int64)
    out[np.argsort([keep[name.split(" · ")[0]] for name in names], kind="stable")] = np.arange(len(names))
    return out


def person(random: np.random.Generator, number: int, employers: int = 7) -> Person:
    facts = {name: values[random.integers(len(values))] for name, values in FACTS.items()}
    skills = [s for s in ("aws", "python") if random.random() < 0.5]
    token = int(random.integers(2**32))
    return {
        "who": number, "version": f"{token:08x}-{number}", **facts, "skills": skills,
        "employer": int(random.integers(employers)),
    }  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[list[Person]]:
    """The reports that a community holds at each of three to five release dates: some join, leave, or are corrected."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people = [person(random, k) for k in range(draw(st.integers(20, 160)))]
    history, number = [list(people)], len(people)
    for k in range(draw(st.integers(2, 4))):
        leave = draw(st.sampled_from([0, 0, 1, 3, 12]))
        correct = draw(st.sampled_from([0, 0, 1, 4]))
        join = draw(st.sampled_from([0, 1, 2, 9, 15, 60]))
        order = random.permutation(len(people))
        gone, mended = set(order[:leave].tolist()), set(order[leave : leave + correct].tolist())
        people = [
            {**p, "version": f"{p['version']}-{k + 1}"} if i in mended else p
            for i, p in enumerate(people)
            if i not in gone
        ]
        people += [person(random, number + j) for j in range(join)]
        number += join
        history.append(list(people))
    return history


def no_cut_changes_by_a_few(out: Publisher) -> None:
    """One who knows all the others of a cut looks at what changed between any two releases of it."""
    for first, second in itertools.combinations(out.released, 2):
        for name in first.keys() & second.keys():
            for change in (second[name] - first[name], first[name] - second[name]):
                assert not change or len(change) >= 10, name


def no_cut_less_another_is_a_few(out: Publisher) -> None:
    """Any published cut less any that lies in it, of the same release or of another."""
    cuts = list({members for _, _, members in out.cuts()})
    for big in cuts:
        for small in cuts:
            if small < big:
                assert len(big - small) >= 10


def no_sum_of_all_cuts_of_all_releases_isolates_a_few(out: Publisher) -> None:
    """Exact linear algebra over every cut of every release: groups of one or two classes of fewer than ten."""
    cuts = list({members for _, _, members in out.cuts()})
    classes: dict[tuple[bool, ...], int] = {}
    for version in frozenset[str]().union(*cuts) if cuts else ():
        at = tuple(version in members for members in cuts)
        classes[at] = classes.get(at, 0) + 1
    matrix = np.array([list(at) for at in classes], dtype=np.int64).T
    size = list(classes.values())
    basis = np.empty((0, len(size)), dtype=np.int64)
    for row in matrix:
        left = reduced(row % PRIME, basis)
        if left.any():
            left = left * pow(int(left[np.flatnonzero(left)[0]]), -1, PRIME) % PRIME
            basis = np.vstack([basis, left])
    few = [k for k, n in enumerate(size) if n < 10]
    rest = {k: reduced(np.eye(len(size), dtype=np.int64)[k], basis) for k in few}
    assert all(left.any() for left in rest.values())
    seen: dict[bytes, list[int]] = {}
    for k, left in rest.items():
        for other in seen.get(((PRIME - left) % PRIME).tobytes(), []):
            assert size[k] + size[other] >= 10
        seen.setdefault(left.tobytes(), []).append(k)


def reduced(vector: NDArray[np.int64], basis: NDArray[np.int64]) -> NDArray[np.int64]:
    for row in basis:
        vector = (vector - vector[np.flatnonzero(row)[0]] * row) % PRIME
    return vector


def joined_are_of_several_employers(out: Publisher, history: Sequence[Sequence[Person]]) -> None:
    employer = {p["version"]: p["employer"] for people in history for p in people}
    for first, second in itertools.combinations(out.released, 2):
        for name in first.keys() & second.keys():
            joined = [employer[v] for v in second[name] - first[name]]
            if joined:
                assert len(set(joined)) >= 3
                assert max(map(joined.count, joined)) <= 0.25 * len(joined)


@settings(max_examples=40, deadline=None)
@given(histories(), st.booleans())
def test_no_attack_on_a_sequence_of_releases_succeeds(history: list[list[Person]], held_back: bool) -> None:
    out = Publisher()
    for people in history:
        out.release(people, held_back=held_back)
        gone = {p["version"] for p in people}
        assert all(members <= gone for members in out.released[-1].values()), (
            "who left is in no later release"
        )
    no_cut_changes_by_a_few(out)
    no_cut_less_another_is_a_few(out)
    no_sum_of_all_cuts_of_all_releases_isolates_a_few(out)
    joined_are_of_several_employers(out, history)


def test_without_the_door_the_same_attacks_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacks find what they look for: with every cut let through, one more report is isolated."""
    monkeypatch.setitem(globals(), "between", lambda *args: args[5])
    random, out = np.random.default_rng(5), Publisher()
    people = [person(random, k) for k in range(150)]
    out.release(people, held_back=False)
    out.release([*people, person(random, 150)], held_back=False)
    for attack in (
        no_cut_changes_by_a_few,
        no_cut_less_another_is_a_few,
        no_sum_of_all_cuts_of_all_releases_isolates_a_few,
    ):
        with pytest.raises(AssertionError):
            attack(out)


def settled(seed: int = 1, n: int = 300) -> tuple[np.random.Generator, list[Person], Publisher]:
    random, out = np.random.default_rng(seed), Publisher()
    people = [person(random, k, 25) for k in range(n)]
    out.release(people)
    assert len(out.released[0]) > 10
    return random, people, out


def test_a_few_new_reports_wait_and_no_cut_is_lost_for_them() -> None:
    random, people, out = settled()
    more = [person(random, 1000 + k, 25) for k in range(6)]
    who = out.release([*people, *more])
    assert who.held_back == 6 and who.gone == 0
    assert out.released[1] == out.released[0]


def test_those_who_waited_enter_once_there_are_enough() -> None:
    random, people, out = settled()
    waited = 0
    for k in range(8):
        people = [*people, *(person(random, 1000 + 40 * k + j, 25) for j in range(40))]
        who = out.release(people)
        waited = max(waited, who.held_back)
    entered = frozenset[str]().union(*out.released[-1].values()) - frozenset[str]().union(
        *out.released[0].values()
    )
    assert len(entered) >= 100 and waited > 0
    assert "all" in out.released[-1]


def test_many_do_not_wait_for_the_finest_cuts() -> None:
    random, people, out = settled()
    who = out.release([*people, *(person(random, 1000 + j, 25) for j in range(60))])
    # At least ten join each role in each country; not every skill and industry there.
    assert who.held_back <= 0.1 * 360
    assert {"all", "role-country · mle · FR"} <= out.released[1].keys() < out.released[0].keys()
    no_sum_of_all_cuts_of_all_releases_isolates_a_few(out)


def test_who_deletes_a_report_leaves_with_others() -> None:
    _, people, out = settled()
    who = out.release(people[1:])
    assert who.gone == 1 and who.leave_with_them >= 9
    left = out.released[0]["all"] - out.released[1]["all"]
    assert people[0]["version"] in left and len(left) == 1 + who.leave_with_them
    # Those who left with them do not come back, or the one who deleted would stand alone beside the first release.
    again = out.release(people[1:])
    assert again.held_back == 0 and out.released[2]["all"] == out.released[1]["all"]


def test_a_corrected_report_is_another_one() -> None:
    _, people, out = settled()
    corrected = [{**people[0], "version": "corrected"}, *people[1:]]
    who = out.release(corrected)
    assert who.gone == 1 and who.held_back == 1
    assert all("corrected" not in members for members in out.released[1].values())


def test_the_same_reports_are_published_alike_again() -> None:
    _, people, out = settled()
    for _ in range(3):
        out.release(people)
    assert all(cuts == out.released[0] for cuts in out.released)


def test_a_release_built_again_shows_no_more_than_it_did() -> None:
    _, people, out = settled()
    members, names = membership(people)
    allowed = alone(members, names)
    only = frozenset(sorted(out.released[0])[:3])
    none = np.zeros(len(names), dtype=bool)
    again = between(
        members, names, [SOURCE] * len(names), none, ordered(members, names), allowed,
        Earlier(RECORD.empty_table(), {SOURCE: only}),
    )  # fmt: skip
    assert {names[k] for k in np.flatnonzero(again)} == only


def test_disclosure_control_withholds_what_another_release_would_give_away(
    make: Callable[..., pa.Table], cut: Callable[..., Cohorts]
) -> None:
    """Through the door itself: one report more or less, and each cut that it is in is withheld, with the reason."""
    whole = make(240, 31, source=SOURCE)
    whole = whole.append_column("version", pa.array([f"v{k:04d}" for k in range(240)]))
    before = cut(whole.slice(1), SETS)
    first = disclose(before)
    kept = recorded(before, first)
    days = pa.array(["2026-01-01"] * kept.num_rows, pa.string())
    earlier = Earlier(kept.append_column("released", days).select(RECORD.names))
    assert disclose(before, earlier=earlier).table.equals(first.table)
    for changed in (whole, whole.slice(2)):
        raw = cut(changed, SETS)
        plain, second = disclose(raw), disclose(raw, earlier=earlier)
        reasons = second.withheld["reason"].to_pylist()
        assert "all" in plain.table["set"].to_pylist() and "all" not in second.table["set"].to_pylist()
        assert reasons.count(BETWEEN_RELEASES) == plain.table.num_rows - second.table.num_rows > 0
