"""The weekly reports that were written: listed, opened, downloaded."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem
from console.sessions import Session
from console.weekly_ports import PaperKind, WeeklyPaper
from core.errors import ParseError
from reports.weeks import parse_week

_TYPES: Final = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page has styles of its own, and nothing else: no script, no other file."""


def weekly_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/reports/weekly``."""
    router = APIRouter(prefix=API, tags=["reports"])

    async def supervisor(session: Annotated[Session, Depends(guard.user)]) -> Session:
        need_role(session, "supervisor", "admin")
        return session

    @router.get("/reports/weekly", summary="周报 Weekly reports")
    async def papers(_session: Annotated[Session, Depends(supervisor)]) -> list[WeeklyPaper]:
        """Those that were written, the newest week first; supervisors, admins."""
        return list(await asyncio.to_thread(deps.weekly.written))

    @router.get("/reports/weekly/{week}.{kind}", summary="周报文件 A weekly report", response_class=FileResponse)
    async def paper(
        week: str, kind: PaperKind, _session: Annotated[Session, Depends(supervisor)], download: bool = False
    ) -> Response:
        """The report of a week (2026-W46) as a page or a PDF, to be shown or (``download``) kept; supervisors, admins.
        404 where it was not written.
        """
        try:
            wanted = parse_week(week)
        except ParseError as error:
            raise Problem(422, str(error), where="path.week", mend="Write 2026-W46.", code="invalid") from None
        path = await asyncio.to_thread(deps.weekly.file, wanted, kind)
        if path is None:
            raise Problem(
                404,
                f"there is no report of {wanted}",
                mend=f"Make it: line400 weekly --week {wanted}",
                code="no_report",
            )
        headers = {"Content-Security-Policy": _PAGE_POLICY} if kind == "html" else {}
        how = "attachment" if download else "inline"
        return FileResponse(
            path, media_type=_TYPES[kind], filename=path.name, content_disposition_type=how, headers=headers
        )

    return router
