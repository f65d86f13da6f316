"""How people, cars and what happened to them hang together, for whoever asks what followed a call."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from store.schema import contacts
from store.schema_people import person_numbers
from store.schema_records import ownerships, sales, service_visits

HIS: Final = person_numbers.alias("his")
"""The numbers of a contact's person."""
CAME: Final[ColumnElement[bool]] = and_(
    HIS.c.person == contacts.c.person,
    ownerships.c.number == HIS.c.number,
    service_visits.c.vehicle == ownerships.c.vehicle,
    service_visits.c.day >= ownerships.c.since,
    or_(ownerships.c.until == "", service_visits.c.day <= ownerships.c.until),
)
"""A car that was his on that day was in the workshop."""
BOUGHT: Final[ColumnElement[bool]] = and_(HIS.c.person == contacts.c.person, sales.c.number == HIS.c.number)
"""A car was sold to one of his numbers."""
