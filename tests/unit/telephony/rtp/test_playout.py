import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media.codecs import PCMA
from telephony.rtp.arrivals import MAX_PACKETS, MAX_STRAYS
from telephony.rtp.playout import MOST_DELAY, Playout
from tests.unit.telephony.rtp.playing import AMPLITUDE, HZ, SSRC, Coming, packets, plain, play, steepest, tone

NO_CLICK = 1.35
"""A joint of two like pieces may be a little steeper than the steepest piece of the signal,"""
NO_CORNER = 6
"""and a little less round: a jump of a seventh of the amplitude would be seen."""
SECOND = 8000


def joined(playout: Playout, coming: list[Coming], ticks: int, frame: int = 160, begin: int = 0) -> np.ndarray:
    return np.concatenate(play(playout, coming, ticks, frame, begin))


def assert_smooth(heard: np.ndarray, source: np.ndarray, click: float = NO_CLICK, corner: float = NO_CORNER) -> None:
    assert steepest(heard) <= click * steepest(source)
    assert steepest(heard, 2) <= corner * steepest(source, 2)


def pitch(heard: np.ndarray) -> float:
    """The strongest frequency, by FFT."""
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.argmax(spectrum) * SECOND / len(heard))


def test_a_stream_without_faults_is_played_sample_by_sample_with_little_delay() -> None:
    rng = np.random.default_rng(1)
    source = rng.integers(-9000, 9000, 100 * 160).astype(np.int16)
    for phase in (0, 40, 119, 159):
        playout = Playout(plain)
        heard = joined(
            playout, [Coming(p.arrival + phase, p.number, p.timestamp, p.payload) for p in packets(source)], 100
        )
        begin = int(np.flatnonzero(heard)[0]) + 100
        place = int(
            np.argmax(np.correlate(source[:4000].astype(float), heard[begin : begin + 800].astype(float), "valid"))
        )
        length = len(heard) - begin
        assert np.array_equal(heard[begin:], source[place : place + length])
        assert begin + 160 - (place + 160 + phase) <= 200  # 25 ms from the arrival of a packet to its being sent on
        assert playout.concealed == playout.late == playout.stretched == 0


def test_before_the_first_packet_there_is_silence() -> None:
    playout = Playout(plain)
    assert playout.quiet
    assert not playout.take(160, 160).any()
    assert len(playout.take(400, 240)) == 240


def test_a_lost_packet_is_made_up_for_and_nothing_is_shifted() -> None:
    source = tone(100 * 160)
    whole = joined(Playout(plain), packets(source), 100)
    playout = Playout(plain)
    heard = joined(playout, packets(source, delays=[0] * 50 + [None]), 100)
    assert playout.concealed == 160
    assert_smooth(heard, source)
    assert np.array_equal(heard[60 * 160 :], whole[60 * 160 :])
    error = heard.astype(float) - whole
    assert np.sqrt(np.mean(error[45 * 160 : 60 * 160] ** 2)) < AMPLITUDE / 20


def test_order_and_doubles_do_not_matter() -> None:
    source = tone(100 * 160)
    whole = joined(Playout(plain), packets(source), 100)
    coming = packets(source)
    swapped = [
        *coming[:50],
        Coming(coming[51].arrival, 50, coming[50].timestamp, coming[50].payload),
        Coming(coming[50].arrival, 51, coming[51].timestamp, coming[51].payload),
        *coming[52:],
    ]
    playout = Playout(plain)
    heard = joined(playout, [*swapped, *swapped], 100)
    assert_smooth(heard, source)
    assert playout.concealed <= 160
    assert len(heard) == len(whole)


def test_jitter_is_learnt_and_then_nothing_is_lost() -> None:
    rng = np.random.default_rng(2)
    source = tone(1500 * 160)
    delays = [0, 0] + [int(delay) for delay in rng.integers(0, 480, 1498)]  # up to 60 ms
    playout = Playout(plain)
    learning = play(playout, packets(source, delays=delays)[:500], 500)
    before = playout.concealed
    heard = np.concatenate(learning + play(playout, packets(source, delays=delays)[500:], 1000, begin=500 * 160))
    assert 0 < before <= 4000
    assert playout.concealed - before <= 0.01 * 1000 * 160
    assert 480 <= playout.delay <= 480 + 320
    assert_smooth(heard, source)


def test_the_delay_falls_when_the_jitter_is_over() -> None:
    rng = np.random.default_rng(3)
    delays = [int(delay) for delay in rng.integers(0, 640, 400)]
    source = tone(2000 * 160)
    playout = Playout(plain)
    heard = joined(playout, packets(source, delays=delays), 2000)
    assert playout.delay <= 200
    assert playout.stretched > 3
    assert_smooth(heard, source)


@pytest.mark.parametrize("size", [80, 160, 240, 320, 400, 480])
def test_any_ptime(size: int) -> None:
    source = tone(240_000)
    playout = Playout(plain)
    heard = joined(playout, packets(source, size), 1400)
    assert_smooth(heard, source)
    assert playout.concealed <= 2 * size
    assert playout.delay <= 320
    assert abs(pitch(heard[8000:16000]) - HZ) <= 1


