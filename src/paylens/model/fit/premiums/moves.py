"""Which moves a study can tell of: for each the people it is about, who of them made it, and what it is not adjusted for."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from paylens.contract.vocabularies import industries, sizes, skills
from paylens.model.fit.premiums.doubly_robust import Flags, Floats
from paylens.model.fit.premiums.people import Study

__all__ = ["FEWEST", "Move", "moves"]

FEWEST: Final = 30  # people in each arm
_DEGREES = (
    ("secondary-school", "bachelor"), ("associate", "bachelor"), ("bachelor", "master"), ("master", "doctorate"),
    ("bachelor", "doctorate"),
)  # fmt: skip
_ML_YEARS = ((0.0, 2.0, "<2"), (2.0, 5.0, "2-5"), (5.0, 10.0, "5-10"), (10.0, np.inf, "10+"))
_COUNTRY_REPORTS = 250
_METRO_REPORTS = 200
# Kaggle put the methods of vision and language to those who ticked a neural network.
_NETS = frozenset({
    "neural-networks", "cnn", "rnn", "transformers", "gan", "autoencoders", "graph-neural-networks",
})  # fmt: skip
_SHOWN_AFTER = {("kaggle", s): _NETS for s in ("computer-vision", "nlp", "generative-ai")}
# A Levels.fyi tag is one word: an ML engineer by tag stands beside engineers whose tag says something else.
_TAGGED = frozenset({
    "backend-engineer", "fullstack-engineer", "frontend-engineer", "mobile-engineer", "devops-engineer",
    "site-reliability-engineer", "security-engineer", "qa-engineer", "embedded-engineer", "game-engineer", "data-engineer",
})  # fmt: skip
_TAG = "machine-learning-engineer"
_INDIVIDUAL = frozenset({"senior", "staff", "principal"})


@dataclass(frozen=True)
class Move:
    """`id` as the table has it; `people` who are compared and `treated` who made it, (n,); `leave` the facts and years
    that are the move itself or come with it; `others` the number of other skills ticked; `shared` names the people
    where other moves are about the same, so that work is shared."""

    id: str
    kind: str
    from_: str | None
    to: str | None
    people: Flags
    treated: Flags
    leave: frozenset[str] = frozenset()
    others: Floats | None = None
    shared: str = ""
    note: str = ""


def moves(study: Study) -> Iterator[Move]:
    """Every move with at least `FEWEST` people in each arm."""
    found = itertools.chain(
        _skills(study), _groups(study), _degrees(study), _tagged(study), _flags(study), _leading(study), _industries(study),
        _sizes(study), _remote(study), _ml_years(study), _metros(study), _countries(study),
    )  # fmt: skip
    for move in found:
        with_ = int((move.treated & move.people).sum())
        if min(with_, int(move.people.sum()) - with_) >= FEWEST:
            yield move


def _skills(study: Study) -> Iterator[Move]:
    number = study.ticked.sum(axis=1)
    for i, skill in enumerate(study.skills):
        asked, has = study.asked[:, i], study.ticked[:, i]
        kind, note = "skill", ""
        if skills()[skill].attributes["group"] == "specialisation":
            kind = "specialisation"
        before = _SHOWN_AFTER.get((study.source, skill))
        if before is not None:
            shown = np.isin(np.array(study.skills), sorted(before))
            asked, note = asked & study.ticked[:, shown].any(axis=1), "among those who use neural networks"
        yield Move(
            f"{kind}:{skill}", kind, None, skill, asked, has, others=(number - has).astype(float),
            shared=_key(asked), note=note,
        )  # fmt: skip


def _groups(study: Study) -> Iterator[Move]:
    group = np.array([skills()[s].attributes["group"] for s in study.skills])
    for name in sorted(set(group) - {"specialisation"}):
        own = group == name
        # Whoever was put most of the group's skills was asked for the group.
        asked = study.asked[:, own].sum(axis=1) >= 2
        has = (study.ticked & study.asked)[:, own].any(axis=1)
        others = study.ticked[:, ~own].sum(axis=1).astype(float)
        yield Move(
            f"skill_group:{name}",
            "skill_group",
            None,
            str(name),
            asked,
            has,
            others=others,
            shared=_key(asked),
        )


def _key(people: Flags) -> str:
    """A name for the people who are compared."""
    return hashlib.blake2b(np.packbits(people).tobytes(), digest_size=8).hexdigest()


def _pair(
    study: Study, kind: str, fact: str, a: str, b: str, leave: frozenset[str], within: Flags | None = None
) -> Move:
    values = study.facts[fact]
    to = values == b
    people = to | (values == a)
    if within is not None:
        people &= within
    return Move(f"{kind}:{a}>{b}", kind, a, b, np.asarray(people), np.asarray(to), leave=leave)


def _degrees(study: Study) -> Iterator[Move]:
    for a, b in _DEGREES:
        yield _pair(study, "education", "education", a, b, frozenset({"education"}))


def _tagged(study: Study) -> Iterator[Move]:
    if study.source != "levels_fyi":
        return
    role = study.facts["role"]
    ml = role == _TAG
    people = ml | np.isin(role.astype(str), sorted(_TAGGED))
    yield Move(
        "specialisation:machine-learning", "specialisation", None, "machine-learning", np.asarray(people), np.asarray(ml),
        leave=frozenset({"field", "role"}), note="software engineers by the one tag they gave; no tag is left out",
    )  # fmt: skip


def _flags(study: Study) -> Iterator[Move]:
    for name, values in study.flags.items():
        yield Move(
            name, name, None, None, np.isfinite(values), values == 1,
            leave=frozenset({"level", "role", "field"}) if name == "people_manager" else frozenset(),
        )  # fmt: skip


def _leading(study: Study) -> Iterator[Move]:
    """Levels.fyi: managers by title beside senior and higher engineers."""
    if study.source != "levels_fyi":
        return
    level = study.facts["level"].astype(str)
    field_ = np.isin(study.facts["field"].astype(str), ["software", "machine-learning", "management"])
    to = level == "manager"
    yield Move(
        "people_manager", "people_manager", None, None, (to | np.isin(level, sorted(_INDIVIDUAL))) & field_, to,
        leave=frozenset({"level", "role", "field"}), note="managers by title beside senior to principal engineers",
    )  # fmt: skip


def _industries(study: Study) -> Iterator[Move]:
    for other in industries().ids:
        if other not in ("technology", "other"):
            yield _pair(
                study, "industry", "industry", "technology", other, frozenset({"industry", "employer"})
            )


def _sizes(study: Study) -> Iterator[Move]:
    for a, b in itertools.combinations(sizes().ids, 2):
        yield _pair(study, "company_size", "company size", a, b, frozenset({"company size", "employer"}))


def _remote(study: Study) -> Iterator[Move]:
    for a, b in itertools.combinations(("onsite", "hybrid", "remote"), 2):
        yield _pair(study, "remote", "remote", a, b, frozenset({"remote"}))


def _ml_years(study: Study) -> Iterator[Move]:
    for (low, middle, a), (_, high, b) in itertools.pairwise(_ML_YEARS):
        years = study.ml_years
        to = (years >= middle) & (years < high)
        yield Move(
            f"years_ml:{a}>{b}", "years_ml", a, b, to | ((years >= low) & (years < middle)), to,
            leave=frozenset({"years of machine learning"}),
        )  # fmt: skip


def _metros(study: Study) -> Iterator[Move]:
    """US metros, within the one source that names them."""
    metro = study.facts["metro"]
    american = study.facts["country"] == "US"
    names, count = np.unique(metro[american & (metro != None)].astype(str), return_counts=True)  # noqa: E711
    for a, b in itertools.combinations(names[count >= _METRO_REPORTS].tolist(), 2):
        yield _pair(study, "metro", "metro", a, b, frozenset({"metro", "country"}), np.asarray(american))


def _countries(study: Study) -> Iterator[Move]:
    """Countries, within the survey that the reference view rests on."""
    if study.source != "stackoverflow" or study.vintage not in ("2024", "2025"):
        return
    names, count = np.unique(study.facts["country"].astype(str), return_counts=True)
    reports = dict(zip(names.tolist(), count.tolist(), strict=True))
    for a, b in itertools.combinations(sorted(reports), 2):
        few, many = sorted((reports[a], reports[b]))
        if few >= _COUNTRY_REPORTS or ("US" in (a, b) and few >= FEWEST):
            yield _pair(study, "country", "country", a, b, frozenset({"country", "metro"}))
