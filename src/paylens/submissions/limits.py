"""Limits on how often one sender may send or guess, without keeping who sent.

What is counted is BLAKE2b under a key of the day: of the sender's address, or of what was sent. The key lies in a file of
the desk and is shared by its processes. With the first request of a new day (UTC) a new key is drawn, the table of counts is
emptied and the old key removed: from then on nobody can find an address for what a count was, not by trying all of them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import date
from ipaddress import IPv6Address, IPv6Network, ip_address
from pathlib import Path

from paylens.contract.report import TooMany
from paylens.submissions.sealing import keyed
from paylens.submissions.store import Store

__all__ = ["Limits"]

_KEY_BYTES = 32
_LONGEST = 200


def _place(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False))
    return str(found)


class Limits:
    """Counts of a day for a desk's folder; `per_day` reports and `misses` wrong receipts or codes a sender."""

    def __init__(
        self, folder: Path, store: Store, per_day: int, misses: int, today: Callable[[], date]
    ) -> None:
        self.folder = folder
        self.store = store
        self.per_day = per_day
        self.misses = misses
        self.today = today
        self._day: date | None = None
        self._key = b""

    def source(self, address: str) -> bytes:
        """What stands for an address today; one of IPv6 counts as all of its /64, which is one household's to draw from."""
        return self._mark("source", _place(address).encode())

    def sender(self, source: bytes | None) -> bytes | None:
        """What counts the reports of a sender."""
        return None if source is None else self._mark("sent", source)

    def sent(self, source: bytes | None) -> None:
        """Count a report of a sender; TooMany when it is one too many."""
        mark = self.sender(source)
        if mark is not None and self.store.count(mark) > self.per_day:
            raise TooMany(
                f"no more than {self.per_day} reports a day are taken from one place: try again tomorrow"
            )

    def corrected(self, source: bytes | None) -> None:
        """Count a correction of a sender; TooMany when there are more than there may be reports."""
        if source is not None and self.store.count(self._mark("fixed", source)) > self.per_day:
            raise TooMany(
                f"no more than {self.per_day} corrections a day are taken from one place: try again tomorrow"
            )

    def once(self, content: bytes, source: bytes | None) -> bytes:
        """What is marked when a sender sends this, and not taken a second time on the same day."""
        return self._mark("content", content + (source or b""))

    def missed(self, source: bytes | None) -> None:
        """Count a receipt or a code that led to nothing."""
        if source is not None:
            self.store.count(self._mark("missed", source))

    def may_try(self, source: bytes | None) -> None:
        """TooMany for a sender who missed too often today."""
        if source is not None and self.store.counted(self._mark("missed", source)) >= self.misses:
            raise TooMany("too many wrong receipts or codes came from one place today: try again tomorrow")

    def _mark(self, purpose: str, data: bytes) -> bytes:
        today = self.today()
        if today != self._day:
            self._key, self._day = self._of_day(today), today
        return keyed(self._key, f"paylens {purpose}"[:16], data)

    def _of_day(self, day: date) -> bytes:
        path = self.folder / f"day-{day:%Y-%m-%d}.key"
        if not path.exists():
            beside = self.folder / f".{path.name}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
            try:
                os.link(beside, path)  # of several processes one is first, the others read its key
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        key = path.read_bytes()
        old = [other for other in self.folder.glob("day-*.key") if other.name < path.name]
        if old:
            # Counts first: were we to die between the two, whoever comes next does both again.
            self.store.forget_marks()
            for other in old:
                other.unlink(missing_ok=True)
        return key
