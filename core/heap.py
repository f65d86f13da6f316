"""How the C library's heap is kept from growing by holes."""

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
"""Of ``mallopt(3)``; glibc alone has it."""
LARGE: Final = 128 * 1024


def keep_large_blocks_apart() -> None:
    """Blocks of 128 KiB and more are the system's again as soon as they are freed. glibc by itself raises that limit to
    the largest block that was ever freed; then such blocks lie among small ones, and the heap grows by their holes.

    For processes that make something large now and then. Nothing happens where the C library is another one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)
