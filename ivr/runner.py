"""The one async file of this room: runs a flow on a real leg, feeding the pure interpreter.

One task of the caller's journey runs ``run_flow``; it waits for whichever comes first of: a key, something heard, the
end of the prompt, the interpreter's deadline. When two come at once the caller goes before the clock. Everything that
it began on the leg (playing, tap, listening) is ended before it returns or raises.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from asr.protocol import Ears, Hearing, Listening, NothingHeard, SpeechStarted
from core.clock import Clock
from core.errors import Unavailable
from core.events import Log
from ivr.facts import FlowEntered, FlowLeft
from ivr.flow import Answer, Flow, FlowResult, HangUp, Outcome, ToAgent, ToPromise, ToQueue, ToVoicemail
from ivr.hours import Hours
from ivr.interpreter import Interpreter
from ivr.prompts import Prompts
from ivr.state import (
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
from telephony.ports import Leg

_log = logging.getLogger("line400.ivr")
Sleep: TypeAlias = Callable[[float], Awaitable[None]]


async def run_flow(
    flow: Flow,
    line: Leg,
    *,
    ears: Ears | None,
    log: Log,
    clock: Clock,
    prompts: Prompts,
    hours: Mapping[str, Hours],
    on_answer: Callable[[Answer], None] | None = None,
    on_told: Callable[[str], object] | None = None,
    sleep: Sleep = asyncio.sleep,
) -> FlowResult:
    """Walk ``line``'s far end through ``flow``. The leg must be answered; it is left up whatever the outcome.

    ``ears`` None or away: the flow goes on by keys alone. ``on_answer`` is called at once for each answer, so that
    it is kept if the caller hangs up later; ``on_told`` with the name of each play or exit whose words were said to
    their end. ``sleep`` waits for the flow's deadlines (tests pass virtual time).
    Raises ``LegEnded`` when the far end hung up, ``ConfigError`` for a prompt without a file.
    """
    run = _Run(line, ears, prompts, clock, sleep)
    interpreter = Interpreter(flow, hours)
    log.post(line.call_id, FlowEntered(flow.name))
    finished = False
    try:
        state, actions = interpreter.begin(clock.now())
        while True:
            leave = await run.carry_out(actions, log)
            if leave is not None:
                break
            before = len(state.answers)
            given = await run.next_input(state)
            whole = state.phase is Phase.TELLING and isinstance(given, PromptOver) and line.end is None
            if on_told is not None and whole:
                on_told(state.node)
            state, actions = interpreter.step(state, given, clock.now())
            if on_answer is not None:
                for answer in state.answers[before:]:
                    on_answer(answer)
        finished = True
        log.post(line.call_id, _left(flow, leave.outcome))
        return FlowResult(leave.outcome, state.answers, leave.result, state.call_at, state.wished)
    finally:
        if not finished:
            log.post(line.call_id, FlowLeft(flow.name, "interrupted" if line.end is None else "caller_hung_up"))
        await run.close()


class _Run:
    """What is going on at the leg: at most one prompt, one wait for a key, one listening, one deadline."""

    def __init__(self, line: Leg, ears: Ears | None, prompts: Prompts, clock: Clock, sleep: Sleep) -> None:
        self._line = line
        self._ears = ears
        self._prompts = prompts
        self._clock = clock
        self._sleep = sleep
        self._saying: asyncio.Task[bool] | None = None
        self._key: asyncio.Task[str] | None = None
        self._hearing: asyncio.Task[Hearing] | None = None
        self._listening: Listening | None = None
        self._tapped = False

    async def carry_out(self, actions: Actions, log: Log) -> Leave | None:
        """Do ``actions`` in order; the last one where it leaves the flow."""
        for action in actions:
            if isinstance(action, Leave):
                return action
            if isinstance(action, Note):
                log.post(self._line.call_id, action.fact)
            else:
                await self._do(action)
        return None

    async def _do(self, action: Action) -> None:
        match action:
            case Say(names):
                await _end(self._saying)
                self._saying = asyncio.create_task(self._line.play(self._prompts.files(names)))
            case StopSpeaking():
                await _end(self._saying)
                self._saying = None
            case Listen():
                await self._stop_listening()
                self._hearing = asyncio.create_task(self._listen(action))
            case StopListening():
                await self._stop_listening()
            case ForgetKeys():
                if self._key is not None and self._key.done() and self._key.exception() is None:
                    self._key = None
                self._line.clear_digits()

    async def next_input(self, state: State) -> Input:
        """Wait for the next thing that ``state`` can use."""
        deadline: asyncio.Task[None] | None = None
        if state.keys and self._key is None:
            self._key = asyncio.create_task(self._line.next_digit())
        key = self._key if state.keys else None
        if state.deadline is not None:
            left_s = max(0.0, state.deadline - self._clock.now())
            deadline = asyncio.create_task(_wait(self._sleep, left_s))
        try:
            waiting = {task for task in (key, self._hearing, self._saying, deadline) if task is not None}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if key is not None and key.done():
                self._key = None
                return Key(key.result())
            if self._hearing is not None and self._hearing.done():
                return await self._heard(self._hearing)
            if self._saying is not None and self._saying.done():
                saying, self._saying = self._saying, None
                saying.result()
                return PromptOver()
            return Deadline()
        finally:
            await _end(deadline)

    async def _heard(self, hearing: asyncio.Task[Hearing]) -> Input:
        try:
            said = hearing.result()
        except (Unavailable, OSError) as error:
            _log.warning("speech is not recognised on this call, keys still work: %s", error)
            said = NothingHeard("unavailable")
        if isinstance(said, SpeechStarted) and self._listening is not None:
            self._hearing = asyncio.create_task(self._listening.next())
        else:
            await self._stop_listening()
        return said

    async def _listen(self, wanted: Listen) -> Hearing:
        if self._ears is None:
            return NothingHeard("unavailable")
        listening = await self._ears.listen(wanted.phrases, no_speech_s=0.0, max_s=wanted.max_s)
        self._listening = listening
        self._tapped = True
        await self._line.start_tap(listening.tap)
        return await listening.next()

    async def _stop_listening(self) -> None:
        hearing, self._hearing = self._hearing, None
        await _end(hearing)
        listening, self._listening = self._listening, None
        tapped, self._tapped = self._tapped, False
        try:
            if tapped and self._line.end is None:
                await self._line.stop_tap()
        finally:
            if listening is not None:
                await listening.close()

    async def close(self) -> None:
        """End everything that still goes on."""
        await _end(self._saying)
        await _end(self._key)
        await self._stop_listening()


async def _wait(sleep: Sleep, seconds: float) -> None:
    await sleep(seconds)


async def _end(
    task: asyncio.Task[bool] | asyncio.Task[str] | asyncio.Task[None] | asyncio.Task[Hearing] | None,
) -> None:
    """Cancel ``task`` and wait until it is over; what it raised does not matter any more."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _left(flow: Flow, outcome: Outcome) -> FlowLeft:
    match outcome:
        case ToQueue(queue):
            return FlowLeft(flow.name, "queue", queue)
        case ToAgent(agent):
            return FlowLeft(flow.name, "agent", agent)
        case ToVoicemail(box):
            return FlowLeft(flow.name, "voicemail", box)
        case ToPromise(campaign):
            return FlowLeft(flow.name, "promise", campaign)
        case HangUp():
            return FlowLeft(flow.name, "hangup")
