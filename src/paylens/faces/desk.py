"""Where a server's questions are answered: quick ones at once, the others by processes that can be stopped.

Nothing stops a thread in the middle of a simulation, but a process ends when it is told to. A question that takes too
long, or whose asker has gone, takes its process with it, and another is started in its place.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import signal
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import msgspec
import numpy as np

from paylens.contract.errors import InputError, PaylensError
from paylens.engine import Engine
from paylens.engine import open as open_engine
from paylens.faces.questions import QUESTIONS, Question

__all__ = ["Desk", "Fault", "Unanswered", "encode"]

SECONDS: Final = 30.0
CLERKS: Final = 2
MOST_WAITING: Final = 64
MOST_TOGETHER: Final = 16
_SPAWN = multiprocessing.get_context("spawn")
_ANSWER, _PROBLEM, _REFUSED, _FAULT = b"a", b"p", b"r", b"f"
_FRAMES: Final = 12


class Unanswered(PaylensError):
    """A question for which there is no time now; ask again after so many seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Fault(Exception):
    """A fault of ours in a process: its `kind` and the places in the code it came through, not what was asked."""

    def __init__(self, kind: str, at: list[str]) -> None:
        self.kind = kind
        self.at = at
        super().__init__(kind)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON form")


encode = msgspec.json.Encoder(enc_hook=_plain).encode
"""An answer's JSON."""


class Desk:
    """Answers as JSON. `clerks` processes are started by `open` or on first use, and end with `close`."""

    def __init__(self, engine: Engine, clerks: int = CLERKS) -> None:
        self.engine = engine
        self.clerks = [_Clerk(str(engine.release.path)) for _ in range(clerks)]
        self.free = list(self.clerks)
        self.threads = ThreadPoolExecutor(clerks, "paylens-desk")
        self.waiting = 0
        self._moment: dict[str, list[tuple[Mapping[str, Any], asyncio.Future[bytes]]]] = {}
        self._turn: asyncio.Condition | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Start the processes now, so that the first question waits for none."""
        for clerk in self.clerks:
            clerk.start()

    async def answer(self, question: Question, fields: Mapping[str, Any]) -> bytes:
        """The answer's JSON; PaylensError as from the library, Unanswered without time for it, Fault for one of ours.

        Cancelled, it stops the work.
        """
        if not question.slow and "as_reported_in" not in fields:
            if question.many is None:
                return encode(question.answer(self.engine, fields))
            return await self._together(question, fields)
        if self.waiting >= MOST_WAITING:
            raise Unanswered("too many questions at once: ask again in a moment", 5)
        self.waiting += 1
        try:
            async with asyncio.timeout(SECONDS):
                return await self._asked(question, fields)
        except TimeoutError:
            raise Unanswered(f"this takes longer than {SECONDS:g} seconds: ask for less", 30) from None
        finally:
            self.waiting -= 1

    def _together(self, question: Question, fields: Mapping[str, Any]) -> asyncio.Future[bytes]:
        """The answer with those of all who ask in this moment: for some the arithmetic costs hardly more than for one."""
        loop = asyncio.get_running_loop()
        asked = self._moment.setdefault(question.path, [])
        if not asked:
            loop.call_soon(self._answer_all, question)
        asked.append((fields, loop.create_future()))
        return asked[-1][1]

    def _answer_all(self, question: Question) -> None:
        asked = self._moment.pop(question.path)
        for start in range(0, len(asked), MOST_TOGETHER):
            part = [one for one in asked[start : start + MOST_TOGETHER] if not one[1].done()]
            for (_, future), found in zip(
                part, _found(self.engine, question, [f for f, _ in part]), strict=True
            ):
                if isinstance(found, bytes):
                    future.set_result(found)
                else:
                    future.set_exception(found)

    async def asked(self, question: Question, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as an object."""
        found: dict[str, Any] = msgspec.json.decode(await self.answer(question, fields))
        return found

    async def _asked(self, question: Question, fields: Mapping[str, Any]) -> bytes:
        turn = self._turns()
        async with turn:
            await turn.wait_for(lambda: self.free)
            clerk = self.free.pop()
        try:
            clerk.start()
            asked = question.path + "\n" + json.dumps(dict(fields))
            done = asyncio.get_running_loop().run_in_executor(self.threads, clerk.ask, asked.encode())
            try:
                said = await asyncio.shield(done)
            except asyncio.CancelledError:
                clerk.stop()
                await done  # the thread that waits for the process is let go by its end
                clerk.start()
                raise
            if not said:
                clerk.stop()  # it has ended, but may not be known as ended yet
                raise Fault("ProcessEnded", [])
        finally:
            self.free.append(clerk)
            async with turn:
                turn.notify()
        return _read(said)

    def _turns(self) -> asyncio.Condition:
        """Who waits for whom, on the loop that runs."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._loop is not loop:
            self._turn, self._loop = asyncio.Condition(), loop
        return self._turn

    def close(self) -> None:
        """End the processes."""
        for clerk in self.clerks:
            clerk.stop()
        self.threads.shutdown(wait=False, cancel_futures=True)


def _found(engine: Engine, question: Question, asked: Sequence[Mapping[str, Any]]) -> list[bytes | Exception]:
    """The answers' JSON, or what stood against each; together where that works, else one by one."""
    if len(asked) > 1 and question.many is not None:
        # Whatever fails for all is found again, and told to the one it is about, below.
        with suppress(Exception):
            return [_or_error(answer) for answer in question.many(engine, asked)]
    return [_alone(engine, question, fields) for fields in asked]


