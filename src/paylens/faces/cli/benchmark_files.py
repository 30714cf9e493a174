"""A benchmark's rows and pictures as files: CSV, Parquet, one HTML page, SVG or PNG; each whole or not at all."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from paylens.advice.benchmark.columns import NUMBERS, PERCENTILES, TEXTS, csv_of, flat
from paylens.charts import benchmark as drawn_rows
from paylens.charts import heat, picture
from paylens.contract.errors import InputError
from paylens.faces.cli.batch_files import replacing
from paylens.faces.cli.output import money
from paylens.faces.cli.render_benchmark import headline, value_of

__all__ = ["check_ending", "page", "write_chart", "write_picture", "write_rows"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #5b6570; --line: #d5dae0; --accent: #1f5f8b; --paper: #fff; --warn: #8a5200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --quiet: #a3adb8; --line: #39424c; --accent: #7db8e0; --paper: #14181c; --warn: #f0b35e; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1000px; margin: 32px auto; padding: 0 16px; }
h1 { font-size: 24px; line-height: 1.3; text-wrap: balance; } p, li { color: var(--quiet); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th { text-align: left; font-weight: 600; padding: 16px 8px 4px 0; } thead th { color: var(--quiet); font-weight: 400; border-bottom: 1px solid var(--line); }
td { padding: 4px 8px 4px 0; white-space: nowrap; } td.r, th.r { text-align: right; } td.why { white-space: normal; color: var(--quiet); }
.warn { color: var(--warn); white-space: normal; } svg { width: 260px; height: 16px; display: block; }
.thin { stroke: var(--quiet); stroke-width: 1.5; } .thick { stroke: var(--accent); stroke-width: 6; opacity: .5; } .dot { fill: var(--accent); }
.guide { fill: none; stroke: var(--quiet); stroke-dasharray: 3 2; }
@media print { body { margin: 0; max-width: none; } table { font-size: 10px; } svg { width: 140px; } .scroll { overflow: visible; } }
"""
Answer = Mapping[str, Any]


def check_ending(option: str, path: Path, endings: Sequence[str]) -> None:
    """InputError where a file's name does not end in one of the endings, or its folder is not there."""
    if path.suffix.lower() not in endings:
        raise InputError(f"--{option}", str(path), f"{path.name}: the name must end in {', '.join(endings)}")
    if not path.parent.is_dir():
        raise InputError(f"--{option}", str(path), f"{path.parent}: no such folder")


def write_chart(answer: Answer, path: Path) -> None:
    """The chart of a benchmark as SVG or PNG, by the name's ending: rows, or of two factors a heat table."""
    draw = heat if answer["grid"] else drawn_rows
    write_picture(draw(answer, headline(answer)), path)


def write_picture(spec: Mapping[str, Any], path: Path) -> None:
    """A chart as SVG or PNG, by the name's ending."""
    data = picture(spec, path.suffix.lower()[1:])
    with replacing(path) as out:
        out.write(data)


def write_rows(answer: Answer, path: Path) -> None:
    """A benchmark's rows as CSV, Parquet or HTML, by the name's ending."""
    ending = path.suffix.lower()
    if ending == ".html":
        data = page(answer).encode()
    else:
        names, rows = flat(answer)
        data = csv_of(names, rows) if ending == ".csv" else _parquet(names, rows)
    with replacing(path) as out:
        out.write(data)


def _parquet(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = {*TEXTS, "role", "answered_by"} | {n for n in names if rows and isinstance(rows[0][n], str)}
    whole = {"n", "employers"}
    numbers = {
        *NUMBERS,
        "range_low",
        "range_high",
        "pooled_share",
        "answered_by_p50",
        *(f"pooled_{p}" for p in PERCENTILES),
    }
    kinds = {
        n: pa.int64() if n in whole else pa.float64() if n in numbers - text else pa.string() for n in names
    }
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=pa.schema(kinds)), sink)
    return sink.getvalue()


