"""A brief as one HTML file that needs nothing else: its style inside, no script, an axis drawn as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from paylens.advice.negotiate.brief import Block, Brief
from paylens.briefs.axis import axis

__all__ = ["html"]

_STYLE: Final = Path(__file__).parent / "brief.css"
_WIDE, _ROW, _LONG = 760, 52, 12


def html(b: Brief) -> bytes:
    """UTF-8, light and dark, with styles for print."""
    title = escape(b.title)
    parts = [
        f'<h1>{title}</h1>\n<p class="first">{escape(b.first_line)}</p>', _axis(b), f'<p class="terms">{escape(b.terms)}</p>',
        *(f"<h2>{escape(s.heading)}</h2>\n" + "\n".join(map(_block, s.blocks)) for s in b.sections),
        "<footer>" + "".join(f"<p>{escape(note)}</p>" for note in b.notes) + "</footer>",
    ]  # fmt: skip
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    style = _STYLE.read_text(encoding="utf-8")
    body = "\n".join(parts)
    page = f'<!doctype html>\n<html lang="en"><head>{head}<title>{title}</title>\n<style>\n{style}</style></head>\n<body>\n{body}\n</body></html>\n'
    return page.encode()


def _block(block: Block) -> str:
    if block.rows:
        return f'<div class="wide"><table><thead><tr>{_cells(block.head, "th")}</tr></thead><tbody>' + "".join(
            f"<tr>{_cells(row, 'td')}</tr>" for row in block.rows
        ) + "</tbody></table></div>"  # fmt: skip
    if block.items:
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if block.letter:
        return f'<div class="letter">{escape(block.letter)}</div>'
    return f"<p>{escape(block.text)}</p>"


def _cells(row: Sequence[str], tag: str) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)


def _axis(b: Brief) -> str:
    a = axis(b)
    line = a.rows * _ROW + 10
    low, high = (_WIDE * share for share in a.band)
    band = f"employer's likely band, {escape(a.labels[0])}–{escape(a.labels[1])}"
    out = [
        f'<svg viewBox="0 0 {_WIDE} {line + 36}" role="img" aria-label="{escape(b.first_line)}">',
        f'<rect class="band" x="{low:.1f}" y="{line - 9}" width="{max(high - low, 1):.1f}" height="18"/>',
        f'<line class="line" x1="0" x2="{_WIDE}" y1="{line}" y2="{line}"/>',
        f'<text class="soft" x="{low:.1f}" y="{line + 30}">{band}</text>',
    ]
    for m in a.marks:
        x, y = _WIDE * m.at, 18 + m.row * _ROW
        # A label of many names at the right end stands to the left of its mark.
        side = 'dx="-6" text-anchor="end"' if m.at > 0.7 and len(m.name) > _LONG else 'dx="6"'
        out += [
            f'<text class="soft" x="{x:.1f}" y="{y}" {side}>{escape(m.name)}</text>',
            f'<text x="{x:.1f}" y="{y + 21}" {side}>{escape(m.shown)}</text>',
            f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 14}" y2="{line}"/>',
            f'<circle class="mark" cx="{x:.1f}" cy="{line}" r="4.5"/>',
        ]
    return "\n".join([*out, "</svg>"])
