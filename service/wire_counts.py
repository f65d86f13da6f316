"""``console.wire_ports.SipCounting`` over the SIP counters."""

from console.operation_views import MessageCount, SipCounts
from telephony.sip.counters import SipCounters


class ConsoleCounts:
    """Tells what ``counters`` have counted ``since`` they were made."""

    def __init__(self, counters: SipCounters, since: float) -> None:
        self._counters = counters
        self._since = since

    def counts(self) -> SipCounts:
        """See the port."""
        messages = [
            MessageCount("received" if one.received else "sent", one.method, one.status, one.count)
            for one in self._counters.messages()
        ]
        mishaps = {kind.value: count for kind, count in self._counters.mishaps().items()}
        return SipCounts(self._since, messages, **mishaps)
