"""SIPS URIs: our Contact is one where RFC 3261 asks for it, and what did not come by TLS is no SIPS call (RFC 5630)."""

import random

import pytest

from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited
from telephony.sip.headers import Headers
from telephony.sip.hop import TCP, TLS, UDP, WSS, Hop
from telephony.sip.message import Message, Request, Response
from telephony.sip.parser import parse_message
from telephony.sip.uri import parse_sip_uri

NOW = 1_700_000_000.0
HERE = "10.0.0.2"
LISTENS = {UDP: 5060, TCP: 5060, TLS: 5061, WSS: 8089}


def line(*transports: str) -> Endpoint:
    hops = [Hop(transport, HERE, LISTENS[transport]) for transport in transports or LISTENS]
    return Endpoint(hops, entropy=random.Random(1).randbytes)


def sent(endpoint: Endpoint) -> list[Message]:
    return [parse_message(packet.data) for packet in endpoint.outgoing()]


def contact(message: Message) -> str:
    (value,) = message.headers.get_all("Contact")
    return value


def request(
    method: str = "INVITE", *, uri: str, theirs: str, transport: str, cseq: int = 1, to: str = "", route: str = ""
) -> bytes:
    fields = [
        ("Via", f"SIP/2.0/{transport} 10.0.0.9:7000;branch=z9hG4bK{method}{cseq}"),
        ("From", "<sip:139@10.0.0.9>;tag=theirs"),
        ("To", to or "<sip:400@10.0.0.2>"),
        ("Call-ID", "call-1"),
        ("CSeq", f"{cseq} {method}"),
        ("Max-Forwards", "70"),
        ("Contact", theirs),
        ("Allow", "INVITE, UPDATE"),
        *([("Record-Route", route)] if route else []),
    ]
    return Request(method, parse_sip_uri(uri), Headers(fields), b"v=0 offer").to_bytes()


@pytest.mark.parametrize(
    ("uri", "theirs", "route", "transport", "ours"),
    [
        ("sips:400@10.0.0.2", "<sips:139@10.0.0.9>", "", TLS, "<sips:400@10.0.0.2:5061>"),
        ("sips:400@10.0.0.2", "<sip:139@10.0.0.9;transport=tls>", "", TLS, "<sips:400@10.0.0.2:5061>"),
        ("sip:400@10.0.0.2", "<sips:139@10.0.0.9>", "", TLS, "<sips:400@10.0.0.2:5061>"),
        ("sip:400@10.0.0.2", "<sip:139@10.0.0.9>", "<sips:10.0.0.8;lr>", TLS, "<sips:400@10.0.0.2:5061>"),
        ("sips:400@10.0.0.2", "<sips:139@10.0.0.9>", "", WSS, "<sips:400@10.0.0.2:8089;transport=ws>"),
        ("sip:400@10.0.0.2", "<sips:139@10.0.0.9>", "", UDP, "<sips:400@10.0.0.2:5061>"),
        ("sip:400@10.0.0.2", "<sip:139@10.0.0.9>", "", TLS, "<sip:400@10.0.0.2:5061;transport=tls>"),
        ("sip:400@10.0.0.2", "<sip:139@10.0.0.9>", "", UDP, "<sip:400@10.0.0.2:5060>"),
    ],
)
def test_our_contact_in_a_call_that_comes(uri: str, theirs: str, route: str, transport: str, ours: str) -> None:
    """RFC 3261 §12.1.1: by the Request-URI, the top Record-Route, or the Contact."""
    endpoint = line()
    source = Hop(transport, "10.0.0.9", 7000)
    endpoint.receive(request(uri=uri, theirs=theirs, transport=transport, route=route), source, NOW)
    invited = endpoint.next_event()
    assert isinstance(invited, Invited)
    endpoint.progress(invited.session, NOW)
    endpoint.accept(invited.session, NOW, b"v=0 answer")
    trying, ringing, ok = sent(endpoint)
    assert isinstance(trying, Response) and isinstance(ringing, Response) and isinstance(ok, Response)
    assert (trying.status, ringing.status, ok.status) == (100, 180, 200)
    assert contact(ringing) == contact(ok) == ours


def test_what_follows_in_the_call_says_the_same() -> None:
    endpoint = line()
    source = Hop(TLS, "10.0.0.9", 7000)
    theirs = "<sip:139@10.0.0.9;transport=tls>"
    endpoint.receive(request(uri="sips:400@10.0.0.2", theirs=theirs, transport=TLS), source, NOW)
    invited = endpoint.next_event()
    assert isinstance(invited, Invited)
    endpoint.accept(invited.session, NOW, b"v=0 answer")
    to = sent(endpoint)[-1].headers.get("To") or ""
    endpoint.receive(
        request("ACK", uri="sips:400@10.0.0.2:5061", theirs=theirs, transport=TLS, to=to), source, NOW
    )  # fmt: skip
    endpoint.reoffer(invited.session, NOW, b"v=0 again")
    (update,) = sent(endpoint)
    assert isinstance(update, Request) and update.method == "UPDATE"
    assert contact(update) == "<sips:400@10.0.0.2:5061>"


@pytest.mark.parametrize(
    ("uri", "route", "target", "transports", "ours"),
    [
        ("sips:8002@10.0.0.3:6001", "", TLS, (UDP, TLS), "<sips:400@10.0.0.2:5061>"),
        ("sip:8002@10.0.0.3:6001", "<sips:10.0.0.8;lr>", TLS, (UDP, TLS), "<sips:400@10.0.0.2:5061>"),
        ("sip:8002@10.0.0.3:6001", "", TLS, (UDP, TLS), "<sip:400@10.0.0.2:5061;transport=tls>"),
        ("sips:8002@10.0.0.3:6001", "", UDP, (UDP,), "<sip:400@10.0.0.2:5060>"),
    ],
)
def test_our_contact_in_a_call_of_ours(
    uri: str, route: str, target: str, transports: tuple[str, ...], ours: str
) -> None:
    """§8.1.1.8: by the Request-URI or the top Route."""
    endpoint = line(*transports)
    called = parse_sip_uri(uri)
    me = NameAddress(parse_sip_uri("sip:400@10.0.0.2"))
    routes = [NameAddress(parse_sip_uri(route.strip("<>")))] if route else []
    endpoint.invite(NOW, Hop(target, "10.0.0.3", 6001), called, me, NameAddress(called), b"v=0 offer", routes=routes)
    (invite,) = sent(endpoint)
    assert contact(invite) == ours


@pytest.mark.parametrize("transport", [UDP, TCP])
def test_a_sips_call_without_tls_is_told_that_sip_would_do(transport: str) -> None:
    endpoint = line()
    data = request(uri="sips:400@10.0.0.2", theirs="<sips:139@10.0.0.9>", transport=transport)
    endpoint.receive(data, Hop(transport, "10.0.0.9", 7000), NOW)
    (refused,) = sent(endpoint)
    assert isinstance(refused, Response)
    assert refused.status == 480
    assert refused.headers.get("Warning") == '380 10.0.0.2 "SIPS Not Allowed"'
    assert endpoint.next_event() is None
