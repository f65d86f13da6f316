"""Alarms on virtual time: two limits, two spans of time, each said once."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.alarm_figures import AlarmFigures, AlarmNow
from acd.alarms import TABLE, AlarmKind, AlarmRule, Alarms, AlarmState, Sign
from acd.facts import QueueLeft
from acd.recent_level import RecentLevel

WAIT = AlarmRule("wait", AlarmKind.LONGEST_WAIT, "", 120.0, 60.0, for_s=10.0, clear_after_s=30.0)
LEVEL = AlarmRule("level", AlarmKind.SERVICE_LEVEL, "sales", 0.8, 0.9)


def told(alarms: Alarms, figures: Mapping[str, float], now: float) -> list[object]:
    return list(alarms.look(lambda _: figures, now))


def test_raised_after_its_time_and_cleared_after_its_time() -> None:
    alarms = Alarms([WAIT])
    assert told(alarms, {"sales": 121.0}, 0.0) == []
    assert told(alarms, {"sales": 130.0}, 9.9) == []
    assert told(alarms, {"sales": 131.0}, 10.0) == [AlarmRaised("wait", "longest_wait", "sales", 131.0, 120.0)]
    assert told(alarms, {"sales": 140.0}, 20.0) == [], "said once"
    assert told(alarms, {"sales": 60.0}, 30.0) == []
    assert told(alarms, {"sales": 0.0}, 60.0) == [AlarmCleared("wait", "longest_wait", "sales", 0.0, 50.0, worst=140.0)]
    assert told(alarms, {"sales": 0.0}, 90.0) == []


def test_what_swings_about_the_limit_is_one_alarm() -> None:
    alarms = Alarms([WAIT])
    seen: list[object] = []
    for second in range(600):
        seen += told(alarms, {"sales": 121.0 if second < 20 or second % 3 else 119.0}, float(second))
    assert len(seen) == 1 and isinstance(seen[0], AlarmRaised)


def test_between_the_limits_begins_anew() -> None:
    alarms = Alarms([WAIT])
    told(alarms, {"q": 200.0}, 0.0)
    told(alarms, {"q": 100.0}, 9.0)
    assert told(alarms, {"q": 200.0}, 10.0) == [], "it was not beyond the limit all the time"
    assert len(told(alarms, {"q": 200.0}, 20.0)) == 1
    told(alarms, {"q": 10.0}, 21.0)
    told(alarms, {"q": 100.0}, 50.0)
    assert told(alarms, {"q": 10.0}, 51.0) == [], "nor well all the time"
    assert len(told(alarms, {"q": 10.0}, 81.0)) == 1


def test_a_share_is_bad_below() -> None:
    alarms = Alarms([LEVEL])
    assert told(alarms, {"sales": 0.8, "service": 0.1}, 0.0) == [], "at the limit is well, and the other is not asked"
    assert told(alarms, {"sales": 0.79}, 1.0) == [AlarmRaised("level", "service_level", "sales", 0.79, 0.8)]
    assert told(alarms, {"sales": 0.85}, 2.0) == []
    assert told(alarms, {"sales": 0.9}, 3.0) == [AlarmCleared("level", "service_level", "sales", 0.9, 2.0, worst=0.79)]


def test_each_queue_by_itself_and_one_that_nothing_is_known_of_is_well() -> None:
    alarms = Alarms([WAIT])
    told(alarms, {"a": 200.0, "b": 0.0}, 0.0)
    assert [fact.subject for fact in alarms.look(lambda _: {"a": 200.0, "b": 200.0}, 10.0)] == ["a"]
    assert [fact.subject for fact in alarms.look(lambda _: {"a": 200.0, "b": 200.0}, 20.0)] == ["b"]
    told(alarms, {"b": 200.0}, 21.0)
    assert told(alarms, {"b": 200.0}, 51.0) == [AlarmCleared("wait", "longest_wait", "a", 200.0, 41.0, worst=200.0)]


def test_rules_that_go_or_change_clear_their_alarms() -> None:
    alarms = Alarms([WAIT, LEVEL])
    told(alarms, {"sales": 0.0}, 0.0)
    told(alarms, {"sales": 500.0}, 1.0)
    told(alarms, {"sales": 500.0}, 20.0)
    gone = [AlarmCleared("wait", "longest_wait", "sales", 500.0, 5.0, "gone", 500.0)]
    assert [fact for fact in alarms.change([LEVEL], 25.0) if fact.alarm == "wait"] == gone
    assert alarms.change([LEVEL], 26.0) == []


def test_what_stands_tells_its_figure_of_now_and_its_worst() -> None:
    alarms = Alarms([LEVEL])
    told(alarms, {"sales": 0.7}, 0.0)
    told(alarms, {"sales": 0.4}, 1.0)
    told(alarms, {"sales": 0.6}, 2.0)
    [now] = alarms.standing()
    assert now == AlarmNow("level", "service_level", "sales", 0.6, 0.4, 0.8, 0.0)
    assert told(alarms, {"sales": 0.95}, 3.0) == [AlarmCleared("level", "service_level", "sales", 0.95, 3.0, worst=0.4)]
    assert alarms.standing() == []


def test_readers_hear_of_other_alarms_at_once_and_of_other_figures_now_and_then() -> None:
    figures, heard = AlarmFigures(), list[int]()
    figures.follow(lambda: heard.append(figures.version))
    one = AlarmNow("level", "service_level", "sales", 0.6, 0.6, 0.8, 10.0)
    older = AlarmNow("wait", "longest_wait", "sales", 130.0, 130.0, 120.0, 5.0)
    figures.take([one], 10.0)
    figures.take([replace(one, value=0.5)], 11.0)
    assert (heard, figures.current["level", "sales"]) == ([1], one)
    figures.take([replace(one, value=0.5), older], 12.0)
    assert [it.alarm for it in figures.current.values()] == ["wait", "level"] and heard == [1, 2]
    figures.take([replace(one, value=0.4), older], 16.9)
    figures.take([replace(one, value=0.4), older], 17.0)
    figures.take([replace(one, value=0.4), older], 30.0)
    assert heard == [1, 2, 3], "the same is not told again"
    figures.take([], 30.1)
    assert not figures.current and heard == [1, 2, 3, 4]


def test_the_table_is_whole() -> None:
    assert set(TABLE) == {(state, sign) for state in AlarmState for sign in Sign}


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 200.0)), max_size=60))
def test_raised_and_cleared_take_turns(steps: list[tuple[float, float]]) -> None:
    alarms, now, said = Alarms([WAIT]), 0.0, []
    for passed_s, value in steps:
        now += passed_s
        said += [type(fact) for fact in alarms.look(lambda _, value=value: {"q": value}, now)]  # type: ignore[misc]
    assert said == [AlarmRaised if place % 2 == 0 else AlarmCleared for place in range(len(said))]


@pytest.mark.parametrize(("over_s", "at_least", "share"), [(100.0, 1, 0.5), (25.0, 1, 1 / 3), (100.0, 5, None)])
def test_the_level_of_the_last_minutes(over_s: float, at_least: int, share: float | None) -> None:
    level = RecentLevel({"sales": 20.0})
    for at, outcome, wait_s in (
        (10.0, "answered", 20.0), (20.0, "answered", 5.0), (30.0, "answered", 20.1), (40.0, "abandoned", 3.0),
        (41.0, "interrupted", 3.0),
    ):  # fmt: skip
        level.note(QueueLeft("e", "sales", outcome, wait_s), at)
        level.note(QueueLeft("e", "unknown", outcome, wait_s), at)
    if over_s == 25.0:
        level.note(QueueLeft("e", "sales", "answered", 1.0), 44.0)
    found = level.levels(50.0, over_s, at_least)
    assert found == ({} if share is None else {"sales": pytest.approx(share)})
    level.targets = {}
    assert level.levels(50.0, over_s, 1) == {}
