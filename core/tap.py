"""The tap: audio of a leg on its way from a media worker to a recogniser worker, in datagrams that never wait.

They may be lost. Wire format, network byte order: 4 bytes ``L4T1``; u32 stream (chosen by the listener); u32 sequence
(from 0); u64 position of the first sample since the tap began, in samples of the rate that the listener asked for; then
int16 little-endian samples, at most 100 ms of them. An empty datagram body means that the stream has ended. Gaps in the
sequence are datagrams that were dropped.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.audio import Pcm
from core.errors import ParseError

_HEADER: Final = struct.Struct("!4sIIQ")
_MAGIC: Final = b"L4T1"
MAX_SAMPLES: Final = 1600
"""At most 100 ms of 16 kHz in one datagram."""


@dataclass(frozen=True, slots=True)
class TapFrame:
    """One datagram: ``samples`` (int16, mono, empty at the end) that begin ``position`` samples into the tap."""

    stream: int
    sequence: int
    position: int
    samples: Pcm


def tap_header(stream: int, sequence: int, position: int) -> bytes:
    """What stands before the samples."""
    return _HEADER.pack(_MAGIC, stream, sequence, position)


def pack_tap(frame: TapFrame) -> bytes:
    """The datagram of ``frame``."""
    return tap_header(frame.stream, frame.sequence, frame.position) + frame.samples.astype("<i2", copy=False).tobytes()


def unpack_tap(datagram: bytes) -> TapFrame:
    """The frame in ``datagram``; ``ParseError`` for anything else."""
    if len(datagram) < _HEADER.size or len(datagram) > _HEADER.size + 2 * MAX_SAMPLES or len(datagram) % 2:
        raise ParseError("not a tap datagram: wrong size")
    magic, stream, sequence, position = _HEADER.unpack_from(datagram)
    if magic != _MAGIC:
        raise ParseError("not a tap datagram: wrong magic")
    samples = np.frombuffer(datagram, dtype="<i2", offset=_HEADER.size).astype(np.int16)
    return TapFrame(stream, sequence, position, samples)
