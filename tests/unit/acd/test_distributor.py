"""The driver: phones, comfort and races, on a virtual event loop."""

import asyncio
import random
from pathlib import Path

import pytest

from acd.distributor import Distributor
from acd.facts import (
    AgentStateChanged,
    AgentStatus,
    OfferEnded,
    OfferMade,
    QueueEntered,
    QueueLeft,
    WaitTold,
)
from acd.queues import QueueRules
from acd.served import Connected, LeftByKey, Overflowed, Served
from core.bus import MemoryLog
from core.errors import LegEnded, LocalProtocolError, Unavailable
from core.events import Fact
from core.ids import CountingEntropy, Ids
from tests.unit.acd.doubles import Behaviour, FakeAnnouncer, FakeLeg, FakePhones
from tests.virtual_loop import EPOCH, LoopClock, run

NUMBER = "+8613800138000"


class Centre:
    """A distributor with one queue and phones that do what ``acts`` says."""

    def __init__(self, *agents: str, acts: dict[str, Behaviour] | None = None, **rules: object) -> None:
        self.acts = acts or {}
        self.clock = LoopClock()
        self.log = MemoryLog(self.clock)
        self.phones = FakePhones(lambda agent: self.acts.get(agent, ("answer", 2.0)))
        self.distributor = Distributor(
            [QueueRules("sales", agents, **rules)],  # type: ignore[arg-type]
            log=self.log,
            clock=self.clock,
            ids=Ids(self.clock, CountingEntropy()),
            phones=self.phones,
            announcer=FakeAnnouncer(),
            draw=random.Random(0).random,
        )

    def ready(self, *agents: str) -> None:
        for agent in agents:
            self.distributor.phone_registered(agent)
            self.distributor.set_available(agent)

    def serve(self, leg: FakeLeg) -> asyncio.Task[Served]:
        return asyncio.create_task(self.distributor.serve(leg, "sales", number=NUMBER))

    def facts(self, *kinds: type[Fact]) -> list[Fact]:
        return [event.fact for event in self.log.events if isinstance(event.fact, kinds)]

    def status(self, agent: str) -> AgentStatus:
        return next(view.status for view in self.distributor.snapshot().agents if view.agent == agent)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_caller_is_served_and_every_fact_is_said_once():
    async def main() -> None:
        centre = Centre("a", wrap_up_s=10.0)
        centre.ready("a")
        caller = FakeLeg("caller")
        served = await centre.serve(caller)
        assert isinstance(served, Connected)
        assert (served.agent, served.queue, served.leg) == ("a", "sales", centre.phones.legs[0])
        assert now() == pytest.approx(2.0)
        await asyncio.sleep(30.0)
        centre.distributor.talk_over("a", served.entry)
        centre.distributor.talk_over("a", served.entry)
        await centre.phones.legs[0].hang_up()
        await asyncio.sleep(60.0)
        entry, offer = served.entry, next(f.offer for f in centre.facts(OfferMade) if isinstance(f, OfferMade))
        assert [f for f in centre.facts(Fact) if not isinstance(f, OfferEnded | QueueLeft)] == [
            AgentStateChanged("a", "available"),
            QueueEntered(entry, "sales"),
            OfferMade(offer, entry, "sales", "a"),
            AgentStateChanged("a", "ringing"),
            AgentStateChanged("a", "talking"),
            AgentStateChanged("a", "wrap_up", "", EPOCH + 42.0),
            AgentStateChanged("a", "available"),
        ]
        (ended,) = centre.facts(OfferEnded)
        (left,) = centre.facts(QueueLeft)
        assert isinstance(ended, OfferEnded)
        assert isinstance(left, QueueLeft)
        assert (ended.result, round(ended.ring_s, 3)) == ("accepted", 2.0)
        assert (left.outcome, left.agent, round(left.wait_s, 3)) == ("answered", "a", 2.0)
        calls = {event.call_id for event in centre.log.events if not isinstance(event.fact, AgentStateChanged)}
        assert calls == {caller.call_id}
        await centre.distributor.close()

    run(main())


def test_the_music_stops_the_instant_the_agent_answers():
    """freeswitch#2939: music went on over the agent; freeswitch#1148: dead air while an announcement played."""

    async def main() -> None:
        centre = Centre("a", acts={"a": ("answer", 4.0)})
        centre.ready("a")
        caller = FakeLeg("caller")
        task = centre.serve(caller)
        await asyncio.sleep(1.0)
        assert caller.playing == (Path("connecting"),)
        assert centre.phones.ringing == {"a"}, "the phone rings while the announcement plays"
        await asyncio.sleep(2.5)
        assert caller.playing == (Path("music"),)
        await task
        assert now() == pytest.approx(4.0)
        assert caller.playing == ()

    run(main())


