"""What a failure looks like: one line on stderr, and the exit code that says whose fault it was."""

from __future__ import annotations

import errno
import importlib
import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from paylens.contract.errors import InputError, MissingExtra, ReleaseError
from paylens.faces import cli


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process: exit code, stdout, stderr."""

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["paylens", *args])
        code = cli._status()
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def fails(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Opening a release goes wrong."""

    def opened(_: Any) -> None:
        raise error

    monkeypatch.setattr(importlib.import_module("paylens.engine"), "open", opened)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("role", "x", "is bad", ["good"]), 2, "paylens: role: is bad (nearest: good)"),
        (ReleaseError("r was changed:\n refused"), 2, "paylens: r was changed: refused"),
        (MissingExtra("scipy", "build"), 2, "pip install 'paylens[build]'"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/x"), 2, "/x: no such file"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 2, "paylens: /x: permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "paylens: no space left on device"),
        (ZeroDivisionError("by\nzero"), 1, "paylens: internal error, ZeroDivisionError: by zero"),
        (RecursionError(), 1, "internal error"),
        (KeyboardInterrupt(), 130, "paylens: stopped"),
        (InputError("role", "\x1b[31mx", "'\x1b[31mx' is bad"), 2, "' [31mx' is bad"),
    ],
)
def test_each_failure_is_one_line_and_its_code(
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., tuple[int, str, str]],
    error: BaseException,
    code: int,
    line: str,
) -> None:
    fails(monkeypatch, error)
    status, out, err = command("estimate", "--role", "x")
    assert (status, out) == (code, "")
    assert line in err
    assert err.count("\n") == 1
    assert err.startswith("paylens: ")


def test_our_own_fault_shows_where_when_asked(
    monkeypatch: pytest.MonkeyPatch, command: Callable[..., tuple[int, str, str]]
) -> None:
    fails(monkeypatch, ZeroDivisionError("x"))
    monkeypatch.setenv("PAYLENS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        command("estimate", "--role", "x")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("estimate", "--rol", "x"), "--role"),
        (("estimate", "--role"), "--role"),
        (("estimat",), "estimate"),
        (("estimate", "x"), "x"),
        (("estimate", "--from", "a.csv"), "--to: is needed"),
        (("estimate", "--to", "a.csv"), "--from: is needed"),
        (("estimate", "--from", "a.csv", "--to", "b.csv", "--json"), "--json"),
        (("build", "--data", "x"), "--to"),
        (("build", "--data", "x", "--to", "y", "--licence", "opn"), "open"),
        (("build", "--data", "x", "--to", "y", "--engine", "hadoop"), "duckdb"),
        (("release", "verfy"), "verify"),
    ],
)
def test_wrong_usage_is_one_line_with_what_was_meant(
    command: Callable[..., tuple[int, str, str]], args: tuple[str, ...], words: str
) -> None:
    status, out, err = command(*args)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("args", [(), ("release",), ("--help",), ("estimate", "--help")])
def test_help_is_an_answer(command: Callable[..., tuple[int, str, str]], args: tuple[str, ...]) -> None:
    status, out, err = command(*args)
    assert (status, err) == (0, "")
    assert "Usage: paylens" in out


class _Closed(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


class _Full(io.StringIO):
    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("stdout", "code"), [(_Closed, 0), (_Full, 2)])
def test_a_reader_that_left_is_no_failure_and_a_full_disk_is(
    monkeypatch: pytest.MonkeyPatch, stdout: type[io.StringIO], code: int
) -> None:
    monkeypatch.setattr(sys, "argv", ["paylens", "--help"])
    monkeypatch.setattr(sys, "stdout", stdout())
    assert cli._status() == code
    sys.stdout.close()


def test_a_question_that_fails_at_once_ends_as_a_failure_every_time() -> None:
    """A thread left by reading the release once aborted one command in four on its way out."""
    words = ["benchmark", "--role", "data scientist", "--location", "Europe", "--by", "seniority,years"]
    for _ in range(12):
        done = subprocess.run(
            [sys.executable, "-m", "paylens", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == cli.FORESEEN, done.stderr
        assert len(done.stderr.splitlines()) == 1
