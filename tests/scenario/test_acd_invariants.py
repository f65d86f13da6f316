"""Whatever happens in whichever order, call distribution keeps its promises.

A thousand seeded days of random inputs on the pure scheduler in virtual time, watched by an inspector that believes
only the decisions; and two hundred on the driver with phones and legs that answer, refuse, time out, crash and vanish.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Collection

import pytest

from acd.agents import AgentInput, Duty, Profile
from acd.callback_facts import CallbackLeft, CallbackWaits
from acd.decisions import Note, Overflow, Ring, StopRinging
from acd.distributor import Distributor
from acd.facts import (
    AgentStateChanged,
    AgentStatus,
    OfferEnded,
    OfferMade,
    OfferResult,
    QueueEntered,
    QueueLeft,
    QueueOutcome,
)
from acd.lines import Entry, EntryState, Line
from acd.queues import QueueRules, Strategy, There
from acd.scheduler import Scheduler
from acd.served import Connected
from acd.skills import Relaxation, SkillNeed
from acd.strategies import SEVERAL
from acd.urgency import CallerTerms
from core.bus import MemoryLog
from core.errors import LegEnded
from core.events import Fact
from core.ids import CountingEntropy, Ids
from tests.unit.acd.doubles import Behaviour, FakeAnnouncer, FakeLeg, FakePhones
from tests.virtual_loop import LoopClock, run

AGENTS = ("a", "b", "c", "d", "e")
REST = {AgentStatus.AVAILABLE, AgentStatus.PAUSED, AgentStatus.OFFLINE}


def random_queues(chance: random.Random) -> list[QueueRules]:
    return [
        QueueRules(
            name,
            tuple(agent for agent in AGENTS if chance.random() < 0.7),
            ring_timeout_s=chance.choice([5.0, 20.0]),
            wrap_up_s=chance.choice([0.0, 10.0]),
            max_wait_s=chance.choice([None, 30.0, 120.0]),
            max_length=chance.choice([None, 3, 10]),
            exit_keys=chance.choice([frozenset[str](), frozenset("0")]),
            misses_until_pause=chance.choice([0, 1, 3]),
            strategy=chance.choice(list(Strategy)),
            ahead_s=chance.choice([0.0, 0.0, 60.0]),
            skills=chance.choice([(), (), (SkillNeed("tyres", 5),)]),
            relax=(Relaxation(20.0, 2), Relaxation(60.0, chance.choice([3, 10]))),
            sticky_wait_s=chance.choice([0.0, 15.0]),
            ring_at_once=chance.choice([2, 20]),
            enter_while=chance.choice([There.ALWAYS, There.ALWAYS, *There]),
            stay_while=chance.choice([There.ALWAYS, There.ALWAYS, There.SIGNED_IN, There.ON_DUTY]),
        )
        for name in ("sales", "service", "parts")
    ]


PROFILES = {"a": Profile({"tyres": 9}), "b": Profile({"tyres": 3}, weight=5), "c": Profile({"tyres": 5})}


def several(queues: list[QueueRules]) -> set[str]:
    return {queue.name for queue in queues if queue.strategy in SEVERAL}


def random_terms(chance: random.Random) -> CallerTerms:
    """A caller who may be a VIP, want a certain agent, or else another one, and need English."""
    ahead_s = chance.choice([0.0, 0.0, 120.0])
    agent = chance.choice(["", "", *AGENTS, "who has left"])
    return CallerTerms(
        ahead_s=ahead_s,
        agent=agent,
        then=AGENTS[AGENTS.index(agent) + 1] if agent in AGENTS[:2] else "",
        skills=chance.choice([(), (), (SkillNeed("tyres", 8),)]),
    )


class Inspector:
    """Reads facts only, and objects to any that cannot be."""

    def __init__(self, several: Collection[str]) -> None:
        self.several = several
        """Queues that ring several phones at a time for one caller."""
        self.waiting: dict[str, str] = {}
        self.offers: dict[str, OfferMade] = {}
        self.status = dict.fromkeys(AGENTS, AgentStatus.OFFLINE)
        self.talking: dict[str, str] = {}
        self.ended: Counter[tuple[str, str]] = Counter()
        self.seen: set[str] = set()
        self.absent: set[str] = set()
        """Those in line who are not on the line but to be called back: they were counted when they left it."""

    def see(self, fact: Fact) -> None:
        match fact:
            case QueueEntered():
                assert fact.entry not in self.seen
                self.seen.add(fact.entry)
                self.waiting[fact.entry] = fact.queue
                self.ended[fact.queue, "offered"] += 1
            case CallbackWaits():
                assert fact.entry not in self.seen
                self.seen.add(fact.entry)
                self.waiting[fact.entry] = fact.queue
                self.absent.add(fact.entry)
            case CallbackLeft():
                assert self.waiting.pop(fact.entry) == fact.queue, "it leaves once"
                assert (fact.outcome == "answered") == bool(fact.agent)
                assert not [o for o in self.offers.values() if o.entry == fact.entry], "its phones are quiet"
                self.absent.remove(fact.entry)
                if fact.agent:
                    self.talking[fact.agent] = fact.entry
            case QueueLeft():
                assert self.waiting.pop(fact.entry) == fact.queue, "an entry ends once"
                assert fact.wait_s >= 0
                assert (fact.outcome == QueueOutcome.ANSWERED) == bool(fact.agent)
                assert (fact.outcome == QueueOutcome.OVERFLOWED) == bool(fact.why)
                assert not [o for o in self.offers.values() if o.entry == fact.entry], "its phones are quiet"
                self.ended[fact.queue, fact.outcome] += 1
                if fact.agent:
                    self.talking[fact.agent] = fact.entry
            case OfferMade():
                assert fact.entry in self.waiting, "only waiting callers are offered"
                assert self.status[fact.agent] is AgentStatus.AVAILABLE, "only available agents are rung"
                assert fact.agent not in [o.agent for o in self.offers.values()], "one offer an agent"
                if fact.queue not in self.several:
                    assert fact.entry not in [o.entry for o in self.offers.values()], "one offer a caller"
                assert fact.offer not in self.seen
                self.seen.add(fact.offer)
                self.offers[fact.offer] = fact
            case OfferEnded():
                made = self.offers.pop(fact.offer)
                assert (made.entry, made.agent) == (fact.entry, fact.agent)
                assert fact.ring_s >= 0
            case AgentStateChanged():
                before = self.status[fact.agent]
                self.status[fact.agent] = AgentStatus(fact.state)
                assert (before, fact.state) != (AgentStatus.PAUSED, AgentStatus.TALKING)
                if fact.state != AgentStatus.TALKING:
                    self.talking.pop(fact.agent, None)
            case _:
                pass

    def reconcile(self, queues: list[QueueRules]) -> None:
        """offered = answered + abandoned + overflowed + called back + left by key + still waiting, for every queue."""
        for queue in queues:
            parts = sum(self.ended[queue.name, outcome] for outcome in QueueOutcome)
            on_the_line = [name for entry, name in self.waiting.items() if entry not in self.absent]
            still = on_the_line.count(queue.name)
            assert self.ended[queue.name, "offered"] == parts + still


class Day:
    """One random day on the pure scheduler."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.queues = random_queues(self.chance)
        offers = itertools.count(1)
        self.scheduler = Scheduler(
            self.queues, lambda: f"o{next(offers)}", agents=AGENTS, profiles=PROFILES, draw=self.chance.random
        )
        self.inspector = Inspector(several(self.queues))
        self.rings: dict[str, Ring] = {}
        self.stale: list[str] = []
        self.direct: dict[str, str] = {}
        self.entries = itertools.count(1)
        self.turned_away = 0
        self.now = 1_700_000_000.0
        for agent in AGENTS:
            self.scheduler.command(agent, AgentInput.PHONE_UP, self.now)
            self.scheduler.command(agent, AgentInput.READY, self.now)
        self.take()

    def take(self) -> None:
        for decision in self.scheduler.take():
            match decision:
                case Note(_, fact):
                    self.inspector.see(fact)
                case Ring():
                    assert decision.agent not in [ring.agent for ring in self.rings.values()]
                    assert not self.scheduler.lines[decision.queue].entries[decision.entry].terms.away
                    self.rings[decision.offer] = decision
                case StopRinging(offer, _):
                    self.rings.pop(offer, None)
                    self.stale.append(offer)
                case Overflow(entry, _):
                    assert entry not in self.inspector.waiting
        assert set(self.rings) == set(self.inspector.offers), "phones that ring are the offers that are out"
        ringing = {agent for agent, status in self.inspector.status.items() if status is AgentStatus.RINGING}
        assert {ring.agent for ring in self.rings.values()} == ringing - set(self.direct)
        self.nobody_is_idle_while_a_caller_waits()
        for line in self.scheduler.lines.values():
            for entry in line.entries.values():
                there = self.there(line, entry.needs, line.rules.stay_while)
                assert there or entry.terms.callback, "he waits for nobody"

    def there(self, line: Line, needs: Collection[SkillNeed], asked: There) -> bool:
        """Said once more, in other words: an agent who could ever serve the caller is as the rule asks."""
        most = max(step.lower_by for step in line.rules.relax)
        crew = [self.scheduler.agents[name] for name in line.rules.agents]
        crew = [one for one in crew if all(one.skills.get("tyres", 0) >= need.level - most for need in needs)]
        return {
            There.ALWAYS: True,
            There.SIGNED_IN: any(one.phone and one.duty is not Duty.OUT for one in crew),
            There.ON_DUTY: any(one.phone and one.duty is Duty.ON for one in crew),
            There.FREE: any(self.inspector.status[one.name] is AgentStatus.AVAILABLE for one in crew),
        }[asked]

    def enter(self) -> None:
        """A caller comes, and waits if and only if he may."""
        name, terms = f"q{next(self.entries)}", random_terms(self.chance)
        line = self.scheduler.lines[self.chance.choice(self.queues).name]
        needs = {*line.rules.skills, *terms.skills}
        rules = (line.rules.enter_while, line.rules.stay_while)
        welcome = not line.full and all(self.there(line, needs, asked) for asked in rules)
        self.scheduler.enter(name, f"c-{name}", line.rules.name, self.now, terms)
        self.take()
        assert (name in self.inspector.waiting) == welcome
        self.turned_away += not welcome

    def nobody_is_idle_while_a_caller_waits(self) -> None:
        for line in self.scheduler.lines.values():
            idle = [a for a in line.rules.agents if self.inspector.status[a] is AgentStatus.AVAILABLE]
            for entry in line.entries.values():
                if entry.state is EntryState.WAITING:
                    for agent in idle:
                        assert self.may_not_be_rung(entry, line, agent), "he could be rung"

    def may_not_be_rung(self, entry: Entry, line: Line, agent: str) -> bool:
        """Said once more, in other words than the scheduler's: he has just missed him, lacks a skill, or another is
        waited for.
        """
        if entry.terms.away:
            return True
        waited_s = self.now - entry.entered_at
        lowered = line.rules.relax[1].lower_by if waited_s >= 60 else 2 if waited_s >= 20 else 0

        def able(name: str) -> bool:
            has = self.scheduler.agents[name].skills.get("tyres", 0)
            return all(has >= need.level - lowered for need in (*line.rules.skills, *entry.terms.skills))

        def awaited(name: str) -> bool:
            own = self.scheduler.agents.get(name)
            here = own is not None and own.on_duty and name in line.rules.agents and name not in entry.missed
            return here and able(name)

        kept = [name for name in (entry.terms.agent, entry.terms.then) if awaited(name)]
        if kept and waited_s < line.rules.sticky_wait_s and agent != kept[0]:
            return True
        return not able(agent) or self.now < entry.missed.get(agent, 0.0) + line.rules.retry_s

    def step(self) -> None:
        chance = self.chance
        agent = chance.choice(AGENTS)
        act = chance.choices(
            ["enter", "leave", "answer", "miss", "over", "duty", "phone", "direct", "time", "late", "key", "callback"],
            [6, 2, 6, 2, 5, 2, 1, 1, 6, 1, 1, 1],
        )[0]
        match act:
            case "enter":
                self.enter()
            case "callback":
                self.call_back()
            case "leave" | "key":
                if self.inspector.waiting:
                    outcome = QueueOutcome.ABANDONED if act == "leave" else QueueOutcome.LEFT_BY_KEY
                    assert self.scheduler.leave(chance.choice(list(self.inspector.waiting)), outcome, self.now)
            case "answer":
                if self.rings:
                    ring = self.rings.pop(chance.choice(list(self.rings)))
                    assert self.scheduler.answered(ring.offer, self.now)
            case "miss":
                if self.rings:
                    result = chance.choice([OfferResult.REFUSED, OfferResult.TIMED_OUT, OfferResult.FAILED])
                    self.scheduler.missed(chance.choice(list(self.rings)), result, self.now)
            case "over":
                self.scheduler.talk_over(agent, chance.choice(["", self.inspector.talking.get(agent, "")]), self.now)
            case "duty":
                item = chance.choice(
                    [AgentInput.READY, AgentInput.READY, AgentInput.READY, AgentInput.PAUSE, AgentInput.SIGN_OUT]
                )
                self.scheduler.command(agent, item, self.now, reason="tea")
            case "phone":
                item = chance.choice(
                    [AgentInput.PHONE_UP, AgentInput.PHONE_UP, AgentInput.PHONE_UP, AgentInput.PHONE_LOST]
                )
                self.scheduler.command(agent, item, self.now)
            case "direct":
                self.direct_call(agent)
            case "late":
                if self.stale:
                    offer = chance.choice(self.stale)
                    assert not self.scheduler.answered(offer, self.now)
                    self.scheduler.missed(offer, OfferResult.FAILED, self.now)
            case _:
                self.pass_time(chance.expovariate(1 / 5.0))
        self.take()

    def call_back(self) -> None:
        """A caller leaves the line for a promise, at his place."""
        here = [entry for entry in self.inspector.waiting if entry not in self.inspector.absent]
        if not here:
            return
        entry = self.chance.choice(here)
        queue = self.inspector.waiting[entry]
        due = self.scheduler.lines[queue].entries[entry].due
        assert self.scheduler.leave(entry, QueueOutcome.CALLED_BACK, self.now)
        terms = CallerTerms(due=due, callback=f"b-{entry}", away=self.chance.random() < 0.3)
        self.scheduler.enter(f"p-{entry}", f"c-p-{entry}", queue, self.now, terms)

    def direct_call(self, agent: str) -> None:
        if agent not in self.direct:
            call = f"direct {next(self.entries)}"
            if self.scheduler.reserve(agent, call, self.now):
                self.direct[agent] = call
        elif self.chance.random() < 0.5:
            self.scheduler.engage(agent, self.direct[agent], self.now)
        else:
            call = self.direct.pop(agent)
            self.scheduler.release(agent, call, self.now)
            self.scheduler.release(agent, call, self.now)

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while (at := self.scheduler.next_deadline()) is not None and at <= until:
            self.now = max(self.now, at)
            self.scheduler.on_deadline(self.now)
            self.take()
        self.now = until

    def close(self) -> None:
        """All goes home: nobody may be stuck, nothing may ring."""
        for agent, call in self.direct.items():
            self.scheduler.release(agent, call, self.now)
        self.direct.clear()
        self.take()
        for entry in list(self.inspector.waiting):
            self.scheduler.leave(entry, QueueOutcome.ABANDONED, self.now)
            self.take()
        for agent in AGENTS:
            self.scheduler.talk_over(agent, "", self.now)
            self.take()
        self.pass_time(1000.0)
        assert not self.rings
        assert not self.inspector.waiting
        assert set(self.inspector.status.values()) <= REST, "no agent is stuck"
        assert self.scheduler.next_deadline() is None
        for view in self.scheduler.snapshot(self.now).queues:
            tally = view.tally
            assert tally.waiting == 0
            assert tally.offered == self.inspector.ended[view.name, "offered"]
            assert tally.answered == self.inspector.ended[view.name, "answered"]


