"""Who may enter a queue and stay in it, by what its agents do (app_queue: joinempty, leavewhenempty)."""

import pytest

from acd.agents import AgentInput, Profile
from acd.decisions import Overflow, OverflowWhy
from acd.facts import AgentStatus, OfferResult, QueueLeft
from acd.queues import QueueRules, There
from acd.scheduler import Scheduler
from acd.skills import Relaxation, SkillNeed
from acd.urgency import CallerTerms
from core.errors import ConfigError
from tests.unit.acd.floor import Floor, sales
from tests.unit.acd.test_roster import change, service

AWAY: tuple[str, ...] = ("queue:service", "voicemail:night")


def refusing(floor: Floor, entry: str, now: float, terms: CallerTerms | None = None) -> OverflowWhy | None:
    """Why the caller may not enter, None where he may."""
    before = len(floor.overflows)
    floor.enter(entry, now, terms=terms or CallerTerms())
    return floor.overflows[-1].why if len(floor.overflows) > before else None


@pytest.mark.parametrize(
    ("asked", "welcome"),
    [
        (There.ALWAYS, "offline paused talking free"),
        (There.SIGNED_IN, "paused talking free"),
        (There.ON_DUTY, "talking free"),
        (There.FREE, "free"),
    ],
)
@pytest.mark.parametrize("state", ["offline", "paused", "talking", "free"])
def test_who_may_enter(asked: There, welcome: str, state: str):
    floor = Floor(sales("a", enter_while=asked, overflow_to=AWAY, wrap_up_s=0.0))
    if state != "offline":
        floor.do("a", AgentInput.PHONE_UP, 1.0)
        floor.do("a", AgentInput.READY, 1.0)
    if state == "paused":
        floor.do("a", AgentInput.PAUSE, 2.0, "tea")
    if state == "talking":
        floor.enter("before", 3.0)
        floor.answer("a", 4.0)
    refused = refusing(floor, "q1", 10.0)
    assert (refused is None) == (state in welcome.split())
    if refused is not None:
        assert floor.overflows == [Overflow("q1", AWAY, OverflowWhy.UNATTENDED)]
        assert floor.left()[-1] == ("q1", "overflowed", 0.0, "")
        assert [fact.why for fact in floor.facts if isinstance(fact, QueueLeft)][-1] == "unattended"
        (view,) = floor.scheduler.snapshot(10.0).queues
        assert view.tally.offered == view.tally.answered + 1, "who was turned away was offered, and is counted"


@pytest.mark.parametrize(
    ("asked", "goes"),
    [(There.SIGNED_IN, "sign_out phone_lost"), (There.ON_DUTY, "sign_out phone_lost pause rona")],
)
@pytest.mark.parametrize("what", ["sign_out", "phone_lost", "pause", "rona"])
def test_when_the_last_agent_goes_who_waits_goes_at_that_moment(asked: There, goes: str, what: str):
    """asterisk: leavewhenempty is looked at once a second, and not at all while an announcement is played."""
    rules = sales("a", "b", stay_while=asked, overflow_to=AWAY, misses_until_pause=1, max_wait_s=None)
    floor = Floor(rules, ready="ab")
    floor.do("b", AgentInput.PAUSE, 1.0, "tea")
    floor.do("b", AgentInput.SIGN_OUT, 1.0)
    for number in range(3):
        floor.enter(f"q{number}", 10.0 + number)
    assert floor.overflows == [] and floor.ringing["a"].entry == "q0"
    if what == "rona":
        floor.miss("a", 30.0, OfferResult.TIMED_OUT)
        assert floor.status("a") is AgentStatus.PAUSED
    else:
        floor.do("a", AgentInput(what), 30.0, "tea")
    gone = [f"q{number}" for number in range(3)] if what in goes.split() else []
    assert [item.entry for item in floor.overflows] == gone, "the next one first"
    assert all(item.why is OverflowWhy.UNATTENDED for item in floor.overflows)
    assert [(entry, wait_s) for entry, _, wait_s, _ in floor.left()] == [(f"q{n}", 20.0 - n) for n in range(len(gone))]
    assert floor.scheduler.snapshot(30.0).queues[0].tally.waiting == 3 - len(gone)


def test_who_will_pause_after_his_talk_counts_as_away_at_once():
    floor = Floor(sales("a", stay_while=There.ON_DUTY, max_wait_s=None), ready="a")
    floor.enter("q1", 1.0)
    floor.answer("a", 2.0)
    floor.enter("q2", 3.0)
    floor.do("a", AgentInput.PAUSE, 4.0, "lunch")
    assert floor.status("a") is AgentStatus.TALKING
    assert [item.entry for item in floor.overflows] == ["q2"]
    assert refusing(floor, "q3", 5.0) is OverflowWhy.UNATTENDED, "nor may anybody enter who could not stay"
    floor.do("a", AgentInput.READY, 6.0)
    assert refusing(floor, "q4", 7.0) is None


def test_only_agents_count_who_could_ever_serve_the_caller():
    tyres = CallerTerms(skills=(SkillNeed("tyres", 5),))
    skilled = {"a": Profile({"tyres": 9}), "b": Profile({"tyres": 3})}
    floor = Floor(sales("a", "b", stay_while=There.ON_DUTY, max_wait_s=None), ready="b", profiles=skilled)
    assert refusing(floor, "plain", 1.0) is None
    assert refusing(floor, "skilled", 2.0, tyres) is OverflowWhy.UNATTENDED
    relaxed = sales("a", "b", stay_while=There.ON_DUTY, max_wait_s=None, relax=(Relaxation(300.0, 2),))
    floor = Floor(relaxed, ready="ab", profiles=skilled)
    floor.enter("plain", 10.0)
    floor.answer("a", 11.0)
    floor.enter("other", 12.0)
    floor.answer("b", 13.0)
    floor.enter("skilled", 14.0, terms=tyres)
    floor.enter("last", 15.0)
    floor.do("a", AgentInput.SIGN_OUT, 16.0)
    assert floor.overflows == [], "in five minutes b may serve them both"
    floor.do("b", AgentInput.SIGN_OUT, 17.0)
    assert [item.entry for item in floor.overflows] == ["skilled", "last"]


def test_rules_and_agents_that_change_are_felt_by_who_waits():
    floor = Floor(sales("a"), service("b"), ready="b")
    floor.enter("q1", 10.0)
    floor.enter("q2", 11.0, "service")
    floor.answer("b", 12.0)
    floor.enter("q3", 13.0, "service")
    change(floor, 20.0, sales("a", stay_while=There.SIGNED_IN, overflow_to=AWAY), service("b"))
    assert floor.overflows == [Overflow("q1", AWAY, OverflowWhy.UNATTENDED)]
    change(floor, 30.0, sales("a", "b"), service("a", stay_while=There.ON_DUTY, overflow_to=AWAY))
    assert floor.overflows[1:] == [Overflow("q3", AWAY, OverflowWhy.UNATTENDED)], "b serves that queue no more"
    assert floor.status("b") is AgentStatus.TALKING, "who talks is not cut off"


def test_nobody_could_stay_where_somebody_must_be_free():
    with pytest.raises(ConfigError, match="stay_while: nobody would wait"):
        Scheduler([QueueRules("sales", ("a",), stay_while=There.FREE)], str, draw=lambda: 0.5)
