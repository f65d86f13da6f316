"""Recordings on disk: stereo WAV files that are right at every moment, so that a killed worker leaves a readable file.

Samples go in at their place with ``pwrite``, then the sizes in the header are set anew. What the kernel has taken
survives the death of the process. ``repair`` mends a file that was cut between the two (or by a power cut).
"""

import os
from pathlib import Path
from typing import Final

from core.audio import RATE_HZ
from core.errors import ParseError
from core.wav import MAX_WAV_DATA_BYTES, WAV_HEADER_BYTES, wav_header

CHANNELS: Final = 2
FRAME_BYTES: Final = 2 * CHANNELS
HEADER_BYTES: Final = WAV_HEADER_BYTES
_MAX_FRAMES: Final = MAX_WAV_DATA_BYTES // FRAME_BYTES


class RecordingFile:
    """A file being written. All methods raise ``OSError`` as the system does (disk full, no such folder)."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._frames = 0
        try:
            os.pwrite(self._descriptor, wav_header(0), 0)
        except OSError:
            os.close(self._descriptor)
            Path(path).unlink()  # it would be no recording, and in the way of another try
            raise

    def write(self, frame: int, interleaved: bytes) -> None:
        """Put samples down from frame number ``frame`` on (frames before that are silence) and set the header right."""
        end = min(frame + len(interleaved) // FRAME_BYTES, _MAX_FRAMES)
        data = memoryview(interleaved)[: max(0, end - frame) * FRAME_BYTES]
        offset = HEADER_BYTES + frame * FRAME_BYTES
        while data:
            written = os.pwrite(self._descriptor, data, offset)
            data = data[written:]
            offset += written
        self._reach(end)

    def extend(self, end: int) -> None:
        """Let it reach to frame number ``end``, with silence. That needs no space on the disk."""
        end = min(end, _MAX_FRAMES)
        if end > self._frames:
            os.ftruncate(self._descriptor, HEADER_BYTES + end * FRAME_BYTES)
            self._reach(end)

    def _reach(self, end: int) -> None:
        if end > self._frames:
            os.pwrite(self._descriptor, wav_header(end * FRAME_BYTES), 0)
            self._frames = end

    def close(self) -> float:
        """Bring it to the disk and close it; seconds of audio."""
        try:
            os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)
        return self.duration_s

    @property
    def duration_s(self) -> float:
        """Seconds of audio so far."""
        return self._frames / RATE_HZ


def repair(path: Path) -> float:
    """Make the header of a recording agree with what is in the file, cut to whole frames; seconds of audio.

    A file that was cut within its header becomes an empty recording. ``ParseError`` if it is not one of ours.
    """
    with path.open("r+b") as file:
        head = file.read(HEADER_BYTES)
        reference = wav_header(0)
        comparable = (slice(0, 4), slice(8, 40))  # all but the two sizes
        if any(head[part] != reference[part][: len(head[part])] for part in comparable):
            raise ParseError("not a stereo 16-bit 8 kHz recording", where=str(path))
        held = max(0, file.seek(0, os.SEEK_END) - HEADER_BYTES)
        data_bytes = held - held % FRAME_BYTES
        file.seek(0)
        file.write(wav_header(data_bytes))
        file.truncate(HEADER_BYTES + data_bytes)
        file.flush()
        os.fsync(file.fileno())
    return data_bytes / FRAME_BYTES / RATE_HZ
