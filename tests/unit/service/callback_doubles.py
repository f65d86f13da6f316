"""Customers who are called back, without telephones: a real distributor, and a story that tests tell."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from acd.callback_facts import CallbackEnded
from acd.distributor import Distributor
from acd.queues import QueueRules
from acd.served import Connected, WantsCallback
from campaigns.attempt import Result
from core.bus import MemoryLog
from core.errors import LegEnded, Unavailable
from core.events import Fact
from core.ids import CountingEntropy, Ids
from service.callback_customer import CustomerTrial
from service.callback_stand import Missed, Trial
from service.callbacks import Callbacks
from service.config_callback import CallbackTerms
from service.supervisor import Supervisor
from telephony.tolls import TollRules
from tests.unit.acd.doubles import Behaviour, FakeAnnouncer, FakeLeg, FakePhones
from tests.virtual_loop import LoopClock

LI, WANG = "+8613800138000", "+8613900139000"
Customer = tuple[Missed | None, float]
"""How a customer takes a call (None: he answers), and after how many seconds of ringing."""
TALK_S = 30.0
BUSY = Missed(Result.BUSY, 486)


class House:
    """Queues with their agents, customers who do what ``takes`` says, and the promises between them."""

    def __init__(
        self,
        *queues: QueueRules,
        takes: Callable[[str], Customer] = lambda number: (None, 5.0),
        terms: CallbackTerms | None = None,
        behave: Callable[[str], Behaviour] = lambda agent: ("answer", 2.0),
        agents: tuple[str, ...] = (),
    ) -> None:
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.ids = Ids(self.clock, CountingEntropy())
        self.tasks = Supervisor()
        self.takes = takes
        self.dialled: list[tuple[float, str, str]] = []
        self.in_flight: Counter[str] = Counter()
        self.customers: list[FakeLeg] = []
        self.patience_s = 60.0
        self.phones = FakePhones(behave)
        self.distributor = Distributor(
            queues or [QueueRules("sales", ("a",), wrap_up_s=0.0)],
            log=self.log,
            clock=self.clock,
            ids=self.ids,
            phones=self.phones,
            announcer=FakeAnnouncer(),
            agents=agents,
            draw=random.Random(0).random,
        )
        self.callbacks = Callbacks(
            self.clock, self.ids, self.log, self.tasks, terms or CallbackTerms(trunk="carrier"), TollRules
        )
        self.callbacks.open(self.distributor, self.story, (), self.customer_story)

    def ready(self, *agents: str) -> None:
        for agent in agents:
            self.distributor.phone_registered(agent)
            self.distributor.set_available(agent)

    async def promise(self, number: str = LI, queue: str = "sales", ago_s: float = 0.0) -> None:
        wish = WantsCallback(number, "q-1", queue, self.clock.now() - ago_s)
        await self.callbacks.promise("c-promised", wish)

    async def story(self, trial: Trial) -> Missed | None:
        """Ring the customer and let him talk; whatever happens, the agent is free again."""
        agent = trial.served
        try:
            await trial.claim()
            self.dialled.append((asyncio.get_running_loop().time(), trial.number, agent.agent))
            self.in_flight[trial.number] += 1
            try:
                missed, after_s = self.takes(trial.number)
                await asyncio.sleep(after_s)
                if missed is not None:
                    return missed
                trial.reached()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TALK_S):
                        await agent.leg.wait_ended()
                return None
            finally:
                self.in_flight[trial.number] -= 1
        finally:
            await agent.leg.hang_up()
            self.distributor.talk_over(agent.agent, agent.entry)

    async def customer_story(self, trial: CustomerTrial) -> Missed | None:
        """Ring the customer, who waits for an agent at most ``patience_s``, and let them talk."""
        await trial.claim()
        self.dialled.append((asyncio.get_running_loop().time(), trial.number, ""))
        self.in_flight[trial.number] += 1
        leg = FakeLeg(f"customer {len(self.dialled)}", number=trial.number)
        self.customers.append(leg)
        try:
            missed, after_s = self.takes(trial.number)
            await asyncio.sleep(after_s)
            if missed is not None:
                return missed
            trial.leave_place()
            try:
                async with asyncio.timeout(self.patience_s):
                    served = await self.distributor.serve(leg, trial.queue, number=trial.number, terms=trial.place)
            except (TimeoutError, LegEnded, Unavailable):
                return Missed(Result.HUNG_UP)
            if not isinstance(served, Connected):
                return Missed(Result.INTERRUPTED)
            trial.reached(served.agent)
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(TALK_S):
                        await served.leg.wait_ended()
            finally:
                await served.leg.hang_up()
                self.distributor.talk_over(served.agent, served.entry)
            return None
        finally:
            self.in_flight[trial.number] -= 1
            await leg.hang_up()

    def facts(self, kind: type[Fact]) -> list[Fact]:
        return self.log.facts(kind)

    def ends(self) -> list[str]:
        return [fact.outcome for fact in self.log.facts(CallbackEnded) if isinstance(fact, CallbackEnded)]

    async def close(self) -> None:
        await asyncio.sleep(0)  # let every promise begin
        self.callbacks.hold()
        await self.distributor.close()
        await self.tasks.close()
        assert self.tasks.crashes == 0
