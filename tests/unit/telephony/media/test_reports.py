"""RTCP of legs in the engine, on virtual time: what goes out when, what is believed, and the quality at the end."""

import random
from collections.abc import Iterator

import pytest

from core.audio import RATE_HZ
from telephony.media import commands as c
from telephony.media.native import Clock, Flow
from telephony.media.port import Address, LegQuality, LegStats, QualityReported, Stream
from telephony.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    build_rtcp,
    parse_rtcp,
)
from tests.unit.telephony.media.engine_bench import Bench, FarEnd

SECOND = 50


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


def pair(bench: Bench) -> tuple[FarEnd, FarEnd]:
    left, right = bench.leg("a"), bench.leg("b")
    bench.engine.do(c.Bridge("a", "b"))
    return left, right


def rtcp_place(far_end: FarEnd) -> tuple[str, int]:
    return far_end.source[0], far_end.source[1] + 1


def reported(far_end: FarEnd) -> list[tuple[RtcpPacket, ...]]:
    """The compounds that went to the place of the far end's RTCP."""
    assert {destination for destination, _, _ in far_end.port.reported} <= {rtcp_place(far_end)}
    return [parse_rtcp(data) for _, data, _ in far_end.port.reported]


def answer(far_end: FarEnd, *blocks: ReportBlock, source: tuple[str, int] | None = None) -> None:
    assert far_end.port.leg is not None
    far_end.port.leg.control(build_rtcp([ReceiverReport(far_end.ssrc, blocks)]), source or rtcp_place(far_end))


def close(bench: Bench, leg: str) -> LegQuality | None:
    stats = bench.engine.do(c.Close(leg))
    assert isinstance(stats, LegStats)
    return stats.quality


def test_reports_come_about_every_five_seconds_and_tell_of_both_directions(bench: Bench) -> None:
    left, right = pair(bench)
    bench.pass_time(61 * SECOND, left, right)
    compounds = reported(left)
    assert 11 <= len(compounds) <= 24  # every 2 to 6.2 s
    assert len({data for _, data, _ in left.port.reported}) == len(compounds)
    report, description = compounds[-1]
    assert isinstance(report, SenderReport)
    assert isinstance(description, SourceDescription)
    assert report.ssrc == left.port.packets[0].ssrc == description.names[0][0]
    sent_until_then = report.packets
    assert report.octets == 160 * sent_until_then
    assert 61 * SECOND - sent_until_then < 7 * SECOND
    assert (report.rtp_timestamp - left.port.packets[sent_until_then - 1].timestamp) & 0xFFFFFFFF <= 160
    [block] = report.blocks
    assert (block.ssrc, block.lost, block.fraction_lost) == (left.ssrc, 0, 0)
    names = [one[1].names[0][1] for one in compounds if isinstance(one[1], SourceDescription)]
    assert len(set(names)) == 1
    assert len(names[0]) == 24


def test_nothing_is_said_before_the_first_packet_of_audio(bench: Bench) -> None:
    left = bench.leg("a")
    bench.pass_time(20 * SECOND)
    assert left.port.reported == []
    assert close(bench, "a") is None
    assert left.port.reported == []  # and no goodbye of someone who never was there (RFC 3550 section 6.3.7)


def test_loss_of_five_percent_is_told_and_lowers_the_score(bench: Bench) -> None:
    left, right = pair(bench)
    chance = random.Random(5)
    for _ in range(60 * SECOND):
        if chance.random() < 0.05:
            left.sequence, left.timestamp = left.sequence + 1, left.timestamp + 160
            bench.pass_time(1, right)
        else:
            bench.pass_time(1, left, right)
    blocks = [block for report, *_ in reported(left) if isinstance(report, SenderReport) for block in report.blocks]
    assert sum(block.fraction_lost for block in blocks) / len(blocks) / 256 == pytest.approx(0.05, abs=0.01)
    bad, good = close(bench, "a"), close(bench, "b")
    assert bad is not None
    assert good is not None
    assert bad.received.loss_fraction == pytest.approx(0.05, abs=0.012)
    assert bad.received.lost == 60 * SECOND - bad.received.packets
    assert 3.6 < bad.received.mos < 4.0
    assert (good.received.lost, good.received.mos) == (0, pytest.approx(4.38, abs=0.02))
    assert bad.sent is good.sent is None  # neither far end reported anything
    assert bad.round_trip_ms is None
    [*_, last] = reported(left)
    assert last[-1] == Goodbye((left.port.packets[0].ssrc,))


def test_what_the_far_end_reports_is_the_other_direction(bench: Bench) -> None:
    left, right = pair(bench)
    bench.pass_time(10 * SECOND, left, right)
    first = left.port.packets[0]
    report = reported(left)[-1][0]
    assert isinstance(report, SenderReport)
    sent_s = report.ntp / (1 << 32) - 2_208_988_800  # the engine's clock began in 1970
    since = 10.0 - sent_s - 0.120  # 120 ms on the way, there and back
    last_sr = report.ntp >> 16 & 0xFFFFFFFF
    highest = first.sequence + 10 * SECOND - 1
    block = ReportBlock(first.ssrc, 0, 25, highest, 160, last_sr, int(since * 65536))
    answer(left, block)
    quality = close(bench, "a")
    assert quality is not None
    assert quality.sent is not None
    assert (quality.sent.packets, quality.sent.lost) == (10 * SECOND, 25)
    assert quality.sent.loss_fraction == 0.05
    assert quality.sent.jitter_ms == 20.0
    assert quality.sent.mos < quality.received.mos - 0.3
    assert quality.round_trip_ms == pytest.approx(120, abs=0.2)


