"""The mixer: who hears whom, and how loud, as one matrix of gains; each tick one product of matrices for a room.

A ``Seat`` is what the mixer knows of one leg. A ``Room`` is any set of seats that hear each other (nobody outside it):
it is thrown away and made anew when the set changes, the seats keep what must go on without a click. Every gain that
changes does so in a straight line over one frame.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import FRAME_SAMPLES, Pcm
from telephony.sound.agc import AutomaticGain
from telephony.sound.limiter import limit

MOST_SEATS: Final = 64
"""A room may hold as many seats: 32 that talk and as many that only listen."""
SILENT_DB: Final = -96.0
DUCK: Final = math.pow(10.0, -12.0 / 20.0)
"""What a leg hears is lowered by 12 dB while something plays over it."""
_RAMP: Final = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / np.float32(FRAME_SAMPLES)


def factor(gain_db: float) -> float:
    """The factor of a gain; -96 dB and less is silence."""
    return 0.0 if gain_db <= SILENT_DB else math.pow(10.0, gain_db / 20.0)


class Seat:
    """One leg in a room: whom it hears, how loud the others hear it."""

    __slots__ = (
        "_automatic",
        "_ducked",
        "_hears",
        "_level",
        "_level_db",
        "ceiling",
        "heard",
        "moved",
        "name",
        "spoken",
    )

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.moved = False
        """Its gains are to change in the next frame."""
        self.heard: dict[Seat, float] = {}
        """Factors at the end of the newest frame."""
        self.spoken = 1.0
        """The factor of its own voice at the end of the newest frame."""
        self.ceiling = 1.0
        """Where the limiter of what it hears stands."""
        self._hears: dict[Seat, float] = {}
        self._level_db = 0.0
        self._level = 1.0
        self._automatic: AutomaticGain | None = None
        self._ducked = False

    def hear(self, sources: Mapping["Seat", float]) -> None:
        """Hear these seats, each at a gain in dB, in place of those before."""
        self._hears = {seat: factor(gain_db) for seat, gain_db in sources.items() if seat is not self}
        self.moved = True

    def level(self, gain_db: float, *, automatic: bool = False) -> None:
        """Be heard at this gain; ``automatic`` gain comes before it and keeps what it knows if it was on already."""
        self._level_db = gain_db
        self._level = factor(gain_db)
        if not automatic:
            self._automatic = None
        elif self._automatic is None:
            self._automatic = AutomaticGain()

    def duck(self, *, down: bool) -> None:
        """Lower what it hears by 12 dB, or no longer."""
        if self._ducked != down:
            self._ducked = down
            self.moved = True

    @property
    def hears(self) -> dict["Seat", float]:
        """Factors that are wanted."""
        return {seat: gain * DUCK for seat, gain in self._hears.items()} if self._ducked else self._hears

    @property
    def levelled(self) -> bool:
        """Its voice is not passed on as it is."""
        return self._automatic is not None or self._level != 1.0 or self.spoken != 1.0

    def speak(self, power: float) -> float:
        """The factor of its voice at the end of a frame of mean square ``power``."""
        if self._automatic is None:
            return self._level
        return factor(self._level_db + self._automatic.feed(power)) if self._level else 0.0


class Room:
    """The mixer of ``seats``, in their order."""

    __slots__ = ("_index", "_limits", "_matrix", "seats")

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats = tuple(seats)
        if len(self.seats) > MOST_SEATS:
            raise ValueError(f"more than {MOST_SEATS} seats in a room")
        self._index = {seat: index for index, seat in enumerate(self.seats)}
        self._limits = np.array([seat.ceiling for seat in self.seats], np.float32)
        self._matrix = self._fill({seat: seat.heard for seat in self.seats})
        for seat in self.seats:
            seat.moved = True  # it may hear someone who was not in the room before

    def _fill(self, heard: Mapping[Seat, Mapping[Seat, float]]) -> NDArray[np.float32]:
        matrix = np.zeros((len(self.seats), len(self.seats)), np.float32)
        for seat, sources in heard.items():
            for source, gain in sources.items():
                if (column := self._index.get(source)) is not None:
                    matrix[self._index[seat], column] = gain
        return matrix

    def mix(self, voices: NDArray[np.float32], over: Mapping[int, Pcm]) -> Pcm:
        """What each seat hears of a frame.

        ``voices`` (seats, 160; 16-bit range; used up) is what each far end says; ``over`` what plays to single seats,
        by their place in ``seats``. The result has the shape of ``voices``.
        """
        self._speak(voices)
        mixed = self._hear(voices)
        for place, sound in over.items():
            mixed[place] += sound
        if limit(mixed, self._limits):
            for seat, ceiling in zip(self.seats, self._limits.tolist(), strict=True):
                seat.ceiling = ceiling
        np.rint(mixed, out=mixed)
        return mixed.astype(np.int16)

    def _speak(self, voices: NDArray[np.float32]) -> None:
        """Bring each voice to its level."""
        levelled = [(row, seat) for row, seat in enumerate(self.seats) if seat.levelled]
        for row, seat in levelled:
            voice = voices[row]
            before, after = seat.spoken, seat.speak(float(voice @ voice) / len(voice))
            seat.spoken = after
            if before == after:
                voice *= np.float32(after)
            else:
                voice *= np.float32(before) + np.float32(after - before) * _RAMP

    def _hear(self, voices: NDArray[np.float32]) -> NDArray[np.float32]:
        before = self._matrix
        if not any(seat.moved for seat in self.seats):
            return before @ voices
        wanted = {seat: seat.hears for seat in self.seats}
        self._matrix = self._fill(wanted)
        for seat, sources in wanted.items():
            seat.heard = dict(sources)
            seat.moved = False
        mixed: NDArray[np.float32] = before @ voices + (self._matrix - before) @ (voices * _RAMP)
        return mixed
