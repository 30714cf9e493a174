"""The score card and the list of sources for people."""

from __future__ import annotations

from typing import Any

__all__ = ["card_lines", "render", "render_sources"]


def render(card: dict[str, Any]) -> None:
    """Print the card."""
    print("\n".join(card_lines(card)))


def _mark(ok: bool | None) -> str:
    return "  " if ok is None else "ok" if ok else "RED"


def card_lines(c: dict[str, Any]) -> list[str]:
    """Every score, its n and whether it holds; 80 columns."""
    held = c["held"]["patterns"]["role and place"]
    out = [
        f"Our 80 % range held {100 * held['coverage']:.1f} % of {held['n']:,} people the fit had not seen",
        f"(role and place alone; seed {c['seed']}, {100 * c['held_share']:.0f} % of people held, {c['n_fitted']:,} reports fitted).",
        "",
        "1  As reported, held rows: loss as a ratio to a booster a level, and to the cohort",
    ]
    for source, s in sorted(c.get("as_reported", {}).items()):
        out += _view(source, s)
    out += ["", "2  The answer a person gets: held reference reports"]
    for name, p in c["held"]["patterns"].items():
        out.append(
            f"   {name:<24} n {p['n']:>6,}  coverage {p['coverage']:.3f}  bias {p['median_bias']:+.3f}  loss {p['pinball']:.4f}"
        )
    out.append(
        f"   groups of 200 and more: {len(c['held']['groups'])}, outside 75-85 %: {c['held']['groups_outside']}  {_mark(c['held']['groups_outside'] == 0)}"
    )
    m = c["medians"]
    out.append(
        f"   role and country alone within 5 % of the held median: {m['within']} of {m['n_cells']}  {_mark(m['ok'])}"
    )
    f = c["forward"]
    out += [
        "",
        f"3  Forward: fitted without {f['fitted_without']}, n {f['n']:,}, bias {f['median_log_bias']:+.3f}, coverage {f['coverage']:.3f}",
    ]
    for g in f["countries"]:
        out.append(
            f"   {g['country']}  n {g['n']:>5,}  bias {g['median_log_bias']:+.3f}  coverage {g['coverage']:.3f}  {_mark(g['ok'])}"
        )
    out += ["", "4  A source left out, predicted with an offset learnt from the others"]
    for s in c["left_out"]:
        if s["ok"] is None:
            out.append(f"   {s['source']:<14} {s['note']}"[:79])
        else:
            out.append(
                f"   {s['source']:<14} n {s['n']:>6,}  bias {s['median_log_bias']:+.3f}  coverage {s['coverage']:.3f}  {_mark(s['ok'])}"
            )
    out += ["", "5  Known truths"]
    for t in c["truths"]:
        bounds = f" in {t['low']:g}–{t['high']:g}" if "low" in t else ""
        value = f"{t['value']:.3f}" if isinstance(t["value"], float) else ""
        out.append(f"   {t['what'][:56]:<56} {value:>6}{bounds:<10} {_mark(t['ok'])}")
    out += ["", "6  What must not move it"]
    for name, p in c["perturbed"].items():
        out.append(f"   {name:<24} largest change of a median {100 * p['largest']:.1f} %  {_mark(p['ok'])}")
    return out


def _view(source: str, s: dict[str, Any]) -> list[str]:
    rows = []
    for part in ("all", "ml"):
        v = s.get(part)
        if v and v.get("n", 0) > 0:
            ratio = "" if v.get("ratio") is None else f"{v['ratio']:.3f}"
            cohort = "" if v.get("ratio_cohort") is None else f"{v['ratio_cohort']:.3f}"
            cover = "" if v.get("coverage") is None else f"{v['coverage']:.3f}"
            label = {"all": "all roles", "ml": "ML roles"}[part]
            rows.append(
                f"   {source:<14} {label:<10} n {v['n']:>6,}  booster {ratio:>6}  cohort {cohort:>6}  coverage {cover}"
            )
    return rows


def render_sources(release: str, sources: list[dict[str, Any]]) -> None:
    """Print what a release rests on."""
    print(f"Release {release} rests on:")
    for s in sources:
        print(f"  {s['source']:<14} {s['vintage']:<6} {s['rows']:>7,} reports  {s['licence']}"[:79])
        print(f"    {s['publisher']}: {s['title']}"[:79])
