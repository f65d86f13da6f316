"""The journey of a call: every end has its verdict, nobody is left ringing, every recording is closed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from acd.served import LeftByKey, Overflowed, Pulled, Served
from acd.skills import SkillNeed
from acd.urgency import CallerTerms
from core.channels import Channel
from core.errors import CallRejected, TransactionTimeout, Unavailable
from ivr.facts import VoicemailLeft
from ivr.flow import ToPromise
from ivr.load import load_flow
from service.callers import CallerRules
from service.journeys.inbound import inbound
from service.promised_calls import PromisedCalls
from telephony.facts import CallAnswered, CallEnded, RecordingFinished, RecordingStarted, TalkEnded, TalkStarted
from telephony.media.commands import Bridge, Play, Record, Stop
from telephony.ports import Leg
from telephony.switchboard import Arrival
from tests.unit.service.journeys.doubles import Desk, gives_up, hangs_up, turn

QUEUE, AGENT, BOX, FLOW, UNRECORDED = (f"400000000{number}" for number in range(1, 6))


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _begin(desk: Desk, dnis: str) -> tuple[Arrival, "asyncio.Task[None]"]:
    arrival = desk.arrive(dnis)
    return arrival, asyncio.create_task(inbound(arrival, desk.house))


async def _ended(desk: Desk, journey: "asyncio.Task[None]") -> tuple[str, str]:
    """The one verdict of the call."""
    await journey
    await desk.settled()
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded)
    started, finished = desk.facts(RecordingStarted), desk.facts(RecordingFinished)
    assert [item.recording for item in started] == [item.recording for item in finished]
    assert desk.media.legs == {}, "all ports are free again"
    assert desk.tasks.crashes == 0
    return ended.reason, ended.by


def _said(desk: Desk) -> list[str]:
    return [Path(play.sounds[0]).stem for play in desk.media.of(Play)]


async def test_an_unknown_number(desk: Desk) -> None:
    _, journey = _begin(desk, "4009999999")
    assert await _ended(desk, journey) == ("not_found", "system")
    assert desk.stack.done == [("reject", "s0", 404)]


@pytest.mark.parametrize(("number", "recordings"), [(QUEUE, 1), (UNRECORDED, 0)])
async def test_a_queue_and_a_talk_that_the_agent_ends(desk: Desk, number: str, recordings: int) -> None:
    inside = await desk.agent()
    desk.connects(inside)
    _, journey = _begin(desk, number)
    await desk.until(TalkStarted)
    assert desk.media.legs["out"].partner == "in"
    assert len(desk.media.of(Record)) == recordings
    desk.clock.advance(30)
    hangs_up(inside)
    assert await _ended(desk, journey) == ("normal", "agent")
    assert desk.facts(TalkEnded) == [TalkEnded("101", 30.0, 0.0, "sales")]
    assert desk.queue.said == [("serve", "sales", "13800138000"), ("talk over", "101", "q1")]
    assert len(desk.facts(CallAnswered)) == 1


async def test_a_talk_that_the_caller_ends(desk: Desk) -> None:
    inside = await desk.agent()
    desk.connects(inside)
    arrival, journey = _begin(desk, QUEUE)
    await desk.until(TalkStarted)
    hangs_up(arrival.leg)
    assert await _ended(desk, journey) == ("normal", "caller")
    assert inside.end is not None and inside.end.by_us
    assert ("talk over", "101", "q1") in desk.queue.said


async def test_the_worker_dies_while_they_talk(desk: Desk) -> None:
    desk.connects(await desk.agent())
    _, journey = _begin(desk, QUEUE)
    await desk.until(TalkStarted)
    desk.media.lose_worker()
    assert await _ended(desk, journey) == ("media_lost", "system")


async def test_the_agent_has_gone_before_they_are_joined(desk: Desk) -> None:
    inside = await desk.agent()
    hangs_up(inside)
    desk.connects(inside)
    _, journey = _begin(desk, QUEUE)
    assert await _ended(desk, journey) == ("normal", "agent")
    assert desk.facts(TalkStarted) == []
    assert ("talk over", "101", "q1") in desk.queue.said


async def test_the_caller_hangs_up_while_he_waits(desk: Desk) -> None:
    desk.waits()
    arrival, journey = _begin(desk, QUEUE)
    await turn()
    hangs_up(arrival.leg)
    assert await _ended(desk, journey) == ("normal", "caller")
    assert desk.queue.said[-1] == ("abandoned",)


async def test_distribution_is_closed(desk: Desk) -> None:
    served = desk.waits()
    _, journey = _begin(desk, QUEUE)
    await turn()
    served.set_exception(Unavailable("closing"))
    assert await _ended(desk, journey) == ("unavailable", "system")


async def test_who_cannot_be_served_hears_so(desk: Desk) -> None:
    desk.media.finish_plays = True
    desk.waits().set_result(Overflowed(("hangup",), "q1", "sales"))
    _, journey = _begin(desk, QUEUE)
    assert await _ended(desk, journey) == ("normal", "system")
    assert _said(desk) == ["overflow"]


async def test_a_queue_that_was_taken_out_of_the_configuration_meanwhile(desk: Desk) -> None:
    desk.media.finish_plays = True
    desk.queue.gone.add("sales")
    _, journey = _begin(desk, QUEUE)
    assert await _ended(desk, journey) == ("normal", "system")
    assert _said(desk) == ["overflow"]


@pytest.mark.parametrize(
    ("served", "box"),
    [(LeftByKey("9", "q1", "sales"), "sales"), (Overflowed(("voicemail:night",), "q1", "sales"), "night")],
)
async def test_who_will_not_wait_is_asked_for_a_message(desk: Desk, served: Overflowed | LeftByKey, box: str) -> None:
    desk.media.finish_plays = True
    desk.waits().set_result(served)
    _, journey = _begin(desk, QUEUE)
    await desk.until(RecordingStarted)
    assert _said(desk) == ["leave_message", "beep"]
    desk.media.press("out", "#")
    assert await _ended(desk, journey) == ("normal", "system")
    (left,) = desk.facts(VoicemailLeft)
    assert isinstance(left, VoicemailLeft)
    assert left.box == box


async def test_overflows_that_lead_in_circles_end(desk: Desk) -> None:
    desk.media.finish_plays = True
    desk.waits().set_result(Overflowed(("queue:sales",), "q1", "sales"))
    _, journey = _begin(desk, QUEUE)
    assert await _ended(desk, journey) == ("normal", "system")
    assert len(desk.queue.said) == 12


async def test_a_message_is_left_with_the_key(desk: Desk) -> None:
    desk.media.finish_plays = True
    _, journey = _begin(desk, BOX)
    await desk.until(RecordingStarted)
    desk.media.press("out", "1#")
    assert await _ended(desk, journey) == ("normal", "system")
    (started,) = desk.facts(RecordingStarted)
    assert (started.left, started.right) == ("caller", "system")
    assert desk.facts(VoicemailLeft) == [VoicemailLeft(started.recording, "night", 1.0)]
    assert _said(desk) == ["leave_message", "beep", "message_saved"]


async def test_a_message_is_kept_when_the_caller_hangs_up(desk: Desk) -> None:
    desk.media.finish_plays = True
    arrival, journey = _begin(desk, BOX)
    await desk.until(RecordingStarted)
    hangs_up(arrival.leg)
    assert await _ended(desk, journey) == ("normal", "caller")
    assert len(desk.facts(VoicemailLeft)) == 1


@pytest.mark.parametrize(
    ("key", "last"), [("1", ("serve", "sales", "13800138000")), ("2", ("reserve", "101")), ("3", ())]
)
async def test_the_flow_leads_on(desk: Desk, key: str, last: tuple[str, ...]) -> None:
    desk.media.finish_plays = True
    desk.queue.free = False
    desk.waits().set_result(Overflowed(("hangup",), "q1", "sales"))
    _, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", key)
    if not last:
        await desk.until(RecordingStarted)
        desk.media.press("out", "#")
    reason, by = await _ended(desk, journey)
    assert (reason, by) == ("busy" if key == "2" else "normal", "system")
    assert (desk.queue.said[-1] if desk.queue.said else ()) == last
    assert _said(desk) == ["menu_main", *(["beep", "message_saved"] if not last else ["overflow"])]


async def test_what_the_menu_says_of_a_caller_counts_in_the_queue(desk: Desk) -> None:
    desk.house.callers.rules = CallerRules(ahead_s={"complaint": 60.0})
    desk.media.finish_plays = True
    desk.waits().set_result(Overflowed(("hangup",), "q1", "sales"))
    _, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", "4")
    await _ended(desk, journey)
    assert desk.queue.terms == CallerTerms(ahead_s=60.0, skills=(SkillNeed("english", 3),))


async def test_a_direct_call(desk: Desk) -> None:
    arrival, journey = _begin(desk, AGENT)
    await turn()
    assert desk.stack.names() == [], "nothing rings yet"
    await desk.rings()
    assert desk.stack.done == [("progress", "s0", 180)], "the caller hears that it rings, and is not answered yet"
    inside = await desk.agent()
    desk.ringing.set_result(inside)
    await desk.until(TalkStarted)
    assert arrival.leg.end is None
    hangs_up(inside)
    assert await _ended(desk, journey) == ("normal", "agent")
    assert [said[0] for said in desk.queue.said] == ["reserve", "ring", "engage", "release"]


async def test_a_phone_that_rings_and_refuses_in_one_breath_has_rung(desk: Desk) -> None:
    _, journey = _begin(desk, AGENT)
    await turn()
    assert desk.alerted is not None
    desk.alerted()
    desk.ringing.set_exception(CallRejected(486))
    assert await _ended(desk, journey) == ("busy", "agent")
    assert desk.stack.done == [("progress", "s0", 180), ("reject", "s0", 486)]
    assert desk.alerted is None


@pytest.mark.parametrize(("phone", "reason", "status"), [(True, "busy", 486), (False, "no_phone", 480)])
async def test_a_direct_call_to_somebody_who_cannot_take_it(desk: Desk, phone: bool, reason: str, status: int) -> None:
    desk.queue.free, desk.queue.phone = False, phone
    _, journey = _begin(desk, AGENT)
    assert await _ended(desk, journey) == (reason, "system")
    assert desk.stack.done == [("reject", "s0", status)]


async def test_a_direct_call_to_somebody_who_takes_none(desk: Desk) -> None:
    desk.queue.barred = {Channel.DIRECT}
    _, journey = _begin(desk, AGENT)
    assert await _ended(desk, journey) == ("busy", "system")
    assert not [said for said in desk.queue.said if said[0] in ("reserve", "ring")]


async def test_a_phone_that_went_while_it_was_to_be_rung(desk: Desk) -> None:
    _, journey = _begin(desk, AGENT)
    await turn()
    desk.queue.phone = False
    desk.ringing.set_exception(Unavailable("no phone"))
    assert await _ended(desk, journey) == ("no_phone", "system")
    assert desk.stack.done == [("reject", "s0", 480)], "it has never rung"
    assert desk.stack.causes["s0"].startswith("Q.850;cause=20;")


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (CallRejected(486), ("busy", "agent")),
        (CallRejected(603), ("rejected", "agent")),
        (TransactionTimeout("30 s"), ("no_answer", "system")),
        (Unavailable("no channel"), ("unavailable", "system")),
    ],
)
async def test_an_answered_caller_hears_why_no_agent_comes(
    desk: Desk, fault: Exception, verdict: tuple[str, str]
) -> None:
    desk.media.finish_plays = True
    _, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", "2")
    await turn()
    desk.ringing.set_exception(fault)
    assert await _ended(desk, journey) == verdict
    assert _said(desk) == ["menu_main", "tone:ringback", "overflow"]
    assert desk.queue.said[-1] == ("release", "101")


async def test_who_is_put_through_to_an_agent_hears_ring_back_until_he_answers(desk: Desk) -> None:
    _, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", "2")
    await turn()
    (menu, tone) = desk.media.of(Play)
    assert menu.leg == tone.leg == "out"
    assert tone.sounds == ("tone:ringback",)
    inside = await desk.agent()
    desk.ringing.set_result(inside)
    await desk.until(TalkStarted)
    last = [command for command in desk.media.commands if isinstance(command, Play | Stop | Bridge)][-3:]
    assert last == [tone, Stop("out"), Bridge("out", "in")]
    hangs_up(inside)
    assert await _ended(desk, journey) == ("normal", "agent")


async def test_who_hangs_up_while_he_is_put_through_leaves_nothing_behind(desk: Desk) -> None:
    arrival, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", "2")
    await turn()
    hangs_up(arrival.leg)
    assert await _ended(desk, journey) == ("normal", "caller")
    assert [said[0] for said in desk.queue.said] == ["reserve", "ring", "ringing stopped", "release"]


@pytest.mark.parametrize(
    ("fault", "verdict", "status", "cause"),
    [
        (CallRejected(486), ("busy", "agent"), 486, 17),
        (CallRejected(603), ("rejected", "agent"), 603, 21),
        (CallRejected(600), ("busy", "agent"), 600, 17),
        (CallRejected(480), ("no_answer", "system"), 480, 18),
        (CallRejected(480, cause=17), ("busy", "agent"), 486, 17),
        (CallRejected(302), ("unavailable", "system"), 480, 31),
        (CallRejected(401), ("unavailable", "system"), 500, 41),
        (CallRejected(407), ("unavailable", "system"), 500, 41),
        (CallRejected(500), ("unavailable", "system"), 500, 41),
        (CallRejected(503), ("unavailable", "system"), 500, 41),
        (CallRejected(488, cause=88), ("unavailable", "system"), 488, 88),
        (TransactionTimeout("30 s"), ("no_answer", "system"), 480, 19),
        (Unavailable("no worker"), ("unavailable", "system"), 503, 41),
    ],
)
async def test_a_direct_call_that_is_not_taken(
    desk: Desk, fault: Exception, verdict: tuple[str, str], status: int, cause: int
) -> None:
    _, journey = _begin(desk, AGENT)
    await turn()
    desk.ringing.set_exception(fault)
    assert await _ended(desk, journey) == verdict
    assert desk.stack.done[-1] == ("reject", "s0", status)
    assert desk.stack.causes["s0"].startswith(f"Q.850;cause={cause};")
    assert desk.queue.said[-1] == ("release", "101")
    assert desk.facts(CallAnswered) == []
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded)
    assert ended.status == (fault.status if isinstance(fault, CallRejected) else 0), "as his phone has said it"


@pytest.mark.parametrize("number", ["101", AGENT])
async def test_an_agent_who_calls_himself_is_busy(desk: Desk, number: str, caplog: pytest.LogCaptureFixture) -> None:
    arrival = replace(desk.arrive(number), ani="101", trunk="", agent="101")
    with caplog.at_level("INFO", logger="line400.service"):
        async with asyncio.timeout(5):  # where he is rung it would ring for ever
            await inbound(arrival, desk.house)
    assert desk.stack.done == [("reject", "s0", 486)]
    assert desk.facts(CallEnded) == [CallEnded("busy", "system")]
    assert desk.queue.said == [], "nothing rings"
    assert "agent 101 has dialled his own number" in caplog.text


async def test_a_direct_caller_gives_up(desk: Desk) -> None:
    arrival, journey = _begin(desk, AGENT)
    await turn()
    gives_up(arrival.leg)
    assert await _ended(desk, journey) == ("cancelled", "caller")
    assert [said[0] for said in desk.queue.said] == ["reserve", "ring", "ringing stopped", "release"]


async def test_no_media_worker(desk: Desk) -> None:
    desk.media.down = True
    _, journey = _begin(desk, FLOW)
    assert await _ended(desk, journey) == ("unavailable", "system")
    assert desk.stack.done == [("reject", "s0", 503)]


async def test_a_mistake_of_ours_ends_the_call_with_500(desk: Desk) -> None:
    async def outcome(*_: object) -> None:
        raise ZeroDivisionError

    desk.queue.outcome = outcome
    _, journey = _begin(desk, QUEUE)
    with pytest.raises(ZeroDivisionError):
        await journey
    assert desk.facts(CallEnded) == [CallEnded("error", "system")]


async def test_who_says_when_he_wants_to_be_called_is_promised_that(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "later.toml"
    file.write_text(
        'start = "ask"\n[nodes.ask]\nkind = "menu"\nprompts = ["menu_main"]\nfallback = "bye"\n'
        'choices.later = { key = "1", moment = "明天上午", goto = "promised" }\n'
        '[nodes.promised]\nkind = "promise"\ncampaign = "visits"\n[nodes.bye]\nkind = "hangup"\n',
        encoding="utf-8",
    )
    kept: list[tuple[str, ToPromise, float, str]] = []

    class Keeper:
        async def keep(self, number: str, to: ToPromise, call_at: float, wished: str) -> bool:
            kept.append((number, to, call_at, wished))
            return True

    desk.house = replace(desk.house, flows={"main": load_flow(file)}, promised=cast("PromisedCalls", Keeper()))
    _, journey = _begin(desk, FLOW)
    await turn()
    desk.media.press("out", "1")
    assert await _ended(desk, journey) == ("normal", "system")
    [(number, to, call_at, wished)] = kept
    assert (number, to, wished) == ("13800138000", ToPromise("visits"), "明天上午")
    assert 0 < call_at - desk.clock.now() < 2 * 86_400


async def test_who_is_pulled_talks_out_of_his_queue(desk: Desk) -> None:
    inside = await desk.agent("901")

    async def outcome(_call: Leg, queue: str) -> Served:
        return Pulled("901", inside, "q1", queue)

    desk.queue.outcome = outcome
    _, journey = _begin(desk, QUEUE)
    await desk.until(TalkStarted)
    assert desk.facts(TalkStarted) == [TalkStarted("901", "sales")]
    hangs_up(inside)
    assert await _ended(desk, journey) == ("normal", "agent")
    assert ("release", "901") in desk.queue.said
