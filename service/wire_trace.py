"""``console.wire_ports.WireTrace`` over the SIP tracer."""

from collections.abc import Sequence

from console.trace_views import TraceRung, TraceState
from core.events import Log
from telephony.facts import TraceSwitched
from telephony.sip.hop import Hop
from telephony.sip.ladder import ladder
from telephony.sip.pcap import pcap
from telephony.sip.trace import Tracer


class ConsoleTrace:
    """``local``: our own addresses, for the capture file."""

    def __init__(self, tracer: Tracer, log: Log, local: Sequence[Hop]) -> None:
        self._tracer = tracer
        self._events = log
        self._local = {hop.transport: hop for hop in local}

    def state(self) -> TraceState:
        """See the port."""
        return TraceState(self._tracer.on, list(self._tracer.numbers), len(self._tracer.messages()))

    def switch(self, *, on: bool, numbers: tuple[str, ...], by: str) -> None:
        """See the port."""
        if on:
            self._tracer.start(numbers)
        else:
            self._tracer.stop()
        self._events.post("", TraceSwitched(on, by))

    def rungs(self, call: str, after: int) -> list[TraceRung]:
        """See the port."""
        return [
            TraceRung(one.serial, one.at, one.source, one.target, one.text, one.sdp, one.leg, one.message)
            for one in ladder(self._tracer.messages(call, after)[:500])
        ]

    def pcap(self, call: str) -> bytes:
        """See the port."""
        return pcap(self._tracer.messages(call), self._local)
