"""What am I worth: the calibrated distribution of pay for a profile, factor by factor, with the evidence beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from paylens.advice import asked as ask
from paylens.advice.cuts import Cuts
from paylens.advice.evidence import Ladder
from paylens.contract.profile import Profile
from paylens.contract.vocabularies import employers, roles
from paylens.model.predict import measures, reference
from paylens.model.predict.measures import MeasureModel
from paylens.model.predict.reference import FACTORS, LEVELS, MIDDLE, Located, ReferenceModel
from paylens.places import money
from paylens.places.geography import Place, countries, regions
from paylens.release.read import Release

__all__ = ["Rates", "Reference", "answers", "check", "distribution", "measured", "years_band"]

_NINETY = 1.6449
_KEYS = tuple(f"{level:.2f}" for level in LEVELS)
_SHOWN = {"p10": 1, "p25": 4, "p50": 9, "p75": 14, "p90": 17}
_FACTOR_NAMES = {"metro": "location"}
_PLENTY, _SOME, _FEWEST = 200, 30, 10
_MOSTLY_POOLED = 0.5
_WIDE, _NARROW = math.log(3.6), math.log(2.4)


@dataclass
class Reference:
    """The reference view of a release, loaded."""

    release: Release
    model: ReferenceModel
    measure: MeasureModel
    index: ask.Index
    cuts: Cuts
    ladder: Ladder
    members: dict[str, tuple[tuple[str, float], ...]]
    family: dict[str, str]
    region: dict[str, str]

    @classmethod
    def load(cls, release: Release) -> Reference:
        """Read what answers need; a file that was changed is refused."""
        arrays = release.arrays("reference.parquet")
        part = {k.removeprefix("measures."): v for k, v in arrays.items() if k.startswith("measures.")}
        model = reference.from_arrays(arrays)
        index = ask.Index(release.names)
        family = {e.id: str(e.attributes["family"]) for e in roles().entries}
        members = _members(model, release.names)
        region = {c.id: c.region for c in countries()}
        cuts = Cuts(release)
        return cls(
            release, model, measures.from_arrays(part), index, cuts, Ladder(cuts), members, family, region
        )

    def today(self, profile: Profile, place: Place, as_of: str) -> ask.Today:
        """Growth and money for a profile's place."""
        area = place.country or place.id
        weights = () if place.country else self.members.get(place.id, self.members["world"])
        return ask.today(area, place.currency, profile.currency, as_of, weights)


def _members(model: ReferenceModel, names: dict[str, list[str]]) -> dict[str, tuple[tuple[str, float], ...]]:
    """The countries that speak for each wider area's wage growth: those with most reports."""
    at = {c: i for i, c in enumerate(names["areas"])}
    total = model.reports.sum(0)
    out = {}
    for area in regions():
        ranked = sorted(((c, float(total[at[c]])) for c in area.members), key=lambda x: (-x[1], x[0]))
        out[area.id] = tuple((c, w + 1.0) for c, w in ranked[:6])
    return out


def answers(ref: Reference, profiles: Sequence[Profile]) -> list[dict[str, Any]]:
    """Full answers, in order: dictionaries of the shape `contract.answer.Estimate`."""
    profiles = list(profiles)
    places = [ask.place_of(p) for p in profiles]
    when = [ref.today(p, place, ask.check_month(p.as_of)) for p, place in zip(profiles, places, strict=True)]
    located, pay = distribution(ref, profiles, places, when)
    return [
        _answer(ref, p, place, now, located, i, pay[i])
        for i, (p, place, now) in enumerate(zip(profiles, places, when, strict=True))
    ]


def check(ref: Reference, p: Profile) -> None:
    """Raise InputError for what can be wrong with a profile beyond its own fields: place, month, currency."""
    ref.today(p, ask.place_of(p), ask.check_month(p.as_of))


def distribution(
    ref: Reference, profiles: list[Profile], places: list[Place], when: list[ask.Today]
) -> tuple[Located, np.ndarray[Any, np.dtype[np.float64]]]:
    """Where each profile sits and cash at the 19 levels in the currency and month asked, (n, 19)."""
    facts = ask.facts(profiles, places, ref.index)
    located = reference.locate(ref.model, facts)
    width = np.sqrt(located.width**2 + np.array([now.error for now in when])[:, None] ** 2)
    scale = np.array([now.per_unit * now.multiplier for now in when])
    return located, np.exp(reference.quantiles(ref.model, located.median, width)) * scale[:, None]


