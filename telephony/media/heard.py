"""What the second channel of a recording holds: one far end, and whoever else its partner hears meanwhile.

So a supervisor who barges in or takes over is on the caller's recording, and one who whispers to the agent is not.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from core.audio import Pcm
from telephony.media.codecs import PCMA, Law
from telephony.media.track import Track
from telephony.sound.mixer import factor

_LONG_AGO: Final = -(1 << 60)


class Readable(Protocol):
    """Encoded samples by their time (``AudioTimeline``)."""

    def read(self, start: int, end: int) -> bytes:
        """The samples of ``start`` ≤ position < ``end``, one byte each."""
        ...


class Channel(Protocol):
    """What a recorder reads. ``codec`` is that of the newest read."""

    @property
    def codec(self) -> Law:
        """What the bytes mean."""
        ...

    @property
    def timeline(self) -> Readable:
        """Where they are read."""
        ...


class HeardTrack:
    """``own`` is the track of leg ``speaker``, ``listener`` the leg that hears others beside it."""

    __slots__ = ("_others", "codec", "listener", "own", "speaker")

    def __init__(self, listener: str, speaker: str, own: Track) -> None:
        self.listener = listener
        self.speaker = speaker
        self.own = own
        self.codec: Law = own.codec
        self._others: deque[tuple[int, tuple[tuple[Track, float], ...]]] = deque([(_LONG_AGO, ())])

    @property
    def timeline(self) -> "HeardTrack":
        """See ``Channel``."""
        return self

    @property
    def tracks(self) -> list[Track]:
        """All that it reads."""
        return [self.own, *(track for _, others in self._others for track, _ in others)]

    def hear(self, others: Mapping[Track, float], now: int) -> None:
        """From ``now`` on ``listener`` hears these beside ``speaker``, at these gains in dB."""
        heard = tuple((track, factor(gain_db)) for track, gain_db in others.items())
        if heard != self._others[-1][1]:
            self._others.append((now, heard))

    def read(self, start: int, end: int) -> bytes:
        """The samples of ``start`` ≤ position < ``end``, in ``codec``; what is before ``start`` is let go of."""
        spans = self._others
        while len(spans) > 1 and spans[1][0] <= start:
            spans.popleft()
        if len(spans) == 1 and not spans[0][1]:
            self.codec = self.own.codec
            return self.own.timeline.read(start, end)
        self.codec = PCMA
        ends = [*[begin for begin, _ in spans][1:], end]
        pieces: list[Pcm] = []
        for (begin, others), until in zip(spans, ends, strict=True):
            first, last = max(begin, start), min(until, end)
            if first < last:
                pieces.append(self._sum(others, first, last))
        return PCMA.encode(np.concatenate(pieces))

    def _sum(self, others: tuple[tuple[Track, float], ...], start: int, end: int) -> Pcm:
        heard = self.own.codec.decode(self.own.timeline.read(start, end))
        if not others:
            return heard
        total = heard.astype(np.float32)
        for track, gain in others:
            total += np.float32(gain) * track.codec.decode(track.timeline.read(start, end))
        return np.clip(np.rint(total), -32768, 32767).astype(np.int16)
