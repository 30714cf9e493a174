"""An estimate for people: the answer in words, the distribution drawn, then why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.faces.cli.draw import distribution
from paylens.faces.cli.output import WIDTH, colour, cut, money, print_lines, wrap

__all__ = ["headline", "lines", "render"]

_BOLD, _WARNING = "1", "33"
_MEASURES = {
    "base": "Base pay",
    "cash": "Cash (base and bonus)",
    "total": "Cash and equity",
}
_UNCLEAR = ("no clear", "no reliable")
_THIN = "Modelled from"
Answer = Mapping[str, Any]


def render(answer: Answer) -> None:
    """Print an estimate (the shape of `contract.answer.Estimate`)."""
    print_lines(lines(answer))


def lines(a: Answer) -> list[str]:
    """The readable form, at most 78 columns wide; thin evidence is said before the answer."""
    thin = [note for note in a["notes"] if note.startswith(_THIN)]
    blocks = [
        [colour(line, _WARNING) for note in thin for line in wrap(note, hang="")]
        + [colour(line, _BOLD) for line in wrap(headline(a), hang="")],
        distribution(a["quantiles"], a["percentiles"], a["currency"]),
        _said(a),
        _factors(a),
        _ageing(a),
        _evidence(a),
        [*_confidence(a), *_ignored(a), *_notes(a, thin), f"Release {a['release']}"],
    ]
    out: list[str] = []
    for block in blocks:
        if block:
            out += [*([""] if out else []), *(line.rstrip() for line in block)]
    return out


def _where(a: Answer) -> str:
    place = a["place"]
    if place["kind"] == "world":
        return "the world"
    label = str(place["label"])
    return label.split(",")[0] if place["kind"] in ("metro", "city") else label


def headline(a: Answer) -> str:
    """The answer in one sentence."""
    p, c = a["percentiles"], a["currency"]
    half, middle = f"{money(p['p25'], c)}–{money(p['p75'], c)}", money(p["p50"], c)
    if a.get("as_reported_in"):
        return (
            f"As {a['as_reported_in']} would report it, half of people like you in {_where(a)} "
            f"fall in {half}; the middle is {middle}."
        )
    return f"Half of people like you in {_where(a)} earn {half}; the middle is {middle}."


def _said(a: Answer) -> list[str]:
    """What the drawing shows, as frequencies, and of which measure of pay."""
    p, c = a["percentiles"], a["currency"]
    measure = str(a["pay"] if a.get("as_reported_in") else _MEASURES.get(a["pay"], a["pay"]))
    out = wrap(
        f"8 in 10 earn {money(p['p10'], c)}–{money(p['p90'], c)}, 1 in 10 less and 1 in 10 more. "
        f"{measure[:1].upper()}{measure[1:]} a {a['period']} before tax, {a['as_of']}."
    )
    if a.get("total"):
        t = a["total"]
        out += wrap(
            f"With equity, half earn {money(t['p25'], c)}–{money(t['p75'], c)} a year; "
            f"the middle is {money(t['p50'], c)}."
        )
    if a.get("range_width"):
        out += wrap(f"The high end of an advertised range is {a['range_width']:.2f} × its low end.")
    return out


def _factors(a: Answer) -> list[str]:
    """From the market's level to yours: one row a fact, with its 90 % interval."""
    base = a.get("baseline")
    if not base:
        return []
    amounts = [money(base["p50"], a["currency"]), money(a["percentiles"]["p50"], a["currency"])]
    wide = max(len(amount) for amount in amounts)
    left = WIDTH - wide - 1
    out = [f"{cut(base['what'], left):<{left}} {amounts[0]:>{wide}}"]
    for f in a["factors"]:
        name = f"  {f['factor'].replace('_', ' ')}: {f['given']}"
        between = f"({f['low']:.2f}–{f['high']:.2f})"
        note = f.get("note") or ""
        if note.startswith(_UNCLEAR):
            out.append(f"{cut(name, 42):<43}{'no clear difference':<21}{between:>14}")
        else:
            out.append(f"{cut(name, 42):<43}{'× ' + format(f['multiplier'], '.2f'):<21}{between:>14}")
            out += wrap(note, indent="    ") if note else []
    if not a["factors"]:
        out.append("  nothing else was given: each fact you add narrows the answer")
    return [*out, f"{'The middle for you':<{left}} {amounts[1]:>{wide}}"]


def _ageing(a: Answer) -> list[str]:
    g = a.get("ageing")
    if not g:
        return []
    return wrap(
        f"Evidence to {g['evidence_to']}, brought to {a['as_of']} by × {g['multiplier']:.3f} "
        f"({g['low']:.3f}–{g['high']:.3f}; {g['index']}); before that the middle is "
        f"{money(g['p50_before'], a['currency'])}."
    )


def _evidence(a: Answer) -> list[str]:
    """What each source says beside the answer, nearest first, under its own terms."""
    if not a["evidence"]:
        return []
    keys = ("p25", "p50", "p75")
    cells = [["" if e[k] is None else money(e[k], a["currency"]) for k in keys] for e in a["evidence"]]
    wide = max(10, *(len(cell) for row in cells for cell in row))
    left = max(12, WIDTH - 7 - 3 * (wide + 1))

    def row(name: str, n: str, amounts: Sequence[str]) -> str:
        return f"{cut(name, left):<{left}}{n:>7}" + "".join(f" {amount:>{wide}}" for amount in amounts)

    out = [row("What each source says", "n", keys)]
    for e, amounts in zip(a["evidence"], cells, strict=True):
        out.append(row(f"{e['source']} {e['vintage']}", "" if e["n"] is None else f"{e['n']:,}", amounts))
        how = ["measured" if e["measured"] else "modelled", *([e["pay"]] if e.get("pay") else [])]
        note = f": {e['note']}" if e["note"] else ""
        out += wrap(f"{e['cohort']} ({', '.join(how)}){note}", indent="  ")
    return out


def _confidence(a: Answer) -> list[str]:
    return wrap(f"Confidence: {a['confidence']['label']} ({'; '.join(a['confidence']['why'])}).")


def _ignored(a: Answer) -> list[str]:
    out = []
    for i in a["ignored"]:
        near = f"; nearest: {', '.join(i['nearest'])}" if i["nearest"] else ""
        out += wrap(f"Not used: {i['field']} '{cut(i['given'], 60)}' is not known{near}")
    return out


def _notes(a: Answer, thin: list[str]) -> list[str]:
    out = []
    role = a["role"]
    if role["asked"].strip().lower() != role["label"].lower():
        sure = "" if role["score"] >= 0.995 else f" (likeness {role['score']:.2f})"
        out += wrap(f"Note: '{cut(role['asked'], 60)}' is taken as {role['label']}{sure}")
    for note in a["notes"]:
        if note not in thin:
            out += wrap(f"Note: {note}")
    if a.get("fx"):
        fx = a["fx"]
        out += wrap(f"Note: {fx['per_usd']:.4g} {fx['currency']} a US dollar ({fx['source']}, {fx['month']})")
    return out
