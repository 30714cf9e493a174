"""What does the market pay: one cell, or a table by a factor or two, each source beside the others and never averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paylens.advice import asked as ask
from paylens.advice.benchmark.asked import Asked, cut_of, parse, whole_order
from paylens.advice.benchmark.grid import grid
from paylens.advice.benchmark.money import Money
from paylens.advice.benchmark.rows import Row, Rows, Values
from paylens.advice.estimate import Reference
from paylens.advice.official import OfficialFigures
from paylens.contract.vocabularies.occupations import OFFICIAL
from paylens.places.geography import Place
from paylens.places.money import rate

__all__ = ["benchmark"]

_MOST_OPEN = 25
_LEVELS = ("entry", "mid", "senior")
_OF_ITS_OWN = frozenset({"paylens", *OFFICIAL})


@dataclass
class _Group:
    """The rows of one value in one place."""

    place: Place
    values: Values
    rows: list[Row] = field(default_factory=list)


@dataclass
class _Table:
    """The groups of one place, in order, and what did not fit."""

    rows: Rows
    groups: list[_Group]
    found: int = 0
    withheld: int = 0
    order: str = ""
    notes: tuple[str, ...] = ()


def benchmark(ref: Reference, official: OfficialFigures, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a benchmark's question, of the shape described in docs/interface.md.

    `fields` are a profile's fields and by, source, adjust, sort, top, compare, guide. Raises InputError for what is not
    understood, and for a cut that is not made, with those that are.
    """
    asked = parse(fields, ref.cuts)
    if asked.guide:
        return _shape(ref, asked, _nine(ref, official, asked))
    first = asked.places[0]
    tables = [_table(ref, official, asked, place, asked.by, _money(asked, first)) for place in asked.places]
    return _shape(ref, asked, _side_by_side(tables))


def _money(asked: Asked, place: Place) -> Money:
    own = "USD" if asked.adjust == "ppp" else asked.profile.currency or ask.local_currency(place.currency)
    return Money(own, asked.as_of, asked.adjust)


def _nine(ref: Reference, official: OfficialFigures, asked: Asked) -> list[_Table]:
    """The guide's cells: three places, each by years and by title, under the guide's three levels."""
    out = []
    for place in asked.places:
        money = _money(asked, place)
        by_years = _table(ref, official, asked, place, ("years",), money)
        by_title = _table(ref, official, asked, place, ("seniority",), money, cohorts_alone=True)
        titles = {g.values: g for g in by_title.groups}
        for group in by_years.groups:
            # The guide's range and the model's answer once, by years; a title's cohorts beside those of years.
            extra = titles.get(group.values)
            group.rows += [r | {"note": "by title"} for r in extra.rows] if extra else []
        by_years.groups = [g for g in by_years.groups if not g.values or g.values[0] in _LEVELS]
        by_years.found, by_years.withheld = sum(bool(g.values) for g in by_years.groups), 0
        by_years.notes = tuple(dict.fromkeys((*by_years.notes, *by_title.notes)))
        out.append(by_years)
    return out


def _table(
    ref: Reference, official: OfficialFigures, asked: Asked, place: Place, by: Sequence[str], money: Money,
    *, cohorts_alone: bool = False,
) -> _Table:  # fmt: skip
    cut = cut_of(asked, place, by, ref.cuts)
    rows = Rows(ref, official, asked, place, by, cut, money)
    sources = [s for s in ref.cuts.sources if asked.source in (None, s)]
    published = {s: rows.values_of(s) for s in sources}
    table = _Table(rows, [], notes=cut.notes)
    values = _values(table, asked, published, sources)
    groups = {v: _Group(place, v) for v in values}
    for source, cells in published.items():
        for v, at in cells.items():
            groups[v].rows.append(rows.measured(v, source, at))
    early = asked.source in _OF_ITS_OWN
    if early:
        _fill(table, list(groups.values()), asked)
    table.groups = _ordered(table, list(groups.values()), asked)
    table.found = len(groups)
    top = asked.top if asked.top is not None else None if _closed(by) else _MOST_OPEN
    if top is not None:
        table.groups = table.groups[:top]
    if not early:
        if not cohorts_alone:
            _fill(table, table.groups, asked)
        _keep_back(table, sources, published)
    if not cohorts_alone:
        _add_whole(table, asked)
    table.groups = [g for g in table.groups if g.rows]
    return table


