"""The SIP trace as the console shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TraceState:
    """Whether SIP messages are kept, of which numbers (none: of everybody), and how many there are."""

    on: bool
    numbers: list[str]
    messages: int


@dataclass(frozen=True, slots=True)
class TraceRung:
    """One SIP message of the trace; ``source`` and ``target`` are host:port, or line400 for ourselves; ``leg`` is its
    Call-ID.
    """

    serial: int
    at: float
    source: str
    target: str
    text: str
    sdp: bool
    leg: str
    message: str
