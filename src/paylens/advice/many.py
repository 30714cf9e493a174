"""Many profiles at once, column by column: each distinct value is checked once, the rest is array work."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from paylens.advice import asked as ask
from paylens.advice.estimate import Reference, measured
from paylens.contract.errors import InputError
from paylens.contract.profile import FIELDS, Profile, parse_profile
from paylens.contract.vocabularies import employers
from paylens.model.predict import reference
from paylens.model.predict.reference import LEVELS, Facts
from paylens.places import geography
from paylens.places.geography import Place

__all__ = ["COLUMNS", "SCHEMA", "flat", "flat_answer"]

Ints = npt.NDArray[np.int64]
COLUMNS = (
    "row",
    "role",
    "place",
    "currency",
    "pay",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    *(f"q{round(v * 100):02d}" for v in LEVELS),
    "error",
)
_TEXTS = ("role", "place", "currency", "pay", "error")
SCHEMA = pa.schema(
    [(c, pa.int64() if c == "row" else pa.string() if c in _TEXTS else pa.float64()) for c in COLUMNS]
)
_SOME_ROLE = "data scientist"
_PERCENTILES = {"p10": 1, "p25": 4, "p50": 9, "p75": 14, "p90": 17}


class _Column:
    """A column as codes into its distinct values, each read once; `bad` holds the error of those that were refused."""

    def __init__(self, table: pa.Table, name: str, read: Callable[[Any], Any]) -> None:
        n = table.num_rows
        self.values: list[Any] = [None]
        self.bad: dict[int, dict[str, Any]] = {}
        self.code = np.zeros(n, dtype=np.int64)
        if name not in table.column_names:
            return
        column = table.column(name)
        if pa.types.is_nested(column.type):
            distinct, code = _nested(column)
        else:
            encoded = column.combine_chunks().dictionary_encode()
            distinct = encoded.dictionary.to_pylist()
            code = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
        self.code = code + 1
        for k, value in enumerate(distinct, start=1):
            try:
                self.values.append(None if _blank(value) else read(value))
            except InputError as error:
                self.values.append(None)
                self.bad[k] = error.problem()

    def numbers(self, of: Callable[[Any], float]) -> npt.NDArray[np.float64]:
        """`of` each row's value, as numbers."""
        return np.array([of(v) for v in self.values], dtype=float)[self.code]

    def positions(self, of: Callable[[Any], int]) -> Ints:
        """`of` each row's value, as positions."""
        return np.array([of(v) for v in self.values], dtype=np.int64)[self.code]


def _nested(column: pa.ChunkedArray) -> tuple[list[Any], Ints]:
    seen: dict[Any, int] = {}
    code = np.array(
        [-1 if v is None else seen.setdefault(tuple(v), len(seen)) for v in column.to_pylist()],
        dtype=np.int64,
    )
    return [list(k) for k in seen], code


def _blank(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (isinstance(value, str) and not value.strip())
    )


