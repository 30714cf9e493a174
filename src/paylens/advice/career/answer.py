"""What raises my pay: the moves open to someone, ranked, with effort; a path over the years; one plan against another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from paylens.advice import asked as ask
from paylens.advice import estimate as question
from paylens.advice.career import degree as degrees
from paylens.advice.career import words
from paylens.advice.career.asked import KINDS, Asked, parse
from paylens.advice.career.course import Draws, Here, Lived, Plan, draw, live, score_of
from paylens.advice.career.efforts import taken
from paylens.advice.career.fan import fan, growth, levels
from paylens.advice.career.gains import (
    NINETY,
    SKILLS,
    Figure,
    Worth,
    cut_label,
    difference,
    middles,
    money_of,
    skills_prior,
    worth,
)
from paylens.advice.career.moves import STAY, Move, candidates, likely_level, parse_move, together
from paylens.advice.career.plans import compared, described
from paylens.advice.career.shrink import Prior
from paylens.advice.career.standing import Standing, standing
from paylens.advice.career.told import assumptions, notes, table_of
from paylens.advice.estimate import Reference
from paylens.advice.forecast.drift import Tables
from paylens.advice.premiums import Premiums
from paylens.advice.take_home import DISCLAIMER
from paylens.contract.errors import InputError
from paylens.model.predict.reference import MIDDLE
from paylens.places.geography import Place

__all__ = ["career"]

# Of each kind, where all kinds are looked at: the best, so that no one kind fills the answer.
_MOST: Final = {"skill": 3, "specialise": 2, "industry": 2, "size": 2, "place": 3, "remote": 1}


@dataclass(frozen=True, slots=True)
class _Case:
    """A question in its place: who stands where, what they are paid, how they are taxed."""

    ref: Reference
    premiums: Premiums | None
    asked: Asked
    home: Place
    month: str
    currency: str
    quantiles: Any
    pay: float
    standing: Standing
    open: tuple[Move, ...]
    prior: Prior | None

    def worth(self, moves: Sequence[Move]) -> list[Worth]:
        """The figures of moves."""
        return worth(self.ref, self.premiums, moves, self.home, self.month, self.currency, self.prior)

    def there(self, move: Move) -> Standing:
        """Where a move leads."""
        if move.place is None:
            return self.standing
        return standing(
            move.place, self.currency, self.month, pay=self.pay, filing=self.asked.options.filing, home=self.home,
            before_tax=self.standing.taxes is None,
        )  # fmt: skip


def career(
    ref: Reference, premiums: Premiums | None, tables: Tables | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer described in docs/interface.md, 'A career'. InputError for what is not understood.

    `premiums` and `tables` (the forecast's) are None where the release has none.
    """
    asked = parse(fields)
    case = _case(ref, premiums, asked)
    plans = [_plan(case, name, field) for name, field in _named(asked)]
    rows, worths, left = _moves(case)
    score = None if asked.options.paid is None else score_of(case.pay, case.quantiles)
    ahead = max(asked.horizon, int(asked.options.working_years))
    draws = draw(int(asked.options.paths), ahead, asked.options.persistence, int(asked.options.seed), score)
    here = _here(case, plans)
    _value_degrees(case, rows, worths, here, draws, score)
    near = replace(draws, score=draws.score[:, : asked.horizon + 1])
    lived = [live(here, plan, near, i) for i, plan in enumerate(plans)]
    family = ref.family[asked.profile.role.id]
    grows = growth(ref, tables, case.home, family, case.month, asked.horizon)
    wage = grows.as_dict()
    path = fan(here, lived[0], near, grows)
    basis = "kept" if case.standing.known else "gross"
    now = {
        "pay": case.pay, "given": asked.options.paid is not None, "kept": float(case.standing.kept(np.array([case.pay]))[0]),
        "percentile": None if score is None else 100 * _normal(score),
    }  # fmt: skip
    worthy = [r for r in rows if r["degree"] is not None]
    stays = path if plans[0].move is None else fan(here, live(here, Plan(STAY, "stay"), near), near, grows)
    return {
        **_asked_of(case), "basis": basis, "now": now, "headline": words.headline(rows, now, basis),
        "reasons": words.reasons(case.home.label, stays, _world_rise(case), wage, worthy),
        "moves": rows, "left_out": left, "together": _together(case),
        "path": {"plan": described(plans[0]), "years": path, "growth": wage, "levels": levels(here, lived[0], asked.horizon)},
        "comparison": _compared(plans, lived, asked) if len(plans) > 1 else None,
        "premiums": table_of(premiums, asked, ref.release.id),
        "taxes": {**case.standing.as_dict(), "filing": asked.options.filing, "disclaimer": DISCLAIMER},
        "assumptions": assumptions(case.asked, rows, plans), "notes": notes(case.asked, case.home, premiums, here.profile, rows, wage),
        "ignored": list(asked.profile.ignored), "seed": int(asked.options.seed), "release": ref.release.id,
    }  # fmt: skip


