"""A file that takes its name only when it is complete."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from paylens.contract.errors import PaylensError

__all__ = ["replacing"]


@contextlib.contextmanager
def replacing(to: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `to` when all is written; until then, and on any failure, `to` is untouched."""
    handle, name = tempfile.mkstemp(prefix=f".{to.name}-", dir=to.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(handle, 0o666 & ~_umask())
            yield out
            out.flush()
            os.fsync(handle)
        os.replace(name, to)
    except OSError as error:
        raise PaylensError(f"{to}: {(error.strerror or str(error)).lower()}; nothing was written") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
