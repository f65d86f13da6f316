"""Skills with levels, their relaxation, and the agent of last time."""

import pytest

from acd.agents import AgentInput, Profile
from acd.facts import OfferResult
from acd.queues import QueueRules, Strategy
from acd.skills import Relaxation, SkillNeed, fits, lowered_by, next_step_s, together
from acd.urgency import CallerTerms
from tests.unit.acd.floor import Floor, sales

TYRES = (SkillNeed("tyres", 7),)
RELAX = (Relaxation(30.0, 3), Relaxation(60.0, 10))


def test_needs_are_met_level_by_level():
    needs = together(TYRES, [SkillNeed("english", 2), SkillNeed("tyres", 4)])
    assert needs == (SkillNeed("tyres", 7), SkillNeed("english", 2))
    assert fits({"tyres": 7, "english": 2}, needs, 0)
    assert not fits({"tyres": 7}, needs, 0)
    assert fits({"tyres": 5}, needs, 2)
    assert fits({}, needs, 10)


def test_steps_do_not_add_up():
    assert [lowered_by(RELAX, waited) for waited in (0.0, 29.9, 30.0, 60.0)] == [0, 0, 3, 10]
    assert [next_step_s(RELAX, waited) for waited in (0.0, 30.0, 60.0)] == [30.0, 60.0, None]


@pytest.mark.parametrize("epoch", [0.0, 1_700_000_000.1])
def test_less_is_wanted_the_longer_the_caller_waits(epoch: float):
    floor = Floor(
        sales("a", "b", "c", skills=TYRES, relax=RELAX, ring_timeout_s=300.0),
        ready="abc",
        profiles={"b": Profile({"tyres": 4}), "c": Profile({"tyres": 9})},
    )
    floor.enter("q1", epoch + 100.0)
    assert floor.rings[-1].agent == "c", "not the longest idle one, who knows nothing of it"
    floor.enter("q2", epoch + 101.0)
    assert len(floor.rings) == 1
    floor.run_to(epoch + 110.0)
    floor.miss("c", epoch + 110.0)
    assert floor.ringing["c"].entry == "q2"
    floor.run_to(epoch + 129.9)
    assert list(floor.ringing) == ["c"]
    floor.run_to(epoch + 130.0)
    assert floor.ringing["b"].entry == "q1", "level 4 is enough after 30 s, at that very moment"
    floor.enter("q3", epoch + 131.0)
    floor.run_to(epoch + 190.9)
    assert all(ring.entry != "q3" for ring in floor.rings if ring.agent == "a")
    floor.run_to(epoch + 191.0)
    assert [ring.agent for ring in floor.rings if ring.entry == "q3"][-1] == "a", "anybody will do"


def test_the_caller_s_own_needs_count_too():
    floor = Floor(sales("a", "b"), ready="ab", profiles={"b": Profile({"english": 5})})
    floor.enter("q1", 10.0, terms=CallerTerms(skills=(SkillNeed("english", 3),)))
    assert list(floor.ringing) == ["b"]


def test_who_lacks_the_skill_is_free_for_others():
    floor = Floor(sales("a", skills=TYRES), QueueRules("service", ("a",)), ready="a")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0, "service")
    assert floor.ringing["a"].entry == "q2"


def test_skills_follow_a_change_of_the_configuration():
    rules = sales("a", skills=TYRES)
    floor = Floor(rules, ready="a")
    floor.enter("q1", 10.0)
    assert floor.ringing == {}
    floor.scheduler.change([rules], "a", 20.0, {"a": Profile({"tyres": 8})})
    floor.take()
    assert floor.ringing["a"].entry == "q1"


LAST_TIME_B = CallerTerms(agent="b")


def test_the_agent_of_last_time_is_rung_though_others_are_idle_for_longer():
    floor = Floor(sales("a", "b"), ready="ab")
    floor.enter("q1", 10.0, terms=LAST_TIME_B)
    assert list(floor.ringing) == ["b"]


