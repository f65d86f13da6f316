"""Long lists of consents on their way on record: all of a list's rows or none, over kill -9 too.

In the steps of ``store.lists``: rows are put aside piece by piece, one small transaction decides, and then they go on
record piece by piece, each a fact and a line of the ledger. Whether a consent is there already is asked when it is put
aside and, as another may have come meanwhile, again when it goes on record.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from campaigns.ports import unheard
from campaigns.rule_facts import ConsentGiven
from core.clock import Clock
from core.errors import Unavailable
from store.alive import is_dead, myself
from store.bulk import insert_rows
from store.consents import NotTaken, not_taken, say_consents
from store.database import Database
from store.lists import STAGING, TAKING
from store.log import EventLog
from store.schema_rules import consent_lists, staged_consents
from store.turns import Turns
from store.writer import Transaction

PIECE: Final = 200
PIECE_MOST: Final = 2000
"""Rows that go on record in one transaction, at least and at most; between them ``store.turns`` decides."""
_DROPPED: Final = 20_000
_COLUMNS: Final = ("list", "line", "number", "purpose", "how", "evidence", "given_at")


class ListedConsent(NamedTuple):
    """A row of a list that passed its reader."""

    line: int
    consent: ConsentGiven


class ConsentLists:
    """Takes them in."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def take(
        self,
        batches: Iterable[Sequence[ListedConsent]],
        by: str,
        moved: Callable[[int, int], None] = unheard,
    ) -> Mapping[int, NotTaken]:
        """Put all batches on record but for the lines that are returned: all, or none if anything raises or the
        process dies. ``batches`` is read in another thread as it goes; account ``by`` asks. ``moved`` is told how many
        rows of how many are on record.
        """
        await self.finish()
        mine = await self._log.write(partial(self._begin, by=by))
        left: dict[int, NotTaken] = {}
        count = 0
        try:
            reader = iter(batches)
            while (batch := await asyncio.to_thread(next, reader, None)) is not None:
                found = await self._log.write(partial(self._stage, mine=mine, rows=batch), durable=False)
                left |= found
                count += len(batch) - len(found)
        except BaseException:
            await self._drop(mine)
            raise
        await self._log.write(partial(self._mark, mine=mine, state=TAKING))
        return left | await self._pour(mine, by, count, moved)

    async def finish(self) -> int:
        """Sweep away what the dead have put aside, and put on record what they had decided; how many lists."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(consent_lists).order_by(consent_lists.c.id))).all()
        dead = [row for row in rows if is_dead(row.owner, row.touched_at, self._clock.now())]
        for row in dead:
            if row.state == TAKING:
                await self._pour(row.id, row.by, row.rows, unheard)
            else:
                await self._drop(row.id)
        return len(dead)

    def _begin(self, transaction: Transaction, *, by: str) -> int:
        connection, now = transaction.connection, self._clock.now()
        mine: int = (connection.scalar(select(func.max(consent_lists.c.id))) or 0) + 1
        values = {"id": mine, "state": STAGING, "owner": myself(), "by": by, "made_at": now, "touched_at": now}
        connection.execute(insert(consent_lists).values(**values))
        return mine

    def _stage(self, transaction: Transaction, *, mine: int, rows: Sequence[ListedConsent]) -> dict[int, NotTaken]:
        connection = transaction.connection
        left = {rows[at].line: why for at, why in not_taken(connection, [row.consent for row in rows])[0].items()}
        fresh: list[tuple[str | int | float, ...]] = [
            (mine, line, it.number, it.purpose, it.how, it.evidence, it.given_at)
            for line, it in rows
            if line not in left
        ]
        self._mark(transaction, mine=mine, rows=consent_lists.c.rows + len(fresh))
        insert_rows(connection, staged_consents, _COLUMNS, fresh)
        return left

    def _mark(self, transaction: Transaction, *, mine: int, **values: object) -> None:
        """Change a list that is put aside; ``Unavailable`` where it is not there any more."""
        mark = update(consent_lists).where(consent_lists.c.id == mine, consent_lists.c.state == STAGING)
        if not transaction.connection.execute(mark.values(values | {"touched_at": self._clock.now()})).rowcount:
            raise Unavailable("the list stood still for so long that it was swept away; begin again")

    async def _pour(self, mine: int, by: str, count: int, moved: Callable[[int, int], None]) -> dict[int, NotTaken]:
        loop = asyncio.get_running_loop()
        turns = Turns(PIECE, PIECE_MOST)
        done = 0
        left: dict[int, NotTaken] = {}
        while True:
            began = loop.time()
            work = partial(self._pour_piece, mine=mine, by=by, most=turns.rows)
            step, found = await self._log.write(work, durable=False)
            if not step:
                return left
            left |= found
            done += step
            moved(min(done, count), count)
            await asyncio.sleep(turns.after(step, loop.time() - began, others=True))

    def _pour_piece(
        self, transaction: Transaction, *, mine: int, by: str, most: int
    ) -> tuple[int, Mapping[int, NotTaken]]:
        """How many rows were looked at, 0 at the end, and those that did not go on record after all."""
        connection = transaction.connection
        table, its = staged_consents.c, staged_consents.c.list == mine
        found = connection.execute(select(staged_consents).where(its).order_by(table.line).limit(most)).all()
        if not found:
            connection.execute(delete(consent_lists).where(consent_lists.c.id == mine))
            return 0, {}
        given = [ConsentGiven(row.number, row.purpose, row.how, row.evidence, row.given_at, by) for row in found]
        left = say_consents(transaction, given)
        connection.execute(delete(staged_consents).where(its, table.line <= found[-1].line))
        mark = update(consent_lists).where(consent_lists.c.id == mine)
        connection.execute(mark.values(touched_at=self._clock.now()))
        return len(found), {found[at].line: why for at, why in left.items()}

    async def _drop(self, mine: int) -> None:
        while await self._log.write(partial(_drop_piece, mine=mine), durable=False):
            pass


def _drop_piece(transaction: Transaction, *, mine: int) -> bool:
    """Whether there is more."""
    connection = transaction.connection
    table, its = staged_consents.c, staged_consents.c.list == mine
    last = connection.scalar(select(table.line).where(its).order_by(table.line).offset(_DROPPED).limit(1))
    connection.execute(delete(staged_consents).where(its, *([table.line < last] if last is not None else [])))
    if last is None:
        connection.execute(delete(consent_lists).where(consent_lists.c.id == mine))
    return last is not None
