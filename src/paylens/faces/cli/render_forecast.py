"""A forecast for people: the growth in words, drawn, year by year, then scenarios, back-test, drivers and breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from paylens.faces.cli.draw_fan import fan
from paylens.faces.cli.output import colour, money, print_lines, wrap

__all__ = ["render", "render_since"]

_BOLD = "1"
Answer = Mapping[str, Any]


def render(answer: Answer) -> None:
    """Print a forecast."""
    print_lines(lines(answer))


def lines(a: Answer) -> list[str]:
    """The readable form, at most 78 columns wide."""
    out = [colour(line, _BOLD) for line in wrap(a["first_line"], hang="")]
    level = money(a["level"]["p50"], a["currency"])
    real = f", in prices of {a['as_of']}" if a["real"] else ""
    out += [*wrap(f"{a['level']['what']}: the middle is {level} a year ({a['pay']}){real}.", hang=""), ""]
    out += [
        "       shaded: 50, 80 and 95 of 100 futures; now is 100",
        *fan(a["history"], a["years"]),
        "",
        *_years(a, a["years"]),
    ]
    if a["shifted"]:
        out += ["", _head("With the scenarios given"), *_years(a, a["shifted"])]
    out += ["", _head("If"), *(line for s in a["scenarios"] for line in _scenario(s))]
    out += ["", _head("Back-test"), *_backtest(a)]
    out += [
        "",
        _head("Behind it"),
        *wrap(f"{a['basis']['why']}.", indent="  ", hang=""),
        *_beside(a),
        *_drivers(a),
    ]
    if a["breaks"]:
        out += [
            "",
            _head("Breaks"),
            *(
                line
                for b in a["breaks"]
                for line in wrap(f"{b['month']} {b['source']}: {b['what']}", indent="  ")
            ),
        ]
    if a["inflation"]:
        out += ["", _head("Prices"), *_prices(a["inflation"])]
    if a["notes"]:
        out += ["", *(line for note in a["notes"] for line in wrap(f"Note: {note}"))]
    return [line.rstrip() for line in [*out, "", f"release {a['release']}"]]


def _head(text: str) -> str:
    return colour(text, _BOLD)


def _percent(share: float, digits: int = 1) -> str:
    return f"{'-' if round(100 * share, digits) < 0 else '+'}{abs(100 * share):.{digits}f} %"


def _years(a: Answer, years: Sequence[Answer]) -> list[str]:
    out = [f"  {'by':<8} {'index':>6}  {'80 in 100':<12} {'amount':>12}  {'80 in 100':<25} {''}"]
    for y in years[1:]:
        index, amount = y["index"], y["amount"]
        low, high = (money(amount[q], a["currency"]) for q in ("q10", "q90"))
        span = f"{index['q10']:.1f}–{index['q90']:.1f}"
        out.append(
            f"  {y['month']:<8} {index['p50']:>6.1f}  {span:<12} {money(amount['p50'], a['currency']):>12}  {f'{low}–{high}':<25} {y['status']}"
        )
    return out


def _scenario(s: Answer) -> list[str]:
    said = {
        "demand": f"postings change by {_percent(s['shift'], 0)}",
        "technology": f"AI's share of postings changes by {100 * s['shift']:+.0f} points",
        "globalisation": f"{100 * s['shift']:.0f} % of the gap between countries closes in ten years",
    }[s["scenario"]]
    effect = s["effect"]
    # A measured one that has no clear sign has no middle to give.
    clear = s["elasticity"]["clear"] or s["elasticity"]["status"] == "assumption"
    middle = f"pay {_percent(effect['p50'])} by the end" if clear else "no clear difference in pay"
    kind = "assumption" if s["elasticity"]["status"] == "assumption" else "measured"
    text = f"{said}: {middle} ({_percent(effect['low'])} to {_percent(effect['high'])}; {kind})"
    return [
        *wrap(f"{s['scenario']:<14}{text}", indent="  ", hang=" " * 14),
        *wrap(s["note"], indent=" " * 16, hang=""),
    ]


def _backtest(a: Answer) -> list[str]:
    shown = [r for r in a["backtest"] if r["model"] == "shown"]
    if not shown:
        return ["  none: nothing to test against"]
    out = [
        f"  {'years':>5} {'error':>7} {'/ last drift':>13} {'/ mean drift':>13} {'80 % held':>10} {'windows':>8} {'independent':>12}"
    ]
    for r in shown:
        mean = "" if r["against_mean"] is None else f"{r['against_mean']:.2f}"
        held = "" if r["cover80"] is None else f"{100 * r['cover80']:.0f} %"
        out.append(
            f"  {r['years']:>5} {100 * r['error']:>5.1f} % {r['mase']:>13.2f} {mean:>13} {held:>10} {r['windows']:>8} {r['independent']:>12}"
        )
    others: dict[str, list[float]] = {}
    for r in a["backtest"]:
        if r["model"] != "shown" and r["mase"] is not None:
            others.setdefault(r["model"], []).append(r["mase"])
    tried = ", ".join(
        f"{m} {fmean(v):.2f}" for m, v in sorted(others.items(), key=lambda item: fmean(item[1]))
    )
    first, last = shown[0]["first"], max(r["last"] for r in shown)
    text = (
        f"At each origin, {first} to {last}, the model that had done best by then was shown. Error over that of last drift, mean of "
        f"all years ahead: {tried}. Now used: {a['basis']['model']}. Windows overlap; independent ones do not."
    )
    return [*out, *wrap(text, indent="  ", hang="")]


def _beside(a: Answer) -> list[str]:
    out = []
    for b in a["beside"]:
        error = "" if b["error"] is None else f" ± {100 * 1.6449 * b['error']:.1f}"
        broken = f"; breaks: {b['broken']}" if b["broken"] else ""
        where = "" if b["country"] == a["place"]["country"] else f" ({b['country']})"
        text = f"{b['label']}{where}, {b['kind']}: {_percent(b['a_year'])}{error} a year, {b['from']} to {b['to']}{broken}"
        out += wrap(text, indent="  ")
    return out


def _drivers(a: Answer) -> list[str]:
    out = []
    for d in a["drivers"]:
        share = d["variable"].startswith("share")
        over = "over" in d["variable"]
        value, before = (None if v is None else _reading(v, share, over) for v in (d["value"], d["before"]))
        since = "" if before is None else f", {before} a year earlier"
        out += wrap(
            f"{d['variable']}, {d['country']} {d['month']}: {value}{since} ({d['source']})", indent="  "
        )
    return out


def _reading(value: float, share: bool, over: bool) -> str:
    return f"{100 * value:.1f} %" if share else _percent(value - 1, 0) if over else f"{value:.0f}"


def _prices(inflation: Answer) -> list[str]:
    rates = ", ".join(f"{y['year']} {_percent(y['change'])}" for y in inflation["years"])
    return [
        *wrap(
            f"{inflation['source']}, published to {inflation['known_to']}; {inflation['rule']}.",
            indent="  ",
            hang="",
        ),
        *wrap(rates, indent="  ", hang=""),
    ]


def render_since(answer: Answer) -> None:
    """Print what changed between two releases."""
    print_lines(since_lines(answer))


def since_lines(a: Answer) -> list[str]:
    """What changed since a release, at most 78 columns wide."""
    out = [colour(line, _BOLD) for line in wrap(a["verdict"], hang="")]
    for name, rows in a["inputs"].items():
        if rows:
            said = ", ".join(f"{r['source']} {r['vintage']} ({r['title']})" for r in rows)
            out += ["", _head(f"Inputs {name}"), *wrap(said, indent="  ", hang="")]
    if a["files"]:
        out += ["", _head("Tables that differ")]
        out += [
            line
            for kind, names in a["files"].items()
            for line in wrap(f"{kind}: {', '.join(names)}", indent="  ")
        ]
    if a["watched"]:
        out += [
            "",
            _head(
                f"Watched medians, each asked for its release's month ({a['from_month']}, {a['to_month']})"
            ),
        ]
        out.append(f"  {'role':<27} {'place':<15} {'change':>8} {'model':>8} {'time':>8}")
        for w in a["watched"]:
            parts = [_percent(w["change"]), *(_percent(w["parts"][k] - 1) for k in ("model", "ageing"))]
            out.append(
                f"  {w['role'][:27]:<27} {(w['place'] or 'world')[:15]:<15} "
                + " ".join(f"{p:>8}" for p in parts)
            )
    return [line.rstrip() for line in [*out, "", *(line for n in a["notes"] for line in wrap(f"Note: {n}"))]]
