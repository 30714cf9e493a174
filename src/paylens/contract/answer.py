"""The shapes of an answer: one JSON object, the same from the library, the command line and over HTTP."""

from typing import Literal, NotRequired, TypedDict

__all__ = [
    "Ageing",
    "Baseline",
    "Confidence",
    "Estimate",
    "Evidence",
    "Exchange",
    "Factor",
    "Ignored",
    "MatchedRole",
    "Percentiles",
    "PlaceShown",
    "Problem",
]


class Percentiles(TypedDict):
    """Five percentiles of pay, in the answer's currency for its period."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class MatchedRole(TypedDict):
    """The role that was asked for and the one it was matched to; `score` from 0 to 1."""

    asked: str
    matched: str
    label: str
    score: float


class PlaceShown(TypedDict):
    """The place an answer is about; ids are those of the places, None where they do not apply."""

    asked: str | None
    kind: str
    id: str
    label: str
    country: str | None
    region: str | None
    metro: str | None
    state: str | None


class Baseline(TypedDict):
    """The amount that the factors multiply."""

    what: str
    p50: float


class Factor(TypedDict):
    """One multiplier of the baseline with its 90 % interval."""

    factor: str
    given: str
    multiplier: float
    low: float
    high: float
    note: NotRequired[str | None]


class Ageing(TypedDict):
    """How the evidence was brought to the month that was asked for; low to high is a 90 % interval."""

    evidence_to: str
    multiplier: float
    low: float
    high: float
    index: str
    p50_before: float


class Evidence(TypedDict):
    """What one source says beside the estimate, in the answer's currency.

    `pooled` is the share of the shown figures that comes from wider cohorts, `measured` whether they are
    counted from reports (else modelled). `rung` is how near the cohort is: 0 shares most with who asks.
    """

    source: str
    cohort: str
    n: int | None
    p25: float | None
    p50: float
    p75: float | None
    vintage: str
    pooled: float | None
    measured: bool
    licence: str
    note: str | None
    pay: NotRequired[str]
    employers: NotRequired[int | None]
    rung: NotRequired[int]


class Confidence(TypedDict):
    """How far to trust the answer, and why."""

    label: Literal["low", "moderate", "high"]
    why: list[str]


class Ignored(TypedDict):
    """A value that was given and could not be used, with the nearest known ones."""

    field: str
    given: str
    nearest: list[str]


class Exchange(TypedDict):
    """The rate that was used: units of `currency` for one US dollar, averaged over `month`."""

    currency: str
    per_usd: float
    month: str
    source: str
    note: str | None


class Estimate(TypedDict):
    """What someone like this is paid.

    Amounts are in `currency` for one `period`. `quantiles` has the 19 levels '0.05' to '0.95';
    `percentiles['p50']` is `quantiles['0.50']`.
    """

    role: MatchedRole
    place: PlaceShown
    pay: str
    currency: str
    period: str
    as_of: str
    percentiles: Percentiles
    quantiles: dict[str, float]
    total: Percentiles | None
    baseline: Baseline
    factors: list[Factor]
    ageing: Ageing | None
    evidence: list[Evidence]
    confidence: Confidence
    ignored: list[Ignored]
    notes: list[str]
    fx: Exchange | None
    release: str
    as_reported_in: NotRequired[str]
    range_width: NotRequired[float]


class Problem(TypedDict):
    """What was wrong with a question: InputError.problem()."""

    field: str
    message: str
    candidates: list[str]
