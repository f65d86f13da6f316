"""The pulse of phones: who answers, who never did, who has stopped."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.phone_pulse import AGAIN_S, AT_ONCE, TABLE, WAIT_S, Heard, PhonePulse, PhonePulses, Pulse
from telephony.sip.hop import Hop
from telephony.sip.transport import CONNECT_S

EVERY_S = 30.0
A, S, U = Heard.ANSWER, Heard.SILENCE, Heard.UNREACHABLE


def key(place: int) -> tuple[str, str, Hop]:
    host = f"10.0.{place // 250}.{place % 250}"
    return "101", f"sip:101@{host}", Hop("UDP", host, 5060)


def test_the_table_is_whole() -> None:
    assert set(TABLE) == {(pulse, heard) for pulse in Pulse for heard in Heard}


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ((), Pulse.NEW),
        ((S, S, S, S), Pulse.MUTE),
        ((S, A), Pulse.ALIVE),
        ((A, S), Pulse.MISSED),
        ((A, S, A, S), Pulse.MISSED),
        ((A, S, S), Pulse.SILENT),
        ((A, S, S, S, A), Pulse.ALIVE),
        ((A, S, U), Pulse.SILENT),
        ((A, U, U, S, S), Pulse.SILENT),
        ((U,), Pulse.REFUSED),
        ((U, U), Pulse.ABSENT),
        ((U, U, U), Pulse.ABSENT),
        ((U, S), Pulse.MUTE),
        ((U, U, S), Pulse.MUTE),
        ((U, U, S, S, S), Pulse.MUTE),
        ((S, U, S), Pulse.MUTE),
        ((S, U, U), Pulse.ABSENT),
        ((U, U, A), Pulse.ALIVE),
        ((U, U, A, S, S), Pulse.SILENT),
    ],
)
def test_only_who_has_answered_or_cannot_be_reached_is_silent(story: tuple[Heard, ...], state: Pulse) -> None:
    pulse, _ = told(story)
    assert pulse.state is state


def told(story: Iterable[Heard]) -> tuple[PhonePulse, list[bool]]:
    """A phone of which this was heard, and after each whether it is rung."""
    pulse, now, rung = PhonePulse(0.0), 0.0, [True]
    for heard in story:
        now = max(now, pulse.due)
        assert pulse.ask(now)
        assert not pulse.ask(now), "one question at a time"
        changed = pulse.hear(heard, now + 0.02, EVERY_S)
        rung.append(pulse.rung)
        assert changed is (rung[-1] is not rung[-2]), "a change is told, once"
    return pulse, rung[1:]


@given(st.lists(st.sampled_from(Heard), max_size=12))
def test_who_is_rung_follows_from_what_was_heard(story: list[Heard]) -> None:
    _, rung = told(story)
    for count, is_rung in enumerate(rung, start=1):
        so_far, last_two = story[:count], story[max(0, count - 2) : count]
        misses = last_two if A in so_far else [heard for heard in last_two if heard is U]
        assert is_rung is (len(misses) < 2 or A in misses)


def test_a_connection_that_does_not_come_about_is_told_before_it_passes_for_silence() -> None:
    assert WAIT_S > CONNECT_S


def test_a_miss_is_asked_again_soon_and_a_change_is_told_once() -> None:
    pulse = PhonePulse(0.0)
    assert pulse.ask(0.0) and not pulse.hear(A, 0.05, EVERY_S)
    assert (pulse.due, pulse.round_trip_s) == (EVERY_S + 0.05, 0.05)
    assert pulse.ask(31.0)
    assert not pulse.overdue(31.0 + WAIT_S - 0.1)
    assert pulse.overdue(31.0 + WAIT_S)
    assert not pulse.hear(S, 35.5, EVERY_S)
    assert pulse.due == 35.5 + AGAIN_S
    assert pulse.ask(40.0) and pulse.hear(S, 44.5, EVERY_S), "now it is silent"
    assert pulse.ask(49.0) and not pulse.hear(S, 53.5, EVERY_S)
    assert not pulse.hear(S, 60.0, EVERY_S), "a silence that comes late says nothing"
    assert pulse.hear(A, 61.0, EVERY_S), "an answer that comes late says that it lives"
    assert pulse.state is Pulse.ALIVE


def test_nobody_is_asked_where_that_is_switched_off() -> None:
    pulses = PhonePulses(0.0)
    pulses.keep([key(1)], 0.0)
    assert pulses.to_ask(0.0) == []
    assert pulses.answers(key(1))
    assert pulses.of(key(1)) is None


def test_phones_come_and_go() -> None:
    pulses = PhonePulses(EVERY_S)
    pulses.keep([key(1), key(2)], 0.0)
    assert pulses.to_ask(0.0) == [key(1), key(2)], "new phones are asked at once"
    pulses.keep([key(2), key(3)], 1.0)
    assert pulses.to_ask(1.0) == [key(3)]
    assert not pulses.hear(key(1), A, 1.0), "its answer comes too late"
    assert pulses.of(key(1)) is None


def test_many_phones_are_not_all_asked_at_once() -> None:
    pulses = PhonePulses(EVERY_S)
    pulses.keep([key(place) for place in range(3 * AT_ONCE)], 0.0)
    first, second, third, rest = (set(pulses.to_ask(0.0)) for _ in range(4))
    assert (len(first), len(second), len(third), len(rest)) == (AT_ONCE, AT_ONCE, AT_ONCE, 0)
    assert not first & second


def test_a_silent_phone_that_registers_is_rung_at_once() -> None:
    pulses = PhonePulses(EVERY_S)
    pulses.keep([key(1)], 0.0)
    for now, heard in ((0.0, A), (30.0, S), (35.0, S)):
        assert pulses.to_ask(now) == [key(1)]
        pulses.hear(key(1), heard, now)
    assert not pulses.answers(key(1))
    assert not pulses.registered(key(2), 36.0, 36.0), "another phone"
    assert not pulses.registered(key(1), 34.0, 36.0), "it has registered before it was missed"
    assert (pulses.to_ask(36.0), pulses.answers(key(1))) == ([], False)
    assert pulses.registered(key(1), 36.0, 36.0)
    assert pulses.answers(key(1)), "it is rung before it has answered"
    assert not pulses.registered(key(1), 36.0, 37.0), "one registration counts once"
    assert pulses.to_ask(37.0) == [key(1)]
    assert pulses.hear(key(1), S, 42.0), "it has said nothing again"
    assert not pulses.answers(key(1))


def test_a_question_that_went_to_a_dead_phone_does_not_count_against_one_that_registers() -> None:
    pulse, _ = told((A, S, S))
    assert pulse.ask(pulse.due)
    asked_at = pulse.due
    assert pulse.registered(asked_at + 4.0, asked_at + 4.0)
    assert not pulse.overdue(asked_at + WAIT_S)
    assert pulse.ask(asked_at + 4.1), "it is asked anew at once"
    assert not pulse.hear(A, asked_at + 4.2, EVERY_S)
    assert pulse.state is Pulse.ALIVE


@pytest.mark.parametrize(
    ("story", "state", "rung"),
    [
        ((), Pulse.NEW, True),
        ((S,), Pulse.MUTE, True),
        ((A,), Pulse.ALIVE, True),
        ((U,), Pulse.REFUSED, True),
        ((U, U), Pulse.REFUSED, True),
        ((A, S), Pulse.MISSED, True),
        ((A, S, S), Pulse.MISSED, True),
    ],
)
def test_what_a_phone_is_that_registers(story: tuple[Heard, ...], state: Pulse, rung: bool) -> None:
    pulse, _ = told(story)
    was_rung = pulse.rung
    assert pulse.registered(1000.0, 1000.0) is (not was_rung)
    assert (pulse.state, pulse.rung) == (state, rung)
