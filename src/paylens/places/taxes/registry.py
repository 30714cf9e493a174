"""Which countries have law here, which year answers for a month, and what each takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from paylens.places.taxes import (
    canada,
    france,
    germany,
    india,
    ireland,
    netherlands,
    singapore,
    switzerland,
    united_kingdom,
    united_states,
)
from paylens.places.taxes.law import Law, Line, Pay, laws_of
from paylens.places.taxes.region import Region
from paylens.places.taxes.us_states import states

__all__ = ["Unavailable", "countries", "deductions", "law_at", "law_notes"]

Rules = Callable[[Law, Pay], list[Line]]
Notes = Callable[[Law, Pay], list[str]]


@dataclass(frozen=True)
class Unavailable(Exception):
    """There is no law here for a region; `reason` is a sentence for the reader."""

    reason: str


RULES: Final[dict[str, Rules]] = {
    "CA": canada.lines,
    "CH": switzerland.lines,
    "DE": germany.lines,
    "FR": france.lines,
    "GB": united_kingdom.lines,
    "IE": ireland.lines,
    "IN": india.lines,
    "NL": netherlands.lines,
    "SG": singapore.lines,
    "US": united_states.lines,
}
NOTES: Final[dict[str, Notes]] = {
    "GB": united_kingdom.notes,
    "SG": singapore.notes,
    "US": united_states.notes,
}


def countries() -> tuple[str, ...]:
    """ISO codes of the countries with law here."""
    return tuple(sorted(RULES))


def law_at(region: Region, month: str) -> Law:
    """The law for a region in a month ('YYYY-MM'): the year that holds it, else the nearest known, with a note.

    Raises Unavailable where there is none.
    """
    if region.country not in RULES:
        raise Unavailable("the taxes of this place are not known here: compare it before tax")
    _check(region)
    said: tuple[str, ...] = ()
    known = [law for law in laws_of(region.country) if region.country != "CA" or region.part in law.blocks]
    law = next((law for law in known if law.first_month <= month <= law.last_month), None)
    if law is None:
        before = [law for law in known if law.first_month <= month]
        law = before[-1] if before else known[0]
        said = (f"the law of {law.tax_year} is used, the nearest to {month} that is known here",)
    return replace(law, region=region, notes=(*said, *law.notes))


def _check(region: Region) -> None:
    """Unavailable, with the reason, where the law is of parts of a country and not of this one."""
    if region.country == "US" and region.part not in states():
        raise Unavailable("take-home pay in the United States needs a state: name a city or a state")
    if region.country == "CA":
        if region.part is None:
            raise Unavailable(
                "take-home pay in Canada needs a province: name Toronto, Vancouver, Ontario or British Columbia"
            )
        if region.part not in {"ca-on", "ca-bc"}:
            raise Unavailable(
                "of Canada's provinces only Ontario and British Columbia are known here: compare before tax"
            )
    if region.country == "CH" and region.part != "ch-zurich":
        raise Unavailable(
            "in Switzerland only the city of Zurich is known here: compare other places before tax"
        )


def deductions(law: Law, pay: Pay) -> list[Line]:
    """Every tax and contribution taken from a pay, in the order they are named by law."""
    return RULES[law.country](law, pay)


def law_notes(law: Law, pay: Pay) -> list[str]:
    """What a reader should know of the law that was applied."""
    own = NOTES.get(law.country)
    return [*law.notes, *(own(law, pay) if own else [])]
