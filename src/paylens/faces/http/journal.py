"""What the server says of itself: JSON lines on stderr, without pay, bodies or addresses, and counts for Prometheus."""

from __future__ import annotations

import datetime
import json
import logging
import os
import sys
import traceback
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from paylens.faces.desk import Fault

__all__ = ["Journal", "JsonLines", "say"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SHARED = "PROMETHEUS_MULTIPROC_DIR"


def say(event: str, **facts: Any) -> None:
    """One line of the log."""
    time = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"time": time, "event": event, **facts}, ensure_ascii=False)
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class JsonLines(logging.Handler):
    """The server library's own messages, as lines of the same log; of an error its kind and place, not its text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        if record.exc_info and record.exc_info[1] is not None:
            say("error", **_where(record.exc_info[1]))
        else:
            say("server", level=record.levelname.lower(), message=record.getMessage())


def _where(error: BaseException) -> dict[str, Any]:
    if isinstance(error, Fault):
        return {"error": error.kind, "at": error.at}
    # A message may quote what somebody typed.
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {"error": type(error).__name__, "at": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


class Journal:
    """Counts and times of one process; those of several are put together where the library's shared folder is set."""

    def __init__(self, release: str, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("paylens_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "paylens_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        info = Gauge(
            "paylens_release", "The release that answers; always 1.", ("release",), registry=self.registry,
            multiprocess_mode="max",
        )  # fmt: skip
        info.labels(release).set(1)

    def answered(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """Count and log one answer; `route` is the pattern, never what was asked."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        if not self.quiet:
            ms = round(1000 * seconds, 3)
            say("answered", method=method, route=route, status=status, ms=ms, bytes=size)

    def failed(self, route: str, error: BaseException) -> None:
        """Log a fault of ours: what kind, and where in the code."""
        say("error", route=route, **_where(error))

    def text(self) -> bytes:
        """The counts in Prometheus' text form."""
        if _SHARED not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
