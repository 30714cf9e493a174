"""A server of its own on 127.0.0.1, and the application in this process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from typing import Any

import pytest


class Served:
    """`paylens serve` as somebody starts it, on a free port."""

    def __init__(self, *options: str, **env: str) -> None:
        # A file: a pipe that nobody reads would stop the server once it is full.
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "paylens", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env={**os.environ, **env},
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(self._logged())
        self.url = line.split()[3].rstrip("/")

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code and its log, after a signal."""
        self.process.send_signal(number)
        try:
            self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, self._logged()

    def _logged(self) -> str:
        with self.log:
            self.log.seek(0)
            return self.log.read()


@pytest.fixture(scope="session")
def url() -> Generator[str]:
    """Where a server answers that all tests share."""
    served = Served()
    yield served.url
    assert served.stop()[0] == 0


@pytest.fixture
def serve() -> Generator[Callable[..., Served]]:
    """Starts servers that end with the test."""
    made: list[Served] = []

    def start(*options: str, **env: str) -> Served:
        made.append(Served(*options, **env))
        return made[-1]

    yield start
    for served in made:
        if served.process.poll() is None:
            served.stop()


@pytest.fixture(scope="session")
def inside() -> Callable[..., Any]:
    """One request to an application in this process."""
    import httpx

    def ask(app: Any, method: str, path: str, **options: Any) -> Any:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **options)

        return asyncio.run(asked())

    return ask
