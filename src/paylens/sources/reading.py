"""What every reader of pay reports makes: observations, and the count of what it dropped and why."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from paylens.contract.errors import PaylensError
from paylens.contract.vocabularies import (
    educations,
    employers,
    employments,
    industries,
    remotes,
    roles,
    sizes,
    skills,
)
from paylens.contract.vocabulary import Vocabulary
from paylens.places.geography import Place, lookup_city, lookup_country
from paylens.sources.files import PublishedTable, file_sha256

__all__ = [
    "NO_PAY",
    "NO_ROLE",
    "SCHEMA",
    "UNREADABLE_PAY",
    "Asked",
    "Description",
    "Lookups",
    "Observations",
    "PublishedFile",
    "Reading",
    "amount",
    "bracket",
    "choices",
    "describe",
    "finished",
    "present",
    "sanity_flag",
    "vintage_of",
    "years",
]

NO_PAY = "no pay"
NO_ROLE = "no role"
UNREADABLE_PAY = "pay is not an amount"

# Yearly amounts outside are typing errors or other units (per month, in cents), not pay for a year's work.
SANE_USD = (1_000.0, 2_000_000.0)
_MOST_YEARS = 75.0
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none given"})

_TEXTS = pa.list_(pa.string())

# One row is a report about one person or, for advertised ranges, one range. Money is a year's, in `currency`.
SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("vintage", pa.int16(), nullable=False),
        pa.field("month", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
        pa.field("respondent", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("role_asked", pa.string(), nullable=False),
        pa.field("seniority", pa.string()),
        pa.field("country", pa.string()),
        pa.field("state", pa.string()),
        pa.field("metro", pa.string()),
        pa.field("years_lo", pa.float64()),
        pa.field("years_hi", pa.float64()),
        pa.field("years_coding_lo", pa.float64()),
        pa.field("years_coding_hi", pa.float64()),
        pa.field("years_ml_lo", pa.float64()),
        pa.field("years_ml_hi", pa.float64()),
        pa.field("education", pa.string()),
        pa.field("industry", pa.string()),
        pa.field("company_size", pa.string()),
        pa.field("employer", pa.string()),
        pa.field("employer_asked", pa.string()),
        pa.field("remote", pa.string()),
        pa.field("age", pa.string()),
        pa.field("people_manager", pa.bool_()),
        pa.field("publishes", pa.bool_()),
        pa.field("open_source", pa.bool_()),
        pa.field("employment", pa.string(), nullable=False),
        pa.field("skills", _TEXTS, nullable=False),
        pa.field("pay_lo", pa.float64(), nullable=False),
        pa.field("pay_hi", pa.float64()),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("pay_definition", pa.string(), nullable=False),
        pa.field("base", pa.float64()),
        pa.field("bonus", pa.float64()),
        pa.field("equity", pa.float64()),
        pa.field("pay_flag", pa.string()),
        # What the report counts for in a fit; null is 1.
        pa.field("weight", pa.float64()),
    ]
)

Years = tuple[float | None, float | None]


@dataclass(frozen=True)
class Reading:
    """One file, read: `rows_in` data rows, of which `dropped` by reason and the rest in `table` (`SCHEMA`).

    `unmapped` counts, by field, the labels that no vocabulary knows; `repaired` what was replaced in rows
    that were kept. `description` is there where the file came with its own.
    """

    source: str
    file: Path
    file_sha256: str
    rows_in: int
    dropped: Mapping[str, int]
    table: pa.Table
    unmapped: Mapping[str, Counter[str]] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)
    description: Description | None = None

    @property
    def about(self) -> Description:
        """The source's description: the file's own, else the one beside the source's reader."""
        return self.description or describe(self.source)

    @property
    def kept(self) -> int:
        """Rows in the table."""
        return int(self.table.num_rows)


@dataclass(frozen=True)
class PublishedFile:
    """A file of a source: the folder layout's path, and the hash of the one that was read."""

    path: str
    sha256: str
    vintage: int | None = None


@dataclass(frozen=True)
class Asked:
    """What a vintage asked: columns of the observations, and skills that could be ticked or freely named."""

    fields: frozenset[str]
    skills: frozenset[str]
    skills_named_freely: bool = False


