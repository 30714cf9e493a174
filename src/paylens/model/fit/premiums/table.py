"""The table of premiums: every move of every study, by place and band of years, then sources taken together."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from paylens.model.fit.premiums.doubly_robust import (
    Effect,
    Flags,
    Floats,
    Frame,
    Scores,
    placebo,
    raw_difference,
    scores,
)
from paylens.model.fit.premiums.moves import FEWEST, Move, moves
from paylens.model.fit.premiums.people import Asks, Study, levels_of, studies
from paylens.model.fit.premiums.pooling import Z90, discoveries, pooled

__all__ = ["SCHEMA", "card", "premiums", "rows_of"]

SCHEMA: Final = pa.schema(
    [
        ("move", pa.string()), ("kind", pa.string()), ("from", pa.string()), ("to", pa.string()), ("estimand", pa.string()),
        ("source", pa.string()), ("vintage", pa.string()), ("region", pa.string()), ("seniority", pa.string()),
        ("effect", pa.float64()), ("se", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("n", pa.int64()),
        ("n_with", pa.int64()), ("raw", pa.float64()), ("raw_se", pa.float64()), ("adjusted_for", pa.list_(pa.string())),
        ("trimmed", pa.float64()), ("placebo", pa.float64()), ("placebo_se", pa.float64()), ("placebo_passed", pa.bool_()),
        ("robustness", pa.float64()), ("q", pa.float64()), ("clear", pa.bool_()), ("heterogeneity", pa.float64()),
        ("note", pa.string()),
    ]
)  # fmt: skip
_CAUSES = (
    "country",
    "metro",
    "years",
    "years of coding",
    "years of machine learning",
    "field",
    "year",
    "education",
)
_BEYOND = ("role", "level", "industry", "company size", "employer", "remote")
_WIDE_KINDS = ("metro", "country")  # moves between places are not told apart by place
_COUNTRY_REPORTS = 500  # for a country to have rows of its own
_ONE_EMPLOYER = 0.25
_OTHERS = np.array([0.0, 2, 5, 9, 14, 20, 30, 50])
_SEED = 20261123
_DIGITS = 6  # beyond these a sum's order shows


def premiums(table: pa.Table, asks: Asks) -> pa.Table:
    """Every premium that the observations carry (`SCHEMA`). `asks`: source -> year -> skills that were asked."""
    own = [row for study in studies(table, asks) for row in rows_of(study)]
    rows = discoveries([*pooled(own), *own])
    rows.sort(key=lambda r: (r["move"], r["estimand"], r["region"] != "all", r["region"], r["seniority"] != "all",
                             r["seniority"], r["source"] != "pooled", r["source"], r["vintage"]))  # fmt: skip
    return pa.Table.from_pylist([_rounded(r) for r in rows], schema=SCHEMA)


def card(table: pa.Table) -> dict[str, Any]:
    """What the score card says of a table of premiums: moves, those with a clear difference, placebos that passed."""
    rows = table.to_pylist()
    heads: dict[tuple[str, str], dict[str, Any]] = {}
    for r in rows:
        if r["region"] == r["seniority"] == "all":
            heads.setdefault((r["move"], r["estimand"]), r)
    total = [r for (_, estimand), r in heads.items() if estimand == "total"]
    own = [r for r in rows if r["source"] != "pooled" and r["region"] == r["seniority"] == "all"]
    told = [r for r in total if r["heterogeneity"] is not None]
    return {
        "moves": len(total),
        "clear": sum(r["clear"] for r in total),
        "rows": len(rows),
        "placebos": len(own),
        "placebo_passed": round(float(np.mean([r["placebo_passed"] for r in own])), 4) if own else None,
        "pooled": len(told),
        "sources_disagree": sum(r["heterogeneity"] < 0.05 for r in told),
    }


def rows_of(study: Study) -> Iterator[dict[str, Any]]:
    """The rows of one study: each move, total and direct, overall and (total) by place and band of years."""

    @functools.lru_cache(maxsize=4)
    def shared(names: tuple[str, ...], key: str) -> Frame:
        return _frame(study, names, asked[key])

    asked: dict[str, Flags] = {}
    for move in moves(study):
        people = move.people
        before: tuple[str, ...] = ()
        for estimand in ("total", "direct"):
            names = _adjusted(study, move, estimand, people)
            if names == before:
                continue  # nothing more is known: the direct one is the total one
            before = names
            if move.shared:
                asked.setdefault(move.shared, people)
            frame = shared(names, move.shared) if move.shared else _frame(study, names, people)
            yield from _of_move(study, move, estimand, names, frame)


def _adjusted(study: Study, move: Move, estimand: str, people: Flags) -> tuple[str, ...]:
    """What a move is adjusted for: the facts and years that the study knows and that differ among its people."""
    wanted = _CAUSES if estimand == "total" else (*_CAUSES, *_BEYOND)
    known = [
        n for n in wanted
        if n in study.numbers or (n in study.facts and np.ptp(study.codes[n][0][people]) > 0)
    ]  # fmt: skip
    return tuple(n for n in known if n not in move.leave)


def _frame(study: Study, names: Sequence[str], people: Flags) -> Frame:
    columns = [np.ones((int(people.sum()), 1))]
    for name in names:
        if name in study.numbers:
            basis = study.numbers[name][people]
            columns.append(basis[:, np.count_nonzero(basis, axis=0) >= 10])
        else:
            code, wider = study.codes[name]
            columns.append(levels_of(code[people], wider[people]))
    return Frame.of(np.hstack(columns), study.weight[people], study.fold[people])


def _others(number: Floats) -> Floats:
    """Piecewise-linear columns of the number of other skills, without the first."""
    at = np.clip(number, 0, _OTHERS[-1])
    return np.stack([np.interp(at, _OTHERS, np.eye(len(_OTHERS))[i]) for i in range(1, len(_OTHERS))], axis=1)


def _of_move(
    study: Study, move: Move, estimand: str, names: tuple[str, ...], frame: Frame
) -> Iterator[dict[str, Any]]:
    people = move.people
    treated, y = move.treated[people], study.y[people]
    if move.others is not None:
        more = _others(move.others[people])
        frame = frame.with_columns(more[:, np.count_nonzero(more, axis=0) >= 10])
        names = (*names, "number of other skills")
    frame = frame.balanced(treated)
    found = scores(frame, y, treated)
    random = np.random.default_rng(
        [_SEED, zlib.crc32(f"{move.id} {estimand} {study.source} {study.vintage}".encode())]
    )
    nobody = placebo(frame, y, found, random)
    cluster = None if study.cluster is None else study.cluster[people]
    groups = _groups(study, people, move) if estimand == "total" else [("all", "all", None)]
    for region, band, group in groups:
        effect = found.mean(group, cluster)
        if min(effect.n_with, effect.n - effect.n_with) < FEWEST:
            continue
        here = np.ones(len(y), dtype=bool) if group is None else group
        raw, raw_se = raw_difference(y[here], treated[here], study.weight[people][here])
        no = nobody.mean(group, cluster)
        yield {
            "move": move.id, "kind": move.kind, "from": move.from_, "to": move.to, "estimand": estimand, "source": study.source,
            "vintage": study.vintage, "region": region, "seniority": band, "effect": effect.effect, "se": effect.se,
            "low": effect.effect - Z90 * effect.se, "high": effect.effect + Z90 * effect.se, "n": effect.n, "n_with": effect.n_with,
            "raw": raw, "raw_se": raw_se, "adjusted_for": list(names), "trimmed": effect.trimmed, "placebo": no.effect,
            "placebo_se": no.se, "placebo_passed": bool(abs(no.effect) <= Z90 * no.se), "robustness": effect.robustness,
            "heterogeneity": None, "note": _note(study, move, effect, found, here),
        }  # fmt: skip


def _groups(study: Study, people: Flags, move: Move) -> list[tuple[str, str, Flags | None]]:
    """Everyone, then by region and country, then by band of years."""
    out: list[tuple[str, str, Flags | None]] = [("all", "all", None)]
    country, region, band = study.facts["country"][people], study.region[people], study.band[people]
    if move.kind not in _WIDE_KINDS:
        if study.where:
            out.append((study.where, "all", None))
        else:
            lands, count = np.unique(country.astype(str), return_counts=True)
            out += [(str(r), "all", region == r) for r in sorted(set(region[region != None]))]  # noqa: E711
            out += [(str(c), "all", country == c) for c in lands[count >= _COUNTRY_REPORTS]]
    return out + [("all", b, band == b) for b in ("entry", "mid", "senior")]


def _note(study: Study, move: Move, effect: Effect, found: Scores, here: Flags) -> str:
    said = [move.note] if move.note else []
    if study.where and move.kind not in _WIDE_KINDS:
        said.append(f"asked in {study.where} alone")
    if study.source == "levels_fyi":
        said.append("base and bonus, without equity")
    if effect.trimmed > 0.5:
        said.append(f"{effect.trimmed:.0%} have nobody comparable on the other side")
    if study.cluster is not None:
        employer = study.facts["employer"][move.people][here & found.kept]
        named, count = np.unique(employer[employer != None].astype(str), return_counts=True)  # noqa: E711
        if len(named) and count.max() > _ONE_EMPLOYER * len(employer):
            said.append(f"{count.max() / len(employer):.0%} one employer")
    return "; ".join(said)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """As published: counts down to a multiple of 5, figures to what does not depend on the order of sums."""
    out = {k: round(v, _DIGITS) if isinstance(v, float) else v for k, v in row.items() if k in SCHEMA.names}
    return out | {
        "n": row["n"] // 5 * 5,
        "n_with": row["n_with"] // 5 * 5,
    }
