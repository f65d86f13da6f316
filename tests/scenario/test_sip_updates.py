"""Offers by UPDATE (RFC 3311), in calls that are up and before they are answered, over the in-memory network."""

import pytest

from telephony.sip.events import (
    Answered,
    Cancelled,
    Confirmed,
    HungUp,
    Invited,
    OfferAnswered,
    Offered,
    OfferRefused,
    Progressed,
    SipEvent,
    TimedOut,
)
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Message, Request, Response
from telephony.sip.replies import reply_to
from tests.scenario.sip_network import Network, Party

EARLY, ANSWER, HOLD, MOVED, MINE = b"v=0 early", b"v=0 answer", b"v=0 hold", b"v=0 moved", b"v=0 mine"


def answers_offers(party: Party, event: SipEvent) -> None:
    if isinstance(event, Offered):
        party.do(lambda endpoint, now: endpoint.answer_offer(event.session, now, MINE))


def answers_all(party: Party, event: SipEvent) -> None:
    if isinstance(event, Invited):
        party.do(lambda endpoint, now: endpoint.accept(event.session, now, ANSWER))
    answers_offers(party, event)


def rings_early(party: Party, event: SipEvent) -> None:
    if isinstance(event, Invited):
        party.do(lambda endpoint, now: endpoint.progress(event.session, now, 183, EARLY))
    answers_offers(party, event)


def session_of(party: Party) -> str:
    return party.events[0].session  # type: ignore[union-attr]


def offers(party: Party, session: str, sdp: bytes) -> None:
    party.do(lambda endpoint, now: endpoint.reoffer(session, now, sdp))


def hangs_up(party: Party, session: str) -> None:
    party.do(lambda endpoint, now: endpoint.hang_up(session, now))


def a_call(network: Network) -> tuple[Party, Party, str]:
    """A call that is up; its caller, the line, and the caller's session."""
    caller, line = network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")
    caller.react = line.react = answers_all
    session = caller.call(line)
    network.run(20)
    assert line.kinds() == ["Invited", "Confirmed"]
    return caller, line, session


def an_early_call(network: Network) -> tuple[Party, Party, str]:
    """A call that is not answered yet but has early audio, reliably."""
    caller, line = network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")
    caller.react, line.react = answers_offers, rings_early
    session = caller.call(line)
    network.run(5)
    assert caller.events == [Progressed(session, 183, EARLY)]
    return caller, line, session


def ends(network: Network, *parties: Party) -> None:
    hangs_up(parties[0], parties[0].events[0].session)  # type: ignore[union-attr]
    network.run(200)
    for party in parties:
        assert len(party.endpoint._sessions) == 0 and party.endpoint.next_deadline() is None
        assert len(party.endpoint._agent.layer) == 0 and not party.endpoint._agent.dialogs


def refuses_updates(network: Network, of: Party, status: int, *headers: tuple[str, str], times: int = 99) -> None:
    """The network answers the UPDATEs of ``of`` in the far end's place."""
    left = [times]

    def drop(message: Message, to: Hop) -> bool:
        if not (isinstance(message, Request) and message.method == "UPDATE" and to != of.hop and left[0]):
            return False
        left[0] -= 1
        answer = reply_to(message, status, "", headers=headers).to_bytes()
        network.at(0.01, lambda: network.inject(answer, of, to))
        return True

    network.drop = drop


@pytest.mark.parametrize("seed", range(6))
def test_a_change_goes_by_update_where_that_is_taken(seed: int) -> None:
    network = Network(seed, loss=0.2, double=0.2, jitter_s=0.3)
    caller, line, session = a_call(network)
    offers(caller, session, HOLD)
    network.run(20)
    offers(line, session_of(line), MOVED)
    network.run(20)
    assert OfferAnswered(session, MINE) in caller.events and Offered(session_of(line), HOLD) in line.events
    assert OfferAnswered(session_of(line), MINE) in line.events and Offered(session, MOVED) in caller.events
    bodies = [update.body for update in network.sent("UPDATE")]
    assert set(bodies) == {HOLD, MOVED}
    assert {request.cseq.number for request in network.sent("INVITE")} == {1}
    ends(network, caller, line)


