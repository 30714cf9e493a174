"""What a pay observation states besides its amount, and where a file came from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from paylens.contract.errors import ReleaseError

__all__ = [
    "COMMUNITY",
    "HOURS_PER_YEAR",
    "ORIGIN_FILE",
    "PAY_DEFINITIONS",
    "PAY_MEASURES",
    "PERIODS",
    "REPORTED_PAY",
    "Origin",
]

# What someone may ask for: base; cash is base and bonus; total adds a year's equity.
PAY_MEASURES: Final = ("base", "cash", "total")

# What a source's amount is. 'yearly as asked' is one number that the survey does not split.
PAY_DEFINITIONS: Final = ("base", "cash", "total", "yearly as asked", "advertised range", "net")

# A community's source id is this and its name; its reports are cash.
COMMUNITY: Final = "community:"

# The measure an answer is in when it is asked for as a source would report it.
REPORTED_PAY: Final = {
    "kaggle": "yearly as asked",
    "stackoverflow": "yearly as asked",
    "levels_fyi": "total",
    "aijobs": "advertised range",
    "us_lca": "base",
    "us_oews": "base",
    "us_ncses": "base",
    "sg_mom": "base",
}

PERIODS: Final = ("year", "month", "two weeks", "week", "day", "hour")

# 52 weeks of 40 hours, as the US statistics convert hourly wages.
HOURS_PER_YEAR: Final = 2080

ORIGIN_FILE: Final = "origin.json"


@dataclass(frozen=True)
class Origin:
    """Where a file came from and under which terms; `sha256` is of the file as published, `command` what made
    ours from it, empty when the file is passed through untouched."""

    publisher: str
    title: str
    vintage: str
    licence: str
    licence_open: bool
    sha256: str
    command: str = ""
    note: str = ""

    def write(self, folder: Path) -> Path:
        """Write `origin.json` into a folder; the same origin gives the same bytes."""
        path = folder / ORIGIN_FILE
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return path

    @classmethod
    def read(cls, folder: Path) -> "Origin":
        """The origin of a folder's data; ReleaseError when its file is absent or not an origin."""
        path = folder / ORIGIN_FILE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise ReleaseError(f"{path} is missing") from error
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"{path} does not describe an origin: {error}") from error
