"""People whom a campaign with agents has reached: what its cap on abandoned calls is kept against after a restart."""

from typing import Final

from sqlalchemy import and_, bindparam, exists, or_, select

from campaigns.attempt import Result
from reports.campaigns import PART, WELL
from store.database import Database
from store.schema import attempts, talks

MOST: Final = 5000
"""So many people are looked back on at most: stretches of as many calls as that."""
WITH_AGENT: Final = or_(
    attempts.c.result == Result.TALKED.value,
    and_(
        attempts.c.result.in_((Result.COMPLETED, Result.PARTIAL, Result.REFUSED, Result.POSTPONED)),
        exists().where(talks.c.call_id == attempts.c.call_id).correlate(attempts),
    ),
)
"""An agent talked with the person, whatever the form that he has filled in made of it."""
WENT_WELL: Final = or_(attempts.c.result.in_(sorted(WELL)), and_(attempts.c.result == PART, WITH_AGENT))
"""See ``reports.campaigns.WELL``."""
_REACHED: Final = (
    select(attempts.c.result)
    .where(attempts.c.campaign == bindparam("of"), attempts.c.ended_at >= bindparam("since"))
    .where(or_(attempts.c.result == Result.ABANDONED.value, WITH_AGENT))
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
