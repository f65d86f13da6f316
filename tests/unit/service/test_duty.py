"""Who is on duty after a restart, and how long pauses are planned to last then."""

from acd.agents import AgentInput
from acd.agents_side import AgentsSide
from acd.facts import AgentStateChanged
from core.clock import VirtualClock
from service.duty import resume_duty
from store.rows import AgentNow
from tests.unit.acd.floor import Floor, sales


class Side(AgentsSide):
    """The agents' side over a scheduler that nobody drives."""

    def __init__(self, floor: Floor, now: float) -> None:
        super().__init__(floor.scheduler, VirtualClock(now))
        self._floor = floor

    def _act(self) -> None:
        self._floor.take()


def states(floor: Floor) -> list[tuple[str, str, str, float]]:
    return [(f.agent, f.state, f.reason, f.until) for f in floor.facts if isinstance(f, AgentStateChanged)]


def test_all_are_as_they_were_once_their_phones_are_there_and_plans_hold() -> None:
    floor = Floor(sales("a", "b", "c", "d"))
    was = [
        AgentNow("a", "paused", "meal", 100.0, 700.0),
        AgentNow("b", "paused", "tea", 100.0),
        AgentNow("c", "talking", "", 100.0),
        AgentNow("d", "offline", "", 100.0),
        AgentNow("gone", "available", "", 100.0),
    ]
    resume_duty(Side(floor, 200.0), was, {"a", "b", "c", "d"})
    floor.facts.clear()
    for agent in "abcd":
        floor.do(agent, AgentInput.PHONE_UP, 260.0)
    assert states(floor) == [
        ("a", "paused", "meal", 700.0),
        ("b", "paused", "tea", 0.0),
        ("c", "available", "", 0.0),
    ]
    Side(floor, 900.0).pause("a", "meal", 600.0)
    assert states(floor)[-1] == ("a", "paused", "meal", 1500.0), "the next one is planned anew"


def test_who_is_beyond_his_plan_still_is() -> None:
    floor = Floor(sales("a"))
    resume_duty(Side(floor, 900.0), [AgentNow("a", "paused", "meal", 100.0, 700.0)], {"a"})
    floor.do("a", AgentInput.PHONE_UP, 910.0)
    assert states(floor)[-1] == ("a", "paused", "meal", 700.0)
