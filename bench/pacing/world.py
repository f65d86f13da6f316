"""The world around a policy, on virtual time: calls ring, people answer, agents talk, wrap up, take breaks, come back.

All chance comes from the seed, and call number 17 has the same fate under every policy but for the moment at which it
is dialled. An abandon is a person who answered and had no agent within 2 s of the end of the greeting.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from bench.pacing.settings import Setting
from campaigns.pacing.state import Happened, Reached, RingOver, State, TalkOver, WrapUpOver

PATIENCE_S: Final = 2.0
STEP_S: Final = 60.0


class Policy(Protocol):
    """Says how many calls to dial. ``tick_s``: it is asked that often (0: never for time alone); ``on_events``: and
    whenever something happens, but not again within ``pause_s``.
    """

    tick_s: float
    on_events: bool
    pause_s: float

    def decide(self, now: float, state: State) -> int:
        """How many to dial at ``now``."""
        ...


@dataclass(slots=True)
class Tally:
    """What a run gave. ``people`` has the moment and 1 (abandoned) or 0 for each person who answered."""

    idle_s: float = 0.0
    talk_s: float = 0.0
    agent_s: float = 0.0
    dials: int = 0
    people: list[tuple[float, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Call:
    """A call that a person answers: how long the greeting, the talk and the agent's wrap-up last."""

    greeting_s: float
    talk_s: float
    wrap_up_s: float


def log_normal(law: tuple[float, float]) -> tuple[float, float]:
    """Middle and width of the normal law whose exponential has this mean and standard deviation."""
    variance = math.log1p((law[1] / law[0]) ** 2)
    return math.log(law[0]) - variance / 2, math.sqrt(variance)


def answer_shares(setting: Setting, seed: int) -> list[float]:
    """The share that a person answers, for each minute: a list that drifts, and shocks on top."""
    chance = random.Random(f"answers {seed}")
    drift, shares, shock, until = 0.0, [], 1.0, 0.0
    keep = math.exp(-STEP_S / 5400.0)
    for number in range(int(setting.hours * 3600 / STEP_S) + 2):
        now = number * STEP_S
        drift = keep * drift + math.sqrt(1 - keep * keep) * setting.drift * chance.gauss(0, 1)
        starts, length_s, up = chance.random(), chance.uniform(600, 2400), chance.random() < 0.5
        if now >= until:
            shock = 1.0
            if starts < setting.shocks * STEP_S / 3600:
                shock, until = (1.8 if up else 0.5), now + length_s
        shares.append(min(max(setting.answer * math.exp(drift) * shock, 0.03), 0.85))
    return shares


