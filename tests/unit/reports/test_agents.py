"""Agents' work against numbers worked out by hand."""

import random

import pytest

from core.errors import ParseError
from reports.agent_buckets import AgentTallies
from reports.agents import AgentTally
from reports.model import AgentLine, Bucket
from reports.rows import Ringing, StateSpan, TalkTime

MIDNIGHT = 1_772_380_800.0  # in Shanghai, Monday 2 March 2026
DAY_S = 86_400.0


def test_a_morning_of_two_agents() -> None:
    talks = [
        TalkTime("amy", "c-1", 10.0, 50.0, 10.0),
        TalkTime("amy", "c-2", 200.0, 100.0, 0.0),
        TalkTime("bob", "c-1", 70.0, 30.0, 0.0),  # c-1 was handed on: each has his own part
    ]
    ringings = [
        Ringing("o-1", "amy", 5.0, accepted=True),
        Ringing("o-2", "amy", 90.0, accepted=False),
        Ringing("o-3", "amy", 190.0, accepted=True),
        Ringing("o-4", "amy", 400.0, accepted=False, over=False),  # still rings: not counted yet
        Ringing("o-5", "amy", 300.0, accepted=False, withdrawn=True),  # a colleague was quicker: not missed
        Ringing("o-6", "bob", 300.0, accepted=False, withdrawn=True),
    ]
    spans = [
        StateSpan("amy", "available", 0.0, 10.0),
        StateSpan("amy", "talking", 10.0, 70.0),
        StateSpan("amy", "wrap_up", 70.0, 100.0),
        StateSpan("amy", "available", 100.0, 190.0),
        StateSpan("amy", "ringing", 190.0, 200.0),
        StateSpan("amy", "talking", 200.0, 300.0),
        StateSpan("amy", "paused", 300.0, 400.0),
        StateSpan("cid", "paused", 0.0, 400.0),
    ]
    tally = AgentTally()
    for talk in talks:
        tally.add_talk(talk)
    for ringing in ringings:
        tally.add_ringing(ringing)
    for span in spans:
        tally.add_span(span)
    amy, bob, cid = tally.lines()
    assert amy == AgentLine(
        agent="amy",
        calls=2,
        talk_s=150.0,
        hold_s=10.0,
        wrap_up_s=30.0,
        talking_s=160.0,
        available_s=100.0,
        paused_s=100.0,
        rung=3,
        answered=2,
        withdrawn=1,
        answer_rate=2 / 3,
        aht_s=(150 + 10 + 30) / 2,
        occupancy=190 / 290,
    )
    assert (bob.calls, bob.talk_s, bob.rung, bob.answer_rate, bob.occupancy) == (1, 30.0, 0, None, None)
    assert bob.withdrawn == 1
    assert (cid.calls, cid.aht_s, cid.occupancy, cid.paused_s) == (0, None, None, 400.0)


def test_time_in_a_state_is_cut_at_midnight_but_a_talk_is_not() -> None:
    tallies = AgentTallies(MIDNIGHT, MIDNIGHT + 2 * DAY_S, "Asia/Shanghai", Bucket.DAY)
    late = MIDNIGHT + DAY_S - 100.0
    tallies.add_talk(TalkTime("amy", "c-1", late, 300.0, 0.0))
    tallies.add_span(StateSpan("amy", "talking", late, late + 300.0))
    first, second = tallies.report(0.0).buckets
    assert (first.label, second.label) == ("2026-03-02T00:00+08:00", "2026-03-03T00:00+08:00")
    [amy], [again] = first.agents, second.agents
    assert (amy.calls, amy.talk_s, amy.talking_s) == (1, 300.0, 100.0)
    assert (again.calls, again.talk_s, again.talking_s) == (0, 0.0, 200.0)


@pytest.mark.parametrize("bucket", [Bucket.HALF_HOUR, Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH])
def test_buckets_add_up_to_the_whole(bucket: Bucket) -> None:
    chance = random.Random(bucket.value)
    since, until = MIDNIGHT + 5000.0, MIDNIGHT + 40 * DAY_S + 77.0
    tallies = AgentTallies(since, until, "Asia/Shanghai", bucket)
    for number in range(300):
        agent, at = chance.choice(["amy", "bob"]), chance.uniform(since, until - 1.0)
        tallies.add_talk(TalkTime(agent, f"c-{number}", at, chance.uniform(0, 300), chance.uniform(0, 30)))
        accepted, withdrawn = chance.choice([(True, False), (False, True), (False, False)])
        tallies.add_ringing(Ringing(f"o-{number}", agent, at, accepted, withdrawn=withdrawn))
        state = chance.choice(["talking", "wrap_up", "available", "paused"])
        tallies.add_span(StateSpan(agent, state, at, min(until, at + chance.uniform(0, 3 * DAY_S))))
    report = tallies.report(0.0)
    times = [(cut.since, cut.until) for cut in report.buckets]
    assert times == sorted(times) and since <= times[0][0] and times[-1][1] <= until
    for whole in report.agents:
        mine = [line for cut in report.buckets for line in cut.agents if line.agent == whole.agent]
        for figure in ("calls", "rung", "answered", "withdrawn"):
            assert sum(getattr(line, figure) for line in mine) == getattr(whole, figure)
        for figure in ("talk_s", "hold_s", "wrap_up_s", "talking_s", "available_s", "paused_s"):
            assert sum(getattr(line, figure) for line in mine) == pytest.approx(getattr(whole, figure))


def test_in_all_there_are_no_buckets_and_too_many_are_refused() -> None:
    tallies = AgentTallies(MIDNIGHT, MIDNIGHT + DAY_S, "Asia/Shanghai")
    tallies.add_span(StateSpan("amy", "paused", MIDNIGHT, MIDNIGHT + 60.0))
    report = tallies.report(0.0)
    assert report.buckets == () and [line.agent for line in report.agents] == ["amy"]
    with pytest.raises(ParseError):
        AgentTallies(MIDNIGHT, MIDNIGHT + 600 * DAY_S, "Asia/Shanghai", Bucket.HALF_HOUR)
