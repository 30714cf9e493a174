"""Key files: who can read them, passphrases, splitting among people, and what is damaged."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from paylens.contract.errors import InputError, PaylensError
from paylens.submissions.keys import (
    generations,
    join,
    load,
    make,
    make_generation,
    read_public,
    sealed,
    split,
)


def none() -> str:
    raise AssertionError("no passphrase is needed")


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    public = make(tmp_path / "keys")
    assert read_public(tmp_path / "keys" / "public.toml") == public
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "attributes-1.key", "names.key", "pay-1.key", "public.toml",
    ]  # fmt: skip
    for path in (tmp_path / "keys").glob("*.key"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert load(tmp_path / "keys", none).of("pay", 1) != load(tmp_path / "keys", none).of("attributes", 1)
    (tmp_path / "keys" / "pay-1.key").chmod(0o640)
    with pytest.raises(PaylensError, match="chmod 600"):
        load(tmp_path / "keys", none)
    with pytest.raises(InputError, match="already"):
        make(tmp_path / "keys")


def test_a_passphrase_is_asked_for_once_and_must_be_right(tmp_path: Path) -> None:
    make(tmp_path, "correct horse")
    assert sealed(tmp_path)
    assert "private" not in json.loads((tmp_path / "pay-1.key").read_text())
    asked = []

    def ask() -> str:
        asked.append(1)
        return "correct horse"

    load(tmp_path, ask)
    assert len(asked) == 1
    with pytest.raises(PaylensError, match="passphrase"):
        load(tmp_path, lambda: "wrong", ("pay",))


def test_all_shares_and_no_fewer_make_a_key(tmp_path: Path) -> None:
    make(tmp_path / "keys")
    shares = split(tmp_path / "keys" / "pay-1.key", 3, tmp_path / "shares", none)
    assert [path.stat().st_mode & 0o777 for path in shares] == [0o600] * 3
    key = load(tmp_path / "keys", none).of("pay", 1)
    for some in (*combinations(shares, 2), [shares[0], shares[0], shares[1]]):
        with pytest.raises(InputError, match="shares"):
            join(some, tmp_path / "never")
    assert not any(json.loads(path.read_text())["part"] == key.hex() for path in shares)
    join(shares, tmp_path / "joined")
    assert load(tmp_path / "joined", none).of("pay", 1) == key
    with pytest.raises(InputError, match="already"):
        join(shares, tmp_path / "joined")
    told = json.loads(shares[1].read_text())
    shares[1].write_text(json.dumps({**told, "part": "00" * 32}))
    with pytest.raises(InputError, match="changed"):
        join(shares, tmp_path / "never")
    others = split(tmp_path / "keys" / "attributes-1.key", 3, tmp_path / "shares", none)
    with pytest.raises(InputError, match="different"):
        join([*shares[:2], others[2]], tmp_path / "never")
    for n in (1, 21):
        with pytest.raises(InputError):
            split(tmp_path / "keys" / "pay-1.key", n, tmp_path / "x", none)
    assert not (tmp_path / "never").exists()


def test_one_half_alone_may_be_kept_apart(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "attributes-1.key").rename(tmp_path / "elsewhere")
    keys = load(tmp_path, none)
    keys.of("pay", 1)
    with pytest.raises(PaylensError, match=r"attributes-1\.key"):
        keys.of("attributes", 1)


def test_a_generation_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    make(tmp_path)
    first = make_generation(tmp_path, 2)
    (tmp_path / "attributes-2.key").unlink()
    second = make_generation(tmp_path, 2)
    assert first.pay == second.pay
    assert first.attributes != second.attributes
    assert generations(tmp_path) == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"private": "zz"}',
        '{"private": "00", "public": "00"}',
        "x" * 70_000,
        '{"sealed": "00", "salt": ""}',
    ],
)
def test_a_damaged_key_is_one_line(tmp_path: Path, text: str) -> None:
    make(tmp_path)
    (tmp_path / "pay-1.key").write_text(text)
    with pytest.raises(PaylensError) as error:
        load(tmp_path, lambda: "x")
    assert "pay-1.key" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "generation = 1",
        'generation = true\npay = "00"\nattributes = "00"',
        'generation = 0\npay = "x"',
        "\xff" * 9,
    ],
)
def test_what_is_no_public_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "public.toml").write_text(text, encoding="latin-1")
    with pytest.raises(InputError):
        read_public(tmp_path / "public.toml")
