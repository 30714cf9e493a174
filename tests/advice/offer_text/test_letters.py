"""A hundred and twenty invented letters and ads: what they state is read, what they do not is not made up.

The parser was written on the 40 of `letters/develop`. The 20 of `held` were written before it and read once, at its end;
`fresh`, `last` and `blind`, 20 each, were each written after the causes of the misses before had been mended, and read
once for the score that docs/offer-read.md gives. Since then all of them are for keeping what was reached.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from paylens.advice.offer.text.letter import FIELDS, read_letter
from paylens.advice.offer.text.write import offer_toml
from paylens.contract.vocabularies import roles
from paylens.places.geography import lookup_city

LETTERS = Path(__file__).parents[1] / "letters"
PARTS = ("develop", "held", "fresh", "last", "blind")


def stated(part: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tomllib.loads((LETTERS / f"{part}.toml").read_text(encoding="utf-8"))
    return found


def text(part: str, name: str) -> str:
    return (LETTERS / part / f"{name}.txt").read_text(encoding="utf-8")


def same(field: str, got: Any, want: Any) -> bool:
    if got is None:
        return False
    if isinstance(want, list):
        return len(got) == len(want) and all(abs(a - b) < 1e-3 for a, b in zip(got, want, strict=True))
    if not isinstance(want, str):
        return math.isclose(got, want, rel_tol=1e-6)
    if field == "role":
        return roles().lookup(got) == roles().lookup(want)
    if field == "location":
        place, known = lookup_city(got), lookup_city(want)
        return (
            place is not None
            and (known is None or place.id == known.id)
            and got.split(",")[0] == want.split(",")[0]
        )
    return bool(got.rstrip(".") == want.rstrip("."))


@pytest.mark.parametrize("part", PARTS)
def test_what_is_stated_is_read_and_nothing_is_invented(part: str) -> None:
    numbers, names, asked = [], [], []
    invented = []
    for letter, fields in stated(part).items():
        want = dict(fields)
        questions = want.pop("asked", [])
        read = read_letter(text(part, letter), letter)
        got: dict[str, Any] = {f.field: f.value for f in read.fields}
        got |= {k: v for k, v in (("base_low", read.low), ("base_high", read.high)) if v is not None}
        for field, value in want.items():
            right = same(field, got.get(field), value)
            (names if isinstance(value, str) else numbers).append(right)
        asked += [read.asked(field) is not None for field in questions]
        invented += [(letter, f, v) for f, v in got.items() if f not in want and not isinstance(v, str)]
        invented += [(letter, f, got[f]) for f in questions if f in got]
    right, named = sum(numbers) / len(numbers), sum(names) / len(names)
    print(
        f"\n{part}: {sum(numbers)} of {len(numbers)} numbers right ({right:.1%}), {len(invented)} invented, "
        f"{sum(asked)} of {len(asked)} doubtful ones asked about, {sum(names)} of {len(names)} names right ({named:.1%})"
    )
    assert right >= 0.95
    assert not invented
    assert sum(asked) >= 0.9 * len(asked)
    assert named >= 0.9


@pytest.mark.parametrize("part", PARTS)
def test_every_letter_is_an_offer_file(part: str) -> None:
    for letter in stated(part):
        read = read_letter(text(part, letter), letter)
        (offer,) = tomllib.loads(offer_toml(read))["offer"]
        assert offer == read.offer()
        assert {f.field for f in read.fields} <= set(FIELDS)
        for field in read.fields:
            assert field.words, (letter, field)


def test_the_letters_are_of_ten_countries() -> None:
    letters = [letter for part in PARTS for letter in stated(part)]
    assert len(letters) == len(set(letters)) == 20 * (len(PARTS) + 1)
    countries = {letter.partition("-")[2] for letter in letters}
    assert {"us", "uk", "de", "fr", "nl", "ie", "ch", "ca", "sg", "in"} <= countries