def test_place_and_wait_are_told_at_the_start_on_change_and_at_intervals():
    async def main() -> None:
        centre = Centre("a", announce_interval_s=60.0, announce_gap_s=10.0, expected_handle_s=100.0)
        centre.distributor.set_available("a")
        first, second = FakeLeg("first"), FakeLeg("second")
        gone = centre.serve(first)
        await asyncio.sleep(1.0)
        waiting = centre.serve(second)
        await asyncio.sleep(1.0)
        assert second.playing == (Path("hold"), Path("ahead 1")), "nobody is on duty: no estimate"
        centre.distributor.phone_registered("a")
        centre.distributor.pause("a", "tea")
        await asyncio.sleep(20.0)
        gone.cancel()
        await asyncio.sleep(10.0)
        said = [(round(at), clips) for at, clips in second.heard if clips != (Path("music"),)]
        assert said == [(1, (Path("hold"), Path("ahead 1"))), (27, (Path("ahead 0"),))]
        await asyncio.sleep(90.0)
        said = [round(at) for at, clips in second.heard if clips == (Path("ahead 0"),)]
        assert said == [27, 90], "once an interval, counted from the end of the announcement"
        assert [f.ahead for f in centre.facts(WaitTold) if isinstance(f, WaitTold)] == [0, 1, 0, 0]
        waiting.cancel()

    run(main())


def test_the_wait_is_told_with_its_interval_where_agents_are_busy():
    async def main() -> None:
        centre = Centre("a", expected_handle_s=100.0)
        centre.ready("a")
        await centre.serve(FakeLeg("first"))
        second = FakeLeg("second")
        waiting = centre.serve(second)
        await asyncio.sleep(1.0)
        assert second.playing == (Path("hold"), Path("ahead 0"), Path("wait"))
        (told,) = centre.facts(WaitTold)
        assert isinstance(told, WaitTold)
        assert 0 < told.low_s < told.wait_s < told.high_s
        assert told.wait_s == pytest.approx(100.0, rel=0.1)
        waiting.cancel()

    run(main())


def test_a_caller_who_hangs_up_leaves_nothing_ringing():
    async def main() -> None:
        centre = Centre("a", acts={"a": ("silent", 0.0)})
        centre.ready("a")
        task = centre.serve(FakeLeg("caller"))
        await asyncio.sleep(5.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.1)
        assert centre.phones.ringing == set()
        assert centre.status("a") is AgentStatus.AVAILABLE
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft)
        assert left.outcome == "abandoned"

    run(main())


def test_the_end_of_the_callers_leg_is_enough():
    async def main() -> None:
        centre = Centre("a", acts={"a": ("silent", 0.0)})
        centre.ready("a")
        caller = FakeLeg("caller")
        task = centre.serve(caller)
        await asyncio.sleep(5.0)
        caller.far_end_hangs_up()
        with pytest.raises(LegEnded):
            await task
        await asyncio.sleep(0.1)
        assert centre.phones.ringing == set()

    run(main())


@pytest.mark.parametrize("turns", range(8))
def test_an_agent_who_answers_as_the_caller_hangs_up_is_hung_up(turns: int):
    """Whichever comes first by a turn of the loop, no answered phone is left alone and the entry ends once."""

    async def main() -> None:
        centre = Centre("a", acts={"a": ("answer", 2.0)}, wrap_up_s=5.0)
        centre.ready("a")
        task = centre.serve(FakeLeg("caller"))
        await asyncio.sleep(1.9999999)
        await asyncio.sleep(0.0000001)
        for _ in range(turns):
            await asyncio.sleep(0)
        if task.done():
            assert turns > 2
            return
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(10.0)
        assert centre.phones.ringing == set()
        assert all(leg.end is not None for leg in centre.phones.legs)
        assert centre.status("a") is AgentStatus.AVAILABLE
        assert len(centre.facts(QueueLeft)) == 1

    run(main())


@pytest.mark.parametrize(
    ("act", "result"), [("refuse", "refused"), ("dead", "failed"), ("crash", "failed"), ("silent", "timed_out")]
)
def test_an_offer_that_fails_goes_to_the_next_agent(act: str, result: str, caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        centre = Centre("a", "b", acts={"a": (act, 1.0)}, ring_timeout_s=15.0)
        centre.ready("a", "b")
        served = await centre.serve(FakeLeg("caller"))
        assert isinstance(served, Connected)
        assert served.agent == "b"
        ended = [f.result for f in centre.facts(OfferEnded) if isinstance(f, OfferEnded)]
        assert ended == [result, "accepted"]

    run(main())
    assert len(caplog.records) == (1 if act == "crash" else 0)


def test_the_same_phone_rings_again_only_when_it_has_stopped():
    """freeswitch#2901: the same agent was invited twice."""

    async def main() -> None:
        centre = Centre("a", acts={"a": ("silent", 0.0)})
        centre.phones._cancel_s = 3.0
        centre.ready("a")
        first, second = centre.serve(FakeLeg("first")), centre.serve(FakeLeg("second"))
        third = centre.serve(FakeLeg("third"))
        await asyncio.sleep(1.0)
        first.cancel()
        await asyncio.sleep(0.5)
        second.cancel()
        await asyncio.sleep(10.0)
        assert [(round(at), call) for at, _, call in centre.phones.rung] == [
            (0, "call of first"),
            (4, "call of third"),
        ]
        third.cancel()

    run(main())


def test_an_exit_key_leaves_the_queue_and_other_keys_do_not():
    async def main() -> None:
        centre = Centre("a", exit_keys=frozenset("0"))
        caller = FakeLeg("caller")
        caller.press("0")
        task = centre.serve(caller)
        await asyncio.sleep(5.0)
        assert not task.done(), "a key from the menu before is not meant for the queue"
        caller.press("5")
        await asyncio.sleep(1.0)
        caller.press("0")
        served = await task
        assert isinstance(served, LeftByKey)
        assert served.key == "0"
        assert caller.playing == ()
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft)
        assert left.outcome == "left_by_key"

    run(main())


