"""SDP in PRACK (RFC 3262 §5): a new offer that its 200 answers, the answer to an early offer of ours, and what a PRACK
may cross. The caller is bare bytes: our own side makes no such offers.
"""

from collections.abc import Callable

import pytest

from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Cancelled, Confirmed, Invited, LateAnswer, OfferAnswered, Offered, SipEvent
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request, Response
from tests.scenario.sip_network import Network, Party

OFFER, EARLY, ANSWER, MOVED, MINE = b"v=0 offer", b"v=0 early", b"v=0 answer", b"v=0 moved", b"v=0 mine"
HERE = Hop(UDP, "10.0.0.9", 5060)
CANCEL = (
    b"CANCEL sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKINVITE1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:line@10.0.0.2>\r\nCall-ID: c\r\nCSeq: 1 CANCEL\r\nMax-Forwards: 70\r\n\r\n"
)


class Call:
    """A line, and who calls it by INVITE with ``sdp``; ``extra`` are header lines of it."""

    def __init__(self, sdp: bytes = OFFER, extra: str = "Supported: 100rel\r\n") -> None:
        self.network = Network()
        self.line = self.network.party("line", "10.0.0.2")
        self._tag = ""
        self.give("INVITE", 1, sdp, extra + "Allow: INVITE, UPDATE\r\n")
        assert isinstance(self.line.events[0], Invited)
        self.session = self.line.events[0].session

    def give(self, method: str, cseq: int, sdp: bytes = b"", extra: str = "") -> list[Response]:
        """Have a request arrive; what the line answers at once."""
        kind = "Content-Type: application/sdp\r\n" if sdp else ""
        head = (
            f"{method} sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK{method}{cseq}\r\n"
            f"From: <sip:a@b>;tag=1\r\nTo: <sip:line@10.0.0.2>{self._tag}\r\nCall-ID: c\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:a@10.0.0.9>\r\nMax-Forwards: 70\r\n{extra}{kind}Content-Length: {len(sdp)}\r\n\r\n"
        )
        before = len(self.network.wire)
        self.network.inject(head.encode() + sdp, self.line, HERE)
        return self.answers(before)

    def answers(self, since: int) -> list[Response]:
        return [one for one, _, _ in self.network.wire[since:] if isinstance(one, Response)]

    def progress(self, status: int, sdp: bytes | None = None) -> list[Response]:
        return self._does(lambda endpoint, now: endpoint.progress(self.session, now, status, sdp))

    def accept(self) -> list[Response]:
        return self._does(lambda endpoint, now: endpoint.accept(self.session, now, ANSWER))

    def _does(self, command: Callable[[Endpoint, float], None]) -> list[Response]:
        before = len(self.network.wire)
        self.line.do(command)
        given = self.answers(before)
        if given:
            self._tag = f";tag={given[-1].to.tag}"
        return given

    def prack(self, ring: Response, cseq: int, sdp: bytes = b"") -> list[Response]:
        return self.give("PRACK", cseq, sdp, f"RAck: {ring.headers.get('RSeq')} 1 INVITE\r\n")

    def ends(self) -> None:
        """Hung up, nothing is left."""
        self.line.do(lambda endpoint, now: endpoint.hang_up(self.session, now))
        self.network.run(200)
        endpoint = self.line.endpoint
        assert len(endpoint._sessions) == 0 and len(endpoint._agent.layer) == 0 and not endpoint._agent.dialogs
        assert endpoint.next_deadline() is None


def answers_offers(party: Party, event: SipEvent) -> None:
    if isinstance(event, Offered):
        party.do(lambda endpoint, now: endpoint.answer_offer(event.session, now, MINE))


def told(answers: list[Response]) -> list[tuple[str, int, bytes]]:
    return [(one.cseq.method, one.status, one.body) for one in answers]


def test_an_offer_in_the_prack_is_answered_in_its_200_and_holds_from_then_on() -> None:
    call = Call()
    call.line.react = answers_offers
    (ring,) = call.progress(183, EARLY)
    (answer,) = call.prack(ring, 2, MOVED)
    assert told([answer]) == [("PRACK", 200, MINE)]
    assert answer.headers.get("Contact") is None, "PRACK moves no target"
    assert answer.headers.get("Session-Expires") is None
    assert told(call.accept()) == [("INVITE", 200, b"")], "the early answer must not come again in its place"
    call.give("ACK", 1)
    assert call.line.events[1:] == [Offered(call.session, MOVED), Confirmed(call.session)]
    call.ends()


