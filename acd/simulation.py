"""Calls on the live scheduler in virtual time: callers come, lose patience and talk; agents come on duty and go.

Whatever is decided is decided by ``acd.scheduler``, the same that runs live; here stand only the world around it and
the clock. Everything that becomes true is handed on at once as the fact that the log would take, so a simulation of a
million calls keeps nothing but what goes on at the moment.

What it leaves out: menus before the queue, opening hours, transfers, callers who leave by key or call again. Where a
queue overflows to others the caller goes there (as live, at most ``MOST_STEPS`` times), with what is left of his
patience and with the place that his wait gives him; agents and numbers outside among the steps are taken as busy, and
voice mail or a flow ends his call.
"""

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from acd.agents import AgentInput
from acd.arrivals import Caller
from acd.decisions import Note, Overflow, Ring
from acd.facts import AgentStateChanged, QueueLeft, QueueOutcome
from acd.laws import Seconds
from acd.scheduler import Scheduler
from acd.shifts import Shift
from acd.urgency import PLAIN, CallerTerms
from core.events import Fact

MOST_STEPS: Final = 12
"""Overflow chains that lead in circles end here, as for live calls."""
# To name a member of an enumeration costs more than a call in Python 3.11, and these are asked for with every caller.
_ANSWERED, _OVERFLOWED = QueueOutcome.ANSWERED, QueueOutcome.OVERFLOWED
_QUEUE: Final = "queue:"
_ENDS: Final = ("voicemail:", "flow:", "hangup")

OnFact: TypeAlias = Callable[[float, str, Fact], None]
"""Takes the moment, the call ("": none) and what became true."""


@dataclass(frozen=True, slots=True)
class Phones:
    """A phone is picked up after ``ring`` seconds, unless it is ``missed``; who was paused for missing too many is back
    after ``back_s``.
    """

    ring: Seconds
    missed: Callable[[], bool]
    back_s: float = 300.0


@dataclass(slots=True)
class _Waiting:
    """A caller on his way: when he came, when he hangs up, to how many queues he has been, which steps are left."""

    call_id: str
    talk_s: float
    gives_up_at: float
    came_at: float
    steps: int = 1
    then: tuple[str, ...] = ()


