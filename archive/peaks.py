"""The waveform of a recording as a page draws it: the loudest sample of each of at most 2000 slices of each channel."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from archive.sound import Frames

MOST_SLICES: Final = 2000
LEAST_SLICE: Final = 80
"""Samples: 10 ms."""
FULL_SCALE: Final = 32768


@dataclass(frozen=True, slots=True)
class Peaks:
    """``slices``: shape (n, channels), the greatest magnitude in each slice, 0 to 32768."""

    slices: NDArray[np.uint16]

    def packed(self) -> bytes:
        """For the store: 16 bits a value, little-endian, channel after channel."""
        return np.ascontiguousarray(self.slices.T, dtype="<u2").tobytes()

    def channels(self) -> list[list[float]]:
        """For the page: each channel's values from 0 to 1, to four digits."""
        return [[round(int(value) / FULL_SCALE, 4) for value in channel] for channel in self.slices.T]


def unpack_peaks(data: bytes, channels: int = 2) -> Peaks:
    """What ``Peaks.packed`` made."""
    return Peaks(np.frombuffer(data, dtype="<u2").reshape(channels, -1).T.astype(np.uint16))


class PeakCounter:
    """Counts the peaks of a recording of ``frames`` frames that comes block by block."""

    def __init__(self, frames: int, channels: int = 2) -> None:
        self._slice = max(LEAST_SLICE, -(-frames // MOST_SLICES))
        self._slices = np.zeros((-(-frames // self._slice), channels), dtype=np.uint16)
        self._seen = 0

    def add(self, block: Frames) -> None:
        """The next frames."""
        if not len(block):
            return
        first, end = self._seen, self._seen + len(block)
        starts = np.arange(first // self._slice * self._slice, end, self._slice)
        borders = np.maximum(starts - first, 0)
        loudest = np.maximum.reduceat(np.abs(block.astype(np.int32)), borders, axis=0).astype(np.uint16)
        rows = slice(first // self._slice, first // self._slice + len(starts))
        np.maximum(self._slices[rows], loudest, out=self._slices[rows])
        self._seen = end

    def result(self) -> Peaks:
        """The peaks of what came."""
        return Peaks(self._slices)
