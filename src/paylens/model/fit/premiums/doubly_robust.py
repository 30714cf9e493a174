r"""One move's difference in log pay, doubly robust and cross-fitted, by learners in closed form.

With X what is adjusted for, D whether a person made the move, Y log pay and w a report's weight,

    e(X)   = P(D = 1 | X)          logistic ridge
    g_d(X) = E[Y | X, D = d]       ridge on X and D, then each arm's own ridge on what that leaves

    psi = g_1 - g_0 + D (Y - g_1) / e - (1 - D) (Y - g_0) / (1 - e),    effect = sum w psi / sum w,

each of e, g_0, g_1 fitted on the folds that do not hold the person. It is right when either e or g is (Robins, Rotnitzky
and Zhao 1994; Chernozhukov et al. 2018). People whose e lies outside 0.05-0.95 have nobody to be compared with: they are
left out and counted. The standard error is that of a mean of psi, by cluster where people share one.

`Frame.balanced` lets each arm weigh half. Then e says how people differ, not how common a move is among those who were
asked (2 % tick Rust, a survey has 80 people from Singapore and 6,000 from the US), and the effect is that among people of
whom half are like those who made the move.

Sums of squares over folds are computed once and shared: a move costs its own arm and a few Newton steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.linalg as sla
from scipy.special import expit

__all__ = ["FOLDS", "OVERLAP", "Effect", "Frame", "Scores", "placebo", "raw_difference", "scores"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

FOLDS = 5
OVERLAP = (0.05, 0.95)
# Ridge on columns of zeros and ones: one report's worth on what both arms share, ten on how an arm differs.
_SHARED, _ARM, _CHANCE = 1.0, 10.0, 1.0
_NEWTON, _CHORDS, _CLOSE = 8, 4, 0.3
_LEAST_VARIANCE = 1e-3


@dataclass(frozen=True)
class Frame:
    """What moves on the same people share. `x` (n, p) with a first column of ones, `weight` and `fold` (n,), and
    `gram` (FOLDS, p, p), the weighted sums of squares of each fold."""

    x: Floats
    weight: Floats
    fold: Ints
    gram: Floats

    @classmethod
    def of(cls, x: Floats, weight: Floats, fold: Ints) -> Frame:
        """A frame with its sums of squares."""
        root = x * np.sqrt(weight)[:, None]
        gram = np.stack([root[fold == f].T @ root[fold == f] for f in range(FOLDS)])
        return cls(x, weight, fold, gram)

    def balanced(self, treated: Flags) -> Frame:
        """The same people, those of each arm weighing half of all together."""
        total, own = self.weight.sum(), self.weight[treated].sum()
        few = treated if treated.sum() * 2 <= len(treated) else ~treated
        few_gram = _grams(self, few)
        up, down = total / (2 * own), total / (2 * (total - own))
        mine, others = (up, down) if few is treated else (down, up)
        weight = self.weight * np.where(treated, up, down)
        return Frame(self.x, weight, self.fold, others * self.gram + (mine - others) * few_gram)

    def with_columns(self, more: Floats) -> Frame:
        """The same people with further columns (n, k): only what they touch is summed anew."""
        p, k = self.x.shape[1], more.shape[1]
        gram = np.empty((FOLDS, p + k, p + k))
        gram[:, :p, :p] = self.gram
        for f in range(FOLDS):
            own = self.fold == f
            weighted = more[own] * self.weight[own, None]
            gram[f, :p, p:] = self.x[own].T @ weighted
            gram[f, p:, :p] = gram[f, :p, p:].T
            gram[f, p:, p:] = more[own].T @ weighted
        return Frame(np.hstack([self.x, more]), self.weight, self.fold, gram)


def _grams(frame: Frame, arm: Flags) -> Floats:
    """Weighted sums of squares of an arm in each fold, (FOLDS, p, p)."""
    out = np.empty_like(frame.gram)
    for f in range(FOLDS):
        here = (frame.fold == f) & arm
        part = frame.x[here] * np.sqrt(frame.weight[here])[:, None]
        out[f] = part.T @ part
    return out


@dataclass(frozen=True)
class Effect:
    """A mean of scores: `effect`, its standard error `se`, people in it `n`, of them `n_with`, the share `trimmed`,
    and the Cinelli-Hazlett `robustness` value: what share of the residual variance of pay, and of the chance to make
    the move, one unseen cause must explain to bring the effect to nothing."""

    effect: float
    se: float
    n: int
    n_with: int
    trimmed: float
    robustness: float


@dataclass(frozen=True)
class Scores:
    """Each person's score `psi`, whether they are `kept`, their `chance` of the move, out-of-fold residual and `riesz`
    weight; arrays of one length, n."""

    psi: Floats
    kept: Flags
    chance: Floats
    residual: Floats
    riesz: Floats
    treated: Flags
    weight: Floats

    def mean(self, group: Flags | None = None, cluster: Ints | None = None) -> Effect:
        """The effect among the people of a group (all by default); `cluster` names those whose pay moves together."""
        here = np.ones(len(self.psi), dtype=bool) if group is None else group
        own = here & self.kept
        if not own.any():
            return Effect(np.nan, np.nan, 0, 0, 1.0, np.nan)
        w, psi = self.weight[own], self.psi[own]
        total = w.sum()
        effect = float(w @ psi / total)
        parts = w * (psi - effect)
        if cluster is not None:
            parts = np.bincount(np.unique(cluster[own], return_inverse=True)[1], parts)
        count = len(parts)
        se = float(np.sqrt((parts**2).sum() * count / max(count - 1, 1)) / total)
        trimmed = float(1 - total / self.weight[here].sum())
        return Effect(
            effect,
            se,
            int(own.sum()),
            int((self.treated & own).sum()),
            trimmed,
            self._robustness(own, effect),
        )

    def _robustness(self, own: Flags, effect: float) -> float:
        w, e = self.weight[own], self.chance[own]
        noise = np.average(self.residual[own] ** 2, weights=w)
        # E[2 m(alpha) - alpha^2], as DoubleML has it: the variance of the Riesz representer.
        variance = np.average(2 * (1 / e + 1 / (1 - e)) - self.riesz[own] ** 2, weights=w)
        f2 = effect**2 / max(noise * variance, 1e-12)
        return float((np.sqrt(f2**2 + 4 * f2) - f2) / 2)


def scores(frame: Frame, y: Floats, treated: Flags, *, chance: Floats | None = None) -> Scores:
    """The doubly robust scores of a move: `y` log pay and `treated` (n,); `chance` given is used as it is."""
    e = _chances(frame, treated.astype(float)) if chance is None else chance
    kept = (e >= OVERLAP[0]) & (e <= OVERLAP[1])
    safe = np.clip(e, *OVERLAP)
    g0, g1 = _outcomes(frame, y, treated)
    residual = y - np.where(treated, g1, g0)
    riesz = np.where(treated, 1 / safe, -1 / (1 - safe))
    return Scores(g1 - g0 + riesz * residual, kept, safe, residual, riesz, treated, frame.weight)


def placebo(frame: Frame, y: Floats, found: Scores, random: np.random.Generator) -> Scores:
    """Scores of a move that nobody made: drawn anew for each person with their own chance of the real one.

    It is confounded by all that is adjusted for just as the move is, and its true effect is 0.
    """
    drawn = random.random(len(y)) < found.chance
    again = scores(frame, y, drawn, chance=found.chance)
    return Scores(again.psi, found.kept, again.chance, again.residual, again.riesz, drawn, again.weight)


def raw_difference(y: Floats, treated: Flags, weight: Floats) -> tuple[float, float]:
    """Mean log pay with the move less without, nothing adjusted for, and its standard error."""
    means, variances = [], []
    for arm in (treated, ~treated):
        w = weight[arm]
        mean = float(w @ y[arm] / w.sum())
        means.append(mean)
        variances.append(float((w**2 @ (y[arm] - mean) ** 2) / w.sum() ** 2))
    return means[0] - means[1], float(np.sqrt(sum(variances)))


def _penalty(width: int, strength: float, weight: Floats) -> Floats:
    """Ridge of so many reports' worth: a report of those that count weighs sum w^2 / sum w."""
    out = np.full(width, strength * float((weight**2).sum() / max(weight.sum(), 1e-9)))
    out[0] = 1e-9  # the intercept is free
    return out


