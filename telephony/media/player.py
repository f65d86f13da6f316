"""The player: what one leg hears of a list of clips, 20 ms at a time."""

from collections.abc import Sequence

from core.audio import FRAME_SAMPLES
from telephony.media.clips import Clip
from telephony.media.codecs import Codec


class Player:
    """Plays ``clips`` one after the other, over and over with ``loop``, until ``done``."""

    __slots__ = ("_clips", "_codec", "_encoded", "_length", "_position", "loop", "play")

    def __init__(self, play: str, clips: Sequence[Clip], *, loop: bool) -> None:
        self.play = play
        self._clips = tuple(clips)
        self._length = sum(len(clip.alaw) for clip in self._clips)
        self.loop = loop and self._length > 0
        self._codec: Codec | None = None
        self._encoded = b""
        self._position = 0

    @property
    def done(self) -> bool:
        """All of it has been taken."""
        return self._position >= self._length and not self.loop

    def take(self, codec: Codec) -> bytes:
        """The next 20 ms in ``codec``; the last ones are filled up with silence."""
        if codec is not self._codec:
            self._codec = codec
            self._encoded = b"".join([clip.encoded(codec) for clip in self._clips])
        start = self._position
        end = start + FRAME_SAMPLES
        payload = self._encoded[start:end]
        self._position = end
        if end >= self._length:
            if self.loop:
                self._position = end % self._length
                while len(payload) < FRAME_SAMPLES:
                    payload += self._encoded[: FRAME_SAMPLES - len(payload)]
            else:
                payload = payload.ljust(FRAME_SAMPLES, bytes([codec.silence]))
        return payload

    def skip(self, frames: int) -> None:
        """Go on as if ``frames`` of 20 ms had been taken (they are too late to be sent)."""
        self._position += frames * FRAME_SAMPLES
        if self.loop:
            self._position %= self._length
