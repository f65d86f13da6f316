"""How the lists of a campaign share its calls: told, and changed. What it means: ``campaigns.list_order``."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from campaigns.facts import ListShareChanged
from store.database import Database
from store.lists import PROMISED, SENT
from store.log import EventLog
from store.schema_people import imports
from store.writer import Transaction

FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class ListShare:
    """A list that was taken into a campaign ``made_at`` (epoch seconds), with ``rows`` contacts. It has ``weight`` of
    the calls, until ``quota`` (0: no limit) of its contacts are ``completed``. ``kind``: file (or selection), sent (row
    by row, by programs) or promised (callers who were promised a call).
    """

    list: int
    made_at: float
    rows: int
    weight: int
    quota: int
    completed: int
    kind: str = FILE


class ListShares:
    """Reads and changes them."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def of(self, campaign: str) -> tuple[ListShare, ...]:
        """The lists of a campaign, the oldest first."""
        wanted = select(imports).where(imports.c.campaign == campaign, imports.c["first"] > 0).order_by(imports.c.id)
        async with self._database.reading() as connection:
            return tuple(
                ListShare(row.id, row.made_at, row.rows, row.weight, row.quota, row.completed, _kind(row.owner))
                for row in await connection.execute(wanted)
            )

    async def change(self, changed: ListShareChanged) -> bool:
        """From the next contact on it holds; False where the campaign has no such list."""

        def work(transaction: Transaction) -> bool:
            wanted = select(imports.c.id).where(
                imports.c.id == changed.list, imports.c.campaign == changed.campaign, imports.c["first"] > 0
            )
            if transaction.connection.scalar(wanted) is None:
                return False
            transaction.say("", changed)
            return True

        return await self._log.write(work)


def _kind(owner: str) -> str:
    return owner if owner in (SENT, PROMISED) else FILE
