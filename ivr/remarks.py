"""A free remark: the caller speaks as long as he likes, with pauses, and ends with a key or by falling silent. Pure.

The interpreter calls ``begin`` and ``step`` while a call stands at a ``Remark`` node, until ``step`` says it is over.
The key that ends it may come before the last words are recognised: they are waited for, a little.
"""

from dataclasses import replace
from typing import Final, TypeAlias

from asr.protocol import Heard, NothingHeard, SpeechStarted
from core.errors import LocalProtocolError
from ivr.facts import QuestionAnswered
from ivr.flow import Answer, Remark
from ivr.state import (
    HEARING_GRACE_S,
    Action,
    Actions,
    Deadline,
    ForgetKeys,
    Input,
    Key,
    Listen,
    Note,
    Phase,
    PromptOver,
    Say,
    State,
    StopListening,
    StopSpeaking,
)

MAX_UTTERANCES: Final = 20
Step: TypeAlias = tuple[State, Actions, bool]
"""The next state, the actions, and whether the remark is over."""


def begin(node: Remark, state: State) -> tuple[State, Actions]:
    """Ask for the remark. Listening begins when the prompts are over."""
    return replace(state, phase=Phase.ASKING, keys=True, deadline=None), (ForgetKeys(), Say(node.prompts))


def step(node: Remark, state: State, given: Input, now: float) -> Step:
    """Take one input; ``LocalProtocolError`` for what cannot happen in this phase."""
    match state.phase, given:
        case (Phase.ASKING, PromptOver()):
            return (*_wait(node, state, now + node.no_input_s), False)
        case (Phase.ASKING | Phase.WAITING, Key(digit)):
            return _over(node, state) if digit == node.terminator else (state, (), False)
        case (Phase.WAITING, SpeechStarted()):
            limit = now + node.max_speech_s + HEARING_GRACE_S
            return replace(state, phase=Phase.HEARING, deadline=limit), (), False
        case (Phase.WAITING, NothingHeard()):  # without a recogniser time is all that is left, and the recording
            return replace(state, listening=False, deadline=now + node.max_speech_s), (), False
        case (Phase.WAITING | Phase.HEARING, Deadline()):
            return _over(node, state)
        case (Phase.HEARING, Key(digit)):
            if digit != node.terminator:
                return state, (), False
            return replace(state, keys=False, digits=digit, deadline=now + HEARING_GRACE_S), (), False
        case (Phase.WAITING | Phase.HEARING, Heard(text)):
            said = replace(state, listening=False, remark=state.remark + text.strip(), failures=state.failures + 1)
            if said.digits or said.failures >= MAX_UTTERANCES:
                return _over(node, said)
            return (*_wait(node, said, now + node.pause_s), False)
        case (Phase.HEARING, NothingHeard()):
            return _over(node, replace(state, listening=False))
        case _:
            raise LocalProtocolError(f"node {node.name}: {type(given).__name__} in {state.phase}")


def _wait(node: Remark, state: State, deadline: float) -> tuple[State, Actions]:
    waiting = replace(state, phase=Phase.WAITING, listening=True, deadline=deadline)
    return waiting, (Listen((), node.max_speech_s),)


def _over(node: Remark, state: State) -> Step:
    actions: list[Action] = []
    if state.phase is Phase.ASKING:
        actions.append(StopSpeaking())
    if state.listening:
        actions.append(StopListening())
    over = replace(state, listening=False)
    if state.remark:
        actions.append(Note(QuestionAnswered(node.name, "", "speech", state.remark)))
        over = replace(over, answers=(*over.answers, Answer(node.name, "", "speech", state.remark)))
    return over, tuple(actions), True
