"""A conference: up to 32 legs that all hear each other, with listeners whom nobody hears."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import LegEnded, LocalProtocolError, Unavailable
from telephony.audio import AudioRoom
from telephony.leg_audio import LegAudio
from telephony.media.port import MOST_HEARD, SILENT_DB, Tone
from telephony.oversight import Ears

MOST_TALKERS: Final = MOST_HEARD
MOST_LISTENERS: Final = 32


@dataclass(slots=True)
class Member:
    """How one leg takes part. ``gain_db`` is its volume for all others."""

    talks: bool
    muted: bool = False
    gain_db: float = 0.0


class Conference:
    """Legs join and leave by their ids, all on one media worker (of one call, see ``AudioRoom.open``).

    Who is alone hears ``music``, until someone else comes. The speech of all is brought to one level.
    """

    def __init__(self, room: AudioRoom, music: Sequence[Path] = ()) -> None:
        self._room = room
        self._music = music
        self._members: dict[str, Member] = {}
        self._waiting: tuple[str, asyncio.Task[None]] | None = None  # who is alone, and what plays to him
        self._in_order = asyncio.Lock()

    @property
    def members(self) -> tuple[str, ...]:
        """The legs that take part, first come first."""
        return tuple(self._members)

    async def join(self, leg: str, *, talks: bool = True) -> None:
        """Let ``leg`` take part; with ``talks`` False it only listens, unheard. Again: change that.

        ``LegEnded`` where it has hung up, ``LocalProtocolError`` where there is no room, or it is on another worker.
        """
        before = self._members.get(leg)
        most = MOST_TALKERS if talks else MOST_LISTENERS
        if sum(member.talks is talks for name, member in self._members.items() if name != leg) >= most:
            raise LocalProtocolError(f"no more than {most} legs can {'talk' if talks else 'listen'} in a conference")
        self._members[leg] = Member(talks, before.muted, before.gain_db) if before else Member(talks)
        try:
            await self._level(leg)
            await self._arrange()
        except (LegEnded, LocalProtocolError, Unavailable):
            del self._members[leg]
            raise

    async def leave(self, leg: str) -> None:
        """``leg`` hears nobody and is heard by nobody; no error if it has hung up or was not there."""
        if self._members.pop(leg, None) is None:
            return
        audio = self._room.leg(leg)
        if audio is not None:
            await self._room.unbridge(leg)
            await audio.level()
        await self._arrange()

    async def close(self) -> None:
        """Part all of them."""
        for leg in self.members:
            await self.leave(leg)

    async def mute(self, leg: str, *, muted: bool = True) -> None:
        """Nobody hears ``leg`` any more, or all do again; ``LegEnded`` where it takes no part."""
        self._member(leg).muted = muted
        await self._level(leg)

    async def volume(self, leg: str, gain_db: float) -> None:
        """How loud all others hear ``leg``; ``LegEnded`` where it takes no part."""
        self._member(leg).gain_db = gain_db
        await self._level(leg)

    async def announce(self, sounds: Sequence[Path | Tone]) -> None:
        """Play files and tones over what everybody hears; returns when they are over for all."""
        audios = [audio for leg in self._members if (audio := self._room.leg(leg)) is not None]
        await asyncio.gather(*(_play_over(audio, sounds) for audio in audios))

    def _member(self, leg: str) -> Member:
        member = self._members.get(leg)
        if member is None:
            raise LegEnded(f"leg {leg} takes no part in the conference")
        return member

    async def _level(self, leg: str) -> None:
        audio, member = self._room.leg(leg), self._member(leg)
        if audio is None:
            raise LegEnded(f"leg {leg} has no audio any more")
        await audio.level(SILENT_DB if member.muted else member.gain_db, automatic=True)

    async def _arrange(self) -> None:
        """Make true who is to hear whom now; music for who is alone."""
        async with self._in_order:
            for leg in [leg for leg in self._members if self._room.leg(leg) is None]:
                del self._members[leg]  # it has hung up
            talkers = [leg for leg, member in self._members.items() if member.talks]
            hears: Ears = {leg: dict.fromkeys([t for t in talkers if t != leg], 0.0) for leg in self._members}
            alone = self.members[0] if len(self._members) == 1 and self._music else ""
            if self._waiting is not None and self._waiting[0] != alone:
                self._waiting[1].cancel()
                await asyncio.wait({self._waiting[1]})  # it may not have begun, and would then play into the talk
                self._waiting = None
            await self._room.arrange(hears)
            audio = self._room.leg(alone)
            if audio is not None and self._waiting is None:
                self._waiting = alone, asyncio.create_task(_play_on(audio, self._music))


async def _play_over(audio: LegAudio, sounds: Sequence[Path | Tone]) -> None:
    with contextlib.suppress(LegEnded, Unavailable):
        await audio.play(sounds, over=True)


async def _play_on(audio: LegAudio, music: Sequence[Path]) -> None:
    with contextlib.suppress(LegEnded, Unavailable):
        await audio.play(music, loop=True)
