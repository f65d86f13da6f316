"""What the endpoint says to requests it cannot serve, and the corners of calls that a whole network does not show."""

from typing import Final

import pytest

from core.errors import LegEnded, LocalProtocolError, Unavailable
from telephony.sip.address import NameAddress, parse_address
from telephony.sip.capabilities import ACCEPT
from telephony.sip.credentials import Credentials
from telephony.sip.events import Answered, DigitInfo, Invited, Refused, Requested, Responded, SipEvent
from telephony.sip.guard import OpenDoor
from telephony.sip.headers import Headers
from telephony.sip.hop import TCP, UDP, Hop, Packet
from telephony.sip.message import Request, Response
from telephony.sip.parser import parse_message
from telephony.sip.replies import reply_to
from telephony.sip.routing import hop_of, reply_hop, request_line, stamp_via
from telephony.sip.settings import SipSettings
from telephony.sip.uri import SipUri, parse_sip_uri
from telephony.sip.via import parse_via
from tests.scenario.sip_network import Network, Party

PHONE = Hop(UDP, "10.0.0.9", 5060)


def raw(
    method: str = "INVITE",
    *,
    branch: str = "z9hG4bKx1",
    to_tag: str = "",
    uri: str = "sip:400@10.0.0.2",
    cseq: int = 1,
    extra: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    max_forwards: int = 70,
    via: str = "10.0.0.9:5060",
    call_id: str = "call-1",
) -> bytes:
    headers = Headers(
        [
            ("Via", f"SIP/2.0/UDP {via};branch={branch}"),
            ("From", "<sip:139@10.0.0.9>;tag=theirs"),
            ("To", f"<sip:400@10.0.0.2>{';tag=' + to_tag if to_tag else ''}"),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Max-Forwards", str(max_forwards)),
            ("Contact", "<sip:139@10.0.0.9:5060>"),
            *extra,
        ]
    )
    request = parse_message(Request(method, parse_sip_uri("sip:x@y"), headers, body).to_bytes())
    return request.to_bytes().replace(b"sip:x@y", uri.encode(), 1)


class Bench:
    """One endpoint with a peer of bare bytes."""

    def __init__(self, settings: SipSettings | None = None) -> None:
        self.network = Network()
        self.line = self.network.party("line", "10.0.0.2", settings)

    def give(self, data: bytes, source: Hop = PHONE) -> list[int]:
        """Have ``data`` arrive; the statuses of what is sent at once."""
        before = len(self.network.wire)
        self.network.inject(data, self.line, source)
        return [message.status for message, _, _ in self.network.wire[before:] if isinstance(message, Response)]

    @property
    def last(self) -> Response:
        message = self.network.wire[-1][0]
        assert isinstance(message, Response)
        return message

    @property
    def events(self) -> list[SipEvent]:
        return self.line.events


@pytest.mark.parametrize(
    ("data", "status", "header"),
    [
        (raw("PUBLISH"), 405, "Allow"),
        (raw("REFER"), 403, ""),
        (raw("MYSTERY"), 501, "Allow"),
        (raw(extra=(("Require", "precondition"),)), 420, "Unsupported"),
        (raw(uri="fax:123"), 416, ""),
        (raw(body=b"x", extra=(("Content-Type", "text/plain"),)), 415, "Accept"),
        (raw(max_forwards=0), 483, ""),
        (raw("BYE", to_tag="nobody"), 481, ""),
        (raw("INVITE", to_tag="nobody"), 481, ""),
        (raw("INFO"), 481, ""),
        (raw("CANCEL"), 481, ""),
        (raw(cseq=2**31), 400, ""),
        (raw().replace(b"Contact: <sip:139@10.0.0.9:5060>\r\n", b""), 400, ""),
        (raw().replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505, ""),
        (raw().replace(b"Contact: <sip:139@", b"Contact: <<sip:"), 400, ""),
    ],
)
def test_what_cannot_be_served_is_refused(data: bytes, status: int, header: str) -> None:
    bench = Bench()
    assert bench.give(data) == [status]
    assert not header or header in bench.last.headers
    assert bench.last.to.tag is not None
    assert not bench.events


_SUBJECT = (("Subject", "x"),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"Subject x", "Header Line Without Colon"),
        (b"Subject", "Header Line Without Colon"),
        (b"Subject: " + b"x" * 9000, "Header Line Longer Than 8192 Characters"),
        (b"Sub ject: x", "Bad Request"),
        (b"Subject: a\nb", "Stray Line End In Headers"),
        (b"Subject: a\0b", "NUL In Headers"),
    ],
)
def test_a_request_with_a_header_line_that_is_none_is_told_so(line: bytes, reason: str) -> None:
    bench = Bench()
    data = raw(extra=_SUBJECT, body=b"v=0", via="10.0.0.9:5060")
    assert bench.give(data.replace(b"Subject: x", line)) == [400]
    assert bench.last.reason == reason
    assert bench.last.top_via.branch == "z9hG4bKx1"
    assert bench.last.headers.get("CSeq") == "1 INVITE"
    assert bench.last.to.tag is not None
    assert not bench.events


