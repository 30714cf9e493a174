"""`paylens offer read`: a pasted letter or job ad to an offer file that can be checked, edited and compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paylens.faces.cli.options import Json

if TYPE_CHECKING:
    from paylens.advice.offer.text.read import Read

__all__ = ["read"]

_MOST_LETTERS = 10
_LARGEST_FILE = 1_000_000
_NOT_TEXT = {
    b"PK\x03\x04": "a Word or zip file",
    b"{\\rtf": "a rich text file",
    b"\xd0\xcf\x11\xe0": "an old Word file",
}


def read(
    letters: Annotated[list[str], typer.Argument(help="Text or PDF files; - is what is typed or piped in.")],
    to: Annotated[Path | None, typer.Option("--to", help="Write an offer file; default: show it.")] = None,
    append: Annotated[bool, typer.Option("--append", help="Add to the offers that --to holds.")] = False,
    json: Json = False,
) -> None:
    """What offer letters and job ads state, as an offer file to edit.

    Each value stands beside the words it came from. What a letter does not say for certain is left blank, with what it
    could be.

    Example: paylens offer read letter.txt --to offers.toml
    """
    from paylens.contract.errors import InputError

    if append and to is None:
        raise InputError("--append", None, "says to add to a file: name it with --to")
    if len(letters) > _MOST_LETTERS:
        raise InputError(
            "letter", len(letters), f"at most {_MOST_LETTERS} letters at once, not {len(letters)}"
        )
    found = [(letter, _read(letter)) for letter in letters]
    if to is not None:
        _write(to, [one for _, one in found], append=append)
    if json:
        from paylens.faces.cli.output import print_json

        print_json({"letters": [{"file": letter, **one.as_json()} for letter, one in found]})
    elif to is None:
        from paylens.advice.offer.text.write import HEAD
        from paylens.faces.cli.output import print_lines

        print_lines([HEAD, *_blocks([one for _, one in found], set())])


def _read(letter: str) -> Read:
    from paylens.advice.offer.text.letter import LARGEST_TEXT, read_letter
    from paylens.advice.offer.text.pdf import LARGEST_PDF, pdf_text

    name = "standard input" if letter == "-" else letter
    data = _bytes(letter, max(_LARGEST_FILE * 4, LARGEST_PDF), name)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        text = pdf_text(data, name, LARGEST_TEXT)
    else:
        text = _text(data, name)
    return read_letter(text, "offer" if letter == "-" else Path(letter).stem)


def _bytes(letter: str, most: int, name: str) -> bytes:
    """A file's bytes, or those of standard input, of which no more is held than the limit."""
    from paylens.contract.errors import InputError

    if letter == "-":
        data = sys.stdin.buffer.read(most + 1)
    else:
        with open(letter, "rb") as file:
            data = file.read(most + 1)
    if len(data) > most:
        raise InputError("letter", name, f"{name} is larger than {most:,} bytes: keep the part about pay")
    return data


def _text(data: bytes, name: str) -> str:
    from paylens.contract.errors import InputError

    for mark, what in _NOT_TEXT.items():
        if data.startswith(mark):
            raise InputError("letter", name, f"{name} is {what}: save it as text or PDF, or paste its text")
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "letter", name, f"{name} is not UTF-8 text: save it as UTF-8, or paste its text"
        ) from None


def _write(to: Path, found: list[Read], *, append: bool) -> None:
    from paylens.advice.offer.text.write import HEAD
    from paylens.faces.cli.batch_files import replacing

    before, names = _before(to) if append else ("", set())
    text = "\n".join([before or HEAD, *_blocks(found, names)])
    with replacing(to) as out:
        out.write(text.encode())
    blank = sum(len(one.questions) for one in found)
    what = f"{len(found)} offer{'s' if len(found) != 1 else ''} in {to}"
    print(f"{what}; {blank} left blank, each with what it could be" if blank else what, file=sys.stderr)


def _before(to: Path) -> tuple[str, set[str]]:
    """An offer file's text and the names of its offers; nothing where there is no such file yet."""
    import tomllib

    from paylens.contract.errors import InputError

    if not to.exists():
        return "", set()
    try:
        text = _bytes(str(to), _LARGEST_FILE, str(to)).decode()
        table: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            "--to", str(to), f"{to} is not an offer file that can be added to: {error}"
        ) from None
    offers = table.get("offer", [])
    if not isinstance(offers, list):
        raise InputError("--to", str(to), f"{to} has one [offer]: write [[offer]], so that more can follow")
    return text.rstrip("\n") + "\n", {
        str(one.get("name", "")).casefold() for one in offers if isinstance(one, dict)
    }


def _blocks(found: list[Read], names: set[str]) -> list[str]:
    """Each offer's part of the file, under a name that no other has."""
    from paylens.advice.offer.text.write import offer_toml

    out = []
    for one in found:
        name, n = one.name, 1
        while name.casefold() in names:
            n += 1
            name = f"{one.name} {n}"
        names.add(name.casefold())
        out.append(offer_toml(one, name))
    return out
