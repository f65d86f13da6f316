"""The 44 bytes before the samples of a WAV file of 16-bit PCM (RIFF, ``fmt `` and ``data``, in this order)."""

import struct
from typing import Final

from core.audio import RATE_HZ

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
WAV_HEADER_BYTES: Final = _HEADER.size
MAX_WAV_DATA_BYTES: Final = 0xFFFFFFFF - WAV_HEADER_BYTES
"""A WAV file holds no more: 37 hours of two channels."""
_PCM: Final = 1
_BITS: Final = 16


def wav_header(data_bytes: int, channels: int = 2, rate_hz: int = RATE_HZ) -> bytes:
    """What stands before ``data_bytes`` of interleaved 16-bit samples."""
    frame_bytes = channels * _BITS // 8
    return _HEADER.pack(
        b"RIFF",
        WAV_HEADER_BYTES - 8 + data_bytes,
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        channels,
        rate_hz,
        rate_hz * frame_bytes,
        frame_bytes,
        _BITS,
        b"data",
        data_bytes,
    )
