"""Lists on their way into a campaign: all of a list's rows or none, over kill -9 too, and no long turn of the writer.

One transaction for a million rows would hold the writer for half a minute, and with it every fact of the running house.
So rows are first staged, piece by piece, where nobody sees them; then one small transaction decides that the list is
taken, and from then on they are poured into the campaign, piece by piece again. Whoever dies before the decision leaves
rows that the next one sweeps away; what was decided is poured to its end by the next one (``finish``).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from campaigns.ports import Added, NewContact, Overlap, unheard
from core.clock import Clock
from core.errors import LocalProtocolError, Unavailable
from core.numbers import identifying
from store.alive import is_dead, myself
from store.bulk import among, insert_rows, json_objects
from store.database import Database
from store.log import EventLog
from store.pouring import Lines, pour
from store.schema import campaigns, contacts, events
from store.schema_people import imports, person_numbers, staged
from store.stopped import refuse_stopped
from store.turns import Turns
from store.writer import Transaction

STAGING: Final = "staging"
TAKING: Final = "taking"  # decided: every row will be in the campaign
TAKEN: Final = "taken"
"""States of a list."""
SENT: Final = "sent"
PROMISED: Final = "promised"
"""Owners of lists that came row by row (``store.sent_contacts``): sent by programs, and callers who were promised a
call. Of others it is a process.
"""

PIECE: Final = 5000
PIECE_MOST: Final = 20_000
"""Rows that are poured in one transaction, at least and at most; between them ``store.turns`` decides."""
_CACHE: Final = "PRAGMA cache_size=-131072"
_CHECKPOINT: Final = "PRAGMA wal_autocheckpoint=16000"
"""SQLite, in a process that takes a long list in: pages of indexes are hit at random, so 128 MB of them are kept, and
each is copied from the log of writes into the file once for many pieces (64 MB).
"""
_MANY: Final = 20_000
_LAST_FACT: Final = select(func.max(events.c.seq))


class Lists:
    """Takes lists in."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._owner = myself()

    async def take(
        self, campaign: str, batches: Iterable[Sequence[NewContact]], moved: Callable[[int, int], None]
    ) -> Added:
        """See ``campaigns.ports.ContactStore.add``. ``batches`` is read in another thread."""
        await self.finish()
        mine = await self._log.write(partial(self._begin, campaign=campaign))
        known: set[str] = set()
        duplicates: list[int] = []
        elsewhere: Counter[str] = Counter()
        staged_rows = 0
        try:
            reader = iter(batches)
            while (fresh := await asyncio.to_thread(_next, reader, known, duplicates)) is not None:
                overlap = await self._log.write(
                    partial(self._stage, mine=mine, campaign=campaign, rows=fresh), durable=False
                )
                duplicates += overlap.here
                for others in overlap.elsewhere.values():
                    elsewhere.update(others)
                staged_rows += len(fresh) - len(overlap.here)
                if staged_rows - len(fresh) < _MANY <= staged_rows:
                    await self._log.write(self._prepare_for_many, durable=False)
        except BaseException:
            await self._drop(mine)
            raise
        try:
            await self._log.write(partial(self._decide, mine=mine, campaign=campaign))
        except LocalProtocolError:  # it was stopped meanwhile
            await self._drop(mine)
            raise
        await self._pour(mine, campaign, staged_rows, moved)
        return Added(staged_rows, tuple(sorted(duplicates)), dict(elsewhere))

    async def overlap(self, campaign: str, rows: Sequence[NewContact]) -> Overlap:
        """See ``campaigns.ports.ContactStore``."""
        async with self._database.reading() as connection:
            await connection.run_sync(refuse_stopped, campaign)
            return await connection.run_sync(overlap_of, campaign, rows)

    async def finish(self) -> int:
        """Sweep away what the dead have staged, and pour what they had decided; how many lists that were."""
        open_ones = select(imports).where(imports.c.state != TAKEN).order_by(imports.c.id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(open_ones)).all()
        dead = [row for row in rows if is_dead(row.owner, row.touched_at, self._clock.now())]
        for row in dead:
            if row.state == TAKING:
                await self._pour(row.id, row.campaign, row.rows, unheard)
            else:
                await self._drop(row.id)
        return len(dead)

    def _begin(self, transaction: Transaction, *, campaign: str) -> int:
        connection = transaction.connection
        refuse_stopped(connection, campaign)
        busy = select(imports.c.id).where(imports.c.campaign == campaign, imports.c.state != TAKEN)
        if connection.scalar(busy) is not None:
            raise LocalProtocolError(
                f"another list is on its way into {campaign!r}; wait until it is in, or five minutes"
            )
        mine: int = (connection.scalar(select(func.max(imports.c.id))) or 0) + 1
        now = self._clock.now()
        values = {"id": mine, "campaign": campaign, "state": STAGING, "owner": self._owner}
        connection.execute(insert(imports).values(**values, made_at=now, touched_at=now))
        return mine

    def _stage(self, transaction: Transaction, *, mine: int, campaign: str, rows: Sequence[NewContact]) -> Overlap:
        connection = transaction.connection
        found = overlap_of(connection, campaign, rows)
        here = frozenset(found.here)
        left = [row for row in rows if row.line not in here] if here else rows
        fresh: list[tuple[str | int | float, ...]] = [
            (mine, row.line, row.number, " ".join(row.others), row.name, fields)
            for row, fields in zip(left, json_objects([row.fields for row in left]), strict=True)
        ]
        _mark(connection, mine, touched_at=self._clock.now(), rows=imports.c.rows + len(fresh))
        insert_rows(connection, staged, ("import", "line", "number", "others", "name", "fields"), fresh)
        return found

    def _prepare_for_many(self, transaction: Transaction) -> None:
        if self._database.is_sqlite:
            transaction.connection.exec_driver_sql(_CACHE)
            transaction.connection.exec_driver_sql(_CHECKPOINT)

    def _decide(self, transaction: Transaction, *, mine: int, campaign: str) -> None:
        connection, now = transaction.connection, self._clock.now()
        refuse_stopped(connection, campaign)
        if connection.scalar(select(campaigns.c.name).where(campaigns.c.name == campaign)) is None:
            connection.execute(insert(campaigns).values(name=campaign, created_at=now))
        _mark(connection, mine, touched_at=now, state=TAKING)

    async def _pour(self, mine: int, campaign: str, count: int, moved: Callable[[int, int], None]) -> None:
        loop = asyncio.get_running_loop()
        turns = Turns(PIECE, PIECE_MOST)
        done = facts = 0
        while True:
            began = loop.time()
            work = partial(self._pour_piece, mine=mine, campaign=campaign, most=turns.rows)
            step, written = await self._log.write(work, durable=False)
            if not step:
                return
            done += step
            moved(min(done, count), count)
            rest = turns.after(step, loop.time() - began, others=written != facts)
            facts = written
            await asyncio.sleep(rest)

    def _pour_piece(self, transaction: Transaction, *, mine: int, campaign: str, most: int) -> tuple[int, int]:
        """How many rows went in, 0 at the end; and the last fact that anybody has written."""
        connection, now = transaction.connection, self._clock.now()
        mark = update(imports).where(imports.c.id == mine)
        lines = select(staged.c.line).where(staged.c["import"] == mine).order_by(staged.c.line).limit(most).subquery()
        wanted = select(func.count(), func.min(lines.c.line), func.max(lines.c.line))
        count, first_line, last_line = connection.execute(wanted).one()
        if not count:
            connection.execute(mark.values(state=TAKEN, touched_at=now))
            return 0, 0
        first = pour(connection, mine, campaign, Lines(first_line, last_line), now)
        connection.execute(mark.where(imports.c["first"] == 0).values(first=first))
        connection.execute(mark.values(touched_at=now))
        return int(count), connection.scalar(_LAST_FACT) or 0

    async def _drop(self, mine: int) -> None:
        more = True
        while more:
            more = await self._log.write(partial(self._drop_piece, mine=mine), durable=False)

    def _drop_piece(self, transaction: Transaction, *, mine: int) -> bool:
        connection = transaction.connection
        this = staged.c["import"] == mine
        last = connection.scalar(select(staged.c.line).where(this).order_by(staged.c.line).offset(PIECE_MOST).limit(1))
        connection.execute(delete(staged).where(this, *([staged.c.line < last] if last is not None else [])))
        if last is None:
            connection.execute(delete(imports).where(imports.c.id == mine))
        return last is not None


