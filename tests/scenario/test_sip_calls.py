"""Whole calls between two endpoints over the in-memory network: both sides end in the same truth."""

import pytest

from telephony.sip.credentials import Credentials
from telephony.sip.digest_server import DigestServer, Verdict
from telephony.sip.events import (
    Answered,
    Cancelled,
    Confirmed,
    DigitInfo,
    HungUp,
    Invited,
    LateAnswer,
    OfferAnswered,
    Offered,
    OfferRefused,
    Progressed,
    Refused,
    SipEvent,
    TimedOut,
)
from telephony.sip.message import Message, Request, Response
from tests.scenario.sip_network import Network, Party

ANSWER = b"v=0 answer"
HOLD = b"v=0 hold"


def pair(network: Network) -> tuple[Party, Party]:
    return network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")


def answering(after_s: float = 0.5, *, ring: bool = True) -> object:
    """A party that rings, then answers."""

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Invited):
            if ring:
                party.do(lambda endpoint, now: endpoint.progress(event.session, now))
            party.network.at(after_s, lambda: answer(party, event.session))
        elif isinstance(event, Offered):
            party.do(lambda endpoint, now: endpoint.answer_offer(event.session, now, event.sdp or b"v=0 mine"))

    return react


def answer(party: Party, session: str) -> None:
    live = not any(isinstance(event, Cancelled | HungUp | TimedOut) for event in party.events)
    if live:
        party.do(lambda endpoint, now: endpoint.accept(session, now, ANSWER))


def session_of(party: Party) -> str:
    return party.events[0].session  # type: ignore[union-attr]


def assert_nothing_left(*parties: Party) -> None:
    for party in parties:
        party.network.run(200)
        agent = party.endpoint._agent
        assert len(party.endpoint._sessions) == 0
        assert not agent.dialogs
        assert len(agent.layer) == 0
        assert len(agent.timers) == 0
        assert party.endpoint.next_deadline() is None


def test_call_is_answered_and_hung_up_by_the_caller() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(5)
    assert caller.kinds() == ["Progressed", "Answered"]
    assert line.kinds() == ["Invited", "Confirmed"]
    assert caller.seen(Answered) == [Answered(session, ANSWER)]
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(1)
    assert line.events[-1] == HungUp(session_of(line), 16)
    assert caller.kinds() == ["Progressed", "Answered"]
    # nothing was repeated: INVITE, 100, 180, 200, ACK, BYE, 200
    assert len(network.wire) == 7
    assert_nothing_left(caller, line)


def test_call_is_hung_up_by_the_called() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(5)
    line.do(lambda endpoint, now: endpoint.hang_up(session_of(line), now, 31))
    network.run(1)
    assert caller.events[-1] == HungUp(session, 31)
    assert_nothing_left(caller, line)


@pytest.mark.parametrize("status", [302, 403, 404, 486, 488, 503, 603])
def test_refusal_reaches_the_caller_once(status: int) -> None:
    network = Network(loss=0.2, double=0.1, jitter_s=0.3, seed=status)
    caller, line = pair(network)

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Invited):
            party.do(
                lambda e, now: e.reject(event.session, now, status, headers=[("Reason", "Q.850;cause=17;text=busy")])
            )

    line.react = react
    session = caller.call(line)
    network.run(40)
    assert caller.events == [Refused(session, status, caller.events[0].reason, 17)]  # type: ignore[union-attr]
    assert_nothing_left(caller, line)


def test_nobody_there_times_out_after_timer_b() -> None:
    network = Network()
    caller, line = pair(network)
    network.drop = lambda message, to: to == line.hop
    session = caller.call(line)
    network.run(31.9)
    assert not caller.events
    network.run(0.2)
    assert caller.events == [TimedOut(session)]
    # timer A: 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5
    assert len(network.sent("INVITE")) == 7
    assert_nothing_left(caller, line)


def test_cancel_while_ringing() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = answering(after_s=10)
    session = caller.call(line)
    network.run(2)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(20)
    assert line.kinds() == ["Invited", "Cancelled"]
    assert caller.kinds() == ["Progressed"]
    assert network.statuses("CANCEL") == [200]
    assert network.statuses("INVITE") == [100, 180, 487]
    assert_nothing_left(caller, line)


def test_cancel_waits_for_a_provisional_answer() -> None:
    network = Network()
    caller, line = pair(network)
    network.drop = lambda message, to: isinstance(message, Response) and network.now < 1_700_000_003.0
    line.react = answering(after_s=30)
    session = caller.call(line)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(2)
    assert not network.sent("CANCEL")
    network.run(20)
    assert len(network.sent("CANCEL")) == 1
    assert line.kinds() == ["Invited", "Cancelled"]
    assert_nothing_left(caller, line)


