"""A house of doubles for journeys: real legs over a stack that is none, media in process, a queue that a test runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from acd.asking import AskNumber
from acd.comfort import Announcer
from acd.served import Connected, Served
from acd.urgency import PLAIN, CallerTerms
from core.channels import Channel
from core.events import Fact
from ivr.hours_text import parse_hours
from ivr.load import load_flow
from ivr.prompts import Prompts
from ivr.queue_prompts import QueuePrompts
from service.callers import Callers
from service.config_model import NumberConfig
from service.house import House
from service.journeys.inbound import inbound
from service.park import Lot
from service.routes import Routes
from service.supervisor import Supervisor
from service.targets import Targets
from service.transfers import Transfers
from telephony.call import Call
from telephony.facts import CallEnded, RecordingFinished, RecordingStarted, TalkStarted
from telephony.incoming import IncomingLeg
from telephony.leg_life import LegName
from telephony.negotiation import Terms
from telephony.outgoing import OutgoingLeg
from telephony.ports import Leg
from telephony.recorder import Recorder
from telephony.sip.events import Answered, Cancelled, HungUp
from telephony.switchboard import Arrival
from telephony.tolls import Tolls
from tests.unit.telephony.doubles import Rooms, far_side

FLOW = """
name = "main"
start = "menu"
[nodes.menu]
kind = "menu"
prompts = ["menu_main"]
choices.sales = {key = "1", goto = "sales"}
choices.boss = {key = "2", goto = "boss"}
choices.message = {key = "3", goto = "message"}
choices.complain = {key = "4", goto = "complain"}
choices.callback = {key = "5", goto = "callback"}
fallback = "bye"
[nodes.sales]
kind = "queue"
queue = "sales"
[nodes.complain]
kind = "queue"
queue = "sales"
priority = "complaint"
skills = ["english:3"]
[nodes.callback]
kind = "queue"
queue = "sales"
callback = true
[nodes.boss]
kind = "agent"
agent = "101"
[nodes.message]
kind = "voicemail"
box = "night"
[nodes.bye]
kind = "hangup"
"""


async def turn() -> None:
    """Let everything go on that does not wait for time or a test."""
    for _ in range(40):
        await asyncio.sleep(0)


class Queue:
    """Call distribution as a journey sees it: ``outcome`` says how waiting ends."""

    def __init__(self) -> None:
        self.said: list[tuple[str, ...]] = []
        self.terms = PLAIN
        self.ask: AskNumber | None = None
        self.ask_first = False
        self.free = True
        self.phone = True
        self.gone: set[str] = set()
        self.barred: set[Channel] = set()
        self.outcome: Callable[[Leg, str], Awaitable[Served]] | None = None
        self.announcer: Announcer | None = None

    async def serve(
        self,
        call: Leg,
        queue: str,
        *,
        number: str,
        announcer: Announcer | None = None,
        terms: CallerTerms = PLAIN,
        ask: AskNumber | None = None,
        ask_first: bool = False,
    ) -> Served:
        self.said.append(("serve", queue, number))
        self.terms, self.ask, self.ask_first = terms, ask, ask_first
        self.announcer = announcer
        assert self.outcome is not None
        try:
            return await self.outcome(call, queue)
        except asyncio.CancelledError:
            self.said.append(("abandoned",))
            raise

    def takes_callers(self, queue: str) -> bool:
        return queue not in self.gone

    def reserve(self, agent: str, call_id: str) -> bool:
        self.said.append(("reserve", agent))
        return self.free

    def has_phone(self, agent: str) -> bool:
        return self.phone

    def takes(self, agent: str, channel: Channel) -> bool:
        return channel not in self.barred

    def engage(self, agent: str, call_id: str) -> None:
        self.said.append(("engage", agent))

    def release(self, agent: str, call_id: str) -> None:
        self.said.append(("release", agent))

    def talk_over(self, agent: str, entry: str = "") -> None:
        self.said.append(("talk over", agent, entry))

    def carry_over(self, agent: str, from_call: str, to_call: str) -> None:
        self.said.append(("carry over", agent, from_call, to_call))

    def depart(self, agent: str, call_id: str) -> None:
        self.said.append(("depart", agent, call_id))


class Mover:
    """Moves legs as a test says: ``outcome`` is the new leg, or why there is none."""

    def __init__(self) -> None:
        self.outcome: asyncio.Future[Leg] = asyncio.get_running_loop().create_future()
        self.moved: list[tuple[str, str]] = []

    async def move(self, old: Leg, call_id: str, *, when_moved: Callable[[], None], role: str = "") -> Leg:
        self.moved.append((old.id, call_id))
        leg = await self.outcome
        when_moved()
        return leg


class Desk(Rooms):
    """A house with one caller."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        (folder / "main.toml").write_text(FLOW)
        self.queue = Queue()
        self.tasks = Supervisor()
        self.ringing: asyncio.Future[Leg] = asyncio.get_running_loop().create_future()
        prompts = Prompts()
        numbers = [
            NumberConfig("4000000001", "queue:sales"),
            NumberConfig("4000000002", "agent:101"),
            NumberConfig("4000000003", "voicemail:night"),
            NumberConfig("4000000004", "flow:main"),
            NumberConfig("4000000005", "queue:sales", record=False),
        ]
        routes = Routes(numbers)
        targets, lot = Targets(routes, ["101", "102"], abroad=True), Lot()
        self.moving = Mover()
        self.abroad: asyncio.Future[Leg] = asyncio.get_running_loop().create_future()
        self.early: Callable[[Leg], None] | None = None
        """Who is to be told that the network speaks before it is answered."""
        self.alerted: Callable[[], None] | None = None
        """Who is to be told that it rings."""
        self.house = House(
            clock=self.clock,
            ids=self.ids,
            log=self.log,
            tasks=self.tasks,
            room=self.room,
            recorder=Recorder(self.room, self.log, self.ids, self.clock, folder, ZoneInfo("Asia/Shanghai")),
            phones=SimpleNamespace(ring=self._ring),
            distributor=self.queue,
            callers=Callers(self.clock),
            announcer=QueuePrompts(prompts),
            ears=None,
            prompts=prompts,
            hours={"main": parse_hours(["daily 00:00-24:00"], holidays="")},
            flows={"main": load_flow(folder / "main.toml")},
            ratings={},
            routes=routes,
            targets=targets,
            transfers=Transfers(targets, Tolls(self.clock.now, post=self.log.post), lot),
            lot=lot,
            mover=self.moving,
            outside=SimpleNamespace(dial=self._dial),
            early=SimpleNamespace(watch_early=self._watch_early),
            alerting=SimpleNamespace(watch_ringing=self._watch_ringing),
            transfer_trunk="carrier",
        )

    async def _ring(
        self, agent: str, call_id: str, *, caller: str, timeout_s: float, auto_answer: bool = False, role: str = "agent"
    ) -> Leg:
        self.queue.said.append(("ring", agent, caller, *([role] if role != "agent" else [])))
        try:
            return await self.ringing
        except asyncio.CancelledError:
            self.queue.said.append(("ringing stopped",))
            raise

    async def _dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        self.queue.said.append(("dial", number, trunk))
        return await self.abroad

    def _watch_early(self, call_id: str, handler: Callable[[Leg], None]) -> Callable[[], None]:
        self.early = handler

        def forget() -> None:
            self.early = None

        return forget

    def _watch_ringing(self, call_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        self.alerted = handler

        def forget() -> None:
            self.alerted = None

        return forget

    async def rings(self) -> None:
        """Who is called for the caller says 180."""
        assert self.alerted is not None, "somebody wants to know"
        self.alerted()
        await turn()

    def arrive(self, dnis: str) -> Arrival:
        """A caller, not answered yet."""
        call = Call("c1", self.log)
        name = LegName("out", "c1", "13800138000", "caller")
        leg = IncomingLeg(
            name,
            stack=self.stack,
            room=self.room,
            log=self.log,
            session="s0",
            offer=far_side().offer(),
            terms=Terms(("PCMA",)),
        )
        return Arrival(call, leg, "13800138000", dnis, trunk="carrier")

    async def agent(self, name: str = "101", leg_id: str = "in") -> OutgoingLeg:
        """An agent's leg that was answered."""
        offers: list[bytes] = []

        def invite(offer: bytes) -> str:
            offers.append(offer)
            return "s1"

        leg = OutgoingLeg(LegName(leg_id, "c1", name, "agent", name), stack=self.stack, room=self.room, log=self.log)
        connecting = asyncio.create_task(leg.connect(invite, Terms(("PCMA",)), 5.0))
        await turn()
        leg.on_sip(Answered("s1", far_side().answer(offers[0])[0]))
        await connecting
        return leg

    def connects(self, inside: Leg) -> None:
        """The queue gives the caller that agent."""

        async def outcome(_call: Leg, queue: str) -> Served:
            return Connected("101", inside, "q1", queue)

        self.queue.outcome = outcome

    def waits(self) -> "asyncio.Future[Served]":
        """The queue keeps the caller until the test says how it ends."""
        served: asyncio.Future[Served] = asyncio.get_running_loop().create_future()

        async def outcome(_call: Leg, _queue: str) -> Served:
            return await served

        self.queue.outcome = outcome
        return served

    def facts(self, kind: type[Fact]) -> list[Fact]:
        return self.log.facts(kind)

    async def until(self, kind: type[Fact]) -> None:
        """Wait until a fact of ``kind`` has become true, and let go on what follows."""
        if not self.facts(kind):
            seen = asyncio.Event()
            stop = self.log.bus.subscribe(lambda event: seen.set() if isinstance(event.fact, kind) else None)
            await seen.wait()
            stop()
        await turn()

    async def settled(self) -> None:
        """All that was left to do is done."""
        while self.tasks._tasks:
            await self.tasks.settle(1.0)
        await turn()


class Talked:
    """A caller who talks with agent 101, out of a queue."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def begin(self) -> None:
        await self.answered()
        await self.desk.until(TalkStarted)

    async def answered(self) -> None:
        """The agent's phone has answered; the two are not joined yet."""
        self.inside = await self.desk.agent()
        self.served()
        self.arrival = self.desk.arrive("4000000001")
        self.journey = asyncio.create_task(inbound(self.arrival, self.desk.house))

    def served(self) -> None:
        """The queue gives the caller that agent."""
        self.desk.connects(self.inside)

    def ears(self) -> dict[str, str]:
        """Whom each leg hears."""
        return {name: " ".join(sorted(leg.hears)) for name, leg in self.desk.media.legs.items()}

    async def over(self, recordings: int | None = 1) -> tuple[str, str]:
        """Why the call has ended, and by whom; nothing is left over. None: however many recordings."""
        await self.journey
        await self.desk.settled()
        (ended,) = self.desk.facts(CallEnded)
        assert isinstance(ended, CallEnded)
        started, finished = len(self.desk.facts(RecordingStarted)), len(self.desk.facts(RecordingFinished))
        assert started == finished and recordings in (None, started)
        assert self.desk.media.legs == {}, "all ports are free again"
        assert self.desk.tasks.crashes == 0
        return ended.reason, ended.by


def gives_up(leg: Leg) -> None:
    """The caller cancels his INVITE."""
    assert isinstance(leg, IncomingLeg)
    leg.on_sip(Cancelled("s0"))


def hangs_up(leg: Leg) -> None:
    """The far end says BYE."""
    assert isinstance(leg, IncomingLeg | OutgoingLeg)
    leg.on_sip(HungUp("s"))