def _or_error(answer: dict[str, Any]) -> bytes | Exception:
    error = answer.get("error")
    if error is None:
        return encode(answer)
    return InputError(error["field"], None, error["message"], error["candidates"])


def _alone(engine: Engine, question: Question, fields: Mapping[str, Any]) -> bytes | Exception:
    try:
        return encode(question.answer(engine, fields))
    except Exception as error:
        return error


class _Clerk:
    """One process with an engine of its own."""

    def __init__(self, release: str) -> None:
        self.release = release
        self.process: Any = None
        self.pipe: Connection[bytes, bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process is not None and self.process.is_alive():
            return
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(theirs, self.release), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, question: bytes) -> bytes:
        """What it says to a question; waits for it, or for its end: then nothing."""
        assert self.pipe is not None
        try:
            self.pipe.send_bytes(question)
            return self.pipe.recv_bytes()
        except (EOFError, OSError):
            return b""

    def stop(self) -> None:
        """End it, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.join(5)
            self.process = None


def _work(pipe: Connection[bytes, bytes], release: str) -> None:
    """A process's life: answer what comes until nobody can ask any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    engine = open_engine(release)
    engine.reference  # noqa: B018 (read before the first question)
    asked = {question.path: question for question in QUESTIONS}
    with suppress(EOFError, OSError):
        while True:
            path, _, fields = pipe.recv_bytes().partition(b"\n")
            pipe.send_bytes(_said(engine, asked[path.decode()], json.loads(fields)))


def _said(engine: Engine, question: Question, fields: Mapping[str, Any]) -> bytes:
    try:
        return _ANSWER + encode(question.answer(engine, fields))
    except InputError as error:
        return _PROBLEM + msgspec.json.encode((error.field, error.message, error.candidates))
    except PaylensError as error:
        return _REFUSED + msgspec.json.encode(str(error))
    except Exception as error:
        # A message may quote what somebody typed.
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        at = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
        return _FAULT + msgspec.json.encode((type(error).__name__, at))


def _read(said: bytes) -> bytes:
    kind, body = said[:1], said[1:]
    if kind == _ANSWER:
        return body
    if kind == _PROBLEM:
        field, message, candidates = msgspec.json.decode(body, type=tuple[str, str, list[str]])
        raise InputError(field, None, message, candidates)
    if kind == _REFUSED:
        raise PaylensError(msgspec.json.decode(body, type=str))
    raise Fault(*msgspec.json.decode(body, type=tuple[str, list[str]]))
