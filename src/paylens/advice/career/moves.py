"""The moves that are open to someone: each with the profile it leads to and the premium that speaks of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from paylens.advice import asked as ask
from paylens.advice.career.asked import KINDS, Asked
from paylens.advice.estimate import Reference
from paylens.contract.errors import InputError, shown
from paylens.contract.profile import Profile, parse_profile
from paylens.contract.vocabularies import educations, industries, remotes, seniorities, sizes, skills
from paylens.contract.vocabulary import Vocabulary, nearest_names
from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["DEGREES", "STAY", "Move", "candidates", "likely_level", "parse_move", "together"]

STAY: Final = "stay"
DEGREES: Final = ("bachelor", "master", "doctorate")
# The cities that a published guide to this pay names, and Zurich: looked at where no others are named.
CITIES: Final = (
    "San Francisco", "New York", "Seattle", "London", "Berlin", "Paris", "Zurich", "Singapore", "Hong Kong", "Bangalore",
)  # fmt: skip
_SCHOOLING: Final = ("secondary-school", "some-college", "associate", *DEGREES)
# A skill that fewer than one in fifty of the asker's kind have is no likely next one.
_SOME_HAVE: Final = 0.02
_ITSELF: Final = "machine-learning"  # what all of this is about: nothing to specialise in
_STAYING: Final = (STAY, "work", "work now", "stay put", "nothing")
_COMPUTED = {"publish": "publishes", "open-source": "open_source", "lead": "people_manager"}
_SAID = {"publish": "publish research", "open-source": "contribute to open source", "lead": "lead people"}
_NEEDS = "must say to what, such as '{0}:{1}'"
_EXAMPLES = {
    "skill": "pytorch", "degree": "master", "specialise": "nlp", "level": "senior", "industry": "finance", "size": "5000",
    "remote": "remote", "place": "Zurich",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """One move. `base` is the profile it is held against, `changed` the one it leads to (None where the pay model has no
    such fact), `premium` the premium's moves whose sum speaks of it (none: the pay model alone does), `whole` the one that
    speaks of it at once, which goes before."""

    id: str
    kind: str
    to: str
    label: str
    start: str | None
    base: Profile
    changed: Profile | None
    premium: tuple[str, ...] = ()
    place: Place | None = None
    note: str | None = None
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks for a move: the release that answers, what was asked, and the place one is in."""

    ref: Reference
    asked: Asked
    home: Place


def candidates(ref: Reference, asked: Asked, home: Place) -> list[Move]:
    """The moves that are open, of the kinds asked for; what is held already is no move."""
    who = Asker(ref, asked, home)
    return [move for kind in asked.moves for move in _OPEN[kind](who)]


def parse_move(text: str, ref: Reference, asked: Asked, home: Place, field: str = "path") -> Move | None:
    """The move that a text names ('doctorate', 'move:Zurich', 'skill:pytorch'); None for staying.

    InputError on `field` for an unknown kind or aim, a degree that is held already, the place where one is.
    """
    words = " ".join(text.split())
    if words.casefold() in _STAYING:
        return None
    head, _, rest = words.partition(":")
    head, rest = head.strip().casefold(), rest.strip()
    named = {word: kind for kind, others in KINDS.items() for word in (kind, *others)}
    kind = named.get(head)
    if kind is None and not rest:
        degree = educations().lookup(words)
        if degree is not None:
            kind, rest = "degree", words
    if kind is None:
        near = nearest_names(head, (STAY, *DEGREES, *named))
        said = (
            f"'{shown(words)}' is no plan: stay, a degree, or a move such as 'place:Zurich' or 'level:senior'"
        )
        raise InputError(field, text, said, near)
    try:
        return _MADE[kind](Asker(ref, asked, home), rest)
    except InputError as error:
        if error.field == field:
            raise
        raise InputError(field, error.value, error.message, error.candidates) from None


def together(p: Profile, moves: Sequence[Move]) -> tuple[Profile, Profile]:
    """The profile that several moves at once are held against, and the one they lead to, of what the pay model knows."""
    facts = (
        "education",
        "seniority",
        "industry",
        "company_size",
        "remote",
        "location",
        "employer",
        "currency",
    )
    base = changed = p
    for move in moves:
        if move.changed is None:
            continue
        base = replace(base, **_unlike(move.base, p, facts))
        changed = replace(changed, **_unlike(move.base, p, facts))
        changed = replace(changed, **_unlike(move.changed, move.base, facts))
        added = tuple(s for s in move.changed.skills if s not in changed.skills)
        changed = replace(changed, skills=changed.skills + added)
    return base, changed


def _unlike(a: Profile, b: Profile, facts: Sequence[str]) -> dict[str, Any]:
    """The facts of one profile that are not those of another."""
    return {name: getattr(a, name) for name in facts if getattr(a, name) != getattr(b, name)}


