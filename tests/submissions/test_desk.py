"""The desk on both databases: sending, receipts, codes, limits, repeats, and what its owner sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import CodeRefused, DeskBusy, Repeated, TooMany, UnknownReceipt
from paylens.submissions.desk import Desk, Rules, init_desk, open_desk
from paylens.submissions.sealing import Token
from paylens.submissions.tables import METADATA, attributes, codes, marks, pay, queue, receipts

Fields = Callable[..., dict[str, Any]]


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.store.reading() as connection:
        return list(connection.execute(sa.select(table)).all())


def test_a_receipt_reads_corrects_and_deletes_before_and_after_its_batch(desk: Desk, report: Fields) -> None:
    sent = desk.submit(report(85_000))
    for base in (86_000, 87_000):  # first in the queue, then in the tables
        found, level = desk.read(sent.token)
        assert (found.base, level) == (base - 1000, "none")
        desk.correct(sent.token, report(base))
        assert desk.read(sent.token)[0].base == base
        desk.drain(whole=True)
        assert desk.read(sent.token)[0].base == base
        assert [len(rows(desk, table)) for table in (queue, pay, attributes, receipts)] == [0, 1, 1, 1]
    desk.correct(sent.token, report(88_000))  # now it is in both
    desk.delete(sent.token)
    assert [len(rows(desk, table)) for table in (queue, pay, attributes, receipts)] == [0, 0, 0, 0]
    for work in (
        lambda: desk.read(sent.token),
        lambda: desk.delete(sent.token),
        lambda: desk.correct(sent.token, report()),
    ):
        with pytest.raises(UnknownReceipt):
            work()
    assert desk.drain(whole=True) == 0


def test_a_batch_waits_until_it_is_full(make_desk: Callable[..., Desk], report: Fields) -> None:
    desk = make_desk(batch=5)
    for n in range(4):
        desk.submit(report(80_000 + n))
    assert desk.drain() == 0
    assert desk.store.status()["waiting"] == 4
    desk.submit(report(90_000))
    assert desk.drain() == 5
    assert desk.store.status() == {
        "reports": 5, "waiting": 0, "unreadable": 0, "codes_unused": 0, "codes_used": 0, "oldest_generation": 1,
    }  # fmt: skip


def test_the_background_writes_full_batches(make_desk: Callable[..., Desk], report: Fields) -> None:
    desk = make_desk(batch=5)
    desk.start()
    sent = [desk.submit(report(80_000 + n)) for n in range(5)]
    for _ in range(100):
        if not desk.store.status()["waiting"]:
            break
        desk._thread.join(0.05)  # type: ignore[union-attr]
    assert desk.store.status()["reports"] == 5
    assert desk.read(sent[3].token)[0].base == 80_003


def test_sending_again_with_ones_own_receipt_changes_nothing(desk: Desk, report: Fields) -> None:
    token = desk.new_token()
    assert desk.submit(report(), token=token).new
    for moment in ("waiting", "kept"):
        again = desk.submit(report(), token=token)
        assert (again.new, again.token) == (False, token), moment
        with pytest.raises(Repeated):
            desk.submit(report(99_000), token=token)
        desk.drain(whole=True)
    assert desk.store.status()["reports"] == 1
    assert desk.read(token)[0].base == 85_000


def test_the_same_from_the_same_place_on_the_same_day_is_refused(desk: Desk, report: Fields) -> None:
    here, there = desk.source_hash("192.0.2.1"), desk.source_hash("192.0.2.2")
    desk.submit(report(), source_hash=here)
    with pytest.raises(Repeated):
        desk.submit(report(), source_hash=here)
    desk.submit(report(), source_hash=there)
    desk.submit(report(85_001), source_hash=here)
    assert desk.store.status()["waiting"] == 3


def test_what_was_refused_is_not_kept_and_may_be_sent_again(
    desk: Desk, report: Fields, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {"secret": "85000"}, Exception("85000"))

    with monkeypatch.context() as patch:
        patch.setattr(sa.Connection, "execute", away)
        patch.setattr(sa.Connection, "scalar", away)
        with pytest.raises(DeskBusy) as error:
            desk.submit(report(), source_hash=desk.source_hash("192.0.2.1"))
        assert "85000" not in str(error.value)
    assert desk.submit(report(), source_hash=desk.source_hash("192.0.2.1")).new


def test_a_code_is_good_once_and_tells_the_level(make_desk: Callable[..., Desk], report: Fields) -> None:
    desk = make_desk(invited=True)
    (code,), (document,) = desk.invite(1), desk.invite(1, "document")
    with pytest.raises(CodeRefused):
        desk.submit(report())
    sent = desk.submit(report(), code=code.lower())
    assert sent.level == "code"
    for wrong in (code, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(CodeRefused):
            desk.submit(report(), code=wrong)
    with pytest.raises(InputError):
        desk.submit(report(), code="short")
    checked = desk.submit(report(90_000), code=document)
    assert desk.read(checked.token)[1] == "document"
    # What a document proved is not proved of other amounts.
    assert desk.correct(checked.token, report(95_000)).level == "code"
    assert desk.correct(sent.token, report(95_000)).level == "code"
    assert desk.store.status()["codes_used"] == 2


def test_a_form_with_a_code_that_is_pressed_twice_at_once_is_one_report(
    make_desk: Callable[..., Desk], report: Fields, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk(invited=True)
    (code,), token = desk.invite(1), desk.new_token()
    checked, first = desk.limits.may_try, []

    def meanwhile(source: bytes | None) -> None:
        """Between the second press's look for the report and its own try the first one is kept."""
        if not first:
            first.append(token)
            first.append(desk.submit(report(), code=code, token=token))
        checked(source)

    monkeypatch.setattr(desk.limits, "may_try", meanwhile)
    second = desk.submit(report(), code=code, token=token)
    assert (second.token, second.new, second.level) == (first[1].token, False, "code")
    with pytest.raises(CodeRefused):
        desk.submit(report(90_000), code=code, token=desk.new_token())
    desk.drain(whole=True)
    assert len(rows(desk, pay)) == 1


