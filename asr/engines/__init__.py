"""Engines behind ``asr.protocol.Engine``, by name: ``whisper``, ``vosk``, or ``module:function`` for one's own.

A function of one's own takes the model's path and returns an ``Engine``. Engines are imported only when they are asked
for: each brings a large library, and a worker needs one of them.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from asr.protocol import Engine
from core.errors import Unavailable

_KNOWN: Final = {"whisper": "asr.engines.whisper:load", "vosk": "asr.engines.vosk:load"}


def load(name: str, path: Path) -> Engine:
    """The engine ``name`` with the model at ``path``; ``Unavailable`` says what is missing and what to do."""
    target = _KNOWN.get(name, name)
    module, colon, function = target.partition(":")
    if not colon:
        raise Unavailable(f"no recognition engine is called {name!r}; there are {', '.join(sorted(_KNOWN))}")
    try:
        loader = cast("Callable[[Path], Engine]", getattr(import_module(module), function))
    except (ImportError, AttributeError) as error:
        raise Unavailable(f"recognition engine {name!r} cannot be loaded: {error}") from error
    return loader(path)
