"""The answer-rate probe: when it calls, what it knows its own call by, and what it makes of what happens."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from acd.facts import QueueEntered, QueueLeft
from campaigns.probe import ProbePlan, ProbeResult, ProbeTrail, check_cron, next_run
from core.events import Event, Fact
from ivr.hours_text import parse_hours
from telephony.facts import CallStarted, TalkStarted

ZONE = ZoneInfo("Asia/Shanghai")
PLAN = ProbePlan("hotline", "4008001234", "carrier", "02112345678", "0,30 8-19 * * *")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def event(moment: float, fact: Fact, call: str = "c-1") -> Event:
    return Event("e", moment, call, fact)


def test_every_half_hour_of_the_day() -> None:
    assert next_run(PLAN, at("2026-11-23 08:10"), ZONE) == at("2026-11-23 08:30")
    assert next_run(PLAN, at("2026-11-23 08:30"), ZONE) == at("2026-11-23 09:00")
    assert next_run(PLAN, at("2026-11-23 19:30"), ZONE) == at("2026-11-24 08:00")


def test_on_working_days_only() -> None:
    """1 October 2026 to 7 October are holidays, Saturday the 10th makes up for one of them."""
    hours = parse_hours(["mon-fri 09:00-18:00"], zone="Asia/Shanghai")
    plan = ProbePlan("hotline", "4008001234", "carrier", "02112345678", "0 10 * * *", hours)
    runs, after = [], at("2026-09-30 00:00")
    for _ in range(4):
        moment = next_run(plan, after, ZONE)
        assert moment is not None
        runs.append(datetime.fromtimestamp(moment, ZONE).strftime("%m-%d"))
        after = moment
    assert runs == ["09-30", "10-08", "10-09", "10-10"]


def test_never_where_it_is_never_open() -> None:
    closed = ProbePlan("x", "1", "t", "2", "0 3 * * *", parse_hours(["daily 09:00-18:00"], holidays=""))
    assert next_run(closed, at("2026-11-23 08:10"), ZONE) is None


@pytest.mark.parametrize("text", ["", "every hour", "61 * * * *", "* * *"])
def test_what_is_no_cron_expression(text: str) -> None:
    with pytest.raises(ValueError, match="is no cron expression"):
        check_cron(text)
    assert check_cron("*/15 9-17 * * 1-5") == "*/15 9-17 * * 1-5"


def test_its_own_call_is_known_by_both_numbers() -> None:
    trail = ProbeTrail(PLAN)
    assert not trail.see(event(1.0, CallStarted("inbound", "+8613800138000", "4008001234"), "c-other"))
    assert not trail.see(event(1.0, CallStarted("inbound", "+862112345678", "4008005555"), "c-line"))
    assert not trail.see(event(1.0, CallStarted("outbound", "02112345678", "4008001234"), "c-out"))
    assert trail.see(event(2.0, CallStarted("inbound", "+862112345678", "4008001234"), "c-in"))
    assert trail.inbound == "c-in"
    assert not trail.see(event(3.0, CallStarted("inbound", "+862112345678", "4008001234"), "c-twin"))
    assert not trail.see(event(4.0, QueueEntered("q-9", "other"), "c-other"))
    assert trail.queue == ""


def test_answered_with_the_length_of_each_stage() -> None:
    trail = ProbeTrail(PLAN)
    trail.see(event(101.0, CallStarted("inbound", "+862112345678", "4008001234")))
    trail.see(event(112.0, QueueEntered("q-1", "sales")))
    trail.see(event(140.0, QueueLeft("q-1", "sales", "overflowed", 28.0)))
    trail.see(event(140.0, QueueEntered("q-2", "general")))
    assert trail.see(event(150.0, TalkStarted("101", "general")))
    assert not trail.see(event(160.0, TalkStarted("102", "general"))), "the first who answers counts"
    assert trail.result(gone=False) is ProbeResult.ANSWERED
    assert (trail.agent, trail.queue) == ("101", "general")
    assert (trail.menu_s(104.0, 155.0), trail.wait_s(155.0)) == (8.0, 38.0)


def test_nobody_came() -> None:
    trail = ProbeTrail(PLAN)
    assert trail.result(gone=False) is ProbeResult.STRAYED
    trail.see(event(101.0, CallStarted("inbound", "+862112345678", "4008001234")))
    assert trail.result(gone=True) is ProbeResult.CUT_OFF
    assert (trail.menu_s(104.0, 130.0), trail.wait_s(130.0)) == (26.0, None)
    trail.see(event(110.0, QueueEntered("q-1", "sales")))
    assert trail.result(gone=False) is ProbeResult.GAVE_UP
    assert (trail.menu_s(104.0, 130.0), trail.wait_s(130.0)) == (6.0, 20.0)