def test_nothing_kept_of_a_code_leads_to_its_report(make_desk: Callable[..., Desk], report: Fields) -> None:
    desk = make_desk(batch=5)
    given = desk.invite(8)
    for n, code in enumerate(given[:5]):
        desk.submit(report(80_000 + n), code=code)
    desk.drain()
    kept = rows(desk, codes)
    assert sorted(row.used for row in kept) == [0, 0, 0, 2, 2, 2, 2, 2]
    assert {row.level for row in kept} == {"code"}
    everything = b"".join(
        cell
        for t in (pay, attributes, receipts)
        for row in rows(desk, t)
        for cell in row
        if isinstance(cell, bytes)
    )
    assert not any(row.mark in everything for row in kept)
    if desk.store.postgres:
        with desk.store.reading() as connection:
            marks_of = connection.execute(
                sa.text("SELECT DISTINCT xmin::text FROM codes WHERE used = 2")
            ).all()
        assert len(marks_of) == 1


def test_limits_count_without_addresses_and_forget_with_the_day(
    make_desk: Callable[..., Desk], report: Fields
) -> None:
    desk = make_desk(per_day=3, misses=2)
    days = [date(2026, 11, 24)]
    desk.limits.today = desk.today = lambda: days[0]
    here = desk.source_hash("192.0.2.1")
    for n in range(3):
        desk.submit(report(80_000 + n), source_hash=here)
    with pytest.raises(TooMany):
        desk.submit(report(90_000), source_hash=here)
    desk.submit(report(90_000), source_hash=desk.source_hash("192.0.2.2"))
    for _ in range(2):
        with pytest.raises(UnknownReceipt):
            desk.read(desk.new_token(), here)
    for work in (desk.read, desk.delete):
        with pytest.raises(TooMany):
            work(desk.new_token(), here)
    assert rows(desk, marks)
    assert b"192.0.2" not in b"".join(row.mark for row in rows(desk, marks))
    (old,) = desk.folder.glob("day-*.key")
    days[0] += timedelta(days=1)
    assert desk.source_hash("192.0.2.1") != here
    assert rows(desk, marks) == []
    (new,) = desk.folder.glob("day-*.key")
    assert new != old
    assert new.stat().st_mode & 0o077 == 0
    desk.submit(report(90_000), source_hash=desk.source_hash("192.0.2.1"))


def test_addresses_of_one_place_count_as_one(desk: Desk) -> None:
    hashed = desk.source_hash
    assert hashed("2001:db8::1") == hashed("2001:db8:0:0:ffff::9") != hashed("2001:db8:0:1::1")
    assert hashed("::ffff:192.0.2.1") == hashed("192.0.2.1") != hashed("192.0.2.2")
    assert hashed("x" * 200) == hashed("x" * 5000)


def test_two_processes_share_the_key_of_the_day(desk: Desk) -> None:
    other = open_desk(desk.folder)
    assert other.source_hash("192.0.2.1") == desk.source_hash("192.0.2.1")
    other.close()


