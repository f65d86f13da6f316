"""From a figure of a campaign to the calls that were counted in it, or the contacts."""

from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true

from campaigns.contact_filter import AttemptCell, ContactFilter
from reports.campaigns import DECLINED, PEOPLE, WELL
from store.campaign_reports import SECOND
from store.contact_states import DONE
from store.dialled import DIALLED, STANDS
from store.penetration import LISTED, of_round
from store.rounds import round_at
from store.schema import attempts, calls, contacts
from store.schema_people import person_numbers

_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_QUARTER_S: Final = 900
_DAYS: Final = range(1_420_070_400, 2_208_988_800, _DAY_S)
"""Of 2015 to 2039: clocks that are put forward and back then are known."""
_FOREVER: Final = 1 << 40
_MANY: Final = 2
"""Rounds are counted as they are."""


def calls_behind(cell: AttemptCell) -> Select[str]:
    """Ids of the calls that were counted in ``cell``."""
    one = (
        select(
            attempts.c.call_id,
            attempts.c.result,
            attempts.c.ended_at,
            SECOND.label("second"),
            calls.c.answered_at.is_not(None).label("connected"),
            func.row_number()
            .over(
                partition_by=(attempts.c.contact, round_at(attempts.c.contact, attempts.c.started_at, _MANY)),
                order_by=(attempts.c.started_at, attempts.c.id),
            )
            .label("nth"),
        )
        .outerjoin(calls, calls.c.id == attempts.c.call_id)
        .where(attempts.c.campaign == cell.campaign, DIALLED, *of_round(cell.round, _MANY))
        .subquery()
        .c
    )
    over = one.ended_at.is_not(None)
    found: list[ColumnElement[bool]] = [
        {
            "dialled": true(),
            "answered": one.connected,
            "attempts": over,
            "connected": and_(over, one.connected),
            "reached": or_(one.result.in_(sorted(PEOPLE)), and_(one.result == DECLINED, one.connected)),
            "went_well": one.result.in_(sorted(WELL)),
            "abandoned": one.result == "abandoned",
        }[cell.figure]
    ]
    if cell.result:
        found.append(one.result == cell.result)
    if cell.nth:
        found.append(one.nth == cell.nth)
    if cell.hour is not None:
        found.append(_in_hour(one.second, cell.hour, ZoneInfo(cell.zone)))
    return select(one.call_id).where(*found)


def contacts_behind(which: ContactFilter) -> list[ColumnElement[bool]]:
    """What a contact must be to fit."""
    found: list[ColumnElement[bool]] = []
    if which.state:
        found.append(STANDS.in_([which.state]))
    if which.listed:
        found.append(LISTED)
    if which.tried:
        found.append(exists().where(attempts.c.contact == contacts.c.id, DIALLED).correlate(contacts))
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


def _in_hour(second: ColumnElement[int], hour: int, zone: ZoneInfo) -> ColumnElement[bool]:
    fits = (
        and_(second >= since, second < until, (second + offset) // _HOUR_S % 24 == hour)
        for since, until, offset in _spans(zone)
    )
    return or_(false(), *fits)


@lru_cache(maxsize=8)
def _spans(zone: ZoneInfo) -> tuple[tuple[int, int, int], ...]:
    """From when until when (epoch seconds) the clocks of ``zone`` were so many seconds ahead of UTC."""
    found: list[tuple[int, int, int]] = []
    since = 0
    for day in _DAYS:
        if _offset(day, zone) != _offset(day + _DAY_S, zone):
            moments = range(day, day + _DAY_S + 1, _QUARTER_S)
            at = next(moment for moment in moments if _offset(moment, zone) != _offset(day, zone))
            found.append((since, at, _offset(day, zone)))
            since = at
    return (*found, (since, _FOREVER, _offset(_DAYS.stop, zone)))


def _offset(at: int, zone: ZoneInfo) -> int:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds())
