"""How many calls campaigns may dial: by agents who are free, and in turn where they share agents or trunks."""

from collections.abc import Callable

import pytest

from campaigns.agent_turns import HOLDS_UP_S, WANTS_FOR_S, AgentTurns
from campaigns.flights import Flights
from campaigns.floor import Crew
from campaigns.pace import AgentPace, May
from campaigns.pacing.pacer import Pacer, Rules
from campaigns.pacing.state import TalkOver, WrapUpOver
from campaigns.turns import LOOK_TRUNK_S, Turns

OUT = frozenset({"out"})


class Floor:
    """A floor as the test says."""

    def __init__(self, crew: Crew) -> None:
        self.now = crew

    def crew(self) -> Crew:
        return self.now

    def happened(self) -> tuple[TalkOver | WrapUpOver, ...]:
        return ()

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


def paced(floor: Floor, flights: Flights, pacer: Pacer | None = None, *past: bool) -> AgentPace:
    return AgentPace("visits", "out", floor, flights, AgentTurns(), pacer, past)


def test_progressive_counts_what_is_in_flight_and_who_waits() -> None:
    floor, flights = Floor(Crew(free=3, queues=OUT)), Flights()
    pace = paced(floor, flights)
    assert pace.may(0.0) == May(3, ready=True)
    pace.dialled("a-1", 0.0, kept=False)
    flights.begin("other", "out", 0.0, kept=False)  # of another campaign
    flights.begin("elsewhere", "other agents", 0.0, kept=False)
    assert pace.may(1.0) == May(1, ready=True)
    pace.answered("a-1", 2.0)  # somebody is listened to: he will need the agent
    assert pace.may(2.0) == May(1, ready=True)
    floor.now = Crew(free=3, waiting=1, queues=OUT)
    assert pace.may(3.0) == May(0, ready=False)
    pace.landed("a-1", 3.0, person=True)
    pace.landed("a-1", 9.0, person=False)  # told again when the call is over
    assert pace.may(3.0) == May(1, ready=True)


def test_an_agent_who_is_kept_for_somebody_is_nobody_elses() -> None:
    floor, flights = Floor(Crew(free=2, talks_since=(0.0,) * 8, queues=OUT)), Flights()
    pace = paced(floor, flights)
    pace.dialled("a-1", 0.0, kept=True)
    assert pace.may(0.0).calls == 1
    predictive = AgentPace("offers", "out", floor, flights, AgentTurns(), Pacer(Rules()))
    assert predictive.may(0.0).calls >= 1
    floor.now = Crew(free=1, talks_since=(0.0,) * 8, queues=OUT)
    assert pace.may(0.0) == May(0, ready=False)
    assert predictive.may(0.0).calls == 0


def test_predictive_dials_for_agents_who_will_be_free_and_says_that_none_is_ready() -> None:
    crew = Crew(free=1, talks_since=(0.0,) * 20, queues=OUT)
    floor, flights = Floor(crew), Flights()
    pacer = Pacer(Rules(lines=100))
    pace = paced(floor, flights, pacer, *[False] * 400)
    for number in range(60):  # what it has learnt: short talks, few answers
        pace.dialled(f"a-{number}", 0.0, kept=False)
        pace.landed(f"a-{number}", 20.0, person=number % 4 == 0)
    floor.happened = lambda: (TalkOver(30.0),) * 40 + (WrapUpOver(2.0),) * 40  # type: ignore[method-assign]
    pace.may(60.0)
    floor.happened = lambda: ()  # type: ignore[method-assign]
    assert pacer.budget.answered == 400 and pacer.budget.abandoned == 0
    pace.dialled("b-1", 60.0, kept=False)
    more = pace.may(60.0)
    assert more.calls > 0 and not more.ready


def test_a_cap_that_was_used_up_before_a_restart_is_used_up_after_it() -> None:
    crew = Crew(free=2, talks_since=(0.0,) * 20, queues=OUT)
    fresh, used = Pacer(), Pacer()
    paced(Floor(crew), Flights(), fresh, *[False] * 200).may(0.0)
    paced(Floor(crew), Flights(), used, *[False] * 190, *[True] * 10).may(0.0)
    assert fresh.budget.room(100) > 0 > used.budget.room(100)


def test_campaigns_of_the_same_agents_take_turns() -> None:
    turns, woken = AgentTurns(), []
    leave = turns.enter("one", lambda: woken.append("one"))
    turns.enter("two", lambda: woken.append("two"))
    for name in ("one", "two"):
        turns.ask(name, "out", 0.0)
    assert turns.is_next("one", OUT, 0.0)
    turns.dialled("one")
    assert woken == ["two"]
    turns.ask("one", "out", 0.1)
    assert not turns.is_next("one", OUT, 0.1)
    assert turns.is_next("one", frozenset({"others"}), 0.1), "those of other agents do not count"
    assert turns.is_next("two", OUT, 0.1)
    turns.ask("two", "out", 0.2 + HOLDS_UP_S)  # its trunk is full
    assert turns.is_next("one", OUT, 0.2 + HOLDS_UP_S)
    turns.dialled("two")
    leave()
    assert turns.is_next("two", OUT, 5.0)


