r"""The years of one plan, simulated: where a person would stand each year if they stay, study, move or are promoted.

    log pay(k) = m(y + w(k), level(k)) + width z(u(k)) + d [after the move],     k whole years from now

m, width and z are the pay model's (experience curve by role and place, spread by years and level), w(k) the years worked
by then: a year in which a share f of pay is forgone counts 1 - f. Years of study s(k) in [0, 1] pay (1 - f) of what work
would and a stipend, and cost tuition. A person keeps their place: their normal score is an AR(1) with yearly correlation
rho. Levels: a person keeps their place in the order of levels among people with as many years, so that the shares of
levels by years are the model's and nobody falls. All amounts are in today's wages; wage growth is the fan's (see fan.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice import estimate as question
from paylens.advice.career.efforts import Taken
from paylens.advice.career.gains import Figure
from paylens.advice.career.moves import Move
from paylens.advice.career.standing import Standing
from paylens.advice.estimate import Reference
from paylens.contract.profile import MOST_YEARS, Profile
from paylens.model.predict import reference
from paylens.model.predict.reference import LEVELS
from paylens.places.geography import Place

__all__ = ["Draws", "Here", "Lived", "Plan", "draw", "live", "middle", "score_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_SCORES: Final = np.array([NormalDist().inv_cdf(float(v)) for v in LEVELS])
_PLACES: Final = 2  # of plans that are compared


@dataclass(frozen=True, slots=True)
class Here:
    """Who and where a plan starts from: the release, the profile, its place and what pay comes to there."""

    ref: Reference
    profile: Profile
    place: Place
    currency: str
    as_of: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: to stay (no move), or a move with what it takes, its figure in log pay, and where it leads."""

    name: str
    label: str
    move: Move | None = None
    taken: Taken | None = None
    figure: Figure | None = None
    there: Standing | None = None


@dataclass(frozen=True, slots=True)
class Draws:
    """Chance, the same for every plan compared: `score` (paths, years) of the person, `rank` in the order of levels,
    `effect` (paths, 2) how far a plan's figure is off in standard errors, `finish` uniform, `growth` of wages."""

    score: Floats
    rank: Floats
    effect: Floats
    finish: Floats
    growth: Floats

    @property
    def years(self) -> int:
        """Whole years ahead; arrays have one column more, for now."""
        return int(self.score.shape[1]) - 1


@dataclass(frozen=True, slots=True)
class Lived:
    """A plan's years, (paths, years + 1): `gross` pay, `flow` what is kept of it after tax at home's prices less costs,
    and `level` (0 entry to 4 principal), None where the level is not followed."""

    gross: Floats
    flow: Floats
    level: Ints | None


def draw(paths: int, years: int, persistence: float, seed: int, score: float | None) -> Draws:
    """Futures from a seed; `score` is the normal score of the asker's own pay now, None where it is not known."""
    rng = np.random.default_rng(seed)
    # Stratified: the first year's percentiles are then those of the estimate.
    normal = NormalDist()
    even = rng.permutation(np.array([normal.inv_cdf((i + 0.5) / paths) for i in range(paths)]))
    first = even if score is None else np.full(paths, score)
    scores = np.empty((paths, years + 1))
    scores[:, 0] = first
    noise = np.sqrt(1.0 - persistence**2)
    for k in range(1, years + 1):
        scores[:, k] = persistence * scores[:, k - 1] + noise * rng.standard_normal(paths)
    return Draws(
        scores, rng.random(paths), rng.standard_normal((paths, _PLACES)), rng.random(paths), rng.standard_normal(paths)
    )  # fmt: skip


def middle(years: int, score: float | None) -> Draws:
    """The middle case: one person who stays where they are, finishes, and for whom every figure is its middle."""
    return Draws(
        np.full((1, years + 1), score or 0.0), np.full(1, 0.5), np.zeros((1, _PLACES)), np.zeros(1), np.zeros(1)
    )  # fmt: skip


def score_of(pay: float, quantiles: Floats) -> float:
    """The normal score of an amount among the 19 quantiles; beyond the outermost, by the slope there."""
    logs = np.log(quantiles)
    return _along(np.log(np.array([pay])), logs, _SCORES).item()


