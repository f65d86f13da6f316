"""The four transaction machines: their tables are complete, their timers are those of RFC 3261 table 4 and RFC 6026."""

import itertools

import pytest

from core.errors import Unavailable
from telephony.sip.client_tables import CLIENT, INVITE_CLIENT
from telephony.sip.headers import Headers
from telephony.sip.hop import TCP, UDP, Hop, Packet
from telephony.sip.message import Request, Response
from telephony.sip.replies import reply_to
from telephony.sip.server_tables import INVITE_SERVER, SERVER
from telephony.sip.timers import TimerHeap, TimerValues
from telephony.sip.trace import Tracer
from telephony.sip.transaction_state import Input, State, Table, with_ignored
from telephony.sip.transactions import Failure, ServerTransaction, TransactionLayer
from telephony.sip.uri import SipUri

PEER = Hop(UDP, "10.0.0.9", 5060)
T0 = 1000.0


class User:
    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.failures: list[Failure] = []

    def on_response(self, response: Response, now: float) -> None:
        self.statuses.append(response.status)

    def on_failure(self, failure: Failure, now: float) -> None:
        self.failures.append(failure)


def request(method: str = "OPTIONS", branch: str = "z9hG4bK1") -> Request:
    headers = Headers(
        [
            ("Via", f"SIP/2.0/UDP 10.0.0.1:5060;branch={branch}"),
            ("From", "<sip:a@example.net>;tag=a"),
            ("To", "<sip:b@example.net>"),
            ("Call-ID", "c"),
            ("CSeq", f"1 {method}"),
            ("Max-Forwards", "70"),
        ]
    )
    return Request(method, SipUri("example.net", user="b"), headers)


def layer(limit: int = 100) -> TransactionLayer:
    return TransactionLayer(TimerValues(), limit, Tracer())


def send_times(own: TransactionLayer, until: float) -> list[float]:
    """When something was sent, from T0, while time passes."""
    times = [0.0] * len(own.outgoing)
    own.outgoing.clear()
    while (at := own.next_deadline()) is not None and at <= T0 + until:
        own.on_deadline(at)
        times += [at - T0] * len(own.outgoing)
        own.outgoing.clear()
    return times


def serve(own: TransactionLayer, method: str, hop: Hop = PEER) -> ServerTransaction:
    made = ServerTransaction(("key", method), request(method), hop, Packet(b"", hop), "ourtag")
    own.open_server(made, None, T0)
    return made


def respond(own: TransactionLayer, transaction: ServerTransaction, status: int, now: float = T0) -> None:
    own.respond(transaction, reply_to(transaction.request, status, transaction.tag), now)


CLIENT_INPUTS = [Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE, Input.UNREACHABLE]


@pytest.mark.parametrize(
    ("table", "states", "inputs"),
    [
        (INVITE_CLIENT, [State.CALLING, State.PROCEEDING, State.ACCEPTED, State.COMPLETED], CLIENT_INPUTS),
        (CLIENT, [State.TRYING, State.PROCEEDING, State.COMPLETED], CLIENT_INPUTS),
        (
            INVITE_SERVER,
            [State.PROCEEDING, State.ACCEPTED, State.COMPLETED, State.CONFIRMED],
            [Input.REQUEST, Input.ACK, Input.UNREACHABLE],
        ),
        (SERVER, [State.TRYING, State.PROCEEDING, State.COMPLETED], [Input.REQUEST, Input.UNREACHABLE]),
    ],
)
def test_every_state_knows_what_a_peer_can_send(table: Table, states: list[State], inputs: list[Input]) -> None:
    for pair in itertools.product(states, inputs):
        assert pair in table
    assert {state for state, _ in table.values()} <= {*states, State.TERMINATED}


def test_a_pair_cannot_be_both_a_step_and_ignored() -> None:
    pair = (State.CALLING, Input.SUCCESS)
    with pytest.raises(ValueError, match="both"):
        with_ignored({pair: (State.ACCEPTED, ())}, [pair])


def test_invite_over_udp_repeats_by_timer_a_until_timer_b() -> None:
    own, user = layer(), User()
    own.send_request(request("INVITE"), PEER, user, T0)
    assert send_times(own, 100) == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert user.failures == [Failure.TIMED_OUT]
    assert len(own) == 0


def test_other_requests_repeat_by_timer_e_until_timer_f() -> None:
    own, user = layer(), User()
    own.send_request(request(), PEER, user, T0)
    assert send_times(own, 100) == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert user.failures == [Failure.TIMED_OUT]