def _mark(connection: Connection, mine: int, **values: object) -> None:
    """Change a list that is being staged; ``Unavailable`` where it is not there any more."""
    mark = update(imports).where(imports.c.id == mine, imports.c.state == STAGING)
    if not connection.execute(mark.values(values)).rowcount:
        raise Unavailable("the list stood still for so long that it was swept away; begin again")


def overlap_of(connection: Connection, campaign: str, rows: Sequence[NewContact]) -> Overlap:
    """Whom of ``rows`` the house has already."""
    line_of = {row.number: row.line for row in rows if not row.others}
    line_of |= {mark: row.line for row in rows if row.others for mark in identifying((row.number, *row.others))}
    same = contacts.c.campaign == campaign, among(connection, contacts.c.number, [row.number for row in rows])
    there = set(connection.execute(select(contacts.c.number).where(*same)).scalars())
    here = {row.line for row in rows if row.number in there} if there else set()
    elsewhere: dict[int, set[str]] = {}
    theirs = (
        select(person_numbers.c.number, contacts.c.campaign)
        .join(contacts, contacts.c.person == person_numbers.c.person)
        .where(among(connection, person_numbers.c.number, line_of))
    )
    for number, other in connection.execute(theirs):
        if other == campaign:
            here.add(line_of[number])
        else:
            elsewhere.setdefault(line_of[number], set()).add(other)
    left = {line: frozenset(others) for line, others in elsewhere.items() if line not in here}
    return Overlap(tuple(sorted(here)), left)


def _next(
    batches: Iterator[Sequence[NewContact]], known: set[str], duplicates: list[int]
) -> Sequence[NewContact] | None:
    """The next batch without those who were on the list before; None at its end. Not in the event loop's thread."""
    batch = next(batches, None)
    return None if batch is None else _first_of_each(batch, known, duplicates)


def _first_of_each(batch: Sequence[NewContact], known: set[str], duplicates: list[int]) -> list[NewContact]:
    """Those of ``batch`` that are not ``known`` yet by a number of their own; they are then."""
    fresh = []
    for row in batch:
        if not row.others and row.number not in known:
            known.add(row.number)
            fresh.append(row)
            continue
        marks = identifying((row.number, *row.others))
        if row.number in known or not known.isdisjoint(marks):
            duplicates.append(row.line)
            continue
        known.add(row.number)
        known.update(marks)
        fresh.append(row)
    return fresh
