"""The columns of the linked model: what each report says, as sparse blocks with a name and a kind of shrinkage.

A fact that a report does not give enters at its expectation given the facts it does give: professional years through
years of coding or through the level, a level through the years. So the same coefficient means the same thing in a
survey that asks level, years or both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from paylens.model.fit.rows import Floats, Rows, Texts

__all__ = [
    "KNOTS",
    "LADDER",
    "MANAGING",
    "Block",
    "Bridges",
    "Design",
    "assemble",
    "bridges",
    "carried",
    "codes",
    "hats",
]

KNOTS = np.array([0.0, 1, 2, 3, 5, 7, 10, 14, 20, 28, 40])
LADDER = ("entry", "mid", "senior", "staff", "principal")
MANAGING = ("manager", "director", "executive")
_YEARS_PRIOR = 20.0  # reports that the pooled share weighs as, in a family's own level-by-years table

Ints = npt.NDArray[np.int64]


def hats(years: Floats) -> Floats:
    """Piecewise-linear basis at `KNOTS`: (n, 11), rows sum to 1; a row of zeros where years are unknown."""
    known = np.isfinite(years)
    at = np.clip(np.where(known, years, 0.0), KNOTS[0], KNOTS[-1])
    left = np.clip(np.searchsorted(KNOTS, at, side="right") - 1, 0, len(KNOTS) - 2)
    share = (at - KNOTS[left]) / (KNOTS[left + 1] - KNOTS[left])
    basis = np.zeros((len(years), len(KNOTS)))
    index = np.arange(len(years))
    basis[index, left] = 1 - share
    basis[index, left + 1] += share
    return basis * known[:, None]


def codes(values: Texts, known: Sequence[str]) -> Ints:
    """Position of each value in `known`, -1 where absent."""
    place = {v: i for i, v in enumerate(known)}
    return np.array([place.get(v, -1) for v in values], dtype=np.int64)


@dataclass(frozen=True)
class Bridges:
    """What one measure of experience says about another, counted from the reports that give both.

    `from_coding`: (61, 11) expected basis of professional years for 0..60 years of coding.
    `levels`: family -> (61, 5) share of each ladder level at 0..60 professional years.
    `from_level`: family -> (5, 11) expected basis of professional years at each level.
    """

    from_coding: Floats
    levels: dict[str, Floats]
    from_level: dict[str, Floats]


def _smooth(counts: Floats, bandwidth: float = 1.5) -> Floats:
    grid = np.arange(len(counts))
    kernel = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / (bandwidth * (1 + grid[:, None] / 15))) ** 2)
    total: Floats = kernel @ counts
    return total


def bridges(rows: Rows, families: Sequence[str]) -> Bridges:
    """Count the bridges; levels are smoothed so that a higher level never means fewer expected years."""
    both = np.isfinite(rows.years) & np.isfinite(rows.coding) & (rows.source == "stackoverflow")
    grid = np.clip(rows.coding[both], 0, 60).round().astype(int)
    counts = np.zeros((61, len(KNOTS)))
    np.add.at(counts, grid, hats(np.minimum(rows.years[both], rows.coding[both])))
    smooth = _smooth(counts + 1e-3 * hats(np.maximum(np.arange(61.0) - 4, 0)))
    from_coding = smooth / smooth.sum(1, keepdims=True)
    level = codes(rows.seniority, LADDER)
    known = (level >= 0) & np.isfinite(rows.years)
    at = np.clip(rows.years, 0, 60)
    levels, from_level = {}, {}
    pooled = _level_counts(at[known], level[known])
    everyone = _smooth(pooled + 1e-2)
    share = everyone / everyone.sum(1, keepdims=True)
    for name in families:
        own = known & (rows.family == name)
        table = _smooth(_level_counts(at[own], level[own])) + _YEARS_PRIOR * share
        levels[name] = table / table.sum(1, keepdims=True)
        people = pooled.sum(1) + _level_counts(at[own], level[own]).sum(1)
        joint = levels[name] * (_smooth(people[:, None])[:, 0] + 1e-6)[:, None]
        from_level[name] = _rising(joint.T @ hats(np.arange(61.0)) / joint.sum(0)[:, None])
    return Bridges(from_coding, levels, from_level)


def _level_counts(years: Floats, level: Ints) -> Floats:
    counts = np.zeros((61, len(LADDER)))
    np.add.at(counts, (years.round().astype(int), level), 1.0)
    return counts


def _rising(basis: Floats) -> Floats:
    """Make the years' distribution of each level stochastically larger than the level's before it."""
    tail = np.cumsum(basis[:, ::-1], axis=1)[:, ::-1]
    tail = np.maximum.accumulate(tail, axis=0)
    out = tail.copy()
    out[:, :-1] -= tail[:, 1:]
    return out


@dataclass(frozen=True)
class Block:
    """Columns that share a prior: coefficients ~ Normal(0, sd^2); `free` blocks keep their sd, others learn it."""

    name: str
    labels: tuple[object, ...]
    matrix: sp.csr_matrix
    sd: float
    free: bool = False


@dataclass
class Design:
    """Blocks side by side; `slices` says which columns are whose."""

    blocks: list[Block] = field(default_factory=list)

    def add(
        self, name: str, labels: Sequence[object], matrix: sp.csr_matrix, sd: float, *, free: bool = False
    ) -> None:
        """Append a block; columns that no report touches are kept, at their prior."""
        self.blocks.append(Block(name, tuple(labels), matrix.tocsr(), sd, free))

    @property
    def matrix(self) -> sp.csr_matrix:
        """All columns, (n, p)."""
        return sp.hstack([b.matrix for b in self.blocks], format="csr")

    @property
    def slices(self) -> dict[str, slice]:
        """Which columns are each block's."""
        at, out = 0, {}
        for block in self.blocks:
            out[block.name] = slice(at, at + len(block.labels))
            at += len(block.labels)
        return out


