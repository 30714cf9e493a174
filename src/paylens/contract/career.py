"""The shape of a career: moves with what they are worth and take, degrees, the years ahead, plans; docs/interface.md explains each field."""

from typing import Literal, TypedDict

from paylens.contract.answer import Ignored, MatchedRole, PlaceShown

__all__ = ["Career"]

_Way = TypedDict("_Way", {"from": str | None, "to": str | None})


class PayNow(TypedDict):
    """What the asker is paid now, what is kept of it, and where that stands (0 to 100) where it was given."""

    pay: float
    given: bool
    kept: float
    percentile: float | None


class Multiplied(TypedDict):
    """A multiplier of pay with its 90 % interval."""

    multiplier: float
    low: float
    high: float


class MultipliedClear(Multiplied):
    """The same, and whether it counts as a difference."""

    clear: bool


class Gained(TypedDict):
    """Money a year: the middle and a 90 % interval."""

    middle: float
    low: float
    high: float


class PremiumCut(Multiplied):
    """One row of premiums as a move shows it; `raw` is the multiplier before adjusting, `n` people, `n_with` those who made the move."""

    move: str
    estimand: str
    source: str
    vintage: str
    region: str
    seniority: str
    raw: float
    n: int
    n_with: int
    clear: bool
    q: float
    adjusted_for: list[str]
    placebo_passed: bool
    robustness: float
    reasons: list[str]
    note: str


class PremiumOfMove(MultipliedClear):
    """A move's premium, and the rows that it is the sum of."""

    rows: list[PremiumCut]


class Effort(TypedDict):
    """What a move takes: months, hours a week, cost once; of a degree money a year, the share of pay forgone, who finishes.

    `source` says of each figure where it is from: given, assumption, or the name of an assumption below.
    """

    months: float
    hours_a_week: float
    cost: float
    tuition: float
    stipend: float
    pay_forgone: float
    finish: float
    leave_after: float
    source: dict[str, str]


class Payback(TypedDict):
    """Years until a degree has paid for itself; None where not within the years counted, `never` the share of futures."""

    middle: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    never: float


class DegreeValue(TypedDict):
    """What a degree is worth now over the years counted, and the chance that it is worth anything."""

    p10: float
    p50: float
    p90: float
    mean: float
    middle: float
    chance: float
    chance_if_finished: float


class DegreeYear(TypedDict):
    """A year of the middle case: what is kept working and studying, and the sum of the difference so far."""

    year: int
    work: float
    study: float
    so_far: float


class Degree(TypedDict):
    """What a degree comes to."""

    years_counted: int
    tuition: float
    forgone: float
    payback: Payback
    value: DegreeValue
    middle_case: list[DegreeYear]


class CareerMove(_Way):
    """One move: what it adds, by which figure, what each source says, what it takes. `rank` is what it is ordered by."""

    move: str
    kind: str
    label: str
    clear: bool
    effect: Multiplied
    gross: Gained
    kept: Gained | None
    rank: float | None
    headline: Literal["premium", "model"]
    model: MultipliedClear | None
    premium: PremiumOfMove | None
    alike: MultipliedClear | None
    disagrees: bool
    by_source: list[PremiumCut]
    contradiction: str | None
    effort: Effort
    payback_years: float | None
    degree: Degree | None
    note: str | None


class LeftOut(TypedDict):
    """How many moves of a kind are not shown, and why."""

    kind: str
    why: str
    moves: int


class Together(TypedDict):
    """Several moves at once by the pay model; `multiplied` is what their own figures would come to one after another."""

    moves: list[str]
    labels: list[str]
    clear: bool
    effect: Multiplied
    gross: Gained
    kept: Gained | None
    multiplied: float
    not_in_it: list[str]


class PlanMeant(TypedDict):
    """A plan: staying, or a move with what it takes and its figure."""

    plan: str
    label: str
    effort: Effort | None
    multiplier: MultipliedClear | None