def _closed(by: Sequence[str]) -> bool:
    return all(f == "year" or whole_order(f) for f in by)


def _values(
    table: _Table, asked: Asked, published: Mapping[str, Mapping[Values, int]], sources: Sequence[str]
) -> list[Values]:
    """Every value that has a row: what is published, of closed factors also what is withheld or only modelled."""
    rows = table.rows
    found = {v: None for cells in published.values() for v in cells}
    if not rows.by:
        return [()]
    if asked.source in OFFICIAL and rows.by in (("metro",), ("state",)):
        areas = rows.official.areas(asked.source, rows.role.id, rows.by[0])
        found = {(id,): None for id in areas if rows.inside((id,), (rows.by[0],))}
    elif asked.source in _OF_ITS_OWN:
        found = {v: None for s in rows.cuts.sources for v in rows.values_of(s)}
    elif asked.source == "guide" or _closed(rows.by):
        orders = [whole_order(f) for f in rows.by]
        if len(orders) == 1 and orders[0]:
            found |= {(v,): None for v in orders[0]}
    if not _closed(rows.by) and asked.source not in _OF_ITS_OWN:
        hidden = Counter(v for s in sources for v in rows.withheld_values(s))
        table.withheld = len(hidden.keys() - found.keys())
    return list(found)


def _fill(table: _Table, groups: Sequence[_Group], asked: Asked) -> None:
    """Adds the rows that are no cohorts: the model's, the official ones, the guide's."""
    rows = table.rows
    modelled = rows.modelled([g.values for g in groups]) if asked.source in (None, "paylens") else {}
    for group in groups:
        if group.values in modelled:
            group.rows.append(modelled[group.values])
        if asked.source is None or asked.source in OFFICIAL:
            group.rows += rows.officials(group.values)
        guide = rows.guide(group.values) if asked.source in (None, "guide") else None
        group.rows += [guide] if guide else []


def _keep_back(table: _Table, sources: Sequence[str], published: Mapping[str, Mapping[Values, int]]) -> None:
    """Adds a row for each source that has a value and may not show it; of a single cell for each that has none too."""
    for group in table.groups:
        for source in sources:
            if group.values in published[source]:
                continue
            held = table.rows.withheld(group.values, source)
            if held is not None:
                group.rows.append(held)
            elif not table.rows.by:
                group.rows.append(table.rows.untold(group.values, source))


def _add_whole(table: _Table, asked: Asked) -> None:
    """Official figures of everyone in the place, where they do not tell the values apart: a line to hold the rest against."""
    if not table.rows.by or asked.source not in (None, *OFFICIAL):
        return
    if any(r["kind"] == "official" for g in table.groups for r in g.rows):
        return
    whole = table.rows.officials((), whole=True)
    if whole:
        table.groups.append(_Group(table.rows.place, (), whole))


def _ordered(table: _Table, groups: list[_Group], asked: Asked) -> list[_Group]:
    by, sort = table.rows.by, asked.sort
    if not by:
        return groups
    if (sort is None and _closed(by)) or sort == "value":
        table.order = "by value"
        return sorted(groups, key=lambda g: _natural(by, g.values))
    if sort in (None, "n"):
        table.order = "most reports first, of the source that has most for a value"
        return sorted(
            groups, key=lambda g: (-max((r["n"] or 0 for r in g.rows), default=0), _natural(by, g.values))
        )
    return _by_percentile(table, groups, str(sort))


