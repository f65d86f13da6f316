"""The SIP stack against SIPp on real sockets, as the called and as the caller, over UDP and TCP."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from telephony.registrar import Registrar
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import (
    Answered,
    Cancelled,
    DigitInfo,
    HungUp,
    Invited,
    LateAnswer,
    Offered,
    Progressed,
    Refused,
    Requested,
    SipEvent,
)
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from tests.interop.sipp_peer import LOOPBACK, Sipp

pytestmark = pytest.mark.interop
TRANSPORTS = ["UDP", "TCP"]
CALLS = 20
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class WallClock:
    def now(self) -> float:
        return time.time()


class Line:
    """Our stack, all its events, and what it does on each."""

    def __init__(self, stack: SipStack, react: Callable[["Line", SipEvent], None]) -> None:
        self.stack = stack
        self.events: list[SipEvent] = []
        self.counts: Counter[str] = Counter()
        self._react = react
        self._news = asyncio.Event()
        stack.subscribe(self._on_event)

    def _on_event(self, event: SipEvent) -> None:
        self.events.append(event)
        self.counts[type(event).__name__] += 1
        self._react(self, event)
        self._news.set()

    async def until(self, kind: str, count: int, timeout_s: float = 20.0) -> None:
        """Wait for so many events of that kind."""
        async with asyncio.timeout(timeout_s):
            while self.counts[kind] < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def line(react: Callable[[Line, SipEvent], None]) -> AsyncIterator[Line]:
    listen = [Hop("UDP", LOOPBACK, 0), Hop("TCP", LOOPBACK, 0)]
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes), WallClock(), listen)
    await stack.start()
    try:
        yield Line(stack, react)
    finally:
        await stack.close()


def answering(own: Line, event: SipEvent) -> None:
    if isinstance(event, Invited):
        own.stack.progress(event.session, 180)
        own.stack.accept(event.session, SDP)
    elif isinstance(event, Offered):
        own.stack.answer_offer(event.session, SDP)


def call(own: Line, peer: Sipp, transport: str, *, sdp: bytes | None = SDP, password: str = "") -> str:
    target = Hop(transport, LOOPBACK, peer.port)
    uri = SipUri(LOOPBACK, user="8001", port=peer.port)
    credentials = Credentials("line", password) if password else None
    return own.stack.invite(target, uri, NameAddress(SipUri("line400", user="400")), NameAddress(uri), sdp, credentials)


def assert_all_over(own: Line) -> None:
    assert len(own.stack._endpoint._sessions) == 0
    assert not own.stack._endpoint._agent.dialogs


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_calls_and_hangs_up(transport: str) -> None:
    async with (
        line(answering) as own,
        Sipp("uac_call", transport, remote=own.stack.address(transport), calls=CALLS) as peer,
    ):
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert outcome.retransmissions == 0
        await own.until("HungUp", CALLS)
        assert own.counts == {"Invited": CALLS, "Confirmed": CALLS, "HungUp": CALLS}
        assert_all_over(own)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_calls_and_we_hang_up(transport: str) -> None:
    def react(own: Line, event: SipEvent) -> None:
        answering(own, event)
        if isinstance(event, Invited):
            own.stack.hang_up(event.session)  # at once: the BYE must wait for the ACK

    address = lambda own: own.stack.address(transport)  # noqa: E731
    async with line(react) as own, Sipp("uac_called_hangs_up", transport, remote=address(own), calls=CALLS) as peer:
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert own.counts == {"Invited": CALLS}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_cancels(transport: str) -> None:
    def react(own: Line, event: SipEvent) -> None:
        if isinstance(event, Invited):
            own.stack.progress(event.session, 180)

    async with (
        line(react) as own,
        Sipp("uac_cancel", transport, remote=own.stack.address(transport), calls=CALLS) as peer,
    ):
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert own.counts == {"Invited": CALLS, "Cancelled": CALLS}
        assert all(isinstance(event, Invited | Cancelled) for event in own.events)
        assert_all_over(own)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_holds_presses_a_key_and_asks_options(transport: str) -> None:
    async with (
        line(answering) as own,
        Sipp("uac_hold_info_options", transport, remote=own.stack.address(transport), calls=CALLS) as peer,
    ):
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        await own.until("HungUp", CALLS)
        offers = [event for event in own.events if isinstance(event, Offered)]
        assert len(offers) == CALLS
        assert all(event.sdp is not None and b"a=sendonly" in event.sdp for event in offers)
        assert [event.digit for event in own.events if isinstance(event, DigitInfo)] == ["5"] * CALLS


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_calls_without_sdp(transport: str) -> None:
    async with (
        line(answering) as own,
        Sipp("uac_late_offer", transport, remote=own.stack.address(transport), calls=CALLS) as peer,
    ):
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        await own.until("HungUp", CALLS)
        answers = [event.sdp for event in own.events if isinstance(event, LateAnswer)]
        assert len(answers) == CALLS
        assert all(b"m=audio" in sdp for sdp in answers)


async def test_sipp_loses_acks() -> None:
    async with line(answering) as own, Sipp("uac_lost_ack", "UDP", remote=own.stack.address(), calls=CALLS) as peer:
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        await own.until("HungUp", CALLS)
        assert own.counts["Invited"] == CALLS
        assert_all_over(own)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_registers(transport: str) -> None:
    registrar = Registrar(DigestServer("line400", secrets.token_bytes(16)), {"8001": "secret"})

    def react(own: Line, event: SipEvent) -> None:
        if isinstance(event, Requested):
            reply = registrar.handle(event.request, event.source, time.time())
            # this SIPp dies of a challenge whose first algorithm it does not know
            headers = [(name, value) for name, value in reply.headers if "SHA-256" not in value]
            own.stack.answer_request(event.key, reply.status, headers)

    async with (
        line(react) as own,
        Sipp("uac_register", transport, remote=own.stack.address(transport), calls=3) as peer,
    ):
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (3, 0), outcome.errors
        (binding,) = registrar.contacts("8001", time.time())
        assert binding.hop.transport == transport
        assert binding.uri.port == peer.port


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_we_call_sipp_and_hang_up(transport: str) -> None:
    def react(own: Line, event: SipEvent) -> None:
        if isinstance(event, Answered):
            own.stack.hang_up(event.session)

    async with line(react) as own, Sipp("uas_call", transport, calls=CALLS) as peer:
        await peer.listening()
        for _ in range(CALLS):
            call(own, peer, transport)
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert own.counts == {"Progressed": CALLS, "Answered": CALLS}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_we_call_sipp_which_hangs_up(transport: str) -> None:
    async with line(lambda own, event: None) as own, Sipp("uas_hangs_up", transport, calls=CALLS) as peer:
        await peer.listening()
        for _ in range(CALLS):
            call(own, peer, transport)
        await own.until("HungUp", CALLS)
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert all(isinstance(event, Progressed | Answered | HungUp) for event in own.events)
        assert_all_over(own)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_we_cancel_while_sipp_rings(transport: str) -> None:
    def react(own: Line, event: SipEvent) -> None:
        if isinstance(event, Progressed):
            own.stack.hang_up(event.session)

    async with line(react) as own, Sipp("uas_cancelled", transport, calls=CALLS) as peer:
        await peer.listening()
        for _ in range(CALLS):
            call(own, peer, transport)
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert own.counts == {"Progressed": CALLS}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_is_busy(transport: str) -> None:
    async with line(lambda own, event: None) as own, Sipp("uas_busy", transport, calls=CALLS) as peer:
        await peer.listening()
        sessions = [call(own, peer, transport) for _ in range(CALLS)]
        await own.until("Refused", CALLS)
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        refused = {event.session: event.status for event in own.events if isinstance(event, Refused)}
        assert refused == dict.fromkeys(sessions, 486)
        assert_all_over(own)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_sipp_asks_for_digest(transport: str) -> None:
    def react(own: Line, event: SipEvent) -> None:
        if isinstance(event, Answered):
            own.stack.hang_up(event.session)

    async with line(react) as own, Sipp("uas_challenge", transport, calls=CALLS) as peer:
        await peer.listening()
        for _ in range(CALLS):
            call(own, peer, transport, password="secret")
        await own.until("Answered", CALLS)
        outcome = await peer.done()
        assert (outcome.successful, outcome.failed) == (CALLS, 0), outcome.errors
        assert own.counts["Refused"] == 0


async def test_nobody_listens_on_tcp() -> None:
    async with line(lambda own, event: None) as own:
        target = Hop("TCP", LOOPBACK, 1)
        uri = SipUri(LOOPBACK, user="8001", port=1)
        session = own.stack.invite(target, uri, NameAddress(SipUri("line400")), NameAddress(uri), SDP)
        await own.until("Refused", 1, timeout_s=5)
        assert own.events == [Refused(session, 503, "Unreachable", unreachable=True)]
