"""What is asked of a career: a profile and the options beside it, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paylens.contract import table
from paylens.contract.errors import InputError, shown
from paylens.contract.profile import FIELDS, Profile, parse_profile
from paylens.contract.vocabulary import nearest_names

__all__ = ["HORIZON", "KINDS", "OPTIONS", "Asked", "Effort", "Options", "parse", "texts"]

HORIZON: Final = 10
# In the order in which they are listed where gains are alike; each with other words for it.
KINDS: Final = {
    "level": ("next level", "promotion", "promote", "seniority"),
    "lead": ("management", "manage", "manager", "people_manager", "leading"),
    "degree": ("education", "study", "degrees"),
    "specialise": ("specialize", "specialisation", "specialization", "specialisations"),
    "skill": ("skills", "learn"),
    "publish": ("publishes", "publications", "publishing"),
    "open-source": ("open source", "open_source", "opensource", "oss"),
    "industry": ("industries", "sector"),
    "size": ("company_size", "company size", "sizes"),
    "remote": ("remotely", "work from home"),
    "place": ("move", "moving", "location", "city", "country", "places", "relocate"),
}
_MOST_LISTED: Final = 20
_LISTS: Final = ("moves", "together", "places")


@dataclass(frozen=True, slots=True)
class Options:
    """How to answer; shares are of one, years are whole.

    `persistence` is the yearly correlation of a person's normal score among people like them; `working_years` how long
    a degree is counted for; `discount_rate` what money later counts less a year, beyond the growth of all wages; `paid`
    the asker's own pay now.
    """

    top: float = table.number(12, 1, 60)
    horizon: float = table.number(HORIZON, 1, HORIZON, "years")
    discount_rate: float = table.share(0.03, 0.5)
    persistence: float = table.share(0.95)
    working_years: float = table.number(20, 1, 45, "years")
    paths: float = table.number(4000, 200, 20000)
    seed: float = table.number(1, 0, 2**32 - 1)
    paid: float | None = table.number(None, 1, table.MOST_MONEY)
    filing: str = table.word(("single", "married"), "single")
    path: str = table.text("stay")
    against: str | None = table.text()


@dataclass(frozen=True, slots=True)
class Effort:
    """What the asker knows better of a move; None is left as it is. Money is in the answer's currency.

    `months` until it counts, `hours_a_week` beside work, `cost` once, `tuition` and `stipend` a year, `pay_forgone` the
    share of pay lost meanwhile, `finish` the chance of finishing, `leave_after` the months of those who do not.
    """

    months: float | None = table.number(None, 0, 180, "months")
    hours_a_week: float | None = table.number(None, 0, 80, "hours")
    cost: float | None = table.amount(None)
    tuition: float | None = table.amount(None)
    stipend: float | None = table.amount(None)
    pay_forgone: float | None = table.share(None)
    finish: float | None = table.share(None)
    leave_after: float | None = table.number(None, 0, 180, "months")


OPTIONS: Final = (
    *table.names(Options), *_LISTS, "efforts", "premiums", "before_tax",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, checked. `moves` are the kinds to look at, `together` what is asked of as one, `premiums` the cut of
    the table asked for or None."""

    profile: Profile
    options: Options
    moves: tuple[str, ...]
    together: tuple[str, ...]
    places: tuple[str, ...]
    efforts: Mapping[str, Effort]
    premiums: Mapping[str, str] | None
    before_tax: bool

    @property
    def horizon(self) -> int:
        """Years ahead."""
        return int(self.options.horizon)


