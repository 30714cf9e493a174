"""The size band of an employer from a number of employees or a range in words."""

import functools
import math
import re

from paylens.contract.vocabulary import normalise

__all__ = ["size_band", "size_of_text"]

# The lower ends of the bands after the first.
_BANDS = (
    ("1-9", 10),
    ("10-49", 50),
    ("50-249", 250),
    ("250-999", 1000),
    ("1000-4999", 5000),
    ("5000-9999", 10000),
)
_LARGEST = "10000+"
_NUMBER = re.compile(r"\d+(?:\.\d+)?\s?[km]?\b")


def size_band(employees: float) -> str:
    """The id of the band that holds a number of employees (1 or more)."""
    for band, end in _BANDS:
        if employees < end:
            return band
    return _LARGEST


@functools.lru_cache(maxsize=4096)
def size_of_text(text: str) -> str | None:
    """The band of '250', '51-200', '10,001+' or '5k employees'; None for other words.

    A range that straddles bands gets the band of its middle on a log scale. A range that begins at 0 or 1 is
    taken from a tenth of its end: most people in firms of up to 49 work in the larger of them.
    """
    numbers = [_number(n) for n in _NUMBER.findall(normalise(text))]
    if not numbers or len(numbers) > 2:
        return None
    if len(numbers) == 1:
        return size_band(numbers[0])
    low, high = sorted(numbers)
    if low <= 1:
        low = max(high / 10, 1)
    return size_band(math.sqrt(low * high))


def _number(text: str) -> float:
    scale = {"k": 1_000, "m": 1_000_000}.get(text[-1], 1)
    return float(text.rstrip("km ")) * scale