def test_answer_crosses_cancel_and_is_ended_by_bye() -> None:
    network = Network()
    caller, line = pair(network)
    network.delay = lambda message, to: 0.2 if isinstance(message, Request) and message.method == "CANCEL" else 0.0
    line.react = answering(after_s=1.0)
    session = caller.call(line)
    network.run(0.95)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(5)
    assert network.statuses("CANCEL") == [200]
    assert network.statuses("INVITE")[-1] == 200
    assert len(network.sent("ACK")) == 1
    assert len(network.sent("BYE", caller)) == 1
    assert line.kinds() == ["Invited", "Confirmed", "HungUp"]
    assert caller.kinds() == ["Progressed"]
    assert_nothing_left(caller, line)


def test_answer_is_repeated_until_ack() -> None:
    network = Network()
    caller, line = pair(network)
    acks = []
    network.drop = lambda message, to: (
        isinstance(message, Request) and message.method == "ACK" and (acks.append(1), len(acks) < 4)[1]
    )
    line.react = answering()
    caller.call(line)
    network.run(20)
    assert network.statuses("INVITE").count(200) == 4
    assert line.kinds() == ["Invited", "Confirmed"]
    assert len({ack.top_via.branch for ack in network.sent("ACK")}) == 1


def test_no_ack_ends_in_bye_and_time_out() -> None:
    network = Network()
    caller, line = pair(network)
    network.drop = lambda message, to: isinstance(message, Request) and message.method == "ACK"
    line.react = answering()
    session = caller.call(line)
    network.run(40)
    assert line.kinds() == ["Invited", "TimedOut"]
    assert caller.events[-1] == HungUp(session, 16)
    # 0, .5, 1.5, 3.5, then every 4 s up to 32 s
    assert network.statuses("INVITE").count(200) == 11
    assert_nothing_left(caller, line)


def test_bye_before_ack_reaches_the_called() -> None:
    network = Network()
    caller, line = pair(network)
    network.drop = lambda message, to: isinstance(message, Request) and message.method == "ACK"
    line.react = answering()
    session = caller.call(line)
    network.run(0.6)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(5)
    assert line.kinds() == ["Invited", "HungUp"]
    assert network.statuses("BYE") == [200]
    assert_nothing_left(caller, line)


def test_called_hangs_up_before_ack_and_waits_with_bye() -> None:
    network = Network()
    caller, line = pair(network)
    network.drop = lambda message, to: (
        isinstance(message, Request) and message.method == "ACK" and network.now < 1_700_000_002.0
    )
    line.react = answering()
    session = caller.call(line)
    network.run(0.6)
    line.do(lambda endpoint, now: endpoint.hang_up(session_of(line), now))
    network.run(0.5)
    assert not network.sent("BYE")
    network.run(10)
    assert len(network.sent("BYE", line)) == 1
    assert caller.events[-1] == HungUp(session, 16)
    assert line.kinds() == ["Invited"]
    assert_nothing_left(caller, line)


def test_both_hang_up_at_once() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(2)
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    line.do(lambda endpoint, now: endpoint.hang_up(session_of(line), now))
    network.run(5)
    assert network.statuses("BYE") == [200, 200]
    assert caller.kinds() == ["Progressed", "Answered"]
    assert line.kinds() == ["Invited", "Confirmed"]
    assert_nothing_left(caller, line)


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_hold_and_resume_from_both_sides(method: str) -> None:
    network = Network(loss=0.1, double=0.1, jitter_s=0.2)
    network.alter = without_update if method == "INVITE" else None
    caller, line = pair(network)
    line.react = answering()
    caller.react = answering()
    session = caller.call(line)
    network.run(10)
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, HOLD))
    network.run(10)
    assert Offered(session_of(line), HOLD) in line.events
    assert OfferAnswered(session, HOLD) in caller.events
    line.do(lambda endpoint, now: endpoint.reoffer(session_of(line), now, b"v=0 resume"))
    network.run(10)
    assert Offered(session, b"v=0 resume") in caller.events
    assert bool(network.sent("UPDATE")) is (method == "UPDATE")
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(10)
    assert line.events[-1] == HungUp(session_of(line), 16)
    assert_nothing_left(caller, line)


