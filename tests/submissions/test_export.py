"""From sealed rows to a source: whole, named the same each time, without what was changed, held or too new."""

from __future__ import annotations

import csv
import hashlib
import random
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from paylens.contract.errors import InputError, PaylensError
from paylens.contract.report import COLUMNS
from paylens.contract.vocabularies import (
    educations,
    employers,
    industries,
    remotes,
    roles,
    seniorities,
    sizes,
    skills,
)
from paylens.places import geography, money
from paylens.places.money import currencies
from paylens.sources import read_community
from paylens.submissions import rotate as rotation
from paylens.submissions.backup import backup, restore
from paylens.submissions.desk import Desk, init_desk, open_desk
from paylens.submissions.export import Exported, export, last_release
from paylens.submissions.keys import load
from paylens.submissions.opened import open_all, opening
from paylens.submissions.review import decide, held, shown
from paylens.submissions.sealing import Token, open_half, seal_half
from paylens.submissions.tables import attributes, pay

TODAY = date(2026, 11, 24)
CITIES = (
    "Berlin",
    "San Francisco, CA",
    "Texas",
    "Bangalore",
    "Lisbon",
    "London",
    "Zurich",
    "Tokyo",
    "Toronto",
    "Hong Kong",
)
AT = {
    "name": "ml-meetup",
    "title": 'The "ML" meet-up',
    "licence": "CC-BY-4.0",
    "released": date(2026, 10, 1),
    "today": TODAY,
}


