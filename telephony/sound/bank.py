"""How strong chosen frequencies are in a stream, every few milliseconds: Goertzel's values, many legs at a time.

Goertzel's recursion gives one value of a Fourier transform at a frequency of one's choice. The same values come from
multiplying windows of the signal with a table of cosines and sines, which numpy does for all windows and legs in one
product. A Hann window keeps a strong tone from leaking into a weak one's place (32 dB down from 80 Hz on at 25 ms, and
falling fast). From the turn of the phase between two windows follows a tone's frequency, to about 1 Hz.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from core.audio import RATE_HZ

WINDOW: Final = 200
"""Samples in a window: 25 ms."""
_ROWS: Final = 80
"""Windows per matrix product: they stay in the processor's nearest cache, and OpenBLAS, which wakes threads of its own
for products of some 400 windows (with 2 cores at 60 times the cost), leaves these alone."""

Real = NDArray[np.float32]
Complex = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Views:
    """Windows of some streams. ``values`` (streams, windows, frequencies): the transform, scaled so that a sine of peak
    A right at the frequency has the magnitude A. ``power`` (streams, windows): the mean square of all that sounds.
    """

    values: Complex
    power: Real

    def squares(self) -> Real:
        """The mean square of a sine that would give each of ``values``."""
        parts = self.values.view(np.float32)
        parts = parts * parts
        return (parts[..., ::2] + parts[..., 1::2]) * np.float32(0.5)


class Bank:
    """``frequencies_hz`` looked at in windows of 25 ms, one each ``hop`` samples."""

    def __init__(self, frequencies_hz: tuple[float, ...], hop: int) -> None:
        self.frequencies_hz = frequencies_hz
        self.hop = hop
        count = np.arange(WINDOW) + 0.5
        window = np.sin(np.pi * count / WINDOW) ** 2  # Hann
        turns = np.outer(np.arange(WINDOW), frequencies_hz) * (2.0 * np.pi / RATE_HZ)
        basis = np.exp(-1j * turns) * (2.0 * window / window.sum())[:, None]
        self._basis: Real = basis.astype(np.complex64).view(np.float32)  # cosine and sine side by side
        self._weights: Real = (window**2 / (window**2).sum()).astype(np.float32)
        self._expected = np.asarray(frequencies_hz) * (2.0 * np.pi * hop / RATE_HZ)

    def windows(self, samples: int) -> int:
        """How many windows fit in ``samples``."""
        return max(0, (samples - WINDOW) // self.hop + 1)

    def look(self, samples: NDArray[np.int16]) -> Views:
        """The windows of ``samples`` (streams, samples); window w begins at sample w · ``hop``."""
        streams = samples.shape[0]
        count = self.windows(samples.shape[1])
        real = samples.astype(np.float32)
        row, step = real.strides
        cut = as_strided(real, (streams, count, WINDOW), (row, self.hop * step, step), writeable=False)
        rows = cut.reshape(streams * count, WINDOW)
        values = np.empty((len(rows), len(self.frequencies_hz)), dtype=np.complex64)
        power = np.empty(len(rows), dtype=np.float32)
        parts = values.view(np.float32)
        for begin in range(0, len(rows), _ROWS):
            some = rows[begin : begin + _ROWS]
            np.matmul(some, self._basis, out=parts[begin : begin + _ROWS])
            np.matmul(some * some, self._weights, out=power[begin : begin + _ROWS])
        return Views(values.reshape(streams, count, -1), power.reshape(streams, count))

    def offsets_hz(self, before: Complex, after: Complex, which: NDArray[np.intp], hops: int) -> Real:
        """How far tones are from the bank's frequencies ``which``, by their values in windows ``hops`` apart.

        Right up to half of ``RATE_HZ`` / (``hop`` · ``hops``) either way.
        """
        turned = after * np.conj(before) * np.exp(-1j * hops * self._expected[which])
        return np.asarray(np.angle(turned) * (RATE_HZ / (2.0 * np.pi * hops * self.hop)), dtype=np.float32)


def drop(offset_hz: Real) -> Real:
    """What part of a tone's power a window shows that looks ``offset_hz`` beside it (within ±70 Hz)."""
    bins = np.abs(offset_hz) * np.float32(WINDOW / RATE_HZ)
    return np.asarray((np.sinc(bins) / (1.0 - np.minimum(bins, 0.999) ** 2)) ** 2, dtype=np.float32)
