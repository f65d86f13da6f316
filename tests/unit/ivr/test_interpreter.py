"""The interpreter by itself: its table is complete, and no caller can upset it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.protocol import Heard, NothingHeard, SpeechStarted
from campaigns.survey import find_survey
from core.errors import LocalProtocolError
from ivr.flow import Flow, Question, Remark
from ivr.hours_text import parse_hours
from ivr.interpreter import Interpreter
from ivr.load import load_flow
from ivr.state import (
    Actions,
    Deadline,
    ForgetKeys,
    Input,
    Key,
    Leave,
    Listen,
    Phase,
    PromptOver,
    Say,
    State,
    StopListening,
    StopSpeaking,
)

MAIN = load_flow(Path(__file__).parents[3] / "ivr" / "flows" / "main.toml")
SURVEY = find_survey("return_visit").flow
EVERY_KIND = find_survey("after_sale").flow
HOURS = {"main": parse_hours(["daily 00:00-24:00"], holidays="")}
SPEECH = ("", "可以", "我要投诉", "八分吧", "非常满意", "重听", "天气不错", "不方便", "没有", "第二个", "三万公里")


class Rig:
    """What a runner has going on, checked at each action."""

    def __init__(self, flow: Flow) -> None:
        self.interpreter = Interpreter(flow, HOURS)
        self.saying = False
        self.listening = False
        self.spoke = False
        self.left = 0
        self.now = 0.0
        self.state, actions = self.interpreter.begin(self.now)
        self.obey(actions)

    def obey(self, actions: Actions) -> None:
        for action in actions:
            assert not self.left, "an action after leaving"
            match action:
                case Say(prompts):
                    assert prompts
                    assert not self.saying, "two prompts at once"
                    self.saying = True
                case StopSpeaking():
                    self.saying = False
                case Listen():
                    assert not self.listening, "two listenings at once"
                    self.listening, self.spoke = True, False
                case StopListening():
                    assert self.listening
                    self.listening = False
                case Leave():
                    self.left += 1
        assert self.left or self.possible(), "a caller who can do nothing"

    def possible(self) -> list[Input]:
        """What can happen now at a real leg."""
        inputs: list[Input] = []
        if self.state.keys:
            inputs += [Key(digit) for digit in "0123456789*#A"]
        if self.listening and not self.spoke:
            inputs += [SpeechStarted(), NothingHeard("unavailable")]
        if self.listening:
            inputs += [Heard(text, ()) for text in SPEECH] + [NothingHeard()]
        if self.saying:
            inputs.append(PromptOver())
        if self.state.deadline is not None:
            inputs.append(Deadline())
        return inputs

    def give(self, what: Input) -> None:
        if isinstance(what, Deadline) and self.state.deadline is not None:
            assert self.state.deadline > self.now
            self.now = self.state.deadline
        else:
            self.now += 0.1
        if isinstance(what, PromptOver):
            self.saying = False
        if isinstance(what, SpeechStarted):
            self.spoke = True
        if isinstance(what, Heard | NothingHeard):
            self.listening = False
        self.state, actions = self.interpreter.step(self.state, what, self.now)
        self.obey(actions)


@pytest.mark.parametrize("flow", [MAIN, SURVEY, EVERY_KIND], ids=["main", "survey", "every kind"])
@given(choices=st.lists(st.integers(0, 10_000), min_size=1, max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_caller_gets_out_and_upsets_nothing(flow: Flow, choices: list[int]) -> None:
    rig = Rig(flow)
    for choice in choices:
        if rig.left:
            break
        possible = rig.possible()
        rig.give(possible[choice % len(possible)])
    # whoever then says and does nothing more is led out
    for _ in range(100):
        if rig.left:
            break
        rig.give(PromptOver() if rig.saying else Deadline())
    assert rig.left == 1
    assert rig.state.phase is Phase.LEFT
    assert not rig.listening
    for answer in rig.state.answers:
        node = flow.nodes[answer.node]
        if isinstance(node, Question):
            assert node.low <= int(answer.value) <= node.high


def test_every_pair_of_phase_and_input_is_decided() -> None:
    """What cannot happen raises; what can is in the table or in the list of what is ignored."""
    interpreter = Interpreter(SURVEY, HOURS)
    inputs: list[Input] = [
        PromptOver(), Key("5"), SpeechStarted(), Heard("五分", ()), NothingHeard(), Deadline(),
    ]  # fmt: skip
    decided = {}
    for phase in Phase:
        node = "end" if phase is Phase.TELLING else "nps"
        for what in inputs:
            state = State(node, phase, keys=True, deadline=1.0, listening=True, digits="1")
            try:
                following, _ = interpreter.step(state, what, 0.0)
                decided[phase, type(what).__name__] = following.phase
            except LocalProtocolError as error:
                assert str(phase) in str(error)
    assert {(phase.value, name) for phase, name in decided} == {
        ("telling", "PromptOver"),
        ("asking", "PromptOver"), ("asking", "Key"), ("asking", "SpeechStarted"), ("asking", "Heard"),
        ("asking", "NothingHeard"),
        ("waiting", "Key"), ("waiting", "SpeechStarted"), ("waiting", "Heard"), ("waiting", "NothingHeard"),
        ("waiting", "Deadline"),
        ("hearing", "Key"), ("hearing", "SpeechStarted"), ("hearing", "Heard"), ("hearing", "NothingHeard"),
        ("hearing", "Deadline"), ("hearing", "PromptOver"),
        ("collecting", "Key"), ("collecting", "Deadline"), ("collecting", "PromptOver"),
    }  # fmt: skip


def test_keys_typed_ahead_are_forgotten_only_where_the_node_says_so() -> None:
    menu = Interpreter(MAIN, HOURS)
    state, _ = menu.begin(0.0)
    _, actions = menu.step(state, PromptOver(), 4.0)
    assert ForgetKeys() not in actions
    _, actions = Interpreter(SURVEY, HOURS).begin(0.0)
    assert actions[0] == ForgetKeys()


def test_a_flow_that_goes_in_circles_is_ended() -> None:
    flow = Flow("tight", SURVEY.start, SURVEY.nodes, max_nodes=2)
    interpreter = Interpreter(flow, HOURS)
    state, _ = interpreter.begin(0.0)
    state, _ = interpreter.step(state, Key("1"), 1.0)
    state, actions = interpreter.step(state, Key("5"), 2.0)
    assert state.phase is Phase.LEFT
    assert isinstance(actions[-1], Leave)


def test_the_key_that_ends_a_number_says_nothing_behind_one_that_was_complete_without_it() -> None:
    """Who presses 9# for nine neither ends the remark that follows nor chooses wrongly in a menu."""
    survey = Interpreter(EVERY_KIND, HOURS)
    for after_s, kept in ((0.4, True), (3.0, False)):
        state = State("nps", Phase.WAITING, keys=True, deadline=9.0)
        state, _ = survey.step(state, Key("9"), 1.0)
        assert isinstance(survey.flow.nodes[state.node], Remark)
        following, _ = survey.step(state, Key("#"), 1.0 + after_s)
        assert (following.node == state.node) is kept
        if kept:
            again, _ = survey.step(following, Key("#"), 1.0 + after_s)
            assert again.node != state.node, "only once"
