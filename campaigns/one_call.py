"""One attempt to reach one contact, from dialling to its result; whatever happens, attempt and call end once."""

from typing import Protocol

from campaigns.attempt import (
    AGENT_LEFT,
    RANG_OUT,
    AgentLeft,
    Announced,
    Attempt,
    AttemptInput,
    AttemptState,
    NotReached,
    Result,
    announced,
    not_reached,
)
from campaigns.facts import AttemptEnded
from campaigns.gate import Plan
from campaigns.pace import Pace
from campaigns.ports import Contact
from campaigns.retry import ended
from campaigns.rooms import Rooms
from campaigns.talk import Person, Talk
from core.errors import CallRejected, NotAllowed, TransactionTimeout, Unavailable
from telephony.call import Call
from telephony.ports import EndReason, Leg


class Told(Protocol):
    """What the campaign learns from its calls."""

    def trunk_told(self, why: NotReached | None) -> None:
        """Why nobody was reached; None where something answered."""
        ...

    def person_reached(self, *, abandoned: bool) -> None:
        """A person was given an agent, or ``abandoned``."""
        ...


class OneCall:
    """``begun``: the call is in the log; ``sent``: it may be on the trunk; ``kept``: a person waits for his agent,
    talks with him or is told that there is none, and is not cut off.
    """

    def __init__(
        self, plan: Plan, rooms: Rooms, talk: Talk, pace: Pace, told: Told, attempt: Attempt, contact: Contact
    ) -> None:
        self.attempt = attempt
        self.begun = self.sent = self.kept = False
        self.again_at: float | None = None
        """Of a call that has not begun: not before this moment (epoch seconds) is the contact claimed again."""
        self._ended: Attempt | None = None
        self._plan = plan
        self._rooms = rooms
        self._talk = talk
        self._pace = pace
        self._told = told
        self._contact = contact

    async def run(self, call_id: str) -> None:
        """Make the call ``call_id``."""
        plan, contact = self._plan, self._contact
        self.begun = True
        call = Call(call_id, self._rooms.log)
        call.started(direction="outbound", ani=plan.caller_id, dnis=contact.number, trunk=plan.trunk)
        try:
            if not await self._ready():
                call.ended(EndReason.NO_ANSWER, by="agent")
                self._ended = self.attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN)
                return
            self.attempt = self.attempt.step(AttemptInput.DIAL)
            try:
                leg = await self._reach(call_id)
            except (CallRejected, TransactionTimeout, Unavailable) as error:
                why = _why(error)
                self._told.trunk_told(why)
                call.ended(why.reason, by="system", status=why.status)
                self._ended = self.attempt.step(AttemptInput.NOT_REACHED, why.result, why.status)
                return
            self._told.trunk_told(None)
            await self._answered(leg, call)
        finally:
            self._landed(person=False)
            if self._ended is None:  # stopped by us
                call.ended(EndReason.INTERRUPTED, by="system")
                self._ended = _cut(self.attempt)
            now = self._rooms.clock.now()
            self._rooms.log.post(call_id, ended(plan.retry, contact.past, contact.number, self._ended, now))

    async def _ready(self) -> bool:
        """Whether the contact is to be called now; False: not one packet is sent."""
        return True

    async def _reach(self, call_id: str) -> Leg:
        listener, dialling = self._rooms.listener, self._dial(call_id)
        return await (listener.reach(dialling, call_id) if listener is not None else dialling)

    async def _dial(self, call_id: str) -> Leg:
        plan, rooms = self._plan, self._rooms
        self._use_line()
        return await rooms.outside.dial(
            self._contact.number,
            call_id,
            trunk=plan.trunk,
            caller_id=plan.caller_id,
            timeout_s=plan.ring_timeout_s,
        )

    def _use_line(self) -> None:
        if not self.sent:
            self.sent = True
            self._rooms.turns.sent(self._plan.name)

    async def _answered(self, leg: Leg, call: Call) -> None:
        """From the answer to the hang-up."""
        rooms = self._rooms
        call.answered()
        self.attempt = self.attempt.step(AttemptInput.ANSWERED)
        self._pace.answered(self.attempt.id, rooms.clock.now())
        try:
            machine = announced(await rooms.listener.answered_by(leg)) if rooms.listener is not None else None
            if machine is not None and leg.end is None:
                self._ended = self.attempt.step(AttemptInput.MACHINE, machine.result)
            else:
                self._ended = await self._talk.talk(Person(leg, call, self.attempt, self._contact), self)
        finally:
            await leg.hang_up()
            verdict = leg.end
            by_them = verdict is not None and not verdict.by_us
            reason = verdict.reason if verdict is not None else EndReason.NORMAL
            call.ended(reason, by="customer" if by_them else "system")

    def waits(self) -> None:
        """See ``campaigns.talk.Fate``."""
        self.kept = True
        self._landed(person=True)

    def reached(self, *, abandoned: bool) -> None:
        """See ``campaigns.talk.Fate``."""
        self._pace.reached(abandoned=abandoned)
        self._told.person_reached(abandoned=abandoned)

    def _landed(self, *, person: bool) -> None:
        self._pace.landed(self.attempt.id, self._rooms.clock.now(), person=person)


def over(attempt: Attempt, again_at: float | None = None) -> AttemptEnded:
    """The fact that an attempt has ended; the contact is not claimed again before ``again_at`` (None: no matter)."""
    result = attempt.result or Result.INTERRUPTED
    return AttemptEnded(attempt.id, attempt.campaign, attempt.contact, result.value, attempt.status, again_at)


def _cut(attempt: Attempt) -> Attempt:
    """Stopped by us: before the first packet as if it had not been."""
    if attempt.state is AttemptState.CLAIMED:
        return attempt.step(AttemptInput.WITHDRAW, Result.WITHDRAWN)
    return attempt.step(AttemptInput.INTERRUPT, Result.INTERRUPTED)


def _why(error: CallRejected | TransactionTimeout | Unavailable) -> NotReached:
    match error:
        case NotAllowed(passing=passing):  # with ``passing`` the list waits: the next contact would fare no better
            return NotReached(Result.FAILED, EndReason.UNAVAILABLE, error.status, trunk_fault=passing)
        case Announced():
            return announced(error.what) or RANG_OUT
        case AgentLeft():
            return AGENT_LEFT
        case _:
            return not_reached(error)