def _normal(score: float) -> float:
    return 0.5 * (1.0 + math.erf(score / math.sqrt(2.0)))


def _case(ref: Reference, premiums: Premiums | None, asked: Asked) -> _Case:
    p = asked.profile
    home, month = ask.place_of(p), ask.check_month(p.as_of)
    now = ref.today(p, home, month)
    _, cash = question.distribution(ref, [p], [home], [now])
    quantiles = question.measured(ref, p, home, cash[0])
    options = asked.options
    pay = float(quantiles[MIDDLE]) if options.paid is None else options.paid
    stands = standing(
        home, now.currency, month, pay=pay, filing=options.filing, home=home, before_tax=asked.before_tax
    )
    # Whichever kinds are asked for, a skill is held against all the skills that are open.
    every = candidates(
        ref, replace(asked, moves=tuple(k for k in KINDS if k in asked.moves or k in SKILLS)), home
    )
    there = tuple(m for m in every if m.kind in asked.moves)
    return _Case(
        ref, premiums, asked, home, month, now.currency, quantiles, pay, stands, there, skills_prior(premiums, every, home)
    )  # fmt: skip


def _asked_of(case: _Case) -> dict[str, Any]:
    p, place = case.asked.profile, case.home
    return {
        "role": {"asked": p.role.asked, "matched": p.role.id, "label": p.role.label, "score": round(p.role.score, 4)},
        "place": {
            "asked": p.location, "kind": place.kind, "id": place.id, "label": place.label, "country": place.country,
            "region": place.region, "metro": place.metro, "state": place.state,
        },
        "pay": p.pay, "currency": case.currency, "period": "year", "as_of": case.month, "horizon": case.asked.horizon,
    }  # fmt: skip


def _named(asked: Asked) -> list[tuple[str, str]]:
    """The plans asked for, by the field that names them; a plan is held against staying unless another is named."""
    path, against = asked.options.path, asked.options.against
    if against is not None:
        return [(path, "path"), (against, "against")]
    staying = path.casefold() == STAY
    return [(path, "path")] if staying else [(path, "path"), (STAY, "against")]


def _plan(case: _Case, name: str, field: str) -> Plan:
    move = parse_move(name, case.ref, case.asked, case.home, field)
    if move is None:
        return Plan(STAY, "stay and work")
    found = case.worth([move])
    if not found:
        raise InputError(
            field, name, f"this release has no figure for '{move.label}': build it with premiums"
        )
    return _planned(case, found[0])


def _planned(case: _Case, found: Worth) -> Plan:
    move = found.move
    there = case.there(move)
    if move.place is not None and there.prices is None:
        raise InputError(
            "path", move.place.label, "no price level is published there: pay can't be set beside home's"
        )
    return Plan(
        move.id,
        move.label,
        move,
        _taken(case, move),
        found.headline,
        there if move.place is not None else None,
    )


