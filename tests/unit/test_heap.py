"""Holes in the C library's heap are the system's again; cycles are looked for seldom where many values are made."""

import ctypes
import gc
import subprocess
import sys

import pytest

from core.heap import few_cycles

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


def test_cycles_are_looked_for_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), few_cycles(12_345):
        assert gc.get_threshold() == (12_345, *before[1:])
        raise KeyError
    assert gc.get_threshold() == before
