"""Key files: two private keys that never come near the collecting server, their public halves, and a secret for names.

A folder of keys holds

    pay-1.key, attributes-1.key   a private key each, one a generation; two people may keep them apart
    names.key                     what makes a report's name in exports the same each time, and nobody's elsewhere
    public.toml                   the newest public keys: the one file that goes to the collecting server
    decisions.csv                 what a review decided, by those names

A private key lies in the clear behind 0600, or sealed (SecretBox) under a passphrase through Argon2id. To share one
among n people all of whom must agree it is split into n: n - 1 are random, the last is the key xor the others, so n - 1
of them tell nothing. Sharing so that k of n suffice would need arithmetic of our own making, which is not worth its
risk: make several splits instead, one for each group that may open it.
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from paylens.contract.errors import InputError, PaylensError

__all__ = [
    "HALVES",
    "Keys",
    "Public",
    "generations",
    "join",
    "load",
    "make",
    "make_generation",
    "names_key",
    "read_public",
    "sealed",
    "split",
    "write_private",
    "write_private_text",
]

HALVES: Final = ("pay", "attributes")
PUBLIC: Final = "public.toml"
NAMES: Final = "names.key"
MOST_SHARES: Final = 20
_LARGEST = 1 << 16
_SCHEMA = 1
_KEY_BYTES = 32

Ask = Callable[[], str]
"""Asks for the passphrase, once it is known to be needed."""


@dataclass(frozen=True)
class Public:
    """The public keys that new reports are sealed under, and their generation (1, 2, …)."""

    generation: int
    pay: bytes
    attributes: bytes


@dataclass(frozen=True)
class Keys:
    """The private keys of a folder, by half and generation; a folder may hold one half alone."""

    private: Mapping[tuple[str, int], bytes]

    def of(self, half: str, generation: int) -> bytes:
        """The private key of a half; PaylensError where the folder has none."""
        try:
            return self.private[half, generation]
        except KeyError:
            raise PaylensError(f"the key file {half}-{generation}.key is needed and is not here") from None


def make(folder: Path, passphrase: str | None = None) -> Public:
    """A new folder of keys, both pairs and the secret for names; InputError where there is one already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.glob("*.key")):
        raise InputError("--keys", str(folder), f"{folder} holds keys already; `rotate` makes new ones")
    write_private(folder / NAMES, {"what": "names", "secret": secrets.token_hex(_KEY_BYTES)})
    return make_generation(folder, 1, passphrase)


def make_generation(folder: Path, generation: int, passphrase: str | None = None) -> Public:
    """Both pairs of a generation, and `public.toml` for them; pairs that are there already are kept.

    So it can be repeated after it was cut off: no key that may have sealed something is ever written over.
    """
    found = {}
    for half in HALVES:
        path = _path(folder, half, generation)
        if not path.exists():
            pair = PrivateKey.generate()
            _write_key(path, half, generation, bytes(pair), passphrase)
        found[half] = bytes.fromhex(_read(path)["public"])
    public = Public(generation, found["pay"], found["attributes"])
    text = (
        "# Public keys for the server that collects. With them reports are sealed; nothing can be opened.\n"
        f'schema = {_SCHEMA}\ngeneration = {generation}\npay = "{public.pay.hex()}"\n'
        f'attributes = "{public.attributes.hex()}"\n'
    )
    _write(folder / PUBLIC, text.encode(), 0o644)
    return public


