"""The interpreter: walks a flow, one input at a time. Pure; ``ivr.runner`` carries out the actions.

``begin`` and ``step`` return the next state and the actions. What is said stops by ``StopSpeaking`` only; a stopped
prompt yields no ``PromptOver``, a stopped listening nothing more.

The table at the end says which input does what in which phase, and which are ignored; any other pair is a fault of the
runner and raises ``LocalProtocolError``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from asr.moments import moment_said, wish
from asr.protocol import Heard, NothingHeard, SpeechStarted
from core.errors import LocalProtocolError
from ivr import answers, remarks
from ivr.answers import Again, Chosen, Meaning, MoreDigits, Nothing, Number, Wrong
from ivr.facts import InputFailed, MenuChosen, QuestionAnswered
from ivr.flow import (
    Answer,
    Asking,
    Choice,
    Exit,
    Flow,
    Goto,
    HangUp,
    HoursCheck,
    Menu,
    Node,
    Outcome,
    Play,
    Question,
    Remark,
)
from ivr.graph import goto_after
from ivr.hours import Hours, HoursStatus, zone_of
from ivr.state import (
    HEARING_GRACE_S,
    Action,
    Actions,
    Deadline,
    ForgetKeys,
    Input,
    Key,
    Leave,
    Listen,
    Note,
    Phase,
    PromptOver,
    Say,
    State,
    StopListening,
    StopSpeaking,
)

SPARE_S: Final = 1.5
"""Whoever is used to end numbers by a key presses it so soon after the last digit."""
Next: TypeAlias = tuple[State, Actions]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One flow with the opening hours that it may ask for."""

    flow: Flow
    hours: Mapping[str, Hours]

    def begin(self, now: float) -> Next:
        """Enter the flow."""
        return self._enter(State(self.flow.start, Phase.TELLING), self.flow.start, now)

    def step(self, state: State, given: Input, now: float) -> Next:
        """Take one input."""
        node = self.flow.nodes[state.node]
        if isinstance(given, Key):
            spare = given.digit == state.spare_key and now <= state.spare_until and not _wants(node, given.digit)
            state = replace(state, spare_key="")
            if spare:
                return state, ()
        if isinstance(node, Remark):
            following, actions, over = remarks.step(node, state, given, now)
            if not over:
                return following, actions
            entered, more = self._enter(following, goto_after(node, "", following.remark), now)
            return entered, actions + more
        pair = (state.phase, type(given))
        if pair in _IGNORED:
            return state, ()
        handler = _TABLE.get(pair)
        if handler is None:
            raise LocalProtocolError(f"flow {self.flow.name}, node {state.node}: {pair[1].__name__} in {state.phase}")
        return handler(self, state, given, now)

    def asking_node(self, state: State) -> Menu | Question:
        """The menu or question at which ``state`` stands."""
        node = self.flow.nodes[state.node]
        if not isinstance(node, Menu | Question):
            raise LocalProtocolError(f"flow {self.flow.name}, node {state.node} takes no input")
        return node

    def _enter(self, state: State, name: str, now: float) -> Next:
        while True:
            if state.entered >= self.flow.max_nodes:
                return self._leave(state, HangUp())
            state = replace(
                state,
                node=name,
                entered=state.entered + 1,
                failures=0,
                digits="",
                remark="",
                deadline=None,
                keys=False,
            )
            node = self.flow.nodes[name]
            match node:
                case Goto():
                    name = node.goto
                case HoursCheck():
                    name = _by_hours(node, self.hours[node.calendar].status(now))
                case Play(prompts=()):
                    name = node.goto
                case Exit(prompts=()):
                    return self._leave(state, node.outcome, node.result)
                case Play() | Exit():
                    return replace(state, phase=Phase.TELLING), (Say(node.prompts),)
                case Remark():
                    return remarks.begin(node, state)
                case Menu() | Question():
                    forget: Actions = () if node.asking.type_ahead else (ForgetKeys(),)
                    following, actions = self._ask(state, node.asking.prompts, now)
                    return following, forget + actions

    def _ask(self, state: State, prompts: tuple[str, ...], now: float) -> Next:
        asking = self.asking_node(state).asking
        if not prompts:
            return self._wait(state, now)
        asked = replace(state, phase=Phase.ASKING, keys=asking.barge_in_key, digits="", deadline=None)
        if not asking.barge_in_voice:
            return asked, (Say(prompts),)
        listening, listen = self._listen(asked)
        return listening, (*listen, Say(prompts))

    def _wait(self, state: State, now: float) -> Next:
        waiting, actions = self._listen(state)
        asking = self.asking_node(state).asking
        return replace(waiting, phase=Phase.WAITING, keys=True, digits="", deadline=now + asking.no_input_s), actions

    def _listen(self, state: State) -> Next:
        node = self.asking_node(state)
        if state.listening or not answers.takes_speech(node):
            return state, ()
        return replace(state, listening=True), (Listen(answers.expected(node), node.asking.max_speech_s),)

    def _quiet(self, state: State) -> Next:
        actions: list[Action] = []
        if state.phase is Phase.ASKING:
            actions.append(StopSpeaking())
        if state.listening:
            actions.append(StopListening())
        return replace(state, listening=False), tuple(actions)

    def _fail(self, state: State, why: str, now: float) -> Next:
        asking = self.asking_node(state).asking
        quiet, actions = self._quiet(state)
        noted = (*actions, Note(InputFailed(state.node, why)))
        failed = replace(quiet, failures=state.failures + 1)
        if failed.failures >= asking.tries:
            following, more = self._enter(failed, asking.fallback, now)
            return following, noted + more
        following, more = self._ask(failed, _said_after(asking, why) + asking.again, now)
        return following, (*noted, ForgetKeys(), *more)

    def _mean(self, state: State, meaning: Meaning, how: str, text: str, now: float) -> Next:
        quiet, actions = self._quiet(state)
        match meaning:
            case Nothing():
                return state, ()
            case MoreDigits(digits):
                node = self.asking_node(state)
                gap_s = node.inter_digit_s if isinstance(node, Question) else 0.0
                collecting = replace(quiet, phase=Phase.COLLECTING, keys=True, digits=digits, deadline=now + gap_s)
                return collecting, actions
            case Again():
                if state.entered >= self.flow.max_nodes:
                    left, leave = self._leave(quiet, HangUp())
                    return left, actions + leave
                repeated = replace(quiet, entered=state.entered + 1)
                following, more = self._ask(repeated, self.asking_node(state).asking.again, now)
                return following, actions + more
            case Chosen(Choice(moment=moment)) if moment:
                at = moment_said(moment, self._local(now))
                if at is None:  # this morning, in the evening
                    return self._fail(state, "invalid" if how == "key" else "rejected", now)
                timed = replace(quiet, call_at=at.timestamp(), wished=text or moment)
                kept, goto, notes = self._accept(timed, meaning, how, text)
                following, more = self._enter(kept, goto, now)
                return following, actions + notes + more
            case Chosen() | Number():
                kept, goto, notes = self._accept(quiet, meaning, how, text)
                following, more = self._enter(kept, goto, now)
                return following, actions + notes + more
            case _:
                return self._fail(state, "invalid" if how == "key" else "rejected", now)

    def _accept(self, state: State, meaning: Chosen | Number, how: str, text: str) -> tuple[State, str, Actions]:
        node = self.asking_node(state)
        notes: list[Action] = []
        if isinstance(meaning, Chosen):
            value = meaning.choice.name
            notes.append(Note(MenuChosen(node.name, value, how, round(meaning.distance, 3))))
        else:
            value = str(meaning.value)
        if isinstance(node, Question) or node.keep:
            notes.append(Note(QuestionAnswered(node.name, value, how, text)))
            state = replace(state, answers=(*state.answers, Answer(node.name, value, how, text)))
        return state, goto_after(node, value), tuple(notes)

    def _leave(self, state: State, outcome: Outcome, result: str = "") -> Next:
        return replace(state, phase=Phase.LEFT, keys=False, deadline=None), (Leave(outcome, result),)

    # One function per input that matters; the table below says in which phase.

    def _told(self, state: State, _: Input, now: float) -> Next:
        node = self.flow.nodes[state.node]
        if isinstance(node, Exit):
            return self._leave(state, node.outcome, node.result)
        if not isinstance(node, Play):
            raise LocalProtocolError(f"flow {self.flow.name}, node {state.node} tells nothing")
        return self._enter(state, node.goto, now)

    def _asked(self, state: State, _: Input, now: float) -> Next:
        return self._wait(state, now)

    def _key(self, state: State, given: Input, now: float) -> Next:
        digit = given.digit if isinstance(given, Key) else ""
        node = self.asking_node(state)
        meaning = answers.of_key(node, state.digits, digit)
        if isinstance(node, Question) and isinstance(meaning, Number) and digit != node.terminator:
            state = replace(state, spare_key=node.terminator, spare_until=now + SPARE_S)
        return self._mean(state, meaning, "key", "", now)

    def _speaks(self, state: State, _: Input, now: float) -> Next:
        asking = self.asking_node(state).asking
        stop: Actions = (StopSpeaking(),) if state.phase is Phase.ASKING else ()
        limit = now + asking.max_speech_s + HEARING_GRACE_S
        return replace(state, phase=Phase.HEARING, keys=True, deadline=limit), stop

    def _heard(self, state: State, given: Input, now: float) -> Next:
        over = replace(state, listening=False)
        text = given.text if isinstance(given, Heard) else ""
        if not text.strip():  # a cough or a door: to the caller it is as if nothing was said
            return self._fail(over, "no_input", now)
        node = self.asking_node(state)
        at = wish(text, self._local(now)) if node.asking.call_again else None
        if at is None:
            return self._mean(over, answers.of_speech(node, text), "speech", text, now)
        quiet, actions = self._quiet(over)
        wished = replace(quiet, call_at=at.timestamp(), wished=text)
        following, more = self._enter(wished, node.asking.call_again, now)
        return following, (*actions, Note(MenuChosen(node.name, "call_again", "speech", 0.0)), *more)

    def _local(self, now: float) -> datetime:
        return datetime.fromtimestamp(now, zone_of(self.hours))

    def _deaf(self, state: State, _: Input, now: float) -> Next:
        """The recogniser is away: keys still count, the prompt or the no-input time goes on."""
        return replace(state, listening=False), ()

    def _unheard(self, state: State, _: Input, now: float) -> Next:
        return self._fail(replace(state, listening=False), "no_input", now)

    def _no_input(self, state: State, _: Input, now: float) -> Next:
        return self._fail(state, "no_input", now)

    def _number_over(self, state: State, _: Input, now: float) -> Next:
        node = self.asking_node(state)
        if not isinstance(node, Question):
            raise LocalProtocolError(f"flow {self.flow.name}, node {state.node} collects no digits")
        return self._mean(state, answers.of_digits(node, state.digits), "key", "", now)


