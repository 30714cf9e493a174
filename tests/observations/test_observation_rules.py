"""The rules of the observation table: each is broken once."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from paylens.contract.errors import PaylensError
from paylens.observations.schema import SCHEMA, validate
from paylens.sources.reading import Observations

ROW = {
    "source": "kaggle", "vintage": 2022, "month": "2022-09", "row": 1, "respondent": "kaggle:2022:1",
    "role": "data-scientist", "role_asked": "Data Scientist", "country": "DE", "employment": "unknown",
    "skills": ["python"], "pay_lo": 50_000.0, "pay_hi": 60_000.0, "currency": "USD",
    "pay_definition": "yearly as asked",
}  # fmt: skip


def _table(*changes: dict[str, Any]) -> pa.Table:
    observations = Observations()
    for number, change in enumerate(changes, start=1):
        observations.add({**ROW, "row": number, "respondent": f"kaggle:2022:{number}", **change})
    return observations.table()


def test_sound_rows_pass_untouched() -> None:
    table = _table({}, {"pay_hi": None}, {"pay_lo": 60_000.0}, {"country": None, "skills": []})
    assert validate(table) is table
    assert validate(SCHEMA.empty_table()).num_rows == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "wizard"}, "role has 1 values that are not of the vocabulary: 'wizard'"),
        ({"seniority": "grand"}, "seniority has 1"),
        ({"country": "XX"}, "country has 1"),
        ({"education": "guild"}, "education has 1"),
        ({"industry": "alchemy"}, "industry has 1"),
        ({"company_size": "some"}, "company_size has 1"),
        ({"employer": "acme"}, "employer has 1"),
        ({"remote": "moon"}, "remote has 1"),
        ({"employment": "sometimes"}, "employment has 1"),
        ({"skills": ["python", "spells"]}, "skills has 1 values that are not of the vocabulary: 'spells'"),
        ({"pay_definition": "gross"}, "pay_definition has 1"),
        ({"month": "2022-13"}, "month has 1 values that are not a month"),
        ({"currency": "usd"}, "currency has 1 values that are not a currency"),
        ({"respondent": "kaggle:2022:1"}, "respondent has 1 values that are there more than once"),
        ({"pay_lo": 70_000.0}, "pay has 1 values that are reversed"),
        ({"years_lo": 5.0, "years_hi": 4.0}, "years has 1 values that are reversed"),
        ({"years_ml_hi": 4.0}, "years_ml has 1 values that are without a lo"),
        ({"pay_lo": -1.0}, "pay_lo has 1 values that are not an amount"),
        ({"pay_lo": float("nan")}, "pay_lo has 1 values that are not an amount"),
        ({"pay_hi": float("inf")}, "pay_hi has 1 values that are not an amount"),
        ({"bonus": -5.0}, "bonus has 1 values that are not an amount"),
        ({"role_asked": None}, "1 rows have no role_asked"),
        ({"pay_lo": None}, "1 rows have no pay_lo"),
    ],
)
def test_each_rule(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PaylensError, match=message):
        validate(_table({}, change))


def test_another_schema_is_refused() -> None:
    with pytest.raises(PaylensError, match="columns are not those of the schema"):
        validate(_table({}).drop_columns(["pay_flag"]))
