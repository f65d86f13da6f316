"""Ears inside the engine: they read what far ends send behind the present and tell keys and tones that they find.

Each leg is looked at every 100 ms. Legs are spread over the five ticks of that time, and those of one tick are looked
at together, which costs a fraction of looking at each by itself. Packets that are up to 80 ms late are waited for.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from core.audio import FRAME_SAMPLES, RATE_HZ
from core.errors import LocalProtocolError
from telephony.media.port import DigitPressed, MediaEvent, ToneHeard
from telephony.media.track import Track
from telephony.sound.cadence import ToneFound, ToneOver
from telephony.sound.detect import Heard, Listener, listen_all
from telephony.sound.dtmf import KeyHeard

BEHIND: Final = 4 * FRAME_SAMPLES
_TURNS: Final = 5
_PIECE: Final = _TURNS * FRAME_SAMPLES
_MOST_BEHIND: Final = RATE_HZ


@dataclass(slots=True)
class _Ear:
    leg: str
    track: Track
    listener: Listener
    opened: int
    turn: int
    begun: int
    """Where the listener's stream begins, on the engine's clock."""
    taken: int


class Ears:
    """The listeners of a worker. Positions and times are samples of 8 kHz on the engine's clock."""

    def __init__(self, emit: Callable[[MediaEvent], None]) -> None:
        self._emit = emit
        self._ears: dict[str, _Ear] = {}
        self._opened: dict[str, int] = {}
        self._next_turn = 0

    def __bool__(self) -> bool:
        return bool(self._ears)

    @property
    def tracks(self) -> Iterator[Track]:
        """Those that are read here."""
        return (ear.track for ear in self._ears.values())

    def opened(self, leg: str, now: int) -> None:
        """``leg`` begins: what is heard is told in seconds from here."""
        self._opened[leg] = now

    def closed(self, leg: str) -> None:
        """``leg`` is over."""
        self._opened.pop(leg, None)
        self._ears.pop(leg, None)

    def listen(self, leg: str, track: Track, tones: Collection[str], now: int) -> None:
        """Listen for ``tones`` on ``track`` from ``now`` on, in place of what was listened for before.

        ``LocalProtocolError`` where one of the tones is unknown. The same tones again change nothing: a key that is
        down is not lost.
        """
        before = self._ears.get(leg)
        if before is not None and before.listener.tones == frozenset(tones) and before.track is track:
            return
        try:
            listener = Listener(tones)
        except ValueError as error:
            raise LocalProtocolError(f"leg {leg}: {error}") from None
        self._next_turn = (self._next_turn + 1) % _TURNS
        self._ears[leg] = _Ear(leg, track, listener, self._opened.get(leg, now), self._next_turn, now, now)

    def forget(self, leg: str) -> None:
        """Listen for nothing more on ``leg``."""
        self._ears.pop(leg, None)

    def tick(self, now: int) -> None:
        """Look at the legs whose turn it is; after a stall of over a second skip what is older."""
        turn = now // FRAME_SAMPLES % _TURNS
        due = [
            ear
            for ear in self._ears.values()
            if (ear.turn == turn or now - ear.taken > 2 * _PIECE + BEHIND) and now - BEHIND - ear.taken >= FRAME_SAMPLES
        ]
        if not due:
            return
        pieces = []
        for ear in due:
            end = now - BEHIND
            if end - ear.taken > _MOST_BEHIND:
                ear.begun += end - ear.taken - _PIECE
                ear.taken = end - _PIECE
            pieces.append(ear.track.codec.decode(ear.track.timeline.read(ear.taken, end)))
            ear.taken = end
        for ear, found in zip(due, listen_all([ear.listener for ear in due], pieces), strict=True):
            for heard in found:
                self._tell(ear, heard)

    def _tell(self, ear: _Ear, heard: Heard) -> None:
        offset_s = (ear.begun - ear.opened) / RATE_HZ
        match heard:
            case KeyHeard(key=key, duration_ms=duration_ms):
                self._emit(DigitPressed(ear.leg, key, duration_ms, inband=True))
            case ToneFound(tone=tone, began_s=began_s):
                self._emit(ToneHeard(ear.leg, tone, round(max(0.0, offset_s + began_s), 3)))
            case ToneOver(tone=tone, ended_s=ended_s):
                self._emit(ToneHeard(ear.leg, tone, round(max(0.0, offset_s + ended_s), 3), over=True))
