"""1,000 random days of the whole control house on virtual time, with real SIP stacks at all ends: whatever callers,
agents, phones, media workers and the network do, every call, leg, offer, entry, talk and recording ends exactly once.
"""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard, TypeVar
from zoneinfo import ZoneInfo

import pytest

from acd.distributor import Distributor
from acd.facts import AgentStatus, OfferEnded, OfferMade, OfferResult, QueueEntered, QueueLeft, QueueOutcome
from acd.queues import QueueRules, There
from core.errors import CallRejected, TransactionTimeout, Unavailable
from core.events import Fact
from core.ids import Ids
from ivr.facts import FlowEntered, FlowLeft
from ivr.hours_text import parse_hours
from ivr.load import load_flow
from ivr.prompts import Prompts
from ivr.queue_prompts import QueuePrompts
from service.callers import Callers
from service.config_model import NumberConfig
from service.from_config import SHIPPED_FLOWS
from service.house import House
from service.journeys.inbound import inbound
from service.presence import Presence
from service.routes import Routes
from service.supervisor import Supervisor
from service.targets import Targets
from service.transfers import Transfers
from service.ways import QueueWays, parse_step
from telephony.audio import AudioRoom
from telephony.call import Call
from telephony.doorkeeper import Doorkeeper
from telephony.facts import (
    CallEnded,
    CallStarted,
    LegOver,
    LegStarted,
    RecordingFinished,
    RecordingStarted,
    TalkEnded,
    TalkStarted,
)
from telephony.ports import EndReason
from telephony.recorder import Recorder
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.hop import UDP, Hop
from telephony.switchboard import Arrival, Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from tests.scenario.house_doubles import SlowLog, WanderingPhones
from tests.scenario.house_media import FickleMedia
from tests.scenario.house_people import Phone, Session, answers_somehow
from tests.scenario.house_wire import Wire
from tests.virtual_loop import EPOCH, LoopClock, run

RUNS = 1000
ROUND = 50
SERVER, CARRIER = "10.0.0.1", "10.0.0.2"
FLOW_LINE, QUEUE_LINE, AGENT_LINE, VOICE_LINE, NOBODY = (f"400800{place}" for place in range(1000, 6000, 1000))
NUMBERS = (*3 * (FLOW_LINE,), *8 * (QUEUE_LINE,), *3 * (AGENT_LINE,), VOICE_LINE, NOBODY)
ZONE = ZoneInfo("Asia/Shanghai")
FLOW = load_flow(SHIPPED_FLOWS / "main.toml")
HOURS = {"main": parse_hours(["daily 00:00-24:00"], zone="Asia/Shanghai", holidays="")}
NEVER = parse_hours([], zone="Asia/Shanghai", holidays="")
WAYS = {
    "general": QueueWays(keys={"9": (parse_step("agent:101"), parse_step("voicemail:main"))}),
    "tradein": QueueWays(hours=NEVER),
    "complaint": QueueWays(hours=NEVER, closed=(parse_step("say:closed_hours"), parse_step("queue:second"))),
}
PROMPTS = Prompts()
EXPECTED_ERRORS = ("a media worker died", "could not begin", "cannot be repaired")


Result = TypeVar("Result")


class _PromptDisk:
    """A real disk on virtual time: asked from a thread, it would answer after hours."""

    async def do(self, work: Callable[[], Result]) -> Result:
        return work()


