"""A limiter for summed voices: what would leave 16 bits is made softer, without a click, and nothing else is touched.

Each frame is cut into blocks of 2.5 ms. The gain runs in straight lines from one block's edge to the next, at each edge
low enough for the blocks on both sides; it recovers slowly. Only where a frame begins louder than the one before let
expect may a peak of the first block meet the ceiling itself: looking ahead would cost every voice a frame of delay.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

CEILING: Final = 32000.0
BLOCKS: Final = 8
_RECOVERY: Final = math.pow(10.0, 20.0 * 0.02 / BLOCKS / 20.0)
"""A block's step upward: 20 dB/s."""
_OPEN: Final = 0.9999


def limit(mixed: NDArray[np.float32], gains: NDArray[np.float32]) -> bool:
    """Limit each row of ``mixed`` (rows, samples; a multiple of 8) to ±32000 in place.

    ``gains`` (rows) is the limiter's state: 1.0 to begin with, changed in place. A row that fits and whose gain is 1.0
    stays as it is to the last bit. False where that holds for all of them.
    """
    if mixed.max(initial=0.0) <= CEILING and mixed.min(initial=0.0) >= -CEILING and gains.min(initial=1.0) == 1.0:
        return False
    blocks = mixed.reshape(len(mixed), BLOCKS, -1)
    peaks = np.abs(blocks).max(axis=2)
    needed = np.minimum(1.0, CEILING / np.maximum(peaks, 1.0)).astype(np.float32)
    edges = np.empty((len(mixed), BLOCKS + 1), np.float32)
    edges[:, 0] = gains
    edges[:, 1:BLOCKS] = np.minimum(needed[:, :-1], needed[:, 1:])
    edges[:, BLOCKS] = needed[:, -1]
    for edge in range(1, BLOCKS + 1):
        np.minimum(edges[:, edge], edges[:, edge - 1] * _RECOVERY, out=edges[:, edge])
    edges[edges > _OPEN] = 1.0
    edges[:, 0] = gains
    ramp = np.linspace(0.0, 1.0, blocks.shape[2], endpoint=False, dtype=np.float32)
    blocks *= edges[:, :-1, None] + (edges[:, 1:] - edges[:, :-1])[:, :, None] * ramp
    np.clip(mixed, -CEILING, CEILING, out=mixed)
    gains[:] = edges[:, BLOCKS]
    return True
