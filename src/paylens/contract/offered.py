"""The shapes of answers about offers: a letter read, and offers compared; docs/interface.md explains each field."""

from typing import Any, Literal, TypedDict

from paylens.contract.answer import Confidence

__all__ = ["Comparison", "Letter", "OffersTaxed", "OpenQuestion", "Standing"]


class LetterField(TypedDict):
    """A field that a letter fills: its value, the letter's words and how they were taken."""

    field: str
    value: float | str | list[float]
    words: str
    how: str


class Candidate(TypedDict):
    """A value that a letter may mean."""

    value: float | str
    meaning: str


class LetterQuestion(TypedDict):
    """A field that a letter leaves open, and what it could be."""

    field: str
    question: str
    candidates: list[Candidate]
    words: str


class Unplaced(TypedDict):
    """Money that an offer has no field for."""

    what: str
    words: str


class BaseRange(TypedDict):
    """An advertised range of base pay a year; one end may be open."""

    low: float | None
    high: float | None


class Letter(TypedDict):
    """What a letter states; `offer` is one of an offer file, whose fields are blank where the letter is not sure."""

    name: str
    language: str
    offer: dict[str, Any]
    fields: list[LetterField]
    range: BaseRange | None
    questions: list[LetterQuestion]
    unplaced: list[Unplaced]


class Spread(TypedDict):
    """A distribution of money: its mean and five percentiles."""

    mean: float
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class FivePoints(TypedDict):
    """Five percentiles of money."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class OpenQuestion(TypedDict):
    """A field that the offer leaves open."""

    field: str
    question: str


class TaxOfOffer(TypedDict):
    """Whether the tax law of an offer's place is known."""

    name: str
    place: str | None
    available: bool
    tax_year: str | None
    notes: list[str]
    reason: str | None


class OffersTaxed(TypedDict):
    """Whether tax law was applied to the offers."""

    applied: bool
    filing: str
    offers: list[TaxOfOffer]
    disclaimer: str


class PaperPay(TypedDict):
    """Shares and options of a year: at today's price, what the price adds, their sum in the mean and in the middle."""

    grant: float
    price: float
    mean: float
    p50: float


class OfferYear(TypedDict):
    """One year of an offer, not discounted."""

    year: int
    base: float
    bonus: float
    sign_on: float
    costs: float
    cash: float
    sure: float
    paper: PaperPay
    net: float | None
    total: Spread


class Present(TypedDict):
    """What an offer is worth now."""

    cash: float
    sure: float
    paper: float
    mean: float
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    certain_equivalent: float | None


class SharePriceCases(TypedDict):
    """The whole with the share price flat, and with the growth given."""

    flat: float
    growth: float


class EquityValued(TypedDict):
    """How a grant was valued."""

    kind: str
    company: str
    value_today: float
    growth: float
    dilution: float
    exercise_cost: float | None
    volatility: float
    volatility_source: str
    illiquidity_discount: float
    illiquidity_years: float | None
    illiquidity_source: str | None
    protective_put: float | None
    expected: float
    nothing: float
    unvested_value: float


class Leaving(TypedDict):
    """What leaving after so many months brings and costs."""

    months: int
    cash: float
    paid_back: float
    vested_share: float
    vested_value: float
    lost_value: float
    exercise_cost: float | None
    exercise_window_months: float | None


class PriceLevel(TypedDict):
    """A published price level."""

    value: float
    year: int
    source: str


class PurchasingPower(TypedDict):
    """An offer in international dollars."""

    per_unit: float
    country: PriceLevel
    metro: PriceLevel | None
    first_year_cash: float
    first_year_net: float | None
    present: float


class Standing(TypedDict):
    """Where an amount stands in the market; `low` to `high` is the 90 % interval of its `percentile`."""

    amount: float
    percentile: float
    low: float
    high: float
    p25: float
    p50: float
    p75: float


class OfferMarket(TypedDict):
    """An offer beside the market of its role and place."""

    role: str
    place: str
    confidence: Confidence
    base: Standing
    cash: Standing
    total: Standing


class AmountRead(TypedDict):
    """How an amount of the offer was read."""

    field: str
    amount: float
    per: str
    given: bool
    words: str


class OfferValued(TypedDict):
    """One offer over the years."""

    name: str
    employer: str | None
    current: bool
    location: str | None
    currency: str
    rate: float
    years: list[OfferYear]
    present: Present
    scenarios: SharePriceCases
    equity: EquityValued | None
    leaving: list[Leaving]
    per_hour: float | None
    purchasing_power: PurchasingPower | None
    market: OfferMarket | None
    reading: list[AmountRead]
    questions: list[OpenQuestion]


class YearAhead(TypedDict):
    """One year of two offers' difference."""

    year: int
    chance: float
    p50: float


class AtLocalPrices(TypedDict):
    """Two offers' difference at the prices of their places."""

    currency: str
    chance: float
    difference: FivePoints


class OfferPair(TypedDict):
    """Two offers: the chance that `a` is worth more than `b`, and by how much."""

    a: str
    b: str
    chance: float
    difference: Spread
    quantiles: dict[str, float]
    by_year: list[YearAhead]
    at_local_prices: AtLocalPrices | None


class ChangedTo(TypedDict):
    """What is left of the difference when something is otherwise."""

    given: str
    difference: float
    chance: float


class Change(TypedDict):
    """Something that would change the comparison."""

    what: str
    of: str | None
    low: ChangedTo
    high: ChangedTo | None
    turns: bool
    moves: float


class Changes(TypedDict):
    """What would change the first comparison."""

    a: str
    b: str
    rows: list[Change]


class Volatility(TypedDict):
    """The yearly volatility taken for a kind of company."""

    value: float
    basis: str
    source: str


class OffersRate(TypedDict):
    """An exchange rate that was used."""

    currency: str
    per_usd: float
    month: str
    source: str


class Assumptions(TypedDict):
    """What the simulation took for granted."""

    prices: str
    risk_aversion: float
    volatility: dict[str, Volatility]
    correlation: float | None
    exchange: list[OffersRate]


class Comparison(TypedDict):
    """Offers over years; amounts in `currency`."""

    currency: str
    as_of: str
    years: int
    paths: int
    seed: int
    discount_rate: float
    basis: Literal["gross", "net"]
    taxes: OffersTaxed
    offers: list[OfferValued]
    comparisons: list[OfferPair]
    changes: Changes | None
    assumptions: Assumptions
    notes: list[str]
    release: str
