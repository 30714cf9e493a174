r"""What a move is worth: one headline figure, the other beside it, in money before and after tax.

    gain = P (e^d - 1),   d the headline figure in log pay, P the pay now

Degrees, skills, specialisations, publications, open source and leading take the premium (adjusted, cross-fitted), level,
employer, remote work and place the pay model: log p50 of the changed profile less that of the present one. Where the two
differ by more than sqrt(se_premium^2 + se_model^2) the answer says so (for a move abroad, country against country). The
best of many skills is too high by chance: their premiums are drawn toward each other (see shrink.py). A figure whose 90 % interval holds 0 is no clear
difference: gain 0, its interval shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice import estimate as question
from paylens.advice.career.moves import Move
from paylens.advice.career.shrink import Prior, prior
from paylens.advice.career.standing import Standing
from paylens.advice.estimate import Reference
from paylens.advice.premiums import FILE, Premium, Premiums
from paylens.contract.profile import Profile
from paylens.model.predict.reference import FACTORS, MIDDLE, Located
from paylens.places import geography
from paylens.places.geography import Place

__all__ = [
    "NINETY",
    "Figure",
    "Worth",
    "by_premium",
    "difference",
    "load_premiums",
    "middles",
    "money_of",
    "skills_prior",
    "worth",
]

Floats = npt.NDArray[np.float64]
NINETY: Final = 1.6449
SKILLS: Final = ("skill", "specialise")
PREMIUM_LED: Final = ("degree", "skill", "specialise", "publish", "open-source", "lead")
_METRO: Final = FACTORS.index("metro")
_NO_TERM: Final = 0.1
_DIFFER_BY_CHANCE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Figure:
    """A difference in log pay with one standard error; `clear` where it counts as one."""

    effect: float
    error: float
    clear: bool

    @property
    def low(self) -> float:
        """The lower end of the 90 % interval, in logs."""
        return self.effect - NINETY * self.error

    @property
    def high(self) -> float:
        """The upper end."""
        return self.effect + NINETY * self.error

    @property
    def counted(self) -> float:
        """What is counted on: nothing where there is no clear difference."""
        return self.effect if self.clear else 0.0

    def as_dict(self) -> dict[str, Any]:
        """As multipliers of pay."""
        return {
            "multiplier": math.exp(self.effect), "low": math.exp(self.low), "high": math.exp(self.high), "clear": self.clear,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worth:
    """A move with its figures: the `headline` one, which of the two it is (`by`), and what each source says.

    `alike` is the pay model's figure of what the premium is of, where that is not the move itself: a country for a city.
    """

    move: Move
    headline: Figure
    by: str
    model: Figure | None
    premium: Figure | None
    steps: tuple[Premium, ...]
    sources: tuple[Premium, ...]
    alike: Figure | None = None

    @property
    def disagrees(self) -> bool:
        """Whether premium and pay model differ beyond one standard error of their difference."""
        model = self.alike or self.model
        if model is None or self.premium is None:
            return False
        return abs(model.effect - self.premium.effect) > math.hypot(model.error, self.premium.error)

    @property
    def contradiction(self) -> str | None:
        """A sentence where the sources behind the premium say different things."""
        sure = [p for p in self.sources if p.low * p.high > 0]
        ends = [min(sure, key=lambda p: p.effect), max(sure, key=lambda p: p.effect)] if len(sure) > 1 else []
        if ends and ends[0].effect < 0 < ends[1].effect:
            return f"sources point both ways: {_says(ends[0])}, {_says(ends[1])}"
        if len(self.steps) == 1 and len(self.sources) > 1:
            chance = self.steps[0].heterogeneity
            if chance is not None and chance < _DIFFER_BY_CHANCE:
                ranked = sorted(self.sources, key=lambda p: p.effect)
                return f"sources differ by more than chance: {_says(ranked[0])}, {_says(ranked[-1])}"
        return None


def _says(p: Premium) -> str:
    return f"{p.source} {p.vintage} × {math.exp(p.effect):.2f}"


def load_premiums(ref: Reference) -> Premiums | None:
    """The release's premiums; None where it was built without them."""
    return Premiums.load(ref.release) if ref.release.holds(FILE) else None


