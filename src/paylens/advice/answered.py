"""What every answer in a source's own terms holds besides its figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from paylens.advice import asked as ask
from paylens.contract.profile import Profile
from paylens.model.predict.views import LEVELS
from paylens.places.geography import Place

__all__ = ["factor", "given", "reported"]

_KEYS = tuple(f"{level:.2f}" for level in LEVELS)
_SHOWN = {"p10": 1, "p25": 4, "p50": 9, "p75": 14, "p90": 17}


def reported(
    p: Profile, place: Place, *, pay: npt.NDArray[np.float64], currency: str, baseline: float, factors: list[dict[str, Any]],
    evidence: list[dict[str, Any]], why: list[str], notes: Sequence[str], release: str, market: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """An answer as the source `p.as_reported_in` would give it; `pay` are amounts in `currency` at the 19 levels.

    `market` is where the baseline is of, the place itself by default.
    """
    source = p.as_reported_in
    return {
        "role": {"asked": p.role.asked, "matched": p.role.id, "label": p.role.label, "score": round(p.role.score, 4)},
        "place": {
            "asked": p.location, "kind": place.kind, "id": place.id, "label": place.label, "country": place.country,
            "region": place.region, "metro": place.metro, "state": place.state,
        },
        "pay": p.pay, "currency": currency, "period": "year", "as_of": p.as_of or ask.this_month(), "as_reported_in": source,
        "percentiles": {name: float(pay[at]) for name, at in _SHOWN.items()},
        "quantiles": dict(zip(_KEYS, pay.tolist(), strict=True)), "total": None,
        "baseline": {"what": f"{p.role.label} in {market or place.label}, as {source} reports", "p50": baseline},
        "factors": factors, "ageing": None, "evidence": evidence, "confidence": {"label": "moderate", "why": why},
        "ignored": list(p.ignored), "notes": [*p.notes, *place.notes, *notes], "fx": None, "release": release,
    }  # fmt: skip


def factor(name: str, value: str, effect: float, error: float, note: str) -> dict[str, Any]:
    """One row of the factor table: `effect` in logs, `error` half of its 90 % interval."""
    return {
        "factor": name, "given": value, "multiplier": math.exp(effect), "low": math.exp(effect - error),
        "high": math.exp(effect + error), "note": note,
    }  # fmt: skip


def given(p: Profile, name: str) -> str:
    """A field of a profile as it reads."""
    value = getattr(p, name)
    if name == "skills":
        return ", ".join(map(ask.skill_label, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
