"""A negotiation as a document: the same headings, tables and lists for the terminal, Markdown, HTML and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from paylens.advice.negotiate.figures import MEASURES, Write, plainly
from paylens.advice.negotiate.text import texts

__all__ = ["Block", "Brief", "Mark", "Section", "brief"]

_MOST_QUESTIONS: Final = 6
_MOST_EVIDENCE: Final = 5
_SHARES: Final = frozenset({"raise", "bonus"})


@dataclass(frozen=True)
class Mark:
    """A figure on the axis: its `name` and `amount`, and how it is `shown`."""

    name: str
    amount: float
    shown: str


@dataclass(frozen=True)
class Block:
    """One of `text` (a paragraph), `items` (a list), `rows` under `head` (a table), or `letter` (to copy as it stands)."""

    text: str = ""
    items: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    letter: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and what is under it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Brief:
    """The document. `marks` lie on an axis with the employer's likely `band`, all bases of a year."""

    title: str
    first_line: str
    terms: str
    marks: Sequence[Mark]
    band: tuple[Mark, Mark]
    sections: Sequence[Section]
    notes: Sequence[str] = field(default_factory=tuple)

    def as_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, for a writer that is given JSON."""
        return asdict(self)


def brief(answer: Mapping[str, Any], write: Write = plainly) -> Brief:
    """The document of an answer, money written by `write`; its texts are written anew and checked again."""
    a = {**answer, **texts(answer, write)}
    offer, c, t = a["offer"], a["currency"], a["texts"]

    def money(amount: float) -> str:
        return write(amount, c, False)

    marks = [Mark("walk away", a["walk_away"]["base"], money(a["walk_away"]["base"]))]
    marks += [Mark("offer", offer["base"], write(offer["base"], c, True))]
    marks += [
        Mark(name, a[key]["base"], money(a[key]["base"]))
        for name, key in (("be content", "target"), ("ask", "ask"))
    ]
    low, high = a["band"]["low"], a["band"]["high"]
    who = offer["employer"] or offer["name"]
    sections = [
        Section("Where the offer stands", _position(a, money)), Section("Why these figures", _why(a, money)),
        *_packages(a, money), Section("Evidence, strongest first", _evidence(a, money)), *_strengths(a, money),
        Section("The whole package", _whole(a, money)), Section("E-mail", [Block(letter=t["email"])]),
        Section("On the phone", [Block(items=t["call"])]),
        Section("What they may say", [Block(head=("They say", "You say"), rows=[(r["they"], r["you"]) for r in t["replies"]])]),
        Section("When to walk away", [Block(items=t["leave"])]),
    ]  # fmt: skip
    return Brief(
        title=f"{who}: {offer['role']}, {offer['place']}", first_line=t["first_line"], terms=_terms(a), marks=marks,
        band=(Mark("band from", low, money(low)), Mark("band to", high, money(high))), sections=sections, notes=_notes(a),
    )  # fmt: skip


def _terms(a: Mapping[str, Any]) -> str:
    taxed = "after tax" if a["basis"] == "net" else "before tax"
    return (
        f"Base a year in {a['currency']} of {a['as_of']}, the rest of the package as offered. Judged on {MEASURES[a['offer']['measure']]}. "
        f"Worth is over {a['years']} years, {taxed}, risk aversion {a['risk_aversion']:g}. All figures are modelled from public evidence."
    )


def _position(a: Mapping[str, Any], money: Any) -> list[Block]:
    rows = []
    for measure, words in MEASURES.items():
        m = a["position"][measure]
        p, low, high = (round(100 * m[k]) for k in ("percentile", "low", "high"))
        stands = "below 5" if p <= 5 else "above 95" if p >= 95 else f"{p} ({low}–{high})"
        rows.append((words, stands, money(m["amount"]), money(m["p25"]), money(m["p50"]), money(m["p75"])))
    found = a["position"]["confidence"]
    return [
        Block(text="Of 100 people like you, how many are paid less, and what the others are paid:"),
        Block(head=("A year", "Of 100 below", "Offered", "p25", "Middle", "p75"), rows=rows),
        Block(text=f"Confidence in this market is {found['label']}: {'; '.join(found['why'])}."),
    ]


def _why(a: Mapping[str, Any], money: Any) -> list[Block]:
    b, walk = a["band"], a["walk_away"]
    stands = {
        "below": "The offer is below it.",
        "in": "The offer is in it.",
        "above": "The offer is above it.",
    }[b["offer_in_it"]]
    ask, target = (round(100 * a[k]["percentile"]) for k in ("ask", "target"))
    reach = f"The ask brings the package to the {_nth(ask)} percentile of people like you, the target to the {_nth(target)}."
    if ask == target:
        reach = f"Ask and target bring the package to the {_nth(ask)} percentile of people like you."
    items = [
        f"The employer's likely band is {money(b['low'])} to {money(b['high'])} in base: {b['what']}. {stands}",
        reach,
    ]
    if walk["because"] == "alternative":
        items.append(f"The walk-away is where {_called(a['alternatives'][0])} becomes worth more to you.")
    else:
        of = (
            "a quarter of people like you are paid less in all"
            if walk["floor_of"] == "quarter"
            else "a tenth of people like you have a lower base"
        )
        items.append(f"The walk-away is a floor of ours: where {of}.")
    blocks = [Block(items=items)]
    if a["alternatives"]:
        rows = [
            (
                _called(r),
                r["place"] or "",
                money(r["certain_equivalent"]),
                money(r["base"]) if r["base"] else "any",
            )
            for r in a["alternatives"]
        ]
        rows.append(
            (
                f"{a['offer']['name']}, as offered",
                a["offer"]["place"],
                money(a["worth"]["certain_equivalent"]),
                money(a["offer"]["base"]),
            )
        )
        head = ("Alternative", "Place", f"Sure worth, {a['years']} years", "Equal base")
        blocks.append(Block(head=head, rows=rows))
    return blocks


def _called(row: Mapping[str, Any]) -> str:
    return "your present job" if row["current"] else str(row["name"])


def _nth(n: int) -> str:
    end = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{end}" if n < 95 else "95th or a higher"


def _packages(a: Mapping[str, Any], money: Any) -> list[Section]:
    rows = []
    for p in a["packages"]:
        parts = [f"base {money(p['base'])}"]
        if p["sign_on"]:
            parts.append(f"sign-on {money(p['sign_on'])}")
        if p["grant"]:
            parts.append(f"grant {money(p['grant'])} in all")
        if p["options"]:
            parts.append(f"{round(p['options']):,} options in all")
        name = {
            "mixed": "Half in base, half at once",
            "equity": "More equity",
            "sign_on": "Sign-on alone",
        }.get(p["kind"]) or f"Level {p['level']}"
        if p["band"]:
            parts.append(
                f"in that level's likely band of {money(p['band']['low'])} to {money(p['band']['high'])}"
            )
        rows.append((name, ", ".join(parts), money(p["certain_equivalent"])))
    if not rows:
        return []
    return [Section("Other ways to the target", [Block(head=("Way", "Package", "Sure worth"), rows=rows)])]


def _evidence(a: Mapping[str, Any], money: Any) -> list[Block]:
    rows = []
    against = [r["title"] for r in a["evidence"][:_MOST_EVIDENCE] if r["measured"] and not r["supports"]]
    said = "Each is named with its own measure."
    if against:
        said += f" Below what is offered, and what they may cite: {'; '.join(against)}."
    for r in a["evidence"][:_MOST_EVIDENCE]:
        spread = f"{money(r['p25'])}–{money(r['p75'])}" if r["p25"] is not None else "not shown"
        rows.append(
            (
                r["title"],
                r["cohort"].replace(" · ", ", "),
                f"{r['n']:,}" if r["n"] else "",
                money(r["p50"]),
                spread,
                f"{r['pay']}, {r['vintage']}",
            )
        )
    return [
        Block(head=("Source", "Of whom", "Reports", "Middle", "p25–p75", "Measure, years"), rows=rows),
        Block(text=said),
    ]


def _strengths(a: Mapping[str, Any], money: Any) -> list[Section]:
    items = []
    for s in a["strengths"]:
        low, high = s["amount"]["low"], s["amount"]["high"]
        clear = "" if s["clear"] else "; not clear enough to cite"
        items.append(
            f"{s['what'][0].upper()}{s['what'][1:]}: about {money(s['amount']['value'])} a year ({money(low)} to {money(high)}){clear}."
        )
    return [Section("What you bring", [Block(items=items)])] if items else []


def _whole(a: Mapping[str, Any], money: Any) -> list[Block]:
    rows = []
    for r in a["whole"]:
        share = r["part"] in _SHARES and r["amount"] <= 2
        shown = (
            f"{100 * r['amount']:.4g} %"
            if share
            else f"{r['amount']:g}"
            if r["per"] == "count"
            else money(r["amount"])
        )
        if r["part"] in ("equity.vesting", "equity.shares"):
            shown = "" if r["part"] == "equity.vesting" else f"{r['amount']:,.0f}"
        rows.append((r["part"].split(".")[-1].replace("_", " "), shown, r["words"]))
    asked = [q["question"] for q in a["questions"][:_MOST_QUESTIONS]]
    open_ones = [Block(text="Still open, and worth asking:"), Block(items=asked)] if asked else []
    return [Block(head=("Part", "Amount", "How it was read"), rows=rows), *open_ones]


def _notes(a: Mapping[str, Any]) -> list[str]:
    out = [n[0].upper() + n[1:] + ("" if n.endswith(".") else ".") for n in a["notes"]]
    if a["taxes"]["applied"]:
        out.append(f"Tax is an estimate for someone {a['taxes']['filing']}, not tax advice.")
    out.append(
        "The percentiles that the figures are set at are conventions of ours; the texts are drafts to read before sending."
    )
    return [*out, f"paylens release {a['release']}."]
