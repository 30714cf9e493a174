"""An estimate for people: the answer in words, the distribution drawn, then why."""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import numpy as np

from paylens.faces.cli.output import colour, money, wide

__all__ = ["lines", "render"]

_WIDTH = 78
_COLUMNS = 64
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#%"


def render(answer: dict[str, Any]) -> None:
    """Print an estimate (the shape of `contract.answer.Estimate`)."""
    text = "\n".join(lines(answer, unicode=wide()))
    if not wide():
        swap: dict[str, str | int | None] = {"×": "x", "–": "-", "·": "-", "…": "...", "“": '"', "”": '"'}
        text = text.translate(str.maketrans(swap))
        text = text.encode(sys.stdout.encoding or "ascii", "replace").decode(sys.stdout.encoding or "ascii")
    print(text)


def lines(a: dict[str, Any], *, unicode: bool = True) -> list[str]:
    """The readable form, 80 columns at most."""
    out: list[str] = []
    thin = [n for n in a["notes"] if n.startswith("Modelled from")]
    for note in thin:
        out += _wrap(colour(note, "33"))
    out += [*_wrap(colour(_headline(a), "1")), ""]
    out += [*_drawn(a, unicode), "", *_factors(a), "", *_ageing(a)]
    if a["total"]:
        t, c = a["total"], a["currency"]
        out += _wrap(
            f"With equity a year: {money(t['p25'], c)}–{money(t['p75'], c)}, the middle {money(t['p50'], c)}."
        )
    out += ["", *_evidence(a), "", *_confidence(a)]
    out += _ignored(a)
    for note in a["notes"]:
        if note not in thin:
            out += _wrap(f"Note: {note}")
    if a.get("fx"):
        out += _wrap(
            f"Note: {a['fx']['per_usd']:.4g} {a['fx']['currency']} a US dollar, {a['fx']['source']}, {a['fx']['month']}"
        )
    out.append(f"Release {a['release']}")
    return [line.rstrip() for line in out]


def _wrap(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=True
    ) or [""]


def _where(a: dict[str, Any]) -> str:
    label = str(a["place"]["label"])
    return (
        "the world"
        if a["place"]["kind"] == "world"
        else label.split(",")[0]
        if a["place"]["kind"] in ("metro", "city")
        else label
    )


def _headline(a: dict[str, Any]) -> str:
    p, c = a["percentiles"], a["currency"]
    low, high, middle = money(p["p25"], c), money(p["p75"], c), money(p["p50"], c)
    if a.get("as_reported_in"):
        return f"As {a['as_reported_in']} would report it, half of people like you in {_where(a)} fall in {low}–{high}; the middle is {middle}."
    measure = {"base": " base pay", "cash": "", "total": " with equity"}.get(a["pay"], "")
    return f"Half of people like you in {_where(a)} earn {low}–{high}{measure}; the middle is {middle}."


def _drawn(a: dict[str, Any], unicode: bool) -> list[str]:
    """Density from the quantiles over a linear axis, with five percentiles marked under it."""
    q = np.array(list(a["quantiles"].values()))
    levels = np.array([float(k) for k in a["quantiles"]])
    left, right = q[0] - (q[1] - q[0]), q[-1] + (q[-1] - q[-2])
    edges = np.linspace(max(left, 0.0), right, _COLUMNS + 1)
    cdf = np.interp(
        edges, np.concatenate([[max(left, 0.0)], q, [right]]), np.concatenate([[0.0], levels, [1.0]])
    )
    density = np.convolve(np.diff(cdf), np.array([1, 2, 3, 2, 1]) / 9, mode="same")
    blocks = _BLOCKS if unicode else _ASCII
    rows = 5
    height = np.round(density / density.max() * rows * 8).astype(int)
    drawn = []
    for row in range(rows - 1, -1, -1):
        cells = np.clip(height - row * 8, 0, 8)
        drawn.append("  " + "".join(blocks[c] for c in cells))
    axis = ["-" if not unicode else "─"] * _COLUMNS
    marks = {
        name: int(np.clip(np.searchsorted(edges, a["percentiles"][name]) - 1, 0, _COLUMNS - 1))
        for name in ("p10", "p25", "p50", "p75", "p90")
    }
    for name, at in marks.items():
        axis[at] = {"p50": "┿" if unicode else "+"}.get(name, "┴" if unicode else "|")
    drawn.append("  " + "".join(axis))
    drawn += [
        "  " + _labels(marks, {k: k for k in marks}),
        "  " + _labels(marks, {k: money(a["percentiles"][k], a["currency"]) for k in marks}, stagger=True),
    ]
    return [line for part in drawn for line in part.split("\n")]