def _indicator(code: Ints, width: int, value: Floats | None = None) -> sp.csr_matrix:
    known = np.flatnonzero(code >= 0)
    data = np.ones(len(known)) if value is None else value[known]
    return sp.csr_matrix((data, (known, code[known])), shape=(len(code), width))


def _crossed(first: Ints, second: Ints, width: int) -> Ints:
    return np.where((first >= 0) & (second >= 0), first * width + second, -1)


def _by_group(basis: Floats, group: Ints, groups: int) -> sp.csr_matrix:
    """Each row's basis placed in its group's columns: (n, groups * k)."""
    width = basis.shape[1]
    rows, cols = np.nonzero(basis)
    ok = group[rows] >= 0
    rows, cols = rows[ok], cols[ok]
    return sp.csr_matrix(
        (basis[rows, cols], (rows, group[rows] * width + cols)), shape=(len(group), groups * width)
    )


def experience(rows: Rows, bridge: Bridges) -> tuple[Floats, Floats]:
    """Expected basis of professional years (n, 11), and level minus its expectation (n, 5), for each report."""
    basis = hats(rows.years)
    coded = ~np.isfinite(rows.years) & np.isfinite(rows.coding)
    basis[coded] = bridge.from_coding[np.clip(rows.coding[coded], 0, 60).round().astype(int)]
    level = codes(rows.seniority, LADDER)
    surprise = np.zeros((len(rows), len(LADDER)))
    for name in set(rows.family):
        own = (rows.family == name) & (level >= 0)
        dated = own & np.isfinite(rows.years)
        surprise[dated] = np.eye(len(LADDER))[level[dated]]
        surprise[dated] -= bridge.levels[name][np.clip(rows.years[dated], 0, 60).round().astype(int)]
        undated = own & ~np.isfinite(rows.years)
        basis[undated] = bridge.from_level[name][level[undated]]
        at_knots = bridge.levels[name][KNOTS.astype(int)]
        surprise[undated] = np.eye(len(LADDER))[level[undated]] - basis[undated] @ at_knots
    return basis, surprise


BANDS = ("entry", "mid", "senior", "unknown")


def _bands(basis: Floats) -> Ints:
    """Experience band by expected years: entry [0, 3), mid [3, 5), senior [5, inf), unknown."""
    years = basis @ KNOTS
    band = np.digitize(years, [3.0, 5.0])
    return np.where(basis.sum(1) > 0, band, 3).astype(np.int64)


