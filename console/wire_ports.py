"""What the console needs of SIP on the wire: its messages, counted and traced (see ``console.ports``)."""

from typing import Protocol

from console.operation_views import SipCounts
from console.trace_views import TraceRung, TraceState


class SipCounting(Protocol):
    """SIP messages counted."""

    def counts(self) -> SipCounts:
        """Since the start."""
        ...


class WireTrace(Protocol):
    """The SIP trace."""

    def state(self) -> TraceState:
        """Whether it is on."""
        ...

    def switch(self, *, on: bool, numbers: tuple[str, ...], by: str) -> None:
        """Keep messages from now on (of ``numbers``, or of everybody), or keep no more; ``by`` is who asked."""
        ...

    def rungs(self, call: str, after: int) -> list[TraceRung]:
        """What is kept, in order: of ``call`` unless it is "", with a serial above ``after``."""
        ...

    def pcap(self, call: str) -> bytes:
        """The same as a capture file."""
        ...
