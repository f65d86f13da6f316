"""Callers who gave up in a period, with the first talk that anyone had with them afterwards."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Select, and_, or_, select

from acd.facts import QueueOutcome
from core.numbers import national
from reports.abandoned import FOLLOW_S, Abandoned, Contact, Followed, follow
from store.database import Database
from store.probes import probe_calls
from store.schema import calls, queue_entries, talks

MOST: Final = 5000
"""Waits that are looked at, the newest first."""
_NUMBERS: Final = 200
"""Numbers in one question; each may be dialled in three forms."""
_GAVE_UP: Final = (QueueOutcome.ABANDONED.value, QueueOutcome.INTERRUPTED.value)


class AbandonedCallers:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, since: float, until: float, queue: str = "") -> list[Followed]:
        """The ``MOST`` newest waits that began in [``since``, ``until``) and were given up, newest first. Test calls
        (probes) are left out: they are no lost customers.
        """
        async with self._database.reading() as connection:
            gone = [
                Abandoned(
                    entry=row.id,
                    call_id=row.call_id,
                    number=row.ani or "",
                    line=row.dnis or "",
                    queue=row.queue,
                    entered_at=row.entered_at,
                    left_at=row.left_at,
                    wait_s=row.wait_s,
                )
                for row in await connection.execute(_given_up(since, until, queue))
            ]
            numbers = sorted({it.number for it in gone} - {""})
            contacts: list[Contact] = []
            for first in range(0, len(numbers), _NUMBERS):
                known = _forms(numbers[first : first + _NUMBERS])
                for row in await connection.execute(_talks(known, since, until + FOLLOW_S)):
                    by_us = row.direction != "inbound"
                    number = known[row.dnis if by_us else row.ani]
                    contacts.append(Contact(row.id, number, row.started_at, row.agent, by_us))
        return follow(gone, contacts)


def _given_up(since: float, until: float, queue: str) -> Select[tuple[object, ...]]:
    table = queue_entries
    statement = (
        select(table, calls.c.ani, calls.c.dnis)
        .outerjoin(calls, calls.c.id == table.c.call_id)
        .where(table.c.entered_at >= since, table.c.entered_at < until, table.c.outcome.in_(_GAVE_UP))
        .where(table.c.call_id.not_in(probe_calls(since, until)))
        .order_by(table.c.entered_at.desc(), table.c.id.desc())
        .limit(MOST)
    )
    return statement.where(table.c.queue == queue) if queue else statement


def _forms(numbers: Sequence[str]) -> Mapping[str, str]:
    """``numbers`` by how they may be dialled: whole, as within the country, and with the 0 of long distance."""
    found: dict[str, str] = {}
    for number in numbers:
        inside = national(number)
        for form in (f"0{inside}", inside, number):
            found[form] = number
    return found


def _talks(numbers: Mapping[str, str], since: float, until: float) -> Select[tuple[object, ...]]:
    """Talks with ``numbers``, whoever called."""
    inbound = and_(calls.c.direction == "inbound", calls.c.ani.in_(numbers))
    outward = and_(calls.c.direction != "inbound", calls.c.dnis.in_(numbers))
    return (
        select(calls.c.id, calls.c.direction, calls.c.ani, calls.c.dnis, talks.c.started_at, talks.c.agent)
        .join(talks, talks.c.call_id == calls.c.id)
        .where(talks.c.started_at >= since, talks.c.started_at < until, or_(inbound, outward))
    )