@pytest.mark.parametrize("block", range(10))
def test_a_hundred_random_days_keep_the_invariants(block: int):
    answered = turned_away = 0
    for seed in range(block * 100, block * 100 + 100):
        day = Day(seed)
        for _ in range(120):
            day.step()
            day.inspector.reconcile(day.queues)
        day.close()
        day.inspector.reconcile(day.queues)
        answered += sum(day.inspector.ended[queue.name, "answered"] for queue in day.queues)
        turned_away += day.turned_away
    assert answered > 400, "the days were not idle"
    assert turned_away > 100, "the rules were felt"


class Bustle:
    """One random hour on the driver, with fakes on a virtual loop."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.queues = random_queues(self.chance)
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.inspector = Inspector(several(self.queues))
        self.log.bus.subscribe(lambda event: self.inspector.see(event.fact))
        self.phones = FakePhones(self.behave, cancel_s=0.3)
        self.distributor = Distributor(
            self.queues,
            log=self.log,
            clock=self.clock,
            ids=Ids(self.clock, CountingEntropy()),
            phones=self.phones,
            announcer=FakeAnnouncer(),
            agents=AGENTS,
            draw=self.chance.random,
        )
        self.callers: list[FakeLeg] = []

    def behave(self, agent: str) -> Behaviour:
        act = self.chance.choices(["answer", "refuse", "dead", "crash", "silent"], [8, 2, 1, 1, 2])[0]
        return act, self.chance.choice([0.0, 1.0, 4.0, 10.0, 30.0])

    async def caller(self, number: int) -> None:
        """A journey: wait, talk, hang up; now and then it dies without a word to the distributor."""
        leg = FakeLeg(f"caller {number}")
        self.callers.append(leg)
        agent: Connected | None = None
        try:
            served = await self.distributor.serve(leg, self.chance.choice(self.queues).name, number="+8613800138000")
            assert leg.playing == (), "the music has stopped"
            if isinstance(served, Connected):
                agent = served
                await asyncio.sleep(self.chance.expovariate(1 / 30.0))
        finally:
            if agent is not None:
                await agent.leg.hang_up()
                if self.chance.random() < 0.7:
                    self.distributor.talk_over(agent.agent, agent.entry)
            await leg.hang_up()

    async def life(self) -> None:
        chance = self.chance
        for agent in AGENTS:
            self.distributor.phone_registered(agent)
            self.distributor.set_available(agent)
        journeys: list[asyncio.Task[None]] = []
        for number in range(40):
            await asyncio.sleep(chance.choice([0.0, 0.0, 0.5, 4.0]))
            agent = chance.choice(AGENTS)
            match chance.randrange(12):
                case 0:
                    self.distributor.pause(agent, "tea")
                case 1 | 2:
                    self.distributor.set_available(agent)
                case 3:
                    self.distributor.sign_out(agent)
                case 4:
                    self.distributor.phone_lost(agent)
                case 5 | 6:
                    self.distributor.phone_registered(agent)
                case 7:
                    if self.callers:
                        chance.choice(self.callers).far_end_hangs_up()
                case 8 | 9:
                    if journeys:
                        chance.choice(journeys).cancel()
                case 10:
                    if self.callers:
                        chance.choice(self.callers).press("0")
                case _:
                    if self.phones.legs:
                        chance.choice(self.phones.legs).far_end_hangs_up()
            journeys.append(asyncio.create_task(self.caller(number)))
        for journey in journeys:
            if chance.random() < 0.3:
                await asyncio.sleep(chance.choice([0.0, 1.0, 10.0]))
                journey.cancel()
        await asyncio.sleep(300.0)
        for journey in journeys:
            journey.cancel()
        for result in await asyncio.gather(*journeys, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError | LegEnded), repr(result)
        await asyncio.sleep(60.0)

    async def check(self) -> None:
        board = self.distributor.snapshot()
        assert all(view.tally.waiting == 0 for view in board.queues)
        assert self.phones.ringing == set(), "no phone is left ringing"
        assert all(leg.end is not None for leg in self.phones.legs), "no answered phone is left alone"
        assert all(leg.playing == () for leg in self.callers)
        assert {view.status for view in board.agents} <= REST, "no agent is stuck"
        assert not self.inspector.waiting
        assert not self.inspector.offers
        self.inspector.reconcile(self.queues)
        await self.distributor.close()
        left_over = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left_over, left_over


@pytest.mark.parametrize("block", range(10))
def test_twenty_random_hours_of_the_driver_keep_the_invariants(block: int, caplog: pytest.LogCaptureFixture):
    async def hour(seed: int) -> int:
        bustle = Bustle(seed)
        await bustle.life()
        await bustle.check()
        return sum(bustle.inspector.ended[queue.name, "answered"] for queue in bustle.queues)

    answered = sum(run(hour(seed)) for seed in range(block * 20, block * 20 + 20))
    assert answered > 50, "the hours were not idle"
    # Switchboards that crash are reported, and nothing else goes wrong beside the calls.
    assert {record.getMessage() for record in caplog.records} <= {"ringing an agent failed"}
