"""Two people talking: their legs joined until one of them leaves, with hold and hold music in between."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock
from core.errors import LegEnded, Unavailable
from core.events import Log
from telephony.audio import AudioRoom
from telephony.facts import TalkEnded, TalkHeld, TalkResumed, TalkStarted
from telephony.ports import Leg, LegEnd


@dataclass(frozen=True, slots=True)
class Parties:
    """Who talks: ``agent`` is the id of the agent on leg ``inside``; ``queue`` brought them together ("" if none)."""

    outside: Leg
    inside: Leg
    agent: str
    queue: str = ""


class TalkTime:
    """Counts the seconds of a talk, with and without hold."""

    __slots__ = ("_began", "_held_s", "_held_since")

    def __init__(self, now: float) -> None:
        self._began = now
        self._held_s = 0.0
        self._held_since: float | None = None

    def hold(self, now: float) -> bool:
        """The talk is on hold from now on; False if it was already."""
        if self._held_since is not None:
            return False
        self._held_since = now
        return True

    def resume(self, now: float) -> bool:
        """The talk goes on; False if it was not on hold."""
        if self._held_since is None:
            return False
        self._held_s += now - self._held_since
        self._held_since = None
        return True

    def totals(self, now: float) -> tuple[float, float]:
        """Seconds of talk without hold, and seconds of hold, rounded to milliseconds."""
        self.resume(now)
        return round(now - self._began - self._held_s, 3), round(self._held_s, 3)


class Talk:
    """One conversation. ``run`` returns when the inside leg ends first; when the outside leg ends, the journey that
    awaits ``run`` is cancelled. Either way the facts are complete and the legs parted.
    """

    def __init__(self, room: AudioRoom, log: Log, clock: Clock, hold_music: Sequence[Path]) -> None:
        self._room = room
        self._log = log
        self._clock = clock
        self._hold_music = hold_music

    async def run(self, parties: Parties) -> LegEnd:
        """Join, wait, part; how the inside leg ended. ``LegEnded`` or ``Unavailable`` if they cannot be joined."""
        call_id, agent, queue = parties.outside.call_id, parties.agent, parties.queue
        await self._room.bridge(parties.outside.id, parties.inside.id)
        time = TalkTime(self._clock.now())
        self._log.post(call_id, TalkStarted(agent, queue))
        holds = asyncio.ensure_future(self._follow_holds(parties, time))
        try:
            return await parties.inside.wait_ended()
        finally:
            holds.cancel()
            self._log.post(call_id, TalkEnded(agent, *time.totals(self._clock.now()), queue))
            with contextlib.suppress(Unavailable, LegEnded):
                await self._room.unbridge(parties.outside.id)

    async def _follow_holds(self, parties: Parties, time: TalkTime) -> None:
        """Music for the outside while the agent's phone holds; joined again when it resumes. Until cancelled."""
        audio = self._room.leg(parties.inside.id)
        if audio is None:
            return  # it has just ended
        changes: asyncio.Queue[bool] = asyncio.Queue()
        unwatch = audio.watch_hold(changes.put_nowait)
        if audio.held:  # since before we looked
            changes.put_nowait(True)
        music: asyncio.Task[bool] | None = None
        try:
            while True:
                held = await changes.get()
                now = self._clock.now()
                if held and time.hold(now):
                    self._log.post(parties.outside.call_id, TalkHeld(parties.agent))
                    await self._room.unbridge(parties.outside.id)
                    music = asyncio.create_task(self._music(parties.outside))
                elif not held and time.resume(now):
                    self._log.post(parties.outside.call_id, TalkResumed(parties.agent))
                    if music is not None:  # it may not have begun yet, and would then play into the talk
                        music.cancel()
                        await asyncio.wait({music})
                    await self._room.bridge(parties.outside.id, parties.inside.id)
        except (LegEnded, Unavailable):
            return  # the end of the leg ends the talk by itself
        finally:
            unwatch()
            if music is not None:
                music.cancel()

    async def _music(self, leg: Leg) -> bool:
        with contextlib.suppress(LegEnded, Unavailable):
            return await leg.play(self._hold_music, loop=True)
        return False
