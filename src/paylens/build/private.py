"""Communities that publish under differential privacy: nothing of theirs is fitted or cut, only noisy figures are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from paylens.build.communities import Community
from paylens.cohorts.private import Budget, Noisy, Privacy, Report, publish
from paylens.contract.errors import PaylensError
from paylens.contract.observation import COMMUNITY
from paylens.places import geography, money

__all__ = ["Private", "about", "consistent", "figures", "told", "wanted"]


@dataclass(frozen=True)
class Private:
    """What a private release may cost, and the budget where the community's first one names it."""

    cost: Budget
    budget: Budget | None = None


def wanted(epsilon: float | None, delta: float, budget: float | None) -> Private | None:
    """What was asked for: epsilon and delta of this release, epsilon of all; delta of all is in proportion. None for no
    privacy; InputError for values that are none."""
    if epsilon is None:
        if budget is not None:
            raise PaylensError("--budget goes with --epsilon, what this release may cost of it")
        return None
    cost = Budget(epsilon, delta).checked("--epsilon")
    if budget is None:
        return Private(cost)
    times = budget / epsilon if math.isfinite(budget) else math.nan
    if not times >= 1:
        raise PaylensError(
            f"--budget {budget:g} is less than --epsilon {epsilon:g}: one release must fit into it"
        )
    return Private(cost, Budget(budget, delta * times).checked("--budget"))


def ledger(community: Community) -> Path:
    """Where a community's privacy ledger lies: beside its export."""
    name = community.about.id.removeprefix(COMMUNITY)
    return community.folder.resolve().parent / f"privacy-{name}.json"


def consistent(communities: Sequence[Community], private: Private | None) -> None:
    """PaylensError where a community changes from exact cuts to private ones or back: neither promise would hold."""
    for one in communities:
        path = ledger(one)
        if private is None and path.is_file():
            raise PaylensError(
                f"{one.about.id} is published with differential privacy ({path}): give --epsilon"
            )
        if private is not None and one.ledger.path.is_file():
            raise PaylensError(
                f"{one.about.id} has published cuts without noise ({one.ledger.path}): epsilon would promise what is past"
            )


def figures(communities: Sequence[Community], table: pa.Table, private: Private) -> list[Noisy]:
    """The noisy figures of each community, charged to its ledger."""
    out = []
    for one in communities:
        privacy = Privacy.read(ledger(one), one.about.id, private.budget)
        own = table.filter(pc.equal(table["source"], one.about.id))
        reports = [r for row in own.to_pylist() if (r := _report(row, one.released[:7])) is not None]
        out.append(publish(privacy, one.released, one.export, private.cost, reports))
    return out


def _report(row: dict[str, Any], month: str) -> Report | None:
    """A report in its country's money at its own month's rate; None for an amount flagged as a slip or without a country."""
    if row["pay_flag"] is not None or row["country"] is None:
        return None
    own = geography.of_id("country", row["country"]).currency
    local = own if own is not None and own in money.currencies() else "USD"
    rate = money.rate(local, row["month"]).per_usd / money.rate(row["currency"], row["month"]).per_usd
    return Report(row["role"], row["country"], row["pay_lo"] * rate, local, money.rate(local, month).per_usd)


def about(inputs: list[dict[str, Any]], noisy: Sequence[Noisy]) -> list[dict[str, Any]]:
    """What a release says of its inputs: a private community's number of reports is noisy, its budget is beside it."""
    by = {one.source: one for one in noisy}
    return [
        {**i, "rows": by[i["source"]].total, "privacy": by[i["source"]].told()} if i["source"] in by else i
        for i in inputs
    ]


def told(report: dict[str, Any], noisy: Sequence[Noisy]) -> dict[str, Any]:
    """A build's report without the exact numbers of private communities, and with their budgets."""
    by = {one.source for one in noisy}
    files = [
        f if f["source"] not in by else {"source": f["source"], "vintage": f["vintage"]}
        for f in report["files"]
    ]
    return {**report, "files": files, "privacy": [{"source": one.source, **one.told()} for one in noisy]}
