"""Style, script and icon: named by their content, so that a browser may keep them for good."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

__all__ = ["NAMES", "give"]

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


def _read() -> tuple[dict[str, str], dict[str, tuple[bytes, str]]]:
    names, files = {}, {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _KINDS:
            data = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
            names[path.name] = f"/static/{name}"
            files[name] = data, _KINDS[path.suffix]
    return names, files


# The address of each file by its own name.
NAMES, _FILES = _read()


async def give(request: Request) -> Response:
    """One file; 404 for another name, such as that of a version before."""
    found = _FILES.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    data, kind = found
    return Response(data, 200, {"cache-control": _FOREVER}, kind)
