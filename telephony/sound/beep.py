"""The beep after which an answering machine records: one steady tone of 400 to 2000 Hz, 0.1 to 2 s, then silence.

There is no standard for it. Left out, because they are more likely something else: 450 Hz (the exchange), a burst of
1100 Hz of 0.5 s (a fax calls), and a tone right after another one (melodies, special information tones).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.audio import RATE_HZ
from telephony.sound.bank import Real
from telephony.sound.cadence import ToneFound
from telephony.sound.levels import power_of

WINDOW: Final = 256
HOP: Final = 80
WINDOW_S: Final = HOP / RATE_HZ
LOWEST_HZ: Final = 400.0
HIGHEST_HZ: Final = 2000.0
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 2.0
SILENCE_S: Final = 0.15

_BIN_HZ: Final = RATE_HZ / WINDOW
_FIRST: Final = int(LOWEST_HZ / _BIN_HZ) - 1
_LAST: Final = int(HIGHEST_HZ / _BIN_HZ) + 2
_HANN: Final = (np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2).astype(np.float32)
_TO_POWER: Final = np.float32(2.0 / (WINDOW * float((_HANN**2).sum())))
_PURITY: Final = 0.88
_LEAST_POWER: Final = power_of(-36.0)
_QUIET_POWER: Final = power_of(-45.0)
_QUIET_FRACTION: Final = 0.06
_STEADY_HZ: Final = 8.0
_STEADY_POWER: Final = 4.0
_BRIDGED: Final = 3
_EDGE: Final = 2
_SHOWS_LESS_S: Final = 0.014
"""A tone of length L is pure in windows that begin over L minus 14 ms."""
_APART_S: Final = 0.1
_SLACK_S: Final = 0.02
_EXCHANGE_HZ: Final = (415.0, 485.0)
_CNG_HZ: Final = (1055.0, 1145.0)
_CNG_S: Final = (0.4, 0.6)


@dataclass(frozen=True, slots=True)
class PureWindows:
    """What each window shows: ``frequency`` (streams, windows) of the one tone in it, 0 where there is none; and the
    mean square ``power`` of all that sounds.
    """

    frequency: Real
    power: Real


def pure_windows(samples: NDArray[np.int16]) -> PureWindows:
    """``samples`` (streams, samples) in windows of 32 ms, one each 10 ms."""
    cut = sliding_window_view(samples.astype(np.float32), WINDOW, axis=1)[:, ::HOP]
    spectrum = np.fft.rfft(cut * _HANN, axis=2)
    squares = spectrum.real**2 + spectrum.imag**2
    power = squares.sum(axis=2) * _TO_POWER
    frequency = np.zeros(power.shape, dtype=np.float32)
    band = squares[:, :, _FIRST:_LAST]
    top = band.max(axis=2)
    stream, window = np.nonzero((top * _TO_POWER * 3.0 > _PURITY * power) & (power > _LEAST_POWER))
    if len(stream):
        peak = band[stream, window].argmax(axis=1) + _FIRST
        lobe = sum(squares[stream, window, peak + step] for step in (-2, -1, 0, 1, 2))
        here = np.sqrt(squares[stream, window, peak])
        left, right = (np.sqrt(squares[stream, window, peak + step]) for step in (-1, 1))
        beta = np.maximum(left, right) / here
        bins = peak + np.sign(right - left) * (2.0 * beta - 1.0) / (beta + 1.0)
        hz = bins * _BIN_HZ
        pure = (lobe * _TO_POWER > _PURITY * power[stream, window]) & (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
        frequency[stream[pure], window[pure]] = hz[pure]
    return PureWindows(frequency, power)


class BeepFollower:
    """Listens to one stream for beeps; tells each when the silence after it has lasted 0.15 s."""

    __slots__ = ("_count", "_first", "_frequency", "_last", "_levels", "_other_end", "_strays", "window")

    def __init__(self) -> None:
        self.window = -1
        self._count = 0  # windows of the tone that is followed; 0: none
        self._first = self._last = 0
        self._frequency = 0.0
        self._levels: list[float] = []
        self._strays = 0  # windows of another frequency since then
        self._other_end = -WINDOW  # where the tone before ended

    @property
    def idle(self) -> bool:
        """Windows without a tone may be skipped."""
        return not self._count

    def skip(self, windows: int) -> None:
        """As ``take`` of so many windows without a tone, where ``idle``."""
        self.window += windows

    def take(self, frequency: float, power: float) -> ToneFound | None:
        """One window; what follows from it."""
        self.window += 1
        since = self.window - self._last
        if frequency and self._count and abs(frequency - self._frequency) < _STEADY_HZ and since <= _BRIDGED + 1:
            self._count += 1
            self._last = self.window
            self._strays = 0
            self._levels.append(power)
            if self._count <= _EDGE + 1:
                self._frequency = frequency  # the first windows show the edge as well
            if self._length_s() > LONGEST_S + _SLACK_S:
                self._drop()  # its end is not awaited
            return None
        if frequency:
            if self._count > _EDGE and self._strays < _EDGE:
                self._strays += 1  # the last windows show the edge as well
                return None
            if self._count:
                self._drop()
            self._count, self._first, self._last = 1, self.window, self.window
            self._frequency = frequency
            self._levels = [power]
            self._strays = 0
            return None
        if not self._count:
            return None
        quiet = power < max(_QUIET_POWER, _QUIET_FRACTION * max(self._levels))
        if not quiet and since > _BRIDGED:
            self._drop()
        elif since * WINDOW_S >= SILENCE_S + _SHOWS_LESS_S:
            found = self._judge()
            self._drop()
            return found
        return None

    def _length_s(self) -> float:
        return (self._last - self._first + 1) * WINDOW_S + _SHOWS_LESS_S

    def _drop(self) -> None:
        if self._count >= 3:
            self._other_end = self._last
        self._count = 0

    def _judge(self) -> ToneFound | None:
        length_s = self._length_s()
        inner = self._levels[_EDGE:-_EDGE] or self._levels
        fits = (
            SHORTEST_S - _SLACK_S <= length_s <= LONGEST_S + _SLACK_S
            and max(inner) < _STEADY_POWER * min(inner)
            and self._first > _EDGE  # whoever begins to listen within a tone cannot tell what it is
            and self._count >= 0.8 * (self._last - self._first + 1)
            and (self._first - self._other_end) * WINDOW_S > _APART_S
            and not _EXCHANGE_HZ[0] < self._frequency < _EXCHANGE_HZ[1]
            and not (_CNG_HZ[0] < self._frequency < _CNG_HZ[1] and _CNG_S[0] < length_s < _CNG_S[1])
        )
        return ToneFound("beep", round(self._first * WINDOW_S, 3)) if fits else None
