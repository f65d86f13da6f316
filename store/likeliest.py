"""Owners in the order of their chance to replace, as the cycle was fitted last: a page of them at a time."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, func, select

from store.database import Database
from store.records import OWNED, Driven, driven
from store.schema_records import ownerships, service_visits, vehicles
from store.schema_selections import outlooks

_WITHIN: Final = {3: outlooks.c.within_3, 6: outlooks.c.within_6, 12: outlooks.c.within_12}
_read: Final = service_visits.c
_DURING: Final = and_(_read.vehicle == ownerships.c.vehicle, _read.km.is_not(None), _read.day >= ownerships.c.since)


class Likeliest:
    """Reads outlooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, months: int, *, limit: int, offset: int = 0) -> tuple[Sequence[Driven], int]:
        """Those likeliest to replace within ``months`` (3, 6 or 12) first, and how many there are in all. Whoever has
        sold his car since is left out.
        """
        same = and_(*(outlooks.c[key] == ownerships.c[key] for key in ("vehicle", "number", "since")))
        figures = (func.min(_read.day), func.max(_read.day), func.min(_read.km), func.max(_read.km))
        names = ("first_day", "last_day", "km_first", "km_last")
        odometer = [
            select(figure).where(_DURING).correlate(ownerships).scalar_subquery().label(name)
            for name, figure in zip(names, figures, strict=True)
        ]
        living = OWNED.join(outlooks, same).where(ownerships.c.until == "")
        wanted = (
            living.add_columns(*odometer)
            .order_by(_WITHIN[months].desc(), ownerships.c.since, ownerships.c.vehicle, ownerships.c.number)
            .limit(limit)
            .offset(offset)
        )
        counted = (
            select(func.count())
            .select_from(ownerships.join(outlooks, same).join(vehicles, vehicles.c.key == ownerships.c.vehicle))
            .where(ownerships.c.until == "")
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
            total: int = await connection.scalar(counted) or 0
        return [driven(row) for row in rows], total
