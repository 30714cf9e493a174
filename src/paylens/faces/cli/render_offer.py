"""Offers compared, for people: the answer in words, the years drawn, then why and what to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paylens.advice.offer.words import first_line, futures
from paylens.faces.cli.draw_offer import stacked_years, tornado
from paylens.faces.cli.output import WIDTH, colour, cut, money, print_lines, wrap

__all__ = ["lines", "render"]

_BOLD = "1"
Answer = Mapping[str, Any]
_MEASURES = ("base", "cash", "total")


def render(answer: Answer) -> None:
    """Print a comparison (docs/interface.md, 'Offers compared')."""
    print_lines(lines(answer))


def lines(a: Answer) -> list[str]:
    """The readable form, at most 78 columns wide."""
    blocks = [
        [colour(line, _BOLD) for line in wrap(_headline(a), hang="")] + wrap(_terms(a), hang=""),
        stacked_years(a),
        _totals(a),
        _chances(a),
        tornado(a),
        _market(a),
        _leaving(a),
        _taxes(a),
        _places(a),
        _papers(a),
        _reading(a),
        _questions(a),
        [*(line for note in a["notes"] for line in wrap(f"Note: {note}")), f"Release {a['release']}"],
    ]
    out: list[str] = []
    for block in blocks:
        if block:
            out += [*([""] if out else []), *(line.rstrip() for line in block)]
    return out


def _headline(a: Answer) -> str:
    return first_line(a, lambda amount: money(amount, a["currency"]))


def _terms(a: Answer) -> str:
    taxed = "after tax" if a["basis"] == "net" else "before tax"
    return (
        f"In {a['currency']} of {a['as_of']}, {taxed}; money that comes later counts {100 * a['discount_rate']:g} % less a year. "
        f"Share prices: {a['paths']:,} simulated futures, seed {a['seed']}."
    )


def _row(name: str, cells: Sequence[str], left: int, wide: int) -> str:
    return f"{cut(name, left):<{left}}" + "".join(f" {cell:>{wide}}" for cell in cells)


def _totals(a: Answer) -> list[str]:
    """One row an offer: present value by part, and how far the whole may be off."""
    c = a["currency"]
    keys, heads = (
        ("cash", "sure", "paper", "p50", "p10", "p90"),
        ("cash", "sure", "paper", "middle", "1 in 10 <", "1 in 10 >"),
    )
    rows = [[money(o["present"][k], c) for k in keys] for o in a["offers"]]
    wide = max(9, *(len(cell) for row in rows for cell in row))
    left = WIDTH - 6 * (wide + 1)
    if left >= 12:
        out = [_row("Worth now", heads, left, wide)]
        out += [_row(o["name"], row, left, wide) for o, row in zip(a["offers"], rows, strict=True)]
    else:  # amounts of many letters: two lines an offer
        out = ["Worth now"]
        for o, row in zip(a["offers"], rows, strict=True):
            cells = ", ".join(f"{head} {cell}" for head, cell in zip(heads, row, strict=True))
            out += [f"  {cut(o['name'], WIDTH - 2)}", *wrap(cells, indent="    ", hang="")]
    said = "Cash is base, bonus and sign-on less costs; sure is what comes in kind; paper is shares and options, in the mean."
    if a["basis"] == "net":
        said += " The parts are before tax, the whole after it."
    return out + wrap(said, indent="  ", hang="")


def _chances(a: Answer) -> list[str]:
    """The best against each of the others, by year and at local prices."""
    out = []
    for c in a["comparisons"]:
        if a["comparisons"][0]["a"] not in (c["a"], c["b"]):
            continue
        years = ", ".join(f"year {y['year']}: {round(100 * y['chance'])}" for y in c["by_year"])
        d = c["difference"]
        out += wrap(
            f"{c['a']} ahead of {c['b']} in {futures(c['chance'])} ({years}); 8 in 10 differences lie between "
            f"{money(d['p10'], a['currency'])} and {money(d['p90'], a['currency'])}."
        )
        local = c["at_local_prices"]
        if local:
            names = (c["a"], c["b"]) if local["chance"] >= 0.5 else (c["b"], c["a"])
            better = max(local["chance"], 1 - local["chance"])
            amount = f"{abs(round(local['difference']['p50'], -3)):,.0f}"
            out += wrap(
                f"At local prices {names[0]} is ahead of {names[1]} in {futures(better)}, by {amount} international dollars.",
                indent="  ",
            )
    return out


def _market(a: Answer) -> list[str]:
    """Where each offer stands among people like you, each measure against its own."""
    known = [o for o in a["offers"] if o["market"]]
    if not known:
        return ["Market: not known, since no role is given in [me] or the offers."]
    left, wide = WIDTH - 3 * 18, 17
    out = [_row("Of 100 like you, below", _MEASURES, left, wide)]
    for o in known:
        out.append(_row(o["name"], [_standing(o["market"][m]) for m in _MEASURES], left, wide))
        m = o["market"]
        middles = ", ".join(f"{k} {money(m[k]['p50'], o['currency'])}" for k in _MEASURES)
        out += wrap(
            f"{m['role']} in {m['place']}: the middle is {middles}; confidence {m['confidence']['label']}.",
            indent="  ",
        )
    return out


def _standing(s: Mapping[str, float]) -> str:
    p, low, high = (round(100 * s[name]) for name in ("percentile", "low", "high"))
    word = "below 5" if p <= 5 else "above 95" if p >= 95 else f"{p}"
    return word if low == high else f"{word} ({low}–{high})"


def _leaving(a: Answer) -> list[str]:
    """What is kept on leaving early, at today's share price."""
    out = ["Leaving early keeps (today's share price, before tax):"]
    for o in a["offers"]:
        cells = []
        for row in o["leaving"]:
            words = f"{row['months']} months {money(row['cash'] + row['vested_value'], a['currency'])}"
            if row["paid_back"]:
                words += f" ({money(row['paid_back'], a['currency'])} sign-on paid back)"
            cells.append(words)
        tail = _window(o, a["currency"])
        out += wrap(f"{o['name']}: {'; '.join(cells)}.{tail}", indent="  ")
    return out