@dataclass(frozen=True)
class Description:
    """A source as its .toml describes it; `rest` holds what only its reader uses."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_open: bool
    citation: str
    pay_definition: str
    files: tuple[PublishedFile, ...]
    rest: Mapping[str, Any]

    def asked(self, vintage: int) -> Asked:
        """What the vintage asked; a source that never changed its questions says so once, under `all`."""
        asks = self.rest["asks"]
        found = asks.get(str(vintage)) or asks["all"]
        return Asked(
            frozenset(found["fields"]),
            frozenset(found.get("skills", ())),
            bool(found.get("skills_named_freely", False)),
        )


@functools.cache
def describe(id: str) -> Description:
    """The description of a source: `<id>.toml` beside its reader. PaylensError when there is none."""
    path = Path(__file__).with_name(f"{id}.toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PaylensError(f"{id}: not a known source") from error
    files = tuple(PublishedFile(f["path"], f["sha256"], f.get("vintage")) for f in table.get("files", ()))
    taken = ("id", "title", "publisher", "licence", "licence_open", "citation", "pay_definition", "files")
    rest = {key: value for key, value in table.items() if key not in taken}
    return Description(
        table["id"],
        table["title"],
        table["publisher"],
        table["licence"],
        table["licence_open"],
        table["citation"],
        table["pay_definition"],
        files,
        rest,
    )


class Observations:
    """Rows of `SCHEMA` as they are read; a column that a row does not name is null, or empty for skills."""

    def __init__(self, **constants: Any) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names if name not in constants}
        self._constants = constants
        self._rows = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """One report; unknown names are a KeyError, so that no answer is lost to a misspelt column."""
        for name in row.keys() - self._columns.keys():
            raise KeyError(name)
        for name, column in self._columns.items():
            column.append(row.get(name))
        self._rows += 1

    def table(self) -> pa.Table:
        """The rows so far, as `SCHEMA`."""
        columns = dict(self._columns)
        columns["skills"] = [found or [] for found in columns["skills"]]
        arrays = [
            pa.array(columns[f.name], f.type)
            if f.name in columns
            else pa.array([self._constants[f.name]] * self._rows, f.type)
            for f in SCHEMA
        ]
        return pa.Table.from_arrays(arrays, schema=SCHEMA)


class _Labels:
    """A vocabulary's `lookup`, asked once a label, which counts the labels that it does not know."""

    def __init__(self, lookup: Callable[[str], str | None], blank: Callable[[str], bool]) -> None:
        self._lookup = lookup
        self._blank = blank
        self._found: dict[str, str | None] = {}
        self.unmapped: Counter[str] = Counter()

    def find(self, text: str | None) -> str | None:
        """The id of a text that need not be a label of the vocabulary."""
        if text is None:
            return None
        if text not in self._found:
            self._found[text] = self._lookup(text)
        return self._found[text]

    def __call__(self, text: str | None) -> str | None:
        """The id of a label; one without an id is counted unless it answers nothing."""
        id = self.find(text)
        if id is None and text is not None and not self._blank(text):
            self.unmapped[text] += 1
        return id


class Lookups:
    """Ids of the labels that a file uses, with the labels that have none counted by field."""

    def __init__(self, blanks: Iterable[str] = ()) -> None:
        nothing = frozenset(blanks)

        def labels(vocabulary: Vocabulary) -> _Labels:
            return _Labels(vocabulary.lookup, lambda text: text in nothing or vocabulary.is_blank(text))

        self.role = labels(roles())
        self.education = labels(educations())
        self.industry = labels(industries())
        self.company_size = labels(sizes())
        self.employer = labels(employers())
        self.remote = labels(remotes())
        self.employment = labels(employments())
        self.skill = labels(skills())
        self.country = _Labels(lookup_country, nothing.__contains__)
        self._places: dict[str, Place | None] = {}
        self._no_place: Counter[str] = Counter()

    def place(self, text: str | None) -> Place | None:
        """The city, state or country that a label such as 'Seattle, WA' names."""
        if text is None:
            return None
        if text not in self._places:
            self._places[text] = lookup_city(text)
        if self._places[text] is None:
            self._no_place[text] += 1
        return self._places[text]

    def skills(self, labels: Iterable[str | None]) -> list[str]:
        """The ids of the labels that are skills, each once, in order of the alphabet."""
        return sorted({id for id in map(self.skill, labels) if id is not None})

    def unmapped(self) -> dict[str, Counter[str]]:
        """The labels without an id, by field; fields that know all their labels are left out."""
        found = {name: labels.unmapped for name, labels in vars(self).items() if isinstance(labels, _Labels)}
        found["place"] = self._no_place
        return {name: counts for name, counts in found.items() if counts}