def _first_guess(frame: Frame, d: Floats, penalty: Floats) -> Floats:
    """Logistic coefficients from a linear fit of `d`: four times its slopes, near where chances are even."""
    gram = frame.gram.sum(0)
    gram[np.diag_indices_from(gram)] += penalty
    slopes = sla.solve(gram, frame.x.T @ (frame.weight * d), assume_a="pos", check_finite=False)
    slopes[0] -= 0.5
    return 4 * slopes


def _chances(frame: Frame, d: Floats) -> Floats:
    """Out-of-fold chances: Newton on everyone, then for each fold a few steps on the rest with that curvature."""
    x, w = frame.x, frame.weight
    penalty = _penalty(x.shape[1], _CHANCE, w)
    beta = _first_guess(frame, d, penalty)
    for _ in range(_NEWTON):
        e = expit(x @ beta)
        root = x * np.sqrt(w * np.maximum(e * (1 - e), _LEAST_VARIANCE))[:, None]
        curvature = root.T @ root
        curvature[np.diag_indices_from(curvature)] += penalty
        step = sla.solve(curvature, x.T @ (w * (d - e)) - penalty * beta, assume_a="pos", check_finite=False)
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            break
    factor = sla.cho_factor(curvature, check_finite=False)
    out = np.empty(len(d))
    for f in range(FOLDS):
        rest, own = frame.fold != f, frame.fold == f
        xr, wr, dr, b = x[rest], w[rest], d[rest], beta
        for _ in range(_CHORDS):
            gradient = xr.T @ (wr * (dr - expit(xr @ b))) - penalty * b
            b = b + sla.cho_solve(factor, gradient, check_finite=False)
        out[own] = expit(x[own] @ b)
    return out


