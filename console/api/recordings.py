"""What was said in a call: the recording and its transcript."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse

from console.api.calls import known_call
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import Problem
from console.recordings import RangedFile, file_inside, pick_recording
from console.sessions import Session
from console.views import RecordingView, TranscriptView


def no_transcript(recording: RecordingView) -> Problem:
    """Why there is no transcript of ``recording``: 409 while it is in the making, 404 otherwise."""
    if recording.transcript == "failed":
        return Problem(404, f"it could not be transcribed: {recording.why}", code="transcript_failed")
    if recording.transcript == "none":
        mend = "Install a model: line400 models install"
        return Problem(404, "there is no transcript", mend=mend, code="no_transcript")
    return Problem(409, "the transcript is in the making", mend="Ask again in a minute.", code="transcript_pending")


def recordings_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/recording.wav`` and ``/calls/{call_id}/transcript``."""
    router = APIRouter(tags=["calls"])

    @router.head("/calls/{call_id}/recording.wav", include_in_schema=False)
    @router.get("/calls/{call_id}/recording.wav", summary="录音 Recording", response_class=FileResponse)
    async def recording_wav(
        call_id: str,
        _session: Annotated[Session, Depends(guard.user)],
        recording: Annotated[str, Query(max_length=100)] = "",
        download: bool = False,
    ) -> FileResponse:
        """The recording (the first one, or ``recording``) as stereo WAV; ranges are served."""
        which = pick_recording(await known_call(deps.calls, call_id), recording)
        if which.duration_s is None:
            raise Problem(
                409,
                "the recording is still being made",
                mend="Ask again when the call is over.",
                code="not_in_this_state",
            )
        return RangedFile(
            file_inside(deps.recordings, await deps.calls.recording_path(which.id)),
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
        which = pick_recording(await known_call(deps.calls, call_id), recording)
        text = await deps.transcripts.transcript(which.id)
        if text is None:
            raise no_transcript(which)
        return text

    return router