def read_public(path: Path) -> Public:
    """The public keys of a `public.toml`; InputError when it is none."""
    try:
        told = tomllib.loads(_bounded(path).decode())
        public = Public(told["generation"], bytes.fromhex(told["pay"]), bytes.fromhex(told["attributes"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("--public", str(path), f"{path} is not a file of public keys") from error
    sound = type(public.generation) is int and public.generation > 0
    if not sound or len(public.pay) != _KEY_BYTES or len(public.attributes) != _KEY_BYTES:
        raise InputError("--public", str(path), f"{path} is not a file of public keys")
    return public


def generations(folder: Path) -> list[int]:
    """The generations of which a folder has a key, oldest first."""
    names = (path.stem.rpartition("-")[2] for half in HALVES for path in folder.glob(f"{half}-*.key"))
    return sorted({int(name) for name in names if name.isdecimal()})


def load(folder: Path, ask: Ask, halves: Sequence[str] = HALVES) -> Keys:
    """The private keys of a folder; `ask` gives the passphrase, once, if one is sealed. PaylensError where none opens."""
    asked: list[str] = []

    def passphrase() -> str:
        if not asked:
            asked.append(ask())
        return asked[0]

    found = {}
    for generation in generations(folder):
        for half in halves:
            path = _path(folder, half, generation)
            if path.exists():
                found[half, generation] = _opened(path, passphrase)
    if not found:
        raise InputError("--keys", str(folder), f"{folder} holds no private key")
    return Keys(found)


def sealed(folder: Path) -> bool:
    """Whether a key of the folder asks for a passphrase."""
    return any(
        "sealed" in _read(_path(folder, half, generation))
        for generation in generations(folder) for half in HALVES if _path(folder, half, generation).exists()
    )  # fmt: skip


def names_key(folder: Path) -> bytes:
    """The secret that names reports in exports."""
    try:
        return bytes.fromhex(_read(folder / NAMES)["secret"])
    except (KeyError, ValueError) as error:
        raise PaylensError(f"{folder / NAMES} is not a key file") from error


def split(path: Path, n: int, into: Path, ask: Ask) -> list[Path]:
    """Split a private key among `n` (2 to 20) files, all of which are needed to join it again."""
    if not 2 <= n <= MOST_SHARES:
        raise InputError("--shares", n, f"must be from 2 to {MOST_SHARES}, not {n}")
    told = _read(path)
    key = _opened(path, ask)
    parts = [secrets.token_bytes(_KEY_BYTES) for _ in range(n - 1)]
    parts.append(reduce(_xor, parts, key))
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = []
    for number, part in enumerate(parts, 1):
        share = into / f"{path.stem}.share-{number}-of-{n}"
        write_private(share, {
            "what": told["what"], "generation": told["generation"], "public": told["public"],
            "share": number, "of": n, "part": part.hex(),
        })  # fmt: skip
        paths.append(share)
    return paths


def join(shares: Sequence[Path], folder: Path, passphrase: str | None = None) -> Path:
    """The key file that some shares were split from, in a folder; InputError when one is missing or of another key."""
    told = [_read(path) for path in shares]
    try:
        kinds = {(share["what"], share["generation"], share["public"], share["of"]) for share in told}
        if len(kinds) != 1:
            raise InputError("shares", len(told), "the shares are of different keys")
        ((half, generation, public, n),) = kinds
        lacking = sorted(set(range(1, n + 1)) - {share["share"] for share in told})
        if lacking or len(told) != n:
            few = ", ".join(map(str, lacking)) or "none twice"
            raise InputError("shares", len(told), f"all {n} shares are needed; lacking: {few}")
        key = reduce(_xor, (bytes.fromhex(share["part"]) for share in told))
        fits = half in HALVES and bytes(PrivateKey(key).public_key).hex() == public
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("shares", len(told), "one of the files is no share of a key") from error
    if not fits:
        raise InputError("shares", len(told), "the shares do not fit together: one was changed")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(folder, half, generation)
    if path.exists():
        raise InputError("--keys", str(folder), f"{path} is there already")
    _write_key(path, half, generation, key, passphrase)
    return path


def write_private(path: Path, told: Mapping[str, Any]) -> None:
    """A JSON file that only its owner can read, whole or not at all."""
    write_private_text(path, json.dumps(told, indent=2) + "\n")


def write_private_text(path: Path, text: str) -> None:
    """A file that only its owner can read, whole or not at all."""
    _write(path, text.encode(), 0o600)


def _path(folder: Path, half: str, generation: int) -> Path:
    return folder / f"{half}-{generation}.key"


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def _write_key(path: Path, half: str, generation: int, key: bytes, passphrase: str | None) -> None:
    told: dict[str, Any] = {
        "what": half,
        "generation": generation,
        "public": bytes(PrivateKey(key).public_key).hex(),
    }
    if passphrase:
        salt = secrets.token_bytes(argon2id.SALTBYTES)
        told["salt"] = salt.hex()
        told["sealed"] = bytes(SecretBox(_stretched(passphrase, salt)).encrypt(key)).hex()
    else:
        told["private"] = key.hex()
    write_private(path, told)


def _opened(path: Path, ask: Ask) -> bytes:
    told = _read(path)
    try:
        if "sealed" in told:
            box = SecretBox(_stretched(ask(), bytes.fromhex(told["salt"])))
            key = box.decrypt(bytes.fromhex(told["sealed"]))
        else:
            key = bytes.fromhex(told["private"])
        fits = bytes(PrivateKey(key).public_key).hex() == told["public"]
    except CryptoError:
        raise PaylensError(f"the passphrase does not open {path}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise PaylensError(f"{path} is not a key file") from error
    if not fits:
        raise PaylensError(f"{path}: the private key does not belong to its public one")
    return key


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return bytes(argon2id.kdf(
        SecretBox.KEY_SIZE, passphrase.encode(), salt,
        opslimit=argon2id.OPSLIMIT_MODERATE, memlimit=argon2id.MEMLIMIT_MODERATE,
    ))  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    """A key file; PaylensError when others may read it or it is none."""
    data = _bounded(path)
    if path.stat().st_mode & 0o077:
        raise PaylensError(f"{path} can be read by others: chmod 600 it, and make new keys if they may have")
    try:
        told = json.loads(data)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise PaylensError(f"{path} is not a key file")
    return told


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise PaylensError(f"{path} is too large to be what it should be")
    return data


def _write(path: Path, data: bytes, mode: int) -> None:
    """Written beside its place, to the disk, then moved there: a file that was cut off is never found."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