def _ratios(
    ref: Reference, p: Profile, place: Place
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], bool]:
    level = -1
    if p.seniority is not None:
        level = ask.LADDER.index(p.seniority) if p.seniority in ask.LADDER else 5
    kind = measures.kind_of(p.company_size, p.industry, p.employer is not None)
    band = measures.band_of(level, float("nan") if p.years_experience is None else p.years_experience)
    region = ref.index.get("regions", ref.region.get(place.country or "", place.id))
    region = region if region >= 0 else ref.index.get("regions", "north-america")
    return measures.ratios(ref.measure, kind, band, region, ref.index.get("employers", p.employer))


def measured(ref: Reference, p: Profile, place: Place, cash: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Cash at the 19 levels as the measure that `p.pay` names; base <= cash <= total at every level."""
    bonus, equity, _ = _ratios(ref, p, place)
    if p.pay == "base":
        return np.asarray(np.maximum.accumulate(cash * np.exp(-bonus)))
    return np.asarray(cash * np.exp(equity)) if p.pay == "total" else cash


def _answer(
    ref: Reference, p: Profile, place: Place, now: ask.Today, at: Located, i: int, cash: np.ndarray[Any, Any]
) -> dict[str, Any]:
    _, equity, usual = _ratios(ref, p, place)
    total = cash * np.exp(equity)
    shown = measured(ref, p, place, cash)
    factors = _factors(ref, p, place, at, i)
    if p.pay != "cash":
        factors.append(_measure_factor(p.pay, shown[MIDDLE] / cash[MIDDLE]))
    scale = now.per_unit * now.multiplier
    baseline = math.exp(at.baseline[i]) * scale
    label = ref_label(p)
    n = int(at.reports[i])
    evidence, closest = _evidence(ref, p, place, now, shown, n)
    return {
        "role": {"asked": p.role.asked, "matched": p.role.id, "label": p.role.label, "score": round(p.role.score, 4)},
        "place": _place(p, place),
        "pay": p.pay, "currency": now.currency, "period": "year", "as_of": now.as_of,
        "percentiles": _percentiles(shown),
        "quantiles": dict(zip(_KEYS, shown.tolist(), strict=True)),
        "total": _percentiles(total) if usual and p.pay != "total" else None,
        "baseline": {"what": f"{label} in {place.label}" if place.id != "world" else f"{label} worldwide", "p50": baseline},
        "factors": factors,
        "ageing": {
            "evidence_to": ask.EVIDENCE_TO, "multiplier": now.multiplier, "low": now.low, "high": now.high,
            "index": now.index, "p50_before": float(shown[MIDDLE]) / now.multiplier,
        },
        "evidence": evidence,
        "confidence": _confidence(at, i, now, shown, place, closest),
        "ignored": list(p.ignored),
        "notes": [*p.notes, *place.notes, *now.notes, *_notes(p, at, i, place, n), *_unsplit(ref, p)],
        "fx": now.fx, "release": ref.release.id,
    }  # fmt: skip


def ref_label(p: Profile) -> str:
    """The role as it reads in a sentence: 'Machine learning engineers'."""
    return p.role.label + ("" if p.role.label.endswith("s") else "s")


def _percentiles(pay: np.ndarray[Any, Any]) -> dict[str, float]:
    return {name: float(pay[at]) for name, at in _SHOWN.items()}


def _measure_factor(measure: str, multiplier: float) -> dict[str, Any]:
    m = float(multiplier)
    note = "base is cash without bonus" if measure == "base" else "total is cash and equity a year"
    return {"factor": "pay", "given": measure, "multiplier": m, "low": m, "high": m, "note": note}


def _place(p: Profile, place: Place) -> dict[str, Any]:
    return {
        "asked": p.location, "kind": place.kind, "id": place.id, "label": place.label, "country": place.country,
        "region": place.region, "metro": place.metro, "state": place.state,
    }  # fmt: skip


def _factors(ref: Reference, p: Profile, place: Place, at: Located, i: int) -> list[dict[str, Any]]:
    """One row a fact given; the product of multipliers is p50 over the baseline."""
    out = []
    shown = ask.shown_facts(p)
    effect, error = at.effect[i].tolist(), at.error[i].tolist()
    for k, name in enumerate(FACTORS):
        if name == "skills":
            out += _skill_rows(ref, p)
        elif name == "metro":
            if place.kind in ("metro", "city", "state"):
                out.append(_place_row(place, effect[k], error[k]))
        elif name in shown:
            out.append(_row(name, shown[name], effect[k], error[k]))
    return out


def _row(name: str, given: str, effect: float, error: float, note: str | None = None) -> dict[str, Any]:
    return {
        "factor": _FACTOR_NAMES.get(name, name), "given": given, "multiplier": math.exp(effect),
        "low": math.exp(effect - _NINETY * error), "high": math.exp(effect + _NINETY * error), "note": note,
    }  # fmt: skip


def _place_row(place: Place, effect: float, error: float) -> dict[str, Any]:
    name = place.label.split(",")[0]
    if effect == 0.0:
        spread = error or 0.1
        return _row("metro", name, 0.0, spread, f"no reliable difference for {name}")
    return _row("metro", name, effect, error)


def _skill_rows(ref: Reference, p: Profile) -> list[dict[str, Any]]:
    rows = []
    family = ref.index.at["families"][ref.family[p.role.id]]
    m = ref.model
    for skill in p.skills:
        k = ref.index.get("skills", skill)
        label = ask.skill_label(skill)
        if k < 0 or m.skill[k] == 0.0:
            raw, se = (
                (0.0, 0.1) if k < 0 else (m.skill_raw[k] * (1 - m.skill_share[family, k]), m.skill_se[k])
            )
            rows.append(_unclear("skill", label, float(raw), float(se)))
        else:
            share = float(m.skill_share[family, k])
            note = f"most {family_label(ref, p)} have it" if share > 0.5 else None
            rows.append(
                _row(
                    "skill", label, float(m.skill[k]) * (1 - share), float(m.skill_se[k]) * (1 - share), note
                )
            )
    return rows


def _unclear(name: str, given: str, raw: float, se: float) -> dict[str, Any]:
    low, high = math.exp(min(raw - _NINETY * se, 0.0)), math.exp(max(raw + _NINETY * se, 0.0))
    return {
        "factor": name,
        "given": given,
        "multiplier": 1.0,
        "low": low,
        "high": high,
        "note": "no clear difference",
    }


def family_label(ref: Reference, p: Profile) -> str:
    """The role's family in words."""
    return f"people in {ref.family[p.role.id].replace('-', ' ')}"


def _evidence(
    ref: Reference, p: Profile, place: Place, now: ask.Today, shown: np.ndarray[Any, Any], n: int
) -> tuple[list[dict[str, Any]], tuple[int, float] | None]:
    """The ladder with this answer as its last row, and of the closest cohort its reports and share pooled."""
    known = {
        "role": p.role.id, "family": ref.family[p.role.id], "country": place.country, "metro": place.metro,
        "region": place.region if place.country else (place.id if place.id != "world" else None),
        "years_band": None if p.years_experience is None else years_band(p.years_experience), "seniority": p.seniority,
        "state": place.state, "industry": p.industry, "company_size": p.company_size, "education": p.education,
        "remote": p.remote, "employer": p.employer,
    }  # fmt: skip
    labels = {p.role.id: p.role.label, place.metro or "": place.label}
    if p.employer is not None:
        labels[p.employer] = employers()[p.employer].label
    found, closest = ref.ladder.evidence(known, labels, Rates(now.as_of), now.currency)
    rows: list[dict[str, Any]] = [dict(r) for r in found]
    country = place.label if place.kind in ("country", "region", "world") else (place.country or place.label)
    rows.append({
        "source": "paylens", "cohort": f"this answer, modelled for {country}", "n": n - n % 5 if n >= _FEWEST else None, "p25": float(shown[4]),
        "p50": float(shown[MIDDLE]), "p75": float(shown[14]), "vintage": now.as_of, "pooled": None, "measured": False,
        "licence": "see the release", "note": f"{_counted(n)} comparable reference reports behind it", "pay": p.pay, "employers": None,
    })  # fmt: skip
    return rows, closest


def years_band(years: float) -> str:
    """The band of professional years that cohorts are cut by: entry under 3, mid under 5, senior."""
    return "entry" if years < 3 else "mid" if years < 5 else "senior"


class Rates(dict[str, float]):
    """Units a US dollar in a month, looked up when asked for."""

    def __init__(self, month: str) -> None:
        super().__init__()
        self.month = month

    def __missing__(self, currency: str) -> float:
        self[currency] = money.rate(currency, self.month).per_usd
        return self[currency]

    def get(self, currency: str, default: float = 1.0) -> float:  # type: ignore[override]
        """The rate, looked up as well: never the default."""
        return self[currency]


def _counted(n: int) -> str:
    """A number of reports as it may be said: in fives, and none below ten."""
    return f"{n - n % 5}" if n >= _FEWEST else f"fewer than {_FEWEST}"


def _months(from_month: str, to_month: str) -> int:
    return (int(to_month[:4]) - int(from_month[:4])) * 12 + int(to_month[5:]) - int(from_month[5:])


def _confidence(
    at: Located, i: int, now: ask.Today, pay: np.ndarray[Any, Any], place: Place, closest: tuple[int, float] | None
) -> dict[str, Any]:  # fmt: skip
    """A label from what stands behind the answer: number of reports, their age, pooling of the closest cohort, spread."""
    n, months = int(at.reports[i]), _months(ask.EVIDENCE_TO, now.as_of)
    spread = math.log(pay[17] / pay[1])
    why = [f"{_counted(n)} comparable reports"]
    points = (2 if n >= _PLENTY else 1 if n >= _SOME else 0) + (
        1 if spread < _NARROW else 0 if spread < _WIDE else -1
    )
    if months > 24:
        points -= 1
        why.append(f"evidence is {months} months old")
    elif months > 0:
        why.append(f"evidence aged {months} months")
    if closest is None:
        points -= 1
        why.append("no cohort of this place may be shown")
    else:
        share = f", {closest[1]:.0%} of it pooled from wider ones".replace("%", " %") if closest[1] else ""
        why.append(f"closest cohort of {closest[0]} reports{share}")
        points -= closest[1] > _MOSTLY_POOLED
    if spread >= _WIDE:
        why.append("pay differs widely between people like this")
    if at.contradiction[i]:
        points -= 1
        why.append("level and years seldom go together")
    if place.kind in ("metro", "city") and at.effect[i][FACTORS.index("metro")] == 0.0:
        why.append(f"no reliable difference for {place.label.split(',')[0]}")
    if place.kind in ("region", "world"):
        points -= 1
        why.append("pay differs between the countries of this region")
    label = "low" if at.thin[i] or points <= 0 else "high" if points >= 3 else "moderate"
    return {"label": label, "why": why}


def _unsplit(ref: Reference, p: Profile) -> list[str]:
    """What to know of base or total where nothing in the release says what they are of cash."""
    if p.pay == "cash" or ref.measure.reports.any():
        return []
    return [f"no source of this release tells base, bonus and equity apart: {p.pay} is answered as cash"]


def _notes(p: Profile, at: Located, i: int, place: Place, n: int) -> list[str]:
    out = []
    if at.thin[i]:
        few = _counted(n)
        where = (
            place.label.split(",")[-1].strip() if place.kind in ("metro", "city", "state") else place.label
        )
        out.append(
            f"Modelled from {few} reports of this kind of role in {where}, and from other roles and countries."
        )
    if at.contradiction[i]:
        out.append("the level and the years given seldom go together: the range is wider")
    if p.years_ml is not None:
        out.append("years of machine learning: no separate effect is carried by the evidence, not used")
    if place.kind == "state":
        out.append(f"no term for {place.label}: answered for the country")
    if place.kind == "world" and p.location is None:
        out.append("no place was given: answered for the world as people report it; a place narrows it most")
    return out
