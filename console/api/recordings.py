"""What was said in a call: the recording in its forms, its waveform and its transcript."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from archive.seal import SUFFIX
from console.api import API
from console.api.calls import known_call
from console.api.paper import json_paper
from console.deps import ConsoleDeps
from console.guard import Guard
from console.papers import transcript_text
from console.problems import Problem
from console.recordings import as_stored, as_wav, file_inside, finished, peaks_of, pick_recording
from console.sessions import Session
from console.views import PeaksView, RecordingView, TranscriptView

Wanted = Annotated[str, Query(max_length=100)]


def no_transcript(recording: RecordingView) -> Problem:
    """Why there is no transcript of ``recording``: 409 while it is in the making, 404 otherwise."""
    if recording.transcript == "failed":
        return Problem(404, f"it could not be transcribed: {recording.why}", code="transcript_failed")
    if recording.transcript == "none":
        mend = "Install a model: line400 models install"
        return Problem(404, "there is no transcript", mend=mend, code="no_transcript")
    return Problem(409, "the transcript is in the making", mend="Ask again in a minute.", code="transcript_pending")


def _disposition(name: str, *, download: bool) -> str:
    return f'{"attachment" if download else "inline"}; filename="{name}"'


def recordings_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/recording…`` that read, and ``/calls/{call_id}/transcript``."""
    router = APIRouter(prefix=API, tags=["calls"])

    async def asked(call_id: str, recording: str) -> tuple[RecordingView, Path]:
        which = finished(pick_recording(await known_call(deps.calls, call_id), recording))
        stored = await deps.calls.recording_path(which.id)
        return which, await asyncio.to_thread(file_inside, deps.recordings, stored)

    @router.head("/calls/{call_id}/recording.wav", include_in_schema=False)
    @router.get("/calls/{call_id}/recording.wav", summary="录音 Recording", response_class=FileResponse)
    async def recording_wav(
        call_id: str,
        _session: Annotated[Session, Depends(guard.user)],
        recording: Wanted = "",
        download: bool = False,
    ) -> Response:
        """The recording (the first one, or ``recording``) as stereo WAV, whatever it is kept as; ranges are served."""
        which, path = await asked(call_id, recording)
        name = _disposition(f"{call_id}.wav", download=download)
        return as_wav(path, deps.recording_key, which.sha256, name)

    @router.head("/calls/{call_id}/recording", include_in_schema=False)
    @router.get("/calls/{call_id}/recording", summary="录音（存储格式）Recording as kept", response_class=FileResponse)
    async def recording_stored(
        call_id: str,
        _session: Annotated[Session, Depends(guard.user)],
        recording: Wanted = "",
        download: bool = False,
    ) -> Response:
        """The recording in the form in which it is kept (FLAC, Opus or WAV), unsealed; ranges are served."""
        which, path = await asked(call_id, recording)
        kind = Path(path.name.removesuffix(SUFFIX)).suffix
        name = _disposition(f"{call_id}{kind}", download=download)
        return as_stored(path, deps.recording_key, which.sha256, name)

    @router.get("/calls/{call_id}/recording/peaks", summary="波形 Waveform")
    async def peaks(
        call_id: str, _session: Annotated[Session, Depends(guard.user)], recording: Wanted = ""
    ) -> PeaksView:
        """The waveform of each channel, for drawing before a sample is loaded."""
        which, path = await asked(call_id, recording)
        found = await deps.recorder.peaks(which.id)
        if found is None:
            found = await asyncio.to_thread(peaks_of, path, deps.recording_key)
        return PeaksView(which.duration_s or 0.0, await asyncio.to_thread(found.channels))

    @router.get("/calls/{call_id}/transcript", summary="转写 Transcript", response_model=TranscriptView)
    async def transcript(
        call_id: str, _session: Annotated[Session, Depends(guard.user)], recording: Wanted = ""
    ) -> Response:
        """What was said, word by word, with times in the recording. 409 while it is in the making."""
        which = pick_recording(await known_call(deps.calls, call_id), recording)
        text = await deps.reading.ask(partial(transcript_text, recording=which.id))
        if text is None:
            raise no_transcript(which)
        return json_paper(text)

    return router
