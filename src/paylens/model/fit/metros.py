"""What cities are worth: contrasts inside a country, from the linked fit."""

from __future__ import annotations

import numpy as np

from paylens.model.fit.design import Names, codes
from paylens.model.fit.linked import Fit
from paylens.model.fit.rows import Floats, Rows

__all__ = ["metros"]

_CITY_ROWS, _CITY_EMPLOYERS = 50, 5
_BORROWED = 50.0  # reports that a metro's usual employers must outweigh
_CLEAR = 1.6449  # a 90 % interval


def _contrasts(fit: Fit, rows: Rows, code: Floats, within: Floats, names: Names) -> Floats:
    """US metro effects from their reports at full weight, shrunk by empirical Bayes (DerSimonian and Laird), (P,).

    A source weighs little where it could set a country's pay; what metros differ by inside one country and employer is
    no such thing, so m_k is the mean of what all else leaves of metro k's reports, v_k its variance, and the effect is
    m_k tau^2 / (tau^2 + v_k) with tau^2 the variance between metros.
    """
    in_us = np.array([m.startswith("us-") for m in names.metros], dtype=bool)
    own = np.flatnonzero((code >= 0) & np.isfinite(rows.middle))
    own = own[in_us[code[own]]]
    if len(own) < _CITY_ROWS:
        return within
    left = np.clip(rows.middle[own] - fit.mu[own], -1.0, 1.0) + within[code[own]]
    n = np.bincount(code[own], minlength=len(within)).astype(float)
    mean = np.bincount(code[own], weights=left, minlength=len(within)) / np.maximum(n, 1)
    variance = float(np.mean((left - mean[code[own]]) ** 2)) / np.maximum(n, 1)
    known = n > 0
    precision = 1 / variance[known]
    centre = float(precision @ mean[known] / precision.sum())
    excess = float(precision @ (mean[known] - centre) ** 2) - (known.sum() - 1)
    between = max(excess / float(precision.sum() - (precision**2).sum() / precision.sum()), 0.0)
    shrunk = centre + (mean - centre) * between / (between + variance)
    return np.where(known, shrunk, within)


def metros(
    fit: Fit, rows: Rows, names: Names, within: Floats, beside: Floats, error: Floats
) -> tuple[Floats, Floats]:
    """Metro effects without and with the employer known, (P, 2), and the fit's errors of them, (P,).

    `within` are the fit's effects beside the employer's, (P,); `beside` each report's effect of who employs it, (n,).

    Without an employer a metro's usual employers count too: their mean effect over its reports, shrunk. US effects are
    centred on the metros' mean weighted by the square root of reports; a city elsewhere needs 50 reports and 5 employers.
    """
    code = codes(rows.metro, names.metros)
    known = np.flatnonzero(code >= 0)
    n = np.bincount(code[known], minlength=len(names.metros)).astype(float)
    fitted, within = within, _contrasts(fit, rows, code, within, names)
    in_us = np.array([m.startswith("us-") for m in names.metros], dtype=bool)
    usual = np.bincount(code[known], weights=beside[known], minlength=len(names.metros)) / np.maximum(n, 1)
    national = np.average(usual[in_us], weights=n[in_us] + 1e-9) if in_us.any() else 0.0
    total = within + np.where(in_us, (usual - national) * n / (n + _BORROWED), 0.0)
    both = np.column_stack([total, within])
    weight = np.sqrt(n) * in_us
    if in_us.any() and weight.sum() > 0:
        both[in_us] -= (weight @ both) / weight.sum()
    employers = [len({e for e in rows.employer[code == i] if e}) for i in range(len(names.metros))]
    enough = (n >= _CITY_ROWS) & (np.array(employers) >= _CITY_EMPLOYERS)
    clear = np.abs(fitted) > _CLEAR * error
    both[~in_us & ~(enough & clear)] = 0.0
    return both, error