def _labels(marks: dict[str, int], texts: dict[str, str], *, stagger: bool = False) -> str:
    """Texts under their marks; those that would touch go a line lower."""
    rows = [[" "] * (_COLUMNS + 12), [" "] * (_COLUMNS + 12)]
    ends = [-2, -2]
    for name, at in marks.items():
        start = max(at - len(texts[name]) // 2, 0)
        row = 0 if start > ends[0] + 1 or not stagger else 1
        start = max(start, ends[row] + 2)
        rows[row][start : start + len(texts[name])] = list(texts[name])
        ends[row] = start + len(texts[name])
    written = ["".join(r).rstrip() for r in rows]
    return "\n  ".join(w for w in written if w)


def _factors(a: dict[str, Any]) -> list[str]:
    b = a["baseline"]
    out = [f"{b['what'][:52]:<54}{money(b['p50'], a['currency']):>14}"]
    for f in a["factors"]:
        name = f"  {f['factor'].replace('_', ' ')}: {f['given']}"
        note = f.get("note")
        clear = "no clear" in (note or "") or "no reliable" in (note or "")
        said = "  no clear difference" if clear else f"  × {f['multiplier']:.2f}"
        out.append(f"{name[:43]:<44}{said:<10}  ({f['low']:.2f}–{f['high']:.2f})"[:_WIDTH])
    if not a["factors"]:
        out.append("  nothing else was given: each fact you add narrows the answer")
    return out


def _ageing(a: dict[str, Any]) -> list[str]:
    g = a.get("ageing")
    if not g:
        return []
    return _wrap(
        f"Evidence to {g['evidence_to']}, brought to {a['as_of']} by × {g['multiplier']:.3f} ({g['low']:.3f}–{g['high']:.3f}; {g['index']}). "
        f"Before that the middle is {money(g['p50_before'], a['currency'])}."
    )


def _evidence(a: dict[str, Any]) -> list[str]:
    c = a["currency"]
    out = [f"{'evidence':<38}{'n':>6} {'p25':>10} {'p50':>10} {'p75':>10}"]
    for e in a["evidence"]:
        n = "" if e["n"] is None else f"{e['n']:,}"
        cells = " ".join(f"{'' if e[k] is None else money(e[k], c):>10}" for k in ("p25", "p50", "p75"))
        out.append(f"{e['source'] + ' ' + e['vintage']:<38}{n:>6} {cells}"[:_WIDTH])
        pay = f", {e['pay']}" if e.get("pay") else ""
        how = "measured" if e["measured"] else "modelled"
        out += _wrap(f"  {e['cohort']} ({how}{pay}){': ' + e['note'] if e['note'] else ''}")
    return out


def _confidence(a: dict[str, Any]) -> list[str]:
    return _wrap(f"Confidence: {a['confidence']['label']} ({'; '.join(a['confidence']['why'])}).")


def _ignored(a: dict[str, Any]) -> list[str]:
    out = []
    for i in a["ignored"]:
        near = f"; nearest: {', '.join(i['nearest'])}" if i["nearest"] else ""
        out += _wrap(f"Not used: {i['field']} '{i['given']}' is not known{near}")
    return out
