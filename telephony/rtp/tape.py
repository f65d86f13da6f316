"""Packets of one direction, noted as they come, to be laid out later many at a time (see ``jitter``).

Packets that follow each other without a step become one run, so that the reader's work does not grow with their
number. ``media.native`` may put a compiled twin in the place of this class.
"""

from typing import Final, NamedTuple, Protocol

MAX_HELD: Final = 1 << 16
"""Bytes held between two reads. More is a flood: what was held is dropped, so that the newest remains."""
MAX_RUN: Final = 4000
MAX_STRAY: Final = 800
"""A packet that is earlier or later than its run by more samples than this begins a new one."""


class Run(NamedTuple):
    """Packets of source ``ssrc`` whose samples follow each other from ``timestamp`` on; one sample is one byte.

    The first one arrived at ``arrival`` (8 kHz samples of our clock); ``least`` (≤ 0) says by how many samples the
    promptest packet was earlier than that, each measured against its own place. ``begins``: the first has the marker
    bit.
    """

    ssrc: int
    timestamp: int
    payload: bytes
    arrival: int
    least: int
    packets: int
    begins: bool


class Tape(Protocol):
    """What holds the runs."""

    def add(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, begins: bool = False, /) -> None:
        """Note a packet."""
        ...

    def take(self) -> list[Run] | list[tuple[int, int, bytes, int, int, int, bool]]:
        """All runs so far, oldest first; they are forgotten here. The tuples have the fields of ``Run``."""
        ...

    def __len__(self) -> int:
        """Bytes held."""
        ...


class PlainTape:
    """A ``Tape``."""

    __slots__ = ("_arrival", "_begins", "_held", "_least", "_next", "_pieces", "_run", "_runs", "_ssrc", "_timestamp")

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._pieces: list[bytes] = []  # of the run that grows
        self._held = 0
        self._run = 0
        self._ssrc = self._timestamp = self._next = self._arrival = self._least = 0
        self._begins = False

    def __len__(self) -> int:
        return self._held

    def add(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, begins: bool = False, /) -> None:
        """See ``Tape``."""
        length = len(payload)
        if self._held + length > MAX_HELD:
            self._runs.clear()
            self._pieces.clear()
            self._held = 0
        self._held += length
        if self._pieces and timestamp == self._next and ssrc == self._ssrc and not begins:
            stray = arrival - self._arrival - self._run
            if -MAX_STRAY <= stray <= MAX_STRAY and self._run + length <= MAX_RUN:
                self._pieces.append(payload)
                self._run += length
                self._next = (timestamp + length) & 0xFFFFFFFF
                self._least = min(self._least, stray)
                return
        self._finish()
        self._pieces.append(payload)
        self._ssrc, self._timestamp, self._arrival, self._begins = ssrc, timestamp, arrival, begins
        self._run = length
        self._next = (timestamp + length) & 0xFFFFFFFF
        self._least = 0

    def take(self) -> list[Run]:
        """See ``Tape``."""
        self._finish()
        runs, self._runs = self._runs, []
        self._held = 0
        return runs

    def _finish(self) -> None:
        if self._pieces:
            payload = b"".join(self._pieces)
            self._runs.append(
                Run(
                    self._ssrc,
                    self._timestamp,
                    payload,
                    self._arrival,
                    self._least,
                    len(self._pieces),
                    self._begins,
                )
            )
            self._pieces.clear()
