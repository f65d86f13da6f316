"""Taps inside the engine: the audio of a leg's far end as datagrams to a listener, 60 ms behind the present.

Frames are cut from the track by our clock, so the listener hears time pass also while the far end sends nothing. A
network that holds packets up would so tear holes into words; what has not come yet is therefore waited for, up to
240 ms behind the present. A datagram that the listener does not take is lost: nothing here waits for it.
"""

import socket
from typing import Final

from core.audio import FRAME_SAMPLES, RATE_HZ
from core.tap import TapFrame, TapTarget, pack_tap
from telephony.media.track import Track

BEHIND: Final = 3 * FRAME_SAMPLES
PATIENCE: Final = 12 * FRAME_SAMPLES
_MOST_BEHIND: Final = RATE_HZ


class TapSender:
    """One tap of ``track``, from ``now`` on."""

    __slots__ = ("_begin", "_next", "_sequence", "_socket", "_target", "_to", "track", "unsent")

    def __init__(self, track: Track, target: TapTarget, sock: socket.socket, now: int) -> None:
        self.track = track
        self._target = target
        self._to = (target.host, target.port)
        self._socket = sock
        self._begin = self._next = now
        self._sequence = 0
        self.unsent = 0

    def tick(self, now: int) -> None:
        """Send the frames that are due; after a stall of over a second skip what is older."""
        self._send_until(min(now - BEHIND, max(now - PATIENCE, self.track.timeline.heard_until())))

    def _send_until(self, end: int) -> None:
        if end - self._next > _MOST_BEHIND:
            self._next += (end - self._next) // FRAME_SAMPLES * FRAME_SAMPLES
        while self._next + FRAME_SAMPLES <= end:
            encoded = self.track.timeline.read(self._next, self._next + FRAME_SAMPLES)
            self._send(encoded)
            self._next += FRAME_SAMPLES

    def end(self, now: int) -> None:
        """Send what is left and the empty frame that says so."""
        self._send_until(now)
        self._send(b"")

    def _send(self, encoded: bytes) -> None:
        samples = self.track.codec.decode(encoded)
        frame = TapFrame(self._target.stream, self._sequence & 0xFFFFFFFF, self._next - self._begin, samples)
        self._sequence += 1
        try:
            self._socket.sendto(pack_tap(frame), self._to)
        except OSError:
            self.unsent += 1
