"""From a figure of a campaign to the calls that were counted in it, or the contacts."""

from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select

from campaigns.contact_filter import AttemptCell, ContactFilter
from reports.campaign_live import HOUR_S, LONGEST_S
from reports.campaigns import DECLINED, MONTH_S, PEOPLE, SLOT_S
from store.campaign_reports import SECOND
from store.contact_states import DONE
from store.dialled import DIALLED, STANDS
from store.local_time import in_hour, in_week_hour
from store.penetration import listed_in, of_round
from store.reached import WENT_WELL
from store.rounds import ALL, MANY, round_at, round_now
from store.schema import attempts, calls, contacts
from store.schema_people import person_numbers
from store.stages import people_at

_NTH: Final = (
    func.row_number()
    .over(
        partition_by=(attempts.c.contact, round_at(attempts.c.contact, attempts.c.started_at, MANY)),
        order_by=(attempts.c.started_at, attempts.c.id),
    )
    .label("nth")
)
"""Costly: all are numbered before any of them can be left out."""


def calls_behind(cell: AttemptCell) -> Select[str]:
    """Ids of the calls that were counted in ``cell``."""
    one = (
        select(
            attempts.c.call_id,
            attempts.c.result,
            attempts.c.started_at,
            attempts.c.ended_at,
            SECOND.label("second"),
            WENT_WELL.label("well"),
            calls.c.answered_at.is_not(None).label("connected"),
            *((_NTH,) if cell.nth else ()),
        )
        .outerjoin(calls, calls.c.id == attempts.c.call_id)
        .where(attempts.c.campaign == cell.campaign, DIALLED, *of_round(cell.round, MANY))
        .subquery()
        .c
    )
    over = one.ended_at.is_not(None)
    now = and_(one.ended_at.is_(None), one.started_at >= cell.now - LONGEST_S)
    found: list[ColumnElement[bool]] = [
        {
            "dialled": or_(over, now),
            "answered": and_(or_(over, now), one.connected),
            "attempts": over,
            "connected": and_(over, one.connected),
            "reached": or_(one.result.in_(sorted(PEOPLE)), and_(one.result == DECLINED, one.connected)),
            "went_well": one.well,
            "abandoned": one.result == "abandoned",
            "abandoned_30": and_(one.result == "abandoned", one.second // SLOT_S * SLOT_S > cell.now - MONTH_S),
            "ringing": and_(now, not_(one.connected)),
            "talking": and_(now, one.connected),
            "lately": one.started_at >= cell.now - HOUR_S,
        }[cell.figure]
    ]
    if cell.result:
        found.append(one.result == cell.result)
    if cell.nth:
        found.append(one.nth == cell.nth)
    if cell.hour is not None:
        found.append(in_hour(one.second, cell.hour, ZoneInfo(cell.zone)))
    if cell.week_hour is not None:
        found.append(in_week_hour(one.second, cell.week_hour, ZoneInfo(cell.zone)))
    return select(one.call_id).where(*found)


def contacts_behind(which: ContactFilter) -> list[ColumnElement[bool]]:
    """What a contact of campaign ``of`` must be to fit."""
    found: list[ColumnElement[bool]] = []
    now = round_now(contacts.c.id, MANY)
    if which.round != ALL:
        found.append(now >= which.round)
    if which.state:
        stands = STANDS if which.round == ALL else case((now > which.round, DONE), else_=STANDS)
        found.append(stands.in_([which.state]))
    if which.listed:
        found.append(listed_in(which.round, MANY))
    if which.tried:
        called = exists().where(attempts.c.contact == contacts.c.id, DIALLED, *of_round(which.round, MANY))
        found.append(called.correlate(contacts))
    if which.stage is not None:
        found.append(people_at(which.stage, which.round))
    if which.result:
        last = (
            select(attempts.c.result)
            .where(attempts.c.contact == contacts.c.id, attempts.c.ended_at.is_not(None), DIALLED)
            .order_by(attempts.c.started_at.desc(), attempts.c.id.desc())
            .limit(1)
            .correlate(contacts)
            .scalar_subquery()
        )
        found.append(or_(contacts.c.result == which.result, and_(contacts.c.state != DONE, last == which.result)))
    if which.text:
        his = person_numbers.c.number.contains(which.text, autoescape=True)
        named = contacts.c.name.contains(which.text, autoescape=True)
        listed = contacts.c.number.contains(which.text, autoescape=True)
        found.append(or_(named, listed, exists().where(person_numbers.c.person == contacts.c.person, his)))
    return found
