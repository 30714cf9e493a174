"""What carries a yearly series on: two kinds of drift, none, and models of a library; each sees the past alone.

With y(t) the log level of year t, from y(1) to y(n), and h years ahead:

no change    y(n)
last drift   y(n) + h (y(n) - y(n - 1))
mean drift   y(n) + h (y(n) - y(1)) / (n - 1)
half-way     the mean of the last two
real drift   h years of the past's mean growth above prices, and what prices were expected to rise by from what was published
theta, ETS, ARIMA   statsforecast's Theta, AutoETS and AutoARIMA without seasons, where the series is long enough for them
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from paylens.contract.require import require
from paylens.places.prices import price_rise

__all__ = ["DRIFT", "FEWEST", "HORIZONS", "MODELS", "NAMES", "REAL", "ahead"]

HORIZONS: Final = 8
"""Years ahead that every model is asked for."""
DRIFT: Final = "last drift"
"""What a model must beat; what is shown where none does."""
FEWEST: Final = 3
"""Yearly points that a past must have."""
REAL: Final = "real drift"
Floats = npt.NDArray[np.float64]


def _years() -> Floats:
    return np.arange(1.0, HORIZONS + 1)


def _no_change(_: Floats) -> Floats:
    return np.zeros(HORIZONS)


def _last_drift(y: Floats) -> Floats:
    return (y[-1] - y[-2]) * _years()


def _mean_drift(y: Floats) -> Floats:
    return (y[-1] - y[0]) / (len(y) - 1) * _years()


def _half_way(y: Floats) -> Floats:
    return (_last_drift(y) + _mean_drift(y)) / 2


@functools.cache
def _library(name: str) -> Any:
    models = require("statsforecast.models", "build")
    return getattr(models, name)(season_length=1)


def _of_library(name: str, fewest: int) -> Callable[[Floats], Floats]:
    def carried(y: Floats) -> Floats:
        if len(y) < fewest:
            return _mean_drift(y)
        try:
            found = _library(name).forecast(y=y, h=HORIZONS)["mean"]
        except (NotImplementedError, ValueError, np.linalg.LinAlgError):
            # The library refuses some short or flat series.
            return _mean_drift(y)
        return np.asarray(found, dtype=float) - y[-1]

    return carried


MODELS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "no change": _no_change,
    DRIFT: _last_drift,
    "mean drift": _mean_drift,
    "half-way": _half_way,
    "theta": _of_library("Theta", 5),
    "ETS": _of_library("AutoETS", 8),
    "ARIMA": _of_library("AutoARIMA", 8),
}


NAMES: Final = (*MODELS, REAL)


def ahead(y: Floats, country: str, month: str) -> dict[str, Floats]:
    """Log growth over 1 to HORIZONS years after the last point, which is of `month`, by each model.

    `y` are yearly log levels, FEWEST or more. A library's model that the series is too short for, and 'real drift' where
    no prices are published, answer as mean drift.
    """
    found = {name: carry(y) for name, carry in MODELS.items()}
    found[REAL] = _real_drift(y, country, month)
    return found


def _real_drift(y: Floats, country: str, month: str) -> Floats:
    # A year's prices are published once it has ended.
    known_to = int(month[:4]) - (month[5:] != "12")
    first = f"{int(month[:4]) - len(y) + 1}{month[4:]}"
    before = price_rise(country, first, month, known_to)
    after = [
        price_rise(country, month, f"{int(month[:4]) + h}{month[4:]}", known_to)
        for h in range(1, HORIZONS + 1)
    ]
    if before is None or any(a is None for a in after):
        return _mean_drift(y)
    real = (y[-1] - y[0] - before) / (len(y) - 1)
    return real * _years() + np.array(after, dtype=float)
