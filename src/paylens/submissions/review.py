"""What is held back until somebody has looked, and what they decided.

Three rules hold a report; all of them look at pay and at kinds of jobs, none at who sent it:

    fence       base lies outside median ± 4 robust scales of log base, in US dollars, of its country (of all reports where
                the country has fewer than 30)
    duplicate   all of its fields are those of another report, verified or not; the best verified one is let through
    ratio       bonus or equity is more than 20 times base: a month's base, or a whole grant

What is held is left out of exports until it is kept by name; anything can be dropped by name. The decisions lie beside
the private keys.
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import LEVELS
from paylens.places.money import rate
from paylens.submissions.keys import write_private_text
from paylens.submissions.opened import Opened
from paylens.submissions.reports import Report

__all__ = ["Held", "decide", "decisions", "held", "screened", "shown"]

FENCE: Final = 4.0
FENCE_FROM: Final = 30
LEAST_SCALE: Final = 0.2
MAD_TO_SD: Final = 1.4826
MOST_RATIO: Final = 20.0
DECISIONS: Final = "decisions.csv"
_WORDS = ("keep", "drop")


@dataclass(frozen=True)
class Held:
    """A report that a rule holds, and why."""

    one: Opened
    why: str


def held(found: Sequence[Opened]) -> list[Held]:
    """The reports that a rule holds, in the order of their names; the first rule that holds one is named."""
    outside = _outside(found)
    again = _again(found)
    out = []
    for one in found:
        extra = max(one.report.bonus or 0.0, one.report.equity or 0.0)
        if one.name in outside:
            out.append(Held(one, "fence"))
        elif one.name in again:
            out.append(Held(one, "duplicate"))
        elif extra > MOST_RATIO * one.report.base:
            out.append(Held(one, "ratio"))
    return out


def screened(found: Sequence[Opened], decided: Mapping[str, str]) -> tuple[list[Opened], Counter[str]]:
    """The reports that may go into an export, and how many may not, by reason."""
    whys = {one.one.name: one.why for one in held(found)}
    kept, out = [], Counter[str]()
    for one in found:
        if decided.get(one.name) == "drop":
            out["dropped"] += 1
        elif one.name in whys and decided.get(one.name) != "keep":
            out[whys[one.name]] += 1
        else:
            kept.append(one)
    return kept, out


def decisions(folder: Path) -> dict[str, str]:
    """What was decided, by report's name; empty where nothing was."""
    try:
        text = (folder / DECISIONS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        rows = {row["report"]: row["decision"] for row in csv.DictReader(io.StringIO(text))}
    except KeyError:
        rows = {"": ""}
    if not set(rows.values()) <= set(_WORDS):
        raise PaylensError(
            f"{folder / DECISIONS} is not a list of decisions: report,decision with keep or drop"
        )
    return rows


def decide(folder: Path, found: Iterable[Opened], names: Sequence[str], word: str) -> None:
    """Keep or drop reports by the beginning of their names (8 letters or more); InputError for one that is not there."""
    known = sorted(one.name for one in found)
    decided = decisions(folder)
    for name in names:
        meant = [full for full in known if len(name) >= 8 and full.startswith(name.lower())]
        if len(meant) != 1:
            raise InputError(f"--{word}", name[:40], f"'{name[:40]}' is not the name of one report")
        decided[meant[0]] = word
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("report", "decision"))
    writer.writerows(sorted(decided.items()))
    write_private_text(folder / DECISIONS, text.getvalue())


def shown(one: Held, decision: str | None) -> dict[str, Any]:
    """What a reviewer sees of a held report: the kind of job, its country and pay. No employer, no place within the
    country, no skills, none of the sender's own words."""
    report = one.one.report
    return {
        "report": one.one.name, "why": one.why, "decision": decision, "role": report.role,
        "seniority": report.seniority, "country": report.country, "base": report.base, "bonus": report.bonus,
        "equity": report.equity, "currency": report.currency, "month": report.month, "verification": one.one.level,
    }  # fmt: skip


def usd(report: Report) -> float:
    """Base in US dollars of its month."""
    return report.base / rate(report.currency, report.month).per_usd


def _outside(found: Sequence[Opened]) -> set[str]:
    logs = {one.name: math.log(usd(one.report)) for one in found}
    everyone = _fence(list(logs.values()))
    by_country: dict[str, list[Opened]] = defaultdict(list)
    for one in found:
        by_country[one.report.country].append(one)
    out = set()
    for ones in by_country.values():
        own = [logs[one.name] for one in ones]
        fence = _fence(own) or everyone
        out |= {one.name for one in ones if fence and not fence[0] <= logs[one.name] <= fence[1]}
    return out


def _fence(logs: Sequence[float]) -> tuple[float, float] | None:
    """Median ± 4 robust scales; None for fewer than `FENCE_FROM`."""
    if len(logs) < FENCE_FROM:
        return None
    middle = statistics.median(logs)
    scale = max(MAD_TO_SD * statistics.median(abs(x - middle) for x in logs), LEAST_SCALE)
    return middle - FENCE * scale, middle + FENCE * scale


def _again(found: Sequence[Opened]) -> set[str]:
    same: dict[Report, list[Opened]] = defaultdict(list)
    for one in found:
        same[one.report].append(one)
    out = set()
    for ones in same.values():
        best = max(ones, key=lambda one: (LEVELS[one.level], one.name))
        out |= {one.name for one in ones if one is not best}
    return out
