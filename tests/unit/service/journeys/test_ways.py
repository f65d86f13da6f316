"""From a queue that does not serve him a caller is led from step to step, until one keeps him."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.facts import QueueClosed
from acd.served import LeftByKey, Overflowed, Served
from core.errors import CallRejected
from ivr.facts import VoicemailLeft
from ivr.hours_text import parse_hours
from ivr.queue_prompts import QueuePrompts
from service.journeys.inbound import inbound
from service.ways import QueueWays, Step, parse_key, parse_step
from telephony.facts import CallEnded, RecordingStarted, TalkStarted
from telephony.media.commands import Play
from telephony.ports import Leg
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn

QUEUE, AGENT, FLOW = "4000000001", "4000000002", "4000000004"
NEVER = parse_hours([], holidays="")


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    found = Desk(tmp_path)
    found.media.finish_plays = True
    return found


def steps(*texts: str) -> tuple[Step, ...]:
    return tuple(parse_step(text) for text in texts)


def arrives(desk: Desk, **ways: QueueWays) -> "asyncio.Task[None]":
    """A caller of the queue ``sales`` in a house with these ways."""
    house = replace(desk.house, ways=ways)
    return asyncio.create_task(inbound(desk.arrive(QUEUE), house))


async def verdict(desk: Desk, journey: "asyncio.Task[None]") -> tuple[str, str]:
    await journey
    await desk.settled()
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded)
    assert desk.media.legs == {} and desk.tasks.crashes == 0
    return ended.reason, ended.by


def heard(desk: Desk) -> list[str]:
    return [Path(play.sounds[0]).stem for play in desk.media.of(Play) if play.leg == "out"]


def queues(desk: Desk) -> list[str]:
    return [said[1] for said in desk.queue.said if said[0] == "serve"]


def overflows(desk: Desk, chains: dict[str, Iterable[str]], after_s: float = 0.0) -> None:
    """Every queue lets its callers wait ``after_s`` and passes them on."""

    async def outcome(_call: Leg, queue: str) -> Served:
        desk.clock.advance(after_s)
        return Overflowed(tuple(chains.get(queue, ())), "q1", queue)

    desk.queue.outcome = outcome


async def test_who_comes_outside_of_the_hours_is_told_so_and_does_not_enter(desk: Desk) -> None:
    assert await verdict(desk, arrives(desk, sales=QueueWays(hours=NEVER))) == ("normal", "system")
    assert heard(desk) == ["closed_hours"]
    assert desk.facts(QueueClosed) == [QueueClosed("sales", "closed")]
    assert desk.queue.said == []


async def test_a_holiday_is_told_as_one(desk: Desk) -> None:
    today = desk.clock.now()
    spring = parse_hours(["daily 00:00-24:00"], holidays="", extra_closed=[_day(today)])
    assert await verdict(desk, arrives(desk, sales=QueueWays(hours=spring))) == ("normal", "system")
    assert heard(desk) == ["holiday"]
    assert desk.facts(QueueClosed) == [QueueClosed("sales", "holiday")]


def _day(now: float) -> str:
    """The day of ``now`` at Shanghai, eight hours before Greenwich."""
    return (datetime.fromtimestamp(now, UTC) + timedelta(hours=8)).date().isoformat()


async def test_a_closed_queue_leads_where_it_says(desk: Desk) -> None:
    overflows(desk, {"service": ["hangup"]})
    shut = QueueWays(hours=NEVER, closed=steps("say:closed_hours", "queue:parts", "queue:service"))
    journey = arrives(desk, sales=shut, parts=replace(shut, closed=steps("say:holiday")))
    assert await verdict(desk, journey) == ("normal", "system")
    assert heard(desk) == ["closed_hours", "holiday", "overflow"]
    assert queues(desk) == ["service"]


async def test_a_step_that_cannot_serve_him_is_followed_by_the_next(desk: Desk) -> None:
    desk.queue.free = False
    overflows(desk, {"sales": ["agent:101", "queue:service", "voicemail:night"], "service": ["agent:102"]})
    journey = arrives(desk)
    await desk.until(RecordingStarted)
    assert [said[:2] for said in desk.queue.said] == [
        ("serve", "sales"), ("reserve", "101"), ("serve", "service"), ("reserve", "102"),
    ]  # fmt: skip
    desk.media.press("out", "#")
    assert await verdict(desk, journey) == ("normal", "system")
    assert [fact.box for fact in desk.facts(VoicemailLeft) if isinstance(fact, VoicemailLeft)] == ["night"]


async def test_the_last_step_says_how_the_call_ended(desk: Desk) -> None:
    desk.queue.free = False
    overflows(desk, {"sales": ["say:closed_hours", "agent:101"]})
    assert await verdict(desk, arrives(desk)) == ("busy", "system")
    assert heard(desk) == ["closed_hours", "overflow"]


async def test_an_announcement_and_the_end(desk: Desk) -> None:
    overflows(desk, {"sales": ["say:holiday", "hangup", "voicemail:never"]})
    assert await verdict(desk, arrives(desk)) == ("normal", "system")
    assert heard(desk) == ["holiday"], "no other goodbye after it"


async def test_a_number_outside_takes_him(desk: Desk) -> None:
    overflows(desk, {"sales": ["number:02112345678", "number:13900139000@other", "voicemail:night"]})
    refused = asyncio.get_running_loop().create_future()
    refused.set_exception(CallRejected(486))
    answers, desk.abroad = desk.abroad, refused
    journey = arrives(desk)
    await turn()
    assert ("dial", "02112345678", "carrier") in desk.queue.said
    await turn()
    assert ("dial", "13900139000", "other") in desk.queue.said
    assert answers.cancel()
    await desk.until(RecordingStarted)
    desk.media.press("out", "#")
    await verdict(desk, journey)


async def test_who_answers_outside_talks_with_him(desk: Desk) -> None:
    overflows(desk, {"sales": ["number:02112345678", "voicemail:night"]})
    journey = arrives(desk)
    await turn()
    far = await desk.agent("02112345678", "far")
    desk.abroad.set_result(far)
    await desk.until(RecordingStarted)
    assert desk.media.legs["out"].partner == "far"
    hangs_up(far)
    assert (await verdict(desk, journey))[0] == "normal"
    assert heard(desk) == ["tone:ringback"]


async def test_keys_lead_where_they_say(desk: Desk) -> None:
    served = desk.waits()
    served.set_result(LeftByKey("9", "q1", "sales"))
    journey = arrives(desk, sales=QueueWays(keys=dict([parse_key("9 -> say:holiday, hangup")])))
    assert await verdict(desk, journey) == ("normal", "system")
    assert heard(desk) == ["holiday"]


async def test_by_itself_a_key_leads_to_the_box_of_the_queue(desk: Desk) -> None:
    desk.waits().set_result(LeftByKey("5", "q1", "sales"))
    journey = arrives(desk, sales=QueueWays(keys=dict([parse_key("9 -> hangup")])))
    await desk.until(RecordingStarted)
    desk.media.press("out", "#")
    await verdict(desk, journey)
    assert [fact.box for fact in desk.facts(VoicemailLeft) if isinstance(fact, VoicemailLeft)] == ["sales"]


@pytest.mark.parametrize(("keeps", "brought_s"), [(True, [0.0, 40.0, 80.0]), (False, [0.0, 0.0, 0.0])])
async def test_who_overflows_goes_on_with_his_wait(desk: Desk, keeps: bool, brought_s: list[float]) -> None:
    chains = {"sales": ["queue:service"], "service": ["queue:parts"]}
    overflows(desk, chains, after_s=40.0)
    brought = []
    inner = desk.queue.outcome
    assert inner is not None

    async def outcome(call: Leg, queue: str) -> Served:
        brought.append(desk.queue.terms.waited_s)
        return await inner(call, queue)

    desk.queue.outcome = outcome
    ways = QueueWays(keeps_wait=keeps)
    await verdict(desk, arrives(desk, sales=ways, service=ways, parts=ways))
    assert queues(desk) == ["sales", "service", "parts"]
    assert brought == pytest.approx(brought_s)


async def test_a_queue_has_its_own_music(desk: Desk) -> None:
    own = QueuePrompts(desk.house.prompts, ["welcome"])
    desk.waits().set_result(Overflowed((), "q1", "sales"))
    await verdict(desk, arrives(desk, sales=QueueWays(announcer=own)))
    assert desk.queue.announcer is own
    assert [path.stem for path in own.music()] == ["welcome"]


async def test_circles_end(desk: Desk, tmp_path: Path) -> None:
    overflows(desk, {"sales": ["queue:service", "queue:service"], "service": ["queue:sales"]})
    assert await verdict(desk, arrives(desk)) == ("normal", "system")
    assert len(queues(desk)) == 12
    shut = QueueWays(hours=NEVER, closed=steps("queue:sales"))
    other = Desk(tmp_path)
    other.media.finish_plays = True
    assert await verdict(other, arrives(other, sales=shut)) == ("normal", "system")
    assert len(other.facts(QueueClosed)) == 12


# What an agent is told


class Told:
    """An agent has answered and hears what kind of call it is."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.arrival = desk.arrive(QUEUE)

    async def begin(self) -> None:
        desk = self.desk
        desk.media.finish_plays = False
        self.inside = await desk.agent()
        desk.connects(self.inside)
        house = replace(desk.house, ways={"sales": QueueWays(whisper="whisper_complaint")})
        self.journey = asyncio.create_task(inbound(self.arrival, house))
        await turn()
        playing, ringing = desk.media.legs["in"].playing, desk.media.legs["out"].playing
        assert playing is not None and Path(str(playing.sounds[0])).stem == "whisper_complaint"
        assert ringing is not None and ringing.sounds == ("tone:ringback",)
        assert desk.facts(TalkStarted) == []


@pytest.fixture
async def told(desk: Desk) -> Told:
    told = Told(desk)
    await told.begin()
    return told


async def test_the_agent_is_told_what_it_is_before_he_talks_with_the_caller(desk: Desk, told: Told) -> None:
    desk.media.finish_play("in")
    await desk.until(TalkStarted)
    assert (desk.media.legs["out"].partner, desk.media.legs["out"].playing) == ("in", None)
    hangs_up(told.inside)
    assert await verdict(desk, told.journey) == ("normal", "agent")


async def test_the_agent_hangs_up_while_he_is_told_and_the_caller_is_not_left_alone(desk: Desk, told: Told) -> None:
    hangs_up(told.inside)
    assert await verdict(desk, told.journey) == ("normal", "agent")
    assert desk.queue.said[-1] == ("talk over", "101", "q1")


async def test_the_caller_hangs_up_meanwhile_and_the_agent_is_free(desk: Desk, told: Told) -> None:
    hangs_up(told.arrival.leg)
    assert await verdict(desk, told.journey) == ("normal", "caller")
    assert told.inside.end is not None and told.inside.end.by_us
    assert ("talk over", "101", "q1") in desk.queue.said
