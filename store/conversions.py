"""What became of those whom a campaign called, read from its attempts and the records of the house; counted by
``reports.conversion``.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.interest import Interest
from reports.campaigns import DECLINED, PEOPLE
from reports.conversion import Conversion, Followed, ReachedPerson, conversion
from store.database import Database
from store.penetration import SENT, listed_in, of_round
from store.reached import WENT_WELL
from store.rounds import ALL, rounds_of
from store.schema import attempts, calls, contacts
from store.schema_interests import interests
from store.schema_records import ownerships, sales, service_visits
from store.schema_settlements import settlements
from store.what_followed import BOUGHT, CAME, HIS

_OF: Final[BindParameter[str]] = bindparam("of")
_SINCE: Final[BindParameter[str]] = bindparam("since")
_by_a_person: Final = or_(
    attempts.c.result.in_(sorted(PEOPLE)), and_(attempts.c.result == DECLINED, calls.c.answered_at.is_not(None))
)


def _listed(chosen: int, rounds: int) -> ColumnElement[bool]:
    return and_(contacts.c.campaign == _OF, listed_in(chosen, rounds))


def dialled(chosen: int, rounds: int) -> Select[int]:
    """Contacts of the list of campaign ``of`` who were called in the round ``chosen``, each once."""
    return (
        select(attempts.c.contact)
        .join(contacts, contacts.c.id == attempts.c.contact)
        .where(_listed(chosen, rounds), SENT, *of_round(chosen, rounds))
        .distinct()
    )


def reached(chosen: int, rounds: int) -> Select[int, float, int]:
    """Of them those with whom a person answered: when first (``at``, epoch seconds), and whether he went through with
    it (``well``, 1 or 0).
    """
    return (
        select(
            attempts.c.contact,
            func.min(attempts.c.started_at).label("at"),
            func.max(case((WENT_WELL, 1), else_=0)).label("well"),
        )
        .join(contacts, contacts.c.id == attempts.c.contact)
        .outerjoin(calls, calls.c.id == attempts.c.call_id)
        .where(_listed(chosen, rounds), attempts.c.campaign == _OF, _by_a_person, *of_round(chosen, rounds))
        .group_by(attempts.c.contact)
    )


def agreed(chosen: int, rounds: int) -> tuple[Select[int], Select[int]]:
    """Contacts of whom a disposition says so, and who would replace their car soon."""
    said = select(settlements.c.contact).where(
        settlements.c.campaign == _OF, settlements.c.stands, settlements.c.agreed
    )
    if chosen != ALL:
        said = said.join(attempts, attempts.c.id == settlements.c.attempt).where(*of_round(chosen, rounds))
    interested = (
        select(attempts.c.contact)
        .join(interests, interests.c.call_id == attempts.c.call_id)
        .where(attempts.c.campaign == _OF, interests.c.stands, interests.c.level.in_((Interest.HOT, Interest.WARM)))
        .where(*of_round(chosen, rounds))
    )
    return said, interested


_called: Final = select(attempts.c.contact).where(attempts.c.campaign == _OF)
VISITS: Final = (
    select(contacts.c.id, service_visits.c.day)
    .select_from(contacts, HIS, ownerships, service_visits)
    .where(CAME, contacts.c.campaign == _OF, contacts.c.id.in_(_called))
    .distinct()
)
"""On which days contacts of campaign ``of`` who were called came, before or after."""
SALES: Final = (
    select(contacts.c.id, sales.c.day)
    .select_from(contacts, HIS, sales)
    .where(BOUGHT, contacts.c.campaign == _OF, contacts.c.id.in_(_called))
    .distinct()
)
"""On which days they bought."""
_VISITS_SINCE: Final = VISITS.where(service_visits.c.day > _SINCE)
_SALES_SINCE: Final = SALES.where(sales.c.day > _SINCE)


class Conversions:
    """Asks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, campaign: str, *, days: int, now: float, day_of: Callable[[float], date], chosen: int = ALL
    ) -> Conversion:
        """Visits and sales within ``days`` after each person was reached, at all or in the round ``chosen``. ``day_of``
        tells the day of an epoch second where the house is.
        """
        mine = {"of": campaign}
        async with self._database.reading() as connection:
            which = chosen, await rounds_of(connection, campaign)
            listed: int = await connection.scalar(select(func.count()).where(_listed(*which)), mine) or 0
            called = select(func.count()).select_from(dialled(*which).subquery())
            tried: int = await connection.scalar(called, mine) or 0
            people = [
                ReachedPerson(row.contact, day_of(row.at), bool(row.well))
                for row in await connection.execute(reached(*which), mine)
            ]
            would = {
                contact for asked in agreed(*which) for contact in (await connection.execute(asked, mine)).scalars()
            }
            since = {**mine, "since": min((it.day for it in people), default=date.max).isoformat()}
            visits = await _days(connection, _VISITS_SINCE, since)
            bought = await _days(connection, _SALES_SINCE, since)
        return conversion(Followed(listed, tried, people, frozenset(would), visits, bought), days, day_of(now))


async def _days(connection: AsyncConnection, asked: Select[int, str], given: dict[str, str]) -> dict[int, list[date]]:
    """On which days something happened, by contact; days that are none are left out."""
    found: dict[int, list[date]] = {}
    for contact, text in await connection.execute(asked, given):
        found.setdefault(contact, []).append(date.fromisoformat(text))
    return found
