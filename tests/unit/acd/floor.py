"""A scheduler on virtual time with shorthand."""

import itertools
import random
from collections.abc import Iterable, Mapping

from acd.agents import AgentInput, Profile
from acd.decisions import Note, Overflow, Ring, StopRinging
from acd.facts import AgentStatus, OfferResult, QueueLeft, QueueOutcome
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from acd.urgency import PLAIN, CallerTerms
from core.events import Fact


class Floor:
    """A scheduler with shorthand, and what it has decided so far."""

    def __init__(
        self, *queues: QueueRules, ready: Iterable[str] = (), profiles: Mapping[str, Profile] | None = None
    ) -> None:
        count = itertools.count(1)
        self.scheduler = Scheduler(queues, lambda: f"o{next(count)}", profiles=profiles, draw=random.Random(0).random)
        self.rings: list[Ring] = []
        self.facts: list[Fact] = []
        self.overflows: list[Overflow] = []
        self.ringing: dict[str, Ring] = {}
        for place, agent in enumerate(ready):
            self.do(agent, AgentInput.PHONE_UP, place)
            self.do(agent, AgentInput.READY, place)

    def take(self) -> None:
        for decision in self.scheduler.take():
            match decision:
                case Ring():
                    self.rings.append(decision)
                    self.ringing[decision.agent] = decision
                case StopRinging(_, agent):
                    del self.ringing[agent]
                case Overflow():
                    self.overflows.append(decision)
                case Note(_, fact):
                    self.facts.append(fact)

    def do(self, agent: str, item: AgentInput, now: float, reason: str = "") -> None:
        self.scheduler.command(agent, item, now, reason=reason)
        self.take()

    def enter(self, entry: str, now: float, queue: str = "sales", terms: CallerTerms = PLAIN) -> None:
        self.scheduler.enter(entry, f"call of {entry}", queue, now, terms)
        self.take()

    def leave(self, entry: str, now: float) -> bool:
        left = self.scheduler.leave(entry, QueueOutcome.ABANDONED, now)
        self.take()
        return left

    def answer(self, agent: str, now: float) -> bool:
        answered = self.scheduler.answered(self.ringing.pop(agent).offer, now)
        self.take()
        return answered

    def miss(self, agent: str, now: float, result: OfferResult = OfferResult.REFUSED) -> None:
        self.scheduler.missed(self.ringing[agent].offer, result, now)
        self.take()

    def over(self, agent: str, now: float) -> None:
        self.scheduler.talk_over(agent, "", now)
        self.take()

    def run_to(self, now: float) -> None:
        while (at := self.scheduler.next_deadline()) is not None and at <= now:
            self.scheduler.on_deadline(at)
            self.take()

    def status(self, agent: str) -> AgentStatus:
        return self.scheduler.agents[agent].status

    def left(self) -> list[tuple[str, str, float, str]]:
        return [(f.entry, f.outcome, f.wait_s, f.agent) for f in self.facts if isinstance(f, QueueLeft)]


def sales(*agents: str, **rules: object) -> QueueRules:
    return QueueRules("sales", agents, **rules)  # type: ignore[arg-type]
