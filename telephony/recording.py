"""A recording while it is made, as control knows it; the file is its media worker's."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import Unavailable
from telephony.media.port import MediaPort, RecordingClosed

RECORDING_CLOSE_S: Final = 10.0
"""A file that is not complete so long after the end of its recording has a slow disk, which is an alarm."""
SLOW_END: Final = "the disk is slow: the end of the recording is not written yet"


class Recording:
    """A recording in progress."""

    def __init__(self, recording: str, path: Path, media: MediaPort, faulty: Callable[[str], None]) -> None:
        self.id = recording
        self.path = path
        self.on_faulty = faulty
        self._media = media
        self._closed: asyncio.Future[RecordingClosed] = asyncio.get_running_loop().create_future()

    async def pause(self) -> None:
        """Hold silence from now on; ``Unavailable`` where its worker died."""
        await self._media.pause_record(self.id)

    async def resume(self) -> None:
        """Hold what is said again; ``Unavailable`` where its worker died."""
        await self._media.resume_record(self.id)

    async def switch(self, left: str, right: str = "") -> None:
        """Hold other legs from now on (channels as at ``MediaPort.record``); ``Unavailable`` where its worker died."""
        await self._media.switch_record(self.id, left, right)

    async def stop(self) -> RecordingClosed | None:
        """End it and wait until the file is whole, however long its disk takes (its worker writes it as long as it
        lives; nobody else may touch it); None where the worker died.
        """
        if not self._closed.done():
            try:
                await self._media.stop_record(self.id)
            except Unavailable:
                self.on_lost()
        done, _ = await asyncio.wait({self._closed}, timeout=RECORDING_CLOSE_S)
        if not done:
            self.on_faulty(SLOW_END)
            await asyncio.wait({self._closed})
        return None if self._closed.exception() is not None else self._closed.result()

    def on_closed(self, event: RecordingClosed) -> None:
        """The worker has written the last sample."""
        if not self._closed.done():
            self._closed.set_result(event)

    def on_lost(self) -> None:
        """The worker that wrote it died."""
        if not self._closed.done():
            self._closed.set_exception(Unavailable("the media worker died while recording"))
            self._closed.exception()  # stop() may never be called; that is no error of the event loop's
