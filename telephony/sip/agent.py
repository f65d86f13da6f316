"""What every part of the user agent uses: identity, chance, transactions, timers, events, the list of dialogs."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from telephony.sip import capabilities
from telephony.sip.address import NameAddress
from telephony.sip.dialog import Dialog, DialogKey
from telephony.sip.events import SipEvent
from telephony.sip.headers import Headers
from telephony.sip.hop import ENCRYPTED, TCP, TLS, UDP, WEB, Hop, Packet
from telephony.sip.message import Request, Response
from telephony.sip.params import NO_PARAMS
from telephony.sip.recent import Recent
from telephony.sip.replies import reply_to
from telephony.sip.settings import SipSettings
from telephony.sip.timers import TimerHeap
from telephony.sip.trace import Tracer
from telephony.sip.transactions import ClientTransaction, ClientUser, ServerTransaction, TransactionLayer
from telephony.sip.uri import SipUri, Uri
from telephony.sip.via import MAGIC_COOKIE, Via
from telephony.sip.warning import NO_SESSION, OTHER, warning
from telephony.sip.wide import WideRequests

MAX_FORWARDS = ("Max-Forwards", "70")
MAX_UNMET = 256


class TimerUser(Protocol):
    """Who set a timer."""

    def on_timer(self, name: str, now: float) -> None:
        """The timer ``name`` is due."""
        ...


class DialogUser(Protocol):
    """Who serves the requests within a dialog."""

    def on_request(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        """Serve a request that is new and in order."""
        ...

    def on_ack(self, ack: Request, dialog: Dialog, now: float) -> None:
        """Take the ACK to a 2xx of ours."""
        ...


class UserAgent:
    """The shared services; no decision is made here."""

    def __init__(
        self, local: Iterable[Hop], entropy: Callable[[int], bytes], settings: SipSettings, tracer: Tracer
    ) -> None:
        self.settings = settings
        self.tracer = tracer
        self.layer = TransactionLayer(settings.timers, settings.max_transactions, tracer)
        self.events: deque[SipEvent] = deque()
        self.dialogs: dict[DialogKey, tuple[Dialog, DialogUser]] = {}
        self.timers: TimerHeap[tuple[TimerUser, str]] = TimerHeap()
        self.source: Hop | None = None
        """Where the message that is being served came from."""
        self.wide = WideRequests(settings.udp_limit)
        self.unmet: Recent[tuple[str, str], bool] = Recent(MAX_UNMET)
        """Who asked for which proofs that we cannot give: the log has it once."""
        self._entropy = entropy
        self._local = {hop.transport: hop for hop in local}

    @property
    def supported(self) -> tuple[str, str]:
        """The Supported header of our requests and answers."""
        return capabilities.supported(timers=bool(self.settings.session_expires_s))

    @property
    def supported_late(self) -> tuple[str, str]:
        """That of an INVITE without SDP. An offer in a reliable provisional answer would want its answer in the PRACK
        at once (RFC 3262 §5), so none is asked for.
        """
        return capabilities.supported(timers=bool(self.settings.session_expires_s), reliable=False)

    def abilities(self, request: Request, status: int) -> list[tuple[str, str]]:
        """What an answer tells of what we can do: §11.2 for OPTIONS, §13.2.1 and RFC 3311 for calls. Requests outside
        of a call may be REGISTERs, too.
        """
        if not 200 <= status < 300 or request.method not in ("INVITE", "OPTIONS", "UPDATE"):
            return []
        if request.method != "OPTIONS":
            return [capabilities.ALLOW, self.supported]
        timers, serves = bool(self.settings.session_expires_s), "REGISTER" in self.settings.handed_up
        outside = request.to.tag is None and serves
        return [
            capabilities.ALLOW_ALL if outside else capabilities.ALLOW,
            capabilities.supported(timers=timers, registrar=outside),
            capabilities.ACCEPT,
            capabilities.ACCEPT_ENCODING,
            capabilities.ACCEPT_LANGUAGE,
        ]

    # Identity and chance

    def set_local(self, hop: Hop) -> None:
        """See ``Endpoint.set_local``."""
        self._local[hop.transport] = hop

    def local(self, transport: str) -> Hop | None:
        """What peers see of us on ``transport``."""
        return self._local.get(transport)

    def token(self, size: int = 8) -> str:
        """An unpredictable token: tags, cnonces, keys."""
        return self._entropy(size).hex()

    def chance(self) -> float:
        """A number from 0 up to 1."""
        return int.from_bytes(self._entropy(4)) / 2**32

    def new_call_id(self) -> str:
        """§8.1.1.4: unique over space and time."""
        return self._entropy(16).hex()

    def host(self, transport: str) -> str:
        """By which host peers on ``transport`` know us, as it stands in Via and Contact."""
        hop = self._local.get(transport) or next(iter(self._local.values()))
        return f"[{hop.host}]" if ":" in hop.host else hop.host

    def contact(self, user: str, transport: str, *, sips: bool = False) -> NameAddress:
        """Our Contact on ``transport``. Where it must be a SIPS URI (``sips``) and ``transport`` is not encrypted it
        says where we take TLS; where we take none, nothing better than a SIP URI can be said.
        """
        hop = self._local.get(transport) or next(iter(self._local.values()))
        if sips and hop.transport not in ENCRYPTED:
            hop = self._local.get(TLS, hop)
        sips = sips and hop.transport in ENCRYPTED
        # RFC 7118 §5.2: there is no "wss" in URIs
        name = "ws" if hop.transport in WEB else hop.transport.lower()
        # RFC 3261 §26.2.2: a SIPS URI means TLS as it is
        bare = hop.transport == UDP or (sips and hop.transport == TLS)
        params = NO_PARAMS if bare else NO_PARAMS.set("transport", name)
        scheme = "sips" if sips else "sip"
        return NameAddress(
            SipUri(host=self.host(hop.transport), user=user, port=hop.port, scheme=scheme, params=params)
        )

    def push_via(self, request: Request, transport: str) -> None:
        """Put our Via with a fresh branch on top of a request (RFC 3581: with rport)."""
        hop = self._local.get(transport) or next(iter(self._local.values()))
        host = f"[{hop.host}]" if ":" in hop.host else hop.host
        params = NO_PARAMS.set("rport").set("branch", f"{MAGIC_COOKIE}{self._entropy(9).hex()}")
        request.headers.prepend("Via", str(Via(transport, host, hop.port, params)))

    # Requests

    def build(
        self,
        method: str,
        uri: Uri,
        from_: NameAddress,
        to: NameAddress,
        call_id: str,
        cseq: int,
        routes: Sequence[NameAddress] = (),
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str = "",
    ) -> Request:
        """A request without Via (§8.1.1); ``headers`` may replace Max-Forwards and the like."""
        own = Headers([("From", str(from_)), ("To", str(to)), ("Call-ID", call_id), ("CSeq", f"{cseq} {method}")])
        for route in routes:
            own.add("Route", str(route))
        extra = list(headers)
        if not any(name.lower() == "max-forwards" for name, _ in extra):
            own.add(*MAX_FORWARDS)
        for name, value in extra:
            own.add(name, value)
        if body and content_type:
            own.set("Content-Type", content_type)
        if method != "ACK":
            own.set("User-Agent", self.settings.user_agent)
        return Request(method, uri, own, body)

    def in_dialog(
        self,
        dialog: Dialog,
        method: str,
        cseq: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str = "",
    ) -> Request:
        """A request within ``dialog`` (§12.2.1.1), without Via."""
        uri, routes = dialog.start_line()
        return self.build(
            method, uri, dialog.local, dialog.remote, dialog.call_id, cseq, routes, headers, body, content_type
        )

    def way(self, request: Request, destination: Hop, now: float) -> Hop:
        """Where ``request`` (without Via) for ``destination`` goes: a wide one by TCP, where we speak it."""
        return self.wide.way(request, destination, now) if TCP in self._local else destination

    def send(
        self, request: Request, destination: Hop, user: ClientUser, now: float, flow: Hop | None = None
    ) -> ClientTransaction:
        """Send a request in a new transaction."""
        self.push_via(request, destination.transport)
        return self.layer.send_request(request, destination, user, now, flow)

    def send_ack(self, dialog: Dialog, cseq: int, sdp: bytes | None, credentials: Iterable[tuple[str, str]]) -> Packet:
        """Acknowledge a 2xx (§13.2.2.4); the packet, to be sent again for each repeat of the 2xx."""
        ack = self.in_dialog(dialog, "ACK", cseq, credentials, sdp or b"", "application/sdp" if sdp else "")
        destination = dialog.destination()
        self.push_via(ack, destination.transport)
        packet = Packet(ack.to_bytes(), destination, dialog.flow)
        self.layer.send(packet)
        return packet

    # Responses

    def reply(
        self,
        transaction: ServerTransaction,
        now: float,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        reason: str = "",
    ) -> Response:
        """Answer a request in its transaction."""
        extra = [*headers]
        able = self.abilities(transaction.request, status)
        if able or status in (488, 606):
            said = {name for name, _ in extra}
            extra.extend(header for header in able if header[0] not in said)
            if status in (488, 606) and "Warning" not in said:
                extra.append(warning(OTHER, self.host(transaction.source.transport), NO_SESSION))
        if status > 100:
            extra.append(("Server", self.settings.user_agent))
        response = reply_to(transaction.request, status, transaction.tag, reason, extra, body)
        self.layer.respond(transaction, response, now)
        return response

    # Events and dialogs

    def emit(self, event: SipEvent) -> None:
        """Tell the rooms above."""
        self.events.append(event)

    def enter(self, dialog: Dialog, user: DialogUser) -> None:
        """Have ``user`` serve the requests of ``dialog``."""
        self.dialogs[dialog.key] = (dialog, user)

    def leave(self, dialog: Dialog) -> None:
        """Forget ``dialog``; its later requests meet 481."""
        self.dialogs.pop(dialog.key, None)