@pytest.mark.parametrize(
    "data",
    [
        raw("ACK", extra=_SUBJECT).replace(b"Subject: x", b"Subject x"),
        raw(extra=_SUBJECT).replace(b"Subject: x", b"Subject x").replace(b"Via: ", b"Via "),
        b"SIP/2.0 180 Ringing\r\n" + raw(extra=_SUBJECT).replace(b"Subject: x", b"Subject x").partition(b"\r\n")[2],
    ],
)
def test_a_broken_header_line_is_dropped_with_what_cannot_be_answered(data: bytes) -> None:
    assert Bench().give(data) == []


@pytest.mark.parametrize("fold", [b"\r\n without a colon", b"\r\n\t: b", b"\r\n \r\n x"])
def test_a_folded_line_needs_no_colon(fold: bytes) -> None:
    bench = Bench()
    assert bench.give(raw(extra=_SUBJECT).replace(b"Subject: x", b"Subject: x" + fold)) == [100]
    assert bench.line.kinds() == ["Invited"]


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0", b"hello", raw("ACK", to_tag="x"), b"SIP/2.0 200 OK\r\n\r\n"])
def test_what_needs_no_answer_gets_none(data: bytes) -> None:
    bench = Bench()
    assert bench.give(data) == []
    assert not bench.events


def test_options_with_no_hops_left_is_served() -> None:
    bench = Bench()
    bench.give(raw("OPTIONS", max_forwards=0))
    (event,) = bench.events
    assert isinstance(event, Requested)
    bench.line.do(lambda endpoint, now: endpoint.answer_request(event.key, now, 200, [("Accept", "application/sdp")]))
    assert bench.last.status == 200
    bench.line.do(lambda endpoint, now: endpoint.answer_request(event.key, now, 500))
    assert bench.last.status == 200


def test_invite_that_came_two_ways_is_merged() -> None:
    bench = Bench()
    assert bench.give(raw()) == [100]
    assert bench.give(raw(branch="z9hG4bKother")) == [482]
    assert bench.give(raw()) == [100]  # a plain repeat gets what was said last
    assert len(bench.events) == 1


