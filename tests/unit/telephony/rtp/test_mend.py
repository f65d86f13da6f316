"""Recordings and taps: losses in a timeline are made up for, and a clock that runs wrong is followed without clicks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import Pcm
from telephony.media.codecs import PCMA
from telephony.rtp.jitter import AudioTimeline
from telephony.rtp.mend import between
from tests.unit.telephony.rtp.playing import AMPLITUDE, steepest, tone

NO_CLICK = 1.6
"""A-law has its own steps. A click is up to twice the amplitude, which is twelve times the steepest slope."""


def timeline() -> AudioTimeline:
    return AudioTimeline(PCMA.silence, 0, None, PCMA)


def heard(line: AudioTimeline, start: int, end: int) -> Pcm:
    return PCMA.decode(line.read(start, end))


def coming(line: AudioTimeline, source: Pcm, lost: set[int], begins: frozenset[int] = frozenset()) -> Pcm:
    """Packets without jitter; what a reader 200 ms behind the present gets."""
    pieces = []
    encoded = PCMA.encode(source)
    for number in range(len(source) // 160):
        if number not in lost:
            packet = encoded[number * 160 : number * 160 + 160]
            line.put(7, number * 160, packet, number * 160, begins=number in begins)
        if number % 20 == 19 and number >= 39:
            pieces.append(heard(line, (number - 39) * 160, (number - 19) * 160))
    return np.concatenate(pieces)


@pytest.mark.parametrize("lost", [{50}, {50, 51}, {50, 51, 52}, {40, 42, 44, 59, 60, 79}])
def test_short_losses_are_made_up_for_and_real_sound_is_untouched(lost: set[int]) -> None:
    source = tone(120 * 160)
    got = coming(timeline(), source, lost)
    whole = PCMA.decode(PCMA.encode(source))[: len(got)]
    assert steepest(got) <= NO_CLICK * steepest(source)
    for number in range(100):
        piece = slice(number * 160, number * 160 + 160)
        if number not in lost:
            assert np.array_equal(got[piece], whole[piece])
        else:
            error = got[piece].astype(float) - whole[piece]
            assert np.sqrt(np.mean(error**2)) < AMPLITUDE / 3


def test_a_long_loss_is_silent_in_its_middle_and_a_pause_altogether() -> None:
    source = tone(200 * 160)
    got = coming(timeline(), source, set(range(50, 65)))
    assert np.abs(got[57 * 160 : 58 * 160]).max() <= 8  # A-law has no zero
    assert np.abs(got[50 * 160 : 50 * 160 + 40]).max() > AMPLITUDE / 2
    assert steepest(got) <= NO_CLICK * steepest(source)
    got = coming(timeline(), source, set(range(50, 65)), begins=frozenset({65}))
    assert np.abs(got[50 * 160 : 65 * 160]).max() <= 8


def test_a_packet_that_comes_after_its_place_was_mended_is_heard_by_later_readers() -> None:
    line = timeline()
    encoded = PCMA.encode(tone(20 * 160))
    for number in range(20):
        if number != 10:
            line.put(7, number * 160, encoded[number * 160 : number * 160 + 160], number * 160)
    made = line.read(10 * 160, 11 * 160)
    assert made != encoded[1600:1760]
    line.put(7, 1600, encoded[1600:1760], 3200)
    assert line.read(0, 3200) == encoded


def test_the_end_of_a_talk_and_its_beginning_make_no_echo() -> None:
    line = timeline()
    encoded = PCMA.encode(tone(10 * 160))
    for number in range(10):
        line.put(7, number * 160, encoded[number * 160 : number * 160 + 160], number * 160)
    assert line.read(1600, 3000) == bytes([PCMA.silence]) * 1400
    line.put(7, 3200, encoded[:160], 3200)  # a pause without a marker bit, read up to near its end
    assert line.read(3000, 3360) == bytes([PCMA.silence]) * 200 + encoded[:160]


@pytest.mark.parametrize("ppm", [200, -200])
def test_an_hour_of_a_wrong_clock_is_followed_without_a_click(ppm: int) -> None:
    size = 480
    period = PCMA.encode(tone(size * 5, 710 / 3))
    limit = NO_CLICK * steepest(tone(800, 710 / 3))
    line = timeline()
    worst = behind = 0
    for number in range(3600 * 8000 // size):
        arrival = round(number * size * (1 + ppm / 1e6))
        at = number % 5 * size
        line.put(7, number * size & 0xFFFFFFFF, period[at : at + size], arrival)
        if number % 16 == 15 and arrival > 8000:
            end = arrival - 1600
            if behind:
                got = heard(line, behind - 1, end)
                worst = max(worst, steepest(got))
            behind = end
    assert worst <= limit


@pytest.mark.parametrize("ppm", [200, -200])
def test_every_packet_of_an_hour_is_within_a_packet_of_where_it_arrived(ppm: int) -> None:
    size = 480
    quiet, loud = bytes([PCMA.silence]) * size, PCMA.encode(tone(size, 1000))
    line = timeline()
    errors = []
    arrivals: list[int] = []
    for number in range(3600 * 8000 // size):
        arrival = round(number * size * (1 + ppm / 1e6))
        marked = number % 100 == 50
        line.put(7, number * size & 0xFFFFFFFF, loud if marked else quiet, arrival)
        if marked:
            arrivals.append(arrival)
        if number % 100 == 60:
            begin = arrivals[-1] - 800
            found = np.flatnonzero(np.abs(heard(line, begin, begin + 2000)) > 1000)
            errors.append(begin + int(found[0]) - arrivals[-1])
    assert max(abs(error) for error in errors) < 160
    assert len(errors) == 600


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["", "", "", "lost", "begins"])), min_size=5, max_size=80),
    st.integers(1, 12),
)
def test_any_pattern_reads_whole_and_no_louder_than_it_was(fates: list[tuple[int, str]], every: int) -> None:
    source = tone(len(fates) * 160)
    encoded = PCMA.encode(source)
    line = timeline()
    arrivals = sorted((n * 160 + delay, n, fate) for n, (delay, fate) in enumerate(fates) if fate != "lost")
    pieces = []
    taken = 0
    for count, (arrival, n, fate) in enumerate(arrivals):
        line.put(7, n * 160, encoded[n * 160 : n * 160 + 160], arrival, begins=fate == "begins")
        if count % every == 0 and arrival - 1600 > taken:
            pieces.append(heard(line, taken, arrival - 1600))
            assert len(pieces[-1]) == arrival - 1600 - taken
            taken = arrival - 1600
    pieces.append(heard(line, taken, len(source) + 1600))
    got = np.concatenate(pieces)
    assert len(got) == len(source) + 1600
    assert np.abs(got.astype(int)).max() <= 1.3 * AMPLITUDE


def test_a_hole_between_two_tones_is_filled_from_both() -> None:
    before, after = tone(400, 200), tone(400, 400)
    made = between(before, after, 320)
    whole = np.concatenate((before, made, after))
    assert steepest(whole) <= 1.3 * steepest(after)
    level = [np.sqrt(np.mean(made[at : at + 80].astype(float) ** 2)) for at in (0, 120, 240)]
    assert level[0] > AMPLITUDE / 2 and level[2] > AMPLITUDE / 2
    assert len(between(before, after[:50], 160)) == 160
    assert steepest(np.concatenate((before, between(before, before[:50], 160), before))) < 3000
    assert len(between(before[:0], after[:0], 160)) == 160
