"""Callers who wait are moved and pulled by supervisors: call distribution as it is, phones that do as they are told."""

import asyncio
import random
from types import SimpleNamespace

import pytest

from acd.distributor import Distributor
from acd.facts import QueueLeft
from acd.queues import QueueRules
from acd.served import Connected, Overflowed, Pulled, Served
from acd.supervision_facts import CallerMoved, CallerPulled
from acd.urgency import CallerTerms
from core.bus import MemoryLog
from core.errors import LocalProtocolError
from core.ids import CountingEntropy, Ids
from service.supervisor import Supervisor
from service.waiting import WaitingRoom
from tests.unit.acd.doubles import Behaviour, FakeAnnouncer, FakeLeg, FakePhones
from tests.virtual_loop import LoopClock, run

NUMBER = "13800138000"


class Centre:
    """Queues ``sales`` (agent a) and ``service`` (agent b), supervisor s, and one caller in ``sales``."""

    def __init__(self, **acts: Behaviour) -> None:
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.phones = FakePhones(lambda agent: acts.get(agent, ("answer", 2.0)))
        self.distributor = Distributor(
            [QueueRules("sales", ("a",)), QueueRules("service", ("b",))],
            log=self.log, clock=self.clock, ids=Ids(self.clock, CountingEntropy()), phones=self.phones,
            announcer=FakeAnnouncer(), agents=["a", "b", "s"], draw=random.Random(0).random,
        )  # fmt: skip
        self.tasks = Supervisor()
        house = SimpleNamespace(
            distributor=self.distributor, phones=self.phones, log=self.log, tasks=self.tasks, ring_timeout_s=30.0
        )
        self.room = WaitingRoom(house)  # type: ignore[arg-type]
        self.distributor.phone_registered("s")

    async def comes(self) -> asyncio.Task[Served]:
        self.caller = FakeLeg("caller", "c1")
        served = asyncio.create_task(self.distributor.serve(self.caller, "sales", number=NUMBER))
        await asyncio.sleep(60.0)
        return served

    def outcomes(self) -> list[str]:
        return [fact.outcome for fact in self.log.facts(QueueLeft)]  # type: ignore[attr-defined]

    def state(self, agent: str) -> str:
        return next(str(view.status) for view in self.distributor.snapshot().agents if view.agent == agent)


def test_he_is_sent_to_another_queue() -> None:
    async def main() -> None:
        centre = Centre()
        served = await centre.comes()
        with pytest.raises(LocalProtocolError, match="waits in sales already"):
            centre.room.move("c1", "sales", "boss")
        with pytest.raises(LocalProtocolError, match="there is no queue 'sail'"):
            centre.room.move("c1", "sail", "boss")
        centre.room.move("c1", "service", "boss")
        found = await served
        assert isinstance(found, Overflowed) and found.to == ("queue:service",)
        assert centre.log.facts(CallerMoved) == [CallerMoved("sales", "service", "boss")]
        (left,) = centre.log.facts(QueueLeft)
        assert isinstance(left, QueueLeft) and (left.outcome, left.why, left.agent) == ("overflowed", "moved", "")
        with pytest.raises(LocalProtocolError, match="nobody waits in call c1"):
            centre.room.move("c1", "service", "boss")
        await centre.distributor.close()

    run(main())


def test_he_waits_on_until_the_phone_is_answered_and_is_taken_then() -> None:
    async def main() -> None:
        centre = Centre(s=("answer", 5.0))
        served = await centre.comes()
        centre.room.pull("c1", "s", NUMBER, "boss")
        await asyncio.sleep(4.0)
        assert not served.done() and centre.state("s") == "ringing"
        with pytest.raises(LocalProtocolError, match="is busy"):
            centre.room.pull("c1", "s", NUMBER, "boss")
        found = await served
        assert isinstance(found, Pulled) and (found.agent, found.leg) == ("s", centre.phones.legs[0])
        assert centre.state("s") == "talking"
        (left,) = centre.log.facts(QueueLeft)
        assert isinstance(left, QueueLeft) and (left.outcome, left.why, left.agent) == ("answered", "", "s")
        assert left.wait_s == pytest.approx(65.0), "to the answer, not to the asking"
        assert centre.log.facts(CallerPulled) == [CallerPulled("sales", "s", "boss")]
        await centre.tasks.settle(1.0)
        assert centre.phones.legs[0].end is None, "the talk's to hang up"
        await centre.distributor.close()

    run(main())


