"""Readers of the published files: one .py and one .toml a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from paylens.sources import aijobs, community, kaggle, levels_fyi, stackoverflow, us_lca
from paylens.sources.reading import Description, PublishedFile, Reading, describe

__all__ = ["READERS", "Description", "PublishedFile", "Reading", "describe", "read_community"]

# The sources of pay reports, in the order in which they are read. Official tables have readers of their own.
READERS: Mapping[str, Callable[[Path], Reading]] = MappingProxyType(
    {
        kaggle.ID: kaggle.read,
        stackoverflow.ID: stackoverflow.read,
        levels_fyi.ID: levels_fyi.read,
        aijobs.ID: aijobs.read,
        us_lca.ID: us_lca.read,
    }
)

# A community's export is a folder that says itself what it is; there may be several.
read_community = community.read
describe_community = community.describe_folder
