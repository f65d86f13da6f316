"""The keys that a leg's far end presses as telephone-events (RFC 4733), told once each."""

from collections.abc import Callable
from typing import Final

from core.audio import RATE_HZ
from telephony.media.port import DigitPressed, MediaEvent
from telephony.rtp.dtmf import KeyPress, KeyReceiver

KEY_TIMEOUT: Final = RATE_HZ // 2
"""A key of which nothing more comes for so long has ended, though its end was lost."""


class LegKeys:
    """Of leg ``name``; ``emit`` takes the events. Times are samples of the worker's clock."""

    __slots__ = ("_at", "_emit", "_name", "_receiver", "clock_hz")

    def __init__(self, name: str, emit: Callable[[MediaEvent], None]) -> None:
        self.clock_hz = RATE_HZ
        self._name = name
        self._emit = emit
        self._receiver = KeyReceiver()
        self._at = 0

    def restart(self, clock_hz: int) -> None:
        """Another stream begins, whose events count in steps of ``clock_hz``."""
        self.clock_hz = clock_hz
        self._receiver = KeyReceiver(clock_hz)

    def take(self, timestamp: int, payload: bytes, now: int) -> None:
        """One packet of an event."""
        self._at = now
        self._say(self._receiver.receive(timestamp, payload))

    def watch(self, now: int) -> None:
        """End a key whose end was lost."""
        if self._receiver.pending and now - self._at > KEY_TIMEOUT:
            self._say(self._receiver.give_up())

    def _say(self, presses: list[KeyPress]) -> None:
        for press in presses:
            self._emit(DigitPressed(self._name, press.key, press.duration_ms))
