"""Counter-offers of equal worth: how much base, sign-on or grant makes an offer as good as a sure amount.

Worth is the certain equivalent of the simulated whole, after tax where that is known, on the same futures for every
change. It rises with each of base, sign-on and grant, so each is found by bracketing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from paylens.advice.negotiate.band import Market
from paylens.advice.negotiate.certain import sure_worth
from paylens.advice.offer.cases import Case, NetOf, outcome

__all__ = ["Valuer", "packages", "solve"]

_CLOSE: Final = 1e-6
_MOST_STEPS: Final = 60
_RANGE: Final = (0.02, 8.0)
_MOST_ONCE: Final = 0.5  # of a year's base: a larger sign-on is no counter-offer
_MOST_TIMES: Final = 5.0  # of the grant: nobody gives more than that for asking


@dataclass(frozen=True)
class Valuer:
    """An offer on fixed futures: what a change of it is worth for sure, in the case's currency of the answer."""

    case: Case
    net_of: NetOf | None
    aversion: float

    def worth(self, **changes: Any) -> float:
        """The certain equivalent with some fields of the offer changed."""
        changed = replace(self.case, offer=replace(self.case.offer, **changes))
        return sure_worth(outcome(changed, self.net_of).present, self.aversion)

    def with_base(self, base: float) -> float:
        """The certain equivalent at another base; a bonus that is a share of base goes with it."""
        return self.worth(base=base)

    def base_for(self, wanted: float) -> float | None:
        """The base that makes the offer as good as `wanted`; None where the rest of the package alone does."""
        low, high = (times * self.case.offer.base for times in _RANGE)
        found = solve(self.with_base, wanted, low, high)
        return high if found is None and self.with_base(high) < wanted else found

    def sign_on_for(self, wanted: float, base: float) -> float | None:
        """The sign-on that makes the offer, at `base`, as good as `wanted`; None where it would be beyond all custom."""
        now = self.case.offer.sign_on
        most = now + _MOST_ONCE * self.case.offer.base
        return solve(lambda x: self.worth(base=base, sign_on=x), wanted, now, most)

    def grant_for(self, wanted: float) -> float | None:
        """How many times the grant, terms as they are, makes the offer as good as `wanted`; None where none or no sane one does."""
        if self.case.offer.equity.count <= 0:
            return None
        return solve(lambda k: self.worth(equity=_scaled(self.case, k)), wanted, 1.0, _MOST_TIMES)


def _scaled(case: Case, times: float) -> Any:
    e = case.offer.equity
    if e.grant_value is not None:
        return replace(e, grant_value=e.grant_value * times)
    return replace(e, shares=(e.shares or 0.0) * times)


def solve(worth: Callable[[float], float], wanted: float, low: float, high: float) -> float | None:
    """Where a rising function reaches `wanted` (Illinois false position, relative 1e-6); None where it does not in between."""
    at_low, at_high = worth(low) - wanted, worth(high) - wanted
    if at_low > 0 or at_high < 0:
        return None
    side = 0
    for _ in range(_MOST_STEPS):
        if at_high == at_low:
            return low
        x = high - at_high * (high - low) / (at_high - at_low)
        at = worth(x) - wanted
        if abs(at) <= _CLOSE * max(abs(wanted), 1.0) or high - low <= _CLOSE * max(abs(high), 1.0):
            return x
        if at < 0:
            low, at_low = x, at
            at_high = at_high / 2 if side == -1 else at_high
            side = -1
        else:
            high, at_high = x, at
            at_low = at_low / 2 if side == 1 else at_low
            side = 1
    return (low + high) / 2


def packages(valuer: Valuer, market: Market, target: float) -> list[dict[str, Any]]:
    """Two or three ways to the target's worth besides its base; none where the target asks for nothing more."""
    o, rate = valuer.case.offer, valuer.case.rate
    if target <= o.base * (1 + 1e-9):
        return []
    wanted = valuer.with_base(target)
    out: list[dict[str, Any]] = []

    def add(
        kind: str, base: float, sign_on: float, times: float, worth: float, level: str | None = None,
        band: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        e = o.equity
        out.append({
            "kind": kind, "base": base, "sign_on": sign_on, "grant": times * e.value_today if e.kind == "rsu" else None,
            "options": times * e.count if e.kind == "options" else None, "level": level,
            "band": None if band is None else {"low": band[0], "high": band[1]}, "certain_equivalent": worth / rate,
        })  # fmt: skip

    half = (o.base + target) / 2
    mixed = valuer.sign_on_for(wanted, half)
    if mixed is not None:
        add("mixed", half, mixed, 1.0, valuer.worth(base=half, sign_on=mixed))
    more = valuer.grant_for(wanted)
    if more is not None:
        worth = valuer.worth(equity=_scaled(valuer.case, more))
        add("equity", o.base, o.sign_on, more, worth)
    else:
        once = valuer.sign_on_for(wanted, o.base)
        if once is not None:
            add("sign_on", o.base, once, 1.0, valuer.worth(sign_on=once))
    band = market.band_above()
    if band is not None and band[1] >= target:
        add("level", target, o.sign_on, 1.0, wanted, market.level_above, band)
    return out