def page(answer: Answer) -> str:
    """One page that needs nothing else: no script, no outside file, light and dark by the reader's choice."""
    said = html.escape(headline(answer))
    blocks = []
    scales = {
        c: _ends([r for r in answer["rows"] if r["currency"] == c])
        for c in {r["currency"] for r in answer["rows"]}
    }
    for value, group in groupby(answer["rows"], key=value_of):
        blocks.append(f'<tr><th colspan="8" scope="rowgroup">{html.escape(value or "All of them")}</th></tr>')
        blocks += [_html_row(r, *scales[r["currency"]]) for r in group]
    notes = [*([f"Order: {answer['order']}"] if answer["order"] else []), *answer["notes"]]
    listed = "".join(f"<li>{html.escape(n)}</li>" for n in notes)
    heads = "".join(f'<th scope="col"{r}>{h}</th>' for h, r in _heads())
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{said}</title><style>{_STYLE}</style></head><body><h1>{said}</h1>"
        f"<p>Dot: the median; thick line: half of people; thin line: 8 in 10. Gross pay a year.</p>"
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(blocks)}</tbody></table></div>'
        f"<ul>{listed}</ul><p>paylens, release {html.escape(answer['release'])}, {answer['as_of']}</p></body></html>\n"
    )


def _heads() -> list[tuple[str, str]]:
    right = ' class="r"'
    return [
        ("source", ""), ("pay", ""), ("n", right), ("p25", right), ("median", right), ("p75", right), ("", ""), ("of", ""),
    ]  # fmt: skip


def _ends(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    ends = [v for r in rows for v in (*(r[p] for p in PERCENTILES), *(r["range"] or ())) if v is not None]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def _html_row(r: Mapping[str, Any], low: float, high: float) -> str:
    name = html.escape("modelled" if r["kind"] == "modelled" else r["source"])
    if r["kind"] == "withheld":
        instead = r["answered_by"]
        then = f"; {instead['cohort']} answers, n {instead['n']:,}" if instead else ""
        return f'<tr><td>{name}</td><td class="why" colspan="7">not shown: {html.escape(str(r["reason"]) + then)}</td></tr>'
    amounts = "".join(
        f'<td class="r">{"" if r[p] is None else html.escape(money(r[p], r["currency"]))}</td>'
        for p in ("p25", "p50", "p75")
    )
    n = "" if r["n"] is None else f"{r['n']:,}"
    pooled = f", {100 * r['pooled']['share']:.0f} % pooled" if r["pooled"] else ""
    under = (
        f'<tr><td></td><td class="warn" colspan="7">{html.escape(r["warning"])}</td></tr>'
        if r["warning"]
        else ""
    )
    return (
        f'<tr><td>{name}</td><td>{html.escape(r["pay"])}</td><td class="r">{n}</td>{amounts}'
        f"<td>{_drawn(r, low, high)}</td><td>{html.escape(r['vintage'] or '')}{pooled}</td></tr>{under}"
    )


def _drawn(r: Mapping[str, Any], low: float, high: float) -> str:
    def at(amount: float) -> float:
        return round(6 + 248 * (amount - low) / (high - low), 1)

    parts = []
    for a, b, kind in (("p10", "p90", "thin"), ("p25", "p75", "thick")):
        if r[a] is not None and r[b] is not None:
            parts.append(f'<line class="{kind}" x1="{at(r[a])}" x2="{at(r[b])}" y1="8" y2="8"/>')
    if r["range"]:
        start, end = (at(v) for v in r["range"])
        parts.append(f'<rect class="guide" x="{start}" y="3" width="{end - start:.1f}" height="10"/>')
    if r["p50"] is not None:
        parts.append(f'<circle class="dot" cx="{at(r["p50"])}" cy="8" r="4"/>')
    return f'<svg viewBox="0 0 260 16" aria-hidden="true">{"".join(parts)}</svg>'
