"""How pay moved within one source: yearly (or quarterly) effects adjusted for who answered.

    log pay = period + role + years band + level + education + error

by Huber's M-estimate within source x country (x role family where each period has enough); an interval counts at its
middle in logs, an amount in another currency at the month's rate. A period's effect is what the same mix of people would
report. Terms that rest on fewer than 10 people are joined; a period with fewer than LEAST reports is not shown.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from paylens.contract.vocabularies import roles
from paylens.places import money
from paylens.places.geography import countries

__all__ = ["LEAST", "Adjusted", "adjusted", "huber"]

LEAST: Final = 100
"""The fewest reports of a period."""
VAGUE: Final = 0.05
"""A period whose standard error is above this says nothing and is not shown."""
_TERM, _ROUNDS, _KNEE, _CLOSE = 10, 100, 1.345, 1e-5
_SOURCES: Final = ("stackoverflow", "kaggle", "levels_fyi", "aijobs")
_QUARTERS: Final = "levels_fyi"
_CODING: Final = "stackoverflow, by years of coding"
# Kaggle's lowest bracket is mostly noise.
_LEAST_PAY: Final = {"kaggle": 1000.0}
_BREAKS: Final = {
    ("stackoverflow", "2023"): "other questions than in 2017",
    ("stackoverflow", "2024"): "another extract: complete cases only",
    (
        "stackoverflow",
        "2025",
    ): "another extract: pay cut to 5,000-500,000 US dollars, years are of all coding",
    ("kaggle", "2022"): "only the employed have a title",
    ("aijobs", "2022"): "advertised ranges from here on, single figures before",
}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Adjusted:
    """One period of one source: log level against the first period, its standard error, reports, and a break before it."""

    source: str
    country: str
    family: str | None
    month: str
    log: float
    error: float
    n: int
    broken: str | None


def adjusted(table: pa.Table) -> list[Adjusted]:
    """Every source x country (and family) with two periods of LEAST reports or more; `table` are observations."""
    families = {e.id: str(e.attributes["family"]) for e in roles().entries}
    names = ["source", "vintage", "month", "role", "seniority", "country", "years_lo", "years_coding_lo", "education",
             "pay_lo", "pay_hi", "currency", "pay_flag"]  # fmt: skip
    of: dict[tuple[str, str, str | None], list[dict[str, Any]]] = defaultdict(list)
    table = table.filter(pa.compute.is_in(table["source"], pa.array(_SOURCES)))
    for row in table.select(names).to_pylist():
        if row["country"] is None or row["pay_flag"] is not None:
            continue
        # Advertised pay is that of employers in the United States, whatever the country named.
        if row["source"] == "aijobs" and (row["country"], row["currency"]) != ("US", "USD"):
            continue
        high = row["pay_hi"] or row["pay_lo"]
        if high <= _LEAST_PAY.get(row["source"], 0.0) or row["pay_lo"] <= 0:
            continue
        row["pay"] = 0.5 * (np.log(row["pay_lo"]) + np.log(high))
        row["period"] = _period(row)
        row["family"] = families.get(row["role"])
        for source in _variants(row):
            of[source, row["country"], None].append(row)
            if row["country"] == "US":
                of[source, row["country"], row["family"]].append(row)
    out: list[Adjusted] = []
    for key in sorted(of, key=lambda k: (k[0], k[1], k[2] or "")):
        out += _effects(*key, of[key])
    return out


def _variants(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Series of a source that a row belongs to: years at work were asked until 2024, years of coding since 2023."""
    if row["source"] != "stackoverflow":
        return (str(row["source"]),)
    return tuple(
        name
        for name, years in (("stackoverflow", "years_lo"), (_CODING, "years_coding_lo"))
        if row[years] is not None and (years == "years_lo" or row["vintage"] >= 2023)
    )


def _period(row: Mapping[str, Any]) -> str:
    year, month = str(row["month"]).split("-")
    return (
        f"{year}-{(int(month) - 1) // 3 * 3 + 2:02d}"
        if row["source"] == _QUARTERS
        else f"{row['vintage']}-06"
    )


def _local(rows: Sequence[Mapping[str, Any]]) -> Floats:
    """Log pay in the currency that most rows are in."""
    home = Counter(r["currency"] for r in rows).most_common(1)[0][0]
    rates: dict[tuple[str, str], float] = {}

    def shift(r: Mapping[str, Any]) -> float:
        if r["currency"] == home:
            return 0.0
        key = (r["currency"], r["month"])
        if key not in rates:
            rates[key] = float(
                np.log(money.rate(home, r["month"]).per_usd / money.rate(r["currency"], r["month"]).per_usd)
            )
        return rates[key]

    return np.array([r["pay"] + shift(r) for r in rows])