def test_the_answer_to_the_call_waits_for_that_to_the_offer() -> None:
    call = Call()
    (ring,) = call.progress(183, EARLY)
    assert told(call.prack(ring, 2, MOVED)) == []
    assert told(call.accept()) == []
    assert told(call.prack(ring, 2, MOVED)) == [], "a repeat of the PRACK is no second offer"
    before = len(call.network.wire)
    call.line.do(lambda endpoint, now: endpoint.answer_offer(call.session, now, MINE))
    assert told(call.answers(before)) == [("PRACK", 200, MINE), ("INVITE", 200, b"")]
    assert call.line.kinds() == ["Invited", "Offered"]
    assert told(call.prack(ring, 2, MOVED)) == [("PRACK", 200, MINE)], "whose 200 was lost gets it again"
    call.give("ACK", 1)
    call.ends()


def test_a_refused_offer_leaves_what_held() -> None:
    call = Call()
    (ring,) = call.progress(183, EARLY)
    call.prack(ring, 2, MOVED)
    before = len(call.network.wire)
    call.line.do(lambda endpoint, now: endpoint.reject_offer(call.session, now))
    assert told(call.answers(before)) == [("PRACK", 488, b"")]
    call.network.run(5)
    assert told(call.answers(before)) == [("PRACK", 488, b"")], "the 183 has arrived and comes no more"
    assert told(call.accept()) == [("INVITE", 200, ANSWER)]
    call.give("ACK", 1)
    call.ends()


def test_an_offer_that_nobody_decides_upon_does_not_hold_up_the_call_for_ever() -> None:
    call = Call()
    (ring,) = call.progress(183, EARLY)
    call.prack(ring, 2, MOVED)
    call.accept()
    before = len(call.network.wire)
    call.network.run(25)
    given = told(call.answers(before))
    assert given[:2] == [("PRACK", 504, b""), ("INVITE", 200, ANSWER)]
    assert call.line.kinds() == ["Invited", "Offered", "OfferWithdrawn"]
    call.give("ACK", 1)
    call.ends()


def test_who_offers_before_the_first_offer_is_answered_is_refused_and_heard() -> None:
    call = Call(extra="Require: 100rel\r\n")
    (ring,) = call.progress(180)
    assert told(call.prack(ring, 2, MOVED)) == [("PRACK", 488, b"")]
    assert told(call.prack(ring, 3)) == [("PRACK", 481, b"")], "that ring was acknowledged"
    assert told(call.accept()) == [("INVITE", 200, ANSWER)]
    assert call.line.kinds() == ["Invited"]
    call.give("ACK", 1)
    call.ends()


def test_an_offer_that_meets_one_of_ours_is_pending() -> None:
    call = Call(extra="Require: 100rel\r\n")
    (early,) = call.progress(183, EARLY)
    assert told(call.prack(early, 2)) == [("PRACK", 200, b"")]
    (ring,) = call.progress(180)
    call.line.do(lambda endpoint, now: endpoint.reoffer(call.session, now, MINE))
    (update,) = call.network.sent("UPDATE")
    assert told(call.prack(ring, 3, MOVED)) == [("PRACK", 491, b"")]
    answer = Response(200, "OK", update.headers.copy("Via", "From", "To", "Call-ID", "CSeq"), EARLY)
    answer.headers.add("Content-Type", "application/sdp")
    call.network.inject(answer.to_bytes(), call.line, HERE)
    assert call.line.events[1:] == [OfferAnswered(call.session, EARLY)]
    call.ends()


def test_our_change_waits_for_theirs_and_then_goes_by_update() -> None:
    call = Call()
    (ring,) = call.progress(183, EARLY)
    call.prack(ring, 2, MOVED)
    call.line.do(lambda endpoint, now: endpoint.reoffer(call.session, now, OFFER))
    assert not call.network.sent("UPDATE")
    call.line.do(lambda endpoint, now: endpoint.answer_offer(call.session, now, MINE))
    assert [update.body for update in call.network.sent("UPDATE")] == [OFFER]
    call.ends()