class Day:
    """One house, its people, and what happens to them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = chance = random.Random(seed)
        self.clock = LoopClock()
        self.errors: list[str] = []
        self.lossy = chance.random() < 0.15
        self.wire = Wire(chance, loss=0.1 if self.lossy else 0.0)
        self.log = SlowLog(self.clock, chance)
        self.ids = Ids(self.clock, chance.randbytes)
        self.media = FickleMedia(chance, workers=chance.choice((1, 2, 3)))
        self.tasks = Supervisor()
        self.agents = [str(101 + place) for place in range(chance.choice((1, 1, 2, 3)))]
        self.callers = chance.choice((1, 2, 3, 4, 5, 6))
        hops = {
            agent: [Hop(UDP, f"10.0.{phone}.{place}", 5060) for phone in range(1, chance.choice((1, 1, 2, 3)) + 1)]
            for place, agent in enumerate(self.agents, 1)
        }
        self.trunks = TrunkBook([TrunkSettings("carrier", CARRIER, max_calls=chance.choice((2, 30)))])
        digest = DigestServer("line400", chance.randbytes(32))
        registrar = Registrar(digest, {})
        self.phones = WanderingPhones(registrar, hops)
        self.stack = self.wire.stack(SERVER, self.clock)
        room = AudioRoom(self.media, self.ids)
        self.switchboard = Switchboard(
            stack=self.stack, room=room, log=self.log, clock=self.clock, ids=self.ids, trunks=self.trunks,
            phones=self.phones, doorkeeper=Doorkeeper(self.trunks, registrar, digest, {}),
        )  # fmt: skip
        announcer = QueuePrompts(PROMPTS)
        self.distributor = Distributor(
            self._queues(), log=self.log, clock=self.clock, ids=self.ids, phones=self.switchboard,
            announcer=announcer, agents=self.agents, draw=random.Random(0).random,
        )  # fmt: skip
        routes = Routes([
            NumberConfig(FLOW_LINE, "flow:main"), NumberConfig(QUEUE_LINE, "queue:general"),
            NumberConfig(AGENT_LINE, "agent:101"), NumberConfig(VOICE_LINE, "voicemail:main", record=False),
        ])  # fmt: skip
        targets = Targets(routes, self.agents, abroad=False)
        transfers = Transfers(targets)
        self.switchboard.handover.on_referral = transfers.refer
        self.house = House(
            clock=self.clock, ids=self.ids, log=self.log, tasks=self.tasks, room=room,
            recorder=Recorder(room, self.log, self.ids, self.clock, folder, ZONE, disk=_PromptDisk()),
            phones=self.switchboard, distributor=self.distributor,
            callers=Callers(self.clock), announcer=announcer, ears=None, prompts=PROMPTS,
            hours=HOURS, flows={"main": FLOW}, ratings={},
            routes=routes, targets=targets, transfers=transfers, mover=self.switchboard.handover,
            outside=self.switchboard, early=self.switchboard, alerting=self.switchboard,
            ring_timeout_s=8.0, ways=WAYS,
        )  # fmt: skip
        self.presence = Presence(self.agents, self.phones, self.distributor, self.clock)
        server = Hop(UDP, SERVER, 5060)
        self.carrier = Phone(self.wire.stack(CARRIER, self.clock), server, self._called)
        self.agents_phones = {
            hop: Phone(self.wire.stack(hop.host, self.clock), server, self._called)
            for places in hops.values()
            for hop in places
        }

    def _queues(self) -> list[QueueRules]:
        chance = self.chance
        rules = [
            QueueRules(
                "general", tuple(self.agents), ring_timeout_s=6.0, wrap_up_s=chance.choice((0.0, 0.0, 2.0)),
                max_wait_s=chance.choice((None, 5.0, 20.0)), max_length=chance.choice((1, 50)),
                overflow_to=chance.choice((
                    ("hangup",), ("queue:second",), ("voicemail:main",), ("agent:101", "say:overflow", "queue:second"),
                    ("queue:general",), ("number:13900139000@carrier", "voicemail:main"),
                )),
                enter_while=chance.choice((There.ALWAYS, There.ALWAYS, There.SIGNED_IN)),
                stay_while=chance.choice((There.ALWAYS, There.ALWAYS, There.ON_DUTY)),
                exit_keys=frozenset("9"), announce_interval_s=10.0, announce_gap_s=5.0, misses_until_pause=2,
                retry_s=1.0,
            )
        ]  # fmt: skip
        names = ("second", "sales", "service", "tradein", "complaint")
        return rules + [QueueRules(name, tuple(self.agents[-1:]), ring_timeout_s=4.0, wrap_up_s=0.0) for name in names]

    async def _called(self, session: Session) -> None:
        await answers_somehow(session, self.chance)

    # What happens

    async def live(self) -> None:
        """The whole day, until nobody is left."""
        for phone in (self.carrier, *self.agents_phones.values()):
            await phone.stack.start()
        await self.stack.start()
        self.switchboard.open_for_calls(self._arrived)
        self.presence.look()
        for agent in self.agents:
            self.distributor.set_available(agent)
        happenings = [asyncio.ensure_future(self._call()) for _ in range(self.callers)]
        for kind, most in ((self._agent_changes, 4), (self._key, 8), (self._worker_dies, 2), (self._silence, 1),
                           (self._dial, 3), (self._phone_dies, 1)):  # fmt: skip
            happenings += [asyncio.ensure_future(kind()) for _ in range(self.chance.randrange(most + 1))]
        if self.chance.random() < 0.25:
            await asyncio.sleep(self.chance.uniform(0.0, 60.0))
            await self._stop_service()
        await asyncio.gather(*happenings)
        for phone in (self.carrier, *self.agents_phones.values()):
            for session in phone.living:
                if session.offer is None or session.up.is_set():
                    session.hang_up()
        await asyncio.sleep(100.0)
        await self._stop_service()
        await asyncio.sleep(100.0)  # every transaction runs out
        for phone in (self.carrier, *self.agents_phones.values()):
            for life in tuple(phone.lives):
                life.cancel()
            await asyncio.gather(*phone.lives, return_exceptions=True)
        await asyncio.sleep(0)

    async def _stop_service(self) -> None:
        """As ``service.build`` does when it is told to stop."""
        self.switchboard.close_for_calls()
        await self.distributor.close()
        await asyncio.gather(*(leg.hang_up() for leg in self.switchboard.legs))
        await self.tasks.settle(15.0)

    def _arrived(self, arrival: Arrival) -> None:
        self.tasks.spawn(f"call {arrival.leg.call_id}", inbound(arrival, self.house))

    async def _moment(self, latest_s: float = 60.0) -> None:
        await asyncio.sleep(self.chance.uniform(0.0, latest_s))

    async def _call(self) -> None:
        chance = self.chance
        await self._moment(30.0)
        session = self.carrier.call(chance.choice(NUMBERS), "13800138000", offer=chance.random() < 0.9)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.choice((0.0, 0.01, 0.02, 0.05, 1.0, *6 * (10.0, 30.0, 80.0)))):
                await session.over.wait()
        session.hang_up()

    async def _agent_changes(self) -> None:
        chance, agent = self.chance, self.chance.choice(self.agents)
        await self._moment()
        match chance.choice(("available", "available", "pause", "sign_out", "phone_away", "phone_back")):
            case "available":
                self.distributor.set_available(agent)
            case "pause":
                self.distributor.pause(agent, "lunch")
            case "sign_out":
                self.distributor.sign_out(agent)
            case "phone_away":
                self.phones.away.add(agent)
                self.presence.look()
            case _:
                self.phones.away.discard(agent)
                self.presence.look()

    async def _key(self) -> None:
        await self._moment()
        for _ in range(3):
            if self.media.legs:
                self.media.press(self.chance.choice(sorted(self.media.legs)), self.chance.choice("0012349#*"))
            await self._moment(10.0)

    async def _worker_dies(self) -> None:
        await self._moment(150.0)
        self.media.lose(self.chance.randrange(3))

    async def _silence(self) -> None:
        await self._moment()
        if self.media.legs:
            self.media.fall_silent(self.chance.choice(sorted(self.media.legs)))

    async def _phone_dies(self) -> None:
        await self._moment()
        self.wire.dead.add(self.chance.choice(list(self.agents_phones)))

    async def _dial(self) -> None:
        """The house calls somebody outside, as a campaign does, and may give up at any moment."""
        await self._moment()
        call = Call(self.ids.new("call"), self.log)
        call.started(direction="outbound", ani="", dnis="13900139000", trunk="carrier")
        try:
            async with asyncio.timeout(self.chance.choice((0.01, 0.03, 2.0, 60.0))):
                leg = await self.switchboard.dial(
                    "13900139000", call.id, trunk="carrier", caller_id="", timeout_s=self.chance.choice((3.0, 20.0))
                )
                try:
                    await leg.wait_ended()
                finally:
                    await leg.hang_up()
        except (CallRejected, TransactionTimeout, Unavailable, TimeoutError):
            pass
        call.ended(EndReason.NORMAL, by="system")

    # What must be true when nobody is left

    def check(self) -> None:
        facts = self.log.facts
        self._once("calls", [event.call_id for event in self.log.events if isinstance(event.fact, CallStarted)],
                   [event.call_id for event in self.log.events if isinstance(event.fact, CallEnded)])  # fmt: skip
        self._once("legs", _all(facts(LegStarted), "leg"), _all(facts(LegOver), "leg"))
        self._once("entries", _all(facts(QueueEntered), "entry"), _all(facts(QueueLeft), "entry"))
        self._once("offers", _all(facts(OfferMade), "offer"), _all(facts(OfferEnded), "offer"))
        self._once(
            "recordings", _all(facts(RecordingStarted), "recording"), _all(facts(RecordingFinished), "recording")
        )
        assert len(facts(FlowEntered)) == len(facts(FlowLeft))
        self._talks()
        self._verdicts()
        self._identity()
        for hop, phone in self.agents_phones.items():
            if hop in self.wire.dead:
                continue  # nobody could tell it
            assert not phone.living, f"the phone at {hop} still rings or talks"
            if not self.lossy:
                assert phone.most_at_once <= 1, f"the phone at {hop} was called twice at once"
        assert not self.carrier.living, "somebody outside still rings or talks"
        assert self.trunks.calls("carrier") == 0
        assert not self.switchboard.legs
        assert not self.media.legs, f"open at media: {set(self.media.legs)}"
        assert not self.media.recordings
        board = self.distributor.snapshot()
        assert not any(queue.waiting for queue in board.queues)
        for view in board.agents:
            assert view.status not in {AgentStatus.RINGING, AgentStatus.TALKING}, f"{view} is stuck"
        assert self.stack._endpoint.next_deadline() is None, "SIP still waits for something"
        reasons = _all(facts(CallEnded), "reason")
        assert EndReason.ERROR.value not in reasons
        assert self.tasks.crashes == 0
        assert not self.errors, self.errors

    @staticmethod
    def _once(what: str, begun: list[str], ended: list[str]) -> None:
        assert Counter(begun) == Counter(ended) == Counter(set(begun)), (
            f"{what}: never ended {set(begun) - set(ended)}, too often {Counter(ended) - Counter(begun)}"
        )

    def _talks(self) -> None:
        """One agent per call, one call per agent."""
        of_agent: dict[str, str] = {}
        of_call: dict[str, str] = {}
        for event in self.log.events:
            match event.fact:
                case TalkStarted(agent=agent):
                    assert agent not in of_agent, f"agent {agent} talks on two calls"
                    assert event.call_id not in of_call, f"call {event.call_id} has two agents"
                    of_agent[agent], of_call[event.call_id] = event.call_id, agent
                case TalkEnded(agent=agent):
                    assert of_agent.pop(agent) == event.call_id
                    assert of_call.pop(event.call_id) == agent
                case CallEnded():
                    assert event.call_id not in of_call, f"call {event.call_id} ended in the middle of its talk"
        assert not of_agent

    def _verdicts(self) -> None:
        """An incoming call ended as its caller's leg did."""
        callers = {event.fact.leg for event in self.log.events if _is_caller(event.fact)}
        verdicts = {event.call_id: event.fact.reason for event in self.log.events if isinstance(event.fact, CallEnded)}
        for event in self.log.events:
            if isinstance(event.fact, LegOver) and event.fact.leg in callers:
                assert verdicts[event.call_id] == event.fact.reason, f"call {event.call_id}: {event.fact}"

    def _identity(self) -> None:
        outcomes = Counter(_all(self.log.facts(QueueLeft), "outcome"))
        offered = len(self.log.facts(QueueEntered))
        assert offered == sum(outcomes[outcome.value] for outcome in QueueOutcome)
        offers = [event.fact for event in self.log.events if isinstance(event.fact, OfferEnded)]
        accepted = [offer.entry for offer in offers if offer.result == OfferResult.ACCEPTED]
        assert len(set(accepted)) == len(accepted) == outcomes["answered"]


