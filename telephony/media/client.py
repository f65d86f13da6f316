"""``MediaClient``: the media port over worker processes, on this machine and on others.

It places each new leg on the worker of leg ``near``, else on the one with the fewest legs; remembers who carries what;
says ``WorkerLost`` once when a worker dies, and starts another in its place (or connects again to its media host).
"""

import asyncio
import itertools
import logging
from collections.abc import Collection, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import LocalProtocolError, Unavailable
from core.tap_target import TapTarget
from telephony.media import commands as c
from telephony.media.link import WorkerLink
from telephony.media.port import (
    Address,
    LegStats,
    MediaEvent,
    MediaHandler,
    RecordingClosed,
    Stream,
    Tone,
    WorkerLost,
)
from telephony.media.processes import split_ports, worker_arguments
from telephony.media.remote import RemoteWorker

_log = logging.getLogger("line400.media")
_RESTART_FIRST_S: Final = 0.05
_RESTART_MOST_S: Final = 5.0
_RESTART_DOUBLINGS: Final = 10
_WAIT_FOR_WORKER_S: Final = 3.0


class MediaClient:
    """Carries legs on ``workers`` processes of ours, whose RTP ports are bound on ``bind_host`` within ``port_range``
    (inclusive), and on one more for each of ``remote`` (name a media host once for each worker wanted there).

    ``advertised_host`` is what ``open`` gives to be put in SDP for ours (default: ``bind_host``); ``rtp_silent_s`` the
    time without a packet after which ``RtpSilent`` is said.
    """

    def __init__(
        self,
        workers: int = 1,
        bind_host: str = "127.0.0.1",
        advertised_host: str | None = None,
        port_range: tuple[int, int] = (20000, 29999),
        rtp_silent_s: float = 10.0,
        remote: Sequence[RemoteWorker] = (),
    ) -> None:
        if workers < 0 or not workers + len(remote):
            raise ValueError("at least one media worker is needed")
        self._bind_host = bind_host
        self._advertised_host = advertised_host or bind_host
        self._ranges = split_ports(*port_range, workers) if workers else []
        self._remote = tuple(remote)
        self._rtp_silent_s = rtp_silent_s
        self._links: list[WorkerLink | None] = [None] * (workers + len(remote))
        self._legs: dict[str, WorkerLink] = {}
        self._recordings: dict[str, WorkerLink] = {}
        self._lost_legs: set[str] = set()
        self._handlers: list[MediaHandler] = []
        self._mending: set[asyncio.Task[None]] = set()
        self._worker_up = asyncio.Event()
        self._closed = False

    async def start(self) -> None:
        """Start the workers; ``Unavailable`` if one of ours does not come up. Others are tried again and again."""
        ours = len(self._ranges)
        try:
            await asyncio.gather(*(self._start_worker(slot) for slot in range(ours)))
        except Unavailable:
            await self.shut_down()
            raise
        for slot in range(ours, len(self._links)):
            self._keep(self._bring_up(slot))

    async def shut_down(self) -> None:
        """Let every worker finish its recordings and end it (``close`` is the port's word for the end of one leg)."""
        self._closed = True
        for task in self._mending:
            task.cancel()
        await asyncio.gather(*self._mending, return_exceptions=True)
        await asyncio.gather(*(link.stop() for link in self._links if link is not None))
        self._links = [None] * len(self._links)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of our workers that are up."""
        return tuple(link.pid for link in self._up() if link.pid is not None)

    @property
    def workers_up(self) -> int:
        """How many workers are up, on this machine and on others."""
        return len(self._up())

    def _up(self) -> list[WorkerLink]:
        return [link for link in self._links if link is not None and link.alive]

    def subscribe(self, handler: MediaHandler) -> None:
        """See ``MediaPort``."""
        self._handlers.append(handler)

    async def open(self, leg: str, *, near: str = "") -> Address:
        """See ``MediaPort``; waits up to 3 s for a worker that is being restarted."""
        if leg in self._legs:
            raise LocalProtocolError(f"leg {leg} is open already")
        self._lost_legs.discard(leg)
        link = self._legs.get(near) or await self._idlest()
        self._legs[leg] = link
        try:
            gave = await link.ask(c.Open(leg, near))
        except (LocalProtocolError, Unavailable):
            self._legs.pop(leg, None)
            raise
        except asyncio.CancelledError:  # nobody will ever know the leg
            self._legs.pop(leg, None)
            link.tell(c.Close(leg))
            raise
        if not isinstance(gave, Address):
            raise Unavailable(f"media worker {link.name} gave no address")
        return Address(link.advertised or self._advertised_host, gave.port)

    async def update(self, leg: str, stream: Stream) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Update(leg, stream))

    async def play(
        self, leg: str, play: str, sounds: Sequence[Path | Tone], *, loop: bool = False, over: bool = False
    ) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Play(leg, play, tuple(map(_named, sounds)), loop, over))

    async def stop(self, leg: str) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Stop(leg))

    async def hear(self, leg: str, sources: Mapping[str, float]) -> None:
        """See ``MediaPort``. ``LocalProtocolError`` if they live on two workers: open the others with ``near``."""
        await self._same(leg, *sources).ask(c.Hear(leg, dict(sources)))

    async def level(self, leg: str, gain_db: float = 0.0, *, automatic: bool = False) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Level(leg, gain_db, automatic))

    async def bridge(self, left: str, right: str) -> None:
        """See ``MediaPort``. ``LocalProtocolError`` if they live on two workers: open the second with ``near``."""
        await self._same(left, right).ask(c.Bridge(left, right))

    async def unbridge(self, leg: str) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Unbridge(leg))

    async def listen(self, leg: str, tones: Collection[str]) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Listen(leg, tuple(sorted(tones))))

    async def record(self, recording: str, path: Path, left: str, right: str) -> None:
        """See ``MediaPort``. The folder of ``path`` must exist; an existing file is not overwritten.

        The file is made beside the loop: if that fails, ``RecordingClosed`` with a ``fault`` follows.
        """
        link = self._same(left, right) if right else self._of(left)
        if recording in self._recordings:
            raise LocalProtocolError(f"recording {recording} runs already")
        self._recordings[recording] = link
        try:
            await link.ask(c.Record(recording, _absolute(path), left, right))
        except (LocalProtocolError, Unavailable):
            self._recordings.pop(recording, None)
            raise
        except asyncio.CancelledError:
            link.tell(c.StopRecord(recording))
            raise

    async def pause_record(self, recording: str) -> None:
        """See ``MediaPort``."""
        link = self._recordings.get(recording)
        if link is not None:
            await link.ask(c.PauseRecord(recording))

    async def resume_record(self, recording: str) -> None:
        """See ``MediaPort``."""
        link = self._recordings.get(recording)
        if link is not None:
            await link.ask(c.ResumeRecord(recording))

    async def switch_record(self, recording: str, left: str, right: str) -> None:
        """See ``MediaPort``. ``LocalProtocolError`` where the legs live on another worker than the recording."""
        link = self._recordings.get(recording)
        if link is None:
            return
        if link is not (self._same(left, right) if right else self._of(left)):
            raise LocalProtocolError(f"recording {recording} runs on another worker than leg {left}")
        await link.ask(c.SwitchRecord(recording, left, right))

    async def stop_record(self, recording: str) -> None:
        """See ``MediaPort``; no error if it has ended already."""
        link = self._recordings.get(recording)
        if link is not None:
            await link.ask(c.StopRecord(recording))

    async def tap(self, leg: str, target: TapTarget) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Tap(leg, target))

    async def untap(self, leg: str) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.Untap(leg))

    async def send_digits(self, leg: str, digits: str) -> None:
        """See ``MediaPort``."""
        await self._of(leg).ask(c.SendDigits(leg, digits))

    async def close(self, leg: str) -> LegStats:
        """See ``MediaPort``; a leg that was lost with its worker is forgotten without an error."""
        if leg in self._lost_legs:
            self._lost_legs.discard(leg)
            return LegStats(0, 0, 0, 0)
        link = self._of(leg)
        gave = await link.ask(c.Close(leg))
        self._legs.pop(leg, None)
        if not isinstance(gave, LegStats):
            raise Unavailable(f"media worker {link.name} gave no statistics")
        return gave

    async def _start_worker(self, slot: int) -> None:
        if slot < len(self._ranges):
            arguments = worker_arguments(self._bind_host, self._ranges[slot], self._rtp_silent_s)
            link = await WorkerLink.start(f"{slot + 1}", arguments, self._on_event, self._on_lost)
        else:
            worker = self._remote[slot - len(self._ranges)]
            link = await WorkerLink.join(worker, self._rtp_silent_s, self._on_event, self._on_lost)
        self._links[slot] = link
        self._worker_up.set()
        self._keep(link.watch())

    async def _mend(self, slot: int, link: WorkerLink) -> None:
        _log.error("media worker %s died (%s): starting another", link.name, await link.reap())
        await self._bring_up(slot)

    async def _bring_up(self, slot: int) -> None:
        told = ""
        for attempt in itertools.count():
            try:
                await self._start_worker(slot)
            except (Unavailable, OSError) as error:
                if str(error) != told:  # a host may be away for days: each reason is said once
                    _log.error("%s; trying again until a worker is up", error)
                    told = str(error)
                await asyncio.sleep(min(_RESTART_MOST_S, _RESTART_FIRST_S * 2 ** min(attempt, _RESTART_DOUBLINGS)))
            else:
                if told:
                    _log.info("media worker %d is up", slot + 1)
                return

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)

    async def _idlest(self) -> WorkerLink:
        deadline = asyncio.get_running_loop().time() + _WAIT_FOR_WORKER_S
        while True:
            if up := self._up():
                carried = list(self._legs.values())
                return min(up, key=carried.count)
            self._worker_up.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._worker_up.wait()
            except TimeoutError:
                raise Unavailable("no media worker is up") from None

    def _of(self, leg: str) -> WorkerLink:
        link = self._legs.get(leg)
        if link is not None:
            return link
        if leg in self._lost_legs:
            raise Unavailable(f"the media worker of leg {leg} has died")
        raise LocalProtocolError(f"no leg {leg} at the media port")

    def _same(self, leg: str, *others: str) -> WorkerLink:
        link = self._of(leg)
        for other in others:
            if self._of(other) is not link:
                raise LocalProtocolError(f"legs {leg} and {other} live on two workers: open the second near the first")
        return link

    def _on_event(self, event: MediaEvent) -> None:
        if isinstance(event, RecordingClosed):
            self._recordings.pop(event.recording, None)
        loop = asyncio.get_running_loop()
        for handler in self._handlers:
            loop.call_soon(handler, event)  # in order, and a handler's fault is the loop's, not the connection's

    def _on_lost(self, lost: WorkerLink) -> None:
        legs = tuple(leg for leg, link in self._legs.items() if link is lost)
        recordings = tuple(recording for recording, link in self._recordings.items() if link is lost)
        for leg in legs:
            del self._legs[leg]
        for recording in recordings:
            del self._recordings[recording]
        self._lost_legs.update(legs)
        if not self._closed:
            self._keep(self._mend(self._links.index(lost), lost))
        self._on_event(WorkerLost(legs, recordings))


def _named(sound: Path | Tone) -> str:
    return c.named_sound(sound) if isinstance(sound, Tone) else _absolute(sound)


def _absolute(path: Path) -> str:
    """As text, from the root: a worker need not share our working folder."""
    return str(path.absolute())
