"""The whole pay model from observations: linked fit, reference tables, widths, measures; and its shipped form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from paylens.contract import vocabularies
from paylens.model.fit import measures, reference, spread
from paylens.model.fit.design import Bridges, Design, Names, assemble, bridges, carried, codes, link_groups
from paylens.model.fit.linked import FEWEST, REFERENCE, Fit, fit
from paylens.model.fit.rows import Floats, Rows
from paylens.model.predict.measures import MeasureModel
from paylens.model.predict.reference import ReferenceModel, from_arrays
from paylens.places import geography

__all__ = ["Linked", "PayModel", "as_arrays", "fit_linked", "fit_pay", "name_lists", "names_of"]

# Levels.fyi is large and of few employers: its rows weigh less, so that no one firm's ladder sets a country.
SOURCE_WEIGHT = {"levels_fyi": 0.03, "aijobs": 0.3, "us_lca": 1.0, "kaggle": 1.0, "stackoverflow": 1.0}
_WIDTHS = ("z", "width_family", "width_area", "width_years", "width_facts", "width_floor")


@dataclass(frozen=True)
class Linked:
    """One fit of the linked model and what was needed to read it."""

    names: Names
    bridge: Bridges
    design: Design
    fit: Fit
    rows: Rows
    model: ReferenceModel  # widths are placeholders


@dataclass(frozen=True)
class PayModel:
    """The reference view and its measures, ready to be written to a release."""

    names: Names
    model: ReferenceModel
    measures: MeasureModel
    sd: dict[str, float]
    scale: dict[str, float]
    noise: dict[str, float]
    linked: Linked


def names_of(rows: Rows) -> Names:
    """Levels of every factor: closed vocabularies whole, places and employers as far as reports carry them."""
    every = {c.id: c.region for c in geography.countries()}
    metros, counts = np.unique([m for m in rows.metro if m] or [""], return_counts=True)
    hired, staff = np.unique([e for e in rows.employer if e] or [""], return_counts=True)
    links = sorted({g for g in link_groups(rows) if g != "reference"})
    return Names(
        roles=tuple(vocabularies.roles().ids),
        families=tuple(sorted({str(e.attributes["family"]) for e in vocabularies.roles().entries})),
        countries=tuple(sorted(every)),
        regions=tuple(sorted(set(every.values()))),
        educations=tuple(vocabularies.educations().ids),
        sizes=tuple(vocabularies.sizes().ids),
        industries=tuple(vocabularies.industries().ids),
        remotes=("onsite", "hybrid", "remote"),
        employers=tuple(str(e) for e, n in zip(hired, staff, strict=True) if n >= 2 * FEWEST and e),
        metros=tuple(str(m) for m, n in zip(metros, counts, strict=True) if n >= FEWEST and m),
        skills=tuple(vocabularies.skills().ids),
        areas=(*sorted(every), *sorted(r.id for r in geography.regions())),
        links=tuple(links),
    )


def _region_of(names: Names) -> Floats:
    region = {c.id: c.region for c in geography.countries()}
    return codes(np.array([region[c] for c in names.countries], dtype=object), names.regions)


def _groups(names: Names) -> Floats:
    """Which countries each wider area holds, (G, C)."""
    members = {r.id: set(r.members) for r in geography.regions()}
    return np.array(
        [[c in members[g] for c in names.countries] for g in names.areas[len(names.countries) :]], dtype=float
    )


def _weighted(rows: Rows) -> Rows:
    return rows.weighted(rows.weight * np.array([SOURCE_WEIGHT.get(s, 1.0) for s in rows.source]))


def fit_linked(
    rows: Rows, *, names: Names | None = None, sd: dict[str, float] | None = None, like: Linked | None = None,
    rounds: int = 4, errors: bool = True, progress: Callable[[str], None] | None = None,
) -> Linked:  # fmt: skip
    """Fit the linked model to `rows`, starting from `like` where given, and read the reference's location tables off it; `errors` False skips their errors."""
    names = names or names_of(rows)
    bridge = bridges(rows, names.families)
    design = assemble(rows, names, bridge)
    # The reference's own logistic scale is its own group: the others never set its robustness.
    group = np.array(
        [f"{s}{REFERENCE if r else ''}" for s, r in zip(rows.source, rows.reference, strict=True)],
        dtype=object,
    )
    start = carried(like.design, like.fit.beta, design) if like else None
    fitted = fit(
        _weighted(rows),
        design,
        sd=sd,
        start=start,
        rounds=rounds,
        group=group,
        covariance=errors,
        progress=progress,
    )
    region_of = _region_of(names)
    family_of = reference.families_of(names)
    pop = reference.population(rows, names, bridge, region_of, _groups(names), family_of)
    arrays = reference.tables(fitted, design, rows, names, bridge, pop, region_of)
    return Linked(names, bridge, design, fitted, rows, from_arrays(arrays | _no_widths(arrays)))


