"""Records of persons: cars, history, complaints, and the chance of a trade-in."""

from typing import Annotated

from fastapi import APIRouter, Depends

from console.api import API
from console.api.row_id import RowId
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem, not_found
from console.record_views import RecordsView, records_view
from console.sessions import Session
from core.errors import ParseError
from core.numbers import mask, normalise


def records_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/records``, ``/records/{number}`` and those of a campaign's contact."""
    router = APIRouter(prefix=API, tags=["records"])

    @router.get("/calls/{call_id}/records", summary="来电客户档案 Records of the caller")
    async def of_call(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> RecordsView | None:
        """Cars, history and complaints of whom the call is with; null for a call of nobody. Numbers are masked for
        those who do not see them.
        """
        known = None if deps.records is None else await deps.records.of_call(call_id)
        if known is None:
            return None
        number = known.records.number
        return records_view(known, number if session.sees_numbers else mask(number))

    @router.get("/records/{number}", summary="按号码查档案 Records of a number")
    async def of_number(number: str, session: Annotated[Session, Depends(guard.user)]) -> RecordsView:
        """The same by number, for supervisors. A number that nothing is on record of has no cars and no complaints."""
        need_role(session, "supervisor", "admin")
        if deps.records is None:
            raise not_found("part", "records")
        try:
            wanted = normalise(number[:40])
        except ParseError as error:
            raise Problem(422, str(error), where="path.number", mend="Write it as 13800138000.", code="value") from None
        return records_view(await deps.records.of_number(wanted), wanted)

    @router.get("/campaigns/{campaign}/contacts/{contact}/records", summary="外呼对象档案 Records of a contact")
    async def of_contact(
        campaign: str, contact: RowId, session: Annotated[Session, Depends(guard.user)]
    ) -> RecordsView | None:
        """Of a person who stands in a campaign's list, for whoever looks at him before the call; 404 where the campaign
        has no contact of that id.
        """
        listed = await deps.calling.why(campaign, contact)
        if listed is None:
            raise not_found("contact", str(contact))
        if deps.records is None:
            return None
        number = listed.number if session.sees_numbers else mask(listed.number)
        return records_view(await deps.records.of_number(listed.number), number)

    return router
