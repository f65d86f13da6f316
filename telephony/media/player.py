"""The player: what one leg hears of a list of clips, 20 ms at a time."""

from collections.abc import Sequence

from core.audio import FRAME_SAMPLES
from telephony.media.clips import Clip
from telephony.media.codecs import Law


class Player:
    """Plays ``clips`` one after the other, over and over with ``loop``, until ``done``. With ``endless`` only the last
    one is played over and over (a tone, of which the clip is one period).

    ``script`` is all of it in the codec of the last ``take``; ``position`` is where the next frame begins there.
    """

    __slots__ = ("_clips", "_codec", "_length", "_restart", "loop", "play", "position", "script")

    def __init__(self, play: str, clips: Sequence[Clip], *, loop: bool, endless: bool = False) -> None:
        self.play = play
        self._clips = tuple(clips)
        self._length = sum(len(clip.alaw) for clip in self._clips)
        self.loop = (loop or endless) and self._length > 0
        self._restart = self._length - len(self._clips[-1].alaw) if endless else 0
        self._codec: Law | None = None
        self.script = b""
        self.position = 0

    @property
    def done(self) -> bool:
        """All of it has been taken."""
        return self.position >= self._length and not self.loop

    def take(self, codec: Law) -> bytes:
        """The next 20 ms in ``codec``; the last ones are filled up with silence."""
        if codec is not self._codec:
            self._codec = codec
            self.script = b"".join([clip.encoded(codec) for clip in self._clips])
        start = self.position
        end = start + FRAME_SAMPLES
        payload = self.script[start:end]
        self.position = end
        if end >= self._length:
            if self.loop:
                again = self.script[self._restart :]
                while len(payload) < FRAME_SAMPLES:
                    payload += again[: FRAME_SAMPLES - len(payload)]
                self.position = self._round(end)
            else:
                payload = payload.ljust(FRAME_SAMPLES, bytes([codec.silence]))
        return payload

    def skip(self, frames: int) -> None:
        """Go on as if ``frames`` of 20 ms had been taken (they are too late to be sent)."""
        self.position += frames * FRAME_SAMPLES
        if self.loop and self.position >= self._length:
            self.position = self._round(self.position)

    def _round(self, position: int) -> int:
        """Where ``position``, beyond the end, comes to lie in what is repeated."""
        return self._restart + (position - self._length) % (self._length - self._restart)
