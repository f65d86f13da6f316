"""Comfort noise (RFC 3389): what a far end that stops sending in pauses asks us to put in their place.

A packet tells the level and, if it likes, the colour of the noise as reflection coefficients of an all-pole filter.
The noise is white noise from a table, through the filter's impulse response cut off at 8 ms, which numpy does at once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import ParseError
from telephony.rtp.fade import Sound, blend

MOST_COEFFICIENTS: Final = 12
_RESPONSE: Final = 64
_FULL_SCALE: Final = 32768.0
_TABLE: Final = 1 << 14
_OVERLAP: Final = 80


def _white() -> Sound:
    return np.random.Generator(np.random.PCG64(3389)).standard_normal(_TABLE).astype(np.float32)


_WHITE: Final = _white()


@dataclass(frozen=True, slots=True)
class Comfort:
    """One comfort noise packet: ``level_dbov`` (0 is the loudest, a square wave of full scale), and the colour."""

    level_dbov: int
    reflection: tuple[float, ...] = ()


def parse_comfort(payload: bytes) -> Comfort:
    """RFC 3389 section 3; ``ParseError`` for an empty payload. Coefficients of high order are left out (3.1)."""
    if not payload:
        raise ParseError("comfort noise without a level")
    reflection = tuple(258 * (min(code, 254) - 127) / 32768 for code in payload[1 : 1 + MOST_COEFFICIENTS])
    return Comfort(-(payload[0] & 0x7F), reflection)


def impulse_response(reflection: tuple[float, ...], length: int = _RESPONSE) -> Sound:
    """The first samples of what 1/A(z) makes of one click, A being built up from its reflection coefficients."""
    prediction = np.zeros(0, dtype=np.float64)
    for coefficient in reflection:  # the step-up half of Levinson's recursion
        prediction = np.append(prediction + coefficient * prediction[::-1], coefficient)
    order = len(prediction)
    out = np.zeros(order + length, dtype=np.float64)
    out[order] = 1.0
    for n in range(order + 1, order + length):
        out[n] = -(prediction[::-1] @ out[n - order : n])
    return out[order:].astype(np.float32)


class ComfortNoise:
    """Noise without end after one packet. ``seed`` makes the noises of many legs differ."""

    __slots__ = ("_at", "_before", "_response")

    overlap: Final = _OVERLAP
    loose: Final = True

    def __init__(self, comfort: Comfort, seed: int = 0) -> None:
        self._response = _response_of(comfort)
        self._before: Sound | None = None
        self._at = seed * 997 % _TABLE

    def become(self, comfort: Comfort) -> None:
        """Go on as a newer packet says, over 10 ms."""
        self._before, self._response = self._response, _response_of(comfort)

    def take(self, length: int) -> Sound:
        """The next ``length`` samples; they go on from those before without a step."""
        white = np.take(_WHITE, np.arange(self._at, self._at + length + _RESPONSE - 1), mode="wrap")
        self._at = (self._at + length) % _TABLE
        noise = np.convolve(white, self._response, mode="valid")
        if self._before is not None:
            overlap = min(length, _OVERLAP)
            before = np.convolve(white[: overlap + _RESPONSE - 1], self._before, mode="valid")
            noise[:overlap] = blend(before, noise[:overlap])
            self._before = None
        return noise


def _response_of(comfort: Comfort) -> Sound:
    response = impulse_response(comfort.reflection)
    rms = _FULL_SCALE * 10.0 ** (comfort.level_dbov / 20.0)
    scaled: Sound = response * np.float32(rms / float(response @ response) ** 0.5)
    return scaled
