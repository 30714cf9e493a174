"""Places while their name is being typed: what most people mean comes first."""

from __future__ import annotations

import pytest

from paylens.places.typed import search


@pytest.mark.parametrize(
    ("prefix", "label", "rank"),
    [
        ("san", "San Francisco-Oakland-Fremont, CA", 3), ("san f", "San Francisco-Oakland-Fremont, CA", 1), ("mun", "Munich, Germany", 1),
        ("par", "Paris, France", 2), ("ber", "Berlin, Germany", 1), ("lond", "London, United Kingdom", 1), ("ger", "Germany", 1),
        ("tok", "Tokyo, Japan", 1), ("shang", "Shanghai, China", 1), ("banga", "Bengaluru, India", 1),
    ],
)  # fmt: skip
def test_what_most_people_mean_comes_among_the_first(prefix: str, label: str, rank: int) -> None:
    assert label in [place.label for place in search(prefix, 10)][:rank]


def test_a_suburb_is_as_large_as_itself() -> None:
    found = [place.label for place in search("san", 50)]
    assert found.index("San Francisco-Oakland-Fremont, CA") < found.index("Santo André, Brazil")
    assert "Sancaktepe, Turkey" in found
