"""How the C library's heap is kept from growing by holes. ``mallopt`` and ``malloc_trim`` are glibc's; where the C
library is another one, nothing happens here.
"""

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
"""Of ``mallopt(3)``."""
LARGE: Final = 128 * 1024
_C_LIBRARY: Final = ctypes.CDLL(None)


def keep_large_blocks_apart() -> None:
    """Blocks of 128 KiB and more are the system's again as soon as they are freed. glibc by itself raises that limit to
    the largest block that was ever freed; then such blocks lie among small ones, and the heap grows by their holes.

    For processes that make something large now and then.
    """
    mallopt = getattr(_C_LIBRARY, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)


def give_back_holes() -> None:
    """Whole free pages amid the heap are the system's again; by itself glibc gives back only what lies at its end. With
    10 MiB this takes some tenths of a millisecond, with 100 MiB about two.

    For processes that live long and whose calls end in another order than they began.
    """
    trim = getattr(_C_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)