def _natural(by: Sequence[str], values: Values) -> tuple[Any, ...]:
    out: list[Any] = []
    for factor, value in zip(by, values, strict=False):
        order = whole_order(factor)
        out.append(order.index(value) if value in order else -int(value) if factor == "year" else str(value))
    return tuple(out)


def _by_percentile(table: _Table, groups: list[_Group], sort: str) -> list[_Group]:
    """By one source's percentile: that with most reports; values it does not show follow, by the next source's."""
    reports: Counter[str] = Counter()
    for g in groups:
        for r in g.rows:
            reports[r["source"]] += (
                (r["n"] or 0)
                if r["kind"] == "measured"
                else 1
                if r["kind"] in ("official", "modelled")
                else 0
            )
    ranked = [s for s, _ in sorted(reports.items(), key=lambda x: (-x[1], x[0]))]
    left, out = list(groups), []
    for source in ranked:
        mine = [(amount, g) for g in left if (amount := _amount(g, source, sort)) is not None]
        out += [g for _, g in sorted(mine, key=lambda x: (-x[0], _natural(table.rows.by, x[1].values)))]
        taken = {id(g) for _, g in mine}
        left = [g for g in left if id(g) not in taken]
    if ranked:
        words = "the median pooled with wider cohorts" if sort == "pooled_p50" else sort
        pay = next(r["pay"] for g in groups for r in g.rows if r["source"] == ranked[0])
        then = f"; values it does not show follow, by {', then '.join(ranked[1:])}" if len(ranked) > 1 else ""
        table.order = (
            f"highest {words} first, as {ranked[0]} ({pay}) has it, the source with most reports here{then}"
        )
    return out + left


def _amount(group: _Group, source: str, sort: str) -> float | None:
    for r in group.rows:
        if r["source"] == source:
            found = (
                r["pooled"]["p50"]
                if sort == "pooled_p50" and r["pooled"]
                else r["p50" if sort == "pooled_p50" else sort]
            )
            if found is not None:
                return float(found)
    return None


def _side_by_side(tables: list[_Table]) -> list[_Table]:
    """Of two places the same values: a value that only one of the tables shows stays."""
    if len(tables) < 2:
        return tables
    order = list(dict.fromkeys(g.values for t in tables for g in t.groups))
    for t in tables:
        t.groups.sort(key=lambda g: order.index(g.values))
    return tables


def _shape(ref: Reference, asked: Asked, tables: list[_Table]) -> dict[str, Any]:
    p, many = asked.profile, len(tables) > 1
    groups = [g for t in tables for g in t.groups]
    if many and not asked.guide and asked.by:
        order = list(dict.fromkeys(g.values for g in groups))
        groups.sort(key=lambda g: order.index(g.values))
    moneys = {t.rows.money.currency for t in tables}
    answer: dict[str, Any] = {
        "role": {"asked": p.role.asked, "matched": p.role.id, "label": p.role.label, "score": round(p.role.score, 4)},
        "place": [_place(t.rows.place) for t in tables] if many else _place(tables[0].rows.place),
        "by": ["level"] if asked.guide else list(asked.by), "source": asked.source, "adjust": asked.adjust,
        "sort": asked.sort, "top": asked.top, "pay": p.pay, "period": "year", "as_of": asked.as_of,
        "currency": moneys.pop() if len(moneys) == 1 else None,
        "unit": tables[0].rows.money.unit if len({t.rows.money.unit for t in tables}) == 1 else None,
        "order": next((t.order for t in tables if t.order), ""),
        "values": {
            "found": sum(t.found for t in tables), "shown": sum(bool(g.values) for g in groups) or len(groups),
            "withheld": sum(t.withheld for t in tables),
        },
        "rows": [_told(g, r, many, asked) for g in groups for r in g.rows],
    }  # fmt: skip
    answer["grid"] = grid(answer["rows"], asked.by) if len(asked.by) == 2 and not many else None
    answer["fx"] = _exchange(asked, tables[0].rows) if answer["currency"] and asked.adjust != "ppp" else None
    answer["comparison"] = _comparison(tables) if asked.compare and not asked.by else None
    answer["notes"] = _notes(asked, tables, answer)
    return answer | {"ignored": list(p.ignored), "release": ref.release.id}


