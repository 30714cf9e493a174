"""A career for people: the answer in words, gains with whiskers, what they take, the years ahead, two plans."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from paylens.faces.cli.draw_career import fan_rows, scale_of, whisker
from paylens.faces.cli.output import WIDTH, colour, cut, money, print_lines, wrap

__all__ = ["lines", "render"]

_BOLD, _WARNING = "1", "33"
_LABEL, _BAR = 35, 22
_FAN = 40
_TABLE_ROWS = 40
_INTERVAL = (4, 6)  # the columns of a comparison that say how far its middle may be off
_ASSUMED = ("given", "assumption")
Answer = Mapping[str, Any]


def render(answer: Answer) -> None:
    """Print a career's answer."""
    print_lines(lines(answer))


def lines(a: Answer) -> list[str]:
    """The readable form, at most 78 columns wide; where the table of premiums was asked for, that alone."""
    if a["premiums"] is not None:
        return [*_premiums(a), "", f"Release {a['release']}"]
    blocks = [
        [colour(line, _BOLD) for line in wrap(a["headline"], hang="")],
        _now(a), _gains(a), _left(a), _together(a), _degrees(a), _path(a), _comparison(a),
        [line for reason in a["reasons"] for line in wrap(reason)],
        _assumptions(a), [*_ignored(a), *_notes(a), f"Release {a['release']}"],
    ]  # fmt: skip
    out: list[str] = []
    for block in blocks:
        if block:
            out += [*([""] if out else []), *(line.rstrip() for line in block)]
    return out


def _percent(multiplier: float) -> str:
    # Rounded first, so that a hair under nothing is not written -0.
    return f"× {multiplier:.1f}" if multiplier >= 2 else f"{round(100 * (multiplier - 1)) + 0:+d} %"


def _now(a: Answer) -> list[str]:
    """Where the asker stands, and what the gains are of."""
    now, c = a["now"], a["currency"]
    whose = "your pay" if now["given"] else "the middle for people like you"
    said = f"Now {money(now['pay'], c)} a year before tax ({whose}"
    if now["percentile"] is not None:
        said += f", above {now['percentile']:.0f} of 100"
    said += ")"
    if a["basis"] == "kept":
        said += f", {money(now['kept'], c)} kept. Gains are what is kept of them a year after tax, at the prices of {a['place']['label']}"
    else:
        why = a["taxes"]["reason"]
        said += f". Gains are a year before tax{': ' + why.rstrip('.') if why else ''}"
    return wrap(f"{said}; {c} of {a['as_of']}, with 90 % intervals.", hang="")


def _gains(a: Answer) -> list[str]:
    """What is open at home and what is elsewhere, each on its own scale: abroad would leave the rest no room."""
    ranked = [r for r in a["moves"] if r["rank"] is not None]
    home = [r for r in ranked if r["kind"] != "place"]
    away = [r for r in ranked if r["kind"] == "place"]
    gained = "kept" if a["basis"] == "kept" else "gained"
    room = max([10, *(len(money(_of(r)["middle"], a["currency"])) for r in ranked)])
    label = _LABEL + 10 - room
    head = f"{f'{gained} a year':>{_LABEL + 11}}{'before tax':>{_BAR + 9}}"
    out: list[str] = []
    for title, rows in (("At home", home), ("Elsewhere", away)):
        if rows:
            out += [*([""] if out else []), title + head[len(title) :], *_ranked(a, rows, label, room)]
    for row in a["moves"]:
        if row["rank"] is None:
            out += wrap(
                f"{row['label']}: {_percent(row['effect']['multiplier'])} before tax by exchange rate; "
                "no tax law or price level is known there"
            )
    return out


def _ranked(a: Answer, rows: Sequence[Answer], label: int, room: int) -> list[str]:
    shown = [_of(r) for r in rows]
    scale = scale_of([v for s in shown for v in (s["low"], s["high"])], _BAR)
    out = []
    for row, s in zip(rows, shown, strict=True):
        amount = money(s["middle"], a["currency"]) if row["clear"] else "not clear"
        bar = whisker(s["low"], s["middle"], s["high"], scale)
        change = _percent(row["effect"]["multiplier"]) if row["clear"] else ""
        out.append(f"{cut(row['label'], label):<{label}} {amount:>{room}} {bar} {change:>7}")
        out += wrap(_why(row), indent="  ", hang="")
        for warning in (_differs(row), row["contradiction"]):
            if warning:
                out += [colour(line, _WARNING) for line in wrap(warning, indent="  ", hang="")]
    return out


def _of(row: Answer) -> Mapping[str, float]:
    found: Mapping[str, float] = row["kept"] if row["kept"] is not None else row["gross"]
    return found


