"""Keys as RTP events (RFC 4733): what a far end presses, once per press, and keys that we press.

An event is repeated in every packet while the key is down and its last packet three times, all with the timestamp of
its beginning; so the timestamp names the press, however many of its packets arrive.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

KEYS: Final = "0123456789*#ABCD"
"""Keys by event code (RFC 4733 section 3.2)."""
_EVENT: Final = struct.Struct("!BBH")
_END: Final = 0x80
_VOLUME_DBM0: Final = 10
_STEP: Final = 160
_STEPS_PER_S: Final = 50
KEY_DOWN_STEPS: Final = 5
KEY_UP_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class KeyPress:
    """``key`` (of ``KEYS``) was held for ``duration_ms``."""

    key: str
    duration_ms: int


class KeyReceiver:
    """Turns the event packets of one stream into key presses.

    A press is said when its end comes, or, where every end packet was lost, when the next key begins or ``give_up`` is
    called after a pause. ``clock_hz`` is that of telephone-event: durations count in it.
    """

    __slots__ = ("_clock_hz", "_duration", "_key", "_said", "_timestamp")

    def __init__(self, clock_hz: int = 8000) -> None:
        self._clock_hz = clock_hz
        self._key = ""  # the key that is down now
        self._timestamp = 0
        self._duration = 0
        self._said: tuple[int, ...] = ()  # timestamps of the newest two presses that are over

    @property
    def pending(self) -> bool:
        """A key is down."""
        return bool(self._key)

    def receive(self, timestamp: int, payload: bytes) -> list[KeyPress]:
        """Presses that are complete with this packet (none for repeats, other events and damaged payloads)."""
        if len(payload) < _EVENT.size:
            return []
        code, flags, duration = _EVENT.unpack_from(payload)
        if code >= len(KEYS):
            return []
        if timestamp in self._said:
            return []  # a repeat of a press that has been said
        presses: list[KeyPress] = []
        key = KEYS[code]
        if not self._key:
            self._key, self._timestamp, self._duration = key, timestamp, duration
        elif timestamp == self._timestamp:
            self._duration = max(self._duration, duration)
        elif key == self._key and timestamp == (self._timestamp + 0xFFFF) & 0xFFFFFFFF:
            # section 2.5.1.3: a key held for over 8 s goes on as a new segment of the same press
            self._timestamp, self._duration = timestamp, self._duration + duration
        else:
            presses += self.give_up()
            self._key, self._timestamp, self._duration = key, timestamp, duration
        if flags & _END:
            presses += self.give_up()
        return presses

    def give_up(self) -> list[KeyPress]:
        """End the press that is pending, if any, with what is known of it."""
        if not self._key:
            return []
        press = KeyPress(self._key, self._duration * 1000 // self._clock_hz)
        self._said = (*self._said[-1:], self._timestamp)
        self._key = ""
        return [press]


@dataclass(frozen=True, slots=True)
class EventStep:
    """20 ms of pressing keys: the event's ``payload`` (empty: nothing is sent), ``elapsed`` samples since its begin.

    ``begins`` marks the first packet of a key; ``key`` is the key that is down, "" in the pause.
    """

    payload: bytes
    elapsed: int
    begins: bool
    key: str


def key_steps(keys: str, clock_hz: int = 8000) -> Iterator[EventStep]:
    """Steps of 20 ms that press ``keys``: 100 ms down, 60 ms up, the end of each event sent three times.

    Durations in payloads count in ``clock_hz``. ``ValueError`` for a key that is not one of ``KEYS``.
    """
    for key in keys.upper():
        code = KEYS.index(key)
        for step in range(1, KEY_DOWN_STEPS + KEY_UP_STEPS + 1):
            duration = clock_hz // _STEPS_PER_S * min(step, KEY_DOWN_STEPS)
            end = step >= KEY_DOWN_STEPS
            repeat = step < KEY_DOWN_STEPS + KEY_UP_STEPS
            flags = _VOLUME_DBM0 | (_END if end else 0)
            payload = _EVENT.pack(code, flags, duration) if repeat else b""
            yield EventStep(payload, _STEP * (step - 1), step == 1, key if step <= KEY_DOWN_STEPS else "")


def in_clock(payload: bytes, from_hz: int, to_hz: int) -> bytes:
    """An event payload whose duration counted in ``from_hz``, counted in ``to_hz``; what is none stays as it is."""
    if from_hz == to_hz or len(payload) < _EVENT.size:
        return payload
    code, flags, duration = _EVENT.unpack_from(payload)
    return _EVENT.pack(code, flags, min(duration * to_hz // from_hz, 0xFFFF))
