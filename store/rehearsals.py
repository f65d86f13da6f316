"""Dry runs: contacts are judged as ``store.claims`` judges them, in a transaction that only reads."""

from collections.abc import Iterator
from math import inf
from typing import Final

from sqlalchemy import Connection, Select, and_, case, func, select

from campaigns.list_order import Order, Span, open_spans
from campaigns.rehearsal import LOOKED_AT, Judged, Rehearsal, not_due, rehearsed
from campaigns.retry import RetryPlan
from campaigns.rules.values import BARRED, Terms
from store.contact_changes import EARLIEST
from store.contact_states import DONE, PENDING
from store.database import Database
from store.due import Due, shares_of
from store.judging import judge
from store.reading import AnyRow
from store.schema import contacts
from store.schema_promises import promises

_LAST: Final = 2**62
_of_him: Final = and_(promises.c.contact == contacts.c.id, promises.c.open)


class Rehearsals:
    """Judges contacts without taking them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, terms: Terms, retry: RetryPlan, order: Order, now: float) -> Rehearsal:
        """Whom ``campaign`` would call ``now`` (epoch seconds) if it were started: the contacts in their order, lists
        of several weights one after the other, and of those that are full none.
        """

        def read(connection: Connection) -> Rehearsal:
            return _rehearse(connection, campaign, terms, retry, order, now)

        async with self._database.reading() as connection:
            return await connection.run_sync(read)


def _rehearse(
    connection: Connection, campaign: str, terms: Terms, retry: RetryPlan, order: Order, now: float
) -> Rehearsal:
    mine = (contacts.c.campaign == campaign, contacts.c.state == PENDING)
    pending = connection.scalar(select(func.count()).select_from(contacts).where(*mine)) or 0
    judged = []
    for row in _first(connection, campaign, order, now):
        if row.earliest > now:
            judged.append(Judged(row.id, row.name, row.number, not_due(row.earliest)))
            continue
        found = judge(connection, _due(row), terms, retry, now)
        judged.append(Judged(row.id, row.name, found.number, found.decision))
    for_good = (
        select(contacts.c.result, func.count())
        .where(contacts.c.campaign == campaign, contacts.c.state == DONE, contacts.c.result.startswith(BARRED))
        .group_by(contacts.c.result)
    )
    barred = {result.removeprefix(BARRED): count for result, count in connection.execute(for_good)}
    return rehearsed(judged, pending, barred)


def _first(connection: Connection, campaign: str, order: Order, now: float) -> Iterator[AnyRow]:
    """Pending contacts in the order of the list, at most ``LOOKED_AT``."""
    wanted = open_spans(shares_of(connection, campaign))
    left = LOOKED_AT
    for span in reversed(wanted) if order is Order.NEWEST else wanted:
        rows = connection.execute(_rows(campaign, span, order, now).limit(left)).all()
        yield from rows
        left -= len(rows)
        if not left:
            return


def _rows(campaign: str, span: Span, order: Order, now: float) -> Select[tuple[object, ...]]:
    """Who was promised a call first, then by ``order``; who is not due yet comes last."""
    again_first = order is Order.AGAIN
    turn = case(
        (promises.c.call_at <= now, 0),
        (now < EARLIEST, 3),
        (EARLIEST > 0, 1 if again_first else 2),
        else_=2 if again_first else 1,
    )
    high = _LAST if span.high == inf else int(span.high)
    return (
        select(contacts, EARLIEST.label("earliest"), promises.c.made_at, promises.c.agent, promises.c.call_at)
        .outerjoin(promises, _of_him)
        .where(contacts.c.campaign == campaign, contacts.c.state == PENDING, contacts.c.id.between(span.low, high))
        .order_by(turn, EARLIEST, contacts.c.id)
    )


def _due(row: AnyRow) -> Due:
    return Due(row.id, row.person, row.number, row.name, row.fields, row.made_at, row.agent or "")
