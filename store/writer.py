"""Transactions that insist: a disk that is full or away is tried again until it works; a fact that the tables refuse
still reaches the log. Used by one task at a time (``store.log``).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from core.clock import Clock
from core.errors import Unavailable
from core.events import Event, Fact
from core.ids import Ids
from store.database import Database
from store.projection import append, project
from store.schema import events

_log = logging.getLogger("line400.store")

RETRY_S: Final = (0.05, 0.2, 1.0, 5.0)
"""Pauses between tries on a failing disk; the last one repeats."""
ALARM_EVERY_S: Final = 30.0
GIVE_UP_S: Final = 10.0
"""A program that ends waits so long for a failing disk."""

REFUSALS: Final = (SQLAlchemyError, ValueError, TypeError, OverflowError)
"""What comes out where trying again can't help: the database, or the way to it, does not take these values."""
_PERMANENT: Final = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
_STATEMENT_SHOWN: Final = 200
_BROKEN: Final = ("no such", "syntax error", "has no column", "binding parameter")
"""SQLite calls these operational, or errors of the interface; trying again can't help."""

Result = TypeVar("Result")


class Transaction:
    """What a piece of work sees: the ``connection``, and ``say`` to add facts to the same transaction."""

    def __init__(self, connection: Connection, clock: Clock, ids: Ids) -> None:
        self.connection = connection
        self.said: list[Event] = []
        self._clock = clock
        self._ids = ids

    def say(self, call_id: str, item: Fact, *, at: float | None = None) -> None:
        """``item`` became true ``at`` (default now): written with its projection after the work, published after the
        commit.
        """
        moment = self._clock.now() if at is None else at
        self.said.append(Event(id=self._ids.new("event"), at=moment, call_id=call_id, fact=item))


Work: TypeAlias = Callable[[Transaction], Result]
"""Plain, not async: it runs within one transaction, on SQLite in the writer's thread. It touches nothing but the
database.
"""


class Writer:
    """Writes events and runs work; keeps the state of the disk: ``failing_since`` epoch seconds or None."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self.failing_since: float | None = None
        self.closing = False
        self._database = database
        self._clock = clock
        self._ids = ids
        self._tries = 0
        self._waited_s = 0.0
        self._alarmed_s = 0.0

    async def write_events(self, batch: Sequence[Event], *, durable: bool) -> list[Event | None]:
        """Write ``batch`` with its projection in one transaction; returns it numbered. ``Unavailable`` only when
        closing.
        """
        try:
            return [*await self._insist(batch, durable=durable, projecting=True)]
        except REFUSALS as error:
            _log.error("event log: a group of facts was refused (%s); writing them one by one", _name(error))
        written: list[Event | None] = []
        for event in batch:
            try:
                written += await self._insist([event], durable=durable, projecting=True)
            except REFUSALS as error:
                _log.error("event log: %s is kept without effect: %s", event.fact.name, _name(error))
                written.append(await self._alone(event, durable))
        return written

    async def _alone(self, event: Event, durable: bool) -> Event | None:
        try:
            [kept] = await self._insist([event], durable=durable, projecting=False)
        except REFUSALS as error:
            _log.critical("event log: %s can't be written at all and is lost: %s", event.fact.name, _name(error))
            return None
        return kept

    async def run(self, work: Work[Result], *, durable: bool) -> tuple[Result, list[Event]]:
        """Run ``work`` in a transaction and write what it said; what it raises rolls back and comes out."""

        def whole(connection: Connection) -> tuple[Result, list[Event]]:
            transaction = Transaction(connection, self._clock, self._ids)
            result = work(transaction)
            return result, _write(connection, transaction.said, projecting=True)

        while True:
            try:
                done = await self._database.write(whole, durable=durable)
            except (DBAPIError, OSError) as error:
                if not _may_pass(error):
                    raise
                await self._back_off(error)
                continue
            self._works_again()
            return done

    async def _insist(self, batch: Sequence[Event], *, durable: bool, projecting: bool) -> list[Event]:
        def whole(connection: Connection) -> list[Event]:
            # A commit whose answer was lost (a server that went away) may have happened.
            written = _already_there(connection, batch) if self._tries else None
            return _write(connection, batch, projecting=projecting) if written is None else written

        while True:
            try:
                written = await self._database.write(whole, durable=durable)
            except (DBAPIError, OSError) as error:
                if not _may_pass(error):
                    raise
                await self._back_off(error)
                continue
            self._works_again()
            return written

    async def _back_off(self, error: DBAPIError | OSError) -> None:
        pause_s = RETRY_S[min(self._tries, len(RETRY_S) - 1)]
        if self.failing_since is None:
            self.failing_since = self._clock.now()
            self._waited_s = self._alarmed_s = 0.0
        if self._tries == 0 or self._waited_s - self._alarmed_s >= ALARM_EVERY_S:
            self._alarmed_s = self._waited_s
            reason = error.orig if isinstance(error, DBAPIError) else error
            _log.critical("event log: the database refuses to write (%s); facts wait in memory, trying again", reason)
        if self.closing and self._waited_s >= GIVE_UP_S:
            raise Unavailable("event log: the database refuses to write and the program must end")
        self._tries += 1
        self._waited_s += pause_s
        await self._database.forget_writer()
        await asyncio.sleep(pause_s)

    def _works_again(self) -> None:
        if self.failing_since is not None:
            _log.warning("event log: the database writes again")
        self.failing_since = None
        self._tries = 0


def _name(error: BaseException) -> str:
    """The error and its statement, without the error's text: that may hold numbers and words of callers."""
    if not isinstance(error, StatementError):
        return type(error).__name__
    statement = " ".join((error.statement or "").split())[:_STATEMENT_SHOWN]
    return f"{type(error.orig or error).__name__} in {statement!r}"


def _may_pass(error: DBAPIError | OSError) -> bool:
    """Whether trying again can help: true of everything but data and statements that the database refuses."""
    if isinstance(error, _PERMANENT):
        return False
    return not any(sign in str(error) for sign in _BROKEN)


def _write(connection: Connection, batch: Sequence[Event], *, projecting: bool) -> list[Event]:
    if not batch:
        return []
    numbered = append(connection, batch)
    if projecting:
        project(connection, numbered)
    return numbered


def _already_there(connection: Connection, batch: Sequence[Event]) -> list[Event] | None:
    ids = [event.id for event in batch]
    found = {
        row.id: row.seq for row in connection.execute(select(events.c.id, events.c.seq).where(events.c.id.in_(ids)))
    }
    if len(found) != len(ids):
        return None
    return [Event(event.id, event.at, event.call_id, event.fact, found[event.id]) for event in batch]