def link_groups(rows: Rows) -> Texts:
    """Which questionnaire a report answers, as far as it shifts pay: the reference's own vintages are one."""
    return np.array(
        [
            "reference" if ref else f"{s}-{v}" if s in ("kaggle", "stackoverflow") else s
            for ref, s, v in zip(rows.reference, rows.source, rows.vintage, strict=True)
        ]
        + [None],
        dtype=object,
    )[:-1]


@dataclass(frozen=True)
class Names:
    """The levels of every factor, in the order of their columns."""

    roles: tuple[str, ...]
    families: tuple[str, ...]
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    educations: tuple[str, ...]
    sizes: tuple[str, ...]
    industries: tuple[str, ...]
    remotes: tuple[str, ...]
    employers: tuple[str, ...]
    metros: tuple[str, ...]
    skills: tuple[str, ...]
    areas: tuple[str, ...]  # countries, then wider areas
    links: tuple[str, ...]


def assemble(rows: Rows, names: Names, bridge: Bridges) -> Design:
    """The linked model's design for `rows`, with each block's starting prior."""
    d = Design()
    role, family = codes(rows.role, names.roles), codes(rows.family, names.families)
    country, region = codes(rows.country, names.countries), codes(rows.region, names.regions)
    nc, nf, nr = len(names.countries), len(names.families), len(names.regions)
    ones = np.zeros(len(rows), dtype=np.int64)
    d.add("intercept", ("all",), _indicator(ones, 1), 10.0, free=True)
    d.add("region", names.regions, _indicator(region, nr), 1.0)
    d.add("country", names.countries, _indicator(country, nc), 0.4)
    d.add("family", names.families, _indicator(family, nf), 0.3)
    d.add("role", names.roles, _indicator(role, len(names.roles)), 0.15)
    d.add("family:country", range(nf * nc), _indicator(_crossed(family, country, nc), nf * nc), 0.08)
    cells = _present(_crossed(role, country, nc))
    d.add("role:country", cells, _indicator(codes_int(_crossed(role, country, nc), cells), len(cells)), 0.06)
    basis, surprise = experience(rows, bridge)
    _experience_blocks(d, basis, surprise, (family, nf), (country, nc), (region, nr))
    manage = codes(rows.seniority, MANAGING)
    d.add("managing", MANAGING, _indicator(manage, len(MANAGING)), 0.4)
    _fact_blocks(d, rows, names, region)
    _source_blocks(d, rows, names, basis)
    return d


def _present(code: Ints) -> tuple[int, ...]:
    return tuple(int(v) for v in np.unique(code[code >= 0]))


def codes_int(values: Ints, known: Sequence[int]) -> Ints:
    """Position of each integer of `values` in the sorted `known`, -1 where absent."""
    table = np.asarray(known, dtype=np.int64)
    if not len(table):
        return np.full(len(values), -1, dtype=np.int64)
    at = np.clip(np.searchsorted(table, values), 0, max(len(table) - 1, 0))
    return np.where((values >= 0) & (table[at] == values), at, -1)


def _experience_blocks(
    d: Design,
    basis: Floats,
    surprise: Floats,
    family: tuple[Ints, int],
    country: tuple[Ints, int],
    region: tuple[Ints, int],
) -> None:
    k = len(KNOTS)
    # The curve is a random walk over knots: smooth, and its size learnt.
    walk = np.tril(np.ones((k, k)))[:, 1:]
    steps = basis @ walk
    d.add("years", tuple(KNOTS[1:]), sp.csr_matrix(steps), 0.15)
    for name, (group, groups) in (
        ("years:family", family),
        ("years:region", region),
        ("years:country", country),
    ):
        d.add(name, range(groups * (k - 1)), _by_group(steps, group, groups), 0.03)
    d.add("level", LADDER, sp.csr_matrix(surprise), 0.3)
    d.add("level:family", range(family[1] * len(LADDER)), _by_group(surprise, *family), 0.05)
    d.add("level:region", range(region[1] * len(LADDER)), _by_group(surprise, *region), 0.05)


