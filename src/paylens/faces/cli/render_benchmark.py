"""A benchmark for people: the answer in words, then dot-and-range rows on one scale, then what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from paylens.advice.benchmark.columns import withheld
from paylens.faces.cli.output import WIDTH, colour, cut, money, print_lines, wide, wrap

__all__ = ["headline", "lines", "render", "value_of"]

_BOLD, _WARNING = "1", "33"
_SOURCE, _PAY, _N, _VINTAGE, _POOLED = 13, 6, 5, 9, 6
_FEWEST = 12
_NAMED = 3
_WIDEST = 22
_TITLE = "by title"
# What a row's pay is of, in one word; the legend has the whole.
_WORD = {
    "advertised midpoint": "advert",
    "yearly pay as asked": "asked",
    "yearly gross pay, as the guide says": "gross",
}
Answer = Mapping[str, Any]
Row = Mapping[str, Any]


def render(answer: Answer) -> None:
    """Print a benchmark (the shape in docs/interface.md)."""
    print_lines(lines(answer))


def lines(a: Answer) -> list[str]:
    """The readable form, at most 78 columns wide."""
    blocks = [
        [colour(line, _BOLD) for line in wrap(headline(a), hang="")],
        _grid(a),
        *_tables(a),
        _answers_instead(a),
        _legend(a),
        _notes(a),
    ]
    out: list[str] = []
    for block in blocks:
        if block:
            out += [*([""] if out else []), *(line.rstrip() for line in block)]
    return out


def headline(a: Answer) -> str:
    """The answer in one sentence."""
    who = f"{a['role']['label']}s" if not a["role"]["label"].endswith("s") else a["role"]["label"]
    if isinstance(a["place"], list):
        return _compared(a, who) if a["by"] != ["level"] else _nine(a, who)
    where = "the world" if a["place"]["kind"] == "world" else str(a["place"]["label"])
    where = f"the {where}" if where.startswith("United ") else where
    shown = [r for r in a["rows"] if r["p50"] is not None]
    if not shown:
        if any(r["range"] for r in a["rows"]):
            return f"What a published guide says {who.lower()} in {where} get; it is no evidence."
        held = next((r for r in a["rows"] if r["reason"]), None)
        return f"No figure may be shown of {who.lower()} in {where}: {held['reason'] if held else 'nothing is published'}."
    if not a["by"]:
        return _one(shown, who, where)
    if not any(r["by"] for r in shown):
        what = " and ".join(f.replace("_", " ") for f in a["by"])
        return f"No figure of {who.lower()} in {where} may be shown by {what}; all of them are below."
    lead = _lead(a)
    mine = [r for r in shown if r["source"] == lead["source"] and r["by"]][:_NAMED]
    named = "; ".join(f"{value_of(r)} {money(r['p50'], r['currency'])}" for r in mine)
    what = " and ".join(f.replace("_", " ") for f in a["by"])
    if len(a["by"]) == 2 and a["sort"] is None:
        every = sorted(
            (r for r in shown if r["source"] == lead["source"] and r["by"]), key=lambda r: r["p50"]
        )
        low, high = (f"{money(r['p50'], r['currency'])} ({value_of(r)})" for r in (every[0], every[-1]))
        return f"{who} in {where}, by {what}, as {_says(lead)}: the middle goes from {low} to {high}."
    best = "best paid " if a["sort"] and a["sort"].startswith("p") else ""
    more = " …" if len([r for r in shown if r["source"] == lead["source"]]) > _NAMED else ""
    return f"{who} in {where}, {best}by {what}, as {_says(lead)}: {named}{more}"


def _lead(a: Answer) -> Row:
    """A row of the source that speaks in the first line: the one that the values are ordered by, or has most reports."""
    rows = [r for r in a["rows"] if r["p50"] is not None and r["by"]] or [
        r for r in a["rows"] if r["p50"] is not None
    ]
    sources: dict[str, float] = {}
    for r in rows:
        sources[r["source"]] = sources.get(r["source"], 0) + (r["n"] or 0) * (r["kind"] == "measured")
    best = max(sources, key=lambda s: sources[s])
    return next(r for r in rows if r["source"] == best)


def _says(row: Row) -> str:
    return "modelled" if row["kind"] == "modelled" else f"{row['source']} has it ({row['pay']})"


def _one(shown: Sequence[Row], who: str, where: str) -> str:
    measured = [r for r in shown if r["kind"] == "measured"]
    first = max(measured, key=lambda r: r["n"] or 0, default=None)
    modelled = next((r for r in shown if r["kind"] == "modelled"), None)
    said = [
        f"{money(r['p25'], r['currency'])}–{money(r['p75'], r['currency'])} as {_says(r)}" if r["p25"] is not None
        else f"about {money(r['p50'], r['currency'])} as {_says(r)}"
        for r in ([r for r in (first, modelled) if r is not None] or shown[:1])
    ]  # fmt: skip
    return f"Half of {who.lower()} in {where} get {', '.join(said)}."


def _compared(a: Answer, who: str) -> str:
    first, second = (str(p["label"]).split(",")[0] for p in a["place"])
    pairs = a["comparison"] or []
    if not pairs:
        return f"{who} in {first} and {second}, side by side."
    said = [
        f"{p['ratio']:.2f} × as {'modelled' if p['kind'] == 'modelled' else p['source'] + ' has it'}"
        for p in pairs
    ]
    return f"{who}: the middle in {second} is that in {first} {', '.join(said)}."


def _nine(a: Answer, who: str) -> str:
    mid = [r for r in a["rows"] if r["kind"] == "modelled" and r["by"].get("level", {}).get("id") == "mid"]
    said = ", ".join(
        f"{r['by']['place']['label']} {money(r['p50'], r['currency'])}" for r in mid if r["p50"] is not None
    )
    return f"Mid-level {who.lower()}, modelled at four years: {said}."


def value_of(row: Row) -> str:
    """A row's value or values in words."""
    return " · ".join(str(v["label"]) for v in row["by"].values())


