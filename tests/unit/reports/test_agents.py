"""Agents' work against numbers worked out by hand."""

from reports.agents import AgentTally
from reports.model import AgentLine
from reports.rows import Ringing, StateSpan, TalkTime


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
        call_ids=("c-1", "c-2"),
    )
    assert (bob.calls, bob.talk_s, bob.rung, bob.answer_rate, bob.occupancy) == (1, 30.0, 0, None, None)
    assert bob.withdrawn == 1
    assert (cid.calls, cid.aht_s, cid.occupancy, cid.paused_s) == (0, None, None, 400.0)
