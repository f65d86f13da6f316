"""The SIP endpoint on real sockets: flushes what the endpoint wants sent, keeps one timer, hands events to subscribers."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from core.clock import Clock
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.endpoint import Endpoint, HeaderFields
from telephony.sip.events import SipEvent
from telephony.sip.hop import Hop
from telephony.sip.uri import SipUri

EventHandler: TypeAlias = Callable[[SipEvent], None]


class SipStack:
    """``listen``: at most one hop per transport; port 0 takes a free one, the same for UDP and TCP if both ask for 0.

    ``advertise`` is the host that peers see in Via and Contact; by default the address listened on.
    Commands are those of ``Endpoint`` without ``now``; what they make the endpoint send has left when they return. Events
    come from the event loop, never from within a command.
    """

    def __init__(
        self, endpoint: Endpoint, clock: Clock, listen: Sequence[Hop], *, advertise: str | None = None
    ) -> None:
        raise NotImplementedError

    @property
    def addresses(self) -> tuple[Hop, ...]:
        """The bound addresses, with real ports, once started."""
        raise NotImplementedError

    def address(self, transport: str = "UDP") -> Hop:
        """What peers see of us on ``transport`` (host advertised, port bound)."""
        raise NotImplementedError

    def subscribe(self, handler: EventHandler) -> None:
        """Call ``handler`` (synchronously, must return at once) for every event from now on."""
        raise NotImplementedError

    async def start(self) -> None:
        """Bind all sockets; ``Unavailable`` says which address could not be had."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close all sockets and connections; calls that are up are not hung up."""
        raise NotImplementedError

    def invite(
        self,
        target: Hop,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        sdp: bytes | None,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
    ) -> str:
        """See ``Endpoint.invite``."""
        raise NotImplementedError

    def progress(self, session: str, status: int = 180, sdp: bytes | None = None) -> None:
        """See ``Endpoint.progress``."""
        raise NotImplementedError

    def accept(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.accept``."""
        raise NotImplementedError

    def accept_late(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.accept_late``."""
        raise NotImplementedError

    def reject(self, session: str, status: int, reason: str = "", headers: HeaderFields = ()) -> None:
        """See ``Endpoint.reject``."""
        raise NotImplementedError

    def hang_up(self, session: str, cause: int = 16) -> None:
        """See ``Endpoint.hang_up``."""
        raise NotImplementedError

    def reoffer(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.reoffer``."""
        raise NotImplementedError

    def answer_offer(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.answer_offer``."""
        raise NotImplementedError

    def reject_offer(self, session: str, status: int = 488) -> None:
        """See ``Endpoint.reject_offer``."""
        raise NotImplementedError

    def info(self, session: str, content_type: str, body: bytes) -> None:
        """See ``Endpoint.info``."""
        raise NotImplementedError

    def answer_request(
        self, key: str, status: int, headers: HeaderFields = (), body: bytes = b"", reason: str = ""
    ) -> None:
        """See ``Endpoint.answer_request``."""
        raise NotImplementedError

    def request(
        self,
        target: Hop,
        method: str,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
        body: bytes = b"",
    ) -> str:
        """See ``Endpoint.request``."""
        raise NotImplementedError
