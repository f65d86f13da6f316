"""People whom a campaign with agents has reached: what its cap on abandoned calls is kept against after a restart."""

from typing import Final

from sqlalchemy import bindparam, select

from campaigns.attempt import Result
from store.database import Database
from store.schema import attempts

MOST: Final = 5000
"""So many people are looked back on at most: stretches of as many calls as that."""
_REACHED: Final = (
    select(attempts.c.result)
    .where(attempts.c.campaign == bindparam("of"), attempts.c.ended_at >= bindparam("since"))
    .where(attempts.c.result.in_((Result.TALKED.value, Result.ABANDONED.value)))
    .order_by(attempts.c.ended_at.desc())
    .limit(MOST)
)


class ReachedPeople:
    """Reads attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, *, since: float) -> tuple[bool, ...]:
        """Of each person who was given an agent or abandoned after ``since`` (epoch seconds) whether he was abandoned,
        the first one first.
        """
        async with self._database.reading() as connection:
            found = (await connection.execute(_REACHED, {"of": campaign, "since": since})).scalars().all()
        return tuple(result == Result.ABANDONED.value for result in reversed(found))
