"""Which published occupations a role is, in each source of official statistics: codes with weights."""

import csv
import functools
from io import StringIO

from paylens.contract.vocabularies.tables import read_table

__all__ = ["OFFICIAL", "industry_code", "occupations_of", "roles_with"]

# Sources of official statistics and the country that each is of.
OFFICIAL = {"us_oews": "US", "us_ncses": "US", "sg_mom": "SG"}


@functools.cache
def _blends() -> dict[str, dict[str, tuple[tuple[str, float], ...]]]:
    found: dict[str, dict[str, tuple[tuple[str, float], ...]]] = {}
    for row in csv.DictReader(StringIO(read_table("occupations"))):
        parts = (part.rsplit(":", 1) for part in row["codes"].split("|"))
        found.setdefault(row["source"], {})[row["role"]] = tuple(
            (code, float(weight)) for code, weight in parts
        )
    return found


def occupations_of(source: str, role: str) -> tuple[tuple[str, float], ...]:
    """The source's occupations that hold people of a role, by code, with weights that sum to 1; () where none does."""
    return _blends().get(source, {}).get(role, ())


def roles_with(source: str) -> tuple[str, ...]:
    """The roles that a source has an occupation for."""
    return tuple(_blends().get(source, {}))


@functools.cache
def _industries() -> dict[tuple[str, str], str]:
    rows = csv.DictReader(StringIO(read_table("official_industries")))
    return {(row["source"], row["industry"]): row["code"] for row in rows}


def industry_code(source: str, industry: str | None) -> str | None:
    """What a source calls an industry, None where it has none of its own for it."""
    return None if industry is None else _industries().get((source, industry))
