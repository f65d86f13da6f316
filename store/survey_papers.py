"""Surveys that people write on the page: each version kept, read when the house starts."""

import json
from dataclasses import dataclass

from sqlalchemy import func, select

from campaigns.papers import SurveyPaper
from campaigns.plan_facts import SurveyMade, SurveyRemoved
from core.errors import ChangedSince, LocalProtocolError
from store.database import Database
from store.log import EventLog
from store.reading import AnyRow
from store.schema_campaigns import survey_papers
from store.writer import Transaction

_p = survey_papers.c


@dataclass(frozen=True, slots=True)
class KeptSurvey:
    """Version ``number`` of a survey, which ``form`` marks in its answers: who wrote it, and when."""

    paper: SurveyPaper
    number: int
    form: str
    at: float
    by: str


class SurveyPapers:
    """Writes and reads papers."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def all(self) -> tuple[KeptSurvey, ...]:
        """The version of each that holds, by name."""
        statement = select(survey_papers).where(_p.removed_at.is_(None)).order_by(_p.survey, _p.number)
        async with self._database.reading() as connection:
            last = {row.survey: row for row in await connection.execute(statement)}
        return tuple(_kept(row) for row in last.values())

    async def versions(self, survey: str) -> tuple[KeptSurvey, ...]:
        """All of them, newest first; none where it was removed."""
        statement = select(survey_papers).where(_p.survey == survey, _p.removed_at.is_(None))
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement.order_by(_p.number.desc()))).all()
        return tuple(_kept(row) for row in rows)

    async def keep(self, paper: SurveyPaper, form: str, by: str, *, after: int) -> None:
        """A new version, written on version ``after`` (0: there is none yet); ``ChangedSince`` where another one holds
        by now, ``LocalProtocolError`` where it was removed.
        """
        text = json.dumps(paper.nodes, ensure_ascii=False)

        def work(transaction: Transaction) -> None:
            of = select(func.max(_p.number)).where(_p.survey == paper.name)
            highest = transaction.connection.scalar(of) or 0
            holds = transaction.connection.scalar(of.where(_p.removed_at.is_(None))) or 0
            if not holds and after:
                raise LocalProtocolError(f"问卷“{paper.name}”已被删除 / survey {paper.name!r} was removed")
            if holds != after:
                raise ChangedSince(
                    f"问卷“{paper.name}”已被别人改成第 {holds} 版，您的修改没有保存：请对照后再存为新版本，或复制 / "
                    f"survey {paper.name!r} was changed to version {holds} meanwhile; yours was not kept: compare "
                    f"them, then keep yours as the next version, or copy it"
                )
            transaction.say("", SurveyMade(paper.name, highest + 1, form, text, by))

        await self._log.write(work)

    async def remove(self, survey: str, by: str) -> None:
        """No campaign may ask it any more."""
        await self._log.commit("", SurveyRemoved(survey, by))


def _kept(row: AnyRow) -> KeptSurvey:
    return KeptSurvey(SurveyPaper(row.survey, tuple(json.loads(row.paper))), row.number, row.form, row.at, row.by)