def test_ptime_may_change() -> None:
    source = tone(3 * 48000)
    coming, at = [], 0
    for size in (160, 480, 80, 240, 320):
        for _ in range(20000 // size):
            coming.append(Coming(at + size, len(coming), at, source[at : at + size].tobytes()))
            at += size
    playout = Playout(plain)
    heard = joined(playout, coming, at // 160)
    assert_smooth(heard, source)
    assert playout.concealed <= 1200


@pytest.mark.parametrize("ppm", [200, -200])
def test_an_hour_of_a_clock_that_runs_wrong_makes_no_click_and_no_delay(ppm: int) -> None:
    """The far end's clock is fast or slow by 200 millionths: 0.72 s an hour."""
    size = 480
    period = tone(size * 5, 710 / 3).tobytes()
    count = 3600 * SECOND // size
    playout = Playout(plain)
    limit = NO_CLICK * steepest(tone(800, 710 / 3))
    worst_delay = steepest_step = 0
    last = 0
    frames: list[np.ndarray] = []
    pending = 0
    for tick in range(count):
        now = (tick + 1) * size
        while (arrival := round((pending + 1) * size * (1 - ppm / 1e6))) <= now:
            at = pending % 5 * 2 * size
            playout.put(SSRC, pending * size & 0xFFFFFFFF, period[at : at + 2 * size], arrival)
            pending += 1
        frames.append(playout.take(now, size))
        if tick > 100:
            worst_delay = max(worst_delay, playout.delay)
        if len(frames) == 1000:
            heard = np.concatenate(frames)
            steepest_step = max(steepest_step, steepest(heard), abs(int(heard[0]) - last))
            last = int(heard[-1])
            frames = []
    assert steepest_step <= limit
    assert worst_delay < 640  # 80 ms
    assert playout.concealed <= 4 * size
    assert 20 <= playout.stretched <= 400


def test_a_new_source_is_heard_without_a_click() -> None:
    first, second = tone(50 * 160, 187), tone(50 * 160, 290)
    coming = packets(first) + [
        Coming(50 * 160 + p.arrival, 50 + p.number, p.timestamp + 0x7654321, p.payload, ssrc=99)
        for p in packets(second)
    ]
    playout = Playout(plain)
    heard = joined(playout, coming, 100)
    assert_smooth(heard, second)
    assert abs(pitch(heard[2000:6000]) - 187) <= 2
    assert abs(pitch(heard[10000:14000]) - 290) <= 2
    assert playout.concealed <= 160
    assert playout.delay <= 360


@pytest.mark.parametrize("jump", [0x50000000, -0x50000000, 16000, -16000])
@pytest.mark.parametrize("marked", [True, False])
def test_a_timestamp_that_jumps_is_followed(jump: int, marked: bool) -> None:
    source = tone(200 * 160)
    coming = [
        p if p.number < 100 else
        Coming(p.arrival, p.number, p.timestamp + jump & 0xFFFFFFFF, p.payload, begins=marked and p.number == 100)
        for p in packets(source)
    ]  # fmt: skip
    playout = Playout(plain)
    heard = joined(playout, coming, 200)
    assert_smooth(heard, source)
    assert playout.concealed <= (160 if marked else 640)
    assert playout.delay <= 800
    assert np.abs(heard[-3200:]).max() > 0.9 * AMPLITUDE


@pytest.mark.parametrize("advances", [True, False])
def test_pauses_without_packets(advances: bool) -> None:
    """DTX: 0.5 s of sound, 0.5 s of nothing; some far ends forget to let their timestamps go on meanwhile."""
    source = tone(4000)
    coming, timestamp = [], 0
    for spurt in range(6):
        for packet in packets(source, first=timestamp):
            coming.append(
                Coming(spurt * 8000 + packet.arrival, len(coming), packet.timestamp, packet.payload, packet.number == 0)
            )
        timestamp += 8000 if advances else 4000
    playout = Playout(plain)
    heard = joined(playout, coming, 310)
    assert_smooth(heard, source)
    for spurt in range(6):
        said = heard[spurt * 8000 + 800 : spurt * 8000 + 3600]
        pause = heard[spurt * 8000 + 5400 : spurt * 8000 + 7900]
        assert np.sqrt(np.mean(said.astype(float) ** 2)) > 0.6 * AMPLITUDE
        assert not pause.any()
    assert playout.delay <= 360


def test_comfort_noise_fills_a_pause_at_its_level() -> None:
    source = tone(4000)
    coming = packets(source)
    coming.append(Coming(4100, 90, 1000 + 4000, bytes([50]), comfort=True))
    coming += [Coming(p.arrival + 24000, p.number + 100, p.timestamp + 24000, p.payload) for p in packets(source)]
    playout = Playout(plain)
    heard = joined(playout, coming, 176)
    assert_smooth(heard, source)
    assert playout.concealed <= 160
    noise = heard[5000:23500].astype(float)
    level = 20 * np.log10(np.sqrt(np.mean(noise**2)) / 32768)
    assert abs(level + 50) < 1
    back = heard[25000:27800].astype(float)
    assert np.sqrt(np.mean(back**2)) > 0.65 * AMPLITUDE


def test_a_stall_of_the_engine_is_made_up_for_at_once() -> None:
    source = tone(400 * 160)
    playout = Playout(plain)
    coming = packets(source)
    first = play(playout, coming[:100], 100)
    for packet in coming[100:150]:
        playout.put(SSRC, packet.timestamp, packet.payload, 150 * 160)  # all read at once after the stall
    then = play(playout, coming[150:], 250, begin=150 * 160)
    heard = np.concatenate(first + then)
    assert_smooth(heard, source)
    assert playout.delay <= MOST_DELAY


def test_a_change_of_codec_goes_on_without_a_gap() -> None:
    source = tone(100 * 160)
    coming = packets(source)
    playout = Playout(plain)
    frames = play(playout, coming[:50], 50)
    playout.change_codec(PCMA.decode)
    encoded = [
        Coming(p.arrival, p.number, p.timestamp, PCMA.encode(np.frombuffer(p.payload, np.int16))) for p in coming
    ]
    frames += play(playout, encoded[50:], 50, begin=8000)
    heard = np.concatenate(frames)
    assert_smooth(heard, source)
    assert playout.concealed <= 320
    playout.change_codec(plain, 48000)
    for number in range(20):
        playout.put(SSRC, 960 * number, source[160 * number : 160 * number + 160].tobytes(), 16000 + 160 * number)
        frames.append(playout.take(16160 + 160 * number))
    assert_smooth(np.concatenate(frames), source)
    assert np.abs(frames[-1]).max() > 0.9 * AMPLITUDE


def test_what_cannot_be_decoded_is_lost_and_no_more() -> None:
    source = tone(60 * 160)
    coming = [Coming(p.arrival, p.number, p.timestamp, b"x" if p.number == 30 else p.payload) for p in packets(source)]
    playout = Playout(plain)
    assert_smooth(joined(playout, coming, 60), source)
    assert playout.concealed == 160


def test_a_flood_is_bounded() -> None:
    playout = Playout(plain)
    for number in range(20_000):
        playout.put(SSRC, number * 7 & 0xFFFFFFFF, b"ab" * 700, 10)
    assert playout.held <= MAX_PACKETS + MAX_STRAYS
    assert len(playout.take(160)) == 160
    for number in range(2000):
        playout.put(number, number * 0x1234567 & 0xFFFFFFFF, b"", 10 + number)
    assert len(playout.take(320)) == 160
    assert playout.held <= MAX_PACKETS + MAX_STRAYS


network = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from(["", "", "", "", "", "", "lost", "twice", "lost"])),
    min_size=10,
    max_size=120,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(network, st.sampled_from([80, 160, 240, 320, 480]), st.sampled_from([160, 160, 80, 320]), st.integers(0, 159))
def test_whatever_the_network_does_there_is_no_click(
    fates: list[tuple[int, str]], size: int, frame: int, phase: int
) -> None:
    source = tone(len(fates) * size)
    coming = []
    for packet, (delay, fate) in zip(packets(source, size), fates, strict=True):
        came = Coming(packet.arrival + phase + delay, packet.number, packet.timestamp, packet.payload)
        coming += [came] * {"": 1, "lost": 0, "twice": 2}[fate]
    playout = Playout(plain)
    frames = play(playout, coming, len(source) // frame + 20, frame)
    assert all(len(made) == frame for made in frames)
    # Losses beside losses leave little to go on from. A jump of the whole amplitude would be six times the slope.
    assert_smooth(np.concatenate(frames), source, click=1.8, corner=12)
    assert playout.delay <= MOST_DELAY
    assert playout.held <= MAX_PACKETS + MAX_STRAYS


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 2**32 - 1) | st.integers(0, 5000),
            st.binary(max_size=20) | st.sampled_from([b"ab" * 80, b"cd" * 700, b"efg"]),
            st.integers(0, 3000),
            st.booleans(),
        ),
        max_size=60,
    ),
    st.sampled_from([80, 160, 480]),
)
def test_any_input_gives_frames_of_the_right_length(
    coming: list[tuple[int, int, bytes, int, bool]], frame: int
) -> None:
    playout = Playout(plain)
    now = tick = 0
    for ssrc, timestamp, payload, later, begins in coming:
        now += later
        if begins and payload:
            playout.put_comfort(ssrc, timestamp, payload, now)
        else:
            playout.put(ssrc, timestamp, payload, now, begins=begins)
        while tick + frame <= now:
            tick += frame
            assert len(playout.take(tick, frame)) == frame
    assert len(playout.take(tick + frame, frame)) == frame
