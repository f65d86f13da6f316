"""Recordings of calls: where the file lies, who is on which channel, and the facts that say so."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.errors import LegEnded, Line400Error, LocalProtocolError, ParseError
from core.events import Log
from core.ids import Ids
from telephony.audio import AudioRoom
from telephony.disk import Disk, PatientDisk
from telephony.facts import (
    RecordingFaulty,
    RecordingFinished,
    RecordingGap,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from telephony.media.port import Gap
from telephony.media.recording import repair
from telephony.recording import Recording

_logger = logging.getLogger("line400.telephony")

PATIENCE_S: Final = 0.5
"""Two people wait to be joined: so long for the folder of the day, and so long for the log to know of the file."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The newest fault of a recording, said ``at`` (epoch seconds)."""

    recording: str
    fault: str
    at: float


@dataclass(slots=True)
class _Running:
    """A recording that runs; ``pauses`` by our own clock, for the case that its worker dies with what it noted."""

    item: Recording
    began: float
    paused_at: float | None = None
    pauses: list[Gap] = field(default_factory=list)

    def resumed(self, now: float) -> None:
        if self.paused_at is not None:
            self.pauses.append(Gap(self.paused_at - self.began, now - self.began, "paused"))
            self.paused_at = None


class Recorder:
    """Starts and finishes recordings below ``folder``, a folder a day in local time. ``trouble`` is the newest. It
    waits for the log and for ``disk`` no longer than ``patience_s``.
    """

    def __init__(
        self,
        room: AudioRoom,
        log: Log,
        ids: Ids,
        clock: Clock,
        folder: Path,
        zone: ZoneInfo,
        *,
        patience_s: float = PATIENCE_S,
        disk: Disk | None = None,
    ) -> None:
        self.trouble: Trouble | None = None
        self._room = room
        self._log = log
        self._ids = ids
        self._clock = clock
        self._folder = folder
        self._zone = zone
        self._patience_s = patience_s
        self._disk = disk or PatientDisk(patience_s)
        self._running: dict[str, dict[str, _Running]] = {}  # by call and recording
        self._finishing: set[asyncio.Task[float]] = set()

    async def start(self, call_id: str, left: str, right: str, *, roles: tuple[str, str]) -> Recording:
        """Record legs ``left`` and ``right`` ("" for what ``left`` hears of us); ``roles`` name the two channels.

        Raises ``Unavailable`` where no media worker can, ``LegEnded`` where one of them has hung up. Cancelling it ends
        the recording, so that none stays open that nobody knows; a slow disk is not waited for then.
        """
        begun = asyncio.ensure_future(self._begin(call_id, left, right, roles))
        try:
            return await asyncio.shield(begun)
        except asyncio.CancelledError:
            await asyncio.wait({begun})
            if not begun.cancelled() and begun.exception() is None:
                finishing = asyncio.create_task(self.finish(call_id, begun.result()))
                self._finishing.add(finishing)
                finishing.add_done_callback(self._finishing.discard)
                await asyncio.wait({finishing}, timeout=self._patience_s)
            raise

    async def _begin(self, call_id: str, left: str, right: str, roles: tuple[str, str]) -> Recording:
        recording = self._ids.new("recording")
        relative = await self._place(recording)
        path = self._folder / relative
        await self._note(call_id, RecordingStarted(recording, relative.as_posix(), *roles))
        try:
            item = await self._room.record(
                recording, path, left, right, faulty=lambda fault: self._faulty(call_id, recording, fault)
            )
        except Line400Error as error:
            if not isinstance(error, LegEnded):
                _logger.error("recording %s could not begin: %s", recording, error)
            self._log.post(call_id, RecordingFinished(recording, 0.0))
            raise
        self._running.setdefault(call_id, {})[recording] = _Running(item, self._clock.now())
        return item

    async def _place(self, recording: str) -> Path:
        """Where its file goes, below our folder: into that of the day, or beside those where the disk has no room for a
        new one, or hangs. The worker then waits until there is room.
        """
        name = f"{recording}.wav"
        day = f"{datetime.fromtimestamp(self._clock.now(), self._zone):%Y/%m/%d}"
        try:
            await self._disk.do(partial((self._folder / day).mkdir, parents=True, exist_ok=True))
        except OSError as error:
            _logger.error("the folder of recording %s cannot be made: %s", recording, error)
            return Path(name)
        return Path(day, name)

    async def _note(self, call_id: str, started: RecordingStarted) -> None:
        """Let the log know of the file before the file exists: a crash between leaves a row to repair, and no stray
        file. Where the log's disk is full or slow that is left to luck; the fact waits there and will be written.
        """
        try:
            async with asyncio.timeout(self._patience_s):
                await self._log.commit(call_id, started)
        except TimeoutError:
            _logger.error("recording %s begins before the log has written so: its disk is slow", started.recording)

    def _faulty(self, call_id: str, recording: str, fault: str) -> None:
        self.trouble = Trouble(recording, fault, self._clock.now())
        self._log.post(call_id, RecordingFaulty(recording, fault))

    def state(self, call_id: str) -> Literal["", "recording", "paused"]:
        """``recording``, ``paused``, or "" where the call is not recorded now."""
        running = self._running.get(call_id)
        if not running:
            return ""
        return "paused" if any(one.paused_at is not None for one in running.values()) else "recording"

    async def pause(self, call_id: str, by: str) -> None:
        """Let what is recorded of the call hold silence from now on; no error where it does already.

        ``LocalProtocolError`` where nothing is recorded, ``Unavailable`` where the worker died.
        """
        for recording, one in self._of(call_id):
            if one.paused_at is None:
                one.paused_at = self._clock.now()
                try:
                    await one.item.pause()
                except Line400Error:
                    one.paused_at = None
                    raise
                self._log.post(call_id, RecordingPaused(recording, by))

    async def resume(self, call_id: str, by: str) -> None:
        """Let it hold what is said again; errors as ``pause``."""
        for recording, one in self._of(call_id):
            if one.paused_at is not None:
                await one.item.resume()
                one.resumed(self._clock.now())
                self._log.post(call_id, RecordingResumed(recording, by))

    def _of(self, call_id: str) -> list[tuple[str, _Running]]:
        running = self._running.get(call_id)
        if not running:
            raise LocalProtocolError(f"call {call_id} is not being recorded now")
        return list(running.items())

    async def finish(self, call_id: str, recording: Recording) -> float:
        """End the recording and say so; its length in seconds. What its worker left unfinished is mended here."""
        closed = await recording.stop()
        one = self._forget(call_id, recording.id)
        if closed is None:
            return await self.mend(call_id, recording.id, recording.path, one.pauses if one is not None else ())
        if closed.fault and (self.trouble is None or self.trouble.recording != recording.id):
            self._faulty(call_id, recording.id, closed.fault)  # it could not even begin
        self._say_gaps(call_id, recording.id, closed.gaps)
        self._log.post(call_id, RecordingFinished(recording.id, closed.duration_s))
        return closed.duration_s

    def _forget(self, call_id: str, recording: str) -> _Running | None:
        running = self._running.get(call_id, {})
        one = running.pop(recording, None)
        if not running:
            self._running.pop(call_id, None)
        if one is not None:
            one.resumed(self._clock.now())
        return one

    def _say_gaps(self, call_id: str, recording: str, gaps: Sequence[Gap]) -> None:
        for gap in gaps:
            self._log.post(call_id, RecordingGap(recording, round(gap.start_s, 6), round(gap.end_s, 6), gap.why))

    async def mend_stored(self, call_id: str, recording: str, relative: str) -> float:
        """As ``mend``, for a file that the log knows by its place below the folder."""
        return await self.mend(call_id, recording, self._folder / relative)

    async def mend(self, call_id: str, recording: str, path: Path, gaps: Sequence[Gap] = ()) -> float:
        """Repair a file that a crash cut and say so; 0.0 where nothing of it reached the disk."""
        try:
            duration_s = await asyncio.to_thread(repair, path)
        except (OSError, ParseError) as error:
            _logger.error("recording %s cannot be repaired: %s", recording, error)
            duration_s = 0.0
        self._say_gaps(call_id, recording, [gap for gap in gaps if gap.start_s < duration_s])
        self._log.post(call_id, RecordingFinished(recording, duration_s, repaired=True))
        return duration_s
