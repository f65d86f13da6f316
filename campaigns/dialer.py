"""The dialer: works through a campaign's list, so many calls at a time, within its calling hours.

What it may do next is decided by ``campaigns.gate`` (state, hours, lines), ``campaigns.pace`` (agents) and
``campaigns.turns`` (trunks), in this order; who may be called by ``campaigns.rules``, as a contact is claimed. Each
call is a ``campaigns.one_call``. Each attempt is dialled at most once, whatever happens: ``ContactStore.claim`` has the
decision and the attempt on disk before the first packet leaves, and nothing here ever dials an attempt twice; whether
there is another one says ``campaigns.retry``.
"""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from math import inf
from typing import Final, Literal

from campaigns.attempt import Attempt, AttemptInput, NotReached, Result
from campaigns.facts import CampaignStateChanged
from campaigns.gate import LOST_TO_PAUSE, CampaignState, Gate, Plan
from campaigns.one_call import OneCall, over
from campaigns.pace import LOOK_AGENTS_S, Pace, Unpaced
from campaigns.pauses import BROKEN, no_agent_in_time, trunk_failed
from campaigns.ports import Contact, NotYet
from campaigns.preview import Previewing
from campaigns.preview_call import PreviewCall
from campaigns.rooms import Rooms
from campaigns.rules.values import Decision
from campaigns.talk import Talk
from ivr.runner import Sleep

_log = logging.getLogger("line400.campaigns")
LOOK_EVERY_S: Final = 60.0
"""While nobody may be called it is looked so often whether that has changed, and at once when ``look`` says so."""


