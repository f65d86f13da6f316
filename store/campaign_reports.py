"""What a campaign has come to, read from its contacts, attempts and answers; counted by ``reports.campaigns``."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Select, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.plan_facts import SurveyFormSeen
from reports.campaigns import SLOT_S, CampaignReport, Progress, Tries, campaign_report
from reports.dispositions import Disposed, disposition_report
from reports.survey_form import Answered, Form
from reports.surveys import form_reports
from store.answers import form_of
from store.contact_states import DONE
from store.database import Database
from store.local_time import second_of
from store.log import EventLog
from store.penetration import SENT, TRIED, listed_in, of_round
from store.reached import WITH_AGENT
from store.rounds import ALL, round_at, round_now, rounds_of
from store.schema import attempts, calls, contacts, survey_answers
from store.schema_campaigns import survey_forms
from store.schema_desk import dispositions
from store.writer import Transaction

_OF: Final[BindParameter[str]] = bindparam("of")
SECOND: Final = second_of(attempts.c.started_at)
"""The second in which an attempt began."""


def _states(chosen: int, rounds: int) -> Select[str, int]:
    """Of those in the list, or who were in round ``chosen``, how many stand how; who is in a later one is done."""
    later = round_now(contacts.c.id, rounds) > chosen
    state = contacts.c.state if chosen == ALL else case((later, DONE), else_=contacts.c.state)
    listed = listed_in(chosen, rounds)
    person = select(state.label("state")).where(contacts.c.campaign == _OF, listed).subquery()
    return select(person.c.state, func.count().label("times")).group_by(person.c.state)


def _tries(chosen: int, rounds: int) -> Select[int, int, str, bool, bool, int]:
    """Each attempt has its number within its round."""
    one = (
        select(
            attempts.c.id,
            attempts.c.contact,
            attempts.c.started_at,
            attempts.c.result,
            (SECOND // SLOT_S).label("slot"),
            calls.c.answered_at.is_not(None).label("connected"),
            WITH_AGENT.label("talked"),
            round_at(attempts.c.contact, attempts.c.started_at, rounds).label("round"),
        )
        .outerjoin(calls, calls.c.id == attempts.c.call_id)
        .where(SENT, attempts.c.ended_at.is_not(None), *of_round(chosen, rounds))
        .subquery()
        .c
    )
    nth = func.row_number().over(partition_by=(one.contact, one.round), order_by=(one.started_at, one.id)).label("nth")
    numbered = select(one.slot, nth, one.result, one.connected, one.talked).subquery().c
    cut = (numbered.slot, numbered.nth, numbered.result, numbered.connected, numbered.talked)
    return select(*cut, func.count().label("times")).group_by(*cut)


def _said(chosen: int, rounds: int) -> Select[str, str, str, int]:
    said = (dispositions.c.queue, dispositions.c.agent, dispositions.c.code)
    return (
        select(*said, func.count().label("times"))
        .join(attempts, attempts.c.call_id == dispositions.c.call_id)
        .where(attempts.c.campaign == _OF, dispositions.c.stands, *of_round(chosen, rounds))
        .group_by(*said)
    )


def _answers(chosen: int, rounds: int) -> Select[str, str, str, str, int]:
    """The last to each question in each call, those in which an agent called by hand too."""
    one = survey_answers.c
    here = () if chosen == ALL else (round_at(one.contact, one.at, rounds) == chosen,)
    last = select(func.max(one.seq)).where(one.campaign == _OF, *here).group_by(one.attempt, one.question)
    given = (one.form, one.question, one.value, one.how)
    return (
        select(*given, func.count().label("times"))
        .where(one.seq.in_(last))
        .group_by(*given)
        .order_by(func.min(one.seq))
    )


class CampaignReports:
    """Reads reports, and keeps what the questions of each version of a survey were."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def rounds(self, campaign: str) -> int:
        """How often its people were called anew at most, and once."""
        async with self._database.reading() as connection:
            return await rounds_of(connection, campaign)

    async def of(self, campaign: str, zone: str, now: float, chosen: int = ALL) -> CampaignReport:
        """Of all its attempts that are over, or those of the round ``chosen``; hours are those of ``zone``, the last 30
        days end ``now``.
        """
        mine = {"of": campaign}
        async with self._database.reading() as connection:
            which = chosen, await rounds_of(connection, campaign)
            states = {row.state: row.times for row in await connection.execute(_states(*which), mine)}
            tried: int = await connection.scalar(TRIED.where(*of_round(*which)), mine) or 0
            tries = [
                Tries(int(row.slot), row.nth, row.result, bool(row.connected), row.times, bool(row.talked))
                for row in await connection.execute(_tries(*which), mine)
            ]
            answered = [
                Answered(row.form, row.question, row.value, row.times, row.how)
                for row in await connection.execute(_answers(*which), mine)
            ]
            forms = await _forms(connection)
            said = [
                Disposed(row.queue, row.agent, row.code, row.times)
                for row in await connection.execute(_said(*which), mine)
            ]
        progress = Progress(sum(states.values()), tried, states.get(DONE, 0))
        report = campaign_report(progress, tries, form_reports(answered, forms), ZoneInfo(zone), now)
        return replace(report, came_of=disposition_report(0.0, now, said).total) if said else report

    async def keep(self, form: SurveyFormSeen) -> None:
        """Keep a version of a survey; where it is known nothing is done."""

        def work(transaction: Transaction) -> None:
            known = select(survey_forms.c.form).where(survey_forms.c.form == form.form)
            if transaction.connection.scalar(known) is None:
                transaction.say("", form)

        await self._log.write(work)


async def _forms(connection: AsyncConnection) -> list[Form]:
    return [form_of(row) for row in await connection.execute(select(survey_forms))]
