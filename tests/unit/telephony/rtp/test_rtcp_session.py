import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.rtp.reception import Reception
from telephony.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    SourceDescription,
    build_rtcp,
    parse_rtcp,
)
from telephony.rtp.rtcp_place import RtcpPlace
from telephony.rtp.rtcp_session import NTP_SECOND, RtcpSession, Sending
from telephony.rtp.sequence import SequenceCounter

OURS, THEIRS = 0xAAAA, 0xBBBB


def ntp(now_s: float) -> int:
    return int((3_900_000_000 + now_s) * NTP_SECOND)


def session(now_s: float = 0.0, chance: float = 0.5) -> RtcpSession:
    return RtcpSession("leg@host", now_s, lambda: chance)


def sending(packets: int, sequence: int = 100) -> Sending:
    return Sending(OURS, packets, packets * 160, packets * 160, sequence)


def reception(*numbers: int) -> Reception:
    counts = SequenceCounter()
    for number in numbers:
        counts.take(THEIRS, number)
    return Reception(counts)


def test_reports_come_every_five_seconds_give_or_take_and_the_first_sooner() -> None:
    for chance, first, then in ((0.0, 1.026, 2.052), (0.5, 2.052, 4.104), (0.999999, 3.078, 6.156)):
        item = session(10.0, chance)
        assert item.due_s == pytest.approx(10 + first, abs=0.01)
        item.report(20.0, ntp(20), sending(1), reception())
        assert item.due_s == pytest.approx(20 + then, abs=0.01)


def test_who_sends_says_what_it_sent_and_what_it_heard() -> None:
    data = session().report(5.0, ntp(5), sending(250), reception(7, 8, 10))
    assert parse_rtcp(data) == (
        SenderReport(OURS, ntp(5), 40000, 250, 40000, (ReportBlock(THEIRS, 64, 1, 10, 0),)),
        SourceDescription(((OURS, "leg@host"),)),
    )


def test_who_has_sent_nothing_lately_sends_a_receiver_report() -> None:
    item = session()
    item.report(5.0, ntp(5), sending(250), reception(7))
    assert parse_rtcp(item.report(10.0, ntp(10), sending(250), reception()))[0] == ReceiverReport(OURS)


def test_the_end_says_goodbye() -> None:
    packets = parse_rtcp(session().goodbye(5.0, ntp(5), sending(250), reception(7)))
    assert isinstance(packets[0], SenderReport)
    assert packets[-1] == Goodbye((OURS,))


@settings(max_examples=60)
@given(st.floats(0, 2), st.floats(0, 30), st.floats(0, 5))
def test_two_sessions_measure_the_round_trip_between_them(there_s: float, waits_s: float, back_s: float) -> None:
    near, far = session(), session()
    now = 100.0
    report = near.report(now, ntp(now), sending(10), reception(1))
    now += there_s
    far_sending = Sending(THEIRS, 9, 99, 99, 1)
    assert far.receive(report, now, ntp(now) + 77 * NTP_SECOND, far_sending, OURS)
    now += waits_s
    heard = Reception(SequenceCounter())
    heard.counts.take(OURS, 100)
    answer = far.report(now, ntp(now) + 77 * NTP_SECOND, far_sending, heard)
    now += back_s
    assert near.receive(answer, now, ntp(now), sending(10), THEIRS)
    assert near.round_trip_s == pytest.approx(there_s + back_s, abs=0.0001)
    assert near.mean_round_trip_s == near.round_trip_s


def block(**changes: int) -> ReportBlock:
    values = {"ssrc": OURS, "fraction_lost": 0, "lost": 0, "highest": 100, "jitter": 0} | changes
    return ReportBlock(**values)


def test_losses_that_the_far_end_reports() -> None:
    item = session()
    compound = build_rtcp([ReceiverReport(THEIRS, (block(ssrc=1), block(lost=5, highest=199, jitter=80)))])
    assert item.far is None
    assert item.receive(compound, 5.0, ntp(5), sending(100), THEIRS)
    assert item.far is not None
    assert (item.far.expected, item.far.lost, item.far.jitter_ms) == (100, 5, 10.0)
    item.clock_hz = 48000  # Opus from now on
    item.receive(compound, 10.0, ntp(10), sending(100), THEIRS)
    assert item.mean_far_jitter_ms == pytest.approx((80 / 8 + 80 / 48) / 2)
    assert item.far.loss == pytest.approx(0.05)
    assert item.round_trip_s is None


