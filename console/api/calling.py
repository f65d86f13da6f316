"""Who may be called: refusals and do-not-call lists, consents, and why a contact is called or not."""

import asyncio
from dataclasses import replace
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from campaigns.rules.evidence import MOST, check_evidence
from campaigns.rules.records import Bar, Consent, Taken
from campaigns.rules.values import BarKind, Purpose
from console.api import API
from console.api.calls import known_call
from console.api.paper import sheet_paper
from console.api.row_id import RowId
from console.calling_papers import bars_table
from console.calling_ports import CallingControl
from console.calling_views import BarPage, WhyView
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem, not_found
from console.sessions import Session
from console.sheets import Kind, written
from core.errors import ParseError
from core.numbers import customer_number, mask, normalise

_PIECE: Final = 500
"""Rows that are read at a time for a download."""
_MOST_BARS: Final = 200_000
_MANY: Final = 1000
_CLOCKS_DIFFER_S: Final = 300.0
_PROOFS: Final = (
    "Give the id of the recording (r-…) or call (c-…); for what was written, which document and where it lies."
)


class WantedRefusal(BaseModel):
    """The customer wants no more calls: whoever has ``number``, or is the other party of call ``call_id``."""

    number: str = Field(default="", max_length=40)
    call_id: str = Field(default="", max_length=64)
    note: str = Field(default="", max_length=500)


class WantedBar(BaseModel):
    """A number not to be called, and why; what else a row of ``GET /calling/bars`` says is let be."""

    number: str = Field(max_length=40)
    kind: BarKind


class WantedList(BaseModel):
    """Numbers not to be called, as they were written: ``numbers`` of any list are listed, ``bars`` keep their kind."""

    numbers: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=_MANY)
    bars: list[WantedBar] = Field(default_factory=list, max_length=_MANY)
    note: str = Field(default="", max_length=500)


class WantedFreeing(BaseModel):
    """A number may be called again, and why."""

    number: str = Field(min_length=1, max_length=40)
    kind: BarKind
    why: str = Field(min_length=1, max_length=500)


class WantedConsent(BaseModel):
    """An agreement with its evidence: the id of a recording or call, which what was ``spoken`` needs, or what document
    it is and where it lies.
    """

    number: str = Field(min_length=1, max_length=40)
    purpose: Purpose
    how: Literal["written", "online", "spoken", "agent"]
    evidence: str = Field(min_length=1, max_length=MOST)
    given_at: float = Field(ge=0)


class WantedWithdrawal(BaseModel):
    """He no longer agrees."""

    number: str = Field(min_length=1, max_length=40)
    purpose: Purpose = Purpose.PROMOTION
    why: str = Field(min_length=1, max_length=500)