def test_who_asks_no_more_holds_nobody_up() -> None:
    turns = AgentTurns()
    turns.ask("one", "out", 0.0)
    turns.ask("two", "out", 0.0)
    turns.dialled("one")
    assert not turns.is_next("one", OUT, WANTS_FOR_S - 0.1)
    assert turns.is_next("one", OUT, WANTS_FOR_S + 0.1)


class Trunks:
    """Two trunks of a group, with ``channels`` each."""

    def __init__(self, channels: int, each_s: float = 0.0) -> None:
        self.left = {"t1": channels, "t2": 0}
        self.each_s = each_s
        self.used_s = 0.0

    def members(self, trunk: str) -> tuple[str, ...]:
        return ("t1", "t2") if trunk == "group" else (trunk,)

    def free(self, trunk: str) -> float:
        return self.left[trunk]

    def wait_s(self, trunk: str, coming: int) -> float:
        return self.used_s + coming * self.each_s


class Line:
    """One campaign that wants as many lines as there are."""

    def __init__(self, turns: Turns, trunks: Trunks, name: str, trunk: str) -> None:
        self.turns, self.trunks, self.name = turns, trunks, name
        self.up = self.dials = self.woken = 0
        self.leave = turns.enter(name, trunk, self.wake)

    def wake(self) -> None:
        self.woken += 1

    def ask(self, now: float = 0.0) -> bool:
        if self.turns.ask(self.name, now) > 0:
            return False
        self.turns.sent(self.name)
        self.trunks.left["t1"] -= 1
        self.up, self.dials = self.up + 1, self.dials + 1
        return True

    def end(self) -> None:
        self.trunks.left["t1"] += 1
        self.up -= 1
        self.turns.give_back(self.name)


def test_channels_of_a_trunk_are_shared_by_those_who_want_them() -> None:
    trunks = Trunks(10)
    turns = Turns(trunks)
    one, two, three = (
        Line(turns, trunks, name, trunk) for name, trunk in (("one", "t1"), ("two", "group"), ("three", "t1"))
    )
    assert all(one.ask() for _ in range(10)), "nobody else wants one"
    assert not two.ask() and not three.ask()
    one.end()
    assert not one.ask(), "it has more than its share"
    assert two.ask()
    for _ in range(30):
        one.end() if one.up else None
        for line in (one, one, two, one, three):
            line.ask()
        if trunks.left["t1"] == 0:
            max((one, two, three), key=lambda line: line.up).end()
    assert min(one.up, two.up, three.up) >= 2 and max(one.up, two.up, three.up) <= 4
    assert two.woken


def test_long_calls_do_not_take_the_channels_of_short_ones() -> None:
    trunks = Trunks(10)
    turns = Turns(trunks)
    short, long = Line(turns, trunks, "short", "t1"), Line(turns, trunks, "long", "t1")
    most = 0
    for now in range(40):
        for _ in range(10):
            long.ask(now)
            short.ask(now)
        most = max(most, long.up)
        while short.up:
            short.end()
    assert most == 5, "half of them, though its calls never end"


def test_calls_per_second_go_in_turn_though_one_has_short_calls() -> None:
    trunks = Trunks(100)
    turns = Turns(trunks)
    short, long = Line(turns, trunks, "short", "t1"), Line(turns, trunks, "long", "t1")
    for now in range(20):  # one call a second
        trunks.used_s = 0.0
        for line in (long, short):
            if line.ask(now):
                trunks.used_s = 1.0
        if short.up:
            short.end()
    assert abs(short.dials - long.dials) <= 1


def test_who_does_not_want_or_does_not_ask_any_more_holds_nobody_up() -> None:
    trunks = Trunks(4)
    turns = Turns(trunks)
    one, two = Line(turns, trunks, "one", "t1"), Line(turns, trunks, "two", "t1")
    assert one.ask()
    two.ask()
    assert two.ask() is False or two.up == 2
    turns.content("two")
    assert one.ask()
    two.leave()
    assert turns.ask("one", 0.0) in (0.0, LOOK_TRUNK_S)


@pytest.mark.parametrize("coming", [1, 2])
def test_what_is_on_its_way_counts_against_channels_and_turns(coming: int) -> None:
    trunks = Trunks(2, each_s=0.5)
    turns = Turns(trunks)
    turns.enter("one", "t1", lambda: None)
    assert turns.ask("one", 0.0) == 0.0
    if coming == 2:
        trunks.each_s = 0.0
        assert turns.ask("one", 0.0) == 0.0
        assert turns.ask("one", 0.0) == LOOK_TRUNK_S, "two channels, two calls on their way to it"
        turns.give_back("one", unused=True)
        assert turns.ask("one", 0.0) == 0.0
    else:
        assert turns.ask("one", 0.0) == 0.5
        turns.sent("one")
        assert turns.ask("one", 0.0) == 0.0
