"""What README.md shows is what the commands say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def readme() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "docs" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_answer_shown_is_the_commands_own() -> None:
    made = readme()
    text = made.PAGE.read_text(encoding="utf-8")
    assert made.page(text) == text, "run `make docs`"


def test_it_shows_each_question() -> None:
    text = readme().PAGE.read_text(encoding="utf-8")
    for command in ("estimate", "benchmark", "offer compare", "negotiate"):
        assert f"\n$ paylens {command} " in text
    assert "SCALE" not in text
