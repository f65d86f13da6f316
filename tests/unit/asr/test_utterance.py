from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.utterance import Edge, Rules, Span, SpeechGate, find_spans

RULES = Rules(end_frames=10)


def test_speech_between_silences_is_one_utterance() -> None:
    probabilities = [0.1] * 20 + [0.9] * 30 + [0.1] * 5 + [0.8] * 10 + [0.1] * 20
    assert find_spans(probabilities, rules=RULES) == [Span(20, 64)]


def test_a_longer_pause_parts_two_utterances() -> None:
    probabilities = [0.9] * 10 + [0.0] * 15 + [0.9] * 10
    assert find_spans(probabilities, rules=RULES) == [Span(0, 9), Span(25, 34)]


def test_a_click_is_no_speech() -> None:
    assert find_spans([0.0] * 10 + [1.0] * 2 + [0.0] * 20, rules=RULES) == []


def test_a_soft_syllable_keeps_an_utterance_going() -> None:
    probabilities = [0.9] * 5 + [0.4] * 30 + [0.0] * 20
    assert find_spans(probabilities, rules=RULES) == [Span(0, 34)]


def test_too_long_an_utterance_is_cut_where_it_is_weakest() -> None:
    probabilities = [0.9] * 100
    probabilities[70] = 0.6
    assert find_spans(probabilities, rules=RULES, longest=80) == [Span(0, 70), Span(71, 99)]


def test_the_gate_tells_edges_once() -> None:
    gate = SpeechGate(RULES)
    edges = [gate.accept(probability) for probability in [0.9] * 5 + [0.0] * 20]
    assert [edge for edge in edges if edge] == [Edge.BEGAN, Edge.ENDED]
    assert edges[2] is Edge.BEGAN
    assert gate.began_at == 0
    assert gate.last_voiced == 4


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=400), st.integers(20, 100))
def test_spans_are_in_order_apart_and_short_enough(probabilities: list[float], longest: int) -> None:
    spans = find_spans(probabilities, rules=RULES, longest=longest)
    for span in spans:
        assert 0 <= span.first <= span.last < len(probabilities)
        assert span.last - span.first + 1 <= longest
    for before, after in pairwise(spans):
        assert before.last < after.first


def test_rules_have_a_gap_between_their_thresholds() -> None:
    assert Rules().silence < Rules().speech
    with pytest.raises(AttributeError):
        Rules().speech = 1.0  # type: ignore[misc]


def test_a_pause_is_told_early_and_taken_back() -> None:
    gate = SpeechGate(Rules(end_frames=10, pause_frames=4))
    edges = [gate.accept(value) for value in [0.9] * 5 + [0.0] * 6 + [0.9] * 3 + [0.0] * 12]
    told = [(frame, edge) for frame, edge in enumerate(edges) if edge]
    assert told == [(2, Edge.BEGAN), (8, Edge.PAUSED), (11, Edge.RESUMED), (17, Edge.PAUSED), (23, Edge.ENDED)]
