"""How long pauses are planned to last, as everybody is told."""

from acd.agents import AgentInput
from acd.facts import AgentStateChanged
from tests.unit.acd.floor import Floor, sales


def pauses(floor: Floor) -> list[tuple[str, float]]:
    """Each pause that was told: its reason, and when it is planned to end."""
    return [(f.reason, f.until) for f in floor.facts if isinstance(f, AgentStateChanged) and f.state == "paused"]


def pause(floor: Floor, now: float, reason: str, planned_s: float = 0.0) -> None:
    floor.scheduler.command("a", AgentInput.PAUSE, now, reason=reason, planned_s=planned_s)
    floor.take()


def test_the_plan_begins_with_the_pause_and_a_new_one_takes_its_place():
    floor = Floor(sales("a"), ready="a")
    pause(floor, 10.0, "meal", 1800.0)
    pause(floor, 100.0, "meal", 600.0)
    pause(floor, 200.0, "tea")
    assert pauses(floor) == [("meal", 1810.0), ("meal", 700.0), ("tea", 0.0)]


def test_asked_for_while_he_talks_it_begins_after_the_wrap_up():
    floor = Floor(sales("a", wrap_up_s=30.0), ready="a")
    floor.enter("q1", 10.0)
    floor.answer("a", 11.0)
    pause(floor, 15.0, "meal", 1800.0)
    floor.over("a", 20.0)
    floor.run_to(50.0)
    assert pauses(floor) == [("meal", 1850.0)]


def test_a_phone_that_was_away_meanwhile_does_not_prolong_it():
    floor = Floor(sales("a"), ready="a")
    pause(floor, 10.0, "meal", 600.0)
    floor.do("a", AgentInput.PHONE_LOST, 20.0)
    floor.do("a", AgentInput.PHONE_UP, 500.0)
    assert pauses(floor) == [("meal", 610.0), ("meal", 610.0)]


def test_of_who_is_paused_for_calls_he_missed_nothing_is_planned():
    floor = Floor(sales("a", misses_until_pause=1), ready="a")
    pause(floor, 10.0, "meal", 600.0)
    floor.do("a", AgentInput.READY, 20.0)
    floor.enter("q1", 30.0)
    floor.miss("a", 40.0)
    assert pauses(floor) == [("meal", 610.0), ("rona", 0.0)]
