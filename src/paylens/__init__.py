"""What machine-learning jobs pay: answers from public evidence, on your own machine."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paylens.engine import (
        Engine,
        Estimate,
        benchmark,
        career,
        compare_offers,
        estimate,
        estimate_many,
        forecast,
        negotiate,
        open,
    )

__all__ = [
    "Engine",
    "Estimate",
    "__version__",
    "benchmark",
    "career",
    "compare_offers",
    "estimate",
    "estimate_many",
    "forecast",
    "negotiate",
    "open",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Names resolve on first use, so that `import paylens` alone is quick.
    if name in __all__:
        engine = importlib.import_module("paylens.engine")
        engine.Answer.display = _shown
        return getattr(engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _shown(answer: Any) -> Any:
    # A face, above the engine: loaded when a notebook first shows an answer.
    return importlib.import_module("paylens.faces.notebook").mimebundle(answer)