def _no_widths(arrays: dict[str, Floats]) -> dict[str, Floats]:
    nf, na = arrays["reports"].shape
    k = len(arrays["knots"])
    shapes = {
        "z": (19,),
        "width_family": (nf, 2),
        "width_area": (na, 2),
        "width_years": (k, 2),
        "width_facts": (6, 2),
        "width_floor": (nf, 2),
    }
    return {name: np.zeros(shape) for name, shape in shapes.items()}


def _halves(respondent: Floats, seed: int) -> Floats:
    return np.random.default_rng(seed).integers(0, 2, len(respondent))


def fit_pay(
    rows: Rows, table: pa.Table, *, seed: int = 20261123, sd: dict[str, float] | None = None, rounds: int = 4,
    progress: Callable[[str], None] | None = None,
) -> PayModel:  # fmt: skip
    """Fit everything to `rows` (and the pay splits of `table`): location on all, widths on cross-fitted residuals."""
    whole = fit_linked(rows, sd=sd, rounds=rounds, progress=progress)
    half = _halves(rows.respondent, seed)
    found: list[spread.Residuals] = []
    for part in (0, 1):
        if progress:
            progress(f"cross-fit {part + 1} of 2")
        # Only reference rows are split: the linked sources never set the spread.
        seen = rows.where(~rows.reference | (half != part))
        model = fit_linked(seen, names=whole.names, sd=whole.fit.sd, like=whole, rounds=1, errors=False).model
        found += spread.residuals(model, rows.where(rows.reference & (half == part)), whole.names)
    model = spread.recentre(whole.model, found)
    model = spread.widths(model, spread.centred(found, whole.model, model), _level_gain(whole))
    noise = {s: float(whole.fit.noise[rows.source == s].mean()) for s in sorted(set(rows.source))}
    return PayModel(
        whole.names,
        model,
        measures.fit_measures(table, whole.names),
        whole.fit.sd,
        whole.fit.scale,
        noise,
        whole,
    )


def _level_gain(linked: Linked) -> Floats:
    """Log change of the mean absolute residual, lower and upper, when the level is known (reports that give both)."""
    rows = linked.rows
    own = np.flatnonzero((rows.source == "levels_fyi") & np.array([s is not None for s in rows.seniority]))
    if len(own) < 100:
        return np.zeros(2)
    x = linked.design.matrix[own]
    level = np.zeros(len(own))
    for name in ("level", "level:family", "level:region", "managing"):
        level += x[:, linked.design.slices[name]] @ linked.fit.beta[linked.design.slices[name]]
    told = rows.middle[own] - linked.fit.mu[own]
    untold = told + level
    untold = untold - np.median(untold)
    gain = [
        np.log(np.abs(told[np.sign(told) == s]).mean() / np.abs(untold[np.sign(untold) == s]).mean())
        for s in (-1, 1)
    ]
    return np.minimum(np.array(gain), 0.0)


def as_arrays(pay: PayModel) -> dict[str, Floats]:
    """Every table by name, for the release."""
    return {**pay.model.arrays(), **{f"measures.{k}": v for k, v in pay.measures.arrays().items()}}


def name_lists(names: Names) -> dict[str, list[str]]:
    """The levels of every factor as plain lists."""
    return {f.name: [str(v) for v in getattr(names, f.name)] for f in fields(names)}
