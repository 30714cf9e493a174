"""What a release rests on, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.faces.cli.output import cut, print_lines, wrap

__all__ = ["lines", "render"]


def render(release: str, sources: Sequence[Mapping[str, Any]]) -> None:
    """Print what a release rests on."""
    print_lines(lines(release, sources))


def lines(release: str, sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """One row an input (`Engine.sources`): source, vintage, rows used, licence; who published it below."""
    out = [f"Release {release} rests on:", ""]
    # A community's id may be long; the column is as wide as it must be, within the line.
    wide = max([15, *(min(len(s["source"]) + 1, 30) for s in sources)])
    out.append(f"{'source':<{wide}}{'vintage':<12}{'rows':>9}  licence")
    last = None
    for s in sources:
        out.append(
            f"{cut(s['source'], wide - 1):<{wide}}{cut(s['vintage'], 11):<12}{s['rows']:>9,}  {cut(s['licence'], 53 - wide)}"
        )
        if s["source"] != last:
            out += wrap(f"{s['publisher']}: {s['title']}", indent="  ")
        if "privacy" in s:
            p = s["privacy"]
            out += wrap(
                f"differentially private: epsilon {p['epsilon']:g} and delta {p['delta']:g} for this release,"
                f" epsilon {p['spent_epsilon']:g} of {p['budget_epsilon']:g} spent",
                indent="  ",
            )
        last = s["source"]
    return out
