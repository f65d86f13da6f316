"""What came of calls: said by agents and supervisors, and counted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from campaigns.promised import PromisedCall
from console.api import API
from console.api.calls import known_call
from console.api.paper import sheet_paper
from console.api.period import TWO_YEARS, Period, asked_period
from console.deps import ConsoleDeps
from console.disposition_papers import dispositions_table
from console.disposition_report_views import DispositionsView
from console.disposition_views import DispositionSaid
from console.guard import Guard, need_role
from console.problems import Problem
from console.report_shapes import formula_views
from console.sessions import Session
from console.sheets import Kind, written
from reports.dispositions import DISPOSITION_FORMULAS


class WantedDisposition(BaseModel):
    """A code of the configuration and what it asks for. ``agent`` is whose talk it is about, where a supervisor says so
    (left out: the last one of the call).
    """

    code: str = Field(min_length=1, max_length=40)
    agent: str = Field(default="", max_length=32)
    note: str = Field(default="", max_length=500)
    date: str = Field(default="", max_length=16)
    plate: str = Field(default="", max_length=20)
    customer: str = Field(default="", max_length=60)

    def values(self) -> dict[str, str]:
        """The fields that a code may ask for."""
        return {"note": self.note, "date": self.date, "plate": self.plate, "customer": self.customer}


def dispositions_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/disposition`` and ``/reports/dispositions``."""
    router = APIRouter(prefix=API)
    asked = asked_period(ZoneInfo(deps.settings.zone), deps.clock)

    @router.post("/calls/{call_id}/disposition", tags=["calls"], summary="处理结果 What came of the call")
    async def dispose(
        call_id: str, wanted: WantedDisposition, session: Annotated[Session, Depends(guard.user)]
    ) -> list[DispositionSaid]:
        """An agent says it of the talk that he is in, or within half an hour of its end; supervisors of any talk, at
        any time. The last word stands, all are kept. 422 names the field that the code asks for. Where it promises a
        call of a campaign, ``promised`` of the last says when that is made: not at hours at which nobody is called.
        """
        call = (await known_call(deps.calls, call_id)).call
        if session.role == "agent" and session.agent and wanted.agent in ("", session.agent):
            promised = await deps.dispositions.own(session.agent, call_id, wanted.code, wanted.values(), session.name)
        else:
            need_role(session, "supervisor", "admin")
            agent = wanted.agent or call.agent
            if not agent:
                raise Problem(
                    409, "nobody has talked in this call", mend="Choose a call with a talk.", code="not_in_this_state"
                )
            promised = await deps.dispositions.later(
                agent, call.queue, call_id, wanted.code, wanted.values(), session.name
            )
        return _told((await known_call(deps.calls, call_id)).dispositions, promised)

    async def counted(period: Annotated[Period, Depends(asked)]) -> DispositionsView:
        period.within(TWO_YEARS)
        report = await deps.disposed.report(period.since, period.until)
        return DispositionsView(
            report.since,
            report.until,
            formula_views(DISPOSITION_FORMULAS),
            list(deps.directory.dispositions),
            report.total,
            list(report.queues),
            list(report.agents),
        )

    @router.get("/reports/dispositions", tags=["reports"], summary="处理结果 Dispositions")
    async def dispositions(
        _session: Annotated[Session, Depends(guard.user)], view: Annotated[DispositionsView, Depends(counted)]
    ) -> DispositionsView:
        """How often each code was given, its share, and how often one is missing, by queue and by agent."""
        return view

    @router.get(
        "/reports/dispositions.{kind}",
        tags=["reports"],
        summary="处理结果下载 Dispositions as a table",
        response_class=Response,
    )
    async def sheet(
        kind: Kind,
        _session: Annotated[Session, Depends(guard.user)],
        view: Annotated[DispositionsView, Depends(counted)],
    ) -> Response:
        """The same as CSV or XLSX."""
        return sheet_paper(written(dispositions_table(view), kind), kind, "dispositions")

    return router


def _told(said: Sequence[DispositionSaid], promised: PromisedCall | None) -> list[DispositionSaid]:
    """With what the last of them has ``promised``."""
    return list(said) if promised is None else [*said[:-1], *(replace(last, promised=promised) for last in said[-1:])]
