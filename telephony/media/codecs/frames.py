"""FFmpeg's codecs by way of PyAV, one packet or frame at a time: the narrow part of ``av`` that we use."""

from collections.abc import Mapping
from typing import Literal, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from core.audio import Pcm


class AvDecoder:
    """One stream through FFmpeg's decoder ``name``, to 16-bit samples of ``rate_hz``, mixed down to one channel."""

    def __init__(self, name: str, rate_hz: int) -> None:
        context = _context(name, "r")
        context.sample_rate = rate_hz
        context.layout = "mono"
        context.thread_count = 1
        context.open()
        self._context = context

    def decode(self, payload: bytes) -> Pcm | None:
        """The samples of one packet, which must not be empty (that would end the stream); None where it is no good."""
        try:
            frames = self._context.decode(av.Packet(payload))
        except av.FFmpegError:
            return None
        if len(frames) != 1 or frames[0].format.name != "s16":
            return None
        frame = frames[0]
        return np.frombuffer(bytes(frame.planes[0]), np.int16, frame.samples)


class AvEncoder:
    """One stream of 16-bit samples of ``rate_hz``, one channel, through FFmpeg's encoder ``name``."""

    def __init__(self, name: str, rate_hz: int, *, bit_rate: int = 0, options: Mapping[str, str] | None = None) -> None:
        context = _context(name, "w")
        context.sample_rate = rate_hz
        context.layout = "mono"
        context.format = "s16"
        context.thread_count = 1
        if bit_rate:
            context.bit_rate = bit_rate
        context.options = dict(options or {})
        context.open()
        self._context = context
        self._rate_hz = rate_hz

    def encode(self, samples: Pcm) -> bytes:
        """What the encoder gives by now; b"" while it waits for the rest of its frame."""
        frame = av.AudioFrame("s16", "mono", len(samples))
        frame.sample_rate = self._rate_hz
        frame.planes[0].update(samples.tobytes())
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


def _context(name: str, mode: Literal["r", "w"]) -> AudioCodecContext:
    return cast(AudioCodecContext, av.CodecContext.create(name, mode))
