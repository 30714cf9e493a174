"""The text layer of a PDF, page by page, through the optional library pypdf."""

from __future__ import annotations

import io
import logging
from typing import Final

from paylens.contract.errors import InputError, MissingExtra
from paylens.contract.require import require

__all__ = ["LARGEST_PDF", "pdf_text"]

LARGEST_PDF: Final = 20_000_000
_MOST_PAGES = 200
_LEAST_TEXT = 20


def pdf_text(data: bytes, name: str, longest: int) -> str:
    """The text of a PDF's pages, at most `longest` characters.

    Raises MissingExtra without pypdf; InputError (field "letter") for a file that is damaged, locked, too long, or a
    scan: pictures of pages without text.
    """
    library = require("pypdf", "report")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    parts: list[str] = []
    size = 0
    try:
        reader = library.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(
                "letter", name, f"{name} is locked with a password: save an open copy, or paste its text"
            )
        if len(reader.pages) > _MOST_PAGES:
            raise InputError(
                "letter", name, f"{name} has more than {_MOST_PAGES} pages: keep those about the offer"
            )
        for page in reader.pages:
            text = page.extract_text() or ""
            parts.append(text)
            size += len(text)
            if size > longest:
                raise InputError("letter", name, f"{name} holds more than {longest:,} characters of text")
    except (InputError, MissingExtra):
        raise
    except Exception as error:
        # A damaged file fails anywhere inside the library, in as many ways as there are.
        raise InputError(
            "letter", name, f"{name} is not a readable PDF ({type(error).__name__}): paste its text"
        ) from None
    whole = "\n".join(parts)
    if len(whole.strip()) < _LEAST_TEXT:
        advice = "paste its text into a file, or make the text readable with OCR (for example ocrmypdf) first"
        raise InputError("letter", name, f"{name} holds pictures of pages and no text: {advice}")
    return whole