def without_update(message: Message) -> None:
    """Makes both sides believe that the other takes no UPDATE."""
    if message.headers.get("Allow") is not None:
        message.headers.set("Allow", "INVITE, ACK, BYE, CANCEL")


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_glare_is_resolved_by_waiting(method: str) -> None:
    network = Network()
    network.alter = without_update if method == "INVITE" else None
    caller, line = pair(network)
    line.react = answering()
    caller.react = answering()
    session = caller.call(line)
    network.run(2)
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, b"v=0 from caller"))
    line.do(lambda endpoint, now: endpoint.reoffer(session_of(line), now, b"v=0 from line"))
    network.run(0.1)
    assert network.statuses(method).count(491) == 2
    network.run(10)
    assert OfferAnswered(session, b"v=0 from caller") in caller.events
    assert OfferAnswered(session_of(line), b"v=0 from line") in line.events
    assert len(network.sent(method, caller)) == 2 + (method == "INVITE")  # the first, the glare, the retry
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert_nothing_left(caller, line)


def test_refused_reoffer_keeps_the_call() -> None:
    network = Network()
    caller, line = pair(network)

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Offered):
            party.do(lambda endpoint, now: endpoint.reject_offer(event.session, now, 488))

    caller.react = react
    line.react = answering()
    session = caller.call(line)
    network.run(2)
    line.do(lambda endpoint, now: endpoint.reoffer(session_of(line), now, HOLD))
    network.run(2)
    assert line.seen(OfferRefused) == [OfferRefused(session_of(line), 488)]
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(2)
    assert line.kinds()[-1] == "HungUp"
    assert_nothing_left(caller, line)


def test_peer_that_lost_the_call_answers_481_and_the_call_ends() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(2)
    line.endpoint._agent.dialogs.clear()  # as after a restart
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, HOLD))
    network.run(2)
    assert caller.kinds()[-2:] == ["OfferRefused", "HungUp"]


def test_late_offer_when_we_are_called() -> None:
    network = Network(loss=0.1, jitter_s=0.1, seed=5)
    caller, line = pair(network)
    line.react = answering()

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Answered):
            party.do(lambda endpoint, now: endpoint.accept_late(event.session, now, b"v=0 late"))

    caller.react = react
    session = caller.call(line, sdp=None)
    network.run(10)
    assert line.events[0].offer is None  # type: ignore[union-attr]
    assert caller.seen(Answered) == [Answered(session, ANSWER)]
    assert line.seen(LateAnswer) == [LateAnswer(session_of(line), b"v=0 late")]
    assert line.kinds()[-1] == "Confirmed"
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert_nothing_left(caller, line)


def test_reinvite_without_sdp_gets_our_offer() -> None:
    network = Network()
    network.alter = without_update
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(2)
    # what a peer's re-INVITE without SDP looks like: ours with the body cut off
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, HOLD))
    reinvite, source, _ = network.wire[-1]
    assert isinstance(reinvite, Request)
    network._queue.clear()
    bare = Request("INVITE", reinvite.uri, reinvite.headers.copy())
    bare.headers.remove("Content-Type")
    bare.headers.remove("Content-Length")
    network.inject(bare.to_bytes(), line, source)
    assert line.events[-1] == Offered(session_of(line), None)
    ok = next(m for m, _, _ in reversed(network.wire) if isinstance(m, Response) and m.status == 200)
    assert ok.body == b"v=0 mine"
    ack = network.sent("ACK")[0]
    late = Request("ACK", ack.uri, ack.headers.copy(), b"v=0 theirs")
    late.headers.set("CSeq", f"{reinvite.cseq.number} ACK")
    late.headers.set("Content-Type", "application/sdp")
    late.headers.remove("Content-Length")
    network.inject(late.to_bytes(), line, source)
    assert line.events[-1] == OfferAnswered(session_of(line), b"v=0 theirs")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n"),
        ("application/dtmf-relay", b"Signal= 5\nDuration=160"),
        ("application/dtmf", b"5"),
        ("application/dtmf", b"5\r\n"),
    ],
)
def test_digits_by_info(kind: str, body: bytes) -> None:
    network = Network(loss=0.2, double=0.3, jitter_s=0.1, seed=3)
    caller, line = pair(network)
    line.react = answering()
    session = caller.call(line)
    network.run(10)
    caller.do(lambda endpoint, now: endpoint.info(session, now, kind, body))
    network.run(10)
    assert line.seen(DigitInfo) == [DigitInfo(session_of(line), "5")]


def test_session_progress_with_early_media() -> None:
    network = Network()
    caller, line = pair(network)

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Invited):
            party.do(lambda endpoint, now: endpoint.progress(event.session, now, 183, b"v=0 early"))

    line.react = react
    session = caller.call(line)
    network.run(2)
    assert caller.events == [Progressed(session, 183, b"v=0 early")]
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert_nothing_left(caller, line)


