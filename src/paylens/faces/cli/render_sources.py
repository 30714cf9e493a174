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
    out.append(f"{'source':<15}{'vintage':<12}{'rows':>9}  licence")
    last = None
    for s in sources:
        out.append(
            f"{cut(s['source'], 14):<15}{cut(s['vintage'], 11):<12}{s['rows']:>9,}  {cut(s['licence'], 38)}"
        )
        if s["source"] != last:
            out += wrap(f"{s['publisher']}: {s['title']}", indent="  ")
        last = s["source"]
    return out
