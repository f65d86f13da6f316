import random

import pytest

from telephony.rtp.reception import JitterMeter, Reception
from telephony.rtp.sequence import SequenceCounter


def straight(transits: list[int]) -> float:
    """The lines of RFC 3550 A.8, word for word, in floating point."""
    jitter, before = 0.0, transits[0]
    for transit in transits[1:]:
        jitter += (1.0 / 16.0) * (abs(transit - before) - jitter)
        before = transit
    return jitter


def test_jitter_is_that_of_the_rfc_packet_by_packet_and_in_batches() -> None:
    chance = random.Random(7)
    transits = [chance.randrange(160) for _ in range(500)]
    one, many = JitterMeter(), JitterMeter()
    for transit in transits:
        one.take(transit)
    for start in range(0, 500, 60):
        many.take_all(transits[start : start + 60])
    assert one.jitter == pytest.approx(straight(transits))
    assert many.jitter == pytest.approx(one.jitter)


def test_of_a_long_batch_the_newest_are_enough() -> None:
    chance = random.Random(8)
    transits = [chance.randrange(160) for _ in range(2000)]
    meter = JitterMeter()
    meter.take_all(transits)
    assert meter.jitter == pytest.approx(straight(transits), rel=0.01)


def test_jitter_over_the_wrap_of_the_timestamp() -> None:
    meter = JitterMeter()
    meter.take_all([(7 - 160 * packet) & 0xFFFFFFFF for packet in range(3)] + [7 - (1 << 32) - 3 * 160])
    assert meter.jitter == pytest.approx(straight([0, 160, 320, 480]))


def test_a_restart_is_no_jitter() -> None:
    meter = JitterMeter()
    meter.take_all([0, 0, 0])
    meter.restart()
    meter.take_all([99999, 99999])
    assert meter.jitter == 0.0


def test_a_constant_rate_has_no_jitter_and_a_swing_of_10_ms_has_10() -> None:
    reception = Reception(SequenceCounter())
    reception.meter.take_all([500] * 100)
    assert reception.jitter_ms == 0.0
    reception.meter.take_all([500 + 80 * (packet % 2) for packet in range(128)])
    assert reception.jitter_ms == pytest.approx(10.0, abs=0.01)
    wide = Reception(SequenceCounter(), 48000)
    wide.meter.take_all([480 * (packet % 2) for packet in range(128)])
    assert wide.jitter_ms == pytest.approx(10.0, abs=0.01)


def test_a_report_tells_the_loss_since_the_last_one_and_in_all() -> None:
    counts = SequenceCounter()
    reception = Reception(counts)
    assert reception.block() is None
    for number in range(65500, 65600):
        if number % 4:
            counts.take(9, number & 0xFFFF)
    first = reception.block(5, 6)
    assert first is not None
    assert (first.ssrc, first.last_sr, first.since_last_sr) == (9, 5, 6)
    assert first.lost == 24  # 65500 itself was never known
    assert first.fraction_lost == 256 * 24 // 99
    assert first.highest == 65599  # one cycle: 1 << 16 | 63
    assert reception.block() is None  # nothing new
    for number in range(65600, 65700):
        counts.take(9, number & 0xFFFF)
    second = reception.block()
    assert second is not None
    assert (second.fraction_lost, second.lost, second.highest) == (0, 24, 65699)
    assert reception.loss == pytest.approx(24 / 199)
    assert counts.bursts == 24


def test_a_new_source_counts_from_its_own_beginning() -> None:
    counts = SequenceCounter()
    reception = Reception(counts)
    for number in (1, 2, 5):
        counts.take(1, number)
    reception.block()
    for number in (40000, 40001, 40003):
        counts.take(2, number)
    block = reception.block()
    assert block is not None
    assert (block.ssrc, block.lost, block.highest, block.fraction_lost) == (2, 1, 40003, 64)
    assert counts.lost == 3


def test_late_packets_are_not_a_negative_loss() -> None:
    counts = SequenceCounter()
    reception = Reception(counts)
    for number in (1, 5):
        counts.take(1, number)
    assert reception.block().lost == 3  # type: ignore[union-attr]
    for number in (2, 3, 4, 6):
        counts.take(1, number)
    block = reception.block()
    assert block is not None
    assert (block.lost, block.fraction_lost) == (0, 0)


def test_the_mean_jitter_is_over_the_reports() -> None:
    counts = SequenceCounter()
    reception = Reception(counts)
    for number, swing in ((1, 0), (2, 80)):
        counts.take(1, number)
        reception.meter.take_all([swing * (packet % 2) for packet in range(300)])
        reception.block()
    assert reception.mean_jitter_ms == pytest.approx(5.0, abs=0.05)