def _window(o: Answer, currency: str) -> str:
    last = o["leaving"][-1]
    if not last["exercise_cost"]:
        return ""
    months = last["exercise_window_months"]
    within = "within a time the letter does not say" if months is None else f"within {months:g} months"
    cost = money(last["exercise_cost"], currency)
    return f" Keeping the options vested by month {last['months']} costs {cost}, to be paid {within}."


def _places(a: Answer) -> list[str]:
    """Exchange rate and purchasing power side by side, where offers are in several places or currencies."""
    if len({(o["currency"], o["location"]) for o in a["offers"]}) < 2:
        return []
    out = _place_rows(a, "First-year cash", "cash")
    if a["basis"] == "net":
        out += _place_rows(a, "Take-home, with shares", "net")
    rates = [
        f"{r['per_usd']:.4g} {r['currency']} a US dollar ({r['month']})" for r in a["assumptions"]["exchange"] if r["currency"] != "USD"
    ]  # fmt: skip
    levels = [o["purchasing_power"] for o in a["offers"] if o["purchasing_power"]]
    said = "; ".join(rates)
    if levels:
        metros = ", US metros by BEA price parities" if any(p["metro"] for p in levels) else ""
        said += f"{'. ' if said else ''}Local prices: World Bank PPP {levels[0]['country']['year']}{metros}"
    return out + (wrap(f"{said}.", indent="  ", hang="") if said else [])


def _place_rows(a: Answer, title: str, what: str) -> list[str]:
    """A first year's amount in its own money, by exchange rate and by local prices, one row an offer."""
    out = [f"{title:<24} {'there':>16} {'by exchange rate':>17} {'by local prices':>17}"]
    for o in a["offers"]:
        amount, power = o["years"][0][what], o["purchasing_power"]
        local = f"{round(power[f'first_year_{what}'], -2):,.0f} int.$" if power else "not known"
        there = money(amount / o["rate"], o["currency"])
        out.append(f"{cut(o['name'], 24):<24} {there:>16} {money(amount, a['currency']):>17} {local:>17}")
    return out


