"""Contacts that a program sends, some at a time, into a campaign: at once and in one transaction, as a lead is to be
called within seconds. ``store.lists`` is for files.

What is sent one after the other is one list of the campaign, until a file comes in between. So leads can be dialled
before older lists (``campaigns.list_order``), and there are no thousand lists of one contact each. Callers who were
promised a call are a list too; where leads were sent last they join these, as a list is a span of row ids.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from campaigns.facts import ContactsImported
from campaigns.ports import NewContact
from core.clock import Clock
from core.errors import Unavailable
from core.numbers import identifying
from store.bulk import among, insert_rows, json_objects
from store.lists import PROMISED, SENT, TAKEN, TAKING, overlap_of
from store.log import EventLog
from store.pouring import Lines, pour
from store.schema import campaigns, contacts
from store.schema_people import imports, person_numbers, staged
from store.stopped import refuse_stopped
from store.writer import Transaction

_JOINED: Final = {SENT: (SENT,), PROMISED: (SENT, PROMISED)}
"""Lists of which owners may grow, by the owner of who comes."""
_TRIES: Final = 40
_PAUSE_S: Final = 0.25
"""While a file is being moved into the campaign its contacts are to have ids one after the other: so long it is waited
for. 20,000 rows take a second.
"""


@dataclass(frozen=True, slots=True)
class SentIn:
    """The ids of the contacts by line: of those who came in, and of those who were in the campaign before."""

    taken: Mapping[int, int]
    known: Mapping[int, int]


class SentContacts:
    """Takes them in."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def take(
        self, campaign: str, rows: Sequence[NewContact], *, rejected: int = 0, by: str = "", owner: str = SENT
    ) -> SentIn:
        """All ``rows`` (of different people; at least one) but for those whose person the campaign has. ``rejected``
        rows beside them were not good, account ``by`` has sent them; ``owner`` is that of their list. ``Unavailable``
        where a long list is being moved into the campaign.
        """
        work = partial(self._take, campaign=campaign, rows=rows, rejected=rejected, by=by, owner=owner)
        for _ in range(_TRIES):
            if (done := await self._log.write(work)) is not None:
                return done
            await asyncio.sleep(_PAUSE_S)
        raise Unavailable(f"名单正在导入任务 {campaign}，请稍后重发 (a long list is on its way into it; send it again)")

    def _take(
        self, transaction: Transaction, *, campaign: str, rows: Sequence[NewContact], rejected: int, by: str, owner: str
    ) -> SentIn | None:
        """None: not now."""
        connection, now = transaction.connection, self._clock.now()
        refuse_stopped(connection, campaign)
        moving = select(imports.c.id).where(imports.c.campaign == campaign, imports.c.state == TAKING)
        if connection.scalar(moving) is not None:
            return None
        here = frozenset(overlap_of(connection, campaign, rows).here)
        fresh = [row for row in rows if row.line not in here]
        if fresh:
            if connection.scalar(select(campaigns.c.name).where(campaigns.c.name == campaign)) is None:
                connection.execute(insert(campaigns).values(name=campaign, created_at=now))
            mine = _list_of(connection, campaign, owner, now)
            _pour(connection, mine, campaign, fresh, now)
            transaction.say("", ContactsImported(campaign, len(fresh), rejected, by))
        ids = _ids(connection, campaign, rows)
        return SentIn(
            {row.line: ids[row.line] for row in fresh}, {line: ids[line] for line in sorted(here) if line in ids}
        )


def _list_of(connection: Connection, campaign: str, owner: str, now: float) -> int:
    """The list that those who come now belong to: the newest one of the campaign, where they may join it."""
    newest = (
        select(imports.c.id, imports.c.owner)
        .where(imports.c.campaign == campaign, imports.c["first"] > 0)
        .order_by(imports.c["first"].desc(), imports.c.id.desc())
        .limit(1)
    )
    last = connection.execute(newest).one_or_none()
    if last is not None and last.owner in _JOINED[owner]:
        return int(last.id)
    mine: int = (connection.scalar(select(func.max(imports.c.id))) or 0) + 1
    values = {"id": mine, "campaign": campaign, "state": TAKEN, "owner": owner}
    connection.execute(insert(imports).values(**values, made_at=now, touched_at=now))
    return mine


def _pour(connection: Connection, mine: int, campaign: str, fresh: Sequence[NewContact], now: float) -> None:
    values: list[tuple[str | int | float, ...]] = [
        (mine, row.line, row.number, " ".join(row.others), row.name, fields)
        for row, fields in zip(fresh, json_objects([row.fields for row in fresh]), strict=True)
    ]
    insert_rows(connection, staged, ("import", "line", "number", "others", "name", "fields"), values)
    first = pour(connection, mine, campaign, Lines(fresh[0].line, fresh[-1].line), now)
    mark = update(imports).where(imports.c.id == mine)
    connection.execute(mark.where(imports.c["first"] == 0).values(first=first))
    connection.execute(mark.values(touched_at=now, rows=imports.c.rows + len(fresh)))


def _ids(connection: Connection, campaign: str, rows: Sequence[NewContact]) -> dict[int, int]:
    """Ids of contacts by line: by the number, or by another of the person."""
    numbers = [row.number for row in rows]
    marks = {mark: row.line for row in rows for mark in identifying((row.number, *row.others))}
    by_person = (
        select(person_numbers.c.number, contacts.c.id)
        .join(contacts, contacts.c.person == person_numbers.c.person)
        .where(contacts.c.campaign == campaign, among(connection, person_numbers.c.number, marks))
    )
    found = {marks[number]: contact for number, contact in connection.execute(by_person)}
    by_number = select(contacts.c.number, contacts.c.id).where(
        contacts.c.campaign == campaign, among(connection, contacts.c.number, numbers)
    )
    own = {row.number: row.id for row in connection.execute(by_number)}
    return {**found, **{row.line: own[row.number] for row in rows if row.number in own}}
