"""Recorders inside the engine: they read two tracks behind the present and hand batches to the disk thread.

A batch is 0.4 s, taken 0.2 s behind the present so that late packets have found their place; with the time to the next
tick at most 0.62 s are in memory. Whatever happens to the disk, the process or on command, a frame's place in the file
is its time: what is missing is silence, noted as a gap, and what comes after it stands where it belongs. No call waits.
"""

import contextlib
import errno
from collections.abc import Callable
from functools import partial
from typing import Final

from core.audio import RATE_HZ
from telephony.media.background import Background, Completion
from telephony.media.codecs import Law
from telephony.media.gaps import Gaps
from telephony.media.heard import Channel
from telephony.media.native import interleave
from telephony.media.port import RecordingClosed
from telephony.media.recording import RecordingFile
from telephony.media.samples import linear_of

BATCH: Final = RATE_HZ * 2 // 5
BEHIND: Final = RATE_HZ // 5
_PHASE: Final = RATE_HZ // 200
_PHASES: Final = BATCH // _PHASE
"""Recordings are spread over moments 5 ms apart, so that no moment does the work of all."""
MAX_PENDING_JOBS: Final = 5000
"""Batches that may wait for the disk, over all recordings of the worker: 64 MB, 10 s of 200 recordings."""
STALL: Final = RATE_HZ
"""A pause between two ticks that packets do not survive whole: what came meanwhile is late beyond use."""
PAUSED: Final = "paused"
DISK: Final = "disk"
STALLED: Final = "stall"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""There is no room at present: another try may help."""
SLOW_DISK: Final = "the disk is too slow: part of the recording is silent"


class Recorder:
    """One recording. ``closed`` is called in the loop with the final word, ``faulty`` at once when something goes
    wrong while it runs (once for each kind of fault).
    """

    def __init__(
        self,
        name: str,
        path: str,
        tracks: tuple[Channel, Channel],
        *,
        disk: Background,
        closed: Callable[[RecordingClosed], None],
        faulty: Callable[[str], None],
    ) -> None:
        self.name = name
        self.tracks = tracks
        self._disk = disk
        self._closed = closed
        self._faulty = faulty
        self._path = path
        self._file: RecordingFile | None = None  # touched by the disk thread only, as is:
        self._hopeless = False  # the file cannot be made, and that is not for want of room
        self._gaps = Gaps()
        self._faults: list[str] = []
        self._start = -1
        self._taken = 0
        self.due = 0
        self._paused = False
        self.ended = False

    def start(self, now: int, phase: int) -> None:
        """Begin with what comes from ``now`` on; ``closed`` follows soon if the file cannot be made. Where only room is
        missing, that is said (``faulty``) and it is tried again with every batch: what came before is a gap.

        ``phase`` is any number that differs from one recording to the next.
        """
        self._start = self._taken = now
        self.due = (now // _PHASE + 1 + phase % _PHASES) * _PHASE + BEHIND
        self._disk.submit(self._open)

    def tick(self, now: int) -> None:
        """Take a batch if one is due: at ``due``, or later."""
        if now >= self.due and not self.ended:
            self.due += (now - self.due) // BATCH * BATCH + BATCH
            self._take(now - BEHIND)

    def stalled(self, since: int, now: int) -> None:
        """The worker has stood still for longer than ``STALL``."""
        if not self._paused and not self.ended:
            self._gaps.note(max(since - self._start, 0), now - self._start, STALLED)

    def pause(self, now: int) -> None:
        """Hold silence from ``now`` on."""
        if not self._paused and not self.ended:
            self._take(now)
            self._paused = True

    def resume(self, now: int) -> None:
        """Hold what is said from ``now`` on."""
        if self._paused and not self.ended:
            self._take(now)
            self._paused = False

    def switch(self, tracks: tuple[Channel, Channel], now: int) -> None:
        """From ``now`` on the channels hold ``tracks``: another person was put through."""
        if not self.ended:
            self._take(now)
            self.tracks = tracks

    def stop(self, now: int) -> None:
        """Take the rest and close the file."""
        if self.ended:
            return
        self._take(now)
        self.ended = True
        self._disk.submit(self._close)

    def _take(self, end: int) -> None:
        start, self._taken = self._taken, max(end, self._taken)
        if end <= start:
            return
        frame, last = start - self._start, end - self._start
        full = self._disk.pending > MAX_PENDING_JOBS
        if self._paused:
            self._gaps.note(frame, last, PAUSED)
            self._disk.submit(partial(self._extend, last))
        elif full:
            self._gaps.note(frame, last, DISK)
            self._alarm(SLOW_DISK)
        while start < end:  # more than one turn only after a stall of the whole process
            until = min(end, start + BATCH)
            # Read even where it is not kept: the tracks follow their streams, so what comes next is in its place.
            left, right = (track.timeline.read(start, until) for track in self.tracks)
            if self._paused or full:
                start = until
                continue
            stereo = _interleave(left, self.tracks[0].codec, right, self.tracks[1].codec)
            self._disk.submit(partial(self._write, frame, stereo, until - start))
            frame += until - start
            start = until

    def _alarm(self, fault: str) -> None:
        """In the loop."""
        if fault not in self._faults:
            self._faults.append(fault)
            self._faulty(fault)

    # In the disk thread

    def _open(self) -> Completion | None:
        try:
            self._file = RecordingFile(self._path)
        except OSError as error:
            if error.errno in FULL:
                return partial(self._alarm, f"the recording could not begin: {error.strerror}")
            self._hopeless = True
            return partial(self._give_up, f"the file cannot be made: {error.strerror}")
        return None

    def _opened(self) -> RecordingFile | None:
        """The file, made now where there was no room for it before; None where there still is none."""
        if self._file is None and not self._hopeless:
            with contextlib.suppress(OSError):
                self._file = RecordingFile(self._path)
        return self._file

    def _write(self, frame: int, data: bytes, frames: int) -> Completion | None:
        file = self._opened()
        if file is None:
            self._gaps.note(frame, frame + frames, DISK)
            return None
        try:
            file.write(frame, data)
        except OSError as error:
            self._gaps.note(frame, frame + frames, DISK)
            self._extend(frame + frames)  # the file still grows with the time, so what comes later finds its place
            return partial(self._alarm, f"part of the recording could not be written: {error.strerror}")
        return None

    def _extend(self, end: int) -> Completion | None:
        file = self._opened()
        if file is None:
            return None
        try:
            file.extend(end)
        except OSError as error:
            return partial(self._alarm, f"part of the recording could not be written: {error.strerror}")
        return None

    def _close(self) -> Completion | None:
        if self._hopeless:
            return None  # that has been said
        file = self._opened()
        if file is None:
            return partial(self._give_up, "there was never room for the recording")
        self._extend(self._taken - self._start)
        fault = ""
        try:
            file.close()
        except OSError as error:
            fault = f"the end of the recording may be lost: {error.strerror}"
        return partial(self._finish, file.duration_s, fault)

    # In the loop, when the disk thread has done with it

    def _finish(self, duration_s: float, fault: str) -> None:
        if fault:
            self._alarm(fault)
        gaps = self._gaps.whole(round(duration_s * RATE_HZ))
        self._closed(RecordingClosed(self.name, duration_s, "; ".join(self._faults), gaps))

    def _give_up(self, fault: str) -> None:
        self.ended = True
        self._closed(RecordingClosed(self.name, 0.0, "; ".join([*self._faults, fault])))


def _interleave(left: bytes, left_codec: Law, right: bytes, right_codec: Law) -> bytes:
    """Both channels decoded, sample by sample side by side, little-endian."""
    return interleave(left, right, linear_of(left_codec), linear_of(right_codec))