def _outcomes(frame: Frame, y: Floats, treated: Flags) -> tuple[Floats, Floats]:
    """Out-of-fold log pay expected without and with the move, (n,) each."""
    x, w, fold = frame.x, frame.weight, frame.fold
    p = x.shape[1]
    few = treated if treated.sum() * 2 <= len(treated) else ~treated
    arms = (few, ~few)
    grams = _grams(frame, few)
    moments = np.stack(
        [[x[here].T @ (w * y)[here] for f in range(FOLDS) for here in [(fold == f) & arm]] for arm in arms]
    )
    shared = np.append(_penalty(p, _SHARED, w), 1e-9)
    own_penalty = [np.diag(_penalty(p, _ARM, w[arm])) for arm in arms]
    out = np.empty((2, len(y)))
    for f in range(FOLDS):
        rest = np.arange(FOLDS) != f
        whole, own = frame.gram[rest].sum(0), grams[rest].sum(0)
        own_xy, other_xy = moments[0, rest].sum(0), moments[1, rest].sum(0)
        both = np.empty((p + 1, p + 1))
        both[:p, :p], both[:p, p], both[p, :p], both[p, p] = whole, own[0], own[0], own[0, 0]
        both[np.diag_indices_from(both)] += shared
        beta = sla.solve(both, np.append(own_xy + other_xy, own_xy[0]), assume_a="pos", check_finite=False)[
            :p
        ]
        here = x[fold == f]
        for i, (gram, moment) in enumerate(((own, own_xy), (whole - own, other_xy))):
            differs = sla.solve(
                gram + own_penalty[i], moment - gram @ beta, assume_a="pos", check_finite=False
            )
            out[i, fold == f] = here @ (beta + differs)
    return (out[1], out[0]) if few is treated else (out[0], out[1])
