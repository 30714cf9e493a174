"""The shapes of a forecast, and of what changed since an older release; docs/interface.md explains each field."""

from typing import Literal, TypedDict

from paylens.contract.answer import Ignored, MatchedRole, PlaceShown

__all__ = ["Forecast", "SinceRelease"]


class LevelToday(TypedDict):
    """The median that growth is counted from, and whose it is."""

    p50: float
    what: str


class DriftBasis(TypedDict):
    """What the growth rests on: whose wages, to which month, carried on by which model; `error_a_year` in logs."""

    kind: Literal["own", "borrowed", "prices", "assumed", "mixed"]
    model: str
    wages: str
    from_month: str | None
    points: int
    error_a_year: float
    why: str


class YearlyGrowth(TypedDict):
    """Growth a year to the end of the horizon, as a share, with its 80 % interval."""

    p50: float
    low: float
    high: float


class SevenLevels(TypedDict):
    """The middle and intervals of 50, 80 and 95 %."""

    q025: float
    q10: float
    q25: float
    p50: float
    q75: float
    q90: float
    q975: float


class Tested(TypedDict):
    """The back-test of so far ahead: windows, stretches of time that share nothing, error against drift, share inside 80 %."""

    windows: int
    independent: int
    mase: float
    against_mean: float | None
    cover80: float


class ForecastYear(TypedDict):
    """A year ahead: index (now = 100) and amount; `lead` is years after the last wages."""

    year: int
    month: str
    lead: float | None
    status: Literal["now", "forecast", "scenario"]
    index: SevenLevels
    amount: SevenLevels
    tested: Tested | None


class Elasticity(TypedDict):
    """How pay went with a scenario's variable, with a 90 % interval, and on how much that rests."""

    value: float
    low: float
    high: float
    status: Literal["measured", "assumption"]
    clear: bool
    rows: int | None
    groups: int | None
    countries: int | None
    source: str | None


class ScenarioEffect(TypedDict):
    """What a scenario does to pay by the end, as shares."""

    p50: float
    low: float
    high: float


class ForecastScenario(TypedDict):
    """One scenario at the size given, or at an example's."""

    scenario: str
    shift: float
    example: bool
    unit: str
    elasticity: Elasticity
    effect: ScenarioEffect
    note: str


class PastPoint(TypedDict):
    """A point of the series that is carried on; now = 100."""

    month: str
    index: float
    source: str
    kind: str
    label: str


_Span = TypedDict("_Span", {"from": str, "to": str})


class OtherSeries(_Span):
    """Growth a year by another source of the same market."""

    source: str
    country: str
    kind: str
    label: str
    a_year: float
    error: float | None
    n: float | None
    broken: str | None


class SeriesBreak(TypedDict):
    """A change of codes or method in a series."""

    month: str
    source: str
    what: str


class BackTest(TypedDict):
    """How one model would have done so many years ahead; `shown` is what an answer does."""

    panel: str
    model: str
    years: int
    windows: int
    series: int
    independent: int
    first: str
    last: str
    error: float
    mase: float
    against_mean: float | None
    cover50: float | None
    cover80: float | None
    cover95: float | None
    covered_of: int


class DriverReading(TypedDict):
    """A scenario's variable as last read, and a year before."""

    scenario: str
    variable: str
    country: str
    month: str
    value: float
    before: float | None
    source: str


class YearOfPrices(TypedDict):
    """The log change of prices in a year."""

    year: int
    change: float


class Inflation(TypedDict):
    """What was assumed of prices, and to which year they are published."""

    rule: str
    source: str | None
    known_to: int | None
    years: list[YearOfPrices]


class Forecast(TypedDict):
    """Where pay is going: growth ahead of a median, its back-test, scenarios, and what it rests on."""

    first_line: str
    role: MatchedRole
    place: PlaceShown
    pay: str
    currency: str
    as_of: str
    horizon: int
    real: bool
    family: str
    level: LevelToday
    basis: DriftBasis
    a_year: YearlyGrowth
    years: list[ForecastYear]
    shifted: list[ForecastYear] | None
    scenarios: list[ForecastScenario]
    history: list[PastPoint]
    beside: list[OtherSeries]
    breaks: list[SeriesBreak]
    backtest: list[BackTest]
    drivers: list[DriverReading]
    inflation: Inflation | None
    ignored: list[Ignored]
    notes: list[str]
    release: str


class InputMeant(TypedDict):
    """An input of a release."""

    source: str
    vintage: str
    title: str


class InputsChanged(TypedDict):
    """Inputs that came, went, or have other content."""

    added: list[InputMeant]
    removed: list[InputMeant]
    changed: list[InputMeant]


class ChangeParts(TypedDict):
    """What a change is the product of: another model, and the time between."""

    model: float
    ageing: float


class GrowthBoth(TypedDict):
    """Growth a year by each release; None where it has no forecast."""

    before: float | None
    after: float | None


class Watched(TypedDict):
    """A watched median in both releases; `change` is a share."""

    role: str
    place: str | None
    before: float
    after: float
    change: float
    parts: ChangeParts
    growth_a_year: GrowthBoth


class SinceRelease(TypedDict):
    """What changed since an older release, and why; for the command and the library alone."""

    since: str
    release: str
    from_month: str
    to_month: str
    verdict: str
    why: list[str]
    inputs: InputsChanged
    files: dict[str, list[str]]
    watched: list[Watched]
    notes: list[str]