def _told(group: _Group, row: Row, many: bool, asked: Asked) -> Row:
    """A row with its place where there are several, and with a level for the guide's cells."""
    if many:
        place = {"place": {"id": group.place.id, "label": group.place.label}}
        by = {"level": next(iter(row["by"].values()))} if asked.guide and row["by"] else row["by"]
        if asked.guide and by:
            by = {"level": {"id": by["level"]["id"], "label": str(by["level"]["id"])}}
        row = row | {"by": {**place, **by}}
    return row


def _exchange(asked: Asked, rows: Rows) -> dict[str, Any] | None:
    """The rate, where the answer is not in the place's own currency."""
    if rows.money.currency == ask.local_currency(rows.place.currency):
        return None
    found = rate(rows.money.currency, asked.as_of)
    return {
        "currency": rows.money.currency, "per_usd": found.per_usd, "month": found.month, "source": found.source, "note": found.note,
    }  # fmt: skip


def _place(place: Place) -> dict[str, Any]:
    return {
        "asked": None if place.kind == "world" else place.label, "kind": place.kind, "id": place.id, "label": place.label,
        "country": place.country, "region": place.region, "metro": place.metro, "state": place.state,
    }  # fmt: skip


def _comparison(tables: Sequence[_Table]) -> list[dict[str, Any]]:
    """For each source that shows both places, the two medians and how much higher the second is."""
    a, b = ({r["source"]: r for g in t.groups for r in g.rows if r["p50"] is not None} for t in tables[:2])
    return [
        {
            "source": s,
            "kind": row["kind"],
            "a": row["p50"],
            "b": b[s]["p50"],
            "ratio": b[s]["p50"] / row["p50"],
        }
        for s, row in a.items()
        if s in b
    ]


def _notes(asked: Asked, tables: Sequence[_Table], answer: Mapping[str, Any]) -> list[str]:
    notes = [
        *asked.profile.notes,
        *(n for place in asked.places for n in place.notes),
        *(n for t in tables for n in t.notes),
    ]
    kinds = {r["kind"] for r in answer["rows"]}
    if "measured" in kinds or "official" in kinds:
        when = {
            "none": f"amounts are those of their vintage, not aged, at the exchange rate of {asked.as_of}",
            "inflation": "amounts of past years are brought to the last known year's consumer prices of their country",
            "ppp": "amounts are in international dollars: what a US dollar buys in the United States",
            "rpp": "amounts are divided by the metro's price level, the United States being 100",
        }[asked.adjust]  # fmt: skip
        notes.append(when)
    if any(r["kind"] == "measured" and r["vintage"][-4:] > asked.as_of[:4] for r in answer["rows"]):
        notes.append(f"cohorts hold reports of later years than {asked.as_of}: by year tells them apart")
    if "measured" in kinds:
        notes.append(
            "each source keeps its own measure of pay, which `pay` does not change: compare rows of one source"
        )
    notes += [
        n for c in {r["currency"] for r in answer["rows"]} - {"USD"} if (n := rate(c, asked.as_of).note)
    ]
    dropped = answer["values"]["found"] - answer["values"]["shown"]
    if dropped > 0:
        notes.append(
            f"{answer['values']['shown']} of {answer['values']['found']} values are shown; `top` says how many"
        )
    if answer["values"]["withheld"]:
        notes.append(
            f"{answer['values']['withheld']} more values have reports, too few of them to be shown by any source"
        )
    if not any(r["kind"] in ("measured", "official", "modelled", "guide") for r in answer["rows"]):
        notes.append("no source may show this: the withheld rows say why and what answers instead")
    return list(dict.fromkeys(notes))