def parse(fields: Mapping[str, Any]) -> Asked:
    """The question that a mapping of names to values asks; InputError for what is not understood."""
    for name in fields:
        if name not in FIELDS and name not in OPTIONS:
            text = str(name)[: table.LONGEST_TEXT]
            near = nearest_names(text, (*FIELDS, *OPTIONS))
            raise InputError(text, None, f"'{shown(text)}' is not a field of this question", near)
    profile = parse_profile({k: v for k, v in fields.items() if k in FIELDS})
    if profile.as_reported_in:
        raise InputError(
            "as_reported_in",
            profile.as_reported_in,
            "a career is answered for people, not as a source reports: leave it out",
        )
    known = table.names(Options)
    values, _ = table.read(Options, {k: v for k, v in fields.items() if k in known}, "")
    options = Options(**values)
    for name in ("top", "horizon", "working_years", "paths", "seed"):
        number = getattr(options, name)
        if number != int(number):
            raise InputError(name, number, f"must be a whole number, not {number:g}")
    return Asked(
        profile,
        options,
        _kinds(texts("moves", fields.get("moves"))),
        texts("together", fields.get("together")),
        texts("places", fields.get("places")),
        _efforts(fields.get("efforts")),
        _premiums(fields.get("premiums")),
        _flag("before_tax", fields.get("before_tax")),
    )


def texts(field: str, value: object) -> tuple[str, ...]:
    """A list of short texts; one text may hold several, with commas between."""
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or isinstance(parts, bytes | bytearray):
        raise InputError(field, value, f"must be a list of text, not {shown(value)}")
    if len(parts) > _MOST_LISTED:
        raise InputError(field, len(parts), f"must be at most {_MOST_LISTED}, not {len(parts)}")
    out = []
    for part in parts:
        if not isinstance(part, str) or len(part) > table.LONGEST_TEXT:
            raise InputError(field, part, f"must be a list of short texts, not {shown(part)}")
        if part.strip():
            out.append(" ".join(part.split()))
    return tuple(out)


def _kinds(words: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of move that words name, in their own order; all of them for none."""
    named = {word: kind for kind, others in KINDS.items() for word in (kind, *others)}
    wanted = set()
    for word in words:
        kind = named.get(word.casefold())
        if kind is None:
            near = nearest_names(word.casefold(), tuple(named))
            kinds = list(dict.fromkeys(named[n] for n in near))
            raise InputError(
                "moves", word, f"'{shown(word)}' is not a kind of move: {', '.join(KINDS)}", kinds
            )
        wanted.add(kind)
    return tuple(k for k in KINDS if not wanted or k in wanted)


def _efforts(value: object) -> dict[str, Effort]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError("efforts", value, f"must be a table of moves, not {shown(value)}")
    out = {}
    for name, fields in value.items():
        move = str(name)
        head = move.partition(":")[0]
        if head not in KINDS:
            near = nearest_names(head, tuple(KINDS))
            message = f"'{shown(move)}' is not a move such as 'degree:master', nor a kind of one"
            raise InputError(f"efforts.{move[:80]}", None, message, near)
        values, _ = table.read(Effort, fields, f"efforts.{move}.")
        out[move] = Effort(**values)
    return out


def _premiums(value: object) -> Mapping[str, str] | None:
    """The cut of the table of premiums: `kind`, `place`, `seniority`, `estimand`, `sort`; None where it is not asked for."""
    if value is None or value is False:
        return None
    if value is True:
        return {}
    names = ("kind", "place", "seniority", "estimand", "sort")
    if not isinstance(value, Mapping):
        raise InputError("premiums", value, f"must be true or a table of {', '.join(names)}")
    out = {}
    for name, given in value.items():
        if name not in names:
            raise InputError(
                f"premiums.{str(name)[:80]}",
                None,
                "is not a known field here",
                nearest_names(str(name), names),
            )
        if given is None:
            continue
        if not isinstance(given, str) or len(given) > table.LONGEST_TEXT:
            raise InputError(f"premiums.{name}", given, f"must be short text, not {shown(given)}")
        out[name] = given.strip()
    return out


def _flag(field: str, value: object) -> bool:
    if not isinstance(value, bool | None):
        raise InputError(field, value, f"must be true or false, not {shown(value)}")
    return bool(value)
