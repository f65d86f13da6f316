"""The plan of announcements."""

from pathlib import Path

from acd.comfort import ComfortPlan
from acd.estimate import Estimate
from acd.facts import WaitTold
from acd.queues import QueueRules
from tests.unit.acd.doubles import FakeAnnouncer

ESTIMATE = Estimate(90.0, 10.0, 200.0)


def plan(**rules: object) -> ComfortPlan:
    return ComfortPlan("q1", QueueRules("sales", (), **rules), FakeAnnouncer())  # type: ignore[arg-type]


def test_what_is_said_is_what_the_log_keeps():
    announcement = plan().announce(2, ESTIMATE, ringing=False)
    assert announcement.clips == (Path("hold"), Path("ahead 2"), Path("wait"))
    assert announcement.told == WaitTold("q1", "sales", 2, 90.0, 10.0, 200.0)


def test_a_queue_may_keep_place_or_wait_to_itself():
    assert plan(announce_wait=False).announce(2, ESTIMATE, ringing=False).told == WaitTold("q1", "sales", 2, -1, -1, -1)
    assert plan(announce_place=False).announce(2, ESTIMATE, ringing=False).told == WaitTold(
        "q1", "sales", -1, 90.0, 10.0, 200.0
    )
    silent = plan(announce_place=False, announce_wait=False)
    for at in (0.0, 30.0):
        announcement = silent.announce(2, ESTIMATE, ringing=False)
        assert (announcement.clips, announcement.told) == ((Path("hold"),), None)
        silent.said(at)


def test_nobody_is_told_a_wait_beyond_what_is_left_of_the_longest_one():
    """A stranger was told 451 s where he might wait 25 s; then he overflowed."""
    place_only = WaitTold("q1", "sales", 2, -1, -1, -1)
    announcement = plan().announce(2, Estimate(451.0, 40.0, 1400.0), ringing=False, left_s=25.0)
    assert announcement.clips == (Path("hold"), Path("ahead 2"))
    assert announcement.told == place_only
    assert plan().announce(2, ESTIMATE, ringing=False, left_s=100.0).told == place_only, "said as 2 minutes"
    for left_s, estimate in ((120.0, ESTIMATE), (21.0, Estimate(20.0, 5.0, 40.0))):
        announcement = plan().announce(2, estimate, ringing=False, left_s=left_s)
        assert announcement.told == WaitTold("q1", "sales", 2, estimate.wait_s, estimate.low_s, estimate.high_s)
    wordless = plan(announce_place=False)
    wordless.said(0.0)
    announcement = wordless.announce(2, ESTIMATE, ringing=False, left_s=25.0)
    assert (announcement.clips, announcement.told) == ((Path("hold"),), None)


def test_nobody_is_told_to_wait_while_an_agents_phone_rings():
    one = plan()
    announcement = one.announce(0, None, ringing=True)
    assert (announcement.clips, announcement.told) == ((Path("connecting"),), None)
    one.said(3.0)
    assert not one.due(0, 100.0, ringing=True)
    assert not one.due(0, 12.0, ringing=False)
    assert one.due(0, 13.0, ringing=False), "the agent did not answer: now he is told his place"


def test_a_change_of_place_is_told_after_the_gap_and_no_change_after_the_interval():
    one = plan(announce_interval_s=60.0, announce_gap_s=10.0)
    assert one.due(3, 0.0, ringing=False)
    one.announce(3, None, ringing=False)
    one.said(5.0)
    assert one.next_look(5.0) == 15.0
    assert [one.due(2, at, ringing=False) for at in (14.0, 15.0)] == [False, True]
    assert [one.due(3, at, ringing=False) for at in (15.0, 64.0, 65.0)] == [False, False, True]


def test_messages_of_the_house_come_with_further_announcements_in_turn():
    class Talkative(FakeAnnouncer):
        def message(self, number: int) -> list[Path]:
            return [Path(f"message {number}")]

    rules = QueueRules("sales", (), announce_wait=False)
    one = ComfortPlan("q1", rules, Talkative())
    heard = []
    for at in (0.0, 30.0, 60.0):
        heard.append(one.announce(1, None, ringing=False).clips)
        one.said(at)
    assert heard == [
        (Path("hold"), Path("ahead 1")),
        (Path("ahead 1"), Path("message 0")),
        (Path("ahead 1"), Path("message 1")),
    ]
    silent = ComfortPlan("q2", QueueRules("sales", (), announce_place=False, announce_wait=False), Talkative())
    silent.announce(1, None, ringing=False)
    silent.said(0.0)
    assert silent.announce(1, None, ringing=False).clips == (Path("message 0"),)
