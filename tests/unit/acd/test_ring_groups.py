"""The driver where several agents are rung for one caller: one wins, whatever crosses whatever."""

import asyncio

import pytest

from acd.facts import AgentStatus, OfferEnded, QueueLeft
from acd.queues import Strategy
from acd.served import Connected
from acd.urgency import CallerTerms
from telephony.ports import TAKEN
from tests.unit.acd.doubles import FakeLeg
from tests.unit.acd.test_distributor import NUMBER, Centre
from tests.virtual_loop import run


def test_the_first_answer_wins_and_the_others_are_told_it_was_taken():
    async def main() -> None:
        centre = Centre(
            "a", "b", "c", strategy=Strategy.RING_ALL,
            acts={"a": ("answer", 5.0), "b": ("answer", 2.0), "c": ("refuse", 1.0)},
        )  # fmt: skip
        centre.ready("a", "b", "c")
        served = await centre.serve(FakeLeg("caller"))
        assert isinstance(served, Connected)
        assert served.agent == "b"
        await asyncio.sleep(10.0)
        assert centre.phones.ringing == set()
        assert centre.phones.stopped == [("a", (TAKEN,))]
        assert centre.phones.by_themselves == set(), "or the first phone would always win"
        ended = {f.agent: f.result for f in centre.facts(OfferEnded) if isinstance(f, OfferEnded)}
        assert ended == {"a": "withdrawn", "b": "accepted", "c": "refused"}
        assert [centre.status(agent) for agent in "abc"] == [
            AgentStatus.AVAILABLE, AgentStatus.TALKING, AgentStatus.AVAILABLE,
        ]  # fmt: skip
        await centre.distributor.close()

    run(main())


@pytest.mark.parametrize("after_s", [0.0, 2.0])
def test_of_two_who_answer_at_the_same_instant_one_wins_and_the_other_is_hung_up(after_s: float):
    """asterisk#176: two agents won one call."""

    async def main() -> None:
        acts = dict.fromkeys("abc", ("answer", after_s))
        centre = Centre("a", "b", "c", strategy=Strategy.RING_ALL, acts=acts)
        centre.ready("a", "b", "c")
        served = await centre.serve(FakeLeg("caller"))
        assert isinstance(served, Connected)
        await asyncio.sleep(1.0)
        up = [leg for leg in centre.phones.legs if leg.end is None]
        assert up == [served.leg]
        assert len(centre.facts(QueueLeft)) == 1
        talking = [agent for agent in "abc" if centre.status(agent) is AgentStatus.TALKING]
        assert talking == [served.agent]
        await centre.distributor.close()

    run(main())


def test_the_caller_hangs_up_and_all_phones_fall_silent():
    async def main() -> None:
        centre = Centre("a", "b", strategy=Strategy.RING_ALL, acts=dict.fromkeys("ab", ("silent", 0.0)))
        centre.ready("a", "b")
        caller = asyncio.ensure_future(centre.serve(FakeLeg("caller")))
        await asyncio.sleep(1.0)
        assert centre.phones.ringing == {"a", "b"}
        caller.cancel()
        await asyncio.sleep(1.0)
        assert centre.phones.ringing == set()
        assert sorted(centre.phones.stopped) == [("a", ()), ("b", ())], "a call that was missed by all"
        await centre.distributor.close()

    run(main())


def test_a_caller_is_led_back_to_his_agent():
    async def main() -> None:
        centre = Centre("a", "b")
        centre.ready("a", "b")
        served = await centre.distributor.serve(FakeLeg("caller"), "sales", number=NUMBER, terms=CallerTerms(agent="b"))
        assert isinstance(served, Connected)
        assert served.agent == "b"
        assert centre.phones.by_themselves == {"b"}
        await centre.distributor.close()

    run(main())
