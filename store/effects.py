"""What became of a campaign's people, by whether they were held out; see ``reports.effect``."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import case, exists, func, select

from campaigns.holdout import HELD_OUT
from reports.effect import Effect, compared
from store.database import Database
from store.schema import contacts
from store.schema_records import sales, service_visits
from store.schema_selections import holdouts
from store.what_followed import BOUGHT, CAME


class Effects:
    """Asks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, *, days: int, day_of: Callable[[float], date]) -> Effect | None:
        """Of the ``days`` after the share was settled; None where nobody of ``campaign`` is held out. ``day_of`` tells
        the day of an epoch second where the house is.
        """
        async with self._database.reading() as connection:
            settled: float | None = await connection.scalar(
                select(holdouts.c.at).where(holdouts.c.campaign == campaign)
            )
            if settled is None:
                return None
            first = day_of(settled) + timedelta(1)
            span = first.isoformat(), (first + timedelta(days - 1)).isoformat()
            came = exists().where(CAME, service_visits.c.day.between(*span))
            bought = exists().where(BOUGHT, sales.c.day.between(*span))
            held = case((contacts.c.result == HELD_OUT, 1), else_=0)
            person = (
                select(
                    held.label("held"),
                    case((came, 1), else_=0).label("came"),
                    case((bought, 1), else_=0).label("bought"),
                )
                .where(contacts.c.campaign == campaign)
                .subquery()
            )
            counted = select(
                person.c.held, func.count().label("people"), func.sum(person.c.came), func.sum(person.c.bought)
            ).group_by(person.c.held)
            groups = {row[0]: (row[1], row[2], row[3]) for row in await connection.execute(counted)}
        called, kept = (groups.get(held, (0, 0, 0)) for held in (0, 1))
        return Effect(
            *span,
            compared((called[1], called[0]), (kept[1], kept[0])),
            compared((called[2], called[0]), (kept[2], kept[0])),
        )