def test_reports_over_the_wrap_and_from_who_counts_otherwise() -> None:
    item = session()
    start = sending(100, sequence=65500)
    item.receive(build_rtcp([ReceiverReport(THEIRS, (block(lost=5, highest=65599),))]), 5.0, ntp(5), start, THEIRS)
    assert item.far is not None
    assert item.far.expected == 100
    item.receive(build_rtcp([ReceiverReport(THEIRS, (block(lost=200, highest=63),))]), 5.0, ntp(5), start, THEIRS)
    assert (item.far.expected, item.far.lost) == (100, 100)
    item.receive(build_rtcp([ReceiverReport(THEIRS, (block(lost=-3, highest=65599),))]), 5.0, ntp(5), start, THEIRS)
    assert item.far.loss == 0.0


def test_a_round_trip_that_cannot_be_is_not_believed() -> None:
    item = session()
    long_ago = ntp(100 - 3600) >> 16 & 0xFFFFFFFF
    for last_sr, since in ((long_ago, 0), (1, 1), ((ntp(50) >> 16) & 0xFFFFFFFF, 0)):
        compound = build_rtcp([ReceiverReport(THEIRS, (block(last_sr=last_sr, since_last_sr=since),))])
        item.receive(compound, 100.0, ntp(100), sending(100), THEIRS)
    assert item.round_trip_s is None
    just_now = (ntp(100) >> 16) & 0xFFFFFFFF
    compound = build_rtcp([ReceiverReport(THEIRS, (block(last_sr=just_now, since_last_sr=3),))])
    item.receive(compound, 100.0, ntp(100), sending(100), THEIRS)
    assert item.round_trip_s == 0.0  # a far end whose clock rounds up


def test_goodbye_of_the_source_that_is_heard_is_noted_until_it_reports_again() -> None:
    item = session()
    item.receive(build_rtcp([Goodbye((5,))]), 1.0, ntp(1), sending(1), THEIRS)
    assert not item.departed
    item.receive(build_rtcp([Goodbye((5, THEIRS))]), 1.0, ntp(1), sending(1), THEIRS)
    assert item.departed
    item.receive(build_rtcp([SenderReport(6, 1, 1, 1, 1)]), 1.0, ntp(1), sending(1), THEIRS)
    assert not item.departed


def test_what_is_no_rtcp_is_counted_and_changes_nothing() -> None:
    item = session()
    due = item.due_s
    assert not item.receive(b"hello", 1.0, ntp(1), sending(1), THEIRS)
    assert item.refused == 1
    assert item.due_s == due
    assert item.far is None


PHONE, NAT = ("10.0.0.2", 4000), ("198.51.100.7", 9000)


def test_rtcp_goes_to_the_port_after_rtp_or_where_sdp_says() -> None:
    place = RtcpPlace()
    assert place.destination is None
    place.expect(PHONE, None, muxed=False)
    assert place.destination == ("10.0.0.2", 4001)
    place.expect(PHONE, ("10.0.0.3", 5000), muxed=False)
    assert place.destination == ("10.0.0.3", 5000)
    place.expect(PHONE, None, muxed=True)
    assert place.destination == PHONE
    place.expect(("10.0.0.2", 65535), None, muxed=False)
    assert place.destination is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
@pytest.mark.parametrize("muxed", [False, True])
def test_security_a_hold_by_address_has_no_rtcp_sent_to_this_machine(host: str, muxed: bool) -> None:
    place = RtcpPlace()
    place.expect(PHONE, None, muxed=False)
    place.expect((host, 52), None, muxed=muxed)
    assert place.destination is None


def test_behind_nat_the_host_of_rtp_is_believed_and_the_port_learnt() -> None:
    place = RtcpPlace()
    place.expect(PHONE, None, muxed=False)
    assert place.accepts(("10.0.0.2", 4001))
    assert not place.accepts((NAT[0], 1234))
    place.rtp_comes_from(NAT)
    assert place.destination == (NAT[0], 9001)
    assert place.accepts((NAT[0], 1234))
    place.heard((NAT[0], 1234))
    assert place.destination == (NAT[0], 1234)
    assert not place.accepts((NAT[0], 1235))
    assert not place.accepts(("203.0.113.1", 1234))
    place.expect(PHONE, None, muxed=False)  # a re-INVITE that changes nothing
    assert place.destination == (NAT[0], 1234)
    place.rtp_comes_from(("198.51.100.8", 9000))  # it has moved
    assert place.accepts(("198.51.100.8", 77))


def test_on_one_port_only_the_place_of_rtp_counts() -> None:
    place = RtcpPlace()
    place.expect(PHONE, None, muxed=True)
    assert place.accepts(PHONE)
    place.rtp_comes_from(NAT)
    assert place.destination == NAT
    assert place.accepts(NAT)
    assert not place.accepts(PHONE)
    assert not place.accepts((NAT[0], 9001))
