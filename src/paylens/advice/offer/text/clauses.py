"""A text cut into the pieces inside which an amount and the words about it belong together."""

from __future__ import annotations

import re

__all__ = ["clauses"]

# A line as long as this was wrapped: it goes on in the next.
_WRAPPED = 60
# A heading before an amount.
_SHORT = 30
_NUMBERED = re.compile(r"^[0-9]{1,2}[.)]\s*")
_BULLET = re.compile(r"\s*(?:[-*\u2022\u2013\u25cf\u25aa\u00b7>]\s|[0-9]{1,2}[.)]\s|[^\n.:|]{2,30}[:|]\s)")
_ROW = re.compile(r"\S {3,}\S")
_VALUE = re.compile(r"\s*(?:[€$£₹¥]|[A-Z]{0,3}[€$£₹¥]?\s?[0-9])")
_STOPS = re.compile(
    r"(?<!\bRs)(?<!\bp\.a)(?<!\ba)(?<!\bca)(?<!\bMio)(?<!\bMrd)(?<!\bTsd)(?<!\bFr)(?<!\bmax)(?<!\bInc)(?<!\bLtd)"
    r"(?<!\bPte)(?<!\bPvt)(?<!\bNo)(?<!\bNr)(?<!\bCo)(?<!\bapprox)(?<!\bincl)(?<!\bexcl)(?<!\binkl)(?<!\bexkl)(?<!\bz)"
    r"(?<!\bB)(?<!\bS)(?<!\bV)(?<!\bp)(?<!\bU)(?<!\bh)(?<!\bSt)(?<!\bDr)[.!?](?=\s|$)|;|。"
)


def clauses(text: str) -> list[tuple[int, int]]:
    """The first and last character of each sentence, line of a list, or row of a table, in order."""
    out = []
    for start, end in _blocks(text):
        at = start
        for stop in _STOPS.finditer(text, start, end):
            if _only_number(text, at, stop.start()) or _heads(text, at, stop.end()):
                continue
            out.append((at, stop.end()))
            at = stop.end()
        out.append((at, end))
    return [(start, end) for start, end in out if text[start:end].strip()]


def _only_number(text: str, start: int, end: int) -> bool:
    """'3.' at the head of a numbered line is no sentence; nor is '13. Monatsgehalt'."""
    return text[start:end].strip().isdigit()


def _heads(text: str, start: int, end: int) -> bool:
    """'Signing bonus. $35,000' is one: a few words without a number, then an amount."""
    head = text[start:end].strip()
    words = _NUMBERED.sub("", head)
    return len(words) <= _SHORT and not any(c.isdigit() for c in words) and bool(_VALUE.match(text, end))


def _blocks(text: str) -> list[tuple[int, int]]:
    """Lines, those that were wrapped or end in ':' together with what follows."""
    out: list[tuple[int, int]] = []
    at, last = 0, ""
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        body = line.strip()
        if body and last and _continues(last, line):
            out[-1] = (out[-1][0], end)
        elif body:
            out.append((at, end))
        at, last = end, body
    return out


def _continues(last: str, line: str) -> bool:
    if last.endswith((":", "|")) and len(last) <= 40 and _VALUE.match(line):
        return True
    if _ROW.search(line):
        return False
    return len(last) >= _WRAPPED and not _BULLET.match(line) and not last.endswith((":", ".", "!", "?"))