@pytest.mark.parametrize("status", [405, 501])
def test_a_far_end_that_lists_update_but_does_not_know_it_is_asked_by_reinvite(status: int) -> None:
    network = Network()
    caller, line, session = a_call(network)
    refuses_updates(network, caller, status)
    offers(caller, session, HOLD)
    network.run(2)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    offers(caller, session, MOVED)
    network.run(2)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    assert len(network.sent("UPDATE")) == 1, "it is not asked so again"
    assert [request.body for request in network.sent("INVITE")][1:] == [HOLD, MOVED]
    ends(network, caller, line)


def test_a_far_end_that_takes_update_for_a_refresh_is_asked_by_reinvite() -> None:
    network = Network()
    caller, line, session = a_call(network)
    refuses_updates(network, caller, 200)
    offers(caller, session, HOLD)
    network.run(2)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    assert [request.body for request in network.sent("INVITE")][1:] == [HOLD]
    ends(network, caller, line)


def test_a_refusal_of_the_change_is_no_refusal_of_update() -> None:
    network = Network()
    caller, line, session = a_call(network)
    refuses_updates(network, caller, 488)
    offers(caller, session, HOLD)
    network.run(2)
    assert caller.events[-1] == OfferRefused(session, 488)
    assert len(network.sent("INVITE")) == 1
    ends(network, caller, line)


@pytest.mark.parametrize(("status", "kinds"), [(481, ["OfferRefused", "HungUp"]), (408, ["OfferRefused", "HungUp"])])
def test_a_far_end_that_lost_the_call_ends_it(status: int, kinds: list[str]) -> None:
    network = Network()
    caller, _, session = a_call(network)
    refuses_updates(network, caller, status)
    offers(caller, session, HOLD)
    network.run(2)
    assert caller.kinds()[-2:] == kinds


def test_a_far_end_with_an_open_offer_is_asked_again_when_it_says() -> None:
    network = Network()
    caller, line, session = a_call(network)
    refuses_updates(network, caller, 500, ("Retry-After", "6"), times=1)
    offers(caller, session, HOLD)
    network.run(5.9)
    assert caller.kinds() == ["Answered"] and len(network.sent("UPDATE")) == 1
    network.run(3)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    ends(network, caller, line)


@pytest.mark.parametrize("by_update", [(True, True), (True, False), (False, True), (False, False)])
def test_glare_of_either_method_with_either(by_update: tuple[bool, bool]) -> None:
    network = Network()
    caller, line, session = a_call(network)
    for party, updates in zip((caller, line), by_update, strict=True):
        for dialog, _ in party.endpoint._agent.dialogs.values():
            dialog.updates = updates
    offers(caller, session, HOLD)
    offers(line, session_of(line), MOVED)
    network.run(0.1)
    statuses = network.statuses("UPDATE") + network.statuses("INVITE")
    assert statuses.count(491) == 2
    network.run(10)
    assert caller.seen(OfferAnswered) == [OfferAnswered(session, MINE)]
    assert line.seen(OfferAnswered) == [OfferAnswered(session_of(line), MINE)]
    ends(network, caller, line)


def test_a_second_update_before_the_first_is_answered_meets_500() -> None:
    network = Network()
    caller, line, session = a_call(network)
    line.react = lambda party, event: None
    offers(caller, session, HOLD)
    network.run(0.5)
    assert line.events[-1] == Offered(session_of(line), HOLD)
    first = network.sent("UPDATE")[0]
    for number, body in ((50, MOVED), (51, b"")):
        again = Request("UPDATE", first.uri, first.headers.copy(), body)
        again.headers.set("Via", (first.headers.get("Via") or "") + f"x{number}")
        again.headers.set("CSeq", f"{number} UPDATE")
        network.inject(again.to_bytes(), line, caller.hop)
        refusal = network.wire[-1][0]
        assert isinstance(refusal, Response) and refusal.status == 500
        assert 0 <= int(refusal.headers.get("Retry-After") or -1) <= 10
    line.do(lambda endpoint, now: endpoint.answer_offer(session_of(line), now, MINE))
    network.run(1)
    assert caller.events[-1] == OfferAnswered(session, MINE)


