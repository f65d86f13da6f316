"""Which agents take which kind of call: capacity by channel."""

from acd.agents import AgentInput, Profile
from acd.decisions import OverflowWhy
from acd.queues import There
from acd.scheduler import Scheduler
from acd.urgency import CallerTerms
from core.channels import ALL, Channel
from tests.unit.acd.floor import Floor, sales

PROMISE = CallerTerms(callback="b1")
NO_CALLS = Profile(channels=ALL - {Channel.CALLS})
NO_CALLBACKS = Profile(channels=ALL - {Channel.CALLBACKS})


def rung(floor: Floor) -> list[tuple[str, str]]:
    return [(ring.entry, ring.agent) for ring in floor.rings]


def test_who_takes_no_callers_is_rung_for_promises_only() -> None:
    floor = Floor(sales("a", "b"), ready="ab", profiles={"a": NO_CALLS})
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0)
    floor.enter("q3", 12.0, terms=PROMISE)
    assert rung(floor) == [("q1", "b"), ("q3", "a")]


def test_who_takes_no_promises_is_rung_for_callers_only() -> None:
    floor = Floor(sales("a"), ready="a", profiles={"a": NO_CALLBACKS})
    floor.enter("q1", 10.0, terms=PROMISE)
    floor.enter("q2", 11.0)
    assert rung(floor) == [("q2", "a")]


def test_nobody_is_kept_for_his_own_agent_who_takes_no_callers() -> None:
    floor = Floor(sales("a", "b", sticky_wait_s=30.0), ready="ab", profiles={"a": NO_CALLS})
    floor.enter("q1", 10.0, terms=CallerTerms(agent="a"))
    assert rung(floor) == [("q1", "b")]


def test_who_takes_no_callers_lets_nobody_in_and_counts_in_no_estimate() -> None:
    floor = Floor(
        sales("a", "b", enter_while=There.ON_DUTY, overflow_to=("voicemail:night",)), profiles={"a": NO_CALLS}
    )
    for item in (AgentInput.PHONE_UP, AgentInput.READY):
        floor.do("a", item, 1.0)
    floor.enter("q1", 10.0)
    assert [it.why for it in floor.overflows] == [OverflowWhy.UNATTENDED]
    for item in (AgentInput.PHONE_UP, AgentInput.READY):
        floor.do("b", item, 11.0)
    floor.enter("q2", 12.0)
    for entry in ("q3", "q4", "q5"):
        floor.enter(entry, 13.0)
    alone = floor.scheduler.estimate("q5")
    floor.scheduler.change([sales("a", "b")], "ab", 14.0, {})
    both = floor.scheduler.estimate("q5")
    assert alone is not None and both is not None and both.wait_s < alone.wait_s


def test_a_change_of_channels_is_looked_at_at_once() -> None:
    floor = Floor(sales("a"), ready="a", profiles={"a": NO_CALLS})
    floor.enter("q1", 10.0)
    assert rung(floor) == []
    scheduler: Scheduler = floor.scheduler
    scheduler.change([sales("a")], "a", 20.0, {})
    floor.take()
    assert rung(floor) == [("q1", "a")]