def _fact_blocks(d: Design, rows: Rows, names: Names, region: Ints) -> None:
    nr = len(names.regions)
    for name, values, known in (
        ("education", rows.education, names.educations),
        ("company_size", rows.company_size, names.sizes),
        ("industry", rows.industry, names.industries),
        ("remote", rows.remote, names.remotes),
    ):
        code = codes(values, known)
        d.add(name, known, _indicator(code, len(known)), 0.15)
        width = len(known)
        d.add(
            f"{name}:region", range(nr * width), _indicator(_crossed(region, code, width), nr * width), 0.04
        )
    d.add(
        "employer",
        names.employers,
        _indicator(codes(rows.employer, names.employers), len(names.employers)),
        0.2,
    )
    d.add("metro", names.metros, _indicator(codes(rows.metro, names.metros), len(names.metros)), 0.1)
    place = {s: i for i, s in enumerate(names.skills)}
    pairs = [(i, place[s]) for i, listed in enumerate(rows.skills) for s in listed or () if s in place]
    at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    matrix = sp.csr_matrix((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(rows), len(names.skills)))
    matrix.data[:] = 1.0
    d.add("skill", names.skills, matrix, 0.03)


def _source_blocks(d: Design, rows: Rows, names: Names, basis: Floats) -> None:
    """Offsets of each linked questionnaire; the reference itself has none."""
    group = link_groups(rows)
    link = codes(group, names.links)
    n, region = len(names.links), codes(rows.region, names.regions)
    d.add("link", names.links, _indicator(link, n), 0.5)
    nr = len(names.regions)
    d.add("link:region", range(n * nr), _indicator(_crossed(link, region, nr), n * nr), 0.1)
    country = codes(rows.country, names.countries)
    nc = len(names.countries)
    cells = _present(_crossed(link, country, nc))
    d.add("link:country", cells, _indicator(codes_int(_crossed(link, country, nc), cells), len(cells)), 0.1)
    band = _bands(basis)
    d.add("link:band", range(n * 4), _indicator(_crossed(link, band, 4), n * 4), 0.1)
    family = codes(rows.family, names.families)
    nf = len(names.families)
    d.add("link:family", range(n * nf), _indicator(_crossed(link, family, nf), n * nf), 0.1)
    role = codes(rows.role, names.roles)
    pairs = _present(_crossed(link, role, len(names.roles)))
    d.add(
        "link:role",
        pairs,
        _indicator(codes_int(_crossed(link, role, len(names.roles)), pairs), len(pairs)),
        0.08,
    )
    _answered_blocks(d, rows, link, n)
    # Extracts and filters of the reference differ between years; a small, shrunken effect, averaged over in answers.
    year = np.where(rows.reference, rows.vintage - 2023, -1)
    d.add("vintage", (2023, 2024, 2025), _indicator(year, 3), 0.03, free=True)
    d.add("vintage:country", range(3 * nc), _indicator(_crossed(year, country, nc), 3 * nc), 0.04, free=True)


def _answered_blocks(d: Design, rows: Rows, link: Ints, n: int) -> None:
    """Whether an optional question was answered, by questionnaire; and how many skills were ticked, a control."""
    every = np.where(link >= 0, link, n)
    for name, values in (
        ("education", rows.education),
        ("company_size", rows.company_size),
        ("industry", rows.industry),
    ):
        missing = np.array([v is None for v in values])
        d.add(
            f"no answer:{name}",
            range(n + 1),
            _indicator(np.where(missing, every, -1), n + 1),
            0.05,
            free=True,
        )
    ticked = np.array([len(s or ()) for s in rows.skills], dtype=float)
    d.add("ticked", range(n + 1), _indicator(every, n + 1, np.log1p(ticked)), 0.1)


def carried(old: Design, beta: Floats, new: Design) -> Floats:
    """Coefficients of one design as a start for another: by label where blocks hold other columns."""
    out = []
    slices = old.slices
    labels = {b.name: b.labels for b in old.blocks}
    for block in new.blocks:
        had = beta[slices[block.name]] if block.name in slices else np.zeros(0)
        if labels.get(block.name) == block.labels:
            out.append(had)
        else:
            at = dict(zip(labels.get(block.name, ()), had.tolist(), strict=True))
            out.append(np.array([at.get(label, 0.0) for label in block.labels]))
    return np.concatenate(out)
