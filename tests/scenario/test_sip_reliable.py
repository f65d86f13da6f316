"""Reliable provisional answers (RFC 3262) over the in-memory network: PRACK, loss, order, and answers never heard."""

import pytest

from telephony.sip.events import Answered, Confirmed, Invited, Progressed, SipEvent, TimedOut
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request, Response
from tests.scenario.sip_network import Network, Party

EARLY = b"v=0 early"
ANSWER = b"v=0 answer"


def ringing_early(party: Party, event: SipEvent) -> None:
    """183 with SDP, a ring and at once the answer: the 200 must wait until the 183 has been acknowledged."""
    if isinstance(event, Invited):
        party.do(lambda endpoint, now: endpoint.progress(event.session, now, 183, EARLY))
        party.do(lambda endpoint, now: endpoint.progress(event.session, now, 180, EARLY))
        party.do(lambda endpoint, now: endpoint.accept(event.session, now, ANSWER))


def ringing(party: Party, event: SipEvent) -> None:
    if isinstance(event, Invited):
        party.do(lambda endpoint, now: endpoint.progress(event.session, now, 180))


def pair(network: Network) -> tuple[Party, Party]:
    return network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")


def test_early_audio_is_acknowledged_and_the_answer_waits_for_that() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = ringing_early
    caller.call(line)
    network.run(3)
    assert caller.kinds() == ["Progressed", "Progressed", "Answered"]
    assert [event.sdp for event in caller.events if isinstance(event, Progressed)] == [EARLY, EARLY]
    assert len(network.sent("PRACK", caller)) == 2
    assert network.statuses("PRACK", line) == [200, 200]
    order = [message.method if isinstance(message, Request) else message.status for message, _, _ in network.wire]
    assert order.index(200) > order.index("PRACK")
    reliable = [one for one, _, _ in network.wire if isinstance(one, Response) and one.headers.get("RSeq")]
    numbers = [int(one.headers.get("RSeq") or 0) for one in reliable]
    assert numbers == [numbers[0], numbers[0] + 1]
    assert all("100rel" in one.tokens("Require") for one in reliable)


@pytest.mark.parametrize("seed", range(12))
def test_loss_doubling_and_disorder_change_nothing_for_the_rooms_above(seed: int) -> None:
    network = Network(seed, loss=0.25, double=0.2, jitter_s=0.4)
    caller, line = pair(network)
    line.react = ringing_early
    caller.call(line)
    network.run(70)
    assert caller.kinds() == ["Progressed", "Progressed", "Answered"]
    assert line.kinds() == ["Invited", "Confirmed"]


def test_a_caller_who_never_acknowledges_is_refused_with_504() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = ringing_early
    network.drop = lambda message, to: isinstance(message, Request) and message.method == "PRACK"
    caller.call(line)
    network.run(60)
    assert line.kinds() == ["Invited", "TimedOut"]
    assert not caller.seen(Answered)
    assert network.statuses("INVITE", line)[-1] == 504
    network.run(200)
    assert line.endpoint.next_deadline() is None and len(line.endpoint._sessions) == 0


def test_a_caller_who_hangs_up_meanwhile_leaves_nothing_behind() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = ringing_early
    network.drop = lambda message, to: isinstance(message, Request) and message.method == "PRACK"
    session = caller.call(line)
    network.run(2)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(200)
    assert line.kinds() == ["Invited", "Cancelled"]
    for party in (caller, line):
        assert len(party.endpoint._sessions) == 0 and party.endpoint.next_deadline() is None


def invite(extra: str, call_id: str) -> bytes:
    return (
        f"INVITE sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK{call_id}\r\n"
        f"From: <sip:a@b>;tag=1\r\nTo: <sip:line@10.0.0.2>\r\nCall-ID: {call_id}\r\nCSeq: 7 INVITE\r\n"
        f"Contact: <sip:a@10.0.0.9>\r\nMax-Forwards: 70\r\n{extra}Content-Type: application/sdp\r\n\r\nv=0"
    ).encode()


def test_a_plain_ring_is_reliable_only_for_whoever_requires_it() -> None:
    network = Network()
    line = network.party("line", "10.0.0.2")
    line.react = ringing
    for number, (extra, reliable) in enumerate(
        (("", False), ("Supported: 100rel\r\n", False), ("Require: 100rel\r\n", True))
    ):
        network.inject(invite(extra, f"c{number}"), line, Hop(UDP, "10.0.0.9", 5060))
        ring = next(one for one, _, _ in reversed(network.wire) if isinstance(one, Response) and one.status == 180)
        assert (ring.headers.get("RSeq") is not None) is reliable
    number = int(ring.headers.get("RSeq") or 0)
    prack = (
        "PRACK sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKp{n}\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:line@10.0.0.2>;tag={tag}\r\nCall-ID: c2\r\nCSeq: {n} PRACK\r\nRAck: {rack}\r\n"
        "Max-Forwards: 70\r\n\r\n"
    )
    for n, rack, status in ((8, "1 7 INVITE", 481), (9, f"{number} 7 INVITE", 200), (10, f"{number} 7 INVITE", 481)):
        text = prack.format(n=n, tag=ring.to.tag, rack=rack)
        network.inject(text.encode(), line, Hop(UDP, "10.0.0.9", 5060))
        assert network.statuses("PRACK", line)[-1] == status
    assert not line.seen(TimedOut) and not line.seen(Confirmed)
