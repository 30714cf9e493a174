"""A cut asked for by itself gives what the declared one gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from paylens.cohorts.adhoc import cut as one_cut
from paylens.cohorts.build import PERCENTILES, Cohorts
from paylens.cohorts.keys import GroupingSet
from paylens.contract.errors import InputError
from paylens.observations.engine import Tables

Make = Callable[..., pa.Table]
Cut = Callable[..., Cohorts]


@pytest.mark.parametrize("keys", [("role",), ("role", "country"), ("country", "vintage"), ()])
def test_it_is_the_declared_cut(keys: tuple[str, ...], make: Make, cut: Cut, engine: Tables) -> None:
    table = make(2_000, 31)
    found = one_cut(engine, engine.small(table), keys)
    declared = cut(table, (GroupingSet("it", keys),)).table
    declared = declared.sort_by(
        [(name, "ascending") for name in found.column_names if name in ("source", "measure", *keys)]
    )
    assert found["n"].to_pylist() == declared["n"].to_pylist()
    for name in PERCENTILES:
        np.testing.assert_allclose(found[name].to_numpy(), declared[name].to_numpy(), rtol=1e-12)


def test_intervals_and_weights_count_as_such(make: Make, cut: Cut, engine: Tables) -> None:
    table = make(900, 32, countries=2)
    lo = table["lo"].to_numpy()
    hi = np.where(np.arange(900) % 3 == 0, lo * 1.5, lo)
    table = table.set_column(
        table.column_names.index("hi"), "hi", pa.array(hi, mask=np.arange(900) % 30 == 0)
    )
    table = table.set_column(table.column_names.index("weight"), "weight", pa.array(np.arange(900) % 2 + 1))
    found = one_cut(engine, engine.small(table), ("country",))
    declared = cut(table, (GroupingSet("it", ("country",)),)).table.sort_by("country")
    assert found["n"].to_pylist() == declared["n"].to_pylist()
    for name in PERCENTILES:
        np.testing.assert_allclose(found[name].to_numpy(), declared[name].to_numpy(), rtol=1e-12)


def test_an_unknown_fact_names_the_known(engine: Tables, make: Make) -> None:
    with pytest.raises(InputError) as caught:
        one_cut(engine, engine.small(make(10, 1)), ("shoe_size",))
    assert "role" in caught.value.candidates
