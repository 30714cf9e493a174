"""Cohorts from reports: against DuckDB where pay is exact; sources, measures and currencies stay apart."""

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from paylens.cohorts.build import PERCENTILES, Cohorts
from paylens.cohorts.keys import SETS, GroupingSet
from paylens.contract.errors import InputError

Make = Callable[..., pa.Table]
Cut = Callable[..., Cohorts]


def changed(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def test_percentiles_agree_with_duckdb(make: Make, cut: Cut) -> None:
    table = make(3_000, 1)
    db = duckdb.connect()
    db.register("reports", table)
    db.register("found", cut(table).table)
    expected = db.sql(
        """select role, country, count(*) as n, count(distinct employer) as employers,
                  quantile_cont(ln(lo), [0.1, 0.25, 0.5, 0.75, 0.9]) as p,
                  min(vintage) as a, max(vintage) as b
           from reports group by role, country order by role, country"""
    ).to_arrow_table()
    mine = db.sql(
        """select * from found where "set" = 'role-country' order by role, country"""
    ).to_arrow_table()
    assert mine["n"].to_pylist() == expected["n"].to_pylist()
    assert mine["employers"].to_pylist() == expected["employers"].to_pylist()
    assert mine["vintage_from"].to_pylist() == expected["a"].to_pylist()
    assert mine["vintage_to"].to_pylist() == expected["b"].to_pylist()
    for k, name in enumerate(PERCENTILES):
        np.testing.assert_allclose(
            mine[name].to_numpy(), np.exp([p[k] for p in expected["p"].to_pylist()]), rtol=1e-9
        )


def test_every_set_counts_the_reports_that_know_its_keys(make: Make, cut: Cut) -> None:
    table = make(800, 2)
    found = cut(table)
    for one in SETS:
        known = np.ones(800, dtype=np.int64)
        for key in one.keys:
            listed = [len(s) for s in table["skills"].to_pylist()]
            known = known * (listed if key == "skill" else table[key].is_valid().to_numpy())
        cells = found.table.filter(pa.compute.equal(found.table["set"], one.name))
        assert sum(cells["n"].to_pylist()) == known.sum()
        for key in set(found.table.column_names) & {k for s in SETS for k in s.keys}:
            assert cells[key].null_count == (0 if key in one.keys else cells.num_rows)


def test_sources_and_measures_are_never_mixed(make: Make, cut: Cut) -> None:
    first, second = make(400, 3), make(300, 4, source="kaggle")
    other = changed(make(200, 5), "measure", pa.array(["total"] * 200))
    found = cut(pa.concat_tables([first, second, other])).table
    alone = cut(first).table
    mine = found.filter(
        pa.compute.and_(
            pa.compute.equal(found["source"], "stackoverflow"), pa.compute.equal(found["measure"], "cash")
        )
    )
    for name in ("set", "role", "country", "n", "p50", "pooled_p90", "pooling_weight"):
        assert mine[name].to_pylist() == alone[name].to_pylist()


def test_money_is_local_inside_a_country_and_dollars_elsewhere(make: Make, cut: Cut) -> None:
    table = make(2_000, 6)
    found = cut(table).table
    currency = dict(zip(table["country"].to_pylist(), table["currency"].to_pylist(), strict=True))
    for row in found.to_pylist():
        if row["country"] is not None:
            assert row["currency"] == currency[row["country"]]
        elif row["metro"] is None and row["state"] is None:
            assert row["currency"] == "USD"
    world = found.filter(pa.compute.equal(found["set"], "all"))["p50"][0].as_py()
    dollars = np.median(table["lo"].to_numpy() / table["per_usd"].to_numpy())
    assert world == pytest.approx(dollars, rel=0.01)


def test_pooling_moves_local_money_toward_the_parent_by_its_weight(make: Make, cut: Cut) -> None:
    found = cut(make(1_500, 7)).table.to_pylist()
    for row in found:
        assert [row[f"pooled_{p}"] for p in PERCENTILES] == sorted(row[f"pooled_{p}"] for p in PERCENTILES)
        if row["set"] == "all":
            assert row["parent"] is None and row["pooling_weight"] == 0
        else:
            assert 0 < row["pooling_weight"] < 1
            # Rupees stay rupees: a pooled median within a factor of two of the raw one in the same money.
            assert row["n"] < 10 or 0.5 < row["pooled_p50"] / row["p50"] < 2.0
            assert found[row["parent"]]["n"] >= row["n"]


def test_a_cut_without_its_parents_key_backs_off_further(make: Make, cut: Cut) -> None:
    table = make(300, 8, countries=2)
    table = changed(table, "region", pa.nulls(300, pa.string()))
    sets = (GroupingSet("all", ()), GroupingSet("r", ("region",), "all"), GroupingSet("c", ("country",), "r"))
    found = cut(table, sets).table
    assert found["set"].to_pylist() == ["all", "c", "c"]
    assert found["parent"].to_pylist() == [None, 0, 0]


def test_employers_are_counted_with_their_weight(make: Make, cut: Cut) -> None:
    table = make(4, 9, countries=1)
    table = changed(table, "employer", pa.array(["a", "a", "b", None]))
    table = changed(table, "weight", pa.array([2, 4, 4, 9]))
    row = cut(table, (GroupingSet("all", ()),)).table.to_pylist()[0]
    assert (row["n"], row["employers"], row["employer_reports"], row["top_employer_share"]) == (
        19,
        2,
        10,
        0.6,
    )
    none = cut(
        changed(table, "employer", pa.nulls(4, pa.string())), (GroupingSet("all", ()),)
    ).table.to_pylist()[0]
    assert none["employers"] == 0 and none["top_employer_share"] is None


def test_adding_a_set_is_adding_a_line(make: Make, cut: Cut) -> None:
    more = (*SETS[:7], GroupingSet("role-country-pay", ("role", "country", "education"), "role-country"))
    found = cut(make(500, 10), more).table
    assert "role-country-pay" in found["set"].to_pylist() and "education" in found.column_names


def test_the_same_reports_give_the_same_bytes(make: Make, cut: Cut) -> None:
    assert cut(make(500, 11)).table.equals(cut(make(500, 11)).table)


def test_an_empty_table_has_no_cohorts(make: Make, cut: Cut) -> None:
    assert cut(make(10, 12).slice(0, 0)).table.num_rows == 0


@pytest.mark.parametrize(
    ("column", "values", "field"),
    [
        ("weight", [0, 1, 1], "weight"),
        ("weight", [1.5, 1.0, 1.0], "weight"),
        ("source", [None, "a", "a"], "source"),
        ("lo", [9e9, 1.0, 1.0], "lo"),
        ("lo", [-5.0, 1.0, 1.0], "lo"),
        ("currency", ["USD", "EUR", "EUR"], "currency"),
        ("region", ["europe", "asia", "asia"], "region"),
    ],
)
def test_wrong_reports_are_refused(
    make: Make, cut: Cut, column: str, values: list[object], field: str
) -> None:
    table = changed(make(3, 13, countries=1), column, pa.array(values))
    with pytest.raises(InputError) as caught:
        cut(table)
    assert caught.value.field == field


def test_a_missing_column_is_named(make: Make, cut: Cut) -> None:
    with pytest.raises(InputError, match="per_usd"):
        cut(make(3, 14).drop_columns(["per_usd"]))
