"""One definition a chart: a Vega-Lite spec, a plain dictionary, from an answer; pictures where vl-convert is installed."""

from paylens.charts.card import coverage, reliability
from paylens.charts.career import fan, gains
from paylens.charts.frame import picture
from paylens.charts.market import benchmark, heat
from paylens.charts.negotiation import negotiation
from paylens.charts.offers import difference, tornado, years
from paylens.charts.outlook import forecast
from paylens.charts.person import estimate, waterfall

__all__ = [
    "benchmark",
    "coverage",
    "difference",
    "estimate",
    "fan",
    "forecast",
    "gains",
    "heat",
    "negotiation",
    "picture",
    "reliability",
    "tornado",
    "waterfall",
    "years",
]
