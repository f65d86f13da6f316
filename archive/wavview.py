"""A recording of any format as the WAV file that it was: any range of its bytes, decoded when it is asked for."""

from collections.abc import Iterator
from typing import Final

from archive.sound import Sound
from core.wav import MAX_WAV_DATA_BYTES, WAV_HEADER_BYTES, wav_header

STEP_FRAMES: Final = 16_000
"""Two seconds at a time: 64 KB of two channels."""


class WavView:
    """The WAV file that ``sound`` would be, of ``size`` bytes."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._frame_bytes = 2 * sound.channels
        data_bytes = min(sound.frames * self._frame_bytes, MAX_WAV_DATA_BYTES // self._frame_bytes * self._frame_bytes)
        self._header = wav_header(data_bytes, sound.channels)
        self.size = WAV_HEADER_BYTES + data_bytes

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes ``start`` ≤ n < ``end`` in pieces of about ``STEP_FRAMES``; errors as ``Sound.read``."""
        end = min(end, self.size)
        if start < WAV_HEADER_BYTES:
            yield self._header[start:end]
            start = WAV_HEADER_BYTES
        while start < end:
            frame, into = divmod(start - WAV_HEADER_BYTES, self._frame_bytes)
            last = -(-(end - WAV_HEADER_BYTES) // self._frame_bytes)
            block = self._sound.read(frame, min(STEP_FRAMES, last - frame)).astype("<i2", copy=False).tobytes()
            piece = block[into : into + end - start]
            yield piece
            start += len(piece)