def middles(
    ref: Reference, profiles: Sequence[Profile], places: Sequence[Place], as_of: str, currency: str
) -> tuple[Located, Floats]:
    """Where profiles sit and their middle pay in `currency`, in the measure each asks for."""
    listed = [replace(p, currency=currency) for p in profiles]
    when = [ref.today(p, place, as_of) for p, place in zip(listed, places, strict=True)]
    located, cash = question.distribution(ref, listed, list(places), when)
    shown = [
        question.measured(ref, p, place, cash[i])
        for i, (p, place) in enumerate(zip(listed, places, strict=True))
    ]
    return located, np.array([row[MIDDLE] for row in shown])


def worth(
    ref: Reference, premiums: Premiums | None, moves: Sequence[Move], home: Place, as_of: str, currency: str,
    skills: Prior | None = None,
) -> list[Worth]:  # fmt: skip
    """Each move's figures; a move of which nothing is known is left out. `skills` is how skills' premiums lie."""
    model, alike = _by_model(ref, moves, home, as_of, currency)
    out = []
    for move in moves:
        premium, steps, sources = by_premium(premiums, move, home)
        own, led = model.get(move.id), premium
        if premium is None or move.kind not in PREMIUM_LED:
            led = own
        elif skills is not None and move.kind in SKILLS:
            effect, error = skills.drawn(premium.effect, premium.error)
            led = Figure(effect, error, premium.clear and abs(effect) > NINETY * error)
        if led is not None:
            by = "model" if led is own else "premium"
            out.append(Worth(move, led, by, own, premium, steps, sources, alike.get(move.id)))
    return out


def skills_prior(premiums: Premiums | None, moves: Sequence[Move], home: Place) -> Prior | None:
    """How the premiums of skills and specialisations among these moves lie; None where too few have one."""
    found = [by_premium(premiums, m, home)[0] for m in moves if m.kind in SKILLS]
    return prior([(f.effect, f.error) for f in found if f is not None])


