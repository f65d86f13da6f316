"""``console.ports.SipCounting`` over the SIP counters."""

from console.operation_views import MessageCount, SipCounts
from telephony.sip.counters import SipCounters


class ConsoleCounts:
    """Tells what ``counters`` have counted."""

    def __init__(self, counters: SipCounters) -> None:
        self._counters = counters

    def counts(self) -> SipCounts:
        """See the port."""
        messages = [
            MessageCount("received" if one.received else "sent", one.method, one.status, one.count)
            for one in self._counters.messages()
        ]
        mishaps = {kind.value: count for kind, count in self._counters.mishaps().items()}
        return SipCounts(messages, **mishaps)
