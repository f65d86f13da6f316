"""The dialer: works through a campaign's list, so many calls at a time, within its calling hours.

The one async file of this room. What it may do next is decided by ``campaigns.gate``; how an attempt ends by
``campaigns.attempt``; who may be called by ``campaigns.rules``, as a contact is claimed. Each contact is dialled at
most once, whatever happens: ``ContactStore.claim`` has the decision and the attempt on disk before the first packet
leaves, and nothing here ever dials a contact twice.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from math import inf
from typing import Final, Literal, TypeAlias

from asr.protocol import Ears
from campaigns.attempt import (
    RANG_OUT,
    TRUNK_AWAY,
    Announced,
    Attempt,
    AttemptInput,
    NotReached,
    Result,
    announced,
    refused,
)
from campaigns.facts import AttemptEnded, CampaignStateChanged
from campaigns.gate import CampaignState, Gate, Plan
from campaigns.ports import Contact, ContactStore, Listener, NotYet
from campaigns.rules.values import Rules
from campaigns.survey import Survey, bar_of, fact_of, result_of, result_of_hang_up
from core.clock import Clock
from core.errors import CallRejected, LegEnded, NotAllowed, TransactionTimeout, Unavailable
from core.events import Log
from core.ids import Ids
from ivr.flow import Answer
from ivr.hours import Hours
from ivr.prompts import Prompts
from ivr.runner import Sleep, run_flow
from telephony.call import Call
from telephony.ports import EndReason, Leg, Outside

_log = logging.getLogger("line400.campaigns")
_OUR_FAULTS: Final = frozenset({EndReason.MEDIA_LOST, EndReason.UNAVAILABLE, EndReason.ERROR, EndReason.INTERRUPTED})
LOOK_EVERY_S: Final = 60.0
"""While nobody may be called it is looked so often whether that has changed: a refusal may have been withdrawn."""
Around: TypeAlias = Callable[[Leg, Contact], AbstractAsyncContextManager[object]]
"""Wraps the talk, from answer to hang-up: whoever wires the house starts and stops the recording here."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What a dialer needs of the rest of the house; ``ears`` None: surveys by keys alone; ``listener`` None: whatever
    answers is taken for a person; ``rules`` gives those that hold at the moment.
    """

    outside: Outside
    store: ContactStore
    log: Log
    clock: Clock
    ids: Ids
    prompts: Prompts
    ears: Ears | None
    hours: Mapping[str, Hours]
    listener: Listener | None = None
    rules: Callable[[], Rules] = Rules


def no_recording(leg: Leg, contact: Contact) -> AbstractAsyncContextManager[object]:
    """An ``Around`` that does nothing."""
    return nullcontext()


class Dialer:
    """Runs one campaign. ``run`` is its task; the other methods may be called at any time from the same loop."""

    def __init__(
        self, plan: Plan, survey: Survey, rooms: Rooms, *, around: Around = no_recording, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._plan = plan
        self._survey = survey
        self._rooms = rooms
        self._around = around
        self._sleep = sleep
        self._gate = Gate(plan)
        self._calls: set[asyncio.Task[None]] = set()
        self._begun: set[str] = set()
        self._changed = asyncio.Event()

    @property
    def state(self) -> CampaignState:
        """Running, paused, stopped or finished."""
        return self._gate.state

    @property
    def calls(self) -> int:
        """How many contacts are being rung or spoken to."""
        return len(self._calls)

    def pause(self) -> None:
        """No new dials from now on; calls that are up go on."""
        self._change(CampaignState.PAUSED)

    def resume(self) -> None:
        """Dial again; a trunk that failed is tried again at once."""
        self._gate.forget_faults()
        self._change(CampaignState.RUNNING)

    def hold(self) -> None:
        """The house is being stopped: no new dials, calls that are up go on, and the next start goes on dialling."""
        self._gate.hold()
        self._changed.set()

    def stop(self, *, hang_up: bool = False) -> None:
        """No new dials for good; ``run`` returns when the calls that are up have ended, at once with ``hang_up``."""
        self._change(CampaignState.STOPPED)
        if hang_up:
            for call in self._calls:
                call.cancel()

    async def run(self) -> CampaignState:
        """Dial until the list is done or ``stop``; the final state.

        Cancelling it hangs up and leaves the campaign running: the next start of the house takes it up again.
        """
        self._rooms.log.post("", CampaignStateChanged(self._plan.name, self._gate.state))
        try:
            while self._gate.state is not CampaignState.STOPPED:
                self._changed.clear()
                wait_s = self._gate.wait_s(self._rooms.clock.now(), len(self._calls))
                if wait_s <= 0:
                    wait_s = await self._dial_next()
                    if wait_s == inf and not self._calls and self._gate.state is CampaignState.RUNNING:
                        self._change(CampaignState.FINISHED)  # not paused while the store was asked
                        break
                if wait_s > 0:
                    await self._changed_within(wait_s)
            if self._calls:
                await asyncio.wait(self._calls)
            return self._gate.state
        finally:
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)

    def _change(self, state: CampaignState, why: str = "") -> None:
        if self._gate.change(state):
            self._rooms.log.post("", CampaignStateChanged(self._plan.name, state, why))
            self._changed.set()

    async def _changed_within(self, wait_s: float) -> None:
        waits = {asyncio.ensure_future(self._changed.wait())}
        if wait_s < float("inf"):
            waits.add(asyncio.ensure_future(self._slept(wait_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _slept(self, seconds: float) -> Literal[True]:
        await self._sleep(seconds)
        return True

    async def _dial_next(self) -> float:
        """Claim and dial one contact; after so many seconds the next may be claimed, ``inf``: no contact is pending."""
        rooms, plan = self._rooms, self._plan
        attempt_id, call_id = rooms.ids.new("attempt"), rooms.ids.new("call")
        terms = plan.terms(rooms.rules())
        contact = await rooms.store.claim(plan.name, attempt=attempt_id, call_id=call_id, terms=terms)
        if contact is None:
            return inf
        if isinstance(contact, NotYet):
            return min(max(0.0, contact.at - rooms.clock.now()), LOOK_EVERY_S)
        attempt = Attempt(attempt_id, self._plan.name, contact.id)
        if self._gate.wait_s(rooms.clock.now(), len(self._calls)) > 0:  # paused or closed while the claim was written
            await self._end(call_id, attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN))
            return 0.0
        call = asyncio.create_task(self._attempt(attempt, contact, call_id), name=f"attempt {attempt_id}")
        self._calls.add(call)
        call.add_done_callback(lambda done: self._call_over(done, attempt, call_id))
        return 0.0

    def _call_over(self, call: asyncio.Task[None], attempt: Attempt, call_id: str) -> None:
        self._calls.discard(call)
        if attempt.id not in self._begun:  # cancelled before its first step: nothing was sent
            self._rooms.log.post(call_id, _over(attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN)))
        self._begun.discard(attempt.id)
        if not call.cancelled() and (error := call.exception()) is not None:
            _log.error("%s of campaign %s broke off", call.get_name(), self._plan.name, exc_info=error)
            self._change(CampaignState.PAUSED, "a call broke off by a fault of ours; the log of the service says which")
        self._changed.set()

    async def _attempt(self, attempt: Attempt, contact: Contact, call_id: str) -> None:
        """One contact from dialling to the result; whatever happens, the attempt and the call end once."""
        plan, rooms = self._plan, self._rooms
        self._begun.add(attempt.id)
        call = Call(call_id, rooms.log)
        call.started(direction="outbound", ani=plan.caller_id, dnis=contact.number, trunk=plan.trunk)
        attempt = attempt.step(AttemptInput.DIAL)
        ended: Attempt | None = None
        try:
            try:
                dialling = rooms.outside.dial(
                    contact.number, call_id, trunk=plan.trunk, caller_id=plan.caller_id, timeout_s=plan.ring_timeout_s
                )
                leg = await (rooms.listener.reach(dialling, call_id) if rooms.listener is not None else dialling)
            except (CallRejected, TransactionTimeout, Unavailable) as error:
                why = _why(error)
                self._trunk_told(why)
                call.ended(why.reason, by="system", status=why.status)
                ended = attempt.step(AttemptInput.NOT_REACHED, why.result, why.status)
                return
            self._trunk_told(None)
            call.answered()
            attempt = attempt.step(AttemptInput.ANSWERED)
            try:
                machine = announced(await rooms.listener.answered_by(leg)) if rooms.listener is not None else None
                if machine is not None and leg.end is None:
                    ended = attempt.step(AttemptInput.MACHINE, machine.result)
                else:
                    ended = await self._talk(leg, attempt, contact)
            finally:
                await leg.hang_up()
                verdict = leg.end
                by_them = verdict is not None and not verdict.by_us
                reason = verdict.reason if verdict is not None else EndReason.NORMAL
                call.ended(reason, by="customer" if by_them else "system")
        finally:
            if ended is None:  # stopped by us
                call.ended(EndReason.INTERRUPTED, by="system")
                ended = attempt.step(AttemptInput.INTERRUPT, Result.INTERRUPTED)
            self._rooms.log.post(call_id, _over(ended))

    async def _talk(self, leg: Leg, attempt: Attempt, contact: Contact) -> Attempt:
        """Run the survey until it is over or the contact hangs up; answers are kept as they come."""
        rooms, survey = self._rooms, self._survey
        answered: list[Answer] = []

        def keep(answer: Answer) -> None:
            answered.append(answer)
            fact = fact_of(answer, campaign=attempt.campaign, contact=contact.id, attempt=attempt.id)
            rooms.log.post(leg.call_id, fact)

        async with self._around(leg, contact):
            talk = asyncio.create_task(
                run_flow(
                    survey.flow,
                    leg,
                    ears=rooms.ears,
                    log=rooms.log,
                    clock=rooms.clock,
                    prompts=rooms.prompts,
                    hours=rooms.hours,
                    on_answer=keep,
                    sleep=self._sleep,
                )
            )
            over = asyncio.create_task(leg.wait_ended())
            try:
                await asyncio.wait({talk, over}, return_when=asyncio.FIRST_COMPLETED)
                if talk.done():
                    if bar := bar_of(talk.result(), contact.number, attempt.campaign, contact.id):
                        rooms.log.post(leg.call_id, bar)  # "do not call me again"
                    return attempt.step(AttemptInput.SURVEY_OVER, result_of(survey, talk.result()))
            except (LegEnded, Unavailable) as error:
                _log.info("call %s: the survey was cut short: %s", leg.call_id, error)
            finally:
                talk.cancel()
                over.cancel()
                await asyncio.gather(talk, over, return_exceptions=True)
            if leg.end is None or leg.end.reason in _OUR_FAULTS:
                return attempt.step(AttemptInput.INTERRUPT, Result.INTERRUPTED)
            return attempt.step(AttemptInput.HUNG_UP, result_of_hang_up(survey, answered))

    def _trunk_told(self, why: NotReached | None) -> None:
        """Count faults of the trunk, so that a dead trunk does not use up the list."""
        if why is None or not why.trunk_fault:
            self._gate.forget_faults()
        elif self._gate.fault(self._rooms.clock.now()):
            faults = self._plan.faults_to_pause
            self._change(CampaignState.PAUSED, f"trunk {self._plan.trunk} failed {faults} times in a row")

    async def _end(self, call_id: str, attempt: Attempt) -> None:
        await self._rooms.log.commit(call_id, _over(attempt))


def _over(attempt: Attempt) -> AttemptEnded:
    result = attempt.result or Result.INTERRUPTED
    return AttemptEnded(attempt.id, attempt.campaign, attempt.contact, result.value, attempt.status)


def _why(error: CallRejected | TransactionTimeout | Unavailable) -> NotReached:
    match error:
        case NotAllowed(passing=passing):  # with ``passing`` the list waits: the next contact would fare no better
            return NotReached(Result.FAILED, EndReason.UNAVAILABLE, error.status, trunk_fault=passing)
        case Announced():
            return announced(error.what) or RANG_OUT
        case CallRejected():
            return refused(error.status, error.cause)
        case TransactionTimeout():
            return RANG_OUT
        case Unavailable():
            return TRUNK_AWAY