def _by_model(
    ref: Reference, moves: Sequence[Move], home: Place, as_of: str, currency: str
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """The pay model's figure of each move that it knows, and for moves abroad its figure of country against country."""
    pairs: list[tuple[str, tuple[Profile, Place], tuple[Profile, Place], bool]] = []
    abroad: list[tuple[str, tuple[Profile, Place], tuple[Profile, Place], bool]] = []
    for move in moves:
        if move.changed is None or move.kind in SKILLS:
            continue
        there = move.place or home
        pairs.append((move.id, (move.base, home), (move.changed, there), move.place is not None))
        if move.place is not None and there.country != home.country and there.country and home.country:
            ends = [geography.resolve(code) for code in (home.country, there.country)]
            start, end = ((replace(move.base, location=place.id), place) for place in ends)
            abroad.append((move.id, start, end, True))
    listed = [*pairs, *abroad]
    figures: list[Figure] = []
    if listed:
        flat = [end for _, a, b, _ in listed for end in (a, b)]
        located, pay = middles(ref, [p for p, _ in flat], [place for _, place in flat], as_of, currency)
        figures = [difference(located, pay, 2 * i, 2 * i + 1, apart=row[3]) for i, row in enumerate(listed)]
    model = {row[0]: f for row, f in zip(pairs, figures, strict=False)}
    model |= {m.id: _of_skill(ref, m.to) for m in moves if m.kind in SKILLS and m.changed is not None}
    return model, {row[0]: f for row, f in zip(abroad, figures[len(pairs) :], strict=True)}


def difference(located: Located, pay: Floats, i: int, j: int, *, apart: bool) -> Figure:
    """The pay model's difference in log pay from row i to row j, the errors of what changes between them added in squares.

    `apart`: the two are in different places, whose levels are both uncertain.
    """
    effect = math.log(pay[j] / pay[i])
    if apart:
        levels = (
            0.0
            if located.baseline[i] == located.baseline[j]
            else located.baseline_se[i] ** 2 + located.baseline_se[j] ** 2
        )
        metros = sum(_metro_error(located, k) ** 2 for k in (i, j))
        error = math.sqrt(levels + metros)
    else:
        moved = located.effect[i] != located.effect[j]
        error = math.sqrt(float(((located.error[i] ** 2 + located.error[j] ** 2) * moved).sum()))
    return Figure(effect, error, error > 0 and abs(effect) > NINETY * error)


def _metro_error(located: Located, k: int) -> float:
    return float(located.error[k][_METRO])


def _of_skill(ref: Reference, skill: str) -> Figure:
    """A skill against not having it, as the pay model has it: whole, since the asker has it not."""
    k = ref.index.get("skills", skill)
    if k < 0:
        return Figure(0.0, _NO_TERM, False)
    clear = ref.model.skill[k] != 0.0
    effect = float(ref.model.skill[k] if clear else ref.model.skill_raw[k])
    return Figure(effect, float(ref.model.skill_se[k]), bool(clear))


def by_premium(
    premiums: Premiums | None, move: Move, home: Place
) -> tuple[Figure | None, tuple[Premium, ...], tuple[Premium, ...]]:
    """The premium of a move for someone in a place, the rows it is the sum of, and what each source says of them."""
    if premiums is None or not move.premium:
        return None, (), ()
    years = move.base.years_experience
    cut = {
        "region": home.country or home.id,
        # A degree is held for a whole career: its premium is that of all levels.
        "seniority": "all" if years is None or move.kind == "degree" else question.years_band(years),
    }
    whole = premiums.find(move.whole, **cut) if move.whole else None
    steps = [] if whole is None else [whole]
    for name in move.premium if whole is None else ():
        found = premiums.find(name, **cut) or premiums.find(name, estimand="direct", **cut)
        if found is None:
            return None, (), ()
        steps.append(found)
    effect = sum(s.effect for s in steps)
    error = math.sqrt(sum(s.se**2 for s in steps))
    sources = [
        s for row in steps
        for s in premiums.sources(row.move, region=row.region, seniority=row.seniority, estimand=row.estimand)
    ]  # fmt: skip
    clear = any(s.clear for s in steps) and abs(effect) > NINETY * error
    return Figure(effect, error, clear), tuple(steps), tuple(sources)


def money_of(
    found: Sequence[Worth], pay: float, home: Standing, there: Sequence[Standing]
) -> list[dict[str, Any]]:
    """What moves add a year: `gross` by exchange rate, and `kept` after tax at home's prices (before tax where home's law is
    not known; None where the other place's law or prices are not). `clear` is judged on what ranks it."""
    ends = np.exp(np.array([[w.headline.effect, w.headline.low, w.headline.high] for w in found])).reshape(
        -1, 3
    )
    # The law is asked once for all that stay.
    now, at_home = float(home.kept(np.array([pay]))[0]), home.kept(pay * ends)
    out = []
    for i, (worth_, stands) in enumerate(zip(found, there, strict=True)):
        gross = pay * (ends[i] - 1.0)
        kept = None
        if (home.known and stands.known) or (home.taxes is None and stands.prices is not None):
            kept = (at_home[i] if stands is home else stands.kept(pay * ends[i])) - now
        clear = worth_.headline.clear
        if worth_.move.place is not None and kept is not None:
            # A move is judged by what is kept at home's prices, not by the rate of exchange.
            clear = bool(kept[1] * kept[2] > 0)
        elif not clear:
            gross[0] = 0.0
        if kept is not None and not clear:
            kept[0] = 0.0
        out.append({"gross": _range(gross), "kept": None if kept is None else _range(kept), "clear": clear})
    return out


def _range(values: Floats) -> dict[str, float]:
    return {"middle": float(values[0]), "low": float(values[1]), "high": float(values[2])}


def cut_label(row: Premium) -> dict[str, Any]:
    """What the answer says of one premium's row."""
    return {
        "move": row.move, "estimand": row.estimand, "source": row.source, "vintage": row.vintage, "region": row.region,
        "seniority": row.seniority, "multiplier": math.exp(row.effect), "low": math.exp(row.low), "high": math.exp(row.high),
        "raw": math.exp(row.raw), "n": row.n, "n_with": row.n_with, "clear": row.clear, "q": row.q,
        "adjusted_for": list(row.adjusted_for), "placebo_passed": row.placebo_passed, "robustness": row.robustness,
        "reasons": list(row.reasons), "note": row.note,
    }  # fmt: skip
