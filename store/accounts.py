"""Who may sign in. The store keeps the hashes; making and checking them is the console's business."""

from sqlalchemy import Row, delete, func, insert, select, update

from core.clock import Clock
from store.database import Database
from store.log import EventLog
from store.rows import Account
from store.schema import accounts
from store.writer import Transaction


class Accounts:
    """Accounts by name."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def find(self, name: str) -> Account | None:
        """The account of that name."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(accounts).where(accounts.c.name == name))).one_or_none()
        return None if row is None else _account(row)

    async def list(self) -> tuple[Account, ...]:
        """All of them, by name."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(accounts).order_by(accounts.c.name))).all()
        return tuple(_account(row) for row in rows)

    async def count(self) -> int:
        """How many there are."""
        async with self._database.reading() as connection:
            number: int = (await connection.execute(select(func.count()).select_from(accounts))).scalar_one()
        return number

    async def put(self, account: Account) -> None:
        """Keep it, new or changed."""
        values = {
            "role": account.role,
            "hash": account.hash,
            "agent": account.agent,
            "must_change": account.must_change,
            "changed_at": self._clock.now(),
        }

        def work(transaction: Transaction) -> None:
            changed = transaction.connection.execute(
                update(accounts).where(accounts.c.name == account.name).values(values)
            )
            if changed.rowcount == 0:
                transaction.connection.execute(insert(accounts).values(name=account.name, **values))

        await self._log.write(work)

    async def remove(self, name: str) -> bool:
        """Take it away; False where there was none."""

        def work(transaction: Transaction) -> bool:
            gone = transaction.connection.execute(delete(accounts).where(accounts.c.name == name))
            return gone.rowcount > 0

        return await self._log.write(work)


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.name, row.role, row.hash, row.agent, row.must_change)
