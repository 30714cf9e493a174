"""Reads the tables that ship in this package."""

from importlib import resources

__all__ = ["read_table"]


def read_table(name: str) -> str:
    """The text of the CSV of that name beside this file."""
    return resources.files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
