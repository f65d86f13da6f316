"""Keys as dual tones (ITU-T Q.23) found in audio, within the limits of Q.24 and well clear of speech.

What is taken for a key: two tones, one of each group, each within 2 % of its place and steady (Q.24, AT&T: 1.5 % must
be taken, 3.5 % must not), which together are at least four fifths of all that sounds, the higher at most 6 dB louder
and 10 dB weaker than the lower (must be taken: 4 and 8), for about 35 ms or more (40 must be taken, 23 must not). A gap
of 20 ms (a lost packet) is bridged, one of 40 ms parts two presses.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ
from telephony.sound.bank import Bank, Real, Views, drop
from telephony.sound.levels import power_of

ROWS_HZ: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)
LAYOUT: Final = "123A456B789C*0#D"
"""Keys row by row."""
HOP: Final = 40
KEY_BANK: Final = Bank(ROWS_HZ + COLUMNS_HZ, HOP)
_COARSE_BANK: Final = Bank(ROWS_HZ + COLUMNS_HZ, 2 * HOP)
LEAD: Final = 2
"""Windows before the first one that is judged: frequencies are measured over two hops, 10 ms."""

_LEAST_POWER: Final = power_of(-36.0)  # of each tone; Q.24 (AT&T): -25 dBm0 must be taken, -55 must not
_LOOSE_PURITY: Final = 0.4
_COARSE_PURITY: Final = 0.25
_COARSE_SHARE: Final = 0.02
_PURITY: Final = 0.8
_HIGHER_BY: Final = 10.0**0.6
_LOWER_BY: Final = 10.0**-1.0
_LOOSE_OFFSET: Final = 0.04
_OFFSET: Final = 0.021
_APART: Final = 0.032
"""Tones of a key may be wrong by 1.5 % each; harmonics of a voice that pass for one are often wrong in opposite ways,
so that they are farther apart."""
_STEADY: Final = 0.0045
"""Windows that are farther off than the middle one by more than this are not counted: a voice glides."""
_LEAST_WINDOWS: Final = 4
_GAP: Final = 7
_DENSITY: Final = 0.4
_REMEMBERED: Final = 40
_SHOWS_LESS: Final = 11 * RATE_HZ // 1000
"""A tone of length L fills L minus 11 ms of window beginnings."""
_SHOWS_LATER: Final = 7 * RATE_HZ // 1000
"""The first window that shows a tone begins up to 7 ms before it."""


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """``key`` was held for ``duration_ms`` from sample ``began`` of the stream on (both to about 5 ms)."""

    key: str
    began: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """Windows that may belong to a key, of all streams: ``stream`` and ``window`` they are, the key's place in
    ``LAYOUT``, and how far its tones are off, as a fraction.
    """

    stream: NDArray[np.intp]
    window: NDArray[np.intp]
    code: NDArray[np.intp]
    low_off: Real
    high_off: Real


def may_hold_key(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which of the streams (streams, samples) are worth a closer look: of pieces of speech about one in nine is."""
    views = _COARSE_BANK.look(samples)
    squares = views.squares()
    low, high = squares[..., :4].max(axis=2), squares[..., 4:].max(axis=2)
    both = low + high
    likely = (
        (both > _COARSE_PURITY * views.power) & (both > _LEAST_POWER) & (np.minimum(low, high) > _COARSE_SHARE * both)
    )
    return np.asarray(likely.any(axis=1))


def key_frames(views: Views) -> KeyFrames:
    """The windows of ``KEY_BANK`` (from ``LEAD`` on) that look like a key."""
    values = views.values
    squares = views.squares()
    strongest = squares[..., :4].max(axis=2) + squares[..., 4:].max(axis=2)
    likely = (strongest > _LOOSE_PURITY * views.power) & (views.power > 2 * _LEAST_POWER)
    likely[:, :LEAD] = False
    stream, window = np.nonzero(likely)
    if not len(stream):
        return KeyFrames(stream, window, stream, views.power[:0, 0], views.power[:0, 0])
    here = squares[stream, window]
    row = here[:, :4].argmax(axis=1)
    column = here[:, 4:].argmax(axis=1) + 4
    low_hz = KEY_BANK.offsets_hz(values[stream, window - LEAD, row], values[stream, window, row], row, LEAD)
    high_hz = KEY_BANK.offsets_hz(values[stream, window - LEAD, column], values[stream, window, column], column, LEAD)
    frequencies = np.asarray(KEY_BANK.frequencies_hz, dtype=np.float32)
    low_off, high_off = low_hz / frequencies[row], high_hz / frequencies[column]
    at = np.arange(len(row))
    low = here[at, row] / drop(np.clip(low_hz, -40, 40))
    high = here[at, column] / drop(np.clip(high_hz, -40, 40))
    taken = (
        (np.abs(low_off) < _LOOSE_OFFSET)
        & (np.abs(high_off) < _LOOSE_OFFSET)
        & (low + high > _PURITY * views.power[stream, window])
        & (np.minimum(low, high) > _LEAST_POWER)
        & (high < _HIGHER_BY * low)
        & (high > _LOWER_BY * low)
    )
    code = row * 4 + column - 4
    return KeyFrames(stream[taken], window[taken], code[taken], low_off[taken], high_off[taken])


@dataclass(slots=True)
class _Press:
    code: int
    first: int
    last: int
    count: int = 0
    low_off: list[float] = field(default_factory=list)
    high_off: list[float] = field(default_factory=list)

    def take(self, window: int, low_off: float, high_off: float) -> None:
        self.last = window
        self.count += 1
        if self.count <= _REMEMBERED:
            self.low_off.append(low_off)
            self.high_off.append(high_off)

    def heard(self) -> KeyHeard | None:
        """The press, if it is one."""
        span = self.last - self.first + 1
        if self.count < _LEAST_WINDOWS or self.count < _DENSITY * span:
            return None
        low, high = median(self.low_off), median(self.high_off)
        if abs(low) > _OFFSET or abs(high) > _OFFSET or abs(low - high) > _APART:
            return None
        offsets = zip(self.low_off, self.high_off, strict=True)
        if sum(abs(off - low) < _STEADY and abs(other - high) < _STEADY for off, other in offsets) < _LEAST_WINDOWS:
            return None
        length = span * HOP + _SHOWS_LESS
        return KeyHeard(LAYOUT[self.code], self.first * HOP + _SHOWS_LATER, round(1000 * length / RATE_HZ))


class KeyFollower:
    """Makes presses of the windows of one stream; windows are numbered from its beginning, one each ``HOP``."""

    __slots__ = ("_press",)

    def __init__(self) -> None:
        self._press: _Press | None = None

    @property
    def pending(self) -> bool:
        """A key may be down."""
        return self._press is not None

    def take(self, window: int, code: int, low_off: float, high_off: float) -> KeyHeard | None:
        """A window that looks like the key with ``code``; the press that is complete with it, if any."""
        press = self._press
        over: KeyHeard | None = None
        if press is None or press.code != code or window - press.last > _GAP:
            over = press.heard() if press is not None else None
            press = self._press = _Press(code, window, window)
        press.take(window, low_off, high_off)
        return over

    def reached(self, window: int) -> KeyHeard | None:
        """All windows before ``window`` have been taken; the press that is over for that, if any."""
        press = self._press
        if press is None or window - press.last <= _GAP:
            return None
        self._press = None
        return press.heard()