def test_request_out_of_order_in_a_dialog_meets_500() -> None:
    bench = Bench()
    bench.give(raw(cseq=10))
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    bench.line.do(lambda endpoint, now: endpoint.accept(invited.session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    bench.give(raw("ACK", to_tag=tag, cseq=10, branch="z9hG4bKack"))
    assert bench.give(raw("INFO", to_tag=tag, cseq=9, branch="z9hG4bKinfo")) == [500]
    assert bench.give(raw("INFO", to_tag=tag, cseq=11, branch="z9hG4bKinfo2")) == [200]
    strange = (("Content-Type", "text/plain"),)
    assert bench.give(raw("INFO", to_tag=tag, cseq=12, branch="z9hG4bKi3", body=b"x", extra=strange)) == [415]
    assert bench.give(raw("OPTIONS", to_tag=tag, cseq=13, branch="z9hG4bKo")) == [200]
    assert bench.give(raw("UPDATE", to_tag=tag, cseq=14, branch="z9hG4bKu")) == [200]


@pytest.mark.parametrize(
    ("kind", "body", "status", "digit"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", 200, "5"),
        ("application/dtmf-relay", b"Signal=11\r\n", 200, "#"),
        ("Application/DTMF-Relay", b"signal = d\r\n", 200, "D"),
        ("application/dtmf-relay", b"Signal=zz\r\n", 400, ""),
        ("application/dtmf-relay", b"Duration=160\r\n", 400, ""),
        ("application/dtmf", b"55", 400, ""),
        ("application/dtmf-relay", b"Signal=16\r\nDuration=100\r\n", 200, ""),
        ("application/dtmf", b"!", 200, ""),
        ("application/dtmf", b"", 200, ""),
        ("text/plain", b"Signal=5", 415, ""),
    ],
)
def test_an_info_says_whether_its_key_was_understood(kind: str, body: bytes, status: int, digit: str) -> None:
    bench = Bench()
    bench.give(raw())
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    bench.line.do(lambda endpoint, now: endpoint.accept(invited.session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    bench.give(raw("ACK", to_tag=tag, branch="z9hG4bKack"))
    extra = (("Content-Type", kind),)
    assert bench.give(raw("INFO", to_tag=tag, cseq=2, branch="z9hG4bKi", body=body, extra=extra)) == [status]
    assert [event.digit for event in bench.events if isinstance(event, DigitInfo)] == ([digit] if digit else [])


def test_an_info_of_a_package_is_told_that_none_is_known() -> None:
    bench = Bench()
    bench.give(raw())
    bench.line.do(lambda endpoint, now: endpoint.accept(bench.events[0].session, now, b"v=0"))  # type: ignore[union-attr]
    tag = bench.last.to.tag or ""
    bench.give(raw("ACK", to_tag=tag, branch="z9hG4bKack"))
    extra = (("Info-Package", "infoDtmf"), ("Content-Type", "application/dtmf-relay"))
    assert bench.give(raw("INFO", to_tag=tag, cseq=2, branch="z9hG4bKi", body=b"Signal=5", extra=extra)) == [469]
    assert (bench.last.reason, bench.last.headers.get("Recv-Info")) == ("Bad Info Package", "")


@pytest.mark.parametrize("option", ["100rel", "100Rel", "TIMER", "Replaces"])
def test_option_tags_are_known_however_they_are_written(option: str) -> None:
    """RFC 3261 §7.3.1: tokens have no case."""
    bench = Bench()
    extra = (("Require", option), ("Supported", "Timer"), ("Session-Expires", "90"))
    assert bench.give(raw(extra=extra, body=b"v=0\r\n")) == [100]
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    bench.line.do(lambda endpoint, now: endpoint.progress(invited.session, now))
    assert ("RSeq" in bench.last.headers) is (option.lower() == "100rel")
    assert bench.give(raw(extra=(("Require", "100rel, Zq"),), branch="z9hG4bKn", call_id="c2")) == [420]
    assert bench.last.headers.get("Unsupported") == "Zq", "as it came"


def test_every_488_says_why_if_only_that_it_cannot_be() -> None:
    bench = Bench()
    bench.give(raw())
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    bench.line.do(lambda endpoint, now: endpoint.reject(invited.session, now, 488))
    assert bench.last.headers.get("Warning") == '399 10.0.0.2 "this session description cannot be agreed to"'
    bench = Bench()
    bench.give(raw())
    told = [("Warning", '305 10.0.0.2 "no codec"')]
    bench.line.do(lambda endpoint, now: endpoint.reject(bench.events[0].session, now, 488, headers=told))  # type: ignore[union-attr]
    assert bench.last.headers.get_all("Warning") == ['305 10.0.0.2 "no codec"']


def test_update_with_sdp_is_an_offer() -> None:
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.accept(session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    bench.give(raw("ACK", to_tag=tag, branch="z9hG4bKack"))
    sdp = (("Content-Type", "application/sdp"),)
    bench.give(raw("UPDATE", to_tag=tag, cseq=2, branch="z9hG4bKu", body=b"v=0 new", extra=sdp))
    assert bench.line.kinds() == ["Invited", "Confirmed", "Offered"]
    # another before we have answered this one
    assert bench.give(raw("UPDATE", to_tag=tag, cseq=3, branch="z9hG4bKu2", body=b"v=0", extra=sdp)) == [500]
    assert "Retry-After" in bench.last.headers
    bench.line.do(lambda endpoint, now: endpoint.answer_offer(session, now, b"v=0 ok"))
    assert (bench.last.status, bench.last.body) == (200, b"v=0 ok")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "OPTIONS", "REFER", "PRACK"])
def test_a_request_that_crosses_our_bye_is_of_no_call(method: str) -> None:
    """RFC 3261 §15.1.1: with the BYE the session is over for whoever sends it; RFC 5407 §3.2.2."""
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.accept(session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    bench.give(raw("ACK", to_tag=tag, branch="z9hG4bKack"))
    bench.line.do(lambda endpoint, now: endpoint.hang_up(session, now))
    sdp = (("Content-Type", "application/sdp"),)
    crossing = raw(method, to_tag=tag, cseq=2, branch="z9hG4bKcross", body=b"v=0 new", extra=sdp)
    assert bench.give(crossing) == [481]
    assert "Retry-After" not in bench.last.headers
    assert bench.give(raw("BYE", to_tag=tag, cseq=3, branch="z9hG4bKbye")) == [200], "both hang up at once"
    assert bench.line.kinds() == ["Invited", "Confirmed"]


def test_a_reinvite_in_place_of_the_ack_that_our_bye_waits_for() -> None:
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.accept(session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    bench.line.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert bench.network.sent("BYE") == [], "RFC 3261 section 15: not before the ACK"
    sdp = (("Content-Type", "application/sdp"),)
    assert bench.give(raw(to_tag=tag, cseq=2, branch="z9hG4bKre", body=b"v=0 new", extra=sdp)) == [481]
    assert len(bench.network.sent("BYE")) == 1
    assert bench.line.kinds() == ["Invited"]


def test_ack_with_the_branch_of_its_invite_is_taken() -> None:
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.accept(session, now, b"v=0"))
    bench.give(raw("ACK", to_tag=bench.last.to.tag or ""))
    assert bench.line.kinds() == ["Invited", "Confirmed"]


def test_caller_of_rfc_2543_is_served() -> None:
    bench = Bench()
    assert bench.give(raw(branch="1")) == [100]
    assert bench.give(raw(branch="1")) == [100]
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.reject(session, now, 486))
    bench.give(raw("ACK", branch="1", to_tag=bench.last.to.tag or ""))
    wire = len(bench.network.wire)
    bench.network.run(40)
    assert len(bench.network.wire) == wire  # the ACK stopped the repeats
    assert len(bench.events) == 1


def test_caller_of_rfc_2543_needs_no_contact() -> None:
    """RFC 4475 §3.4.1; from others it is asked for (§8.1.1.8)."""
    bench = Bench()
    assert bench.give(raw(branch="1").replace(b"Contact: <sip:139@10.0.0.9:5060>\r\n", b"")) == [100]
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.accept(session, now, b"v=0"))
    bench.give(raw("ACK", branch="2", to_tag=bench.last.to.tag or ""))
    bench.line.do(lambda endpoint, now: endpoint.hang_up(session, now))
    (bye,) = bench.network.sent("BYE")
    assert str(bye.uri) == "sip:139@10.0.0.9", "where his From says that he is"


def test_calls_of_one_host_are_bounded() -> None:
    bench = Bench(SipSettings(max_sessions=3, max_sessions_per_host=2))
    statuses = [bench.give(raw(branch=f"z9hG4bK{n}", call_id=f"c{n}"))[-1] for n in range(3)]
    assert statuses == [100, 100, 503]
    assert bench.last.headers.get_all("Retry-After") == ["5"]
    elsewhere = Hop(UDP, "10.0.0.8", 5060)
    assert bench.give(raw(branch="z9hG4bKe", call_id="ce"), elsewhere) == [100]
    assert bench.give(raw(branch="z9hG4bKf", call_id="cf"), elsewhere) == [503]
    with pytest.raises(Unavailable):
        bench.line.call(bench.line)


def test_transactions_are_bounded() -> None:
    bench = Bench(SipSettings(max_transactions=2))
    bench.give(raw("OPTIONS", branch="z9hG4bK1", call_id="1"))
    bench.give(raw("OPTIONS", branch="z9hG4bK2", call_id="2"))
    assert bench.give(raw("OPTIONS", branch="z9hG4bK3", call_id="3")) == []
    assert bench.give(raw("INVITE", branch="z9hG4bK4", call_id="4")) == [503]
    assert bench.last.headers.get_all("Retry-After") == ["5"]
    assert len(bench.events) == 2


@pytest.mark.parametrize(
    ("status", "said", "told"), [(503, (), ["5"]), (503, ("60",), ["60"]), (500, (), []), (486, (), [])]
)
def test_a_call_that_finds_no_room_is_told_when_to_come_again(
    status: int, said: tuple[str, ...], told: list[str]
) -> None:
    """Whoever in the rooms above refuses it: draining, all channels of a trunk in use, no media."""
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    headers = [("Retry-After", value) for value in said]
    bench.line.do(lambda endpoint, now: endpoint.reject(session, now, status, headers=headers))
    assert bench.last.status == status
    assert bench.last.headers.get_all("Retry-After") == told


def test_waiting_requests_are_bounded_and_forgotten() -> None:
    bench = Bench(SipSettings(max_requests=1))
    bench.give(raw("OPTIONS", branch="z9hG4bK1", call_id="1"))
    assert bench.give(raw("OPTIONS", branch="z9hG4bK2", call_id="2")) == [503]
    assert bench.last.headers.get_all("Retry-After") == ["5"]
    bench.network.run(70)
    assert len(bench.line.endpoint._agent.layer) == 0
    bench.give(raw("OPTIONS", branch="z9hG4bK3", call_id="3"))
    assert bench.line.kinds() == ["Requested", "Requested"]


def test_an_answer_to_options_names_the_methods_once() -> None:
    bench = Bench()
    bench.give(raw("OPTIONS"))
    requested = bench.events[-1]
    assert isinstance(requested, Requested)
    allowed = [("Allow", "INVITE, REGISTER")]
    bench.line.do(lambda endpoint, now: endpoint.answer_request(requested.key, now, 200, allowed))
    assert bench.last.headers.get_all("Allow") == ["INVITE, REGISTER"]
    assert bench.last.headers.get_all("Supported")


def test_commands_for_calls_that_are_over() -> None:
    bench = Bench()
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    endpoint, now = bench.line.endpoint, bench.network.now
    with pytest.raises(LocalProtocolError):
        endpoint.reoffer(session, now, b"v=0")
    with pytest.raises(LocalProtocolError):
        endpoint.progress(session, now, 200)
    with pytest.raises(LocalProtocolError):
        endpoint.accept_late(session, now, b"v=0")
    bench.give(raw("CANCEL"))
    endpoint.hang_up(session, now)
    endpoint.reject(session, now, 486)
    for command in (endpoint.accept, endpoint.reoffer, endpoint.answer_offer):
        with pytest.raises(LegEnded):
            command(session, now, b"v=0")
    assert bench.line.kinds() == ["Invited", "Cancelled"]


def test_who_has_heard_nothing_but_100_is_told_each_minute_that_the_call_goes_on() -> None:
    """RFC 3261 §13.3.1.1; a 100 keeps no proxy waiting (§16.7)."""
    bench = Bench(SipSettings(max_ringing_s=130))
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.network.run(59)
    assert bench.network.statuses("INVITE") == [100]
    bench.network.run(2)
    assert bench.network.statuses("INVITE") == [100, 183]
    assert not bench.last.body
    bench.network.run(60)
    assert bench.network.statuses("INVITE") == [100, 183, 183]
    bench.line.do(lambda endpoint, now: endpoint.progress(session, now))
    assert bench.last.status == 180, "it rings at last"
    bench.line.do(lambda endpoint, now: endpoint.reject(session, now, 486))
    bench.network.run(70)
    assert bench.line.endpoint.next_deadline() is None


def test_unanswered_call_is_refused_in_the_end_and_reminded_before() -> None:
    bench = Bench(SipSettings(max_ringing_s=130))
    bench.give(raw())
    session = bench.events[0].session  # type: ignore[union-attr]
    bench.line.do(lambda endpoint, now: endpoint.progress(session, now))
    bench.network.run(129)
    assert bench.network.statuses("INVITE") == [100, 180, 180, 180]
    bench.network.run(5)
    assert 480 in bench.network.statuses("INVITE")
    assert bench.line.kinds() == ["Invited", "TimedOut"]


def ringing(network: Network) -> tuple[Party, str, Request]:
    caller = network.party("caller", "10.0.0.1")
    here = NameAddress(SipUri("example.net", user="caller"))
    uri = SipUri("10.0.0.9", user="139")
    session = caller.endpoint.invite(network.now, PHONE, uri, here, NameAddress(uri), b"v=0 offer")
    network.collect(caller)
    invite = network.wire[-1][0]
    assert isinstance(invite, Request)
    return caller, session, invite


def fork(invite: Request, status: int, tag: str, contact: str = "<sip:139@10.0.0.9>") -> bytes:
    return reply_to(invite, status, tag, headers=[("Contact", contact)], body=b"v=0 answer").to_bytes()


def test_second_fork_that_answers_is_acknowledged_and_ended() -> None:
    network = Network()
    caller, session, invite = ringing(network)
    network.inject(fork(invite, 180, "one"), caller, PHONE)
    network.inject(fork(invite, 180, "two"), caller, PHONE)
    network.inject(fork(invite, 200, "two"), caller, PHONE)
    network.inject(fork(invite, 200, "one"), caller, PHONE)
    network.inject(fork(invite, 200, "one"), caller, PHONE)  # its repeat
    assert len(caller.seen(Answered)) == 1
    acks = [ack.to.tag for ack in network.sent("ACK")]
    assert acks == ["two", "one", "one"]
    assert [bye.to.tag for bye in network.sent("BYE")] == ["one"]
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert [bye.to.tag for bye in network.sent("BYE")] == ["one", "two"]


def test_fork_that_answers_after_the_call_is_over_is_ended_too() -> None:
    network = Network()
    caller, session, invite = ringing(network)
    network.inject(fork(invite, 200, "one"), caller, PHONE)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.inject(fork(invite, 200, "two"), caller, PHONE)
    assert {bye.to.tag for bye in network.sent("BYE")} == {"one", "two"}


def test_route_set_and_natted_contact_are_followed() -> None:
    network = Network()
    caller, session, invite = ringing(network)
    routes = [("Record-Route", "<sip:10.0.0.20;lr>"), ("Record-Route", "<sip:10.0.0.21;lr>")]
    contact = ("Contact", "<sip:139@192.168.1.7:6000>")
    network.inject(reply_to(invite, 200, "t", headers=[*routes, contact], body=b"v=0").to_bytes(), caller, PHONE)
    ack = network.sent("ACK")[0]
    assert [str(route.uri) for route in ack.routes] == ["sip:10.0.0.21;lr", "sip:10.0.0.20;lr"]
    assert str(ack.uri) == "sip:139@192.168.1.7:6000"
    assert network.wire[-1][2] == Hop(UDP, "10.0.0.21", 5060)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    # without a route set, a private contact behind another address means NAT: back to where it came from
    network = Network()
    caller, session, invite = ringing(network)
    public = Hop(UDP, "203.0.113.5", 40000)
    network.inject(reply_to(invite, 200, "t", headers=[contact], body=b"v=0").to_bytes(), caller, public)
    assert network.wire[-1][2] == public


def test_registration_request_is_answered() -> None:
    network = Network()
    line = network.party("line", "10.0.0.2")
    caller = network.party("caller", "10.0.0.1")

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Requested):
            party.do(lambda endpoint, now: endpoint.answer_request(event.key, now, 200, [("Contact", "<sip:a@b>")]))

    line.react = react
    address = NameAddress(SipUri("10.0.0.2", user="8001"))
    key = caller.endpoint.request(network.now, line.hop, "REGISTER", SipUri("10.0.0.2"), address, address, None)
    network.collect(caller)
    silent = caller.endpoint.request(network.now, PHONE, "OPTIONS", SipUri("10.0.0.9"), address, address, None)
    network.collect(caller)
    network.run(40)
    first, second = caller.events
    assert isinstance(first, Responded)
    assert (first.key, first.status) == (key, 200)
    assert second == Responded(silent, 408, None)


def test_unreachable_peer_refuses_the_call_at_once() -> None:
    network = Network()
    caller, session, _ = ringing(network)
    caller.do(lambda endpoint, now: endpoint.unreachable(PHONE, now))
    assert caller.events == [Refused(session, 503, "Unreachable", unreachable=True)]


@pytest.mark.parametrize(
    ("via", "source", "expected"),
    [
        ("SIP/2.0/UDP 10.0.0.9:5070;branch=x", PHONE, Packet(b"", Hop(UDP, "10.0.0.9", 5070))),
        ("SIP/2.0/UDP 10.0.0.9;branch=x", Hop(UDP, "1.2.3.4", 999), Packet(b"", Hop(UDP, "1.2.3.4", 5060))),
        ("SIP/2.0/UDP pc.local;rport;branch=x", Hop(UDP, "1.2.3.4", 999), Packet(b"", Hop(UDP, "1.2.3.4", 999))),
        (
            "SIP/2.0/TCP 10.0.0.9:5070;branch=x",
            Hop(TCP, "10.0.0.9", 40001),
            Packet(b"", Hop(TCP, "10.0.0.9", 5070), Hop(TCP, "10.0.0.9", 40001)),
        ),
    ],
)
def test_responses_go_back_the_way_requests_came(via: str, source: Hop, expected: Packet) -> None:
    assert reply_hop(parse_via(via), source) == expected


def test_received_and_rport_are_stamped_on_the_top_via_only() -> None:
    request = parse_message(
        raw(via="pc.local:5062;rport").replace(
            b";branch=z9hG4bKx1\r\n", b";branch=z9hG4bKx1, SIP/2.0/UDP far.example\r\n"
        )
    )
    assert isinstance(request, Request)
    request.headers.add("Via", "SIP/2.0/UDP farthest.example")
    stamp_via(request, Hop(UDP, "1.2.3.4", 777))
    first, second, third = request.vias
    assert (first.received, first.rport) == ("1.2.3.4", 777)
    assert (second.host, second.received) == ("far.example", None)
    assert third.host == "farthest.example"


def test_strict_router_is_put_into_the_request_uri() -> None:
    target = parse_sip_uri("sip:139@10.0.0.9")
    routes = [parse_address("<sip:10.0.0.20>"), parse_address("<sip:10.0.0.21;lr>")]
    uri, rest = request_line(target, routes)
    assert str(uri) == "sip:10.0.0.20"
    assert [str(route.uri) for route in rest] == ["sip:10.0.0.21;lr", "sip:139@10.0.0.9"]


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:a@10.0.0.9", Hop(UDP, "10.0.0.9", 5060)),
        ("sip:a@10.0.0.9:5080;transport=tcp", Hop(TCP, "10.0.0.9", 5080)),
        ("sip:a@[2001:db8::1]:5080", Hop(UDP, "2001:db8::1", 5080)),
        ("sip:a@proxy.example;maddr=10.0.0.7", Hop(UDP, "10.0.0.7", 5060)),
        ("sip:a@10.0.0.9;transport=ws", PHONE),
    ],
)
def test_where_a_uri_leads(uri: str, expected: Hop) -> None:
    assert hop_of(parse_sip_uri(uri), PHONE) == expected


