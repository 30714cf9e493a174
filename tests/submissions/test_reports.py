"""What is taken for a report, what it becomes, and that what is sealed tells nothing by its size."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from paylens.contract.errors import InputError
from paylens.contract.vocabularies import employers, industries, roles, skills
from paylens.submissions.reports import MOST_ASKED, Report, parse_report
from paylens.submissions.sealing import Tampered, Token, open_copy, open_half, seal, seal_half

KEYS = {"pay": PrivateKey.generate(), "attributes": PrivateKey.generate()}
TODAY = date(2026, 11, 24)
BERLIN: dict[str, Any] = {"role": "ML engineer", "location": "Berlin", "base": 85_000}


def test_a_report_is_ids_amounts_and_a_month() -> None:
    report, notes = parse_report(
        {**BERLIN, "bonus": "5000", "skills": ["PyTorch", "nosuchthing"], "employer": "Google"}, TODAY
    )
    assert (report.role, report.country, report.metro, report.currency) == (
        "machine-learning-engineer", "DE", "de-berlin", "EUR",
    )  # fmt: skip
    assert (report.base, report.bonus, report.equity, report.month) == (85_000, 5000, None, "2026-11")
    assert (report.skills, report.employer, report.company_size) == (("pytorch",), "google", "10000+")
    assert any("nosuchthing" in note for note in notes)
    assert Report.of_fields(report.fields()) == report


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": "ML engineer", "base": 1e5}, "location"), ({**BERLIN, "location": "Europe"}, "location"), ({**BERLIN, "base": None}, "base"),
        ({**BERLIN, "base": 5}, "base"), ({**BERLIN, "base": 1e9}, "base"), ({**BERLIN, "base": 10**400}, "base"), ({**BERLIN, "base": "x"}, "base"),
        ({**BERLIN, "base": True}, "base"), ({**BERLIN, "base": "nan"}, "base"), ({**BERLIN, "bonus": -1}, "bonus"), ({**BERLIN, "equity": "inf"}, "equity"),
        ({**BERLIN, "month": "2026-12"}, "month"), ({**BERLIN, "month": "2024-10"}, "month"), ({**BERLIN, "month": "yesterday"}, "month"),
        ({**BERLIN, "month": 202611}, "month"), ({**BERLIN, "currency": "XYZ"}, "currency"), ({**BERLIN, "pay": "cash"}, "pay"),
        ({**BERLIN, "as_reported_in": "kaggle"}, "as_reported_in"), ({**BERLIN, "bse": 1}, "bse"), ({**BERLIN, "role": "xyzzy"}, "role"),
        ({**BERLIN, "skills": [entry.label for entry in skills().entries][:31]}, "skills"),
    ],
)  # fmt: skip
def test_what_is_no_report_names_the_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        parse_report(fields, TODAY)
    assert error.value.field == field
    assert "\n" not in str(error.value)


@given(st.text(max_size=400))
def test_words_of_the_sender_are_kept_as_plain_text(text: str) -> None:
    report, _ = parse_report({**BERLIN, "employer": text}, TODAY)
    kept = report.employer_asked or "x"
    assert len(kept.encode()) <= MOST_ASKED
    # Neither a formula for a spreadsheet, nor markup, nor a template, nor a quote that ends a string of SQL with more.
    assert kept[0] not in "=+-@\t\r\n'"
    assert not set(kept) & set('<>{}"`;=@$%\\|\n\r\t\x00')


words = st.text(string.ascii_letters + "é漢", max_size=120)
fields = st.fixed_dictionaries(
    {"role": st.sampled_from([entry.label for entry in roles().entries]), "location": st.sampled_from(["Berlin", "San Francisco, CA", "India"]),
     "base": st.floats(100_000, 1_000_000)},
    optional={"employer": st.one_of(words, st.sampled_from([entry.label for entry in employers().entries])),
              "industry": st.sampled_from([entry.label for entry in industries().entries]), "bonus": st.floats(0, 1e6), "equity": st.floats(0, 1e6),
              "skills": st.lists(st.sampled_from([entry.label for entry in skills().entries]), max_size=25), "years_experience": st.floats(0, 60),
              "years_ml": st.floats(0, 60), "years_coding": st.floats(0, 60), "seniority": st.just("principal"),
              "education": st.just("professional"), "remote": st.just("hybrid"), "currency": st.just("USD"), "company_size": st.just("5000-9999")},
)  # fmt: skip


@given(fields)
def test_every_report_is_sealed_to_one_size_and_comes_back(told: dict[str, Any]) -> None:
    report, _ = parse_report(told, TODAY)
    token: Token = Token.random()
    public = {half: KEYS[half].public_key.encode() for half in KEYS}
    sealed = seal(report, "none", token, public["pay"], public["attributes"])
    assert (len(sealed.pay), len(sealed.attributes), len(sealed.copy)) == (256 + 48, 1280 + 48, 1536 + 40)
    assert open_copy(token, sealed.copy) == (report, "none")
    halves = (
        open_half("pay", sealed.pay, bytes(KEYS["pay"])),
        open_half("attributes", sealed.attributes, bytes(KEYS["attributes"])),
    )
    assert not halves[0].keys() & halves[1].keys() - {"id"}
    assert halves[0]["id"] == halves[1]["id"] == token.id.hex()
    assert (
        Report.of_fields({k: v for half in halves for k, v in half.items() if k not in ("id", "level")})
        == report
    )


@given(st.integers(0, 256 + 47), st.integers(1, 255))
def test_a_changed_bit_is_noticed(where: int, change: int) -> None:
    box = bytearray(seal_half("pay", {"id": "00", "base": 1.0}, KEYS["pay"].public_key.encode()))
    box[where] ^= change
    with pytest.raises(Tampered):
        open_half("pay", bytes(box), bytes(KEYS["pay"]))


def test_one_key_does_not_open_the_other_half() -> None:
    box = seal_half("pay", {"id": "00"}, KEYS["pay"].public_key.encode())
    with pytest.raises(Tampered):
        open_half("pay", box, bytes(KEYS["attributes"]))


@given(st.binary(min_size=32, max_size=32))
def test_a_receipt_is_read_however_it_is_typed(raw: bytes) -> None:
    token = Token(raw)
    for typed in (
        token.text(),
        token.text().lower(),
        token.text().replace("-", ""),
        token.text().replace("-", " "),
    ):
        assert Token.of_text(typed).raw == raw
    assert token.text() not in repr(token)
    names = {token.id, token.ref, token.place, token.copy_key}
    assert len(names) == 4


@pytest.mark.parametrize(
    "text", ["", "x", "A" * 51, "A" * 53, "=" * 52, "é" * 52, "A" * 51 + "B", None, 7, "A" * 10_000]
)
def test_what_is_no_receipt_is_refused_without_being_quoted(text: object) -> None:
    with pytest.raises(InputError) as error:
        Token.of_text(text)
    assert error.value.field == "receipt"
    assert str(text) not in str(error.value) or len(str(text)) < 2