def _why(row: Answer) -> str:
    """What the figure is, and what the move takes."""
    e = row["effect"]
    between = f"× {e['low']:.2f}–{e['high']:.2f}"
    parts = [f"{between} before tax"]
    p = row["premium"]
    if row["headline"] == "premium" and p is not None:
        first = p["rows"][0]
        raw = f"; raw × {first['raw']:.2f}" if len(p["rows"]) == 1 else ""
        said = f"({first['source']}, n {first['n']:,}{raw})"
        if row["kind"] in ("skill", "specialise"):
            said = f"× {p['multiplier']:.2f} {said}, drawn toward that of all skills"
        parts.append(f"premium {said}")
    else:
        parts.append("pay model")
    effort = row["effort"]
    hours = f", {effort['hours_a_week']:g} h a week" if effort["hours_a_week"] else ""
    parts.append(f"{effort['months']:.0f} months{hours}" + _assumed(effort, ("months", "hours_a_week")))
    if row["note"]:
        parts.append(row["note"])
    return "; ".join(parts)


def _assumed(effort: Answer, names: Sequence[str]) -> str:
    found = {effort["source"].get(name) for name in names} - {None}
    return " (assumed)" if found == {"assumption"} else " (as given)" if found == {"given"} else ""


def _differs(row: Answer) -> str:
    if not row["disagrees"]:
        return ""
    other = row["alike"] or row["model"]
    of = " from country to country" if row["alike"] is not None else ""
    return f"the two disagree{of}: premium × {row['premium']['multiplier']:.2f}, pay model × {other['multiplier']:.2f}"


def _left(a: Answer) -> list[str]:
    by: dict[str, int] = {}
    for row in a["left_out"]:
        by[row["why"]] = by.get(row["why"], 0) + row["moves"]
    if not by:
        return []
    said = "; ".join(f"{n} {why}" for why, n in by.items())
    return wrap(f"Not shown: {said} (--moves KIND shows one kind whole).")


def _together(a: Answer) -> list[str]:
    t = a["together"]
    if t is None:
        return []
    c, gain = a["currency"], _of(t)
    out = wrap(
        f"Together ({', '.join(t['labels'])}): {_percent(t['effect']['multiplier'])} ({_percent(t['effect']['low'])} to "
        f"{_percent(t['effect']['high'])}), {money(gain['middle'], c)} a year, by the pay model. One after another their own "
        f"figures would come to {_percent(t['multiplied'])}: that is no forecast."
    )
    if t["not_in_it"]:
        out += wrap(f"  Not in it, since the pay model has no such fact: {', '.join(t['not_in_it'])}.")
    return out


def _degrees(a: Answer) -> list[str]:
    out: list[str] = []
    c = a["currency"]
    for row in a["moves"]:
        d = row["degree"]
        if d is None:
            continue
        back, value, effort = d["payback"], d["value"], row["effort"]
        when = (
            f"after {back['middle']:.1f} years"
            if back["middle"] is not None
            else f"not within {d['years_counted']} years"
        )
        never = f"in {100 * back['never']:.0f} of 100 futures never"
        ranges = (
            never
            if back["p10"] is None
            else f"in 8 of 10 futures after {_years(back['p10'])} to {_years(back['p90'])}, {never}"
        )
        out += wrap(
            f"{row['label'][7:].capitalize()}: {effort['months']:.0f} months, {money(d['tuition'], c)} in fees, {money(d['forgone'], c)} of "
            f"pay forgone ({100 * effort['pay_forgone']:.0f} %); {100 * effort['finish']:.0f} in 100 finish."
        )
        out += wrap(
            f"Paid back {when} in the middle case; {ranges}. "
            f"Worth now {money(value['p50'], c)} in the middle of all futures ({money(value['p10'], c)} to {money(value['p90'], c)}), "
            f"above nothing in {100 * value['chance']:.0f} of 100, of those who finish in {100 * value['chance_if_finished']:.0f}.",
            indent="  ", hang="",
        )  # fmt: skip
    return out


def _years(years: float | None) -> str:
    return "never" if years is None else f"{years:.0f} years"


def _path(a: Answer) -> list[str]:
    p, c = a["path"], a["currency"]
    years = p["years"]
    out = wrap(
        f"The years ahead, plan '{p['plan']['label']}': pay before tax in the money of each year. Thin: 8 in 10; thick: half; "
        "dot: the middle, and in today's wages.",
        hang="",
    )
    amounts = [money(y["p50"], c) for y in years]
    room = max(map(len, amounts))
    columns = min(_FAN, WIDTH - 10 - 2 * room)
    for y, bar, amount in zip(years, fan_rows(years, columns), amounts, strict=True):
        out.append(f"{y['month']} {bar} {amount:>{room}} {money(y['p50_today'], c):>{room}}")
    found = p["levels"]
    if found is not None:
        out += _levels(found)
    return out


def _levels(found: Answer) -> list[str]:
    last = found["years"][-1]
    shares = ", ".join(
        f"{level} {100 * last[level]:.0f}" for level in ("entry", "mid", "senior", "staff", "principal")
    )
    out = wrap(f"Level after {last['year']} years, of 100 of {found['of']}: {shares}.")
    step = found["next"]
    if step is not None:
        when = (
            f"within {step['year']} years"
            if step["year"] is not None
            else f"later than in {last['year']} years"
        )
        out += wrap(f"Half of them are {step['level']} or above {when}.")
    return out


