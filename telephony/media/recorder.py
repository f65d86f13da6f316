"""Recorders inside the engine: they read two tracks behind the present and hand batches to the disk thread.

A batch is 0.4 s, taken 0.2 s behind the present so that late packets have found their place; with the time to the next
tick at most 0.62 s are in memory. The disk may be slow or full: the recording then has a gap and says so at its end,
and no call waits.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from core.audio import RATE_HZ
from telephony.media.background import Background, Completion
from telephony.media.codecs import Codec
from telephony.media.port import RecordingClosed
from telephony.media.recording import RecordingFile
from telephony.media.track import Track

BATCH: Final = RATE_HZ * 2 // 5
BEHIND: Final = RATE_HZ // 5
_PHASES: Final = 5
_PHASE: Final = BATCH // _PHASES
"""Recordings are spread over five moments of the 0.4 s, so that no tick does the work of all."""
MAX_PENDING_JOBS: Final = 500
"""Batches that may wait for the disk, over all recordings of the worker (6.4 MB)."""


class Recorder:
    """One recording. ``closed`` is called in the loop with the final word."""

    def __init__(
        self,
        name: str,
        path: str,
        tracks: tuple[Track, Track],
        *,
        disk: Background,
        closed: Callable[[RecordingClosed], None],
    ) -> None:
        self.name = name
        self.tracks = tracks
        self._disk = disk
        self._closed = closed
        self._path = path
        self._file: RecordingFile | None = None  # touched by the disk thread only
        self._fault = ""
        self._start = -1
        self._taken = 0
        self._due = 0
        self.ended = False

    def start(self, now: int, phase: int) -> None:
        """Begin with what comes from ``now`` on; ``closed`` follows soon if the file cannot be made.

        ``phase`` is any number that differs from one recording to the next.
        """
        self._start = self._taken = now
        self._due = (now // _PHASE + 1 + phase % _PHASES) * _PHASE + BEHIND
        self._disk.submit(self._open)

    def tick(self, now: int) -> None:
        """Take a batch if one is due."""
        if now >= self._due and not self.ended:
            self._due += (now - self._due) // BATCH * BATCH + BATCH
            self._take(now - BEHIND)

    def stop(self, now: int) -> None:
        """Take the rest and close the file."""
        if self.ended:
            return
        self.ended = True
        self._take(now)
        self._disk.submit(self._close)

    def _take(self, end: int) -> None:
        start, self._taken = self._taken, end
        if end <= start:
            return
        if self._disk.pending > MAX_PENDING_JOBS:
            self._fault = self._fault or "the disk is too slow: part of the recording is silent"
            return
        frame = start - self._start
        while start < end:  # more than one turn only after a stall of the whole process
            until = min(end, start + BATCH)
            left, right = (track.timeline.read(start, until) for track in self.tracks)
            stereo = _interleave(left, self.tracks[0].codec, right, self.tracks[1].codec)
            self._disk.submit(partial(self._write, frame, stereo))
            frame += until - start
            start = until

    # In the disk thread

    def _open(self) -> Completion | None:
        try:
            self._file = RecordingFile(self._path)
        except OSError as error:
            self._fault = f"the file cannot be made: {error.strerror}"
            return self._give_up
        return None

    def _write(self, frame: int, data: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(frame, data)
        except OSError as error:
            self._fault = self._fault or f"part of the recording could not be written: {error.strerror}"

    def _close(self) -> Completion | None:
        if self._file is None:
            return None  # the failure to open it has been said
        duration_s = 0.0
        try:
            duration_s = self._file.close()
        except OSError as error:
            self._fault = self._fault or f"the end of the recording may be lost: {error.strerror}"
        return lambda: self._closed(RecordingClosed(self.name, duration_s, self._fault))

    def _give_up(self) -> None:
        self.ended = True
        self._closed(RecordingClosed(self.name, 0.0, self._fault))


def _interleave(left: bytes, left_codec: Codec, right: bytes, right_codec: Codec) -> bytes:
    """Both channels decoded, sample by sample side by side, little-endian."""
    if left_codec is right_codec:  # interleaving bytes before one look-up takes half the time
        both = bytearray(2 * len(left))
        both[::2] = left
        both[1::2] = right
        return (
            left_codec.linear.take(np.frombuffer(both, dtype=np.uint8), mode="clip").astype("<i2", copy=False).tobytes()
        )
    stereo = np.empty((len(left), 2), dtype="<i2")
    stereo[:, 0] = left_codec.decode(left)
    stereo[:, 1] = right_codec.decode(right)
    return stereo.tobytes()