class Simulation:
    """One run, from ``start`` on. ``now`` is its clock, ``calls`` counts callers who have come.

    ``callers`` and ``shifts`` come in the order of time, nothing before ``start``; all agents have phones.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        callers: Iterator[Caller],
        shifts: Iterator[Shift],
        phones: Phones,
        on_fact: OnFact,
        start: float,
    ) -> None:
        self.now = start
        self.calls = 0
        self._scheduler = scheduler
        self._callers = callers
        self._caller = next(callers, None)
        self._shifts = shifts
        self._phones = phones
        self._on_fact = on_fact
        self._later: list[tuple[float, int, Callable[[str], None], str]] = []
        self._planned = 0
        self._entries = 0
        self._waiting: dict[str, _Waiting] = {}
        self._sent_on: dict[str, _Waiting] = {}
        self._talks: dict[str, str] = {}
        self._on_duty: frozenset[str] = frozenset()
        for agent in scheduler.agents:
            scheduler.command(agent, AgentInput.PHONE_UP, start)
        self._shift = next(shifts, None)
        if self._shift is not None:
            self._plan(self._shift.at, self._change_shift, "")

    def serve(self, count: int) -> bool:
        """Up to ``count`` callers more, and all that happens until the last has come; whether more will come."""
        enough = self.calls + count
        while self._caller is not None and self.calls < enough:
            self._step(math.inf)
        return self._caller is not None

    def run_to(self, until: float) -> None:
        """All that happens before ``until``."""
        while self._step(until):
            pass
        self.now = max(self.now, until)

    def drain(self, until: float) -> None:
        """Nobody comes any more: until all who wait have gone and all who talk have hung up, or it is ``until``."""
        self._caller = None
        while (self._waiting or self._talks) and self._step(until):
            pass

    def _step(self, limit: float) -> bool:
        """The next thing that happens; False where nothing does before ``limit``."""
        scheduler, later, caller = self._scheduler, self._later, self._caller
        planned = later[0][0] if later else math.inf
        comes = math.inf if caller is None else caller.at
        due = scheduler.next_deadline(planned if planned < comes else comes)
        if due is not None:
            if due >= limit:
                return False
            self.now = due
            scheduler.on_deadline(due)
            self._follow()
        elif planned <= comes:
            if planned >= limit:
                return False
            self.now = planned
            _, _, act, key = heapq.heappop(later)
            act(key)
            self._follow()
        elif caller is None or comes >= limit:
            return False
        else:
            self.now = comes
            self._arrive(caller)
            self._caller = next(self._callers, None)
        return True

    def _plan(self, at: float, act: Callable[[str], None], key: str) -> None:
        self._planned += 1
        heapq.heappush(self._later, (at, self._planned, act, key))

    # Callers

    def _arrive(self, caller: Caller) -> None:
        self.calls += 1
        waiting = _Waiting(f"c{self.calls}", caller.talk_s, caller.at + caller.patience_s, caller.at)
        entry = self._enter(waiting, caller.queue)
        self._follow()
        if entry in self._waiting and waiting.gives_up_at < math.inf:
            self._plan(waiting.gives_up_at, self._give_up, entry)

    def _enter(self, waiting: _Waiting, queue: str) -> str:
        self._entries += 1
        entry = f"q{self._entries}"
        self._waiting[entry] = waiting
        terms = CallerTerms(waited_s=self.now - waiting.came_at) if waiting.steps > 1 else PLAIN
        self._scheduler.enter(entry, waiting.call_id, queue, self.now, terms)
        return entry

    def _give_up(self, entry: str) -> None:
        if entry in self._waiting:
            self._scheduler.leave(entry, QueueOutcome.ABANDONED, self.now)

    def _send_on(self, entry: str, to: tuple[str, ...]) -> None:
        """A queue was full, the wait too long or nobody there: the steps of that queue come before those left."""
        waiting = self._sent_on.pop(entry)
        waiting.then = (*to, *waiting.then)
        while waiting.then and waiting.steps < MOST_STEPS:
            step, waiting.then = waiting.then[0], waiting.then[1:]
            if step.startswith(_ENDS):
                return
            if step.startswith(_QUEUE):
                waiting.steps += 1
                following = self._enter(waiting, step.removeprefix(_QUEUE))
                if waiting.gives_up_at < math.inf:
                    self._plan(max(waiting.gives_up_at, self.now), self._give_up, following)
                return

    def _left(self, fact: QueueLeft) -> None:
        waiting = self._waiting.pop(fact.entry)
        if fact.outcome == _ANSWERED:
            self._talks[fact.agent] = fact.entry
            self._plan(self.now + waiting.talk_s, self._hang_up, fact.agent)
        elif fact.outcome == _OVERFLOWED:
            self._sent_on[fact.entry] = waiting

    # Agents

    def _ring(self, offer: str) -> None:
        if self._phones.missed():
            return  # the scheduler ends the offer when its time is over
        ring_s = self._phones.ring()
        if ring_s > 0.0:
            self._plan(self.now + ring_s, self._pick_up, offer)
        else:
            self._pick_up(offer)

    def _pick_up(self, offer: str) -> None:
        self._scheduler.answered(offer, self.now)

    def _hang_up(self, agent: str) -> None:
        self._scheduler.talk_over(agent, self._talks.pop(agent), self.now)

    def _come_back(self, agent: str) -> None:
        if agent in self._on_duty:
            self._scheduler.command(agent, AgentInput.READY, self.now)

    def _change_shift(self, _key: str) -> None:
        shift = self._shift
        if shift is None:
            return
        for agent in sorted(shift.agents - self._on_duty):
            self._scheduler.command(agent, AgentInput.READY, self.now)
        for agent in sorted(self._on_duty - shift.agents):
            self._scheduler.command(agent, AgentInput.SIGN_OUT, self.now)
        self._on_duty = shift.agents
        self._shift = next(self._shifts, None)
        if self._shift is not None:
            self._plan(self._shift.at, self._change_shift, "")

    # What was decided

    def _follow(self) -> None:
        """Do what the scheduler wants done, until it wants nothing more at this moment."""
        scheduler, on_fact, now = self._scheduler, self._on_fact, self.now
        while decisions := scheduler.take():
            for decision in decisions:
                if isinstance(decision, Note):
                    call_id, fact = decision
                    on_fact(now, call_id, fact)
                    if isinstance(fact, AgentStateChanged):
                        if fact.reason == "rona":
                            self._plan(now + self._phones.back_s, self._come_back, fact.agent)
                    elif isinstance(fact, QueueLeft):
                        self._left(fact)
                elif isinstance(decision, Ring):
                    self._ring(decision.offer)
                elif isinstance(decision, Overflow):
                    self._send_on(decision.entry, decision.to)