def _along(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Linear between the points, and beyond them by the outermost slopes."""
    inside = np.interp(x, xs, ys)
    low, high = (ys[1] - ys[0]) / (xs[1] - xs[0]), (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
    return np.asarray(
        np.where(
            x < xs[0], ys[0] + low * (x - xs[0]), np.where(x > xs[-1], ys[-1] + high * (x - xs[-1]), inside)
        )
    )


def live(here: Here, plan: Plan, draws: Draws, which: int = 0) -> Lived:
    """The years of a plan on given chance; `which` of two plans compared it is."""
    taken = plan.taken
    if plan.move is None or taken is None:
        return _follow(here, plan, draws, which, done=True)
    done = _follow(here, plan, draws, which, done=True)
    if taken.finish >= 1.0:
        return done
    left = _follow(here, plan, draws, which, done=False)
    finishes = draws.finish < taken.finish
    return Lived(
        np.where(finishes[:, None], done.gross, left.gross), np.where(finishes[:, None], done.flow, left.flow),
        None if done.level is None or left.level is None else np.where(finishes[:, None], done.level, left.level),
    )  # fmt: skip


def _follow(here: Here, plan: Plan, draws: Draws, which: int, *, done: bool) -> Lived:
    """One course of a plan: to its end, or (`done` False) left before it."""
    years, taken = draws.years, plan.taken
    before = np.zeros(years + 1)
    forgone = stipend = 0.0
    costs = np.zeros(years + 1)
    if taken is not None:
        length = taken.years if done else taken.leave_after / 12
        before = np.clip(length - np.arange(years + 1), 0.0, 1.0)
        forgone, stipend = taken.pay_forgone, taken.stipend
        costs = before * taken.tuition
        costs[0] += taken.cost
    worked = np.concatenate([[0.0], np.cumsum(1.0 - forgone * before)[:-1]])
    now = _pay(here, here.profile, here.place, worked, draws, None)
    later, level = now[0], now[1]
    if done and plan.move is not None and plan.figure is not None:
        later, level = _after(here, plan, worked, draws, which, now, before)
    there = plan.there or here.standing
    work = now[0] * before * (1.0 - forgone)
    gross = work + later * (1.0 - before) + stipend * before
    if there is here.standing:
        kept = here.standing.kept(work + later * (1.0 - before))
    else:
        kept = here.standing.kept(now[0]) * before * (1.0 - forgone) + there.kept(later) * (1.0 - before)
    return Lived(gross, kept + stipend * before - costs, level)


def _after(
    here: Here, plan: Plan, worked: Floats, draws: Draws, which: int, now: tuple[Floats, Ints | None], before: Floats
) -> tuple[Floats, Ints | None]:  # fmt: skip
    """Pay and level once the move is made."""
    move, figure = plan.move, plan.figure
    assert move is not None and figure is not None
    off = draws.effect[:, which, None] * figure.error
    if move.kind == "level" and now[1] is not None:
        least = ask.LADDER.index(move.to)
        pay, level = _pay(here, here.profile, here.place, worked, draws, np.where(before < 1.0, least, 0))
        assert level is not None
        # Once they would have been promoted anyway, there is no difference to be unsure of.
        return pay * np.exp(np.where(level > now[1], off, 0.0)), level
    if move.kind == "place" and move.changed is not None and move.place is not None:
        pay, level = _pay(
            here, replace(here.profile, location=move.changed.location), move.place, worked, draws, None
        )
        return pay * np.exp(off), level
    return now[0] * np.exp(figure.effect + off), now[1]


def _pay(
    here: Here, profile: Profile, place: Place, worked: Floats, draws: Draws, least: Ints | None
) -> tuple[Floats, Ints | None]:
    """Gross pay (paths, years + 1) after `worked` years more, and the level; `least` is a level that is had in each year."""
    ref = here.ref
    follows = profile.seniority in ask.LADDER and profile.years_experience is not None
    ladder: Sequence[str | None] = ask.LADDER if follows else (profile.seniority,)
    listed = [
        replace(_older(profile, float(more)), seniority=level, currency=here.currency)
        for more in worked for level in ladder
    ]  # fmt: skip
    places = [place] * len(listed)
    today = ref.today(listed[0], place, here.as_of)
    located = reference.locate(ref.model, ask.facts(listed, places, ref.index))
    width = np.sqrt(located.width**2 + today.error**2)
    shape = (len(worked), len(ladder))
    median = located.median.reshape(shape) + np.log(today.per_unit * today.multiplier)
    width = width.reshape(*shape, 2)
    level = _levels(ref, profile, worked, draws, least) if follows else None
    at = level if level is not None else np.zeros(draws.score.shape, dtype=np.int64)
    columns = np.arange(len(worked))[None, :]
    z = _along(draws.score, _SCORES, ref.model.z)
    spread = np.where(z < 0, width[columns, at, 0], width[columns, at, 1])
    beyond = np.interp(draws.score, _SCORES, _measure(here, profile, place))
    return np.exp(median[columns, at] + spread * z + beyond), level


def _measure(here: Here, profile: Profile, place: Place) -> Floats:
    """The asked measure of pay over cash in logs at the 19 levels, as it is for the profile now: kept for all years."""
    if profile.pay == "cash":
        return np.zeros(len(_SCORES))
    now = here.ref.today(replace(profile, currency=here.currency), place, here.as_of)
    _, cash = question.distribution(here.ref, [profile], [place], [now])
    return np.asarray(np.log(question.measured(here.ref, profile, place, cash[0]) / cash[0]))


def _older(profile: Profile, more: float) -> Profile:
    """The profile after `more` years of work; nothing changes where no years were given."""
    if profile.years_experience is not None:
        return replace(profile, years_experience=min(profile.years_experience + more, MOST_YEARS))
    if profile.years_coding is not None:
        return replace(profile, years_coding=min(profile.years_coding + more, MOST_YEARS))
    return profile


def _levels(ref: Reference, profile: Profile, worked: Floats, draws: Draws, least: Ints | None) -> Ints:
    """The level in each year, (paths, years + 1), for someone of a level and years now."""
    assert profile.seniority is not None and profile.years_experience is not None
    family = int(ref.model.role_family[ref.index.at["roles"][profile.role.id]])
    held = ask.LADDER.index(profile.seniority)
    years = np.minimum(profile.years_experience + worked, MOST_YEARS).astype(np.int64)
    upto = np.cumsum(ref.model.level_share[family, years], axis=1)
    start = upto[0, held - 1] if held else 0.0
    rank = start + draws.rank * (upto[0, held] - start)
    level = (rank[:, None, None] > upto[None, :, :-1]).sum(2)
    level[:, 0] = held
    out: Ints = np.maximum.accumulate(level, axis=1)
    return out if least is None else np.maximum(out, least[None, :])
