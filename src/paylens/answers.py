"""Answers as Python has them: dictionaries of the documented shape that are tables too, and show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import pyarrow as pa

from paylens.advice import many
from paylens.contract.errors import PaylensError
from paylens.contract.require import require

__all__ = ["Answer", "Benchmark", "Career", "Comparison", "Estimate", "Forecast", "Negotiation"]

Rows = list[dict[str, Any]]


class Answer(dict[str, Any]):
    """An answer: a dictionary of the documented shape whose keys are attributes too (`answer.percentiles["p50"]`).

    `display` makes what a notebook shows, a mapping of MIME types; it is set where there is something to show it with.
    """

    display: ClassVar[Callable[[Answer], dict[str, Any]] | None] = None

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary."""
        return dict(self)

    def records(self) -> Rows:
        """The answer's main table, a dictionary a row, all of the same names; PaylensError where it has none."""
        raise PaylensError("this answer has no table: to_dict() gives it whole")

    def to_arrow(self) -> pa.Table:
        """The answer's main table; docs/notebook.md names its columns."""
        return pa.Table.from_pylist(self.records())

    def to_frame(self) -> Any:
        """The same as a pandas DataFrame; MissingExtra without pandas."""
        require("pandas", "notebook")
        return self.to_arrow().to_pandas()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook shows; nothing beyond the dictionary where nothing was set to show it."""
        show = type(self).display
        return {"text/plain": repr(self)} if show is None else show(self)


class Estimate(Answer):
    """What someone like this is paid; as a table one row, with the columns of `estimate_many`."""

    def records(self) -> Rows:
        """One row: role, place, currency, pay, p10 to p90, q05 to q95, error."""
        return [many.flat_answer(int(self.get("row", 1)), self)]

    def to_arrow(self) -> pa.Table:
        """One row of the columns of `estimate_many`, which are typed whatever is in them."""
        return pa.Table.from_pylist(self.records(), schema=many.SCHEMA)


class Benchmark(Answer):
    """What the market pays; as a table a row a source and cell."""

    def records(self) -> Rows:
        """What each source says of each cell, in the answer's order; factors first, by name."""
        factors = list(dict.fromkeys(name for row in self["rows"] for name in row["by"]))
        kept = (
            "kind",
            "source",
            "pay",
            "cohort",
            "n",
            "p10",
            "p25",
            "p50",
            "p75",
            "p90",
            "currency",
            "vintage",
        )
        more = ("licence", "warning", "reason", "note")
        return [
            {name: row["by"][name]["label"] if name in row["by"] else None for name in factors}
            | {name: row[name] for name in (*kept, *more)}
            for row in self["rows"]
        ]


class Comparison(Answer):
    """Offers over years; as a table a row an offer and year."""

    def records(self) -> Rows:
        """Each year of each offer: its parts, before tax, take-home where known, and the whole's percentiles."""
        return list(self._years())

    def _years(self) -> Iterator[dict[str, Any]]:
        parts = ("base", "bonus", "sign_on", "costs", "cash", "sure")
        for offer in self["offers"]:
            for year in offer["years"]:
                named = {"offer": offer["name"], "year": year["year"], "currency": self["currency"]}
                paid = {name: year[name] for name in parts} | {"paper": year["paper"]["mean"]}
                total = {f"total_{name}": value for name, value in year["total"].items()}
                yield named | paid | {"net": year["net"]} | total


class Negotiation(Answer):
    """What to ask for an offer; as a table the four figures of base pay."""

    def records(self) -> Rows:
        """Walk away, offer, be content, ask: the base of each and, of the two to reach, where it would stand."""
        reached: list[tuple[str, Mapping[str, Any]]] = [
            ("walk away", self["walk_away"]), ("offer", self["offer"]), ("be content", self["target"]), ("ask", self["ask"]),
        ]  # fmt: skip
        return [
            {"what": what, "base": at["base"], "amount": at.get("amount"), "percentile": at.get("percentile"),
             "measure": self["offer"]["measure"], "currency": self["currency"]}
            for what, at in reached
        ]  # fmt: skip


class Career(Answer):
    """What raises pay; as a table a row a move."""

    def records(self) -> Rows:
        """Each move in the answer's order: its multiplier, what it adds a year, what it takes, a degree's payback and value."""
        return [self._move(move) for move in self["moves"]]

    def _move(self, move: Mapping[str, Any]) -> dict[str, Any]:
        named = {name: move[name] for name in ("move", "kind", "label", "from", "to", "clear", "headline")}
        effect = move["effect"]
        pay = {
            "multiplier": effect["multiplier"],
            "multiplier_low": effect["low"],
            "multiplier_high": effect["high"],
        }
        gain = {
            f"{name}_{end}": None if move[name] is None else move[name][end]
            for name in ("gross", "kept")
            for end in ("middle", "low", "high")
        }
        takes = {name: move["effort"][name] for name in ("months", "hours_a_week", "cost", "tuition")}
        degree = move["degree"]
        back = {
            "payback_years": move["payback_years"] if degree is None else degree["payback"]["middle"],
            "value_p50": None if degree is None else degree["value"]["p50"],
            "value_chance": None if degree is None else degree["value"]["chance"],
        }
        return named | pay | gain | takes | back | {"currency": self["currency"]}


class Forecast(Answer):
    """Where pay is going; as a table a row a year."""

    def records(self) -> Rows:
        """Each year, 0 being now: index and amount at seven levels; then the same with the scenarios that were given."""
        return [
            {"path": path, "year": row["year"], "month": row["month"], "status": row["status"]}
            | {f"{name}_{level}": value for name in ("index", "amount") for level, value in row[name].items()}
            | {"currency": self["currency"]}
            for path, rows in (("drift", self["years"]), ("shifted", self["shifted"] or ()))
            for row in rows
        ]
