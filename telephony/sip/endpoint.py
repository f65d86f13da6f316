"""The SIP user agent, sans-I/O: bytes and time in, packets and events out (RFC 3261, 3264, 3581, 6026).

A driver calls ``receive`` for every datagram or framed TCP message, ``on_deadline`` when ``next_deadline`` has come, and
after each call takes ``outgoing`` and every ``next_event``. It holds any number of calls in both directions.

A command for a session that has ended raises ``LegEnded`` (``hang_up`` does nothing); one that the session's state forbids
raises ``LocalProtocolError``. Nothing that a peer sends raises.
"""

from collections.abc import Callable, Sequence

from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.events import SipEvent
from telephony.sip.hop import Hop, Packet
from telephony.sip.settings import SipSettings
from telephony.sip.uri import SipUri

HeaderFields = Sequence[tuple[str, str]]


class Endpoint:
    """One user agent with its transactions, dialogs and sessions.

    ``local``: what peers see of us, one hop per transport (Via, Contact); ``entropy(n)`` gives n unpredictable bytes for
    tags, branches and Call-IDs.
    """

    def __init__(
        self,
        local: Sequence[Hop],
        *,
        entropy: Callable[[int], bytes],
        settings: SipSettings | None = None,
    ) -> None:
        raise NotImplementedError

    def set_local(self, hop: Hop) -> None:
        """Say under which address and port peers reach us on ``hop.transport`` (known once the socket is bound)."""
        raise NotImplementedError

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """Take one datagram or framed message that came from ``source``."""
        raise NotImplementedError

    def unreachable(self, destination: Hop, now: float) -> None:
        """Take note that ``destination`` cannot be reached (ICMP, connection refused): its transactions fail now."""
        raise NotImplementedError

    def outgoing(self) -> list[Packet]:
        """Take all packets to be sent, in order."""
        raise NotImplementedError

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called next, in epoch seconds."""
        raise NotImplementedError

    def on_deadline(self, now: float) -> None:
        """Do everything that is due at ``now``."""
        raise NotImplementedError

    def next_event(self) -> SipEvent | None:
        """Take the oldest event; None if there is none."""
        raise NotImplementedError

    def invite(
        self,
        now: float,
        target: Hop,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        sdp: bytes | None,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
    ) -> str:
        """Call ``uri`` by way of ``target``; the new session's id. ``Unavailable`` when too many calls are up."""
        raise NotImplementedError

    def progress(self, session: str, now: float, status: int = 180, sdp: bytes | None = None) -> None:
        """Answer a peer's INVITE provisionally (180 rings, 183 with SDP has early media)."""
        raise NotImplementedError

    def accept(self, session: str, now: float, sdp: bytes) -> None:
        """Answer a peer's INVITE with 200, repeated until its ACK comes."""
        raise NotImplementedError

    def accept_late(self, session: str, now: float, sdp: bytes) -> None:
        """Give the answer to the offer that came in ``Answered`` to our INVITE without SDP; it goes out in the ACK."""
        raise NotImplementedError

    def reject(self, session: str, now: float, status: int, reason: str = "", headers: HeaderFields = ()) -> None:
        """Refuse a peer's INVITE with a final ``status`` of 300 to 699. No event of the session follows."""
        raise NotImplementedError

    def hang_up(self, session: str, now: float, cause: int = 16) -> None:
        """End the session by what fits its state: 480 to an INVITE that waits, CANCEL, or BYE with Q.850 ``cause``.

        No event of the session follows; ended twice is no error.
        """
        raise NotImplementedError

    def reoffer(self, session: str, now: float, sdp: bytes) -> None:
        """Offer a change (hold, resume, new address) by re-INVITE; ``OfferAnswered`` or ``OfferRefused`` follows.

        Glare (491) is retried after the time of §14.1.
        """
        raise NotImplementedError

    def answer_offer(self, session: str, now: float, sdp: bytes) -> None:
        """Reply to ``Offered`` with our answer (or our offer, if it came without SDP). Late replies are dropped."""
        raise NotImplementedError

    def reject_offer(self, session: str, now: float, status: int = 488) -> None:
        """Refuse ``Offered``: what held before holds. Late replies are dropped."""
        raise NotImplementedError

    def info(self, session: str, now: float, content_type: str, body: bytes) -> None:
        """Send INFO within the session; its answer is of no consequence."""
        raise NotImplementedError

    def answer_request(
        self, key: str, now: float, status: int, headers: HeaderFields = (), body: bytes = b"", reason: str = ""
    ) -> None:
        """Answer a ``Requested``; one that was answered or forgotten (64·T1) is dropped silently."""
        raise NotImplementedError

    def request(
        self,
        now: float,
        target: Hop,
        method: str,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
        body: bytes = b"",
    ) -> str:
        """Send a request outside of any dialog (REGISTER, OPTIONS); its key, which ``Responded`` will name."""
        raise NotImplementedError