@pytest.fixture
def old(report: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda base=85_000, **fields: report(base, **{"month": "2026-09", **fields})


@pytest.fixture
def out(
    database: str, keys: Path, tmp_path: Path, none: Any
) -> Callable[..., tuple[Exported, dict[str, Any], list[dict[str, str]]]]:
    """An export into a new folder: what it says, its two files."""
    n = iter(range(1000))

    def run(**over: Any) -> tuple[Exported, dict[str, Any], list[dict[str, str]]]:
        folder = tmp_path / f"export{next(n)}"
        made = export(database, keys, folder, ask=none, **{**AT, **over})
        about = tomllib.loads((folder / "community.toml").read_text())
        data = (folder / "reports.csv").read_bytes()
        assert about["sha256"] == hashlib.sha256(data).hexdigest()
        return made, about, list(csv.DictReader(data.decode().splitlines()))

    return run


@pytest.fixture
def desk(make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = make_desk()
    made.today = made.limits.today = lambda: TODAY
    return made


def test_an_export_holds_every_report_with_its_fields(desk: Desk, old: Any, out: Any) -> None:
    (code,), (document,) = desk.invite(1), desk.invite(1, "document")
    desk.submit(old(80_000, bonus=4000, employer="Nosuch & Co", company_size=30))
    desk.submit(old(81_000), code=code)
    desk.submit(old(82_000, location="San Francisco, CA", month="2026-07"), code=document)
    desk.drain(whole=True)
    made, about, rows = out()
    assert about == {
        "schema": 1, "name": "ml-meetup", "title": 'The "ML" meet-up', "licence": "CC-BY-4.0", "released": date(2026, 10, 1),
        "from": "2026-07", "to": "2026-09", "sha256": about["sha256"],
        "counts": {"none": 1, "code": 1, "document": 1, "excluded": {}},
    }  # fmt: skip
    assert made.levels == {"none": 1, "code": 1, "document": 1}
    assert tuple(rows[0]) == COLUMNS
    by_base = {row["base"]: row for row in rows}
    assert by_base["80000"] | {"report": "", "metro": ""} == dict.fromkeys(COLUMNS, "") | {
        "month": "2026-09", "role": "machine-learning-engineer", "role_asked": "ML engineer", "country": "DE", "years_experience": "4",
        "company_size": "10-49", "employer_asked": "Nosuch & Co", "skills": "pytorch;amazon-web-services", "base": "80000", "bonus": "4000",
        "currency": "EUR", "verification": "none", "weight": "0.5",
    } | {"skills": by_base["80000"]["skills"]}  # fmt: skip
    assert by_base["80000"]["skills"].split(";")[0] == "pytorch"
    assert (by_base["82000"]["state"], by_base["82000"]["metro"], by_base["82000"]["currency"]) == (
        "CA",
        "us-41860",
        "USD",
    )
    assert [by_base[base]["weight"] for base in ("81000", "82000")] == ["0.75", "1"]


def test_whatever_a_desk_takes_is_read_by_a_build(desk: Desk, out: Any, keys: Path, none: Any) -> None:
    """No id, place, number or word that a report may hold is one that the reader of exports drops."""
    lists = {
        "role": roles().ids, "seniority": seniorities().ids, "education": educations().ids, "industry": industries().ids,
        "company_size": sizes().ids, "employer": employers().ids, "remote": remotes().ids, "skills": skills().ids,
        # Names that a city elsewhere has too are asked about.
        "location": [c.label for c in geography.countries() if c.id not in ("AM", "GD", "GE", "ME", "SH", "SM")], "currency": sorted(currencies("2026-09")),
    }  # fmt: skip
    draw = random.Random(3)

    def some(n: int) -> dict[str, Any]:
        told = {name: found[n % len(found)] for name, found in lists.items()}
        rate = money.rate(told["currency"], "2026-09").per_usd
        base, bonus, equity = (
            round(usd * rate, 2) for usd in (draw.uniform(2_000, 1.9e6), draw.uniform(0, 1e6), 1.9e7)
        )
        more: dict[str, Any] = {"location": CITIES[n // 2 % len(CITIES)]} if n % 2 else {}
        return {
            **told, **more, "skills": [told["skills"]], "base": base, "bonus": bonus, "equity": equity if n % 3 else None, "month": "2026-09",
            "years_experience": n % 121 / 2, "years_ml": 0 if n % 2 else None,
            **({"employer": 'Müller, "Söhne"; & Co\n=1+1', "company_size": None} if n % 5 == 0 else {}),
        }  # fmt: skip

    wanted = [some(n) for n in range(max(map(len, lists.values())))]
    with ThreadPoolExecutor(16) as pool:
        sent = [one.report for one in pool.map(desk.submit, wanted)]
    desk.drain(whole=True)
    found, _ = open_all(desk.store, keys, none)
    decide(keys, found, [one.one.name for one in held(found)], "keep")
    made, _, _ = out()
    read = read_community(made.folder)
    assert (dict(read.dropped), read.kept) == ({}, len(sent))
    names = (
        "role",
        "country",
        "state",
        "metro",
        "seniority",
        "education",
        "industry",
        "company_size",
        "employer",
        "remote",
        "currency",
    )
    rows = read.table.to_pylist()
    assert sorted([str(row[name]) for name in names] for row in rows) == sorted(
        [str(getattr(one, name)) for name in names] for one in sent
    )
    assert sorted(row["pay_lo"] for row in rows) == pytest.approx(
        sorted(one.base + (one.bonus or 0) for one in sent), rel=1e-9
    )
    assert sum(len(row["skills"]) for row in rows) == len(sent)


def test_nobody_else_on_the_machine_reads_an_export(desk: Desk, old: Any, out: Any) -> None:
    desk.submit(old())
    desk.drain(whole=True)
    made, _, _ = out()
    for path in (made.folder, *made.folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_names_stay_over_corrections_and_lead_nowhere(desk: Desk, old: Any, out: Any) -> None:
    sent = [desk.submit(old(80_000 + n)) for n in range(40)]
    desk.drain(whole=True)
    _, _, first = out()
    desk.correct(sent[0].token, old(99_000))
    desk.delete(sent[1].token)
    desk.drain(whole=True)
    _, _, second = out()
    bases = [{row["report"]: row["base"] for row in rows} for rows in (first, second)]
    (gone,) = bases[0].keys() - bases[1].keys()
    assert bases[0][gone] == "80001"
    (changed,) = (name for name in bases[1] if bases[0][name] != bases[1][name])
    assert (bases[0][changed], bases[1][changed]) == ("80000", "99000")
    ids = [Token.of_text(one.token).id.hex() for one in sent]
    text = str(first)
    assert not any(id in text or id[:8] in text for id in ids)
    # In the order of names: what came first says nothing about what is first.
    assert [row["report"] for row in first] == sorted(row["report"] for row in first)
    order = [int(row["base"]) for row in first]
    assert abs(sa_rank(order)) < 0.65


def sa_rank(values: list[int]) -> float:
    """Spearman's rank correlation of a list of distinct values with their places."""
    n = len(values)
    ranks = {value: rank for rank, value in enumerate(sorted(values))}
    return 1 - 6 * sum((ranks[value] - place) ** 2 for place, value in enumerate(values)) / (n * (n * n - 1))


def test_what_was_changed_or_swapped_is_counted_and_left_out(
    desk: Desk, old: Any, out: Any, keys: Path
) -> None:
    sent = [desk.submit(old(80_000 + n)) for n in range(6)]
    desk.drain(whole=True)
    ids = [Token.of_text(one.token).id for one in sent]
    key = load(keys, lambda: "").of("pay", 1)
    with desk.store.writing() as connection:
        boxes = {row.id: row.box for row in connection.execute(sa.select(pay.c.id, pay.c.box))}
        set_ = lambda table, id, **values: connection.execute(
            sa.update(table).where(table.c.id == id).values(**values)
        )
        set_(pay, ids[0], box=boxes[ids[1]])  # one's pay under another's attributes
        set_(attributes, ids[2], box=b"x" + boxes[ids[2]])
        set_(pay, ids[3], generation=99)
        connection.execute(sa.delete(attributes).where(attributes.c.id == ids[4]))
    assert open_half("pay", boxes[ids[5]], key)["base"] == 80_005
    made, about, rows = out()
    assert sorted(row["base"] for row in rows) == ["80001", "80005"]
    assert made.excluded == about["counts"]["excluded"] == {"tampered": 3, "torn": 1}


def test_what_a_rule_holds_is_left_out_until_it_is_kept(
    desk: Desk, old: Any, out: Any, keys: Path, database: str, none: Any
) -> None:
    for n in range(40):
        desk.submit(old(80_000 + 500 * n))
    (code,) = desk.invite(1)
    desk.submit(old(7_100))  # a month's
    desk.submit(old(80_000), code=code)  # the same as one without a code
    desk.submit(old(90_001, equity=2_000_000))
    sent = desk.submit(old(83_333, employer="A Firm Of Mine"))
    desk.drain(whole=True)
    with opening(database) as store:
        found, wrong = open_all(store, keys, none)
    assert not wrong
    whys = {one.why: one for one in held(found)}
    assert {why: one.one.report.base for why, one in whys.items()} == {
        "fence": 7_100,
        "duplicate": 80_000,
        "ratio": 90_001,
    }
    assert whys["duplicate"].one.level == "none"
    assert (
        not {"employer", "employer_asked", "metro", "state", "role_asked", "skills"}
        & shown(whys["fence"], None).keys()
    )
    made, _, rows = out()
    assert made.excluded == {"fence": 1, "duplicate": 1, "ratio": 1}
    assert len(rows) == 41
    with pytest.raises(InputError):
        decide(keys, found, ["ffffffff"], "keep")
    (mine,) = (one.name for one in found if one.report.employer_asked == "A Firm Of Mine")
    decide(keys, found, [whys["fence"].one.name[:8]], "keep")
    decide(keys, found, [mine], "drop")
    assert (keys / "decisions.csv").stat().st_mode & 0o077 == 0
    made, _, rows = out()
    assert made.excluded == {"duplicate": 1, "ratio": 1, "dropped": 1}
    assert "7100" in {row["base"] for row in rows}
    desk.delete(sent.token)
    assert out()[0].excluded == {"duplicate": 1, "ratio": 1}


def test_exports_are_for_release_days_and_months_before(
    desk: Desk, old: Any, out: Any, tmp_path: Path
) -> None:
    desk.submit(old(80_000))
    desk.submit(old(81_000, month="2026-10"))
    desk.drain(whole=True)
    _, about, rows = out()
    assert [row["base"] for row in rows] == ["80000"]
    assert about["counts"]["excluded"] == {"later month": 1}
    for wrong in (date(2026, 10, 2), date(2026, 11, 1), date(2027, 1, 1)):
        with pytest.raises(InputError, match="2026-10-01"):
            out(released=wrong)
    for field, value in (
        ("name", "No Slug"),
        ("name", "-x"),
        ("title", ""),
        ("title", "two\nlines"),
        ("licence", "x" * 201),
    ):
        with pytest.raises(InputError):
            out(**{field: value})
    with pytest.raises(PaylensError, match="no report"):
        out(released=date(2026, 7, 1))
    assert last_release(date(2026, 1, 1)) == date(2026, 1, 1)
    assert last_release(date(2026, 12, 31)) == date(2026, 10, 1)


def test_rotation_seals_all_anew_and_old_keys_open_nothing(
    desk: Desk, old: Any, out: Any, keys: Path, database: str, none: Any, tmp_path: Path
) -> None:
    sent = [desk.submit(old(80_000 + n)) for n in range(8)]
    desk.drain(whole=True)
    before = out()[2]
    late = desk.submit(old(90_000))  # waits in the queue, under the old keys
    done = rotation.rotate(database, keys, none)
    assert (done.generation, done.resealed, done.tampered, done.waiting) == (2, 16, 0, 1)
    assert out()[2] == before
    with pytest.raises(PaylensError, match="older keys"):
        rotation.finish(database, keys)
    again = init_desk(
        desk.folder,
        str(desk.store.url.render_as_string(hide_password=False)),
        keys / "public.toml",
        desk.rules,
    )
    assert again.public.generation == 2
    again.drain(whole=True)
    assert rotation.rotate(database, keys, none, again=True).resealed == 2
    gone = rotation.finish(database, keys)
    assert sorted(path.name for path in gone) == ["attributes-1.key", "pay-1.key"]
    assert len(out()[2]) == 9
    assert [again.read(one.token)[0].base for one in (*sent, late)] == [*range(80_000, 80_008), 90_000]
    assert again.store.status()["oldest_generation"] == 2
    again.close()


def test_a_report_deleted_or_corrected_while_keys_rotate_stays_so(
    desk: Desk, old: Any, out: Any, keys: Path, database: str, none: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [desk.submit(old(80_000 + n)) for n in range(6)]
    desk.drain(whole=True)
    other = open_desk(desk.folder, lambda: TODAY)
    happened = []

    def meanwhile(*args: Any) -> bytes:
        if not happened:
            happened.append(1)
            other.delete(sent[0].token)
            other.correct(sent[1].token, old(99_000))
            other.drain(whole=True)
        return seal_half(*args)

    monkeypatch.setattr(rotation, "seal_half", meanwhile)
    rotation.rotate(database, keys, none)
    monkeypatch.undo()
    rotation.rotate(database, keys, none, again=True)
    assert sorted(row["base"] for row in out()[2]) == ["80002", "80003", "80004", "80005", "99000"]
    other.close()


def test_a_backup_holds_what_is_sealed_until_its_day(
    desk: Desk, old: Any, out: Any, keys: Path, tmp_path: Path, none: Any
) -> None:
    sent = [desk.submit(old(80_000 + n)) for n in range(5)]
    desk.drain(whole=True)
    waiting = desk.submit(old(90_000))
    desk.invite(2)
    folder = tmp_path / "backups"
    path, gone = backup(desk.store, folder, 30, TODAY)
    assert path.name == "paylens-2026-11-24-expires-2026-12-24.sqlite"
    assert (gone, [one.name for one in folder.iterdir()]) == ([], [path.name])
    assert path.stat().st_mode & 0o077 == 0
    # It can be exported from where there is no way to the server.
    with opening(str(path)) as store:
        assert len(open_all(store, keys, none)[0]) == 5
        status = store.status()
    assert (status["waiting"], status["codes_unused"]) == (1, 2)
    assert b"paylens" not in path.read_bytes()[100:200]
    desk.delete(sent[0].token)
    desk.delete(waiting.token)
    desk.correct(sent[1].token, old(99_000))
    desk.drain(whole=True)
    assert restore(path, desk.store, date(2026, 12, 24)) == 1  # a backup brings back what was deleted since
    assert desk.read(sent[0].token)[0].base == 80_000
    assert desk.read(sent[1].token)[0].base == 99_000
    with pytest.raises(PaylensError, match="expired"):
        restore(path, desk.store, date(2026, 12, 25))
    newer, gone = backup(desk.store, folder, 1, date(2026, 12, 25))
    assert gone == [path]
    assert [one.name for one in folder.iterdir()] == [newer.name]
    for days in (0, 91):
        with pytest.raises(InputError):
            backup(desk.store, folder, days, TODAY)


def test_an_expired_backup_is_not_opened(desk: Desk, keys: Path, tmp_path: Path) -> None:
    path, _ = backup(desk.store, tmp_path / "backups", 1, date(2020, 1, 1))
    with pytest.raises(PaylensError, match="expired"), opening(str(path)):
        pass


def test_many_reports_come_out_as_they_went_in(desk: Desk, old: Any, out: Any) -> None:
    draw = random.Random(7)
    sent = {float(base) for base in draw.sample(range(60_000, 130_000), 150)}
    for base in sent:
        desk.submit(old(base))
        desk.drain()
    desk.drain(whole=True)
    assert {float(row["base"]) for row in out()[2]} == sent