class PathYear(TypedDict):
    """A year ahead: gross pay in that year's money, its middle in today's wages, and what is kept of that."""

    year: int
    month: str
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    p50_today: float
    kept_today: float


class WageGrowth(Multiplied):
    """How wages are taken to grow over all years: by the release's forecast, or the wage index where it has none.

    `tested_to` is the last month of the path that a back-test reaches.
    """

    index: str
    kind: str
    basis: Literal["forecast", "wage index"]
    tested_to: str | None


class LevelShares(TypedDict):
    """The shares of levels in a year."""

    year: int
    entry: float
    mid: float
    senior: float
    staff: float
    principal: float


class NextLevel(TypedDict):
    """The next level, and the year in which half have it; None where that is beyond the years asked."""

    level: str
    year: int | None


class LevelsAhead(TypedDict):
    """Levels by year, and of whom."""

    of: str
    years: list[LevelShares]
    next: NextLevel | None


class CareerPath(TypedDict):
    """The years ahead on one plan."""

    plan: PlanMeant
    years: list[PathYear]
    growth: WageGrowth
    levels: LevelsAhead | None


class PlanYear(TypedDict):
    """The middle of a year on a plan: gross, and kept."""

    gross: float
    kept: float


class Lead(TypedDict):
    """What is ahead, in 8 of 10 futures."""

    p10: float
    p50: float
    p90: float


class PlansYear(TypedDict):
    """A year of two plans, A's lead so far, and the chance that it is one."""

    year: int
    a: PlanYear
    b: PlanYear
    so_far: Lead
    chance: float | None


class LeadNow(Lead):
    """A's lead over all years, at its value now."""

    mean: float


class PlanTotals(TypedDict):
    """What each plan keeps over the years in the middle."""

    a: float
    b: float


class PlansCompared(TypedDict):
    """Plan A against plan B; `crossing` is the year from which A's middle lead holds, None where never."""

    a: str
    b: str
    a_label: str
    b_label: str
    plans: list[PlanMeant]
    years: list[PlansYear]
    crossing: int | None
    chance: float
    value: LeadNow
    total: PlanTotals


class PremiumRow(_Way):
    """A row of the release's premiums; `effect`, `se`, `low`, `high`, `raw`, `raw_se` and `placebo` are differences in log pay.

    `multiplier` is the effect with the ends of its 90 % interval.
    """

    move: str
    kind: str
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
    adjusted_for: list[str]
    trimmed: float
    placebo: float
    placebo_se: float
    placebo_passed: bool
    robustness: float
    q: float
    clear: bool
    heterogeneity: float | None
    note: str
    model_effect: float | None
    model_differs: bool | None
    reasons: list[str]
    label: str
    multiplier: list[float]
    verdict: str


class PremiumTable(TypedDict):
    """The premiums in the cut that was asked for."""

    region: str
    kind: str | None
    seniority: str
    estimand: str
    rows: list[PremiumRow]


class CareerTaxes(TypedDict):
    """Whose tax law was used, or the reason why none was; `prices` is 1 at home."""

    place: str
    tax_year: str | None
    reason: str | None
    prices: float | None
    filing: str
    disclaimer: str


class Assumed(TypedDict):
    """An assumption: its value, where it is from, what it says."""

    name: str
    value: float | None
    source: str
    says: str


class Career(TypedDict):
    """What raises pay, ranked, with what it takes; pay over the years ahead on one plan, or on one against another."""

    role: MatchedRole
    place: PlaceShown
    pay: str
    currency: str
    period: str
    as_of: str
    horizon: int
    basis: Literal["kept", "gross"]
    now: PayNow
    headline: str
    reasons: list[str]
    moves: list[CareerMove]
    left_out: list[LeftOut]
    together: Together | None
    path: CareerPath
    comparison: PlansCompared | None
    premiums: PremiumTable | None
    taxes: CareerTaxes
    assumptions: list[Assumed]
    notes: list[str]
    ignored: list[Ignored]
    seed: int
    release: str
