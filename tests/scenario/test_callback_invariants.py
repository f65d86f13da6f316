"""Whatever callers, agents, customers, supervisors and trunks do, promises to call back are kept: no number is ever
tried twice at once, each promise ends exactly once, nobody is left ringing and nobody is counted twice.

Random hours of the real driver and the real promises in virtual time, watched by an inspector that believes only facts.
"""

import asyncio
import random
from collections import Counter

import pytest

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackMissed, CallbackPromised
from acd.callbacks import CallbackRules, CallbackState
from acd.queues import QueueRules, Strategy
from acd.served import Connected, WantsCallback
from acd.urgency import CallerTerms
from campaigns.attempt import Result
from core.errors import LegEnded, LocalProtocolError
from core.events import Fact
from service.callback_stand import Missed
from service.config_callback import CallbackTerms
from store.callback_rows import CallbackRow
from tests.scenario.test_acd_invariants import REST, Inspector
from tests.unit.acd.doubles import Behaviour, FakeLeg
from tests.unit.service.callback_doubles import Customer, House
from tests.virtual_loop import run

AGENTS = ("a", "b", "c", "d", "e")
NUMBERS = tuple(f"+861380000000{place}" for place in range(6))
RUNS, ROUND = 30, 10


class Promises:
    """Believes only facts: what was promised, what is being tried, and how it ended."""

    def __init__(self) -> None:
        self.number: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.dialling: dict[str, str] = {}
        self.tries: Counter[str] = Counter()

    def see(self, call_id: str, fact: Fact) -> None:
        match fact:
            case CallbackPromised():
                assert fact.callback not in self.number
                self.number[fact.callback] = fact.number
            case CallbackDialled():
                assert fact.callback not in self.ended, "what is over is not tried"
                busy = [self.number[other] for other in self.dialling.values()]
                assert fact.number not in busy, "never two in flight"
                self.dialling[call_id] = fact.callback
                self.tries[fact.callback] += 1
            case CallbackMissed():
                assert self.dialling.pop(call_id) == fact.callback
            case CallbackEnded():
                assert fact.callback not in self.ended, "it ends once"
                assert (fact.outcome == "reached") == (self.dialling.pop(call_id, "") == fact.callback)
                assert fact.callback not in self.dialling.values(), "nobody is called whose promise is over"
                self.ended[fact.callback] = fact.outcome
            case _:
                pass


class Question:
    """Asks a caller for the number: he thinks about it, and may hang up meanwhile."""

    def __init__(self, house: House, chance: random.Random, number: str, call_id: str) -> None:
        self.stands = ""
        self._house = house
        self._chance = chance
        self._number = number
        self._call_id = call_id

    async def __call__(self) -> str:
        self.stands = self._number
        await asyncio.sleep(self._chance.choice([0.0, 5.0]))
        self.stands = self._chance.choice([self._number, self._number, ""])
        return self.stands

    async def spoken(self) -> bool:
        await asyncio.sleep(self._chance.choice([0.0, 3.0]))
        return self._chance.random() < 0.1

    def hung_up(self, wish: WantsCallback) -> None:
        self._house.tasks.spawn("promise", self._house.callbacks.promise(self._call_id, wish))


