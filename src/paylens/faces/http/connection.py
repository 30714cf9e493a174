"""A connection that is given up when its client is slow to send a request's head or to take an answer, or asks ahead.

The server library waits for both without end, so that some hundred idle sockets would shut everybody else out, and it
queues all requests that are sent before the first is answered.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HEAD_SECONDS", "LARGEST_HEAD", "MOST_QUEUED", "TAKE_SECONDS", "Connection"]

HEAD_SECONDS: Final = 10.0
TAKE_SECONDS: Final = 20.0
LARGEST_HEAD: Final = 64 << 10
MOST_QUEUED: Final = 16


class Connection(HttpToolsProtocol):
    """The library's connection with limits on the time and size of a head, the time to take answers and the requests that wait."""

    _head: asyncio.TimerHandle | None = None
    _taken: asyncio.TimerHandle | None = None
    _size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came: its first request is due."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._due()

    def data_received(self, data: bytes) -> None:
        """Part of a head, or of a body."""
        if self._head is None and (self.cycle is None or self.cycle.response_complete):
            self._due()
        if self._head is not None:
            self._size += len(data)
        super().data_received(data)
        if self._head is not None and self._size > LARGEST_HEAD:
            self._drop()

    def on_headers_complete(self) -> None:
        """A head is here whole."""
        if self._head is not None:
            self._head.cancel()
            self._head = None
        super().on_headers_complete()
        if len(self.pipeline) > MOST_QUEUED:
            # The library would take in as many as are sent.
            self._drop()

    def pause_writing(self) -> None:
        """The client does not take what was written as fast as it comes."""
        super().pause_writing()
        if self._taken is None:
            self._taken = self.loop.call_later(TAKE_SECONDS, self._drop)

    def resume_writing(self) -> None:
        """It has taken enough."""
        super().resume_writing()
        if self._taken is not None:
            self._taken.cancel()
            self._taken = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked; what was not taken by now is let go a little later."""
        super().timeout_keep_alive_handler()
        self._taken = self._taken or self.loop.call_later(TAKE_SECONDS, self._drop)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        super().connection_lost(exc)
        for timer in (self._head, self._taken):
            if timer is not None:
                timer.cancel()
        self._head = self._taken = None

    def _due(self) -> None:
        self._size = 0
        self._head = self.loop.call_later(HEAD_SECONDS, self._drop)

    def _drop(self) -> None:
        self.transport.abort()
