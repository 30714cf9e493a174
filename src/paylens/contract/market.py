"""The shape of a benchmark: one row a source and cell, never averaged; docs/interface.md explains each field."""

from typing import Literal, NotRequired, TypedDict

from paylens.contract.answer import Exchange, Ignored, MatchedRole, PlaceShown

__all__ = ["Market"]


class Value(TypedDict):
    """A factor's value."""

    id: str | int
    label: str


class Counted(TypedDict):
    """How many values there are, are shown, and are withheld."""

    found: int
    shown: int
    withheld: int


class Pooled(TypedDict):
    """A cohort pooled with wider ones, and the share that these bring."""

    share: float
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None


class Wider(TypedDict):
    """The wider cell that answers for one that is withheld."""

    cohort: str
    n: int | None
    p25: float | None
    p50: float | None
    p75: float | None


class MarketRow(TypedDict):
    """What one source says of one cell, in its own measure of pay."""

    by: dict[str, Value]
    kind: Literal["measured", "withheld", "modelled", "official", "guide"]
    source: str
    pay: str
    cohort: str
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    pooled: Pooled | None
    p50_low: float | None
    p50_high: float | None
    n: int | None
    vintage: str | None
    employers: int | None
    top_employer_share: float | None
    warning: str | None
    range: list[float | None] | None
    relative_error: float | None
    reason: str | None
    answered_by: Wider | None
    currency: str | None
    licence: str
    note: str | None


class Ratio(TypedDict):
    """Two places as one source has them: medians `a` and `b`, and b over a."""

    source: str
    kind: str
    a: float
    b: float
    ratio: float


class Grid(TypedDict):
    """Medians of two factors, of the source with most reports; null where it may not show one."""

    source: str
    pay: str
    currency: NotRequired[str | None]
    rows: list[str]
    columns: list[str]
    p50: list[list[float | None]]
    n: list[list[int | None]]


class Market(TypedDict):
    """What the market pays; each row is of one source, and says of which pay and of whom."""

    role: MatchedRole | None
    place: PlaceShown | list[PlaceShown]
    by: list[str]
    source: str | None
    adjust: str
    sort: str | None
    top: int | None
    pay: str
    period: str
    as_of: str
    currency: str | None
    unit: str | None
    order: str
    values: Counted
    rows: list[MarketRow]
    grid: Grid | None
    fx: Exchange | None
    comparison: list[Ratio] | None
    notes: list[str]
    ignored: list[Ignored]
    release: str
