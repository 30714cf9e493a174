"""Charts as SVG inside the page: drawn on the server, coloured by the page's own style, kept for who asks again."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from paylens.charts.frame import ACCENT, INK, LINE, PALE, PAPER, QUIET, SECOND, picture
from paylens.contract.errors import PaylensError

__all__ = ["Drawer", "Figure", "drawn"]

WIDE: Final = 712
NARROW: Final = 336
_KEPT = 256
_COLOURS = {
    ACCENT: "accent", SECOND: "second", INK: "ink", QUIET: "quiet", PALE: "pale", LINE: "line", PAPER: "paper",
}  # fmt: skip
_FILLED = re.compile(r'\b(fill|stroke)="(' + "|".join(_COLOURS) + r')"')
_PLACED = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|r|width|height)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
# Names of the drawing's parts, fonts and roles: the page's style and the figure's own words say these better.
_NOISE = re.compile(
    r' (?:font-family|aria-roledescription|role|aria-label|aria-hidden|pointer-events|xmlns:xlink|version)="[^"]*"'
)
_EMPTY = re.compile(r'<path class="(?:background|foreground)"[^>]*/>')
_HEAD = re.compile(r'^<svg[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>')
_ROOT = re.compile(r'<g fill="none" stroke-miterlimit="10" transform="translate\(([\d.-]+),([\d.-]+)\)">')
Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A chart for a template: `html` is its SVG, once for wide and once for narrow windows, or for one of them."""

    html: Markup


@dataclass(frozen=True)
class Drawer:
    """Draws figures; `size` is 'wide' or 'narrow' where the reader's window is known, else both are drawn."""

    size: str = ""

    def figure(self, spec_of: Callable[[int], Spec], said: str) -> Figure | None:
        """What `spec_of` a width in pixels describes, as a picture that is called `said`; None where there is nothing to draw."""
        parts = []
        try:
            for size, width in (("wide", WIDE), ("narrow", NARROW)):
                if self.size in ("", size):
                    kind = "" if self.size else size
                    parts.append(drawn(spec_of(width), said, kind))
        except PaylensError as error:
            if "nothing to draw" not in str(error):
                raise
            return None
        return Figure(Markup("").join(parts))


def drawn(spec: Spec, said: str, kind: str = "") -> Markup:
    """One SVG of the page, for windows of a kind; colours are the style's variables, so that dark mode turns them too."""
    svg, meta = _svg(json.dumps(spec, sort_keys=True))
    facts = "".join(f' data-{k}="{v:g}"' for k, v in sorted(meta.items()))
    name = hashlib.blake2s(f"{said}{kind}{svg}".encode(), digest_size=5).hexdigest()
    found = _HEAD.match(svg)
    assert found is not None, "a drawing without a size"
    width, height = found[1], found[2]
    head = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="t{name}"'
        f'{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}{facts}><title id="t{name}">{escape(said)}</title>'
    )
    # The rest is the drawing library's own output, made of escaped text and numbers.
    return Markup(head + svg[found.end() :])


def _short(number: re.Match[str]) -> str:
    """A tenth of a pixel is as fine as anybody sees."""
    return f"{float(number[0]):.1f}".removesuffix(".0")


@functools.lru_cache(maxsize=_KEPT)
def _svg(spec: str) -> tuple[str, dict[str, float]]:
    asked = json.loads(spec)
    svg = picture(asked, "svg").decode()
    # vl-convert may name a colour by another spelling of the same; none of ours is spelt twice.
    svg = _FILLED.sub(lambda m: f'{m[1]}="var(--{_COLOURS[m[2]]})"', svg)
    svg = _EMPTY.sub("", _NOISE.sub("", svg))
    svg = _PLACED.sub(lambda m: _LONG.sub(_short, m[0]), svg)
    meta = {k: float(v) for k, v in asked.get("usermeta", {}).items()}
    root = _ROOT.search(svg)
    if meta and root is not None:
        meta["left"] = float(root[1])
    return svg, meta
