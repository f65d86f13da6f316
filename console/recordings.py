"""Recordings of a call: which one is meant, where its file lies, and sending it in ranges."""

from pathlib import Path

from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from console.problems import Problem, not_found, problem_response
from console.views import CallDetail, RecordingView


def pick_recording(detail: CallDetail, recording: str) -> RecordingView:
    """The recording of that id, or the first one for ""; 404 where there is none."""
    for candidate in detail.recordings:
        if recording in ("", candidate.id):
            return candidate
    if recording:
        raise not_found("recording", recording)
    raise Problem(
        404,
        "this call was not recorded",
        mend="Recording is switched per number in the configuration: [[number]] record = true.",
        code="no_recording",
    )


def file_inside(folder: Path, relative: Path | None) -> Path:
    """The file ``relative`` of ``folder``; 404 where it is not there, is no file or lies outside (also by a link)."""
    root = folder.resolve()
    path = (root / relative).resolve() if relative is not None else root
    if not path.is_relative_to(root) or not path.is_file():
        raise Problem(
            404,
            "the recording's file is gone",
            mend="It may have been deleted on schedule, or the recordings folder is not the one it was made in.",
            code="file_gone",
        )
    return path


class RangedFile(FileResponse):
    """A file, whole or in ranges; a ``Range`` that asks for nothing in it is answered by 416 as problem details."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            # The library's own words for a bad range are plain text, with 400 where it is not even readable.
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused = True
            if not refused:
                await send(message)

        await super().__call__(scope, receive, watched)
        if refused:
            size = self.headers["content-length"]
            problem = Problem(
                416,
                "the range asks for nothing in this recording",
                where="header Range",
                mend=f"Ask for bytes=FIRST-LAST, both below {size}, or leave the header out.",
                code="bad_range",
                headers={"Content-Range": f"bytes */{size}"},
            )
            await problem_response(problem, scope["path"])(scope, receive, send)