def challenger(server: DigestServer, passwords: dict[str, str]) -> object:
    def react(party: Party, event: SipEvent) -> None:
        if not isinstance(event, Invited):
            return
        claims = event.request.headers.get_all("Authorization")
        verdict = server.verify(claims, "INVITE", event.request.uri, passwords.get, party.now)
        if verdict is Verdict.OK:
            party.do(lambda endpoint, now: endpoint.accept(event.session, now, ANSWER))
        else:
            values = server.challenges(party.now, stale=verdict is Verdict.STALE)
            headers = [("WWW-Authenticate", value) for value in values]
            party.do(lambda endpoint, now: endpoint.reject(event.session, now, 401, headers=headers))

    return react


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_digest_is_proved_after_the_challenge(loss: float) -> None:
    network = Network(loss=loss, double=loss, jitter_s=0.2, seed=9)
    caller, line = pair(network)
    line.react = challenger(DigestServer("line400", b"0123456789abcdef"), {"8001": "secret"})
    session = caller.call(line, credentials=Credentials("8001", "secret"))
    network.run(30)
    assert caller.seen(Answered) == [Answered(session, ANSWER)]
    numbers = {invite.cseq.number for invite in network.sent("INVITE")}
    assert numbers == {1, 2}
    caller.do(lambda endpoint, now: endpoint.hang_up(session, now))
    network.run(30)
    assert all('realm="line400"' in (bye.headers.get("Authorization") or "") for bye in network.sent("BYE"))
    assert_nothing_left(caller, line)


def test_wrong_password_is_tried_once_only() -> None:
    network = Network()
    caller, line = pair(network)
    line.react = challenger(DigestServer("line400", b"0123456789abcdef"), {"8001": "other"})
    session = caller.call(line, credentials=Credentials("8001", "secret"))
    network.run(30)
    assert caller.events == [Refused(session, 401, "Unauthorized", None)]
    assert len({invite.cseq.number for invite in network.sent("INVITE")}) == 2
    assert_nothing_left(caller, line)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("loss", [0.0, 0.05, 0.2])
def test_whole_calls_end_in_the_same_truth(loss: float, seed: int) -> None:
    """30 calls, each ended by a random side at a random moment; what each side believes must agree."""
    network = Network(seed, loss=loss, double=loss / 2, jitter_s=0.4)
    callers = [network.party(f"c{index}", f"10.0.1.{index + 1}") for index in range(30)]
    line = network.party("line", "10.0.0.2")
    accepted: set[str] = set()
    ended: set[str] = set()

    def react(party: Party, event: SipEvent) -> None:
        if isinstance(event, Invited):
            session = event.session
            fate = network.chance.random()
            party.do(lambda endpoint, now: endpoint.progress(session, now))

            def decide() -> None:
                if session in ended:
                    return
                if fate < 0.2:
                    ended.add(session)
                    party.do(lambda endpoint, now: endpoint.reject(session, now, 486))
                    return
                accepted.add(session)
                party.do(lambda endpoint, now: endpoint.accept(session, now, ANSWER))
                if fate > 0.6:
                    network.at(network.chance.random() * 6, lambda: part(session))

            network.at(network.chance.random() * 4, decide)
        elif isinstance(event, Cancelled | HungUp | TimedOut):
            ended.add(event.session)

    def part(session: str) -> None:
        if session not in ended:
            ended.add(session)
            line.do(lambda endpoint, now: endpoint.hang_up(session, now))

    line.react = react
    sessions = {}
    for index, caller in enumerate(callers):
        network.at(index * 0.1, lambda caller=caller: sessions.update({caller.name: caller.call(line)}))
        network.at(
            index * 0.1 + 0.05 + network.chance.random() * 12,
            lambda caller=caller: caller.do(lambda endpoint, now: endpoint.hang_up(sessions[caller.name], now)),
        )
    network.run(300)
    invited = [event for event in line.events if isinstance(event, Invited)]
    assert len({event.request.call_id for event in invited}) == len(invited) <= 30
    assert {event.session for event in invited} == ended
    for caller in callers:
        last_words = [event for event in caller.events if isinstance(event, HungUp | Refused | TimedOut)]
        assert len(last_words) <= 1
        answered = caller.seen(Answered)
        assert len(answered) <= 1
    # whoever heard an answer was accepted; the line has a confirmed call for no other
    heard = sum(len(caller.seen(Answered)) for caller in callers)
    assert heard <= len(accepted)
    assert len(line.seen(Confirmed)) <= len(accepted)
    assert_nothing_left(*callers, line)
