"""Optional libraries are imported here and nowhere else."""

import importlib
from types import ModuleType

from paylens.contract.errors import MissingExtra

__all__ = ["require"]


def require(name: str, extra: str) -> ModuleType:
    """The module `name`, or MissingExtra with the command that installs the extra which brings it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A module that is installed but lacks one of its own parts is a broken install, not a missing extra.
        if error.name is not None and error.name.split(".")[0] != name.split(".")[0]:
            raise
        raise MissingExtra(name, extra) from error
