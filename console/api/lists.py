"""Lists of contacts, records, consents and numbers not to be called: handed over as files, looked at, taken in.
Supervisors and admins.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from campaigns.list_file import Wanted
from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.list_ports import ListControl
from console.list_views import ListsView, ListView
from console.problems import Problem, not_found
from console.sessions import Session

_HEADING: Final = 1000
_MOST_COLUMNS: Final = 200
_NO_LISTS: Final = ("application/json", "multipart/form-data")


class WantedLook(BaseModel):
    """How the list is to be read; what is empty is guessed. ``numbers`` and ``name`` are headings of columns."""

    encoding: str = Field(default="", max_length=20)
    separator: str = Field(default="", max_length=1)
    sheet: str = Field(default="", max_length=_HEADING)
    numbers: list[Annotated[str, Field(max_length=_HEADING)]] = Field(default=[], max_length=_MOST_COLUMNS)
    name: str = Field(default="", max_length=_HEADING)


def lists_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/lists``: contacts into campaigns."""
    return _router(deps.lists, guard, "/lists", "campaign", ("名单", "list"))


def record_lists_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/record-lists``: cars with their owners, visits, sales, complaints, stock."""
    return _router(deps.record_lists, guard, "/record-lists", "kind", ("档案名单", "list of records"))


def consent_lists_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/consent-lists``: who has agreed to which calls; the purpose is of rows that name none."""
    return _router(deps.consent_lists, guard, "/consent-lists", "purpose", ("同意名单", "list of consents"))


def bar_lists_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/bar-lists``: numbers that are not to be called; the kind is of rows that name none."""
    return _router(deps.bar_lists, guard, "/bar-lists", "kind", ("免打扰名单", "list of numbers not to be called"))


def _router(control: ListControl | None, guard: Guard, at: str, into: str, words: tuple[str, str]) -> APIRouter:
    """Routes at ``at`` of lists that go ``into`` what the query names so."""
    router = APIRouter(prefix=API, tags=["campaigns"])
    zh, en = words

    def desk() -> ListControl:
        if control is None:
            raise Problem(503, "lists are taken in by the running service only", code="unavailable")
        return control

    def known(list_id: str) -> ListView:
        view = desk().find(list_id)
        if view is None:
            raise not_found("list", list_id)
        return view

    @router.get(at, summary=f"{zh} Every {en}")
    async def lists(_session: Annotated[Session, Depends(guard.trusted)]) -> ListsView:
        """Lists that were handed over lately, newest first, and what they may be taken into."""
        if control is None:
            return ListsView([])
        return ListsView(list(control.campaigns()), list(control.lists()))

    @router.post(at, status_code=201, summary=f"上传{zh} Hand a {en} over")
    async def receive(
        request: Request,
        session: Annotated[Session, Depends(guard.trusted)],
        target: Annotated[str, Query(max_length=200, alias=into)],
        name: Annotated[str, Query(min_length=1, max_length=200)],
    ) -> ListView:
        """The body is the file itself, CSV or XLSX, as it is (no form). It is looked at; nothing is taken in yet.
        415 for JSON and forms.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _NO_LISTS:
            mend = "Send the file itself, CSV or XLSX, as the body, as application/octet-stream."
            raise Problem(415, f"{kind} is no list", where="header.content-type", mend=mend, code="media_type")
        if target not in desk().campaigns():
            raise not_found(into, target)
        try:
            return await desk().receive(target, name, session.name, request.stream())
        except ClientDisconnect:
            raise Problem(400, "the file broke off", mend="Send it again.", code="broken_off") from None

    @router.get(f"{at}/{{list_id}}", summary=f"一个{zh} One {en}")
    async def list_by_id(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """How far it is, what it looks like, what came of it."""
        return known(list_id)

    @router.post(f"{at}/{{list_id}}/check", status_code=202, summary=f"重新预览{zh} Look at a {en} again")
    async def check(list_id: str, wanted: WantedLook, _session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """Look again with another encoding, sheet or other columns; 409 while it is worked on, or when it is in."""
        known(list_id)
        look = Wanted(wanted.encoding, wanted.separator, wanted.sheet, tuple(wanted.numbers), wanted.name)
        desk().check(list_id, look)
        return known(list_id)

    @router.post(f"{at}/{{list_id}}/take", status_code=202, summary=f"导入{zh} Take a {en} in")
    async def take(list_id: str, session: Annotated[Session, Depends(guard.trusted)]) -> ListView:
        """Take it in as it was last looked at: all good rows or none. 409 where it was not looked at with success."""
        known(list_id)
        desk().take(list_id, session.name)
        return known(list_id)

    @router.get(
        f"{at}/{{list_id}}/rejects.csv", summary=f"{zh}未导入的行 Rejected rows of a {en}", response_class=FileResponse
    )
    async def rejects(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> FileResponse:
        """The rows that were not taken, each with its line and the reason; mended, it can be handed over as it is."""
        known(list_id)
        path = desk().rejects(list_id)
        if path is None:
            raise not_found("rejects", list_id)
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename="rejects.csv")

    @router.delete(f"{at}/{{list_id}}", status_code=204, summary=f"删除{zh} Forget a {en}")
    async def forget(list_id: str, _session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """Delete the file and what was seen of it; what was taken in stays. 409 while it is being taken in."""
        if not await desk().forget(list_id):
            raise not_found("list", list_id)

    return router