def _all(facts: list[Fact], field: str) -> list[str]:
    return [str(getattr(fact, field)) for fact in facts]


def _is_caller(fact: Fact) -> TypeGuard[LegStarted]:
    return isinstance(fact, LegStarted) and fact.role == "caller"


class _Alarm(logging.Handler):
    """Keeps the errors that no invariant explains."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if not any(expected in text for expected in EXPECTED_ERRORS):
            self._errors.append(text)


async def _day(seed: int, folder: Path) -> None:
    day = Day(seed, folder)
    alarm = _Alarm(day.errors)
    logging.getLogger("line400").addHandler(alarm)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: day.errors.append(repr(context)))
    try:
        await day.live()
    finally:
        logging.getLogger("line400").removeHandler(alarm)
    await day.tasks.close()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if left:
        day.errors.append(f"tasks left behind: {left}")
    try:
        day.check()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


async def _inline(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """In the place of ``asyncio.to_thread``: virtual time does not wait for threads."""
    await asyncio.sleep(0.001)
    return work(*arguments, **options)


@pytest.mark.parametrize("first", range(0, RUNS, ROUND))
def test_every_day_ends_whole(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "to_thread", _inline)
    monkeypatch.setattr(logging.getLogger("line400"), "propagate", False)
    day_folder = tmp_path / f"{datetime.fromtimestamp(EPOCH, ZONE):%Y}"
    for seed in range(first, first + ROUND):
        run(_day(seed, day_folder))