class World:
    """One run of ``policy`` in ``setting``."""

    def __init__(
        self, setting: Setting, policy: Policy, seed: int, watch: Callable[[float], None] | None = None
    ) -> None:
        self.now = 0.0
        self.tally = Tally()
        self._setting = setting
        self._policy = policy
        self._watch = watch
        self._end = setting.hours * 3600.0
        self.shares = answer_shares(setting, seed)
        self._fates = random.Random(f"calls {seed}")
        self._breaks = random.Random(f"breaks {seed}")
        laws = (setting.talk_s, setting.wrap_up_s, setting.ring_s, setting.greeting_s)
        self._laws = [log_normal(law) for law in laws]
        self._heap: list[tuple[float, int, Callable[[int], None], int]] = []
        self._order = 0
        self._free: deque[int] = deque(range(setting.agents))
        self._free_since = dict.fromkeys(range(setting.agents), 0.0)
        self._leaves_at = {agent: self._breaks.expovariate(1 / setting.work_s) for agent in range(setting.agents)}
        self._ringing: dict[int, float] = {}
        self._waiting: dict[int, float] = {}
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self._calls: dict[int, _Call] = {}
        self._served: dict[int, _Call] = {}
        self._dialled = 0
        self._happened: list[Happened] = []
        self._asks = False
        self._asked_at = 0.0
        for agent, at in self._leaves_at.items():
            self._plan(at, self._break_due, agent)

    def run(self) -> Tally:
        """To the end of the last hour."""
        policy, heap = self._policy, self._heap
        if policy.tick_s:
            self._plan(policy.tick_s, self._tick, 0)
        self._ask()
        while heap[0][0] < self._end:
            self.now, _, act, key = heapq.heappop(heap)
            act(key)
            if policy.on_events and not self._asks and act != self._ask_late:
                wait_s = self._asked_at + policy.pause_s - self.now
                if wait_s <= 0.0:
                    self._ask()
                else:
                    self._asks = True
                    self._plan(self.now + wait_s, self._ask_late, 0)
        for since in self._free_since.values():
            self.tally.idle_s += self._end - since
        self.tally.agent_s += self.tally.idle_s
        for busy in (self._talking, self._wrapping):
            for since in busy.values():
                self.tally.agent_s += self._end - since
        return self.tally

    def _plan(self, at: float, act: Callable[[int], None], key: int) -> None:
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, act, key))

    def _tick(self, _key: int) -> None:
        self._plan(self.now + self._policy.tick_s, self._tick, 0)
        if self._watch is not None:
            self._watch(self.now)
        if not self._policy.on_events:
            self._ask()

    def _ask_late(self, _key: int) -> None:
        self._asks = False
        self._ask()

    def _ask(self) -> None:
        self._asked_at = self.now
        state = State(
            len(self._free),
            tuple(self._talking.values()),
            tuple(self._wrapping.values()),
            tuple(self._ringing.values()),
            len(self._waiting),
            tuple(self._happened),
        )
        self._happened.clear()
        for _ in range(self._policy.decide(self.now, state)):
            self._dial()

    # Calls

    def _dial(self) -> None:
        draw, setting, number = self._fates, self._setting, self._dialled
        self._dialled += 1
        lot, other, late = draw.random(), draw.random(), draw.random()
        talk_s, wrap_up_s, ring_s, greeting_s = (math.exp(draw.gauss(middle, width)) for middle, width in self._laws)
        self._ringing[number] = self.now
        ring_s += 2.0
        if lot < self.shares[int(self.now / STEP_S)] and ring_s < setting.ring_limit_s:
            self._calls[number] = _Call(greeting_s, talk_s, wrap_up_s)
            self._plan(self.now + ring_s, self._answered, number)
        else:
            if other < setting.dead:
                ring_s = 1.0 + 4.0 * late
            elif other < setting.dead + setting.machines:
                ring_s = 12.0 + 13.0 * late
            else:
                ring_s = setting.ring_limit_s
            self._plan(self.now + ring_s, self._not_answered, number)

    def _not_answered(self, number: int) -> None:
        self._happened.append(RingOver(self.now - self._ringing.pop(number), False))

    def _answered(self, number: int) -> None:
        self._happened.append(RingOver(self.now - self._ringing.pop(number), True))
        if self._free:
            self._connect(self._free.popleft(), number)
        else:
            self._waiting[number] = self.now
            self._plan(self.now + self._calls[number].greeting_s + PATIENCE_S, self._give_up, number)

    def _give_up(self, number: int) -> None:
        if number in self._waiting:
            del self._waiting[number], self._calls[number]
            self._count(1)

    def _connect(self, agent: int, number: int) -> None:
        self._count(0)
        self.tally.idle_s += self.now - self._free_since.pop(agent, self.now)
        self._served[agent] = call = self._calls.pop(number)
        self._talking[agent] = self.now
        self._plan(self.now + call.talk_s, self._talk_over, agent)

    def _count(self, abandoned: int) -> None:
        self.tally.people.append((self.now, abandoned))
        self._happened.append(Reached(bool(abandoned)))

    # Agents

    def _talk_over(self, agent: int) -> None:
        call = self._served.pop(agent)
        self._talking.pop(agent)
        self.tally.talk_s += call.talk_s
        self.tally.agent_s += call.talk_s
        self._happened.append(TalkOver(call.talk_s))
        self._wrapping[agent] = self.now
        self._plan(self.now + call.wrap_up_s, self._wrapped_up, agent)

    def _wrapped_up(self, agent: int) -> None:
        lasted = self.now - self._wrapping.pop(agent)
        self.tally.agent_s += lasted
        self._happened.append(WrapUpOver(lasted))
        if self._leaves_at[agent] <= self.now:
            self._go(agent)
        else:
            self._come(agent)

    def _come(self, agent: int) -> None:
        if self._waiting:
            number = next(iter(self._waiting))
            del self._waiting[number]
            self._connect(agent, number)
        else:
            self._free.append(agent)
            self._free_since[agent] = self.now

    def _break_due(self, agent: int) -> None:
        if agent in self._free_since:
            self._free.remove(agent)
            self.tally.idle_s += self.now - self._free_since.pop(agent)
            self._go(agent)

    def _go(self, agent: int) -> None:
        back = self.now + self._breaks.expovariate(1 / self._setting.break_s)
        self._leaves_at[agent] = back + self._breaks.expovariate(1 / self._setting.work_s)
        self._plan(back, self._come, agent)
        self._plan(self._leaves_at[agent], self._break_due, agent)