def _tables(a: Answer) -> list[list[str]]:
    """One block a value, of two places one a place and value; the scale once for each currency."""
    out: list[list[str]] = []
    scales: dict[str, _Scale] = {}
    for currency in dict.fromkeys(r["currency"] for r in a["rows"]):
        rows = [r for r in a["rows"] if r["currency"] == currency]
        scales[currency] = _Scale(rows, currency)
    last = None
    for value, group in groupby(a["rows"], key=value_of):
        rows = list(group)
        scale = scales[rows[0]["currency"]]
        block = scale.head(a["unit"]) if rows[0]["currency"] != last and scale.drawn else []
        last = rows[0]["currency"]
        if a["by"] or isinstance(a["place"], list):
            block.append(colour(cut(value or "All of them", WIDTH), _BOLD))
        for row in rows:
            if row["kind"] != "withheld":
                block += scale.row(row)
        block += _kept_back(rows)
        out.append(block)
    # Blocks follow each other without a gap: the value's name separates them.
    return [[line for block in out for line in block]]


def _grid(a: Answer) -> list[str]:
    """Medians of two factors, shaded from low to high; left out where it is wider than the terminal."""
    g = a["grid"]
    if not g:
        return []
    cells = [[None if v is None else money(v, g["currency"]) for v in line] for line in g["p50"]]
    heads = [cut(str(c), _WIDEST) for c in g["columns"]]
    left = max(len(cut(str(r), _WIDEST)) for r in g["rows"])
    widths = [max(len(h), *(len(line[i] or "") + 2 for line in cells)) for i, h in enumerate(heads)]
    if left + sum(w + 2 for w in widths) > WIDTH:
        return []
    known = [v for line in g["p50"] for v in line if v is not None]
    low, high = min(known), max(known)
    shades = " ░▒▓█" if wide() else " .:+#"
    out = [" " * left + "".join(f"  {h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for name, line, amounts in zip(g["rows"], cells, g["p50"], strict=True):
        said = cut(str(name), _WIDEST).ljust(left)
        for text, amount, w in zip(line, amounts, widths, strict=True):
            step = (
                0
                if amount is None or high <= low
                else round((len(shades) - 1) * (amount - low) / (high - low))
            )
            said += f"  {'-' if text is None else f'{shades[step]} {text}':>{w}}"
        out.append(said)
    return [*out, *wrap(f"medians of {g['source']} ({g['pay']}), darker is more; - is not shown")]


class _Scale:
    """One scale of money for rows of one currency."""

    def __init__(self, rows: Sequence[Row], currency: str) -> None:
        shown = ("p10", "p25", "p50", "p75", "p90")
        every = [v for r in rows for v in (*(r[p] for p in shown), *(r["range"] or ()))]
        ends: list[float] = [v for v in every if v is not None]
        self.currency, self.drawn = currency, bool(ends)
        self.low, self.high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        if self.high <= self.low:
            self.high = self.low * 1.1 + 1.0
        middles = [money(r["p50"], currency) for r in rows if r["p50"] is not None]
        middles += [_thousands(r["range"]) for r in rows if r["range"]]
        self.amount = max([len("median"), *(len(m) for m in middles)])
        self.columns = max(_FEWEST, WIDTH - 2 - _SOURCE - _PAY - _N - _VINTAGE - _POOLED - self.amount - 6)

    def head(self, unit: str | None) -> list[str]:
        """The names of the columns, and the ends of the scale over the drawing."""
        low, high = money(self.low, self.currency), money(self.high, self.currency)
        out = ["  in international dollars"] if unit == "international dollars" else []
        scale = low + high.rjust(self.columns - len(low))
        if len(scale) > self.columns:
            out, scale = [*out, f"  on one scale, from {low} to {high}"], ""
        left = f"  {'source':<{_SOURCE}} {'pay':<{_PAY}} {'n':>{_N}} {'median':>{self.amount}}"
        return [*out, f"{left} {scale:<{self.columns}} {'of':>{_VINTAGE}} {'pooled':>{_POOLED}}"]

    def row(self, r: Row) -> list[str]:
        """One row and the warnings under it."""
        n = "" if r["n"] is None else f"{r['n']:,}"
        p50 = "" if r["p50"] is None else money(r["p50"], self.currency)
        if r["range"]:
            p50 = _thousands(r["range"])
        pooled = f"{100 * r['pooled']['share']:.0f} %" if r["pooled"] else ""
        name = "modelled" if r["kind"] == "modelled" else r["source"] + (" *" if r["note"] == _TITLE else "")
        pay = _WORD.get(r["pay"], r["pay"].split()[0])
        line = (
            f"  {cut(name, _SOURCE):<{_SOURCE}} {cut(pay, _PAY):<{_PAY}} {n:>{_N}} {p50:>{self.amount}} {self._drawn(r):<{self.columns}} "
            f"{(r['vintage'] or ''):>{_VINTAGE}} {pooled:>{_POOLED}}"
        )
        warning = r["warning"] or (r["note"] if r["p50"] is None and r["range"] is None else None)
        return [line, *(colour(w, _WARNING) for w in (wrap(warning, indent="      ") if warning else []))]

    def _at(self, amount: float) -> int:
        return round((self.columns - 1) * (amount - self.low) / (self.high - self.low))

    def _drawn(self, r: Row) -> str:
        """p10 to p90 as a thin line, p25 to p75 as a thick one, the middle as a dot; a guide's range in brackets."""
        thin, thick, dot, dots = ("─", "━", "●", "┄") if wide() else ("-", "=", "o", ".")
        cells = [" "] * self.columns
        for low, high, sign in (("p10", "p90", thin), ("p25", "p75", thick)):
            if r[low] is not None and r[high] is not None:
                for i in range(self._at(r[low]), self._at(r[high]) + 1):
                    cells[i] = sign
        if r["range"]:
            start, end = (self._at(v) for v in r["range"])
            cells[start : end + 1] = ["[", *dots * (end - start - 1), "]"]
        if r["p50"] is not None:
            cells[self._at(r["p50"])] = dot
        return "".join(cells).rstrip()


def _thousands(ends: Sequence[float]) -> str:
    return "–".join(f"{v / 1000:,.0f}" for v in ends) + " k"


def _kept_back(rows: Sequence[Row]) -> list[str]:
    """Which sources may not show a value, and why, reasons once each."""
    said = "; ".join(f"{', '.join(sources)}: {reason}" for reason, sources in withheld(rows).items())
    return wrap(f"not shown: {said}", indent="  ") if said else []


def _answers_instead(a: Answer) -> list[str]:
    """The wider cells that answer for the ones not shown, each once."""
    found: dict[tuple[str, str], Row] = {}
    for r in a["rows"]:
        if r["answered_by"] and r["answered_by"]["p50"] is not None:
            found.setdefault((r["source"], r["answered_by"]["cohort"]), r)
    if not found:
        return []
    out = ["What is not shown is answered by a wider cell:"]
    for (source, cohort), r in list(found.items())[:8]:
        cell = r["answered_by"]
        out += wrap(f"{source}: {cohort}, {money(cell['p50'], r['currency'])}, n {cell['n']:,}", indent="  ")
    return out


def _legend(a: Answer) -> list[str]:
    """What each source's figures are of, and under what licence."""
    out: list[str] = []
    seen: set[str] = set()
    for r in a["rows"]:
        name = "modelled" if r["kind"] == "modelled" else r["source"]
        if r["kind"] == "withheld" or name in seen:
            continue
        seen.add(name)
        error = f", relative error {r['relative_error']:.1f} %" if r["relative_error"] else ""
        kind = {
            "measured": "measured",
            "modelled": "calibrated by the model",
            "official": "official",
            "guide": "not evidence",
        }[r["kind"]]
        note = f"; {r['note']}" if r["note"] and r["kind"] in ("official", "guide") else ""
        out += wrap(f"{name}: {r['pay']}; {kind}; licence {r['licence']}{error}{note}", hang="    ")
    return out


def _notes(a: Answer) -> list[str]:
    out = (
        wrap("* by title (entry, mid, senior); the rest of these rows by years")
        if a["by"] == ["level"]
        else []
    )
    out += wrap(f"Order: {a['order']}") if a["order"] else []
    for i in a["ignored"]:
        near = f"; nearest: {', '.join(i['nearest'])}" if i["nearest"] else ""
        out += wrap(f"Not used: {i['field']} '{cut(i['given'], 60)}' is not known{near}")
    for note in a["notes"]:
        out += wrap(f"Note: {note}")
    return [*out, f"Release {a['release']}"]