def test_who_gives_up_before_his_offer_is_answered_leaves_nothing() -> None:
    call = Call()
    (ring,) = call.progress(183, EARLY)
    call.prack(ring, 2, MOVED)
    before = len(call.network.wire)
    call.network.inject(CANCEL, call.line, HERE)
    assert sorted(told(call.answers(before))) == [
        ("CANCEL", 200, b""), ("INVITE", 487, b""), ("PRACK", 487, b""),
    ]  # fmt: skip
    assert call.line.events[-1] == Cancelled(call.session)
    call.ends()


# An INVITE without an offer


def test_our_early_offer_is_answered_in_the_prack_and_made_no_second_time() -> None:
    call = Call(sdp=b"")
    (ring,) = call.progress(183, EARLY)
    assert ring.headers.get("RSeq") is not None and ring.body == EARLY
    assert told(call.accept()) == [], "before the PRACK"
    assert told(call.prack(ring, 2, MOVED)) == [("PRACK", 200, b""), ("INVITE", 200, b"")]
    call.give("ACK", 1, b"v=0 no answer any more")
    assert call.line.events[1:] == [LateAnswer(call.session, MOVED), Confirmed(call.session)]
    call.ends()


def test_a_second_prack_may_offer_after_that() -> None:
    call = Call(sdp=b"", extra="Require: 100rel\r\n")
    call.line.react = answers_offers
    (early,) = call.progress(183, EARLY)
    call.prack(early, 2, OFFER)
    (ring,) = call.progress(180)
    assert told(call.prack(ring, 3, MOVED)) == [("PRACK", 200, MINE)]
    assert call.line.events[1:] == [LateAnswer(call.session, OFFER), Offered(call.session, MOVED)]
    assert told(call.accept()) == [("INVITE", 200, b"")]
    call.give("ACK", 1)
    call.ends()


def test_an_early_offer_that_the_prack_does_not_answer_comes_again() -> None:
    call = Call(sdp=b"")
    (ring,) = call.progress(183, EARLY)
    assert told(call.prack(ring, 2)) == [("PRACK", 200, b"")]
    assert told(call.accept()) == [("INVITE", 200, ANSWER)]
    call.give("ACK", 1, MOVED)
    assert call.line.events[1:] == [LateAnswer(call.session, MOVED), Confirmed(call.session)]
    call.ends()


def test_a_ring_without_our_offer_is_not_the_first_reliable_answer() -> None:
    call = Call(sdp=b"", extra="Require: 100rel\r\n")
    assert told(call.progress(180)) == []
    assert [one.status for one in call.answers(0)] == [100]
    assert told(call.accept()) == [("INVITE", 200, ANSWER)]
    call.give("ACK", 1, MOVED)
    assert call.line.events[1:] == [LateAnswer(call.session, MOVED), Confirmed(call.session)]
    call.ends()


def test_an_invite_of_ours_without_an_offer_asks_for_no_reliable_answers() -> None:
    network = Network()
    caller, line = network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")
    caller.call(line, sdp=None)
    caller.call(line, sdp=OFFER)
    late, usual = [request.tokens("Supported") for request in network.sent("INVITE", caller)]
    assert usual - late == {"100rel"} and late < usual


# Crossing the final answer


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_prack_that_crosses_the_200_is_taken_once(acknowledged: bool) -> None:
    """481 would say that the call is unknown, and end it (RFC 5057)."""
    call = Call(extra="Require: 100rel\r\n")
    (ring,) = call.progress(180)
    assert told(call.accept()) == [("INVITE", 200, ANSWER)]
    if acknowledged:
        call.give("ACK", 1)
    assert told(call.prack(ring, 2)) == [("PRACK", 200, b"")]
    assert told(call.prack(ring, 3)) == [("PRACK", 481, b"")]
    if not acknowledged:
        call.give("ACK", 1)
    assert call.line.events[1:] == [Confirmed(call.session)]
    call.network.run(60)
    assert not [one for one in call.network.wire if isinstance(one[0], Request)], "no BYE: the call goes on"
    call.ends()
