"""``MediaClient``: the media port over worker processes on this machine.

It places each new leg on the worker of leg ``near``, else on the one with the fewest legs; remembers who carries what;
says ``WorkerLost`` once when a worker dies, and starts another in its place.
"""

import asyncio
import itertools
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import LocalProtocolError, Unavailable
from core.tap import TapTarget
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

_log = logging.getLogger("line400.media")
_RESTART_FIRST_S: Final = 0.05
_RESTART_MOST_S: Final = 5.0
_WAIT_FOR_WORKER_S: Final = 3.0


class MediaClient:
    """Carries legs on ``workers`` processes; RTP ports are bound on ``bind_host`` within ``port_range`` (inclusive).

    ``advertised_host`` is what ``open`` gives to be put in SDP (default: ``bind_host``); ``rtp_silent_s`` the time
    without a packet after which ``RtpSilent`` is said.
    """

    def __init__(
        self,
        workers: int = 1,
        bind_host: str = "127.0.0.1",
        advertised_host: str | None = None,
        port_range: tuple[int, int] = (20000, 29999),
        rtp_silent_s: float = 10.0,
    ) -> None:
        if workers < 1:
            raise ValueError("at least one media worker is needed")
        low, high = port_range
        if not 1024 <= low < high <= 65535 or (high - low + 1) // 2 < workers:
            raise ValueError(f"port range {low}-{high} does not hold a pair of ports for each of {workers} workers")
        self._bind_host = bind_host
        self._advertised_host = advertised_host or bind_host
        self._ranges = _split(low, high, workers)
        self._rtp_silent_s = rtp_silent_s
        self._links: list[WorkerLink | None] = [None] * workers
        self._legs: dict[str, WorkerLink] = {}
        self._recordings: dict[str, WorkerLink] = {}
        self._lost_legs: set[str] = set()
        self._handlers: list[MediaHandler] = []
        self._mending: set[asyncio.Task[None]] = set()
        self._worker_up = asyncio.Event()
        self._closed = False

    async def start(self) -> None:
        """Start the workers; ``Unavailable`` if one does not come up."""
        try:
            await asyncio.gather(*(self._start_worker(slot) for slot in range(len(self._links))))
        except Unavailable:
            await self.shut_down()
            raise

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
        """Process ids of the workers that are up."""
        return tuple(link.pid for link in self._links if link is not None and link.alive)

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
        return Address(self._advertised_host, gave.port)

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
        low, high = self._ranges[slot]
        arguments = ["--host", self._bind_host, "--ports", f"{low}-{high}", "--silent-s", str(self._rtp_silent_s)]
        link = await WorkerLink.start(f"{slot + 1}", arguments, self._on_event, self._on_lost)
        self._links[slot] = link
        self._worker_up.set()

    async def _mend(self, slot: int, link: WorkerLink) -> None:
        status = await link.reap()
        _log.error("media worker %s died (exit status %d): starting another", link.name, status)
        for attempt in itertools.count():
            try:
                await self._start_worker(slot)
            except (Unavailable, OSError) as error:
                _log.error("%s", error)
                await asyncio.sleep(min(_RESTART_MOST_S, _RESTART_FIRST_S * 2**attempt))
            else:
                return

    async def _idlest(self) -> WorkerLink:
        deadline = asyncio.get_running_loop().time() + _WAIT_FOR_WORKER_S
        while True:
            up = [link for link in self._links if link is not None and link.alive]
            if up:
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
            slot = self._links.index(lost)
            task = asyncio.create_task(self._mend(slot, lost))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)
        self._on_event(WorkerLost(legs, recordings))


def _named(sound: Path | Tone) -> str:
    return c.named_sound(sound) if isinstance(sound, Tone) else _absolute(sound)


def _absolute(path: Path) -> str:
    """As text, from the root: a worker need not share our working folder."""
    return str(path.absolute())


def _split(low: int, high: int, workers: int) -> list[tuple[int, int]]:
    """Equal shares of the pairs (even, odd) of ports within ``low``-``high``, one for each worker."""
    first = low + low % 2
    pairs = (high - first + 1) // 2
    share = pairs // workers
    return [(first + 2 * share * slot, first + 2 * share * (slot + 1) - 1) for slot in range(workers)]