def _taxes(a: Answer) -> list[str]:
    """What is left after tax in the first year, or why that is not known for all."""
    taxes = a["taxes"]
    if a["basis"] == "gross":
        return [line for o in taxes["offers"] if o["reason"] for line in wrap(f"{o['name']}: {o['reason']}")]
    out = [f"{'First year':<24} {'before tax':>16} {'take-home':>17} {'taken':>17}"]
    for o in a["offers"]:
        y, c = o["years"][0], a["currency"]
        gross = y["base"] + y["bonus"] + y["sign_on"] + y["paper"]["mean"]
        taken = f"{100 * (1 - y['net'] / gross):.0f} %"
        out.append(f"{cut(o['name'], 24):<24} {money(gross, c):>16} {money(y['net'], c):>17} {taken:>17}")
    if taxes["applied"]:
        laws = ", ".join(f"{o['name']} {o['tax_year']}" for o in taxes["offers"])
        said = f"Law of {laws}, kept for all years; {taxes['filing']}, shares taxed as income when they vest. {taxes['disclaimer']}"
        out += wrap(said, indent="  ", hang="")
    return out


def _papers(a: Answer) -> list[str]:
    """How each grant was priced."""
    out = []
    for o in a["offers"]:
        e = o["equity"]
        if not e:
            continue
        kind = "options" if e["kind"] == "options" else "shares"
        words = (
            f"{o['name']}: {kind} that vest in these years, {money(e['expected'], a['currency'])} in the mean; the grant at "
            f"today's price, {money(e['value_today'], a['currency'])}; volatility {100 * e['volatility']:.0f} % a year "
            f"({_origin(a, e)})"
        )
        if e["illiquidity_discount"]:
            words += f"; {100 * e['illiquidity_discount']:.0f} % taken off for what can't be sold ({e['illiquidity_source']})"
        if e["nothing"] >= 0.005:
            words += f"; worth nothing in {futures(e['nothing'])}"
        out += wrap(words + ".")
    shared = a["assumptions"]["correlation"]
    if shared is not None and sum(o["equity"] is not None for o in a["offers"]) > 1:
        out += wrap(
            f"Returns of two companies are taken to correlate by {shared:.2f}; one employer has one price."
        )
    return ["Paper", *out] if out else []


def _origin(a: Answer, e: Answer) -> str:
    if e["volatility_source"] == "given":
        return "as given"
    basis = a["assumptions"]["volatility"][e["company"]]["basis"]
    return f"{e['company']} companies, {basis}"


def _reading(a: Answer) -> list[str]:
    """How the amounts whose meaning matters most were read."""
    out = ["How it was read"]
    for o in a["offers"]:
        rows = [r for r in o["reading"] if r["field"] != "base"]
        if rows:
            out.append(f"  {o['name']}")
        for r in rows:
            name = r["field"].split(".")[-1].replace("_", " ")
            out += wrap(f"{name}{_amount(r)}: {r['words']}", indent="    ")
    return out if len(out) > 1 else []


def _amount(row: Mapping[str, Any]) -> str:
    amount = row["amount"]
    assumed = "" if row["given"] else " (assumed)"
    if row["field"] == "equity.vesting":
        return assumed
    share = row["field"] == "raise" or (row["field"] == "bonus" and amount <= 2)
    shown = f"{100 * amount:.4g} %" if share else f"{amount:,.10g}"
    return f" {shown}{assumed}"


def _questions(a: Answer) -> list[str]:
    """What the letters do not say, as questions to ask: those for all of them once."""
    asked = [o for o in a["offers"] if o["questions"] and not o["current"]]
    shared = [
        q["question"] for q in (asked[0]["questions"] if len(asked) > 1 else [])
        if all(any(q["question"] == other["question"] for other in o["questions"]) for o in asked)
    ]  # fmt: skip
    groups = [
        (o["name"], [q["question"] for q in o["questions"] if q["question"] not in shared]) for o in asked
    ]
    out = ["To ask"]
    for name, listed in (*groups, ("Everyone" if len(asked) > 1 else "", shared)):
        if listed:
            out.append(f"  {name}")
            out += [line for question in listed for line in wrap(f"- {question}", indent="    ")]
    return out if len(out) > 1 else []
