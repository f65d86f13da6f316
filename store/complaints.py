"""Complaints that are closed: contacts who had rest while they were open are decided about again."""

import hashlib
from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, exists, or_, select, update

from campaigns.rules.table import COMPLAINT
from desk.record_sheets import Record
from desk.records import Complaint
from store.bulk import among, pieces
from store.contact_changes import EARLIEST
from store.contact_states import PENDING
from store.schema import contacts
from store.schema_people import person_numbers
from store.schema_records import complaints
from store.schema_rules import decisions
from store.standings import ALL_CAMPAIGNS

_known: Final = person_numbers.alias()
_put_off_by_it: Final = exists().where(
    decisions.c.contact == contacts.c.id,
    decisions.c.rule == COMPLAINT,
    decisions.c.not_before == contacts.c.not_before,
)


def mark_of(complaint: Complaint) -> str:
    """What tells it from others of the same number and day."""
    return hashlib.sha256(complaint.text.encode()).hexdigest()


def closing(connection: Connection, taken: Iterable[Record]) -> frozenset[str]:
    """Numbers with complaints that are open on record and closed by ``taken``."""
    closed = {
        (record.number, record.day, mark_of(record))
        for record in taken
        if isinstance(record, Complaint) and record.closed
    }
    if not closed:
        return frozenset()
    table = complaints.c
    numbers = {number for number, _, _ in closed}
    still = select(table.number, table.day, table.mark).where(
        among(connection, table.number, numbers), table.closed == ""
    )
    return frozenset(row.number for row in connection.execute(still) if tuple(row) in closed)


def look_again(connection: Connection, numbers: Collection[str]) -> int:
    """Whoever has one of ``numbers`` and was put off by a complaint is due when plan and promises say; how many they
    are. What else is on record of him, another open complaint too, is looked at as his turn comes.
    """
    found = 0
    for piece in pieces(sorted(numbers)):
        his = (
            select(person_numbers.c.number)
            .join(_known, _known.c.person == person_numbers.c.person)
            .where(among(connection, _known.c.number, piece))
        )
        found += connection.execute(
            update(contacts)
            .where(contacts.c.campaign.in_(ALL_CAMPAIGNS), contacts.c.state == PENDING, _put_off_by_it)
            .where(or_(contacts.c.number.in_(his), among(connection, contacts.c.number, piece)))
            .values(not_before=EARLIEST)
        ).rowcount
    return found
