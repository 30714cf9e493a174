"""What moves are associated with, from a release: one headline number a move, each source's own beside it.

A premium is the difference in log pay between people alike in what is named in `adjusted_for`, one with and one without:
an association after adjusting for those, never the effect of a course or a degree on one person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.vocabularies import educations, industries, remotes, sizes, skills
from paylens.places import geography
from paylens.release.read import Release

__all__ = ["ESTIMANDS", "FILE", "KINDS", "Premium", "Premiums", "label_of"]

FILE: Final = "premiums.parquet"
POOLED: Final = "pooled"
ESTIMANDS: Final = ("total", "direct")
SENIORITIES: Final = ("all", "entry", "mid", "senior")
KINDS: Final = (
    "skill", "skill_group", "education", "specialisation", "publishes", "open_source", "people_manager", "industry",
    "company_size", "remote", "years_ml", "metro", "country",
)  # fmt: skip
_SORTS: Final = ("effect", "raw", "n", "move", "robustness")
# Places that premiums are not told apart for, and the one that stands for them.
_SAME = {"world": "all", "european-union": "europe"}
_ALONE = {
    "publishes": "publishing research",
    "open_source": "contributing to open source",
    "people_manager": "managing people",
}
_GROUPS = {
    "language": "languages", "framework": "learning frameworks", "deep-learning": "deep learning", "data-science": "data science",
    "cloud": "clouds", "big-data": "big data", "database": "databases", "tool": "tools", "web": "web development",
    "specialisation": "specialisations",
}  # fmt: skip

# What a list of names alone would leave open.
_WORDS: Final = {"year": "year of the report", "years": "years of work"}


@dataclass(frozen=True)
class Premium:
    """One row: a move, for whom, and what it is associated with. `effect`, `se`, `low` to `high` (90 %), `raw`,
    `placebo` are differences in log pay.

    `source` is 'pooled' where several sources tell and are taken together. `n` people compared, `n_with` of them on
    the move's far side, both rounded down to a multiple of 5; `trimmed` the share left out because nobody comparable is
    on the other side. `q` is the false-discovery rate at which the row would count, `heterogeneity` the chance of
    sources as far apart as these if they measured one thing. `reasons` say why it is not the cut that was asked for.
    """

    move: str
    kind: str
    from_: str | None
    to: str | None
    estimand: str
    source: str
    vintage: str
    region: str
    seniority: str
    effect: float
    se: float
    low: float
    high: float
    n: int
    n_with: int
    raw: float
    raw_se: float
    adjusted_for: tuple[str, ...]
    trimmed: float
    placebo: float
    placebo_se: float
    placebo_passed: bool
    robustness: float
    q: float
    clear: bool
    heterogeneity: float | None
    note: str
    model_effect: float | None = None
    model_differs: bool | None = None
    reasons: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The move in plain words: 'PyTorch', 'bachelor's degree to master's degree'."""
        return label_of(self.kind, self.from_, self.to)

    @property
    def multiplier(self) -> tuple[float, float, float]:
        """Pay with the move over pay without, and the ends of its 90 % interval."""
        return math.exp(self.effect), math.exp(self.low), math.exp(self.high)

    @property
    def verdict(self) -> str:
        """'× 1.08 (1.02–1.14)', or 'no clear difference' with the interval."""
        middle, low, high = self.multiplier
        said = f"× {middle:.2f}" if self.clear else "no clear difference"
        return f"{said} ({low:.2f}–{high:.2f})"

    def reversed(self) -> Premium:
        """The move the other way: from `to` to `from_`, every difference with its sign turned."""
        head = self.move.partition(":")[0]
        return replace(
            self, move=f"{head}:{self.to}>{self.from_}", from_=self.to, to=self.from_, effect=-self.effect, low=-self.high,
            high=-self.low, raw=-self.raw, placebo=-self.placebo, n_with=max(self.n - self.n_with, 0),
            model_effect=None if self.model_effect is None else -self.model_effect,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON has it, with its label and verdict."""
        found = {f.name.rstrip("_"): getattr(self, f.name) for f in fields(self)}
        found |= {
            "adjusted_for": list(self.adjusted_for),
            "reasons": list(self.reasons),
            "label": self.label,
            "multiplier": list(self.multiplier),
            "verdict": self.verdict,
        }
        return found


class Premiums:
    """The premiums of a release, found by move, place and seniority."""

    def __init__(self, rows: Sequence[Premium]) -> None:
        self._rows = tuple(rows)
        self._by: dict[tuple[str, str, str, str], list[Premium]] = {}
        for row in self._rows:
            self._by.setdefault((row.move, row.region, row.seniority, row.estimand), []).append(row)

    @classmethod
    def load(cls, release: Release) -> Premiums:
        """The premiums of a release; PaylensError where it was built without them."""
        if not release.holds(FILE):
            raise PaylensError(f"release {release.id} has no premiums: build the release again")
        table = release.table(FILE)
        names = [f.name for f in fields(Premium) if f.name != "reasons"]
        known = set(table.column_names)
        lacking = [n for n in names if n.rstrip("_") not in known and not n.startswith("model_")]
        if lacking:
            raise PaylensError(
                f"the premiums of release {release.id} lack {lacking[0]}: build the release again"
            )
        names = [n for n in names if n.rstrip("_") in known]
        columns = [table.column(n.rstrip("_")).to_pylist() for n in names]
        at = names.index("adjusted_for")
        columns[at] = [tuple(_WORDS.get(name, name) for name in listed) for listed in columns[at]]
        return cls([Premium(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)])

    def __len__(self) -> int:
        return len(self._rows)

    def moves(self, kind: str | None = None) -> tuple[str, ...]:
        """Every move with a row, in the table's order."""
        return tuple(dict.fromkeys(r.move for r in self._rows if kind in (None, r.kind)))

    def find(
        self, move: str, *, region: str = "all", seniority: str = "all", estimand: str = "total"
    ) -> Premium | None:
        """The headline row of a move that is closest to who is asked about; None where no source tells.

        `region` is 'all', a country's or a region's id. Where there is no such row the answer backs off, seniority
        first, then country to region to everywhere, and says so in `reasons`. A move that is stored the other way
        round is turned.
        """
        _check(estimand, seniority)
        chain = _chain(region)
        for place in chain:
            for level in dict.fromkeys((seniority, "all")):
                found = self._headline(move, place, level, estimand)
                if found is not None:
                    why = []
                    if level != seniority:
                        why.append(f"too few reports to tell {seniority} apart: all levels")
                    if place != chain[0]:
                        why.append(f"too few reports from {_place(chain[0])}: those from {_place(place)}")
                    return replace(found, reasons=tuple(why))
        return None

    def sources(
        self, move: str, *, region: str = "all", seniority: str = "all", estimand: str = "total"
    ) -> list[Premium]:
        """What each source says of a move in exactly this cut, most people first; evidence that differs is seen here."""
        found = [r for r in self._cut(move, region, seniority, estimand) if r.source != POOLED]
        return sorted(found, key=lambda r: (-r.n, r.source, r.vintage))

    def rows(
        self, kind: str | None = None, *, region: str = "all", seniority: str = "all", estimand: str = "total",
        sort: str = "effect",
    ) -> list[Premium]:  # fmt: skip
        """The headline row of each move of a kind in one cut, largest first (`sort`: effect, raw, n, robustness, move)."""
        _check(estimand, seniority)
        if kind is not None and kind not in KINDS:
            raise InputError("kind", kind, f"'{kind}' is not a kind of move", KINDS)
        if sort not in _SORTS:
            raise InputError("sort", sort, f"'{sort}' is nothing to sort by", _SORTS)
        keys = [k for k in self._by if k[1:] == (region, seniority, estimand)]
        found = [r for k in keys if (r := self._headline(*k)) is not None and kind in (None, r.kind)]
        if sort == "move":
            return sorted(found, key=lambda r: (KINDS.index(r.kind), r.label.casefold()))
        return sorted(found, key=lambda r: (-getattr(r, sort), r.move))

    def _cut(self, move: str, region: str, seniority: str, estimand: str) -> list[Premium]:
        stored = self._by.get((move, region, seniority, estimand))
        if stored is not None:
            return stored
        head, _, rest = move.partition(":")
        special = (
            self._by.get((f"specialisation:{rest}", region, seniority, estimand)) if head == "skill" else None
        )
        if special is not None:
            return special
        # Bands such as '<2' hold no '>' of their own.
        from_, _, to = rest.partition(">")
        turned = self._by.get((f"{head}:{to}>{from_}", region, seniority, estimand)) if to else None
        return [row.reversed() for row in turned or ()]

    def _headline(self, move: str, region: str, seniority: str, estimand: str) -> Premium | None:
        """The pooled row, or the newest source's."""
        found = self._cut(move, region, seniority, estimand)
        pooled = next((r for r in found if r.source == POOLED), None)
        return pooled or max(found, key=lambda r: (r.vintage[-4:], r.n), default=None)


def _check(estimand: str, seniority: str) -> None:
    if estimand not in ESTIMANDS:
        raise InputError("estimand", estimand, f"'{estimand}' is not an estimand", ESTIMANDS)
    if seniority not in SENIORITIES:
        raise InputError("seniority", seniority, f"'{seniority}' is no band of years", SENIORITIES)


def _chain(region: str) -> tuple[str, ...]:
    """A place and what holds it: ('DE', 'europe', 'all')."""
    region = _SAME.get(region, region)
    within = next((c.region for c in geography.countries() if c.id == region), None)
    return tuple(dict.fromkeys(p for p in (region, within, "all") if p))


def _place(region: str) -> str:
    if region == "all":
        return "everywhere"
    kind = "country" if any(c.id == region for c in geography.countries()) else "region"
    return geography.of_id(kind, region).label


def label_of(kind: str, from_: str | None, to: str | None) -> str:
    """A move in plain words."""
    if kind in _ALONE:
        return _ALONE[kind]
    if kind == "skill_group":
        return f"any of {_GROUPS.get(str(to), str(to))}"
    if kind in ("skill", "specialisation"):
        return skills()[str(to)].label if to in skills() else str(to)
    if kind == "years_ml":
        return f"{from_} to {to} years of machine learning"
    return f"{_value(kind, from_)} to {_value(kind, to)}"


def _value(kind: str, id: str | None) -> str:
    if kind in ("metro", "country"):
        return geography.of_id(kind, str(id)).label
    vocabulary = {
        "education": educations,
        "industry": industries,
        "company_size": sizes,
        "remote": remotes,
    }.get(kind)
    return str(id) if vocabulary is None or id not in vocabulary() else vocabulary()[str(id)].label
