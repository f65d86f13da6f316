from telephony.rtp.latch import SourceLatch

SDP = ("192.0.2.1", 4000)
NAT = ("198.51.100.7", 61000)
STRANGER = ("203.0.113.9", 9)


def latch() -> SourceLatch:
    made = SourceLatch()
    made.expect(SDP)
    return made


def test_the_place_of_sdp_locks_at_once() -> None:
    made = latch()
    assert made.offer(SDP, 1, 1, 0.0)
    assert made.locked == SDP


def test_another_place_locks_after_three_packets_in_a_row() -> None:
    made = latch()
    for sequence in (1, 2):
        assert made.offer(NAT, 1, sequence, 0.02)
        assert made.locked is None
    assert made.offer(NAT, 1, 3, 0.02)
    assert made.locked == NAT


def test_packets_that_do_not_follow_each_other_do_not_lock() -> None:
    made = latch()
    for sequence in (1, 500, 900, 2):
        made.offer(NAT, 1, sequence, 0.02)
    assert made.locked is None


def test_strangers_are_refused_before_and_after_the_lock() -> None:
    made = latch()
    assert made.offer(NAT, 1, 1, 0.0)
    assert not made.offer(STRANGER, 2, 1, 0.02)
    made.offer(NAT, 1, 2, 0.02)
    made.offer(NAT, 1, 3, 0.02)
    assert not made.offer(STRANGER, 2, 2, 5.0)
    assert not made.offer(STRANGER, 1, 4, 0.02)
    assert made.offer(NAT, 1, 4, 0.02)


def test_a_nat_that_forgot_its_binding_is_followed_when_the_stream_goes_on() -> None:
    made = latch()
    made.offer(SDP, 1, 1, 0.0)
    moved = ("198.51.100.7", 61001)
    for sequence in (2, 3, 4):
        assert made.offer(moved, 1, sequence, 2.5 if sequence == 2 else 0.02)
    assert made.locked == moved


def test_new_sdp_learns_again_the_same_sdp_does_not() -> None:
    made = latch()
    made.offer(SDP, 1, 1, 0.0)
    made.expect(SDP)
    assert made.locked == SDP
    made.expect(NAT)
    assert made.locked is None
    assert made.offer(NAT, 1, 2, 0.02)
    assert made.locked == NAT


def test_the_place_of_sdp_drives_out_a_stray_stream_that_was_there_first() -> None:
    made = latch()
    for sequence in (1, 2, 3):
        made.offer(STRANGER, 9, sequence, 0.02)
    assert made.locked == STRANGER
    assert made.offer(SDP, 1, 1, 0.02)
    assert made.locked == SDP
    assert not made.offer(STRANGER, 9, 4, 0.02)
