"""Two people talking: their legs joined until one of them leaves, with hold and hold music in between."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock
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


class Talk:
    """One conversation. ``run`` returns when the inside leg ends first; when the outside leg ends, the journey that awaits
    ``run`` is cancelled. Either way the facts are complete and the legs parted.
    """

    def __init__(self, room: AudioRoom, log: Log, clock: Clock, hold_music: Sequence[Path]) -> None:
        self._room = room
        self._log = log
        self._clock = clock
        self._hold_music = hold_music

    async def run(self, parties: Parties) -> LegEnd:
        """Join, wait, part; how the inside leg ended."""
        call_id, agent = parties.outside.call_id, parties.agent
        changes: asyncio.Queue[bool] = asyncio.Queue()
        inside_audio = self._room.leg(parties.inside.id)
        unwatch = inside_audio.watch_hold(changes.put_nowait) if inside_audio else None
        await self._room.bridge(parties.outside.id, parties.inside.id)
        started = self._clock.now()
        held_s, held_since = 0.0, None
        self._log.post(call_id, TalkStarted(agent, parties.queue))
        music: asyncio.Task[bool] | None = None
        over = asyncio.ensure_future(parties.inside.wait_ended())
        try:
            while True:
                change = asyncio.ensure_future(changes.get())
                await asyncio.wait({over, change}, return_when=asyncio.FIRST_COMPLETED)
                if over.done():
                    change.cancel()
                    return over.result()
                if change.result() and held_since is None:
                    held_since = self._clock.now()
                    self._log.post(call_id, TalkHeld(agent))
                    await self._room.unbridge(parties.outside.id)
                    music = asyncio.ensure_future(parties.outside.play(self._hold_music, loop=True))
                elif not change.result() and held_since is not None:
                    held_s += self._clock.now() - held_since
                    held_since = None
                    self._log.post(call_id, TalkResumed(agent))
                    await self._room.bridge(parties.outside.id, parties.inside.id)
        finally:
            if unwatch is not None:
                unwatch()
            for task in (over, music):
                if task is not None:
                    task.cancel()
            ended = self._clock.now()
            if held_since is not None:
                held_s += ended - held_since
            self._log.post(call_id, TalkEnded(agent, round(ended - started - held_s, 3), round(held_s, 3), parties.queue))
            await self._room.unbridge(parties.outside.id)
