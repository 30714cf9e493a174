"""How a report is sealed: its halves under two public keys, a copy under its receipt, the queue's entry under the desk's.

    halves   SealedBox (X25519, XSalsa20-Poly1305) of canonical JSON padded to one size: only the private key opens it
    copy     SecretBox (XSalsa20-Poly1305) under BLAKE2b(token): only who holds the receipt opens it
    names    BLAKE2b(token) for another purpose each: the report's id, where the copy lies, where the queue's entry lies

Every derivation has its own personalisation, so that none can be computed from another. No key is compared in code of
ours: looking up a hash of 256 random bits tells nothing by how long it takes.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from nacl.bindings import crypto_box_SEALBYTES, sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from paylens.contract.errors import InputError
from paylens.submissions.reports import Report

__all__ = [
    "Code",
    "Entry",
    "Sealed",
    "Tampered",
    "Token",
    "keyed",
    "open_entry",
    "open_half",
    "seal",
    "seal_entry",
    "seal_half",
]

PAY_BYTES: Final = 256
ATTRIBUTES_BYTES: Final = 1280
COPY_BYTES: Final = 1536
_BYTES: Final = {"pay": PAY_BYTES, "attributes": ATTRIBUTES_BYTES}
_PAY: Final = ("base", "bonus", "equity", "currency", "month")
_TOKEN_BYTES = 32
_CODE_BYTES = 15
_ID_BYTES = 16
_REF_BYTES = 32
_GROUP = 4
# Letters that are easily taken for others, as they are typed from paper; base32 has none of these digits.
_TYPED = str.maketrans({"0": "O", "1": "I", "8": "B"})


class Tampered(Exception):
    """Sealed bytes that do not open: another key's, or changed since they were sealed."""


def keyed(key: bytes, purpose: str, data: bytes = b"", size: int = _REF_BYTES) -> bytes:
    """BLAKE2b of `data` under a key, apart for each purpose (at most 16 letters)."""
    return blake2b(data, digest_size=size, key=key, person=purpose.encode()).digest()


