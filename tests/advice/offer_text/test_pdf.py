"""A PDF's text layer is read; what has none or is damaged is said in one line."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from paylens.advice.offer.text.letter import LARGEST_TEXT, read_letter
from paylens.advice.offer.text.pdf import pdf_text
from paylens.contract.errors import InputError, MissingExtra


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page with these lines, written by hand."""
    shown = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
    content = f"BT /F1 12 Tf 50 750 Td {shown}ET".encode("latin-1") if lines else b""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + end % (table, len(out))


@pytest.fixture
def library() -> ModuleType:
    """pypdf, which the extra 'report' brings."""
    try:
        return importlib.import_module("pypdf")
    except ModuleNotFoundError:
        pytest.skip("pypdf is not installed: the extra 'report' brings it")


@pytest.mark.usefixtures("library")
def test_the_text_of_a_pdf_is_read() -> None:
    lines = ["Data Scientist at Quillon Labs in Denver", "Base salary: $150,000 a year", "Target bonus: 10%"]
    read = read_letter(pdf_text(pdf(lines), "letter.pdf", LARGEST_TEXT))
    assert (read.value("base"), read.value("bonus"), read.value("currency")) == (150_000, 0.1, "USD")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("data", "words"),
    [(pdf([]), "no text"), (b"%PDF-1.4\nnonsense", "not a readable PDF"), (pdf(["x" * 90] * 9)[:300], "not a readable PDF")],
)  # fmt: skip
def test_a_pdf_without_text_is_said_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as problem:
        pdf_text(data, "letter.pdf", LARGEST_TEXT)
    assert "letter.pdf" in str(problem.value)
    assert "paste" in str(problem.value)


@pytest.mark.usefixtures("library")
def test_a_pdf_of_endless_text_is_refused() -> None:
    with pytest.raises(InputError, match="characters of text"):
        pdf_text(pdf(["Base salary: $150,000 a year"] * 9), "letter.pdf", 100)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> ModuleType:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(MissingExtra, match="report"):
        pdf_text(pdf(["hello"]), "letter.pdf", LARGEST_TEXT)
