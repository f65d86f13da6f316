"""Dry runs: contacts are judged as ``store.claims`` judges them, in a transaction that only reads."""

from sqlalchemy import Connection, bindparam, func, select

from campaigns.rehearsal import LOOKED_AT, Judged, Rehearsal, rehearsed
from campaigns.rules.decide import decide
from campaigns.rules.values import BARRED, Terms
from store.contact_changes import EARLIEST
from store.contact_states import DONE, PENDING
from store.database import Database
from store.schema import contacts
from store.standings import standing_of


class Rehearsals:
    """Judges contacts without taking them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, campaign: str, terms: Terms, now: float) -> Rehearsal:
        """Whom ``campaign`` would call ``now`` (epoch seconds) by ``terms`` if it were started."""

        def read(connection: Connection) -> Rehearsal:
            return _rehearse(connection, campaign, terms, now)

        async with self._database.reading() as connection:
            return await connection.run_sync(read)


def _rehearse(connection: Connection, campaign: str, terms: Terms, now: float) -> Rehearsal:
    mine = (contacts.c.campaign == campaign, contacts.c.state == PENDING)
    pending = connection.scalar(select(func.count()).select_from(contacts).where(*mine)) or 0
    due = select(contacts).where(*mine, bindparam("now") >= EARLIEST)  # who is to be tried again later waits
    first = due.order_by(contacts.c.not_before, contacts.c.id).limit(LOOKED_AT)
    judged = [
        Judged(row.id, row.name, row.number, decide(standing_of(connection, row.number, terms.rules, now), terms, now))
        for row in connection.execute(first, {"now": now}).all()
    ]
    for_good = (
        select(contacts.c.result, func.count())
        .where(contacts.c.campaign == campaign, contacts.c.state == DONE, contacts.c.result.startswith(BARRED))
        .group_by(contacts.c.result)
    )
    barred = {result.removeprefix(BARRED): count for result, count in connection.execute(for_good)}
    return rehearsed(judged, pending, barred)
