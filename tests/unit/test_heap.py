"""Holes in the C library's heap are the system's again."""

import ctypes
import subprocess
import sys

import pytest

_HOLES = """
from core.heap import give_back_holes


def held():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 2**20


blocks = [bytearray(9000) for _ in range(4000)]
kept = blocks[::8]
del blocks
before = held()
give_back_holes()
print(before - held())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim")
def test_free_pages_between_blocks_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", _HOLES], check=True, capture_output=True, text=True, timeout=60)
    assert float(done.stdout) > 20, "of 30 MiB that lie free between what is kept"
