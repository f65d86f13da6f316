"""Promises to call contacts of campaigns: put down, and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from campaigns.facts import ContactPromised
from store.bulk import pieces
from store.log import EventLog
from store.schema import contacts
from store.schema_promises import promises
from store.writer import Transaction


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


class Promises:
    """Writes promises."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def promise(self, promised: ContactPromised) -> bool:
        """Put it on record: the contact waits until then, whatever became of him; False where the campaign has none of
        that id.
        """

        def work(transaction: Transaction) -> bool:
            wanted = select(contacts.c.id).where(
                contacts.c.id == promised.contact, contacts.c.campaign == promised.campaign
            )
            if transaction.connection.scalar(wanted) is None:
                return False
            transaction.say("", promised)
            return True

        return await self._log.write(work)


def promised_to(connection: Connection, ids: Sequence[int]) -> Mapping[int, Promised]:
    """The promises that are open, by contact."""
    found: dict[int, Promised] = {}
    for piece in pieces(ids):
        wanted = select(promises).where(promises.c.contact.in_(piece), promises.c.open).order_by(promises.c.seq)
        for row in connection.execute(wanted):
            found[row.contact] = Promised(row.call_at, row.agent, row.by, row.note, row.made_at)
    return found