def _taken(case: _Case, move: Move) -> Any:
    abroad = move.place is not None and move.place.country != case.home.country
    return taken(
        move.kind, move.to, case.asked.efforts, held=move.start, country=case.home.country, pay=case.pay, currency=case.currency,
        as_of=case.month, abroad=abroad,
    )  # fmt: skip


def _here(case: _Case, plans: Sequence[Plan]) -> Here:
    """Where the plans start; a plan of promotion sets the level that people with as many years mostly have."""
    p = case.asked.profile
    if any(plan.move is not None and plan.move.kind == "level" for plan in plans):
        p = replace(p, seniority=likely_level(case.ref, p))
    names = {plan.name for plan in plans}
    if len(plans) > len(names):
        raise InputError("against", plans[0].name, "is the same plan twice: name another, or leave it out")
    return Here(case.ref, p, case.home, case.currency, case.month, case.standing)


def _moves(case: _Case) -> tuple[list[dict[str, Any]], dict[str, Worth], list[dict[str, Any]]]:
    """The rows to show, best first; their figures by move; and what was left out, by kind and reason."""
    asked = case.asked
    found = case.worth(case.open)
    gains = money_of(found, case.pay, case.standing, [case.there(w.move) for w in found])
    rows = [_row(case, w, gain) for w, gain in zip(found, gains, strict=True)]
    rows.sort(key=_order)
    everything = len(asked.moves) == len(KINDS)
    kept: list[dict[str, Any]] = []
    counts: dict[tuple[str, str], int] = {}
    seen: dict[str, int] = {}
    for row in rows:
        kind = row["kind"]
        loses = row["clear"] and row["rank"] is not None and row["rank"] <= 0
        why = None
        if loses and everything:
            why = "pay less"
        elif everything and not row["clear"] and kind in _MOST and seen.get(kind):
            why = "show no clear difference"
        elif everything and seen.get(kind, 0) >= _MOST.get(kind, 99):
            why = "are worth less than those shown"
        elif len(kept) >= int(asked.options.top) and kind != "degree":
            why = "are beyond the number asked for"
        if why is None:
            kept.append(row)
            seen[kind] = seen.get(kind, 0) + 1
        else:
            counts[kind, why] = counts.get((kind, why), 0) + 1
    left = [{"kind": kind, "why": why, "moves": n} for (kind, why), n in counts.items()]
    return kept, {w.move.id: w for w in found}, left


def _order(row: Mapping[str, Any]) -> tuple[bool, bool, float, int, float]:
    """Clear gains first, largest first; then what shows no clear difference, then what can't be ranked."""
    rank = row["rank"]
    return (
        rank is None, not row["clear"], -(rank or 0.0), list(KINDS).index(row["kind"]), -row["effect"]["low"],
    )  # fmt: skip


def _row(case: _Case, w: Worth, gain: Mapping[str, Any]) -> dict[str, Any]:
    move, f = w.move, w.headline
    effort = _taken(case, move)
    rank = gain["gross"] if move.place is None and gain["kept"] is None else gain["kept"]
    yearly = None if rank is None else rank["middle"]
    cost = effort.cost if move.kind != "degree" else 0.0
    return {
        "move": move.id, "kind": move.kind, "label": move.label, "from": move.start, "to": move.to, "clear": gain["clear"],
        "effect": {"multiplier": math.exp(f.effect if gain["clear"] else f.counted), "low": math.exp(f.low), "high": math.exp(f.high)},
        "gross": gain["gross"], "kept": gain["kept"], "rank": yearly, "headline": w.by,
        "model": None if w.model is None else w.model.as_dict(),
        "premium": None if w.premium is None else w.premium.as_dict() | {"rows": [cut_label(s) for s in w.steps]},
        "alike": None if w.alike is None else w.alike.as_dict(), "disagrees": w.disagrees, "by_source": [cut_label(s) for s in w.sources], "contradiction": w.contradiction,
        "effort": effort.as_dict(), "payback_years": cost / yearly if cost and yearly and yearly > 0 else None, "degree": None,
        "note": move.note,
    }  # fmt: skip


