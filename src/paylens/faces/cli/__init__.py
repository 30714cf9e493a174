"""The command `paylens`."""

from paylens.faces.cli.app import main

__all__ = ["main"]
