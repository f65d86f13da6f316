"""Small values that the program keeps for itself, by key."""

from sqlalchemy import insert, select, update

from store.database import Database
from store.log import EventLog
from store.schema import settings
from store.writer import Transaction


class Settings:
    """Text by key."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def get(self, key: str) -> str | None:
        """The value of ``key``, None where there is none."""
        async with self._database.reading() as connection:
            value: str | None = await connection.scalar(select(settings.c.value).where(settings.c.key == key))
        return value

    async def put(self, key: str, value: str, *, durable: bool = True) -> None:
        """Keep ``value``; ``durable`` False: what may be lost when the machine (not the program) dies."""

        def work(transaction: Transaction) -> None:
            changed = transaction.connection.execute(update(settings).where(settings.c.key == key).values(value=value))
            if changed.rowcount == 0:
                transaction.connection.execute(insert(settings).values(key=key, value=value))

        await self._log.write(work, durable=durable)
