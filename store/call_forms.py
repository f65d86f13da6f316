"""Calls in which an agent may fill in a campaign's survey: with whom, by which attempt, what was answered so far."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.form_facts import by_hand
from campaigns.gate import CampaignState
from campaigns.holdout import UNCALLED
from core.numbers import one_form
from store.contact_states import DIALLING
from store.database import Database
from store.reading import AnyRow
from store.schema import attempts, calls, campaigns, contacts, survey_answers, talks
from store.schema_people import person_numbers

_CALL: Final[BindParameter[str]] = bindparam("call_id")
_CONTACT: Final = (contacts.c.id, contacts.c.campaign, contacts.c.name, contacts.c.fields)
_ATTEMPT: Final[Select[tuple[object, ...]]] = (
    select(attempts.c.id.label("attempt"), attempts.c.number, attempts.c.result, attempts.c.ended_at, *_CONTACT)
    .join(contacts, attempts.c.contact == contacts.c.id)
    .where(attempts.c.call_id == _CALL)
    .limit(1)
)
_DIALLED: Final = select(calls.c.dnis).where(calls.c.id == _CALL, calls.c.direction == "outbound")
_other: Final = person_numbers.alias()
_HIS_NUMBERS: Final = (
    select(_other.c.number)
    .join(person_numbers, person_numbers.c.person == _other.c.person)
    .where(person_numbers.c.number == bindparam("number"))
)
_ON_A_LIST: Final[Select[tuple[object, ...]]] = (
    select(*_CONTACT)
    .join(campaigns, campaigns.c.name == contacts.c.campaign)
    .where(
        campaigns.c.state != CampaignState.STOPPED.value,
        contacts.c.campaign.in_(bindparam("campaigns", expanding=True)),
        contacts.c.number.in_(bindparam("numbers", expanding=True)),
        contacts.c.state != DIALLING,
        contacts.c.result.not_in(sorted(UNCALLED)),
    )
    .order_by(campaigns.c.created_at.desc(), contacts.c.id.desc())
    .limit(1)
)
_ENDED: Final = select(calls.c.ended_at).where(calls.c.id == _CALL)
_AGENTS: Final = select(talks.c.agent).where(talks.c.call_id == _CALL).distinct()
_a = survey_answers.c
_ANSWERS: Final = select(_a.question, _a.value, _a.text).where(_a.attempt == bindparam("attempt")).order_by(_a.seq)


@dataclass(frozen=True, slots=True)
class FormCall:
    """Call ``call_id`` with ``contact`` (row id) of ``campaign``, who stands there as ``name`` with ``fields`` and was
    called at ``number``. ``attempt`` is "hand:…" where an agent has called by himself; ``over``: the attempt has ended,
    with ``result``. ``ended_at``: the call's end, None while it is up. ``agents`` have talked in it; ``answers`` are
    the last ones by question, each value and text.
    """

    call_id: str
    attempt: str
    campaign: str
    contact: int
    number: str
    name: str
    fields: Mapping[str, str]
    result: str
    over: bool
    ended_at: float | None
    agents: frozenset[str]
    answers: Mapping[str, tuple[str, str]]


class CallForms:
    """Reads attempts, contacts, talks and answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_call(self, call_id: str, filled_in: Collection[str]) -> FormCall | None:
        """The call, where a campaign makes it, or an agent has called by himself whom one of the campaigns
        ``filled_in`` by agents has on its list (the newest that was not stopped). None for any other.
        """
        async with self._database.reading() as connection:
            row = (await connection.execute(_ATTEMPT, {"call_id": call_id})).one_or_none()
            if row is not None:
                known = row.attempt, row.number, row.result, row.ended_at is not None
                return await _form_call(connection, call_id, row, known)
            dialled = await connection.scalar(_DIALLED, {"call_id": call_id})
            if not dialled or not filled_in:
                return None
            number = one_form(str(dialled))
            numbers = {number, *await connection.scalars(_HIS_NUMBERS, {"number": number})}
            wanted = {"campaigns": sorted(filled_in), "numbers": sorted(numbers)}
            listed = (await connection.execute(_ON_A_LIST, wanted)).one_or_none()
            if listed is None:
                return None
            return await _form_call(connection, call_id, listed, (by_hand(call_id), number, "", True))


async def _form_call(
    connection: AsyncConnection, call_id: str, row: AnyRow, known: tuple[str, str, str, bool]
) -> FormCall:
    attempt, number, result, over = known
    answers = {it.question: (it.value, it.text) for it in await connection.execute(_ANSWERS, {"attempt": attempt})}
    return FormCall(
        call_id=call_id,
        attempt=attempt,
        campaign=row.campaign,
        contact=row.id,
        number=number,
        name=row.name,
        fields=json.loads(row.fields),
        result=result,
        over=over,
        ended_at=await connection.scalar(_ENDED, {"call_id": call_id}),
        agents=frozenset(await connection.scalars(_AGENTS, {"call_id": call_id})),
        answers=answers,
    )
