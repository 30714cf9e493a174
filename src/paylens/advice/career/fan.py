"""Pay over the years ahead as a fan, with the growth of wages in it, and when the next level is likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.advice.career.course import Draws, Here, Lived
from paylens.advice.estimate import Reference
from paylens.contract.errors import InputError
from paylens.places import wages
from paylens.places.geography import Place

__all__ = ["Growth", "fan", "growth", "levels"]

Floats = npt.NDArray[np.float64]
_SHOWN: Final = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Growth:
    """Wage growth from now: `logs` (years + 1), `error` one standard error a year, and the index it is from."""

    logs: Floats
    error: float
    index: str
    kind: str


def month_after(month: str, years: int) -> str:
    """The same month some years later."""
    return f"{int(month[:4]) + years}{month[4:]}"


def growth(ref: Reference, place: Place, as_of: str, years: int) -> Growth:
    """The growth of a place's wages over whole years; a wider area's is that of the countries with most reports.

    InputError for a month so late that the index does not reach `years` beyond it.
    """
    parts = (
        ((place.country, 1.0),) if place.country else ref.members.get(place.id, ref.members["world"])
    )  # fmt: skip
    if month_after(as_of, years) > wages.LAST_ASKED:
        message = (
            f"wages are followed to {wages.LAST_ASKED}: ask for fewer years, or an earlier month than {as_of}"
        )
        raise InputError("horizon", years, message)
    total = sum(w for _, w in parts)
    logs, error = np.zeros(years + 1), 0.0
    for country, weight in parts:
        index = wages.index(country)
        steps = [index.ratio(as_of, month_after(as_of, k))[0] for k in range(years + 1)]
        logs += weight / total * np.log(np.array(steps))
        error += weight / total * index.error_per_year
    first = wages.index(parts[0][0])
    name = first.name if place.country else "average of " + ", ".join(c for c, _ in parts)
    return Growth(logs, error, name, first.kind if place.country else "mixed")


def fan(here: Here, lived: Lived, draws: Draws, grows: Growth) -> list[dict[str, Any]]:
    """One row a year, from now: percentiles of gross pay in that year's money, and its middle in today's wages and kept."""
    ahead = np.arange(draws.years + 1)
    factor = np.exp(grows.logs[None, :] + draws.growth[:, None] * grows.error * ahead[None, :])
    then = np.quantile(lived.gross * factor, list(_SHOWN.values()), axis=0)
    today, kept = np.median(lived.gross, axis=0), np.median(lived.flow, axis=0)
    return [
        {
            "year": int(k), "month": month_after(here.as_of, int(k)),
            **{name: float(then[i, k]) for i, name in enumerate(_SHOWN)},
            "p50_today": float(today[k]), "kept_today": float(kept[k]),
        }
        for k in ahead
    ]  # fmt: skip


def levels(here: Here, lived: Lived, years: int) -> dict[str, Any] | None:
    """The shares of levels in each year: of people like the asker from their level on, or of all with as many years.

    None where no years of work are given.
    """
    p, ref = here.profile, here.ref
    if p.years_experience is None or p.seniority in ask.MANAGING:
        return None
    if lived.level is not None:
        shares = np.stack([(lived.level == k).mean(0) for k in range(len(ask.LADDER))], axis=1)
        of = f"people who are {p.seniority} now"
    else:
        family = int(ref.model.role_family[ref.index.at["roles"][p.role.id]])
        at = np.minimum(p.years_experience + np.arange(years + 1), 60).astype(np.int64)
        shares = ref.model.level_share[family, at]
        of = "all with as many years: give a level for your own"
    rows = [
        {"year": k, **dict(zip(ask.LADDER, map(float, row), strict=True))} for k, row in enumerate(shares)
    ]
    return {"of": of, "years": rows, "next": _next(shares, p.seniority)}


def _next(shares: Floats, level: str | None) -> dict[str, Any] | None:
    """The first year in which at least half have the next level; None without a level, or for the highest."""
    if level not in ask.LADDER or level == ask.LADDER[-1]:
        return None
    k = ask.LADDER.index(level) + 1
    had = shares[:, k:].sum(1) >= _HALF
    return {"level": ask.LADDER[k], "year": int(had.argmax()) if had.any() else None}
