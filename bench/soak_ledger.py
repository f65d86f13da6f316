"""The calls of ``bench.soak`` as the line's own event stream tells them, each held against what was done to it."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from websockets.exceptions import WebSocketException

from bench.served.line import Json, ServedLine
from core.wav import WAV_HEADER_BYTES, wav_header
from telephony.media.recording import FRAME_BYTES

_MOST_MISSING_S: Final = 1.0
_RATE_HZ: Final = 8000


@dataclass(slots=True)
class Entry:
    """One call; times are seconds since 1970. ``ended_by_us``: its caller hung up."""

    number: int
    call_id: str = ""
    talk_from: float = 0.0
    over_at: float = 0.0
    reason: str = ""
    ended_by_us: bool = False
    recording: str = ""
    path: str = ""
    finished: bool = False


class Ledger:
    """``faults`` are found as they come; ``expected`` says which reason may end a call that its caller did not end,
    ``killed_at`` when the newest killing was.
    """

    def __init__(self, line: ServedLine, expected: Callable[[Entry], str], killed_at: Callable[[], float]) -> None:
        self.faults: list[str] = []
        self.reasons: Counter[str] = Counter()
        self.recordings = 0
        self.repaired = 0
        self._line = line
        self._expected = expected
        self._killed_at = killed_at
        self._by_number: dict[int, Entry] = {}
        self._by_call: dict[str, Entry] = {}
        self._following: asyncio.Task[None] | None = None

    def begun(self, number: int) -> None:
        """This caller calls."""
        self._by_number[number] = Entry(number)

    def hangs_up(self, number: int) -> None:
        """This caller hangs up now."""
        if entry := self._by_number.get(number):
            entry.ended_by_us = True

    @property
    def open(self) -> list[Entry]:
        """Calls that are not over, or whose recording is not yet looked at."""
        return list(self._by_number.values())

    def follow(self) -> None:
        """Read the event stream from now on, until it breaks."""
        self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            async for event in self._line.api.events():
                at = float(str(event["at"]))
                self._take(str(event["name"]), str(event["call_id"]), at, cast("Json", event["data"]))

    async def stop(self) -> None:
        """Read no more."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})

    def _take(self, name: str, call_id: str, at: float, data: Json) -> None:
        if name == "call.started":
            entry = self._by_number.get(int(str(data["ani"])[-8:]))
            if entry is not None:
                entry.call_id = call_id
                self._by_call[call_id] = entry
            return
        if name == "recording.kept":  # nothing is done to it any more: make room
            path = self._line.recordings / str(data["path"])
            for file in path.parent.glob(f"{path.stem}*"):
                file.unlink(missing_ok=True)
        if (entry := self._by_call.get(call_id)) is None:
            return
        match name:
            case "talk.started":
                entry.talk_from = at
            case "recording.started":
                entry.recording, entry.path = str(data["recording"]), str(data["path"])
            case "recording.faulty":
                self.faults.append(f"call {entry.number}: {data['fault']}")
            case "recording.finished":
                entry.finished = True
                self.finished(entry, float(str(data["duration_s"])), repaired=bool(data["repaired"]))
            case "recording.kept":
                self._forget(entry)
            case "call.ended":
                self.ended(entry, at, str(data["reason"]), str(data["by"]))

    def ended(self, entry: Entry, at: float, reason: str, by: str) -> None:
        """The call is over since ``at``."""
        entry.over_at, entry.reason = at, reason
        self.reasons[f"{reason} by {by}"] += 1
        expected = "normal" if entry.ended_by_us else self._expected(entry)
        if reason != expected and not (entry.ended_by_us and reason == self._expected(entry)):
            self.faults.append(f"call {entry.number} ended with {reason} by {by}, not {expected or 'at all'}")
        if not entry.recording:
            self._forget(entry)

    def finished(self, entry: Entry, duration_s: float, *, repaired: bool) -> None:
        """Its recording is whole: as long as the talk, and a right file."""
        self.recordings += 1
        self.repaired += repaired
        until = self._killed_at() if repaired else entry.over_at or time.time()
        talked_s = until - entry.talk_from if entry.talk_from else 0.0
        if duration_s == 0.0 and talked_s < _MOST_MISSING_S:
            return  # the caller was gone before there was a file
        path = self._line.recordings / entry.path
        try:
            held = path.stat().st_size - WAV_HEADER_BYTES
            with path.open("rb") as file:
                head = file.read(WAV_HEADER_BYTES)
        except OSError as error:
            self.faults.append(f"call {entry.number}: its recording cannot be read: {error}")
            return
        if head != wav_header(held):
            self.faults.append(f"call {entry.number}: the header of its recording is not right")
        if abs(held / FRAME_BYTES / _RATE_HZ - duration_s) > 0.001 or duration_s < talked_s - _MOST_MISSING_S:
            self.faults.append(f"call {entry.number}: {duration_s:.1f} s of {talked_s:.1f} s are recorded")

    def _forget(self, entry: Entry) -> None:
        self._by_number.pop(entry.number, None)
        self._by_call.pop(entry.call_id, None)

    async def settle_after_kill(self, died_at: float) -> int:
        """Control was killed at ``died_at`` and is up again: each call that was up must have been ended by it and its
        recording mended. How many there were.
        """
        waiting = [entry for entry in self.open if entry.call_id]
        for entry in waiting:
            detail = cast("Json", await self._line.api.get(f"/calls/{entry.call_id}"))
            call, recordings = cast("Json", detail["call"]), cast("list[Json]", detail["recordings"])
            if call["ended_at"] is None:
                self.faults.append(f"call {entry.number} never ended, though control that carried it was killed")
            elif not entry.over_at:
                self.ended(entry, died_at, str(call["reason"]), str(call["ended_by"]))
            for recording in recordings:
                entry.recording = str(recording["id"])
                entry.path = self._path_of(str(recording["id"]))
                if recording["duration_s"] is None:
                    self.faults.append(f"call {entry.number}: its recording is not closed")
                elif not entry.finished and entry.talk_from:
                    self.finished(entry, float(str(recording["duration_s"])), repaired=bool(recording["repaired"]))
            self._forget(entry)
        self._by_number.clear()
        self._by_call.clear()
        return len(waiting)

    def _path_of(self, recording: str) -> str:
        found = next(self._line.recordings.rglob(f"{recording}.wav"), Path(f"{recording}.wav"))
        return str(found.relative_to(self._line.recordings)) if found.is_absolute() else str(found)
