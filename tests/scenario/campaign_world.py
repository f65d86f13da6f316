"""Campaigns with agents without telephones: the real call distribution, dialers and talks on virtual time; people who
are called answer as the test says, and talk ``talk_s`` with whoever comes.
"""

import asyncio
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from acd.distributor import Distributor
from acd.facts import AgentStatus
from acd.queues import QueueRules
from campaigns.agent_turns import AgentTurns
from campaigns.dialer import Dialer
from campaigns.facts import AttemptEnded
from campaigns.flights import Flights
from campaigns.gate import Plan
from campaigns.pace import AgentPace
from campaigns.pacing.pacer import Pacer, Rules
from campaigns.preview import Previewing, PreviewTerms
from campaigns.rooms import Rooms
from campaigns.turns import Turns
from core.bus import MemoryLog
from core.errors import CallRejected, TransactionTimeout
from core.ids import CountingEntropy, Ids
from ivr.prompts import Prompts
from service.form_results import FormResults
from service.house import House
from service.journeys import campaign_call, preview_talk
from service.journeys.campaign_call import AgentTalk, AgentTerms
from service.journeys.ringing import Inside
from service.previews import PreviewBook, PreviewDesks
from service.queue_floor import QueueFloor
from telephony.ports import Leg
from telephony.switchboard import Arrival
from tests.unit.acd.doubles import Behaviour, FakeAnnouncer, FakeLeg, FakePhones
from tests.unit.campaigns.doubles import MemoryContacts
from tests.unit.ivr.doubles import Timeline
from tests.virtual_loop import LoopClock

Fate = tuple[str, float]
"""How a call goes (answer, busy, silent) and after how many seconds of ringing."""


class World:
    """One floor. ``fate`` says by number how a call goes; ``lines`` may hold another queue of callers."""

    def __init__(
        self,
        *queues: QueueRules,
        fate: Callable[[str], Fate] = lambda number: ("answer", 5.0),
        agents: tuple[str, ...] = ("a", "b"),
        behave: Callable[[str], Behaviour] = lambda agent: ("answer", 0.2),
        talk_s: Callable[[], float] = lambda: 60.0,
        turns: Turns | None = None,
    ) -> None:
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.contacts = MemoryContacts(self.log, cast("Timeline", self))
        self.fate, self.talk_s = fate, talk_s
        self.phones = FakePhones(behave)
        self.dialled: list[tuple[float, str]] = []
        self.ringing = self.most_ringing = 0
        self.ahead = 0
        """So many calls were dialled beyond one for each free agent."""
        self.legs: list[FakeLeg] = []
        self.answered_at: dict[str, float] = {}
        self.met: list[tuple[str, str, float]] = []
        """Whom which agent talked with, and how long after his answer."""
        self.distributor = Distributor(
            queues or [QueueRules("out", agents, wrap_up_s=10.0, misses_until_pause=0)],
            log=self.log,
            clock=self.clock,
            ids=Ids(self.clock, CountingEntropy()),
            phones=self.phones,
            announcer=FakeAnnouncer(),
            agents=agents,
            draw=random.Random(0).random,
        )
        self.rooms = Rooms(
            outside=self,
            store=self.contacts,
            log=self.log,
            clock=self.clock,
            ids=Ids(self.clock, CountingEntropy()),
            prompts=Prompts(),
            ears=None,
            hours={},
            turns=turns or Turns(),
        )
        self.house = cast(
            "House",
            SimpleNamespace(
                clock=self.clock, log=self.log, prompts=self.rooms.prompts, distributor=self.distributor
            ),
        )  # fmt: skip
        self.flights, self.shares = Flights(), AgentTurns()
        self.previews = PreviewBook(lambda: self.house, self.log.bus)
        self.forms = FormResults(self.log.bus, self.log)

    def patched(self, patch: pytest.MonkeyPatch) -> None:
        """Talks are those of this world."""
        patch.setattr(campaign_call, "talk_on", self.talk_on)
        patch.setattr(preview_talk, "talk_on", self.talk_on)

    async def talk_on(self, arrival: Arrival, inside: Inside, house: House, *, record: bool) -> None:
        now = asyncio.get_running_loop().time()
        self.met.append((arrival.ani, inside.agent, now - self.answered_at[arrival.ani]))
        await asyncio.sleep(self.talk_s())

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        self.dialled.append((asyncio.get_running_loop().time(), number))
        self.ringing += 1
        self.most_ringing = max(self.most_ringing, self.ringing)
        agents = self.distributor.snapshot().agents
        self.ahead += self.ringing > sum(agent.status is AgentStatus.AVAILABLE for agent in agents)
        what, after_s = self.fate(number)
        try:
            await asyncio.sleep(timeout_s if what == "silent" else after_s)
        finally:
            self.ringing -= 1
        if what == "silent":
            raise TransactionTimeout(number)
        if what == "busy":
            raise CallRejected(486)
        leg = FakeLeg(number, call_id, number)
        self.legs.append(leg)
        self.answered_at[number] = asyncio.get_running_loop().time()
        return cast("Leg", leg)

    def campaign(
        self,
        name: str,
        contacts: int,
        *,
        queue: str = "out",
        predictive: bool = False,
        lines: int = 50,
        rules: Rules | None = None,
        within_s: float = 2.0,
        preview: PreviewTerms | None = None,
    ) -> Dialer:
        """A campaign with its list; not running yet."""
        first = len(self.contacts.states)
        self.contacts.fill(name, [f"+8613{first + place:09}" for place in range(contacts)])
        members = frozenset(agent.agent for agent in self.distributor.snapshot().agents)
        floor = QueueFloor(queue, self.distributor, self.log.bus, lambda _: members)
        pacer = Pacer(rules or Rules()) if predictive else None
        came_of = self.forms.of
        terms = AgentTerms(queue, within_s, "carrier", "4008001234", record=False, came_of=came_of)
        pace = AgentPace(name, queue, floor, self.flights, self.shares, pacer)
        plan = Plan(name, "carrier", "4008001234", concurrency=lines)
        if preview is not None:
            shown = preview_talk.PreviewTerms(
                queue, "carrier", "4008001234", record=False, bus=self.log.bus, came_of=came_of
            )
            desks = PreviewDesks(self.previews, shown, lambda: {queue: members})
            return Dialer(plan, Previewing(desks, preview), self.rooms, pace=pace)
        return Dialer(plan, AgentTalk(lambda: self.house, terms), self.rooms, pace=pace)

    def ready(self, *agents: str) -> None:
        for agent in agents:
            self.distributor.phone_registered(agent)
            self.distributor.set_available(agent)

    def results(self) -> list[str]:
        return [fact.result for fact in self.log.facts(AttemptEnded) if isinstance(fact, AttemptEnded)]

    def apologies(self) -> list[str]:
        """Who was told that nobody is there."""
        apology = ["abandon_apology"]
        return [leg.number for leg in self.legs for _, clips in leg.heard if [one.stem for one in clips] == apology]


async def until(condition: Callable[[], bool], within_s: float = 3600.0) -> None:
    """Let time pass until ``condition`` holds."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what the test waits for is no event
            await asyncio.sleep(0.1)