def test_a_restart_takes_up_what_waits(make_desk: Callable[..., Desk], report: Fields) -> None:
    desk = make_desk(batch=5)
    sent = [desk.submit(report(80_000 + n)) for n in range(5)]
    again = open_desk(desk.folder)
    assert again.drain() == 5
    assert [again.read(one.token)[0].base for one in sent] == [80_000 + n for n in range(5)]
    again.close()


def test_a_changed_entry_is_set_apart_and_the_others_written(desk: Desk, report: Fields) -> None:
    sent = [desk.submit(report(80_000 + n)) for n in range(3)]
    place = Token.of_text(sent[0].token).place
    with desk.store.writing() as connection:
        connection.execute(sa.update(queue).where(queue.c.place == place).values(entry=b"x" * 4000))
    assert desk.drain(whole=True) == 2
    assert desk.store.status()["unreadable"] == 1
    with pytest.raises(PaylensError, match="changed by somebody"):
        desk.read(sent[0].token)
    assert desk.read(sent[1].token)[0].base == 80_001


def test_a_copy_moved_to_another_receipt_does_not_open(desk: Desk, report: Fields) -> None:
    one, two = desk.submit(report(80_000)), desk.submit(report(90_000))
    desk.drain(whole=True)
    refs = [Token.of_text(sent.token).ref for sent in (one, two)]
    with desk.store.writing() as connection:
        box = connection.scalar(sa.select(receipts.c.box).where(receipts.c.ref == refs[0]))
        connection.execute(sa.update(receipts).where(receipts.c.ref == refs[1]).values(box=box))
    with pytest.raises(PaylensError, match="changed by somebody"):
        desk.read(two.token)


INJECTIONS = [
    "'; DROP TABLE pay; --",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "%s%s%n",
    "=cmd|' /C calc'!A0",
    "\x00\x01",
    "a" * 499,
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_injected_text_is_text(desk: Desk, report: Fields, text: str) -> None:
    sent = desk.submit(report(employer=text))
    assert desk.read(sent.token)[0].employer is None
    for field in ("role", "location", "currency", "month", "seniority", "education", "industry"):
        with pytest.raises(InputError):
            desk.submit(report(**{field: text}))
    for work in (
        lambda: desk.read(text),
        lambda: desk.submit(report(), token=text),
        lambda: desk.submit(report(), code=text),
    ):
        with pytest.raises(InputError):
            work()
    assert desk.store.status()["waiting"] == 1


def test_the_tables_are_those_that_the_steps_make(desk: Desk) -> None:
    with desk.store.reading() as connection:
        different = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert different == []


def test_a_desk_is_made_once_and_then_only_told_anew(
    desk: Desk, report: Fields, keys: Path, tmp_path: Path
) -> None:
    sent = desk.submit(report())
    again = init_desk(
        desk.folder,
        str(desk.store.url.render_as_string(hide_password=False)),
        keys / "public.toml",
        replace(desk.rules, invited=True),
    )
    assert again.read(sent.token)[0].base == 85_000
    assert again.rules.invited
    again.close()
    for file in ("desk.toml", "queue.key"):
        assert (desk.folder / file).stat().st_mode & 0o077 == 0
    # Only public keys are there.
    everything = b"".join(path.read_bytes() for path in desk.folder.iterdir())
    for path in keys.glob("*.key"):
        told = json.loads(path.read_text())
        assert told.get("private", told.get("secret")).encode() not in everything


@pytest.mark.parametrize(
    ("database", "words"), [("mysql://x/y", "--database"), ("sqlite://", "--database"), ("://", "--database")]
)
def test_what_is_no_database_is_one_line(database: str, words: str, keys: Path, tmp_path: Path) -> None:
    with pytest.raises(PaylensError, match=words):
        init_desk(tmp_path / "desk", database, keys / "public.toml", Rules())


def test_what_is_no_desk_is_one_line(keys: Path, tmp_path: Path) -> None:
    with pytest.raises(PaylensError, match="no desk"):
        open_desk(tmp_path)
    with pytest.raises(InputError, match="--batch"):
        init_desk(tmp_path / "desk", str(tmp_path / "x.sqlite"), keys / "public.toml", Rules(batch=1))
    with pytest.raises(InputError, match="--public"):
        init_desk(tmp_path / "desk", str(tmp_path / "x.sqlite"), keys / "names.key", Rules())
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "desk.toml").write_text('database = "gone.sqlite"\n')
    (tmp_path / "desk" / "queue.key").write_text('{"secret": "00"}')
    with pytest.raises(PaylensError, match=r"gone\.sqlite"):
        open_desk(tmp_path / "desk")
