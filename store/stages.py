"""From a stage of a campaign's conversion to its contacts: the people whom ``store.conversions`` counts."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from campaigns.contact_filter import StageCell
from core.errors import ParseError
from store.conversions import SALES, VISITS, agreed, dialled, reached
from store.local_time import day_number, local_day, second_of
from store.rounds import MANY
from store.schema import contacts

_FOLLOWED: Final = {"visited": VISITS, "bought": SALES}
_EPOCH: Final = datetime.fromtimestamp(0, UTC).date()


def people_at(cell: StageCell, chosen: int) -> ColumnElement[bool]:
    """What a contact of campaign ``of`` must be, by what happened in the round ``chosen`` (0: in all);
    ``ParseError`` where there is no such stage.
    """
    if cell.key == "dialled":
        return contacts.c.id.in_(dialled(chosen, MANY))
    zone = ZoneInfo(cell.zone)
    one = reached(chosen, MANY).subquery().c
    day = local_day(second_of(one.at), zone)
    people: Select[int] = select(one.contact)
    match cell.key:
        case "reached":
            pass
        case "went_well":
            people = people.where(one.well == 1)
        case "agreed":
            people = people.where(or_(*(one.contact.in_(said) for said in agreed(chosen, MANY))))
        case "visited" | "bought":
            then = _FOLLOWED[cell.key].subquery().c
            at = day_number(then.day)
            people = people.join(then.id.table, then.id == one.contact).where(at > day, at <= day + cell.days)
        case "open":
            today = (datetime.fromtimestamp(cell.now, zone).date() - _EPOCH).days
            people = people.where(day + cell.days >= today)
        case _:
            raise ParseError(f"no such stage: {cell.key!r}", where="stage")
    return contacts.c.id.in_(people)
