"""The event log on disk: facts go in without waiting, one task writes them in groups, readers hear what is on disk.

Each transaction holds the events and what they change (``store.projection``); only after its commit are they
published on the bus, in order. Other writes of the store take their turn in the same queue (``write``), so there is
one writer and one order. While a disk fails (``store.writer`` raises the alarm and insists) facts wait in memory.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final, TypeAlias, TypeVar

from core.bus import Bus
from core.clock import Clock
from core.errors import Unavailable
from core.events import Event, Fact
from core.ids import Ids
from store.database import Database
from store.projection import last_seq
from store.rows import LogHealth
from store.writer import Transaction, Work, Writer

_log = logging.getLogger("line400.store")

MAX_QUEUED: Final = 200_000
"""Facts that may wait for a failing disk: about an hour of a busy centre, 200 MB."""
_GROUP: Final = 200
_GATHER_S: Final = 0.005
"""Facts that nobody waits for are written so much later, together with those that came meanwhile."""
_LONGEST_GATHER_S: Final = 0.05
_REST: Final = 4.0
"""They gather for so many times as long as the last group took, at most that long: most of what a group costs it costs
whether it has one fact or twenty, so on a busy line groups grow and writing takes a fifth of a core at most.
"""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Post:
    event: Event
    done: "asyncio.Future[Event] | None" = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """A place in the queue: whoever made it may write from ``mine`` until it sets ``over``."""

    mine: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


_Item: TypeAlias = _Post | _Turn


class EventLog:
    """``core.events.Log`` on disk. ``start`` before the first fact, ``close`` after the last."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, bus: Bus, *, max_queued: int = MAX_QUEUED) -> None:
        self.bus = bus
        self._database = database
        self._clock = clock
        self._ids = ids
        self._writer = Writer(database, clock, ids)
        self._max_queued = max_queued
        self._queue: deque[_Item] = deque()
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._works: set[asyncio.Task[object]] = set()
        self._lost = 0
        self._last_seq = 0
        self._took_s = 0.0

    async def start(self) -> None:
        """Begin to write."""
        self._last_seq = await self._database.write(last_seq, durable=False)
        self._task = asyncio.create_task(self._run(), name="event log")

    def post(self, call_id: str, item: Fact) -> None:
        """See ``core.events.Log.post``. When ``max_queued`` facts wait for a dead disk, further ones are lost,
        loudly.
        """
        if self._closed_or_full():
            self._count_lost(1)
        else:
            self._put(_Post(self._event(call_id, item)))

    async def commit(self, call_id: str, item: Fact) -> Event:
        """See ``core.events.Log.commit``. ``Unavailable`` where the log is closed or full, or ends on a dead disk."""
        if self._closed_or_full():
            raise Unavailable("event log: closed, or too many facts wait for the disk; free space or mend the disk")
        done: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._put(_Post(self._event(call_id, item), done))
        self._urgent.set()
        return await done

    async def write(self, work: Work[Result], *, durable: bool = True) -> Result:
        """Run ``work`` in a transaction of its own, after all that was posted before; returns its result once on disk.

        If ``work`` raises, nothing of it is kept and the error comes out here. It may run again after a disk error.
        A caller that is cancelled no longer waits, but the work is done.
        """
        if self._closed_or_full():
            raise Unavailable("event log: closed, or too many facts wait for the disk; free space or mend the disk")
        turn = _Turn()
        self._put(turn)
        self._urgent.set()
        task: asyncio.Task[Result] = asyncio.create_task(self._take_turn(turn, work, durable))
        self._works.add(task)  # held so that it isn't collected
        task.add_done_callback(self._works.discard)
        return await asyncio.shield(task)

    def health(self) -> LogHealth:
        """How the log is now."""
        return LogHealth(len(self._queue), self._lost, self._writer.failing_since, self._last_seq)

    async def flush(self) -> None:
        """Return when all that was posted before is on disk and published."""

        def nothing(_: Transaction) -> None:
            return None

        await self.write(nothing)

    async def close(self) -> None:
        """Write what is queued and stop; facts that come later are lost, loudly. Closing twice is no error."""
        self._closing = self._writer.closing = True
        self._wake.set()
        self._urgent.set()
        if self._task is not None:
            await self._task

    def _event(self, call_id: str, item: Fact) -> Event:
        return Event(id=self._ids.new("event"), at=self._clock.now(), call_id=call_id, fact=item)

    def _closed_or_full(self) -> bool:
        return self._task is None or self._closing or len(self._queue) >= self._max_queued

    def _count_lost(self, count: int) -> None:
        before = self._lost
        self._lost += count
        if before == 0 or self._lost // 1000 > before // 1000:
            _log.critical("event log: %d facts lost, the log is %s", self._lost, "closed" if self._closing else "full")

    def _put(self, item: _Item) -> None:
        self._queue.append(item)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await self._gather()
            self._wake.clear()
            self._urgent.clear()
            left = len(self._queue)  # what comes meanwhile gathers anew
            try:
                while left > 0:
                    left -= await self._serve_next()
            except Unavailable:
                self._give_up()
            if self._closing and not self._queue:
                return

    async def _gather(self) -> None:
        gather_s = min(max(_GATHER_S, _REST * self._took_s), _LONGEST_GATHER_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self._closing else gather_s):
                await self._urgent.wait()

    async def _serve_next(self) -> int:
        """Write a group of posts or let a turn be taken; how many that were. Posts leave the queue only when they are
        on disk.
        """
        head = self._queue[0]
        if isinstance(head, _Turn):
            head.mine.set()
            await head.over.wait()
            self._queue.popleft()
            return 1
        group = [item for item in takewhile(_is_post, islice(self._queue, _GROUP)) if isinstance(item, _Post)]
        durable = any(item.done is not None for item in group)
        time_of = asyncio.get_running_loop().time
        began = time_of()
        written = await self._writer.write_events([item.event for item in group], durable=durable)
        self._took_s = time_of() - began
        self._publish([event for event in written if event is not None])
        for item, event in zip(group, written, strict=True):
            self._queue.popleft()
            if event is None:
                self._count_lost(1)
            if item.done is not None and not item.done.done():
                if event is None:
                    item.done.set_exception(Unavailable("event log: the database does not take this fact"))
                else:
                    item.done.set_result(event)
        return len(group)

    async def _take_turn(self, turn: _Turn, work: Work[Result], durable: bool) -> Result:
        try:
            await turn.mine.wait()
            result, said = await self._writer.run(work, durable=durable)
            self._publish(said)
            return result
        finally:
            turn.over.set()

    def _publish(self, written: Sequence[Event]) -> None:
        """Tell the bus, in order, before anybody who waits for these events goes on.

        ``call_soon`` keeps that order, and a reader that fails is reported by the loop instead of ending the log.
        """
        loop = asyncio.get_running_loop()
        for event in written:
            self._last_seq = event.seq
            loop.call_soon(self.bus.publish, event)

    def _give_up(self) -> None:
        self._count_lost(sum(isinstance(item, _Post) for item in self._queue))
        error = Unavailable("event log: the database refused to write until the program ended")
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, _Turn):
                item.mine.set()  # its own writer tries once more and gives up alike
            elif item.done is not None and not item.done.done():
                item.done.set_exception(error)


def _is_post(item: _Item) -> bool:
    return isinstance(item, _Post)
