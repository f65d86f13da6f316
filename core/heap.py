"""How the C library's heap is kept from growing by holes, and how much Python looks for cycles. ``mallopt`` and
``malloc_trim`` are glibc's; where the C library is another one, they do nothing here.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
"""Of ``mallopt(3)``."""
LARGE: Final = 128 * 1024
MANY: Final = 200_000
_C_LIBRARY: Final = ctypes.CDLL(None)


def keep_large_blocks_apart(least: int = LARGE) -> None:
    """Blocks of ``least`` bytes and more are the system's again as soon as they are freed. glibc by itself raises that
    limit to the largest block that was ever freed; then such blocks lie among small ones, and the heap grows by their
    holes.

    For processes that make something large now and then.
    """
    _tell_malloc(_M_MMAP_THRESHOLD, least)


def keep_one_heap() -> None:
    """All threads use one heap; glibc by itself gives each its own, and what one has freed is of no use to another.

    For processes in which one thread works at a time. Only before the second thread starts.
    """
    _tell_malloc(_M_ARENA_MAX, 1)


def _tell_malloc(what: int, value: int) -> None:
    mallopt = getattr(_C_LIBRARY, "mallopt", None)
    if mallopt is not None:
        mallopt(what, value)


def give_back_holes() -> None:
    """Whole free pages amid the heap are the system's again; by itself glibc gives back only what lies at its end. With
    10 MiB this takes some tenths of a millisecond, with 100 MiB about two.

    For processes that live long and whose calls end in another order than they began.
    """
    trim = getattr(_C_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def few_cycles(most: int = MANY) -> Iterator[None]:
    """Meanwhile cycles are looked for only when there are ``most`` values more than before. By itself Python looks when
    there are 700 more, and time and again at all that there is.

    For work that makes very many values and leaves few cycles behind.
    """
    before = gc.get_threshold()
    gc.set_threshold(most, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