def likely_level(ref: Reference, p: Profile) -> str | None:
    """The level given, else the most common one of people with as many years in the family; None where neither is given."""
    if p.seniority is not None:
        return p.seniority
    if p.years_experience is None:
        return None
    family = ref.model.role_family[ref.index.at["roles"][p.role.id]]
    share = ref.model.level_share[family, min(int(p.years_experience), 60)]
    return ask.LADDER[int(share.argmax())]


def _aim(vocabulary: Vocabulary, kind: str, text: str) -> str:
    """The id that a text names; InputError with the nearest."""
    if not text:
        raise InputError(kind, text, _NEEDS.format(kind, _EXAMPLES[kind]))
    return vocabulary.lookup(text) or vocabulary.match(text, kind).id


def _level(who: Asker, text: str) -> Move:
    p = who.asked.profile
    now = likely_level(who.ref, p)
    if now is None:
        raise InputError(
            "level", text, "needs the level or the years of work: give seniority or years_experience"
        )
    if not text:
        if now not in ask.LADDER or now == ask.LADDER[-1]:
            raise InputError("level", now, f"there is no level of this ladder above {now}")
        text = ask.LADDER[ask.LADDER.index(now) + 1]
    to = _aim(seniorities(), "level", text)
    if to not in ask.LADDER:
        raise InputError(
            "level", text, f"'{shown(text)}' is no level of {', '.join(ask.LADDER)}: see 'lead'", ["lead"]
        )
    if now in ask.LADDER and ask.LADDER.index(to) <= ask.LADDER.index(now):
        raise InputError("level", text, f"{to} is not above {now}, the level now")
    note = (
        None
        if p.seniority
        else f"taken to be {now} now, the most common level with {p.years_experience:g} years"
    )
    base = replace(p, seniority=now)
    return Move(f"level:{to}", "level", to, f"move to {to}", now, base, replace(p, seniority=to), note=note)


def _nothing_more(kind: str, text: str) -> None:
    if text:
        raise InputError(kind, text, f"'{kind}' has no aim: leave ':{shown(text)}' out", [kind])


def _lead(who: Asker, text: str) -> Move:
    _nothing_more("lead", text)
    p = who.asked.profile
    if p.seniority in ask.MANAGING:
        raise InputError("lead", p.seniority, f"you lead already: the level given is {p.seniority}")
    return Move(
        "lead", "lead", "lead", _SAID["lead"], p.seniority, p, replace(p, seniority="manager"), (_COMPUTED["lead"],)
    )  # fmt: skip


def _degree(who: Asker, text: str) -> Move:
    p = who.asked.profile
    to = _aim(educations(), "degree", text)
    if to not in DEGREES:
        raise InputError("degree", text, f"must be one of {', '.join(DEGREES)}, not '{shown(text)}'", DEGREES)
    held = p.education
    label = educations()[to].label.lower()
    if held == to or held == "professional" or (held in DEGREES and DEGREES.index(held) >= DEGREES.index(to)):
        raise InputError(
            "degree", text, f"a {label} adds nothing: {educations()[str(held)].label.lower()} is held already"
        )
    note = None
    if held is None:
        note = "your degree was not given: held against people with the one before"
        held = _SCHOOLING[_SCHOOLING.index(to) - 1] if to != "bachelor" else "secondary-school"
    return Move(
        f"degree:{to}", "degree", to, f"finish a {label}", held, replace(p, education=held), replace(p, education=to),
        _steps(held, to), note=note, whole=f"education:{held}>{to}",
    )  # fmt: skip


def _steps(held: str, to: str) -> tuple[str, ...]:
    """The premium's steps from one degree to another."""
    start = held if held in DEGREES else None
    if start is None:
        return (f"education:{held}>{to}",) if to == "bachelor" else ()
    path = DEGREES[DEGREES.index(start) : DEGREES.index(to) + 1]
    return tuple(f"education:{a}>{b}" for a, b in itertools.pairwise(path))


def _skill(who: Asker, text: str) -> Move:
    to = _aim(skills(), "skill", text)
    p = who.asked.profile
    if to in p.skills:
        raise InputError("skill", text, f"{skills()[to].label} is among your skills already")
    kind = "specialise" if skills()[to].attributes["group"] == "specialisation" else "skill"
    label = skills()[to].label
    said = f"specialise in {label}" if kind == "specialise" else f"learn {label}"
    head = "specialisation" if kind == "specialise" else "skill"
    changed = replace(p, skills=(*p.skills, to)) if to in who.ref.index.at["skills"] else None
    return Move(f"{kind}:{to}", kind, to, said, None, p, changed, (f"{head}:{to}",))


def _plain(kind: str) -> Callable[[Asker, str], Move]:
    def made(who: Asker, text: str) -> Move:
        _nothing_more(kind, text)
        return Move(kind, kind, kind, _SAID[kind], None, who.asked.profile, None, (_COMPUTED[kind],))

    return made