class _Secret:
    """Random bits that somebody holds and types: base32 in groups of four."""

    field: str
    size: int

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @classmethod
    def random(cls) -> Any:
        """A new one."""
        return cls(secrets.token_bytes(cls.size))

    @classmethod
    def of_text(cls, text: object) -> Any:
        """The one that was typed: letters of either case, with or without '-' and spaces; InputError for other text."""
        length = -(-cls.size * 8 // 5)
        problem = InputError(
            cls.field,
            "",
            f"must be the {length} letters and digits as they were given, in groups of {_GROUP}",
        )
        if not isinstance(text, str) or len(text) > 4 * length:
            raise problem
        plain = "".join(text.replace("-", "").split()).upper().translate(_TYPED)
        if len(plain) != length:
            raise problem
        try:
            raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
        except ValueError:
            raise problem from None
        found = cls(raw)
        # The last letter holds bits that are not used: one spelling only.
        if found.text().replace("-", "") != plain:
            raise problem
        return found

    def text(self) -> str:
        """As it is shown."""
        plain = base64.b32encode(self.raw).decode().rstrip("=")
        return "-".join(plain[i : i + _GROUP] for i in range(0, len(plain), _GROUP))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Token(_Secret):
    """A receipt: 256 random bits, from which all that the server looks up is derived."""

    field = "receipt"
    size = _TOKEN_BYTES

    @property
    def id(self) -> bytes:
        """The report's id: 128 bits that nothing else in the store leads to."""
        return keyed(self.raw, "paylens id", size=_ID_BYTES)

    @property
    def ref(self) -> bytes:
        """Where the copy lies among the receipts."""
        return keyed(self.raw, "paylens receipt")

    @property
    def place(self) -> bytes:
        """Where the report lies in the queue."""
        return keyed(self.raw, "paylens queue")

    @property
    def copy_key(self) -> bytes:
        """What the copy is sealed under."""
        return keyed(self.raw, "paylens copy")


class Code(_Secret):
    """An invitation that can be used once: 120 random bits."""

    field = "code"
    size = _CODE_BYTES

    @property
    def mark(self) -> bytes:
        """What the server keeps of it."""
        return keyed(self.raw, "paylens code")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report's two halves and its copy, each of a size that is the same for all reports."""

    pay: bytes
    attributes: bytes
    copy: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What waits in the queue: the id under which the halves will lie, where the copy will, and the three."""

    id: bytes
    ref: bytes
    sealed: Sealed


def seal(report: Report, level: str, token: Token, pay: bytes, attributes: bytes) -> Sealed:
    """Seal a report and the level of its verification under two public keys and its receipt."""
    fields = report.fields()
    id = token.id.hex()
    halves: dict[str, dict[str, Any]] = {"pay": {"id": id}, "attributes": {"id": id, "level": level}}
    for name, value in fields.items():
        halves["pay" if name in _PAY else "attributes"][name] = value
    copy = _padded({"id": id, "level": level, **fields}, COPY_BYTES)
    return Sealed(
        seal_half("pay", halves["pay"], pay),
        seal_half("attributes", halves["attributes"], attributes),
        bytes(SecretBox(token.copy_key).encrypt(copy)),
    )


def open_copy(token: Token, box: bytes) -> tuple[Report, str]:
    """The report of a receipt's copy and the level of its verification; Tampered when it does not open or is another's."""
    try:
        fields = _plain(SecretBox(token.copy_key).decrypt(box), COPY_BYTES)
        level = str(fields.pop("level"))
        if fields.pop("id") != token.id.hex():
            raise Tampered("the copy is of another report")
        return Report.of_fields(fields), level
    except (CryptoError, KeyError, TypeError) as error:
        raise Tampered("the copy does not open") from error


def seal_half(what: str, fields: Mapping[str, Any], public: bytes) -> bytes:
    """Seal one half ("pay" or "attributes") under a public key."""
    return SealedBox(PublicKey(public)).encrypt(_padded(fields, _BYTES[what]))


def open_half(what: str, box: bytes, private: bytes) -> dict[str, Any]:
    """The fields of a sealed half; Tampered when it does not open."""
    try:
        return _plain(SealedBox(PrivateKey(private)).decrypt(box), _BYTES[what])
    except (CryptoError, TypeError) as error:
        raise Tampered(f"a sealed half ({what}) does not open") from error


def seal_entry(key: bytes, entry: Entry) -> bytes:
    """One opaque block of a fixed size for the queue."""
    sealed = entry.sealed
    return bytes(SecretBox(key).encrypt(entry.id + entry.ref + sealed.pay + sealed.attributes + sealed.copy))


def open_entry(key: bytes, block: bytes) -> Entry:
    """What a block of the queue holds; Tampered when it does not open."""
    try:
        plain = SecretBox(key).decrypt(block)
    except (CryptoError, TypeError) as error:
        raise Tampered("an entry of the queue does not open") from error
    pay = PAY_BYTES + crypto_box_SEALBYTES
    attributes = ATTRIBUTES_BYTES + crypto_box_SEALBYTES
    id, rest = plain[:_ID_BYTES], plain[_ID_BYTES:]
    ref, rest = rest[:_REF_BYTES], rest[_REF_BYTES:]
    return Entry(id, ref, Sealed(rest[:pay], rest[pay : pay + attributes], rest[pay + attributes :]))


def _padded(fields: Mapping[str, Any], size: int) -> bytes:
    """Canonical JSON padded to `size` bytes, so that the length of what is sealed tells nothing."""
    plain = json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()
    if len(plain) >= size:
        raise InputError("", "", "the report holds more than can be kept: name fewer skills")
    return bytes(sodium_pad(plain, size))


def _plain(padded: bytes, size: int) -> dict[str, Any]:
    try:
        found = json.loads(sodium_unpad(padded, size))
    except ValueError as error:
        raise Tampered("what was sealed is not a report") from error
    if not isinstance(found, dict):
        raise Tampered("what was sealed is not a report")
    return found
