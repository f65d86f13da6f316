"""Lists of contacts: handed over as files, looked at, taken into a campaign. Supervisors and admins."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from campaigns.list_file import Wanted
from console.deps import ConsoleDeps
from console.guard import Guard
from console.list_ports import ListControl
from console.list_views import ListsView, ListView
from console.problems import Problem, not_found
from console.sessions import Session

_HEADING: Final = 1000
_MOST_COLUMNS: Final = 200


class WantedLook(BaseModel):
    """How the list is to be read; what is empty is guessed. ``numbers`` and ``name`` are headings of columns."""

    encoding: str = Field(default="", max_length=20)
    separator: str = Field(default="", max_length=1)
    sheet: str = Field(default="", max_length=_HEADING)
    numbers: list[Annotated[str, Field(max_length=_HEADING)]] = Field(default=[], max_length=_MOST_COLUMNS)
    name: str = Field(default="", max_length=_HEADING)


def lists_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/lists``."""
    router = APIRouter(tags=["campaigns"])

    def desk() -> ListControl:
        if deps.lists is None:
            raise Problem(503, "lists are taken in by the running service only", code="unavailable")
        return deps.lists

    def known(list_id: str) -> ListView:
        view = desk().find(list_id)
        if view is None:
            raise not_found("list", list_id)
        return view

    @router.get("/lists", summary="名单 Lists")
    async def lists(_session: Annotated[Session, Depends(guard.trusted)]) -> ListsView:
        """Lists that were handed over lately, newest first, and the campaigns that lists may be taken into."""
        if deps.lists is None:
            return ListsView([])
        return ListsView(list(deps.lists.campaigns()), list(deps.lists.lists()))

    @router.post("/lists", status_code=201, summary="上传名单 Hand a list over")
    async def receive(
        request: Request,
        session: Annotated[Session, Depends(guard.trusted)],
        campaign: Annotated[str, Query(max_length=200)],
        name: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> ListView:
        """The body is the file itself, CSV or XLSX, as it is (no form). It is looked at; nothing is taken in yet."""
        if campaign not in desk().campaigns():
            raise not_found("campaign", campaign)
        try:
            return await desk().receive(campaign, name, session.name, request.stream())
        except ClientDisconnect:
            raise Problem(400, "the file broke off", mend="Send it again.", code="broken_off") from None

    @router.get("/lists/{list_id}", summary="一个名单 One list")
    async def list_by_id(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """How far it is, what it looks like, what came of it."""
        return known(list_id)

    @router.post("/lists/{list_id}/check", status_code=202, summary="重新预览 Look again")
    async def check(list_id: str, wanted: WantedLook, _session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """Look again with another encoding, sheet or other columns; 409 while it is worked on, or when it is in."""
        known(list_id)
        look = Wanted(wanted.encoding, wanted.separator, wanted.sheet, tuple(wanted.numbers), wanted.name)
        desk().check(list_id, look)
        return known(list_id)

    @router.post("/lists/{list_id}/take", status_code=202, summary="导入名单 Take a list in")
    async def take(list_id: str, session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """Take it in as it was last looked at: all good rows or none. 409 where it was not looked at with success."""
        known(list_id)
        desk().take(list_id, session.name)
        return known(list_id)

    @router.get("/lists/{list_id}/rejects.csv", summary="未导入的行 Rejected rows", response_class=FileResponse)
    async def rejects(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> FileResponse:
        """The rows that were not taken, each with its line and the reason; mended, it can be handed over as it is."""
        known(list_id)
        path = desk().rejects(list_id)
        if path is None:
            raise not_found("rejects", list_id)
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename="rejects.csv")

    @router.delete("/lists/{list_id}", status_code=204, summary="删除名单 Forget a list")
    async def forget(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """Delete the file and what was seen of it; what was taken in stays. 409 while it is being taken in."""
        if not await desk().forget(list_id):
            raise not_found("list", list_id)

    return router
