from hypothesis import given, settings
from hypothesis import strategies as st

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
    assert [made.offer(moved, 1, sequence, 2.5) for sequence in (2, 3, 4)] == [False, False, True]
    assert made.locked == moved


def test_one_packet_in_a_pause_moves_nothing() -> None:
    made = latch()
    for sequence in (1, 2, 3):
        made.offer(NAT, 1, sequence, 0.02)
    assert not made.offer(STRANGER, 1, 4, 2.5)  # somebody guessed the source
    assert not made.offer(STRANGER, 1, 900, 2.6)
    assert not made.offer(STRANGER, 2, 901, 2.7)
    assert made.offer(NAT, 1, 4, 3.0)
    assert not made.offer(STRANGER, 1, 902, 0.02)
    assert made.locked == NAT


def test_the_host_of_sdp_drives_out_a_stray_stream_from_elsewhere_on_any_port() -> None:
    made = latch()
    for sequence in (1, 2, 3):
        made.offer(STRANGER, 9, sequence, 0.02)
    port = (SDP[0], 50000)
    answers = []
    for sequence in (1, 2, 3):
        answers.append(made.offer(port, 1, sequence, 0.02))
        made.offer(STRANGER, 9, 3 + sequence, 0.02)
    assert answers == [False, False, True]
    assert made.locked == port
    assert not made.offer(STRANGER, 9, 7, 0.02)
    other = (SDP[0], 50002)
    assert not any(made.offer(other, 2, sequence, 0.02) for sequence in range(1, 9))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.integers(0, 65535)), max_size=80),
    st.integers(0, 60),
)
def test_no_flood_of_strangers_moves_a_stream_that_flows(attack: list[tuple[int, int, int]], begin: int) -> None:
    """Strangers of every source and number, between the packets of a phone behind NAT that is locked."""
    made = latch()
    for sequence in (1, 2, 3):
        assert made.offer(NAT, 1, sequence, 0.02)
    for count, (place, ssrc, number) in enumerate(attack):
        if count >= begin or count % 3 == 0:
            assert made.offer(NAT, 1, 4 + count, 0.02)
        assert not made.offer(("203.0.113.66", 7000 + place), ssrc, number, 0.01)
    assert made.locked == NAT


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