def test_the_wait_ends_in_the_overflow():
    async def main() -> None:
        centre = Centre("a", max_wait_s=45.0, overflow_to=("voicemail:sales",))
        caller = FakeLeg("caller")
        served = await centre.serve(caller)
        assert isinstance(served, Overflowed)
        assert served.to == ("voicemail:sales",)
        assert now() == pytest.approx(45.0)
        assert caller.playing == ()

    run(main())


def test_no_wait_is_told_beyond_what_is_left_until_the_overflow():
    async def told(max_wait_s: float) -> list[float]:
        centre = Centre("a", max_wait_s=max_wait_s, expected_handle_s=450.0)
        centre.ready("a")
        first = await centre.serve(FakeLeg("first"))
        assert isinstance(first, Connected)
        assert isinstance(await centre.serve(FakeLeg("second")), Overflowed)
        await centre.distributor.close()
        return [fact.wait_s for fact in centre.facts(WaitTold) if isinstance(fact, WaitTold)]

    short, long = run(told(25.0)), run(told(700.0))
    assert set(short) == {-1.0}
    assert long[0] == pytest.approx(453.33, abs=0.01) and long[-1] == -1.0, (
        "in the end less is left than what it would take"
    )


def test_an_agents_leg_that_ends_ends_his_talk():
    """freeswitch#2540: agents were stuck."""

    async def main() -> None:
        centre = Centre("a", wrap_up_s=0.0)
        centre.ready("a")
        await centre.serve(FakeLeg("caller"))
        await asyncio.sleep(20.0)
        assert centre.status("a") is AgentStatus.TALKING
        centre.phones.legs[0].far_end_hangs_up()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert centre.status("a") is AgentStatus.AVAILABLE

    run(main())


def test_comfort_that_fails_does_not_lose_the_caller(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        centre = Centre("a")
        caller = FakeLeg("caller")
        caller.fault = Unavailable("media worker died")
        task = centre.serve(caller)
        await asyncio.sleep(5.0)
        centre.ready("a")
        assert isinstance(await task, Connected)

    run(main())
    assert len(caplog.records) == 1


def test_closing_interrupts_whoever_waits():
    async def main() -> None:
        centre = Centre("a", acts={"a": ("silent", 0.0)})
        centre.ready("a")
        tasks = [centre.serve(FakeLeg(f"caller {number}")) for number in range(3)]
        await asyncio.sleep(1.0)
        await centre.distributor.close()
        for task in tasks:
            with pytest.raises(Unavailable):
                await task
        assert centre.phones.ringing == set()
        assert [f.outcome for f in centre.facts(QueueLeft) if isinstance(f, QueueLeft)] == ["interrupted"] * 3
        with pytest.raises(Unavailable):
            await centre.distributor.serve(FakeLeg("late"), "sales", number=NUMBER)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())


def test_a_queue_that_is_not_there_is_a_mistake():
    async def main() -> None:
        centre = Centre("a")
        with pytest.raises(LocalProtocolError):
            await centre.distributor.serve(FakeLeg("caller"), "parts", number=NUMBER)

    run(main())


def test_why_a_direct_call_is_not_possible():
    async def main() -> None:
        centre = Centre("a")
        centre.ready("a")
        centre.distributor.phone_lost("a")
        assert not centre.distributor.reserve("a", "c-1")
        assert not centre.distributor.has_phone("a")

    run(main())


def test_a_direct_call_keeps_the_queue_away():
    async def main() -> None:
        centre = Centre("a")
        centre.ready("a")
        assert centre.distributor.reserve("a", "c-1")
        assert not centre.distributor.reserve("a", "c-2")
        assert centre.distributor.has_phone("a"), "he is busy"
        task = centre.serve(FakeLeg("caller"))
        await asyncio.sleep(5.0)
        assert centre.phones.rung == []
        centre.distributor.engage("a", "c-1")
        assert centre.status("a") is AgentStatus.TALKING
        centre.distributor.release("a", "c-1")
        assert isinstance(await task, Connected)

    run(main())
