"""A brief as plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from paylens.advice.negotiate.brief import Block, Brief

__all__ = ["markdown"]

_SIGNS = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(b: Brief) -> bytes:
    """UTF-8 text: headings, lists and tables; signs that Markdown would read are escaped."""
    low, high = b.band
    out = [f"# {_plain(b.title)}", f"**{_plain(b.first_line)}**", _plain(b.terms)]
    axis = [(m.name, m.shown) for m in sorted(b.marks, key=lambda m: m.amount)]
    out.append(_table(("Base a year", ""), [*axis, ("employer's likely band", f"{low.shown}–{high.shown}")]))
    for section in b.sections:
        out += [f"## {_plain(section.heading)}", *map(_block, section.blocks)]
    out += ["---", "\n".join(f"- {_plain(note)}" for note in b.notes)]
    return ("\n\n".join(out) + "\n").encode()


def _block(block: Block) -> str:
    if block.rows:
        return _table(block.head, block.rows)
    if block.items:
        return "\n".join(f"- {_plain(item)}" for item in block.items)
    if block.letter:
        return "\n".join(f"> {_plain(line)}".rstrip() for line in block.letter.splitlines())
    return _plain(block.text)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(c if c == '---' else _plain(c) for c in cells)} |" for cells in lines)


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