def _reader(name: str, attribute: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        fields = {name: value} if name == "role" else {"role": _SOME_ROLE, name: value}
        return getattr(parse_profile(fields), attribute)

    return read


def flat(ref: Reference, table: pa.Table) -> pa.Table:
    """Answers for a table of profiles as flat columns (`COLUMNS`), one row for each row, in order.

    A row that can't be answered has its problem in `error` as text and no amounts. Columns that no profile has are an
    InputError for the whole table.
    """
    for name in table.column_names:
        if name not in FIELDS and name != "row":
            parse_profile({"role": _SOME_ROLE, name: "x"})
    if "role" not in table.column_names:
        raise InputError("role", None, "the table has no column 'role'", list(table.column_names)[:3])
    columns = {
        name: _Column(table, name, _reader(name, name))
        for name in FIELDS
        if name not in ("location", "seniority", "as_of")
    }
    columns["location"] = _Column(table, "location", lambda v: geography.resolve(str(v)))
    columns["as_of"] = _Column(
        table, "as_of", lambda v: ask.check_month(parse_profile({"role": _SOME_ROLE, "as_of": v}).as_of)
    )
    columns["seniority"] = _seniority(table, columns["employer"])
    errors = _errors(columns)
    facts, places = _facts(ref, columns)
    when, which, refused = _when(ref, columns, places)
    for row in np.flatnonzero(refused[which] >= 0):
        errors.setdefault(int(row), when[which[row]])
    shown, amounts = _amounts(ref, columns, facts, places, when, which)
    return _table(columns, places, shown, amounts, when, which, errors)


def _seniority(table: pa.Table, employer: _Column) -> _Column:
    """Levels depend on whose ladder they are of: distinct pairs of level and employer."""
    if "seniority" not in table.column_names:
        return _Column(table, "seniority", str)
    level = table.column("seniority").to_pylist()
    pairs = pa.array(
        [None if _blank(v) else f"{v}\x1f{e}" for v, e in zip(level, employer.code.tolist(), strict=True)]
    )

    def read(pair: str) -> Any:
        text, code = pair.rsplit("\x1f", 1)
        return parse_profile(
            {"role": _SOME_ROLE, "seniority": text, "employer": employer.values[int(code)]}
        ).seniority

    return _Column(pa.table({"seniority": pairs}), "seniority", read)


def _errors(columns: dict[str, _Column]) -> dict[int, dict[str, Any]]:
    errors: dict[int, dict[str, Any]] = {}
    for column in columns.values():
        if column.bad:
            for row in np.flatnonzero(np.isin(column.code, list(column.bad))):
                errors.setdefault(int(row), column.bad[int(column.code[row])])
    nobody = np.array([v is None for v in columns["role"].values])[columns["role"].code]
    for row in np.flatnonzero(nobody):
        if int(row) not in errors:
            errors[int(row)] = {"field": "role", "message": "a role is required", "candidates": []}
    return errors


def _facts(ref: Reference, c: dict[str, _Column]) -> tuple[Facts, list[Place]]:
    at, get = ref.index.at, ref.index.get
    world = geography.resolve("world")
    places = [v or world for v in c["location"].values]
    area = [at["areas"].get(p.country or p.id, at["areas"]["world"]) for p in places]
    metro = [get("metros", p.metro) for p in places]
    employer = c["employer"].positions(lambda v: get("employers", v))
    size, industry = (
        c["company_size"].positions(lambda v: get("sizes", v)),
        c["industry"].positions(lambda v: get("industries", v)),
    )
    known = [employers()[v].attributes if v else {} for v in c["employer"].values]
    own_size = np.array([get("sizes", k.get("company_size")) for k in known])[c["employer"].code]
    own_industry = np.array([get("industries", k.get("industry")) for k in known])[c["employer"].code]
    number = lambda v: math.nan if v is None else float(v)
    skill = c["skills"]
    lists = [
        np.array([at["skills"][s] for s in v or () if s in at["skills"]], dtype=np.int64)
        for v in skill.values
    ]
    count = np.array([len(v) for v in lists])[skill.code]
    rows = np.repeat(np.arange(len(skill.code)), count)
    flat_skills = np.concatenate([lists[k] for k in skill.code]) if count.any() else np.empty(0, np.int64)
    return Facts(
        role=c["role"].positions(lambda v: 0 if v is None else at["roles"][v.id]),
        area=np.array(area)[c["location"].code],
        years=c["years_experience"].numbers(number), coding=c["years_coding"].numbers(number),
        level=c["seniority"].positions(lambda v: ask.LADDER.index(v) if v in ask.LADDER else -1),
        managing=c["seniority"].positions(lambda v: ask.MANAGING.index(v) if v in ask.MANAGING else -1),
        education=c["education"].positions(lambda v: get("educations", v)),
        company_size=np.where(size >= 0, size, own_size), industry=np.where(industry >= 0, industry, own_industry),
        remote=c["remote"].positions(lambda v: get("remotes", v)), employer=employer,
        metro=np.array(metro)[c["location"].code], skills=(rows, flat_skills.astype(np.int64)),
    ), places  # fmt: skip


def _when(ref: Reference, c: dict[str, _Column], places: list[Place]) -> tuple[list[Any], Ints, Ints]:
    """Growth and money once for each distinct place, month and currency: list, each row's, and which were refused."""
    parts = np.column_stack([c["location"].code, c["as_of"].code, c["currency"].code])
    distinct, which = np.unique(parts, axis=0, return_inverse=True)
    when: list[Any] = []
    refused = np.full(len(distinct), -1, dtype=np.int64)
    month = ask.this_month()
    for k, (place, as_of, currency) in enumerate(distinct):
        asked = Profile(role=_role(), currency=c["currency"].values[currency])
        try:
            when.append(ref.today(asked, places[place], c["as_of"].values[as_of] or month))
        except InputError as error:
            when.append(error.problem())
            refused[k] = k
    return when, which.ravel(), refused


def _role() -> Any:
    return parse_profile({"role": _SOME_ROLE}).role


def _amounts(
    ref: Reference, c: dict[str, _Column], facts: Facts, places: list[Place], when: Sequence[Any], which: Ints
) -> tuple[list[str], npt.NDArray[np.float64]]:
    located = reference.locate(ref.model, facts)
    money = np.array(
        [[1.0, 0.0] if isinstance(w, dict) else [w.per_unit * w.multiplier, w.error] for w in when]
    )[which]
    width = np.sqrt(located.width**2 + money[:, 1:] ** 2)
    cash = np.exp(reference.quantiles(ref.model, located.median, width)) * money[:, :1]
    pay = [v or "cash" for v in c["pay"].values]
    shown = [pay[k] for k in c["pay"].code]
    if set(pay) != {"cash"}:
        for row in np.flatnonzero(np.array([p != "cash" for p in pay])[c["pay"].code]):
            cash[row] = measured(ref, _profile(c, int(row)), places[c["location"].code[row]], cash[row])
    return shown, cash


def _profile(c: dict[str, _Column], row: int) -> Profile:
    """The parts of a row's profile that base and total depend on."""

    def value(name: str) -> Any:
        return c[name].values[c[name].code[row]]

    employer = value("employer")
    known = employers()[employer].attributes if employer else {}
    return Profile(
        role=value("role") or _role(), years_experience=value("years_experience"), seniority=value("seniority"),
        industry=value("industry") or known.get("industry"), company_size=value("company_size") or known.get("company_size"),
        employer=employer, pay=value("pay") or "cash",
    )  # fmt: skip


def _table(
    c: dict[str, _Column], places: list[Place], shown: list[str], amounts: npt.NDArray[np.float64], when: Sequence[Any], which: Ints,
    errors: dict[int, dict[str, Any]],
) -> pa.Table:  # fmt: skip
    n = len(which)
    good = np.ones(n, dtype=bool)
    good[list(errors)] = False
    mask = ~good

    def take(values: list[str | None], code: Ints) -> Any:
        return pa.array(values, pa.string()).take(pa.array(code, mask=mask))

    def number(values: Any) -> Any:
        return pa.array(values, mask=mask)

    text: list[str | None] = [None] * n
    for row, problem in errors.items():
        text[row] = _said(problem)
    out = {
        "row": pa.array(np.arange(1, n + 1)),
        "role": take([v.id if v else None for v in c["role"].values], c["role"].code),
        "place": take([p.label for p in places], c["location"].code),
        "currency": take([None if isinstance(w, dict) else w.currency for w in when], which),
        "pay": pa.array(shown, mask=mask),
    }
    out |= {name: number(amounts[:, at]) for name, at in _PERCENTILES.items()}
    out |= {f"q{round(v * 100):02d}": number(amounts[:, k]) for k, v in enumerate(LEVELS)}
    out["error"] = pa.array(text, pa.string())
    return pa.table(out)


def _said(problem: dict[str, Any]) -> str:
    near = f" (did you mean {', '.join(problem['candidates'])}?)" if problem["candidates"] else ""
    return f"{problem['field']}: {problem['message']}{near}"


def flat_answer(row: int, answer: dict[str, Any]) -> dict[str, Any]:
    """One whole answer, or an error, as flat columns."""
    if "error" in answer:
        return dict.fromkeys(COLUMNS) | {"row": row, "error": _said(answer["error"])}
    out = {
        "row": row,
        "role": answer["role"]["matched"],
        "place": answer["place"]["label"],
        "currency": answer["currency"],
    }
    out |= {"pay": answer["pay"], **answer["percentiles"]}
    return out | {f"q{k[2:]}": v for k, v in answer["quantiles"].items()} | {"error": None}
