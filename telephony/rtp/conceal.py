"""Packet loss concealment in the manner of ITU-T G.711 Appendix I: a lost piece is filled with the last pitch periods.

The pitch is the lag at which the newest 10 ms are most like what was before them. For 10 ms the last period is
repeated, then the last two, then three (one period alone soon sounds like a buzzer). Where a repetition begins, a
quarter of a period is blended with what naturally came before it. After 10 ms the sound fades, by a fifth each
10 ms, and is gone after 60 ms. When real sound comes back it is blended with the made one over a quarter of a period,
and 4 ms more for each 10 ms of loss, at most 10 ms.

Three things differ from the Appendix. It delays all sound by 3.75 ms to have something to blend the first repetition
with; here the step between the last real sample and the first made one is taken out by a ramp instead, and nothing is
delayed. The made sound is as loud as it is sure: by the correlation found (1 for a steady vowel, less for noise). And
the correlation looks at 10 ms, not 20. Both gave better PESQ and segmental SNR on Mandarin speech.
"""

from typing import Final

import numpy as np

from core.audio import Pcm
from telephony.rtp.fade import Sound, blend
from telephony.rtp.likeness import most_like

HISTORY: Final = 400
"""Samples before the loss that are looked at: three of the longest periods, and a quarter."""
SHORTEST_PITCH: Final = 32
LONGEST_PITCH: Final = 120
FADED_OUT: Final = 480
"""Samples after which nothing is left (60 ms)."""
_TEMPLATE: Final = 80
_STAGE: Final = 80
_MOST_OVERLAP: Final = 80
_OVERLAP_PER_STAGE: Final = 32


def _falling(length: int) -> Sound:
    """A ramp from 1 to just above 0."""
    return np.linspace(1.0, 0.0, length, endpoint=False, dtype=np.float32)


_GAIN: Final = np.concatenate((np.ones(_STAGE, dtype=np.float32), _falling(FADED_OUT - _STAGE)))
_SILENCE: Final = np.zeros(FADED_OUT, dtype=np.float32)
_SILENCE.flags.writeable = False


def pitch_of(history: Sound) -> tuple[int, float]:
    """The pitch period at the end of ``history`` (at least 200 samples), and the correlation there, 0 to 1."""
    place, sure = most_like(history[-_TEMPLATE:], history[-_TEMPLATE - LONGEST_PITCH : -SHORTEST_PITCH])
    return LONGEST_PITCH - place, sure


class Concealment:
    """What is made for one loss, from the sound before it. ``take`` goes on where it ended the last time."""

    __slots__ = ("_made", "_taken", "pitch")

    def __init__(self, history: Pcm | Sound) -> None:
        past = history[-HISTORY:].astype(np.float32)
        if len(past) < HISTORY:
            past = np.concatenate((np.zeros(HISTORY - len(past), dtype=np.float32), past))
        self._taken = 0
        if not past[-_TEMPLATE:].any():
            self.pitch = LONGEST_PITCH
            self._made = _SILENCE
            return
        self.pitch, sure = pitch_of(past)
        self._made = _repeat(past, self.pitch, sure) * _GAIN

    @property
    def overlap(self) -> int:
        """Samples over which real sound that comes back now is to be blended in."""
        stages = self._taken // _STAGE
        return min(self.pitch // 4 + _OVERLAP_PER_STAGE * max(0, stages - 1), _MOST_OVERLAP)

    @property
    def loose(self) -> bool:
        """Only silence is left: how long it lasts is nobody's loss."""
        return self._taken >= FADED_OUT or self._made is _SILENCE

    def take(self, length: int) -> Sound:
        """The next ``length`` samples."""
        made = self._made[self._taken : self._taken + length]
        self._taken = min(self._taken + length, FADED_OUT)
        if len(made) < length:
            made = np.concatenate((made, np.zeros(length - len(made), dtype=np.float32)))
        return made


def _repeat(past: Sound, pitch: int, gain: float) -> Sound:
    """60 ms that go on from ``past``: its last period, then its last two, then three, over and over."""
    quarter = pitch // 4
    made = np.empty(FADED_OUT + quarter, dtype=np.float32)
    begin = 0
    for periods in (1, 2, 3):
        end = FADED_OUT if periods == 3 else begin + _STAGE
        size = periods * pitch
        cycle = past[-size:].copy()
        cycle[-quarter:] = blend(cycle[-quarter:], past[-size - quarter : -size])
        first = begin % pitch  # in step with the periods so far
        length = end + quarter - begin
        piece = np.tile(cycle, (first + length) // size + 1)[first : first + length]
        if begin:
            piece[:quarter] = blend(made[begin : begin + quarter], piece[:quarter])
        made[begin : end + quarter] = piece
        begin = end
    made *= np.float32(gain)
    made[:quarter] += (past[-1] - np.float32(gain) * past[-pitch - 1]) * _falling(quarter)
    return made[:FADED_OUT]