def finished(
    source: str, rows: PublishedTable, dropped: Counter[str], observations: Observations, lookups: Lookups,
    description: Description | None = None,
) -> Reading:  # fmt: skip
    """The reading of a table that has been iterated to its end."""
    return Reading(
        source=source,
        file=rows.path,
        file_sha256=file_sha256(rows.path),
        rows_in=rows.rows_in,
        dropped=dict(sorted((rows.dropped + dropped).items())),
        table=observations.table(),
        unmapped=lookups.unmapped(),
        repaired=dict(sorted(rows.repaired.items())),
        description=description,
    )


def present(text: str | None) -> str | None:
    """The answer without spaces around it, or None where nothing was answered ('', 'NA')."""
    text = (text or "").strip()
    return None if text.casefold() in _MISSING else text


def choices(text: str | None) -> list[str]:
    """The options that were ticked, of an answer that joins them with ';'."""
    whole = present(text)
    return [] if whole is None else [option for part in whole.split(";") if (option := present(part))]


def amount(text: str | None) -> float | None:
    """A number of at least 0, written plainly or as '12e4' or '120,000'; None for anything else."""
    whole = present(text)
    if whole is None:
        return None
    try:
        value = float(whole.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def bracket(text: str) -> tuple[float, float | None] | None:
    """[lo, hi) of a pay bracket: '$0-999' is (0, 1000), '>$1,000,000' has no hi; None for other words."""
    numbers = [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]
    if len(numbers) == 1 and text.lstrip().startswith(">"):
        return numbers[0], None
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        # Brackets name whole dollars: the end of '1,000-1,999' is where the next one begins.
        return numbers[0], numbers[1] + 1
    return None


@functools.lru_cache(maxsize=4096)
def years(text: str | None, never: tuple[str, ...] = ()) -> Years:
    """The interval of years that an answer means, hi None for 'or more'; (None, None) when unknown.

    A number is exact; 'Less than a year' is [0, 1]; '4 to 5 years' is [4, 5]; a label in `never` is [0, 0].
    More than 75 years is nobody's answer and counts as none.
    """
    whole = present(text)
    if whole is None:
        return None, None
    if whole in never:
        return 0.0, 0.0
    low = whole.casefold()
    numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", low)]
    if any(n > _MOST_YEARS for n in numbers):
        return None, None
    if low.startswith(("less than", "under", "fewer than", "<")):
        return 0.0, numbers[0] if numbers else 1.0
    if not numbers or low.startswith("-"):
        return None, None
    if "more" in low or "+" in low or low.startswith(">"):
        return numbers[0], None
    return numbers[0], numbers[-1]


def sanity_flag(usd: float) -> str | None:
    """Why a year's pay in US dollars cannot be one, or None."""
    if usd < SANE_USD[0]:
        return "below sanity"
    return "above sanity" if usd > SANE_USD[1] else None


def vintage_of(path: Path, known: Iterable[str]) -> int:
    """The year that a file is of: in its name, else in its folder's; PaylensError when in neither."""
    years_known = sorted(known)
    for part in (path.name, path.parent.name):
        found = [year for year in re.findall(r"(?<!\d)\d{4}(?!\d)", part) if year in years_known]
        if found:
            return int(found[-1])
    raise PaylensError(
        f"{path}: which year is it of? Put one of {', '.join(years_known)} in its name or its folder's"
    )
