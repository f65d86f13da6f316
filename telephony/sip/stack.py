"""The SIP endpoint on real sockets: sends what the endpoint wants sent, keeps one timer, hands out its events."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeAlias

from core.clock import Clock
from core.errors import Unavailable
from telephony.sip.address import NameAddress
from telephony.sip.connect_faults import FailedConnection
from telephony.sip.credentials import Credentials
from telephony.sip.endpoint import Endpoint, HeaderFields
from telephony.sip.events import SipEvent
from telephony.sip.guard import Guard
from telephony.sip.hop import Hop
from telephony.sip.outward import outward_address
from telephony.sip.refer import Replaces
from telephony.sip.tls import TlsSettings
from telephony.sip.transport import MAX_PER_HOST, Transports
from telephony.sip.uri import SipUri

EventHandler: TypeAlias = Callable[[SipEvent], None]
_EVERYWHERE: Final = ("0.0.0.0", "::")


class SipStack:
    """``listen``: at most one hop per transport; port 0 takes a free one, the same for UDP and TCP if both ask for 0.
    TLS and WSS need ``tls``; ``origins`` and ``per_host`` as for ``Transports``.

    ``advertise`` is the host that peers see in Via and Contact; by default the address listened on.
    Commands are those of ``Endpoint`` without ``now``; what they make the endpoint send has left when they return.
    Events come from the event loop, never from within a command.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        listen: Sequence[Hop],
        *,
        advertise: str | None = None,
        tls: TlsSettings | None = None,
        origins: Sequence[str] = (),
        per_host: int = MAX_PER_HOST,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._listen = tuple(listen)
        self._advertise = advertise
        self._bound: tuple[Hop, ...] = ()
        self._handlers: list[EventHandler] = []
        self._flow_watchers: list[Callable[[Hop], None]] = []
        self._transports = Transports(self, tls, origins=origins, per_host=per_host)
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._telling: asyncio.Handle | None = None

    @property
    def addresses(self) -> tuple[Hop, ...]:
        """The bound addresses, with real ports, once started."""
        return self._bound

    def address(self, transport: str = "UDP") -> Hop:
        """What peers see of us on ``transport`` (host advertised, port bound)."""
        for hop in self._bound:
            if hop.transport == transport:
                return replace(hop, host=self._seen_as(hop))
        raise Unavailable(f"SIP does not listen on {transport}")

    @property
    def hosts(self) -> frozenset[str]:
        """Under which hosts peers find us: the addresses that are bound, and what is seen of them."""
        return frozenset(host for hop in self._bound for host in (hop.host, self._seen_as(hop)))

    @property
    def host(self) -> str:
        """The host by which peers know us, as it stands in Via."""
        host = next((self._seen_as(hop) for hop in self._bound), "")
        return f"[{host}]" if ":" in host else host

    @property
    def listens_everywhere(self) -> bool:
        """Whether all addresses of the machine are ours, whatever peers see."""
        return any(hop.host in _EVERYWHERE for hop in self._bound)

    def fault(self, hop: Hop) -> FailedConnection | None:
        """Why there is no connection to ``hop``, where one was tried and did not come about."""
        return self._transports.faults.get(hop)

    def subscribe(self, handler: EventHandler) -> None:
        """Call ``handler`` (synchronously, must return at once) for every event from now on."""
        self._handlers.append(handler)

    def watch_flows(self, watcher: Callable[[Hop], None]) -> None:
        """Call ``watcher`` with the peer's end of each connection that is lost or could not be made."""
        self._flow_watchers.append(watcher)

    def keep_flow(self, destination: Hop, flow_timer_s: float) -> None:
        """The peer drops our connection to it unless it hears of us that often (RFC 5626 §4.4)."""
        self._transports.keep_flow(destination, flow_timer_s)

    def set_guard(self, guard: Guard) -> None:
        """See ``Endpoint.set_guard``."""
        self._endpoint.set_guard(guard)

    def set_wide(self, allowed: Callable[[Hop], bool]) -> None:
        """See ``Endpoint.set_wide``."""
        self._endpoint.set_wide(allowed)

    def set_symmetric(self, symmetric: Callable[[str], bool]) -> None:
        """See ``Endpoint.set_symmetric``."""
        self._endpoint.set_symmetric(symmetric)

    async def start(self) -> None:
        """Bind all sockets; ``Unavailable`` says which address could not be had."""
        self._bound = await self._transports.start(self._listen)
        for hop in self._bound:
            self._endpoint.set_local(self.address(hop.transport))

    async def close(self) -> None:
        """Close all sockets and connections; calls that are up are not hung up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        await self._transports.close()

    def invite(
        self,
        target: Hop,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        sdp: bytes | None,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
        routes: Sequence[NameAddress] = (),
    ) -> str:
        """See ``Endpoint.invite``."""
        with self._flushed() as now:
            return self._endpoint.invite(now, target, uri, from_, to, sdp, credentials, headers, routes)

    def call_id_of(self, session: str) -> str:
        """See ``Endpoint.call_id_of``."""
        return self._endpoint.call_id_of(session)

    def heard(self, session: str) -> bool:
        """See ``Endpoint.heard``."""
        return self._endpoint.heard(session)

    def progress(self, session: str, status: int = 180, sdp: bytes | None = None) -> None:
        """See ``Endpoint.progress``."""
        with self._flushed() as now:
            self._endpoint.progress(session, now, status, sdp)

    def accept(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.accept``."""
        with self._flushed() as now:
            self._endpoint.accept(session, now, sdp)

    def accept_late(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.accept_late``."""
        with self._flushed() as now:
            self._endpoint.accept_late(session, now, sdp)

    def reject(self, session: str, status: int, reason: str = "", headers: HeaderFields = ()) -> None:
        """See ``Endpoint.reject``."""
        with self._flushed() as now:
            self._endpoint.reject(session, now, status, reason, headers)

    def hang_up(self, session: str, cause: int = 16) -> None:
        """See ``Endpoint.hang_up``."""
        with self._flushed() as now:
            self._endpoint.hang_up(session, now, cause)

    def reoffer(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.reoffer``."""
        with self._flushed() as now:
            self._endpoint.reoffer(session, now, sdp)

    def answer_offer(self, session: str, sdp: bytes) -> None:
        """See ``Endpoint.answer_offer``."""
        with self._flushed() as now:
            self._endpoint.answer_offer(session, now, sdp)

    def reject_offer(self, session: str, status: int = 488, headers: HeaderFields = ()) -> None:
        """See ``Endpoint.reject_offer``."""
        with self._flushed() as now:
            self._endpoint.reject_offer(session, now, status, headers)

    def info(self, session: str, content_type: str, body: bytes) -> None:
        """See ``Endpoint.info``."""
        with self._flushed() as now:
            self._endpoint.info(session, now, content_type, body)

    def accept_referral(self, session: str, key: str) -> None:
        """See ``Endpoint.accept_referral``."""
        with self._flushed() as now:
            self._endpoint.accept_referral(session, now, key)

    def refuse_referral(self, session: str, key: str, status: int) -> None:
        """See ``Endpoint.refuse_referral``."""
        with self._flushed() as now:
            self._endpoint.refuse_referral(session, now, key, status)

    def report_referral(self, session: str, key: str, status: int) -> None:
        """See ``Endpoint.report_referral``."""
        with self._flushed() as now:
            self._endpoint.report_referral(session, now, key, status)

    def session_of(self, replaces: Replaces) -> str:
        """See ``Endpoint.session_of``."""
        return self._endpoint.session_of(replaces)

    def answer_request(
        self, key: str, status: int, headers: HeaderFields = (), body: bytes = b"", reason: str = ""
    ) -> None:
        """See ``Endpoint.answer_request``."""
        with self._flushed() as now:
            self._endpoint.answer_request(key, now, status, headers, body, reason)

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
        call_id: str = "",
        cseq: int = 1,
        routes: Sequence[NameAddress] = (),
    ) -> str:
        """See ``Endpoint.request``."""
        with self._flushed() as now:
            return self._endpoint.request(
                now, target, method, uri, from_, to, credentials, headers, body, call_id, cseq, routes
            )

    # Called by the transports

    def on_message(self, data: bytes, source: Hop) -> None:
        """See ``transport.Receiver``."""
        self._endpoint.receive(data, source, self._clock.now())
        self._flush()
        self._tell()

    def on_unreachable(self, destination: Hop) -> None:
        """See ``transport.Receiver``."""
        self._endpoint.unreachable(destination, self._clock.now())
        for watcher in self._flow_watchers:
            watcher(destination)
        self._flush()
        self._tell()

    # Inside

    @contextmanager
    def _flushed(self) -> Iterator[float]:
        """Run a command at the time given, then send; events wait for the loop's next turn."""
        try:
            yield self._clock.now()
        finally:
            self._flush()
            if self._telling is None and self._endpoint.has_events:
                self._telling = asyncio.get_running_loop().call_soon(self._tell)

    def _flush(self) -> None:
        for packet in self._endpoint.outgoing():
            self._transports.send(packet)
        deadline = self._endpoint.next_deadline()
        if deadline is None or (self._timer is not None and deadline >= self._due):
            return  # a timer that comes too early does no harm: it finds nothing due and is set again
        if self._timer is not None:
            self._timer.cancel()
        self._due = deadline
        delay_s = max(0.0, deadline - self._clock.now())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._endpoint.on_deadline(self._clock.now())
        self._flush()
        self._tell()

    def _tell(self) -> None:
        self._telling = None
        try:
            while (event := self._endpoint.next_event()) is not None:
                for handler in tuple(self._handlers):
                    handler(event)
        finally:
            # a handler that failed must not hold up the events of other calls
            if self._telling is None and self._endpoint.has_events:
                self._telling = asyncio.get_running_loop().call_soon(self._tell)

    def _seen_as(self, bound: Hop) -> str:
        if self._advertise is not None:
            return self._advertise
        return outward_address(bound.host) if bound.host in _EVERYWHERE else bound.host
