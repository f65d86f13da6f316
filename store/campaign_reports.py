"""What a campaign has come to, read from its contacts, attempts and answers; counted by ``reports.campaigns``."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, BindParameter, bindparam, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.attempt import Result
from campaigns.holdout import UNCALLED
from campaigns.plan_facts import SurveyFormSeen
from reports.campaigns import SLOT_S, CampaignReport, Progress, Tries, campaign_report
from reports.dispositions import Disposed, disposition_report
from reports.survey_form import Answered, Form
from reports.surveys import form_reports
from store.answers import form_of
from store.contact_states import DONE
from store.database import Database
from store.log import EventLog
from store.penetration import TRIED
from store.reached import WITH_AGENT
from store.schema import attempts, calls, contacts, survey_answers
from store.schema_campaigns import survey_forms
from store.schema_desk import dispositions
from store.writer import Transaction

_OF: Final[BindParameter[str]] = bindparam("of")
_near: Final = cast(attempts.c.started_at, BigInteger)
_second: Final = _near - case((_near > attempts.c.started_at, 1), else_=0)
"""The second in which an attempt began: PostgreSQL rounds where SQLite cuts off."""
_numbered: Final = (
    select(
        attempts.c.contact,
        attempts.c.result,
        (_second // SLOT_S).label("slot"),
        calls.c.answered_at.is_not(None).label("connected"),
        WITH_AGENT.label("talked"),
        func.row_number()
        .over(partition_by=attempts.c.contact, order_by=(attempts.c.started_at, attempts.c.id))
        .label("nth"),
    )
    .outerjoin(calls, calls.c.id == attempts.c.call_id)
    .where(attempts.c.campaign == _OF, attempts.c.result != Result.WITHDRAWN.value)
    .where(attempts.c.ended_at.is_not(None))
    .subquery()
)
_n = _numbered.c
_cut: Final = (_n.slot, _n.nth, _n.result, _n.connected, _n.talked)
_TRIES: Final = select(*_cut, func.count().label("times")).group_by(*_cut)
_STATES: Final = (
    select(contacts.c.state, func.count().label("times"))
    .where(contacts.c.campaign == _OF, contacts.c.result.not_in(sorted(UNCALLED)))
    .group_by(contacts.c.state)
)
_SAID: Final = (
    select(dispositions.c.queue, dispositions.c.agent, dispositions.c.code, func.count().label("times"))
    .join(attempts, attempts.c.call_id == dispositions.c.call_id)
    .where(attempts.c.campaign == _OF, dispositions.c.stands)
    .group_by(dispositions.c.queue, dispositions.c.agent, dispositions.c.code)
)
_a = survey_answers.c
_last: Final = select(func.max(_a.seq)).where(_a.campaign == _OF).group_by(_a.attempt, _a.question)
_ANSWERS: Final = (
    select(_a.form, _a.question, _a.value, _a.how, func.count().label("times"))
    .where(_a.seq.in_(_last))
    .group_by(_a.form, _a.question, _a.value, _a.how)
    .order_by(func.min(_a.seq))
)


class CampaignReports:
    """Reads reports, and keeps what the questions of each version of a survey were."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def of(self, campaign: str, zone: str, now: float) -> CampaignReport:
        """Of all its attempts that are over; hours are those of ``zone``, the last 30 days end ``now``."""
        mine = {"of": campaign}
        async with self._database.reading() as connection:
            states = {row.state: row.times for row in await connection.execute(_STATES, mine)}
            tried: int = await connection.scalar(TRIED, mine) or 0
            tries = [
                Tries(int(row.slot), row.nth, row.result, bool(row.connected), row.times, bool(row.talked))
                for row in await connection.execute(_TRIES, mine)
            ]
            answered = [
                Answered(row.form, row.question, row.value, row.times, row.how)
                for row in await connection.execute(_ANSWERS, mine)
            ]
            forms = await _forms(connection)
            said = [
                Disposed(row.queue, row.agent, row.code, row.times) for row in await connection.execute(_SAID, mine)
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
