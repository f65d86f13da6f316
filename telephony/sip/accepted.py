"""A 2xx to an INVITE is repeated by the user agent until its ACK comes (RFC 3261 §13.3.1.4), over TCP too."""

from collections.abc import Callable

from telephony.sip.agent import UserAgent
from telephony.sip.gone import nothing
from telephony.sip.transactions import ServerTransaction


class Accepted:
    """The latest 2xx that we gave in one dialog. ``on_no_ack`` is called when 64·T1 pass without ACK."""

    __slots__ = ("_agent", "_interval", "_on_no_ack", "_transaction")

    def __init__(self, agent: UserAgent, on_no_ack: Callable[[float], None]) -> None:
        self._agent = agent
        self._on_no_ack = on_no_ack
        self._transaction: ServerTransaction | None = None
        self._interval = 0.0

    @property
    def waiting(self) -> bool:
        """Whether an ACK is awaited."""
        return self._transaction is not None

    def start(self, transaction: ServerTransaction, now: float) -> None:
        """The 2xx of ``transaction`` has just been sent for the first time."""
        timers = self._agent.settings.timers
        self._transaction = transaction
        self._interval = timers.t1
        self._agent.timers.set((self, "repeat"), now + self._interval)
        self._agent.timers.set((self, "end"), now + timers.life)

    def takes(self, cseq: int) -> bool:
        """Whether an ACK with that CSeq is the awaited one; if so, the repeats stop."""
        if self._transaction is None or self._transaction.request.cseq.number != cseq:
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """Repeat no more."""
        self._transaction = None
        self._agent.timers.cancel((self, "repeat"))
        self._agent.timers.cancel((self, "end"))

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._on_no_ack = nothing

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if self._transaction is None:
            return
        if name == "end":
            self.stop()
            self._on_no_ack(now)
            return
        self._agent.layer.repeat(self._transaction, now)
        self._interval = min(self._interval * 2, self._agent.settings.timers.t2)
        self._agent.timers.set((self, "repeat"), now + self._interval)