def _comparison(a: Answer) -> list[str]:
    x = a["comparison"]
    if x is None:
        return []
    c = a["currency"]
    crossing = x["crossing"]
    said = (
        "is ahead from the first year on" if crossing == 0
        else f"passes it in year {crossing}" if crossing is not None else f"is behind for all {x['years'][-1]['year']} years"
    )  # fmt: skip
    out = wrap(
        f"Plan A, {x['a_label']}, against B, {x['b_label']}: in the middle A {said}; ahead by then in "
        f"{100 * x['chance']:.0f} of 100 futures. In today's wages, after tax and costs where tax is known.",
        hang="",
    )
    out += _columns(
        ("year", "A", "B", "A ahead so far", "8 in 10 from", "to", "of 100"),
        [
            (
                str(y["year"]), money(y["a"]["kept"], c), money(y["b"]["kept"], c),
                *((money(y["so_far"][p], c) if y["year"] else "") for p in ("p50", "p10", "p90")),
                "" if y["chance"] is None else f"{100 * y['chance']:.0f}",
            )
            for y in x["years"]
        ],
    )  # fmt: skip
    total, value = x["total"], x["value"]
    out += wrap(
        f"Over the years A comes to {money(total['a'], c)}, B to {money(total['b'], c)}; A less B is worth {money(value['p50'], c)} now "
        f"({money(value['p10'], c)} to {money(value['p90'], c)} in 8 of 10)."
    )
    return out


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells set right under their heads, as far apart as there is room; without the interval where there is none."""
    wide = [max(len(line[i]) for line in (heads, *rows)) for i in range(len(heads))]
    if sum(wide) + len(wide) > WIDTH + 2 and len(heads) > _INTERVAL[1]:
        first, last = _INTERVAL
        return _columns((*heads[:first], *heads[last:]), [(*row[:first], *row[last:]) for row in rows])
    gap = max(1, min(4, (WIDTH - sum(wide)) // (len(heads) - 1)))
    return [
        (" " * gap).join(f"{cell:>{room}}" for cell, room in zip(line, wide, strict=True))
        for line in (heads, *rows)
    ]


def _premiums(a: Answer) -> list[str]:
    t = a["premiums"]
    of = f" of {t['kind']}" if t["kind"] else ""
    out = wrap(
        f"Premiums{of}, region {t['region']}, level {t['seniority']}, estimand {t['estimand']}: an association after adjusting.",
        hang="",
    )
    if not t["rows"]:
        return [*out, "  none was told by enough people in this cut"]
    out.append(f"{'':<38}{'adjusted':>9}{'90 %':>13}{'raw':>8}{'n':>9}")
    for row in t["rows"][:_TABLE_ROWS]:
        between = f"{math.exp(row['low']):.2f}–{math.exp(row['high']):.2f}"
        adjusted = f"× {math.exp(row['effect']):.2f}" if row["clear"] else "not clear"
        out.append(
            f"{cut(row['label'], 37):<38}{adjusted:>9}{between:>13}{'× ' + format(math.exp(row['raw']), '.2f'):>8}{row['n']:>9,}"
        )
    if len(t["rows"]) > _TABLE_ROWS:
        out += wrap(
            f"and {len(t['rows']) - _TABLE_ROWS} more: --premium-kind, --premium-place, or --json for all"
        )
    adjusted_for = sorted({x for row in t["rows"] for x in row["adjusted_for"]})
    said = "raw is the difference before that. An association, not what the move does to one person."
    return [*out, *wrap(f"Adjusted for {', '.join(adjusted_for)}; {said}")]


def _assumptions(a: Answer) -> list[str]:
    out = ["Assumed (options and --efforts change it):"]
    read = []
    for row in a["assumptions"]:
        if row["source"] not in _ASSUMED:
            read.append(row["source"])
            continue
        value = "" if row["value"] is None else f" {row['value']:g}"
        out += wrap(f"{row['name'].replace('_', ' ')}{value}: {row['says']}", indent="  ")
    if read:
        out += wrap(
            f"Length, fees and finishing of degrees: {'; '.join(read)} (--json says what each figure is)."
        )
    return out


def _ignored(a: Answer) -> list[str]:
    out = []
    for i in a["ignored"]:
        near = f"; nearest: {', '.join(i['nearest'])}" if i["nearest"] else ""
        out += wrap(f"Not used: {i['field']} '{cut(i['given'], 60)}' is not known{near}")
    return out


def _notes(a: Answer) -> list[str]:
    out = []
    if a["taxes"]["reason"] is None:
        out += wrap(
            f"Note: tax as {a['taxes']['filing']}, law of {a['taxes']['tax_year']}. {a['taxes']['disclaimer']}"
        )
    for note in a["notes"]:
        out += wrap(f"Note: {note}")
    return out
