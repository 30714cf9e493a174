"""The shape of a negotiation; docs/interface.md explains each field."""

from typing import Literal, TypedDict

from paylens.contract.answer import Confidence, Evidence
from paylens.contract.offered import OffersTaxed, OpenQuestion, Standing

__all__ = ["Negotiation"]


class OfferMeant(TypedDict):
    """The offer that is negotiated, and the measure its figures are set on."""

    name: str
    employer: str | None
    role: str
    place: str
    base: float
    measure: str


class Position(TypedDict):
    """Where the offer stands."""

    confidence: Confidence
    base: Standing
    cash: Standing
    total: Standing


class Band(TypedDict):
    """The employer's likely band of base pay."""

    low: float
    high: float
    what: str
    measured: bool
    offer_in_it: str


class BestAlternative(TypedDict):
    """The best alternative, as a base of this offer."""

    name: str
    base: float
    base_by_exchange_rate: float | None


class WalkAway(TypedDict):
    """Under what to refuse, and why."""

    base: float
    because: str
    floor: float
    floor_of: str
    alternative: BestAlternative | None


class Aim(TypedDict):
    """A base to reach, and where its measure would stand."""

    base: float
    amount: float
    percentile: float


class Exchanged(TypedDict):
    """An alternative by exchange rate instead of prices."""

    certain_equivalent: float
    base: float | None


class Alternative(TypedDict):
    """Another offer, and the base that makes this one equal to it."""

    name: str
    current: bool
    place: str | None
    certain_equivalent: float
    base: float | None
    by_exchange_rate: Exchanged | None


class Worth(TypedDict):
    """Certainty equivalents of the offer as it is and at the target."""

    certain_equivalent: float
    at_target: float


class LikelyBand(TypedDict):
    """A level's likely band."""

    low: float
    high: float


class Package(TypedDict):
    """A way to the target."""

    kind: str
    base: float
    sign_on: float
    grant: float | None
    options: float | None
    level: str | None
    band: LikelyBand | None
    certain_equivalent: float


class Estimated(TypedDict):
    """A figure with its 90 % interval."""

    value: float
    low: float
    high: float


class Strength(TypedDict):
    """What a fact of the person is worth."""

    factor: str
    what: str
    clear: bool
    share: Estimated
    amount: Estimated


class Citable(Evidence):
    """A row of evidence to cite."""

    title: str
    weight: float
    supports: bool


class PartOfWhole(TypedDict):
    """A part of the package."""

    part: str
    amount: float
    per: str
    words: str


class Reply(TypedDict):
    """What they may say, and an answer."""

    they: str
    you: str


class Texts(TypedDict):
    """Words to use."""

    first_line: str
    email: str
    call: list[str]
    leave: list[str]
    replies: list[Reply]


class Figure(TypedDict):
    """A number of the texts, and where in the answer it is from."""

    value: float
    of: str
    rounding: str
    shown: str


class Negotiation(TypedDict):
    """What to ask for an offer; amounts in `currency`."""

    offer: OfferMeant
    currency: str
    as_of: str
    years: int
    paths: int
    seed: int
    discount_rate: float
    risk_aversion: float
    basis: Literal["gross", "net"]
    taxes: OffersTaxed
    verdict: str
    position: Position
    band: Band
    walk_away: WalkAway
    target: Aim
    ask: Aim
    alternatives: list[Alternative]
    worth: Worth
    packages: list[Package]
    strengths: list[Strength]
    evidence: list[Citable]
    whole: list[PartOfWhole]
    questions: list[OpenQuestion]
    texts: Texts
    figures: dict[str, Figure]
    notes: list[str]
    release: str