def _wants(node: Node, key: str) -> bool:
    """Whether ``key`` chooses something at ``node``; that it ends a number or a remark does not count."""
    return isinstance(node, Menu) and not isinstance(answers.of_key(node, "", key), Wrong)


def _by_hours(node: HoursCheck, status: HoursStatus) -> str:
    return {HoursStatus.OPEN: node.open, HoursStatus.CLOSED: node.closed, HoursStatus.HOLIDAY: node.holiday}[status]


def _said_after(asking: Asking, why: str) -> tuple[str, ...]:
    return {"no_input": asking.no_input, "invalid": asking.invalid, "rejected": asking.rejected}[why]


_Handler: TypeAlias = Callable[[Interpreter, State, Input, float], Next]

_TABLE: Final[Mapping[tuple[Phase, type[Input]], _Handler]] = {
    (Phase.TELLING, PromptOver): Interpreter._told,
    (Phase.ASKING, PromptOver): Interpreter._asked,
    (Phase.ASKING, Key): Interpreter._key,
    (Phase.ASKING, SpeechStarted): Interpreter._speaks,
    (Phase.ASKING, Heard): Interpreter._heard,
    (Phase.ASKING, NothingHeard): Interpreter._deaf,
    (Phase.WAITING, Key): Interpreter._key,
    (Phase.WAITING, SpeechStarted): Interpreter._speaks,
    (Phase.WAITING, Heard): Interpreter._heard,
    (Phase.WAITING, NothingHeard): Interpreter._deaf,
    (Phase.WAITING, Deadline): Interpreter._no_input,
    (Phase.HEARING, Key): Interpreter._key,
    (Phase.HEARING, Heard): Interpreter._heard,
    (Phase.HEARING, NothingHeard): Interpreter._unheard,
    (Phase.HEARING, Deadline): Interpreter._no_input,
    (Phase.COLLECTING, Key): Interpreter._key,
    (Phase.COLLECTING, Deadline): Interpreter._number_over,
}
_IGNORED: Final[frozenset[tuple[Phase, type[Input]]]] = frozenset(
    {
        (Phase.HEARING, PromptOver),  # the prompt ended by itself just as speech stopped it
        (Phase.COLLECTING, PromptOver),
        (Phase.HEARING, SpeechStarted),
    }
)