# Before the answer


@pytest.mark.parametrize("seed", range(6))
def test_early_audio_is_changed_by_either_side_and_the_200_brings_nothing_back(seed: int) -> None:
    network = Network(seed, loss=0.15 if seed else 0.0, double=0.2, jitter_s=0.2)
    caller, line = network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")
    caller.react, line.react = answers_offers, rings_early
    session = caller.call(line)
    network.run(20)
    offers(caller, session, MOVED)
    network.run(20)
    offers(line, session_of(line), HOLD)
    network.run(20)
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.run(20)
    assert caller.events == [
        Progressed(session, 183, EARLY), OfferAnswered(session, MINE), Offered(session, HOLD), Answered(session, None),
    ]  # fmt: skip
    assert line.events[1:] == [
        Offered(session_of(line), MOVED), OfferAnswered(session_of(line), MINE), Confirmed(session_of(line)),
    ]  # fmt: skip
    early = [update for update in network.sent("UPDATE") if update.body in (MOVED, HOLD)]
    assert all(update.headers.get("Session-Expires") is None for update in early), "timers begin with the answer"
    ends(network, caller, line)


def test_a_200_that_repeats_the_early_answer_is_not_taken_for_a_new_one() -> None:
    network = Network()
    caller, line, session = an_early_call(network)
    offers(caller, session, MOVED)
    network.run(1)
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.alter = lambda message: _with_body(message, EARLY)
    network.run(1)
    assert caller.events[-1] == Answered(session, None)


def _with_body(message: Message, body: bytes) -> None:
    if isinstance(message, Response) and message.status == 200 and message.cseq.method == "INVITE":
        message.body = body
        message.headers.set("Content-Type", "application/sdp")


def test_early_audio_that_nobody_changed_comes_with_the_200_too() -> None:
    network = Network()
    caller, line, session = an_early_call(network)
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.run(1)
    assert caller.events[-1] == Answered(session, ANSWER)


def test_a_change_waits_for_the_answer_where_the_far_end_takes_no_update() -> None:
    network = Network()
    network.alter = lambda message: message.headers.remove("Allow")
    caller, line, session = an_early_call(network)
    offers(caller, session, MOVED)
    network.run(3)
    assert not network.sent("UPDATE") and len(network.sent("INVITE")) == 1
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.run(3)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    assert [request.body for request in network.sent("INVITE")][1:] == [MOVED]
    ends(network, caller, line)


def test_an_early_change_that_is_refused_as_a_method_waits_for_the_answer() -> None:
    network = Network()
    caller, line, session = an_early_call(network)
    refuses_updates(network, caller, 405)
    offers(caller, session, MOVED)
    network.run(3)
    assert len(network.sent("INVITE")) == 1, "no re-INVITE before the INVITE is answered"
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.run(3)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    ends(network, caller, line)


def test_the_answer_may_overtake_that_to_an_early_update() -> None:
    network = Network()
    caller, line, session = an_early_call(network)
    line.react = lambda party, event: None
    offers(caller, session, MOVED)
    network.run(1)
    assert line.events[-1] == Offered(session_of(line), MOVED)
    line.do(lambda endpoint, now: endpoint.accept(session_of(line), now, ANSWER))
    network.run(1)
    line.do(lambda endpoint, now: endpoint.answer_offer(session_of(line), now, MINE))
    network.run(1)
    assert caller.events[-1] == OfferAnswered(session, MINE)
    ends(network, caller, line)


def test_who_hangs_up_before_an_early_update_is_answered_leaves_nothing() -> None:
    network = Network()
    caller, line, session = an_early_call(network)
    line.react = lambda party, event: None
    offers(caller, session, MOVED)
    network.run(1)
    ends(network, caller, line)
    assert line.seen(Cancelled) and not caller.seen(HungUp) and not caller.seen(TimedOut)
    assert 487 in network.statuses("UPDATE")


