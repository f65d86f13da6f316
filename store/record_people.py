"""Whoever is on record is a person: records know him by a number, other rooms by that and by his others."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from core.numbers import Kind, kind_of
from desk.record_sheets import Record
from desk.records import Complaint, Ownership, Sale
from store.people import Arrival, owners_of, settle


def settle_owners(connection: Connection, records: Iterable[Record], now: float) -> None:
    """Make a person of every number of ``records`` that is nobody's yet. A name that a mobile's person has not is kept;
    a fixed line stays with the one who came with it first, whatever name it is told with now.
    """
    named: dict[str, str] = {}
    for record in records:
        match record:
            case Ownership():
                named[record.number] = named.get(record.number) or record.name
            case Sale() | Complaint():
                named.setdefault(record.number, "")
            case _:
                pass  # a car's, not a person's
    owners = owners_of(connection, named)
    arrivals: Sequence[Arrival] = [
        Arrival(name, [number])
        for number, name in named.items()
        if number not in owners or (name and not owners[number].name and _is_his(number))
    ]
    settle(connection, arrivals, now)


def _is_his(number: str) -> bool:
    return kind_of(number) in (Kind.MOBILE, Kind.FOREIGN)
