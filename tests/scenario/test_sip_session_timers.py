"""Session timers (RFC 4028) over the in-memory network: refreshes by UPDATE and re-INVITE, dead peers, 422."""

from telephony.sip.events import Answered, HungUp, Invited, Offered, RefreshWanted, SipEvent
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Message, Response
from telephony.sip.settings import SipSettings
from tests.scenario.sip_network import Network, Party

ANSWER = b"v=0 answer"
SHORT = SipSettings(session_expires_s=90)
OFF = SipSettings(session_expires_s=0)


def react(party: Party, event: SipEvent) -> None:
    """Answers calls and offers; offers anew where a refresh needs it."""
    if isinstance(event, Invited):
        party.do(lambda endpoint, now: endpoint.accept(event.session, now, ANSWER))
    elif isinstance(event, Offered):
        party.do(lambda endpoint, now: endpoint.answer_offer(event.session, now, event.sdp or b"v=0 mine"))
    elif isinstance(event, RefreshWanted):
        party.do(lambda endpoint, now: endpoint.reoffer(event.session, now, b"v=0 again"))


def a_call(caller_settings: SipSettings, line_settings: SipSettings, **wire: float) -> tuple[Network, Party, Party]:
    network = Network(**wire)  # type: ignore[arg-type]
    caller = network.party("caller", "10.0.0.1", caller_settings)
    line = network.party("line", "10.0.0.2", line_settings)
    caller.react = line.react = react
    caller.call(line)
    network.run(10)
    assert caller.seen(Answered)
    return network, caller, line


def test_the_side_that_was_called_refreshes_by_update_and_the_call_lives() -> None:
    network, caller, line = a_call(SHORT, SHORT)
    network.run(1000)
    updates = network.sent("UPDATE")
    assert 20 <= len(updates) <= 23  # every 45 s
    assert all(update.headers.get("Session-Expires") == "90;refresher=uac" for update in updates)
    assert not caller.seen(HungUp) and not line.seen(HungUp)
    invite = network.sent("INVITE")[0]
    assert invite.headers.get("Session-Expires") == "90" and "timer" in invite.tokens("Supported")


def test_a_dead_far_end_is_found_by_either_side() -> None:
    for dead in ("10.0.0.1", "10.0.0.2"):
        network, caller, line = a_call(SHORT, SHORT)
        alive = line if dead == "10.0.0.1" else caller
        network.drop = lambda message, to, dead=dead: to.host == dead  # type: ignore[misc]
        network.parties = {hop: party for hop, party in network.parties.items() if hop.host != dead}
        network.run(130)
        assert len(alive.seen(HungUp)) == 1
        network.run(200)
        assert alive.endpoint.next_deadline() is None


def test_a_far_end_without_timers_is_refreshed_by_us() -> None:
    network, caller, line = a_call(SHORT, OFF)
    network.run(500)
    assert len(network.sent("UPDATE")) >= 9
    assert not caller.seen(HungUp) and not line.seen(HungUp)


def test_where_update_is_not_allowed_the_rooms_above_offer_again() -> None:
    network = Network()
    caller = network.party("caller", "10.0.0.1", SHORT)
    line = network.party("line", "10.0.0.2", SHORT)
    caller.react = line.react = react

    def forget_update(message: Message) -> None:
        if message.headers.get("Allow") is not None:
            message.headers.set("Allow", "INVITE, ACK, BYE, CANCEL")

    network.alter = forget_update
    caller.call(line)
    network.run(400)
    assert not network.sent("UPDATE")
    assert 8 <= len(network.sent("INVITE")) <= 12
    assert line.seen(RefreshWanted) and caller.seen(Offered)
    assert not caller.seen(HungUp) and not line.seen(HungUp)


def test_refreshes_survive_a_lossy_network() -> None:
    network, caller, line = a_call(SHORT, SHORT, seed=7, loss=0.2, jitter_s=0.3)
    network.run(1500)
    assert not caller.seen(HungUp) and not line.seen(HungUp)


def test_an_interval_that_is_too_short_is_refused_with_ours_and_one_that_is_no_number_with_400() -> None:
    network = Network()
    line = network.party("line", "10.0.0.2")
    line.react = react
    asked = "v=0 offer"
    for value, status in (("30", 422), ("soon", 400), ("1800;refresher=uac", 200)):
        text = (
            "INVITE sip:line@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK" + value[:2] + "\r\n"
            f"From: <sip:a@b>;tag={value[:2]}\r\nTo: <sip:line@10.0.0.2>\r\nCall-ID: {value[:2]}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:a@10.0.0.9>\r\nMax-Forwards: 70\r\nSupported: timer\r\nx: {value}\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(asked)}\r\n\r\n{asked}"
        )
        network.inject(text.encode(), line, Hop(UDP, "10.0.0.9", 5060))
        finals = [one for one, _, _ in network.wire if isinstance(one, Response) and one.status >= 200]
        assert finals[-1].status == status
        if status == 422:
            assert finals[-1].headers.get("Min-SE") == "90"
        if status == 200:
            assert finals[-1].headers.get("Session-Expires") == "1800;refresher=uac"
            assert "timer" in finals[-1].tokens("Require")


def test_a_422_to_our_invite_is_met_with_a_longer_interval() -> None:
    network = Network()
    caller = network.party("caller", "10.0.0.1", SHORT)
    peer = Hop(UDP, "10.0.0.3", 5060)
    caller.call(Party("peer", peer, caller.endpoint, network))
    first = network.sent("INVITE")[0]
    refusal = Response(422, "Session Interval Too Small", first.headers.copy("Via", "From", "To", "Call-ID", "CSeq"))
    refusal.headers.set("To", f"{first.headers.get('To')};tag=x")
    refusal.headers.add("Min-SE", "600")
    network.inject(refusal.to_bytes(), caller, peer)
    second = network.sent("INVITE")[1]
    assert second.headers.get("Session-Expires") == "600" and second.headers.get("Min-SE") == "600"
    assert second.cseq.number == first.cseq.number + 1 and second.call_id == first.call_id
