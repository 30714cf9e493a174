"""The views, in the order of the navigation; a new one is a module here, a template, and a line in `VIEWS`."""

from typing import Final

from paylens.faces.web.views import benchmarks, career, forecast, method, negotiate, offers, worth

__all__ = ["VIEWS"]

VIEWS: Final = (
    worth.VIEW,
    benchmarks.VIEW,
    offers.VIEW,
    negotiate.VIEW,
    career.VIEW,
    forecast.VIEW,
    method.VIEW,
)
