"""Campaigns and their results, for people who ask."""

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.contact_filter import EVERYBODY, ContactFilter
from store.answers import answers_of
from store.attempt_filter import contacts_behind
from store.contact_states import DIALLING, DONE, PENDING
from store.database import Database
from store.dialled import DIALLED, STANDS
from store.penetration import LISTED, TRIED
from store.people import numbers_of_people
from store.promises import promised_to
from store.reading import AnyRow
from store.rows import CampaignSummary, ContactResult
from store.schema import attempts, campaigns, contacts
from store.stopped import refuse_stopped

_listed: Final = case((LISTED, 1), else_=0).label("listed")
_STATE: Final = STANDS.label("state")
_CONTACT: Final = (*(column for column in contacts.c if column.name != "state"), _STATE)


class Campaigns:
    """Reads dial lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[CampaignSummary, ...]:
        """All campaigns, newest first."""
        statement = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.name)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
            return tuple([await _summary(connection, row) for row in rows])

    async def get(self, campaign: str) -> CampaignSummary | None:
        """One of them; None where there is none of that name."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(campaigns).where(campaigns.c.name == campaign))).one_or_none()
            return None if row is None else await _summary(connection, row)

    async def refuse_stopped(self, campaign: str) -> None:
        """``LocalProtocolError`` where it was stopped for good: it is not changed, and takes nobody."""
        async with self._database.reading() as connection:
            await connection.run_sync(refuse_stopped, campaign)

    async def count(self, campaign: str, which: ContactFilter = EVERYBODY) -> int:
        """How many contacts fit: as many rows as ``results`` has in all."""
        fitting = select(func.count()).where(contacts.c.campaign == campaign, *contacts_behind(which))
        async with self._database.reading() as connection:
            return await connection.scalar(fitting, {"of": campaign}) or 0

    async def results(
        self, campaign: str, which: ContactFilter = EVERYBODY, *, limit: int = 500, offset: int = 0
    ) -> tuple[ContactResult, ...]:
        """Contacts in the order of the list, with what came of them."""
        fitting = select(*_CONTACT).where(contacts.c.campaign == campaign, *contacts_behind(which))
        page = fitting.order_by(contacts.c.id).limit(limit).offset(offset)
        async with self._database.reading() as connection:
            rows = (await connection.execute(page, {"of": campaign})).all()
            ids = [row.id for row in rows]
            calls = await _attempts(connection, ids)
            answers = await answers_of(connection, ids)
            promised = await connection.run_sync(lambda plain: promised_to(plain, ids))
            numbers = await connection.run_sync(lambda plain: numbers_of_people(plain, {row.person for row in rows}))
        return tuple(
            ContactResult(
                contact=row.id,
                number=row.number,
                name=row.name,
                fields=json.loads(row.fields),
                state=row.state,
                result=row.result,
                called_at=calls[row.id][-1].started_at if row.id in calls else None,
                call_id=calls[row.id][-1].call_id if row.id in calls else "",
                answers=tuple(answers.get(row.id, {}).values()),
                called=len(calls.get(row.id, ())),
                last=_last(calls.get(row.id, ())) if row.state != DONE else "",
                again_at=row.not_before if row.state == PENDING and row.not_before else None,
                promised_at=promised[row.id].call_at if row.id in promised else None,
                wanted_agent=promised[row.id].agent if row.id in promised else "",
                dialled=(calls[row.id][-1].number or row.number) if row.id in calls else "",
                others=tuple(one for one in numbers.get(row.person, ()) if one != row.number),
            )
            for row in rows
        )


async def _summary(connection: AsyncConnection, row: AnyRow) -> CampaignSummary:
    one = select(_STATE, contacts.c.result, _listed).where(contacts.c.campaign == row.name).subquery().c
    statement = select(one.state, one.result, one.listed, func.count()).group_by(one.state, one.result, one.listed)
    by_state: dict[str, int] = {}
    results: dict[str, int] = {}
    for contact_state, result, listed, count in await connection.execute(statement):
        if listed:
            by_state[contact_state] = by_state.get(contact_state, 0) + count
        if contact_state == DONE:
            results[result] = results.get(result, 0) + count
    return CampaignSummary(
        name=row.name,
        state=row.state,
        created_at=row.created_at,
        contacts=sum(by_state.values()),
        pending=by_state.get(PENDING, 0),
        dialling=by_state.get(DIALLING, 0),
        done=by_state.get(DONE, 0),
        tried=await connection.scalar(TRIED, {"of": row.name}) or 0,
        results=results,
        why=row.why,
    )


async def _attempts(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Those that dialled, by contact, oldest first."""
    found: dict[int, list[AnyRow]] = {}
    wanted = select(attempts).where(attempts.c.contact.in_(ids), DIALLED)
    for row in await connection.execute(wanted.order_by(attempts.c.started_at, attempts.c.id)):
        found.setdefault(row.contact, []).append(row)
    return found


def _last(tried: Sequence[AnyRow]) -> str:
    return next((row.result for row in reversed(tried) if row.ended_at is not None), "")
