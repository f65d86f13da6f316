"""Dial lists on disk: filled in one piece, emptied contact by contact. Implements ``campaigns.ports.ContactStore``."""

import asyncio
import json
from collections.abc import Iterable, Sequence

from sqlalchemy import func, insert, select

from campaigns.ports import Added, Contact, Counts, NewContact, NotYet
from campaigns.rules.values import USUAL, Terms
from core.clock import Clock
from store.claims import Claims
from store.contact_states import DIALLING, DONE, PENDING
from store.database import Database
from store.log import EventLog
from store.reading import PIECE
from store.schema import campaigns, contacts
from store.writer import Transaction


class Contacts:
    """Contacts by campaign."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._claims = Claims(log, clock)

    async def add(self, campaign: str, batches: Iterable[Sequence[NewContact]]) -> Added:
        """See ``campaigns.ports.ContactStore``.

        The list is read to its end, in a thread, before the transaction begins: what ``batches`` raises comes out with
        nothing written, and a slow file never holds up the log.
        """
        rows: list[NewContact] = []
        reader = iter(batches)
        while (batch := await asyncio.to_thread(next, reader, None)) is not None:
            rows += batch

        def work(transaction: Transaction) -> Added:
            return self._insert(transaction, campaign, rows)

        return await self._log.write(work)

    async def claim(
        self, campaign: str, *, attempt: str, call_id: str, terms: Terms = USUAL
    ) -> Contact | NotYet | None:
        """See ``campaigns.ports.ContactStore``."""
        return await self._claims.claim(campaign, attempt=attempt, call_id=call_id, terms=terms)

    async def look_again(self, campaign: str) -> None:
        """See ``campaigns.ports.ContactStore``."""
        await self._claims.look_again(campaign)

    async def counts(self, campaign: str) -> Counts:
        """See ``campaigns.ports.ContactStore``."""
        statement = (
            select(contacts.c.state, func.count()).where(contacts.c.campaign == campaign).group_by(contacts.c.state)
        )
        async with self._database.reading() as connection:
            by_state: dict[str, int] = {row[0]: row[1] for row in await connection.execute(statement)}
        return Counts(by_state.get(PENDING, 0), by_state.get(DIALLING, 0), by_state.get(DONE, 0))

    async def running(self) -> tuple[str, ...]:
        """See ``campaigns.ports.ContactStore``."""
        statement = select(campaigns.c.name).where(campaigns.c.state == "running").order_by(campaigns.c.created_at)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(statement)).scalars())

    def _insert(self, transaction: Transaction, campaign: str, rows: Sequence[NewContact]) -> Added:
        connection = transaction.connection
        if connection.scalar(select(campaigns.c.name).where(campaigns.c.name == campaign)) is None:
            connection.execute(insert(campaigns).values(name=campaign, created_at=self._clock.now()))
        known = set((connection.execute(select(contacts.c.number).where(contacts.c.campaign == campaign))).scalars())
        duplicate_lines: list[int] = []
        accepted = 0
        for start in range(0, len(rows), PIECE):
            fresh = []
            for row in rows[start : start + PIECE]:
                if row.number in known:
                    duplicate_lines.append(row.line)
                    continue
                known.add(row.number)
                fields = json.dumps(dict(row.fields), ensure_ascii=False)
                fresh.append(
                    {"campaign": campaign, "number": row.number, "name": row.name, "fields": fields, "state": PENDING}
                )
            if fresh:
                connection.execute(insert(contacts), fresh)
            accepted += len(fresh)
        return Added(accepted, tuple(duplicate_lines))
