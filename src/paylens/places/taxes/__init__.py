"""Taxes and contributions on pay: the law of a country and year as dated data, and the few rules that are no table.

`law_at` finds the law for a place and month, `deductions` what it takes from an array of pays. A country is a TOML
file a year with a unit and a reference beside each block; the US states are one CSV of piecewise tables.
"""

from paylens.places.taxes.law import Amounts, Law, Line, Pay
from paylens.places.taxes.region import Region, region_of
from paylens.places.taxes.registry import countries, deductions, law_at

__all__ = ["Amounts", "Law", "Line", "Pay", "Region", "countries", "deductions", "law_at", "region_of"]
