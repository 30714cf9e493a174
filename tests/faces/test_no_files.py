"""No question over HTTP or of a tool names a file of the server's disk: what looks like a path is refused or only text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("msgspec", reason="msgspec is not here: pip install 'paylens[serve]'")

from paylens.advice.career.asked import OPTIONS
from paylens.advice.forecast.asked import SLIDERS
from paylens.contract.errors import InputError, PaylensError
from paylens.contract.profile import FIELDS
from paylens.engine import open as open_engine
from paylens.faces.questions import QUESTIONS

ENGINE = open_engine()
# What the command and the library call files by.
OF_FILES = (
    "since",
    "release",
    "from",
    "to",
    "chart",
    "report",
    "file",
    "source_file",
    "data",
    "collect",
    "letter",
    "output",
)
OPENED: list[str] = []
sys.addaudithook(
    lambda event, args: OPENED.append(str(args[0])) if event in ("open", "os.listdir", "os.scandir") else None
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.path)
def test_a_field_that_names_a_file_is_unknown(question: Any) -> None:
    for name in OF_FILES:
        for value in (str(ENGINE.release.path), None):
            with pytest.raises(InputError) as error:
                question.answer(ENGINE, {**question.example, name: value})
            assert name in str(error.value)
            assert str(ENGINE.release.path) not in str(error.value)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.path)
def test_a_path_in_any_field_opens_nothing(question: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text("[me]\nrole = 'secret'\n", encoding="utf-8")
    question.answer(ENGINE, question.example)  # what is read on first use is read
    names = {
        *question.example,
        *FIELDS,
        *OPTIONS,
        *SLIDERS,
        *OF_FILES,
        "horizon",
        "real",
        "offer",
        "me",
        "text",
        "name",
        "gross",
    }
    asked = [
        {**question.example, name: value}
        for name in names
        for value in (str(secret), [str(secret)], {"path": str(secret)})
    ]
    OPENED.clear()
    for fields in asked:
        try:
            question.answer(ENGINE, fields)
        except PaylensError as error:
            assert "secret'" not in str(error).replace(str(secret), "")
    assert [path for path in OPENED if str(tmp_path) in path] == []
