"""Calls, their recordings and transcripts."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from console.api.when import moment
from console.deps import ConsoleDeps
from console.guard import Guard
from console.masks import mask_detail, mask_page
from console.ports import CallFilter
from console.problems import Problem, not_found
from console.sessions import Session
from console.sheets import calls_table, sheet_response
from console.views import CallDetail, CallPage, RecordingView, TranscriptView

_EXPORT_MOST = 10_000
_BEHIND_MOST = 1000


def calls_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls``."""
    router = APIRouter(tags=["calls"])
    zone = ZoneInfo(deps.settings.zone)

    async def filtered(
        *,
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
        queue: Annotated[str, Query(max_length=100)] = "",
        agent: Annotated[str, Query(max_length=100)] = "",
        direction: Literal["", "inbound", "outbound", "internal"] = "",
        number: Annotated[str, Query(max_length=20, pattern=r"^[0-9+*#]*$")] = "",
        outcome: Annotated[str, Query(max_length=20)] = "",
        text: Annotated[str, Query(max_length=100)] = "",
        behind: Annotated[str, Query(max_length=40)] = "",
    ) -> CallFilter:
        since, until = moment(from_, zone, "from"), moment(to, zone, "to")
        if not behind:
            return CallFilter(since, until, queue, agent, direction, number, outcome, text)
        if since is None or until is None:
            raise Problem(
                422,
                "a figure of a report belongs to a period",
                where="query.behind",
                mend="Give 'from' and 'to' of the report's row as well.",
                code="invalid",
            )
        entries = await deps.reports.behind(behind, since, until, queue)
        if len(entries) > _BEHIND_MOST:
            raise Problem(
                422,
                f"{len(entries)} waits stand behind this figure, more than can be listed at once",
                where="query.behind",
                mend="Open the figure of a single half hour, hour or day.",
                code="too_many_behind",
            )
        return CallFilter(agent=agent, direction=direction, number=number, text=text, entries=tuple(entries))

    @router.get("/calls", summary="通话记录 Calls")
    async def calls(
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[CallFilter, Depends(filtered)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> CallPage:
        """Newest first. ``number`` is part of either number; ``text`` was said; ``behind`` names a figure of the queue
        report and opens the calls that were counted in it.
        """
        return mask_page(await deps.calls.calls(which, limit=limit, offset=offset), session)

    @router.get("/calls.{kind}", summary="通话记录下载 Calls as a table", response_class=Response)
    async def calls_sheet(
        kind: Literal["csv", "xlsx"],
        session: Annotated[Session, Depends(guard.user)],
        which: Annotated[CallFilter, Depends(filtered)],
    ) -> Response:
        """The first 10,000 calls of the list as CSV or XLSX."""
        page = await deps.calls.calls(which, limit=_EXPORT_MOST, offset=0)
        return await sheet_response(lambda: calls_table(mask_page(page, session).items, zone), kind, "calls")

    async def found(call_id: str) -> CallDetail:
        detail = await deps.calls.call(call_id)
        if detail is None:
            raise not_found("call", call_id)
        return detail

    def one_recording(detail: CallDetail, recording: str) -> RecordingView:
        for candidate in detail.recordings:
            if recording in ("", candidate.id):
                return candidate
        if recording:
            raise not_found("recording", recording)
        raise Problem(
            404,
            "this call was not recorded",
            mend="Recording is switched per number in the configuration: [[numbers]] record = true.",
            code="no_recording",
        )

    @router.get("/calls/{call_id}", summary="一次通话 One call")
    async def call(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> CallDetail:
        """All that is known of a call: parties, waits, recordings and its events in order."""
        return mask_detail(await found(call_id), session)

    @router.get("/calls/{call_id}/recording.wav", summary="录音 Recording", response_class=FileResponse)
    async def recording_wav(
        call_id: str,
        _session: Annotated[Session, Depends(guard.user)],
        recording: Annotated[str, Query(max_length=100)] = "",
        download: bool = False,
    ) -> FileResponse:
        """The recording (the first one, or ``recording``) as stereo WAV; ranges are served."""
        which = one_recording(await found(call_id), recording)
        if which.duration_s is None:
            raise Problem(
                409,
                "the recording is still being made",
                mend="Ask again when the call is over.",
                code="not_in_this_state",
            )
        relative = await deps.calls.recording_path(which.id)
        root = deps.recordings.resolve()
        path = (root / relative).resolve() if relative is not None else None
        if path is None or not path.is_relative_to(root) or not path.is_file():
            raise Problem(
                404,
                "the recording's file is gone",
                mend="It may have been deleted on schedule, or the recordings folder is not the one it was made in.",
                code="file_gone",
            )
        return FileResponse(
            path,
            media_type="audio/wav",
            filename=f"{call_id}.wav",
            content_disposition_type="attachment" if download else "inline",
            headers={"Cache-Control": "private, no-cache"},
        )

    @router.get("/calls/{call_id}/transcript", summary="转写 Transcript")
    async def transcript(
        call_id: str,
        _session: Annotated[Session, Depends(guard.user)],
        recording: Annotated[str, Query(max_length=100)] = "",
    ) -> TranscriptView:
        """What was said, word by word, with times in the recording. 409 while it is in the making."""
        which = one_recording(await found(call_id), recording)
        text = await deps.transcripts.transcript(which.id)
        if text is not None:
            return text
        if which.transcript == "failed":
            raise Problem(404, f"it could not be transcribed: {which.why}", code="transcript_failed")
        if which.transcript == "none":
            raise Problem(
                404,
                "there is no transcript",
                mend="Install a model: line400 models install",
                code="no_transcript",
            )
        raise Problem(409, "the transcript is in the making", mend="Ask again in a minute.", code="transcript_pending")

    return router
