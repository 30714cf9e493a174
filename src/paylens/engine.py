"""The library: opens a release and answers questions from it."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from paylens.advice import estimate as question
from paylens.advice import many
from paylens.advice.benchmark import answer as market
from paylens.advice.career import answer as ahead
from paylens.advice.career.gains import load_premiums
from paylens.advice.forecast import answer as outlook
from paylens.advice.forecast.drift import FILES, Tables
from paylens.advice.forecast.since import earlier, since
from paylens.advice.guide import nine_cells
from paylens.advice.narrowing import Narrowing, narrowing
from paylens.advice.negotiate import answer as negotiation
from paylens.advice.offer import compare as offers
from paylens.advice.offer.cases import NetOf
from paylens.advice.official import OfficialFigures
from paylens.advice.premiums import Premiums
from paylens.advice.reported import Reported
from paylens.answers import Answer, Benchmark, Career, Comparison, Estimate, Forecast, Negotiation
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.offer import parse_offers
from paylens.contract.profile import Profile, parse_profile
from paylens.release.read import Release, open_release

__all__ = [
    "Answer",
    "Engine",
    "Estimate",
    "benchmark",
    "career",
    "compare_offers",
    "estimate",
    "estimate_many",
    "forecast",
    "negotiate",
    "open",
    "read_offers",
]

_CHUNK = 4096
_MOST_BYTES = 1 << 20


class Engine:
    """Answers from one release."""

    def __init__(self, release: Release) -> None:
        self.release = release

    @functools.cached_property
    def reference(self) -> question.Reference:
        """The reference view, loaded on first use."""
        return question.Reference.load(self.release)

    def estimate(self, profile: Mapping[str, Any] | None = None, /, **fields: Any) -> Estimate:
        """The distribution of pay for one profile, given as a mapping or as keyword arguments.

        Raises InputError for a value that is not understood.
        """
        asked = parse_profile({**(profile or {}), **fields})
        return Estimate(self._answers([asked])[0])

    def narrowing(self, profile: Mapping[str, Any]) -> list[Narrowing]:
        """For each fact that a profile does not give, how much narrower knowing it makes the range; the most telling first."""
        return narrowing(self.reference, parse_profile(profile))

    def _answers(self, profiles: Sequence[Profile]) -> list[dict[str, Any]]:
        if profiles and all(p.as_reported_in for p in profiles):
            found: list[dict[str, Any]] = self.reported.answers(profiles)
            return found
        if any(p.as_reported_in for p in profiles):
            return [self._one(p) for p in profiles]
        return question.answers(self.reference, profiles)

    def _one(self, profile: Profile) -> dict[str, Any]:
        if profile.as_reported_in:
            found: dict[str, Any] = self.reported.answer(profile)
            return found
        return question.answers(self.reference, [profile])[0]

    @functools.cached_property
    def reported(self) -> Any:
        """The sources' own views, loaded on first use."""
        return Reported(self.release)

    def answers(self, profiles: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One answer or `{"row", "error"}` for each profile, in order; a bad one never stops the rest."""
        out: list[dict[str, Any]] = []
        good: list[tuple[int, Profile]] = []
        for row, fields in enumerate(profiles, start=1):
            out.append({})
            try:
                profile = parse_profile(fields)
                question.check(self.reference, profile)
                good.append((row, profile))
            except InputError as error:
                out[-1] = {"row": row, "error": error.problem()}
        for start in range(0, len(good), _CHUNK):
            part = good[start : start + _CHUNK]
            try:
                found = self._answers([p for _, p in part])
            except PaylensError:
                found = [self._guarded(row, p) for row, p in part]
            for (row, _), answer in zip(part, found, strict=True):
                out[row - 1] = answer
        return out

    def estimate_many(self, profiles: Any) -> Any:
        """Answers for many profiles, of the kind given.

        A list of mappings gives a list of whole answers; a bad one is `{"row", "error"}`. A pandas DataFrame or an Arrow
        table (columns named as a profile's fields) gives flat columns: row, role, place, currency, pay, p10 to p90, q05 to
        q95, error.
        """
        if isinstance(profiles, pa.Table):
            return self._flat(profiles)
        if hasattr(profiles, "to_dict") and hasattr(profiles, "columns"):
            flat: Any = self._flat(pa.Table.from_pandas(profiles, preserve_index=False)).to_pandas()
            return flat
        return [Estimate(a) for a in self.answers(profiles)]

    def _flat(self, table: pa.Table) -> pa.Table:
        if (
            "as_reported_in" not in table.column_names
            or table.column("as_reported_in").null_count == table.num_rows
        ):
            return many.flat(self.reference, table)
        rows = [many.flat_answer(i, a) for i, a in enumerate(self.answers(table.to_pylist()), start=1)]
        return pa.Table.from_pylist(rows, schema=many.SCHEMA)

    @functools.cached_property
    def official(self) -> OfficialFigures:
        """The official figures, loaded on first use."""
        return OfficialFigures(self.release)

    def benchmark(self, question: Mapping[str, Any] | None = None, /, **fields: Any) -> Benchmark:
        """What the market pays: one cell, or a table `by` one or two factors, each source beside the others.

        A profile's fields and by, source, adjust, sort, top, compare (two places), guide (True: the nine cells of the
        published guide), as a mapping or as keyword arguments. Raises InputError for what is not understood and for a cut
        that is not made.
        """
        return Benchmark(market.benchmark(self.reference, self.official, {**(question or {}), **fields}))

    @functools.cached_property
    def tables(self) -> Tables:
        """The forecast's tables, loaded on first use."""
        return Tables(self.release)

    def forecast(self, question: Mapping[str, Any] | None = None, /, **fields: Any) -> Answer:
        """Where pay is going: growth ahead of a profile's median with its interval, back-test, scenarios and drivers.

        A profile's fields and horizon (1 to 5 years), real, demand, technology, globalisation, as a mapping or as keyword
        arguments. With `since`, the folder or manifest of an older release: what changed from it to this one, and why.
        Raises InputError for what is not understood.
        """
        asked = {**(question or {}), **fields}
        older = asked.pop("since", None)
        if older is None:
            return Forecast(outlook.forecast(self.reference, self.tables, asked))
        return Answer(since(self.reference, *earlier(older), asked))

    def _guarded(self, row: int, profile: Profile) -> dict[str, Any]:
        try:
            return self._one(profile)
        except InputError as error:
            return {"row": row, "error": error.problem()}

    def compare_offers(
        self, source: Mapping[str, Any] | str | Path, *, years: int = offers.YEARS, paths: int = offers.PATHS,
        seed: int = offers.SEED, as_of: str | None = None, currency: str | None = None, before_tax: bool = False,
        net_of: NetOf | None = None,
    ) -> Comparison:  # fmt: skip
        """Offers side by side over years, from a mapping or a TOML or JSON file of them ('me' and 'offer').

        After tax where the tax law of every place is known, unless `before_tax`. `net_of(cash, paper, offer)` replaces that law:
        take-home pay (paths, years) of cash (years,) and vesting paper (paths, years) in the offer's currency. Raises InputError for what is not understood, with the offer and the field.
        """
        fields = source if isinstance(source, Mapping) else read_offers(Path(source))
        return Comparison(offers.compare(
            self.reference, parse_offers(fields), years=years, paths=paths, seed=seed, as_of=as_of, currency=currency,
            before_tax=before_tax, net_of=net_of,
        ))  # fmt: skip

    def negotiate(
        self, source: Mapping[str, Any] | str | Path, offer: str | None = None, *, years: int = offers.YEARS,
        paths: int = offers.PATHS, seed: int = offers.SEED, as_of: str | None = None, before_tax: bool = False,
    ) -> Negotiation:  # fmt: skip
        """What to ask for one offer of a mapping or file of them: the one named, else the one worth most for sure.

        Raises InputError for what is not understood, a name that no offer has, or an offer without a role.
        """
        fields = source if isinstance(source, Mapping) else read_offers(Path(source))
        return Negotiation(negotiation.negotiate(
            self.reference, parse_offers(fields), offer, years=years, paths=paths, seed=seed, as_of=as_of, before_tax=before_tax,
        ))  # fmt: skip

    @functools.cached_property
    def premiums(self) -> Premiums | None:
        """The premiums of the release, loaded on first use; None where it was built without them."""
        return load_premiums(self.reference)

    def career(self, question: Mapping[str, Any] | None = None, /, **fields: Any) -> Career:
        """What raises pay: moves ranked with their effort, what degrees are worth, the years ahead, one plan against another.

        A profile's fields and moves, top, together, places, path, against, horizon, efforts, premiums, paid, filing,
        discount_rate, persistence, working_years, paths, seed, before_tax, as a mapping or as keyword arguments. Raises
        InputError for what is not understood: a degree held already, the place where one is, a horizon above ten years.
        """
        tables = self.tables if all(self.release.holds(f) for f in FILES) else None
        return Career(ahead.career(self.reference, self.premiums, tables, {**(question or {}), **fields}))

    def sources(self) -> list[dict[str, Any]]:
        """What the release was made from: source, publisher, vintage, licence, rows, hash."""
        inputs: list[dict[str, Any]] = self.release.manifest["inputs"]
        return inputs

    def score(self) -> dict[str, Any]:
        """The score card of the release, with the nine cells of the published guide as this release answers them."""
        card: dict[str, Any] = self.release.json("card.json")
        return card | {"guide": nine_cells(self.reference, str(self.release.manifest["month"]))}


def read_offers(path: Path) -> dict[str, Any]:
    """The tables of an offer file, TOML or JSON by its ending; PaylensError where it can't be read as such."""
    if not path.is_file():
        raise PaylensError(f"{path}: no such file")
    with path.open("rb") as file:
        text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise PaylensError(f"{path} is larger than {_MOST_BYTES >> 10} KiB: that is no offer file")
    try:
        whole = text.decode("utf-8-sig")
        found: Any = json.loads(whole) if path.suffix == ".json" else tomllib.loads(whole)
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise PaylensError(f"{path} can't be read as {kind}: {error}") from None
    if not isinstance(found, dict):
        raise PaylensError(f"{path} must hold an object with 'offer' in it")
    return found


def open(path: str | Path | None = None) -> Engine:
    """An engine on the release in a folder; None is the one that ships with the package."""
    return Engine(open_release(path))


@functools.cache
def _default() -> Engine:
    return open()


def estimate(profile: Mapping[str, Any] | None = None, /, **fields: Any) -> Estimate:
    """`Engine.estimate` on the release that ships with the package."""
    return _default().estimate(profile, **fields)


def estimate_many(profiles: Any) -> Any:
    """`Engine.estimate_many` on the release that ships with the package."""
    return _default().estimate_many(profiles)


def benchmark(question: Mapping[str, Any] | None = None, /, **fields: Any) -> Benchmark:
    """`Engine.benchmark` on the release that ships with the package."""
    return _default().benchmark(question, **fields)


def career(question: Mapping[str, Any] | None = None, /, **fields: Any) -> Career:
    """`Engine.career` on the release that ships with the package."""
    return _default().career(question, **fields)


def forecast(question: Mapping[str, Any] | None = None, /, **fields: Any) -> Answer:
    """`Engine.forecast` on the release that ships with the package."""
    return _default().forecast(question, **fields)


def compare_offers(source: Mapping[str, Any] | str | Path, **options: Any) -> Comparison:
    """`Engine.compare_offers` on the release that ships with the package."""
    return _default().compare_offers(source, **options)


def negotiate(
    source: Mapping[str, Any] | str | Path, offer: str | None = None, **options: Any
) -> Negotiation:
    """`Engine.negotiate` on the release that ships with the package."""
    return _default().negotiate(source, offer, **options)
