"""One definition a chart: a Vega-Lite spec, a plain dictionary, from an answer; pictures where vl-convert is installed."""

from paylens.charts.card import coverage, reliability
from paylens.charts.frame import picture
from paylens.charts.market import benchmark, heat
from paylens.charts.person import estimate, waterfall

__all__ = ["benchmark", "coverage", "estimate", "heat", "picture", "reliability", "waterfall"]
