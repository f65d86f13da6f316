"""Two people talking: their legs joined until one of them leaves, with hold, hold music and supervisors in between."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock
from core.errors import LegEnded, LocalProtocolError, Unavailable
from core.events import Fact, Log
from telephony.audio import AudioRoom
from telephony.facts import TalkEnded, TalkHeld, TalkResumed, TalkStarted
from telephony.oversight import Oversight, ears
from telephony.ports import Leg, LegEnd


@dataclass(frozen=True, slots=True)
class Parties:
    """Who talks: ``agent`` is the id of the agent on leg ``inside`` ("" for somebody outside, of whose talk no facts
    are told); ``queue`` brought them together ("" if none).
    """

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

    Supervisors come and go by ``supervise`` and ``dismiss``. One who takes over talks on with the outside leg when the
    inside leg ends and ``run`` returns: what becomes of the two is up to whoever called ``run``.
    """

    def __init__(self, room: AudioRoom, log: Log, clock: Clock, hold_music: Sequence[Path]) -> None:
        self._room = room
        self._log = log
        self._clock = clock
        self._hold_music = hold_music
        self._parties: Parties | None = None
        self._held = False
        self._parked = False
        self._aside = False
        self._time = TalkTime(0.0)
        self._guests: dict[str, tuple[Leg, Oversight]] = {}
        self._music: asyncio.Task[bool] | None = None
        self._in_order = asyncio.Lock()
        self.talk_s = 0.0
        """Once it is over: how long they talked, without hold."""
        self.joined = asyncio.Event()
        """The two hear each other, and the log knows it; never, where they cannot be joined."""

    async def run(self, parties: Parties) -> LegEnd:
        """Join, wait, part; how the inside leg ended. ``LegEnded`` or ``Unavailable`` if they cannot be joined."""
        agent, queue = parties.agent, parties.queue
        self._parties = parties
        await self._arrange()
        if parties.inside.end is not None:  # while the two were being joined; by now he may talk in another call
            await self._part(parties)
            raise LegEnded(f"leg {parties.inside.id} ended before the talk began")
        self._time = TalkTime(self._clock.now())
        self._say(parties, TalkStarted(agent, queue))
        self.joined.set()
        holds = asyncio.ensure_future(self._follow_holds(parties))
        try:
            return await parties.inside.wait_ended()
        finally:
            holds.cancel()
            self._parties = None
            if self._music is not None:
                self._music.cancel()
            self.talk_s, hold_s = self._time.totals(self._clock.now())
            self._say(parties, TalkEnded(agent, self.talk_s, hold_s, queue))
            await self._part(parties)

    async def _part(self, parties: Parties) -> None:
        with contextlib.suppress(Unavailable, LegEnded):
            await self._room.unbridge(parties.inside.id if self.successor else parties.outside.id)

    async def park(self, parked: bool) -> None:
        """While it is parked the two do not hear each other and the talk counts as held; what the outside hears
        meanwhile is up to whoever parks it. ``LegEnded`` where one of them has hung up.
        """
        self._parked = parked
        await self._held_changed()

    async def set_aside(self, aside: bool) -> None:
        """While the outside is set aside it hears music and the talk counts as held; the inside talks with guests.
        ``LegEnded`` where one of them has hung up.
        """
        self._aside = aside
        await self._held_changed()

    @property
    def successor(self) -> Leg | None:
        """The supervisor who has taken over, while he is there."""
        return next((leg for leg, how in self._present().values() if how is Oversight.TAKE_OVER), None)

    async def supervise(self, supervisor: Leg, how: Oversight) -> None:
        """Let ``supervisor`` (a leg of the same call, so on its media worker) do ``how`` from now on.

        ``LegEnded`` where one of the legs has hung up, or the talk is over; ``LocalProtocolError`` where his leg is on
        another media worker.
        """
        if self._parties is None or self._room.leg(supervisor.id) is None:
            raise LegEnded(f"the talk or leg {supervisor.id} is over")
        before = self._guests.get(supervisor.id)
        self._guests[supervisor.id] = (supervisor, how)
        try:
            await self._arrange()
        except (LegEnded, LocalProtocolError, Unavailable):
            del self._guests[supervisor.id]
            if before is not None:
                self._guests[supervisor.id] = before
            raise

    async def dismiss(self, supervisor: Leg) -> None:
        """``supervisor`` hears nobody and is heard by nobody; no error if he was not there."""
        if self._guests.pop(supervisor.id, None) is not None:
            await self._room.unbridge(supervisor.id)
            await self._arrange()

    def _present(self) -> dict[str, tuple[Leg, Oversight]]:
        """The supervisors whose legs are up."""
        return {
            name: (leg, how)
            for name, (leg, how) in self._guests.items()
            if leg.end is None and self._room.leg(name) is not None
        }

    async def _arrange(self) -> None:
        """Make true who is to hear whom now; music for the outside where it is to hear nobody."""
        async with self._in_order:
            parties = self._parties
            if parties is None:
                return  # it is over
            guests = {name: how for name, (_, how) in self._present().items()}
            hears = ears(
                parties.outside.id, parties.inside.id, guests, held=self._held or self._parked, aside=self._aside
            )
            alone = not hears[parties.outside.id] and not self._parked
            if self._music is not None and not alone:  # it may not have begun yet, and would then play into the talk
                self._music.cancel()
                await asyncio.wait({self._music})
                self._music = None
            await self._room.arrange(hears)
            if self._music is None and alone:
                self._music = asyncio.create_task(self._play_music(parties.outside))

    async def _follow_holds(self, parties: Parties) -> None:
        """Music for the outside while the agent's phone holds; joined again when it resumes. Until cancelled."""
        audio = self._room.leg(parties.inside.id)
        if audio is None:
            return  # it has just ended
        changes: asyncio.Queue[bool] = asyncio.Queue()
        unwatch = audio.watch_hold(changes.put_nowait)
        if audio.held:  # since before we looked
            changes.put_nowait(True)
        try:
            while True:
                held = await changes.get()
                if held != self._held:
                    self._held = held
                    await self._held_changed()
        except (LegEnded, Unavailable):
            return  # the end of the leg ends the talk by itself
        finally:
            unwatch()

    async def _held_changed(self) -> None:
        parties, now = self._parties, self._clock.now()
        if parties is None:
            return
        away = self._held or self._parked or self._aside
        if away and self._time.hold(now):
            self._say(parties, TalkHeld(parties.agent))
        elif not away and self._time.resume(now):
            self._say(parties, TalkResumed(parties.agent))
        await self._arrange()

    def _say(self, parties: Parties, fact: Fact) -> None:
        if parties.agent:
            self._log.post(parties.outside.call_id, fact)

    async def _play_music(self, leg: Leg) -> bool:
        with contextlib.suppress(LegEnded, Unavailable):
            return await leg.play(self._hold_music, loop=True)
        return False
