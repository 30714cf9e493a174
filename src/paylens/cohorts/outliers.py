"""Staged rules for amounts that cannot be a year's pay; every row that a rule takes out is kept and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import ibis
import pyarrow as pa

from paylens.cohorts.cells import Table, Tables

SANE_USD: Final = (1_000.0, 2_000_000.0)
"""A year's full-time pay, in US dollars, below or above which an answer is taken for noise or a slip."""
FENCE: Final = 4.0
"""Half-width of the robust fence, in robust standard deviations of log pay."""
FENCE_FROM: Final = 30
"""A country with fewer rows of a source than this is fenced with the whole source."""
LEAST_SCALE: Final = 0.2
"""The fence's scale is at least this: where half of the answers are one amount the median deviation is
zero.
"""
MAD_TO_SD: Final = 1.4826
PART_YEAR: Final = ("part-time", "self-employed", "student", "retired", "not-employed")
"""Employments to which the limits for full-time pay do not apply; an unknown one is taken for full-time."""

RULES: Final = (
    "no amount",
    "below sanity",
    "above sanity",
    "below official",
    "above official",
    "outside fence",
)


@dataclass(frozen=True)
class Screened:
    """What the rules made of the reports: `kept` rows, `dropped` rows with the column `rule`, both expressions, and
    `counts`: one row a source, measure and rule that took something, with `rows` (table rows) and `reports` (their
    weight)."""

    kept: Table
    dropped: Table
    counts: pa.Table


def screen(engine: Tables, reports: Table, official: pa.Table | None = None) -> Screened:
    """Apply the rules in their order; each row is counted by the first that takes it.

    Needs source, measure, country, lo, hi, per_usd and weight (see `build.COLUMNS`); `employment` is used
    where there is one. `official` may give limits: country, lo, hi in US dollars a year (either may be
    null). An interval is taken out only when all of it is outside.
    """
    columns = reports.columns
    t = engine.keep(_fenced(engine.keep(_staged(engine, reports, official))))
    dropped = t.filter(t.rule.notnull()).select(*columns, "rule")
    by_rule = dropped.group_by("source", "measure", "rule")
    counts = engine.arrow(
        by_rule.agg(rows=lambda x: x.count(), reports=lambda x: x.weight.sum()).order_by(
            "source", "measure", "rule"
        )
    )
    return Screened(t.filter(t.rule.isnull()).select(*columns), dropped, counts)


def _staged(engine: Tables, t: Table, official: pa.Table | None) -> Table:
    """The reports with the first of the fixed limits that takes each, and their ends in US dollars."""
    open_ = t.hi.isnull()
    amount = t.lo.notnull() & (t.lo >= 0) & (open_ | ((t.hi > 0) & (t.lo <= t.hi))) & (t.per_usd > 0)
    t = t.mutate(usd_lo=t.lo / t.per_usd, usd_hi=t.hi / t.per_usd, sound=amount.fill_null(False))
    whole = (
        ~t.employment.isin(PART_YEAR).fill_null(False) if "employment" in t.columns else ibis.literal(True)
    )
    # An interval is open above: a bracket that ends at the limit is below it.
    low = (t.usd_hi < SANE_USD[0]) | ((t.usd_hi <= SANE_USD[0]) & (t.lo < t.hi))
    rules = [(~t.sound, RULES[0]), (whole & low, RULES[1]), (whole & (t.usd_lo > SANE_USD[1]), RULES[2])]
    if official is not None:
        limits = engine.small(
            official.select(["country", "lo", "hi"]).rename_columns(["country", "least", "most"])
        )
        t = t.left_join(limits, "country").drop("country_right")
        rules += [(whole & (t.usd_hi < t.least), RULES[3]), (whole & (t.usd_lo > t.most), RULES[4])]
    return t.mutate(rule=ibis.cases(*rules))


def _fenced(t: Table) -> Table:
    """What lies wholly outside median ± 4 robust scales of log pay of its source, measure and country goes too.

    In US dollars, so that years of a currency that lost its value can be compared; medians are of the reports that no
    other rule took.
    """
    none = ibis.null("float64")
    open_ = t.usd_hi.isnull()
    low = t.sound.ifelse(ibis.greatest(t.usd_lo, open_.ifelse(1.0, t.usd_hi * 0.1)), none).ln()
    high = t.sound.ifelse(t.usd_hi, none).ln()
    t = t.mutate(
        low=low, high=high, middle=open_.ifelse(low, (low + high) / 2.0), where=t.country.fill_null("")
    )
    by_source, by_country = ["source", "measure"], ["source", "measure", "where"]
    t = _robust(_robust(t, by_source, "all"), by_country, "own")
    few = t.own_rows.fill_null(0) < FENCE_FROM
    centre = few.ifelse(t.all_centre, t.own_centre)
    reach = FENCE * few.ifelse(t.all_scale, t.own_scale)
    outside = (t.high < centre - reach) | (t.low > centre + reach)
    return t.mutate(rule=t.rule.fill_null(outside.fill_null(False).ifelse(RULES[5], ibis.null("string"))))


def _robust(t: Table, keys: list[str], name: str) -> Table:
    """`t` with the rows, the median and the robust scale (1.4826 × the median absolute deviation, at least 0.2) of its
    groups, as NAME_rows, NAME_centre, NAME_scale."""
    taken = [f"{key}_right" for key in keys]
    among = t.filter(t.rule.isnull())
    found = among.group_by(keys).agg(rows=lambda x: x.count(), centre=lambda x: x.middle.quantile(0.5))
    away = among.join(found, keys).mutate(away=lambda x: (x.middle - x.centre).abs())
    scale = away.group_by(keys).agg(scale=lambda x: x.away.quantile(0.5))
    found = found.join(scale, keys).mutate(scale=lambda x: ibis.greatest(MAD_TO_SD * x.scale, LEAST_SCALE))
    found = found.select(
        *keys, **{f"{name}_rows": found.rows, f"{name}_centre": found.centre, f"{name}_scale": found.scale}
    )
    return t.left_join(found, keys).drop(*taken)