def _effects(source: str, country: str, family: str | None, rows: list[dict[str, Any]]) -> list[Adjusted]:
    counts = Counter(r["period"] for r in rows)
    periods = sorted(p for p, n in counts.items() if n >= LEAST)
    if len(periods) < 2:
        return []
    rows = [r for r in rows if r["period"] in periods]
    # The survey asks for pay in the person's own money, the extract gives dollars: a move of the rate is no move of pay.
    if source != _QUARTERS and country != "US" and _in_dollars(rows):
        rows = [r | {"pay": r["pay"] + _to_own(country, r["month"])} for r in rows]
    design, at = _design(source, rows, periods)
    fitted, error = huber(design, _local(rows))
    out = [Adjusted(source, country, family, periods[0], 0.0, 0.0, counts[periods[0]], None)]
    for k, period in enumerate(periods[1:]):
        broken = _BREAKS.get((source.split(",")[0], period[:4]))
        if error[at + k] > VAGUE:
            continue
        out.append(
            Adjusted(
                source,
                country,
                family,
                period,
                float(fitted[at + k]),
                float(error[at + k]),
                counts[period],
                broken,
            )
        )
    return out if len(out) > 1 else []


def _in_dollars(rows: Sequence[Mapping[str, Any]]) -> bool:
    return all(r["currency"] == "USD" for r in rows)


def _to_own(country: str, month: str) -> float:
    """What turns log dollars into log units of the country's own money; 0 where no rate is published."""
    own = _currencies().get(country, "USD")
    return float(np.log(money.rate(own, month).per_usd)) if own in money.currencies() else 0.0


@functools.cache
def _currencies() -> dict[str, str]:
    return {c.id: c.currency for c in countries()}


def _design(source: str, rows: Sequence[Mapping[str, Any]], periods: Sequence[str]) -> tuple[Floats, int]:
    """Columns of zeros and ones: constant, then each fact's values but the commonest, then periods but the first (from `at`)."""
    n = len(rows)
    columns = [np.ones(n)]
    for fact in (_role, _coding if source == _CODING else _band, _level, _education):
        values = [fact(r) for r in rows]
        counts = Counter(values)
        small = {v for v, k in counts.items() if k < _TERM}
        values = ["other" if v in small else v for v in values]
        first = Counter(values).most_common(1)[0][0]
        code = np.array(values)
        columns += [
            (code == v).astype(float) for v, k in sorted(Counter(values).items()) if v != first and k >= _TERM
        ]
    at = len(columns)
    code = np.array([r["period"] for r in rows])
    columns += [(code == p).astype(float) for p in periods[1:]]
    return np.column_stack(columns), at


def _role(r: Mapping[str, Any]) -> str:
    return str(r["role"])


def _band(r: Mapping[str, Any]) -> str:
    return "unknown" if r["years_lo"] is None else str(min(int(r["years_lo"]) // 3, 8))


def _coding(r: Mapping[str, Any]) -> str:
    return str(min(int(r["years_coding_lo"]) // 3, 10))


def _level(r: Mapping[str, Any]) -> str:
    return str(r["seniority"])


def _education(r: Mapping[str, Any]) -> str:
    return str(r["education"])


def huber(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Coefficients and standard errors of Huber's M-estimate with the usual knee; columns that others span share their weight."""
    # Winsorised residuals with one normal matrix: many cheap steps instead of a weighted fit each time.
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ (x.T @ y)
    scale = 1.0
    for _ in range(_ROUNDS):
        rest = y - x @ beta
        scale = max(1.4826 * float(np.median(np.abs(rest))), 1e-9)
        step = inverse @ (x.T @ np.clip(rest, -_KNEE * scale, _KNEE * scale))
        beta = beta + step
        if float(np.max(np.abs(step))) < _CLOSE:
            break
    rest = y - x @ beta
    psi = np.clip(rest / scale, -_KNEE, _KNEE)
    inside = float(np.mean(np.abs(rest / scale) < _KNEE))
    variance = (float(np.mean(psi**2)) / max(inside, 0.1) ** 2) * scale**2
    covariance = variance * inverse
    error: Floats = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return beta, error