def _value_degrees(
    case: _Case,
    rows: Sequence[dict[str, Any]],
    worths: Mapping[str, Worth],
    here: Here,
    draws: Draws,
    score: float | None,
) -> None:
    """Put a degree's worth into its row."""
    listed = [r for r in rows if r["kind"] == "degree"]
    if not listed:
        return
    counted = int(case.asked.options.working_years)
    long = replace(draws, score=draws.score[:, : counted + 1])
    working = live(here, Plan(STAY, "stay and work"), long)
    for row in listed:
        plan = _planned(case, worths[row["move"]])
        row["degree"] = degrees.worth_of(here, plan, long, working, case.asked.options.discount_rate, score)


def _together(case: _Case) -> dict[str, Any] | None:
    """Several moves at once, as the pay model has them: never the sum of their gains."""
    if not case.asked.together:
        return None
    moves: list[Move] = []
    for text in case.asked.together:
        move = parse_move(text, case.ref, case.asked, case.home, "together")
        if move is None:
            raise InputError("together", text, "staying is no move to combine")
        if move.kind in [m.kind for m in moves] and move.kind not in ("skill", "specialise"):
            raise InputError("together", text, f"two moves of the kind '{move.kind}' can't be made at once")
        moves.append(move)
    base, changed = together(case.asked.profile, moves)
    place = next((m.place for m in moves if m.place is not None), case.home)
    located, pay = middles(case.ref, [base, changed], [case.home, place], case.month, case.currency)
    figure = difference(located, pay, 0, 1, apart=place is not case.home)
    lacking = _lacking(case, changed.skills, base.skills)
    figure = replace(figure, effect=figure.effect + lacking)
    figure = Figure(
        figure.effect, figure.error, figure.error > 0 and abs(figure.effect) > NINETY * figure.error
    )
    found = case.worth(moves)
    move = next((m for m in moves if m.place is not None), moves[0])
    whole = Worth(move, figure, "model", figure, None, (), ())
    (gain,) = money_of([whole], case.pay, case.standing, [case.there(move)])
    return {
        "moves": [m.id for m in moves], "labels": [m.label for m in moves], "clear": gain["clear"],
        "effect": {"multiplier": math.exp(figure.effect if gain["clear"] else 0.0), "low": math.exp(figure.low), "high": math.exp(figure.high)},
        "gross": gain["gross"], "kept": gain["kept"], "multiplied": math.exp(sum(w.headline.counted for w in found)),
        "not_in_it": [m.label for m in moves if m.changed is None],
    }  # fmt: skip


def _lacking(case: _Case, after: Sequence[str], before: Sequence[str]) -> float:
    """What the skills are worth that the model takes the asker to have in part already, as people like them do."""
    ref = case.ref
    family = int(ref.model.role_family[ref.index.at["roles"][case.asked.profile.role.id]])
    added = [ref.index.at["skills"][s] for s in after if s not in before and s in ref.index.at["skills"]]
    return float(sum(ref.model.skill[k] * ref.model.skill_share[family, k] for k in added))


def _world_rise(case: _Case) -> float:
    """What the same years of work add to pay across the world, in today's wages."""
    p, years = case.asked.profile, case.asked.horizon
    if p.years_experience is None:
        return 1.0
    base = replace(p, location=None, currency="USD", employer=None, seniority=None)
    older = replace(base, years_experience=min(p.years_experience + years, 60.0))
    world = ask.place_of(base)
    _, pay = middles(case.ref, [base, older], [world, world], case.month, "USD")
    return float(pay[1] / pay[0])


def _compared(plans: Sequence[Plan], lived: Sequence[Lived], asked: Asked) -> dict[str, Any]:
    found = compared(plans[0], plans[1], (lived[0], lived[1]), asked.options.discount_rate)
    return found | {"plans": [described(plan) for plan in plans]}
