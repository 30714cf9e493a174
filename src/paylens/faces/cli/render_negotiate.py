"""A negotiation for people: the three figures in words, on one axis, then why, what to cite and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from paylens.faces.cli.output import WIDTH, colour, cut, print_lines, wide, wrap

if TYPE_CHECKING:
    from paylens.advice.negotiate.brief import Block, Brief

__all__ = ["lines", "render"]

_BOLD = "1"
_NAME, _AMOUNT = 12, 11
_GAP = 2


def render(b: Brief) -> None:
    """Print a brief."""
    print_lines(lines(b))


def lines(b: Brief) -> list[str]:
    """The readable form, at most 78 columns wide."""
    out = [colour(line, _BOLD) for line in wrap(b.first_line, hang="")]
    out += [*wrap(b.title, hang=""), "", *_axis(b), "", *wrap(b.terms, hang="")]
    for section in b.sections:
        out += ["", colour(section.heading, _BOLD)]
        for block in section.blocks:
            out += _block(block)
    return [
        line.rstrip() for line in [*out, "", *(line for note in b.notes for line in wrap(f"Note: {note}"))]
    ]


def _axis(b: Brief) -> list[str]:
    """One row a figure on one scale, the employer's likely band under them."""
    first, last = b.band
    amounts = [m.amount for m in (*b.marks, *b.band)]
    low, span = min(amounts), (max(amounts) - min(amounts)) or 1.0
    width = WIDTH - _NAME - _AMOUNT - 2
    dot, bar = ("●", "▒") if wide() else ("o", "#")

    def at(amount: float) -> int:
        return round((width - 1) * (amount - low) / span)

    rows = [
        f"{m.name:<{_NAME}} {' ' * at(m.amount)}{dot}{' ' * (width - 1 - at(m.amount))} {m.shown:>{_AMOUNT}}"
        for m in sorted(b.marks, key=lambda m: m.amount)
    ]
    band = " " * at(first.amount) + bar * (at(last.amount) - at(first.amount) + 1)
    shown = f"{first.shown}–{last.shown}"
    return [*rows, f"{'likely band':<{_NAME}} {band}", f"{'':<{_NAME}} {shown:>{max(len(band), len(shown))}}"]


def _block(block: Block) -> list[str]:
    if block.rows:
        return _table(block.head, block.rows)
    if block.items:
        return [line for item in block.items for line in wrap(f"- {item}", indent="  ")]
    if block.letter:
        return [
            line for text in block.letter.splitlines() for line in (wrap(text, indent="  ", hang="") or [""])
        ]
    return wrap(block.text, indent="  ", hang="")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns where they fit; else each row as its first cell and the rest named under it."""
    table = [head, *rows]
    widths = [max(len(row[k]) for row in table) for k in range(len(head))]
    if sum(widths) + _GAP * len(widths) <= WIDTH:
        return [
            "  " + (" " * _GAP).join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True))
            for row in table
        ]
    out = []
    for row in rows:
        if len(row) == 3:
            out += wrap(f"{row[0]}: {'; '.join(cell for cell in row[1:] if cell)}", indent="  ")
            continue
        out += wrap(cut(row[0], WIDTH - 2), indent="  ", hang="")
        if len(row) == 2:
            out += wrap(row[1], indent="    ", hang="")
        else:
            said = "; ".join(
                f"{name[0].lower()}{name[1:]} {cell}"
                for name, cell in zip(head[1:], row[1:], strict=True)
                if cell
            )
            out += wrap(said, indent="    ", hang="")
    return out
