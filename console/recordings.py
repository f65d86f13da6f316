"""Recordings of a call: which one is meant, where its file lies, and sending it in ranges, in whatever form."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from archive.keys import load_key
from archive.peaks import PeakCounter, Peaks
from archive.seal import SUFFIX, SealedFile, open_sealed
from archive.sound import Sound, locate, open_sound
from archive.wavview import WavView
from console.problems import Problem, not_found, problem_response
from console.ranges import RangedSource, bad_range
from console.views import CallDetail, RecordingView
from core.errors import Line400Error

_STEP_BYTES: Final = 1 << 16
MEDIA_TYPES: Final = {".flac": "audio/flac", ".opus": "audio/ogg", ".wav": "audio/wav"}


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


def finished(recording: RecordingView) -> RecordingView:
    """``recording``, if it can be listened to; 409 while it is made, 410 once it was deleted."""
    if recording.duration_s is None:
        raise Problem(
            409,
            "the recording is still being made",
            mend="Ask again when the call is over.",
            code="not_in_this_state",
        )
    if recording.deleted_at is not None:
        raise Problem(410, "the recording was deleted", mend="The call's events say when and by whom.", code="deleted")
    return recording


def file_inside(folder: Path, relative: Path | None) -> Path:
    """The file of the recording ``relative`` below ``folder``, under whichever name it has by now; 404 where it is not
    there, is no file or lies outside (also by a link).
    """
    root = folder.resolve()
    try:
        path = locate(root / relative if relative is not None else root).resolve()
    except FileNotFoundError:
        path = root
    if not path.is_relative_to(root) or not path.is_file():
        raise Problem(
            404,
            "the recording's file is gone",
            mend="The recordings folder may not be the one it was made in, or somebody deleted the file.",
            code="file_gone",
        )
    return path


def as_wav(path: Path, key_file: Path, etag: str, disposition: str) -> FileResponse | RangedSource:
    """The answer with the recording in ``path`` as a WAV file; decoded while it is sent, where it is not one."""
    headers = {"Cache-Control": "private, no-cache"}
    if path.name.endswith(".wav"):
        headers["Content-Disposition"] = disposition
        return RangedFile(path, media_type="audio/wav", headers=headers)

    def opened() -> _WavSource:
        return _WavSource(_read(path, key_file))

    headers["Content-Disposition"] = disposition
    return RangedSource(opened, media_type="audio/wav", etag=f"{etag}-wav" if etag else "", headers=headers)


def as_stored(path: Path, key_file: Path, etag: str, disposition: str) -> FileResponse | RangedSource:
    """The answer with the recording in the form in which it is kept, unsealed."""
    headers = {"Cache-Control": "private, no-cache", "Content-Disposition": disposition}
    media_type = MEDIA_TYPES[Path(path.name.removesuffix(SUFFIX)).suffix]
    if not path.name.endswith(SUFFIX):
        return RangedFile(path, media_type=media_type, headers=headers)

    def opened() -> _SealedSource:
        try:
            return _SealedSource(open_sealed(path, load_key(key_file)))
        except (Line400Error, OSError) as error:
            raise _unreadable(error) from None

    return RangedSource(opened, media_type=media_type, etag=f"{etag}-stored" if etag else "", headers=headers)


def peaks_of(path: Path, key_file: Path) -> Peaks:
    """The waveform of a recording for which none is stored yet; takes a moment."""
    try:
        with _read(path, key_file) as sound:
            counter = PeakCounter(sound.frames, sound.channels)
            for block in sound.blocks():
                counter.add(block)
    except (Line400Error, OSError) as error:
        raise _unreadable(error) from None
    return counter.result()


def _read(path: Path, key_file: Path) -> Sound:
    try:
        return open_sound(path, key_file)
    except (Line400Error, OSError) as error:
        raise _unreadable(error) from None


def _unreadable(error: Line400Error | OSError) -> Problem:
    return Problem(
        500,
        f"the recording cannot be read: {error}",
        mend="line400 recordings verify looks at all of them; docs/operations.md tells of keys and backups.",
        code="recording_damaged",
    )


class _WavSource:
    """A decoded recording as ``console.ranges.Source``."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._view = WavView(sound)
        self.size = self._view.size

    def read(self, start: int, end: int) -> Iterator[bytes]:
        return self._view.read(start, end)

    def close(self) -> None:
        self._sound.close()


class _SealedSource:
    """An unsealed file as ``console.ranges.Source``."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self.size = file.seek(0, 2)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        self._file.seek(start)
        while start < end and (piece := self._file.read(min(_STEP_BYTES, end - start))):
            yield piece
            start += len(piece)

    def close(self) -> None:
        self._file.close()


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
            problem = bad_range(int(self.headers["content-length"]))
            await problem_response(problem, scope["path"])(scope, receive, send)
