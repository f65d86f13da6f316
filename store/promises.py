"""Promises to call contacts of campaigns: put down, and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from campaigns.facts import ContactPromised
from campaigns.promised import PromisedCall
from core.clock import Clock
from store.bulk import pieces
from store.database import Database
from store.log import EventLog
from store.promising import Way, foreseen
from store.schema import attempts, contacts, talks
from store.schema_promises import promises
from store.standings import numbers_of_person
from store.writer import Transaction

USUAL_WAY: Final = Way()
_HIM: Final = (
    select(contacts.c.id)
    .where(contacts.c.campaign == bindparam("of"), contacts.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(contacts.c.id)
    .limit(1)
)
_TALKED: Final = (
    select(talks.c.agent)
    .join(attempts, attempts.c.call_id == talks.c.call_id)
    .where(attempts.c.campaign == bindparam("of"), attempts.c.contact == bindparam("contact"))
    .order_by(talks.c.started_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Promised:
    """A contact was promised ``made_at`` to be called ``call_at`` by ``agent`` ("": by whoever is free); ``by`` put it
    down. Epoch seconds.
    """

    call_at: float
    agent: str
    by: str
    note: str
    made_at: float


@dataclass(frozen=True, slots=True)
class Known:
    """A contact of a campaign, and the ``agent`` who has talked with him last for it ("": none)."""

    contact: int
    agent: str


class Promises:
    """Writes promises."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def known(self, campaign: str, number: str) -> Known | None:
        """Whom of ``campaign`` somebody with ``number`` is; None where it has none of his numbers."""

        def read(connection: Connection) -> Known | None:
            his = numbers_of_person(connection, number)
            contact = connection.scalar(_HIM, {"of": campaign, "numbers": list(his)})
            if contact is None:
                return None
            return Known(contact, connection.scalar(_TALKED, {"of": campaign, "contact": contact}) or "")

        async with self._database.reading() as connection:
            return await connection.run_sync(read)

    async def promise(self, promised: ContactPromised, way: Way = USUAL_WAY) -> PromisedCall | None:
        """Put it on record: the contact waits until then, whatever became of him; when he is called for it. None where
        the campaign has none of that id, ``LocalProtocolError`` with the reason where he could never be called
        (``way``: how it calls).
        """

        def work(transaction: Transaction) -> PromisedCall | None:
            call = foreseen(transaction.connection, promised, way, self._clock.now())
            if call is not None:
                transaction.say("", promised)
            return call

        return await self._log.write(work)

    async def foresee(self, promised: ContactPromised, way: Way) -> PromisedCall | None:
        """What ``promise`` would answer; nothing is put on record."""
        async with self._database.reading() as connection:
            return await connection.run_sync(foreseen, promised, way, self._clock.now())


def promised_to(connection: Connection, ids: Sequence[int]) -> Mapping[int, Promised]:
    """The promises that are open, by contact."""
    found: dict[int, Promised] = {}
    for piece in pieces(ids):
        wanted = select(promises).where(promises.c.contact.in_(piece), promises.c.open).order_by(promises.c.seq)
        for row in connection.execute(wanted):
            found[row.contact] = Promised(row.call_at, row.agent, row.by, row.note, row.made_at)
    return found