def _fact(
    kind: str, field: str, vocabulary: Callable[[], Vocabulary], said: str
) -> Callable[[Asker, str], Move]:
    """A move that changes one fact of the employer or the work."""
    head = "company_size" if kind == "size" else kind

    def made(who: Asker, text: str) -> Move:
        p = who.asked.profile
        if not text:
            raise InputError(kind, text, _NEEDS.format(kind, _EXAMPLES[kind]))
        to = getattr(parse_profile({"role": "data scientist", field: text}), field)
        if to is None:
            raise InputError(kind, text, f"'{shown(text)}' says nothing here")
        held = getattr(p, field)
        if held == to:
            raise InputError(kind, text, f"{vocabulary()[to].label} is what you have already")
        # Another employer: what this one pays above others is left behind.
        base = p if kind == "remote" else replace(p, employer=None)
        changed = replace(base, **{field: to})
        label = vocabulary()[to].label
        label = label if kind == "size" else label[:1].lower() + label[1:]
        note = None if held else "yours now was not given: held against the average"
        if p.employer is not None and kind != "remote":
            note = "another employer: what yours pays beyond its kind is left out on both sides"
        premium = (f"{head}:{held}>{to}",) if held else ()
        return Move(f"{kind}:{to}", kind, to, said.format(label), held, base, changed, premium, note=note)

    return made


def _place(who: Asker, text: str) -> Move:
    if not text:
        raise InputError("place", text, _NEEDS.format("place", _EXAMPLES["place"]))
    there = geography.resolve(text)
    same = there.id == who.home.id or (there.metro is not None and there.metro == who.home.metro)
    if same:
        raise InputError("place", text, f"{there.label} is where you are already")
    if there.country is None or who.home.country is None:
        which = there if there.country is None else who.home
        raise InputError(
            "place", text, f"{which.label} is no city, state or country: a move needs both to be one"
        )
    p = who.asked.profile
    # Pay is compared in the money of who.home.
    base = replace(p, currency=p.currency or ask.local_currency(who.home.currency))
    changed = replace(base, location=text)
    name = there.label.split(",")[0] if there.kind in ("metro", "city") else there.label
    premium = (f"country:{who.home.country}>{there.country}",) if there.country != who.home.country else ()
    note = "; ".join(there.notes) or None
    return Move(
        f"place:{there.id}", "place", there.id, f"move to {name}", who.home.label, base, changed, premium, there, note
    )  # fmt: skip


def _try(kind: str, who: Asker, aims: Sequence[str]) -> list[Move]:
    """The moves of those aims that are open; one that is held already is left out."""
    out: list[Move] = []
    for aim in aims:
        try:
            found = _MADE[kind](who, aim)
        except InputError:
            continue
        if found.kind == kind and found.id not in [m.id for m in out]:
            out.append(found)
    return out


def _open_skills(kind: str) -> Callable[[Asker], list[Move]]:
    def listed(who: Asker) -> list[Move]:
        family = int(who.ref.model.role_family[who.ref.index.at["roles"][who.asked.profile.role.id]])
        share = who.ref.model.skill_share[family]
        usual = [s for s, k in who.ref.index.at["skills"].items() if share[k] >= _SOME_HAVE]
        special = skills().ids if kind == "specialise" else ()
        return _try(
            kind,
            who,
            [s for s in dict.fromkeys((*usual, *special)) if s in skills() and s != _ITSELF],
        )

    return listed


def _open(kind: str, aims: Callable[[], Sequence[str]]) -> Callable[[Asker], list[Move]]:
    return lambda who: _try(kind, who, aims())


def _open_degrees(who: Asker) -> list[Move]:
    """The degrees above the one held; where none was given, a master's and a doctorate."""
    aims = DEGREES if who.asked.profile.education is not None else DEGREES[1:]
    return _try("degree", who, aims)


def _open_places(who: Asker) -> list[Move]:
    if who.home.country is None:
        return []
    if who.asked.places:
        # Places that were named are checked: a wrong one is an error, not left out.
        return [
            m
            for m in (
                parse_move(f"place:{t}", who.ref, who.asked, who.home, "places") for t in who.asked.places
            )
            if m
        ]
    return _try("place", who, CITIES)


_MADE: Final[dict[str, Callable[[Asker, str], Move]]] = {
    "level": _level,
    "lead": _lead,
    "degree": _degree,
    "specialise": _skill,
    "skill": _skill,
    "publish": _plain("publish"),
    "open-source": _plain("open-source"),
    "industry": _fact("industry", "industry", industries, "work in {}"),
    "size": _fact("size", "company_size", sizes, "work for {}"),
    "remote": _fact("remote", "remote", remotes, "work {}"),
    "place": _place,
}
_OPEN: Final[dict[str, Callable[[Asker], list[Move]]]] = {
    "level": _open("level", lambda: ("",)),
    "lead": _open("lead", lambda: ("",)),
    "degree": _open_degrees,
    "specialise": _open_skills("specialise"),
    "skill": _open_skills("skill"),
    "publish": _open("publish", lambda: ("",)),
    "open-source": _open("open-source", lambda: ("",)),
    "industry": _open("industry", lambda: [i for i in industries().ids if i != "other"]),
    "size": _open("size", lambda: sizes().ids),
    "remote": _open("remote", lambda: remotes().ids),
    "place": _open_places,
}