def challenge(invite: Request, status: int, nonce: str, *, stale: bool = False) -> bytes:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    value = f'Digest realm="carrier", nonce="{nonce}", qop="auth", algorithm=MD5{", stale=true" if stale else ""}'
    return reply_to(invite, status, "t", headers=[(name, value)]).to_bytes()


def test_stale_nonce_and_both_kinds_of_challenge_are_met() -> None:
    network = Network()
    caller = network.party("caller", "10.0.0.1")
    uri = SipUri("10.0.0.9", user="139")
    session = caller.endpoint.invite(
        network.now, PHONE, uri, NameAddress(uri), NameAddress(uri), b"v=0", Credentials("u", "p")
    )
    network.collect(caller)
    for status, nonce, stale in ((407, "one", False), (401, "two", False), (407, "three", True)):
        network.inject(challenge(network.sent("INVITE")[-1], status, nonce, stale=stale), caller, PHONE)
    last = network.sent("INVITE")[-1]
    assert last.cseq.number == 4
    assert 'nonce="three"' in (last.headers.get("Proxy-Authorization") or "")
    assert "nc=00000001" in (last.headers.get("Proxy-Authorization") or "")
    assert "nc=00000002" in (last.headers.get("Authorization") or "")
    assert len(network.sent("ACK")) == 3
    network.inject(challenge(last, 407, "four", stale=True), caller, PHONE)
    assert caller.kinds() == ["Refused"]
    assert network.sent("INVITE")[-1] == last
    assert caller.events[0].session == session  # type: ignore[union-attr]


