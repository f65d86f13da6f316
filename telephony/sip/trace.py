"""SIP messages as they passed, kept for a while: of everybody, or of chosen numbers. Off until someone asks.

The trace holds numbers, names and digits, all of it personal data: switch it on for a fault, and off again. What is
kept lives in memory only, bounded, and goes with the process. The logger ``line400.sip.trace`` at DEBUG shows messages
as text besides.
"""

import itertools
import logging
import re
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from telephony.sdp.sdes import without_keys
from telephony.sip.counters import SipCounters
from telephony.sip.hop import Hop

TRACE: Final = logging.getLogger("line400.sip.trace")
TRACE.setLevel(logging.WARNING)  # so that a root logger at DEBUG does not switch it on

MOST_MESSAGES: Final = 20_000
MOST_BYTES: Final = 32 << 20
MOST_CALLS: Final = 5_000
_HEAD: Final = 2048
"""The numbers of a request are looked for in so many bytes."""
_CALL_ID: Final = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Traced:
    """One message: ``serial`` counts up, ``at`` epoch seconds, ``hop`` where it came from or went to, ``call_id`` its
    Call-ID.
    """

    serial: int
    at: float
    received: bool
    hop: Hop
    call_id: str
    data: bytes


class Tracer:
    """Keeps messages while it is on, and counts them always. ``clock`` tells epoch seconds."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        self._clock = clock
        self._kept: deque[Traced] = deque()
        self._bytes = 0
        self._serial = 0
        self._followed: dict[str, None] = {}
        self._ties: dict[str, dict[str, None]] = {}
        self.on = False
        self.numbers: tuple[str, ...] = ()
        self.counters = SipCounters()

    def start(self, numbers: Collection[str] = ()) -> None:
        """Keep from now on: calls from or to ``numbers`` (as they are written on the wire, or the end of it), or, with
        none, everything. What was kept before is forgotten.
        """
        self.clear()
        self.numbers = tuple(numbers)
        self.on = True

    def stop(self) -> None:
        """Keep no more; what was kept stays to be looked at."""
        self.on = False

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
        self._followed.clear()
        self._ties.clear()

    def tie(self, call: str, call_id: str) -> None:
        """The SIP call ``call_id`` is a leg of the house's call ``call``: whoever is followed in one leg is in all."""
        if not self.on or not call_id:
            return
        legs = self._ties.setdefault(call, {})
        legs[call_id] = None
        if any(leg in self._followed for leg in legs):
            self._followed.update(legs)
        _forget_oldest(self._ties)

    def note(self, data: bytes, hop: Hop, *, received: bool) -> None:
        """A message passes; keys of SRTP in it are blotted out."""
        self.counters.note(data, received=received)
        if not self.on and not TRACE.isEnabledFor(logging.DEBUG):
            return
        data = without_keys(data)
        if TRACE.isEnabledFor(logging.DEBUG):
            direction = "received from" if received else "sent to"
            TRACE.debug("%s %s\n%s", direction, hop, data.decode("utf-8", "backslashreplace"))
        if not self.on:
            return
        match = _CALL_ID.search(data)
        call_id = match[1].decode("utf-8", "backslashreplace") if match is not None else ""
        if self.numbers and not self._follows(call_id, data):
            return
        self._serial += 1
        self._kept.append(Traced(self._serial, self._clock(), received, hop, call_id, data))
        self._bytes += len(data)
        while len(self._kept) > MOST_MESSAGES or self._bytes > MOST_BYTES:
            self._bytes -= len(self._kept.popleft().data)

    def _follows(self, call_id: str, data: bytes) -> bool:
        if call_id in self._followed:
            return True
        head = data[:_HEAD]
        if not any(number.encode() + end in head for number in self.numbers for end in (b"@", b">", b";")):
            return False
        if call_id:
            self._followed[call_id] = None
            _forget_oldest(self._followed)
        return True

    @property
    def last(self) -> int:
        """The serial of the newest message that was kept."""
        return self._serial

    def messages(self, call: str = "", after: int = 0) -> list[Traced]:
        """What is kept, in order: of the house's call ``call`` if it is given, with a serial above ``after``."""
        legs = self._ties.get(call, {}) if call else None
        newer = list(itertools.takewhile(lambda one: one.serial > after, reversed(self._kept)))
        return [one for one in reversed(newer) if legs is None or one.call_id in legs]


def _forget_oldest(kept: dict[str, None] | dict[str, dict[str, None]]) -> None:
    while len(kept) > MOST_CALLS:
        del kept[next(iter(kept))]