def test_only_the_far_end_is_believed_and_nobody_is_answered(bench: Bench) -> None:
    left, right = pair(bench)
    bench.pass_time(SECOND, left, right)
    before = len(left.port.reported)
    ssrc = left.port.packets[0].ssrc
    lie = ReportBlock(ssrc, 255, 50, left.port.packets[-1].sequence, 0)
    for _ in range(100):
        answer(left, lie, source=("203.0.113.66", rtcp_place(left)[1]))
    assert left.port.leg is not None
    left.port.leg.control(b"\x80\xc9", rtcp_place(left))
    left.port.leg.receive(build_rtcp([ReceiverReport(1, (lie,))]), left.source)  # RTP's port was not agreed on for it
    assert len(left.port.reported) == before
    assert left.port.leg.reports.refused == 102
    quality = close(bench, "a")
    assert quality is not None
    assert quality.sent is None


def test_on_one_port_both_ways_where_that_was_agreed(bench: Bench) -> None:
    left, right = pair(bench)
    stream = left.stream
    muxed = Stream(stream.remote, stream.codec, stream.payload_type, stream.event_type, rtcp_mux=True)
    bench.engine.do(c.Update("a", muxed))
    bench.pass_time(4 * SECOND, left, right)
    assert {(destination, mux) for destination, _, mux in left.port.reported} == {(left.source, True)}
    ssrc, highest = left.port.packets[0].ssrc, left.port.packets[-1].sequence
    left.port.arrive(build_rtcp([ReceiverReport(left.ssrc, (ReportBlock(ssrc, 0, 2, highest, 0),))]), left.source)
    answer(left, ReportBlock(ssrc, 0, 9, highest, 0))  # on the odd port: not agreed
    bench.pass_time(SECOND, left, right)
    assert left.port.leg is not None
    assert left.port.leg.run > 0  # the short way is open again
    assert left.port.leg.refused == 0
    quality = close(bench, "a")
    assert quality is not None
    assert quality.sent is not None
    assert quality.sent.lost == 2


def test_rtcp_goes_where_sdp_says(bench: Bench) -> None:
    left, right = pair(bench)
    stream = left.stream
    elsewhere = Stream(stream.remote, stream.codec, stream.payload_type, rtcp=Address("192.0.2.1", 7777))
    bench.engine.do(c.Update("a", elsewhere))
    bench.pass_time(4 * SECOND, left, right)
    assert {destination for destination, _, _ in left.port.reported} == {("192.0.2.1", 7777)}


def test_quality_is_told_once_and_then_when_it_changes(bench: Bench) -> None:
    left, right = pair(bench)

    def told() -> list[LegQuality]:
        return [event.quality for event in bench.events if isinstance(event, QualityReported) and event.leg == "a"]

    bench.pass_time(60 * SECOND, left, right)
    [first] = told()
    assert first.received.mos == pytest.approx(4.38, abs=0.02)
    assert 9 * SECOND < first.received.packets < 18 * SECOND
    for _ in range(30):  # a third of the packets does not come
        bench.pass_time(20, left, right)
        left.sequence, left.timestamp = left.sequence + 10, left.timestamp + 1600
        bench.pass_time(10, right)
    bench.pass_time(20 * SECOND, left, right)
    scores = [quality.received.mos for quality in told()]
    assert min(scores) < 2.5  # of those seconds alone, however good the minute before was
    assert scores[-1] == first.received.mos
    assert left.port.leg is not None
    highest = left.port.packets[-1].sequence
    lost = highest - left.port.packets[0].sequence
    answer(left, ReportBlock(left.port.packets[0].ssrc, 0, lost // 4, highest, 0))
    bench.pass_time(16 * SECOND, left, right)
    last = told()[-1]
    assert last.sent is not None
    assert last.sent.loss_fraction == pytest.approx(0.25, abs=0.001)
    assert (last.sent.mos < 3, last.received.mos) == (True, first.received.mos)
    before = len(told())
    bench.pass_time(60 * SECOND, left, right)  # nothing more is reported: there is nothing new to tell
    assert len(told()) == before
    bench.pass_time(60 * SECOND)
    assert len(told()) == before


def test_legs_of_a_worker_that_ends_say_goodbye() -> None:
    bench = Bench()
    left, right = pair(bench)
    bench.pass_time(SECOND, left, right)
    bench.engine.shut_down()
    for far_end in (left, right):
        assert isinstance(reported(far_end)[-1][-1], Goodbye)


class Ear(Flow):
    def stray(self, data: bytes) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("ratio", [1, 6])
def test_jitter_is_that_of_the_rfc(ratio: int) -> None:
    """RFC 3550 A.8, in the integers of its code, over arrivals that swing by up to 40 ms and a timestamp that wraps."""
    chance = random.Random(7)
    clock = Clock()
    flow = Ear(clock)
    flow.clock_ratio = ratio
    jitter, before = 0, None
    for number in range(500):
        clock.samples = number * 160 + chance.randrange(320)
        timestamp = (2**32 - 8000 + number * 160 * ratio) & 0xFFFFFFFF
        flow.reckon(timestamp)
        transit = clock.samples * ratio - (2**32 - 8000 + number * 160 * ratio)
        if before is not None:
            jitter += abs(transit - before) - ((jitter + 8) >> 4)
        before = transit
    assert flow.jitter == jitter
    assert flow.jitter / 16 / (RATE_HZ / 1000 * ratio) == pytest.approx(13, abs=4)
