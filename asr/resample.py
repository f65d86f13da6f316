"""8 kHz to 16 kHz, the rate that Whisper and the voice activity model were trained on."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.audio import Pcm

Wave: TypeAlias = NDArray[np.float32]
"""Samples from -1 to 1."""

_HALF: Final = 24
"""Input samples on each side that shape a new sample: 3 ms, flat to 3.6 kHz."""


def _interpolator() -> Wave:
    """The half-sample delay of a windowed sinc: an even number of taps, centred between two input samples."""
    offsets = np.arange(-_HALF, _HALF) + 0.5
    taps = np.sinc(offsets) * np.kaiser(2 * _HALF, 6.0)
    return np.asarray(taps / taps.sum(), dtype=np.float32)


_TAPS: Final = _interpolator()


class Upsampler:
    """Doubles the rate of a stream; the output lags the input by ``_HALF`` input samples (3 ms)."""

    __slots__ = ("_past",)

    def __init__(self) -> None:
        self._past: Wave = np.zeros(2 * _HALF - 1, dtype=np.float32)

    def accept(self, audio: Pcm) -> Wave:
        """Twice as many samples as ``audio`` has."""
        if not audio.size:
            return np.zeros(0, dtype=np.float32)
        joined = np.concatenate((self._past, audio.astype(np.float32) / 32768.0))
        between = np.convolve(joined, _TAPS, mode="valid")
        doubled = np.empty(2 * audio.size, dtype=np.float32)
        doubled[0::2] = joined[_HALF - 1 : _HALF - 1 + audio.size]
        doubled[1::2] = between
        self._past = joined[-(2 * _HALF - 1) :]
        return doubled


def upsample(audio: Pcm) -> Wave:
    """All of ``audio`` at twice the rate, without delay."""
    padded = np.concatenate((audio, np.zeros(_HALF, dtype=np.int16)))
    return Upsampler().accept(padded)[2 * _HALF :]