@pytest.mark.parametrize("act", [("refuse", 1.0), ("dead", 0.0), ("silent", 40.0)])
def test_whose_phone_is_not_answered_is_free_and_the_caller_keeps_his_place(act: Behaviour) -> None:
    async def main() -> None:
        centre = Centre(s=act)
        served = await centre.comes()
        centre.room.pull("c1", "s", NUMBER, "boss")
        await asyncio.sleep(50.0)
        assert not served.done() and centre.state("s") == "offline" and centre.outcomes() == []
        assert centre.tasks.crashes == 0
        centre.distributor.phone_registered("a")
        centre.distributor.set_available("a")
        assert isinstance(await served, Connected)
        await centre.distributor.close()

    run(main())


def test_who_is_to_be_called_back_is_not_there_to_be_sent_anywhere() -> None:
    async def main() -> None:
        centre = Centre()
        holding = asyncio.create_task(
            centre.distributor.hold_place("c2", "sales", number=NUMBER, terms=CallerTerms(), rung=lambda: None)
        )
        await asyncio.sleep(1.0)
        for send in (
            lambda: centre.room.move("c2", "service", "boss"),
            lambda: centre.room.pull("c2", "s", "", "boss"),
        ):
            with pytest.raises(LocalProtocolError, match="nobody waits in call c2"):
                send()
        assert not holding.done() and centre.state("s") == "offline"
        holding.cancel()
        await centre.distributor.close()

    run(main())


def test_a_colleague_is_faster() -> None:
    async def main() -> None:
        centre = Centre(s=("answer", 20.0), a=("answer", 1.0))
        served = await centre.comes()
        centre.room.pull("c1", "s", NUMBER, "boss")
        centre.distributor.phone_registered("a")
        centre.distributor.set_available("a")
        found = await served
        assert isinstance(found, Connected) and found.agent == "a"
        await asyncio.sleep(1.0)
        assert centre.phones.ringing == set() and centre.state("s") == "offline"
        await centre.distributor.close()

    run(main())


def test_he_hangs_up_at_the_moment_in_which_he_is_pulled() -> None:
    async def main() -> None:
        centre = Centre()
        served = await centre.comes()
        centre.distributor.reserve("s", "c1")
        centre.distributor.engage("s", "c1")
        leg = FakeLeg("s 0", "c1")
        (caller,) = centre.distributor.snapshot().queues[0].waiting
        assert centre.distributor.take_out(caller.entry, Pulled("s", leg, caller.entry, "sales"))
        served.cancel()
        await asyncio.sleep(1.0)
        assert leg.end is not None and centre.state("s") == "offline", "nobody is left on the line"
        await centre.distributor.close()

    run(main())


def test_he_hangs_up_while_the_phone_rings() -> None:
    async def main() -> None:
        centre = Centre(s=("answer", 20.0))
        served = await centre.comes()
        centre.room.pull("c1", "s", NUMBER, "boss")
        await asyncio.sleep(1.0)
        served.cancel()
        await asyncio.sleep(1.0)
        assert centre.phones.ringing == set() and centre.state("s") == "offline"
        assert centre.outcomes() == ["abandoned"] and centre.phones.legs == []
        with pytest.raises(LocalProtocolError, match="nobody waits"):
            centre.room.pull("c1", "s", NUMBER, "boss")
        await centre.distributor.close()

    run(main())
