"""A notebook's view of an answer: its first line, a chart and tables, as HTML and as a Vega-Lite spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from paylens.charts import picture
from paylens.contract.errors import MissingExtra, PaylensError
from paylens.faces.notebook.html import page
from paylens.faces.notebook.views import View, view

__all__ = ["VEGA_LITE", "mimebundle"]

VEGA_LITE: Final = "application/vnd.vegalite.v5+json"


def mimebundle(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What to show by MIME type: text, HTML with the chart drawn in it, and the chart's spec for a notebook that draws it.

    The drawing is left out where vl-convert is not installed, the chart where there is nothing to draw.
    """
    shown = view(answer)
    spec = _chart(shown)
    bundle: dict[str, Any] = {"text/plain": shown.text(), "text/html": page(shown, _drawn(spec))}
    return bundle if spec is None else bundle | {VEGA_LITE: spec}


def _chart(shown: View) -> dict[str, Any] | None:
    try:
        return shown.chart() if shown.chart else None
    except PaylensError:
        return None


def _drawn(spec: dict[str, Any] | None) -> str:
    if spec is None:
        return ""
    try:
        return picture(spec, "svg").decode()
    except MissingExtra:
        return ""
