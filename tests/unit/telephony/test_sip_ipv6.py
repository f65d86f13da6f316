"""IPv6: the messages of RFC 5118 with the outcomes of tests/vectors/rfc5118/manifest.toml, and calls on the wire."""

import asyncio
import secrets
import socket
import tomllib
from pathlib import Path

import pytest

from core.errors import ParseError
from service.clock import SystemClock
from telephony.sdp.session import parse_sdp
from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Confirmed, HungUp, Invited, Refused, SipEvent
from telephony.sip.hop import TCP, UDP, Hop
from telephony.sip.message import Request
from telephony.sip.parser import BrokenRequest, parse_message
from telephony.sip.routing import hop_of, reply_hop, seems_natted, stamp_via
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri, parse_sip_uri
from telephony.sip.via import parse_via

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "rfc5118"
MANIFEST = tomllib.loads((VECTORS / "manifest.toml").read_text(encoding="utf-8"))
SOURCE = Hop("UDP", "2001:db8::9:1", 5060)


def read(name: str) -> bytes:
    return (VECTORS / f"{name}.dat").read_bytes()


def test_every_message_is_in_the_manifest() -> None:
    assert sorted(MANIFEST) == sorted(path.stem for path in VECTORS.glob("*.dat"))
    assert len(MANIFEST) == 12


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_rfc5118(name: str) -> None:
    expected = MANIFEST[name]
    if expected["outcome"] == "answer":
        with pytest.raises(BrokenRequest) as broken:
            parse_message(read(name))
        assert broken.value.status == expected["status"], expected["why"]
        return
    request = parse_message(read(name))
    assert isinstance(request, Request)
    assert request.to_bytes() == read(name)
    uri = request.uri
    assert isinstance(uri, SipUri)
    if "host" in expected:
        assert (uri.host, uri.port) == (expected["host"], expected.get("port")), expected["why"]
    if "goes_to" in expected:
        assert hop_of(uri, SOURCE) == Hop("UDP", expected["goes_to"], 5060)
    if "received" in expected:
        assert request.top_via.received == expected["received"]
    if "vias" in expected:
        assert [via.host for via in request.vias] == expected["vias"]
    if "audio" in expected:
        session = parse_sdp(request.body)
        connection = session.media[0].connection or session.connection
        assert connection == expected["audio"]


def test_an_answer_goes_back_to_where_the_request_really_came_from() -> None:
    request = parse_message(read("via-received-param-with-delim"))
    assert isinstance(request, Request)
    stamp_via(request, Hop("UDP", "2001:db8::77", 6000))
    assert request.top_via.received == "2001:db8::77"  # as the grammar has it, without brackets
    assert parse_via(str(request.top_via)) == request.top_via
    assert reply_hop(request.top_via, SOURCE).destination == Hop("UDP", "2001:db8::9:1", 5060)


def test_an_address_from_a_socket_gets_its_brackets() -> None:
    assert str(SipUri("2001:db8::1", user="101", port=5070)) == "sip:101@[2001:db8::1]:5070"
    assert str(parse_sip_uri("sip:[2001:db8::1]")) == "sip:[2001:db8::1]"
    assert str(NameAddress(SipUri("::1", user="a"))) == "<sip:a@[::1]>"


@pytest.mark.parametrize(
    ("contact", "source", "natted"),
    [
        ("sip:a@[fd00::7]", "2001:db8::7", True),
        ("sip:a@[FD00:0:0::7]", "fd00::7", False),
        ("sip:a@[fd00::7]", "fd00::7", False),
        ("sip:a@[2a00::7]", "2001:db8::7", False),
    ],
)
def test_nat(contact: str, source: str, natted: bool) -> None:
    assert seems_natted(parse_sip_uri(contact), Hop("UDP", source, 5060)) is natted


def test_what_is_no_address_is_no_host() -> None:
    for text in ("sip:a@[2001:db8::1", "sip:a@2001:db8::1]", "sip:a@[]", "sip:a@[::1]x", "sip:a@[::1]:x"):
        with pytest.raises(ParseError):
            parse_sip_uri(text)


HERE = "::1"


def ipv6_here() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind((HERE, 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not ipv6_here(), reason="this machine has no IPv6")
@pytest.mark.parametrize("transport", [UDP, TCP])
async def test_a_call_over_ipv6(transport: str) -> None:
    listen = [Hop(UDP, HERE, 0), Hop(TCP, HERE, 0)]
    ours, theirs = (SipStack(Endpoint(listen, entropy=secrets.token_bytes), SystemClock(), listen) for _ in range(2))
    ended: asyncio.Future[SipEvent] = asyncio.get_running_loop().create_future()

    def answer(event: SipEvent) -> None:
        if isinstance(event, Invited):
            assert event.source.host == HERE
            theirs.accept(event.session, b"v=0 answer")
        elif isinstance(event, Confirmed):
            theirs.hang_up(event.session)

    theirs.subscribe(answer)
    ours.subscribe(lambda event: ended.set_result(event) if isinstance(event, HungUp | Refused) else None)
    await ours.start()
    await theirs.start()
    try:
        port = theirs.address(transport).port
        uri = SipUri(HERE, user="them", port=port)
        ours.invite(
            Hop(transport, HERE, port), uri, NameAddress(SipUri(HERE, user="us")), NameAddress(uri), b"v=0 offer"
        )
        async with asyncio.timeout(10):
            assert isinstance(await ended, HungUp)
    finally:
        await ours.close()
        await theirs.close()


@pytest.mark.skipif(not ipv6_here(), reason="this machine has no IPv6")
async def test_every_address_of_ipv6_does_not_take_the_port_from_ipv4() -> None:
    first = SipStack(Endpoint([], entropy=secrets.token_bytes), SystemClock(), [Hop(UDP, "::", 0), Hop(TCP, "::", 0)])
    await first.start()
    port = first.addresses[0].port
    second = [Hop(UDP, "0.0.0.0", port), Hop(TCP, "0.0.0.0", port)]
    other = SipStack(Endpoint(second, entropy=secrets.token_bytes), SystemClock(), second)
    try:
        await other.start()
        assert [hop.port for hop in (*first.addresses, *other.addresses)] == [port] * 4
        assert ":" in first.address(UDP).host and ":" not in other.address(UDP).host
    finally:
        await first.close()
        await other.close()