class Dialer:
    """Runs one campaign. ``run`` is its task; the other methods may be called at any time from the same loop."""

    def __init__(
        self,
        plan: Plan,
        talk: Talk | Previewing,
        rooms: Rooms,
        *,
        pace: Pace | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._plan = plan
        self._talk = talk
        self._rooms = rooms
        self._pace: Pace = pace or Unpaced()
        self._sleep = sleep
        self._gate = Gate(plan)
        self._calls: dict[asyncio.Task[None], OneCall] = {}
        self._changed = asyncio.Event()
        self._came = False
        self._counted_at = -inf

    @property
    def state(self) -> CampaignState:
        """Running, paused, stopped or finished."""
        return self._gate.state

    @property
    def calls(self) -> int:
        """How many contacts are being rung or spoken to."""
        return len(self._calls)

    def pause(self, why: str = "") -> None:
        """No new dials from now on; calls that are up go on. ``why`` ("": somebody has asked for it) in words."""
        self._change(CampaignState.PAUSED, why)

    def resume(self) -> None:
        """Dial again; a trunk that failed is tried again at once."""
        self._gate.forget_faults()
        self._change(CampaignState.RUNNING)

    def replan(self, plan: Plan) -> None:
        """Go by ``plan`` from the next call on; it has the same name, trunk and caller id."""
        self._plan = plan
        self._gate.replan(plan)
        self._changed.set()

    def look(self) -> None:
        """Somebody may have become due: contacts have come in, or a rule has let some go. The campaign does not finish
        before a claim that began after this.
        """
        self._came = True
        self._changed.set()

    def hold(self) -> None:
        """The house is being stopped: no new dials, calls that are up go on, and the next start goes on dialling."""
        self._gate.hold()
        self._take_back()
        self._changed.set()

    def stop(self, *, hang_up: bool = False) -> None:
        """No new dials for good; ``run`` returns when the calls that are up have ended. With ``hang_up`` they end at
        once, but for people who wait for an agent, talk with one, or are told that there is none.
        """
        self._change(CampaignState.STOPPED)
        if hang_up:
            for task, call in self._calls.items():
                if not call.kept:
                    task.cancel()

    async def run(self) -> CampaignState:
        """Dial until the list is done or ``stop``; the final state.

        Cancelling it hangs up and leaves the campaign running: the next start of the house takes it up again.
        """
        name, turns = self._plan.name, self._rooms.turns
        self._rooms.log.post("", CampaignStateChanged(name, self._gate.state))
        leave = turns.enter(name, self._plan.trunk, self._changed.set)
        forget = self._pace.watch(self._changed.set)
        try:
            while self._gate.state not in {CampaignState.STOPPED, CampaignState.FINISHED}:
                self._changed.clear()
                self._came = False
                wait_s = await self._next()
                if wait_s > 0:
                    await self._changed_within(wait_s)
            if self._calls:
                await asyncio.wait(self._calls)
            return self._gate.state
        finally:
            forget()
            for task in self._calls:
                task.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)
            leave()

    def _change(self, state: CampaignState, why: str = "") -> None:
        if self._gate.change(state):
            self._rooms.log.post("", CampaignStateChanged(self._plan.name, state, why))
            self._changed.set()
            if state is not CampaignState.RUNNING:
                self._take_back()

    def _take_back(self) -> None:
        """Whom nobody has decided to call yet is not called."""
        for task, call in self._calls.items():
            if not call.begun:
                task.cancel()

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

    async def _next(self) -> float:
        """Dial one contact, if that may be; after so many seconds, or a change, it is looked again."""
        name, turns, now = self._plan.name, self._rooms.turns, self._rooms.clock.now()
        wait_s = self._gate.wait_s(now, len(self._calls))
        may = self._pace.may(now) if wait_s <= 0 else None
        if may is None or may.calls <= 0:
            turns.content(name)
            return wait_s if may is None else await self._without_agents(now)
        wait_s = turns.ask(name, now)
        if wait_s > 0:
            return wait_s
        wait_s = await self._dial_next(ready=may.ready)
        if wait_s == inf:
            self._finish_where_idle()
        return wait_s

    async def _without_agents(self, now: float) -> float:
        """No agent is free: a list that is done is finished all the same."""
        if not self._calls and now - self._counted_at >= LOOK_EVERY_S:
            self._counted_at = now
            counts = await self._rooms.store.counts(self._plan.name)
            if not counts.pending and not counts.dialling:
                self._finish_where_idle()
        return LOOK_AGENTS_S

    def _finish_where_idle(self) -> None:
        """No contact is pending, and the last call is over. Not where it was paused while the store was asked, or
        somebody came in, whom its answer may have missed.
        """
        if not self._calls and not self._came and self._gate.state is CampaignState.RUNNING:
            self._change(CampaignState.FINISHED)

    async def _dial_next(self, *, ready: bool) -> float:
        """Claim and dial one contact; after so many seconds the next may be claimed, ``inf``: no contact is pending.
        The line that was asked for is given back where none is dialled.
        """
        rooms, plan = self._rooms, self._plan
        attempt_id, call_id = rooms.ids.new("attempt"), rooms.ids.new("call")
        terms = replace(plan.terms(rooms.rules()), ready=ready)
        dialled = False
        try:
            contact = await rooms.store.claim(
                plan.name, attempt=attempt_id, call_id=call_id, terms=terms, retry=plan.retry, order=plan.order
            )
            if contact is None:
                return inf
            now = rooms.clock.now()
            if isinstance(contact, NotYet):
                return min(max(0.0, contact.at - now), LOOK_EVERY_S)
            attempt = Attempt(attempt_id, plan.name, contact.id)
            # paused, closed or left by its agents while the claim was written
            if self._gate.wait_s(now, len(self._calls)) > 0 or self._pace.may(now).calls <= 0:
                await rooms.log.commit(call_id, over(attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN)))
                return 0.0
            dialled = True
        finally:
            if not dialled:
                rooms.turns.give_back(plan.name, unused=True)
        self._dial(attempt, contact, call_id)
        return 0.0

    def _dial(self, attempt: Attempt, contact: Contact, call_id: str) -> None:
        self._pace.dialled(attempt.id, self._rooms.clock.now(), kept=contact.spared)
        call = self._call(attempt, contact)
        task = asyncio.create_task(call.run(call_id), name=f"attempt {attempt.id}")
        self._calls[task] = call
        task.add_done_callback(lambda done: self._call_over(done, attempt, call_id))

    def _call(self, attempt: Attempt, contact: Contact) -> OneCall:
        plan, rooms, pace, how = self._plan, self._rooms, self._pace, self._talk
        if isinstance(how, Previewing):
            again = partial(self._asked_again, contact)
            return PreviewCall(plan, rooms, how.desks, how.terms, pace, self, attempt, contact, self._sleep, again)
        return OneCall(plan, rooms, how, pace, self, attempt, contact)

    async def _asked_again(self, contact: Contact) -> Decision:
        terms = self._plan.terms(self._rooms.rules())
        return await self._rooms.store.asked_again(contact, replace(terms, ready=True))

    def _call_over(self, task: asyncio.Task[None], attempt: Attempt, call_id: str) -> None:
        call = self._calls.pop(task)
        self._rooms.turns.give_back(self._plan.name, unused=not call.sent)
        if not call.begun:  # cancelled before its first step, or not wanted by the agent: nothing was sent
            self._pace.landed(attempt.id, self._rooms.clock.now(), person=False)
            withdrawn = attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN)
            self._rooms.log.post(call_id, over(withdrawn, call.again_at))
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s of campaign %s broke off", task.get_name(), self._plan.name, exc_info=error)
            self._change(CampaignState.PAUSED, BROKEN)
        self._changed.set()

    def trunk_told(self, why: NotReached | None) -> None:
        """Told by calls: count faults of the trunk, so that a dead trunk does not use up the list."""
        if why is None or not why.trunk_fault:
            self._gate.forget_faults()
        elif self._gate.fault(self._rooms.clock.now()):
            self._change(CampaignState.PAUSED, trunk_failed(self._plan.trunk, self._plan.faults_to_pause))

    def person_reached(self, *, abandoned: bool) -> None:
        """Told by calls: where nobody is ever given an agent, no more people are rung up for nothing."""
        if self._gate.reached(abandoned=abandoned):
            self._change(CampaignState.PAUSED, no_agent_in_time(LOST_TO_PAUSE))
        self._changed.set()
