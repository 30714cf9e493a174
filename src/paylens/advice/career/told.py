"""What a career's answer says of itself: assumptions with their sources, notes, the table of premiums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.advice.career.asked import Asked
from paylens.advice.career.course import Plan
from paylens.advice.career.efforts import sources
from paylens.advice.career.fan import FORECAST
from paylens.advice.premiums import FILE, Premiums
from paylens.contract.errors import PaylensError
from paylens.contract.profile import Profile
from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["assumptions", "notes", "table_of"]


def assumptions(
    asked: Asked, rows: Sequence[Mapping[str, Any]], plans: Sequence[Plan]
) -> list[dict[str, Any]]:
    """Each assumption by name: its value, where it is from, and what it says."""
    o = asked.options
    out: list[dict[str, Any]] = [
        {"name": "persistence", "value": o.persistence, "source": "assumption",
         "says": "a person stays near their own place among people like them: the yearly correlation of their normal score"},
        {"name": "discount_rate", "value": o.discount_rate, "source": "assumption",
         "says": "money that comes a year later counts so much less, beyond the growth of all wages"},
        {"name": "working_years", "value": o.working_years, "source": "assumption", "says": "a degree is counted for so many years"},
        {"name": "levels", "value": None, "source": "assumption",
         "says": "a person keeps their place in the order of levels among people with as many years"},
        {"name": "taxes", "value": None, "source": "assumption",
         "says": "the law of the month asked for is kept and moves with wages; stipends are not taxed"},
        {"name": "elsewhere", "value": None, "source": "assumption",
         "says": "after a move abroad wages grow as at home once prices and exchange rates are counted"},
    ]  # fmt: skip
    used = {s for row in rows for s in row["effort"]["source"].values()}
    used |= {s for plan in plans if plan.taken is not None for s in plan.taken.source.values()}
    known = sources()
    for id in sorted(used - {"given", "assumption"}):
        if id in known:
            row = known[id]
            out.append({
                "name": id, "value": None, "source": f"{row['publisher']}, {row['vintage']}", "says": row["title"],
            })  # fmt: skip
    return out


def notes(
    asked: Asked, home: Place, premiums: Premiums | None, starts: Profile, rows: Sequence[Mapping[str, Any]],
    growth: Mapping[str, Any],
) -> list[str]:  # fmt: skip
    """What a reader should know; `growth` is the path's."""
    p = asked.profile
    out = [*p.notes, *home.notes]
    if premiums is None:
        out.append(
            "this release holds no premiums: figures are the pay model's, and publishing and open source have none"
        )
    out.append(_wages(growth))
    if p.years_experience is None:
        out.append(
            "no years of work were given: the path has the growth of wages in it, not that of experience"
        )
    if starts.seniority != p.seniority:
        out.append(f"the plans start from the level {starts.seniority}, the most common with as many years")
    if home.country is None:
        out.append("no country was given: moves to other places and tax need one")
    if any(row["kind"] == "place" for row in rows):
        out.append("a move to another country needs the right to work there, which is not looked at")
    if any("unknown" in row["effort"]["source"].values() for row in rows):
        out.append("no tuition is known here for a degree: it counts as nothing until you give it (efforts)")
    out.append(
        "gains are associations after adjusting for what is named, not what a course or a move does to one person"
    )
    return list(dict.fromkeys(out))


def _wages(growth: Mapping[str, Any]) -> str:
    """Where the growth of wages ahead is from, and how far it was ever tested."""
    if growth["basis"] != FORECAST:
        return "this release has no forecast: wages ahead follow the wage index, which was never back-tested"
    tested = growth["tested_to"]
    reach = "none of it back-tested" if tested is None else f"back-tested as far as {tested}"
    return f"wages ahead are those of the forecast, {reach}"


def table_of(premiums: Premiums | None, asked: Asked, release: str) -> dict[str, Any] | None:
    """The table of premiums in the cut asked for; PaylensError where the release has none."""
    cut = asked.premiums
    if cut is None:
        return None
    if premiums is None:
        raise PaylensError(f"release {release} has no {FILE}: build it again to ask for premiums")
    place = geography.resolve(cut["place"]) if "place" in cut else None
    region = "all" if place is None or place.kind == "world" else place.country or place.id
    chosen = {k: cut[k] for k in ("seniority", "estimand", "sort") if k in cut}
    rows = premiums.rows(cut.get("kind"), region=region, **chosen)
    return {
        "region": region, "kind": cut.get("kind"), "seniority": cut.get("seniority", "all"),
        "estimand": cut.get("estimand", "total"), "rows": [row.as_dict() for row in rows],
    }  # fmt: skip
