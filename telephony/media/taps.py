"""Taps inside the engine: the audio of a leg's far end as datagrams to a listener, 60 to 120 ms behind the present.

Samples are cut from the track by our clock, so the listener hears time pass also while the far end sends nothing. A
network that holds packets up would so tear holes into words; what has not come yet is therefore waited for, up to
300 ms behind the present. A datagram that the listener does not take is lost: nothing here waits for it.

A datagram holds 60 ms: of 20 ms each, taps would cost more than the rest of a call. They are spread over moments
5 ms apart, so that no moment does the work of all.
"""

import os
import socket
from typing import Final

from core.audio import FRAME_SAMPLES, RATE_HZ
from core.tap import tap_header
from core.tap_target import TapTarget
from telephony.media.native import Tap, send_linear
from telephony.media.samples import linear_of
from telephony.media.track import Track
from telephony.sound.resample import Resampler

BATCH: Final = 3 * FRAME_SAMPLES
BEHIND: Final = 3 * FRAME_SAMPLES
PATIENCE: Final = 12 * FRAME_SAMPLES
"""Both hold at the moment at which a batch is due."""
_LONGEST: Final = RATE_HZ // 10
"""No more than 100 ms fit into a datagram."""
_MOST_BEHIND: Final = RATE_HZ
_PHASE: Final = RATE_HZ // 200


class TapLines:
    """One socket for each place where taps go to, connected: that halves the cost of a datagram."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], tuple[socket.socket, int]] = {}  # with how many taps use it

    def take(self, host: str, port: int) -> socket.socket:
        """The one to ``host``:``port``; ``OSError`` where there is no way."""
        sock, taps = self._lines.get((host, port), (None, 0))
        if sock is None:
            sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
            try:
                sock.setblocking(False)
                sock.connect((host, port))
            except OSError:
                sock.close()
                raise
        self._lines[host, port] = (sock, taps + 1)
        return sock

    def give_back(self, host: str, port: int) -> None:
        """One tap less goes there."""
        sock, taps = self._lines.pop((host, port))
        if taps > 1:
            self._lines[host, port] = (sock, taps - 1)
        else:
            sock.close()

    def close(self) -> None:
        """Free all."""
        for sock, _ in self._lines.values():
            sock.close()
        self._lines.clear()


class TapSender(Tap):
    """One tap of ``track``, from ``now`` on, sent over ``sock``. ``phase`` is any number that differs from one tap to
    the next. ``due`` is when ``tick`` has something to do. ``unsent`` counts datagrams that were dropped.
    """

    __slots__ = ("_ratio", "_resampler", "target", "track")

    def __init__(self, track: Track, target: TapTarget, sock: socket.socket, now: int, *, phase: int = 0) -> None:
        super().__init__()
        self.track = track
        self.target = target
        self.descriptor = sock.fileno()
        self.stream = target.stream
        self._ratio = target.rate_hz // RATE_HZ
        self._resampler = Resampler(RATE_HZ, target.rate_hz) if self._ratio > 1 else None
        self.reel = track.reel if self._resampler is None else None
        self.next = now  # the track is read from here on
        self.due = (now // _PHASE + 1 + phase % (BATCH // _PHASE)) * _PHASE

    def tick(self, now: int) -> None:
        """Send what is due; after a stall of over a second skip what is older."""
        if now < self.due:
            return
        self.due += (now - self.due) // BATCH * BATCH + BATCH
        self._send_until(min(now - BEHIND, max(now - PATIENCE, self.track.timeline.heard_until())))

    def _send_until(self, end: int) -> None:
        if end - self.next > _MOST_BEHIND:
            skipped = (end - self.next) // FRAME_SAMPLES * FRAME_SAMPLES
            self.next += skipped
            self.position += skipped * self._ratio
        while (held := (end - self.next) // FRAME_SAMPLES * FRAME_SAMPLES) > 0:
            until = self.next + min(held, _LONGEST)
            self._send(self.track.timeline.read(self.next, until))
            self.next = until

    def end(self, now: int) -> None:
        """Send what is left and the empty frame that says so."""
        self._send_until(now)
        self._send(b"")

    def _send(self, encoded: bytes) -> None:
        header = tap_header(self.stream, self.sequence & 0xFFFFFFFF, self.position)
        self.sequence += 1
        if self._resampler is None:
            self.position += len(encoded)
            self.unsent += not send_linear(self.descriptor, header, encoded, linear_of(self.track.codec))
            return
        samples = self._resampler.feed(self.track.codec.decode(encoded))
        self.position += len(samples)
        try:
            os.write(self.descriptor, header + samples.astype("<i2", copy=False).tobytes())
        except OSError:
            self.unsent += 1
