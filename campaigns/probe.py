"""The answer-rate probe: when our own number is to be called as a customer would, and what came of such a call. Pure.

What the caller's end sees (it rings, somebody answers, the far end hangs up) comes from whoever dials; what happened
behind it (menu, queue, agent) from the events of the call as it comes back in, known by the two numbers.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from cronsim import CronSim, CronSimError

from acd.facts import QueueEntered
from core.errors import ParseError
from core.events import Event
from core.numbers import normalise
from ivr.hours import Hours
from telephony.facts import CallStarted, TalkStarted

_TRIES: Final = 2000
"""Moments of the expression that are looked at for one within the opening hours: over a month of half hours."""


class ProbeResult(StrEnum):
    """How a test call went."""

    ANSWERED = "answered"  # by an agent
    GAVE_UP = "gave_up"  # nobody came within the patience
    CUT_OFF = "cut_off"  # the line hung up before an agent came: closed, overflowed, an error
    STRAYED = "strayed"  # somebody answered, but the call never came in to us
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FAILED = "failed"  # the trunk could not be reached, or the number may not be called
    INTERRUPTED = "interrupted"  # our process ended meanwhile


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """Dial ``number`` through ``trunk`` as ``caller_id`` whenever ``when`` (a cron expression, local time) comes up
    within ``hours`` (None: always); press ``keys`` in the menu, each ``keys_after_s`` after what was before it; wait
    ``patience_s`` for an agent and stay with him for ``talk_s``.
    """

    name: str
    number: str
    trunk: str
    caller_id: str
    when: str
    hours: Hours | None = None
    keys: str = ""
    keys_after_s: float = 6.0
    ring_timeout_s: float = 40.0
    patience_s: float = 120.0
    talk_s: float = 5.0


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """One test call as it is kept, with the figures of ``ProbeEnded``. ``result`` is "" while it is under way;
    ``call_id`` is the call that we dialled, ``inbound`` the same as it came back in ("": it did not). Epoch seconds.
    """

    id: str
    probe: str
    call_id: str
    inbound: str
    by: str
    started_at: float
    ended_at: float | None
    result: str
    ring_s: float | None
    menu_s: float | None
    wait_s: float | None
    queue: str
    agent: str
    status: int


def check_cron(expression: str) -> str:
    """``expression``, where it is one; ``ValueError`` says how to write it."""
    try:
        CronSim(expression, datetime(2026, 1, 1))
    except CronSimError as error:
        raise ValueError(
            f"{expression!r} is no cron expression ({error}); write minute hour day month weekday, "
            'such as "0,30 8-19 * * *"'
        ) from None
    return expression


def next_run(plan: ProbePlan, after: float, zone: tzinfo) -> float | None:
    """The next moment (epoch seconds) after ``after`` at which the plan calls; None where there is none in sight."""
    moments = CronSim(plan.when, datetime.fromtimestamp(after, zone))
    for _ in range(_TRIES):
        moment = next(moments, None)
        if moment is None:
            return None
        at = moment.timestamp()
        if plan.hours is None or plan.hours.is_open(at):
            return at
    return None


@dataclass(slots=True)
class ProbeTrail:
    """What is known of a run so far. ``see`` takes the house's events, in order; times are epoch seconds."""

    plan: ProbePlan
    inbound: str = ""
    queue: str = ""
    agent: str = ""
    queued_at: float | None = None
    taken_at: float | None = None

    def see(self, event: Event) -> bool:
        """Whether the event has told something new."""
        match event.fact:
            case CallStarted(direction="inbound", ani=ani, dnis=dnis) if not self.inbound:
                if not (_same(ani, self.plan.caller_id) and _same(dnis, self.plan.number)):
                    return False
                self.inbound = event.call_id
            case QueueEntered(queue=queue) if self._ours(event):
                self.queue = queue
                self.queued_at = event.at if self.queued_at is None else self.queued_at
            case TalkStarted(agent=agent) if self._ours(event) and self.taken_at is None:
                self.agent, self.taken_at = agent, event.at
            case _:
                return False
        return True

    def menu_s(self, greeted_at: float, over_at: float) -> float:
        """How long the menu lasted, or the call without reaching a queue."""
        return max(0.0, (over_at if self.queued_at is None else self.queued_at) - greeted_at)

    def wait_s(self, over_at: float) -> float | None:
        """How long it waited for an agent, or in vain; None where it reached no queue."""
        if self.queued_at is None:
            return None
        return max(0.0, (over_at if self.taken_at is None else self.taken_at) - self.queued_at)

    def result(self, *, gone: bool) -> ProbeResult:
        """Of a call that was answered. ``gone``: the line has hung up."""
        if self.taken_at is not None:
            return ProbeResult.ANSWERED
        if not self.inbound:
            return ProbeResult.STRAYED
        return ProbeResult.CUT_OFF if gone else ProbeResult.GAVE_UP

    def _ours(self, event: Event) -> bool:
        return bool(self.inbound) and event.call_id == self.inbound


def _same(one: str, other: str) -> bool:
    try:
        return normalise(one) == normalise(other)
    except ParseError:
        return one == other
