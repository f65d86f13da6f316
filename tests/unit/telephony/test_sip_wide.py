"""Requests too wide for UDP (RFC 3261 §18.1.1): by TCP where that is taken, else by UDP."""

import random

import pytest

from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import TCP, UDP, Hop, Packet
from telephony.sip.message import Request
from telephony.sip.parser import parse_message
from telephony.sip.settings import SipSettings
from telephony.sip.uri import SipUri
from telephony.sip.wide import REMEMBERED_S, VIA_OCTETS, octets

US, THEM = "192.0.2.1", "192.0.2.9"
BY_UDP, BY_TCP = Hop(UDP, THEM, 5070), Hop(TCP, THEM, 5070)
NOW = 1_700_000_000.0


def endpoint(*, tcp: bool = True, limit: int = 1300) -> Endpoint:
    local = [Hop(UDP, US, 5060), *([Hop(TCP, US, 5060)] if tcp else [])]
    return Endpoint(local, entropy=random.Random(1).randbytes, settings=SipSettings(udp_limit=limit))


def invite(ours: Endpoint, size: int, now: float = NOW) -> tuple[Packet, Request]:
    uri = SipUri(THEM, user="them", port=5070)
    ours.invite(now, BY_UDP, uri, NameAddress(SipUri(US, user="us")), NameAddress(uri), b"x" * size)
    return sent(ours)


def sent(ours: Endpoint) -> tuple[Packet, Request]:
    (packet,) = ours.outgoing()
    message = parse_message(packet.data)
    assert isinstance(message, Request)
    return packet, message


def answer(ours: Endpoint, request: Request, status: int, now: float) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.copy("Via", "From", "Call-ID", "CSeq"))
    text = f"SIP/2.0 {status} So\r\n{lines}To: {request.headers.get('To')};tag=t\r\nContent-Length: 0\r\n\r\n"
    ours.receive(text.encode(), BY_TCP, now)


@pytest.mark.parametrize(
    ("size", "tcp", "limit", "hop"),
    [
        (1300, True, 1300, BY_TCP),
        (100, True, 1300, BY_UDP),
        (1300, False, 1300, BY_UDP),
        (5000, True, 0, BY_UDP),
        (1300, True, 3000, BY_UDP),
    ],
)
def test_a_wide_request_goes_by_tcp_and_says_so_in_its_via(size: int, tcp: bool, limit: int, hop: Hop) -> None:
    packet, request = invite(endpoint(tcp=tcp, limit=limit), size)
    assert packet.destination == hop
    assert [via.transport for via in request.vias] == [hop.transport]


def test_its_length_is_known_before_its_via() -> None:
    packet, request = invite(endpoint(), 700)
    request.headers.remove("Via")
    assert abs(octets(request) + VIA_OCTETS - len(packet.data)) < 30


def test_what_tcp_does_not_take_goes_by_udp_and_so_do_later_ones_for_a_while() -> None:
    ours = endpoint()
    first, wide = invite(ours, 1300)
    ours.unreachable(first.destination, NOW + 4)
    packet, narrow = sent(ours)
    assert packet.destination == BY_UDP
    assert (narrow.call_id, narrow.cseq, narrow.body) == (wide.call_id, wide.cseq, wide.body)
    assert narrow.top_via.branch != wide.top_via.branch and len(narrow.vias) == 1
    assert ours.next_event() is None
    assert invite(ours, 1300, NOW + 5)[0].destination == BY_UDP
    assert invite(ours, 1300, NOW + 5 + REMEMBERED_S)[0].destination == BY_TCP


def test_cancel_goes_where_the_invite_went() -> None:
    ours = endpoint()
    _, request = invite(ours, 1300)
    answer(ours, request, 180, NOW + 1)
    session = ours.next_event()
    assert session is not None
    ours.hang_up(session.session, NOW + 2)  # type: ignore[union-attr]
    packet, cancel = sent(ours)
    assert (packet.destination, cancel.method) == (BY_TCP, "CANCEL")
    assert cancel.top_via == request.top_via


def test_a_call_whose_connection_breaks_after_it_rang_is_not_begun_anew() -> None:
    ours = endpoint()
    _, request = invite(ours, 1300)
    answer(ours, request, 180, NOW + 1)
    ours.unreachable(BY_TCP, NOW + 2)
    assert ours.outgoing() == []


def test_where_only_udp_is_known_to_be_open_nothing_else_is_tried() -> None:
    ours = endpoint()
    ours.set_wide(lambda hop: hop.host != THEM)
    assert invite(ours, 1300)[0].destination == BY_UDP
