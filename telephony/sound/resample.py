"""Changing the sample rate of a stream by a whole factor: 8 ↔ 16 ↔ 48 kHz, without a click where packets meet.

A polyphase FIR filter (a Kaiser-windowed sinc) that keeps its tail from one piece to the next. The filter is the same
either way: flat within ±0.01 dB to 0.85 of half the lower rate (3.4 kHz at 8 kHz), 70 dB down from 1.15 of it
(4.6 kHz). What lies between folds back only onto the edge above 3.4 kHz, which no telephone band uses. It delays by
``delay_s``: 1.9 ms between 8 kHz and anything, 0.9 ms between 16 and 48 kHz.

``scipy.signal.resample_poly`` and ``upfirdn`` are not made for streams (they know no tail); libswresample is, but needs
an audio frame of its own each way.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import Pcm
from core.errors import LocalProtocolError

RATES_HZ: Final = (8000, 16000, 48000)
_EDGE: Final = 0.15
"""Half the width of the transition, as a part of half the lower rate."""
_STOP_DB: Final = 71.0
_BLOCK: Final = 4
"""Samples of the lower rate that one row of the product takes or makes: fewer rows mean less copying, more of them
less arithmetic."""
_LOWEST: Final = np.float32(-32768)
_HIGHEST: Final = np.float32(32767)


class Resampler:
    """Turns a stream of ``from_hz`` into one of ``to_hz`` (both of ``RATES_HZ``), piece by piece of any length.

    From pieces that are a multiple of 0.5 ms comes exactly as much as goes in; else what is left waits for the next.
    """

    __slots__ = ("_kernel", "_step", "_tail", "delay_s")

    def __init__(self, from_hz: int, to_hz: int) -> None:
        if from_hz not in RATES_HZ or to_hz not in RATES_HZ:
            raise LocalProtocolError(f"no way from {from_hz} to {to_hz} Hz")
        up, down = max(1, to_hz // from_hz), max(1, from_hz // to_hz)
        low_pass = _low_pass(max(up, down))
        self.delay_s = (len(low_pass) - 1) / 2 / max(from_hz, to_hz) if up != down else 0.0
        self._step = _BLOCK * down
        self._kernel = _kernel(low_pass, up, down) if up != down else None
        self._tail = np.zeros(0 if self._kernel is None else len(self._kernel) - self._step, np.float32)

    def feed(self, samples: Pcm) -> Pcm:
        """What ``samples`` (int16) bring forth; the array given where there is nothing to change."""
        kernel = self._kernel
        if kernel is None:
            return samples
        held = np.concatenate((self._tail, samples), dtype=np.float32)
        window, step = len(kernel), self._step
        rows = max(0, (len(held) - window) // step + 1)
        windows: NDArray[np.float32] = np.ndarray((rows, window), np.float32, held, 0, (4 * step, 4))
        self._tail = held[rows * step :]
        made = windows @ kernel
        np.rint(made, out=made)
        np.maximum(made, _LOWEST, out=made)
        np.minimum(made, _HIGHEST, out=made)
        return made.reshape(-1).astype(np.int16)


@lru_cache(maxsize=len(RATES_HZ))
def _low_pass(factor: int) -> NDArray[np.float64]:
    """A low pass at half the lower rate, in samples of the higher; one tap more than a multiple of 2·``factor``, the
    outermost of which are zero.

    Kaiser's formulas for window shape and length, from the stop band in dB and the width of the transition.
    """
    beta = 0.1102 * (_STOP_DB - 8.7)
    length = (_STOP_DB - 7.95) / (2.285 * 2 * math.pi * _EDGE / factor)
    half = math.ceil(length / 2 / factor) * factor
    time = np.arange(-half, half + 1) / factor
    taps = np.sinc(time) * np.kaiser(2 * half + 1, beta)
    return np.asarray(taps / taps.sum(), np.float64)


def _kernel(low_pass: NDArray[np.float64], up: int, down: int) -> NDArray[np.float32]:
    """The matrix that makes ``_BLOCK`` · ``up`` samples out of a window of input, the newest of it last.

    The first of ``down`` samples stands where theirs does, so that the delay is a whole number of samples of 8 kHz.
    """
    reach = (len(low_pass) - 1) // up + 1  # input samples that bear on one of output
    kernel = np.zeros((reach - 1 + _BLOCK * down, _BLOCK * up), np.float32)
    for block in range(_BLOCK):
        newest = reach - 1 + block * down
        for phase in range(up):
            taps = low_pass[phase::up]
            kernel[newest - len(taps) + 1 : newest + 1, block * up + phase] = taps[::-1] * up
    return kernel