def test_challenge_after_hang_up_is_not_met() -> None:
    network = Network()
    caller, session, invite = ringing(network)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.inject(challenge(invite, 401, "one"), caller, PHONE)
    assert len(network.sent("INVITE")) == 1
    assert not caller.events


def test_the_guard_is_asked_about_all_that_belongs_to_no_dialog() -> None:
    bench = Bench()
    asked: list[Hop] = []
    open_doors = [True]

    class Asked(OpenDoor):
        def lets_in(self, source: Hop, now: float) -> bool:
            asked.append(source)
            return open_doors[0]

    bench.line.endpoint.set_guard(Asked())
    assert bench.give(raw()) == [100]
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    bench.line.do(lambda endpoint, now: endpoint.accept(invited.session, now, b"v=0"))
    tag = bench.last.to.tag or ""
    open_doors[0] = False
    strange = [
        raw(branch="z9hG4bKx2", call_id="call-2"),
        raw("BYE", branch="z9hG4bKx3", to_tag="made-up"),
        raw("CANCEL", branch="z9hG4bKx4"),
        raw("REGISTER", branch="z9hG4bKx5"),
        raw(branch="z9hG4bKx6").replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"),
    ]
    assert [bench.give(data) for data in strange] == [[]] * len(strange)
    assert asked == [PHONE] * (1 + len(strange))
    assert bench.give(raw("ACK", branch="z9hG4bKx7", to_tag=tag)) == []
    assert bench.give(raw("BYE", branch="z9hG4bKx8", to_tag=tag, cseq=2)) == [200], "calls that are up go on"
    assert len(asked) == 1 + len(strange)


