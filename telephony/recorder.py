"""Recordings of calls: where the file lies, who is on which channel, and the facts that say so."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.errors import LegEnded, Line400Error, ParseError
from core.events import Log
from core.ids import Ids
from telephony.audio import AudioRoom, Recording
from telephony.facts import RecordingFinished, RecordingStarted
from telephony.media.recording import repair

_logger = logging.getLogger("line400.telephony")


class Recorder:
    """Starts and finishes recordings below ``folder``, a folder a day in local time."""

    def __init__(self, room: AudioRoom, log: Log, ids: Ids, clock: Clock, folder: Path, zone: ZoneInfo) -> None:
        self._room = room
        self._log = log
        self._ids = ids
        self._clock = clock
        self._folder = folder
        self._zone = zone

    async def start(self, call_id: str, left: str, right: str, *, roles: tuple[str, str]) -> Recording:
        """Record legs ``left`` and ``right`` ("" for what ``left`` hears of us); ``roles`` name the two channels.

        Raises ``Unavailable`` where no media worker can, ``LegEnded`` where one of them has hung up. Cancelling it ends
        the recording, so that none stays open that nobody knows.
        """
        begun = asyncio.ensure_future(self._begin(call_id, left, right, roles))
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            await asyncio.wait({begun})
            if not begun.cancelled() and begun.exception() is None:
                await self.finish(call_id, begun.result())
            raise

    async def _begin(self, call_id: str, left: str, right: str, roles: tuple[str, str]) -> Recording:
        recording = self._ids.new("recording")
        day = datetime.fromtimestamp(self._clock.now(), self._zone)
        relative = Path(f"{day:%Y/%m/%d}") / f"{recording}.wav"
        path = self._folder / relative
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        # The log knows of the file before the file exists: a crash between leaves a row to repair, never a stray file.
        await self._log.commit(call_id, RecordingStarted(recording, relative.as_posix(), *roles))
        try:
            return await self._room.record(recording, path, left, right)
        except Line400Error as error:
            if not isinstance(error, LegEnded):
                _logger.error("recording %s could not begin: %s", recording, error)
            self._log.post(call_id, RecordingFinished(recording, 0.0))
            raise

    async def finish(self, call_id: str, recording: Recording) -> float:
        """End the recording and say so; its length in seconds. What its worker left unfinished is mended here."""
        closed = await recording.stop()
        if closed is not None:
            self._log.post(call_id, RecordingFinished(recording.id, closed.duration_s))
            return closed.duration_s
        return await self.mend(call_id, recording.id, recording.path)

    async def mend_stored(self, call_id: str, recording: str, relative: str) -> float:
        """As ``mend``, for a file that the log knows by its place below the folder."""
        return await self.mend(call_id, recording, self._folder / relative)

    async def mend(self, call_id: str, recording: str, path: Path) -> float:
        """Repair a file that a crash cut and say so; 0.0 where nothing of it reached the disk."""
        try:
            duration_s = await asyncio.to_thread(repair, path)
        except (OSError, ParseError) as error:
            _logger.error("recording %s cannot be repaired: %s", recording, error)
            duration_s = 0.0
        self._log.post(call_id, RecordingFinished(recording, duration_s, repaired=True))
        return duration_s
