from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.rtp.jitter import RING, AudioTimeline
from telephony.rtp.tape import MAX_HELD

SILENCE = 0xD5
QUIET = bytes([SILENCE])


def frame(number: int, size: int = 160) -> bytes:
    return bytes([number & 0x7F | 1]) * size


def timeline(now: int = 0) -> AudioTimeline:
    return AudioTimeline(SILENCE, now)


def test_packets_are_laid_down_by_timestamp_whatever_the_order() -> None:
    line = timeline()
    for number in (0, 2, 1, 4, 3):
        line.put(7, 1000 + 160 * number, frame(number), 160 * number)
    assert line.read(0, 800) == b"".join(frame(number) for number in range(5))


def test_what_never_came_is_silence_and_a_late_packet_still_fits() -> None:
    line = timeline()
    line.put(7, 0, frame(0), 0)
    line.put(7, 320, frame(2), 320)
    assert line.read(160, 320) == QUIET * 160
    assert line.read(480, 800) == QUIET * 320
    line.put(7, 160, frame(1), 900)
    assert line.read(0, 480) == frame(0) + frame(1) + frame(2)


def test_timestamps_wrap() -> None:
    line = timeline()
    for number in range(4):
        line.put(7, (2**32 - 320 + 160 * number) & 0xFFFFFFFF, frame(number), 160 * number)
    assert line.read(0, 640) == b"".join(frame(number) for number in range(4))


def test_a_new_source_is_anchored_where_it_arrives() -> None:
    line = timeline()
    line.put(7, 0, frame(1), 0)
    line.put(8, 999999, frame(2), 1600)
    assert line.read(0, 160) == frame(1)
    assert line.read(160, 1600) == QUIET * 1440
    assert line.read(1600, 1760) == frame(2)


def test_a_clock_that_jumps_is_followed_at_once_with_a_marker_and_soon_without() -> None:
    line = timeline()
    line.put(7, 0, frame(1), 0)
    line.put(7, 8_000_000, frame(2), 160, begins=True)
    assert line.read(160, 320) == frame(2)
    for number in range(12):
        line.put(7, 160 * number, frame(3), 320 + 160 * number)  # back by far, no marker
    assert line.read(320, 320 + 160 * 10) == QUIET * 1600
    assert line.read(320 + 1600, 320 + 1920) == frame(3) * 2
    assert line.dropped == 10


def test_slow_and_fast_clocks_stay_within_two_frames_for_an_hour() -> None:
    for ppm in (200, -200):
        line = timeline()
        worst = 0
        for number in range(0, 180_000):
            arrival = round(160 * number * (1 + ppm / 1e6))
            line.put(7, 160 * number & 0xFFFFFFFF, frame(1), arrival)
            if number % 20 == 19:
                end = arrival + 160
                heard = line.read(end - 3200, end)
                worst = max(worst, len(heard) - len(heard.rstrip(QUIET)))
        assert worst <= 2 * 160


def test_ranges_that_the_ring_has_left_read_as_silence() -> None:
    line = timeline()
    for number in range(200):
        line.put(7, 160 * number, frame(number), 160 * number)
    assert line.read(0, 160) == QUIET * 160
    assert line.read(160 * 199, 160 * 200) == frame(199)
    mixed = line.read(32000 - RING - 800, 32000)
    assert len(mixed) == RING + 800
    assert mixed.endswith(frame(198) + frame(199))


def test_a_flood_between_two_reads_is_bounded() -> None:
    line = timeline()
    for number in range(3000):
        line.put(7, 1400 * number, frame(number, 1400), 10)
        assert len(line.tape) <= MAX_HELD
    assert len(line.read(0, 3200)) == 3200


def test_a_change_of_codec_translates_what_is_held() -> None:
    line = timeline()
    line.put(7, 0, frame(1), 0)
    line.change_codec(bytes(255 - code for code in range(256)), 0x7F)
    assert line.read(0, 320) == bytes([255 - frame(1)[0]]) * 160 + b"\x7f" * 160


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 2**32 - 1), st.integers(1, 1400), st.integers(0, 3000), st.booleans()
        ),
        max_size=60,
    )
)
def test_any_input_leaves_a_timeline_that_reads_the_right_length(
    packets: list[tuple[int, int, int, int, bool]],
) -> None:
    line = timeline()
    now = 0
    for ssrc, timestamp, size, later, begins in packets:
        now += later
        line.put(ssrc, timestamp, frame(ssrc, size), now, begins=begins)
        assert len(line.read(max(0, now - 1600), now)) == min(now, 1600)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), st.booleans()), min_size=5, max_size=60))
def test_what_arrives_within_the_window_is_heard_whole(delays: list[tuple[int, bool]]) -> None:
    """Any jitter up to 87 ms, any loss: each packet that came is in its place, bit by bit."""
    line = timeline()
    arrivals = sorted(
        (160 * number + delay, number) for number, (delay, lost) in enumerate(delays) if not lost or number == 0
    )
    arrivals.sort(key=lambda item: (item[1] != 0, item))  # the first anchors
    base = arrivals[0][0]
    for arrival, number in arrivals:
        line.put(7, 160 * number, frame(number), arrival)
    for _, number in arrivals:
        assert line.read(base + 160 * number, base + 160 * number + 160) == frame(number)


def test_reading_takes_no_longer_with_silence_of_hours() -> None:
    line = timeline()
    line.put(7, 0, frame(1), 0)
    assert line.read(10**9, 10**9 + 160) == QUIET * 160
    assert line.tape.take() == []
