"""A brief as PDF, typeset by Typst from a template beside this file; the text goes in as data, never as markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from paylens.advice.negotiate.brief import Brief
from paylens.briefs.axis import axis
from paylens.contract.require import require

__all__ = ["pages", "pdf"]

_TEMPLATE: Final = Path(__file__).parent / "brief.typ"


def pdf(b: Brief) -> bytes:
    """The PDF, A4, in fonts that Typst brings; MissingExtra without the extra `report`."""
    found: bytes = _typeset(b, "pdf")
    return found


def pages(b: Brief, ppi: float = 110.0) -> list[bytes]:
    """The same pages as PNG pictures, to look at."""
    found: Any = _typeset(b, "png", ppi=ppi)
    return [found] if isinstance(found, bytes) else list(found)


def _typeset(b: Brief, form: str, **options: Any) -> Any:
    typst = require("typst", "report")
    data = json.dumps({**b.as_dict(), "axis": asdict(axis(b))}, ensure_ascii=False)
    return typst.compile(
        _TEMPLATE.read_bytes(), format=form, sys_inputs={"brief": data}, ignore_system_fonts=True, **options
    )
