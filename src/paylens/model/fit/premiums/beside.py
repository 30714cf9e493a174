"""The pay model's own effect of the same move, beside each premium, and whether the two differ.

The model holds role, level, employer and all other facts fixed and shrinks towards nothing, so it stands nearest to the
direct premium. Both are shown: one headline number, and a difference is said rather than averaged away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["with_model"]

# kind of move -> the reference view's table (area, level) and the names of its levels
_LEVELS = {
    "education": ("education", "educations"),
    "industry": ("industry", "industries"),
    "company_size": ("company_size", "sizes"),
    "remote": ("remote", "remotes"),
}
_SKILLS = ("skill", "specialisation")


def with_model(
    table: pa.Table, arrays: Mapping[str, npt.NDArray[Any]], names: Mapping[str, list[str]]
) -> pa.Table:
    """A table of premiums with `model_effect` (log; null where the model has no such term) and `model_differs`: by more
    than one standard error of the premium. `arrays` and `names` are the reference view's (`pay.as_arrays`)."""
    columns = {k: table.column(k).to_pylist() for k in ("kind", "from", "to", "region", "effect", "se")}
    effect = [
        _effect(kind, a, b, "world" if region == "all" else region, arrays, names)
        for kind, a, b, region in zip(*(columns[k] for k in ("kind", "from", "to", "region")), strict=True)
    ]
    differs = [
        None if e is None else abs(own - e) > se
        for e, own, se in zip(effect, columns["effect"], columns["se"], strict=True)
    ]
    return table.append_column("model_effect", pa.array(effect, pa.float64())).append_column(
        "model_differs", pa.array(differs, pa.bool_())
    )


def _effect(
    kind: str, a: str | None, b: str | None, area: str, arrays: Mapping[str, npt.NDArray[Any]], names: Mapping[str, list[str]]
) -> float | None:  # fmt: skip
    if kind in _SKILLS:
        known = names["skills"]
        return round(float(arrays["skill_raw"][known.index(b)]), 6) if b in known else None
    if kind not in _LEVELS:
        return None
    table, levels = _LEVELS[kind]
    if area not in names["areas"] or a not in names[levels] or b not in names[levels]:
        return None
    own: npt.NDArray[np.float64] = arrays[table][names["areas"].index(area)]
    return round(float(own[names[levels].index(b)] - own[names[levels].index(a)]), 6)