def busy_b(sticky_wait_s: float) -> Floor:
    """b talks; a is free; q1 wants b."""
    floor = Floor(sales("b", "a", sticky_wait_s=sticky_wait_s, wrap_up_s=0.0), ready="ba")
    floor.enter("q0", 10.0)
    floor.answer("b", 11.0)
    floor.enter("q1", 20.0, terms=LAST_TIME_B)
    return floor


def test_without_a_limit_nobody_waits_for_him():
    assert busy_b(0.0).ringing["a"].entry == "q1"


def test_the_caller_waits_for_him_for_a_while_and_then_for_nobody_in_particular():
    floor = busy_b(30.0)
    floor.enter("q2", 21.0)
    assert floor.ringing["a"].entry == "q2", "who comes later is not held up"
    floor.miss("a", 22.0)
    floor.run_to(49.9)
    assert "q1" not in {ring.entry for ring in floor.rings}
    floor.run_to(50.0)
    assert {ring.entry for ring in floor.ringing.values()} & {"q1"} or floor.ringing["a"].entry == "q2"
    floor.leave("q2", 51.0)
    assert floor.ringing["a"].entry == "q1"


def test_he_gets_his_caller_when_he_becomes_free_in_time():
    floor = busy_b(30.0)
    floor.over("b", 40.0)
    assert floor.ringing["b"].entry == "q1"


@pytest.mark.parametrize("item", [AgentInput.PAUSE, AgentInput.SIGN_OUT, AgentInput.PHONE_LOST])
def test_the_wait_for_him_is_over_when_he_goes(item: AgentInput):
    floor = busy_b(30.0)
    floor.do("b", item, 25.0)
    assert floor.ringing["a"].entry == "q1"


OWNER_B = CallerTerms(agent="b", then="c")
"""b looks after his case, c has talked with him last."""


def test_the_owner_of_the_case_goes_before_the_agent_of_last_time():
    floor = Floor(sales("a", "c", "b"), ready="acb")
    floor.enter("q1", 10.0, terms=OWNER_B)
    assert list(floor.ringing) == ["b"]
    floor.miss("b", 11.0)
    assert list(floor.ringing) == ["c"], "and then that one"
    floor.miss("c", 12.0)
    assert list(floor.ringing) == ["a"]


def test_the_caller_is_kept_for_the_owner_though_the_agent_of_last_time_is_free():
    floor = Floor(sales("b", "a", "c", sticky_wait_s=30.0, wrap_up_s=0.0, strategy=Strategy.LINEAR), ready="bac")
    floor.enter("q0", 10.0)
    floor.answer("b", 11.0)
    floor.enter("q1", 20.0, terms=OWNER_B)
    assert not floor.ringing
    floor.do("b", AgentInput.PAUSE, 25.0)
    assert list(floor.ringing) == ["c"], "he goes, and it is as without him"


def test_without_a_limit_the_agent_of_last_time_is_rung_where_the_owner_is_busy():
    floor = Floor(sales("b", "a", "c", wrap_up_s=0.0, strategy=Strategy.LINEAR), ready="bac")
    floor.enter("q0", 10.0)
    floor.answer("b", 11.0)
    floor.enter("q1", 20.0, terms=OWNER_B)
    assert list(floor.ringing) == ["c"]


def test_nobody_waits_for_one_who_has_refused_him():
    floor = Floor(sales("b", "a", sticky_wait_s=30.0), ready="ba")
    floor.enter("q1", 20.0, terms=LAST_TIME_B)
    floor.miss("b", 21.0, OfferResult.REFUSED)
    assert list(floor.ringing) == ["a"]


def test_nobody_waits_for_one_who_is_not_of_this_queue():
    floor = Floor(sales("a", sticky_wait_s=30.0), QueueRules("service", ("b",)), ready="ab")
    floor.enter("q1", 20.0, terms=LAST_TIME_B)
    assert list(floor.ringing) == ["a"]
