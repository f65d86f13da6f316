import pytest

from telephony.rtp.reception import Reception
from telephony.rtp.sequence import SequenceCounter


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
    reception = Reception(counts, 48000)
    reception.jitter = 96.0
    assert reception.jitter_ms == 2.0
    for number, jitter in ((1, 0.0), (2, 480.9)):
        counts.take(1, number)
        reception.jitter = jitter
        block = reception.block()
    assert block is not None
    assert block.jitter == 480
    assert reception.jitter_ms == pytest.approx(480.9 / 48 / 2)