def parts(*contents: tuple[str, bytes], boundary: str = "unique-boundary-1") -> bytes:
    body = b"".join(
        b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (boundary.encode(), kind.encode(), content)
        for kind, content in contents
    )
    return body + b"--%s--\r\n" % boundary.encode()


ISUP = ("application/ISUP; version=nxv3\r\nContent-Disposition: signal; handling=optional", b"\x01\x00\r\n\r\n\xff--x")
SDP = ("application/sdp", b"v=0\r\ns=-")


def nested(*contents: tuple[str, bytes], boundary: str, kind: str = "alternative") -> tuple[str, bytes]:
    """Several parts as one part of another body."""
    return (f"multipart/{kind}; boundary={boundary}", parts(*contents, boundary=boundary))


@pytest.mark.parametrize(
    "contents",
    [
        (SDP, ISUP), (ISUP, SDP), (SDP,), (ISUP, nested(ISUP, SDP, boundary="inner")),
        (nested(ISUP, boundary="first"), nested(nested(SDP, boundary="core"), boundary="inner")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("boundary", ["unique-boundary-1", '"unique-boundary-1"'])
def test_the_offer_is_found_among_several_parts(contents: tuple[tuple[str, bytes], ...], boundary: str) -> None:
    bench = Bench()
    kind = (("Content-Type", f"multipart/mixed;boundary={boundary}"),)
    assert bench.give(raw(body=parts(*contents), extra=kind)) == [100]
    (invited,) = bench.events
    assert isinstance(invited, Invited)
    assert invited.offer == SDP[1]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/mixed;boundary=unique-boundary-1", parts(ISUP)),
        ("multipart/mixed;boundary=other", parts(SDP)),
        ("multipart/mixed", parts(SDP)),
        ("multipart/mixed;boundary=unique-boundary-1", parts(SDP)[:60]),
        ("multipart/mixed;boundary=unique-boundary-1", b"--unique-boundary-1--\r\n" + parts(SDP)),
    ],
)
def test_several_parts_without_an_offer_are_refused(kind: str, body: bytes) -> None:
    bench = Bench()
    assert bench.give(raw(body=body, extra=(("Content-Type", kind),))) == [415]
    assert ("Accept", bench.last.headers.get("Accept")) == ACCEPT
    assert not bench.events


def isup(disposition: str) -> tuple[str, bytes]:
    return (f"application/ISUP{disposition and chr(13) + chr(10) + 'Content-Disposition: '}{disposition}", b"\x01")


MUST: Final = isup("signal ; Handling = Required")


@pytest.mark.parametrize(
    ("contents", "taken"),
    [
        ((SDP, MUST), False),
        ((MUST, SDP), False),
        ((SDP, isup('signal;handling="required"')), False),
        ((SDP, nested(SDP, MUST, boundary="inner", kind="mixed")), False),
        ((SDP, nested(isup("signal"), MUST, boundary="inner")), True),  # alternatives
        ((SDP, isup("")), True),  # it does not say
        ((SDP, isup("signal")), True),
        ((SDP, isup("signal;handling=optional")), True),
        (((f"{SDP[0]}\r\nContent-Disposition: session;handling=required", SDP[1]), ISUP), True),
    ],
)
def test_a_part_that_must_be_understood_and_is_not_refuses_the_call(
    contents: tuple[tuple[str, bytes], ...], taken: bool
) -> None:
    """RFC 3261 §8.2.3, §20.11."""
    bench = Bench()
    kind = ("Content-Type", "multipart/mixed;boundary=unique-boundary-1")
    assert bench.give(raw(body=parts(*contents), extra=(kind,))) == [100 if taken else 415]
    assert bool(bench.events) is taken
    if not taken:
        assert ("Accept", bench.last.headers.get("Accept")) == ACCEPT


def test_what_is_optional_as_a_whole_is_not_looked_at_in_parts() -> None:
    bench = Bench()
    kind = ("Content-Type", "multipart/mixed;boundary=unique-boundary-1")
    whole = ("Content-Disposition", "session;handling=optional")
    assert bench.give(raw(body=parts(SDP, MUST), extra=(kind, whole))) == [100]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (parts(*[ISUP] * 30, SDP), "More Than 20 Body Parts"),
        (
            parts(nested(nested(nested(SDP, boundary="c"), boundary="b"), boundary="a")),
            "Bodies Nested More Than 3 Deep",
        ),
        (parts(ISUP, nested(*[ISUP] * 21, boundary="inner")), "More Than 20 Body Parts"),
    ],
)
def test_a_body_beyond_the_bounds_is_told_which(body: bytes, words: str) -> None:
    bench = Bench()
    kind = "multipart/mixed;boundary=unique-boundary-1"
    assert bench.give(raw(body=body, extra=(("Content-Type", kind),))) == [413]
    assert bench.last.reason == words
    assert not bench.events


