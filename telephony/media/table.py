"""Legs that are mixed together: their voices out of jitter buffers, through the mixer, into their senders."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from core.audio import FRAME_SAMPLES, Pcm
from telephony.media.codecs import PCMA
from telephony.media.leg import MediaLeg
from telephony.media.player import Player
from telephony.rtp.conceal import HISTORY, Concealment
from telephony.rtp.fade import Sound
from telephony.rtp.playout import Playout
from telephony.sound.mixer import DUCK, Room, Seat

_MOST_CAUGHT_UP: Final = 25
"""Frames that a voice skips after a stall; what is older than half a second nobody waits for."""
_HISTORY_FRAMES: Final = -(-HISTORY // FRAME_SAMPLES)
_MIX: Final = object()
"""The speaker of all mixed frames: the far end sees one stream, however often the table is laid anew."""


class Party:
    """What the desk knows of one leg. ``playout`` is there while someone hears it by way of a mix; ``carry`` goes on
    from what was relayed to it until just now, fading, over the first mixed frames; ``newest`` are the last mixed ones.
    """

    __slots__ = ("carry", "gain_db", "leg", "levelled", "newest", "over", "playout", "seat", "table")

    def __init__(self, leg: MediaLeg) -> None:
        self.leg = leg
        self.carry: Sound | None = None
        self.newest: deque[Pcm] = deque(maxlen=_HISTORY_FRAMES)
        self.seat = Seat(leg.name)
        self.gain_db = 0.0
        self.levelled = False
        self.over: Player | None = None
        self.playout: Playout | None = None
        self.table: Table | None = None

    def take(self, passed: int, now: int) -> Pcm | None:
        """Its voice; the newest frame after ``passed`` of them. None where nobody needs it."""
        playout = self.playout
        if playout is None:
            return None
        for missed in range(min(passed - 1, _MOST_CAUGHT_UP), 0, -1):
            playout.take(now - missed * FRAME_SAMPLES)
        return playout.take(now)


class Table:
    """Legs that are mixed together, in the order of the rows of a mix; ``listening`` gets what it hears from here."""

    __slots__ = ("_as_they_are", "_listening", "_mixed", "_over", "_parties", "_room", "_voices")

    def __init__(self, parties: Sequence[Party], listening: Iterable[Party], over: Callable[[Party], None]) -> None:
        self._parties = tuple(parties)
        self._listening = tuple((parties.index(party), party) for party in listening)
        self._room = Room(party.seat for party in parties)
        self._voices = np.zeros((len(parties), FRAME_SAMPLES), np.float32)
        self._over = over
        self._mixed = False
        self._as_they_are = self._find_sources()

    def _find_sources(self) -> dict[Party, Party] | None:
        """Listener → the one whose voice it hears, where each hears one and no gain or sound changes any of them."""
        of_seat = {party.seat: party for party in self._parties}
        found: dict[Party, Party] = {}
        for _, party in self._listening:
            heard = [(of_seat[seat], gain) for seat, gain in party.seat.hears.items() if seat in of_seat]
            if party.over is not None or len(heard) != 1 or heard[0][1] != 1.0 or heard[0][0].seat.levelled:
                return None
            found[party] = heard[0][0]
        return found

    def tick(self, passed: int, now: int) -> None:
        """Mix and send what ``passed`` frames of 20 ms have brought."""
        carried = [(row, party) for row, party in self._listening if party.carry is not None]
        if self._as_they_are is not None and self._mixed and not carried:
            self._pass_on(self._as_they_are, passed, now)
            return
        self._mixed = True  # gains have come to where they were wanted
        voices = self._voices
        for row, party in enumerate(self._parties):
            voice = party.take(passed, now)
            voices[row] = 0.0 if voice is None else voice
        over, instead, done = self._play(passed)
        mixed = self._room.mix(voices, over)
        for row, party in carried:
            _carry_on(party, mixed[row])
        for row, sound in instead.items():
            mixed[row] = sound
        for row, party in self._listening:
            sender = party.leg.sender
            if party in done and not party.seat.hears:
                continue  # it hears nothing any more
            if not sender.occupied and sender.ready and sender.transmit is not None:
                sender.say_pcm(_MIX, mixed[row], passed)
                party.newest.append(mixed[row])
        for party in done:
            self._over(party)

    def _pass_on(self, sources: Mapping[Party, Party], passed: int, now: int) -> None:
        """Nothing is to be mixed: the codecs of a talk differ, or one hears what another gets relayed."""
        voices = {party: party.take(passed, now) for party in self._parties}
        for party, source in sources.items():
            sender, voice = party.leg.sender, voices[source]
            if voice is not None and not sender.occupied and sender.ready and sender.transmit is not None:
                sender.say_pcm(_MIX, voice, passed)
                party.newest.append(voice)

    def _play(self, passed: int) -> tuple[dict[int, Pcm], dict[int, Pcm], list[Party]]:
        """What plays over single rows, what is heard there in place of people and all (a clip and what plays over
        that), and where a play over has come to its end.
        """
        over: dict[int, Pcm] = {}
        instead: dict[int, Pcm] = {}
        done: list[Party] = []
        for row, party in self._listening:
            player, sender = party.over, party.leg.sender
            if player is None or not sender.ready or sender.occupied:
                continue
            if passed > 1:
                player.skip(passed - 1)
            if player.done:
                done.append(party)
                continue
            sound, clip = PCMA.decode(player.take(PCMA)), sender.draw(passed)
            if clip is None:
                over[row] = sound
            else:
                instead[row] = np.clip(sound + np.rint(clip * DUCK), -32768, 32767).astype(np.int16)
        return over, instead, done


def going_on(leg: MediaLeg, frames: int) -> Sound | None:
    """What may follow on what the far end of ``leg`` said last, fading out in the last of ``frames``; None where nobody
    has noted what it said.
    """
    if leg.ear is None:
        return None
    timeline = leg.ear.timeline
    end = timeline.heard_until()
    return _fading(leg.ear.codec.decode(timeline.read(end - HISTORY, end)), frames)


def ending(party: Party) -> Sound | None:
    """A frame that may follow on what ``party`` heard of a mix, fading out; None where it heard none."""
    newest = list(party.newest)
    party.newest.clear()
    return _fading(np.concatenate(newest), 1) if newest else None


def _fading(before: Pcm, frames: int) -> Sound:
    made = Concealment(before).take(frames * FRAME_SAMPLES).copy()  # what it gives may be a constant
    made[-FRAME_SAMPLES:] *= np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)
    return made


def _carry_on(party: Party, mixed: Pcm) -> None:
    carry = party.carry
    if carry is not None:
        mixed[:] = np.clip(mixed + np.rint(carry[:FRAME_SAMPLES]), -32768, 32767)
        party.carry = carry[FRAME_SAMPLES:] if len(carry) > FRAME_SAMPLES else None
