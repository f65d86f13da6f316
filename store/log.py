"""The event log on disk: facts go in without waiting, one task writes them in groups, readers hear what is on disk.

Each transaction holds the events and what they change (``store.projection``); only after its commit are they
published on the bus, in order. Other writes of the store go through the same task (``write``), so there is one
writer and one order. A disk that fails raises the alarm in the program's log and is tried again until it works;
facts wait in memory meanwhile.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeAlias, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.bus import Bus
from core.clock import Clock
from core.errors import Unavailable
from core.events import Event, Fact
from core.ids import Ids
from store.database import Database
from store.projection import append, project
from store.rows import LogHealth
from store.schema import events

_log = logging.getLogger("line400.store")

MAX_QUEUED: Final = 200_000
"""Facts that may wait for a failing disk: about an hour of a busy centre, 200 MB."""
_GROUP: Final = 256
_RETRY_S: Final = (0.05, 0.2, 1.0, 5.0)
_ALARM_EVERY_S: Final = 30.0

Result = TypeVar("Result")


class Transaction:
    """What a piece of work sees: the ``connection``, and ``say`` to add facts to the same transaction."""

    def __init__(self, connection: AsyncConnection, clock: Clock, ids: Ids) -> None:
        self.connection = connection
        self.said: list[Event] = []
        self._clock = clock
        self._ids = ids

    def say(self, call_id: str, item: Fact, *, at: float | None = None) -> None:
        """``item`` became true ``at`` (now): written with its projection after the work, published after the commit."""
        moment = self._clock.now() if at is None else at
        self.said.append(Event(id=self._ids.new("event"), at=moment, call_id=call_id, fact=item))


Work: TypeAlias = Callable[[Transaction], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class _Post:
    event: Event
    done: "asyncio.Future[Event] | None" = None


class _Job(Generic[Result]):
    __slots__ = ("_work", "done")

    def __init__(self, work: Work[Result], done: "asyncio.Future[Result]") -> None:
        self._work = work
        self.done = done
        self._result: Result

    async def run(self, transaction: Transaction) -> None:
        self._result = await self._work(transaction)

    def finish(self) -> None:
        if not self.done.done():
            self.done.set_result(self._result)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


_Item: TypeAlias = "_Post | _Job[object]"