def test_a_response_with_two_vias_is_not_ours() -> None:
    bench = Bench()
    uri = parse_sip_uri("sip:139@10.0.0.9")
    bench.line.do(
        lambda endpoint, now: endpoint.request(now, PHONE, "OPTIONS", uri, NameAddress(uri), NameAddress(uri))
    )
    asked = bench.network.wire[-1][0]
    assert isinstance(asked, Request)
    answer = reply_to(asked, 200, "t")
    more = answer.to_bytes().replace(b"Via: ", b"Via: SIP/2.0/UDP 10.0.0.77;branch=z9hG4bKother\r\nVia: ", 1)
    below = answer.to_bytes().replace(b"\r\nFrom", b"\r\nVia: SIP/2.0/UDP 10.0.0.77;branch=z9hG4bKother\r\nFrom", 1)
    assert b"10.0.0.77" in below
    for data in (more, below):
        bench.give(data)
    assert not bench.events
    bench.give(answer.to_bytes())
    (responded,) = bench.events
    assert isinstance(responded, Responded)
    assert responded.status == 200


def test_early_media_of_several_forks_is_told_each_and_the_answer_of_one_ends_the_others() -> None:
    network = Network()
    caller, session, invite = ringing(network)
    for tag in ("one", "two"):
        network.inject(fork(invite, 183, tag), caller, PHONE)
    assert caller.kinds() == ["Progressed", "Progressed"]
    network.inject(fork(invite, 200, "two"), caller, PHONE)
    assert caller.kinds() == ["Progressed", "Progressed", "Answered"]
    assert len(caller.endpoint._agent.dialogs) == 1
    network.inject(fork(invite, 183, "one"), caller, PHONE)  # late
    assert caller.kinds()[-1] == "Answered"
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert [bye.to.tag for bye in network.sent("BYE")] == ["two"]