def test_after_a_provisional_response_timer_e_is_t2() -> None:
    own, user = layer(), User()
    sent = request()
    own.send_request(sent, PEER, user, T0)
    own.receive_response(reply_to(sent, 100, ""), T0 + 0.1)
    assert send_times(own, 100) == [0, 0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_over_tcp_nothing_is_repeated(method: str) -> None:
    own, user = layer(), User()
    own.send_request(request(method), Hop(TCP, "10.0.0.9", 5060), user, T0)
    assert send_times(own, 31.9) == [0]
    assert send_times(own, 32) == []
    assert user.failures == [Failure.TIMED_OUT]


def test_refusal_of_invite_is_acknowledged_each_time_and_told_once() -> None:
    own, user = layer(), User()
    sent = request("INVITE")
    own.send_request(sent, PEER, user, T0)
    own.outgoing.clear()
    for _ in range(3):
        assert own.receive_response(reply_to(sent, 486, "theirs"), T0 + 1)
    assert user.statuses == [486]
    acks = [packet.data for packet in own.outgoing]
    assert len(acks) == 3
    assert all(ack.startswith(b"ACK ") and b"branch=z9hG4bK1\r\n" in ack and b"tag=theirs" in ack for ack in acks)
    own.on_deadline(T0 + 33.1)  # timer D: 32 s
    assert len(own) == 0


def test_every_2xx_to_invite_is_handed_up_until_timer_m() -> None:
    own, user = layer(), User()
    sent = request("INVITE")
    own.send_request(sent, PEER, user, T0)
    for tag in ("one", "one", "two"):
        own.receive_response(reply_to(sent, 200, tag), T0 + 1)
    own.receive_response(reply_to(sent, 180, "one"), T0 + 1)
    assert user.statuses == [200, 200, 200]
    own.on_deadline(T0 + 33.0)
    assert len(own) == 0
    assert not own.receive_response(reply_to(sent, 200, "one"), T0 + 34)


def test_cancelled_invite_is_given_up_after_64_t1() -> None:
    own, user = layer(), User()
    sent = request("INVITE")
    transaction = own.send_request(sent, PEER, user, T0)
    own.receive_response(reply_to(sent, 180, "x"), T0 + 1)
    own.give_up_after_cancel(transaction, T0 + 2)
    own.on_deadline(T0 + 33.9)
    assert len(own) == 1
    own.on_deadline(T0 + 34.0)
    assert user.failures == [Failure.TIMED_OUT]
    assert len(own) == 0


def test_our_refusal_repeats_by_timer_g_until_timer_h() -> None:
    own = layer()
    transaction = serve(own, "INVITE")
    respond(own, transaction, 486)
    assert send_times(own, 100) == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert len(own) == 0


def test_ack_stops_the_repeats_and_timer_i_ends_it() -> None:
    own = layer()
    transaction = serve(own, "INVITE")
    respond(own, transaction, 486)
    own.absorb(transaction, request("ACK"), T0 + 0.2)
    assert send_times(own, 5.1) == [0]
    assert own.next_deadline() == pytest.approx(T0 + 5.2)
    own.absorb(transaction, request("ACK"), T0 + 1)
    own.on_deadline(T0 + 5.2)
    assert len(own) == 0


def test_repeats_of_a_request_get_the_latest_response() -> None:
    own = layer()
    transaction = serve(own, "INVITE")
    own.absorb(transaction, request("INVITE"), T0)
    assert not own.outgoing
    for status in (100, 180):
        respond(own, transaction, status)
        own.absorb(transaction, request("INVITE"), T0)
    assert [packet.data[8:11] for packet in own.outgoing] == [b"100", b"100", b"180", b"180"]
    respond(own, transaction, 200)
    own.absorb(transaction, request("INVITE"), T0)  # RFC 6026: absorbed, the user repeats the 2xx
    assert len(own.outgoing) == 5
    own.on_deadline(T0 + 32)
    assert len(own) == 0


def test_answered_request_is_remembered_for_timer_j() -> None:
    own = layer()
    transaction = serve(own, "OPTIONS")
    respond(own, transaction, 200)
    own.absorb(transaction, request(), T0 + 31)
    assert len(own.outgoing) == 2
    own.on_deadline(T0 + 32)
    assert len(own) == 0
    respond(own, transaction, 200, T0 + 40)  # too late
    assert len(own.outgoing) == 2


def test_request_that_nobody_answers_is_forgotten() -> None:
    own = layer()
    serve(own, "OPTIONS")
    own.on_deadline(T0 + 32)
    assert len(own) == 0


def test_unreachable_peer_fails_its_requests_only() -> None:
    own, lost, kept = layer(), User(), User()
    own.send_request(request("INVITE", "z9hG4bKa"), PEER, lost, T0)
    own.send_request(request("INVITE", "z9hG4bKb"), Hop(UDP, "10.0.0.8", 5060), kept, T0)
    own.unreachable(PEER, T0)
    assert lost.failures == [Failure.UNREACHABLE]
    assert not kept.failures


def test_table_is_bounded() -> None:
    own = layer(limit=2)
    for branch in ("z9hG4bKa", "z9hG4bKb"):
        own.send_request(request(branch=branch), PEER, User(), T0)
    with pytest.raises(Unavailable):
        own.send_request(request(branch="z9hG4bKc"), PEER, User(), T0)


def test_timer_heap_moves_cancels_and_does_not_grow() -> None:
    heap: TimerHeap[str] = TimerHeap()
    heap.set("a", 5)
    heap.set("b", 3)
    heap.set("a", 1)
    heap.cancel("b")
    assert heap.next() == 1
    assert heap.pop_due(0.5) is None
    assert heap.pop_due(1) == "a"
    assert heap.next() is None
    for at in range(10_000):
        heap.set("a", at)
    assert len(heap) == 1
    assert len(heap._heap) < 100