@pytest.mark.parametrize("acknowledged", [True, False])
def test_before_the_early_answer_has_arrived_an_update_meets_500(acknowledged: bool) -> None:
    """RFC 3311 §5.2; and where the answer is not reliable there is none yet."""
    network = Network()
    line = network.party("line", "10.0.0.2")
    line.react = rings_early
    text = (
        "{method} sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK{cseq}\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:line@10.0.0.2>{tag}\r\nCall-ID: c\r\nCSeq: {cseq} {method}\r\n"
        "Contact: <sip:a@10.0.0.9>\r\nMax-Forwards: 70\r\n{extra}Content-Length: {length}\r\n\r\n{body}"
    )

    def give(method: str, cseq: int, extra: str = "", body: str = "", tag: str = "") -> Response:
        extra += "Content-Type: application/sdp\r\n" if body else ""
        data = text.format(method=method, cseq=cseq, tag=tag, extra=extra, length=len(body), body=body)
        network.inject(data.encode(), line, Hop(UDP, "10.0.0.9", 5060))
        answer = network.wire[-1][0]
        assert isinstance(answer, Response)
        return answer

    ring = give("INVITE", 1, "Supported: 100rel\r\n", "v=0 offer")
    assert ring.status == 183 and "UPDATE" in ring.tokens("Allow")
    tag = f";tag={ring.to.tag}"
    if acknowledged:
        assert give("PRACK", 2, f"RAck: {ring.headers.get('RSeq')} 1 INVITE\r\n", tag=tag).status == 200
    answer = give("UPDATE", 3, body="v=0 moved", tag=tag)
    assert answer.status == (200 if acknowledged else 500)
    assert answer.body == (MINE if acknowledged else b"")
    assert give("INVITE", 4, body="v=0 moved", tag=tag).status == 500, "a re-INVITE waits for the answer (§14.2)"


def test_the_early_audio_of_one_fork_is_changed_and_another_may_answer() -> None:
    network = Network()
    caller = network.party("caller", "10.0.0.1")
    caller.react = answers_offers
    peer = Hop(UDP, "10.0.0.3", 5060)
    session = caller.call(Party("peer", peer, caller.endpoint, network))
    invite = network.sent("INVITE")[0]

    def says(status: int, tag: str, body: bytes, *extra: tuple[str, str]) -> None:
        headers = [("Contact", f"<sip:{tag}@10.0.0.3>"), ("Allow", "INVITE, UPDATE"), *extra]
        network.inject(reply_to(invite, status, tag, headers=headers, body=body).to_bytes(), caller, peer)

    def updates(tag: str, cseq: int) -> int:
        ours = invite.from_
        request = Request("UPDATE", invite.uri, invite.headers.copy("Via", "Call-ID", "Max-Forwards"), MOVED)
        request.headers.set("Via", f"SIP/2.0/UDP 10.0.0.3;branch=z9hG4bK{tag}{cseq}")
        for name, value in (
            ("From", f"{invite.to};tag={tag}"), ("To", str(ours)), ("CSeq", f"{cseq} UPDATE"),
            ("Contact", f"<sip:{tag}@10.0.0.3>"), ("Content-Type", "application/sdp"),
        ):  # fmt: skip
            request.headers.add(name, value)
        network.inject(request.to_bytes(), caller, peer)
        answer = network.wire[-1][0]
        assert isinstance(answer, Response)
        return answer.status

    reliable = (("Require", "100rel"), ("RSeq", "7"))
    says(183, "one", EARLY, *reliable)
    says(183, "two", EARLY, *reliable)
    assert updates("one", 1) == 200
    assert updates("two", 1) == 500, "one fork at a time has our ear"
    offers(caller, session, HOLD)
    asked = network.sent("UPDATE", caller)[-1]
    assert (asked.to.tag, asked.body) == ("one", HOLD)
    says(200, "two", ANSWER)
    assert caller.events[-1] == Answered(session, ANSWER)
    network.inject(
        reply_to(asked, 200, "", headers=[("Contact", "<sip:one@10.0.0.3>")], body=MINE).to_bytes(), caller, peer
    )
    assert caller.events[-1] == Answered(session, ANSWER), "what the other fork agrees to is nobody's"
    assert updates("two", 2) == 200
