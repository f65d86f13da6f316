"""Rows that a program sends (a dealer's CRM or DMS), as it happens: contacts of campaigns, records, consents.

The body is read after the door has let its sender in, and not in the event loop's thread: it may be large.
"""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect

from campaigns.rules.values import Purpose
from campaigns.sent_rows import MOST, SentRow
from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import Problem, not_found
from console.sent_ports import SentControl
from console.sent_views import SentView, refused_rows
from console.sessions import Session
from core.errors import Unavailable
from desk.record_sheets import HEADINGS, KINDS

_AGAIN_S: Final = 5

_Key = Annotated[str, Field(min_length=1, max_length=100)]
_Text = Annotated[str, Field(max_length=4000)]


class SentRowsBody(BaseModel):
    """Rows by the names of their fields; a number may be written as text or as a number, null is an empty cell."""

    rows: list[dict[_Key, _Text | bool | int | float | None]] = Field(
        min_length=1, max_length=MOST, description=f"1 to {MOST} objects, one a row; the first is row 1 in answers"
    )


Partial = Annotated[
    bool, Query(description="true: good rows are taken in beside bad ones; else one bad row means that none is")
]


def sent_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``POST /campaigns/{campaign}/contacts``, ``/records/{kind}`` and ``/calling/consents/import``."""
    router = APIRouter(prefix=API)

    def taker() -> SentControl:
        if deps.sent is None:
            raise Problem(503, "rows are taken in by the running service only", code="unavailable")
        return deps.sent

    @router.post(
        "/campaigns/{campaign}/contacts",
        tags=["campaigns"],
        status_code=201,
        summary="发送名单行 Send contacts",
        openapi_extra=_body(
            {"lead": [{"number": "13800138000", "name": "王小明", "车型": "轩逸", "source": "website"}]}
        ),
        responses=_answers(200, 404),
    )
    async def contacts(
        campaign: str,
        request: Request,
        response: Response,
        session: Annotated[Session, Depends(guard.trusted)],
        partial: Partial = False,
    ) -> SentView:
        """Leads into a campaign, at once: one that runs, or has finished its list, calls them within seconds. `number`
        (or `mobile`, `phone`, `手机号`, …; several are tried in order) and `name` are as in the files of lists, any
        other key is kept with the contact. Whoever is in the campaign already is `known`, so the same request may be
        sent again: 201 where somebody came in, 200 where all were known.
        """
        sent = await _rows(request)
        try:
            view = await taker().contacts(campaign, sent, by=session.name, partial=partial)
        except Unavailable as error:
            mend = "Send it again shortly: nothing was taken in."
            raise Problem(503, str(error), mend=mend, code="busy", headers={"Retry-After": f"{_AGAIN_S}"}) from None
        return _answer(view, response, partial, not_found("campaign", campaign))

    @router.post(
        "/records/{kind}",
        tags=["records"],
        summary="发送档案 Send records",
        description=_RECORDS,
        openapi_extra=_body(_EXAMPLES),
        responses=_answers(404),
    )
    async def records(
        kind: str,
        request: Request,
        response: Response,
        _session: Annotated[Session, Depends(guard.trusted)],
        partial: Partial = False,
    ) -> SentView:
        """See ``_RECORDS``."""
        view = await taker().records(kind, await _rows(request), partial=partial)
        return _answer(view, response, partial, not_found("kind", kind), always=200)

    @router.post(
        "/calling/consents/import",
        tags=["campaigns"],
        status_code=201,
        summary="发送同意记录 Send consents",
        openapi_extra=_body(
            {
                "consent": [
                    {"number": "13800138000", "given_at": "2026-11-30 14:05", "how": "online", "evidence": "网上表单 8"}
                ]
            }
        ),
        responses=_answers(200),
    )
    async def consents(
        request: Request,
        response: Response,
        session: Annotated[Session, Depends(guard.trusted)],
        purpose: Purpose | None = None,
        partial: Partial = False,
    ) -> SentView:
        """Who has agreed to calls. `given_at` is a day or time in the centre's zone, or ISO 8601 with an offset; `how`
        is written, online, spoken or agent; `evidence` the document, or the id of a recording, which is put on hold.
        Rows that name no `purpose` are those of the parameter; without either they are refused.
        What is on record is `known`, so the same request may be sent again.
        """
        view = await taker().consents(purpose, await _rows(request), by=session.name, partial=partial)
        return _answer(view, response, partial, not_found("purpose", purpose or ""))

    return router


async def _rows(request: Request) -> list[SentRow]:
    """The rows of the body; 413 where there are too many, 422 where it is none."""
    try:
        raw = await request.body()
    except ClientDisconnect:
        raise Problem(400, "the body broke off", mend="Send it again.", code="broken_off") from None
    try:
        return list((await asyncio.to_thread(SentRowsBody.model_validate_json, raw)).rows)
    except ValidationError as error:
        faults = error.errors()
    if faults[0]["type"] == "too_long" and faults[0]["loc"] == ("rows",):
        raise Problem(413, f"more than {MOST} rows", where="body.rows", mend="Send less at once.", code="too_many")
    raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])


def _answer(view: SentView | None, response: Response, partial: bool, unknown: Problem, *, always: int = 0) -> SentView:
    """``view`` with its status; ``unknown`` where there is none, 422 where rows are refused."""
    if view is None:
        raise unknown
    if view.rejected and not partial:
        count = len(view.rows)
        raise Problem(
            422,
            f"{view.rejected} of {count} rows cannot be taken; nothing was taken in",
            where="body.rows",
            mend="Mend the rows that are named, or send them with ?partial=true to take in the good ones.",
            code="rows_refused",
            more={"rows": refused_rows(view)},
        )
    response.status_code = always or (201 if view.accepted else 200)
    return view


_EXAMPLES: Final[dict[str, list[dict[str, object]]]] = {
    "ownerships": [{"number": "13800138000", "name": "王小明", "vin": "LSVAA4182E2123456", "plate": "沪A12345",
                    "model": "轩逸", "since": "2026-11-30"}],
    "visits": [{"vin": "LSVAA4182E2123456", "day": "2026-11-30", "kind": "保养", "km": 20150}],
    "sales": [{"number": "13800138000", "vin": "LSVAA4182E2123456", "day": "2026-11-30", "price": 138000,
               "seller": "李雷"}],
    "complaints": [{"number": "13800138000", "day": "2026-11-30", "text": "交车晚了两周", "department": "销售"}],
    "stock": [{"vin": "LSVAA4182E2123456", "model": "轩逸", "colour": "白", "state": "in_stock"}],
}  # fmt: skip


_RECORDS: Final = "\n".join(
    (
        "A sale, a visit, a complaint, a car with its owner, a car in stock, as it happens. A record takes the place",
        "of the one that it is about, so the same request may be sent again. A key that is no field of the kind is",
        "a mistake. Fields, as in the files of records:\n",
        *(
            f"- `{kind.name}` ({kind.zh}): " + ", ".join(f"`{field}` {HEADINGS[field][0]}" for field in kind.fields)
            for kind in KINDS.values()
        ),
    )
)


def _body(examples: dict[str, list[dict[str, object]]]) -> dict[str, Any]:
    """The request's body in the description of the API: it is read here and not by the framework."""
    given = {name: {"value": {"rows": rows}} for name, rows in examples.items()}
    content = {"application/json": {"schema": SentRowsBody.model_json_schema(), "examples": given}}
    return {"requestBody": {"required": True, "content": content}}


def _answers(*also: int) -> dict[int | str, dict[str, Any]]:
    """Answers besides the usual one, in the description of the API; ``also`` those of 200 and 404 that there are."""
    said: dict[int | str, dict[str, Any]] = {
        200: {"description": "Nothing new: all rows were known", "model": SentView},
        403: {"description": "Not a supervisor or admin"},
        404: {"description": "No campaign, or kind of records, of that name"},
        413: {"description": f"More than {MOST} rows, or too many bytes"},
        422: {"description": "Rows cannot be taken: `rows` names each with the reason, and nothing was taken in"},
    }
    return {status: told for status, told in said.items() if status not in (200, 404) or status in also}
