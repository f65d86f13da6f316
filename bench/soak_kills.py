"""What ``bench.soak`` kills in the middle, and what must hold after each.

- the recogniser: the one who listens to the taps, and where there is a model the line's own recognisers. No call may
  notice; the line replaces its own.
- a media worker: the calls on it, and no others, end with ``media_lost``; another takes its place.
- control: its media workers and recognisers go as well, all calls are over; started again, the line says of each that
  it was ``interrupted``, has mended the recordings, and takes calls.
"""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from typing import Final

from bench.processes import runs
from bench.served.leader import Leader
from bench.served.line import ServedLine
from bench.soak_ledger import Entry, Ledger
from bench.soak_looks import kind_of
from bench.soak_voices import Listener

_SETTLE_S: Final = 5.0
_REPLACED_S: Final = 60.0


@dataclass(slots=True)
class Killed:
    """What was seen, for the summary."""

    recogniser_replaced_after_s: float | None = None
    worker_replaced_after_s: float | None = None
    calls_on_the_worker: int = 0
    calls_that_went_on: int = 0
    control_up_after_s: float | None = None
    calls_interrupted: int = 0


@dataclass(slots=True)
class Killing:
    """``doomed`` are the calls that may end with ``reason`` now."""

    line: ServedLine
    people: Leader
    listener: Listener
    killed: Killed = field(default_factory=Killed)
    faults: list[str] = field(default_factory=list)
    doomed: set[int] = field(default_factory=set)
    reason: str = ""
    killed_at: float = 0.0
    """In seconds since 1970: what is said after it need not be recorded."""
    upset: bool = False
    """Calls that are just being set up may fail, and a caller who has just hung up may not have been heard."""

    def expected(self, entry: Entry) -> str:
        """Why this call may end though its caller did not hang up; "" for no reason."""
        just = not entry.talk_from or entry.ended_by_us
        return self.reason if entry.number in self.doomed or (self.upset and just) else ""

    def _of_kind(self, kind: str) -> list[int]:
        return [pid for pid, command in self.line.tree().items() if kind_of(command) == kind]

    async def _replaced(self, kind: str, gone: list[int], count: int, since: float) -> float | None:
        """Seconds from ``since`` (monotonic) until ``count`` are up and none of them is one of ``gone``."""
        while time.monotonic() < since + _REPLACED_S:
            up = self._of_kind(kind)
            if not set(up) & set(gone) and len(up) == count:
                return round(time.monotonic() - since, 2)
            await asyncio.sleep(0.02)
        self.faults.append(f"the killed {kind} was not replaced")
        return None

    async def recogniser(self) -> None:
        """SIGKILL to who listens, and to the line's own recognisers."""
        await self.listener.kill()
        own, begun = self._of_kind("recogniser"), time.monotonic()
        for pid in own:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(1.0)  # for so long nobody takes what the taps send
        await self.listener.start()
        if own:
            self.killed.recogniser_replaced_after_s = await self._replaced("recogniser", own, len(own), begun)

    async def worker(self) -> None:
        """SIGKILL to one media worker."""
        workers = self._of_kind("media worker")
        pid, ports = workers[0], self.line.ports_of(workers[0])
        up = dict(self.people.up)
        self.doomed = {number for number, ends in up.items() if any(ports[0] <= to <= ports[1] for _, to in ends)}
        self.reason, self.upset = "media_lost", True
        os.kill(pid, signal.SIGKILL)
        self.killed_at, begun = time.time(), time.monotonic()
        self.killed.worker_replaced_after_s = await self._replaced("media worker", [pid], len(workers), begun)
        await asyncio.sleep(_SETTLE_S)
        self.killed.calls_on_the_worker = len(self.doomed & self.people.over.keys())
        self.killed.calls_that_went_on = len(up.keys() - self.doomed)
        if still := self.doomed & self.people.up.keys():
            self.faults.append(f"{len(still)} calls of the killed worker go on")
        self.upset = False

    async def control(self, ledger: Ledger) -> None:
        """SIGKILL to control; it is started again at once, as a service manager does."""
        others = [pid for pid in self.line.tree() if pid != self.line.pid]
        self.doomed, self.reason, self.upset = set(self.people.up), "interrupted", True
        self.line.kill()
        self.killed_at, begun = time.time(), time.monotonic()
        await self.line.ended()
        await ledger.stop()
        self.people.forget()
        await self.line.start()
        self.killed.control_up_after_s = round(time.monotonic() - begun, 2)
        self.killed.calls_interrupted = await ledger.settle_after_kill(self.killed_at)
        ledger.follow()
        await asyncio.sleep(_SETTLE_S)
        if left := [pid for pid in others if runs(pid)]:
            self.faults.append(f"{len(left)} processes outlive the control that was killed")
        self.upset = False
