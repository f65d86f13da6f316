"""Which process works on what, and whether it still lives: what the dead have begun others sweep away or finish."""

import os
import platform
from typing import Final

DEAD_S: Final = 300.0
"""Whoever has not touched his work for so long has given it up; on this machine we see that he died."""


def myself() -> str:
    """This process, as it writes itself down."""
    return f"{platform.node()}:{os.getpid()}"


def is_dead(owner: str, touched_at: float, now: float) -> bool:
    """Whether ``owner`` (see ``myself``), who last touched his work at that moment, will not do it any more."""
    node, _, process = owner.rpartition(":")
    if node == platform.node() and not _lives(int(process)):
        return True
    return touched_at < now - DEAD_S


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