class Hour:
    """One random hour."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        rules = CallbackRules(self.chance.choice((1, 2, 3)), self.chance.choice((10.0, 200.0)), 1800.0)
        self.queues = [self.queue(name) for name in ("sales", "service")]
        first = frozenset(self.chance.choice(((), ("sales",), ("sales", "service"))))
        terms = CallbackTerms(rules, "carrier", customer_first=first)
        self.house = House(*self.queues, takes=self.takes, terms=terms, behave=self.behave, agents=AGENTS)
        self.house.patience_s = self.chance.choice((5.0, 60.0))
        self.inspector = Inspector({one.name for one in self.queues if one.strategy is Strategy.RING_ALL})
        self.promises = Promises()
        self.house.log.bus.subscribe(lambda event: self.inspector.see(event.fact))
        self.house.log.bus.subscribe(lambda event: self.promises.see(event.call_id, event.fact))
        self.callers: list[FakeLeg] = []

    def queue(self, name: str) -> QueueRules:
        return QueueRules(
            name,
            tuple(agent for agent in AGENTS[:3] if self.chance.random() < 0.8),
            ring_timeout_s=5.0,
            wrap_up_s=self.chance.choice((0.0, 10.0)),
            max_wait_s=self.chance.choice((None, 120.0)),
            callback_key="1",
            strategy=self.chance.choice((Strategy.LONGEST_IDLE, Strategy.RING_ALL, Strategy.LINEAR)),
            misses_until_pause=0,
        )

    def behave(self, agent: str) -> Behaviour:
        act = self.chance.choices(["answer", "refuse", "dead", "silent"], [8, 2, 1, 1])[0]
        return act, self.chance.choice([0.0, 1.0, 4.0, 10.0])

    def takes(self, number: str) -> Customer:
        assert self.house.in_flight[number] == 1, "one call to a number at a time"
        missed = self.chance.choice(
            [None, None, Missed(Result.BUSY, 486), Missed(Result.NO_ANSWER), Missed(Result.FAILED, counts=False)]
        )
        return missed, self.chance.choice([0.0, 3.0, 20.0])

    async def caller(self, place: int) -> None:
        """He waits, and may ask to be called back; he may call again."""
        house, number = self.house, self.chance.choice(NUMBERS)
        queue = self.chance.choice(self.queues).name
        leg = FakeLeg(f"caller {place}", number=number)
        self.callers.append(leg)
        due = house.callbacks.claim_place(number, queue, leg.call_id)
        ask = Question(house, self.chance, number, leg.call_id)
        served = None
        try:
            served = await house.distributor.serve(
                leg, queue, number=number, terms=CallerTerms(due=due), ask=ask if house.callbacks.takes() else None
            )
            if isinstance(served, WantsCallback):
                await house.callbacks.promise(leg.call_id, served)
            elif isinstance(served, Connected):
                await asyncio.sleep(self.chance.expovariate(1 / 30.0))
        finally:
            if isinstance(served, Connected):
                await served.leg.hang_up()
                house.distributor.talk_over(served.agent, served.entry)
            await leg.hang_up()

    def happens(self, journeys: "list[asyncio.Task[None]]") -> None:
        chance, house = self.chance, self.house
        agent, open_ones = chance.choice(AGENTS[:3]), house.callbacks.all()
        match chance.randrange(14):
            case 0:
                house.distributor.pause(agent, "tea")
            case 1 | 2 | 3:
                house.ready(agent)
            case 4:
                house.distributor.sign_out(agent)
            case 5:
                house.distributor.phone_lost(agent)
            case 6 if self.callers:
                chance.choice(self.callers).far_end_hangs_up()
            case 7 if journeys:
                chance.choice(journeys).cancel()
            case 8 if house.phones.legs:
                chance.choice(house.phones.legs + house.customers).far_end_hangs_up()
            case 9 if open_ones:
                house.callbacks.cancel(chance.choice(open_ones).id, "boss")
            case 10 if open_ones:
                one = chance.choice(open_ones)
                if one.state is CallbackState.DIALLED:
                    with pytest.raises(LocalProtocolError):
                        house.callbacks.hasten(one.id, "boss")
                else:
                    house.callbacks.hasten(one.id, "boss")
            case _:
                for leg in self.callers:
                    if chance.random() < 0.7:
                        leg.press("1")

    async def life(self) -> None:
        self.house.ready(*AGENTS[:3])
        journeys: list[asyncio.Task[None]] = []
        for place in range(40):
            await asyncio.sleep(self.chance.choice([0.0, 0.5, 4.0, 30.0]))
            self.happens(journeys)
            journeys.append(asyncio.create_task(self.caller(place)))
            self.inspector.reconcile(self.queues)
        await asyncio.sleep(400.0)
        for journey in journeys:
            journey.cancel()
        for result in await asyncio.gather(*journeys, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError | LegEnded), repr(result)
        await asyncio.sleep(3000.0)

    async def check(self) -> int:
        house = self.house
        assert house.callbacks.all() == [], "none is left once its time is over"
        assert self.promises.ended.keys() == self.promises.number.keys(), "each promise has one end"
        assert not self.promises.dialling and not +house.in_flight
        assert house.phones.ringing == set(), "no phone is left ringing"
        legs = house.phones.legs + house.customers
        assert all(leg.end is not None for leg in legs), "no answered phone is left alone"
        assert {view.status for view in house.distributor.snapshot().agents} <= REST, "no agent is stuck"
        assert not self.inspector.waiting and not self.inspector.offers
        self.inspector.reconcile(self.queues)
        for view in house.distributor.snapshot().queues:
            assert view.tally.called_back == self.inspector.ended[view.name, "called_back"]
        await house.close()
        assert not asyncio.all_tasks() - {asyncio.current_task()}
        return sum(outcome == "reached" for outcome in self.promises.ended.values())


@pytest.mark.parametrize("block", range(RUNS // ROUND))
def test_promises_are_kept_in_random_hours(block: int) -> None:
    async def hour(seed: int) -> int:
        this = Hour(seed)
        await this.life()
        return await this.check()

    reached = sum(run(hour(seed)) for seed in range(block * ROUND, block * ROUND + ROUND))
    assert reached > ROUND, "the hours were not idle"


@pytest.mark.parametrize("seed", range(20))
def test_a_process_that_dies_at_any_moment_calls_nobody_twice_without_a_pause(seed: int) -> None:
    """What is on disk when it dies is all that the next one knows."""

    async def main() -> None:
        chance = random.Random(seed)
        rules = CallbackRules(3, 300.0, 3600.0)
        queue = QueueRules("sales", ("a", "b"), wrap_up_s=0.0)
        takes: tuple[Customer, ...] = ((None, 10.0), (Missed(Result.BUSY, 486), 10.0))
        first = House(queue, takes=lambda number: chance.choice(takes), terms=CallbackTerms(rules, "carrier"))
        first.ready("a", "b")
        for number in NUMBERS:
            await first.promise(number)
            await asyncio.sleep(chance.choice([0.0, 1.0, 7.0]))
        await asyncio.sleep(chance.uniform(0.0, 60.0))
        known = list(first.log.events)
        died_at = first.clock.now()
        await first.close()

        rows: dict[str, CallbackRow] = {}
        tried: dict[str, float] = {}
        dialled = Counter(event.fact.number for event in known if isinstance(event.fact, CallbackDialled))
        for event in known:
            fact = event.fact
            if isinstance(fact, CallbackPromised):
                rows[fact.callback] = CallbackRow(
                    fact.callback, "sales", fact.number, event.call_id, event.at, fact.due_at, fact.expires_at, (), 0,
                    0.0, None, "open", "", "", "", None,
                )  # fmt: skip
            elif isinstance(fact, CallbackDialled):
                tried[fact.callback] = event.at
            elif isinstance(fact, CallbackEnded):
                del rows[fact.callback]
        second = House(queue, takes=lambda number: (None, 10.0), terms=CallbackTerms(rules, "carrier"))
        again = [
            CallbackRow(
                row.id, row.queue, row.number, row.call_id, row.promised_at, row.due_at, row.expires_at, (),
                dialled[row.number], 0.0, tried.get(row.id), "open", "", "", "", None,
            )
            for row in rows.values()
        ]  # fmt: skip
        began = asyncio.get_running_loop().time()
        second.callbacks.open(second.distributor, second.story, again)
        second.ready("a", "b")
        await asyncio.sleep(1500.0)
        moments = {number: at for at, number, _ in second.dialled}
        assert sorted(moments) == sorted(row.number for row in again)
        for row in again:
            if row.tried_at is not None:
                assert moments[row.number] - began >= row.tried_at + 300.0 - died_at, "with the pause between tries"
        assert second.ends() == ["reached"] * len(again)
        await second.close()

    run(main())
