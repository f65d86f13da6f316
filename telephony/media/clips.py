"""Clips: WAV files that are played, kept in memory encoded in both laws, so that playing is only slicing."""

import os
import wave
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from core.audio import RATE_HZ
from core.errors import ParseError
from telephony.media.codecs import PCMA, PCMU, Law

MAX_CLIP_BYTES: Final = 64 << 20
_CHUNK: Final = RATE_HZ

ClipKey: TypeAlias = tuple[str, int, int]
"""Path, size and time of change: a changed file is another clip."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound in both laws, one byte a sample."""

    alaw: bytes
    ulaw: bytes

    def encoded(self, codec: Law) -> bytes:
        """The sound in ``codec``."""
        return self.alaw if codec is PCMA else self.ulaw


def clip_key(path: str) -> ClipKey:
    """What names the present content of ``path``; ``ParseError`` if there is no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - once per play in the loop of the worker
    except OSError as error:
        raise ParseError(f"cannot be read: {error.strerror}", where=path) from None
    return path, status.st_size, status.st_mtime_ns


def load_clip(path: str) -> Clip:
    """Read and encode a mono 16-bit 8 kHz WAV file; ``ParseError`` for anything else, or over 64 MiB."""
    try:
        with Path(path).open("rb") as file, wave.open(file) as sound:
            form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            if form != (1, 2, RATE_HZ):
                raise ParseError(f"must be mono, 16 bits, {RATE_HZ} Hz, but is {form}", where=path)
            if 2 * sound.getnframes() > MAX_CLIP_BYTES:
                raise ParseError("longer than 64 MiB", where=path)
            alaw, ulaw = bytearray(), bytearray()
            while frames := sound.readframes(_CHUNK):  # in pieces, so that no other thread waits long for its turn
                samples = np.frombuffer(frames, dtype="<i2").astype(np.int16)
                alaw += PCMA.encode(samples)
                ulaw += PCMU.encode(samples)
    except (OSError, EOFError, wave.Error) as error:
        raise ParseError(f"not a WAV file that can be played: {error}", where=path) from None
    return Clip(bytes(alaw), bytes(ulaw))


class ClipCache:
    """Clips by key, the least recently used thrown out beyond ``limit_bytes``."""

    def __init__(self, limit_bytes: int = 128 << 20) -> None:
        self._clips: OrderedDict[ClipKey, Clip] = OrderedDict()
        self._limit_bytes = limit_bytes
        self._held_bytes = 0

    def get(self, key: ClipKey) -> Clip | None:
        """The clip, if it is held."""
        clip = self._clips.get(key)
        if clip is not None:
            self._clips.move_to_end(key)
        return clip

    def put(self, key: ClipKey, clip: Clip) -> None:
        """Hold ``clip``."""
        if key in self._clips:
            return
        self._clips[key] = clip
        self._held_bytes += len(clip.alaw) + len(clip.ulaw)
        while self._held_bytes > self._limit_bytes and len(self._clips) > 1:
            _, oldest = self._clips.popitem(last=False)
            self._held_bytes -= len(oldest.alaw) + len(oldest.ulaw)
