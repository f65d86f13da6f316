"""What the offers of a session want of it; ``gone.GONE`` takes its place when it has ended."""

from typing import Protocol

from telephony.sip.events import SipEvent


class Owner(Protocol):
    """The session that offers belong to."""

    @property
    def id(self) -> str:
        """Its name in events."""
        ...

    @property
    def may_offer(self) -> bool:
        """Whether no INVITE transaction of the session's beginning is open any more (§14.1)."""
        ...

    @property
    def may_update(self) -> bool:
        """Whether the first offer has its answer, with the call answered or not (RFC 3311 §5.1)."""
        ...

    def tell(self, event: SipEvent) -> None:
        """Tell the rooms above, unless they have hung up."""
        ...

    def on_lost(self, now: float) -> None:
        """The peer does not know the dialog any more, or is silent."""
        ...

    def on_no_ack(self, now: float) -> None:
        """No ACK came to a 2xx of ours."""
        ...

    def on_settled(self, now: float) -> None:
        """The offer of a PRACK has its answer, or its refusal."""
        ...
