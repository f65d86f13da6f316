"""What became of those whom a campaign called, read from its attempts and the records of the house; counted by
``reports.conversion``.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.attempt import Result
from campaigns.holdout import UNCALLED
from desk.interest import Interest
from reports.campaigns import DECLINED, PEOPLE, WELL
from reports.conversion import Conversion, Followed, ReachedPerson, conversion
from store.database import Database
from store.schema import attempts, calls, contacts
from store.schema_interests import interests
from store.schema_records import ownerships, sales, service_visits
from store.schema_settlements import settlements
from store.what_followed import BOUGHT, CAME, HIS

_OF: Final[BindParameter[str]] = bindparam("of")
_SINCE: Final[BindParameter[str]] = bindparam("since")
_LISTED: Final = and_(contacts.c.campaign == _OF, contacts.c.result.not_in(sorted(UNCALLED)))
_CONTACTS: Final = select(func.count()).select_from(contacts).where(_LISTED)
_DIALLED: Final = (
    select(func.count(attempts.c.contact.distinct()))
    .join(contacts, contacts.c.id == attempts.c.contact)
    .where(_LISTED, attempts.c.campaign == _OF, attempts.c.result != Result.WITHDRAWN.value)
)
_by_a_person: Final = or_(
    attempts.c.result.in_(sorted(PEOPLE)), and_(attempts.c.result == DECLINED, calls.c.answered_at.is_not(None))
)
_REACHED: Final = (
    select(
        attempts.c.contact,
        func.min(attempts.c.started_at).label("at"),
        func.max(case((attempts.c.result.in_(sorted(WELL)), 1), else_=0)).label("well"),
    )
    .join(contacts, contacts.c.id == attempts.c.contact)
    .outerjoin(calls, calls.c.id == attempts.c.call_id)
    .where(_LISTED, attempts.c.campaign == _OF, _by_a_person)
    .group_by(attempts.c.contact)
)
_AGREED: Final = select(settlements.c.contact).where(
    settlements.c.campaign == _OF, settlements.c.stands, settlements.c.agreed
)
_INTERESTED: Final = (
    select(attempts.c.contact)
    .join(interests, interests.c.call_id == attempts.c.call_id)
    .where(attempts.c.campaign == _OF, interests.c.stands, interests.c.level.in_((Interest.HOT, Interest.WARM)))
)
_called: Final = select(attempts.c.contact).where(attempts.c.campaign == _OF)
_VISITS: Final = (
    select(contacts.c.id, service_visits.c.day)
    .select_from(contacts, HIS, ownerships, service_visits)
    .where(CAME, contacts.c.campaign == _OF, contacts.c.id.in_(_called), service_visits.c.day > _SINCE)
    .distinct()
)
_SALES: Final = (
    select(contacts.c.id, sales.c.day)
    .select_from(contacts, HIS, sales)
    .where(BOUGHT, contacts.c.campaign == _OF, contacts.c.id.in_(_called), sales.c.day > _SINCE)
    .distinct()
)


class Conversions:
    """Asks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, *, days: int, now: float, day_of: Callable[[float], date]) -> Conversion:
        """Visits and sales within ``days`` after each person was reached. ``day_of`` tells the day of an epoch second
        where the house is.
        """
        mine = {"of": campaign}
        async with self._database.reading() as connection:
            listed: int = await connection.scalar(_CONTACTS, mine) or 0
            dialled: int = await connection.scalar(_DIALLED, mine) or 0
            reached = [
                ReachedPerson(row.contact, day_of(row.at), bool(row.well))
                for row in await connection.execute(_REACHED, mine)
            ]
            agreed = {
                contact
                for asked in (_AGREED, _INTERESTED)
                for contact in (await connection.execute(asked, mine)).scalars()
            }
            since = {**mine, "since": min((it.day for it in reached), default=date.max).isoformat()}
            visits, bought = await _days(connection, _VISITS, since), await _days(connection, _SALES, since)
        return conversion(Followed(listed, dialled, reached, frozenset(agreed), visits, bought), days, day_of(now))


async def _days(connection: AsyncConnection, asked: Select[int, str], given: dict[str, str]) -> dict[int, list[date]]:
    """On which days something happened, by contact; days that are none are left out."""
    found: dict[int, list[date]] = {}
    for contact, text in await connection.execute(asked, given):
        found.setdefault(contact, []).append(date.fromisoformat(text))
    return found