def calling_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calling/…`` and ``/campaigns/{campaign}/contacts/{contact}/why``."""
    router = APIRouter(prefix=API, tags=["campaigns"])
    calling, zone = deps.calling, ZoneInfo(deps.settings.zone)

    @router.get("/campaigns/{campaign}/contacts/{contact}/why", summary="为何拨打或不拨 Why called or not")
    async def why(campaign: str, contact: RowId, session: Annotated[Session, Depends(guard.user)]) -> WhyView:
        """What would be decided now, by what is on record, and every decision that was made, with the rule."""
        found = await calling.why(campaign, contact)
        if found is None:
            raise not_found("contact", str(contact))
        return (
            found
            if session.sees_numbers
            else replace(found, number=mask(found.number), next_number=mask(found.next_number))
        )

    @router.get("/calling/bars", summary="免打扰名单 Numbers not to be called")
    async def bars(
        session: Annotated[Session, Depends(guard.user)],
        number: Annotated[str, Query(max_length=40)] = "",
        kind: BarKind | Literal[""] = "",
        held: bool = True,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> BarPage:
        """Refusals and lists, the newest first; ``held=false``: also those that were taken back."""
        need_role(session, "supervisor", "admin", "viewer")
        wanted = _number(number) if number else ""
        items, total = await calling.bars(number=wanted, kind=kind, held=held, limit=limit, offset=offset)
        return BarPage([_bar_for(session, bar) for bar in items], total)

    @router.get("/calling/bars.{kind}", summary="免打扰名单下载 Numbers not to be called", response_class=Response)
    async def sheet(kind: Kind, _session: Annotated[Session, Depends(guard.trusted)]) -> Response:
        """All that hold, with whole numbers; the file can be imported as it is."""
        found: list[Bar] = []
        while len(found) < _MOST_BARS:
            items, _total = await calling.bars(limit=_PIECE, offset=len(found))
            found += items
            if len(items) < _PIECE:
                break
        body = await asyncio.to_thread(lambda: written(bars_table(found, zone), kind))
        return sheet_paper(body, kind, "do-not-call")

    @router.post("/calling/refusals", status_code=204, summary="客户拒绝来电 The customer refuses calls")
    async def refuse(wanted: WantedRefusal, session: Annotated[Session, Depends(guard.user)]) -> None:
        """No campaign calls him any more, until it is taken back. Agents name the call, as they do not see numbers;
        supervisors may name the number. Asked for again it changes nothing.
        """
        need_role(session, "agent", "supervisor", "admin")
        if wanted.call_id:
            call = (await known_call(deps.calls, wanted.call_id)).call
            number = _number(customer_number(call.direction, call.ani, call.dnis))
        else:
            need_role(session, "supervisor", "admin")
            number = _number(wanted.number)
        how = "agent" if session.role == "agent" else "person"
        await calling.bar([number], BarKind.REFUSED, how, session.name, wanted.note.strip(), wanted.call_id)

    @router.post("/calling/bars/import", summary="导入免打扰名单 Import numbers not to be called")
    async def take(wanted: WantedList, session: Annotated[Session, Depends(guard.trusted)]) -> Taken:
        """A thousand at a time. ``numbers`` of any list are listed; ``bars`` are taken as ``GET /calling/bars`` gives
        them, so a refusal stays one. What is barred so already is left as it is; the answer names those that are no
        numbers.
        """
        return await _taken(wanted, calling, session.name)

    @router.post("/calling/bars/free", status_code=204, summary="撤销拒绝 Take a refusal back")
    async def free(wanted: WantedFreeing, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """The number may be called again; who did it and why is kept. Contacts who were passed over for it wait in
        their lists again. 409 where it was not barred so.
        """
        await calling.free(_number(wanted.number), wanted.kind, session.name, wanted.why.strip())

    _consents(router, deps, guard)
    return router


def _consents(router: APIRouter, deps: ConsoleDeps, guard: Guard) -> None:
    """Routes ``/calling/consents``."""
    calling = deps.calling

    @router.get("/calling/consents", summary="同意记录 Consents")
    async def consents(
        session: Annotated[Session, Depends(guard.user)],
        number: Annotated[str, Query(max_length=40)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> list[Consent]:
        """All that were ever given, the newest first."""
        need_role(session, "supervisor", "admin", "viewer")
        found = await calling.consents(number=_number(number) if number else "", limit=limit, offset=offset)
        return [one if session.sees_numbers else replace(one, number=mask(one.number)) for one in found]

    @router.post("/calling/consents", status_code=204, summary="登记同意 Put a consent on record")
    async def agree(wanted: WantedConsent, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """What was agreed to, when, how and by which evidence. A recording that is the evidence is put on legal hold;
        409 where it is gone, 422 where there is no such call. A refusal still holds beside it.
        """
        if wanted.given_at > deps.clock.now() + _CLOCKS_DIFFER_S:
            raise Problem(422, "lies in the future", where="given_at", mend="Give the moment of the agreement.")
        number, evidence = _number(wanted.number), wanted.evidence.strip()
        try:
            check_evidence(wanted.how, evidence)
            await calling.agree(number, wanted.purpose, wanted.how, evidence, wanted.given_at, session.name)
        except ParseError as error:
            raise Problem(422, str(error), where="evidence", mend=_PROOFS, code="invalid") from None

    @router.post("/calling/consents/withdraw", status_code=204, summary="撤回同意 Withdraw a consent")
    async def disagree(wanted: WantedWithdrawal, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """From now on there is none. 409 where there was none before."""
        await calling.disagree(_number(wanted.number), wanted.purpose, session.name, wanted.why.strip())


async def _taken(wanted: WantedList, calling: CallingControl, by: str) -> Taken:
    rows = [(text, BarKind.LISTED) for text in wanted.numbers] + [(bar.number, bar.kind) for bar in wanted.bars]
    if not 1 <= len(rows) <= _MANY:
        said = f"1 to {_MANY} numbers at a time"
        raise Problem(422, said, where="numbers", mend="Send them in pieces.", code="invalid")
    good: dict[BarKind, list[str]] = {kind: [] for kind in BarKind}
    bad: list[str] = []
    for text, kind in rows:
        try:
            good[kind].append(normalise(text))
        except ParseError:
            bad.append(text)
    added = 0
    for kind, numbers in good.items():
        if fresh := list(dict.fromkeys(numbers)):
            added += await calling.bar(fresh, kind, "import", by, wanted.note.strip())
    return Taken(added, len(rows) - len(bad) - added, tuple(bad))


def _number(text: str) -> str:
    """In the form of the house; 422 where it is no number."""
    try:
        return normalise(text)
    except ParseError as error:
        raise Problem(422, str(error), where="number", mend="Write it as it is dialled.", code="invalid") from None


def _bar_for(session: Session, bar: Bar) -> Bar:
    return bar if session.sees_numbers else replace(bar, number=mask(bar.number))
