"""A view as HTML that needs nothing else: every text escaped, its style in attributes, so that none leaks into the notebook."""

from __future__ import annotations

import re
from html import escape

from paylens.faces.notebook.views import Table, View

__all__ = ["page"]

_CELL = "padding:.25em .75em;text-align:{};border:0;border-bottom:1px solid #8883;font-variant-numeric:tabular-nums"
_FIGURE = re.compile(r"–|(?:[A-Z]{3} |× )?[+-]?[\d,.]+(?:[–-][\d,.]+)?(?: %)?|")
_TABLE = "border-collapse:collapse;margin:.5em 0;font-size:.92em"


def page(view: View, chart: str = "") -> str:
    """The first line, the chart (SVG, as it is), the tables and the notes."""
    parts = [f'<p style="font-size:1.15em;margin:.25em 0"><strong>{escape(view.first_line)}</strong></p>']
    if chart:
        parts.append(f'<div style="background:#fff;display:inline-block;max-width:100%">{chart}</div>')
    parts += [_table(table) for table in view.tables if table.rows]
    parts += [f'<p style="margin:.25em 0;opacity:.75">{escape(note)}</p>' for note in view.notes]
    return f'<div class="paylens">{"".join(parts)}</div>'


def _table(table: Table) -> str:
    align = _columns(table)
    head = "".join(_cell("th", *named) for named in zip(table.head, align, strict=True))
    body = "".join(
        f"<tr>{''.join(_cell('td', *shown) for shown in zip(row, align, strict=True))}</tr>"
        for row in table.rows
    )
    caption = f'<caption style="text-align:left;font-weight:600">{escape(table.title)}</caption>'
    return f'<table style="{_TABLE}">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _columns(table: Table) -> list[str]:
    """How each column stands: figures to the right, words to the left."""
    every = zip(*table.rows, strict=True)
    return ["right" if all(_FIGURE.fullmatch(text) for text in column) else "left" for column in every]


def _cell(tag: str, text: str, align: str) -> str:
    shown = escape(text.replace(" ", "\xa0") if align == "right" else text)
    return f'<{tag} style="{_CELL.format(align)}">{shown}</{tag}>'
